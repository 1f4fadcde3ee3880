"""A regimen's schedule → what is to happen once each: administrations by course, or stretches of days.

Days here count from the course's own first day. Nothing is placed yet, and no other agent is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from trivium.core.errors import UsageError
from trivium.core.units import UnitError
from trivium.knowledge.dosing import Amount, Dosing, Limit, Regimen, Schedule
from trivium.regimen.amounts import BY_WEIGHT, basis, in_unit
from trivium.regimen.calendar.model import Kind


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount to give."""

    number: Fraction
    unit: str

    def per(self, unit: str) -> Fraction | None:
        """The number in another unit; None when the two do not measure the same."""
        try:
            return in_unit(self.number, self.unit, unit)
        except UnitError:
            return None


@dataclass(frozen=True, slots=True)
class Choice:
    """One agent as it is to be given: its regimen, the dose worked out, and what was given already.

    `dose` is what the rule's `per` says (one administration, a day, a course); None: not known. `over`:
    over how many days a course is split, where the regimen leaves it open. `given`: days of past
    administrations of this same course of treatment. `weight` in kg, for rates by weight. `words`: the dosage
    as worked out for this patient, to be shown; without it the calendar says that the label is as printed.
    """

    dosing: Dosing
    regimen: Regimen
    dose: Quantity | None = None
    weight: Fraction | None = None
    over: int | None = None
    given: tuple[date, ...] = ()
    words: str = ""

    @property
    def agent(self) -> str:
        return self.dosing.agent

    def is_called(self, name: str) -> bool:
        """Whether a partner's name, an agent's or a class's, means this one."""
        return name == self.dosing.agent or name in self.dosing.classes

    @property
    def kind(self) -> Kind:
        """By the first word of the route: what stands after it, such as `or oral`, is another way."""
        first = self.regimen.route.lower().replace(",", " ").split()[:1]
        if first == ["extracorporeal"]:
            return "procedure"
        is_infused = first in (["iv"], ["intravenous"])
        if is_infused and not _is_stretch(self.regimen.schedule, is_infused):
            return "infusion"
        return "stretch" if _is_stretch(self.regimen.schedule, is_infused) else "other"


@dataclass(frozen=True, slots=True)
class Course:
    """What one agent's regimen comes to.

    `offsets`: of each administration of one course, the first and last day after the course's first on which
    it may fall. `count` courses, `sure` of them what the source names at least; from one to the next `every`
    days. A stretch is one administration of `days`, which may `goes_on`.
    """

    offsets: tuple[tuple[int, int], ...] = ((0, 0),)
    count: int = 1
    sure: int = 1
    every: tuple[int, int] = (0, 0)
    days: int = 1
    goes_on: bool = False


def course_of(choice: Choice, shown: int, most_a_day: Quantity | None = None) -> Course:
    """What the chosen regimen comes to within the days shown.

    Errors:  UsageError when the split asked for is none that the regimen allows.
    """
    schedule = choice.regimen.schedule
    if choice.kind == "stretch":
        fewest, most = schedule.for_days or (1, None)
        days = max(1, min(fewest, shown))
        return Course(days=days, goes_on=most is None or most > fewest or fewest > shown)
    offsets = _offsets(choice, most_a_day)
    every = schedule.every_days
    fewest, most = schedule.courses or (1, 1 if every is None else None)
    if every is None:
        return Course(offsets)
    fitting = max(1, -(-shown // max(every[0], 1)))
    return Course(offsets, min(fitting, most or fitting), fewest, every)


def _offsets(choice: Choice, most_a_day: Quantity | None) -> tuple[tuple[int, int], ...]:
    schedule = choice.regimen.schedule
    if schedule.on_days:
        latest = schedule.on_days_latest or schedule.on_days
        first = schedule.on_days[0]
        return tuple(
            (early - first, late - first) for early, late in zip(schedule.on_days, latest, strict=True)
        )
    if schedule.over_days is not None:
        return tuple((day, day) for day in range(_split(choice, schedule.over_days, most_a_day)))
    if schedule.for_days is not None:
        return tuple((day, day) for day in range(schedule.for_days[0]))
    return ((0, 0),)


def _split(choice: Choice, over: tuple[int, int], most_a_day: Quantity | None) -> int:
    """Over how many days a course is given: as asked, else the fewest that the daily limit allows."""
    fewest, most = over
    if choice.over is not None:
        if not fewest <= choice.over <= most:
            raise UsageError(
                f"{choice.dosing.label} cannot be split over {choice.over} days",
                why=f"{choice.regimen.label}: {fewest} to {most} days",
            )
        return choice.over
    limits = [most_a_day, *(_limit(limit.amount, choice.weight) for limit in _daily(choice.regimen))]
    for days in range(fewest, most + 1):
        if all(_within(one_dose(choice, days), limit) for limit in limits):
            return days
    return most


def _daily(regimen: Regimen) -> Iterator[Limit]:
    return (limit for limit in regimen.limits if limit.per in ("day", "administration"))


def _limit(amount: Amount, weight: Fraction | None) -> Quantity | None:
    """A printed limit for this patient; None when the weight that it needs is not known."""
    unit, size = basis(amount.unit)
    if not size:
        return Quantity(amount.high, unit)
    return Quantity(amount.high * weight, unit) if size == BY_WEIGHT and weight is not None else None


def _within(amount: Quantity | None, limit: Quantity | None) -> bool:
    number = amount.per(limit.unit) if amount is not None and limit is not None else None
    return number is None or limit is None or number <= limit.number


def one_dose(choice: Choice, split: int = 1) -> Quantity | None:
    """What one administration holds; None when the dose is not known."""
    if choice.dose is None:
        return None
    if choice.regimen.rules[0].per == "course":
        return Quantity(choice.dose.number / split, choice.dose.unit)
    return choice.dose


def _is_stretch(schedule: Schedule, is_infused: bool) -> bool:
    """Taken day after day, and not to be placed administration by administration."""
    if schedule.on_days or schedule.over_days is not None or schedule.every_days is not None:
        return False
    daily = schedule.times_per_day in (None, Fraction(1))
    bounded = schedule.for_days is not None and schedule.for_days[1] is not None
    if is_infused and daily and bounded:
        return False
    return schedule.times_per_day is not None or schedule.for_days is not None
