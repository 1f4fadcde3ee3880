"""Routes: what is surely put where it acts is no systemic drug; everything else counts as before."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.test_fhir_samples import RXNORM, SNOMED, Json, coded, one_event, one_record, resource

TACROLIMUS, PENTAMIDINE, PREDNISOLONE = (coded(code, RXNORM) for code in ("42316", "7994", "8638"))
ELEMENT = {
    "MedicationStatement": "dosage",
    "MedicationRequest": "dosageInstruction",
    "MedicationDispense": "dosageInstruction",
    "MedicationAdministration": "dosage",
}


def routed(route: Any, kind: str = "MedicationStatement", drug: Json = TACROLIMUS, **more: Any) -> Json:
    dosage: Any = {"route": route}
    if kind != "MedicationAdministration":
        dosage = [dosage]
    return resource(kind, medicationCodeableConcept=drug, **{ELEMENT[kind]: dosage}, **more)


def counts(*resources: Json) -> bool:
    record = one_record(*resources)
    assert not record.report.skips
    assert bool(record.events) is not bool(record.report.notes.get("local-route"))
    return bool(record.events)


@pytest.mark.parametrize("kind", ELEMENT)
@pytest.mark.parametrize(
    ("route", "systemic"),
    [
        (coded("6064005", SNOMED), False),
        (coded("54485002", SNOMED), False),
        (coded("46713006", SNOMED), False),
        (coded("12130007", SNOMED), False),
        (coded("447694001", SNOMED), False),
        (coded("72607000", SNOMED), False),
        ({"text": "Topical"}, False),
        ({"text": "right eye"}, False),
        ({"text": "Inhalation"}, False),
        (coded("TOP", "urn:local", "topical use"), False),
        (coded("26643006", SNOMED), True),
        (coded("45890007", SNOMED), True),  # transdermal is systemic
        (coded("37839007", SNOMED), True),  # so is sublingual
        (coded("127492001", SNOMED), True),  # nasogastric is not nasal
        ({"text": "nasogastric"}, True),
        ({"text": "nasal tube"}, True),
        ({"text": "subcutaneous"}, True),
        ({"text": "oral or topical"}, True),
        (coded("6064005", SNOMED, "by mouth"), True),  # code and words contradict each other
        ({"coding": [*coded("6064005", SNOMED)["coding"], *coded("26643006", SNOMED)["coding"]]}, True),
        ({"text": "not topical"}, True),
        ({"text": "as told"}, True),
        (coded("123", SNOMED), True),
        ("topical", True),
        ({}, True),
        (None, True),
    ],
)
def test_a_route_that_is_surely_local_does_not_count(kind: str, route: Any, systemic: bool) -> None:
    assert counts(routed(route, kind)) is systemic


def test_every_dosage_must_be_local() -> None:
    local, systemic = {"route": {"text": "topical"}}, {"route": {"text": "oral"}}

    def dosed(*dosages: Json) -> bool:
        # That there are several is noted where they are read.
        given = resource("MedicationRequest", dosageInstruction=list(dosages))
        return bool(one_record(given).events)

    assert not dosed(local, local)
    assert dosed(local, systemic) and dosed(local, {}) and dosed()
    assert dosed({"route": None})


def test_an_oral_product_that_is_said_to_be_put_on_the_skin_counts() -> None:
    oral = {**TACROLIMUS, "text": "tacrolimus 1 MG Oral Capsule"}
    assert counts(routed({"text": "topical"}, drug=oral))
    assert not counts(routed({"text": "topical"}, drug={**TACROLIMUS, "text": "tacrolimus ointment"}))


def test_pentamidine_counts_when_it_is_inhaled() -> None:
    inhaled = coded("447694001", SNOMED)
    event = one_event(routed(inhaled, drug=PENTAMIDINE))
    assert {"pentamidine", "pjp_prophylaxis"} <= event.concepts
    assert not counts(routed(inhaled, drug=PREDNISOLONE))
    assert not counts(routed(coded("54485002", SNOMED), drug=PENTAMIDINE))


def test_what_cannot_be_read_is_left_out_too_when_it_is_local() -> None:
    twice: dict[str, Any] = {"medicationReference": {"display": "tacrolimus"}}
    record = one_record(routed({"text": "topical"}, **twice))
    assert not record.events and [skip.reason for skip in record.report.skips] == ["two-medications"]
    (event,) = one_record(routed({"text": "oral"}, **twice)).events
    assert event.unread and event.drug is not None and event.drug.ingredients == ("42316",)


def test_a_stop_of_an_ointment_does_not_speak_against_the_capsules() -> None:
    record = one_record(
        routed({"text": "oral"}),
        routed({"text": "topical"}, id="ointment", status="stopped"),
    )
    assert [event.origin for event in record.events] == ["MedicationStatement/x"]


def test_what_tells_drugs_apart() -> None:
    capsule = one_event(resource("MedicationStatement", medicationCodeableConcept=coded("198377", RXNORM)))
    assert capsule.drug is not None
    assert capsule.drug.codes == ((RXNORM, "198377"),) and capsule.drug.ingredients == ("42316",)
    # What a salt (PIN) stands for is not told, so that it may be the same drug as the base.
    salt = one_event(resource("MedicationStatement", medicationCodeableConcept=coded("34372", RXNORM)))
    assert salt.drug is not None and salt.drug.ingredients == ()
    # Codes of other systems tell products, not ingredients.
    atc = one_event(
        resource("MedicationStatement", medicationCodeableConcept=coded("L04AD02", "http://www.whocc.no/atc"))
    )
    assert atc.drug is not None and atc.drug.codes[0][1] == "L04AD02" and atc.drug.ingredients == ()


def test_not_taken_is_read_and_says_no() -> None:
    event = one_event(
        resource(
            "MedicationStatement",
            status="not-taken",
            dateAsserted="2024-03-10",
            effectivePeriod={"start": "2024-01-01"},
        )
    )
    assert event.status == "not-taken" and event.ended is None
    assert event.known_from.start != event.when.start
