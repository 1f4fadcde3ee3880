"""Possible states of a patient: a value for every fact of the pathway, biased to where criteria turn.

Numbers come from the thresholds that the content compares a fact with, and from just beside them. A state
is one of a few patients (of whom nothing is known; adult with RP-ILD; the same with nothing bad) in which
some facts have been drawn anew: so it shrinks to the few facts that matter. No tests here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from trivium.core import values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, from_bool
from trivium.core.values import EVERYTHING, Interval, Number, Value, point
from trivium.knowledge.checks.expressions import known_values, walk, written
from trivium.knowledge.given import unknown_of
from trivium.knowledge.loader import load
from trivium.knowledge.models import FactSpec, Pathway
from trivium.logic.nodes import Compare, Literal, fact_names

State = Mapping[str, Value]
Pick = Callable[[Sequence[Any]], Any]

PATHWAY: Pathway = load().pathway
FACTS = PATHWAY.facts
MOST = 10  # facts drawn anew in one state
RP_ILD: State = {"age": point(50), "rp_ild_by_clinician": TRUE, "mda5_positive_ever": TRUE}


@cache
def thresholds() -> Mapping[str, Sequence[Number]]:
    """For each number, what the content compares it with, and the borders of the plausible."""
    found: dict[str, set[Number]] = {name: set() for name, spec in FACTS.items() if spec.type.is_number}
    for expression in written(PATHWAY):
        for node in walk(expression.node):
            if isinstance(node, Compare):
                for name in fact_names(node) & set(found):
                    found[name] |= {
                        side.value
                        for side in (node.left, node.right)
                        if isinstance(side, Literal) and not isinstance(side.value, (bool, str))
                    }
    return {name: sorted(numbers) or [Decimal(1)] for name, numbers in found.items()}


@cache
def pool(name: str) -> Sequence[Number]:
    """Numbers on, beside and far from every threshold of a fact, none of them implausible."""
    spec = FACTS[name]
    whole = spec.type.kind != "quantity"
    step: Number = 1 if whole else Decimal("0.000000001")
    low, high = spec.plausible.low, spec.plausible.high
    numbers: set[Number] = {bound for bound in (low, high) if bound is not None}
    for each in thresholds()[name]:
        number = int(each) if whole else Decimal(str(each)) if isinstance(each, int) else each
        numbers |= {number, number + step, number - step, number * 2}  # type: ignore[operator]
    numbers |= {1, 100} if whole else {Decimal(1), Decimal(100)}
    return sorted(number for number in numbers if number in spec.plausible)


def value(pick: Pick, name: str) -> Value:
    """What one fact may be: unknown, one value, or anything between."""
    spec = FACTS[name]
    if spec.type.kind == "boolean":
        return pick([UNKNOWN, TRUE, FALSE])  # type: ignore[no-any-return]
    if spec.type.kind == "choice":
        kept = [choice for choice in spec.type.choices if pick([True, False])]
        return frozenset(kept or spec.type.choices)
    shape = pick(["everything", "point", "above", "below", "between"])
    one, other = sorted((pick(pool(name)), pick(pool(name))))
    is_open = spec.type.kind == "quantity"
    if shape == "everything":
        return EVERYTHING
    if shape == "above":
        return Interval(one, None, is_open and pick([False, True]), False)
    if shape == "below":
        return Interval(None, other, False, is_open and pick([False, True]))
    if shape == "point" or one == other:
        return point(one)
    return Interval(one, other, is_open and pick([False, True]), is_open and pick([False, True]))


def at_harm(pick: Pick, spec: FactSpec, before: Value) -> Value:
    """The same fact moved towards its harm: both bounds, or to certainly a harmful choice."""
    if isinstance(before, Interval):
        return _shifted(before, value(pick, spec.id), up=spec.harm == "high")
    if isinstance(before, frozenset):
        harmful = [choice for choice in spec.type.choices if choice in spec.harm]
        return frozenset([pick(harmful)])
    return from_bool("true" in spec.harm)


def _shifted(before: Interval, other: Value, up: bool) -> Interval:
    """Each bound of `before`, or of `other` where that lies further on."""
    assert isinstance(other, Interval)
    try:
        if not up:
            back = _shifted(_turned(before), _turned(other), up=True)
            return _turned(back)
        low, low_open = max(_low(before), _low(other))
        high, high_open = max(_high(before), _high(other))
        return Interval(
            None if low == _LEAST else low, None if high == _MOST else high, low_open > 0, high_open < 0
        )
    except ValueError:  # nothing is left between an open bound and another: it stays where it is
        return before


_LEAST, _MOST = -(Decimal(10) ** 15), Decimal(10) ** 15


def _low(interval: Interval) -> tuple[Number, int]:
    return (_LEAST, 0) if interval.low is None else (interval.low, int(interval.low_open))


def _high(interval: Interval) -> tuple[Number, int]:
    return (_MOST, 0) if interval.high is None else (interval.high, -int(interval.high_open))


def _turned(interval: Interval) -> Interval:
    return values.scale(interval, -1)  # type: ignore[arg-type]


def wider(pick: Pick, name: str, narrow: Value) -> Value:
    """A value of which `narrow` is a part: what was known before more was learnt."""
    other = value(pick, name)
    if isinstance(narrow, Interval) and isinstance(other, Interval):
        return values.hull([narrow, other])
    if isinstance(narrow, frozenset) and isinstance(other, frozenset):
        return narrow | other
    return pick([UNKNOWN, narrow])  # type: ignore[no-any-return]


def nothing_bad() -> dict[str, Value]:
    """Every fact with a harm is known, and far from it."""
    good: dict[str, Value] = {}
    for name, spec in FACTS.items():
        if not spec.harm:
            continue
        if spec.type.kind == "boolean":
            good[name] = from_bool("true" not in spec.harm)
        elif spec.type.kind == "choice":
            good[name] = frozenset(next([c] for c in spec.type.choices if c not in spec.harm))
        else:
            good[name] = point(pool(name)[-1 if spec.harm == "low" else 0])
    return good


@cache
def patients() -> Sequence[State]:
    """The patients that states begin from."""
    nobody = known_values(PATHWAY, {})
    negative: dict[str, Value] = {
        name: frozenset({"negative"})
        for name, spec in FACTS.items()
        if "negative" in spec.type.choices and spec.harm
    }
    return [nobody, nobody | dict(RP_ILD), nobody | nothing_bad() | negative | dict(RP_ILD)]


def state(pick: Pick, names: Collection[str], base: State) -> State:
    """A patient in whom the facts named have been drawn anew."""
    return {**base, **{name: value(pick, name) for name in names}}


def random_states(seed: int, count: int) -> Sequence[State]:
    """The same states for the same seed: few facts drawn in some, most facts in others."""
    chance = random.Random(seed)
    names = list(FACTS)
    return [
        state(chance.choice, chance.sample(names, chance.choice((3, 12, 40, len(names)))), base)
        for base in (chance.choice(patients()) for _ in range(count))
    ]


def picking(draw: st.DrawFn) -> Pick:
    return lambda options: draw(st.sampled_from(options))


@st.composite
def states(draw: st.DrawFn, also: Collection[str] = ()) -> State:
    """Hypothesis: a state; it shrinks to the facts that matter."""
    names = draw(st.lists(st.sampled_from(list(FACTS)), unique=True, max_size=MOST))
    return state(picking(draw), [*names, *sorted(also)], draw(st.sampled_from(patients())))


@st.composite
def learnt(draw: st.DrawFn, among: Sequence[str] = tuple(FACTS)) -> tuple[State, State]:
    """Hypothesis: what was known, and what is known once more has been learnt of some facts."""
    after = draw(states(among if len(among) <= MOST else ()))
    names = draw(st.lists(st.sampled_from(among), unique=True, min_size=1, max_size=MOST))
    return {**after, **{name: wider(picking(draw), name, after[name]) for name in names}}, after


def without(before: State, fact: str) -> State:
    """The same patient, of whom this fact is not known."""
    return {**before, fact: unknown_of(FACTS[fact].type)}


HARMS = tuple(name for name, spec in FACTS.items() if spec.harm)


@st.composite
def harmed(draw: st.DrawFn, names: Sequence[str] = HARMS) -> tuple[str, State, State]:
    """Hypothesis: one fact of these, and a patient before and after it moved towards its harm."""
    name = draw(st.sampled_from(names))
    before = draw(states((name,) if draw(st.booleans()) else ()))
    return name, before, {**before, name: at_harm(picking(draw), FACTS[name], before[name])}


@st.composite
def forgotten(draw: st.DrawFn, names: Sequence[str] = HARMS) -> tuple[str, State, State]:
    """Hypothesis: one fact of these, and a patient before and after its bad value is no longer known."""
    name, _, before = draw(harmed(names))
    return name, before, without(before, name)


def bad_alone(fact: str) -> Sequence[State]:
    """Patients in whom all is good but one fact: each of its harmful choices, or the end of its range."""
    spec, good = FACTS[fact], patients()[-1]
    bad: list[Value]
    if spec.type.kind == "boolean":
        bad = [from_bool("true" in spec.harm)]
    elif spec.type.kind == "choice":
        bad = [frozenset([choice]) for choice in spec.type.choices if choice in spec.harm]
    else:
        bad = [point(pool(fact)[0 if spec.harm == "low" else -1])]
    return [{**good, fact: each} for each in bad]


@cache
def one_harm_each() -> Sequence[State]:
    """A patient in whom all is good, and each in whom one thing is bad."""
    return [patients()[-1], *(state for name in HARMS for state in bad_alone(name))]
