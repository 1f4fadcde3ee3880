"""Dosages: how much and how often, or unknown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.test_fact_support import DAY, spec
from tests.unit.test_fact_support import read as read_fact
from tests.unit.test_fhir_samples import RXNORM, coded, one_event, one_record, one_skip, resource

from trivium.core.values import Interval, point
from trivium.record.events import Dose, Quantity


def dose_of(**dosage: Any) -> Dose:
    event = one_event(resource("MedicationRequest", dosageInstruction=[dosage]))
    assert event.dose is not None
    return event.dose


def rhythm(**timing: Any) -> Interval | None:
    return dose_of(timing=timing).per_day


@pytest.mark.parametrize(
    ("repeat", "per_day"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, point(2)),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, point(3)),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, point(Fraction(1, 7))),
        ({"frequency": 1, "period": 30, "periodUnit": "min"}, point(48)),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, Interval(1, 2)),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, Interval(4, 6)),
        ({"frequency": 1, "period": 1, "periodUnit": "mo"}, None),
        ({"period": 1, "periodUnit": "d"}, None),
        ({"frequency": 1, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1}, None),
        ({"frequency": 1, "period": 0, "periodUnit": "d"}, None),
        ({"frequency": "many", "period": 1, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "wed"]}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN", "EVE"]}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]}, point(1)),
        ({"timeOfDay": ["08:00:00", "20:00:00"]}, None),
        ({"count": 1}, None),
        ("daily", None),
    ],
)
def test_how_often_a_day(repeat: Any, per_day: Interval | None) -> None:
    assert rhythm(repeat=repeat) == per_day


def test_coded_rhythms() -> None:
    daily = {"frequency": 1, "period": 1, "periodUnit": "d"}
    assert rhythm(code=coded("BID", "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation")) == point(2)
    assert rhythm(code={"text": "QOD"}) == point(Fraction(1, 2))
    assert rhythm(code=coded("QD"), repeat=daily) == point(1)
    # Code and repeat that contradict each other, and a code that nobody knows: unknown.
    assert rhythm(code=coded("BID"), repeat=daily) is None
    assert rhythm(code=coded("sometimes"), repeat=daily) is None
    assert rhythm(code={"text": "every day"}, repeat=daily) == point(1)


def test_as_needed_may_be_never() -> None:
    daily = {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}
    assert dose_of(timing=daily, asNeededBoolean=True).per_day == Interval(0, 3)
    assert dose_of(timing=daily, asNeededCodeableConcept={"text": "pain"}).per_day == Interval(0, 3)
    assert dose_of(timing=daily, asNeededBoolean="yes").per_day is None


def test_doses() -> None:
    five = Quantity(point(Decimal(5)), "mg", "", "5 mg")
    amount = {"doseQuantity": {"value": 5, "unit": "mg"}}
    assert dose_of(doseAndRate=[amount], text="five") == Dose(five, None, "five")
    ordered, calculated = (coded(code) for code in ("ordered", "calculated"))
    both = [{**amount, "type": ordered}, {"doseQuantity": {"value": 9}, "type": calculated}]
    assert dose_of(doseAndRate=both).amount == five
    assert dose_of(doseAndRate=[amount, amount]).amount is None
    span = {"low": {"value": 1, "unit": "mg"}, "high": {"value": 2, "unit": "mg"}}
    read = dose_of(doseAndRate=[{"doseRange": span}]).amount
    assert read is not None and read.amount == Interval(Decimal(1), Decimal(2))
    assert dose_of(doseAndRate=[{**amount, "doseRange": span}]).amount is None
    assert dose_of(doseAndRate=5).amount is None
    assert dose_of(route={"text": "by mouth"}).text == "route: by mouth"


def test_several_dosages_are_not_one_dose() -> None:
    steps = [{"text": "40 mg"}, {"text": "then 20 mg", "doseAndRate": [{"doseQuantity": {"value": 20}}]}]
    record = one_record(resource("MedicationRequest", dosageInstruction=steps))
    assert record.events[0].dose == Dose(None, None, "40 mg\nthen 20 mg")
    assert record.report.notes == {"several-dosages": 1}


def test_an_administered_dose() -> None:
    dosage = {"dose": {"value": 5, "unit": "mg"}, "rateQuantity": {"value": 2, "unit": "mg/h"}}
    event = one_event(resource("MedicationAdministration", dosage=dosage))
    assert event.dose == Dose(Quantity(point(Decimal(5)), "mg", "", "5 mg"), None, "rate 2 mg/h")
    nothing = resource("MedicationAdministration", dosage={"dose": {"value": 0, "unit": "mg"}})
    assert one_skip(nothing).reason == "zero-dose"


def test_the_present_daily_dose_of_one_drug_is_read_where_dose_and_rhythm_stand() -> None:
    """The kind that adds glucocorticoids up gives the dose of one drug too, taken once for itself."""
    five_twice = {
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}],
    }
    declared = spec(
        "prednisone_equivalent", unit="mg/d", within=2 * DAY, equivalents={"tofacitinib": Fraction(1)}
    )

    def daily(dosage: Any, kind: str = "MedicationStatement", **more: Any) -> Any:
        given = resource(kind, medicationCodeableConcept=coded("1357536", RXNORM), **dosage, **more)
        return read_fact(declared, *one_record(given).events)

    started: dict[str, Any] = {"effectivePeriod": {"start": "2024-03-01"}}
    assert daily({"dosage": [five_twice]}, **started).value == point(Decimal(10))
    coded_rhythm = {**five_twice, "timing": {"code": coded("BID")}}
    assert daily({"dosage": [coded_rhythm]}, **started).value == point(Decimal(10))
    # No rhythm, another unit, two instructions: it is asked for.
    for open_ in ({"timing": None}, {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "{tbl}"}}]}):
        assert [
            reason.code for reason in daily({"dosage": [{**five_twice, **open_}]}, **started).reasons
        ] == ["inputs"]
    assert [reason.code for reason in daily({"dosage": [five_twice, five_twice]}, **started).reasons] == [
        "inputs"
    ]
    # An order is no intake.
    ordered = daily({"dosageInstruction": [five_twice]}, "MedicationRequest", authoredOn="2024-03-01")
    assert [reason.code for reason in ordered.reasons] == ["missing"]
