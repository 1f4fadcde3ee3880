"""What is typed in by hand, with a date: it is so from that date on, and not before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.test_fact_support import DAY, codes, event, number, on, read, result, spec

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Interval, point
from trivium.record.events import EventKind, Given, When
from trivium.record.fact import Fact

RECORDED = result(number("5"), "2024-03-30")


def typed(value: Any, when: When, *events: Any, **declared: Any) -> Fact:
    return read(spec(**declared), *events, given={"fact": Given(value, when)})


def listed(value: Truth, when: When, *events: Any, complete: bool = False) -> Fact:
    declared = spec("present", "boolean", false_when="list_complete")
    return read(declared, *events, given={"fact": Given(value, when)}, complete=complete)


class TestLater:
    """Entered for a day after as-of."""

    LATER = on("2024-04-02")

    def test_it_is_not_known_yet_and_says_so(self) -> None:
        fact = typed(point(Decimal(9)), self.LATER)
        assert fact.value == EVERYTHING and codes(fact) == ["not-yet-reported"]
        assert fact.reasons[0].detail == "entered for 2024-04-02, after the day of the plan"
        assert fact.reasons[0].origin == "form"
        assert fact.seen == ("not used, of a later day: entered: 9 ng/mL, 2024-04-02 (form)",)

    def test_the_record_speaks_until_then(self) -> None:
        fact = typed(point(Decimal(9)), self.LATER, RECORDED)
        assert fact.value == point(Decimal(5)) and fact.origins == ("Observation/1",)
        assert fact.seen[-1].startswith("not used, of a later day: entered: 9 ng/mL")

    def test_what_else_keeps_the_record_from_speaking_is_said_too(self) -> None:
        fact = typed(point(Decimal(9)), self.LATER, result(number("5", "blob"), "2024-03-30"))
        assert codes(fact) == ["not-yet-reported", "unit"]

    def test_a_question_only_a_clinician_answers_was_answered_for_later(self) -> None:
        declared = spec("ask", "boolean")
        fact = read(declared, given={"fact": Given(TRUE, self.LATER)})
        assert fact.value is UNKNOWN and codes(fact) == ["not-yet-reported"]

    def test_a_complete_list_is_complete_until_then(self) -> None:
        assert listed(TRUE, self.LATER, complete=True).value is FALSE


@pytest.mark.parametrize("when", [on("2024"), When(on("2024-03-30").start), When(None, on("2024-04-02").end)])
class TestPerhapsLater:
    """Entered for a year, or with an end or beginning only: it may be of a day after as-of."""

    def test_alone_it_may_not_be_so_yet(self, when: When) -> None:
        fact = typed(point(Decimal(9)), when)
        assert fact.value == EVERYTHING and codes(fact) == ["uncertain-date"]
        assert "may be after the day of the plan" in fact.reasons[0].detail
        assert fact.seen[0].startswith("entered: 9 ng/mL, ")

    def test_with_the_record_it_is_either(self, when: When) -> None:
        fact = typed(point(Decimal(9)), when, RECORDED)
        assert fact.value == Interval(Decimal(5), Decimal(9))
        assert fact.origins == ("form", "Observation/1") and len(fact.seen) == 2
        assert typed(point(Decimal(5)), when, RECORDED).value == point(Decimal(5))

    def test_where_the_record_cannot_be_used_neither_can_the_two(self, when: When) -> None:
        fact = typed(point(Decimal(9)), when, result(number("5", "blob"), "2024-03-30"))
        assert fact.value == EVERYTHING and codes(fact) == ["uncertain-date", "unit"]

    def test_a_choice_is_one_of_the_two(self, when: When) -> None:
        recorded = result("negative", "2024-03-30")
        fact = typed(frozenset({"positive"}), when, recorded, type_="choice", kept=frozenset({"positive"}))
        assert fact.value == frozenset({"positive", "negative"})
        wide = frozenset({"positive", "indeterminate"})
        assert codes(typed(wide, when, recorded, type_="choice")) == ["uncertain-date"]

    def test_a_list_says_yes_only_where_both_do(self, when: When) -> None:
        ill = event(EventKind.CONDITION, "2024-03-01")
        assert listed(TRUE, when, ill).value is TRUE
        assert listed(FALSE, when, ill).value is UNKNOWN
        assert listed(TRUE, when, complete=True).value is UNKNOWN
        assert listed(FALSE, when, complete=True).value is FALSE


def test_a_month_that_ends_with_as_of_is_not_later() -> None:
    assert typed(point(Decimal(9)), on("2024-03")).value == point(Decimal(9))
    assert codes(typed(point(Decimal(9)), on("2024-03"), good_for=14 * DAY)) == ["uncertain-date"]
