"""A calendar held against its problem, rule by rule, in plain Python.

Shares nothing with the solver's encoding: what a rule means is written here a second time, from
docs/calendar.md. A calendar that leaves a fault here is never shown.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import assert_never

from trivium.regimen.calendar.model import (
    Activity,
    Apart,
    Calendar,
    Capacity,
    Closed,
    DifferentDays,
    Gap,
    OneAtATime,
    Problem,
    Rule,
    SameDay,
    Series,
    Stock,
    Weekdays,
    Window,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A clause that a calendar does not keep, or a slot that cannot be."""

    clause: str
    what: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An activity in its slot, in hours since midnight of day 0; a moment not known is a span."""

    activity: Activity
    day: int
    hour: int | None

    @property
    def days(self) -> range:
        return range(self.day, self.day + self.activity.days)

    @property
    def start(self) -> tuple[int, int]:
        return self._moment(self.day, 0)

    @property
    def end(self) -> tuple[int, int]:
        clock = self.activity.clock
        return self._moment(self.days[-1], clock.lasts if clock else 0)

    def _moment(self, day: int, later: int) -> tuple[int, int]:
        if self.hour is None:
            return day * 24, (day + 1) * 24
        moment = day * 24 + self.hour + later
        return moment, moment


def placements(problem: Problem, calendar: Calendar) -> dict[str, Placed]:
    """Each activity in its slot."""
    return {
        activity.id: Placed(activity, calendar.slots[activity.id].day, calendar.slots[activity.id].hour)
        for activity in problem.activities
    }


def check(problem: Problem, calendar: Calendar) -> tuple[Fault, ...]:
    """Every fault of the calendar: slots that cannot be, hard rules broken, soft ones counted wrongly."""
    slots = tuple(_slots(problem, calendar))
    if slots:
        return slots
    placed = placements(problem, calendar)
    missed: dict[str, int] = {}
    soft: dict[str, bool] = {}
    for rule in problem.rules:
        soft[rule.id] = rule.soft
        missed[rule.id] = missed.get(rule.id, 0) + shortfall(problem, rule, placed)
    return tuple(_faults(missed, soft, calendar))


def _faults(missed: dict[str, int], soft: dict[str, bool], calendar: Calendar) -> Iterator[Fault]:
    for name, amount in missed.items():
        said = calendar.broken.get(name, 0)
        if not soft[name] and amount:
            yield Fault(name, f"is broken by {amount}")
        elif soft[name] and amount != said:
            yield Fault(name, f"is broken by {amount}, and the calendar says {said}")
    for name in calendar.broken.keys() - missed.keys():
        yield Fault(name, "is said to be broken, and there is no such rule")


def _slots(problem: Problem, calendar: Calendar) -> Iterator[Fault]:
    """Every activity once, inside the calendar's days and inside its hours."""
    for name in calendar.slots.keys() - {activity.id for activity in problem.activities}:
        yield Fault(name, "is in the calendar, and not in the problem")
    for activity in problem.activities:
        slot = calendar.slots.get(activity.id)
        if slot is None:
            yield Fault(activity.id, "is missing")
        elif slot.day < 0 or slot.day + activity.days > problem.days:
            yield Fault(activity.id, f"is outside the {problem.days} days")
        elif (slot.hour is None) != (activity.clock is None):
            yield Fault(activity.id, "has an hour and no clock, or a clock and no hour")
        elif activity.clock is not None and slot.hour is not None:
            until = slot.hour + activity.clock.lasts
            if slot.hour < activity.clock.opens or until > activity.clock.closes:
                yield Fault(activity.id, f"is outside its hours, at {slot.hour} o'clock")


def shortfall(problem: Problem, rule: Rule, placed: dict[str, Placed]) -> int:
    """By how much the rule is missed, in its own unit; 0 when it is kept."""
    match rule:
        case Gap():
            low, high = _gap(rule, placed[rule.first], placed[rule.then])
            return max(
                0,
                rule.at_least - low if rule.at_least is not None else 0,
                high - rule.at_most if rule.at_most is not None else 0,
            )
        case Apart():
            one, two = placed[rule.first], placed[rule.other]
            if one.start[0] <= two.start[0]:
                return max(0, rule.hours - (two.start[0] - one.end[1]))
            return max(0, rule.reverse - (one.start[0] - two.end[1]))
        case Series():
            gaps = [placed[two].day - placed[one].day for one, two in pairwise(rule.activities)]
            return sum(
                max(0, least - gap, gap - most) for gap, (least, most) in zip(gaps, rule.steps, strict=True)
            )
        case SameDay():
            return sum(abs(placed[name].day - placed[rule.activities[0]].day) for name in rule.activities)
        case DifferentDays():
            return sum(
                bool(set(placed[one].days) & set(placed[two].days))
                for one, two in combinations(rule.activities, 2)
            )
        case Window():
            day = placed[rule.activity].day
            return max(
                0,
                rule.earliest - day if rule.earliest is not None else 0,
                day - rule.latest if rule.latest is not None else 0,
            )
        case Weekdays():
            dates = [problem.start + datetime.timedelta(placed[name].day) for name in rule.activities]
            return sum(date.weekday() not in rule.allowed for date in dates)
        case Closed():
            return sum(placed[name].day in rule.days for name in rule.activities)
        case Capacity():
            return max((used - rule.per_day for used in _use(rule.resource, placed).values()), default=0) > 0
        case Stock():
            return _overdrawn(rule, placed)
        case OneAtATime():
            timed = sorted(
                (placed[name].start[0], placed[name].end[0])
                for name in rule.activities
                if placed[name].hour is not None
            )
            return sum(start < end for (_, end), (start, _) in pairwise(timed))
        case _:
            assert_never(rule)


def _gap(rule: Gap, first: Placed, then: Placed) -> tuple[int, int]:
    """The least and the greatest that the distance can be."""
    if rule.unit == "d":
        gap = then.day - (first.day if rule.start else first.days[-1])
        return gap, gap
    low, high = first.start if rule.start else first.end
    return then.start[0] - high, then.start[1] - low


def _use(resource: str, placed: dict[str, Placed]) -> dict[int, int]:
    """What is used of a resource on each day."""
    used: dict[int, int] = {}
    for item in placed.values():
        for day in item.days:
            used[day] = used.get(day, 0) + item.activity.needs.get(resource, 0)
    return used


def _overdrawn(rule: Stock, placed: dict[str, Placed]) -> int:
    """On how many days more has been used than had arrived."""
    use = _use(rule.resource, placed)
    total = 0
    days = 0
    for day in sorted(use):
        total += use[day]
        days += total > sum(amount for arrival, amount in rule.arrivals if arrival <= day)
    return days
