"""present, done, allergy, immunized, active, ever, prednisone_equivalent, days_since, first_date, count."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.test_fact_support import (
    DAY,
    codes,
    event,
    exactly,
    number,
    on,
    read,
    result,
    spec,
)

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, point
from trivium.record.events import Dose, EventKind, Given, Person, When

CONDITION, TAKEN, ORDERED = EventKind.CONDITION, EventKind.MEDICATION_TAKEN, EventKind.MEDICATION_ORDERED


def boolean(kind: str, **more: Any) -> Any:
    return spec(kind, "boolean", false_when="list_complete", **more)


PRESENT = boolean("present")


@pytest.mark.parametrize(
    ("more", "incomplete", "complete", "ever"),
    [
        ({"when": "2024-01-01"}, TRUE, TRUE, TRUE),
        ({"when": "2024-01-01", "status": "confirmed"}, TRUE, TRUE, TRUE),
        ({"when": "2024-01-01", "ended": on("2024-02-01")}, UNKNOWN, FALSE, TRUE),
        ({"when": "2024-01-01", "ended": When()}, UNKNOWN, FALSE, TRUE),
        ({"when": "2024-01-01", "ended": on("2024-04-01")}, TRUE, TRUE, TRUE),
        ({"when": "2024-01-01", "ended": on("2024")}, UNKNOWN, UNKNOWN, TRUE),
        ({"when": "2024-01-01", "status": "resolved"}, UNKNOWN, FALSE, TRUE),
        ({"when": "2024-01-01", "status": "provisional"}, UNKNOWN, UNKNOWN, UNKNOWN),
        ({"when": "2024-01-01", "status": "active differential"}, UNKNOWN, UNKNOWN, UNKNOWN),
        ({"when": "2024-01-01", "status": "refuted"}, UNKNOWN, FALSE, UNKNOWN),
        ({"when": "2024"}, UNKNOWN, UNKNOWN, UNKNOWN),
        ({"when": "2024", "known_from": on("2024-02-01")}, TRUE, TRUE, TRUE),
        ({"when": When(), "known_from": on("2024-02-01")}, TRUE, TRUE, TRUE),
        ({"when": When(), "known_from": When()}, TRUE, TRUE, TRUE),
        ({"when": "2024-04-01"}, UNKNOWN, FALSE, UNKNOWN),
    ],
)
def test_present(more: dict[str, Any], incomplete: object, complete: object, ever: object) -> None:
    found = event(CONDITION, **more)
    assert read(PRESENT, found).value is incomplete
    assert read(PRESENT, found, complete=True).value is complete
    assert read(boolean("present", ever=True), found).value is ever


def test_absence_is_false_only_by_a_complete_list() -> None:
    assert codes(read(PRESENT)) == ["missing"]
    fact = read(PRESENT, complete=True)
    assert fact.value is FALSE and fact.origins == ("site",)
    denied = {"list_complete": Given(FALSE)}
    assert read(PRESENT, complete=True, given=denied).value is UNKNOWN
    confirmed = {"list_complete": Given(TRUE)}
    fact = read(PRESENT, given=confirmed)
    assert fact.value is FALSE and fact.origins == ("form",)


def test_reasons_of_what_leaves_a_condition_open() -> None:
    assert codes(read(PRESENT, event(CONDITION, "2024-01-01", status="provisional"))) == ["unconfirmed"]
    assert codes(read(PRESENT, event(CONDITION, "2024"))) == ["uncertain-date"]
    ended = read(PRESENT, event(CONDITION, "2024-01-01", ended=When()))
    assert ended.seen and ended.seen[0].startswith("not counted")


def given_dose(when: str | When, **more: Any) -> Any:
    return event(TAKEN, when, "MedicationAdministration/1", status="completed", ended=_stamp(when), **more)


def _stamp(when: str | When) -> When:
    return on(when) if isinstance(when, str) else when


def statement(when: str | When, status: str = "active", **more: Any) -> Any:
    return event(TAKEN, when, "MedicationStatement/1", status=status, **more)


@pytest.mark.parametrize(
    ("found", "incomplete", "complete"),
    [
        (statement("2024-01-01"), TRUE, TRUE),
        (statement("2024-01-01", ended=on("2024-04-15")), TRUE, TRUE),
        (statement("2024-01-01", ended=on("2024-03-15")), UNKNOWN, FALSE),
        (statement("2024-01-01", "completed", ended=When()), UNKNOWN, FALSE),
        (statement("2024-01-01", "stopped", ended=on("2024-03-30")), UNKNOWN, FALSE),
        (statement("2024-01-01", "taken"), UNKNOWN, UNKNOWN),
        (statement("2024-01-01", "unknown"), UNKNOWN, UNKNOWN),
        (given_dose("2024-03-04"), TRUE, TRUE),  # the 28th day
        (given_dose("2024-03-03"), UNKNOWN, FALSE),
        (given_dose("2024-03"), UNKNOWN, UNKNOWN),
        (event(ORDERED, "2024-03-30", status="active"), UNKNOWN, UNKNOWN),
        (event(ORDERED, "2024-03-30", status="stopped", ended=When()), UNKNOWN, FALSE),
    ],
)
def test_active_medication(found: Any, incomplete: object, complete: object) -> None:
    declared = boolean("active", within=28 * DAY)
    assert read(declared, found).value is incomplete
    assert read(declared, found, complete=True).value is complete


def test_an_order_is_not_intake() -> None:
    fact = read(boolean("active", within=28 * DAY), event(ORDERED, "2024-03-30", status="active"))
    assert codes(fact) == ["missing"]
    assert fact.reasons[0].detail == "ordered, not known to be taken"


def test_an_administration_counts_for_as_long_as_is_declared() -> None:
    assert codes(read(boolean("active"), given_dose("2024-03-31"))) == ["uncertain-date"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (statement("2023-01-01"), TRUE),  # still taken
        (statement("2023-01-01", ended=on("2024-03-30")), TRUE),
        (statement("2023-01-01", ended=on("2024-01-01")), FALSE),
        (statement("2023-01-01", "completed", ended=When()), UNKNOWN),
        (given_dose("2024-03-20"), TRUE),
        (given_dose("2024-01-20"), FALSE),
        (event(ORDERED, "2024-03-20", status="completed"), UNKNOWN),
        (event(ORDERED, "2023-03-20", status="completed"), FALSE),
    ],
)
def test_ever_within_thirty_days(found: Any, expected: object) -> None:
    assert read(boolean("ever", within=30 * DAY), found, complete=True).value is expected


def test_ever_at_all() -> None:
    assert read(boolean("ever"), statement("2003", "completed", ended=When())).value is TRUE
    assert read(boolean("ever"), event(ORDERED, "2003")).value is UNKNOWN


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (event(EventKind.PROCEDURE, "2024-03-20", status="completed", ended=on("2024-03-20")), TRUE),
        (event(EventKind.PROCEDURE, "2023-03-20", status="completed", ended=on("2023-03-20")), FALSE),
        (event(EventKind.PROCEDURE, "2023-03-20", status="in-progress"), TRUE),
        (event(EventKind.PROCEDURE, "2024-03-20", status="not-done"), FALSE),
        (event(EventKind.PROCEDURE, "2024", status="completed", ended=on("2024")), UNKNOWN),
        (event(EventKind.ORDER, "2024-03-20", status="active"), FALSE),
        (event(EventKind.DEVICE, "2023-03-20", status="active"), TRUE),
        (result(number("30", "L/min"), "2024-03-30"), TRUE),
        (result(False, "2024-03-30"), FALSE),
        (result(None, "2024-03-30", absent_reason="not-performed"), FALSE),
        (result(None, "2024-03-30", absent_reason="error"), UNKNOWN),
    ],
)
def test_done_within_thirty_days(found: Any, expected: object) -> None:
    assert read(boolean("done", within=30 * DAY), found, complete=True).value is expected


def test_allergy_and_immunization() -> None:
    allergy = boolean("allergy")
    assert read(allergy, event(EventKind.ALLERGY, "2020-01-01", status="confirmed")).value is TRUE
    assert codes(read(allergy, event(EventKind.ALLERGY, "2020-01-01", status="unconfirmed"))) == [
        "unconfirmed"
    ]
    assert read(allergy, event(EventKind.ALLERGY, "2020-01-01", ended=When()), complete=True).value is FALSE
    perhaps_over = event(EventKind.ALLERGY, "2020-01-01", ended=on("2024"))
    assert codes(read(allergy, perhaps_over, complete=True)) == ["uncertain-date"]
    shot = event(EventKind.IMMUNIZATION, "2024-03-20", status="completed", ended=on("2024-03-20"))
    assert read(boolean("immunized", within=30 * DAY), shot).value is TRUE
    assert read(boolean("immunized", within=5 * DAY), shot, complete=True).value is FALSE


def _taking(dose: Dose | None, concept: str = "prednisone", origin: str = "MedicationStatement/1") -> Any:
    taken = event(TAKEN, "2024-01-01", origin, status="active", dose=dose)
    import dataclasses

    return dataclasses.replace(taken, concepts=frozenset({concept}))


MG = Dose(number("20", "mg"), point(1))
PREDNISONE = spec(
    "prednisone_equivalent",
    unit="mg/d",
    false_when="list_complete",
    equivalents={"prednisone": Fraction(1), "methylprednisolone": Fraction(5, 4)},
    within=2 * DAY,
)


def test_prednisone_equivalent() -> None:
    other = Dose(number("0.016", "g"), point(2))
    pulse = _taking(other, "methylprednisolone", "MedicationStatement/2")
    assert read(PREDNISONE, _taking(MG)).value == exactly("20")
    assert read(PREDNISONE, _taking(MG), pulse).value == exactly("60")
    assert codes(read(PREDNISONE, _taking(MG), _taking(None, "methylprednisolone"))) == ["inputs"]
    per_kilogram = Dose(number("1", "mg/kg"), point(1))
    assert codes(read(PREDNISONE, _taking(per_kilogram))) == ["inputs"]
    assert codes(read(PREDNISONE)) == ["missing"]
    assert read(PREDNISONE, complete=True).value == exactly("0")
    per_day_range = Dose(number("20", "mg"), Interval(1, 2))
    assert read(PREDNISONE, _taking(per_day_range)).value == Interval(Decimal(20), Decimal(40))


def test_one_glucocorticoid_recorded_twice_is_an_interval() -> None:
    forty = _taking(Dose(number("40", "mg"), point(1)), origin="MedicationStatement/2")
    assert read(PREDNISONE, _taking(MG), forty).value == Interval(Decimal(20), Decimal(60))
    assert read(PREDNISONE, _taking(MG), _taking(MG, origin="MedicationStatement/2")).value == exactly("20")


DAYS = spec("days_since", unit="d")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2024-03-31T00:00", point(0)),
        ("2024-03-31", point(0)),
        ("2024-03-30T23:59", point(1)),
        ("2024-02", Interval(31, 59)),
        ("2023", Interval(91, 455)),
    ],
)
def test_days_since(when: str, expected: Interval) -> None:
    assert read(DAYS, event(EventKind.PROCEDURE, when, ended=on(when))).value == expected


def test_days_since_the_last_dose_and_the_first() -> None:
    doses = [given_dose("2024-03-01"), given_dose("2024-03-21")]
    assert read(DAYS, *doses).value == exactly("10")
    assert read(spec("days_since", unit="d", which="first"), *doses).value == exactly("30")
    assert read(spec("days_since", unit="wk"), given_dose("2024-03-17")).value == exactly("2")
    assert read(DAYS, statement("2024-01-01")).value == exactly("0")
    assert read(DAYS, statement("2024-01-01", ended=on("2024-03-01"))).value == exactly("30")
    assert codes(read(DAYS, event(ORDERED, "2024-03-01"))) == ["missing"]
    assert codes(read(DAYS, event(CONDITION, When(), known_from=on("2024-03-01")))) == ["uncertain-date"]


def test_first_date() -> None:
    declared = spec("first_date", "date", None, is_=("positive",))
    series = [
        result("negative", "2020-01-01", "o/0"),
        result("positive", "2021-05-01"),
        result("positive", "2022", "o/2"),
    ]
    assert read(declared, *series).value == point(datetime.date(2021, 5, 1).toordinal())
    smudged = result("smudged", "2020-06-01", "o/3")
    vague = read(declared, *series, smudged).value
    assert vague == Interval(datetime.date(2020, 6, 1).toordinal(), datetime.date(2021, 5, 1).toordinal())
    assert codes(read(declared, smudged)) == ["uncertain-date", "unreadable"]


def test_count() -> None:
    declared = spec("count", "integer", None, within=60 * DAY, false_when="list_complete")
    visits = [event(EventKind.ENCOUNTER, when, f"e/{when}") for when in ("2024-03-01", "2024-03-05", "2024")]
    assert read(declared, *visits).value == Interval(2, None)
    assert read(declared, *visits, complete=True).value == Interval(2, 3)
    assert read(declared, complete=True).value == point(0)
    assert codes(read(declared)) == ["missing"]


AGE = spec("age", "integer", None)


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("1969-03-31", point(55)),
        ("1969-04-01", point(54)),
        ("1969", Interval(54, 55)),
        ("2004-02-29", point(20)),
        ("2025", EVERYTHING),
    ],
)
def test_age(birth: str, expected: Interval) -> None:
    assert read(AGE, person=Person("p", on(birth))).value == expected


def test_age_after_death_or_without_a_birth_date() -> None:
    assert codes(read(AGE, person=Person("p", on("1969"), death=on("2024-03-30")))) == ["implausible"]
    assert read(AGE, person=Person("p", on("1969-01-01"), death=on("2024-04-01"))).value == point(55)
    assert codes(read(AGE)) == ["missing"]


@pytest.mark.parametrize(("recorded", "code"), [("male", None), ("other", "unreadable"), ("", "missing")])
def test_sex(recorded: str, code: str | None) -> None:
    import dataclasses

    from trivium.logic.nodes import Type

    declared = dataclasses.replace(spec("sex", "choice"), type=Type("choice", None, ("female", "male")))
    fact = read(declared, person=Person("p", sex=recorded))
    assert codes(fact) == ([code] if code else []) and fact.is_known is not bool(code)


def test_ask_is_not_entered_until_it_is() -> None:
    declared = spec("ask", "boolean")
    assert codes(read(declared)) == ["not-entered"]
    assert read(declared, given={"fact": Given(TRUE)}).value is TRUE
