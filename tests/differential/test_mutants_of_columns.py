"""Tests of the tests: each defect planted in the SQL reading is noticed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlglot import exp
from tests.differential.agreement import queried
from tests.differential.mutants import EDGES, is_noticed
from tests.property import strategies

from trivium.logic import columns, nodes
from trivium.logic.columns import Lowered, Numbers

_LOWER, _EQUAL, _SCALE, _ADD = columns.lower, columns._equal, columns._scale, columns._add
_ARITHMETIC, _IS_KNOWN, _COMPARE = columns._arithmetic, columns._is_known, columns._compare
_NO = exp.false()


def _is_true_is_its_child(node: nodes.Node) -> Lowered:
    return columns.boolean_sql(node.child) if isinstance(node, nodes.IsTrue) else _LOWER(node)


def _implies_forgets_not(node: nodes.Node) -> Lowered:
    if isinstance(node, nodes.Implies):
        return exp.or_(columns.boolean_sql(node.left), columns.boolean_sql(node.right))
    return _LOWER(node)


def _unknown_is_false(node: nodes.Node) -> Lowered:
    lowered = _LOWER(node)
    if isinstance(node, nodes.Compare) and isinstance(lowered, exp.Expr):
        return exp.Coalesce(this=lowered, expressions=[exp.false()])
    return lowered


def _closed(number: Numbers) -> Numbers:
    return replace(number, low_open=_NO, high_open=_NO)


def _less_without_flags(left: Numbers, right: Numbers) -> exp.Expr:
    return columns._bounds(exp.LT, left.high, right.low)


def _less_or_touching(left: Numbers, right: Numbers) -> exp.Expr:
    return columns._bounds(exp.LTE, left.high, right.low)


def _same_range_is_equal(left: Numbers, right: Numbers) -> exp.Expr:
    same = exp.and_(
        columns._bounds(exp.EQ, left.low, right.low), columns._bounds(exp.EQ, left.high, right.high)
    )
    return exp.case().when(same, exp.true()).else_(_EQUAL(left, right))


def _bounds_stay(number: Numbers, factor: Fraction) -> Numbers:
    return replace(number, factor=number.factor * factor) if factor < 0 else _SCALE(number, factor)


def _zero_is_known(number: Numbers, factor: Fraction) -> Numbers:
    zero = columns._constant(Fraction(0), 0)
    return _SCALE(number, factor) if factor else Numbers(zero, zero, _NO, _NO, 0, 0)


def _zero_keeps_flags(number: Numbers, factor: Fraction) -> Numbers:
    scaled = _SCALE(number, factor)
    return scaled if factor else replace(scaled, low_open=number.low_open, high_open=number.high_open)


def _plain_division(node: nodes.Arith) -> Numbers:
    if node.op != "/" or not isinstance(node.right, nodes.Literal) or node.right.value != 0:
        return _ARITHMETIC(node)
    number = columns._numbers(columns.lower(node.left))
    low, high = (exp.Div(this=bound, expression=exp.Literal.number(0)) for bound in (number.low, number.high))
    return replace(number, low=low, high=high)


def _known_when_any(lowered: Lowered) -> exp.Expr:
    return exp.not_(exp.or_(*lowered.values())) if isinstance(lowered, dict) else _IS_KNOWN(lowered)


def _known_by_low(lowered: Lowered) -> exp.Expr:
    return columns._present(lowered.low) if isinstance(lowered, Numbers) else _IS_KNOWN(lowered)


def _one_choice_is_enough(left: dict[str, exp.Expr], right: dict[str, exp.Expr]) -> exp.Expr:
    return exp.or_(*(exp.and_(left[choice], right[choice]) for choice in left if choice in right))


def _factors_forgotten(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers, Fraction]:
    return left, right, Fraction(1)


def _less_or_equal_is_less(op: nodes.Comparison, left: Lowered, right: Lowered) -> exp.Expr:
    return _COMPARE("<" if op == "<=" else op, left, right)


DEFECTS: dict[str, tuple[str, Any]] = {
    "`is true` is its child": ("lower", _is_true_is_its_child),
    "implies forgets its not": ("lower", _implies_forgets_not),
    "an unknown comparison is false": ("lower", _unknown_is_false),
    "numbers are doubles": ("_decimal", lambda width, digits: exp.DataType.build("DOUBLE")),
    "open is taken for closed": ("_less", _less_without_flags),
    "closed is taken for open": ("_less", _less_or_touching),
    "<= is <": ("_compare", _less_or_equal_is_less),
    "= holds for equal ranges": ("_equal", _same_range_is_equal),
    "= holds for a shared choice": ("_same_choice", _one_choice_is_enough),
    "a negative factor leaves the bounds": ("_scale", _bounds_stay),
    "zero times unknown is zero": ("_scale", _zero_is_known),
    "zero times open is open": ("_scale", _zero_keeps_flags),
    "a sum forgets that it is open": ("_add", lambda one, other: _closed(_ADD(one, other))),
    "factors are forgotten": ("_at_one_factor", _factors_forgotten),
    "a choice is known when none is possible": ("_is_known", _known_when_any),
    "a number is known by its low bound": ("_is_known", _known_by_low),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_sql_reading_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, *DEFECTS[defect])
    assert is_noticed(queried)


def test_a_plain_division_by_zero_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Alone: elsewhere in the sample the infinity stops the query, which nobody could overlook.
    monkeypatch.setattr(columns, "_arithmetic", _plain_division)
    assert is_noticed(queried, [({"over_zero": strategies.EDGES["over_zero"]}, EDGES[1])])
