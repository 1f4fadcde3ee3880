"""Random typed trees and random patients, for Hypothesis and for seeded volume alike.

Everything is drawn through one `Pick`, so that `random.Random(seed).choice` and Hypothesis' `sampled_from`
share one generator. Bounds and literals come from one small pool, so that boundaries are hit often. In
every list the simplest comes first: that is where Hypothesis shrinks to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Literal as OneOf
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Interval, Number, Value
from trivium.logic.evaluate import unknown_value
from trivium.logic.nodes import (
    BOOLEAN,
    DATE,
    INTEGER,
    And,
    Arith,
    Case,
    Compare,
    Comparison,
    CriterionRef,
    FactRef,
    Implies,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    Type,
)

T = TypeVar("T")


class Pick(Protocol):
    """Returns one of the options it is given."""

    def __call__(self, options: Sequence[T], /) -> T: ...


QUANTITY = Type("quantity", "1")
CHOICE = Type("choice", choices=("positive", "negative", "not done"))
TWO_CHOICES = Type("choice", choices=("positive", "Negative"))

FACTS: dict[str, Type] = {
    "b_1": BOOLEAN,
    "b_2": BOOLEAN,
    "c_1": CHOICE,
    "c_2": CHOICE,
    "c_3": TWO_CHOICES,
    "q_1": QUANTITY,
    "q_2": QUANTITY,
    "i_1": INTEGER,
    "i_2": INTEGER,
    "d_1": DATE,
    "d_2": DATE,
}

_DECIMALS = "0 1 0.1 0.2 0.3 0.5 1.5 -1 -0.1 -0.5 2 0.30 0.100000001 0.333333333 10 99999999999.999999999"
DECIMALS: list[Number] = [Decimal(text) for text in _DECIMALS.split()]
INTEGERS: list[Number] = [0, 1, 2, 3, -1, -2, 10, 99_999_999_999]
DATES: list[Number] = [738_000, 738_001, 738_007, 738_030, 1]
POOLS: dict[str, list[Number]] = {"quantity": DECIMALS, "integer": INTEGERS, "date": DATES}
# Whole numbers and decimals, as the resolver leaves them; dividing by 3 or 7 makes what does not terminate.
FACTORS: list[Number] = [1, 2, 0, -1, 3, -3, 7, 10, *map(Decimal, ("0.1", "0.5", "-0.5", "1.5"))]

KINDS = ("quantity", "integer", "date")
COMPARISONS: tuple[Comparison, ...] = ("<", "<=", "=", ">=", ">")
CONNECTIVES: tuple[type[And] | type[Or], ...] = (And, Or)
ADDITIVE: tuple[OneOf["+", "-"], ...] = ("+", "-")
MULTIPLICATIVE: tuple[OneOf["*", "/"], ...] = ("*", "/")


class Trees:
    """Draws trees. `criteria` are the names that may be referred to."""

    def __init__(self, pick: Pick, criteria: Sequence[str] = ()) -> None:
        self.pick = pick
        self.criteria = criteria

    def boolean(self, depth: int) -> Node:
        """A boolean expression at most `depth` operators deep, in the normal form of the parser."""
        if depth <= 0:
            return self._boolean_leaf()
        make = self.pick(
            [
                self._boolean_leaf_at,
                self.comparison,
                self.comparison,
                self._choice_comparison,
                self._connective,
                self._connective,
                self._not,
                self._implies,
                self._is_true,
                self._is_known,
                self._case,
            ]
        )
        return make(depth - 1)

    def number(self, depth: int, kind: str) -> Node:
        """A number of one kind; all its facts and literals are in one unit."""
        if depth <= 0:
            return self._number_leaf(kind)
        make = self.pick([self._number_leaf_at, self._sum, self._product, self._number_case])
        return make(depth - 1, kind)

    def guard(self, depth: int) -> Node:
        """A boolean that is never unknown, made only of what the resolver admits as a guard."""
        shape = self.pick(
            ["true", "known", "literal", "not", "and", "or", "implies"] if depth > 0 else ["true"]
        )
        if shape == "true":
            return IsTrue(self.boolean(depth - 1))
        if shape == "known":
            return self._is_known(depth - 1)
        if shape == "literal":
            return Literal(self.pick([True, False]), BOOLEAN)
        if shape == "not":
            return Not(self.guard(depth - 1))
        left, right = self.guard(depth - 1), self.guard(depth - 1)
        if shape == "implies":
            return Implies(left, right)
        return _flat(And if shape == "and" else Or, [left, right])

    def _boolean_leaf(self) -> Node:
        names = [*_named("boolean"), *self.criteria]
        name = self.pick([*names, "true", "false"])
        if name in ("true", "false"):
            return Literal(name == "true", BOOLEAN)
        return CriterionRef(name) if name in self.criteria else FactRef(name, BOOLEAN)

    def _boolean_leaf_at(self, depth: int) -> Node:
        return self._boolean_leaf()

    def comparison(self, depth: int) -> Node:
        """Two numbers compared, each at most `depth` operators deep."""
        kind = self.pick(KINDS)
        op = self.pick(COMPARISONS)
        return Compare(op, self.number(depth, kind), self.number(depth, kind))

    def _choice_comparison(self, depth: int) -> Node:
        name = self.pick(_named("choice"))
        fact = FactRef(name, FACTS[name])
        same = [one for one in _named("choice") if FACTS[one] == FACTS[name]]
        options: list[str | FactRef] = [*FACTS[name].choices, *(FactRef(one, FACTS[one]) for one in same)]
        other = self.pick(options)
        right: Node = Literal(other, Type("choice")) if isinstance(other, str) else other
        return Compare("=", fact, right) if self.pick([True, False]) else Compare("=", right, fact)

    def _connective(self, depth: int) -> Node:
        count = self.pick([2, 3])
        return _flat(self.pick(CONNECTIVES), [self.boolean(depth) for _ in range(count)])

    def _not(self, depth: int) -> Node:
        return Not(self.boolean(depth))

    def _implies(self, depth: int) -> Node:
        return Implies(self.boolean(depth), self.boolean(depth))

    def _is_true(self, depth: int) -> Node:
        return IsTrue(self.boolean(depth))

    def _is_known(self, depth: int) -> Node:
        kind = self.pick(["boolean", "choice", *KINDS])
        if kind == "choice":
            name = self.pick(_named("choice"))
            return IsKnown(FactRef(name, FACTS[name]))
        return IsKnown(self.boolean(depth) if kind == "boolean" else self.number(depth, kind))

    def _case(self, depth: int) -> Node:
        return Case(self.guard(depth), self.boolean(depth), self.boolean(depth))

    def _number_leaf(self, kind: str) -> Node:
        name = self.pick([*_named(kind), None])
        if name is None:
            return Literal(self.pick(POOLS[kind]), _type(kind))
        return FactRef(name, FACTS[name])

    def _number_leaf_at(self, depth: int, kind: str) -> Node:
        return self._number_leaf(kind)

    def _sum(self, depth: int, kind: str) -> Node:
        # A date is shifted by whole days, and a difference of dates is a number of days.
        if kind == "date":
            return Arith(self.pick(ADDITIVE), self.number(depth, "date"), self._number_leaf("integer"))
        if kind == "integer" and self.pick([False, False, True]):
            return Arith("-", self.number(depth, "date"), self.number(depth, "date"))
        return Arith(self.pick(ADDITIVE), self.number(depth, kind), self.number(depth, kind))

    def _product(self, depth: int, kind: str) -> Node:
        if kind == "date":
            return self._number_leaf(kind)
        if kind == "integer":
            whole = self.pick([factor for factor in FACTORS if isinstance(factor, int)])
            return Arith("*", self.number(depth, kind), Literal(whole, INTEGER))
        factor = Literal(self.pick(FACTORS), QUANTITY)
        return Arith(self.pick(MULTIPLICATIVE), self.number(depth, kind), factor)

    def _number_case(self, depth: int, kind: str) -> Node:
        return Case(self.guard(depth), self.number(depth, kind), self.number(depth, kind))


def value(pick: Pick, kind: Type) -> Value:
    """What one fact of one patient may be: unknown, a point, or anything between."""
    if kind.kind == "boolean":
        return pick([TRUE, FALSE, UNKNOWN])
    if kind.kind == "choice":
        kept = [choice for choice in kind.choices if pick([True, False])]
        return frozenset(kept or kind.choices)
    shape = pick(["point", "everything", "above", "below", "between"])
    if shape == "everything":
        return EVERYTHING
    one, other = pick(POOLS[kind.kind]), pick(POOLS[kind.kind])
    low, high = min(one, other), max(one, other)
    if shape == "point" or (shape == "between" and low == high):
        return Interval(one, one)
    is_open = [pick([False, True]), pick([False, True])]
    if shape == "above":
        return Interval(one, None, is_open[0], False)
    return Interval(None, one, False, is_open[1]) if shape == "below" else Interval(low, high, *is_open)


def patient(pick: Pick, names: Collection[str] = tuple(FACTS)) -> dict[str, Value]:
    """A value for every fact named."""
    return {name: value(pick, FACTS[name]) for name in names}


def chain(pick: Pick, length: int, depth: int) -> dict[str, Node]:
    """Criteria in dependency order, each free to name those before it.

    Every other one is a comparison: deep inside a tree, a wrong one is seldom seen.
    """
    criteria: dict[str, Node] = {}
    for number in range(length):
        trees = Trees(pick, tuple(criteria))
        make = trees.comparison if number % 2 else trees.boolean
        criteria[f"criterion_{number}"] = make(depth)
    return criteria


def _quantity(text: str) -> Literal:
    return Literal(Decimal(text), QUANTITY)


_ONE, _OTHER = FactRef("q_1", QUANTITY), FactRef("q_2", QUANTITY)

_FLAGS = (FactRef("b_1", BOOLEAN), FactRef("b_2", BOOLEAN))

# The truth tables, and what numbers are known to go wrong with: rounding, thirds, zero, signs.
EDGES: dict[str, Node] = {
    "both": And(_FLAGS),
    "either": Or(_FLAGS),
    "consequence": Implies(*_FLAGS),
    "opposite": Not(_FLAGS[0]),
    "sum_at_boundary": Compare("=", Arith("+", _ONE, _OTHER), _quantity("0.3")),
    "tenth_at_boundary": Compare("<=", Arith("*", _ONE, _quantity("0.1")), _quantity("0.01")),
    "third_at_boundary": Compare("<", Arith("/", _ONE, _quantity("3")), _quantity("0.1")),
    "third_of_both": Compare("=", Arith("*", Arith("/", _ONE, _quantity("3")), _quantity("3")), _OTHER),
    "zero_times_open": Compare("<", Arith("*", _ONE, _quantity("0")), _quantity("0")),
    "zero_times_unknown": IsKnown(Arith("*", _ONE, _quantity("0"))),
    "over_zero": Compare(">", Arith("/", _ONE, _quantity("0")), _quantity("5")),
    "over_zero_known": IsKnown(Arith("/", _ONE, _quantity("0"))),
    "sign_at_boundary": Compare("<", Arith("*", _ONE, _quantity("-1")), Arith("-", _OTHER, _ONE)),
}


def edge_patients() -> list[dict[str, Value]]:
    """Every pair of truths; every pair of a few bounds as points and as open intervals; else unknown."""
    unknown: dict[str, Value] = {name: unknown_value(FactRef(name, kind)) for name, kind in FACTS.items()}
    bounds = [Decimal(text) for text in ("0", "0.1", "0.2", "0.3", "-0.1")]
    values = [Interval(low, low) for low in bounds] + [Interval(low, low + 1, True, True) for low in bounds]
    truths: list[dict[str, Value]] = [{"b_1": one, "b_2": other} for one in Truth for other in Truth]
    numbers: list[dict[str, Value]] = [{"q_1": one, "q_2": other} for one in values for other in values]
    return [unknown | known for known in truths + numbers]


@st.composite
def criteria(draw: st.DrawFn, length: int = 2, depth: int = 3) -> Mapping[str, Node]:
    """Hypothesis: criteria that may rest on one another."""
    return chain(_pick(draw), draw(st.integers(1, length)), depth)


@st.composite
def patients(draw: st.DrawFn, most: int = 5) -> Sequence[Mapping[str, Value]]:
    """Hypothesis: a few patients."""
    return [patient(_pick(draw)) for _ in range(draw(st.integers(1, most)))]


@st.composite
def boolean_trees(draw: st.DrawFn, depth: int = 3) -> Node:
    """Hypothesis: one boolean expression over `FACTS` that names no criterion."""
    return Trees(_pick(draw)).boolean(depth)


def _pick(draw: st.DrawFn) -> Pick:
    return lambda options: draw(st.sampled_from(options))


def _named(kind: str) -> list[str]:
    return [name for name, type_ in FACTS.items() if type_.kind == kind]


def _type(kind: str) -> Type:
    return {"quantity": QUANTITY, "integer": INTEGER, "date": DATE}[kind]


def _flat(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """As the parser does it: `a and b and c` is one node, so the first child of an And is never an And."""
    first = parts[0]
    head = first.children if isinstance(first, kind) else (first,)
    return kind((*head, *parts[1:]))
