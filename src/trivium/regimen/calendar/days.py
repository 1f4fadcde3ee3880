"""Sets of days as bits of one whole number: bit 5 is day 5 of the problem. And what hard rules leave of them.

>>> list(each(spread(mask([0, 7]), 1, 2)))
[1, 2, 8, 9]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from trivium.regimen.calendar.model import Closed, Gap, Problem, Rule, SameDay, Series, Weekdays, Window


def possible(problem: Problem, rules: Iterable[Rule]) -> dict[str, int] | None:
    """On which days each activity can be at all while these rules hold; None where one has none left.

    What cannot be is left out again and again along the distances in days until nothing changes. What is
    left need not be possible together: distances in hours and resources are not looked at.
    """
    found = {activity.id: up_to(problem.days - activity.days) for activity in problem.activities}
    kept = tuple(rules)
    for rule in kept:
        for name, allowed in _allowed(problem, rule):
            found[name] &= allowed
    distances = [distance for rule in kept for distance in _distances(problem, rule)]
    before: Mapping[str, int] = {}
    while before != found:
        if not all(found.values()):
            return None
        before = dict(found)
        for one, two, least, most in distances:
            found[two] &= spread(found[one], least, most)
            found[one] &= spread(found[two], -most, -least)
    return found


def _allowed(problem: Problem, rule: Rule) -> Iterator[tuple[str, int]]:
    """What a rule says of the days of each of its activities alone."""
    match rule:
        case Window():
            yield rule.activity, between(rule.earliest, rule.latest)
        case Closed():
            for name in rule.activities:
                yield name, ~mask(rule.days)
        case Weekdays():
            monday = problem.start.weekday()
            week = mask(day for day in range(problem.days) if (monday + day) % 7 in rule.allowed)
            for name in rule.activities:
                yield name, week
        case _:
            pass


def _distances(problem: Problem, rule: Rule) -> Iterator[tuple[str, str, int, int]]:
    """From the start of one to the start of another so many days at least and at most."""
    far, longer = problem.days, {activity.id: activity.days - 1 for activity in problem.activities}
    match rule:
        case Gap() if rule.unit == "d":
            more = 0 if rule.start else longer[rule.first]
            least = -far if rule.at_least is None else rule.at_least + more
            most = far if rule.at_most is None else rule.at_most + more
            yield rule.first, rule.then, max(least, -far), min(most, far)
        case Series():
            for (one, two), (least, most) in zip(pairwise(rule.activities), rule.steps, strict=True):
                yield one, two, least, min(most, far)
        case SameDay():
            for name in rule.activities[1:]:
                yield rule.activities[0], name, 0, 0
        case _:
            pass


# ── Bits ──


def mask(days: Iterable[int]) -> int:
    found = 0
    for day in days:
        found |= 1 << day
    return found


def each(days: int) -> Iterator[int]:
    return (day for day in range(days.bit_length()) if days >> day & 1)


def first(days: int) -> int:
    return (days & -days).bit_length() - 1


def last(days: int) -> int:
    return days.bit_length() - 1


def up_to(day: int) -> int:
    """All days from day 0 to this one."""
    return (1 << max(day + 1, 0)) - 1


def between(least: int | None, most: int | None) -> int:
    """All days from one to the other; without an end far beyond every calendar."""
    return (~0 if most is None else up_to(most)) & ~up_to(max(least or 0, 0) - 1)


def spread(days: int, least: int, most: int) -> int:
    """The days that lie so many after one of these; below zero: before it. None where `most` is less."""
    if most < least:
        return 0
    found, width, wanted = days, 1, most - least + 1
    while 2 * width <= wanted:
        found |= found << width
        width *= 2
    found |= found << (wanted - width)
    return found << least if least >= 0 else found >> -least


def plus(day: int, days: int | None, sign: int = 1) -> int | None:
    """So many days later, or earlier; none where no number of days is set."""
    return None if days is None else day + sign * days
