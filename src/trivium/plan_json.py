"""The plan as data: plain dicts in a fixed order, described by docs/schema/plan.json.

Everything a face shows comes from here, so that the text, the Markdown and the JSON cannot disagree.
Same input, date and knowledge give identical bytes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

import trivium
from trivium.core.truth import TRUE
from trivium.core.values import Interval, Number, Value
from trivium.knowledge.models import Cited, Condition, FactSpec, Knowledge
from trivium.knowledge.signoff import SignOff, state
from trivium.logic.evaluate import Trace
from trivium.logic.explain import Labels, Why, explain
from trivium.logic.nodes import Type
from trivium.logic.text import number_words, value_words
from trivium.pathway.assess import Judged, Option, Raised, Recommended, Scored
from trivium.plan import NOTICE, Plan, is_weak, labels
from trivium.record.events import ReadReport, When
from trivium.record.fact import Fact
from trivium.record.fhir_in import skipped_by_type

Data = dict[str, Any]

_MOST_IN_A_BRIEF = 4  # of more agents together nobody asks one question


def to_bytes(data: Data | list[Data]) -> bytes:
    """The published JSON: indented, keys in the order of the schema, a newline at the end."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def plan_data(
    plan: Plan, signoff: SignOff | None = None, treatment: Callable[[Writer], Data] | None = None
) -> Data:
    """A plan as published, with what the site's sign-off says of the content it was made from.

    `treatment` writes what the plan gains from doses, with the plan's own numbers for sources.
    """
    words = labels(plan.knowledge)
    assessment = plan.assessment
    writer = Writer(plan.knowledge, words, plan.facts, plan.site.zone)
    data: Data = {
        "notice": NOTICE,
        "patient": plan.record.person.id,
        "as_of": plan.as_of.isoformat(),
        "pathway": {
            "id": plan.knowledge.pathway.id,
            "label": plan.knowledge.pathway.label,
            "version": plan.knowledge.pathway.version,
            "status": plan.knowledge.pathway.status,
        },
        "stage": writer.stage(plan),
        "recommendations": [writer.recommendation(item) for item in assessment.recommendations],
        "options": [writer.option(item) for item in assessment.options],
        "alerts": [writer.alert(item) for item in assessment.alerts],
        "questions": [
            {
                "fact": item.fact,
                "question": item.text,
                "urgency": item.urgency,
                "decides": list(item.decides),
                "stands_for": list(item.through),
            }
            for item in plan.questions
        ],
        "scores": [writer.score(item) for item in assessment.scores],
        "criteria": {name: writer.criterion(name, trace) for name, trace in assessment.criteria.items()},
        "facts": {name: fact_data(fact, plan.site.zone) for name, fact in plan.facts.items()},
        "read_report": report_data(plan.record.report),
    }
    if treatment is not None:
        data["treatment"] = treatment(writer)
    data["pathway"]["signoff"] = state(plan.knowledge, signoff)
    data["references"] = writer.references()
    data["versions"] = {"engine": trivium.__version__, "knowledge": plan.knowledge.version}
    return data


