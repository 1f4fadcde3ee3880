"""The evidence as the rest of Trivium sees it: studies, claims, references and the words for them.

The loader makes these from `studies/`, `claims/`, `statements/`, `sources.yaml`, `agent_names.yaml` and
`evidence_terms.yaml` once they check; nothing else makes or changes them. Numbers stand as printed:
counts are integers or None, percents and estimates exact decimals. What was worked out from a printed
number is kept beside it under its own name (`events_derived`), never in its place. No effect is stored
that a paper did not print; computing is for `trivium.evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from typing import Literal as OneOf

from trivium.core.spans import Span
from trivium.knowledge.evidence_terms import EvidenceAgent as EvidenceAgent
from trivium.knowledge.evidence_terms import OutcomeTerm as OutcomeTerm
from trivium.knowledge.evidence_terms import Reference as Reference
from trivium.knowledge.evidence_terms import Term as Term
from trivium.knowledge.models import WEAK, Seen, Statement

Design = OneOf[
    "meta-analysis",
    "systematic-review",
    "RCT",
    "non-randomised-trial",
    "single-arm",
    "prospective-cohort",
    "retrospective-cohort",
    "case-control",
    "cross-sectional",
    "registry",
    "case-series",
    "case-report",
    "guideline",
    "narrative-review",
    "pharmacokinetic",
    "other",
]
# Designs that gather other studies: their patients are counted in those already.
GATHERED: frozenset[str] = frozenset(("meta-analysis", "systematic-review", "guideline", "narrative-review"))
Verdict = OneOf["supported", "partly-supported", "conflicts", "not-found", "out-of-scope", "truncated"]
# Of a population: all patients, a part, none; named in the text without a count; not stated.
Scope = OneOf["all", "part", "none", "named", "unstated"]


@dataclass(frozen=True, slots=True)
class Population:
    """Who was studied. Counts are None where the text read does not print them.

    `further` holds every other characteristic as written; `seen` how well a field was read, where that
    differs from the rest of the study. `scopes` says for each population term whether all patients, a
    part or none belong to it, or that it is not stated.
    """

    n: int | None = None
    n_derived: bool = False  # a total summed from printed arm sizes
    mda5_positive: int | None = None
    rp_ild: int | None = None
    ild: int | None = None
    cadm: int | None = None
    paediatric: bool = False
    stage: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    further: Mapping[str, Any] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of patients. `agents` are those that the text prints for all of them, given together;
    `in_part` went to some of the patients, `before` were given earlier and failed, `inferred` were assumed
    from context and count as unknown for strict use. Without any it is a group by phenotype or outcome."""

    id: str
    label: str
    agents: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    n: int | None = None
    n_seen: str = ""  # how well `n` was read, where that differs from the study
    dose: Mapping[str, str] = field(default_factory=dict)  # agent → as printed
    note: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)
    span: Span | None = None

    @property
    def is_treated(self) -> bool:
        """Whether it is a treatment group at all."""
        return bool(self.agents or self.in_part or self.inferred)


@dataclass(frozen=True, slots=True)
class Result:
    """What one arm showed, as printed; `arm` is "" where the paper pools all arms.

    `events` are patients of `total`. Where only a percent of a total is printed, `events_derived` is the
    one count that rounds to it, given only when every arm of the outcome has exactly one; else None.
    `further` holds what else is printed (rates, changes, event counts), by its name in the file.
    """

    id: str  # <study>.<number of the outcome>.<arm>, the row that a printed number resolves to
    arm: str
    events: int | None = None
    total: int | None = None
    percent: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    percent_text: str = ""
    events_derived: int | None = None
    seen: Seen = "abstract"  # of the weakest part: the outcome, or the size of the arm
    note: str = ""
    explained: str = ""  # why printed numbers disagree, where they do
    further: Mapping[str, Any] = field(default_factory=dict)
    span: Span | None = None

    @property
    def count(self) -> int | None:
        """Events, printed or else derived; None when neither is known."""
        return self.events if self.events is not None else self.events_derived

    @property
    def is_derived(self) -> bool:
        return self.events is None and self.events_derived is not None


