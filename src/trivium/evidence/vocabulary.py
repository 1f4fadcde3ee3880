"""Every name that the base knows → what it means. A base → a `Vocabulary`; no question, no study.

Names are compared without case, hyphens, slashes and blanks more than one. A phrase means one agent, or one
outcome or population, or one or several designs (`review`); where a phrase could be two sorts of thing, an
agent goes before a population, that before an outcome, that before a design.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from trivium.knowledge.evidence import EvidenceAgent, EvidenceBase

Kind = OneOf["agent", "population", "outcome", "design"]
_KINDS: tuple[Kind, ...] = ("agent", "population", "outcome", "design")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means: the things of one kind, what sort of name it is, and whether it is only recalled."""

    kind: Kind
    ids: tuple[str, ...]
    label: str
    sort: str  # label | spelling | brand | biosimilar | abbreviation | class
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Phrase → meaning; phrases that mean several things; the words of all; the longest phrase's length."""

    phrases: dict[str, Meaning]
    several: dict[str, tuple[str, ...]]  # phrase → what it can mean
    words: frozenset[str]
    longest: int

    def means(self, phrase: str) -> Meaning | None:
        return self.phrases.get(phrase)


def plain(text: str) -> str:
    """A name as it is compared."""
    for mark in "-_/–—":
        text = text.replace(mark, " ")
    return " ".join(text.casefold().split())


_last: list[
    tuple[EvidenceBase, Vocabulary]
] = []  # of the base that was asked last: a text has many sentences


def vocabulary(base: EvidenceBase) -> Vocabulary:
    """All names of the base."""
    if not (_last and _last[0][0] is base):
        _last[:] = [(base, _made(base))]
    return _last[0][1]


def _made(base: EvidenceBase) -> Vocabulary:
    phrases: dict[str, Meaning] = {}
    for called, meaning in _names(base):
        key = plain(called)
        known = phrases.get(key)
        if known is None or _KINDS.index(meaning.kind) < _KINDS.index(known.kind):
            phrases[key] = meaning
        elif known.kind == meaning.kind == "design" and not set(meaning.ids) <= set(known.ids):
            both = (*known.ids, *meaning.ids)
            phrases[key] = Meaning("design", both, f"{known.label}, {meaning.label.lower()}", known.sort)
    several = {plain(name): options for name, options in base.several_meanings.items()}
    every = (*phrases, *several)
    words = frozenset(word for phrase in every for word in phrase.split())
    return Vocabulary(phrases, several, words, max((len(key.split()) for key in every), default=0))


def _names(base: EvidenceBase) -> Iterator[tuple[str, Meaning]]:
    for agent in base.agents.values():
        for sort, called in _agent_names(agent):
            recalled = called in agent.recalled
            yield called, Meaning("agent", (agent.id,), agent.label, sort, recalled)
    for population in base.populations.values():
        for called in (population.label, population.id, *population.names):
            yield called, Meaning("population", (population.id,), population.label, "label")
    for outcome in base.outcomes.values():
        for called in (outcome.label, outcome.id, *outcome.names):
            yield called, Meaning("outcome", (outcome.id,), outcome.label, "label")
    for design in base.designs.values():
        for called in (design.label, design.id, *design.names):
            yield called, Meaning("design", (design.id,), design.label, "label")


def _agent_names(agent: EvidenceAgent) -> Iterator[tuple[str, str]]:
    own = "class" if agent.sort == "class" else "label"
    yield own, agent.label
    yield own, agent.id
    for called in agent.spellings:
        yield own if own == "class" else "spelling", called
    for called in agent.brands:
        yield "brand", called
    for called in agent.biosimilars:
        yield "biosimilar", called
    for called in agent.abbreviations:
        yield "abbreviation", called
