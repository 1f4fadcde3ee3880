"""Possible values: comparisons and arithmetic against brute force over what the intervals hold."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

from trivium.core import values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Interval, compare, compare_choices, exact, hull, is_subset, point

OPERATORS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
# Bounds on whole numbers, samples at halves: any open or closed bound is told from its neighbour.
SAMPLES = [Fraction(n, 2) for n in range(-2, 11)]


def intervals() -> list[Interval]:
    found = [EVERYTHING]
    bounds = [None, 0, 2, 4]
    for low, high, low_open, high_open in itertools.product(bounds, bounds, (False, True), (False, True)):
        if (low is None and low_open) or (high is None and high_open):
            continue
        try:
            found.append(Interval(low, high, low_open, high_open))
        except ValueError:
            continue
    return found


def by_force(op: str, left: Interval, right: Interval) -> Truth:
    outcomes = {OPERATORS[op](a, b) for a in SAMPLES if a in left for b in SAMPLES if b in right}
    if outcomes == {True}:
        return TRUE
    return FALSE if outcomes == {False} else UNKNOWN


@pytest.mark.parametrize("op", list(OPERATORS))
def test_a_comparison_is_true_for_all_false_for_none_else_unknown(op: str) -> None:
    for left, right in itertools.product(intervals(), repeat=2):
        expected = by_force(op, left, right)
        if op == "=" and expected is TRUE:
            assert left.is_point and right.is_point
        assert compare(op, left, right) is expected, (left, op, right)


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(ValueError, match="no comparison"):
        compare("!=", EVERYTHING, EVERYTHING)


@pytest.mark.parametrize("factor", [Fraction(-2), Fraction(1, 3), Fraction(0), Fraction(3)])
def test_scaling_holds_exactly_the_scaled_numbers(factor: Fraction) -> None:
    for value in intervals():
        scaled = values.scale(value, factor)
        for sample in SAMPLES:
            if sample in value:
                assert sample * factor in scaled
            elif factor:
                assert sample * factor not in scaled


def test_sums_and_differences_hold_every_pair() -> None:
    for left, right in itertools.product(intervals(), repeat=2):
        total, difference = values.add(left, right), values.subtract(left, right)
        for a, b in itertools.product(SAMPLES, repeat=2):
            if a in left and b in right:
                assert a + b in total
                assert a - b in difference
    assert values.add(Interval(0, 2, True), Interval(2, 4)) == Interval(2, 6, True)
    assert values.subtract(Interval(0, 2), Interval(2, 4, False, True)) == Interval(-4, 0, True, False)


def test_an_empty_interval_cannot_be_made() -> None:
    for low, high, opened in ((2, 1, False), (1, 1, True)):
        with pytest.raises(ValueError, match="empty"):
            Interval(low, high, opened)


def test_the_hull_holds_all_and_no_more() -> None:
    assert hull([point(3), Interval(1, 2, True, True)]) == Interval(1, 3, True, False)
    assert hull([Interval(1, 2, True), Interval(1, 2)]) == Interval(1, 2)
    assert hull([Interval(1, None), Interval(None, 0)]) == EVERYTHING
    for one, other in itertools.product(intervals(), repeat=2):
        both = hull([one, other])
        assert is_subset(one, both)
        assert is_subset(other, both)


def test_equal_choices_are_equal_only_when_single() -> None:
    a, ab, c = frozenset("a"), frozenset("ab"), frozenset("c")
    assert compare_choices(a, a) is TRUE
    assert compare_choices(ab, ab) is UNKNOWN
    assert compare_choices(ab, a) is UNKNOWN
    assert compare_choices(ab, c) is FALSE


def test_numbers_are_kept_at_nine_digits_half_even() -> None:
    assert exact(Decimal("0.1234567885")) == Decimal("0.123456788")
    assert exact(Decimal("0.1234567895")) == Decimal("0.123456790")
    assert exact(Fraction(2, 3)) == Decimal("0.666666667")
    assert str(exact(Decimal("-0"))) == "0"
    for bad in (Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 11):
        with pytest.raises(ValueError, match="outside"):
            exact(bad)


def test_known_means_narrower_than_everything() -> None:
    assert values.is_known(Interval(0, None))
    assert not values.is_known(EVERYTHING)
    assert values.is_known(frozenset("ab"), 3)
    assert not values.is_known(frozenset("abc"), 3)
    assert not values.is_known(UNKNOWN)
