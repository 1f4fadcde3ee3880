"""The shape of studies, claims, agent names and evidence terms; `knowledge.evidence_build` makes the models.

Papers print all sorts of things, so the parts of a study keep keys that are not known here: they are shown
as written and never computed with. A key that looks like a misspelt known one is refused (TRV311). Claims
and vocabularies are strict. Used by `knowledge.schema` alone; it must not know whether a name exists.
"""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self
from typing import Literal as OneOf

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from trivium.knowledge.checks.forms import Form, Id, Number, Text
from trivium.knowledge.evidence import Design, Verdict
from trivium.knowledge.evidence_terms import AgentSort, OutcomeGroup
from trivium.knowledge.models import Seen


def _text(raw: object) -> object:
    """A number where a text is meant (`pmid: 123`), and nothing where it is left open."""
    if raw is None:
        return ""
    return str(raw) if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool) else raw


def _flag_or_word(raw: object) -> object:
    """`country_seen: false`, `title_seen: from the congress abstract`."""
    return str(raw).lower() if isinstance(raw, bool) else raw


def _overlap(raw: object) -> object:
    return {"study": raw} if isinstance(raw, str) else raw


def _words(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


_OPEN_TEXT: dict[str, Any] = {"type": ["string", "number", "null"]}
OpenText = Annotated[str, BeforeValidator(_text), WithJsonSchema(_OPEN_TEXT)]
SeenWord = Annotated[str, BeforeValidator(_flag_or_word), WithJsonSchema({"type": ["boolean", "string"]})]
Count = Annotated[int, Field(ge=0)]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Texts = Annotated[list[str], BeforeValidator(_words), WithJsonSchema({"type": ["array", "string"]})]


class OpenForm(Form):
    """A part of a study: other keys are kept as they are."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    @property
    def further(self) -> dict[str, Any]:
        """The keys that are not known here and hold something, in their order."""
        return {key: value for key, value in (self.model_extra or {}).items() if value is not None}


class CitationForm(OpenForm):
    """A study that brings its own citation instead of naming a source."""

    authors_short: OpenText = ""
    title: Text
    journal: OpenText = ""
    year: int | None = None
    volume: OpenText = ""
    pages: OpenText = ""
    doi: OpenText = ""
    pmid: OpenText = ""
    pmcid: OpenText = ""
    registration: OpenText = ""
    publisher: OpenText = ""
    title_is_paraphrase: bool = False
    url_seen: list[str] = []


class PopulationForm(OpenForm):
    n: Count | None = None
    n_derived: bool = False
    mda5_positive: Count | None = None
    rp_ild: Count | None = None
    ild: Count | None = None
    cadm: Count | None = None
    paediatric: bool = False
    disease_stage: OpenText = ""


class ArmForm(OpenForm):
    id: Label
    label: Text
    agents: list[Slug] = []
    agents_inferred: list[Slug] = []  # of the agents: assumed from context, not printed
    agents_in_part: list[Slug] = []  # of the agents: given to a part of the patients
    agents_before: list[Slug] = []  # of the agents: given before, and failed
    n: Count | None = None
    n_seen: OpenText = ""
    dose: dict[str, OpenText] = {}
    note: OpenText = ""
    agents_note: OpenText = ""


class PooledForm(OpenForm):
    """What all arms together showed."""

    events: Count | None = None
    total: Count | None = None
    percent: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    percent_text: OpenText = ""
    note: OpenText = ""
    explained: str = ""


class ResultForm(PooledForm):
    arm: Label


class EffectForm(OpenForm):
    measure: Text
    value: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    p: OpenText = ""
    comparison: OpenText = ""
    adjusted: bool = False
    significant: bool | None = None
    method: OpenText = ""
    direction: OpenText = ""
    note: OpenText = ""
    explained: str = ""


Estimand = OneOf[
    "",
    "all-cause",  # deaths of whole arms from any cause, or survival
    "any",  # patients of whole arms with at least one such event
    "time-to-event",  # a percent of a survival curve: no count stands behind it
    "cause-specific",
    "composite",
    "in-hospital",
    "icu",
    "matched",
    "event-count",  # events, not patients
    "share",  # of the events themselves, not of the patients
]


class OutcomeForm(OpenForm):
    name: Slug
    definition: OpenText = ""
    timepoint_weeks: Number | None = None
    timepoint_text: OpenText = ""
    subgroup: OpenText = ""
    estimand: Estimand = ""
    results: list[ResultForm] = []
    pooled: PooledForm | None = None
    effect: EffectForm | None = None
    seen: Seen
    note: OpenText = ""


class OverlapForm(Form):
    study: Text
    sort: OneOf["same-trial", "same-cohort", "gathers", "possible"] = "possible"
    why: str = ""


class RiskOfBiasForm(Form):
    tool: Text
    judgement: Text
    reasons: list[Text] = []
    source: str = ""
    seen: Seen


class StudyForm(OpenForm):
    id: Id
    source: str = ""
    citation: CitationForm | None = None
    design: Design
    design_note: OpenText = ""
    country: OpenText = ""
    country_seen: SeenWord = "true"
    cohort: OpenText = ""
    population: PopulationForm
    arms: list[ArmForm] = []
    outcomes: list[OutcomeForm] = []
    statements: Texts = []
    statements_seen: Seen = "abstract"
    risk_factors: Texts = []
    protective: Texts = []
    negative_evidence: Texts = []
    limitations: Texts = []
    risk_of_bias: RiskOfBiasForm | None = None
    funding: OpenText = ""
    overlaps_with: list[
        Annotated[OverlapForm, BeforeValidator(_overlap), WithJsonSchema({"type": ["string", "object"]})]
    ] = []
    conflicts_with: list[str] = []

    @model_validator(mode="after")
    def _is_citable(self) -> Self:
        if not self.source and self.citation is None:
            raise ValueError("a study names its `source` in sources.yaml, or brings a `citation`")
        return self


class ClaimForm(Form):
    id: Id
    claim: Text
    verdict: Verdict
    topic: str = ""
    section: str = ""
    finding: str = ""
    omitted: str = ""
    handling: str = ""
    note: str = ""
    agents: list[Slug] = []
    sources: list[str] = []
    studies: list[str] = []
    statements: list[str] = []
    same_as: list[str] = []
    seen: Seen | None = None
    correction: str = ""


class AgentNameForm(Form):
    id: Slug
    label: Text
    sort: AgentSort = "drug"
    classes: list[Slug] = []
    brands: list[Text] = []
    biosimilars: list[Text] = []
    abbreviations: list[Text] = []
    spellings: list[Text] = []
    recalled: list[Text] = []
    pathway_agent: str = ""
    note: str = ""


class OutcomeTermForm(Form):
    id: Slug
    label: Text
    group: OutcomeGroup
    better: OneOf["high", "low", ""] = ""
    complement: str = ""
    names: list[Text] = []


class TermForm(Form):
    id: Slug
    label: Text
    names: list[Text] = []
    fields: list[Text] = []
    implied_by: list[Slug] = []
    words: list[Text] = []


class SeveralMeaningsForm(Form):
    """A name that means different things to different writers: never chosen between."""

    names: list[Text] = Field(min_length=1)
    options: list[Text] = Field(min_length=2)
    source: str = ""


class EvidenceTermsForm(Form):
    outcomes: list[OutcomeTermForm]
    designs: list[TermForm]
    populations: list[TermForm]
    several_meanings: list[SeveralMeaningsForm] = []


# Kind of file → the shape of one entry, and whether the file is a list of them.
EVIDENCE_SHAPES: dict[str, tuple[type[Form], bool]] = {
    "study": (StudyForm, False),
    "claim": (ClaimForm, True),
    "agent_name": (AgentNameForm, True),
    "evidence_terms": (EvidenceTermsForm, False),
}
