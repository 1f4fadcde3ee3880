"""`trivium replay`: a record walked through time, as text, JSON or an SVG timeline.

The JSON form (and what the faces are given), one object a patient, keys in this order:

    notice, patient, pathway {id, label, version, status}
    first, last      days, YYYY-MM-DD
    days             {looked_at, unchanged}: plans made; days dropped because nothing happened or changed
    note             what was left out ("" for nothing)
    undated          [happening]: entries of the record that bear no date
    earlier          how many entries the record has before `first`
    start            {happened: [happening], plan: state}
    steps            [{day, happened: [happening], changes: {section: [change]}}], days in order
    end              state
    series           [{fact, label, unit, points: [{first, last, low, high}], thresholds: [{op, value}],
                     lost: [day]}]: numeric results; `lost`: days on which the newest no longer counted
    treatments       [{label, spans: [{first, last, ongoing, exact}]}]: drugs taken, procedures, devices
    versions         {engine, knowledge}

    section    stage, recommendations, options, alerts, scores, questions, facts
    state      {section: [{id, label, status, holds, rank}]}
    change     {id, label, before, after, added, removed, because, rank}: statuses before and after (null:
               not there), conditions (or missing facts) that came and went, the changed facts it rests on
    happening  {what, label, value, when, origin, kind}

`start` with the changes of all steps up to a day gives the plan of that day; facts that only time moves
(ages, days since) are written where something rests on them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

import trivium
from trivium.commands.assess import Request, as_of_day, records
from trivium.core.errors import UsageError
from trivium.core.values import Interval, Number
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.plan import NOTICE, Plan
from trivium.plan_json import to_bytes
from trivium.record.events import Event, EventKind, Record, When
from trivium.record.fact import Fact
from trivium.record.kinds_reading import show_value
from trivium.record.lasting import ended_by, is_administration, words
from trivium.record.site import Site, read_site
from trivium.record.windows import Calendar
from trivium.replay import State, replay, thresholds

FORMATS = ("text", "json", "svg")
Data = dict[str, Any]


def run(request: Request, form: str, first: str = "", last: str = "", colour: bool = False) -> str:
    """The course of each patient in the format asked for; SVG is one patient's.

    Errors:  UsageError for a format, a day or a setting that cannot be used; RecordError, KnowledgeError.
    """
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    knowledge, site = load(request.knowledge), read_site(request.site) if request.site else Site()
    ends = [as_of_day(text, site.zone) if text else None for text in (first, last)]
    found = records(request, knowledge, site)
    if form == "svg" and len(found) > 1:
        raise UsageError("a timeline shows one patient", hint="choose one with --patient")
    data = [replay_data(knowledge, record, site, *ends) for record in found]
    if form == "json":
        return to_bytes(data[0] if len(data) == 1 else data).decode()
    if form == "svg":
        from trivium.faces.timeline import render as render_svg

        return render_svg(data[0])
    from trivium.faces.replay_text import render

    return "\n".join(render(item, colour) for item in data)


def replay_data(
    knowledge: Knowledge,
    record: Record,
    site: Site,
    first: datetime.date | None = None,
    last: datetime.date | None = None,
) -> Data:
    """A course as published."""
    tracks = _Tracks(knowledge, site.zone)
    course = replay(knowledge, record, site, first, last, tracks.watch)
    diary, undated = happenings(knowledge, record, site.zone)
    pathway = knowledge.pathway
    begin, until = course.days[0], course.days[-1]
    steps = [
        {
            "day": day.isoformat(),
            "happened": diary.get(day, []),
            "changes": {section: [asdict(change) for change in found] for section, found in changes.items()},
        }
        for day, changes in course.steps.items()
        if day in diary or any(changes.values())
    ]
    return {
        "notice": NOTICE,
        "patient": record.person.id,
        "pathway": {
            "id": pathway.id,
            "label": pathway.label,
            "version": pathway.version,
            "status": pathway.status,
        },
        "first": begin.isoformat(),
        "last": until.isoformat(),
        "days": {"looked_at": len(course.days), "unchanged": len(course.days) - 1 - len(steps)},
        "note": course.note,
        "undated": undated,
        "earlier": sum(len(found) for day, found in diary.items() if day < begin),
        "start": {"happened": diary.get(begin, []), "plan": _state(course.start)},
        "steps": steps,
        "end": _state(course.end),
        "series": tracks.series(),
        "treatments": treatments(knowledge, record, site.zone, begin, until),
        "versions": {"engine": trivium.__version__, "knowledge": knowledge.version},
    }


def _state(state: State) -> Data:
    keys = ("id", "label", "status", "holds", "rank")
    return {
        section: [{key: getattr(entry, key) for key in keys} for entry in entries.values()]
        for section, entries in state.items()
    }


# ── What the record says ────────────────────────────────────────────────────────────────────────────

_VERBS = {
    EventKind.OBSERVATION: "reported",
    EventKind.MEDICATION_ORDERED: "ordered",
    EventKind.PROCEDURE: "done",
    EventKind.IMMUNIZATION: "given",
    EventKind.ORDER: "ordered",
    EventKind.ENCOUNTER: "began",
    EventKind.DEVICE: "in use",
}
_PLAIN = frozenset(("final", "active", "completed", "confirmed", "finished", "active confirmed"))
_UNDONE = frozenset(("entered-in-error", "not-done", "not-taken", "intended", "cancelled", "draft"))
_TREATING = (EventKind.MEDICATION_TAKEN, EventKind.PROCEDURE, EventKind.DEVICE)


def happenings(
    knowledge: Knowledge, record: Record, zone: datetime.tzinfo
) -> tuple[dict[datetime.date, list[Data]], list[Data]]:
    """Day → what a reader of the record meets on it, in a fixed order; and what bears no date."""
    calendar = Calendar(0, zone)
    diary: dict[datetime.date, list[Data]] = {}
    undated: list[Data] = []
    for event in record.events:
        for second, entry in _entries(knowledge, event, calendar):
            day = _day(second, calendar)
            (undated if day is None else diary.setdefault(day, [])).append(entry)
    return {day: _ordered(found) for day, found in diary.items()}, _ordered(undated)


def _ordered(entries: Iterable[Data]) -> list[Data]:
    """Sorted, and what one resource says twice only once."""
    keys = ("kind", "origin", "label", "what", "value", "when")
    rows = {tuple(entry[key] for key in keys): entry for entry in entries}
    return [rows[key] for key in sorted(rows)]


def _day(second: int | None, calendar: Calendar) -> datetime.date | None:
    local = None if second is None else calendar.local(second)
    return None if local is None else local.date()


def _entries(knowledge: Knowledge, event: Event, calendar: Calendar) -> Iterator[tuple[int | None, Data]]:
    titles = [str(knowledge.valuesets[name]["title"]) for name in sorted(event.concepts)]
    value = "" if event.value is None and not event.absent_reason else show_value(event, calendar)
    label = event.text or "; ".join(titles) or event.kind.value
    dose = event.dose.text if event.dose and event.dose.text not in label else ""
    status = event.status if event.status not in _PLAIN else ""
    verb = _VERBS.get(event.kind, "recorded")
    if event.kind is EventKind.MEDICATION_TAKEN:
        verb = "given" if is_administration(event) else "taken from"
        verb = "not taken from" if "not-taken" in words(event) else verb

    def entry(what: str, when: When, shown: str = "") -> Data:
        return {
            "what": what,
            "label": label,
            "value": shown,
            "when": _when(when, calendar),
            "origin": event.origin,
            "kind": event.kind.value,
        }

    begun, known = event.when.start, event.known_from.start
    seen = max((second for second in (begun, known) if second is not None), default=None)
    if seen is None:  # nothing says since when: perhaps until when
        seen = event.when.end if event.when.end is not None else event.known_from.end
    if verb == "reported" and begun is not None and _day(begun, calendar) != _day(seen, calendar):
        yield begun, entry("sampled", event.when)
    yield seen, entry(verb, event.when, ", ".join(part for part in (value, dose, status) if part))
    if event.ended is not None and event.ended.end is not None and event.ended != event.when:
        yield event.ended.end, entry("ended", event.ended)


def _when(when: When, calendar: Calendar) -> str:
    start, end = _day(when.start, calendar), _day(when.end, calendar)
    return start.isoformat() if start is not None and start == end else calendar.text(when)


def treatments(
    knowledge: Knowledge, record: Record, zone: datetime.tzinfo, begin: datetime.date, until: datetime.date
) -> list[Data]:
    """What was taken or done between two days, by the narrowest value set that names it."""
    calendar = Calendar(0, zone)
    found: dict[str, set[tuple[datetime.date, datetime.date, bool, bool]]] = {}
    for event in record.events:
        if event.kind not in _TREATING or _UNDONE & set(event.status.split()) or not event.concepts:
            continue
        if event.unread:  # that it was given at all is not known
            continue
        start = _day(event.when.start, calendar)
        latest = _day(event.when.end, calendar) or start
        stop = _day(event.ended.end, calendar) if event.ended is not None else None
        lasting = "active" in event.status.split() or event.status == "in-progress"
        ongoing = event.ended is None and lasting and not ended_by(event, 0)
        if start is None or latest is None or start > until:
            continue
        end = until if ongoing or (stop is not None and stop > until) else stop or latest
        if end >= begin:
            span = (max(start, begin), min(end, until), ongoing, start == latest)
            found.setdefault(_title(knowledge, event), set()).add(span)
    rows = sorted(found.items(), key=lambda row: (min(row[1])[:2], row[0]))
    return [
        {
            "label": label,
            "spans": [
                {"first": a.isoformat(), "last": b.isoformat(), "ongoing": ongoing, "exact": exact}
                for a, b, ongoing, exact in sorted(spans)
            ],
        }
        for label, spans in rows
    ]


def _title(knowledge: Knowledge, event: Event) -> str:
    sets = knowledge.valuesets
    narrowest = min(event.concepts, key=lambda name: (len(sets[name].get("codes") or ()), name))
    return str(sets[narrowest]["title"]).split(",")[0].split(" (")[0]


# ── Numbers over time ───────────────────────────────────────────────────────────────────────────────


class _Point(NamedTuple):
    first: datetime.date | None
    last: datetime.date | None
    low: float | None
    high: float | None


class _Tracks:
    """Collects numeric results from the plans of a replay, as its facts have them: in one unit each."""

    def __init__(self, knowledge: Knowledge, zone: datetime.tzinfo) -> None:
        latest = [spec for spec in knowledge.pathway.facts.values() if spec.retrieval.kind == "latest"]
        self.specs = [spec for spec in latest if spec.type.kind in ("quantity", "integer")]
        self.calendar = Calendar(0, zone)
        self.asked = thresholds(knowledge)
        self.points: dict[str, dict[_Point, None]] = {}
        self.lost: dict[str, list[datetime.date]] = {}
        self.known: set[str] = set()

    def watch(self, plan: Plan) -> None:
        for spec in self.specs:
            fact = plan.facts[spec.id]
            if fact.is_known and isinstance(fact.value, Interval):
                self.points.setdefault(spec.id, {})[self._point(fact, fact.value)] = None
                self.known.add(spec.id)
            elif spec.id in self.known:
                self.known.discard(spec.id)
                self.lost.setdefault(spec.id, []).append(plan.as_of)

    def _point(self, fact: Fact, value: Interval) -> _Point:
        at = fact.at or When()
        days = _day(at.start, self.calendar), _day(at.end, self.calendar)
        return _Point(*days, _float(value.low), _float(value.high))

    def series(self) -> list[Data]:
        return [
            {
                "fact": spec.id,
                "label": spec.label,
                "unit": spec.type.unit if spec.type.unit not in (None, "1") else "",
                "points": [_iso(point._asdict()) for point in self.points[spec.id]],
                "thresholds": self._thresholds(spec.id),
                "lost": [day.isoformat() for day in self.lost.get(spec.id, ())],
            }
            for spec in self.specs
            if spec.id in self.points
        ]

    def _thresholds(self, name: str) -> list[Data]:
        pairs = sorted({(float(number), op) for op, number in self.asked.get(name, ())})
        return [{"op": op, "value": number} for number, op in pairs]


def _float(number: Number | None) -> float | None:
    return None if number is None else float(number)


def _iso(row: Mapping[str, Any]) -> Data:
    days = {key: value.isoformat() for key, value in row.items() if isinstance(value, datetime.date)}
    return {**row, **days}
