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
    one_unread,
    resource,
)

from trivium.core.truth import UNKNOWN
from trivium.record.events import Coded, EventKind, Skip, When
from trivium.record.fhir_resources import READERS
from trivium.record.lasting import ended_by
from trivium.record.windows import NEVER

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
        *[("MedicationAdministration", s, EventKind.MEDICATION_TAKEN) for s in ("completed", "in-progress")],
        ("MedicationAdministration", "stopped", EventKind.MEDICATION_TAKEN),
        *[("MedicationAdministration", s, s) for s in ("not-done", "entered-in-error")],
        *[("MedicationStatement", s, EventKind.MEDICATION_TAKEN) for s in ("active", "completed", "stopped")],
        ("MedicationStatement", "not-taken", EventKind.MEDICATION_TAKEN),
        ("MedicationStatement", "intended", EventKind.MEDICATION_ORDERED),
        ("MedicationStatement", "entered-in-error", "entered-in-error"),
        *[("MedicationRequest", s, EventKind.MEDICATION_ORDERED) for s in ("active", "completed", "stopped")],
        *[("MedicationRequest", s, s) for s in ("draft", "cancelled", "entered-in-error")],
        *[("MedicationDispense", s, EventKind.MEDICATION_ORDERED) for s in ("completed", "in-progress")],
        *[("MedicationDispense", s, s) for s in ("cancelled", "declined", "entered-in-error")],
        *[("Procedure", s, EventKind.PROCEDURE) for s in ("completed", "in-progress")],
        *[("Procedure", s, s) for s in ("not-done", "entered-in-error", "preparation")],
        *[("ServiceRequest", s, EventKind.ORDER) for s in ("active", "completed")],
        *[("ServiceRequest", s, s) for s in ("draft", "revoked", "entered-in-error")],
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


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        *[(kind, "unknown", "status-unknown") for kind in ("Observation", "DiagnosticReport", "Procedure")],
        *[(kind, None, "no-status") for kind in ("Observation", "MedicationStatement", "MedicationRequest")],
        *[(kind, "fine", "bad-status") for kind in ("Observation", "MedicationAdministration")],
        ("Observation", 5, "bad-status"),
        *[("Procedure", s, s) for s in ("stopped", "on-hold")],
        *[("MedicationAdministration", s, s) for s in ("on-hold", "suspended")],
        *[(kind, "on-hold", "on-hold") for kind in ("MedicationStatement", "MedicationRequest")],
        *[("MedicationDispense", s, s) for s in ("stopped", "on-hold")],
        ("ServiceRequest", "on-hold", "on-hold"),
    ],
)
def test_a_status_that_leaves_open_what_was_keeps_the_place_and_decides_nothing(
    kind: str, status: Any, reason: str
) -> None:
    event, skip = one_unread(resource(kind, status=status))
    assert (skip.origin, skip.reason) == (f"{kind}/x#status", reason)
    sound = one_event(resource(kind))
    assert (event.kind, event.concepts, event.when) == (sound.kind, sound.concepts, sound.when)
    assert event.status == "" and event.value is None


@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ({"doNotPerform": True}, "do-not-perform"),
        ({"intent": "proposal"}, "not-an-order"),
        ({"intent": "plan"}, "not-an-order"),
        ({"intent": "plan", "status": "unknown"}, "not-an-order"),
    ],
)
def test_requests_that_ask_for_nothing(kind: str, element: Json, reason: str) -> None:
    assert one_skip(resource(kind, **element)).reason == reason


@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
@pytest.mark.parametrize(
    ("element", "reason"),
    [({"doNotPerform": "true"}, "malformed"), ({"intent": ["order"]}, "not-an-order")],
)
def test_requests_that_may_ask_for_nothing(kind: str, element: Json, reason: str) -> None:
    event, skip = one_unread(resource(kind, **element))
    assert skip.reason == reason
    assert event.kind in (EventKind.ORDER, EventKind.MEDICATION_ORDERED)


@pytest.mark.parametrize(
    "kind", ["Observation", "Condition", "Procedure", "AllergyIntolerance", "MedicationAdministration"]
)
def test_modifiers_are_never_read_past(kind: str) -> None:
    url = "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDone"
    not_done = {"url": url, "valueBoolean": True}
    assert one_skip(resource(kind, modifierExtension=[not_done])).reason == "modifier-extension"
    for modifiers in ({"url": url}, [{"url": url}], [{"url": "http://x", "valueBoolean": False}], "x"):
        _, skip = one_unread(resource(kind, modifierExtension=modifiers))
        assert (skip.origin, skip.reason) == (f"{kind}/x#modifierExtension", "modifier-extension")
    _, skip = one_unread(resource(kind, implicitRules="http://x"))
    assert (skip.origin, skip.reason) == (f"{kind}/x#implicitRules", "implicit-rules")
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


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
@pytest.mark.parametrize("element", ["verificationStatus", "clinicalStatus"])
def test_a_status_of_a_condition_that_nobody_knows_leaves_it_open(kind: str, element: str) -> None:
    for status, reason in ((coded("maybe"), "bad-status"), ({"coding": 5}, "malformed")):
        event, skip = one_unread(resource(kind, **{element: status}))
        assert (skip.origin, skip.reason) == (f"{kind}/x#{element}", reason)
        assert event.ended is None and element in event.unread
    # Whatever else is wrong with it, a voided one is as if it had never been.
    void = resource(kind, verificationStatus=coded("entered-in-error"), clinicalStatus={"coding": 5})
    assert one_skip(void).reason == "entered-in-error"


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
        ({"clinicalStatus": coded("resolved", CLINICAL), "abatementDateTime": "soon"}, When()),
        ({"clinicalStatus": coded("resolved", CLINICAL), "abatementPeriod": {"start": DAY["start"]}}, When()),
        ({"abatementAge": {"value": 40}}, When()),
        ({"abatementString": "last year"}, When()),
    ],
)
def test_when_a_condition_ended(elements: Json, ended: When | None) -> None:
    record = one_record(resource("Condition", **elements))
    assert record.events[0].ended == ended


