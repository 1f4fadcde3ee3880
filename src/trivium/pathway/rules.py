"""What is asked of every patient, made ready once: a pathway → its expressions as functions, sorted by use.

Conditions are split into those that bar and those that only speak. Must not know any patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from typing import Literal as OneOf

from trivium.core.truth import TRUE, UNKNOWN, Truth
from trivium.knowledge.models import Agent, Alert, Condition, Pathway, Recommendation
from trivium.logic.answers import Answers, Ask, asking
from trivium.logic.evaluate import by_identity
from trivium.logic.nodes import Node

# The kinds of an agent's line that keep it from being given; `caution` only speaks.
BARS = frozenset(("contraindication", "label", "wait"))

# What the condition of an alert has to come to for it to show.
_SHOWN = {"hazard": (TRUE,), "missing": (TRUE, UNKNOWN)}

Item = TypeVar("Item", Recommendation, Agent)
Lines = tuple[tuple[Condition, Ask], ...]


@dataclass(frozen=True, slots=True)
class Rule(Generic[Item]):
    """A recommendation or agent: what it is offered for, what bars it, what it asks to be careful of."""

    item: Item
    when: Node
    ask: Ask
    offer: OneOf["recommended", "consider"]
    bars: Lines
    cautions: Lines
    tests: tuple[str, ...]  # facts to obtain when it stands and they are unknown


@dataclass(frozen=True, slots=True)
class Rules:
    """A pathway made ready: criteria in an order in which each comes after those it names."""

    criteria: Mapping[str, Node]
    recommendations: tuple[Rule[Recommendation], ...]
    agents: tuple[Rule[Agent], ...]
    alerts: tuple[tuple[Alert, Ask, tuple[Truth, ...]], ...]

    def alerts_due(self, answers: Answers) -> list[Alert]:
        """The alerts whose condition lets them show."""
        known = answers.known
        return [alert for alert, ask, shown in self.alerts if ask(known) in shown]


@by_identity(most=16)
def rules(pathway: Pathway) -> Rules:
    """The rules of a pathway."""
    return Rules(
        {name: criterion.when for name, criterion in pathway.criteria.items()},
        tuple(_of_recommendation(item) for item in pathway.recommendations.values()),
        tuple(_of_agent(agent) for agent in pathway.agents.values()),
        tuple((alert, asking(alert.when), _SHOWN[alert.kind]) for alert in pathway.alerts.values()),
    )


def _of_recommendation(item: Recommendation) -> Rule[Recommendation]:
    bars, cautions = _lines(item.blocked_when), _lines(item.cautions)
    return Rule(item, item.when, asking(item.when), item.offer, bars, cautions, item.asks)


def _of_agent(agent: Agent) -> Rule[Agent]:
    bars = _lines(line for line in agent.lines if line.kind in BARS)
    cautions = _lines(line for line in agent.lines if line.kind not in BARS)
    return Rule(agent, agent.offered_when, asking(agent.offered_when), agent.offer, bars, cautions, ())


def _lines(conditions: Iterable[Condition]) -> Lines:
    return tuple((condition, asking(condition.when)) for condition in conditions)
