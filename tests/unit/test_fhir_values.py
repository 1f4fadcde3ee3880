"""Values, units, interpretations and reference ranges, as messy as they come."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.test_fhir_samples import (
    LOINC,
    SNOMED,
    UCUM,
    Json,
    coded,
    one_event,
    one_record,
    one_skip,
    one_unread,
    read_raw,
    resource,
)

from trivium.core.values import Interval, point
from trivium.record.events import Coded, Quantity, Range, When


def observed(**more: Any) -> Any:
    return one_event(resource("Observation", **more)).value


def measured(**quantity: Any) -> Quantity:
    value = observed(valueQuantity=quantity)
    assert isinstance(value, Quantity)
    return value


@pytest.mark.parametrize(
    ("comparator", "interval"),
    [
        (None, point(Decimal("13700"))),
        ("<", Interval(None, Decimal("13700"), False, True)),
        ("<=", Interval(None, Decimal("13700"))),
        (">=", Interval(Decimal("13700"), None)),
        (">", Interval(Decimal("13700"), None, True, False)),
    ],
)
def test_comparators_open_the_interval(comparator: str | None, interval: Interval) -> None:
    assert measured(value=13700, comparator=comparator).amount == interval


def test_a_comparator_that_is_not_known_is_no_value() -> None:
    event, skip = one_unread(resource("Observation", valueQuantity={"value": 1, "comparator": "ad"}))
    assert (skip.origin, skip.reason) == ("Observation/x#value", "bad-comparator")
    assert event.unread == 'valueQuantity {"comparator": "ad", "value": 1}'


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *[("6.022e23", "6.022E+23"), ("0.1", "0.1"), ("7", "7"), ("-3.25", "-3.25"), ("1.0", "1.0")],
        *[("123456789.012345", "123456789.012345"), ("0.000000000000001", "1E-15")],
    ],
)
def test_numbers_are_exact(written: str, read: str) -> None:
    data = b'{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/p"},'
    data += b'"code":{"coding":[{"system":"http://loinc.org","code":"2276-4"}]},'
    (record,) = read_raw(data + b'"valueQuantity":{"value":' + written.encode() + b"}}")
    value = record.events[0].value
    assert isinstance(value, Quantity)
    assert value.amount == point(Decimal(read))


def test_a_number_beyond_all_measure_is_no_value() -> None:
    data = b'{"resourceType":"Observation","id":"x","status":"final","subject":{"reference":"Patient/p"},'
    data += (
        b'"code":{"coding":[{"system":"http://loinc.org","code":"2276-4"}]},"valueQuantity":{"value":1e999}}'
    )
    (record,) = read_raw(data)
    assert [(event.value, event.absent_reason) for event in record.events] == [(None, "bad-number")]
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("Observation/x#value", "bad-number")
    ]


@pytest.mark.parametrize(
    ("quantity", "unit", "has_problem"),
    [
        ({"unit": "ng/mL", "code": "ng/mL", "system": UCUM}, "ng/mL", False),
        ({"code": "ng/mL", "system": UCUM}, "ng/mL", False),
        ({"unit": "ng/mL"}, "ng/mL", False),
        ({}, None, False),
        # Text against code: refused.
        ({"unit": "mmol/L", "code": "mg/dL", "system": UCUM}, None, True),
        # Two spellings of one unit, and words beside the code that say no unit, are no contradiction.
        ({"unit": "ug/L", "code": "ng/mL", "system": UCUM}, "ng/mL", False),
        ({"unit": "beats/minute", "code": "/min", "system": UCUM}, "/min", False),
        ({"unit": "whatever", "code": "mg/dL", "system": UCUM}, "mg/dL", False),
        # SNOMED CT codes, old spellings, and what nobody knows.
        ({"unit": "mmol/L", "code": "258813002", "system": SNOMED}, "mmol/L", False),
        ({"code": "258813002", "system": SNOMED}, "mmol/L", False),
        ({"unit": "mm Hg"}, "mm[Hg]", False),
        ({"unit": "mmHg", "code": "mm[Hg]", "system": UCUM}, "mm[Hg]", False),
        ({"unit": "x10*9/L"}, "10*9/L", False),
        ({"unit": "furlongs"}, None, True),
        # A code of another system may look like UCUM.
        ({"code": "mg/dL", "system": "http://acme.org/units"}, None, True),
        ({"unit": 5}, None, True),
        ({"unit": ["mg"]}, None, True),
    ],
)
def test_units(quantity: Json, unit: str | None, has_problem: bool) -> None:
    value = measured(value=1, **quantity)
    assert (value.unit, bool(value.unit_problem)) == (unit, has_problem)


def test_the_code_counts_and_not_its_display() -> None:
    wrong = {"coding": [{"system": LOINC, "code": "2276-4", "display": "Anti-MDA5 antibody"}]}
    assert one_event(resource("Observation", code=wrong)).concepts == {"ferritin"}


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        *[("<20", None, "20", None), (">1650 ng/mL", "1650", None, "ng/mL"), ("GT 45", "45", None, None)],
        *[("LT 45", None, "45", None), ("<= 0.5 mg/L", None, "0.5", "mg/L"), ("≥5", "5", None, None)],
        *[(" 7.4 ", "7.4", "7.4", None), ("-3", "-3", "-3", None), ("5 %", "5", "5", "%")],
        *[("less than 20", None, "20", None), ("5.2 x10^9/L", "5.2", "5.2", "10*9/L")],
    ],
)
def test_numbers_in_words(text: str, low: str | None, high: str | None, unit: str | None) -> None:
    for element in ({"valueString": text}, {"valueCodeableConcept": {"text": text}}):
        value = observed(**element)
        assert isinstance(value, Quantity)
        bounds = (None if low is None else Decimal(low), None if high is None else Decimal(high))
        assert ((value.amount.low, value.amount.high), value.unit) == (bounds, unit)
        assert value.as_written == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Negative",
            "Strong positive",
            "1:320",
            "120/80",
            "120/80 mmHg",
            "120/80kPa",
            "3-5",
            "1+",
            "+1",
            "3 5",
        ),
        *(
            "1,650",
            "1.650,5",
            "5 or so",
            "5 (H)",
            "12 Low",
            "<",
            "10^3",
            "1e5x",
            "１２",
            "5 mg/furlong",
            "0x10",
            "5.",
        ),
    ],
)
def test_other_words_stay_words(text: str) -> None:
    assert observed(valueString=text) == Coded(text=text)


def test_coded_answers() -> None:
    answer = {"coding": [{"system": SNOMED, "code": "10828004", "display": "Positive"}], "text": "5"}
    assert observed(valueCodeableConcept=answer) == Coded(((SNOMED, "10828004"),), "5")
    del answer["text"]
    assert observed(valueCodeableConcept=answer) == Coded(((SNOMED, "10828004"),), "Positive")


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"valueBoolean": False}, False),
        ({"valueInteger": 0}, 0),
        ({"valueTime": "10:00:00"}, Coded(text="10:00:00")),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 320}}}, Coded(text="1:320")),
        ({"valueDateTime": "1970-01-01T00:00:00Z"}, When(0, 0)),
        ({"valuePeriod": {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:00:09Z"}}, When(0, 9)),
        ({"valueString": " "}, None),
        ({"valueQuantity": {"unit": "mg"}}, None),
        ({}, None),
    ],
)
def test_other_values(element: Json, value: object) -> None:
    read = observed(**element)
    assert read == value and type(read) is type(value)


def test_ranges_as_values() -> None:
    ends = {"low": {"value": 1, "unit": "mg"}, "high": {"value": 2, "unit": "mg"}}
    value = observed(valueRange=ends)
    assert (value.amount, value.unit) == (Interval(Decimal(1), Decimal(2)), "mg")
    assert observed(valueRange={"low": ends["low"]}).amount == Interval(Decimal(1), None)
    mixed = observed(valueRange={**ends, "high": {"value": 2, "unit": "g"}})
    assert (mixed.unit, mixed.unit_problem) == (None, "two units in one range")
    backwards = resource("Observation", valueRange={"low": ends["high"], "high": ends["low"]})
    assert one_unread(backwards)[1].reason == "bad-range"


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ({"valueQuantity": {"value": 1}, "valueString": "2"}, "two-values"),
        ({"valueQuantity": {"value": 1}, "dataAbsentReason": {"text": "error"}}, "value-and-absent-reason"),
        ({"valueSampledData": {}}, "sampled-data"),
        ({"valueQuantity": {"value": True}}, "bad-number"),
        ({"valueQuantity": {"value": "many"}}, "bad-number"),
        ({"valueQuantity": {"value": [1]}}, "bad-number"),
        ({"valueQuantity": 5}, "bad-value"),
        ({"valueBoolean": "yes"}, "bad-value"),
        ({"valueInteger": 1.5}, "bad-value"),
        ({"valueInteger": True}, "bad-value"),
        ({"valueString": 5}, "bad-value"),
        ({"valueAttachment": {}}, "bad-value"),
        ({"valueRatio": {"numerator": {"value": 1, "unit": "mg"}, "denominator": {"value": 1}}}, "ratio"),
    ],
)
def test_a_value_that_cannot_be_read_leaves_an_event_without_one(element: Json, reason: str) -> None:
    event, skip = one_unread(resource("Observation", **element))
    assert (skip.origin, skip.reason) == ("Observation/x#value", reason)
    sound = one_event(resource("Observation", valueInteger=5))
    assert (event.concepts, event.when, event.known_from, event.status) == (
        *(sound.concepts, sound.when, sound.known_from, sound.status),
    )
    assert all(key in event.unread for key in element if key.startswith("value"))


def test_of_a_result_without_a_status_the_value_is_shown_and_not_used() -> None:
    event, _ = one_unread(resource("Observation", status="unknown", valueInteger=5))
    assert event.unread == 'status "unknown" valueInteger 5'


def test_what_cannot_be_read_is_shown_in_one_short_line() -> None:
    event, _ = one_unread(resource("Observation", valueAttachment={"data": "A\n" * 500, "title": "Ü"}))
    assert event.unread.startswith("valueAttachment") and len(event.unread) < 100
    assert event.unread.endswith("…") and "\n" not in event.unread


@pytest.mark.parametrize(
    "element",
    [
        {
            "dataAbsentReason": coded(
                "not-performed", "http://terminology.hl7.org/CodeSystem/data-absent-reason"
            )
        },
        {
            "valueCodeableConcept": coded(
                "not-performed", "http://terminology.hl7.org/CodeSystem/data-absent-reason"
            )
        },
        {
            "_valueString": {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                        "valueCode": "not-performed",
                    }
                ]
            }
        },
    ],
)
def test_absent_values_keep_their_reason(element: Json) -> None:
    event = one_event(resource("Observation", **element))
    assert (event.value, event.absent_reason) == (None, "not-performed")


@pytest.mark.parametrize(
    ("interpretation", "codes"),
    [
        ([coded("POS", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")], ("POS",)),
        ([coded("H", "http://hl7.org/fhir/v2/0078")], ("H",)),
        ([{"text": "Positive"}], ("POS",)),
        ([{"coding": [{"system": "urn:x", "code": "17", "display": "Not detected"}]}], ("ND",)),
        ([coded("H", "urn:x")], ()),
        ([coded("H", ""), {"text": "High"}, {"text": "abnormal"}], ("A", "H")),
        ([5], ()),
        ("H", ()),
    ],
)
def test_interpretations(interpretation: Any, codes: tuple[str, ...]) -> None:
    record = one_record(resource("Observation", interpretation=interpretation, valueInteger=1))
    assert record.events[0].interpretation == codes
    assert bool(record.report.notes) == (not codes)


def test_reference_ranges() -> None:
    low, high = {"value": 10, "unit": "ng/mL"}, {"value": 300, "unit": "ng/mL"}
    given = [
        {"low": low, "high": high, "text": "10-300"},
        {"high": high, "appliesTo": [{"text": "pregnant"}]},
        {
            "high": high,
            "type": coded("treatment", "http://terminology.hl7.org/CodeSystem/referencerange-meaning"),
        },
        {"high": {"value": "many"}},
    ]
    record = one_record(resource("Observation", referenceRange=given))
    ranges = record.events[0].ranges
    assert [each.meaning for each in ranges] == ["", "applies-to", "treatment"]
    assert ranges[0] == Range(
        Quantity(point(Decimal(10)), "ng/mL", "", "10 ng/mL"),
        Quantity(point(Decimal(300)), "ng/mL", "", "300 ng/mL"),
        "",
        "10-300",
    )
    assert record.report.notes == {"range-not-read": 1}


def test_components_are_events_of_their_own() -> None:
    panel = resource(
        "Observation",
        code=coded("85354-9"),
        component=[
            {"code": coded("8480-6"), "valueQuantity": {"value": 120, "unit": "mmHg"}},
            {"code": coded("8462-4"), "valueQuantity": {"value": 80}, "valueString": "80"},
            {"code": coded("8462-4"), "dataAbsentReason": {"text": "crying"}},
            {"valueInteger": 5},
            5,
        ],
    )
    record = one_record(panel)
    assert [event.origin for event in record.events] == [
        "Observation/x#component[0]",
        "Observation/x#component[1]",
        "Observation/x#component[2]",
    ]
    assert [event.absent_reason for event in record.events] == ["", "two-values", "unknown"]
    assert [bool(event.unread) for event in record.events] == [False, True, False]
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("Observation/x#component[1].value", "two-values")
    ]
    assert record.report.used["Observation"] == 1
    assert record.report.notes == {"component-not-read": 2}


def test_a_panel_of_which_nothing_can_be_read_keeps_the_place_of_each_component() -> None:
    part = {"code": coded("8480-6"), "valueSampledData": {}}
    event, skip = one_unread(resource("Observation", code={"text": "local panel"}, component=[part]))
    assert event.origin == "Observation/x#component[0]" and event.concepts == {"blood_pressure"}
    assert (skip.origin, skip.reason) == ("Observation/x#component[0].value", "sampled-data")


def test_a_component_with_a_malformed_code_keeps_its_place() -> None:
    code = {"coding": [*coded("8480-6")["coding"], {"code": 5}], "text": "Systolic"}
    parts = [{"code": code, "valueInteger": 120}, {"code": coded("8462-4"), "valueInteger": 80}]
    record = one_record(resource("Observation", code=coded("85354-9"), component=parts))
    assert [(event.value, event.absent_reason, event.text) for event in record.events] == [
        (None, "malformed", "Systolic"),
        (80, "", ""),
    ]
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("Observation/x#component[0].value", "malformed")
    ]


def test_a_panel_of_no_status_may_be_about_any_of_its_components() -> None:
    part = {"code": coded("8480-6"), "valueInteger": 120}
    for panel in ({"text": "local panel"}, coded("2276-4"), None):
        event, _ = one_unread(resource("Observation", code=panel, component=[part], status=None))
        assert "blood_pressure" in event.concepts
    assert event.when.is_known
    event, skip = one_unread(resource("Observation", component=5, valueInteger=5))
    assert event.concepts == {"ferritin"} and skip.reason == "malformed"


def test_an_observation_about_somebody_else_is_refused() -> None:
    assert (
        one_skip(resource("Observation", focus=[{"reference": "Patient/donor"}])).reason == "focus-elsewhere"
    )
