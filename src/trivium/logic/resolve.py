"""Untyped nodes → typed nodes: what each name means, of what type everything is, in which unit.

Literals are converted exactly into the unit of what they are compared with, facts in two units meet in
the left one's, a boolean `=` becomes `and` / `or`, and what has no meaning is refused with its place.
The result is what every reading takes. Knows nothing of patients or of where facts come from.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn, assert_never

from trivium.core import units, values
from trivium.core.errors import Defect, ExpressionError
from trivium.core.spans import Span
from trivium.logic.nodes import (
    BOOLEAN,
    INTEGER,
    And,
    Arith,
    Case,
    Compare,
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: the type of each fact, the ids of the criteria, and each fact's own conversions.

    `conversions` maps a fact to its other units and the factor to its declared one (mass against moles).
    `bare_numbers` lets a number stand without a unit, meaning the fact's own: for questions typed at
    the command line, never for content.
    """

    facts: Mapping[str, Type]
    criteria: Collection[str] = ()
    conversions: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)
    bare_numbers: bool = False


def resolve(node: Node, scope: Scope) -> Node:
    """The same expression, typed and in one unit throughout; it is boolean as a whole.

    Errors:  ExpressionError: TRV110 unknown name, TRV111 wrong type, TRV112 units differ, TRV113 literal
             not exact, TRV114 unguarded `if`, TRV115 no such choice, TRV116 number without a unit,
             TRV117 arithmetic that has no meaning.
    """
    resolved, kind = _Resolver(scope).visit(node)
    if kind.kind != "boolean":
        _refuse("TRV111", f"the expression is {kind}, not true or false", node, "compare it with something")
    return resolved


def is_definite(node: Node) -> bool:
    """Whether a boolean expression can never be unknown, whatever the facts are."""
    match node:
        case IsKnown() | IsTrue():
            return True
        case Literal():
            return node.type.kind == "boolean"
        case And() | Or():
            return all(is_definite(child) for child in node.children)
        case Not():
            return is_definite(node.child)
        case Implies():
            return is_definite(node.left) and is_definite(node.right)
        case Case():
            return is_definite(node.then) and is_definite(node.otherwise)
        case FactRef() | CriterionRef() | Compare() | Arith():
            return False
        case _:
            assert_never(node)