@dataclass(frozen=True, slots=True)
class PValue:
    """A p value as printed; `value` is its number, `below` whether it is only an upper bound.
    `value` is None where several stand in one text."""

    text: str
    value: Decimal | None = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as reported, never as computed. `arms` are (treated, comparator) when the comparison
    names two arms, else None. For measures HR, OR and RR the interval is on the ratio scale."""

    id: str  # <study>.<number of the outcome>.effect
    measure: str
    value: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    p: PValue | None = None
    comparison: str = ""
    arms: tuple[str, str] | None = None
    adjusted: bool = False
    significant: bool | None = None
    method: str = ""
    direction: str = ""
    note: str = ""
    explained: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome at one time in one study.

    `weeks` is the printed time converted (6 months = 26), None where no fixed time is printed;
    `time_text` the printed form. `definition` is the paper's own, in our words. `subgroup` names the part
    of the patients it is about. `estimand` says what kind of count it is: only "all-cause" counts of
    whole arms are alike between studies; "" means as `definition` says, or plain where that is empty.
    """

    id: str  # <study>.<number, from 1>
    number: int
    name: str  # a canonical outcome (`EvidenceBase.outcomes`), or the paper's own
    definition: str = ""
    weeks: Decimal | None = None
    time_text: str = ""
    subgroup: str = ""
    estimand: str = ""
    results: tuple[Result, ...] = ()
    pooled: Result | None = None
    effect: Effect | None = None
    seen: Seen = "abstract"
    note: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)
    span: Span | None = None

    @property
    def is_weak(self) -> bool:
        return self.seen in WEAK

    @property
    def is_of_whole_arms(self) -> bool:
        """Whether it counts every patient of an arm, whatever the cause: no subgroup, no narrower sense."""
        plain = self.estimand == "all-cause" or not (self.estimand or self.definition)
        return plain and not self.subgroup


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another study with patients of this one; `sort`: same-trial | same-cohort | gathers | possible."""

    study: str
    sort: str
    why: str


@dataclass(frozen=True, slots=True)
class RiskOfBias:
    """A judgement that somebody made, with the tool and where it is printed."""

    tool: str
    judgement: str
    reasons: tuple[str, ...] = ()
    source: str = ""
    seen: Seen = "abstract"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a study says in words, without a number that could be held against it."""

    sort: str  # statement | risk-factor | protective | negative | …
    text: str
    seen: Seen = "abstract"


@dataclass(frozen=True, slots=True)
class Study:
    """A study as extracted. `reference` is its entry in `EvidenceBase.references`."""

    id: str
    reference: str
    design: Design
    design_note: str = ""
    country: str = ""
    country_seen: bool = True
    cohort: str = ""  # the trial, registry or named cohort its patients come from
    population: Population = field(default_factory=Population)
    arms: tuple[Arm, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    limitations: tuple[str, ...] = ()
    risk_of_bias: RiskOfBias | None = None
    funding: str = ""
    overlaps: tuple[Overlap, ...] = ()
    conflicts_with: tuple[str, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)  # verification_note, correction_note, …
    further: Mapping[str, Any] = field(default_factory=dict)
    span: Span | None = None

    @property
    def is_gathered(self) -> bool:
        """A review, meta-analysis or guideline: no patients of its own."""
        return self.design in GATHERED

    @property
    def has_results(self) -> bool:
        """Whether any number is known: false for registrations and abstracts whose results are cut off."""
        return any(outcome.results or outcome.pooled or outcome.effect for outcome in self.outcomes)

    def arm(self, name: str) -> Arm | None:
        return next((arm for arm in self.arms if arm.id == name), None)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that machine-written answers assert, and what the base says to it. All in our words.

    `sources` are ids of references; `studies` and `statements` the rows it was held against. `omitted` is
    what the answer leaves out. `same_as` names claims about the same thing in the other audit.
    """

    id: str
    claim: str
    verdict: Verdict
    topic: str = ""
    section: str = ""
    finding: str = ""
    omitted: str = ""
    handling: str = ""  # what to say instead
    note: str = ""
    agents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    seen: Seen | None = None  # None: nothing was seen about it
    correction: str = ""  # what an audit said before, and why it was changed
    span: Span | None = None

    @property
    def is_weak(self) -> bool:
        return self.seen is None or self.seen in WEAK


@dataclass(frozen=True, slots=True)
class EvidenceBase:
    """All checked evidence, and the hash of the content it was made from."""

    version: str
    studies: Mapping[str, Study]
    claims: Mapping[str, Claim]
    statements: Mapping[str, Statement]
    references: Mapping[str, Reference]
    agents: Mapping[str, EvidenceAgent]
    outcomes: Mapping[str, OutcomeTerm]
    designs: Mapping[str, Term]
    populations: Mapping[str, Term]
    several_meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name → what it can mean
