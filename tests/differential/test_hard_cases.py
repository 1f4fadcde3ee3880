"""Hard values, from the Observation to the answer of every reading: comparators, units, gaps, antibodies."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from decimal import Decimal

import pytest
from tests.differential.hard_cases import AS_OF, KNOWLEDGE, answer, codes, facts, lymphocytes, observation
from tests.unit.test_fhir_samples import SNOMED, UCUM, Json, bundle, coded, patient

from trivium.core.values import Interval, point
from trivium.record.events import Quantity
from trivium.record.fhir_in import read_bytes
from trivium.record.site import Site

LOW = "lymphocyte_count < 0.5 '10*3/uL'"


@pytest.mark.parametrize(
    ("value", "below", "at_most", "above", "equal"),
    [
        ("0.4", "true", "true", "false", "false"),
        ("0.5", "false", "true", "false", "true"),
        ("0.6", "false", "false", "true", "false"),
        ("0.499999999", "true", "true", "false", "false"),
        ("0.500000001", "false", "false", "true", "false"),
        (">0.4", "unknown", "unknown", "unknown", "unknown"),
        ("<0.6", "unknown", "unknown", "unknown", "unknown"),
        (">=0.5", "false", "unknown", "unknown", "unknown"),
        ("<0.5", "true", "true", "false", "false"),
        ("<=0.5", "unknown", "true", "false", "unknown"),
        (">0.5", "false", "false", "true", "false"),
        (">=0.4", "unknown", "unknown", "unknown", "unknown"),
        ("<0.4", "true", "true", "false", "false"),
        (">0.6", "false", "false", "true", "false"),
    ],
)
def test_a_comparator_on_either_side_of_a_threshold_says_what_it_can_and_no_more(
    value: str, below: str, at_most: str, above: str, equal: str
) -> None:
    result = lymphocytes(value)
    expected = {"<": below, "<=": at_most, ">": above, "=": equal}
    told = {op: answer(f"lymphocyte_count {op} 0.5 '10*3/uL'", result) for op in expected}
    assert told == expected
    opposite = {"true": "false", "false": "true", "unknown": "unknown"}
    assert answer("lymphocyte_count >= 0.5 '10*3/uL'", result) == opposite[below]


@pytest.mark.parametrize("comparator", ["~", "ad", "sa", "="])
def test_a_comparator_that_r4_does_not_know_makes_the_value_unknown(comparator: str) -> None:
    result = lymphocytes("0.4")
    result["valueQuantity"]["comparator"] = comparator
    assert answer(LOW, result) == "unknown"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("499", "/uL", "true"),
        ("500", "/uL", "false"),
        (">=500", "/uL", "false"),
        ("<500", "/mm3", "true"),
        ("0.499", "10*9/L", "true"),
        ("0.5", "10*9/L", "false"),
        ("499", "10*6/L", "true"),
        ("0.499", "10*3/mm3", "true"),
        ("499", "{cells}/uL", "true"),
        ("499", "mg/L", "unknown"),
        ("499", "/mL", "true"),
        ("499", None, "unknown"),
        ("499", "blobs", "unknown"),
    ],
)
def test_a_count_is_compared_in_whatever_unit_it_comes(value: str, unit: str | None, expected: str) -> None:
    assert answer(LOW, lymphocytes(value, unit)) == expected


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("creatinine", "176.84", "umol/L", {"= 2": "true", "> 2": "false", ">= 2": "true"}),
        ("creatinine", "176.85", "umol/L", {"= 2": "false", "> 2": "true"}),
        ("creatinine", "176.83", "umol/L", {"< 2": "true", ">= 2": "false"}),
        ("creatinine", ">176.84", "umol/L", {"> 2": "true", "= 2": "false"}),
        ("creatinine", "0.17684", "mmol/L", {"= 2": "true"}),
        ("creatinine", "20", "mg/L", {"= 2": "true"}),
        ("ferritin", "1123.5", "pmol/L", {"= 500": "true", "> 500": "false", ">= 500": "true"}),
        ("ferritin", "1123.6", "pmol/L", {"> 500": "true"}),
        ("ferritin", "1123.4", "pmol/L", {"< 500": "true", ">= 500": "false"}),
        ("ferritin", "<=1123.5", "pmol/L", {"<= 500": "true", "< 500": "unknown"}),
        ("ferritin", "1.1235", "nmol/L", {"= 500": "true"}),
        ("ferritin", "500", "ug/L", {"= 500": "true"}),
        ("ferritin", "0.5", "mg/L", {"= 500": "true"}),
        ("ferritin", "500", "mol", {"= 500": "unknown"}),
        ("pao2", "8", "kPa", {">= 60": "true", "< 60.1": "true"}),
        ("pao2", "7.99", "kPa", {"< 60": "true"}),
        ("pao2", "7999.32", "Pa", {"= 60": "true"}),
        ("pao2", "7.99932", "kPa", {"= 60": "true", "< 60": "false"}),
        ("pao2", "60", "[torr]", {"= 60": "unknown"}),
        ("egfr", "59", "mL/min/{1.73_m2}", {"< 60": "true"}),
        ("egfr", "60", "mL/min/{1.73_m2}", {"< 60": "false"}),
        ("egfr", "59", "mL/min/1.73.m2", {"< 60": "true"}),
        ("egfr", "59", "mL/min/{1.73m2}", {"< 60": "true"}),
        ("egfr", "<60", "mL/min/{1.73_m2}", {"< 60": "true"}),
        ("egfr", "59", "mL/min", {"< 60": "unknown"}),
        ("egfr", "0.98", "mL/s", {"< 60": "unknown"}),
    ],
)
def test_mass_moles_pressures_and_annotations_are_converted_exactly(
    name: str, value: str, unit: str, expected: Mapping[str, str]
) -> None:
    declared = {"creatinine": "mg/dL", "ferritin": "ng/mL", "pao2": "mm[Hg]", "egfr": "mL/min/{1.73_m2}"}
    result = observation(name, value, unit)
    told = {asked: answer(f"{name} {asked} '{declared[name]}'", result) for asked in expected}
    assert told == expected


def written(unit: str | None, code: str | None, system: str | None = UCUM) -> Json:
    quantity: Json = {"value": 499}
    for key, text in (("unit", unit), ("code", code), ("system", system)):
        if text is not None:
            quantity[key] = text
    return lymphocytes(None, valueQuantity=quantity)


@pytest.mark.parametrize(
    ("unit", "code", "system", "expected"),
    [
        ("/uL", "/uL", UCUM, "true"),
        ("cells per microliter", "/uL", UCUM, "true"),
        (None, "/uL", UCUM, "true"),
        ("/uL", None, None, "true"),
        ("cells/uL", None, None, "true"),
        ("/uL", "10*3/uL", UCUM, "unknown"),
        ("10*3/uL", "/uL", UCUM, "unknown"),
        ("K/uL", "10*3/uL", UCUM, "false"),
        ("K/uL", "/uL", UCUM, "unknown"),
        (None, None, UCUM, "unknown"),
    ],
)
def test_where_unit_text_and_unit_code_contradict_each_other_nothing_is_known(
    unit: str | None, code: str | None, system: str | None, expected: str
) -> None:
    """499 is few as /uL, impossible to tell as both, and many as thousands."""
    assert answer(LOW, written(unit, code, system)) == expected


ABSENT: Json = {"dataAbsentReason": {"coding": [{"code": "error"}]}}
UNUSABLE: Mapping[str, Json] = {
    "no unit": lymphocytes("0.4", None),
    "an unknown unit": lymphocytes("0.4", "blobs"),
    "no value": lymphocytes(None),
    "a reason for its absence": lymphocytes(None, None, **ABSENT),
    "words": lymphocytes(None, None, valueString="see report"),
    "a ratio": lymphocytes(None, valueRatio={"numerator": {"value": 1}, "denominator": {"value": 2}}),
}
NOT_READ: Mapping[str, Json] = {
    "a value and a reason for its absence": lymphocytes("0.4", "10*3/uL", **ABSENT),
    "two values": lymphocytes("0.4", "10*3/uL", valueString="0.4"),
    "a comparator that does not exist": lymphocytes(
        None, valueQuantity={"value": 0.4, "comparator": "~", "unit": "10*3/uL", "code": "10*3/uL"}
    ),
    "a number in words": lymphocytes(None, valueQuantity={"value": "few", "code": "10*3/uL"}),
    "no status": lymphocytes("0.4", status=None),
    "a status of unknown": lymphocytes("0.4", status="unknown"),
    "a status that nobody knows": lymphocytes("0.4", status="finalised"),
    "a modifier that nobody knows": lymphocytes("0.4", modifierExtension=[{"url": "http://x"}]),
    "rules that nobody knows": lymphocytes("0.4", implicitRules="http://x"),
    "a code that is no text": lymphocytes("0.4", code={"coding": [*coded("731-0")["coding"], {"code": 5}]}),
}
NOT_DATED: Mapping[str, Json] = {
    "a day that does not exist": {"effectiveDateTime": "2024-03-32"},
    "words": {"effectiveDateTime": "this morning"},
    "a year of three digits": {"effectiveDateTime": "202-03-31"},
    "two times": {"effectivePeriod": {"start": AS_OF}},
    "a period that ends before it begins": {
        "effectiveDateTime": None,
        "effectivePeriod": {"start": AS_OF, "end": "2024-03-30"},
    },
    "none": {"effectiveDateTime": None},
}


@pytest.mark.parametrize("why", [*UNUSABLE, *NOT_READ])
def test_a_result_that_cannot_be_used_is_not_known(why: str) -> None:
    assert answer(LOW, {**UNUSABLE, **NOT_READ}[why]) == "unknown"


@pytest.mark.parametrize("why", UNUSABLE)
def test_a_newest_value_that_cannot_be_used_is_not_replaced_by_an_older_one(why: str) -> None:
    older = lymphocytes("0.9", id="older", effectiveDateTime="2024-03-30")
    assert answer(LOW, older, {**UNUSABLE[why], "id": "newest"}) == "unknown"
    assert answer(LOW, older) == "false"


@pytest.mark.parametrize("why", NOT_READ)
def test_a_newest_value_that_cannot_be_read_is_not_replaced_by_an_older_one(why: str) -> None:
    older = lymphocytes("0.9", id="older", effectiveDateTime="2024-03-30")
    assert answer(LOW, older, {**NOT_READ[why], "id": "newest"}) == "unknown"


@pytest.mark.parametrize("why", NOT_DATED)
def test_a_result_whose_time_cannot_be_read_may_be_the_newest_or_an_older_one(why: str) -> None:
    older = lymphocytes("0.9", id="older", effectiveDateTime="2024-03-30")
    low = lymphocytes("0.4", id="undated", **NOT_DATED[why])
    assert answer(LOW, older, low) == "unknown"
    assert answer("lymphocyte_count < 1 '10*3/uL'", older, low) == "true"
    assert answer(LOW, lymphocytes("0.3", effectiveDateTime="2024-03-30"), low) == "true"


def test_a_newest_value_of_another_version_of_fhir_is_not_replaced_by_an_older_one() -> None:
    older = lymphocytes("0.9", id="older", effectiveDateTime="2024-03-30")
    assert answer(LOW, older, lymphocytes("0.4", id="stu3", comment="by hand")) == "unknown"


@pytest.mark.parametrize("why", ["two values", "a status of unknown", "a code that is no text"])
def test_a_result_that_cannot_be_read_is_listed_and_counted_once(why: str) -> None:
    data = json.dumps(bundle(patient(), NOT_READ[why])).encode()
    (record,) = read_bytes(data, "hard.json", KNOWLEDGE.concepts, datetime.UTC)
    assert record.report.read == record.report.used == {"Observation": 1, "Patient": 1}
    (skip,) = record.report.skips
    assert skip.origin.startswith("Observation/lymphocyte_count#")
    fact = facts(NOT_READ[why])["lymphocyte_count"]
    assert codes(fact) == ["unreadable"] and skip.reason in fact.reasons[0].detail


def test_a_result_without_a_value_says_so() -> None:
    assert codes(facts(UNUSABLE["a reason for its absence"])["lymphocyte_count"]) == ["no-value"]
    assert codes(facts(UNUSABLE["no unit"])["lymphocyte_count"]) == ["unit"]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_what_was_entered_in_error_or_cancelled_is_as_if_it_had_never_been(status: str) -> None:
    older = lymphocytes("0.9", id="older", effectiveDateTime="2024-03-30")
    void = lymphocytes("0.4", id="void", status=status)
    assert answer(LOW, older, void) == answer(LOW, older) == "false"
    assert answer(LOW, void) == answer(LOW) == "unknown"


def test_what_is_registered_without_a_value_is_no_result_yet() -> None:
    older = lymphocytes("0.4", id="older", effectiveDateTime="2024-03-30")
    pending = lymphocytes(None, id="pending", status="registered")
    assert answer(LOW, older, pending) == "true"
    assert answer(LOW, pending) == "unknown"


@pytest.mark.parametrize("status", ["preliminary", "final", "amended", "corrected"])
def test_a_result_counts_in_every_status_in_which_it_is_one(status: str) -> None:
    assert answer(LOW, lymphocytes("0.4", status=status)) == "true"


POSITIVE = "anti_mda5_antibody = 'positive'"
INDEX = Quantity(point(Decimal(32)), "{index}")


def antibody(value: object = 150, **more: object) -> Json:
    return observation("anti_mda5_antibody", value, "{index}", **more)


def normal(high: int, unit: str | None = "{index}", low: int | None = None) -> Json:
    bounds = {"high": high} if low is None else {"low": low, "high": high}
    quantity = {} if unit is None else {"unit": unit, "system": UCUM, "code": unit}
    return {"referenceRange": [{side: {"value": bound, **quantity} for side, bound in bounds.items()}]}


def read_as(code: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return {"interpretation": [coded(code, system)]}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (antibody(), "unknown"),
        (antibody(0), "unknown"),
        (antibody(**read_as("POS")), "true"),
        (antibody(**read_as("NEG")), "false"),
        (antibody(**read_as("IND")), "false"),
        (antibody(**read_as("H")), "unknown"),
        (antibody(**normal(32)), "true"),
        (antibody(32, **normal(32)), "false"),
        (antibody(12, **normal(32)), "false"),
        (antibody(12, **normal(32, low=20)), "unknown"),
        (antibody(">12", **normal(32)), "unknown"),
        (antibody(">32", **normal(32)), "true"),
        (antibody("<32", **normal(32)), "false"),
        (antibody(**normal(32, "U/mL")), "unknown"),
        (antibody(**normal(32), **read_as("NEG")), "unknown"),
        (antibody(**normal(32), **read_as("POS")), "true"),
    ],
)
def test_an_antibody_given_as_a_number_counts_only_by_interpretation_or_normal_range(
    result: Json, expected: str
) -> None:
    assert answer(POSITIVE, result) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(31, "false"), (32, "true"), (">=32", "true"), ("<32", "false")]
)
def test_an_antibody_given_as_a_number_counts_by_the_cut_off_of_the_site(
    value: object, expected: str
) -> None:
    site = Site(cutoffs={"anti_mda5_antibody": INDEX, "mda5_positive_ever": INDEX})
    assert answer(POSITIVE, antibody(value), site=site) == expected
    assert answer("mda5_positive_ever", antibody(value), site=site) == expected
    assert answer(POSITIVE, antibody(value)) == "unknown"


def test_a_cut_off_across_a_bound_or_in_another_unit_decides_nothing() -> None:
    site = Site(cutoffs={"anti_mda5_antibody": INDEX})
    assert answer(POSITIVE, antibody(">20"), site=site) == "unknown"
    other = observation("anti_mda5_antibody", 150, "U/mL")
    assert answer(POSITIVE, other, site=site) == "unknown"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueCodeableConcept": coded("10828004", SNOMED)}, "true"),
        ({"valueCodeableConcept": coded("260385009", SNOMED)}, "false"),
        ({"valueString": "Positive"}, "true"),
        ({"valueString": "Strong positive"}, "true"),
        ({"valueString": "not detected"}, "false"),
        ({"valueString": "not positive"}, "unknown"),
        ({"valueString": "see report"}, "unknown"),
        ({"valueCodeableConcept": {**coded("10828004", SNOMED), "text": "negative"}}, "unknown"),
    ],
)
def test_an_antibody_given_in_words_counts_as_what_it_says_and_no_more(value: Json, expected: str) -> None:
    assert answer(POSITIVE, observation("anti_mda5_antibody", **value)) == expected


def test_a_comparator_is_an_open_or_closed_bound_of_the_fact() -> None:
    read = facts(lymphocytes(">=500", "/uL"))["lymphocyte_count"]
    assert read.value == Interval(Decimal("0.5"), None)
    read = facts(lymphocytes("<500", "/uL"))["lymphocyte_count"]
    assert read.value == Interval(None, Decimal("0.5"), False, True)
