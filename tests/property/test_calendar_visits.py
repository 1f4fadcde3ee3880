"""Random tests around fixed treatments: fewer visits, rules kept, close to the fewest that there are."""

from __future__ import annotations

import datetime
from itertools import combinations
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from tests.property.test_calendar import examples

from trivium.regimen.calendar.check import check
from trivium.regimen.calendar.model import Activity, Calendar, Gap, Problem, Rule, Series, Slot, Window
from trivium.regimen.calendar.solve import find
from trivium.regimen.calendar.together import together, visits

LENGTH = 16
START = datetime.date(2026, 3, 6)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, dict[str, int]]:
    """Some doses on fixed days, single tests in windows or at distances, tests that repeat until a day."""
    kinds = ("infusion", "procedure", "review")
    doses = [
        Activity(f"d{index}", "dose", draw(st.sampled_from(kinds)), f"drug {index}")
        for index in range(draw(st.integers(1, 3)))
    ]
    rules: list[Rule] = []
    for dose in doses:
        day = draw(st.integers(0, LENGTH - 1))
        rules.append(Window(id=dose.id, words="", activity=dose.id, earliest=day, latest=day))
    tests: list[Activity] = []
    until: dict[str, int] = {}
    for index in range(draw(st.integers(1, 4))):
        first = Activity(f"t{index}", "test", "test", "drug")
        tests.append(first)
        rules.append(draw(_placed(f"t{index}", [dose.id for dose in doses])))
        if draw(st.booleans()):
            least = draw(st.integers(1, 4))
            most = least + draw(st.integers(0, 3))
            more = [Activity(f"t{index}.{n}", "test", "test", "drug") for n in range(draw(st.integers(1, 4)))]
            tests += more
            names = tuple(one.id for one in (first, *more))
            steps = ((least, most),) * len(more)
            rules.append(Series(id=f"series {index}", words="", activities=names, steps=steps))
            last = draw(st.integers(LENGTH // 2, LENGTH))
            until |= {one.id: last for one in more}
    return Problem(START, 2 * LENGTH, (*doses, *tests), tuple(rules)), until


@st.composite
def _placed(draw: st.DrawFn, name: str, doses: list[str]) -> Rule:
    soft = draw(st.booleans())
    common: dict[str, Any] = {"id": f"{name} placed", "words": "", "soft": soft}
    least = draw(st.integers(0, 8))
    most = least + draw(st.integers(0, 6))
    match draw(st.integers(0, 2)):
        case 0:
            return Window(activity=name, earliest=least, latest=most, **common)
        case 1:
            return Gap(first=draw(st.sampled_from(doses)), then=name, at_least=least, at_most=most, **common)
        case _:
            return Gap(first=name, then=draw(st.sampled_from(doses)), at_least=0, at_most=most, **common)


@examples(200)
@given(problems())
def test_tests_come_together_and_nothing_else_changes(made: tuple[Problem, dict[str, int]]) -> None:
    problem, until = made
    calendar = find(problem)
    if calendar is None:
        event("no calendar")
        return
    found = together(problem, calendar, until, frozenset())
    assert check(problem, found) == ()
    assert found.broken == calendar.broken
    before, after = visits(problem, calendar, until), visits(problem, found, until)
    event("fewer visits" if len(after) < len(before) else "as many visits")
    assert len(after) <= len(before)
    assert found == calendar or len(after) < len(before)
    for activity in problem.activities:
        if activity.kind != "test":
            assert found.slots[activity.id] == calendar.slots[activity.id]
    assert together(problem, calendar, until, frozenset()) == found
    shut = frozenset(day for day in range(2 * LENGTH) if day % 7 > 4)
    kept = together(problem, calendar, until, shut)
    assert check(problem, kept) == () and len(visits(problem, kept, until)) <= len(before)


@examples(120)
@given(problems())
def test_few_visits_more_than_the_fewest_that_there_are(made: tuple[Problem, dict[str, int]]) -> None:
    """Held against every set of days: one visit more at most, and that seldom."""
    problem, until = made
    calendar = find(problem)
    if (
        calendar is None
        or calendar.broken
        or any(activity.kind == "procedure" for activity in problem.activities)
    ):
        return
    found = len(visits(problem, together(problem, calendar, until, frozenset()), until))
    fewest = fewest_visits(problem, calendar, until)
    event(f"{found - fewest} more than the fewest")
    assert fewest <= found <= fewest + 1


def fewest_visits(problem: Problem, calendar: Calendar, until: dict[str, int]) -> int:
    """By trying all: the smallest set of days, those of the treatments in it, at which all tests can be."""
    fixed = {calendar.slots[one.id].day for one in problem.activities if one.kind != "test"}
    others = [day for day in range(problem.days) if day not in fixed]
    for more in range(len(others)):
        for days in combinations(others, more):
            if possible(problem, calendar, until, fixed.union(days)):
                return len(fixed) + more
    raise AssertionError


def possible(problem: Problem, calendar: Calendar, until: dict[str, int], days: set[int]) -> bool:
    series = {rule.activities[0]: rule for rule in problem.rules if isinstance(rule, Series)}
    tests = [one.id for one in problem.activities if one.kind == "test" and one.id not in until]
    return all(_fits(problem, calendar, until, days, name, series.get(name)) for name in tests)


def _fits(
    problem: Problem,
    calendar: Calendar,
    until: dict[str, int],
    days: set[int],
    name: str,
    series: Series | None,
) -> bool:
    """Day by day, every way in which a test and those that repeat it can be at these days."""
    (rule,) = [one for one in problem.rules if one.id == f"{name} placed"]
    reached = set()
    for day in days:
        slots = {**calendar.slots, name: Slot(day)}
        moved = Problem(problem.start, problem.days, problem.activities, (rule,))
        if check(moved, Calendar(slots, {})) == ():
            reached.add(day)
    if series is None:
        return bool(reached)
    for one, (least, most) in zip(series.activities[1:], series.steps, strict=True):
        nexts = {day + step for day in reached for step in range(least, most + 1)}
        reached = {day for day in nexts if day < problem.days and (day in days or day > until[one])}
    return bool(reached)
