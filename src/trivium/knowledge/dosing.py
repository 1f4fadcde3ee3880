"""How an agent is given, checked and resolved: regimens, adjustments, interactions, spacing, kinetics.

Made by `knowledge.dosing_build` from `knowledge/agents/*.yaml`; nothing else makes or changes these.
Conditions are expressions of the same language as the pathway's. No number here is Trivium's own.
Amounts are exact; a range is kept as a range, because a source that prints one chose no point in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal as OneOf

from trivium.core.spans import Span
from trivium.knowledge.models import Cited
from trivium.knowledge.rounding import HouseRounding
from trivium.logic.nodes import Node

Weight = OneOf["actual", "ideal", "adjusted"]
Purpose = OneOf["start", "escalate", "maintain", "taper", "prophylaxis", "treat", "rescue"]
Axis = OneOf["renal", "hepatic", "counts", "age", "pregnancy", "interaction", "level", "weight"]
Severity = OneOf["contraindicated", "avoid", "adjust", "monitor", "note"]
SEVERITIES: tuple[Severity, ...] = ("contraindicated", "avoid", "adjust", "monitor", "note")
DueKind = OneOf[
    "baseline",
    "lab",
    "level",
    "review",
    "premedication",
    "prophylaxis",
    "vaccine",
    "imaging",
    "hold",  # another drug is withheld
    "supportive",  # fluids, cover and the like
]
CountsFrom = OneOf["start", "administration", "course", "end"]

# The facts that body size is read from, by the weight that a rule names; body surface for amounts by m2.
SIZE_FACTS: Mapping[str, str] = {
    "actual": "body_weight",
    "ideal": "ideal_body_weight",
    "adjusted": "adjusted_body_weight",
    "surface": "bsa",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity as its source prints it: `low` equals `high` unless a range is printed. `unit` is UCUM."""

    low: Fraction
    high: Fraction
    unit: str

    @property
    def is_point(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class When:
    """A condition: the resolved expression and how it was written."""

    node: Node
    text: str


@dataclass(frozen=True, slots=True)
class DoseRule:
    """One way to reach an amount.

    `amount.unit` says which: `mg` fixed, `mg/kg` by weight, `mg/m2` by body surface, `1` for sessions.
    `per` is what the amount stands for: one administration, a day, or a whole course. `of` names an agent
    whose dose the amount is a share of (`20 %` of a dose of cyclophosphamide).
    """

    amount: Amount
    per: OneOf["administration", "day", "course"]
    weight: Weight = "actual"
    when: When | None = None  # a tier: the first whose condition holds is taken
    of: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When administrations fall. Days count from day 1 of the regimen.

    `times_per_day` 1/2 is every 48 hours, 3/7 three times a week. `on_days` are fixed days of one course,
    `on_days_latest` (as long, or empty) the last day that a source allows for it; `over_days`: over how many
    consecutive days a course is split; `every_days` repeats the course, or without these two the single
    administration; `courses`: how many (most None: open). `beside`: on the day of each dose of this agent.
    """

    times_per_day: Fraction | None = None
    on_days: tuple[int, ...] = ()
    on_days_latest: tuple[int, ...] = ()
    over_days: tuple[int, int] | None = None
    every_days: tuple[int, int] | None = None
    courses: tuple[int, int | None] | None = None
    for_days: tuple[int, int | None] | None = None  # how long it is taken
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum that its source sets. Beyond it a dose is refused and said, never clamped in silence."""

    amount: Amount
    per: OneOf["administration", "day", "course"]
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rounding:
    """To what an amount is rounded: a step (`50 mg`), or the whole units of the pharmacy's forms."""

    to: Amount | None = None  # None: to what the forms allow
    direction: OneOf["nearest", "down", "up"] = "nearest"
    most: Fraction | None = None  # the largest share of the dose that rounding may change, e.g. 1/10


@dataclass(frozen=True, slots=True)
class Target:
    """What a titrated dose aims at: a level fact between two bounds."""

    fact: str
    amount: Amount
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Regimen:
    """One sourced way to give an agent; where sources differ each is a regimen of its own."""

    id: str
    label: str
    purpose: Purpose
    rules: tuple[DoseRule, ...]  # more than one: tiers in order
    schedule: Schedule
    route: str = ""
    is_default: bool = False
    reason: str = ""  # why it is the default, or when another is taken
    when: When | None = None  # for whom; None: whoever the agent is for
    forms: tuple[str, ...] = ()  # form ids it is given with; empty: any
    limits: tuple[Limit, ...] = ()
    rounding: Rounding = field(default_factory=Rounding)
    targets: tuple[Target, ...] = ()
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What changes a dose when its condition holds. Exactly one of `factor`, `to`, `minus`, `avoid` is set.

    `factor` is the share of the daily (or single) dose that remains; `to` replaces rule and schedule;
    `minus` takes an amount off (units of the rule); `avoid`: not to be given so. `group`: adjustments of
    one group are alternatives read from different sources for one question (the cautious one is taken).
    """

    id: str
    axis: Axis
    when: When
    text: str
    factor: Fraction | None = None
    to: DoseRule | None = None
    to_schedule: Schedule | None = None
    minus: Amount | None = None
    avoid: bool = False
    regimens: tuple[str, ...] = ()  # which; empty: all
    in_force: bool = True  # False: a differing source, shown beside the one that is followed
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None

    @property
    def is_unfigured(self) -> bool:
        """Whether it changes the dose without a figure: made from an interaction, never a file's own."""
        return not (self.factor is not None or self.to or self.minus or self.avoid)


@dataclass(frozen=True, slots=True)
class PackForm:
    """What the pharmacy holds: one tablet, vial, bottle; `amount` in it (in `volume`), units in a pack."""

    id: str
    label: str
    kind: OneOf["tablet", "capsule", "vial", "bottle", "solution", "session", "sachet"]
    amount: Amount
    divisible_into: int = 1  # 2: can be halved; solutions 0: any amount
    pack: int | None = None
    volume: Amount | None = None
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """A pair that matters: with a chosen agent or class (`partners`) or with what the record shows (`when`).

    Either is enough. `drugs` are others by name, for which there is neither agent nor fact: to be looked for
    on the medication list. With `drugs` alone nothing can be decided by a machine.
    """

    id: str
    severity: Severity
    mechanism: str
    text: str  # what to do about it
    partners: tuple[str, ...] = ()  # agent ids or class names
    when: When | None = None  # holds over facts, e.g. strong_cyp3a4_inhibitor_active
    drugs: tuple[str, ...] = ()
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """An infusion rate rule: start, raise by `step` every `step_minutes`, up to `most`."""

    which: str  # first | subsequent | any
    start: Amount | None = None
    step: Amount | None = None
    step_minutes: int | None = None
    most: Amount | None = None
    minutes: tuple[int, int | None] | None = None  # whole infusion (fewest, most)
    when: When | None = None
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due at a time counted from the agent's first day (negative: before it).

    `days` (earliest, latest); `every_days` repeats it; `until_day` None: while treated. `counts_from` says
    what day 0 is: the first administration, each administration, the first day of each course, or the
    last administration of all (`end`). `minutes_before`: so long before that administration.
    """

    id: str
    kind: DueKind
    text: str
    days: tuple[int, int]
    every_days: tuple[int, int] | None = None
    until_day: int | None = None
    facts: tuple[str, ...] = ()  # the facts it makes known
    covers: bool = False  # they are all that the text asks for, so that it is done where they are known
    when: When | None = None
    before_agents: tuple[str, ...] = ()  # must precede these agents too (serology before IVIG)
    counts_from: CountsFrom = "start"
    minutes_before: int | None = None
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Spacing:
    """A distance that the calendar keeps between this agent and others.

    `relation`: this agent comes `after` or `before` the others, or `apart` (either order), or `same_day`.
    Hours are counted from the end of the earlier to the start of the later. `scope`: against each
    administration (`session`) or the whole course (`block`) of the others. Soft: may be broken in rescue,
    and the calendar then shows what it costs. `hours_reverse`: with `apart`, the least hours when the partner
    comes first (None: the same). `days_least`, `days_most`: calendar days from the last day of the earlier to
    the first day of the later (1: the next day). `in_force` False: a differing source, shown beside the one
    that is followed, with the `reason`.
    """

    id: str
    relation: OneOf["after", "before", "apart", "same_day", "not_same_day"]
    partners: tuple[str, ...]
    text: str
    hours_least: int | None = None
    hours_most: int | None = None
    hours_reverse: int | None = None
    days_least: int | None = None
    days_most: int | None = None
    scope: OneOf["session", "block"] = "session"
    soft: bool = False
    soft_when: When | None = None
    when: When | None = None
    regimens: tuple[str, ...] = ()  # of this agent, which; empty: all
    in_force: bool = True
    reason: str = ""
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A kinetic figure as published; `model` groups the figures that belong to one publication's model.

    `hours`: when after the dose it was measured (earliest, latest).
    """

    id: str
    quantity: str  # half_life, clearance, central_volume, removed_fraction, auc_cut, session_clearance, …
    amount: Amount
    model: str = ""
    hours: tuple[int, int] | None = None
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be known and is no rule: boxed warnings, pregnancy, vaccines, onset, cost."""

    topic: str  # boxed | contraindication | warning | pregnancy | lactation | fertility | contraception |
    # vaccine | onset | cost | availability | effect | infection | thrombosis | evidence | administration |
    # renal | hepatic | interaction | monitoring | other
    text: str
    when: When | None = None
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """A dated price from a source; an example only, never a site's price."""

    form: str
    amount: Decimal
    currency: str
    year: int
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dosing:
    """All that is known about giving one agent; `active`: whether it is taken, `last_given`: days since."""

    agent: str
    label: str
    route: str
    classes: tuple[str, ...]
    active: str = ""
    last_given: str = ""
    biosimilars: tuple[str, ...] = ()
    forms: Mapping[str, PackForm] = field(default_factory=dict)
    regimens: Mapping[str, Regimen] = field(default_factory=dict)
    adjustments: tuple[Adjustment, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    rates: tuple[Rate, ...] = ()
    due: tuple[Due, ...] = ()
    spacing: tuple[Spacing, ...] = ()
    kinetics: tuple[Parameter, ...] = ()
    remarks: tuple[Remark, ...] = ()
    prices: tuple[Price, ...] = ()
    house: HouseRounding | None = None  # how its doses are rounded where a regimen does not say
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class DrugClass:
    """A class that agents belong to. `severity`: of two chosen agents of it, None: they may go together.

    `is_load`: each agent of it counts towards the immunosuppressive load; `counts_once`: agents that share
    this class count as one there (pulse and oral glucocorticoid).
    """

    id: str
    label: str
    severity: Severity | None = None
    text: str = ""  # what to say of two of one class
    is_load: bool = False
    counts_once: bool = False
    cited: tuple[Cited, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One agent of a combination and the regimen it is given by ("": the default of its purpose)."""

    agent: str
    regimen: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Combination:
    """A named combination of agents from a source; it recommends nothing by itself."""

    id: str
    label: str
    parts: tuple[Part, ...]
    when: When | None = None  # for whom it is printed; None: whoever the pathway offers its agents to
    remarks: tuple[Remark, ...] = ()
    cited: tuple[Cited, ...] = ()
    note: str = ""
    span: Span | None = None
