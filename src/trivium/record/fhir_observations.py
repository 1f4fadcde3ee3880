"""Observation and DiagnosticReport → events. Each component is an event of its own."""

from __future__ import annotations

from typing import Any

from trivium.record.events import Coded, Event, EventKind, Skip, When
from trivium.record.fhir_files import Found
from trivium.record.fhir_reading import Reading, Unusable, get, items, word, wording
from trivium.record.fhir_status import status_of
from trivium.record.fhir_values import interpretations, ranges, value_of


def observations(found: Found, reading: Reading) -> list[Event]:
    """An Observation and its components, as far as some value set asks for them.

    `when` is effective[x]; when only `issued` is there, the time is not after it, and no more is known.
    `known_from` is `issued`, else the whole of effective[x]. `hasMember` is only a link: the members are
    Observations on their own.
    """
    resource = found.resource
    top = reading.match(resource.get("code"), "Observation")
    components = resource.get("component")
    parts = [
        (at, part, concepts)
        for at, part in enumerate(items(components) if components is not None else ())
        if (concepts := _component_concepts(part, reading))
    ]
    if not top and not parts:
        return []
    status = status_of(resource, "Observation")
    _check_focus(resource)
    when, known_from = _times(resource, reading)
    origin = found.origin
    events = []
    for at, part, concepts in parts:
        place = f"{origin}#component[{at}]"
        try:
            events.append(_event(part, concepts, place, when, known_from, status, reading))
        except Unusable as problem:
            reading.part_skips.append(Skip(place, problem.reason, problem.detail))
    failed = len(parts) - len(events)
    if top:
        event = _event(resource, top, origin, when, known_from, status, reading)
        # The head of a panel has no value of its own: its components are the result.
        if event.value is not None or event.absent_reason or not parts:
            events.append(event)
    if not events:
        raise Unusable(reading.part_skips[-1].reason, f"all {failed} components")
    return events


def _component_concepts(part: Any, reading: Reading) -> frozenset[str]:
    """A component without a code is not needed: it cannot mean anything by itself."""
    concept = get(part, "code")
    try:
        return reading.match(concept, "Observation")
    except Unusable:
        reading.note("component-not-read")
        return frozenset()


def _event(
    part: dict[str, Any],
    concepts: frozenset[str],
    origin: str,
    when: When,
    known_from: When,
    status: str,
    reading: Reading,
) -> Event:
    value, absent = value_of(part, reading)
    return Event(
        EventKind.OBSERVATION,
        concepts,
        origin,
        when,
        known_from,
        None,
        status,
        value,
        absent,
        interpretations(part.get("interpretation"), reading),
        ranges(part.get("referenceRange"), reading),
        None,
        wording(part.get("code")),
    )


def _times(resource: dict[str, Any], reading: Reading) -> tuple[When, When]:
    effective = reading.choice(resource, "effective")
    when = effective.whole
    issued = reading.time(resource.get("issued"))
    if not when.is_known and issued.is_known:
        reading.note("only-issued")
        return When(None, issued.end), issued
    # Measured some time in a period: not known before it, and not surely before its end.
    return when, issued if issued.is_known else when


def _check_focus(resource: dict[str, Any]) -> None:
    """An Observation may be filed with a patient and be about a donor, a fetus or a device."""
    own = get(resource.get("subject"), "reference")
    for focus in items(resource.get("focus")):
        if get(focus, "reference") != own or own is None:
            raise Unusable("focus-elsewhere")


def reports(found: Found, reading: Reading) -> list[Event]:
    """A DiagnosticReport by its own code, with its conclusion; the results it links to are Observations."""
    resource = found.resource
    concepts = reading.match(resource.get("code"), "DiagnosticReport")
    if not concepts:
        return []
    status = status_of(resource, "DiagnosticReport")
    when, known_from = _times(resource, reading)
    codes: list[tuple[str, str]] = []
    lines = [word(resource.get("conclusion"))]
    for concept in items(resource.get("conclusionCode")):
        codes += reading.codes(concept)
        lines.append(wording(concept))
    text = "\n".join(line for line in lines if line)
    value = Coded(tuple(codes), text) if codes or text else None
    return [
        Event(
            EventKind.OBSERVATION,
            concepts,
            found.origin,
            when,
            known_from,
            status=status,
            value=value,
            text=wording(resource.get("code")),
        )
    ]
