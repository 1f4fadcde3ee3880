"""What every reader of a FHIR resource shares: the concepts, the clock, the notes, and safe access.

Input is as it comes: any element may be missing, null or of another type. The functions here either give
the declared type or raise `Unusable`, so that the readers stay short and never guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from trivium.core.unit_spellings import normalise_unit
from trivium.core.units import UnitError, parse_unit
from trivium.knowledge.concepts import Coding, Concepts
from trivium.record.events import Skip, When
from trivium.record.fhir_files import Found
from trivium.record.fhir_times import BAD, SHORT_YEAR, UNKNOWN, Clock, span

Json = dict[str, Any]
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
_ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class Unusable(Exception):  # noqa: N818  (always becomes a Skip)
    """A resource, or a part of one, that must not become a fact: a stable reason, and where in it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class Stretch(NamedTuple):
    """A time[x]: when it began and ended, each unknown when not said; the same for a single moment."""

    start: When
    end: When
    is_moment: bool

    @property
    def whole(self) -> When:
        """All the time from the earliest beginning to the latest end."""
        return self.start if self.is_moment else When(self.start.start, self.end.end)

    @property
    def known_end(self) -> When | None:
        """The end of a period, if it says one."""
        return self.end if self.end.is_known and not self.is_moment else None


_NEVER = Stretch(UNKNOWN, UNKNOWN, False)


class Reading:
    """One reading of one input. `notes` and `part_skips` are those of the record that is being read."""

    def __init__(
        self, concepts: Concepts, clock: Clock, referred: Callable[[Found, Any, str], Json | None]
    ) -> None:
        self.concepts = concepts
        self.clock = clock
        self.referred = referred  # (from where, Reference, type) → the resource it names
        self.notes: dict[str, int] = {}
        self.part_skips: list[Skip] = []
        self._opaque: dict[tuple[tuple[Coding, ...], str], bool] = {}
        self._units: dict[tuple[Any, Any, Any], tuple[str | None, str]] = {}

    def note(self, code: str) -> None:
        self.notes[code] = self.notes.get(code, 0) + 1

    # ── codes ────────────────────────────────────────────────────────────────────────────────────

    def match(self, concept: Any, resource_type: str) -> frozenset[str]:
        """The value sets of a CodeableConcept. Raises Unusable when it is missing or no such thing."""
        codings, text = codings_of(concept)
        if not codings and not text:
            raise Unusable("no-code")
        found = self.concepts.lookup(codings, text, resource_type)
        if not found and self._is_opaque(codings, resource_type):
            # Not needed as far as can be told; said aloud, because a local code may hide what is needed.
            self.note(f"no-known-coding: {resource_type}")
        return found

    def _is_opaque(self, codings: tuple[Coding, ...], resource_type: str) -> bool:
        """Whether no coding is of a known system, though some value set could hold such a resource."""
        key = (codings, resource_type)
        opaque = self._opaque.get(key)
        if opaque is None:
            known = self.concepts.is_known_system
            opaque = not any(known(system) for system, _ in codings) and self.concepts.carries(resource_type)
            self._opaque[key] = opaque
        return opaque

    def codes(self, concept: Any) -> tuple[Coding, ...]:
        """The codings of a CodeableConcept, their systems spelled as the value sets spell them."""
        return tuple((self.concepts.system(system), code) for system, code in codings_of(concept)[0])

    # ── times ────────────────────────────────────────────────────────────────────────────────────

    def time(self, value: Any) -> When:
        """A date, dateTime or instant; unknown when absent. What cannot be read is unknown, and noted."""
        if value is None:
            return UNKNOWN
        when, note = self.clock.read(value)
        if note == SHORT_YEAR:
            raise Unusable("bad-time", "a year of fewer than four digits")
        if note:
            self.note(note)
        return when

    def period(self, value: Any) -> tuple[When, When]:
        """Start and end of a Period, each unknown when absent; both when they contradict each other."""
        if value is None:
            return UNKNOWN, UNKNOWN
        if not isinstance(value, dict):
            self.note(BAD)
            return UNKNOWN, UNKNOWN
        start, end = self.time(value.get("start")), self.time(value.get("end"))
        try:
            span(start, end)
        except ValueError:
            self.note("bad-period")
            return UNKNOWN, UNKNOWN
        return start, end

    def timing(self, value: Any) -> tuple[When, When]:
        """First and last event of a Timing, or its bounds."""
        events = [self.time(each) for each in items(get(value, "event"))]
        if events and all(each.start is not None and each.end is not None for each in events):
            return (
                min(events, key=lambda each: (each.start, each.end)),
                max(events, key=lambda each: (each.end, each.start)),
            )
        bounds = get(get(value, "repeat"), "boundsPeriod")
        if bounds is None or events:
            self.note("time-not-read")
            return UNKNOWN, UNKNOWN
        return self.period(bounds)

    def choice(self, resource: Json, name: str) -> Stretch:
        """Start and end of a time[x] such as effective or performed.

        Raises Unusable when two are given. Ages, ranges and words are unknown times, and noted.
        """
        given = [
            key for key in resource if key.startswith(name) and resource[key] is not None and key != name
        ]
        if not given:
            return _NEVER
        if len(given) > 1:
            raise Unusable("two-times", name)
        kind, value = given[0][len(name) :], resource[given[0]]
        if kind in ("DateTime", "Instant", "Date"):
            when = self.time(value)
            return Stretch(when, when, True)
        if kind == "Period":
            return Stretch(*self.period(value), False)
        if kind == "Timing":
            return Stretch(*self.timing(value), False)
        self.note("time-not-read")
        return _NEVER

    # ── units ────────────────────────────────────────────────────────────────────────────────────

    def unit(self, text: Any, code: Any, system: Any) -> tuple[str | None, str]:
        """The unit in UCUM, and why it cannot be used. Text and code must not contradict each other."""
        key = (text, code, system)
        try:
            found = self._units.get(key)
        except TypeError:  # a list or an object
            return None, "unit is not a text"
        if found is None:
            found = self._units[key] = self._unit(text, code, system)
        return found

    def _unit(self, text: Any, code: Any, system: Any) -> tuple[str | None, str]:
        for each in (text, code, system):
            if each is not None and not isinstance(each, str):
                return None, "unit is not a text"
        text, code = (text or "").strip(), (code or "").strip()
        said = normalise_unit(text, self.concepts.unit_aliases) if text else None
        coded = self._coded_unit(code, system)
        if said and coded and not _same_unit(said, coded):
            return None, f"unit text {text} against code {code}"
        unit = coded or said
        if unit is None and (text or code):
            return None, f"unit {text or code} is not known"
        return unit, ""

    def _coded_unit(self, code: str, system: str | None) -> str | None:
        if not code:
            return None
        uri = self.concepts.system((system or UCUM).strip().rstrip("/"))
        if uri == SNOMED:
            return self.concepts.unit_codes.get(code)
        # A code of another system may look like UCUM and mean something else.
        return normalise_unit(code, self.concepts.unit_aliases) if uri == UCUM else None


