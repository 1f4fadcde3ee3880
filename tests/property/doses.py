"""Possible states of the facts that a dose looks at, biased to where it turns. No tests here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from hypothesis import strategies as st

from trivium.core.truth import FALSE, TRUE, UNKNOWN, from_bool
from trivium.core.values import EVERYTHING, Interval, Number, Value, point
from trivium.knowledge.checks.expressions import walk
from trivium.knowledge.dosing import Dosing, Regimen
from trivium.knowledge.loader import load
from trivium.logic.nodes import Compare, CriterionRef, Literal, Node, fact_names
from trivium.regimen.adjust import size_facts

REAL = load()
FACTS = REAL.pathway.facts
SIZES: Mapping[str, tuple[str, ...]] = {
    "body_weight": ("20", "45", "70", "70.3", "120", "350"),
    "bsa": ("1", "1.7", "1.818", "2.4"),
    "ideal_body_weight": ("40", "61.4", "90"),
    "adjusted_body_weight": ("40", "64.2", "120"),
}
REGIMENS: Sequence[tuple[Dosing, Regimen]] = [
    (agent, regimen)
    for agent in REAL.dosing.values()
    for regimen in agent.regimens.values()
    if not any(rule.of for rule in regimen.rules)
]
ACCEPTED = frozenset(about for promise in REAL.pathway.properties.values() for about in promise.accepts)


def name_of(agent: Dosing, regimen: Regimen) -> str:
    return f"{agent.agent} {regimen.id}"


def _behind(node: Node) -> list[Node]:
    found = list(walk(node))
    for each in list(found):
        if isinstance(each, CriterionRef):
            found += _behind(REAL.pathway.criteria[each.name].when)
    return found


@cache
def looked_at(agent: str, regimen: str) -> Mapping[str, tuple[Number, ...]]:
    """The facts behind a regimen's conditions, each with the numbers it is compared with."""
    dosing = REAL.dosing[agent]
    way = dosing.regimens[regimen]
    nodes = [rule.when.node for rule in way.rules if rule.when]
    nodes += [each.when.node for each in dosing.adjustments if not each.regimens or regimen in each.regimens]
    found: dict[str, set[Number]] = {}
    for each in (inner for node in nodes for inner in _behind(node)):
        for name in fact_names(each) if not isinstance(each, Compare) else ():
            found.setdefault(name, set())
        if isinstance(each, Compare):
            for name in fact_names(each):
                found.setdefault(name, set()).update(
                    side.value
                    for side in (each.left, each.right)
                    if isinstance(side, Literal) and not isinstance(side.value, (bool, str))
                )
    return {name: tuple(sorted(numbers)) for name, numbers in sorted(found.items())}


@cache
def sizes(agent: str, regimen: str) -> tuple[str, ...]:
    dosing = REAL.dosing[agent]
    way = dosing.regimens[regimen]
    return tuple(sorted({name for rule in way.rules for name in size_facts(way, rule, dosing.adjustments)}))


@cache
def pool(name: str, marks: tuple[Number, ...]) -> tuple[Number, ...]:
    """Numbers on, beside and far from each mark; those of a body size as they are."""
    if name in SIZES:
        return tuple(Decimal(text) for text in SIZES[name])
    is_whole = FACTS[name].type.kind != "quantity"
    step: Fraction = Fraction(1) if is_whole else Fraction(1, 10)
    near = {Fraction(mark) + shift * step for mark in marks or (1,) for shift in (-20, -1, 0, 1, 30)}
    kept = sorted(number for number in near if number >= 0)
    return tuple(int(number) if is_whole else number for number in kept)


@st.composite
def values(draw: st.DrawFn, name: str, marks: tuple[Number, ...], known: bool = False) -> Value:
    """What one fact may be: one value, several, or not known."""
    spec = FACTS[name]
    if spec.type.kind == "boolean":
        return draw(st.sampled_from([FALSE, TRUE] if known else [FALSE, TRUE, UNKNOWN]))
    if spec.type.kind == "choice":
        choices = draw(
            st.lists(st.sampled_from(spec.type.choices), min_size=1, unique=True, max_size=1 if known else 3)
        )
        return frozenset(choices)
    numbers = pool(name, marks)
    one, other = sorted((draw(st.sampled_from(numbers)), draw(st.sampled_from(numbers))))
    shape = draw(st.sampled_from(["point"] if known else ["point", "point", "between", "everything"]))
    if shape == "everything" and name not in SIZES:
        return EVERYTHING
    return point(one) if shape == "point" or one == other else Interval(one, other)


@st.composite
def states(draw: st.DrawFn, agent: Dosing, regimen: Regimen, known: bool = False) -> dict[str, Value]:
    """A state of everything a dose looks at; body sizes are bounded."""
    marks = {**looked_at(agent.agent, regimen.id), **dict.fromkeys(sizes(agent.agent, regimen.id), ())}
    return {name: draw(values(name, numbers, known)) for name, numbers in marks.items()}


@st.composite
def harmed(draw: st.DrawFn, name: str, marks: tuple[Number, ...], before: Value) -> Value | None:
    """The fact moved towards its harm; None where there is no such move."""
    spec = FACTS[name]
    if isinstance(before, Interval):
        if not before.is_known or before.low is None or before.high is None:
            return None
        numbers = pool(name, marks)
        ends = [Fraction(before.low), Fraction(before.high)]
        wanted = sorted(Fraction(draw(st.sampled_from(numbers))) for _ in ends)
        choose = max if spec.harm == "high" else min
        low, high = (choose(end, aim) for end, aim in zip(ends, wanted, strict=True))
        return Interval(low, high)
    if isinstance(before, frozenset):
        harmful = [choice for choice in spec.type.choices if choice in spec.harm]
        return None if before & set(harmful) else frozenset((draw(st.sampled_from(harmful)),))
    return from_bool("true" in spec.harm)