class _Resolver:
    """One pass over the tree; `visit` returns each node typed, with its type."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def visit(self, node: Node) -> tuple[Node, Type]:
        match node:
            case FactRef():
                return self._name(node)
            case CriterionRef():
                return node, BOOLEAN
            case Literal():
                return node, node.type
            case And():
                return And(tuple(self._boolean(child) for child in node.children), node.span), BOOLEAN
            case Or():
                return Or(tuple(self._boolean(child) for child in node.children), node.span), BOOLEAN
            case Not():
                return Not(self._boolean(node.child), node.span), BOOLEAN
            case Implies():
                return Implies(self._boolean(node.left), self._boolean(node.right), node.span), BOOLEAN
            case IsTrue():
                return IsTrue(self._boolean(node.child), node.span), BOOLEAN
            case IsKnown():
                return self._is_known(node), BOOLEAN
            case Compare():
                return self._compare(node), BOOLEAN
            case Arith():
                return self._arith(node)
            case Case():
                return self._case(node)
            case _:
                assert_never(node)

    def _name(self, node: FactRef) -> tuple[Node, Type]:
        if node.name in self.scope.facts:
            kind = self.scope.facts[node.name]
            return replace(node, type=kind), kind
        if node.name in self.scope.criteria:
            return CriterionRef(node.name, node.span), BOOLEAN
        known = [*self.scope.facts, *self.scope.criteria]
        close = difflib.get_close_matches(node.name, known, n=3)
        hint = f"did you mean {', '.join(close)}?" if close else "`trivium show facts` lists the names"
        _refuse("TRV110", f"no fact or criterion is called {node.name!r}", node, hint)

    def _boolean(self, node: Node) -> Node:
        resolved, kind = self.visit(node)
        if kind.kind != "boolean":
            hint = "compare it with something, or put brackets: `not (a < b)`"
            _refuse("TRV111", f"expected true or false, found {kind}", node, hint)
        return resolved

    def _number(self, node: Node) -> tuple[Node, Type]:
        resolved, kind = self.visit(node)
        if not kind.is_number:
            _refuse("TRV111", f"expected a number, found {kind}", node, "")
        return resolved, kind

    def _is_known(self, node: IsKnown) -> Node:
        child, kind = self.visit(node.child)
        if kind.kind == "choice" and not isinstance(child, FactRef):
            _refuse("TRV111", "`is null` asks about a fact or a comparison, not about a text", node, "")
        return IsKnown(child, node.span)

    def _compare(self, node: Compare) -> Node:
        left, left_type = self.visit(node.left)
        right, right_type = self.visit(node.right)
        if left_type.kind == "choice" and right_type.kind == "choice":
            return self._compare_choices(node, left, left_type, right, right_type)
        if left_type.kind == "boolean" and right_type.kind == "boolean" and node.op == "=":
            return _equivalent(node, left, right)
        if not (left_type.is_number and right_type.is_number):
            _refuse("TRV111", f"cannot compare {left_type} with {right_type}", node, "compare like with like")
        left, right, _ = self._unify(node, left, left_type, right, right_type)
        return Compare(node.op, left, right, node.span)

    def _compare_choices(self, node: Compare, left: Node, lt: Type, right: Node, rt: Type) -> Node:
        if node.op != "=":
            _refuse("TRV111", f"choices have no order: {node.op}", node, "write `=` or `!=`")
        for side, other in ((left, rt), (right, lt)):
            if isinstance(side, Literal) and other.choices and side.value not in other.choices:
                hint = f"one of: {', '.join(other.choices)}"
                _refuse("TRV115", f"{side.value!r} is not among the choices", side, hint)
        return Compare("=", left, right, node.span)

    def _arith(self, node: Arith) -> tuple[Node, Type]:
        left, left_type = self._number(node.left)
        right, right_type = self._number(node.right)
        if node.op in ("*", "/"):
            return self._scaled(node, left, left_type, right, right_type)
        if left_type.kind == "date" or right_type.kind == "date":
            return self._shifted(node, left, left_type, right, right_type)
        left, right, kind = self._unify(node, left, left_type, right, right_type)
        return Arith(node.op, left, right, node.span), kind

    def _scaled(self, node: Arith, left: Node, lt: Type, right: Node, rt: Type) -> tuple[Node, Type]:
        if node.op == "*" and _is_plain(left) and not _is_plain(right):
            left, lt, right, rt = right, rt, left, lt
        if not _is_plain(right) or not isinstance(right, Literal):
            hint = "multiply and divide by a number without a unit; make a ratio a derived fact"
            _refuse("TRV117", f"`{node.op}` needs a number on its right", node, hint)
        if lt.kind == "date":
            _refuse("TRV117", f"a date has no `{node.op}`", node, "")
        whole = isinstance(right.value, int) and node.op == "*"
        if lt.kind == "integer" and not whole and not isinstance(left, Literal):
            hint = "multiply the other side instead"
            _refuse("TRV117", "whole numbers are only multiplied by whole numbers", node, hint)
        factor = replace(right, type=INTEGER if whole else Type("quantity", "1"))
        kind = lt if lt.kind != "integer" or whole else Type("quantity", None)
        return Arith(node.op, left, self._exact(factor), node.span), kind

    def _shifted(self, node: Arith, left: Node, lt: Type, right: Node, rt: Type) -> tuple[Node, Type]:
        days = Type("integer", "d")
        if lt.kind == "date" and rt.kind == "date" and node.op == "-":
            return Arith("-", left, right, node.span), days
        if lt.kind == "date" and rt.kind != "date":
            return Arith(node.op, left, self._as(right, rt, days, node), node.span), lt
        _refuse("TRV117", "dates are shifted by days, or subtracted from one another", node, "date + 14 'd'")

    def _case(self, node: Case) -> tuple[Node, Type]:
        guard = self._boolean(node.guard)
        if not is_definite(guard):
            hint = "wrap it: `if (…) is true then … else …`"
            _refuse("TRV114", "the condition of `if` could be unknown", node.guard, hint)
        then, then_type = self.visit(node.then)
        otherwise, other_type = self.visit(node.otherwise)
        if then_type.kind == "boolean" and other_type.kind == "boolean":
            return Case(guard, then, otherwise, node.span), BOOLEAN
        if not (then_type.is_number and other_type.is_number):
            _refuse("TRV111", "both branches of `if` are true/false, or both are numbers", node, "")
        then, otherwise, kind = self._unify(node, then, then_type, otherwise, other_type)
        return Case(guard, then, otherwise, node.span), kind

    def _unify(self, at: Node, left: Node, lt: Type, right: Node, rt: Type) -> tuple[Node, Node, Type]:
        """Two numbers in one unit: the left one's, unless only the right one has a fact in it."""
        if _is_constant(left) and not _is_constant(right):
            return self._as(left, lt, rt, at, right), right, rt
        return left, self._as(right, rt, lt, at, left), lt

    def _as(self, node: Node, have: Type, want: Type, at: Node, beside: Node | None = None) -> Node:
        """`node` in the type `want`; `beside` is what it is compared with, whose own conversions count."""
        if _same(have, want):
            return self._exact(node)
        bare = have.unit is None and have.kind != "date"
        if bare and want.kind != "date" and _is_constant(node):
            return self._bare(node, want)
        if "date" in (have.kind, want.kind) or have.unit is None or want.unit is None:
            _refuse("TRV112", f"{have} does not go with {want}", at, "compare like with like")
        factor = self._factor(have.unit, want.unit, at, node, beside)
        if isinstance(node, Literal):
            return self._converted(node, have.unit, want, factor, at)
        if want.kind == "integer":
            _refuse("TRV112", f"{have} does not go with {want}", at, "compare like with like")
        if factor is None:
            _refuse("TRV112", "these units are not a plain factor apart", at, "write both in one unit")
        return _rational(node, factor, at)

    def _bare(self, node: Node, want: Type) -> Node:
        """A number without a unit takes on the unit of what it stands beside, where that is allowed."""
        if want.unit not in (None, "1") and want.kind == "quantity" and not self.scope.bare_numbers:
            _refuse(
                "TRV116", f"a number without a unit beside {want}", node, f"write its unit: … '{want.unit}'"
            )
        if not isinstance(node, Literal) or isinstance(node.value, (bool, str)):
            return node
        if want.kind == "integer" and node.value != int(node.value):
            _refuse("TRV113", f"{node.value} is not a whole number", node, "write a whole number")
        value = int(node.value) if want.kind == "integer" else Decimal(str(node.value))
        return self._exact(Literal(value, want, node.span))

    def _factor(self, have: str, want: str, at: Node, node: Node, beside: Node | None) -> Fraction | None:
        """The factor from one unit to another; None when it is not a plain factor (temperatures)."""
        try:
            source, target = units.parse_unit(have), units.parse_unit(want)
        except units.UnitError as problem:
            _refuse("TRV112", str(problem), at, problem.hint)
        for fact in (node, beside):
            own = self.scope.conversions.get(fact.name, {}) if isinstance(fact, FactRef) else {}
            for unit, factor in own.items():
                other = units.parse_unit(unit)
                if fact is beside and other.dimension == source.dimension != target.dimension:
                    return units.factor_between(source, other) * factor
        if source.offset != target.offset:
            return None
        try:
            return units.factor_between(source, target)
        except units.UnitError as problem:
            _refuse("TRV112", str(problem), at, problem.hint)

    def _converted(self, node: Literal, have: str, want: Type, factor: Fraction | None, at: Node) -> Node:
        """A literal in another unit, rounded exactly as a fact's value is when it is read (decision 0005).

        So 40 kPa in a record equals 40 'kPa' in an expression, though neither is a finite decimal in mm[Hg].
        """
        if isinstance(node.value, (bool, str)) or want.unit is None:
            raise TypeError("not a number")
        if factor is None:
            source, target = units.parse_unit(have), units.parse_unit(want.unit)
            number = Fraction(units.convert(Decimal(str(node.value)), source, target))
        else:
            number = Fraction(node.value) * factor
        if want.kind == "integer":
            if number != int(number):
                _refuse("TRV113", f"{node.value} '{have}' is not a whole number of '{want.unit}'", at, "")
            return Literal(int(number), want, node.span)
        if abs(number) >= values.LIMIT:
            _refuse("TRV113", f"{node.value} '{have}' is too large", at, "")
        return Literal(_short(values.exact(number)), want, node.span)

    def _exact(self, node: Node) -> Node:
        """Refuse a literal that does not fit the scale all readings share."""
        if (
            isinstance(node, Literal)
            and isinstance(node.value, (Decimal, int))
            and node.type.kind != "boolean"
        ):
            _plain(Fraction(node.value), node)
        return node


