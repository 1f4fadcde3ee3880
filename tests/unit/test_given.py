"""Values as people write them: bounds, their openness, and what is no bound at all."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from trivium.core.values import Interval
from trivium.knowledge.given import GivenError, read_value
from trivium.logic.nodes import Type

NUMBER, DATE = Type("quantity", "ng/mL"), Type("date")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"low": 1, "high": 2}, Interval(Decimal(1), Decimal(2))),
        ({"low": 1, "high": 2, "low_open": True}, Interval(Decimal(1), Decimal(2), True)),
        (
            {"low": 1, "high": 2, "low_open": False, "high_open": True},
            Interval(Decimal(1), Decimal(2), False, True),
        ),
        ({"low": 1, "low_open": None}, Interval(Decimal(1), None)),
        ({"high": "2", "low_open": True}, Interval(None, Decimal(2))),
    ],
)
def test_bounds_are_closed_unless_they_are_said_to_be_open(raw: object, expected: Interval) -> None:
    assert read_value(raw, NUMBER) == expected


@pytest.mark.parametrize("side", ["low_open", "high_open"])
@pytest.mark.parametrize("said", ["yes", "true", "True", 1, 0, "", [True]])
def test_openness_that_is_not_true_or_false_is_refused_and_never_taken_for_false(
    side: str, said: object
) -> None:
    with pytest.raises(GivenError, match=f"expected true or false for {side}"):
        read_value({"low": 1, "high": 2, side: said}, NUMBER)


@pytest.mark.parametrize("raw", [{}, {"lo": 1}, {"low": 1, "unit": "mg"}])
def test_a_mapping_that_names_no_bound_is_refused(raw: object) -> None:
    with pytest.raises(GivenError, match="expected low, high, low_open, high_open; found"):
        read_value(raw, NUMBER)


@pytest.mark.parametrize("raw", [{}, {"from": "2024-01"}, {"low": "2024-01", "low_open": True}])
def test_a_date_has_bounds_that_are_days_and_nothing_else(raw: object) -> None:
    with pytest.raises(GivenError, match="expected low, high; found"):
        read_value(raw, DATE)


def test_a_date_between_two_months_begins_and_ends_with_them() -> None:
    first, last = datetime.date(2024, 1, 1).toordinal(), datetime.date(2024, 2, 29).toordinal()
    assert read_value({"low": "2024-01", "high": "2024-02"}, DATE) == Interval(first, last)
