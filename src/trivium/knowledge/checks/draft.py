"""What the checks look at: every entry of every knowledge file in its shape, with its place.

A folder → `Draft`. Names are not looked up yet and expressions are still text; `knowledge.build` makes
`models.Knowledge` of it. Nothing is raised: what is wrong is in `defects`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.dosing_forms import ClassForm, CombinationForm, HouseRoundingForm
from trivium.knowledge.checks.forms import AnswerForm, BasisForm, Form
from trivium.knowledge.checks.property_form import PropertyForm
from trivium.knowledge.checks.shape import fit
from trivium.knowledge.models import WEAK, Cited, Knowledge, Pathway
from trivium.knowledge.positions import Document, Place, read_yaml
from trivium.knowledge.schema import (
    SHAPES,
    AgentForm,
    AlertForm,
    CodeSystemForm,
    ConditionForm,
    CriterionForm,
    FactForm,
    FormulaForm,
    PathwayForm,
    RecommendationForm,
    ScoreForm,
    SourceForm,
    StatementForm,
    UnitsForm,
    ValueSetForm,
)

F = TypeVar("F", bound=Form, covariant=True)

# Kept for people and for other layers; not part of what is built here.
REFERENCE = ("scores.yaml", "gaps.yaml", "sites")

# What the evidence is read from, apart from the pathway; sources and statements serve both.
EVIDENCE = ("agent_names.yaml", "evidence_terms.yaml", "studies", "claims")

_SUPPORTED = (
    "fact",
    "criterion",
    "recommendation",
    "agent",
    "alert",
    "score",
    "drug_class",
    "rounding",
    "combination",
    "property",
    "pathway",
)
_PRODUCT_COLUMNS = ("product_rxcui", "product_name", "ingredient_rxcui")
_LIBRARY = {
    "sources.yaml": "source",
    "code_systems.yaml": "code_system",
    "units.yaml": "units",
    "formulae.yaml": "formula",
    "answers.yaml": "answers",
    "drug_classes.yaml": "drug_class",
    "rounding.yaml": "rounding",
}
_LIBRARY_FOLDERS = {
    "statements": "statement",
    "valuesets": "valueset",
    "agents": "agent",
    "regimens": "combination",
}
_PATHWAY_FOLDERS = {
    "facts": "fact",
    "criteria": "criterion",
    "recommendations": "recommendation",
    "alerts": "alert",
    "scores": "score",
    "properties": "property",
}


@dataclass(frozen=True, slots=True)
class Entry(Generic[F]):
    """One entry as written: its id, its shape, and where it stands."""

    id: str
    form: F
    document: Document
    place: Place

    def span(self, *inside: str | int) -> Span:
        return self.document.span((*self.place, *inside))

    @property
    def data(self) -> Any:
        """The entry as plain data."""
        found = self.document.data
        for step in self.place:
            found = found[step]
        return found


@dataclass(slots=True)
class Draft:
    """All that was read. An entry that does not fit its shape is only in `broken`, by its id."""

    root: Path
    sources: dict[str, Entry[SourceForm]] = field(default_factory=dict)
    statements: dict[str, Entry[StatementForm]] = field(default_factory=dict)
    valuesets: dict[str, Entry[ValueSetForm]] = field(default_factory=dict)
    code_systems: dict[str, Entry[CodeSystemForm]] = field(default_factory=dict)
    formulae: dict[str, Entry[FormulaForm]] = field(default_factory=dict)
    units: dict[str, Entry[UnitsForm]] = field(default_factory=dict)
    answers: dict[str, Entry[AnswerForm]] = field(default_factory=dict)
    facts: dict[str, Entry[FactForm]] = field(default_factory=dict)
    criteria: dict[str, Entry[CriterionForm]] = field(default_factory=dict)
    recommendations: dict[str, Entry[RecommendationForm]] = field(default_factory=dict)
    agents: dict[str, Entry[AgentForm]] = field(default_factory=dict)
    drug_classes: dict[str, Entry[ClassForm]] = field(default_factory=dict)
    rounding: dict[str, Entry[HouseRoundingForm]] = field(default_factory=dict)
    combinations: dict[str, Entry[CombinationForm]] = field(default_factory=dict)
    alerts: dict[str, Entry[AlertForm]] = field(default_factory=dict)
    scores: dict[str, Entry[ScoreForm]] = field(default_factory=dict)
    properties: dict[str, Entry[PropertyForm]] = field(default_factory=dict)
    pathways: dict[str, Entry[PathwayForm]] = field(default_factory=dict)
    products: list[dict[str, str]] = field(default_factory=list)
    repeated: list[tuple[str, Entry[Form], Entry[Form]]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    defects: list[Defect] = field(default_factory=list)
    is_whole: bool = True  # whether every file could be read
    knowledge: Knowledge | None = None  # what could be built

    @property
    def built(self) -> Knowledge:
        """The knowledge as far as it could be built."""
        if self.knowledge is None:
            raise ValueError("nothing has been built yet")
        return self.knowledge

    @property
    def pathway(self) -> Pathway:
        """The pathway as far as it could be built."""
        return self.built.pathway

    def table(self, kind: str) -> dict[str, Entry[Form]]:
        """The entries of one kind, by id."""
        tables: dict[str, object] = {
            "source": self.sources,
            "statement": self.statements,
            "valueset": self.valuesets,
            "code_system": self.code_systems,
            "formula": self.formulae,
            "units": self.units,
            "answers": self.answers,
            "fact": self.facts,
            "criterion": self.criteria,
            "recommendation": self.recommendations,
            "agent": self.agents,
            "drug_class": self.drug_classes,
            "rounding": self.rounding,
            "combination": self.combinations,
            "alert": self.alerts,
            "score": self.scores,
            "property": self.properties,
            "pathway": self.pathways,
        }
        return tables[kind]  # type: ignore[return-value]

    def graded(self) -> list[Entry[RecommendationForm] | Entry[AgentForm]]:
        """What shows a strength and a certainty."""
        return [*self.recommendations.values(), *self.agents.values()]

    def bases(self) -> Iterator[tuple[Entry[Form], Place, BasisForm]]:
        """Every leg that anything stands on, with the entry and the place inside it."""
        for kind in _SUPPORTED:
            for entry in self.table(kind).values():
                for place, form in [((), entry.form), *conditions(entry.form), *dosing_parts(entry.form)]:
                    for index, basis in enumerate(getattr(form, "basis", ())):
                        yield entry, (*place, "basis", index), basis


def conditions(form: Form) -> list[tuple[Place, ConditionForm]]:
    """The conditions inside a recommendation or an agent, each with its place."""
    return [
        ((key, index), condition)
        for key in ("blocked_when", "cautions", "lines")
        for index, condition in enumerate(getattr(form, key, ()))
    ]


def dosing_parts(form: Form) -> list[tuple[Place, Form]]:
    """Everything in an agent's `dosing:` or a combination that stands on something, each with its place."""
    if isinstance(form, CombinationForm):
        return list(_forms_inside(form, ()))
    dosing = getattr(form, "dosing", None)
    return [] if dosing is None else list(_forms_inside(dosing, ("dosing",)))


