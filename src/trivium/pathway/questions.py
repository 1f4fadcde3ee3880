"""The questions worth asking: which missing fact would decide what, and how urgently.

An assessment → questions, most urgent and most deciding first. A derived fact is asked for by its
inputs. Where mere absence leaves a fact open, the question whether the list is complete decides it too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from trivium.knowledge.models import URGENCIES, FactSpec, Pathway, Urgency
from trivium.pathway.assess import Assessment


@dataclass(frozen=True, slots=True)
class Question:
    """One fact to obtain, what to ask, what the answer would help to decide, and how urgent that is."""

    fact: str
    text: str
    decides: tuple[str, ...]
    urgency: Urgency
    through: tuple[str, ...] = ()  # the facts it stands for, where it is asked as an input of them


@dataclass(slots=True)
class _Gathered:
    decides: dict[str, None] = field(default_factory=dict)
    through: dict[str, None] = field(default_factory=dict)
    settles: int = 0  # how many undetermined statuses wait for it; the rest merely asks for it
    urgency: int = len(URGENCIES) - 1


def questions(
    pathway: Pathway, assessment: Assessment, unknown: Collection[str], absent: Collection[str]
) -> tuple[Question, ...]:
    """What to ask next.

    Shapes:  `unknown` names the facts of which nothing is known; `absent` those among them that are so
             only because the record is silent, which the answer "the list is complete" would settle.
    """
    gathered: dict[str, _Gathered] = {}
    for decided, urgency, missing, undetermined in _needs(assessment):
        for name in missing:
            for asked in _askable(pathway.facts, name, unknown, absent):
                entry = gathered.setdefault(asked, _Gathered())
                entry.settles += undetermined and decided not in entry.decides
                entry.decides[decided] = None
                entry.urgency = min(entry.urgency, URGENCIES.index(urgency))
                if asked != name:
                    entry.through[name] = None
    ranked = sorted(
        gathered.items(),
        key=lambda item: (item[1].urgency, -item[1].settles, -len(item[1].decides), item[0]),
    )
    return tuple(
        Question(
            name,
            pathway.facts[name].question or f"{pathway.facts[name].label}?",
            tuple(entry.decides),
            URGENCIES[entry.urgency],
            tuple(entry.through),
        )
        for name, entry in ranked
    )


def _needs(assessment: Assessment) -> Iterable[tuple[str, Urgency, Iterable[str], bool]]:
    """What waits for facts: its id, its urgency, the facts, and whether its status hangs on them."""
    by_agent = _agent_urgency(assessment)
    for item in assessment.recommendations:
        if item.missing:
            waits = item.status == "undetermined"
            yield item.recommendation.id, item.recommendation.urgency, item.missing, waits
    for option in assessment.options:
        if option.missing:
            yield option.agent.id, by_agent.get(option.agent.id, "today"), option.missing, True
    for raised in assessment.alerts:
        if raised.missing:
            urgency: Urgency = "now" if raised.alert.severity == "stop" else "today"
            yield raised.alert.id, urgency, raised.missing, False
    for scored in assessment.scores:
        if scored.missing:
            yield scored.score.id, "routine", scored.missing, False


def _agent_urgency(assessment: Assessment) -> Mapping[str, Urgency]:
    """An option is as urgent as the most urgent recommendation that offers it."""
    urgency: dict[str, Urgency] = {}
    for item in assessment.recommendations:
        if item.status in ("recommended", "consider", "undetermined"):
            for agent in item.recommendation.agents:
                other = urgency.get(agent, URGENCIES[-1])
                urgency[agent] = min(other, item.recommendation.urgency, key=URGENCIES.index)
    return urgency


def _askable(
    specs: Mapping[str, FactSpec], name: str, unknown: Collection[str], absent: Collection[str]
) -> list[str]:
    """The facts to ask for in place of `name`: itself, or those of its inputs that are unknown."""
    spec = specs[name]
    inputs = spec.retrieval.options.get("inputs")
    wanting = [each for each in inputs.values() if each in unknown] if isinstance(inputs, Mapping) else []
    if wanting:
        return [asked for each in wanting for asked in _askable(specs, each, unknown, absent)]
    return [name, spec.false_when] if spec.false_when and name in absent else [name]
