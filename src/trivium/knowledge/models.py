"""Checked knowledge as the rest of Trivium sees it: frozen, resolved, plain.

The loader makes these from the YAML files once they check; nothing else makes or changes them.
No pydantic here: these classes are on the path that reads records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from typing import Literal as OneOf

from trivium.core.spans import Span
from trivium.core.truth import Truth
from trivium.core.values import Interval, Value
from trivium.knowledge.concepts import Concepts
from trivium.logic.nodes import Node, Type

Seen = OneOf["verbatim-source", "full-text", "abstract", "secondary", "ai-written", "seed-only", "recalled"]
SEEN: tuple[Seen, ...] = (
    "verbatim-source",
    "full-text",
    "abstract",
    "secondary",
    "ai-written",
    "seed-only",
    "recalled",
)
WEAK: frozenset[str] = frozenset(("ai-written", "seed-only", "recalled"))
Strength = OneOf["strong", "conditional", "expert-opinion", "not-graded"]
STRENGTHS: tuple[Strength, ...] = ("strong", "conditional", "expert-opinion", "not-graded")
Certainty = OneOf["high", "moderate", "low", "very-low", "not-graded"]
CERTAINTIES: tuple[Certainty, ...] = ("high", "moderate", "low", "very-low", "not-graded")
Phase = OneOf["assess", "initiate", "monitor", "adjust", "rescue"]
Urgency = OneOf["now", "today", "this-week", "routine"]
URGENCIES: tuple[Urgency, ...] = ("now", "today", "this-week", "routine")


@dataclass(frozen=True, slots=True)
class Source:
    """A document: where it can be found, and how much of it was read."""

    id: str
    title: str
    year: int | None = None
    url: str | None = None
    doi: str | None = None
    pmid: str | None = None
    kind: str = ""
    access: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a guideline or study says, in our words, with its own strength and certainty."""

    id: str
    text: str
    direction: str
    strength: Strength
    certainty: Certainty
    source: str
    seen: Seen
    strength_as_recorded: str = ""
    certainty_as_recorded: str = ""
    certainty_seen: str = ""
    scope: str = ""
    note: str = ""
    topic: str = ""
    section: str = ""
    agents: tuple[str, ...] = ()

    @property
    def is_weak(self) -> bool:
        return self.seen in WEAK


