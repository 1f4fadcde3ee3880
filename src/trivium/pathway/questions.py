"""The questions worth asking: which missing fact would decide what, and how urgently.

An assessment → questions, most urgent and most deciding first. A derived fact is asked for by its
inputs. Where mere absence leaves a fact open, the question whether the list is complete decides it too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from trivium.knowledge.models import URGENCIES, FactSpec, Pathway, Urgency
from trivium.pathway.assess import Assessment


class Question(NamedTuple):
    """One fact to obtain, what to ask, what the answer would help to decide, and how urgent that is."""

    fact: str
    text: str
    decides: tuple[str, ...]
    urgency: Urgency
    through: tuple[str, ...] = ()  # the facts it stands for, where it is asked as an input of them


class _Need(NamedTuple):
    """What waits for facts."""

    place: int  # in the order of the assessment
    id: str
    urgency: int  # its place among the urgencies
    hangs: bool  # its status is undetermined until they are known; else they are merely asked for


def questions(
    pathway: Pathway, assessment: Assessment, unknown: Collection[str], absent: Collection[str]
) -> tuple[Question, ...]:
    """What to ask next.

    Shapes:  `unknown` names the facts of which nothing is known; `absent` those among them that are so
             only because the record is silent, which the answer "the list is complete" would settle.
    """
    waiting = _waiting(assessment)
    stands_for: dict[str, list[str]] = {}
    for name in waiting:
        for asked in dict.fromkeys(_askable(pathway.facts, name, unknown, absent)):
            stands_for.setdefault(asked, []).append(name)
    ranked = [_ranked(pathway.facts[asked], names, waiting) for asked, names in stands_for.items()]
    return tuple([question for *_, question in sorted(ranked)])


def _ranked(
    spec: FactSpec, names: list[str], waiting: Mapping[str, list[_Need]]
) -> tuple[int, int, int, str, Question]:
    """A question behind what it is sorted by: most urgent, then most statuses settled, most decided."""
    needs = waiting[names[0]]
    if len(names) > 1:
        needs = sorted({need for name in names for need in waiting[name]})
    _, ids, urgencies, hanging = zip(*needs, strict=True)
    decides, urgency = tuple(dict.fromkeys(ids)), min(urgencies)
    text = spec.question or f"{spec.label}?"
    through = tuple([name for name in names if name != spec.id])
    question = Question(spec.id, text, decides, URGENCIES[urgency], through)
    return urgency, -sum(hanging), -len(decides), spec.id, question


def _waiting(assessment: Assessment) -> Mapping[str, list[_Need]]:
    """What waits for each fact, in the order of the assessment."""
    waiting: defaultdict[str, list[_Need]] = defaultdict(list)
    for place, (decided, urgency, missing, hangs) in enumerate(_needs(assessment)):
        need = _Need(place, decided, URGENCIES.index(urgency), hangs)
        for name in missing:
            waiting[name].append(need)
    return waiting


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
    wanting = [each for each in inputs.values() if each in unknown] if inputs else []
    if wanting:
        return [asked for each in wanting for asked in _askable(specs, each, unknown, absent)]
    return [name, spec.false_when] if spec.false_when and name in absent else [name]
