"""The shape of every knowledge file, and JSON Schemas of them for editors.

Plain data → forms (`FactForm`, `CriterionForm`, …) or problems. With `checks.forms`, whose parts it is
built from, the only module that needs pydantic. It must not know what an expression means or whether a
name exists.
"""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self
from typing import Literal as OneOf

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from trivium.knowledge.checks.dosing_forms import ClassForm, CombinationForm, DosingForm, HouseRoundingForm
from trivium.knowledge.checks.evidence_forms import EVIDENCE_SHAPES
from trivium.knowledge.checks.forms import (
    AnswerForm,
    AnyFrom,
    Basis,
    CodeForm,
    Duration,
    Expression,
    Factor,
    Form,
    Harm,
    Id,
    Number,
    Text,
    Words,
)
from trivium.knowledge.checks.property_form import PropertyForm
from trivium.knowledge.models import Certainty, Phase, Seen, Strength, Urgency

FactType = OneOf["boolean", "choice", "quantity", "integer", "date"]
Offer = OneOf["recommended", "consider"]


class PlausibleForm(Form):
    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("`low` is below `high`")
        return self


class ConvertForm(Form):
    unit: Text
    factor: Factor
    source: Text
    seen: Seen
    note: str = ""


class FactForm(Form):
    id: Id
    label: Text
    also_called: list[Id] = []  # short names for forms and `--set`
    question: str = ""
    type: FactType
    unit: str = ""
    choices: list[Text] = []
    from_: AnyFrom = Field(alias="from")
    good_for: Duration | None = None
    kept: Words = []
    false_when: str = ""
    harm: Harm
    plausible: PlausibleForm | None = None
    convert: list[ConvertForm] = []
    answers: dict[str, AnswerForm] = {}
    basis: Basis = []
    note: str = ""

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.type == "quantity") != bool(self.unit):
            raise ValueError("a quantity has a unit, nothing else has (`unit: '1'` for a pure number)")
        if (self.type == "choice") != (len(set(self.choices)) > 1):
            raise ValueError("a choice has two or more choices, nothing else has any")
        if self.plausible and self.type not in ("quantity", "integer"):
            raise ValueError("only a number has a plausible range")
        if self.convert and self.type != "quantity":
            raise ValueError("only a quantity converts")
        return self


class ExampleForm(Form):
    given: dict[str, Any]
    then: OneOf[True, False, "unknown"]
    note: str = ""


class CriterionForm(Form):
    id: Id
    label: Text
    when: Expression
    reason: str = ""
    basis: Basis = []
    examples: list[ExampleForm] = []
    note: str = ""


class ConditionForm(Form):
    id: Id
    when: Expression
    text: Text
    resolved_by: str = ""
    basis: Basis = []
    note: str = ""


class LineForm(ConditionForm):
    kind: OneOf["contraindication", "label", "wait", "caution"]
    opened_by: Id | None = None  # the fact that records a specialist's override of this line

    @model_validator(mode="after")
    def _only_what_bars_is_opened(self) -> Self:
        if self.opened_by and self.kind == "caution":
            raise ValueError("a caution bars nothing, so there is nothing that `opened_by` could open")
        return self


class RecommendationForm(Form):
    id: Id
    label: Text
    phase: Phase
    when: Expression
    text: Text
    offer: Offer
    treatment: bool
    urgency: Urgency
    agents: list[str] = []
    asks: list[str] = []
    blocked_when: list[ConditionForm] = []
    cautions: list[ConditionForm] = []
    strength: Strength
    certainty: Certainty
    basis: Basis = []
    note: str = ""


class AgentForm(Form):
    """An agent; without `offered_when` the pathway never offers it, and it only says how it is given."""

    id: Id
    label: Text
    drug_class: Text
    roles: list[Text] = []
    offered_when: Expression | None = None
    offer: Offer | None = None
    strength: Strength = "not-graded"
    certainty: Certainty = "not-graded"
    lines: list[LineForm] = []
    dosing: DosingForm | None = None
    basis: Basis = []
    note: str = ""

    @model_validator(mode="after")
    def _offered_or_not(self) -> Self:
        offering = {"offered_when", "offer", "strength", "certainty"}
        said = offering & self.model_fields_set
        if said and said != offering:
            raise ValueError(f"an agent that is offered says {', '.join(sorted(offering))}")
        if not said and (self.lines or self.dosing is None):
            raise ValueError("an agent without `offered_when` has `dosing` and no lines")
        return self


class AlertForm(Form):
    id: Id
    label: Text
    kind: OneOf["hazard", "missing"]
    severity: OneOf["stop", "warning", "note"]
    when: Expression
    about: list[str] = []
    text: Text
    resolved_by: str = ""
    basis: Basis = []
    note: str = ""

    @model_validator(mode="after")
    def _about_what(self) -> Self:
        if (self.kind == "missing") != bool(self.about):
            raise ValueError("an alert of kind missing says `about:` which facts, a hazard does not")
        return self