@pytest.mark.parametrize(
    ("elements", "ended"),
    [
        ({"abatementDateTime": "1970-13-01"}, When(None, NEVER)),
        ({"abatementPeriod": {"start": DAY["start"], "end": "soon"}}, When(0, NEVER)),
        ({"abatementPeriod": {"start": DAY["start"]}}, When(0, NEVER)),
        ({"abatementPeriod": {"start": DAY["end"], "end": DAY["start"]}}, When(None, NEVER)),
        ({"abatementDateTime": DAY["start"], "abatementAge": {"value": 40}}, When(None, NEVER)),
        ({"clinicalStatus": coded("active", CLINICAL), "abatementDateTime": DAY["start"]}, When(0, NEVER)),
        ({"clinicalStatus": coded("active", CLINICAL), "abatementString": "2 y ago"}, When(None, NEVER)),
    ],
)
def test_an_abatement_that_cannot_be_read_or_is_denied_leaves_the_end_open(
    elements: Json, ended: When
) -> None:
    (event,) = one_record(resource("Condition", **elements)).events
    assert event.ended == ended and not event.unread
    assert ended_by(event, 10 * 86400) is UNKNOWN


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


def test_a_drug_that_only_the_display_of_a_reference_names_may_have_been_taken() -> None:
    for reference in ({"display": "Etanercept 50 mg"}, {"reference": "#none", "display": "etanercept"}):
        event, skip = one_unread(referring(reference))
        assert event.concepts == {"tnf_inhibitor"} and skip.reason == "medication-not-found"


def test_of_two_medications_either_may_have_been_taken() -> None:
    other = {"resourceType": "Medication", "id": "m", "code": coded("42316", RXNORM)}
    both = resource("MedicationStatement", medicationReference={"reference": "Medication/m"})
    event, skip = one_unread(both, other)
    assert skip.reason == "two-medications"
    assert {"prednisone", "tacrolimus"} <= event.concepts
    assert "tacrolimus" not in one_unread(both)[0].concepts


def test_a_drug_whose_medication_is_void_may_have_been_taken() -> None:
    inside = {
        "resourceType": "Medication",
        "id": "m",
        "status": "entered-in-error",
        "code": coded("42316", RXNORM),
    }
    event, skip = one_unread(referring({"reference": "#m"}, contained=[inside]))
    assert skip.reason == "entered-in-error" and "tacrolimus" in event.concepts


def test_an_end_that_cannot_be_read_may_be_past_or_to_come() -> None:
    for period in ({"start": DAY["start"], "end": "1970-13-01"}, {"start": DAY["end"], "end": DAY["start"]}):
        (event,) = one_record(resource("MedicationStatement", effectivePeriod=period)).events
        assert ended_by(event, 10 * 86400) is UNKNOWN
        given = resource("MedicationStatement", status="completed", effectivePeriod=period)
        assert one_record(given).events[0].ended == When()
    running = resource("Procedure", status="in-progress", performedPeriod={"start": DAY["start"], "end": "?"})
    assert one_record(running).events[0].ended == When(0, NEVER)


def test_what_is_over_at_once_is_over_also_where_it_cannot_be_read() -> None:
    for kind, times, ended in (
        ("MedicationAdministration", {"effectiveDateTime": DAY["start"]}, When(0, 0)),
        ("MedicationAdministration", {"effectivePeriod": DAY}, When(86400, 86400)),
        ("MedicationAdministration", {}, When()),
        ("MedicationStatement", {"effectiveDateTime": DAY["start"]}, None),
        ("MedicationStatement", {"effectivePeriod": DAY}, When(86400, 86400)),
        ("Procedure", {"performedDateTime": DAY["start"]}, None),
    ):
        assert one_unread(resource(kind, status=None, **times))[0].ended == ended


def test_a_malformed_code_among_sound_ones_still_tells_what_it_is_about() -> None:
    both = [*coded("2276-4")["coding"], {"system": "urn:x", "code": 5}]
    event, skip = one_unread(resource("Observation", code={"coding": both}, valueInteger=5))
    assert event.concepts == {"ferritin"} and skip == Skip("Observation/x#content", "malformed", skip.detail)
    reaction = [{"substance": coded("42316", RXNORM)}, {"substance": 5}]
    event, _ = one_unread(resource("AllergyIntolerance", reaction=reaction))
    assert {"tmp_smx", "tacrolimus"} <= event.concepts
    assert one_skip(resource("Observation", code=5)).reason == "malformed"


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
