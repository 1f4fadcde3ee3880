"""Every adjustment line of every agent, at its border on both sides and with what it looks at unknown.

Made from the data: a line that is added later is tried as well. The states are found by trying values on,
beside and between the thresholds of a line's condition; what a side must come to is worked out here again,
from the printed rule alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod

import pytest
from tests.unit.doses import knowledge

from trivium.core.truth import FALSE, TRUE, UNKNOWN, from_bool
from trivium.core.values import Interval, Value, point
from trivium.knowledge.checks.expressions import walk
from trivium.knowledge.dosing import Adjustment, Dosing, Regimen, Rounding
from trivium.knowledge.given import unknown_of
from trivium.logic.nodes import Compare, CriterionRef, Literal, Node, fact_names
from trivium.regimen.dose import Dose, dose
from trivium.regimen.patient import Patient

REAL = knowledge(real=True)
FACTS = REAL.pathway.facts
BODY: Mapping[str, Value] = {
    "body_weight": point(70),
    "body_height": point(170),
    "bsa": point(2),
    "ideal_body_weight": point(60),
    "adjusted_body_weight": point(64),
}
LINES = [
    (agent, dataclasses.replace(regimen, when=None), adjustment)  # for whom it is has tests of its own
    for agent in REAL.dosing.values()
    for adjustment in agent.adjustments
    for regimen in agent.regimens.values()
    if not adjustment.regimens or regimen.id in adjustment.regimens
    if not any(rule.of for rule in regimen.rules)
]
FOLLOWED = [line for line in LINES if line[2].in_force]
MOST_STATES = 4000


def named(line: tuple[Dosing, Regimen, Adjustment]) -> str:
    return f"{line[0].agent}-{line[1].id}-{line[2].id}"


def nodes(node: Node) -> Iterator[Node]:
    """A condition and the criteria behind it, node by node."""
    for each in walk(node):
        yield each
        if isinstance(each, CriterionRef):
            yield from nodes(REAL.pathway.criteria[each.name].when)


def facts_behind(node: Node) -> frozenset[str]:
    return frozenset(name for each in nodes(node) for name in fact_names(each))


def values(name: str, condition: Node) -> Sequence[Value]:
    """A fact's values that could matter: every choice, and numbers on and beside each threshold."""
    spec = FACTS[name]
    if spec.type.kind == "boolean":
        return [TRUE, FALSE]
    if spec.type.kind == "choice":
        return [frozenset((choice,)) for choice in spec.type.choices]
    found = {
        Fraction(side.value)
        for each in nodes(condition)
        if isinstance(each, Compare) and name in fact_names(each)
        for side in (each.left, each.right)
        if isinstance(side, Literal) and not isinstance(side.value, (bool, str))
    }
    step = Fraction(1) if spec.type.kind != "quantity" else Fraction(1, 1000)
    near = sorted({mark + shift for mark in found or {Fraction(1)} for shift in (-step, 0, step)})
    return [point(int(number) if spec.type.kind != "quantity" else number) for number in near]


@cache
def harmless(name: str) -> Value:
    """A value at which nothing has to be lowered, as far as the fact itself says."""
    spec = FACTS[name]
    if spec.type.kind == "boolean":
        return from_bool(spec.harm != "" and "true" not in spec.harm)
    if spec.type.kind == "choice":
        good = [choice for choice in spec.type.choices if choice not in spec.harm]
        return frozenset((good or list(spec.type.choices))[:1])
    if name in BODY:
        return BODY[name]
    return point({"low": 10_000, "high": 0}.get(str(spec.harm), 40))


def conditions(agent: Dosing, regimen: Regimen) -> list[Node]:
    found = [rule.when.node for rule in regimen.rules if rule.when]
    return found + [each.when.node for each in agent.adjustments if each.in_force]


def patient(agent: Dosing, regimen: Regimen, changes: Mapping[str, Value]) -> Patient:
    """All that the dose may look at is known and harmless, but for the changes."""
    known = {name for node in conditions(agent, regimen) for name in facts_behind(node)}
    return Patient.of_values(REAL.pathway, {**{name: harmless(name) for name in known}, **BODY, **changes})


@cache
def states(agent: str, regimen: str, adjustment: str) -> list[tuple[Mapping[str, Value], bool]]:
    """States of the facts behind one line, each with whether it holds."""
    line = next(each for each in LINES if named(each) == f"{agent}-{regimen}-{adjustment}")
    condition = line[2].when.node
    choices = {name: values(name, condition) for name in sorted(facts_behind(condition))}
    assert prod(map(len, choices.values())) <= MOST_STATES, f"too many states to try: {named(line)}"
    found: list[tuple[Mapping[str, Value], bool]] = []
    for picked in product(*choices.values()):
        state = dict(zip(choices, picked, strict=True))
        truth = patient(line[0], line[1], state).trace(condition).truth
        if truth is not UNKNOWN:
            found.append((state, truth is TRUE))
    return found


