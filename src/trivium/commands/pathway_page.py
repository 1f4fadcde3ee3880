"""`trivium show pathway`: the whole content as one page that a clinician can review and sign.

Knowledge → plain data, which `faces.pathway_page` writes out. Everything in the order of the content.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from trivium.commands.patience import load
from trivium.core.values import Interval
from trivium.faces.pathway_page import render
from trivium.knowledge.checks.review import review_list
from trivium.knowledge.models import (
    Agent,
    Alert,
    Cited,
    Condition,
    Criterion,
    FactSpec,
    Knowledge,
    Phase,
    Recommendation,
    Score,
)
from trivium.knowledge.signoff import SignOff, read_signoff, state
from trivium.logic.nodes import Node
from trivium.logic.prose import prose
from trivium.logic.text import to_text, value_words
from trivium.plan import NOTICE, is_weak, labels
from trivium.plan_json import Writer, to_bytes

Data = dict[str, Any]

SEVERITIES = ("stop", "warning", "note")


def run(form: str, root: Path | None, signoff: Path | None = None) -> str:
    """The page as Markdown (for `text`), or the data it is made of.

    Errors:  KnowledgeError; UsageError for a sign-off that cannot be read.
    """
    signed = read_signoff(signoff) if signoff else None
    data = page_data(load(root), signed)
    return to_bytes(data).decode() if form == "json" else render(data)


def page_data(knowledge: Knowledge, signoff: SignOff | None = None) -> Data:
    """All that the page says, in its order; the references last, as they number what was cited before."""
    pathway = knowledge.pathway
    page = _Page(knowledge)
    data: Data = {
        "notice": NOTICE,
        "pathway": {
            "id": pathway.id,
            "label": pathway.label,
            "version": pathway.version,
            "status": pathway.status,
            "in_scope": page.words.criteria[pathway.in_scope],
            "signoff": state(knowledge, signoff),
            "signed_scope": signoff.scope if signoff else None,
        },
        "content": knowledge.version,
        "stages": [
            {"id": stage.id, "label": stage.label, **page.rule(stage.when, stage.source_text)}
            for stage in pathway.stages
        ],
        "phases": [
            {
                "phase": phase,
                "recommendations": [
                    page.recommendation(item)
                    for item in pathway.recommendations.values()
                    if item.phase == phase
                ],
            }
            for phase in get_args(Phase)
        ],
        "agents": [page.agent(item) for item in pathway.agents.values()],
        "alerts": [
            page.alert(item)
            for severity in SEVERITIES
            for item in pathway.alerts.values()
            if item.severity == severity
        ],
        "scores": [page.score(item) for item in pathway.scores.values()],
        "criteria": [page.criterion(item) for item in pathway.criteria.values()],
        "facts": [page.fact(item) for item in pathway.facts.values()],
        "review": [
            {"group": group, "notes": [note.what for note in notes]}
            for group, notes in groupby(review_list(knowledge), key=lambda note: note.group)
        ],
    }
    data["references"] = page.writer.references()
    return data


class _Page:
    """Writes the parts of the content as plain data."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.words = labels(knowledge)
        self.writer = Writer(knowledge, self.words)

    def rule(self, when: Node, text: str = "") -> Data:
        written = " ".join((text or to_text(when)).split())
        return {"when": prose(when, self.words), "expression": written}

    def support(self, cited: tuple[Cited, ...]) -> Data:
        return {"weak": is_weak(cited), "sources": self.writer.basis(cited)}

    def conditions(self, items: Iterable[Condition], kind: str = "") -> list[Data]:
        return [
            {
                "id": item.id,
                "kind": item.kind or kind,
                "text": item.text,
                **self.rule(item.when, item.source_text),
                "resolved_by": item.resolved_by,
                **self.support(item.cited),
            }
            for item in items
        ]

    def facts(self, names: Iterable[str]) -> list[str]:
        return [self.words.facts.get(name, name) for name in names]

    def recommendation(self, item: Recommendation) -> Data:
        return {
            "id": item.id,
            "label": item.label,
            "text": item.text,
            "offer": item.offer,
            "treatment": item.treatment,
            "urgency": item.urgency,
            "strength": item.strength,
            "certainty": item.certainty,
            **self.rule(item.when, item.source_text),
            "lines": [
                *self.conditions(item.blocked_when, "blocked"),
                *self.conditions(item.cautions, "caution"),
            ],
            "asks": self.facts(item.asks),
            "agents": list(item.agents),
            **self.support(item.cited),
            "note": item.note,
        }

    def agent(self, item: Agent) -> Data:
        return {
            "id": item.id,
            "label": item.label,
            "class": item.drug_class,
            "roles": list(item.roles),
            "offer": item.offer,
            "strength": item.strength,
            "certainty": item.certainty,
            **self.rule(item.offered_when, item.source_text),
            "lines": self.conditions(item.lines),
            **self.support(item.cited),
            "note": item.note,
        }

    def alert(self, item: Alert) -> Data:
        return {
            "id": item.id,
            "label": item.label,
            "kind": item.kind,
            "severity": item.severity,
            "text": item.text,
            **self.rule(item.when, item.source_text),
            "about": self.facts(item.about),
            "resolved_by": item.resolved_by,
            **self.support(item.cited),
        }

    def score(self, item: Score) -> Data:
        return {
            "id": item.id,
            "label": item.label,
            "target": item.target,
            **self.rule(item.when),
            "items": [
                {"label": part.label, "points": part.points, **self.rule(part.when, part.source_text)}
                for part in item.items
            ],
            "strata": [{"name": name, "low": low, "high": high} for name, low, high in item.strata],
            **self.support(item.cited),
            "note": item.note,
        }

    def criterion(self, item: Criterion) -> Data:
        return {
            "id": item.id,
            "label": item.label,
            **self.rule(item.when, item.text),
            "reason": item.reason,
            **self.support(item.cited),
            "note": item.note,
        }

    def fact(self, item: FactSpec) -> Data:
        source = item.retrieval
        bounded = item.plausible != Interval()
        return {
            "id": item.id,
            "label": item.label,
            "question": item.question,
            "type": item.type.kind,
            "unit": item.type.unit,
            "choices": list(item.type.choices),
            "from": source.kind,
            "concepts": list(source.concepts),
            "within": source.within and duration(source.within),
            "good_for": item.good_for and duration(item.good_for),
            "kept": sorted(item.kept),
            "false_when": self.words.facts.get(item.false_when, item.false_when),
            "harm": [item.harm] if isinstance(item.harm, str) and item.harm else list(item.harm),
            "plausible": value_words(item.plausible, item.type) if bounded else None,
            **self.support(item.cited),
            "weak": bool(item.cited) and is_weak(item.cited),  # a question needs no source of its own
            "note": item.note,
        }


def duration(seconds: int) -> str:
    """A span of time in the largest unit that divides it: months are UCUM's (30.4375 days)."""
    for length, name in ((2629800, "month"), (86400, "day"), (3600, "hour"), (60, "minute")):
        number, rest = divmod(seconds, length)
        if not rest:
            return f"{number} {name}{'' if number == 1 else 's'}"
    return f"{seconds} seconds"
