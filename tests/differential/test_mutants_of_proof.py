"""Tests of the tests: each defect planted in the reading for Z3 is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import z3
from tests.differential.agreement import solved
from tests.differential.mutants import is_noticed

from trivium.logic import nodes, proof
from trivium.logic.proof import Bounds, Encoded, Pair, Possible

_EQUAL, _SCALE, _ADD, _IS_KNOWN, _CASE = proof._equal, proof._scale, proof._add, proof._is_known, proof._case
_COMPARE = proof._compare
_NO = z3.BoolVal(False)


def _and_needs_no_false(parts: Sequence[Pair]) -> Pair:
    return Pair(z3.And(*(part.true for part in parts)), z3.And(*(part.false for part in parts)))


def _or_needs_one_false(parts: Sequence[Pair]) -> Pair:
    return Pair(z3.Or(*(part.true for part in parts)), z3.And(z3.Not(z3.Or(*(part.true for part in parts)))))


def _not_true_is_false(part: Pair) -> Pair:
    return Pair(part.false, z3.Not(part.false))


def _less_without_flags(left: Bounds, right: Bounds) -> z3.BoolRef:
    return z3.And(z3.Not(left.high_absent), z3.Not(right.low_absent), left.high < right.low)


def _less_or_touching(left: Bounds, right: Bounds) -> z3.BoolRef:
    return z3.And(z3.Not(left.high_absent), z3.Not(right.low_absent), left.high <= right.low)


def _not_less_without_absence(left: Bounds, right: Bounds) -> z3.BoolRef:
    return z3.And(z3.Not(left.low_absent), left.low >= right.high)


def _same_range_is_equal(left: Bounds, right: Bounds) -> Pair:
    present = z3.Not(z3.Or(left.low_absent, left.high_absent, right.low_absent, right.high_absent))
    same = z3.And(present, left.low == right.low, left.high == right.high)
    usual = _EQUAL(left, right)
    return Pair(z3.Or(same, usual.true), z3.And(z3.Not(same), usual.false))


def _bounds_stay(number: Bounds, factor: Fraction) -> Bounds:
    swapped = _SCALE(number, factor)
    return Bounds(
        swapped.high if factor < 0 else swapped.low,
        swapped.low if factor < 0 else swapped.high,
        number.low_absent,
        number.high_absent,
        swapped.high_open if factor < 0 else swapped.low_open,
        swapped.low_open if factor < 0 else swapped.high_open,
    )


def _zero_keeps_flags(number: Bounds, factor: Fraction) -> Bounds:
    scaled = _SCALE(number, factor)
    return scaled if factor else replace(scaled, low_open=number.low_open, high_open=number.high_open)


def _zero() -> Bounds:
    return Bounds(z3.RealVal(0), z3.RealVal(0), _NO, _NO, _NO, _NO)


def _known_when_any(encoded: Encoded) -> Pair:
    if not isinstance(encoded, Possible):
        return _IS_KNOWN(encoded)
    known = z3.Not(z3.Or(*encoded.may.values()))
    return Pair(known, z3.Not(known))


def _one_choice_is_enough(left: Possible, right: Possible) -> Pair:
    shared = z3.Or(
        *(z3.And(may, right.may[choice]) for choice, may in left.may.items() if choice in right.may)
    )
    return Pair(shared, z3.Not(shared))


def _sum_forgets_open(left: Bounds, right: Bounds) -> Bounds:
    return replace(_ADD(left, right), low_open=_NO, high_open=_NO)


def _sum_of_one_absent(left: Bounds, right: Bounds) -> Bounds:
    return replace(_ADD(left, right), low_absent=z3.And(left.low_absent, right.low_absent))


def _branches_swapped(guard: Pair, then: Encoded, otherwise: Encoded) -> Encoded:
    return _CASE(guard, otherwise, then)


def _less_or_equal_is_less(op: nodes.Comparison, left: Encoded, right: Encoded) -> Pair:
    return _COMPARE("<" if op == "<=" else op, left, right)


DEFECTS: dict[str, tuple[str, Any]] = {
    "`is true` is its child": ("_is_true", lambda part: part),
    "`is true` is not false when unknown": ("_is_true", lambda part: Pair(part.true, part.false)),
    "and is false only when all are": ("_and", _and_needs_no_false),
    "or is false when none is true": ("_or", _or_needs_one_false),
    "not of unknown is false": ("_not", _not_true_is_false),
    "open is taken for closed": ("_below", _less_without_flags),
    "closed is taken for open": ("_below", _less_or_touching),
    "an absent bound counts as zero": ("_not_below", _not_less_without_absence),
    "<= is <": ("_compare", _less_or_equal_is_less),
    "= holds for equal ranges": ("_equal", _same_range_is_equal),
    "= holds for a shared choice": ("_same_choice", _one_choice_is_enough),
    "a negative factor leaves the bounds": ("_scale", _bounds_stay),
    "zero times open is open": ("_scale", _zero_keeps_flags),
    "x/0 is zero": ("_nothing_known", _zero),
    "a choice is known when none is possible": ("_is_known", _known_when_any),
    "a sum forgets that it is open": ("_add", _sum_forgets_open),
    "a sum with one unknown is known": ("_add", _sum_of_one_absent),
    "the branches of if are swapped": ("_case", _branches_swapped),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_reading_for_z3_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, *DEFECTS[defect])
    assert is_noticed(solved)
