"""The engine: a pathway and the values of its facts → everything the pathway says about this patient.

Pure and fast: no record, no text, no sources, only values and traces. Each status follows one small
rule, written in docs/semantics.md and tested there. Must not know how facts are read or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import Value, is_known
from trivium.knowledge.models import (
    Agent,
    Alert,
    Condition,
    FactSpec,
    Pathway,
    Recommendation,
    Score,
    ScoreItem,
    Stage,
)
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.explain import awaited_facts
from trivium.logic.nodes import CriterionRef, Node

Status = OneOf["recommended", "consider", "undetermined", "blocked", "not_indicated"]

# From least to most available (law b): what moving a fact towards harm may never climb.
AVAILABILITY: tuple[Status, ...] = ("blocked", "undetermined", "consider", "recommended")

# The kinds of an agent's line that keep it from being given; `caution` only speaks.
BARS = frozenset(("contraindication", "label", "wait"))


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition of a recommendation or agent, and what it came to."""

    condition: Condition
    trace: Trace


@dataclass(frozen=True, slots=True)
class Recommended:
    """A recommendation with its status for this patient.

    `bars` are the conditions that hold or might; `missing` are the facts that could still change the
    status, and for one that stands also the facts it asks for.
    """

    recommendation: Recommendation
    status: Status
    trace: Trace
    bars: tuple[Judged, ...]
    cautions: tuple[Judged, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """An agent with its status for this patient, and every line that holds or might."""

    agent: Agent
    status: Status
    trace: Trace
    bars: tuple[Judged, ...]
    cautions: tuple[Judged, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that shows, and the facts it misses (for kind missing)."""

    alert: Alert
    trace: Trace
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """A score's range: equal ends when every input is known. `strata` are those the range touches."""

    score: Score
    low: int
    high: int
    items: tuple[tuple[ScoreItem, Trace], ...]
    strata: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the patient stands: the first stage that holds, and the earlier ones that still could."""

    stage: Stage | None
    trace: Trace | None
    could_be: tuple[tuple[Stage, Trace], ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything the pathway says about one patient at one time."""

    placed: Placed
    criteria: Mapping[str, Trace]
    recommendations: tuple[Recommended, ...]
    options: tuple[Option, ...]
    alerts: tuple[Raised, ...]
    scores: tuple[Scored, ...]


def assess(pathway: Pathway, facts: Mapping[str, Value]) -> Assessment:
    """Judge one patient.

    Shapes:  a value for every fact of the pathway (the widest one where nothing is known).
    Errors:  KeyError when a fact is left out: leaving out is not the same as not known.
    """
    criteria: dict[str, Trace] = {}
    for criterion in pathway.criteria.values():
        trace = evaluate(criterion.when, facts, criteria)
        criteria[criterion.id] = Trace(CriterionRef(criterion.id), trace.value, (trace,))
    judge = _Judge(pathway.facts, facts, criteria)
    return Assessment(
        judge.place(pathway.stages),
        criteria,
        tuple(judge.recommendation(item) for item in pathway.recommendations.values()),
        tuple(judge.option(agent) for agent in pathway.agents.values()),
        tuple(raised for alert in pathway.alerts.values() for raised in judge.alert(alert)),
        tuple(scored for score in pathway.scores.values() for scored in judge.score(score)),
    )


class _Judge:
    """The facts and criteria of one patient, asked about one thing after another."""

    def __init__(
        self, specs: Mapping[str, FactSpec], facts: Mapping[str, Value], criteria: Mapping[str, Trace]
    ) -> None:
        self.specs = specs
        self.facts = facts
        self.criteria = criteria

    def trace(self, node: Node) -> Trace:
        return evaluate(node, self.facts, self.criteria)

    def recommendation(self, item: Recommendation) -> Recommended:
        trace = self.trace(item.when)
        if trace.value is FALSE:
            return Recommended(item, "not_indicated", trace, (), (), ())
        bars = self._judged(item.blocked_when)
        status = _status(trace, bars, item.offer)
        cautions = self._judged(item.cautions)
        missing = _missing(status, trace, bars)
        if status in ("recommended", "consider", "undetermined"):
            missing = _unique(missing, self._unknown(item.asks))
        return Recommended(item, status, trace, bars, cautions, missing)

    def option(self, agent: Agent) -> Option:
        trace = self.trace(agent.offered_when)
        if trace.value is FALSE:
            return Option(agent, "not_indicated", trace, (), (), ())
        bars = self._judged(line for line in agent.lines if line.kind in BARS)
        status = _status(trace, bars, agent.offer)
        cautions = self._judged(line for line in agent.lines if line.kind not in BARS)
        return Option(agent, status, trace, bars, cautions, _missing(status, trace, bars))

    def alert(self, alert: Alert) -> Iterable[Raised]:
        trace = self.trace(alert.when)
        if alert.kind == "hazard":
            return (Raised(alert, trace),) if trace.truth is TRUE else ()
        missing = self._unknown(alert.about)
        return (Raised(alert, trace, missing),) if missing and trace.truth is not FALSE else ()

    def score(self, score: Score) -> Iterable[Scored]:
        if self.trace(score.when).truth is not TRUE:
            return ()
        items = tuple((item, self.trace(item.when)) for item in score.items)
        points = [_points(item.points, trace) for item, trace in items]
        low, high = sum(p[0] for p in points), sum(p[1] for p in points)
        strata = tuple(name for name, least, most in score.strata if least <= high and low <= most)
        missing = _unique(*(awaited_facts(trace) for _, trace in items))
        return (Scored(score, low, high, items, strata, missing),)

    def place(self, stages: Iterable[Stage]) -> Placed:
        could_be: list[tuple[Stage, Trace]] = []
        for stage in stages:
            trace = self.trace(stage.when)
            if trace.truth is TRUE:
                return Placed(stage, trace, tuple(could_be))
            if trace.truth is UNKNOWN:
                could_be.append((stage, trace))
        return Placed(None, None, tuple(could_be))

    def _judged(self, conditions: Iterable[Condition]) -> tuple[Judged, ...]:
        """The conditions that hold or might."""
        judged = (Judged(condition, self.trace(condition.when)) for condition in conditions)
        return tuple(item for item in judged if item.trace.truth is not FALSE)

    def _unknown(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if self._is_unknown(name))

    def _is_unknown(self, name: str) -> bool:
        return not is_known(self.facts[name], len(self.specs[name].type.choices))


def _status(trace: Trace, bars: Iterable[Judged], offer: Status) -> Status:
    """Not indicated, blocked, undetermined or offered: the first of these that is so."""
    if trace.truth is FALSE:
        return "not_indicated"
    truths = {bar.trace.truth for bar in bars}
    if TRUE in truths:
        return "blocked"
    if UNKNOWN in truths or trace.truth is UNKNOWN:
        return "undetermined"
    return offer


def _missing(status: Status, trace: Trace, bars: Iterable[Judged]) -> tuple[str, ...]:
    """The facts that could still decide an undetermined status."""
    if status != "undetermined":
        return ()
    return _unique(awaited_facts(trace), *(awaited_facts(bar.trace) for bar in bars))


def _points(points: int, trace: Trace) -> tuple[int, int]:
    """Least and most points that an item can give."""
    if trace.truth is UNKNOWN:
        return min(0, points), max(0, points)
    return (points, points) if trace.truth is TRUE else (0, 0)


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