def _forms_inside(form: Form, place: Place) -> Iterator[tuple[Place, Form]]:
    for name in type(form).model_fields:
        value = getattr(form, name)
        for index, item in enumerate(value) if isinstance(value, list) and name != "basis" else ():
            if isinstance(item, Form):
                yield (*place, name, index), item
                yield from _forms_inside(item, (*place, name, index))


def cited(draft: Draft, basis: Iterable[BasisForm]) -> tuple[Cited, ...]:
    """Each leg with its source and how well it was seen; legs that do not exist are left out."""
    found = []
    for leg in basis:
        statement = draft.statements.get(leg.statement)
        if statement is not None:
            form = statement.form
            found.append(Cited(form.source, form.seen, form.id, leg.note))
        elif leg.source in draft.sources and leg.seen is not None:
            found.append(Cited(leg.source, leg.seen, "", leg.note))
    return tuple(found)


def is_weak(draft: Draft, basis: Sequence[BasisForm]) -> bool:
    """Whether all that something stands on was recalled, seeded or written by an AI."""
    legs = cited(draft, basis)
    return len(legs) == len(basis) > 0 and all(leg.seen in WEAK for leg in legs)


def needs(form: FactForm) -> list[str]:
    """The facts that a fact is made from or rests on."""
    inputs = [*getattr(form.from_, "inputs", {}).values(), *getattr(form.from_, "also", {}).values()]
    others = [form.false_when, getattr(form.from_, "since", None)]
    return [*inputs, *(name for name in others if name)]