def _plain(number: Fraction | None, at: Node) -> Decimal:
    """A fraction as the decimal it exactly is, within the shared scale."""
    if number is None:
        _refuse("TRV112", "these units are not a plain factor apart", at, "write it in the fact's own unit")
    if abs(number) >= values.LIMIT or Fraction(values.exact(number)) != number:
        hint = f"at most {values.SCALE} digits after the point, below 10^11"
        _refuse("TRV113", "the number cannot be written exactly in the unit it is compared in", at, hint)
    return _short(values.exact(number))


def _short(number: Decimal) -> Decimal:
    """The same number without trailing zeros or an exponent."""
    return number.normalize() + 0 if number else Decimal(0)


def _rational(node: Node, factor: Fraction, at: Node) -> Node:
    """`node` times an exact fraction, written with whole numbers."""
    plain = Type("quantity", "1")
    numerator, denominator = _plain(Fraction(factor.numerator), at), _plain(Fraction(factor.denominator), at)
    if numerator != 1:
        node = Arith("*", node, Literal(numerator, plain, at.span), at.span)
    return node if denominator == 1 else Arith("/", node, Literal(denominator, plain, at.span), at.span)


def _same(one: Type, other: Type) -> bool:
    return one.kind == other.kind and one.unit == other.unit


def _is_plain(node: Node) -> bool:
    """A number literal without a unit."""
    return (
        isinstance(node, Literal)
        and node.type.kind in ("quantity", "integer")
        and node.type.unit in (None, "1")
    )


def _is_constant(node: Node) -> bool:
    """Nothing but literals."""
    if isinstance(node, Arith):
        return _is_constant(node.left) and _is_constant(node.right)
    return isinstance(node, Literal)


def _equivalent(node: Compare, left: Node, right: Node) -> Node:
    """`a = b` on truths: a literal side falls away, else both true or both false."""
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Literal):
            return other if side.value is True else Not(other, node.span)
    both, neither = (
        And((left, right), node.span),
        And((Not(left, node.span), Not(right, node.span)), node.span),
    )
    return Or((both, neither), node.span)


def _refuse(code: str, what: str, node: Node, hint: str) -> NoReturn:
    span: Span | None = node.span
    raise ExpressionError(Defect(code, what, span, why="the readings could not agree on it", hint=hint))
