"""Anything in any element of the newest entry: an older one never speaks for it, nor an empty list.

A result of today stands over one of yesterday, or one entry in a list that is declared complete. Every
element of it is replaced by everything that could not be meant, and left out. What may then be said is what
the entry itself says, or nothing; the older value, or "no", only where the entry is plainly void, of another
day or patient, or of a code that no fact asks for.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from tests.property.test_fhir_fuzz import JUNK, encode
from tests.unit.test_fact_support import AS_OF, DAY, spec
from tests.unit.test_fhir_samples import (
    SNOMED,
    UCUM,
    Json,
    bundle,
    check_counts,
    coded,
    patient,
    real_concepts,
    resource,
)

from trivium.core.truth import FALSE
from trivium.core.values import Value, point
from trivium.knowledge.models import FactSpec
from trivium.record.events import Record
from trivium.record.facts import read_facts
from trivium.record.fhir_in import read_bytes
from trivium.record.site import Site

COUNT = {"value": 0.4, "unit": "10*3/uL", "system": UCUM, "code": "10*3/uL"}
DOSE = {"text": "daily", "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}]}
PERIOD = {"start": "2024-03-20T08:00:00Z", "end": "2024-03-25T08:00:00Z"}
RANGE = [{"low": COUNT, "high": {**COUNT, "value": 4}, "text": "0.4-4"}]
FLAG = [coded("L", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")]
OLDER = resource(
    "Observation",
    id="older",
    code=coded("731-0"),
    effectiveDateTime="2024-03-29T08:00:00Z",
    valueQuantity={**COUNT, "value": 0.9},
)
OTHER = resource("Encounter", id="other", status="finished", type=[coded("1", SNOMED)])
LIST = spec("ask", "boolean", name="list_complete")


def listed(kind: str, concept: str, within: int | None = None) -> FactSpec:
    return spec(kind, "boolean", false_when="list_complete", concepts=(concept,), within=within)


def condition(kind: str, **more: Any) -> Json:
    status = {"clinicalStatus": coded("active"), "verificationStatus": coded("confirmed")}
    return resource(kind, **status, recordedDate="2024-01-02", **more)


LYMPHOCYTES = spec(unit="10*3/uL", concepts=("lymphocyte_count",))
CASES: dict[str, tuple[FactSpec, Json, list[Json], Value]] = {
    "result": (
        LYMPHOCYTES,
        resource(
            "Observation",
            code=coded("731-0"),
            effectiveDateTime="2024-03-30T08:00:00Z",
            issued="2024-03-30T09:00:00Z",
            valueQuantity={**COUNT, "comparator": "<"},
            interpretation=FLAG,
            referenceRange=RANGE,
        ),
        [OLDER],
        point(Decimal("0.9")),
    ),
    "component": (
        LYMPHOCYTES,
        resource(
            "Observation",
            code=coded("58410-2"),
            effectiveDateTime=None,
            effectivePeriod={"start": "2024-03-30T08:00:00Z", "end": "2024-03-30T09:00:00Z"},
            component=[{"code": coded("731-0"), "valueQuantity": COUNT, "interpretation": FLAG}],
        ),
        [OLDER],
        point(Decimal("0.9")),
    ),
    "condition": (
        listed("present", "interstitial_lung_disease"),
        condition("Condition", onsetDateTime="2024-01-01"),
        [OTHER],
        FALSE,
    ),
    "allergy": (listed("allergy", "tmp_smx"), condition("AllergyIntolerance"), [OTHER], FALSE),
    "statement": (
        listed("active", "prednisone", 28 * DAY),
        resource(
            "MedicationStatement",
            effectivePeriod={"start": "2024-03-01"},
            dateAsserted="2024-03-20",
            dosage=[DOSE],
        ),
        [OTHER],
        FALSE,
    ),
    "administration": (
        listed("ever", "prednisone", 28 * DAY),
        resource(
            "MedicationAdministration", effectivePeriod=PERIOD, dosage={"dose": {"value": 5, "unit": "mg"}}
        ),
        [OTHER],
        FALSE,
    ),
    "request": (
        listed("active", "prednisone", 28 * DAY),
        resource("MedicationRequest", authoredOn="2024-03-20", dosageInstruction=[DOSE]),
        [OTHER],
        FALSE,
    ),
    "procedure": (
        listed("done", "mechanical_ventilation_invasive", 28 * DAY),
        resource("Procedure", performedPeriod=PERIOD),
        [OTHER],
        FALSE,
    ),
}
LEFT_OUT = object()
# What it is about and whose it is; and a day that is another one.
NAMING = ("resourceType", "subject", "patient", "code", "medicationCodeableConcept")
OTHER_DAYS = ("0001-01-01", "9999-12-31T23:59:59+14:00")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(value[key], (*path, key))


def changed(given: Json, path: tuple[Any, ...], junk: Any) -> Json:
    made = copy.deepcopy(given)
    container: Any = made
    for key in path[:-1]:
        container = container[key]
    if junk is LEFT_OUT:
        del container[path[-1]]
    else:
        container[path[-1]] = junk
    return made


def told(declared: FactSpec, resources: list[Json]) -> tuple[Value, Record]:
    data = encode(bundle(patient(), *resources))
    records = read_bytes(data, "places.json", real_concepts(), datetime.UTC)
    (record,) = (each for each in records if each.person.id == "p")
    check_counts(record.report)
    site = Site(datetime.UTC, frozenset({"list_complete"}))
    facts = read_facts(record, {declared.id: declared, LIST.id: LIST}, AS_OF, datetime.UTC, site)
    return facts[declared.id].value, record


def is_another_matter(path: tuple[Any, ...], junk: Any, record: Record) -> bool:
    names_it = path[0] in NAMING or (path[0] == "component" and (len(path) < 3 or path[2] == "code"))
    is_void = junk == "entered-in-error" or any(skip.reason == "zero-dose" for skip in record.report.skips)
    return names_it or junk in OTHER_DAYS or is_void


@pytest.mark.parametrize("case", CASES)
def test_whatever_stands_in_an_element_nothing_else_is_taken_for_the_newest(case: str) -> None:
    declared, newest, others, wrong = CASES[case]
    assert told(declared, others)[0] == wrong != told(declared, [newest, *others])[0]
    tried = 0
    for path in places(newest):
        for junk in [*JUNK, LEFT_OUT]:
            value, record = told(declared, [changed(newest, path, junk), *others])
            assert value != wrong or is_another_matter(path, junk, record), (path, junk)
            tried += 1
    assert tried > 300
