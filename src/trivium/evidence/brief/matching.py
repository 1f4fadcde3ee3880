"""Which arms of which studies had the agents that are asked about, and how directly they speak.

Only agents that the text prints for all patients of an arm count. What only some of them got, what they
had before, and what was assumed from context is kept apart and shown as such, never counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from trivium.evidence.brief.asked import BACKGROUND, Asked, covers, covers_by_class
from trivium.knowledge.evidence import Arm, EvidenceBase, Study

_DESIGN_ORDER = (
    "RCT",
    "non-randomised-trial",
    "single-arm",
    "prospective-cohort",
    "retrospective-cohort",
    "registry",
    "case-control",
    "cross-sectional",
    "case-series",
    "case-report",
    "meta-analysis",
    "systematic-review",
    "guideline",
    "narrative-review",
    "pharmacokinetic",
    "other",
)


# The patients of the question when nothing else is said. Naming them narrows nothing: a trial in wider
# myositis that failed must stay in sight; every row says who its patients were.
_OWN = frozenset(("mda5", "rp-ild", "ild", "cadm", "dm", "iim"))


@dataclass(frozen=True, slots=True)
class Match:
    """An arm, the asked agents that it had, and what else it had (background apart)."""

    study: Study
    arm: Arm
    covered: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loose:
    """An arm that may or partly have had asked agents, and why it is not counted."""

    study: Study
    arm: Arm
    agents: tuple[str, ...]
    why: str


def matches(base: EvidenceBase, asked: Asked) -> tuple[Match, ...]:
    """Every treated arm with at least one asked agent, best design first, then newest."""
    found = []
    for study in studies_in_order(base, wanted(base, asked)):
        for arm in study.arms:
            covered = tuple(agent for agent in asked.agents if covers(base, agent, arm.agents))
            if covered and not any(covers(base, agent, arm.agents) for agent in asked.without):
                found.append(Match(study, arm, covered, _beside(base, arm, covered)))
    return tuple(found)


def loose_matches(base: EvidenceBase, asked: Asked) -> tuple[Loose, ...]:
    """Arms where an asked agent was given to some, before, by its class only, or was assumed."""
    found = []
    for study in studies_in_order(base, wanted(base, asked)):
        for arm in study.arms:
            for why, given in _loosely(arm):
                agents = tuple(
                    agent
                    for agent in asked.agents
                    if covers(base, agent, given) and not covers(base, agent, arm.agents)
                )
                if agents:
                    found.append(Loose(study, arm, agents, why))
            by_class = tuple(agent for agent in asked.agents if covers_by_class(base, agent, arm.agents))
            if by_class:
                found.append(Loose(study, arm, by_class, "only the class is named"))
    return tuple(found)


def _loosely(arm: Arm) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "given to a part of the patients", tuple(getattr(arm, "in_part", ()))
    yield "given before, and not enough", tuple(getattr(arm, "before", ()))
    yield "assumed from context, not printed", arm.inferred


def groups(asked: Asked) -> list[tuple[str, ...]]:
    """The asked agents together, then every subset down to single agents, larger ones first."""
    sizes = range(len(asked.agents), 0, -1)
    return [subset for size in sizes for subset in combinations(asked.agents, size)]


def having(found: Iterable[Match], agents: tuple[str, ...]) -> list[Match]:
    """The matches that had all of these agents."""
    return [match for match in found if set(agents) <= set(match.covered)]


def wanted(base: EvidenceBase, asked: Asked) -> list[Study]:
    """The studies that fit the asked designs and further populations (unstated is not a fit, part is)."""
    narrowing = [name for name in asked.populations if name not in _OWN]
    return [
        study
        for study in base.studies.values()
        if (not asked.designs or study.design in asked.designs)
        and all(study.population.scopes.get(name) in ("all", "part", "named") for name in narrowing)
    ]


def studies_in_order(base: EvidenceBase, studies: Iterable[Study]) -> list[Study]:
    """Best design first, newest first, then by id: the same order for the same base."""
    return sorted(studies, key=lambda study: (_rank(study), -(year(base, study) or 0), study.id))


def year(base: EvidenceBase, study: Study) -> int | None:
    """The year of a study's publication, None where it is not known."""
    reference = base.references.get(study.reference)
    return reference.year if reference else None


def directness(study: Study) -> str:
    """How directly a study's patients are those of the question, in words."""
    scopes = study.population.scopes
    mda5, rapid = scopes.get("mda5", "unstated"), scopes.get("rp-ild", "unstated")
    if mda5 == "all":
        return "anti-MDA5 with RP-ILD" if rapid == "all" else "anti-MDA5, RP-ILD in part or not stated"
    if mda5 in ("part", "named"):
        return "partly anti-MDA5"
    return "other or mixed disease" if mda5 == "none" else "anti-MDA5 share not stated"


def is_direct(study: Study) -> bool:
    """Whether all patients were anti-MDA5 positive."""
    return study.population.scopes.get("mda5") == "all"


def _rank(study: Study) -> int:
    return _DESIGN_ORDER.index(study.design) if study.design in _DESIGN_ORDER else len(_DESIGN_ORDER)


def _beside(base: EvidenceBase, arm: Arm, covered: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        name
        for name in arm.agents
        if name not in BACKGROUND and not any(covers(base, agent, (name,)) for agent in covered)
    )
