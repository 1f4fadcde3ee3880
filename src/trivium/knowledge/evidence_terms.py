"""What the evidence is cited by and named with: references, agents, outcomes, designs, populations.

Part of `knowledge.evidence`, which re-exports all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

AgentSort = OneOf["drug", "procedure", "class", "background", "comparator"]
OutcomeGroup = OneOf["benefit", "harm", "course", "other"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A document as it is cited. `unseen` names the fields that were completed from memory.

    `same_document_as` names the other entry when one document stands under two ids: they are one support.
    """

    id: str
    title: str
    year: int | None = None
    authors: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    registration: str = ""
    url: str = ""
    kind: str = ""
    access: str = ""
    note: str = ""
    status: str = ""  # retracted | superseded | "" for neither
    superseded_by: str = ""
    same_document_as: str = ""
    unseen: tuple[str, ...] = ()

    @property
    def is_machine_written(self) -> bool:
        return self.kind == "ai-written"

    @property
    def is_withdrawn(self) -> bool:
        """Retracted or superseded: it may be named, it supports nothing."""
        return bool(self.status)


@dataclass(frozen=True, slots=True)
class EvidenceAgent:
    """An agent as the evidence names it: its canonical id and every name it goes by.

    `pathway_agent` is its id in `agents/`, "" where the pathway does not offer it. `recalled` holds the
    names that no document of the base prints. `classes` are ids of agents of sort `class`.
    """

    id: str
    label: str
    sort: AgentSort = "drug"
    classes: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    biosimilars: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    recalled: frozenset[str] = frozenset()
    pathway_agent: str = ""
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called, the label first."""
        return (self.label, *self.spellings, *self.brands, *self.biosimilars, *self.abbreviations)


@dataclass(frozen=True, slots=True)
class OutcomeTerm:
    """An outcome's canonical name, the words for it, and which way is good.

    `complement` names the outcome that counts the other patients of an arm (survival and mortality).
    """

    id: str
    label: str
    group: OutcomeGroup
    better: OneOf["high", "low", ""] = ""
    complement: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A design or a population, and the words for it. For a population, `fields` are the counts in a
    study's population that say how many patients belong to it, `words` what its free text calls it, and
    `implied_by` the populations whose every member belongs to it."""

    id: str
    label: str
    names: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    implied_by: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
