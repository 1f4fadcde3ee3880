"""Whose a resource is, which copy of it counts, and which version of FHIR it was written for."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from tests.unit.test_fhir_samples import (
    LOINC,
    Json,
    bundle,
    coded,
    one_record,
    one_skip,
    patient,
    read,
    read_raw,
    resource,
)

from trivium.core.errors import RecordError
from trivium.record.events import When


def observation(subject: Any, name: str = "x", **more: Any) -> Json:
    return resource("Observation", id=name, subject=subject, **more)


def owners(*resources: Json) -> dict[str, int]:
    return {record.person.id: len(record.events) for record in read(*resources)}


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p"},
        {"reference": "Patient/p/_history/3"},
        {"reference": "https://host/fhir/Patient/p"},
        {"reference": "urn:uuid:p"},
        {"reference": "Patient?identifier=urn:mrn|17"},
        {"reference": "Patient?identifier=urn%3Amrn%7C17"},
        {"identifier": {"system": "urn:mrn", "value": "17"}},
        {"reference": "#me"},
    ],
)
def test_every_way_to_name_a_patient(subject: Json) -> None:
    identifier = [{"system": "urn:mrn", "value": "17"}]
    inside = [{"resourceType": "Patient", "id": "me", "identifier": identifier}]
    given = observation(subject, contained=inside)
    assert owners(patient(identifier=identifier), patient("q"), given) == {"p": 1, "q": 0}


def test_full_urls_name_patients() -> None:
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": patient()},
        {"fullUrl": "urn:uuid:2", "resource": patient("q")},
        {"resource": observation({"reference": "urn:uuid:2"})},
    ]
    records = read_raw(orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    assert [(record.person.id, len(record.events)) for record in records] == [("p", 0), ("q", 1)]


def test_the_same_id_on_another_server_is_somebody_else() -> None:
    entries = [
        {"fullUrl": "http://a/Patient/p", "resource": patient()},
        {"resource": observation({"reference": "http://b/Patient/p"}, "1")},
        {"resource": observation({"reference": "http://a/Patient/p"}, "2")},
    ]
    records = read_raw(orjson.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}))
    assert [[event.origin for event in record.events] for record in records] == [
        ["Observation/2"],
        ["Observation/1"],
    ]


DANGLING: list[Any] = [
    {"reference": "Patient/nobody"},
    {"reference": "Patient?identifier=urn:x|1"},
    {"display": "Jane"},
    {"identifier": {"value": "1"}},
    None,
]


@pytest.mark.parametrize("subject", DANGLING)
def test_what_names_nobody_never_becomes_the_patients(subject: Any) -> None:
    # With one Patient it is kept apart; among several it is refused.
    records = read(patient(), observation(subject))
    assert sorted(len(record.events) for record in records) == [0, 1]
    assert not next(record for record in records if record.person.id == "p").events
    for record in read(patient(), patient("q"), observation(subject)):
        assert not record.events
        assert [skip.reason for skip in record.report.skips] == ["no-patient"]


@pytest.mark.parametrize(
    "subject",
    [
        *({"reference": "Group/1"}, {"reference": "Device/1"}, {"reference": "http://a/Location/1"}),
        *({"type": "Group", "identifier": {"value": "1"}}, {"reference": "#gone"}),
    ],
)
def test_a_subject_that_is_no_patient(subject: Json) -> None:
    assert one_skip(observation(subject)).reason == "no-patient"


@pytest.mark.parametrize("subject", ["Patient/p", ["p"], 5])
def test_a_subject_that_is_no_reference(subject: Any) -> None:
    assert one_skip(observation(subject)).reason == "malformed"


def test_without_any_patient_there_is_a_record_for_each_subject() -> None:
    names = [{"reference": f"Patient/{name}"} for name in "ab"]
    assert owners(*[observation(name, str(at)) for at, name in enumerate(names)]) == {"a": 1, "b": 1}
    assert owners(observation(None)) == {"": 1}


def test_people() -> None:
    assert one_record().person.birth == When(10364400, 10450799)  # 1 May 1970 in Berlin
    (year,) = read(patient(birthDate="1970", gender="unknown", deceasedDateTime="2020-01-01T00:00:00Z"))
    assert year.person.birth == When(-3600, 31532399)
    assert (year.person.death, year.person.deceased) == (When(1577836800, 1577836800), True)
    (odd,) = read(patient(birthDate="970-01-01", gender="F", deceasedBoolean="no"))
    assert (odd.person.birth, odd.person.sex, odd.person.deceased) == (None, "", None)
    assert odd.report.notes == {"bad-birth-date": 1, "bad-deceased": 1, "bad-gender": 1}
    (both,) = read(patient(deceasedBoolean=False, deceasedDateTime="2020"))
    assert (both.person.deceased, both.person.death) == (None, None)
    (nameless,) = read({"resourceType": "Patient", "birthDate": "1970"})
    assert nameless.person.id == ""


def test_one_id_with_two_birth_dates_is_as_wide_as_both() -> None:
    (record,) = read(patient(), patient(birthDate="1970-05-03", gender="male"))
    assert record.person.birth == When(10364400, 10623599)
    assert record.person.sex == ""
    assert record.report.notes == {"duplicate-id-differs": 1, "patient-conflict": 1}


def valued(value: int, **meta: str) -> Json:
    return observation({"reference": "Patient/p"}, valueInteger=value, meta=meta or None)


def values(*resources: Json) -> list[Any]:
    """The values that remain, whatever the order of the resources."""
    seen: set[tuple[Any, ...]] = set()
    for seed in range(12):
        shuffled = [patient(), *resources]
        random.Random(seed).shuffle(shuffled)
        (record,) = read(*shuffled)
        seen.add((tuple(event.value for event in record.events), tuple(sorted(record.report.notes.items()))))
    assert len(seen) == 1
    return list(seen.pop()[0])


def test_copies() -> None:
    assert values(valued(1), valued(1)) == [1]
    assert values(valued(1, source="a"), valued(1, source="b")) == [1]
    assert values(
        valued(1, lastUpdated="2024-01-01T00:00:00Z"), valued(2, lastUpdated="2024-01-01T00:00:01Z")
    ) == [2]
    assert values(valued(1, versionId="10"), valued(2, versionId="9")) == [1]
    # Nothing says which is later: both stay, and a note says so.
    assert values(valued(1), valued(2)) == [1, 2]
    assert values(valued(1, versionId="1"), valued(2)) == [1, 2]
    at = "2024-01-01T00:00:00Z"
    assert values(valued(1, lastUpdated=at), valued(2, lastUpdated=at)) == [1, 2]
    assert values(valued(1, lastUpdated=at, versionId="2"), valued(2, lastUpdated=at, versionId="1")) == [1]
    record = one_record(valued(1), valued(2), valued(2))
    assert record.report.notes == {"duplicate-id-differs": 1, "repeated-resource": 1}


def test_a_later_copy_that_takes_the_fact_back_wins() -> None:
    old = valued(1, lastUpdated="2024-01-01T00:00:00Z")
    new = {**valued(1, lastUpdated="2024-01-02T00:00:00Z"), "status": "entered-in-error"}
    record = one_record(new, old)
    assert not record.events
    assert sorted(skip.reason for skip in record.report.skips) == ["entered-in-error", "superseded"]


def test_one_id_of_two_patients_is_two_resources() -> None:
    given = [observation({"reference": f"Patient/{name}"}, valueInteger=1) for name in "pq"]
    assert owners(patient(), patient("q"), *given) == {"p": 1, "q": 1}


def test_a_resource_deleted_in_a_history_is_no_fact() -> None:
    gone = {
        "request": {"method": "DELETE", "url": "Observation/x"},
        "response": {"status": "204", "lastModified": "2024-01-02T00:00:00Z"},
    }
    for updated, count in (("2024-01-01T00:00:00Z", 0), ("2024-01-03T00:00:00Z", 1)):
        history = bundle(patient(), valued(1, lastUpdated=updated), kind="history")
        history["entry"].append(gone)
        (record,) = read_raw(orjson.dumps(history))
        assert len(record.events) == count


STU3: list[tuple[str, Json]] = [
    ("Observation", {"comment": "x"}),
    ("Observation", {"context": {}}),
    ("Observation", {"related": []}),
    ("Observation", {"interpretation": {"text": "high"}}),
    ("Condition", {"clinicalStatus": "active"}),
    ("Condition", {"verificationStatus": "refuted"}),
    ("Condition", {"assertedDate": "2020"}),
    ("MedicationAdministration", {"notGiven": True}),
    ("MedicationStatement", {"taken": "n"}),
    ("MedicationStatement", {"dosage": [{"doseQuantity": {"value": 1}}]}),
    ("MedicationRequest", {"requester": {"agent": {}}}),
    ("Procedure", {"notDone": True}),
    ("AllergyIntolerance", {"clinicalStatus": "active"}),
    ("Observation", {"meta": {"profile": ["https://fhir.hl7.org.uk/STU3/StructureDefinition/x"]}}),
]
R5: list[tuple[str, Json]] = [
    ("MedicationRequest", {"medication": {"concept": coded("8640")}, "medicationCodeableConcept": None}),
    ("MedicationStatement", {"status": "recorded"}),
    ("MedicationStatement", {"status": "draft"}),
    ("MedicationAdministration", {"occurenceDateTime": "2020"}),
    ("Encounter", {"class": [coded("IMP")]}),
    ("Procedure", {"occurrenceDateTime": "2020"}),
    ("ServiceRequest", {"code": {"concept": coded("1")}}),
    ("AllergyIntolerance", {"type": {"text": "allergy"}}),
    ("Observation", {"meta": {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Observation"]}}),
]


@pytest.mark.parametrize(
    ("kind", "element", "version"),
    [*((*each, "fhir-stu3") for each in STU3), *((*each, "fhir-r5") for each in R5)],
)
def test_other_versions_are_never_misread(kind: str, element: Json, version: str) -> None:
    foreign = resource(kind, **element)
    record = one_record(foreign, resource("Condition", id="sound"))
    (sound,) = (event for event in record.events if not event.unread)
    assert sound.origin == "Condition/sound"
    # At most it keeps its place, where it may be about the patient and what it is about can be told.
    place = [(event.origin, event.absent_reason) for event in record.events if event.unread]
    assert place in ([], [(f"{kind}/x", version)])
    said_no = any(element.get(key) for key in ("notGiven", "notDone")) or element.get("taken") == "n"
    refuted = element.get("verificationStatus") == "refuted" or element.get("status") == "draft"
    unnamed = kind in ("Encounter", "ServiceRequest") or "medication" in element
    assert bool(place) is not (said_no or refuted or unnamed)
    skipped = f"{kind}/x#content" if place else f"{kind}/x"
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [(skipped, version)]
    with pytest.raises(RecordError, match=version.removeprefix("fhir-").upper()):
        read(patient(), foreign)


def test_types_of_other_versions() -> None:
    order = {"resourceType": "MedicationOrder", "id": "o", "patient": {"reference": "Patient/p"}}
    record = one_record(order, resource("Condition"))
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("MedicationOrder/o", "fhir-dstu2")
    ]


def test_nothing_about_the_patient_in_reports() -> None:
    secret = "Wilhelmina"
    bad = observation({"reference": "Patient/p"}, valueString=5, note=[{"text": secret}])
    odd = {**resource("Condition", id="c"), "code": coded(secret, LOINC), "verificationStatus": secret}
    record = one_record(bad, {**odd, "code": coded("233703007", "http://snomed.info/sct")})
    assert secret not in repr(record.report)
