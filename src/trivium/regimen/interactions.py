"""What clashes: pairs among chosen and active drugs, conditions of the record, duplications, the load.

In: the dosing of all agents, their classes, the agents chosen, a patient. Out: concerns, the most severe
first. Whether a drug is taken is a fact like any other: while it is unknown the pair cannot be excluded,
and is listed so. It must not know doses, nor whether the pathway offers an agent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.knowledge.dosing import SEVERITIES, Dosing, DrugClass, Interaction, Severity
from trivium.knowledge.models import Cited
from trivium.logic.evaluate import Trace
from trivium.logic.explain import awaited_facts
from trivium.logic.nodes import FactRef, Or
from trivium.logic.prose import prose
from trivium.regimen.patient import Ask, Patient

# chosen: part of what is planned · active: being taken · possible: nobody knows whether it is being taken
Presence = OneOf["chosen", "active", "possible"]
# present: it is so · possible: it cannot be excluded · look_for: only the medication list can tell, by name
Certainty = OneOf["present", "possible", "look_for"]
_CERTAINTIES: tuple[Certainty, ...] = ("present", "possible", "look_for")

# Severities at which a combination does not go on without a decision of a specialist.
BARRING: frozenset[Severity] = frozenset(("contraindicated", "avoid"))


@dataclass(frozen=True, slots=True)
class Entry:
    """What one source-backed line says of a concern."""

    agent: str  # whose line it is; the class of a duplication
    severity: Severity
    mechanism: str
    text: str
    drugs: tuple[str, ...] = ()
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """A pair, a duplication, or an agent with something in the record.

    `parties`: the two agents of a pair, sorted; one agent where `trace` or `drugs` is the other side.
    `label` says both sides in words; `awaits` names the facts that leave it open.
    """

    kind: OneOf["pair", "duplication", "condition", "by_name"]
    certainty: Certainty
    severity: Severity
    parties: tuple[str, ...]
    entries: tuple[Entry, ...]
    trace: Trace | None = None
    label: str = ""
    awaits: tuple[str, ...] = ()

    @property
    def is_barring(self) -> bool:
        """Whether it is so, and severe enough that the combination does not simply go on."""
        return self.certainty == "present" and self.severity in BARRING


@dataclass(frozen=True, slots=True)
class Load:
    """The agents that suppress immunity: chosen or active, and those that may be active besides.

    `count` is of those present; agents that share a class which counts once are one.
    """

    present: tuple[str, ...]
    possible: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """All concerns in order, the load, what to ask so that less remains open, and what drugs are called."""

    concerns: tuple[Concern, ...]
    load: Load
    questions: tuple[Ask, ...]
    labels: Mapping[str, str]


@dataclass(slots=True)
class _Pair:
    entries: dict[Entry, None] = field(default_factory=dict)
    is_duplication: bool = True  # until a line about the pair itself is found


def find(
    dosing: Mapping[str, Dosing],
    classes: Mapping[str, DrugClass],
    chosen: Sequence[str],
    patient: Patient,
    looked_at: Sequence[str] = (),
) -> Found:
    """Every concern of the chosen agents with one another and with what the patient takes or has.

    `looked_at` names drugs being taken whose own lines count as those of chosen ones do.
    Errors:  KeyError for a chosen agent that has no dosing.
    """
    search = _Search(dosing, classes, chosen, patient, looked_at)
    concerns = [*search.pairs(), *search.conditions(), *search.names()]
    concerns.sort(
        key=lambda each: (
            SEVERITIES.index(each.severity),
            _CERTAINTIES.index(each.certainty),
            each.parties,
            each.entries[0].text,
        )
    )
    return Found(tuple(concerns), search.load(), search.questions(concerns), search.labels)


class _Search:
    def __init__(
        self,
        dosing: Mapping[str, Dosing],
        classes: Mapping[str, DrugClass],
        chosen: Sequence[str],
        patient: Patient,
        looked_at: Sequence[str],
    ) -> None:
        self.dosing, self.classes, self.patient = dosing, classes, patient
        self.looked_at = dict.fromkeys([*chosen, *looked_at])
        self.present: dict[str, Presence] = dict.fromkeys(chosen, "chosen")
        for name in chosen:
            dosing[name]
        for name, agent in dosing.items():
            truth = patient.values.get(agent.active) if agent.active else None
            if name not in self.present and truth in (TRUE, UNKNOWN):
                self.present[name] = "active" if truth is TRUE else "possible"
        self.labels = {name: self._called(name) for name in dosing}

    def _called(self, name: str) -> str:
        """What a drug is called, no more exactly than is known: a fact about a class names none of it.

        A fact is about a class where its value set bears the name of one that the agent belongs to.
        """
        agent, specs = self.dosing[name], self.patient.pathway.facts
        if self.present.get(name, "chosen") == "chosen" or agent.active not in specs:
            return agent.label
        spec = specs[agent.active]
        if not any(
            concept == each or concept.startswith(f"{each}_")
            for concept in spec.retrieval.concepts
            for each in agent.classes
        ):
            return agent.label
        return f"{spec.label} (which one is not known)"

    def pairs(self) -> Iterator[Concern]:
        """One concern for each two drugs, whoever's line it is."""
        found: dict[tuple[str, str], _Pair] = {}
        for one, other, entry in self._lines():
            pair = found.setdefault((min(one, other), max(one, other)), _Pair())
            pair.entries[entry] = None
            pair.is_duplication &= entry.agent in self.classes
        for parties, pair in found.items():
            entries = _by_severity(pair.entries)
            certainty = self._certainty(*parties)
            if certainty is not None:
                kind: OneOf["pair", "duplication"] = "duplication" if pair.is_duplication else "pair"
                label = " with ".join(self.labels[name] for name in parties)
                awaits = tuple(self._open_drugs(parties)) if certainty == "possible" else ()
                yield Concern(kind, certainty, entries[0].severity, parties, entries, None, label, awaits)

    def _lines(self) -> Iterator[tuple[str, str, Entry]]:
        for name in self.present:
            for line in self.dosing[name].interactions:
                for other in self._members(line.partners):
                    if other != name:
                        yield name, other, _entry(name, line)
        for drug_class in self.classes.values():
            if drug_class.severity is None:
                continue
            entry = Entry(
                drug_class.id,
                drug_class.severity,
                f"two of one class: {drug_class.label}",
                drug_class.text,
                (),
                drug_class.cited,
            )
            members = sorted(self._members([drug_class.id]))
            for index, one in enumerate(members):
                yield from ((one, other, entry) for other in members[index + 1 :])

    def _members(self, names: Iterable[str]) -> list[str]:
        """The drugs that are there, or may be, and are meant by the names of agents or classes."""
        wanted = set(names)
        return [name for name in self.present if name in wanted or wanted & set(self.dosing[name].classes)]

    def _certainty(self, one: str, other: str) -> Certainty | None:
        """None for a pair that is not about what is planned, unless both are being taken."""
        both = {self.present[one], self.present[other]}
        if "possible" in both:
            return "possible" if one in self.looked_at or other in self.looked_at else None
        return "present"

    def conditions(self) -> Iterator[Concern]:
        """Lines over facts of the record, those over the same facts as one.

        Where a drug meant by the same line is there, the pair says it.
        """
        found: dict[tuple[str, str, Certainty], list[tuple[Entry, Trace]]] = {}
        for name in self.looked_at:
            for line in self.dosing[name].interactions:
                if line.when is None:
                    continue
                trace = self.patient.trace(line.when.node)
                certainty: Certainty = "present" if trace.truth is TRUE else "possible"
                said = {
                    self._certainty(name, other) for other in self._members(line.partners) if other != name
                }
                if trace.truth is not FALSE and not said & {"present", certainty}:
                    label = f"{self.labels[name]} {self._condition(trace)}"
                    found.setdefault((name, label, certainty), []).append((_entry(name, line), trace))
        for (name, label, certainty), held in found.items():
            entries = _by_severity(entry for entry, _ in held)
            trace = held[0][1]
            awaits = tuple(awaited_facts(trace))
            yield Concern("condition", certainty, entries[0].severity, (name,), entries, trace, label, awaits)

    def _condition(self, trace: Trace) -> str:
        """The other side of a line over the record, in words."""
        labels = self.patient.labels
        either = trace.node.children if isinstance(trace.node, Or) else (trace.node,)
        names = [labels.facts.get(each.name, each.name) for each in either if isinstance(each, FactRef)]
        if len(names) == len(either):
            return f"with {' or '.join(names)}"
        return f"where {prose(trace.node, labels)}"

    def names(self) -> Iterator[Concern]:
        """Lines that name drugs alone: nothing in the facts decides them."""
        for name in self.looked_at:
            for line in self.dosing[name].interactions:
                if line.drugs and line.when is None and not line.partners:
                    entries = (_entry(name, line),)
                    label = self.labels[name]
                    yield Concern("by_name", "look_for", line.severity, (name,), entries, None, label)

    def load(self) -> Load:
        """Each agent of a class that counts as load, once."""
        counted = [
            name
            for name in self.present
            if any(self.classes[each].is_load for each in self.dosing[name].classes if each in self.classes)
        ]
        present = tuple(name for name in counted if self.present[name] != "possible")
        possible = tuple(name for name in counted if self.present[name] == "possible")
        return Load(present, possible, len({self._counted_as(name) for name in present}))

    def _counted_as(self, name: str) -> str:
        """The class that stands for all its agents, where there is one; else the agent itself."""
        for each in self.dosing[name].classes:
            if each in self.classes and self.classes[each].counts_once:
                return each
        return name

    def questions(self, concerns: Iterable[Concern]) -> tuple[Ask, ...]:
        """The facts that leave a concern open."""
        waiting: dict[str, list[str]] = {}
        for concern in concerns:
            for fact in concern.awaits:
                waiting.setdefault(fact, []).append(f"{concern.label} ({concern.severity})")
        return self.patient.questions(waiting)

    def _open_drugs(self, parties: Iterable[str]) -> list[str]:
        return [self.dosing[name].active for name in parties if self.present[name] == "possible"]


def _by_severity(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda each: (SEVERITIES.index(each.severity), each.agent)))


def _entry(agent: str, line: Interaction) -> Entry:
    return Entry(agent, line.severity, line.mechanism, line.text, line.drugs, line.cited)