class ScoreItemForm(Form):
    label: Text
    points: int
    when: Expression


class StratumForm(Form):
    name: Text
    low: int
    high: int


class ScoreForm(Form):
    id: Id
    label: Text
    target: Text
    when: Expression
    items: list[ScoreItemForm] = Field(min_length=1)
    strata: list[StratumForm] = []
    basis: Basis = []
    note: str = ""


class StageForm(Form):
    id: Id
    label: Text
    when: Expression


class PathwayForm(Form):
    id: Id
    label: Text
    version: Text
    status: Text
    in_scope: Id
    doses_for: Id | None = None
    stages: list[StageForm] = Field(min_length=1)
    basis: Basis = []
    note: str = ""


class SourceForm(Form):
    """What the engine uses of a source; the rest of a citation is kept beside it as it is."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    id: Text
    title: Text
    year: int | None = None
    url: str | None = None
    doi: str | None = None
    pmid: str | None = None
    kind: Text
    access: str | None = None
    status: OneOf["", "retracted", "superseded"] = ""
    superseded_by: str = ""
    same_document_as: str = ""


class StatementForm(Form):
    id: Text
    source: Text
    seen: Seen
    text: str = ""
    topic: str = ""
    value: Any = None
    op: str = ""
    unit: str = ""
    direction: OneOf["for", "against", "remark", "none"] = "none"
    direction_basis: str = ""
    strength: Strength = "not-graded"
    certainty: Certainty = "not-graded"
    strength_as_recorded: str = ""
    certainty_as_recorded: str = ""
    certainty_seen: str = ""
    scope: str = ""
    section: str = ""
    confidence: str = ""
    previous: Any = None
    agents: list[str] = []
    mda5_remark: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        """Its text; for a bare value, topic, comparison, value and unit."""
        parts = (self.topic.replace("_", " ") + ":", self.op, self.value, self.unit)
        return self.text or " ".join(str(part) for part in parts if part not in (None, ""))


class PrefixForm(Form):
    system: Text
    prefix: Text
    exclude_prefix: list[str] = []
    display: str = ""
    verified: bool = False
    source: str | None = None
    note: str = ""


class ValueSetForm(Form):
    id: Id
    title: Text
    kind: OneOf["lab", "vital", "drug", "condition", "procedure", "imaging"]
    resources: list[Text] = Field(min_length=1)
    omop_domain: str = ""
    omop_tables: list[str] = []
    units_expected: list[str] = []
    codes: list[CodeForm] = []
    code_prefixes: list[PrefixForm] = []
    text_hints: list[Text] = []
    exclude_product_words: list[str] | None = None
    roll_up: str = ""
    source: str = ""  # of the words, where no code bears a source
    notes: list[str] = []


class FormulaForm(Form):
    id: Id
    value: Text
    unit: str = ""
    variables: dict[str, Any] = {}
    coefficients: dict[str, Any] = {}
    worked_check: str = ""
    source: Text
    seen: Seen
    confidence: str = ""
    note: str = ""
    previous: str = ""


class CodeSystemForm(Form):
    uri: Text
    vocabulary_id: str | None = None
    name: str = ""
    also_seen: list[str] = []
    licence: str = ""
    notes: list[str] = []


class UnitsForm(Form):
    aliases: list[dict[str, Any]]
    snomed: list[dict[str, Any]] = []


# Kind of file → the shape of one entry, and whether the file is a list of them.
SHAPES: dict[str, tuple[type[Form], bool]] = {
    "source": (SourceForm, True),
    "statement": (StatementForm, True),
    "valueset": (ValueSetForm, False),
    "code_system": (CodeSystemForm, True),
    "units": (UnitsForm, False),
    "formula": (FormulaForm, True),
    "fact": (FactForm, True),
    "criterion": (CriterionForm, True),
    "recommendation": (RecommendationForm, True),
    "agent": (AgentForm, False),
    "drug_class": (ClassForm, True),
    "rounding": (HouseRoundingForm, False),
    "combination": (CombinationForm, True),
    "alert": (AlertForm, True),
    "score": (ScoreForm, True),
    "property": (PropertyForm, True),
    "pathway": (PathwayForm, False),
    **EVIDENCE_SHAPES,
}


def write_schemas(folder: Path) -> None:
    """Write one JSON Schema a kind of file, for editors to complete and check by."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def schemas() -> dict[str, str]:
    """File name → text of each JSON Schema."""
    texts = {"answers.json": _schema_text(TypeAdapter(dict[str, AnswerForm]))}
    for kind, (shape, is_list) in SHAPES.items():
        adapter: TypeAdapter[Any] = TypeAdapter(list[shape] if is_list else shape)  # type: ignore[valid-type]
        texts[f"{kind}.json"] = _schema_text(adapter)
    return texts


def _schema_text(adapter: TypeAdapter[Any]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **adapter.json_schema()}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
