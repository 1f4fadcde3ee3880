"""The other resource types → events, and the table of readers.

A reader gets a resource and gives its events: none when no value set asks for it. It raises `Void` for one
that says nothing about the patient, and `Unusable` for one that matters and cannot be read: of that
`fhir_unread` keeps the place. Codes are looked up first; times and values cost more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trivium.record.events import Event, EventKind, When
from trivium.record.fhir_drugs import administrations, dispenses, requests, statements
from trivium.record.fhir_files import Found
from trivium.record.fhir_observations import observations, reports
from trivium.record.fhir_reading import UNTOLD, Json, Reading, Unusable, codings_of, get, items, wording
from trivium.record.fhir_status import (
    check_intent,
    check_modifiers,
    check_void,
    is_over,
    status_of,
    verification_of,
)
from trivium.record.fhir_times import UNKNOWN
from trivium.record.windows import NEVER


def conditions(found: Found, reading: Reading) -> list[Event]:
    """A Condition from its onset. `known_from` is recordedDate; `status` is the verificationStatus.

    `ended` is the abatement; it is `When()` (ended, nobody knows when) for a Condition that is inactive,
    resolved or in remission without one, or whose abatement is an age or a word. An abatement that cannot
    be read, or that an active Condition bears, leaves open whether it has ended.
    """
    resource = found.resource
    concepts = reading.match(resource.get("code"), "Condition")
    if not concepts:
        return []
    check_void(resource, "Condition")
    check_modifiers(resource)
    status = verification_of(resource)
    over = is_over(resource)
    # A period of onset encloses the onset; a period of abatement the abatement.
    onset, ended = reading.choice(resource, "onset").whole, _abatement(resource, over, reading)
    recorded = reading.time(resource.get("recordedDate"))
    return [_event(found, EventKind.CONDITION, concepts, status, onset, ended, recorded)]


def _abatement(resource: Json, over: bool, reading: Reading) -> When | None:
    if resource.get("abatementBoolean") is False:
        return UNKNOWN if over else None
    given = any(key.startswith("abatement") and resource[key] is not None for key in resource)
    if not given:
        return UNKNOWN if over else None
    time = reading.choice(resource, "abatement")
    ended = time.whole
    if over:
        return ended if ended.end is not None else UNKNOWN
    active = resource.get("clinicalStatus") is not None
    if active:
        reading.note("active-with-abatement")
    readable = ended.end is not None or time is UNTOLD
    return ended if readable and not active else When(ended.start, NEVER)


def allergies(found: Found, reading: Reading) -> list[Event]:
    """An AllergyIntolerance by its code and the substances of its reactions; no treatment."""
    resource = found.resource
    concepts: frozenset[str] = frozenset()
    named = [resource.get("code")]
    named += [get(reaction, "substance") for reaction in items(resource.get("reaction"))]
    for concept in named:
        codings, text = codings_of(concept)
        if codings or text:
            concepts |= reading.match(concept, "AllergyIntolerance")
    if resource.get("code") is None and len(named) == 1:
        raise Unusable("no-code")
    if not concepts:
        return []
    check_void(resource, "AllergyIntolerance")
    check_modifiers(resource)
    status = verification_of(resource)
    ended = UNKNOWN if is_over(resource) else None
    recorded = reading.time(resource.get("recordedDate"))
    onset = reading.choice(resource, "onset").whole
    return [_event(found, EventKind.ALLERGY, concepts, status, onset, ended, recorded)]


def procedures(found: Found, reading: Reading) -> list[Event]:
    """A Procedure that was done or is being done."""
    concepts = reading.match(found.resource.get("code"), "Procedure")
    if not concepts:
        return []
    status = status_of(found.resource, "Procedure")
    time = reading.choice(found.resource, "performed")
    ended = time.known_end if status == "in-progress" else time.end
    return [_event(found, EventKind.PROCEDURE, concepts, status, time.start, ended)]


def orders(found: Found, reading: Reading) -> list[Event]:
    """A ServiceRequest, from authoredOn, else from when it is to happen."""
    resource = found.resource
    concept = resource.get("code")
    if concept is None:  # legal: an order may name its service in words elsewhere
        reading.note("order-without-code")
        return []
    concepts = reading.match(concept, "ServiceRequest")
    if not concepts:
        return []
    status = status_of(resource, "ServiceRequest")
    check_intent(resource, reading)
    when = reading.time(resource.get("authoredOn"))
    if not when.is_known:
        when = reading.choice(resource, "occurrence").start
    return [_event(found, EventKind.ORDER, concepts, status, when, None)]


def immunizations(found: Found, reading: Reading) -> list[Event]:
    """An Immunization that was given."""
    resource = found.resource
    concepts = reading.match(resource.get("vaccineCode"), "Immunization")
    if not concepts:
        return []
    status = status_of(resource, "Immunization")
    when = reading.choice(resource, "occurrence").start
    return [_event(found, EventKind.IMMUNIZATION, concepts, status, when, when, UNKNOWN, "vaccineCode")]


def encounters(found: Found, reading: Reading) -> list[Event]:
    """An Encounter by its class, types and service."""
    resource = found.resource
    named: list[Any] = [*items(resource.get("type")), resource.get("serviceType")]
    if resource.get("class") is not None:
        named.append({"coding": [resource["class"]]})
    concepts: frozenset[str] = frozenset()
    for concept in named:
        codings, text = codings_of(concept)
        concepts |= reading.concepts.lookup(codings, text, "Encounter")
    if not concepts:
        return []
    status = status_of(resource, "Encounter")
    time = reading.period(resource.get("period"))
    ended = time.ended(over=status == "finished")
    return [_event(found, EventKind.ENCOUNTER, concepts, status, time.start, ended, UNKNOWN, "type")]


def devices(found: Found, reading: Reading) -> list[Event]:
    """A Device that is assigned to the patient; since when is not said."""
    concept = found.resource.get("type")
    if concept is None:  # legal; a device of no stated kind answers no question
        return []
    concepts = reading.match(concept, "Device")
    if not concepts:
        return []
    status = status_of(found.resource, "Device")
    return [_event(found, EventKind.DEVICE, concepts, status, UNKNOWN, None, UNKNOWN, "type")]


def device_uses(found: Found, reading: Reading) -> list[Event]:
    """A DeviceUseStatement, by the type of its Device."""
    resource = found.resource
    device = reading.referred(found, resource.get("device"), "Device")
    if device is None:
        raise Unusable("device-not-found")
    concept = device.get("type")
    concepts = reading.match(concept, "DeviceUseStatement") if concept is not None else frozenset[str]()
    if not concepts:
        return []
    status = status_of(resource, "DeviceUseStatement")
    time = reading.choice(resource, "timing")
    recorded = reading.time(resource.get("recordedOn"))
    ended = time.ended(over=status == "completed")
    return [_event(found, EventKind.DEVICE, concepts, status, time.start, ended, recorded)]


def studies(found: Found, reading: Reading) -> list[Event]:
    """An ImagingStudy whose images exist, by its procedure codes."""
    resource = found.resource
    concepts: frozenset[str] = frozenset()
    for concept in items(resource.get("procedureCode")):
        codings, text = codings_of(concept)
        concepts |= reading.concepts.lookup(codings, text, "ImagingStudy")
    if not concepts:
        return []
    status = status_of(resource, "ImagingStudy")
    when = reading.time(resource.get("started"))
    return [_event(found, EventKind.PROCEDURE, concepts, status, when, when, UNKNOWN, "procedureCode")]


def _event(
    found: Found,
    kind: EventKind,
    concepts: frozenset[str],
    status: str,
    when: When,
    ended: When | None,
    recorded: When = UNKNOWN,
    named: str = "code",
) -> Event:
    concept = found.resource.get(named)
    if isinstance(concept, list):
        concept = concept[0] if concept else None
    known_from = recorded if recorded.is_known else when
    text = wording(concept)
    return Event(kind, concepts, found.origin, when, known_from, ended, status, text=text)


READERS: dict[str, Callable[[Found, Reading], list[Event]]] = {
    "Observation": observations,
    "DiagnosticReport": reports,
    "Condition": conditions,
    "MedicationAdministration": administrations,
    "MedicationStatement": statements,
    "MedicationRequest": requests,
    "MedicationDispense": dispenses,
    "Procedure": procedures,
    "ServiceRequest": orders,
    "AllergyIntolerance": allergies,
    "Immunization": immunizations,
    "Encounter": encounters,
    "Device": devices,
    "DeviceUseStatement": device_uses,
    "ImagingStudy": studies,
}
