"""What every fact kind works with: one patient's events by concept, the other facts, the site.

`Chart` reads the events once; a fact kind asks it for sightings and for the facts it depends on, and
makes its fact with `decided`, `undecided` or `absent`. Nothing depends on the order of the events.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence

from trivium.core.truth import FALSE, TRUE
from trivium.core.values import Value
from trivium.knowledge.models import FactSpec
from trivium.record.contradictions import weighed
from trivium.record.events import Coded, Event, EventKind, Person, Quantity, Record, When
from trivium.record.fact import Fact, Reason, unknown
from trivium.record.kinds_reading import read_value, show_value
from trivium.record.site import Site
from trivium.record.windows import Calendar, Sighting, is_pending, sight, stretch, within

Kinds = tuple[EventKind, ...]  # few: an identity scan is faster than a hash
# Orders and prescriptions are intent: whatever asks what has happened must not see them.
HAPPENED: Kinds = tuple(
    kind for kind in EventKind if kind not in (EventKind.ORDER, EventKind.MEDICATION_ORDERED)
)
RESULTS: Kinds = (EventKind.OBSERVATION,)
DRUGS: Kinds = (EventKind.MEDICATION_TAKEN, EventKind.MEDICATION_ORDERED)
_SHOWN = 8  # lines of `seen` that are written out


class Chart:
    """One patient at as-of: events indexed by concept, facts made on demand and kept."""

    def __init__(
        self,
        record: Record,
        as_of: int,
        zone: datetime.tzinfo,
        site: Site,
        make: Callable[[Chart, str], Fact | None],
    ) -> None:
        self.person: Person = record.person
        self.site = site
        self.calendar = Calendar(as_of, zone)
        self.facts: dict[str, Fact | None] = {}
        self._make = make
        self._seen: dict[str, list[Sighting]] = {}
        self._pending: dict[str, list[Event]] = {}
        self._index(record.events, as_of)

    def _index(self, events: Iterable[Event], as_of: int) -> None:
        seen, pending = self._seen, self._pending
        drugs: list[Sighting] = []
        for event in events:
            sighting = sight(event, as_of)
            if (sighting is None or event.status == "registered") and is_pending(event, as_of):
                for concept in event.concepts:
                    pending.setdefault(concept, []).append(event)
            elif sighting is not None and event.kind in DRUGS:
                drugs.append(sighting)
            elif sighting is not None:
                for concept in event.concepts:
                    seen.setdefault(concept, []).append(sighting)
        for sighting in weighed(drugs, self.calendar):
            for concept in sighting.event.concepts:
                seen.setdefault(concept, []).append(sighting)

    def fact(self, name: str) -> Fact | None:
        """Another fact; None when no such fact is declared.

        Errors:  ValueError when facts depend on one another in a circle (the loader refuses such).
        """
        if name not in self.facts:
            self.facts[name] = self._make(self, name)
        return self.facts[name]

    def find(
        self, spec: FactSpec, kinds: Kinds = RESULTS, concepts: Sequence[str] | None = None
    ) -> list[Sighting]:
        """The events of some kinds that carry a concept of the fact, whatever their date up to as-of."""
        concepts = spec.retrieval.concepts if concepts is None else concepts
        if len(concepts) == 1:
            return [each for each in self._seen.get(concepts[0], ()) if each.event.kind in kinds]
        found: dict[int, Sighting] = {}
        for concept in concepts:
            for each in self._seen.get(concept, ()):
                if each.event.kind in kinds:
                    found[id(each)] = each
        return list(found.values())

    def in_window(self, spec: FactSpec, kinds: Kinds = RESULTS) -> list[Sighting]:
        """As `find`, and within the fact's window where it has one."""
        found = self.find(spec, kinds)
        if spec.retrieval.within is None:
            return found
        return within(found, self.calendar.before(spec.retrieval.within))

    def read(self, spec: FactSpec, event: Event) -> Value | Reason:
        """What one observation says about the fact."""
        return read_value(spec, event, self.site, self.calendar)

    def show(self, each: Sighting) -> str:
        """An event as one line: what was recorded, when, where."""
        event = each.event
        what = event.text or show_value(event, self.calendar)
        if event.text and (event.value is not None or event.unread):
            what = f"{event.text}: {show_value(event, self.calendar)}"
        notes = [event.origin, *(event.status.split() if event.status == "preliminary" else ())]
        return f"{what}, {self.calendar.text(event.when)} ({', '.join(notes)})"

    def decided(
        self, spec: FactSpec, value: Value, found: Sequence[Sighting], at: When | None = None
    ) -> Fact:
        """The fact that these events decide."""
        origins, seen = self._sources(found)
        return Fact(spec, value, at or when_of(found), origins, (), seen)

    def undecided(
        self, spec: FactSpec, reasons: Iterable[Reason], found: Sequence[Sighting], also: Sequence[str] = ()
    ) -> Fact:
        """Unknown, although there are events: for these reasons, with what was seen."""
        origins, seen = self._sources(found)
        sorted_reasons = sorted(set(reasons), key=lambda reason: (reason.code, reason.origin, reason.detail))
        return unknown(spec, *sorted_reasons, at=when_of(found), origins=origins, seen=(*seen, *also))

    def absent(self, spec: FactSpec, also: Sequence[str] = (), reason: Reason | None = None) -> Fact:
        """Nothing speaks for it: false where the fact named by `false_when` is true, else Unknown.

        Only for facts about which no undecidable event was found.
        """
        whole = self.fact(spec.false_when) if spec.false_when else None
        if whole is not None and whole.value is TRUE and spec.type.kind == "boolean":
            return Fact(spec, FALSE, whole.at, whole.origins, (), tuple(also))
        return unknown(spec, reason or self._missing(spec), seen=also)

    def is_complete(self, spec: FactSpec) -> bool:
        """Whether what the record does not say did not happen."""
        whole = self.fact(spec.false_when) if spec.false_when else None
        return whole is not None and whole.value is TRUE

    def _missing(self, spec: FactSpec) -> Reason:
        waiting = [event for concept in spec.retrieval.concepts for event in self._pending.get(concept, ())]
        if not waiting:
            return Reason("missing", f"nothing recorded: {spec.label}")
        last = max(waiting, key=lambda event: (event.when.end or 0, event.origin))
        return Reason(
            "not-yet-reported", f"taken {self.calendar.text(last.when)}, no result so far", last.origin
        )

    def _sources(self, found: Sequence[Sighting]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All origins, and the newest events as lines: what a reader takes in, the number of the others."""
        if len(found) == 1:
            return (found[0].event.origin,), (self.show(found[0]),)
        rows = sorted(
            (each.start, each.end, each.event.origin, each.event.text, _written(each.event), place)
            for place, each in enumerate(found)
        )
        lines = [self.show(found[row[5]]) for row in rows[-_SHOWN:]]
        more = (f"and {len(rows) - _SHOWN} more",) if len(rows) > _SHOWN else ()
        return tuple(dict.fromkeys(row[2] for row in rows)), (*dict.fromkeys(lines), *more)


def _written(event: Event) -> str:
    """What tells two events of one resource and moment apart."""
    value = event.value
    return value.as_written if isinstance(value, Quantity) else value.text if isinstance(value, Coded) else ""


def when_of(found: Sequence[Sighting]) -> When | None:
    """The stretch in which all of them lie; the recorded stamp of a single one."""
    if len(found) == 1:
        return found[0].event.when
    if not found:
        return None
    return stretch(min(each.start for each in found), max(each.end for each in found))