class Writer:
    """Writes the parts of one plan (or of the page on the pathway), and remembers every source they cite."""

    def __init__(
        self,
        knowledge: Knowledge,
        words: Labels,
        facts: Mapping[str, Fact] | None = None,
        zone: datetime.tzinfo = datetime.UTC,
    ) -> None:
        self.knowledge = knowledge
        self.words = words
        self.facts = facts or {}
        self.zone = zone
        self.cited: dict[str, None] = {}

    def stage(self, plan: Plan) -> Data:
        placed = plan.assessment.placed
        return {
            "id": placed.stage.id if placed.stage else None,
            "label": placed.stage.label if placed.stage else "not known",
            "why": self.reasons(placed.trace) if placed.trace else [],
            "could_be": [
                {"id": stage.id, "label": stage.label, "why": self.reasons(trace)}
                for stage, trace in placed.could_be
            ],
        }

    def recommendation(self, item: Recommended) -> Data:
        rule = item.recommendation
        return {
            "id": rule.id,
            "label": rule.label,
            "phase": rule.phase,
            "status": item.status,
            "urgency": rule.urgency,
            "treatment": rule.treatment,
            "text": rule.text,
            "strength": rule.strength,
            "certainty": rule.certainty,
            "weak": is_weak(rule.cited),
            "agents": list(rule.agents),
            "brief": self.brief(rule.agents),
            "why": self.reasons(item.trace),
            "blocked_by": [self.judged(bar) for bar in item.bars],
            "cautions": [self.judged(caution) for caution in item.cautions],
            "missing": list(item.missing),
            "sources": self.basis(rule.cited),
            "note": rule.note,
        }

    def option(self, item: Option) -> Data:
        agent = item.agent
        return {
            "id": agent.id,
            "label": agent.label,
            "class": agent.drug_class,
            "roles": list(agent.roles),
            "status": item.status,
            "strength": agent.strength,
            "certainty": agent.certainty,
            "weak": is_weak(agent.cited),
            "why": self.reasons(item.trace),
            "blocked_by": [self.judged(bar) for bar in item.bars],
            "cautions": [self.judged(caution) for caution in item.cautions],
            "missing": list(item.missing),
            "sources": self.basis(agent.cited),
            "note": agent.note,
            "brief": self.brief((agent.id,)),
        }

    def brief(self, agents: Sequence[str]) -> str | None:
        """The question whose brief stands behind these agents; None where they are many, or none."""
        known = self.knowledge.pathway.agents
        named = [known[name].label for name in agents if name in known]
        return " + ".join(named) if 0 < len(named) <= _MOST_IN_A_BRIEF else None

    def alert(self, item: Raised) -> Data:
        alert = item.alert
        return {
            "id": alert.id,
            "label": alert.label,
            "kind": alert.kind,
            "severity": alert.severity,
            "text": alert.text,
            "resolved_by": alert.resolved_by,
            "missing": list(item.missing),
            "weak": is_weak(alert.cited),
            "why": self.reasons(item.trace),
            "sources": self.basis(alert.cited),
        }

    def score(self, item: Scored) -> Data:
        return {
            "id": item.score.id,
            "label": item.score.label,
            "target": item.score.target,
            "low": item.low,
            "high": item.high,
            "strata": list(item.strata),
            "items": [
                {"label": part.label, "points": part.points, "holds": str(trace.truth)}
                for part, trace in item.items
            ],
            "missing": list(item.missing),
            "weak": is_weak(item.score.cited),
            "sources": self.basis(item.score.cited),
            "note": item.score.note,
        }

    def judged(self, item: Judged) -> Data:
        condition = item.condition
        return {
            "id": condition.id,
            "kind": condition.kind,
            "holds": str(item.trace.truth),
            "text": condition.text,
            "resolved_by": condition.resolved_by,
            **self.override(condition),
            "weak": is_weak(condition.cited),
            "why": self.reasons(item.trace, besides=condition.opened_by),
            "sources": self.basis(condition.cited),
        }

    def override(self, condition: Condition) -> Data:
        """The fact that opens a line, and what is on record of it; nothing for a line that none opens."""
        if not condition.opened_by:
            return {}
        fact = self.facts.get(condition.opened_by)
        said = None
        if fact is not None and fact.value is TRUE:
            said = ", ".join([*fact.seen, *filter(None, [when_text(fact.at, self.zone)])])
        elif fact is not None and fact.origins:
            said = "; ".join(["recorded, and not in force", *(reason.detail for reason in fact.reasons)])
        return {"opened_by": condition.opened_by, "override": said}

    def criterion(self, name: str, trace: Trace) -> Data:
        """A criterion and what decided it: its trace bears its name, and the child is its expression."""
        (expression,) = trace.children
        return {
            "value": str(trace.truth),
            "label": self.words.criteria[name],
            "why": self.reasons(expression),
        }

    def reasons(self, trace: Trace, besides: str = "") -> list[Data]:
        """What decided something: facts in words, and criteria by their ids (`criteria` says why in turn).

        `besides` names a fact of which the reader is told in another place.
        """
        steps = explain(trace, self.words, deep=False)
        return [_reason(step) for step in steps if not besides or step.facts != (besides,)]

    def basis(self, cited: Iterable[Cited]) -> list[Data]:
        return [self.leg(leg) for leg in cited]

    def leg(self, leg: Cited) -> Data:
        self.cited[leg.source] = None
        statement = self.knowledge.statements.get(leg.statement)
        data: Data = {
            "source": leg.source,
            "statement": leg.statement or None,
            "seen": leg.seen,
            "weak": is_weak((leg,)),
            "says": statement.text if statement else leg.note,
        }
        if statement:
            data["direction"] = statement.direction
            data["strength"] = statement.strength
            data["certainty"] = statement.certainty
            data["as_recorded"] = _as_recorded(
                statement.strength_as_recorded, statement.certainty_as_recorded
            )
        return data

    def references(self) -> list[Data]:
        """Every cited source, numbered in the order of first citation."""
        sources = self.knowledge.sources
        return [
            {
                "number": number,
                "id": name,
                "title": sources[name].title,
                "year": sources[name].year,
                "kind": sources[name].kind,
                "doi": sources[name].doi,
                "pmid": sources[name].pmid,
                "url": sources[name].url,
            }
            for number, name in enumerate(self.cited, start=1)
        ]


