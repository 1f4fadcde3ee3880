"""FHIR R4 in, records out: read everything, keep what some fact may ask for, count and name the rest.

One bad resource never sinks a record: it becomes a `Skip` with a stable reason. A `RecordError` is raised
only when nothing can be read at all. The order of files and entries never matters.

What cannot be read but is known to concern a fact is used all the same, as an event that decides nothing
(`fhir_unread`); what of it was not read stands among the skips as a part of it (`Observation/a#value`).

Time: `Event.when` is effective, onset, performed, occurrence, authored or handed over; `known_from` is
`issued` (Observation, DiagnosticReport), `recordedDate` (Condition, AllergyIntolerance) or `dateAsserted`
(MedicationStatement), else the start of `when`. `ended` is `When()` for what is over since nobody knows when.

Copies: equal resources with one type, id and patient count once (`repeated-resource` in the notes). Of
differing ones the later by meta counts and the others are skipped as `superseded`; where meta does not say,
all stay (`duplicate-id-differs`), since dropping one would be silent loss.

Reports: a record's report covers its own resources and those that are nobody's (practitioners, lines that
could not be read: they may have been this patient's). So these stand in the report of every record.
For every type, read == used + not_needed + skipped, where `skipped_by_type` counts the last.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from trivium.core.errors import RecordError
from trivium.knowledge.concepts import Concepts
from trivium.record.events import Event, ReadReport, Record, Skip
from trivium.record.fhir_files import Collected, Found, collect_bytes, collect_path
from trivium.record.fhir_json import Unreadable
from trivium.record.fhir_people import ANONYMOUS, Key, People, person
from trivium.record.fhir_reading import Reading, Unusable, Void
from trivium.record.fhir_references import References
from trivium.record.fhir_resources import READERS
from trivium.record.fhir_times import Clock
from trivium.record.fhir_unread import unread
from trivium.record.fhir_versions import FOREIGN, last_updated, settle, version_of

# What is left when input of a shape that nobody thought of meets code that nobody tried it on.
_MALFORMED = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


def read_path(path: Path, concepts: Concepts, zone: tzinfo) -> list[Record]:
    """The records in a file, or in the FHIR files of a folder; sorted by patient id.

    Shapes:  JSON or NDJSON, plain or gzip; Bundles of any type and depth, Parameters, arrays, resources.
    Errors:  RecordError when nothing can be read: no such file, no JSON, no FHIR, or FHIR of another version.
    """
    return _read(lambda into: collect_path(path, into), path.name, concepts, zone)


def read_bytes(data: bytes, name: str, concepts: Concepts, zone: tzinfo) -> list[Record]:
    """As `read_path`, from the content of one file; `name` is used in messages."""
    return _read(lambda into: collect_bytes(data, name, into), name, concepts, zone)


def skipped_by_type(report: ReadReport) -> Counter[str]:
    """How many resources of each type were skipped; parts of resources and unreadable lines do not count."""
    origins = (skip.origin for skip in report.skips if "/" in skip.origin and "#" not in skip.origin)
    return Counter(origin.partition("/")[0] for origin in origins)


def _read(collect: Callable[[Collected], None], name: str, concepts: Concepts, zone: tzinfo) -> list[Record]:
    collected = Collected()
    try:
        collect(collected)
    except Unreadable as problem:
        raise RecordError(problem.what, where=name, hint=problem.hint) from None
    except OSError as problem:
        raise RecordError("the file cannot be read", where=name, why=problem.strerror or "") from None
    if not collected.found:
        reasons = sorted({skip.reason for skip in collected.skips})
        why = "skipped: " + ", ".join(reasons) if reasons else ""
        raise RecordError(
            "no FHIR resource in it", where=name, why=why, hint="give FHIR R4 as JSON or NDJSON"
        )
    return _Reader(collected, concepts, zone, name).records()


class _Reader:
    """Turns what was collected into records."""

    def __init__(self, collected: Collected, concepts: Concepts, zone: tzinfo, name: str) -> None:
        self.collected, self.name = collected, name
        clock = Clock(zone)
        self.reading = Reading(concepts, clock, References(collected.found, clock).find)
        self.people = People()
        self.deleted = _deletions(collected, clock)
        self.groups: defaultdict[Key, list[Found]] = defaultdict(list)
        self.shared: list[Found] = []
        self.homeless: list[tuple[Found, Unusable]] = []

    def records(self) -> list[Record]:
        self._assign()
        self._refuse_other_versions()
        common = self._common()
        keys = sorted({*self.groups, *self.people.patients})
        return [self._record(key, common) for key in keys or [ANONYMOUS]]

    def _assign(self) -> None:
        for found in self.collected.found:
            if found.type == "Patient" and not found.broken:
                self.groups[self.people.add(found)].append(found)
        for found in self.collected.found:
            if found.broken and (found.type == "Patient" or not found.resource):
                self.homeless.append((found, Unusable(found.broken)))
                continue
            if found.type == "Patient":
                continue
            try:
                key = self.people.owner(found)
            except Unusable as problem:
                self.homeless.append((found, problem))
            except _MALFORMED:
                self.homeless.append((found, Unusable("malformed", "subject")))
            else:
                (self.shared if key is None else self.groups[key]).append(found)

    def _refuse_other_versions(self) -> None:
        """An input all in another version is refused as a whole; single resources are skipped one by one."""
        others = [found for found in self.collected.found if found.type != "Patient"]
        readable = any(found.type in READERS and not version_of(found) for found in others)
        versions = set() if readable else {version_of(found) for found in others} & FOREIGN
        if versions:
            said = " and ".join(version.removeprefix("fhir-").upper() for version in sorted(versions))
            raise RecordError(
                f"FHIR {said}, not R4",
                where=self.name,
                why="elements changed names and meanings between the versions, so it is not read at all",
                hint="export the record as FHIR R4 (4.0.1)",
            )

    def _common(self) -> ReadReport:
        """What concerns no patient, or may concern any."""
        report = ReadReport(skips=list(self.collected.skips), notes=dict(self.collected.notes))
        for found, problem in self.homeless:
            _count(report.read, found.type)
            report.skips.append(Skip(found.origin, problem.reason, problem.detail))
        for found in self.shared:
            _count(report.read, found.type)
            reason = found.broken or version_of(found)
            if reason:
                report.skips.append(Skip(found.origin, reason))
            else:
                _count(report.not_needed, found.type)
        return report

    def _record(self, key: Key, common: ReadReport) -> Record:
        report = ReadReport(
            dict(common.read), {}, dict(common.not_needed), list(common.skips), dict(common.notes)
        )
        reading = self.reading
        reading.notes, reading.part_skips = report.notes, report.skips
        events: list[Event] = []
        patients: list[Found] = []
        for found in self._settled(self.groups.get(key, []), report):
            if found.type == "Patient":
                patients.append(found)
                continue
            self._one(found, events, report)
        sound = self._sound_patients(patients, report)
        who = person(key, sound, reading)
        report.skips.sort(key=lambda skip: (skip.origin, skip.reason, skip.detail))
        for counts in (report.read, report.used, report.not_needed, report.notes):
            _sort(counts)
        return Record(who, _sorted(events), report)

    def _sound_patients(self, patients: list[Found], report: ReadReport) -> list[Found]:
        sound = []
        for found in patients:
            version = version_of(found)
            if version:
                report.skips.append(Skip(found.origin, version))
            else:
                _count(report.used, "Patient")
                sound.append(found)
        return sound

    def _settled(self, group: list[Found], report: ReadReport) -> list[Found]:
        """One copy of each resource, unless copies differ and nothing says which is later."""
        first: dict[tuple[str, str], Found] = {}
        copies: dict[tuple[str, str], list[Found]] = {}
        for found in group:
            key = (found.type, found.name)
            if first.setdefault(key, found) is not found:
                copies.setdefault(key, [first[key]]).append(found)
        _add(report.read, Counter(found.type for found in group))
        settled = (
            [found for key, found in first.items() if key not in copies] if copies else [*first.values()]
        )
        for (kind, _), same in copies.items():
            kept, superseded, repeats = settle(same, self.reading.clock)
            for _ in range(repeats):
                _count(report.not_needed, kind)
                _count(report.notes, "repeated-resource")
            report.skips += [Skip(old.origin, "superseded") for old in superseded]
            if len(kept) > 1:
                _count(report.notes, "duplicate-id-differs")
            settled += kept
        return settled

    def _one(self, found: Found, events: list[Event], report: ReadReport) -> None:
        try:
            self._check_deleted(found)
            made = self._events(found)
        except Unusable as problem:
            report.skips.append(Skip(found.origin, problem.reason, problem.detail))
        except _MALFORMED as problem:
            report.skips.append(Skip(found.origin, "malformed", type(problem).__name__))
        else:
            _count(report.used if made else report.not_needed, found.type)
            events += made

    def _events(self, found: Found) -> list[Event]:
        """What the resource says; of one that cannot be read that it is there. Raises Unusable."""
        reader, version = READERS.get(found.type), version_of(found)
        self.reading.here = found.origin
        if found.broken or version in FOREIGN:
            problem = Unusable(found.broken or version)
        else:
            try:
                return reader(found, self.reading) if reader else []
            except Void:
                raise
            except Unusable as raised:
                problem = raised
            except _MALFORMED as raised:
                problem = Unusable("malformed", type(raised).__name__)
        try:
            trace = unread(found, problem, self.reading)
        except Void as void:
            raise problem if version in FOREIGN else void from None
        if trace is None:
            raise problem
        self.reading.skip_part(problem.part or "content", problem.reason, problem.detail)
        return [trace]

    def _check_deleted(self, found: Found) -> None:
        if not self.deleted:
            return
        gone = self.deleted.get(f"{found.type}/{found.id}")
        if gone is not None:
            updated = self.reading.clock.instant(last_updated(found))
            if updated is None or updated <= gone:
                raise Void("deleted")


def _deletions(collected: Collected, clock: Clock) -> dict[str, float]:
    """When each resource was last deleted; one without a time holds for copies without a time."""
    gone: dict[str, float] = {}
    for name, text in collected.deleted:
        when = clock.instant(text)
        gone[name] = max(gone.get(name, float("-inf")), float("-inf") if when is None else when)
    return gone


def _add(counts: dict[str, int], more: Counter[str]) -> None:
    for name, number in more.items():
        counts[name] = counts.get(name, 0) + number


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _sort(counts: dict[str, int]) -> None:
    ordered = sorted(counts.items())
    counts.clear()
    counts.update(ordered)


def _sorted(events: list[Event]) -> list[Event]:
    """By time and origin; what ties in both (copies that differ) by everything else."""
    events.sort(key=lambda event: (event.when.start or 0, event.origin))
    for at in range(1, len(events)):
        if events[at].origin == events[at - 1].origin:
            return sorted(events, key=lambda event: (event.when.start or 0, event.origin, _all_of(event)))
    return events


def _all_of(event: Event) -> str:
    parts = [event.kind.value, *sorted(event.concepts)]
    rest = (event.when, event.known_from, event.ended, event.status, event.value, event.absent_reason)
    more = (event.interpretation, event.ranges, event.dose, event.drug, event.text, event.unread)
    return repr((parts, rest, more))
