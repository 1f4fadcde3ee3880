"""Bundles mangled at random: never anything but a RecordError, and every resource is accounted for."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_fhir_samples import (
    RXNORM,
    SNOMED,
    ZONE,
    Json,
    bundle,
    check_counts,
    coded,
    patient,
    real_concepts,
    resource,
)

from trivium.core.errors import RecordError
from trivium.record.events import Record
from trivium.record.fhir_in import read_bytes

TIMING = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}, "code": coded("BID")}
DOSAGE = {"timing": TIMING, "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}], "text": "twice"}
MEDICATION = {"resourceType": "Medication", "id": "m", "code": coded("42316", RXNORM)}
RANGE = [{"low": {"value": 1, "unit": "mg"}, "high": {"value": 2}, "type": coded("normal")}]
RESOURCES: list[Json] = [
    patient(identifier=[{"system": "urn:mrn", "value": "1"}], deceasedBoolean=False),
    patient("q", meta={"versionId": "1"}),
    MEDICATION,
    resource(
        "Observation", valueQuantity={"value": 5.5, "unit": "ng/mL", "code": "ng/mL"}, referenceRange=RANGE
    ),
    resource("Observation", id="y", valueString=">1650 ng/mL", issued="2024-03-02T00:00:00Z", focus=[]),
    resource(
        "Observation", id="y", valueCodeableConcept={"text": "Positive"}, interpretation=[{"text": "High"}]
    ),
    resource(
        "Observation",
        id="bp",
        code=coded("85354-9"),
        component=[{"code": coded("8480-6"), "valueQuantity": {"value": 120, "unit": "mmHg"}}],
        subject={"reference": "Patient?identifier=urn:mrn|1"},
    ),
    resource("Observation", id="r", valueRatio={"numerator": {"value": 1}, "denominator": {"value": 320}}),
    resource("Observation", id="g", valueRange={"low": {"value": 1}, "high": {"value": 2}}),
    resource(
        "Condition",
        verificationStatus=coded("confirmed"),
        clinicalStatus=coded("active"),
        onsetDateTime="2020",
    ),
    resource(
        "Condition", id="z", abatementPeriod={"start": "2020", "end": "2021-02"}, recordedDate="2020-01-01"
    ),
    resource("MedicationRequest", dosageInstruction=[DOSAGE], authoredOn="2024-01-01"),
    resource("MedicationStatement", dosage=[DOSAGE], effectivePeriod={"start": "2024-01-01"}),
    resource("MedicationAdministration", dosage={"dose": {"value": 5}, "rateQuantity": {"value": 1}}),
    resource(
        "MedicationStatement",
        id="ref",
        medicationCodeableConcept=None,
        medicationReference={"reference": "Medication/m"},
        subject={"reference": "Patient/q"},
    ),
    resource("MedicationDispense", whenHandedOver="2024-01-01T10:00:00"),
    resource("AllergyIntolerance", reaction=[{"substance": coded("42316", RXNORM)}]),
    resource("Procedure", performedPeriod={"start": "2024-01-01", "end": "2024-01-02"}),
    resource("ServiceRequest", doNotPerform=False, authoredOn="2024"),
    resource("DiagnosticReport", conclusion="x", conclusionCode=[coded("233703007", SNOMED)]),
    resource("Encounter", status="finished", period={"start": "2024"}, type=[coded("1", SNOMED)]),
    {"resourceType": "Practitioner", "id": "doc"},
]
JUNK: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        1e300,
        10**30,
        "",
        "x",
        "2024",
        "\u0000",
        "#",
        "Patient/p",
        "/",
        "Patient",
    ),
    *([], {}, [None], [[]], [{}], {"a": 1}, {"coding": [None]}, {"reference": 5}, ["x"], {"value": {}}),
    *(
        "entered-in-error",
        "9999-99-99",
        "0001-01-01",
        "9999-12-31T23:59:59+14:00",
        {"start": "2024", "end": "2023"},
    ),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below a value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        keys = each.keys() if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        for key in keys:
            found.append((each, key))
            waiting.append(each[key])
    return found


def mangle(value: Any, chance: random.Random) -> None:
    """Delete, replace, repeat or move something, a few times."""
    for _ in range(chance.randint(1, 6)):
        spots = places(value)
        if not spots:
            return
        container, key = chance.choice(spots)
        other, other_key = chance.choice(spots)
        match chance.randrange(5):
            case 0:
                del container[key]
            case 1:
                container[key] = copy.deepcopy(other[other_key]) if other_key in _keys(other) else None
            case 2 if isinstance(container, list):
                container.insert(key, copy.deepcopy(container[key]))
            case 3 if isinstance(container, dict):
                container[chance.choice(["valueQuantity", "status", "code", "subject", "id"])] = container[
                    key
                ]
            case _:
                container[key] = copy.deepcopy(chance.choice(JUNK))


def _keys(container: Any) -> Any:
    return container if isinstance(container, dict) else range(len(container))


def encode(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value).encode()


def survive(data: bytes) -> list[Record]:
    try:
        records = read_bytes(data, "fuzz.json", real_concepts(), ZONE)
    except RecordError as problem:
        assert str(problem)
        return []
    for record in records:
        check_counts(record.report)
    return records


def test_the_seed_is_sound() -> None:
    records = survive(encode(bundle(*RESOURCES)))
    assert [len(record.events) for record in records] == [16, 1]
    assert not [skip for record in records for skip in record.report.skips]


@pytest.mark.parametrize("seed", range(400))
def test_mangled_bundles(seed: int) -> None:
    chance = random.Random(seed)
    whole = copy.deepcopy(bundle(*RESOURCES))
    mangle(whole, chance)
    survive(encode(whole))


@pytest.mark.parametrize("at", range(len(RESOURCES)))
def test_every_element_replaced_by_every_junk(at: int) -> None:
    for spot in range(len(places(RESOURCES[at]))):
        for junk in JUNK:
            changed = copy.deepcopy(RESOURCES[at])
            container, key = places(changed)[spot]
            container[key] = junk
            records = survive(encode(bundle(patient(), MEDICATION, changed)))
            assert not [
                skip
                for record in records
                for skip in record.report.skips
                if skip.reason == "malformed" and skip.detail.endswith("Error")
            ], (key, junk)


@pytest.mark.parametrize("seed", range(150))
def test_truncated_and_garbled_files(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(
        encode(bundle(*RESOURCES)) if seed % 2 else b"\n".join(encode(resource) for resource in RESOURCES)
    )
    for _ in range(chance.randint(0, 4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    survive(bytes(data[: chance.randint(1, len(data))]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(sorted({each["resourceType"] for each in RESOURCES})),
    elements=st.dictionaries(
        st.sampled_from(sorted({key for each in RESOURCES for key in each})), json_values, max_size=8
    ),
)
@settings(max_examples=100, deadline=None)
def test_any_json_in_any_element(kind: str, elements: Json) -> None:
    survive(encode(bundle(patient(), {**elements, "resourceType": kind})))


@given(data=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data: bytes) -> None:
    survive(data)


@given(order=st.permutations(range(len(RESOURCES))), split=st.integers(0, len(RESOURCES)))
@settings(max_examples=60, deadline=None)
def test_the_order_of_resources_never_matters(order: list[int], split: int) -> None:
    shuffled = [RESOURCES[at] for at in order]
    expected = survive(encode(bundle(*RESOURCES)))
    assert survive(encode(bundle(*shuffled))) == expected
    assert survive(b"\n".join(encode(each) for each in shuffled)) == expected
    halves = bundle(bundle(*shuffled[:split]), bundle(*shuffled[split:]))
    assert survive(encode(halves)) == expected