def read_draft(root: Path) -> Draft:
    """Read every knowledge file under `root`."""
    draft = Draft(root)
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        name = path.name
        if name in REFERENCE + EVIDENCE or name.startswith(".") or path.suffix == ".md":
            continue
        if name in _LIBRARY:
            read_file(draft, path, _LIBRARY[name])
        elif name in _LIBRARY_FOLDERS:
            read_folder(draft, path, _LIBRARY_FOLDERS[name])
        elif name == "pathways":
            for pathway in sorted(path.iterdir()):
                _read_pathway(draft, pathway)
        else:
            stray(draft, path)
    if not draft.pathways and not draft.defects:
        what = "there is no pathway" if root.is_dir() else f"there is no folder {root}"
        draft.defects.append(Defect("TRV156", what, Span("pathways", 1, 1)))
    return draft


def _read_pathway(draft: Draft, folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.name == "pathway.yaml":
            read_file(draft, path, "pathway")
        elif path.name in _PATHWAY_FOLDERS:
            read_folder(draft, path, _PATHWAY_FOLDERS[path.name])
        elif path.suffix != ".md":
            stray(draft, path)


def read_folder(draft: Draft, folder: Path, kind: str) -> None:
    """Read every file of a folder."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".yaml":
            read_file(draft, path, kind)
        elif path.name == "rxnorm_products.csv":
            _read_products(draft, path)
        elif path.suffix != ".md":
            stray(draft, path)


def _read_products(draft: Draft, path: Path) -> None:
    """The table that rolls drug products up to ingredients."""
    span = Span(_name(draft, path), 1, 1)
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, ValueError, csv.Error) as problem:
        draft.defects.append(Defect("TRV150", f"the file cannot be read: {problem}", span))
        return
    for number, row in enumerate(rows, 2):
        if not all(row.get(column) for column in _PRODUCT_COLUMNS):
            what = f"a row needs {', '.join(_PRODUCT_COLUMNS)}"
            draft.defects.append(Defect("TRV162", what, Span(span.file, number, 1)))
            return
    draft.products += rows


def stray(draft: Draft, path: Path) -> None:
    """Say that a file is none that knowledge is made of."""
    what = f"{path.name} is none of the files that knowledge is made of"
    hint = "see docs/schema for what there is; a misspelt name would be left out silently otherwise"
    draft.defects.append(Defect("TRV155", what, Span(_name(draft, path), 1, 1), hint=hint))


def _name(draft: Draft, path: Path) -> str:
    return path.relative_to(draft.root).as_posix()


def read_file(draft: Draft, path: Path, kind: str) -> None:
    """Read one file of entries of one kind; what is wrong goes into the draft's defects."""
    document, defects = read_yaml(path, _name(draft, path))
    draft.defects += defects
    if document.data is None:
        draft.is_whole = False
        return
    is_list = kind != "answers" and SHAPES[kind][1]
    items: list[tuple[Place, object]]
    if is_list and isinstance(document.data, list):
        items = [((index,), item) for index, item in enumerate(document.data)]
    elif kind == "answers" and isinstance(document.data, dict):
        items = [((key,), item) for key, item in document.data.items()]
    elif not is_list and isinstance(document.data, dict):
        items = [((), document.data)]
    else:
        what = f"expected {'a list of entries' if is_list else 'a mapping'}"
        draft.defects.append(Defect("TRV162", what, document.span(())))
        draft.is_whole = False
        return
    for place, item in items:
        _add(draft, kind, document, place, item)


def _add(draft: Draft, kind: str, document: Document, place: Place, item: object) -> None:
    key = str(place[0]) if kind == "answers" else _id_of(kind, item)
    shape = AnswerForm if kind == "answers" else SHAPES[kind][0]
    form, defects = fit(shape, item, document, place)
    draft.defects += defects
    if form is None:
        draft.broken.add(key)
        return
    entry = Entry(key, form, document, place)
    table = draft.table(kind)
    if key in table:
        draft.repeated.append((kind, table[key], entry))
    else:
        table[key] = entry


def _id_of(kind: str, item: object) -> str:
    if not isinstance(item, dict):
        return ""
    return (
        kind
        if kind in ("units", "evidence_terms", "rounding")
        else str(item.get("uri" if kind == "code_system" else "id", ""))
    )
