"""The engine: a pathway and the values of its facts → everything the pathway says about this patient.

Pure and fast: no record, no text, no sources, only values, and traces that are told once somebody looks at
them. Each status follows one small rule, written in docs/semantics.md and tested there. Must not know how
facts are read or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import NamedTuple

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
from trivium.logic.answers import Answers
from trivium.logic.evaluate import Trace
from trivium.pathway.rules import BARS as BARS
from trivium.pathway.rules import Lines, Rule, rules

Status = OneOf["recommended", "consider", "undetermined", "blocked", "not_indicated"]

# From least to most available (law b): what moving a fact towards harm may never climb.
AVAILABILITY: tuple[Status, ...] = ("blocked", "undetermined", "consider", "recommended")


class Judged(NamedTuple):
    """A condition of a recommendation or agent, and what it came to."""

    condition: Condition
    trace: Trace


class Recommended(NamedTuple):
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


class Option(NamedTuple):
    """An agent with its status for this patient, and every line that holds or might."""

    agent: Agent
    status: Status
    trace: Trace
    bars: tuple[Judged, ...]
    cautions: tuple[Judged, ...]
    missing: tuple[str, ...]


class Raised(NamedTuple):
    """An alert that shows, and the facts it misses (for kind missing)."""

    alert: Alert
    trace: Trace
    missing: tuple[str, ...] = ()


class Scored(NamedTuple):
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
    asked = rules(pathway)
    answers = Answers(facts, asked.criteria)
    judge = _Judge(pathway.facts, answers)
    return Assessment(
        judge.place(pathway.stages),
        answers,
        tuple([Recommended(rule.item, *judge.status(rule)) for rule in asked.recommendations]),
        tuple([Option(rule.item, *judge.status(rule)) for rule in asked.agents]),
        tuple([raised for alert in asked.alerts_due(answers) for raised in judge.alert(alert)]),
        tuple([scored for score in pathway.scores.values() for scored in judge.score(score)]),
    )


_Found = tuple[Status, Trace, tuple[Judged, ...], tuple[Judged, ...], tuple[str, ...]]


class _Judge:
    """The answers of one patient, asked about one thing after another."""

    def __init__(self, specs: Mapping[str, FactSpec], answers: Answers) -> None:
        self.specs = specs
        self.answers = answers
        self.truth, self.trace = answers.truth, answers.trace
        self.unknown = {
            name for name, spec in specs.items() if not is_known(answers.facts[name], len(spec.type.choices))
        }

    def status(self, rule: Rule[Recommendation] | Rule[Agent]) -> _Found:
        """What `Recommended` and `Option` say of a rule."""
        trace = self.answers.untold(rule.when, rule.ask(self.answers.known))
        if trace.value is FALSE:
            return "not_indicated", trace, (), (), ()
        bars = self._judged(rule.bars)
        status = _status(trace, bars, rule.offer)
        missing = _missing(self.answers, status, trace, bars)
        tests = self._unknown(rule.tests)
        if tests and status in ("recommended", "consider", "undetermined"):
            missing = _unique(missing, tests)
        return status, trace, bars, self._judged(rule.cautions), missing

    def alert(self, alert: Alert) -> Iterable[Raised]:
        missing = self._unknown(alert.about) if alert.kind == "missing" else ()
        shows = missing or alert.kind == "hazard"
        return (Raised(alert, self.trace(alert.when), missing),) if shows else ()

    def score(self, score: Score) -> Iterable[Scored]:
        if self.truth(score.when) is not TRUE:
            return ()
        items = tuple([(item, self.trace(item.when)) for item in score.items])
        points = [_points(item.points, trace) for item, trace in items]
        low, high = sum(p[0] for p in points), sum(p[1] for p in points)
        strata = tuple([name for name, least, most in score.strata if least <= high and low <= most])
        missing = _unique(*(self.answers.awaited(item.when) for item in score.items))
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

    def _judged(self, lines: Lines) -> tuple[Judged, ...]:
        """The conditions that hold or might."""
        if not lines:
            return ()
        known, untold = self.answers.known, self.answers.untold
        return tuple(
            [
                Judged(condition, untold(condition.when, value))
                for condition, ask in lines
                if (value := ask(known)) is not FALSE
            ]
        )

    def _unknown(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple([name for name in names if name in self.unknown])


def _status(trace: Trace, bars: Iterable[Judged], offer: Status) -> Status:
    """Not indicated, blocked, undetermined or offered: the first of these that is so."""
    if trace.truth is FALSE:
        return "not_indicated"
    truths = [bar.trace.truth for bar in bars]
    if TRUE in truths:
        return "blocked"
    if UNKNOWN in truths or trace.truth is UNKNOWN:
        return "undetermined"
    return offer


def _missing(answers: Answers, status: Status, trace: Trace, bars: Iterable[Judged]) -> tuple[str, ...]:
    """The facts that could still decide an undetermined status."""
    if status != "undetermined":
        return ()
    return _unique(*(answers.awaited(each.node) for each in (trace, *(bar.trace for bar in bars))))


def _points(points: int, trace: Trace) -> tuple[int, int]:
    """Least and most points that an item can give."""
    if trace.truth is UNKNOWN:
        return min(0, points), max(0, points)
    return (points, points) if trace.truth is TRUE else (0, 0)


def _unique(*groups: tuple[str, ...]) -> tuple[str, ...]:
    if len(groups) == 1:
        return groups[0]
    return tuple(dict.fromkeys([name for group in groups for name in group]))
