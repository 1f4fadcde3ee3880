"""Tests of the tests: each defect planted in the truth tables or in the values is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from tests.differential.mutants import READINGS, is_noticed, remembered, wrong_cells

from trivium.core import truth, values
from trivium.core.truth import FALSE, TRUE, Truth
from trivium.core.values import Interval, Value
from trivium.logic import evaluate as reference

_LESS, _LESS_OR_EQUAL, _EQUAL = values._less, values._less_or_equal, values._equal
_ADD, _SCALE, _IS_KNOWN, _SAME_CHOICE = values.add, values.scale, values.is_known, values.compare_choices


@pytest.fixture(autouse=True, scope="module")
def _asked_before_anything_is_broken() -> Iterator[None]:
    assert not any(is_noticed(remembered(reading)) for reading in READINGS)
    yield


def _all_notice() -> bool:
    return all(is_noticed(remembered(reading)) for reading in READINGS)


AND_OR = [
    *(("all_of", *cell) for cell in wrong_cells(lambda *two: truth.all_of(two), 2)),
    *(("any_of", *cell) for cell in wrong_cells(lambda *two: truth.any_of(two), 2)),
]


@pytest.mark.parametrize(("name", "cell", "wrong"), AND_OR)
def test_a_wrong_cell_of_and_or_or_is_noticed(
    name: str, cell: tuple[Truth, ...], wrong: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(truth, name)

    def mutant(truths: Iterable[Truth]) -> Truth:
        held = tuple(truths)
        return wrong if held == cell else right(held)

    monkeypatch.setattr(truth, name, mutant)
    assert _all_notice()


@pytest.mark.parametrize(("cell", "wrong"), wrong_cells(truth.implies, 2))
def test_a_wrong_cell_of_implies_is_noticed(
    cell: tuple[Truth, ...], wrong: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = truth.implies
    monkeypatch.setattr(truth, "implies", lambda *two: wrong if two == cell else right(*two))
    assert _all_notice()


@pytest.mark.parametrize(("cell", "wrong"), wrong_cells(truth.negate, 1))
def test_a_wrong_cell_of_not_is_noticed(
    cell: tuple[Truth, ...], wrong: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = truth.negate
    monkeypatch.setattr(truth, "negate", lambda *one: wrong if one == cell else right(*one))
    assert _all_notice()


def _closed(value: Interval) -> Interval:
    return Interval(value.low, value.high)


def _of_closed(right: Callable[[Interval, Interval], Any]) -> Callable[[Interval, Interval], Any]:
    return lambda one, other: right(_closed(one), _closed(other))


def _touching_is_less(left: Interval, right: Interval) -> Truth:
    return TRUE if left.high is not None and left.high == right.low else _LESS(left, right)


def _touching_is_greater(left: Interval, right: Interval) -> Truth:
    return FALSE if left.low is not None and left.low == right.high else _LESS_OR_EQUAL(left, right)


def _same_range_is_equal(left: Interval, right: Interval) -> Truth:
    return TRUE if left == right and left.low is not None and left.high is not None else _EQUAL(left, right)


def _flags_stay(value: Interval, factor: Fraction) -> Interval:
    scaled = _SCALE(value, factor)
    if factor >= 0:
        return scaled
    return Interval(scaled.low, scaled.high, scaled.high_open, scaled.low_open)


def _zero_is_known(value: Interval, factor: Fraction) -> Interval:
    return _SCALE(value, factor) if factor else values.point(0)


def _known_by_both_bounds(value: Value, choices: int = 0) -> bool:
    both = isinstance(value, Interval) and value.low is not None and value.high is not None
    return both if isinstance(value, Interval) else _IS_KNOWN(value, choices)


def _only_single_choices_are_known(value: Value, choices: int = 0) -> bool:
    return len(value) == 1 if isinstance(value, frozenset) else _IS_KNOWN(value, choices)


def _shared_is_same(left: values.Choices, right: values.Choices) -> Truth:
    return TRUE if left & right else FALSE


DEFECTS: dict[str, tuple[str, Any]] = {
    "< takes open for closed": ("_less", _of_closed(_LESS)),
    "< takes closed for open": ("_less", _touching_is_less),
    "<= takes open for closed": ("_less_or_equal", _of_closed(_LESS_OR_EQUAL)),
    "<= takes closed for open": ("_less_or_equal", _touching_is_greater),
    "= holds for equal ranges": ("_equal", _same_range_is_equal),
    "= holds for a shared choice": ("compare_choices", _shared_is_same),
    "a negative factor leaves the open flags": ("scale", _flags_stay),
    "zero times unknown is zero": ("scale", _zero_is_known),
    "a sum forgets that it is open": ("add", lambda one, other: _closed(_ADD(one, other))),
    "known needs both bounds": ("is_known", _known_by_both_bounds),
    "known needs a single choice": ("is_known", _only_single_choices_are_known),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_values_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, *DEFECTS[defect])
    assert _all_notice()


def test_a_division_by_zero_that_is_known_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "EVERYTHING", values.point(0))
    assert _all_notice()