@dataclass(frozen=True, slots=True)
class Cited:
    """One leg something stands on: a source, how well it was seen, the statement when there is one."""

    source: str
    seen: Seen
    statement: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How a fact is read from a record: a fact kind, the value sets or facts it looks at, its options.

    `within` is in seconds; `options` holds what only one kind needs (documented in `record.facts`).
    """

    kind: str
    concepts: tuple[str, ...] = ()
    within: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What a fact is: its type and unit, where it comes from, how long it stays good, which way is harm."""

    id: str
    label: str
    type: Type
    retrieval: Retrieval
    also_called: tuple[str, ...] = ()  # short names that forms and `--set` understand
    question: str = ""
    good_for: int | None = None  # seconds; None: never stale
    kept: frozenset[str] = frozenset()  # choices that never go stale once seen ("true" for booleans)
    false_when: str = ""  # the boolean fact that, when true, turns mere absence into false
    harm: str | tuple[str, ...] = ""  # "high", "low", the harmful choices, or "" for neither
    plausible: Interval = field(default_factory=Interval)
    conversions: Mapping[str, Fraction] = field(default_factory=dict)  # other unit → factor to this unit
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A case that every reading must get right: values of facts (and criteria) given, the truth expected."""

    given: Mapping[str, Value]
    then: Truth
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """A named truth about a patient, written once as an expression."""

    id: str
    label: str
    when: Node
    text: str  # the expression as written
    cited: tuple[Cited, ...] = ()
    reason: str = ""  # why it uses `is null` or `is true`, where it does
    examples: tuple[Example, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that belongs to something else, with the words to show when it holds.

    A line that `opened_by` names an override for: `when` already holds that it bars only while no such
    override is known, and a caution of the same name keeps it in sight while one is.
    """

    id: str
    text: str  # what to say when it holds
    when: Node
    source_text: str  # the expression as written
    kind: str = ""  # for agents: contraindication | label | wait | caution (see docs/semantics.md)
    resolved_by: str = ""
    opened_by: str = ""  # the fact that records a specialist's override of this line
    cited: tuple[Cited, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do when its criterion holds, how strongly, and on what it rests."""

    id: str
    label: str
    phase: Phase
    when: Node
    source_text: str
    text: str
    offer: OneOf["recommended", "consider"] = "recommended"
    treatment: bool = False  # whether it gives a treatment; out of scope none may
    urgency: Urgency = "routine"
    blocked_when: tuple[Condition, ...] = ()
    cautions: tuple[Condition, ...] = ()
    asks: tuple[str, ...] = ()  # facts to obtain (tests to draw) when it holds and they are unknown
    agents: tuple[str, ...] = ()
    strength: Strength = "not-graded"
    certainty: Certainty = "not-graded"
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A drug or procedure as an option: who it is offered to, and the lines that bar it or ask for care."""

    id: str
    label: str
    drug_class: str
    offered_when: Node
    source_text: str
    offer: OneOf["recommended", "consider"] = "consider"
    roles: tuple[str, ...] = ()  # e.g. glucocorticoid, second-agent
    lines: tuple[Condition, ...] = ()
    strength: Strength = "not-graded"
    certainty: Certainty = "not-graded"
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A hazard that holds, or a fact that is missing; what would silence it is part of it."""

    id: str
    label: str
    kind: OneOf["hazard", "missing"]
    severity: OneOf["stop", "warning", "note"]
    when: Node
    source_text: str
    text: str
    about: tuple[str, ...] = ()  # for kind missing: the facts whose absence it reports
    resolved_by: str = ""
    cited: tuple[Cited, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """Points that count when the expression holds."""

    label: str
    points: int
    when: Node
    source_text: str


@dataclass(frozen=True, slots=True)
class Score:
    """A prognostic score: items with points, strata with bounds. Missing inputs give a range."""

    id: str
    label: str
    target: str
    when: Node  # whom it is for
    items: tuple[ScoreItem, ...]
    strata: tuple[tuple[str, int, int], ...] = ()  # name, lowest, highest
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """What the content promises to hold in every state, or a refutation that it accepts with a reason.

    Of an `agent`: no dose above `dose_at_most` a day; at most `share_at_most` of the unadjusted dose where
    `given` holds; offered only where `not_offered_when` surely does not hold, `unless` a recorded override
    does; a combination with each of `never_beside` (agents, classes) never goes on unremarked.
    """

    id: str
    label: str
    reason: str
    never_together: tuple[str, ...] = ()
    given: Node | None = None
    then: Node | None = None
    obligation: str = ""
    accepts: tuple[str, ...] = ()
    agent: str = ""
    dose_at_most: Any = None  # dosing.Amount
    share_at_most: Fraction | None = None
    not_offered_when: Node | None = None
    unless: Node | None = None
    never_beside: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a patient stands; the first stage that holds is the one."""

    id: str
    label: str
    when: Node
    source_text: str


@dataclass(frozen=True, slots=True)
class Pathway:
    """One disease's pathway, complete and resolved."""

    id: str
    label: str
    version: str
    status: str  # draft until a site signs it off
    in_scope: str  # the criterion that opens every treatment recommendation
    facts: Mapping[str, FactSpec]
    criteria: Mapping[str, Criterion]  # in an order in which each comes after those it names
    recommendations: Mapping[str, Recommendation]
    agents: Mapping[str, Agent]
    alerts: Mapping[str, Alert]
    scores: Mapping[str, Score]
    stages: tuple[Stage, ...]
    properties: Mapping[str, Property] = field(default_factory=dict)
    doses_for: str = ""  # the criterion of whom the doses are for; empty: whoever the pathway is for


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All checked knowledge, and the hash of the content it was made from."""

    version: str  # content hash
    pathway: Pathway
    sources: Mapping[str, Source]
    statements: Mapping[str, Statement]
    valuesets: Mapping[str, Mapping[str, Any]]
    concepts: Concepts
    dosing: Mapping[str, Any] = field(default_factory=dict)  # agent id → dosing.Dosing
    drug_classes: Mapping[str, Any] = field(default_factory=dict)  # class → dosing.DrugClass
    regimens: Mapping[str, Any] = field(default_factory=dict)  # named combination → dosing.Combination
