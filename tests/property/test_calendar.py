"""Random calendars: what is found keeps its rules and is the best there is; what clashes is named minimally.

Small problems are held against every calendar that there could be.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from trivium.regimen.calendar.check import Placed, check, shortfall
from trivium.regimen.calendar.conflicts import clash, solve
from trivium.regimen.calendar.model import (
    NEVER_SOFT,
    Activity,
    Apart,
    Calendar,
    Capacity,
    Clash,
    Clock,
    Closed,
    DifferentDays,
    Early,
    Gap,
    Keep,
    OneAtATime,
    Problem,
    Rule,
    SameDay,
    Series,
    Slot,
    Stock,
    Weekdays,
    Window,
)
from trivium.regimen.calendar.solve import find


def examples(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


MOST = 3  # activities that every calendar of is tried
KINDS = (
    Gap,
    Apart,
    Series,
    SameDay,
    DifferentDays,
    Window,
    Weekdays,
    Closed,
    Capacity,
    Stock,
    OneAtATime,
)


@st.composite
def activities(draw: st.DrawFn, index: int, days: int) -> Activity:
    needs = {"vials": draw(st.integers(0, 2))}
    if draw(st.booleans()):
        opens = draw(st.integers(7, 9))
        lasts = draw(st.integers(1, 3))
        clock = Clock(opens, opens + lasts + draw(st.integers(0, 1)), lasts)
        return Activity(f"a{index}", f"A {index}", clock=clock, needs=needs)
    return Activity(f"a{index}", f"A {index}", days=draw(st.integers(1, min(2, days))), needs=needs)


@st.composite
def rules(draw: st.DrawFn, index: int, names: list[str], days: int) -> Rule:
    """One rule that, alone, can mostly be kept: clashes then come from several together."""
    kind = draw(st.sampled_from(KINDS))
    soft = draw(st.integers(0, 2)) == 0 and kind not in NEVER_SOFT
    number = index // draw(st.integers(1, 2))  # now and then two rules are one clause
    common: dict[str, Any] = {
        "id": f"{'soft' if soft else 'hard'} {number}",
        "words": f"rule {number}",
        "soft": soft,
        "weight": draw(st.integers(1, 3)) if soft else 1,
    }
    some = tuple(draw(st.permutations(names)))[: draw(st.integers(2, len(names)))]
    bound = st.none() | st.integers(0, days - 1)
    if kind is Gap:
        scale = draw(st.sampled_from((1, 20)))
        low, high = sorted_bounds(draw(bound), draw(bound))
        return Gap(
            first=some[0],
            then=some[1],
            at_least=None if low is None else low * scale,
            at_most=None if high is None else high * scale + 4 * (scale - 1),
            unit="d" if scale == 1 else "h",
            start=draw(st.booleans()),
            **common,
        )
    if kind is Apart:
        hours = st.integers(0, 40)
        return Apart(first=some[0], other=some[1], hours=draw(hours), reverse=draw(hours), **common)
    if kind is Series:
        steps = [sorted((draw(st.integers(0, 2)), draw(st.integers(0, 2)))) for _ in some[1:]]
        return Series(activities=some, steps=tuple((low, high) for low, high in steps), **common)
    if kind is SameDay:
        return SameDay(activities=some, **common)
    if kind is DifferentDays:
        return DifferentDays(activities=some, **common)
    if kind is Window:
        low, high = sorted_bounds(draw(bound), draw(bound))
        return Window(activity=some[0], earliest=low, latest=high, **common)
    if kind is Weekdays:
        allowed = frozenset(draw(st.sets(st.integers(0, 6), min_size=4)))
        return Weekdays(activities=some, allowed=allowed, **common)
    if kind is Closed:
        return Closed(
            activities=some,
            days=frozenset(draw(st.sets(st.integers(0, days - 1), max_size=days - 1))),
            **common,
        )
    if kind is Capacity:
        return Capacity(resource="vials", per_day=draw(st.integers(1, 3)), **common)
    if kind is Stock:
        arrival = st.tuples(st.integers(0, days - 1), st.integers(2, 4))
        return Stock(
            resource="vials", arrivals=tuple(draw(st.lists(arrival, min_size=1, max_size=3))), **common
        )
    return OneAtATime(activities=some, **common)


def sorted_bounds(one: int | None, two: int | None) -> tuple[int | None, int | None]:
    return (two, one) if one is not None and two is not None and two < one else (one, two)


@st.composite
def problems(draw: st.DrawFn, most_activities: int = MOST, most_rules: int = 5) -> Problem:
    days = draw(st.integers(3, 6))
    count = draw(st.integers(2, most_activities))
    things = tuple(draw(activities(index, days)) for index in range(count))
    names = [thing.id for thing in things]
    found = tuple(
        draw(rules(index, names, days)) for index in range(draw(st.integers(most_rules // 2, most_rules)))
    )
    soft = [rule.id for rule in found if rule.soft]
    aims: list[Early | Keep] = []
    if draw(st.booleans()):
        aims.append(Early((draw(st.sampled_from(names)),)))
    if soft and not draw(st.booleans()):
        aims.append(Keep(tuple(draw(st.permutations(soft)))[:2]))
    start = datetime.date(2026, 1, 1) + datetime.timedelta(draw(st.integers(0, 6)))
    return Problem(start, days, things, found, tuple(aims))


def every_calendar(problem: Problem) -> Iterator[dict[str, Slot]]:
    """All slots of all activities, whether they keep a rule or not."""
    choices = []
    for thing in problem.activities:
        days = range(problem.days - thing.days + 1)
        if thing.clock is None:
            choices.append([Slot(day) for day in days])
        else:
            hours = range(thing.clock.opens, thing.clock.closes - thing.clock.lasts + 1)
            choices.append([Slot(day, hour) for day in days for hour in hours])
    for slots in product(*choices):
        yield {thing.id: slot for thing, slot in zip(problem.activities, slots, strict=True)}


def value(problem: Problem, slots: dict[str, Slot]) -> tuple[int, ...] | None:
    """How well these slots serve the aims, smaller is better; None when a hard rule is broken."""
    placed = {
        thing.id: Placed(thing, slots[thing.id].day, slots[thing.id].hour) for thing in problem.activities
    }
    missed = [(rule, shortfall(problem, rule, placed)) for rule in problem.rules]
    if any(amount and not rule.soft for rule, amount in missed):
        return None
    starts = {name: slot.day * 24 + (slot.hour or 0) for name, slot in slots.items()}
    found = []
    for aim in problem.all_aims():
        if isinstance(aim, Early):
            found.append(sum(starts[name] for name in aim.activities))
        else:
            found.append(sum(amount * rule.weight for rule, amount in missed if rule.id in aim.clauses))
    found.append(max(item.days[-1] for item in placed.values()))
    found.append(sum(starts.values()))
    return tuple(found)


@examples(150)
@given(problems())
def test_what_is_found_keeps_its_rules_and_no_calendar_is_better(problem: Problem) -> None:
    found = find(problem)
    values = [reached for slots in every_calendar(problem) if (reached := value(problem, slots)) is not None]
    event("a calendar" if found else "none")  # both must be common
    if found is None:
        assert values == []
        return
    assert check(problem, found) == ()
    assert found.proven
    assert value(problem, dict(found.slots)) == min(values)


@examples(60)
@given(problems(most_activities=6, most_rules=9))
def test_larger_calendars_keep_their_rules_and_come_out_the_same_twice(problem: Problem) -> None:
    found = solve(problem)
    if isinstance(found, Calendar):
        assert check(problem, found) == ()
    assert solve(problem) == found


@examples(120)
@given(problems(most_activities=4, most_rules=8).filter(lambda problem: find(problem) is None))
def test_the_clash_named_is_minimal_and_the_smallest(problem: Problem) -> None:
    found = clash(problem)
    hard = frozenset(problem.clauses(soft=False))
    core = frozenset(found.clauses)
    event(f"{len(core)} clauses clash")
    assert isinstance(found, Clash)
    assert found.smallest
    assert core <= hard
    assert not exists(problem, core)
    for name in core:
        assert exists(problem, core - {name})
    for size in range(1, len(core)):
        assert all(exists(problem, frozenset(fewer)) for fewer in combinations(sorted(hard), size))
    assert {name for name in core if exists(problem, hard - {name})} == set(found.lifted_by)
    assert exists(problem, hard - set(found.give_up))
    for size in range(len(found.give_up)):
        assert not any(exists(problem, hard - set(fewer)) for fewer in combinations(sorted(hard), size))


@examples(40)
@given(problems(most_activities=4, most_rules=8).filter(lambda problem: find(problem) is None))
def test_without_the_time_to_find_the_smallest_the_clash_still_cannot_be_reduced(problem: Problem) -> None:
    found = clash(problem, rounds=0)
    assert not found.smallest
    assert not exists(problem, frozenset(found.clauses))
    for name in found.clauses:
        assert exists(problem, frozenset(found.clauses) - {name})


def exists(problem: Problem, kept: frozenset[str]) -> bool:
    """Whether a calendar keeps these hard clauses, the others dropped."""
    return find(problem.without(frozenset(problem.clauses(soft=False)) - kept)) is not None
