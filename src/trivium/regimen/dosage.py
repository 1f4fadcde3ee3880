"""A dosage: an exact amount, what it stands for, and when it is repeated; how it is made from a rule.

Amounts are absolute (mg, g, mL, sessions): body size has gone into them. It must not know any patient:
sizes come in as numbers by the id of the fact they were read from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal as OneOf

from trivium.knowledge.dosing import SIZE_FACTS, Amount, DoseRule, Limit, Schedule, Weight
from trivium.regimen.amounts import BY_WEIGHT, basis, days_said, in_unit, often, repeated, said, said_range

Sizes = Mapping[str, Fraction]  # kg and m2 by fact id
Per = OneOf["administration", "day", "course"]


@dataclass(frozen=True, slots=True)
class Dosage:
    """`amount` for one administration, one day or one course, and its schedule."""

    amount: Fraction
    unit: str
    per: Per
    schedule: Schedule

    @property
    def times(self) -> Fraction:
        """Administrations a day; below 1 where not every day has one."""
        schedule = self.schedule
        if schedule.times_per_day is None and self._is_every_few_days():
            return Fraction(1, (schedule.every_days or (1, 1))[0])
        return schedule.times_per_day or Fraction(1)

    @property
    def single(self) -> Fraction:
        """One administration; of a course over several days that of the shortest course."""
        if self.per == "course":
            return self.amount / self._days()[0]
        return self.amount if self.per == "administration" else self.amount / self.times

    @property
    def day(self) -> Fraction:
        """A day of treatment, averaged where not every day is one; of a course the most in a day."""
        if self.per == "course":
            return self.single
        return self.amount * self.times if self.per == "administration" else self.amount

    @property
    def course(self) -> Fraction:
        """One course at its longest; where no course is set, a day."""
        return self.amount if self.per == "course" else self.day * self._days()[1]

    def burden(self, per: Per) -> Fraction:
        """What dosages are compared by: a course where one of them is set by the course, else a day."""
        return self.course if per == "course" else self.day

    def _days(self) -> tuple[int, int]:
        if self.schedule.on_days:
            return len(self.schedule.on_days), len(self.schedule.on_days)
        return self.schedule.over_days or (1, 1)

    def _is_daily(self) -> bool:
        """Whether the amount is that of each day, and no list of days says so."""
        is_listed = bool(self.schedule.on_days)
        is_split = self.schedule.over_days is not None
        return not is_listed and (self.per == "day" or (self.per == "administration" and is_split))

    def _is_every_few_days(self) -> bool:
        """Whether `every_days` repeats the single administration, as no course is set."""
        return self.per == "administration" and not self.schedule.on_days and self.schedule.over_days is None

    def times_of(self, share: Fraction) -> Dosage:
        """The same with a share of its amount."""
        return replace(self, amount=self.amount * share)

    def words(self) -> str:
        """`5 mg twice daily`, `681.8 mg on days 1, 8`, `140 g over 2 to 5 days (70 to 28 g a day)`."""
        schedule = self.schedule
        parts = [said(self.amount if self.per == "course" else self.single, self.unit)]
        if self.unit == "1":
            parts = [f"{parts[0]} session" if self.amount == 1 else f"{parts[0]} sessions"]
        if schedule.times_per_day is not None:
            parts.append(often(self.times))
        elif self._is_daily():
            parts.append("a day")
        if schedule.on_days:
            plural = "s" if len(schedule.on_days) > 1 else ""
            each = "in equal parts " if self.per == "course" and plural else ""
            parts.append(f"{each}on day{plural} {', '.join(_spans(schedule))}")
        if schedule.over_days is not None:
            parts.append(f"over {days_said(schedule.over_days)}{self._daily()}")
        again = repeated(schedule)
        return " ".join(parts) + (f", {again}" if again else "")

    def _daily(self) -> str:
        fewest, most = self._days()
        if self.per != "course" or most == 1:
            return ""
        return f" ({said_range(self.amount / fewest, self.amount / most, self.unit)} a day)"


def _spans(schedule: Schedule) -> list[str]:
    """The days of a course as printed: `1`, `14 or 15`."""
    latest = schedule.on_days_latest or schedule.on_days
    return [
        f"{first}" if first == last else f"{first} or {last}" if last == first + 1 else f"{first} to {last}"
        for first, last in zip(schedule.on_days, latest, strict=True)
    ]


def size_fact(amount: Amount, weight: Weight) -> str:
    """The fact of body size that an amount needs; empty for a fixed one."""
    _, by = basis(amount.unit)
    return SIZE_FACTS[weight if by == BY_WEIGHT else "surface"] if by else ""


def absolute(amount: Amount, weight: Weight, sizes: Sizes, at_high: bool) -> tuple[Fraction, str]:
    """The low or high end of an amount for a body of these sizes, in its unit without the size."""
    unit, by = basis(amount.unit)
    number = amount.high if at_high else amount.low
    return (number * sizes[size_fact(amount, weight)] if by else number), unit


def of_rule(rule: DoseRule, schedule: Schedule, sizes: Sizes, at_high: bool) -> Dosage:
    """What a rule gives. Errors: KeyError when a size that it needs is not among `sizes`."""
    number, unit = absolute(rule.amount, rule.weight, sizes, at_high)
    return Dosage(number, unit, rule.per, schedule)


def in_units_of(dosage: Dosage, unit: str) -> Dosage:
    """The same dosage in another unit."""
    return replace(dosage, amount=in_unit(dosage.amount, dosage.unit, unit), unit=unit)


def within(dosage: Dosage, limit: Limit, most: Fraction) -> Dosage:
    """A dosage that keeps a maximum (`most`, in its own unit): the same when it does.

    A course over several days is first given over more of them, as far as its source allows.
    """
    if limit.per == "course":
        return dosage if dosage.course <= most else dosage.times_of(most / dosage.course)
    if dosage.per == "course" and dosage.schedule.over_days is not None:
        fewest, longest = dosage.schedule.over_days
        needed = min(longest, max(fewest, math.ceil(dosage.amount / most)))
        schedule = replace(dosage.schedule, over_days=(needed, longest))
        return replace(dosage, amount=min(dosage.amount, most * needed), schedule=schedule)
    largest = dosage.single if limit.per == "administration" else max(dosage.single, dosage.day)
    return dosage if largest <= most else dosage.times_of(most / largest)
