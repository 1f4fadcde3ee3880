"""The one patient model: a record is a person and a list of events.

Readers (`fhir_in`, later `omop_in`) make events; fact kinds read them. An event keeps what was
recorded, in the units it was recorded in; nothing is converted or judged here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from trivium.core.values import Interval, Value


class EventKind(Enum):
    """What sort of thing happened; a fact kind looks at one or a few of them."""

    OBSERVATION = "observation"
    CONDITION = "condition"
    MEDICATION_TAKEN = "medication taken"  # administered, or an active statement
    MEDICATION_ORDERED = "medication ordered"  # an order or a supply: intent, never intake
    PROCEDURE = "procedure"
    ALLERGY = "allergy"
    IMMUNIZATION = "immunization"
    ORDER = "order"  # a service request
    ENCOUNTER = "encounter"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time in which something lies: seconds since 1970-01-01T00:00Z, both ends included.

    A day is a day wide (in the site's zone), a month a month wide, an instant no wider than it was
    written. `None` at either end means that the record does not say.
    """

    start: int | None = None
    end: int | None = None

    @property
    def is_known(self) -> bool:
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured amount as recorded: an interval because of `<`, `<=`, `>=`, `>`; the unit in UCUM.

    `unit` is None when none was given; `unit_problem` says why a given one cannot be used.
    """

    amount: Interval
    unit: str | None
    unit_problem: str = ""
    as_written: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded or textual answer: (system, code) pairs, and the text as written."""

    codes: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """A reference range of an observation: bounds as recorded, and what it is said to mean."""

    low: Quantity | None = None
    high: Quantity | None = None
    meaning: str = ""  # HL7 referencerange-meaning code, empty for the normal range
    text: str = ""


EventValue = Quantity | Coded | bool | int | When | None


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of a drug was or is given: one dose, and how often a day, where the record says."""

    amount: Quantity | None = None
    per_day: Interval | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Drug:
    """What tells one drug from another: its codes, and the ingredients (RxNorm) that they stand for.

    Shapes:  both sorted; no ingredients where the codes are not known to stand for any.
    """

    codes: tuple[tuple[str, str], ...] = ()
    ingredients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the record says.

    `concepts` are the value-set ids that its codes (or, lacking any known code, its text) belong to.
    `when` is when it was so (effective, onset, start; `end` of a period for what has ended);
    `known_from` is when the record could first have shown it (issued, recorded, else all of `when`).
    `unread` is not empty for what was recorded and cannot be read: such an event decides nothing, and
    nothing older or else may be taken for it. Its `absent_reason` is then the reader's own.
    """

    kind: EventKind
    concepts: frozenset[str]
    origin: str  # "Observation/abc", or "form" for what was typed in
    when: When = When()
    known_from: When = When()
    ended: When | None = None  # when it stopped: abatement, end of a therapy; None while it lasts
    status: str = ""
    value: EventValue = None
    absent_reason: str = ""  # why there is no value, in the record's own code; or why it is unread
    interpretation: tuple[str, ...] = ()  # HL7 v3 ObservationInterpretation codes: POS, NEG, IND, H, L…
    ranges: tuple[Range, ...] = ()
    dose: Dose | None = None
    text: str = ""  # code.text or display, as written
    unread: str = ""  # what cannot be read, as written
    drug: Drug | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who the record is about. Birth and death are intervals, because a year may be all there is."""

    id: str
    birth: When | None = None
    sex: str = ""  # administrative gender as recorded: male, female, other, unknown
    death: When | None = None
    deceased: bool | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """One resource (or part of one) that was not used, and why."""

    origin: str
    reason: str  # a short, stable code such as "entered-in-error", "no-code", "bad-json"
    detail: str = ""


@dataclass(slots=True)
class ReadReport:
    """What happened to everything that was read, per resource type. Nothing is dropped silently."""

    read: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)  # became an event that some fact may look at
    not_needed: dict[str, int] = field(default_factory=dict)  # sound, but no fact asks for it
    skips: list[Skip] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)  # e.g. "time without offset": how often


@dataclass(frozen=True, slots=True)
class Given:
    """A fact typed in or confirmed by a clinician: its possible values, and when it was so (if they say).

    An override also says who decided, and why.
    """

    value: Value
    when: When = When()
    by: str = ""
    because: str = ""


@dataclass(slots=True)
class Record:
    """One patient: the person, the events, and how the reading went."""

    person: Person
    events: list[Event]
    report: ReadReport
    given: dict[str, Given] = field(default_factory=dict)  # by fact id; wins over events