def _same_unit(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        left, right = parse_unit(one), parse_unit(other)
    except UnitError:
        return False
    return (left.factor, left.offset, left.dimension, left.meaning) == (
        right.factor,
        right.offset,
        right.dimension,
        right.meaning,
    )


def get(value: Any, key: str) -> Any:
    """The element of an object; None when there is none or it is no object."""
    return value.get(key) if isinstance(value, dict) else None


def items(value: Any) -> list[Any]:
    """A list as it is, nothing for null. Raises Unusable for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unusable("malformed", "a list was expected")
    return value


def word(value: Any) -> str:
    """A text as it is, empty for null. Raises Unusable for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unusable("malformed", "a text was expected")
    return value


def codings_of(concept: Any) -> tuple[tuple[Coding, ...], str]:
    """(system, code) of each coding, and code.text with all displays, one a line."""
    if concept is None:
        return (), ""
    if not isinstance(concept, dict):
        raise Unusable("malformed", "a CodeableConcept was expected")
    text = concept.get("text")
    lines = [text] if isinstance(text, str) else []
    pairs: list[Coding] = []
    codings = concept.get("coding")
    for coding in codings if isinstance(codings, list) else items(codings):
        if isinstance(coding, dict):
            code, system, display = coding.get("code"), coding.get("system"), coding.get("display")
            if code is not None and not isinstance(code, str):
                raise Unusable("malformed", "a code that is no text")
            if code:
                pairs.append((system if isinstance(system, str) else "", code))
            if isinstance(display, str):
                lines.append(display)
    return tuple(pairs), "\n".join(lines)


def wording(concept: Any) -> str:
    """What a CodeableConcept says in words: its text, else its first display."""
    return codings_of(concept)[1].partition("\n")[0]


def flag(value: Any) -> bool:
    """A boolean, false for null. Raises Unusable for anything else."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Unusable("malformed", "a boolean was expected")
    return value


def absent_extension(element: Any) -> str:
    """The data-absent-reason code on an element, or an empty string."""
    extensions = get(element, "extension")
    for extension in extensions if isinstance(extensions, list) else ():
        if get(extension, "url") == _ABSENT_EXTENSION:
            code = get(extension, "valueCode")
            return code if isinstance(code, str) and code else "unknown"
    return ""
