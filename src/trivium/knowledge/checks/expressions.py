"""Every expression of knowledge with what it belongs to, and the value of one in an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trivium.core.truth import Truth
from trivium.core.values import Value
from trivium.knowledge.dosing import Combination, Dosing
from trivium.knowledge.given import unknown_of
from trivium.knowledge.models import Criterion, Example, Knowledge, Pathway
from trivium.knowledge.overrides import OPENED
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.nodes import (
    Arith,
    Compare,
    CriterionRef,
    FactRef,
    IsKnown,
    IsTrue,
    Node,
    children,
    criterion_names,
    fact_names,
)


@dataclass(frozen=True, slots=True)
class Written:
    """One expression: whose it is, in words, and its role there."""

    owner: str
    role: str  # criterion, recommendation, condition, agent, line, alert, score, score item, stage, dosing
    node: Node


def everything(knowledge: Knowledge) -> Iterator[Written]:
    """Every expression there is."""
    yield from written(knowledge.pathway)
    yield from written_dosing(knowledge.dosing)
    yield from written_combinations(knowledge.regimens)


def written(pathway: Pathway) -> Iterator[Written]:
    """Every expression of the pathway."""
    for criterion in pathway.criteria.values():
        yield Written(f"the criterion {criterion.id}", "criterion", criterion.when)
    for recommendation in pathway.recommendations.values():
        yield Written(f"the recommendation {recommendation.id}", "recommendation", recommendation.when)
        for condition in (*recommendation.blocked_when, *recommendation.cautions):
            yield Written(f"{condition.id} of {recommendation.id}", "condition", condition.when)
    for agent in pathway.agents.values():
        yield Written(f"the agent {agent.id}", "agent", agent.offered_when)
        for line in (each for each in agent.lines if not each.id.endswith(OPENED)):  # that one is made of it
            yield Written(f"the line {line.id} of {agent.id}", "line", line.when)
    for alert in pathway.alerts.values():
        yield Written(f"the alert {alert.id}", "alert", alert.when)
    for score in pathway.scores.values():
        yield Written(f"the score {score.id}", "score", score.when)
        for item in score.items:
            yield Written(f"the item {item.label!r} of {score.id}", "score item", item.when)
    for stage in pathway.stages:
        yield Written(f"the stage {stage.id}", "stage", stage.when)


def written_dosing(dosing: Mapping[str, Dosing]) -> Iterator[Written]:
    """Every expression about giving an agent."""
    for agent in dosing.values():
        for regimen in agent.regimens.values():
            conditions = [regimen.when, *(rule.when for rule in regimen.rules)]
            for when in conditions:
                if when is not None:
                    yield Written(f"the regimen {regimen.id} of {agent.agent}", "dosing", when.node)
        parts: list[Any] = [*agent.adjustments, *agent.interactions, *agent.rates, *agent.due]
        for part in [*parts, *agent.spacing, *agent.remarks]:
            for when in (part.when, getattr(part, "soft_when", None)):
                if when is not None:
                    name = getattr(part, "id", getattr(part, "topic", "rate"))
                    yield Written(f"{name} of {agent.agent}", "dosing", when.node)


def written_combinations(combinations: Mapping[str, Combination]) -> Iterator[Written]:
    """Every expression about named combinations."""
    for item in combinations.values():
        for when in (item.when, *(remark.when for remark in item.remarks)):
            if when is not None:
                yield Written(f"the combination {item.id}", "dosing", when.node)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_behind(node: Node, criteria: Mapping[str, Criterion]) -> frozenset[str]:
    """The facts and criteria an expression rests on, directly or through criteria."""
    found = set(fact_names(node))
    for name in criterion_names(node):
        found |= {name, *names_behind(criteria[name].when, criteria)}
    return frozenset(found)


def known_values(pathway: Pathway, given: Mapping[str, Value]) -> dict[str, Value]:
    """A value for every fact: the given ones, and Unknown for the others."""
    unknown = {name: unknown_of(spec.type) for name, spec in pathway.facts.items()}
    return unknown | {name: value for name, value in given.items() if name in unknown}


def outcome(pathway: Pathway, criterion: Criterion, example: Example) -> Truth:
    """What a criterion comes to in an example; a criterion that is given is not worked out."""
    facts, traces = known_values(pathway, example.given), dict[str, Trace]()
    wanted = {criterion.id, *names_behind(criterion.when, pathway.criteria)}
    for name, other in pathway.criteria.items():
        if name in example.given and name != criterion.id:
            traces[name] = Trace(other.when, example.given[name])
        elif name in wanted:
            traces[name] = evaluate(other.when, facts, traces)
    return traces[criterion.id].truth


def never_unknown(node: Node, criteria: Mapping[str, Criterion]) -> bool:
    """Whether an expression is true or false whatever the facts are, by its form alone."""
    if isinstance(node, CriterionRef):
        return never_unknown(criteria[node.name].when, criteria)
    if isinstance(node, (FactRef, Compare, Arith)):
        return False
    return isinstance(node, (IsKnown, IsTrue)) or all(
        never_unknown(child, criteria) for child in children(node)
    )
