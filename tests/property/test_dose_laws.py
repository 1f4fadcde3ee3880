"""Laws of doses over the real content: harm and unknown never raise, order and units mean nothing."""

from __future__ import annotations

import dataclasses
import random
from fractions import Fraction

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.property.doses import (
    ACCEPTED,
    FACTS,
    REAL,
    REGIMENS,
    SIZES,
    harmed,
    looked_at,
    name_of,
    sizes,
    states,
)
from tests.unit.doses import dosed

from trivium.core.truth import UNKNOWN
from trivium.core.values import Interval, Value
from trivium.knowledge.dosing import Dosing, Regimen
from trivium.knowledge.given import unknown_of
from trivium.regimen.amounts import basis, in_unit
from trivium.regimen.dosage import size_fact
from trivium.regimen.dose import Dose, dose
from trivium.regimen.patient import Patient

often = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def found(agent: Dosing, regimen: Regimen, state: dict[str, Value]) -> Dose:
    free = dataclasses.replace(regimen, when=None)
    return dose(agent, free, Patient.of_values(REAL.pathway, state))


def most(result: Dose) -> Fraction:
    return max((each.burden for each in result.alternatives), default=Fraction(0))


def least(result: Dose) -> Fraction:
    return min((_lowest(result, index) for index in range(len(result.alternatives))), default=Fraction(0))


def _lowest(result: Dose, index: int) -> Fraction:
    alternative = result.alternatives[index]
    amounts = [
        each.given.burden("course" if each.given.per == "course" else "day")
        if each.given is not None
        else Fraction(0)
        for each in alternative.settled
    ]
    return min(amounts, default=Fraction(0))


@st.composite
def moved(draw: st.DrawFn) -> tuple[Dosing, Regimen, str, dict[str, Value], dict[str, Value]]:
    """A regimen, and a patient before and after one fact moved towards its harm."""
    agent, regimen = draw(st.sampled_from(REGIMENS))
    before = draw(states(agent, regimen))
    marks = looked_at(agent.agent, regimen.id)
    movable = [
        name for name in before if FACTS[name].harm and f"{name}: {name_of(agent, regimen)}" not in ACCEPTED
    ]
    assume(movable)
    name = draw(st.sampled_from(movable))
    after = draw(harmed(name, marks.get(name, ()), before[name]))
    assume(after is not None and after != before[name])
    assert after is not None
    return agent, regimen, name, before, {**before, name: after}


@often
@given(moved())
def test_moving_a_fact_towards_harm_never_raises_a_dose(
    drawn: tuple[Dosing, Regimen, str, dict[str, Value], dict[str, Value]],
) -> None:
    agent, regimen, _, before, after = drawn
    first, second = found(agent, regimen, before), found(agent, regimen, after)
    assert most(second) <= most(first)
    assert least(second) <= least(first)


@st.composite
def forgotten(draw: st.DrawFn) -> tuple[Dosing, Regimen, dict[str, Value], dict[str, Value]]:
    """A regimen, and a patient before and after one fact is no longer known."""
    agent, regimen = draw(st.sampled_from(REGIMENS))
    before = draw(states(agent, regimen))
    names = [
        name
        for name in looked_at(agent.agent, regimen.id)
        if name not in SIZES and f"{name}: {name_of(agent, regimen)}" not in ACCEPTED
    ]
    assume(names)
    name = draw(st.sampled_from(names))
    return agent, regimen, before, {**before, name: unknown_of(FACTS[name].type)}


@often
@given(forgotten())
def test_a_known_value_replaced_by_unknown_never_raises_the_cautious_dose(
    drawn: tuple[Dosing, Regimen, dict[str, Value], dict[str, Value]],
) -> None:
    agent, regimen, before, after = drawn
    first, second = found(agent, regimen, before), found(agent, regimen, after)
    assert least(second) <= least(first)


@st.composite
def anyone(draw: st.DrawFn) -> tuple[Dosing, Regimen, dict[str, Value]]:
    agent, regimen = draw(st.sampled_from(REGIMENS))
    return agent, regimen, draw(states(agent, regimen))


@often
@given(anyone(), st.integers(0, 10**6))
def test_the_order_of_adjustments_and_limits_never_matters(
    drawn: tuple[Dosing, Regimen, dict[str, Value]], seed: int
) -> None:
    agent, regimen, state = drawn
    chance = random.Random(seed)
    lines, limits = list(agent.adjustments), list(regimen.limits)
    chance.shuffle(lines)
    chance.shuffle(limits)
    shuffled = found(
        dataclasses.replace(agent, adjustments=tuple(lines)),
        dataclasses.replace(regimen, limits=tuple(limits)),
        state,
    )
    plain = found(agent, regimen, state)
    assert [[each.given for each in one.settled] for one in shuffled.alternatives] == [
        [each.given for each in one.settled] for one in plain.alternatives
    ]


