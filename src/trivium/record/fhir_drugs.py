"""MedicationAdministration, -Statement, -Request, -Dispense → taken, or only ordered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from trivium.knowledge.concepts import RXNORM, Coding
from trivium.record.events import Dose, Drug, Event, EventKind, When
from trivium.record.fhir_doses import administered, instructed
from trivium.record.fhir_files import Found
from trivium.record.fhir_reading import Json, Reading, Unusable, codings_of, flag, get, items
from trivium.record.fhir_routes import is_local
from trivium.record.fhir_status import check_intent, status_of
from trivium.record.fhir_times import UNKNOWN

_TAKEN, _ORDERED = EventKind.MEDICATION_TAKEN, EventKind.MEDICATION_ORDERED


class Named(NamedTuple):
    """A drug as a resource names it: its value sets, what tells it from others, its first words."""

    concepts: frozenset[str]
    drug: Drug
    text: str


def administrations(found: Found, reading: Reading) -> list[Event]:
    """Taken, from the start of effective[x]; over at its end, or at once when it names a moment."""
    drug = _drug(found, reading)
    if drug is None:
        return []
    status = status_of(found.resource, "MedicationAdministration")
    time = reading.choice(found.resource, "effective")
    dose = administered(found.resource.get("dosage"), reading)
    ended = time.known_end if status == "in-progress" else time.end
    return [_event(found, drug, _TAKEN, status, time.start, ended, dose)]


def statements(found: Found, reading: Reading) -> list[Event]:
    """Taken when active, completed or stopped; ordered when intended. `dateAsserted` is when it was known.

    `not-taken` is kept with its status: it says no, and may speak against what is older.
    """
    drug = _drug(found, reading)
    if drug is None:
        return []
    resource = found.resource
    status = status_of(resource, "MedicationStatement")
    time = reading.choice(resource, "effective")
    asserted = reading.time(resource.get("dateAsserted"))
    dose = instructed(resource.get("dosage"), reading)
    # A moment is when it was being taken, not when it stopped.
    ended = time.ended(over=status in ("completed", "stopped"))
    kind = _ORDERED if status == "intended" else _TAKEN
    return [_event(found, drug, kind, status, time.start, ended, dose, asserted)]


def requests(found: Found, reading: Reading) -> list[Event]:
    """Ordered, from authoredOn."""
    drug = _drug(found, reading)
    if drug is None:
        return []
    resource = found.resource
    status = status_of(resource, "MedicationRequest")
    check_intent(resource, reading)
    when = reading.time(resource.get("authoredOn"))
    dose = instructed(resource.get("dosageInstruction"), reading)
    return [_event(found, drug, _ORDERED, status, when, UNKNOWN if status == "stopped" else None, dose)]


def dispenses(found: Found, reading: Reading) -> list[Event]:
    """Ordered (a supply proves no intake), from when it was handed over, else prepared."""
    drug = _drug(found, reading)
    if drug is None:
        return []
    resource = found.resource
    status = status_of(resource, "MedicationDispense")
    when = reading.time(resource.get("whenHandedOver"))
    if not when.is_known:
        when = reading.time(resource.get("whenPrepared"))
    dose = instructed(resource.get("dosageInstruction"), reading)
    return [_event(found, drug, _ORDERED, status, when, None, dose)]


def _event(
    found: Found,
    drug: Named,
    kind: EventKind,
    status: str,
    when: When,
    ended: When | None,
    dose: Dose | None,
    known_from: When = UNKNOWN,
) -> Event:
    return Event(
        kind,
        drug.concepts,
        found.origin,
        when,
        known_from if known_from.is_known else when,
        ended,
        status,
        dose=dose,
        text=drug.text,
        drug=drug.drug,
    )


def _drug(found: Found, reading: Reading) -> Named | None:
    """The drug; None when no value set asks for it, or not for use where it is put. Raises Unusable."""
    concept = _concept(found, reading)
    concepts = reading.match(concept, found.type)
    if not concepts:
        return None
    codings, words = codings_of(concept)
    if is_local(found.resource, concepts, words, reading):
        reading.note("local-route")
        return None
    return Named(concepts, drug_of(codings, reading), words.partition("\n")[0])


def _concept(found: Found, reading: Reading) -> Any:
    """The codes and words of the drug, wherever they stand. Raises Unusable."""
    resource = found.resource
    concept, reference = resource.get("medicationCodeableConcept"), resource.get("medicationReference")
    if concept is not None and reference is not None:
        raise Unusable("two-medications")
    if concept is not None:
        return concept
    if reference is None:
        raise Unusable("no-code")
    medication = reading.referred(found, reference, "Medication")
    if medication is None:
        # Whether the drug matters cannot be told, so it is never "not needed".
        raise Unusable("medication-not-found")
    codings, text = _medication_codes(medication)
    if not codings and not text:
        raise Unusable("no-code", "Medication")
    return {"coding": [{"system": system, "code": code} for system, code in codings], "text": text}


def drug_of(codings: tuple[Coding, ...], reading: Reading) -> Drug:
    """What tells the drug from others; no ingredients when it is not known what one of its codes holds."""
    codes = sorted({(reading.concepts.system(system), code.strip()) for system, code in codings})
    known = [reading.concepts.ingredients.get(code) for system, code in codes if system == RXNORM]
    held = {name for names in known for name in names or ()} if None not in known else set()
    return Drug(tuple(codes), tuple(sorted(held)))


def _medication_codes(medication: Json) -> tuple[list[Coding], str]:
    """The codes of a Medication and of its active ingredients: a mixture belongs where each part does."""
    if medication.get("status") == "entered-in-error":
        raise Unusable("entered-in-error", "Medication")
    codings: list[Coding] = []
    texts: list[str] = []
    for concept in ingredients(medication):
        pairs, text = codings_of(concept)
        codings += pairs
        texts.append(text)
    return codings, "\n".join(text for text in texts if text)


def ingredients(medication: Json) -> Iterator[Any]:
    """The concepts of a Medication and of its active ingredients. Raises Unusable."""
    yield medication.get("code")
    for ingredient in items(medication.get("ingredient")):
        active = get(ingredient, "isActive")
        if active is None or flag(active):
            yield get(ingredient, "itemCodeableConcept")
