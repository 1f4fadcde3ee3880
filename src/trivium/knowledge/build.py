"""A draft → `models.Knowledge`: names looked up, expressions parsed and resolved, numbers exact.

What cannot be built is left out and leaves a defect; what only names something that was left out goes
with it silently, so that one mistake is one message. It must not judge content: that is the checks' work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any

from trivium.core.errors import Defect, ExpressionError
from trivium.core.truth import UNKNOWN, from_bool
from trivium.core.unit_spellings import UnitAliases
from trivium.core.units import UnitError, parse_unit
from trivium.core.values import Interval
from trivium.knowledge import models
from trivium.knowledge.checks.draft import Draft, Entry, cited, needs
from trivium.knowledge.checks.forms import Form
from trivium.knowledge.checks.property_form import PropertyForm
from trivium.knowledge.concepts import Concepts, build_concepts
from trivium.knowledge.dosing_build import DosingBuilder, combination, drug_class
from trivium.knowledge.given import GivenError, read_value
from trivium.knowledge.overrides import with_override
from trivium.knowledge.positions import Place
from trivium.knowledge.schema import (
    AgentForm,
    AlertForm,
    ConditionForm,
    CriterionForm,
    FactForm,
    LineForm,
    PathwayForm,
    RecommendationForm,
    ScoreForm,
    StatementForm,
)
from trivium.logic.nodes import BOOLEAN, Node, Type, criterion_names, fact_names
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve

_ANSWERED = ("latest", "first", "first_date", "answered")


def build(draft: Draft, version: str) -> models.Knowledge:
    """Build all that can be built; defects go to `draft.defects`.

    Errors:  none raised. With no pathway that fits its shape the pathway is an empty one.
    """
    return _Builder(draft).knowledge(version)


class _Builder:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.broken = set(draft.broken)
        self.aliases = self._unit_aliases()
        self.types: dict[str, Type] = {}
        self.conversions: dict[str, Mapping[str, Fraction]] = {}
        self.answers = {name: entry.form.spellings() for name, entry in draft.answers.items()}

    def knowledge(self, version: str) -> models.Knowledge:
        draft = self.draft
        for name, entry in draft.facts.items():
            self._declare(name, entry.form)
        self.scope = Scope(self.types, draft.criteria, self.conversions)
        facts = {name: self._fact(entry) for name, entry in draft.facts.items() if name in self.types}
        self._order({name: needs(draft.facts[name].form) for name in facts}, "facts", draft.facts)
        return models.Knowledge(
            version=version,
            pathway=self._pathway(facts),
            sources={
                name: models.Source(**_same(entry.form, models.Source))
                for name, entry in draft.sources.items()
            },
            statements={name: _statement(entry.form) for name, entry in draft.statements.items()},
            valuesets={name: entry.data for name, entry in draft.valuesets.items()},
            concepts=self._concepts(),
            dosing={
                name: DosingBuilder(draft, entry, self._expression).built()
                for name, entry in draft.agents.items()
                if entry.form.dosing is not None
            },
            drug_classes={name: drug_class(draft, entry.form) for name, entry in draft.drug_classes.items()},
            regimens=_kept(
                lambda entry: combination(draft, entry, self._expression), draft.combinations.values()
            ),
        )

    def _pathway(self, facts: dict[str, models.FactSpec]) -> models.Pathway:
        draft = self.draft
        if len(draft.pathways) > 1:
            second = list(draft.pathways.values())[1]
            self._refuse("TRV156", "a second pathway: one at a time can be loaded", second)
        entry = next(iter(draft.pathways.values()), None)
        form = entry.form if entry else None
        stages = [self._stage(entry, index) for index in range(len(form.stages))] if entry and form else []
        return models.Pathway(
            id=form.id if form else "",
            label=form.label if form else "",
            version=form.version if form else "",
            status=form.status if form else "",
            in_scope=form.in_scope if form else "",
            facts=facts,
            criteria=self._criteria(),
            recommendations=_kept(self._recommendation, draft.recommendations.values()),
            agents=_kept(self._agent, draft.agents.values()),
            alerts=_kept(self._alert, draft.alerts.values()),
            scores=_kept(self._score, draft.scores.values()),
            stages=tuple(stage for stage in stages if stage),
            properties=_kept(self._property, draft.properties.values()),
            doses_for=(form.doses_for or "") if form else "",
        )

    # Facts

    def _declare(self, name: str, form: FactForm) -> None:
        """Make a fact's type known; one whose unit cannot be read is reported by its own check."""
        units = {convert.unit: convert.factor for convert in form.convert}
        try:
            for unit in (*units, *([form.unit] if form.unit else ())):
                parse_unit(unit)
        except UnitError:
            self.broken.add(name)
            return
        self.types[name] = Type(form.type, form.unit or None, tuple(form.choices))
        self.conversions[name] = units

    def _fact(self, entry: Entry[FactForm]) -> models.FactSpec:
        form, name = entry.form, entry.id
        factors = [
            models.Cited(convert.source, convert.seen, "", f"factor from {convert.unit}")
            for convert in form.convert
            if convert.source in self.draft.sources
        ]
        harm = form.harm[0] if form.harm in (["high"], ["low"]) else tuple(form.harm)
        plausible = form.plausible
        return models.FactSpec(
            id=name,
            label=form.label,
            type=self.types[name],
            retrieval=self._retrieval(form),
            also_called=tuple(form.also_called),
            question=form.question,
            good_for=form.good_for,
            kept=frozenset(form.kept),
            false_when=form.false_when,
            harm=harm if harm else "",
            plausible=Interval(plausible.low, plausible.high) if plausible else Interval(),
            conversions=self.conversions[name],
            cited=(*cited(self.draft, form.basis), *factors),
            note=form.note,
            span=entry.span(),
        )

    def _retrieval(self, form: FactForm) -> models.Retrieval:
        """Options are documented in `record.facts`."""
        options = form.from_.options()
        kind, concepts = form.from_.kind, form.from_.concepts()
        if kind == "derived":
            formula = self.draft.formulae.get(options["formula"])
            options["coefficients"] = dict(formula.form.coefficients) if formula else {}
            options["written"] = formula.form.value if formula else ""
        if kind in _ANSWERED and form.type in ("choice", "boolean", "date"):
            options["answers"] = self._answers(form)
        return models.Retrieval(kind, concepts, getattr(form.from_, "within", None), options)

    def _answers(self, form: FactForm) -> dict[str, dict[str, frozenset[Any]]]:
        """The shared answers with the fact's own: what a fact says itself is taken from the other choices."""
        own = {choice: answer.spellings() for choice, answer in form.answers.items()}
        merged = {choice: dict(parts) for choice, parts in self.answers.items()}
        for parts in merged.values():
            for part in parts:
                parts[part] -= frozenset().union(*(answer[part] for answer in own.values()))
        for choice, answer in own.items():
            shared = merged.setdefault(choice, {part: frozenset() for part in answer})
            merged[choice] = {part: shared[part] | answer[part] for part in answer}
        return merged

    # Expressions

    def _expression(self, entry: Entry[Form], text: str, *inside: str | int) -> Node | None:
        """The resolved expression at a place of an entry; None when it has a defect or rests on one."""
        place = (*entry.place, *inside)
        try:
            node = parse(entry.document.verbatim.get(place, text), entry.span(*inside))
            if fact_names(node) & self.broken - set(self.draft.criteria):
                return None
            return resolve(node, self.scope)
        except ExpressionError as problem:
            self.draft.defects.append(problem.defect)
            return None

    def _criteria(self) -> dict[str, models.Criterion]:
        built = _kept(self._criterion, self.draft.criteria.values())
        named = {name: criterion_names(criterion.when) for name, criterion in built.items()}
        ordered: dict[str, models.Criterion] = {}
        for name in self._order(named, "criteria", self.draft.criteria):
            if named[name] <= set(ordered):  # otherwise it rests on one that could not be built
                ordered[name] = built[name]
        return ordered

    def _criterion(self, entry: Entry[CriterionForm]) -> models.Criterion | None:
        form = entry.form
        examples = [self._example(entry, index) for index in range(len(form.examples))]
        node = self._expression(entry, form.when, "when")
        if node is None:
            return None
        return models.Criterion(
            id=form.id,
            label=form.label,
            when=node,
            text=form.when,
            cited=cited(self.draft, form.basis),
            reason=form.reason,
            examples=tuple(example for example in examples if example),
            note=form.note,
            span=entry.span(),
        )

    def _example(self, entry: Entry[CriterionForm], index: int) -> models.Example | None:
        form, given = entry.form.examples[index], {}
        for name, raw in form.given.items():
            place = ("examples", index, "given", name)
            kind = BOOLEAN if name in self.draft.criteria else self.types.get(name)
            if kind is None:
                if name not in self.broken:
                    self._refuse("TRV110", f"no fact or criterion is called {name!r}", entry, *place)
                return None
            try:
                given[name] = read_value(raw, kind, self.conversions.get(name), self.aliases)
            except GivenError as problem:
                self._refuse("TRV163", f"{name}: {problem}", entry, *place)
                return None
        then = UNKNOWN if form.then == "unknown" else from_bool(form.then)
        return models.Example(given, then, entry.span("examples", index))

    # What stands on criteria

    def _conditions(self, entry: Entry[Form], key: str) -> tuple[models.Condition, ...]:
        found: list[models.Condition] = []
        for index, form in enumerate(getattr(entry.form, key)):
            node = self._expression(entry, form.when, key, index, "when")
            if node is not None:
                condition = self._condition(form, node, entry, (key, index))
                found += with_override(condition) if self._is_override(condition.opened_by) else [condition]
        return tuple(found)

    def _is_override(self, name: str) -> bool:
        """Whether `opened_by` names an override; where it names another thing, its own check says so."""
        return name in self.types and self.draft.facts[name].form.from_.kind == "override"

    def _condition(
        self, form: ConditionForm, node: Node, entry: Entry[Form], place: Place
    ) -> models.Condition:
        return models.Condition(
            id=form.id,
            text=form.text,
            when=node,
            source_text=form.when,
            kind=form.kind if isinstance(form, LineForm) else "",
            resolved_by=form.resolved_by,
            opened_by=(form.opened_by or "") if isinstance(form, LineForm) else "",
            cited=cited(self.draft, form.basis),
            span=entry.span(*place),
        )

    def _recommendation(self, entry: Entry[RecommendationForm]) -> models.Recommendation | None:
        node = self._expression(entry, entry.form.when, "when")
        own = {key: self._conditions(entry, key) for key in ("blocked_when", "cautions")}
        common = self._common(entry, models.Recommendation, entry.form.when)
        return models.Recommendation(**common | own | {"when": node}) if node is not None else None

    def _agent(self, entry: Entry[AgentForm]) -> models.Agent | None:
        """None also for an agent that the pathway never offers."""
        if entry.form.offered_when is None:
            return None
        node = self._expression(entry, entry.form.offered_when, "offered_when")
        own = {"offered_when": node, "lines": self._conditions(entry, "lines")}
        common = self._common(entry, models.Agent, entry.form.offered_when)
        return models.Agent(**common | own) if node is not None else None

    def _alert(self, entry: Entry[AlertForm]) -> models.Alert | None:
        node = self._expression(entry, entry.form.when, "when")
        common = self._common(entry, models.Alert, entry.form.when)
        return models.Alert(**common | {"when": node}) if node is not None else None

    def _common(self, entry: Entry[Any], model: Any, text: str) -> dict[str, Any]:
        legs = cited(self.draft, entry.form.basis)
        return _same(entry.form, model) | {"source_text": text, "cited": legs, "span": entry.span()}

    def _score(self, entry: Entry[ScoreForm]) -> models.Score | None:
        form, node = entry.form, self._expression(entry, entry.form.when, "when")
        whens = [
            self._expression(entry, item.when, "items", at, "when") for at, item in enumerate(form.items)
        ]
        if node is None:
            return None
        return models.Score(
            id=form.id,
            label=form.label,
            target=form.target,
            when=node,
            items=tuple(
                models.ScoreItem(item.label, item.points, when, item.when)
                for item, when in zip(form.items, whens, strict=True)
                if when is not None
            ),
            strata=tuple((stratum.name, stratum.low, stratum.high) for stratum in form.strata),
            cited=cited(self.draft, form.basis),
            note=form.note,
            span=entry.span(),
        )

    def _property(self, entry: Entry[PropertyForm]) -> models.Property | None:
        form = entry.form
        for name in form.never_together:
            if name not in self.draft.recommendations:
                self._refuse("TRV166", f"no recommendation is called {name!r}", entry)
        if form.agent and form.agent not in self.draft.agents:
            self._refuse("TRV166", f"no agent is called {form.agent!r}", entry)
        nodes = {
            key: self._expression(entry, text, key)
            for key in ("given", "then", "not_offered_when", "unless")
            if (text := getattr(form, key)) is not None
        }
        if None in nodes.values():
            return None
        own = {"dose_at_most": form.dose_at_most, "share_at_most": form.share_at_most, "span": entry.span()}
        return models.Property(**_same(form, models.Property) | nodes | own)

    def _stage(self, entry: Entry[PathwayForm], index: int) -> models.Stage | None:
        form = entry.form.stages[index]
        node = self._expression(entry, form.when, "stages", index, "when")
        return models.Stage(form.id, form.label, node, form.when) if node is not None else None

    # The rest

    def _order(
        self, named: Mapping[str, Iterable[str]], what: str, table: Mapping[str, Entry[Form]]
    ) -> list[str]:
        """Ids so that each comes after those it names; a circle is a defect."""
        graph = {name: sorted(set(others) & set(named)) for name, others in named.items()}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as problem:
            circle = problem.args[1]
            what = f"these {what} are defined by one another: {' → '.join(reversed(circle))}"
            self._refuse("TRV164", what, table[circle[0]])
            return []

    def _unit_aliases(self) -> UnitAliases:
        units = self.draft.units.get("units")
        try:
            return UnitAliases.from_document(units.data if units else {})
        except UnitError as problem:
            if units:
                self._refuse("TRV165", f"the table of units cannot be used: {problem}", units)
            return UnitAliases({}, {}, {})

    def _concepts(self) -> Concepts:
        valuesets = [entry.data for entry in self.draft.valuesets.values()]
        systems = [entry.data for entry in self.draft.code_systems.values()]
        codes = dict(self.aliases.snomed)
        return build_concepts(valuesets, self.draft.products, systems, self.aliases, codes)

    def _refuse(self, code: str, what: str, entry: Entry[Form], *place: str | int) -> None:
        self.draft.defects.append(Defect(code, what, entry.span(*place)))


def _kept(make: Any, entries: Iterable[Entry[Any]]) -> dict[str, Any]:
    made = ((entry.id, make(entry)) for entry in entries)
    return {name: item for name, item in made if item is not None}


def _same(form: Form, model: Any) -> dict[str, Any]:
    """The fields that a form and a model share and that are plain: texts, numbers, lists of texts."""
    found: dict[str, Any] = {}
    for name in {each.name for each in fields(model)} & set(type(form).model_fields):
        value = getattr(form, name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            found[name] = tuple(value)
        elif isinstance(value, (str, int)):
            found[name] = value
    return found


def _statement(form: StatementForm) -> models.Statement:
    return models.Statement(**{**_same(form, models.Statement), "text": form.words})
