"""The closed set of nodes an expression is made of.

Parser → these nodes (names untyped) → resolver → these nodes (typed) → readings. Every reading is a
total function over `Node`: a `match` that ends in `assert_never`, so that a new node makes the type
checker list every reading to update. `between`, `!=`, `is null`, `is false` and their like are not
here: the parser rewrites them, so that each meaning has one spelling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal as OneOf

from trivium.core.spans import Span
from trivium.core.values import Number

Kind = OneOf["boolean", "choice", "quantity", "integer", "date"]
Comparison = OneOf["<", "<=", "=", ">=", ">"]


@dataclass(frozen=True, slots=True)
class Type:
    """What values an expression has: its kind, the UCUM unit of a quantity, the choices of a choice."""

    kind: Kind
    unit: str | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        return self.kind in ("quantity", "integer", "date")

    def __str__(self) -> str:
        if self.kind == "quantity":
            return f"quantity in '{self.unit}'"
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}" if self.choices else "text"
        return self.kind


BOOLEAN = Type("boolean")
INTEGER = Type("integer")
DATE = Type("date")


def _span() -> Span | None:
    return field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FactRef:
    """The value of a fact. `type` is None until the resolver has found what the name means."""

    name: str
    type: Type | None = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class CriterionRef:
    """The truth of another criterion."""

    name: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out: a truth, a number in `type.unit`, a date (as its day number) or a choice."""

    value: bool | Number | str
    type: Type
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class And:
    children: tuple[Node, ...]
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Node, ...]
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Not:
    child: Node
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Implies:
    left: Node
    right: Node
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers in one unit, or two choices with `=`."""

    op: Comparison
    left: Node
    right: Node
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Arith:
    """`+` and `-` of two numbers in one unit; `*` and `/` by a literal (decision 0002)."""

    op: OneOf["+", "-", "*", "/"]
    left: Node
    right: Node
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class IsKnown:
    """Whether a value is narrower than everything. Not monotone: its use carries a reason in the content."""

    child: Node
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class IsTrue:
    """True when the child is true, false when it is false *or unknown*. Not monotone, like `IsKnown`."""

    child: Node
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Case:
    """`if guard then … else …`. The guard is never unknown (decision 0004)."""

    guard: Node
    then: Node
    otherwise: Node
    span: Span | None = _span()


Node = FactRef | CriterionRef | Literal | And | Or | Not | Implies | Compare | Arith | IsKnown | IsTrue | Case


def children(node: Node) -> tuple[Node, ...]:
    """The direct children of a node, left to right."""
    match node:
        case FactRef() | CriterionRef() | Literal():
            return ()
        case And() | Or():
            return node.children
        case Not() | IsKnown() | IsTrue():
            return (node.child,)
        case Implies() | Compare() | Arith():
            return (node.left, node.right)
        case Case():
            return (node.guard, node.then, node.otherwise)


def fact_names(node: Node) -> frozenset[str]:
    """The facts an expression names directly (not those behind a criterion)."""
    if isinstance(node, FactRef):
        return frozenset((node.name,))
    return frozenset().union(*(fact_names(child) for child in children(node)))


def criterion_names(node: Node) -> frozenset[str]:
    """The criteria an expression names directly."""
    if isinstance(node, CriterionRef):
        return frozenset((node.name,))
    return frozenset().union(*(criterion_names(child) for child in children(node)))


def is_monotone(node: Node) -> bool:
    """Whether learning more can never flip a known answer: no `IsKnown` and no `IsTrue` inside."""
    return not isinstance(node, (IsKnown, IsTrue)) and all(is_monotone(child) for child in children(node))


def factor_of(node: Literal) -> Fraction:
    """The exact number a literal factor or divisor stands for."""
    if isinstance(node.value, (bool, str)):
        raise TypeError("only a number can be a factor")
    return Fraction(node.value)