@often
@given(anyone())
def test_no_dose_is_above_a_maximum_and_what_is_limited_is_said(
    drawn: tuple[Dosing, Regimen, dict[str, Value]],
) -> None:
    agent, regimen, state = drawn
    result = found(agent, regimen, state)
    for alternative in result.alternatives:
        for settled in alternative.settled:
            for limit in regimen.limits:
                unit, by = basis(limit.amount.unit)
                if settled.given is None or by:
                    continue
                most_allowed = in_unit(limit.amount.high, unit, settled.given.unit)
                amount = {"administration": settled.given.single, "day": settled.given.day}.get(
                    limit.per, settled.given.course
                )
                assert amount <= most_allowed
            if settled.over:
                assert any(step.kind == "limited" for step in settled.steps)


@often
@given(
    st.sampled_from([each for each in REGIMENS if each[0].agent == "tofacitinib"]).flatmap(
        lambda each: st.tuples(st.just(each), states(*each))
    )
)
def test_tofacitinib_is_never_above_20_mg_a_day(
    drawn: tuple[tuple[Dosing, Regimen], dict[str, Value]],
) -> None:
    (agent, regimen), state = drawn
    assert most(found(agent, regimen, state)) <= 20


@often
@given(anyone())
def test_an_unreduced_dose_is_amount_times_size_within_its_rounding(
    drawn: tuple[Dosing, Regimen, dict[str, Value]],
) -> None:
    agent, regimen, state = drawn
    bare = dataclasses.replace(agent, adjustments=())
    free = dataclasses.replace(regimen, limits=())
    (rule, *more) = regimen.rules
    assume(not more and rule.amount.low == rule.amount.high)
    result = found(bare, free, state)
    fact = size_fact(rule.amount, rule.weight)
    size = state.get(fact)
    for settled in result.alternatives[0].settled if result.alternatives else ():
        given_dose = settled.given
        if given_dose is None or not settled.is_possible:
            continue
        low, high = (size.low, size.high) if isinstance(size, Interval) else (1, 1)
        assert low is not None
        assert high is not None
        ends = [rule.amount.low * Fraction(end) for end in (low, high)]
        computed = settled.computed.amount
        assert computed in ends
        share = given_dose.burden(
            "course" if given_dose.per == "course" else "day"
        ) / settled.computed.burden("course" if given_dose.per == "course" else "day")
        step = regimen.rounding.to
        forms = [form for form in agent.forms.values() if not regimen.forms or form.id in regimen.forms]
        smallest = min(
            (in_unit(form.amount.low, form.amount.unit, given_dose.unit) for form in forms), default=0
        )
        tolerance = max(in_unit(step.low, step.unit, given_dose.unit) if step else 0, smallest)
        if agent.house is not None:  # three digits, of what has no form or is drawn
            tolerance = max(
                tolerance, settled.computed.amount * Fraction(1, 2 * 10 ** (agent.house.digits - 1))
            )
        assert abs(share - 1) * settled.computed.single <= tolerance


@often
@given(anyone())
def test_what_is_shown_adds_up(drawn: tuple[Dosing, Regimen, dict[str, Value]]) -> None:
    """Units times contents are the amount and what is left over; the cautious alternative is the lowest."""
    agent, regimen, state = drawn
    result = found(agent, regimen, state)
    burdens = [alternative.burden for alternative in result.alternatives]
    assert burdens == sorted(burdens, reverse=True)
    for alternative in result.alternatives:
        for settled in alternative.settled:
            made = settled.made_of
            if made is not None and made.units:
                total = sum(
                    number * in_unit(form.amount.low, form.amount.unit, made.unit)
                    for form, number in made.units
                )
                assert total - made.amount == made.waste >= 0


@often
@given(anyone())
def test_what_stays_open_is_asked_for(drawn: tuple[Dosing, Regimen, dict[str, Value]]) -> None:
    agent, regimen, state = drawn
    result = found(agent, regimen, state)
    if result.status == "open":
        assert result.questions
    for looked in result.adjustments:
        if looked.trace.truth is UNKNOWN:
            assert any(looked.adjustment.text in ask.decides for ask in result.questions)


WEIGHTS = st.decimals(30, 200, places=1)


@settings(max_examples=60, deadline=None)
@given(WEIGHTS, st.decimals(140, 210, places=0), st.sampled_from(["drip", "globulin", "titrated"]))
def test_changing_units_changes_nothing(weight: object, height: object, agent: str) -> None:
    one = dosed(agent, body_weight=f"{weight} kg", body_height=f"{height} cm")
    grams = Fraction(str(weight)) * 1000
    other = dosed(agent, body_weight=f"{int(grams)} g", body_height=f"{Fraction(str(height)) * 10} mm")
    assert one.alternatives == other.alternatives


def test_every_regimen_is_drawn_with_the_sizes_it_needs() -> None:
    assert len(REGIMENS) > 50
    needed = {name for agent, regimen in REGIMENS for name in sizes(agent.agent, regimen.id)}
    assert needed <= set(SIZES)
