"""Fact kinds over what the record lists: present, done, allergy, immunized.

Each event speaks for the fact (true), leaves it open (a reason), or does not speak for it. One that
speaks decides. One that leaves it open keeps it Unknown even where the list is declared complete. Only
when none does either is the thing absent, which means false only by `false_when`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.wording import has_phrase, is_doubted
from trivium.knowledge.models import FactSpec
from trivium.record import windows
from trivium.record.events import Event, EventKind
from trivium.record.fact import Fact, Reason
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_reading import unreadable
from trivium.record.lasting import ended_by, last_exposure, words
from trivium.record.windows import Sighting

# Words of FHIR's status fields (also several in one `status`, as "active provisional").
_NOT_SO = frozenset(
    ("refuted", "entered-in-error", "not-done", "not-taken", "cancelled", "intended", "draft")
)
_NOT_YET = frozenset(("preparation", "registered", "planned", "proposed"))
_SUSPECTED = frozenset(("unconfirmed", "provisional", "differential"))
_UNCLEAR = frozenset(("unknown",))

Verdict = Truth | Reason | None


def not_certain(each: Sighting, what: str) -> Reason:
    """The reason of an event whose dates leave it open."""
    return Reason("uncertain-date", what, each.event.origin)


def any_of(
    chart: Chart,
    spec: FactSpec,
    found: Sequence[Sighting],
    judge: Callable[[Sighting], Verdict],
    besides: Sequence[tuple[Sighting, Reason]] = (),
) -> Fact:
    """The fact that one event makes true; `besides` are further reasons that keep it from being false."""
    if not found and not besides:
        return chart.absent(spec)
    verdicts = [(each, judge(each)) for each in found]
    speaking = [each for each, verdict in verdicts if verdict is TRUE]
    if speaking:
        return chart.decided(spec, TRUE, speaking)
    open_ = [(each, verdict) for each, verdict in verdicts if isinstance(verdict, Reason)] + list(besides)
    if open_:
        return chart.undecided(spec, [reason for _, reason in open_], [each for each, _ in open_])
    return chart.absent(spec, sorted(f"not counted: {chart.show(each)}" for each in found))


def _standing(event: Event) -> Verdict:
    """What the status alone says: true to go on, a reason, or None for what does not count."""
    if event.unread:
        return unreadable(event)
    status = words(event)
    if status & _NOT_SO or status & _NOT_YET:
        return None
    if status & _SUSPECTED:
        return Reason("unconfirmed", f"recorded as {', '.join(sorted(status & _SUSPECTED))}", event.origin)
    if status & _UNCLEAR:
        return Reason("unreadable", "its status is recorded as unknown", event.origin)
    return TRUE


def _says(event: Event, phrases: Sequence[str]) -> bool:
    text = event.text.lower()
    return any(has_phrase(text, phrase.lower()) for phrase in phrases)


def present(chart: Chart, spec: FactSpec) -> Fact:
    """`{present: [VS…], ever: true}`: a condition active at as-of; with `ever`, in the history at all.

    With `saying: [phrase…]` only a condition whose own words contain one of the phrases speaks, and one
    whose words also doubt or deny leaves it open.
    """
    ever = bool(spec.retrieval.options.get("ever"))
    phrases: Sequence[str] = spec.retrieval.options.get("saying", ())
    as_of = chart.calendar.as_of

    def judge(each: Sighting) -> Verdict:
        if phrases and not _says(each.event, phrases):
            return None
        if phrases and is_doubted(each.event.text):
            return Reason("unconfirmed", f"recorded as: {each.event.text}", each.event.origin)
        return _listed(each, FALSE if ever else ended_by(each.event, as_of))

    return any_of(chart, spec, chart.in_window(spec, (EventKind.CONDITION,)), judge)


def allergy(chart: Chart, spec: FactSpec) -> Fact:
    """`{allergy: [VS…]}`: a recorded allergy or intolerance that is not refuted or resolved."""
    return any_of(
        chart,
        spec,
        chart.in_window(spec, (EventKind.ALLERGY,)),
        lambda each: _listed(each, ended_by(each.event, chart.calendar.as_of)),
    )


def _listed(each: Sighting, over: Truth) -> Verdict:
    """What an entry of a list says, given whether it was over by as-of."""
    standing = None if over is TRUE else _standing(each.event)
    if standing is TRUE and not each.certain:
        return not_certain(each, "it may have begun later")
    if standing is TRUE and over is UNKNOWN:
        return not_certain(each, "it may have ended before")
    return standing


def immunized(chart: Chart, spec: FactSpec) -> Fact:
    """`{immunized: [VS…], within: …}`: a vaccine given."""
    return _happened(chart, spec, (EventKind.IMMUNIZATION,))


def done(chart: Chart, spec: FactSpec) -> Fact:
    """`{done: [VS…], within: …}`: a procedure done, or the device or observation that proves it."""
    return _happened(chart, spec, (EventKind.PROCEDURE, EventKind.DEVICE, EventKind.OBSERVATION))


def _happened(chart: Chart, spec: FactSpec, kinds: tuple[EventKind, ...]) -> Fact:
    as_of, window = chart.calendar.as_of, spec.retrieval.within
    before = None if window is None else chart.calendar.before(window)
    inside: dict[int, Sighting | None] = {}
    found = chart.find(spec, kinds)
    for each in found:
        last = last_exposure(each, as_of, lasting=_lasts(each.event))
        kept = [last] if before is None else windows.within([last], before)
        inside[id(each)] = kept[0] if kept else None

    def judge(each: Sighting) -> Verdict:
        moment = inside[id(each)]
        standing = proof(each.event) if moment is not None else None
        if standing is TRUE and moment is not None and not moment.certain:
            return not_certain(each, "its date leaves open whether it counts")
        return standing

    return any_of(chart, spec, found, judge)


def _lasts(event: Event) -> bool:
    """Whether what has no recorded end goes on: a procedure or device in use, never a result."""
    return bool(words(event) & {"in-progress", "active"}) and event.kind is not EventKind.OBSERVATION


def proof(event: Event) -> Verdict:
    """Whether an event proves that a thing was done."""
    if event.kind is EventKind.OBSERVATION and not event.unread:
        if event.value is False or event.absent_reason == "not-performed":
            return None
        if event.absent_reason:
            return Reason("no-value", f"recorded without a value: {event.absent_reason}", event.origin)
    return _standing(event)
