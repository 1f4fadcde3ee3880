"""Tests whose windows share a day are done together: as few visits as a greedy search finds.

A step after the solver. What is given, and every rule of the problem, stays as it is; a test moves inside its
window alone, and the calendar that comes out is held against the rules once more by `check`. It must not
know what a test is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trivium.regimen.calendar.days import between, each, first, last, mask, plus, spread, up_to
from trivium.regimen.calendar.model import (
    Activity,
    Calendar,
    Gap,
    Problem,
    Rule,
    Series,
    Slot,
    Window,
    names,
)

_COMES_FOR = ("infusion", "procedure", "review", "other")


@dataclass(frozen=True, slots=True)
class _Chain:
    """Tests of which each follows the one before it by so many days; most often a single one.

    `allowed`: the days on which each may be. `lapsed`: those on which it is due no more, so that it makes
    no visit. `late`: of two visits the later is taken.
    """

    tests: tuple[str, ...]
    allowed: tuple[int, ...]
    lapsed: tuple[int, ...]
    steps: tuple[tuple[int, int], ...]
    late: bool

    def reached(self, visits: int) -> list[int]:
        """The days of each test when it may be at visits alone, until one has none left."""
        found = [self.allowed[0] & visits]
        for (least, most), allowed, lapsed in zip(self.steps, self.allowed[1:], self.lapsed[1:], strict=True):
            if not found[-1]:
                break
            found.append(spread(found[-1], least, most) & allowed & (visits | lapsed))
        return found

    def is_kept(self, visits: int) -> bool:
        return bool(self.reached(visits)[-1])

    def wanting(self, visits: int) -> int:
        """The days of which one more visit takes it further; 0 when none does."""
        *before, _ = self.reached(visits)
        if not before:
            return self.allowed[0]
        least, most = self.steps[len(before) - 1]
        return spread(before[-1], least, most) & self.allowed[len(before)]

    def days(self, visits: int) -> list[int]:
        """A day for each test: the first visits that serve, or the last."""
        reached = self.reached(visits)
        for index in reversed(range(len(self.steps))):
            least, most = self.steps[index]
            reached[index] &= spread(reached[index + 1], -most, -least)
        chosen = [last(reached[0]) if self.late else first(reached[0])]
        for (least, most), days in zip(self.steps, reached[1:], strict=True):
            chosen.append(first(spread(1 << chosen[-1], least, most) & days))
        return chosen


def together(
    problem: Problem, calendar: Calendar, until: Mapping[str, int], shut: frozenset[int]
) -> Calendar:
    """The same calendar with its tests at fewer visits; the same one where none can be saved.

    Shapes:  `until`: for a test that repeats the last day on which it is still due. `shut`: days that a visit
             made for tests alone keeps away from where it can.
    """
    movable = _movable(problem, calendar)
    chains = tuple(_chains(problem, calendar, movable, until))
    moved = {name for chain in chains for name in chain.tests}
    fixed = mask(_visited(problem, calendar, frozenset(moved), until))
    visits = _fewest(chains, fixed, mask(shut), calendar)
    now = _visited(problem, calendar, frozenset(), until)
    if visits.bit_count() >= len(now):
        return calendar
    slots = dict(calendar.slots)
    for chain in chains:
        slots |= {name: Slot(day) for name, day in zip(chain.tests, chain.days(visits), strict=True)}
    return replace(calendar, slots=slots)


def visits(problem: Problem, calendar: Calendar, until: Mapping[str, int]) -> tuple[int, ...]:
    """The days on which the patient comes, for a treatment, a review or a test."""
    return tuple(sorted(_visited(problem, calendar, frozenset(), until)))


def _visited(problem: Problem, calendar: Calendar, but: frozenset[str], until: Mapping[str, int]) -> set[int]:
    """Days with something to come for; what is taken at home is no visit, nor what is due no more."""
    return {
        day
        for activity in problem.activities
        if activity.id not in but and _is_visit(activity)
        if (day := calendar.slots[activity.id].day) <= until.get(activity.id, day)
    }


def _is_visit(activity: Activity) -> bool:
    is_home = activity.days > 1 or activity.goes_on
    return (activity.kind in _COMES_FOR and not is_home) or (activity.kind == "test" and activity.days == 1)


# ── What may move, and where ──


def _movable(problem: Problem, calendar: Calendar) -> frozenset[str]:
    """Tests that nothing binds but windows, distances in days to what stays, and their own series."""
    tests = {
        activity.id
        for activity in problem.activities
        if activity.kind == "test" and activity.days == 1 and activity.clock is None and not activity.needs
    }
    series: set[str] = set()
    for rule in problem.rules:
        named = tests.intersection(names(rule))
        is_second = isinstance(rule, Series) and bool(named & series)
        if not _is_plain(rule, named) or calendar.broken.get(rule.id) or is_second:
            tests -= named
        if isinstance(rule, Series):
            series |= named
    for rule in problem.rules:
        if isinstance(rule, Series) and not tests.issuperset(rule.activities):
            tests -= set(rule.activities)
    return frozenset(tests)


def _is_plain(rule: Rule, named: set[str]) -> bool:
    match rule:
        case Window():
            return True
        case Gap():
            return rule.unit == "d" and len(named) < 2
        case Series():
            return len(named) == len(rule.activities)
        case _:
            return not named


def _chains(
    problem: Problem, calendar: Calendar, movable: frozenset[str], until: Mapping[str, int]
) -> Iterator[_Chain]:
    allowed = _allowed(problem, calendar, movable)
    whole = (1 << problem.days) - 1
    late = _late(problem, movable)
    single = set(movable)
    for rule in problem.rules:
        if isinstance(rule, Series) and movable.issuperset(rule.activities):
            single -= set(rule.activities)
            # Room is left for what comes after, so that the last ones still lie inside the calendar.
            after = [sum(least for least, _ in rule.steps[index:]) for index in range(len(rule.activities))]
            yield _Chain(
                rule.activities,
                tuple(
                    allowed[name] & (whole >> room) for name, room in zip(rule.activities, after, strict=True)
                ),
                tuple(whole & ~up_to(until.get(name, problem.days)) for name in rule.activities),
                rule.steps,
                late=False,
            )
    for name in (activity.id for activity in problem.activities if activity.id in single):
        yield _Chain((name,), (allowed[name],), (0,), (), name in late)


def _allowed(problem: Problem, calendar: Calendar, movable: frozenset[str]) -> dict[str, int]:
    """By test the days that its windows and its distances leave, as what is not moved stands."""
    found = dict.fromkeys(movable, (1 << problem.days) - 1)
    longer = {activity.id: activity.days - 1 for activity in problem.activities}
    sessions = sorted(
        calendar.slots[activity.id].day for activity in problem.activities if activity.kind == "procedure"
    )
    for rule in problem.rules:
        if isinstance(rule, Window) and rule.activity in movable:
            found[rule.activity] &= between(rule.earliest, rule.latest)
        elif isinstance(rule, Gap) and rule.then in movable:
            day = calendar.slots[rule.first].day + (0 if rule.start else longer[rule.first])
            found[rule.then] &= between(plus(day, rule.at_least), plus(day, rule.at_most))
        elif isinstance(rule, Gap) and rule.first in movable:
            day = calendar.slots[rule.then].day
            found[rule.first] &= between(plus(day, rule.at_most, -1), plus(day, rule.at_least, -1))
            found[rule.first] &= _beside(sessions, calendar.slots[rule.first].day)
    return found


def _beside(sessions: Sequence[int], day: int) -> int:
    """The days with no session between them and this one: an exchange changes what is drawn after it."""
    before = max((one for one in sessions if one < day), default=-1)
    after = min((one for one in sessions if one >= day), default=None)
    return between(before + 1, after)


def _late(problem: Problem, movable: frozenset[str]) -> frozenset[str]:
    """Tests before a later dose of an agent: the latest visit is the freshest. Before a first dose the
    earliest stays, so that its result is there."""
    firsts: dict[tuple[str, str], str] = {}
    for activity in problem.activities:
        firsts.setdefault((activity.agent, activity.kind), activity.id)
    return frozenset(
        rule.first
        for rule in problem.rules
        if isinstance(rule, Gap) and rule.first in movable and rule.then not in firsts.values()
    )


# ── Fewest visits ──


def _fewest(chains: Sequence[_Chain], fixed: int, shut: int, calendar: Calendar) -> int:
    """Visits that serve every chain: always one more where the most pressing one can wait no longer."""
    visits = fixed
    waiting = [chain for chain in chains if not chain.is_kept(visits)]
    while waiting:
        days = [(chain, chain.wanting(visits)) for chain in waiting]
        chain, pressing = min(days, key=lambda one: last(one[1]) if one[1] else -1)
        if pressing:
            visits |= 1 << last(pressing & ~shut or pressing)
        else:  # led into a dead end: its own days serve
            visits |= mask(calendar.slots[name].day for name in chain.tests)
        waiting = [chain for chain in waiting if not chain.is_kept(visits)]
    return _earlier(chains, visits, fixed | shut)


def _earlier(chains: Sequence[_Chain], visits: int, stay: int) -> int:
    """Each visit that is made for tests alone as early as it can be, one after the other."""
    for day in each(visits & ~stay):
        without = visits & ~(1 << day)
        before = last(without & up_to(day))
        sooner = (one for one in range(before + 1, day) if not stay >> one & 1)
        moved = (without | 1 << one for one in sooner)
        visits = next((one for one in moved if all(chain.is_kept(one) for chain in chains)), visits)
    return visits
