"""Observation and DiagnosticReport → events. Each component is an event of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

from trivium.record.events import Coded, Event, EventKind, EventValue, When
from trivium.record.fhir_files import Found
from trivium.record.fhir_reading import Reading, Unusable, Void, get, items, sound_codings, word, wording
from trivium.record.fhir_status import status_of
from trivium.record.fhir_values import as_written, interpretations, ranges, value_of


class _Shared(NamedTuple):
    """What the components of an Observation have in common."""

    origin: str
    when: When
    known_from: When
    status: str


def observations(found: Found, reading: Reading) -> list[Event]:
    """An Observation and its components, as far as some value set asks for them.

    `when` is effective[x]; when only `issued` is there, the time is not after it, and no more is known.
    `known_from` is `issued`, else the whole of effective[x]. `hasMember` is only a link: the members are
    Observations on their own. One whose value cannot be read is an event all the same, without a value:
    were it left out, an older result would pass for the newest.
    """
    resource = found.resource
    top = reading.match(resource.get("code"), "Observation")
    components = resource.get("component")
    parts = [
        (at, part, told)
        for at, part in enumerate(items(components) if components is not None else ())
        if (told := _component(part, reading))
    ]
    if not top and not parts:
        return []
    check_focus(resource)
    status = status_of(resource, "Observation")
    shared = _Shared(found.origin, *times_of(resource, reading), status)
    events = [_event(part, *told, f"component[{at}]", shared, reading) for at, part, told in parts]
    if top:
        event = _event(resource, top, None, "", shared, reading)
        # The head of a panel has no value of its own: its components are the result.
        if event.value is not None or event.absent_reason or not parts:
            events.append(event)
    return events


def _component(part: Any, reading: Reading) -> tuple[frozenset[str], Unusable | None] | None:
    """What a component is about, and what is wrong with its code; None when no value set asks for it.

    A component without a code is not needed: it cannot mean anything by itself.
    """
    concept = get(part, "code")
    try:
        concepts = reading.match(concept, "Observation")
    except Unusable as problem:
        concepts = reading.concepts.lookup(*sound_codings(concept), "Observation")
        if concepts:
            return concepts, problem
        reading.note("component-not-read")
    return (concepts, None) if concepts else None


def _event(
    part: dict[str, Any],
    concepts: frozenset[str],
    problem: Unusable | None,
    place: str,
    shared: _Shared,
    reading: Reading,
) -> Event:
    value: EventValue = None
    absent = unread = ""
    try:
        if problem is None:
            value, absent = value_of(part, reading)
    except Unusable as raised:
        problem = raised
    if problem is not None:
        absent, unread = problem.reason, as_written(part, "value") or problem.reason
        reading.skip_part(f"{place}.value" if place else "value", problem.reason, problem.detail)
    return Event(
        EventKind.OBSERVATION,
        concepts,
        f"{shared.origin}#{place}" if place else shared.origin,
        shared.when,
        shared.known_from,
        None,
        shared.status,
        value,
        absent,
        interpretations(part.get("interpretation"), reading),
        ranges(part.get("referenceRange"), reading),
        None,
        sound_codings(part.get("code"))[1].partition("\n")[0],
        unread,
    )


def times_of(resource: dict[str, Any], reading: Reading) -> tuple[When, When]:
    """When it was measured, and from when on the record could have shown it."""
    effective = reading.choice(resource, "effective")
    when = effective.whole
    issued = reading.time(resource.get("issued"))
    if not when.is_known and issued.is_known:
        reading.note("only-issued")
        return When(None, issued.end), issued
    # Measured some time in a period: not known before it, and not surely before its end.
    return when, issued if issued.is_known else when


def check_focus(resource: dict[str, Any]) -> None:
    """An Observation may be filed with a patient and be about a donor, a fetus or a device. Raises Void."""
    own = get(resource.get("subject"), "reference")
    for focus in items(resource.get("focus")):
        if get(focus, "reference") != own or own is None:
            raise Void("focus-elsewhere")


def reports(found: Found, reading: Reading) -> list[Event]:
    """A DiagnosticReport by its own code, with its conclusion; the results it links to are Observations."""
    resource = found.resource
    concepts = reading.match(resource.get("code"), "DiagnosticReport")
    if not concepts:
        return []
    status = status_of(resource, "DiagnosticReport")
    when, known_from = times_of(resource, reading)
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
