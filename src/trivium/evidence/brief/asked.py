"""What a brief is about: agents by id, and what narrows the question."""

from __future__ import annotations

from dataclasses import dataclass

from trivium.knowledge.evidence import EvidenceBase


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as understood. Ids are those of the base; `remarks` tell the asker what was read how."""

    text: str
    agents: tuple[str, ...]
    without: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


# Given beside nearly every regimen of this disease: they never make a combination another one.
BACKGROUND = frozenset(
    ("glucocorticoid", "methylprednisolone-pulse", "prednisone", "conventional-immunosuppressant")
)


def names(base: EvidenceBase, agents: tuple[str, ...]) -> str:
    """Agents in words: `IVIG + rituximab + tofacitinib`."""
    return " + ".join(inside(label(base, agent)) for agent in agents)


def inside(words: str) -> str:
    """A label inside a sentence: a capital goes unless the word is an abbreviation."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def label(base: EvidenceBase, agent: str) -> str:
    """What an agent is called; its id where the base does not know it."""
    found = base.agents.get(agent)
    return found.label if found else agent


def covers(base: EvidenceBase, asked: str, given: frozenset[str] | tuple[str, ...]) -> bool:
    """Whether an arm with these agents has the asked one, or one of the asked class."""
    return asked in given or any(asked in base.agents[name].classes for name in given if name in base.agents)


def covers_by_class(base: EvidenceBase, asked: str, given: tuple[str, ...]) -> bool:
    """Whether an arm names only the class of the asked agent: it may be this agent or another."""
    known = base.agents.get(asked)
    return (
        known is not None and not covers(base, asked, given) and any(name in given for name in known.classes)
    )