def _as_recorded(strength: str, certainty: str) -> str:
    return "; ".join(part for part in (strength, certainty) if part)


def _reason(step: Why) -> Data:
    if step.criterion:
        return {"criterion": step.criterion, "truth": str(step.truth), "text": step.text}
    return {"facts": list(step.facts), "truth": str(step.truth), "text": step.text}


def in_full(steps: Iterable[Data], criteria: Mapping[str, Data]) -> list[Data]:
    """The reasons of something, each criterion followed by its own (`because`), down to the facts."""
    return [
        {**step, "because": in_full(criteria[step["criterion"]]["why"], criteria)}
        if "criterion" in step
        else step
        for step in steps
    ]


def why_data(steps: Iterable[Why]) -> list[Data]:
    """The explanation of one expression as nested data, criteria followed to the facts they rest on."""
    return [
        {
            "text": step.text,
            "truth": str(step.truth),
            "facts": list(step.facts),
            "criterion": step.criterion or None,
            "because": why_data(step.because),
        }
        for step in steps
    ]


def fact_data(fact: Fact, zone: datetime.tzinfo) -> Data:
    """A fact as published: its value or interval with unit, date and origin, or why it is unknown."""
    spec = fact.spec
    data: Data = {"label": spec.label, "type": spec.type.kind}
    if fact.is_known:
        data.update(value_data(fact.value, spec.type))
        data["words"] = value_words(fact.value, spec.type)
    else:
        data["unknown"] = [
            {"code": reason.code, "detail": reason.detail, "origin": reason.origin} for reason in fact.reasons
        ]
    data["at"] = when_text(fact.at, zone)
    data["origin"] = list(fact.origins)
    data["seen"] = list(fact.seen)
    return data


def value_data(value: Value, kind: Type) -> Data:
    """A known value: `value` for a single one, `interval` or `one_of` for several; the unit beside it."""
    unit: Data = {"unit": kind.unit} if kind.kind == "quantity" else {}
    if isinstance(value, Interval):
        if value.is_point:
            return {"value": _plain(value.low, kind), **unit}
        bounds = {"low": _plain(value.low, kind), "high": _plain(value.high, kind)}
        return {"interval": {**bounds, "low_open": value.low_open, "high_open": value.high_open}, **unit}
    if isinstance(value, frozenset):
        return {"value": next(iter(value))} if len(value) == 1 else {"one_of": sorted(value)}
    return {"value": bool(value)}


def _plain(number: Number | None, kind: Type) -> int | float | str | None:
    if number is None or kind.kind == "date":
        return None if number is None else number_words(number, kind)
    return int(number) if number == int(number) else float(number)


def when_text(when: When | None, zone: datetime.tzinfo) -> str | None:
    """A time in the site's zone: an instant, a day, or `start/end` for anything wider."""
    if when is None or not when.is_known:
        return None
    if when.start is not None and when.start == when.end:
        return datetime.datetime.fromtimestamp(when.start, zone).isoformat()
    ends = [
        None if end is None else datetime.datetime.fromtimestamp(end, zone) for end in (when.start, when.end)
    ]
    days = ["" if end is None else end.date().isoformat() for end in ends]
    return days[0] if days[0] == days[1] else "/".join(days)


def report_data(report: ReadReport) -> Data:
    """What was read, used, not needed and skipped, per resource type, and every skip by name.

    read = used + not needed + skipped; parts of resources and unreadable lines are no resources, and
    stand among the skips only.
    """
    return {
        "read": _sorted(report.read),
        "used": _sorted(report.used),
        "not_needed": _sorted(report.not_needed),
        "skipped": _sorted(skipped_by_type(report)),
        "skips": [
            {"origin": skip.origin, "reason": skip.reason, "detail": skip.detail} for skip in report.skips
        ],
        "notes": _sorted(report.notes),
    }


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def spec_data(spec: FactSpec) -> Data:
    """What a fact is, for `trivium show`."""
    return {
        "id": spec.id,
        "label": spec.label,
        "question": spec.question,
        "type": spec.type.kind,
        "unit": spec.type.unit,
        "choices": list(spec.type.choices),
        "from": spec.retrieval.kind,
        "concepts": list(spec.retrieval.concepts),
        "harm": list(spec.harm) if isinstance(spec.harm, tuple) else spec.harm,
        "note": spec.note,
    }
