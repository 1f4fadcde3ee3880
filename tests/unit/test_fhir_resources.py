"""What each resource type becomes, and what it must never become."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.test_fhir_samples import (
    RXNORM,
    SNOMED,
    Json,
    coded,
    one_event,
    one_record,
    one_skip,
    resource,
)

from trivium.record.events import Coded, EventKind, When
from trivium.record.fhir_resources import READERS

VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
DAY = {"start": "1970-01-01T00:00:00Z", "end": "1970-01-02T00:00:00Z"}


@pytest.mark.parametrize(
    ("kind", "status", "outcome"),
    [
        *[
            ("Observation", s, EventKind.OBSERVATION)
            for s in ("final", "amended", "corrected", "preliminary")
        ],
        *[("Observation", s, s) for s in ("cancelled", "entered-in-error", "draft")],
        *[("Observation", "unknown", "status-unknown"), ("Observation", None, "no-status")],
        *[("Observation", "fine", "bad-status"), ("Observation", 5, "bad-status")],
        *[("MedicationAdministration", s, EventKind.MEDICATION_TAKEN) for s in ("completed", "in-progress")],
        ("MedicationAdministration", "stopped", EventKind.MEDICATION_TAKEN),
        *[("MedicationAdministration", s, s) for s in ("not-done", "entered-in-error", "on-hold")],
        *[("MedicationStatement", s, EventKind.MEDICATION_TAKEN) for s in ("active", "completed", "stopped")],
        ("MedicationStatement", "intended", EventKind.MEDICATION_ORDERED),
        *[("MedicationStatement", s, s) for s in ("not-taken", "on-hold", "entered-in-error")],
        *[("MedicationRequest", s, EventKind.MEDICATION_ORDERED) for s in ("active", "completed", "stopped")],
        *[("MedicationRequest", s, s) for s in ("draft", "cancelled", "entered-in-error", "on-hold")],
        *[("MedicationDispense", s, EventKind.MEDICATION_ORDERED) for s in ("completed", "in-progress")],
        *[("MedicationDispense", s, s) for s in ("cancelled", "declined", "entered-in-error", "stopped")],
        *[("Procedure", s, EventKind.PROCEDURE) for s in ("completed", "in-progress")],
        *[("Procedure", s, s) for s in ("not-done", "entered-in-error", "stopped", "on-hold")],
        *[("ServiceRequest", s, EventKind.ORDER) for s in ("active", "completed")],
        *[("ServiceRequest", s, s) for s in ("draft", "revoked", "entered-in-error", "on-hold")],
        ("DiagnosticReport", "final", EventKind.OBSERVATION),
        ("DiagnosticReport", "cancelled", "cancelled"),
    ],
)
def test_statuses(kind: str, status: Any, outcome: EventKind | str) -> None:
    given = resource(kind, status=status)
    if isinstance(outcome, EventKind):
        event = one_event(given)
        assert (event.kind, event.status) == (outcome, status)
    else:
        assert (one_skip(given).origin, one_skip(given).reason) == (f"{kind}/x", outcome)


@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ({"doNotPerform": True}, "do-not-perform"),
        ({"doNotPerform": "true"}, "malformed"),
        ({"intent": "proposal"}, "not-an-order"),
        ({"intent": "plan"}, "not-an-order"),
        ({"intent": ["order"]}, "not-an-order"),
    ],
)
def test_requests_that_ask_for_nothing(kind: str, element: Json, reason: str) -> None:
    assert one_skip(resource(kind, **element)).reason == reason


@pytest.mark.parametrize(
    "kind", ["Observation", "Condition", "Procedure", "AllergyIntolerance", "MedicationAdministration"]
)
def test_modifiers_are_never_read_past(kind: str) -> None:
    url = "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDone"
    assert (
        one_skip(resource(kind, modifierExtension=[{"url": url, "valueBoolean": True}])).reason
        == "modifier-extension"
    )
    assert one_skip(resource(kind, modifierExtension={"url": url})).reason == "modifier-extension"
    assert one_skip(resource(kind, implicitRules="http://x")).reason == "implicit-rules"
    assert one_event(resource(kind, modifierExtension=[{"url": url, "valueBoolean": False}]))


@pytest.mark.parametrize(
    ("verification", "outcome"),
    [
        *[(coded(s, VERIFICATION), s) for s in ("confirmed", "unconfirmed", "provisional", "differential")],
        *[(coded(s, VERIFICATION), None) for s in ("refuted", "entered-in-error")],
        ({"text": "Refuted"}, None),
        ({"coding": [*coded("confirmed")["coding"], *coded("refuted")["coding"]]}, None),
        (
            {"coding": [*coded("410605003", SNOMED)["coding"], *coded("confirmed", VERIFICATION)["coding"]]},
            "confirmed",
        ),
        (None, ""),
    ],
)
@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
def test_verification(kind: str, verification: Json | None, outcome: str | None) -> None:
    # The trap: a voided Condition carries no clinicalStatus.
    given = resource(kind, verificationStatus=verification)
    if outcome is None:
        assert one_skip(given).reason in ("refuted", "entered-in-error")
    else:
        assert one_event(given).status == outcome


def test_a_verification_that_nobody_knows_is_refused() -> None:
    assert one_skip(resource("Condition", verificationStatus=coded("maybe"))).reason == "bad-status"
    assert one_skip(resource("Condition", clinicalStatus=coded("maybe"))).reason == "bad-status"
    assert one_skip(resource("Condition", clinicalStatus={"coding": 5})).reason == "malformed"


@pytest.mark.parametrize(
    ("elements", "ended"),
    [
        ({}, None),
        ({"clinicalStatus": coded("active", CLINICAL)}, None),
        ({"clinicalStatus": coded("resolved", CLINICAL)}, When()),
        ({"clinicalStatus": coded("remission", CLINICAL)}, When()),
        ({"clinicalStatus": coded("inactive", CLINICAL)}, When()),
        ({"clinicalStatus": coded("resolved", CLINICAL), "abatementDateTime": DAY["start"]}, When(0, 0)),
        ({"abatementPeriod": DAY}, When(0, 86400)),
        ({"abatementAge": {"value": 40}}, When()),
        ({"abatementString": "last year"}, When()),
    ],
)
def test_when_a_condition_ended(elements: Json, ended: When | None) -> None:
    record = one_record(resource("Condition", **elements))
    assert record.events[0].ended == ended


def test_onset_and_recorded_date_of_a_condition() -> None:
    event = one_event(resource("Condition", onsetDateTime=DAY["start"], recordedDate=DAY["end"]))
    assert (event.when, event.known_from) == (When(0, 0), When(86400, 86400))
    event = one_event(resource("Condition", onsetPeriod=DAY))
    assert (event.when, event.known_from) == (When(0, 86400), When(0, 86400))
    record = one_record(resource("Condition", onsetAge={"value": 40}))
    assert record.events[0].when == When() and record.report.notes == {"time-not-read": 1}


def test_the_drugs_of_an_allergy_are_no_treatment() -> None:
    reaction = [{"substance": coded("42316", RXNORM)}]
    event = one_event(resource("AllergyIntolerance", reaction=reaction))
    assert event.kind is EventKind.ALLERGY
    assert {"tmp_smx", "tacrolimus"} <= event.concepts


def test_when_a_drug_was_taken() -> None:
    given = resource("MedicationAdministration", effectivePeriod=DAY)
    assert (one_event(given).when, one_event(given).ended) == (When(0, 0), When(86400, 86400))
    running = resource(
        "MedicationAdministration", status="in-progress", effectivePeriod={"start": DAY["start"]}
    )
    assert one_event(running).ended is None
    moment = resource("MedicationAdministration", effectiveDateTime=DAY["start"])
    assert one_event(moment).ended == When(0, 0)
    active = resource("MedicationStatement", effectiveDateTime=DAY["start"], dateAsserted=DAY["end"])
    event = one_event(active)
    assert (event.when, event.ended, event.known_from) == (When(0, 0), None, When(86400, 86400))
    same = {"start": DAY["start"], "end": DAY["start"]}
    assert one_event(resource("MedicationStatement", effectivePeriod=same)).ended == When(0, 0)
    assert one_event(resource("MedicationStatement", status="completed")).ended == When()


def referring(reference: Any, **more: Any) -> Json:
    return resource(
        "MedicationStatement", medicationCodeableConcept=None, medicationReference=reference, **more
    )


def test_medications_by_reference() -> None:
    inside = {"resourceType": "Medication", "id": "m", "code": coded("42316", RXNORM)}
    contained = referring({"reference": "#m"}, contained=[inside])
    assert "tacrolimus" in one_event(contained).concepts
    for reference in ("Medication/m", "http://host/fhir/Medication/m", "Medication/m/_history/2"):
        assert "tacrolimus" in one_event(referring({"reference": reference}), inside).concepts
    mixture = {
        **inside,
        "code": {"text": "mixture"},
        "ingredient": [
            {"itemCodeableConcept": coded("42316", RXNORM)},
            {"itemCodeableConcept": coded("8640", RXNORM), "isActive": False},
        ],
    }
    assert "prednisone" not in one_event(referring({"reference": "Medication/m"}), mixture).concepts


@pytest.mark.parametrize(
    ("reference", "others", "reason"),
    [
        ({"reference": "Medication/none"}, [], "medication-not-found"),
        ({"reference": "#none"}, [], "medication-not-found"),
        ({"display": "Tacrolimus"}, [], "medication-not-found"),
        (5, [], "medication-not-found"),
        (None, [], "no-code"),
        ({"reference": "Medication/m"}, [{"resourceType": "Medication", "id": "m"}], "no-code"),
        (
            {"reference": "Medication/m"},
            [{"resourceType": "Medication", "id": "m", "code": coded(code, RXNORM)} for code in ("1", "2")],
            "ambiguous-reference",
        ),
    ],
)
def test_a_drug_that_cannot_be_told_is_never_not_needed(
    reference: Any, others: list[Json], reason: str
) -> None:
    assert one_skip(referring(reference), *others).reason == reason


def test_two_medications_at_once_are_refused() -> None:
    both = resource("MedicationStatement", medicationReference={"reference": "Medication/m"})
    assert one_skip(both).reason == "two-medications"


def test_reports_imaging_and_devices() -> None:
    report = resource(
        "DiagnosticReport",
        issued=DAY["end"],
        conclusion="Ground glass",
        conclusionCode=[coded("233703007", SNOMED)],
        result=[{"reference": "Observation/none"}],
    )
    event = one_event(report)
    assert event.concepts == {"hrct_chest"}
    assert event.value == Coded(((SNOMED, "233703007"),), "Ground glass")
    assert event.known_from == When(86400, 86400)
    study = resource(
        "ImagingStudy", status="available", procedureCode=[coded("169069000", SNOMED)], started=DAY["start"]
    )
    event = one_event(study)
    assert event.concepts == {"hrct_chest"} and event.when == When(0, 0)
    device = {"resourceType": "Device", "id": "d", "type": coded("426854004", SNOMED)}
    use = resource("DeviceUseStatement", status="active", device={"reference": "Device/d"}, timingPeriod=DAY)
    event = one_event(use, device)
    assert event.kind is EventKind.DEVICE and event.concepts == {"high_flow_nasal_oxygen"}
    assert one_skip(use).reason == "device-not-found"


@pytest.mark.parametrize("kind", sorted(READERS))
def test_what_no_value_set_asks_for_is_counted_and_not_needed(kind: str) -> None:
    code = coded("0000-0")
    named = {
        "code": code,
        "vaccineCode": code,
        "medicationCodeableConcept": code,
        "type": code,
        "procedureCode": [code],
    }
    device = {"resourceType": "Device", "id": "d"}
    given = resource(kind, status="entered-in-error", device={"reference": "Device/d"}, **named)
    if kind == "Encounter":
        given["type"] = [code]
    if kind == "AllergyIntolerance":
        del given["type"]  # a word there
    record = one_record(given, device)
    assert not record.events and not record.report.skips
    assert record.report.not_needed[kind] >= 1
