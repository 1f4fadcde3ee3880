"""What a calendar is made of: activities, rules between them, aims, and the calendar found.

Knows no drug and no number of its own. Days count from 0, the problem's first day; hours count on the
clock of the place, from midnight of day 0. docs/calendar.md says what each rule means.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from trivium.core.errors import UsageError
from trivium.knowledge.models import Cited

Kind = OneOf["infusion", "procedure", "stretch", "test", "review", "other"]
DAY = 24  # hours


@dataclass(frozen=True, slots=True)
class Clock:
    """The hours of a day between which something can happen, and how many whole hours it lasts."""

    opens: int
    closes: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that happens once: an infusion, a session, a blood draw, a stretch of tablets.

    With a `clock` its hour is chosen. Without one it happens at some unknown hour of its day, and every
    rule in hours must then hold whatever that hour is. `needs` is what it takes of each resource on each
    of its `days`. What `goes_on` is shown as continuing after its days; no rule looks at it. `measures`: what
    a test measures, one name each; empty: its label says. `purpose`: what a dose is for, such as rescue.
    """

    id: str
    label: str
    kind: Kind = "other"
    agent: str = ""
    days: int = 1
    clock: Clock | None = None
    needs: Mapping[str, int] = field(default_factory=dict)
    goes_on: bool = False
    note: str = ""
    measures: tuple[str, ...] = ()
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What all rules share. Rules of one `id` are one clause: kept, broken and named together.

    A soft clause may be broken: its shortfall (in the rule's own unit) times `weight` is what an aim
    makes as small as can be.
    """

    id: str
    words: str
    cited: tuple[Cited, ...] = ()
    soft: bool = False
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Clause):
    """`then` comes after `first`, at least and at most so many days or hours later.

    Days are counted between calendar days, hours from moment to moment; from the end of `first`, or from
    its start where `start` is true. Shortfall: days or hours missing or too many.
    """

    first: str
    then: str
    at_least: int | None = None
    at_most: int | None = None
    unit: OneOf["d", "h"] = "d"
    start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart(Clause):
    """Either order, with hours between the end of the earlier and the start of the later.

    `hours` when `first` starts first or both at once, `reverse` when `other` does. Shortfall: hours
    missing.
    """

    first: str
    other: str
    hours: int
    reverse: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Clause):
    """Activities in order; between neighbours fewest and most days from start to start. Shortfall: days."""

    activities: tuple[str, ...]
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SameDay(Clause):
    """All start on one day. Shortfall: days of each from the first named."""

    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentDays(Clause):
    """No two share a day. Shortfall: pairs that do."""

    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Clause):
    """Starts within these days. Shortfall: days outside."""

    activity: str
    earliest: int | None = None
    latest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekdays(Clause):
    """Start on one of these weekdays (Monday is 0). Shortfall: activities that do not."""

    activities: tuple[str, ...]
    allowed: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Clause):
    """Start on none of these days, such as holidays. Shortfall: activities that do."""

    activities: tuple[str, ...]
    days: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity(Clause):
    """What all activities together need of a resource on one day stays within `per_day`. Never soft."""

    resource: str
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock(Clause):
    """No more is used of a resource up to any day than has arrived by then: (day, amount). Never soft."""

    resource: str
    arrivals: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAtATime(Clause):
    """Those of these activities that have a clock do not overlap: there is one patient. Never soft."""

    activities: tuple[str, ...]


Rule = (
    Gap
    | Apart
    | Series
    | SameDay
    | DifferentDays
    | Window
    | Weekdays
    | Closed
    | Capacity
    | Stock
    | OneAtATime
)
NEVER_SOFT = (Capacity, Stock, OneAtATime)


@dataclass(frozen=True, slots=True)
class Keep:
    """An aim: break these soft clauses as little as can be."""

    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Early:
    """An aim: let these start as early as can be (the sum of their starts, in hours)."""

    activities: tuple[str, ...]


Aim = Keep | Early


@dataclass(frozen=True, slots=True)
class Problem:
    """Activities and rules, from `start` on for `days` days; aims from the first to the last.

    An aim is never traded for a later one. After the aims stated come, in this order: the soft clauses
    that no aim names, each by itself, as stated; the last day; the sum of all starting hours.
    """

    start: datetime.date
    days: int
    activities: tuple[Activity, ...]
    rules: tuple[Rule, ...] = ()
    aims: tuple[Aim, ...] = ()

    def clauses(self, *, soft: bool) -> tuple[str, ...]:
        """The ids of soft or hard clauses, as stated."""
        return tuple(dict.fromkeys(rule.id for rule in self.rules if rule.soft == soft))

    def words(self, clause: str) -> str:
        return next(rule.words for rule in self.rules if rule.id == clause)

    def all_aims(self) -> tuple[Aim, ...]:
        """The aims stated, and one for each soft clause that they leave out."""
        named = {name for aim in self.aims if isinstance(aim, Keep) for name in aim.clauses}
        return (*self.aims, *(Keep((name,)) for name in self.clauses(soft=True) if name not in named))

    def without(self, clauses: frozenset[str]) -> Problem:
        """The same problem with these clauses dropped."""
        return Problem(
            self.start,
            self.days,
            self.activities,
            tuple(rule for rule in self.rules if rule.id not in clauses),
            tuple(kept for aim in self.aims if (kept := _dropped(aim, clauses)) is not None),
        )

    def of(self, activities: frozenset[str]) -> Problem:
        """The same problem with these activities alone, and the rules and aims that name no other."""
        rules = tuple(rule for rule in self.rules if activities.issuperset(names(rule)))
        left = {rule.id for rule in rules}
        kept = (
            Early(tuple(name for name in aim.activities if name in activities))
            if isinstance(aim, Early)
            else Keep(tuple(name for name in aim.clauses if name in left))
            for aim in self.aims
        )
        return Problem(
            self.start,
            self.days,
            tuple(activity for activity in self.activities if activity.id in activities),
            rules,
            tuple(aim for aim in kept if (aim.activities if isinstance(aim, Early) else aim.clauses)),
        )


def _dropped(aim: Aim, clauses: frozenset[str]) -> Aim | None:
    if isinstance(aim, Early):
        return aim
    kept = tuple(name for name in aim.clauses if name not in clauses)
    return Keep(kept) if kept else None


@dataclass(frozen=True, slots=True)
class Slot:
    """When an activity starts: its day, and its hour where it has a clock."""

    day: int
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A slot for each activity. `broken`: by how much each soft clause is broken; absent: kept.

    `proven`: no calendar serves the aims better. False when the search was cut off.
    """

    slots: Mapping[str, Slot]
    broken: Mapping[str, int] = field(default_factory=dict)
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Clash:
    """Why no calendar exists.

    `clauses` cannot hold together, and no smaller set clashes (where `smallest` is false: no subset of it
    does). `lifted_by`: those of them without which a calendar exists. `give_up`: a smallest set of clauses
    without which a calendar exists.
    """

    clauses: tuple[str, ...]
    lifted_by: tuple[str, ...]
    give_up: tuple[str, ...]
    smallest: bool = True


def validate(problem: Problem) -> None:
    """Nothing is solved that does not make sense.

    Errors:  UsageError naming the activity or the rule.
    """
    activities = {activity.id: activity for activity in problem.activities}
    if len(activities) < len(problem.activities):
        raise UsageError("two activities of a calendar have the same id")
    for activity in problem.activities:
        _validate_activity(activity, problem.days)
    for rule in problem.rules:
        _validate_rule(rule, activities)
    hard, soft = set(problem.clauses(soft=False)), set(problem.clauses(soft=True))
    for name in hard & soft:
        raise UsageError("a clause is both hard and soft", where=name)
    for aim in problem.aims:
        names, known = (aim.clauses, soft) if isinstance(aim, Keep) else (aim.activities, set(activities))
        for name in names:
            if name not in known:
                raise UsageError(f"an aim names {name!r}, which the calendar has not")


def _validate_activity(activity: Activity, days: int) -> None:
    if not 1 <= activity.days <= days:
        raise UsageError(f"lasts {activity.days} days in a calendar of {days}", where=activity.id)
    clock = activity.clock
    if clock is None:
        return
    if activity.days > 1:
        raise UsageError("has hours of a day and lasts several days", where=activity.id)
    if not (0 <= clock.opens < clock.closes <= DAY and 1 <= clock.lasts <= clock.closes - clock.opens):
        raise UsageError(
            f"lasts {clock.lasts} h, which does not fit between {clock.opens} and {clock.closes} o'clock",
            where=activity.id,
        )


def _validate_rule(rule: Rule, activities: Mapping[str, Activity]) -> None:
    for name in names(rule):
        if name not in activities:
            raise UsageError(f"names the activity {name!r}, which the calendar has not", where=rule.id)
    if rule.soft and isinstance(rule, NEVER_SOFT):
        raise UsageError("cannot be soft", where=rule.id)
    if rule.weight < 1:
        raise UsageError("has a weight below 1", where=rule.id)
    if isinstance(rule, Series) and len(rule.steps) != len(rule.activities) - 1:
        raise UsageError("needs one step between each two neighbours", where=rule.id)
    if len(set(names(rule))) < len(names(rule)):
        raise UsageError("needs two activities, and names one twice", where=rule.id)
    if isinstance(rule, Apart) and min(rule.hours, rule.reverse) < 0:
        raise UsageError("has hours below zero", where=rule.id)
    if isinstance(rule, Capacity) and rule.per_day < 0:
        raise UsageError("has a limit below zero", where=rule.id)


def names(rule: Rule) -> Sequence[str]:
    """The activities that a rule names itself."""
    match rule:
        case Gap():
            return (rule.first, rule.then)
        case Apart():
            return (rule.first, rule.other)
        case Window():
            return (rule.activity,)
        case Capacity() | Stock():
            return ()
        case _:
            return rule.activities
