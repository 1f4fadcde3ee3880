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
from trivium.record.windows import NEVER

Json = dict[str, Any]
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
_ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class Unusable(Exception):  # noqa: N818  (always becomes a Skip)
    """A resource, or a part of one, that cannot be read: a stable reason, more words, which element.

    Neither reason nor words may hold anything of the record: they stand in the report.
    """

    def __init__(self, reason: str, detail: str = "", part: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail, self.part = reason, detail, part


class Void(Unusable):
    """A resource that is read and says nothing: voided, refused, never done, or about somebody else.

    It is as if it had never been, while what is only `Unusable` keeps its place (`fhir_unread`).
    """


class Stretch(NamedTuple):
    """A time[x]: when it began and ended, each unknown when not said; the same for a single moment."""

    start: When
    end: When
    is_moment: bool
    end_unread: bool = False  # it says an end, which cannot be read

    @property
    def whole(self) -> When:
        """All the time from the earliest beginning to the latest end."""
        return self.start if self.is_moment else When(self.start.start, self.end.end)

    @property
    def known_end(self) -> When | None:
        """The end of a period, if it says one; one that cannot be read may be past or still to come."""
        if self.end_unread:
            return When(self.start.start, NEVER)
        return self.end if self.end.is_known and not self.is_moment else None

    def ended(self, over: bool) -> When | None:
        """When what lasted has ended, given whether its status says that it has; None while it lasts."""
        end = self.known_end
        return UNKNOWN if over and (end is None or self.end_unread) else end


UNTOLD = Stretch(UNKNOWN, UNKNOWN, False)  # no time, or one in words
_UNREAD = Stretch(UNKNOWN, UNKNOWN, False, True)


class Reading:
    """One reading of one input. `notes` and `part_skips` are those of the record that is being read.

    `here` is the origin of the resource that is being read.
    """

    def __init__(
        self, concepts: Concepts, clock: Clock, referred: Callable[[Found, Any, str], Json | None]
    ) -> None:
        self.concepts = concepts
        self.clock = clock
        self.referred = referred  # (from where, Reference, type) → the resource it names
        self.notes: dict[str, int] = {}
        self.part_skips: list[Skip] = []
        self.here = ""
        self._opaque: dict[tuple[tuple[Coding, ...], str], bool] = {}
        self._units: dict[tuple[Any, Any, Any], tuple[str | None, str]] = {}

    def note(self, code: str) -> None:
        self.notes[code] = self.notes.get(code, 0) + 1

    def skip_part(self, part: str, reason: str, detail: str = "") -> None:
        """Report that an element of the resource was not used, while the rest is."""
        self.part_skips.append(Skip(f"{self.here}#{part}", reason, detail))

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
            self.skip_part("time", "bad-time", "a year of fewer than four digits")
        elif note:
            self.note(note)
        return when

    def period(self, value: Any) -> Stretch:
        """Start and end of a Period, each unknown when absent; both when they contradict each other."""
        if value is None:
            return UNTOLD
        if not isinstance(value, dict):
            self.note(BAD)
            return _UNREAD
        start, end = self.time(value.get("start")), self.time(value.get("end"))
        try:
            span(start, end)
        except ValueError:
            self.note("bad-period")
            return _UNREAD
        return Stretch(start, end, False, value.get("end") is not None and not end.is_known)

    def timing(self, value: Any) -> Stretch:
        """First and last event of a Timing, or its bounds."""
        listed = get(value, "event")
        events = [self.time(each) for each in listed] if isinstance(listed, list) else []
        if events and all(each.start is not None and each.end is not None for each in events):
            first = min(events, key=lambda each: (each.start, each.end))
            return Stretch(first, max(events, key=lambda each: (each.end, each.start)), False)
        bounds = get(get(value, "repeat"), "boundsPeriod")
        if bounds is None or listed:
            self.note("time-not-read")
            return _UNREAD if listed else UNTOLD
        return self.period(bounds)

    def choice(self, resource: Json, name: str) -> Stretch:
        """Start and end of a time[x] such as effective or performed.

        It never raises: of two times neither is taken, and what cannot be read is an unknown time, so that
        a result keeps its place among the others. Ages, ranges and words are unknown times, and noted.
        """
        given = [
            key for key in resource if key.startswith(name) and resource[key] is not None and key != name
        ]
        if not given:
            return UNTOLD
        if len(given) > 1:
            self.skip_part(name, "two-times")
            return _UNREAD
        kind, value = given[0][len(name) :], resource[given[0]]
        if kind in ("DateTime", "Instant", "Date"):
            when = self.time(value)
            return Stretch(when, when, True)
        if kind == "Period":
            return self.period(value)
        if kind == "Timing":
            return self.timing(value)
        self.note("time-not-read")
        return UNTOLD

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
    """(system, code) of each coding, and code.text with all displays, one a line. Raises Unusable."""
    if concept is None:
        return (), ""
    pairs, text, problem = _codings(concept)
    if problem:
        raise Unusable("malformed", problem)
    return pairs, text


def sound_codings(concept: Any) -> tuple[tuple[Coding, ...], str]:
    """As `codings_of`, of what is sound in a concept that may be malformed."""
    return _codings(concept)[:2]


def _codings(concept: Any) -> tuple[tuple[Coding, ...], str, str]:
    if not isinstance(concept, dict):
        return (), "", "a CodeableConcept was expected"
    problem = ""
    text = concept.get("text")
    lines = [text] if isinstance(text, str) else []
    pairs: list[Coding] = []
    codings = concept.get("coding")
    if not isinstance(codings, list):
        codings, problem = (), "" if codings is None else "a list was expected"
    for coding in codings:
        if not isinstance(coding, dict):
            problem = "a Coding was expected"
            continue
        code, system, display = coding.get("code"), coding.get("system"), coding.get("display")
        if not ((code is None or isinstance(code, str)) and (system is None or isinstance(system, str))):
            problem = "a code or system that is no text"
        elif code:
            pairs.append((system or "", code))
        if isinstance(display, str):
            lines.append(display)
    return tuple(pairs), "\n".join(lines), problem


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
