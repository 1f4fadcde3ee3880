"""What is left of a resource that cannot be read: an event that says only that something was recorded.

Were it left out, an older result would pass for the newest, and an empty list for a complete one. So it
keeps its place: what it is about, as far as that can be told, its dates, and what could not be read. No
fact is ever decided by it. What is `Void` leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from trivium.knowledge.concepts import Coding
from trivium.record.events import Event, EventKind, When
from trivium.record.fhir_drugs import drug_of, ingredients
from trivium.record.fhir_files import Found
from trivium.record.fhir_observations import check_focus, times_of
from trivium.record.fhir_reading import (
    UNTOLD,
    Json,
    Reading,
    Stretch,
    Unusable,
    Void,
    get,
    items,
    sound_codings,
)
from trivium.record.fhir_routes import is_local
from trivium.record.fhir_status import check_void
from trivium.record.fhir_times import UNKNOWN
from trivium.record.fhir_values import as_written

# Elements by which another version of FHIR says that it was not done (see `fhir_versions`).
_NEGATIONS = ("notGiven", "notDone", "wasNotGiven", "wasNotTaken", "notPerformed")


def unread(found: Found, problem: Unusable, reading: Reading) -> Event | None:
    """The event of a resource that cannot be read; None when no value set asks for it, or nobody can tell.

    Errors:  Void when it says nothing about the patient, whatever else is wrong with it.
    """
    shape = _SHAPES.get(found.type)
    if shape is None:
        return None
    resource = found.resource
    _check_void(resource, found.type)
    concepts, text, codings = _told(shape.named(found, reading), found.type, reading)
    is_drug = shape.kind in (_TAKEN, _ORDERED)
    if not concepts or (is_drug and is_local(resource, concepts, text, reading)):
        return None
    time, known_from = _times(resource, shape, reading)
    written = (as_written(resource, part) for part in (problem.part, "value") if part)
    return Event(
        shape.kind,
        concepts,
        found.origin,
        time.whole,
        known_from if known_from.is_known else time.whole,
        time.end if shape.is_short else time.known_end,
        absent_reason=problem.reason,
        text=text,
        unread=" ".join(each for each in written if each) or problem.reason,
        drug=drug_of(codings, reading) if is_drug else None,
    )


def _check_void(resource: Json, kind: str) -> None:
    check_void(resource, kind)
    if any(resource.get(key) is True for key in _NEGATIONS) or resource.get("taken") == "n":
        raise Void("not-done")
    if kind == "Observation":
        try:
            check_focus(resource)
        except Void:
            raise
        except Unusable:
            return


def _told(
    named: Iterator[Any], kind: str, reading: Reading
) -> tuple[frozenset[str], str, tuple[Coding, ...]]:
    """Of all that is sound among the codes and words: the value sets, the first words, the codes."""
    concepts, text, told = frozenset[str](), "", list[Coding]()
    try:
        for concept in named:
            codings, words = sound_codings(concept)
            concepts |= reading.concepts.lookup(codings, words, kind)
            told += codings
            text = text or words.partition("\n")[0]
    except Unusable:
        pass  # what follows is malformed; what was told before stands
    return concepts, text, tuple(told)


def _times(resource: Json, shape: _Shape, reading: Reading) -> tuple[Stretch, When]:
    if shape.kind is EventKind.OBSERVATION:
        when, known_from = times_of(resource, reading)
        return Stretch(when, when, True), known_from
    known_from = reading.time(resource.get(shape.recorded)) if shape.recorded else UNKNOWN
    if not shape.time:
        return UNTOLD, known_from
    plain = resource.get(shape.time)
    if isinstance(plain, dict):
        return reading.period(plain), known_from
    if plain is not None:
        when = reading.time(plain)
        return Stretch(when, when, True), known_from
    return reading.choice(resource, shape.time), known_from


# ── What each type calls its code ───────────────────────────────────────────────────────────────────


def _code(found: Found, _: Reading) -> Iterator[Any]:
    yield found.resource.get("code")


def _observed(found: Found, _: Reading) -> Iterator[Any]:
    yield found.resource.get("code")
    for part in items(found.resource.get("component")):
        yield get(part, "code")


def _substances(found: Found, _: Reading) -> Iterator[Any]:
    yield found.resource.get("code")
    for reaction in items(found.resource.get("reaction")):
        yield get(reaction, "substance")


def _drugs(found: Found, reading: Reading) -> Iterator[Any]:
    yield found.resource.get("medicationCodeableConcept")
    reference = found.resource.get("medicationReference")
    yield {"text": get(reference, "display")}
    medication = reading.referred(found, reference, "Medication")
    if medication is not None:
        yield from ingredients(medication)


def _vaccine(found: Found, _: Reading) -> Iterator[Any]:
    yield found.resource.get("vaccineCode")


def _encounter(found: Found, _: Reading) -> Iterator[Any]:
    yield found.resource.get("serviceType")
    yield {"coding": [found.resource.get("class")]}
    yield from items(found.resource.get("type"))


def _device(found: Found, _: Reading) -> Iterator[Any]:
    yield found.resource.get("type")


def _used_device(found: Found, reading: Reading) -> Iterator[Any]:
    yield get(reading.referred(found, found.resource.get("device"), "Device"), "type")


def _study(found: Found, _: Reading) -> Iterator[Any]:
    yield from items(found.resource.get("procedureCode"))


class _Shape(NamedTuple):
    """Of a resource type: what it becomes, its codes, its time, its date of recording."""

    kind: EventKind
    named: Callable[[Found, Reading], Iterator[Any]]
    time: str = ""
    recorded: str = ""
    is_short: bool = False  # over with its time: it never lasts


_TAKEN, _ORDERED = EventKind.MEDICATION_TAKEN, EventKind.MEDICATION_ORDERED
_SHAPES: dict[str, _Shape] = {
    "Observation": _Shape(EventKind.OBSERVATION, _observed),
    "DiagnosticReport": _Shape(EventKind.OBSERVATION, _code),
    "Condition": _Shape(EventKind.CONDITION, _code, "onset", "recordedDate"),
    "AllergyIntolerance": _Shape(EventKind.ALLERGY, _substances, "onset", "recordedDate"),
    "MedicationAdministration": _Shape(_TAKEN, _drugs, "effective", is_short=True),
    "MedicationStatement": _Shape(_TAKEN, _drugs, "effective", "dateAsserted"),
    "MedicationRequest": _Shape(_ORDERED, _drugs, "authoredOn"),
    "MedicationDispense": _Shape(_ORDERED, _drugs, "whenHandedOver"),
    "Procedure": _Shape(EventKind.PROCEDURE, _code, "performed"),
    "ServiceRequest": _Shape(EventKind.ORDER, _code, "authoredOn"),
    "Immunization": _Shape(EventKind.IMMUNIZATION, _vaccine, "occurrence", is_short=True),
    "Encounter": _Shape(EventKind.ENCOUNTER, _encounter, "period"),
    "Device": _Shape(EventKind.DEVICE, _device),
    "DeviceUseStatement": _Shape(EventKind.DEVICE, _used_device, "timing", "recordedOn"),
    "ImagingStudy": _Shape(EventKind.PROCEDURE, _study, "started", is_short=True),
}