def borders(
    line: tuple[Dosing, Regimen, Adjustment],
) -> Iterator[tuple[str, Mapping[str, Value], Mapping[str, Value]]]:
    """Pairs of states that differ in one fact and between which the line begins to hold: no, yes."""
    found = states(line[0].agent, line[1].id, line[2].id)
    seen: dict[tuple[str, bool], None] = {}
    holding = [state for state, holds in found if holds]
    for state, holds in found:
        for other in holding if not holds else ():
            (differs, *more) = [name for name in state if state[name] != other[name]] or [""]
            if not more and differs and _are_near(differs, state, other) and (differs, True) not in seen:
                seen[differs, True] = None
                yield differs, state, other


def _are_near(name: str, one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    left, right = one[name], other[name]
    if not isinstance(left, Interval) or not isinstance(right, Interval):
        return True
    assert left.low is not None and right.low is not None
    return abs(Fraction(left.low) - Fraction(right.low)) <= 1


def alone(agent: Dosing, adjustment: Adjustment) -> Dosing:
    """The agent with no other line, so that what is seen is this line's doing."""
    return dataclasses.replace(agent, adjustments=(adjustment,), interactions=())


def most(found: Dose) -> float:
    return float(max((each.burden for each in found.alternatives), default=0))


def computed(agent: Dosing, regimen: Regimen, state: Mapping[str, Value]) -> float:
    """The unadjusted dose before it is rounded: what a share is a share of."""
    plain = dataclasses.replace(agent, adjustments=(), interactions=(), forms={}, house=None)
    free = dataclasses.replace(regimen, rounding=Rounding(), forms=())
    return most(dose(plain, free, patient(agent, regimen, state)))


def ceiling(agent: Dosing, regimen: Regimen, adjustment: Adjustment, unadjusted: float) -> float:
    """What the line leaves at most of the unadjusted dose, from what it prints."""
    if adjustment.avoid:
        return 0
    if adjustment.factor is not None:
        return float(adjustment.factor) * unadjusted
    if adjustment.minus is not None:
        return unadjusted
    assert adjustment.to is not None
    amount, unit = float(adjustment.to.amount.high), adjustment.to.amount.unit
    if unit.endswith("/kg"):
        weight = BODY[{"actual": "body_weight", "ideal": "ideal_body_weight"}[adjustment.to.weight]]
        assert isinstance(weight, Interval)
        assert weight.low is not None
        amount *= float(weight.low)
    schedule = adjustment.to_schedule or regimen.schedule
    times = float(schedule.times_per_day or 1)
    if schedule.times_per_day is None and schedule.every_days and not schedule.on_days:
        times = 1 / schedule.every_days[0]
    return amount * (times if adjustment.to.per == "administration" else 1)


@pytest.mark.parametrize("line", FOLLOWED, ids=named)
def test_on_both_sides_of_every_border(line: tuple[Dosing, Regimen, Adjustment]) -> None:
    agent, regimen, adjustment = line
    pairs = list(borders(line))
    assert pairs, "no state at which this line begins to hold: it can never be reached, or always holds"
    tried = 0
    for _, without, with_it in pairs:
        single = alone(agent, adjustment)
        before, after = (
            dose(single, regimen, patient(agent, regimen, state)) for state in (without, with_it)
        )
        if "not_for" in (before.status, after.status):
            continue  # a tier turns with the same fact
        tried += 1
        free = dose(
            dataclasses.replace(agent, adjustments=(), interactions=()),
            regimen,
            patient(agent, regimen, with_it),
        )
        bare = dose(
            dataclasses.replace(agent, adjustments=(), interactions=()),
            regimen,
            patient(agent, regimen, without),
        )
        assert [str(each.trace.truth) for each in before.adjustments] == ["false"]
        assert [str(each.trace.truth) for each in after.adjustments] == ["true"]
        assert most(before) == most(bare), "a line that does not hold changes nothing"
        assert most(after) <= most(free)
        left = ceiling(agent, regimen, adjustment, computed(agent, regimen, with_it))
        assert most(after) <= max(left, 0) + 1e-9
        assert adjustment.avoid == (after.status == "avoid")
    assert tried


@pytest.mark.parametrize("line", FOLLOWED, ids=named)
def test_unknown_keeps_both_sides_and_asks(line: tuple[Dosing, Regimen, Adjustment]) -> None:
    agent, regimen, adjustment = line
    single = alone(agent, adjustment)
    tried = 0
    for name, without, with_it in borders(line):
        before, after = (
            dose(single, regimen, patient(agent, regimen, state)) for state in (without, with_it)
        )
        lost = {**with_it, name: unknown_of(FACTS[name].type)}
        open_one = dose(single, regimen, patient(agent, regimen, lost))
        if (
            "not_for" in (before.status, after.status)
            or str(open_one.adjustments[0].trace.truth) != "unknown"
        ):
            continue
        tried += 1
        shown = {tuple(s.given for s in each.settled) for each in open_one.alternatives}
        for side in (before, after):
            assert {tuple(s.given for s in each.settled) for each in side.alternatives} <= shown
        assert open_one.alternatives[-1].burden <= after.alternatives[-1].burden
        assert name in {fact for ask in open_one.questions for fact in _stands_for(ask.fact)}
    assert tried or _tests_knowledge(adjustment), "no fact whose loss leaves this line open"


def _stands_for(fact: str) -> set[str]:
    """A fact that is asked for, and those derived from it."""
    found = {fact}
    for name, spec in FACTS.items():
        inputs = spec.retrieval.options.get("inputs")
        if isinstance(inputs, Mapping) and found & set(inputs.values()):
            found |= {name}
    return found


def _tests_knowledge(adjustment: Adjustment) -> bool:
    """Whether a criterion behind it decides what an unknown fact stands for, with a stated reason."""
    return any(
        isinstance(each, CriterionRef) and REAL.pathway.criteria[each.name].reason
        for each in nodes(adjustment.when.node)
    )


@pytest.mark.parametrize("line", LINES, ids=named)
def test_a_differing_source_never_lowers_anything(line: tuple[Dosing, Regimen, Adjustment]) -> None:
    agent, regimen, adjustment = line
    for state, holds in states(agent.agent, regimen.id, adjustment.id):
        if holds and not adjustment.in_force:
            someone = patient(agent, regimen, state)
            shown = dose(alone(agent, adjustment), regimen, someone)
            free = dose(dataclasses.replace(agent, adjustments=(), interactions=()), regimen, someone)
            assert shown.alternatives == free.alternatives
            assert [each.adjustment.id for each in shown.other_sources] == [adjustment.id]


class TestTheDataItself:
    """What the engine needs of every agent, so that none is left out of a dose in silence."""

    def test_a_printed_amount_can_be_compared_with_the_regimen_it_replaces(self) -> None:
        wrong = []
        for agent, regimen, adjustment in LINES:
            if adjustment.to is None:
                continue
            schedule = adjustment.to_schedule or regimen.schedule
            split = {rule.per == "course" for rule in (*regimen.rules, adjustment.to)}
            listed = {bool(each.on_days or each.over_days) for each in (schedule, regimen.schedule)}
            if len(split) > 1 or len(listed) > 1:
                wrong.append((agent.agent, regimen.id, adjustment.id))
        assert wrong == []

    def test_a_daily_amount_is_never_taken_on_fewer_than_all_days(self) -> None:
        for agent in REAL.dosing.values():
            for regimen in agent.regimens.values():
                times = regimen.schedule.times_per_day
                if any(rule.per == "day" for rule in regimen.rules):
                    assert times is None or times >= 1, (agent.agent, regimen.id)

    def test_an_agent_in_tablets_and_vials_says_which_each_regimen_takes(self) -> None:
        for agent in REAL.dosing.values():
            kinds = {form.kind in ("tablet", "capsule", "sachet") for form in agent.forms.values()}
            vials = any(form.kind == "vial" for form in agent.forms.values())
            if len(kinds) > 1 and vials:
                for regimen in agent.regimens.values():
                    assert regimen.forms, (agent.agent, regimen.id)

    def test_no_dose_rests_on_a_limit_that_it_breaks_by_itself(self) -> None:
        """A fixed dose above its own maximum would be limited every time: the data contradict themselves."""
        for agent in REAL.dosing.values():
            for regimen in agent.regimens.values():
                if all("/" not in rule.amount.unit and not rule.of for rule in regimen.rules):
                    found = dose(
                        dataclasses.replace(agent, adjustments=(), interactions=()),
                        regimen,
                        patient(agent, regimen, {}),
                    )
                    assert found.over == (), (agent.agent, regimen.id)
