"""The patient as a dose sees one: facts, what conditions come to, body size, and what could be learnt.

In: a pathway, its facts as read, as-of and zone. Out: truths with their traces, sizes as intervals.
It must not know any regimen.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from trivium.core.truth import Truth
from trivium.core.values import Interval, Value
from trivium.knowledge.given import unknown_of
from trivium.knowledge.models import Pathway
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.explain import Labels
from trivium.logic.nodes import CriterionRef, Node, criterion_names, fact_names
from trivium.logic.text import value_words
from trivium.record.fact import Fact, Reason
from trivium.record.windows import Calendar


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact to obtain, what to ask, why it is not known, and what in the dose waits for it."""

    fact: str
    text: str
    reasons: tuple[Reason, ...]
    decides: tuple[str, ...]


class State:
    """Values of facts, and what conditions over them come to.

    Shapes:  `values` holds every fact of the pathway.
    """

    def __init__(self, pathway: Pathway, values: Mapping[str, Value]) -> None:
        self.pathway = pathway
        self.values = values
        self.criteria: Mapping[str, Trace] = _Criteria(self)

    def trace(self, node: Node) -> Trace:
        """What a condition comes to, traced."""
        return evaluate(node, self.values, self.criteria)

    def supposing(self, changes: Mapping[str, Value]) -> State:
        """The same, had these facts these values."""
        return State(self.pathway, {**self.values, **changes})


class Patient(State):
    """One patient at as-of.

    Shapes:  `facts` holds every fact of the pathway; `given` names those that were typed in by hand.
    """

    def __init__(
        self,
        pathway: Pathway,
        facts: Mapping[str, Fact],
        as_of: int = 0,
        zone: datetime.tzinfo = datetime.UTC,
        given: Collection[str] = (),
    ) -> None:
        super().__init__(pathway, {name: fact.value for name, fact in facts.items()})
        self.facts = facts
        self.given = frozenset(given)
        self.calendar = Calendar(as_of, zone)
        self.labels = Labels(
            {name: spec.label for name, spec in pathway.facts.items()},
            {name: criterion.label for name, criterion in pathway.criteria.items()},
        )

    @classmethod
    def of_values(cls, pathway: Pathway, values: Mapping[str, Value]) -> Patient:
        """A patient of whom only values are told; every other fact is unknown."""
        facts = {
            name: Fact(spec, values.get(name, unknown_of(spec.type))) for name, spec in pathway.facts.items()
        }
        return cls(pathway, facts)

    def size(self, fact: str) -> Interval | None:
        """A body size; None unless it is bounded on both sides (a dose needs both)."""
        value = self.values.get(fact)
        if not isinstance(value, Interval) or value.low is None or value.high is None:
            return None
        return value

    def facts_behind(self, node: Node) -> frozenset[str]:
        """The facts a condition rests on, directly or through criteria."""
        found = set(fact_names(node))
        for name in criterion_names(node):
            found |= self.facts_behind(self.pathway.criteria[name].when)
        return frozenset(found)

    def told(self, name: str) -> str:
        """A fact with its value, date and origin: `Body weight 70 kg (2024-03-05, Observation/1)`."""
        fact = self.facts[name]
        date = [self.calendar.text(fact.at)] if fact.at is not None and fact.at.is_known else []
        where = ", ".join([*date, *(fact.origins[:2] or ())])
        return f"{fact.spec.label} {value_words(fact.value, fact.spec.type)}" + (
            f" ({where})" if where else ""
        )

    def questions(self, waiting: Mapping[str, Iterable[str]]) -> tuple[Ask, ...]:
        """What to ask for the facts that something waits for; a derived fact is asked for by its inputs.

        Shapes:  fact id → what waits for it, in words; the questions keep that order.
        """
        found: dict[str, dict[str, None]] = {}
        for name, decided in waiting.items():
            for asked in self._askable(name):
                found.setdefault(asked, {}).update(dict.fromkeys(decided))
        specs = self.pathway.facts
        return tuple(
            Ask(
                name,
                specs[name].question or f"{specs[name].label}?",
                self.facts[name].reasons,
                tuple(decided),
            )
            for name, decided in found.items()
        )

    def _askable(self, name: str) -> list[str]:
        """The facts to ask for in place of `name`: itself, or those of its inputs that leave it open.

        Where silence of the record leaves it open, whether the list is complete settles it too.
        """
        spec = self.pathway.facts[name]
        inputs = spec.retrieval.options.get("inputs")
        if isinstance(inputs, Mapping) and name not in self.given:
            unknown = [each for each in inputs.values() if not self.facts[each].is_known]
            open_ones = [each for each in inputs.values() if not is_settled(self.values[each])]
            if unknown or open_ones:
                return [asked for each in unknown or open_ones for asked in self._askable(each)]
        merely_absent = all(reason.code == "missing" for reason in self.facts[name].reasons)
        return [name, spec.false_when] if spec.false_when and merely_absent else [name]


def is_settled(value: Value) -> bool:
    """Whether a value is a single one, so that nothing more can be learnt of it."""
    if isinstance(value, Truth):
        return value is not Truth.UNKNOWN
    return value.is_point if isinstance(value, Interval) else len(value) == 1


class _Criteria(dict[str, Trace]):
    """The criteria of one state, each evaluated when a condition first names it."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state

    def __missing__(self, name: str) -> Trace:
        trace = self._state.trace(self._state.pathway.criteria[name].when)
        found = self[name] = Trace(CriterionRef(name), trace.value, (trace,))
        return found
