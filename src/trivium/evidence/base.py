"""Asking the base: which studies, which of their arms and outcomes, and how an arm was given an agent.

A base and a selection → studies with what of them was asked for, in a fixed order, and what was left out
because the text read does not say. It must not pool, grade or format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal as OneOf

from trivium.evidence.questions import Question
from trivium.knowledge.evidence import Arm, EvidenceBase, Outcome, Study

# How an arm has an agent, from the surest to the least sure:
#   exact     printed, for all patients of the arm
#   member    a class was asked for; a member of it is printed
#   class     a member was asked for; only its class is printed
#   in-part   given to a part of the patients
#   before    given before, and failed
#   inferred  assumed from context by the extraction
Given = OneOf["exact", "member", "class", "in-part", "before", "inferred", ""]
SURE: frozenset[Given] = frozenset(("exact", "member"))
_ORDER: tuple[Given, ...] = ("exact", "member", "class", "in-part", "before", "inferred")

# From the design that tells most to the one that tells least; the order of every list.
DESIGNS = (
    "meta-analysis",
    "systematic-review",
    "RCT",
    "non-randomised-trial",
    "prospective-cohort",
    "registry",
    "retrospective-cohort",
    "case-control",
    "cross-sectional",
    "single-arm",
    "case-series",
    "case-report",
    "pharmacokinetic",
    "guideline",
    "narrative-review",
    "other",
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What studies are asked for; an empty part asks for nothing in particular. All ids are canonical."""

    agents: tuple[str, ...] = ()
    is_each: bool = False  # any of the agents, not all of them
    without: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    without_outcomes: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    without_designs: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    without_populations: tuple[str, ...] = ()
    weeks: tuple[Decimal, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Selection(is_each=self.is_each)


@dataclass(frozen=True, slots=True)
class Found:
    """A study that was asked for: its arms with the agents asked for and how each has them, its outcomes.

    `is_together` tells whether one arm was given all the agents; otherwise they stand in different arms, or
    not surely.
    """

    study: Study
    arms: Mapping[str, Mapping[str, Given]] = field(default_factory=dict)  # arm → agent → how
    outcomes: tuple[Outcome, ...] = ()
    is_together: bool = False


@dataclass(frozen=True, slots=True)
class Selected:
    """Studies, best design first; `unstated` holds, by population, those of which it is not known."""

    found: tuple[Found, ...] = ()
    unstated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def selection_of(question: Question) -> Selection:
    """What a question asks for; agents that failed before are no part of it."""
    return Selection(
        agents=question.agents,
        is_each=question.is_each,
        without=question.without,
        outcomes=question.outcomes,
        without_outcomes=question.without_outcomes,
        designs=question.designs,
        without_designs=question.without_designs,
        populations=question.populations,
        without_populations=question.without_populations,
        weeks=question.weeks,
    )


def given(base: EvidenceBase, arm: Arm, agent: str) -> Given:
    """How surely an arm was given an agent; "" for not at all."""
    ways: list[Given] = []
    held: tuple[tuple[tuple[str, ...], Given], ...] = (
        (arm.agents, "exact"),
        (arm.in_part, "in-part"),
        (arm.before, "before"),
        (arm.inferred, "inferred"),
    )
    for names, way in held:
        for name in names:
            if name == agent:
                ways.append(way)
            elif agent in classes_of(base, name):
                ways.append("member" if way == "exact" else way)
            elif name in classes_of(base, agent):
                ways.append("class" if way == "exact" else way)
    return min(ways, key=_ORDER.index, default="")


def classes_of(base: EvidenceBase, agent: str) -> tuple[str, ...]:
    """The classes an agent belongs to."""
    known = base.agents.get(agent)
    return known.classes if known else ()


def members_of(base: EvidenceBase, agent: str) -> tuple[str, ...]:
    """The agents of a class, in the order of their ids."""
    return tuple(sorted(name for name in base.agents if agent in classes_of(base, name)))


def select(base: EvidenceBase, asked: Selection) -> Selected:
    """Every study that fits all parts of the selection.

    A population counts as asked for when all or a part of the patients belong to it or the text names it;
    where that is not stated the study is left out and listed in `unstated`. Survival and mortality are two
    readings of one outcome: asking for one finds both.
    """
    found: list[Found] = []
    unstated: dict[str, list[str]] = {}
    for study in sorted(base.studies.values(), key=rank(base)):
        fits = _fits(base, study, asked)
        if fits is None:
            continue
        doubtful = [name for name in asked.populations if study.population.scopes.get(name) == "unstated"]
        doubtful += [
            name for name in asked.without_populations if study.population.scopes.get(name) == "unstated"
        ]
        for name in doubtful:
            unstated.setdefault(name, []).append(study.id)
        if not doubtful:
            found.append(fits)
    return Selected(tuple(found), {name: tuple(ids) for name, ids in unstated.items()})


def rank(base: EvidenceBase) -> _Rank:
    """The order of studies: design, then larger first, then newer, then id."""
    return _Rank(base)


@dataclass(frozen=True, slots=True)
class _Rank:
    base: EvidenceBase

    def __call__(self, study: Study) -> tuple[int, int, int, str]:
        reference = self.base.references.get(study.reference)
        year = reference.year if reference and reference.year else 0
        return DESIGNS.index(study.design), -(study.population.n or 0), -year, study.id


def _fits(base: EvidenceBase, study: Study, asked: Selection) -> Found | None:
    """What of the study was asked for; None when some part does not fit, its population apart."""
    wrong = bool(asked.designs) and study.design not in asked.designs
    if wrong or study.design in asked.without_designs:
        return None
    scopes = study.population.scopes
    if any(scopes.get(name) == "none" for name in asked.populations):
        return None
    if any(scopes.get(name) in ("all", "part", "named") for name in asked.without_populations):
        return None
    outcomes = _outcomes(base, study, asked)
    if (asked.outcomes or asked.weeks) and not outcomes:
        return None
    arms = _arms(base, study, asked)
    if asked.agents:
        met = {agent for ways in arms.values() for agent in ways}
        if not met or (not asked.is_each and met < set(asked.agents)):
            return None
    elif asked.without and study.arms and not arms:
        return None
    together = any(
        set(ways) == set(asked.agents) and set(ways.values()) <= SURE
        for ways in arms.values()
        if asked.agents
    )
    return Found(study, arms, outcomes, together)


def _outcomes(base: EvidenceBase, study: Study, asked: Selection) -> tuple[Outcome, ...]:
    wanted = with_complements(base, asked.outcomes)
    return tuple(
        outcome
        for outcome in study.outcomes
        if (not wanted or outcome.name in wanted)
        and outcome.name not in asked.without_outcomes
        and (not asked.weeks or outcome.weeks in asked.weeks)
    )


def with_complements(base: EvidenceBase, outcomes: Iterable[str]) -> frozenset[str]:
    """Outcomes and those that count the other patients."""
    names = set(outcomes)
    for name in tuple(names):
        term = base.outcomes.get(name)
        if term and term.complement:
            names.add(term.complement)
    return frozenset(names)


def _arms(base: EvidenceBase, study: Study, asked: Selection) -> dict[str, dict[str, Given]]:
    """The arms with any agent asked for (all treated ones when none is), and with no excluded one."""
    found: dict[str, dict[str, Given]] = {}
    for arm in study.arms:
        if any(given(base, arm, agent) for agent in asked.without):
            continue
        ways: dict[str, Given] = {}
        for agent in asked.agents:
            way = given(base, arm, agent)
            if way:
                ways[agent] = way
        if ways or (not asked.agents and arm.is_treated):
            found[arm.id] = ways
    return found
