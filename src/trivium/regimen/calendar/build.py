"""Agents chosen, their regimens and the site → an abstract `Problem`, and what has to be said beside it.

Every number comes from the agents' files, the site or the patient. The order in which the agents are
given is the order in which they are urgent: what comes first is never delayed for what comes later.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from trivium.core.errors import UsageError
from trivium.knowledge.dosing import Due, Regimen
from trivium.regimen.amounts import said
from trivium.regimen.calendar import distances
from trivium.regimen.calendar.aims import aims, later
from trivium.regimen.calendar.course import Choice, Course, course_of, one_dose
from trivium.regimen.calendar.distances import Holds, Laid
from trivium.regimen.calendar.due import dues
from trivium.regimen.calendar.lengths import hours
from trivium.regimen.calendar.model import (
    Activity,
    Calendar,
    Clock,
    Gap,
    OneAtATime,
    Problem,
    Rule,
    SameDay,
    Window,
)
from trivium.regimen.calendar.setting import SCALE, Setting, held


@dataclass(frozen=True, slots=True)
class Built:
    """The problem, its first day to come, by agent its administrations, and notes for whoever reads it.

    `shown`: days to show from the first. `lapses`: as in `due.Dues`. `shut`: days on which the suite does
    not work.
    """

    problem: Problem
    start: datetime.date
    laid: tuple[Laid, ...]
    notes: tuple[str, ...]
    shown: int
    lapses: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    shut: frozenset[int] = frozenset()

    @property
    def today(self) -> int:
        """The first day to come, as the problem counts."""
        return (self.start - self.problem.start).days

    def until(self, calendar: Calendar) -> dict[str, int]:
        """The last day, as the problem counts, on which each test that repeats is still due."""
        last = self.today + self.shown
        return {
            name: last if days is None else min(last, calendar.slots[anchor].day + days)
            for name, (anchor, days) in self.lapses.items()
        }


def build(
    choices: Sequence[Choice],
    start: datetime.date,
    shown: int,
    setting: Setting,
    holds: Holds,
    is_done: Callable[[Due], bool] = lambda _: False,
    called: Callable[[str], str] = lambda _: "",
) -> Built:
    """The problem of giving these agents from `start` on, for the days shown.

    Shapes:  choices in order of urgency. `holds` takes a condition to a truth; `called` a fact to the name of
             what is measured for it, empty where nothing is.
    Errors:  UsageError for no agent, an agent chosen twice, a past dose after `start`, or more past doses
             than the regimen has.
    """
    if not choices or shown < 1:
        raise UsageError("a calendar needs at least one agent and one day")
    agents = [choice.agent for choice in choices]
    for agent in agents:
        if agents.count(agent) > 1:
            raise UsageError(f"{agent} is chosen twice")
    builder = _Builder(choices, start, shown, setting, holds)
    for choice in sorted(choices, key=builder.is_beside):
        builder.lay(choice)
    builder.laid.sort(key=lambda laid: agents.index(laid.choice.agent))
    for laid in builder.laid:
        builder.surround(laid, is_done, called)
    builder.site()
    return builder.built()


class _Builder:
    """Collects activities and rules, agent by agent. Day 0 is the first day that anything happened."""

    def __init__(
        self,
        choices: Sequence[Choice],
        start: datetime.date,
        shown: int,
        setting: Setting,
        holds: Holds,
    ) -> None:
        self.choices, self.start, self.shown = choices, start, shown
        self.setting, self.holds = setting, holds
        past = [day for choice in choices for day in choice.given]
        if any(day >= start for day in past):
            raise UsageError(
                "a dose given already lies before the calendar's first day", where=str(max(past))
            )
        self.origin = min([start, *past])
        self.today = (start - self.origin).days
        self.activities: list[Activity] = []
        self.rules: list[Rule] = []
        self.notes: dict[str, None] = {}
        self.lapses: dict[str, tuple[str, int | None]] = {}
        self.laid: list[Laid] = []

    # ── One agent ──

    def is_beside(self, choice: Choice) -> bool:
        """Whether it is given with each administration of another that is chosen too."""
        return choice.regimen.schedule.beside in (other.agent for other in self.choices)

    def lay(self, choice: Choice) -> None:
        partner = choice.regimen.schedule.beside
        if self.is_beside(choice):
            return self._lay_beside(choice, next(one for one in self.laid if one.choice.agent == partner))
        if partner:
            self._note(
                choice, f"is given with each {partner.replace('_', ' ')}, which is not in this calendar"
            )
        course = course_of(choice, self.shown, self.setting.most_a_day(choice.agent))
        made = [
            self._dose(choice, course, number, day)
            for number in range(course.count)
            for day in range(len(course.offsets))
        ]
        if len(choice.given) > len(made):
            raise UsageError(
                f"{len(choice.given)} doses are said to be given, and the regimen has {len(made)}",
                where=choice.agent,
                hint="choose the regimen that they belong to",
            )
        for index, day in enumerate(sorted(choice.given)):
            made[index] = self._past(made[index], day)
        names = tuple(activity.id for activity in made)
        ago = tuple((self.start - day).days for day in sorted(choice.given))
        laid = Laid(choice, names, len(course.offsets), ago, all(one.clock for one in made[len(ago) :]))
        self.activities += made
        self.laid.append(laid)
        self._within(laid, course)
        if choice.kind == "stretch":
            fewest, most = choice.regimen.schedule.for_days or (1, 1)
            if most is not None and most > fewest:
                self._note(choice, f"{fewest} to {most} days, then by response")
            self._taper(laid)
        if course.count > course.sure:
            self._note(choice, f"courses after the first {course.sure} are shown as if it is continued")

    def _lay_beside(self, choice: Choice, partner: Laid) -> None:
        """One on the day of each of the partner's doses; for those past only what was given already."""
        coming = partner.doses[partner.past :]
        course = Course(count=len(choice.given) + len(coming), sure=len(choice.given) + len(coming))
        made = [self._dose(choice, course, number, 0) for number in range(course.count)]
        for index, day in enumerate(sorted(choice.given)):
            made[index] = self._past(made[index], day)
        self.activities += made
        names = tuple(activity.id for activity in made)
        ago = tuple((self.start - day).days for day in sorted(choice.given))
        self.laid.append(Laid(choice, names, 1, ago))
        self.rules += [
            SameDay(activities=pair, **_common(choice, choice.regimen))
            for pair in zip(coming, names[len(ago) :], strict=True)
        ]

    def _past(self, activity: Activity, day: datetime.date) -> Activity:
        """What was given already, on its day, whatever the site's hours and limits."""
        past = replace(activity, clock=None, needs={}, label=f"{activity.label}, given")
        self._window(past, (day - self.origin).days, "given already")
        return past

    def _dose(self, choice: Choice, course: Course, number: int, day: int) -> Activity:
        split = len(course.offsets)
        index = number * split + day
        total = course.count * split
        parts = [f"course {number + 1}" if course.count > 1 and split > 1 else ""]
        parts.append(f"day {day + 1} of {split}" if course.count > 1 and split > 1 else "")
        if total > 1 and not parts[0]:
            parts = [f"{index + 1} of {total}" if course.sure >= course.count else f"number {index + 1}"]
        extra = ", ".join(part for part in parts if part)
        if number >= course.sure:
            extra += ", if continued"
        dose = one_dose(choice, split) if choice.kind == "infusion" else None
        given = f" {said(dose.number, dose.unit)}" if dose is not None else ""
        label = choice.dosing.label + given + (f", {extra}" if extra else "")
        return Activity(
            f"{choice.agent}.{index + 1}",
            label,
            choice.kind,
            choice.agent,
            days=course.days,
            clock=self._clock(choice, split, first=index == 0),
            needs=self._needs(choice, split, is_sure=number < course.sure),
            goes_on=course.goes_on,
            note=(choice.words or _printed(choice.regimen)) if index == 0 else "",
            purpose=choice.regimen.purpose,
        )

    def _clock(self, choice: Choice, split: int, *, first: bool) -> Clock | None:
        """Hours are chosen where the site says its hours and the length is known; else none is known."""
        if choice.kind not in ("infusion", "procedure"):
            return None
        place = self.setting.place(choice.kind)
        lasts = hours(choice, one_dose(choice, split), self.holds, first=first)
        if place.hours is None:
            where = "the plasma-exchange unit" if choice.kind == "procedure" else "infusions"
            words = f"The hours of {where} are not declared: distances in hours are kept whatever the hour"
            self.notes[words] = None
            return None
        if lasts is None:
            self.notes[f"{choice.dosing.label}: how long it takes is not known, so its hour is left open"] = (
                None
            )
            return None
        opens, closes = place.hours
        if lasts > closes - opens:
            self._note(choice, f"takes {lasts} h, longer than the site is open; its hour is left open")
            return None
        return Clock(opens, closes, lasts)

    def _needs(self, choice: Choice, split: int, *, is_sure: bool) -> dict[str, int]:
        """What one administration takes of what the site limits, in whole parts of its unit.

        What is given only if the treatment is continued does not draw on what the pharmacy holds: that is
        ordered when it is decided.
        """
        dose = one_dose(choice, split)
        unit = self.setting.unit(choice.agent)
        number = dose.per(unit) if dose is not None and unit else None
        if unit and number is None:
            self._note(choice, "its dose is not known, so the site's limit on it is not kept")
        if number is None:
            return {}
        amount = math.ceil(number * SCALE)
        return {choice.agent: amount, **({held(choice.agent): amount} if is_sure else {})}

    def _within(self, laid: Laid, course: Course) -> None:
        """The regimen's own days: from each dose to the next, and from each course to the next."""
        size, past = len(course.offsets), set(laid.doses[: laid.past])
        firsts = laid.doses[::size]
        steps = [(one, two, *course.every) for one, two in pairwise(firsts)]
        for start in range(0, len(laid.doses), size):
            doses = laid.doses[start : start + size]
            steps += [
                (one, two, soonest[0] - before[1], soonest[1] - before[0])
                for (one, two), (before, soonest) in zip(
                    pairwise(doses), pairwise(course.offsets), strict=True
                )
            ]
        for one, two, least, most in steps:
            if two not in past:
                self.rules += self._step(laid.choice, one, two, (least, most), one in past)

    def _step(
        self, choice: Choice, one: str, two: str, days: tuple[int, int], is_late: bool
    ) -> Iterator[Rule]:
        """Never sooner than printed, and days in a row stay in a row. What stands alone may slip by what the
        site allows, and beyond that only where nothing else is possible: a beginning never waits for it."""
        common, (least, most) = _common(choice, choice.regimen), days
        if least <= 1 and not is_late:
            yield Gap(first=one, then=two, at_least=least, at_most=most, start=True, **common)
            return
        slip = self.setting.place(choice.kind).may_slip_days
        words = f"{choice.dosing.label}: no later than “{choice.regimen.label}”"
        delayed = {**common, "id": later(choice), "words": words, "soft": True}
        yield Gap(first=one, then=two, at_least=least, start=True, **common)
        yield Gap(first=one, then=two, at_most=most + slip, start=True, **delayed)

    def _note(self, choice: Choice, words: str) -> None:
        self.notes[f"{choice.dosing.label}: {words}"] = None

    def _taper(self, laid: Laid) -> None:
        """Each taper regimen with a length follows the one before it, the day after."""
        before = laid.doses[-1]
        tapers = [
            regimen
            for regimen in laid.choice.dosing.regimens.values()
            if regimen.purpose == "taper" and regimen.schedule.for_days is not None
        ]
        for number, regimen in enumerate(tapers, start=1):
            fewest, most = regimen.schedule.for_days or (1, None)
            activity = Activity(
                f"{laid.choice.agent}.taper.{number}",
                f"{laid.choice.dosing.label}, taper step {number}",
                "stretch",
                laid.choice.agent,
                days=max(1, fewest),
                goes_on=most is None and number == len(tapers),
                note=_printed(regimen),
                purpose=regimen.purpose,
            )
            self.activities.append(activity)
            common = _common(laid.choice, regimen)
            self.rules.append(Gap(first=before, then=activity.id, at_least=1, at_most=1, **common))
            before = activity.id

    def _window(self, activity: Activity, day: int, words: str) -> None:
        self.rules.append(
            Window(
                id=f"{activity.agent}.given",
                words=f"{activity.label.removesuffix(', given')}: {words}",
                activity=activity.id,
                earliest=day,
                latest=day,
            )
        )

    # ── Around it ──

    def surround(self, laid: Laid, is_done: Callable[[Due], bool], called: Callable[[str], str]) -> None:
        others = [other for other in self.laid if other is not laid]
        found = dues(laid, others, self.shown, self.holds, is_done, called)
        self.rules += found.rules
        self.lapses |= found.lapses
        self.notes.update(dict.fromkeys(found.notes))
        beside = found.beside
        self.activities = [
            replace(activity, note="; ".join(filter(None, (activity.note, *beside.get(activity.id, ())))))
            for activity in self.activities
        ] + found.activities
        for spacing in laid.choice.dosing.spacing:
            if spacing.regimens and laid.choice.regimen.id not in spacing.regimens:
                continue
            partners = [
                other for other in others if any(other.choice.is_called(name) for name in spacing.partners)
            ]
            if not distances.in_force(spacing, self.holds):
                if partners and not spacing.in_force:
                    self.notes[f"Not followed: {spacing.text} ({spacing.reason})"] = None
                continue
            for other in partners:
                self.rules += distances.rules(laid, spacing, other, self.holds)
                if distances.too_late(laid, spacing, other):
                    self._note(laid.choice, f"what was given already does not keep this: {spacing.text}")

    # ── The site and the first day ──

    def site(self) -> None:
        past = {name for laid in self.laid for name in laid.doses[: laid.past]}
        coming = [activity for activity in self.activities if activity.id not in past]
        if self.today:
            self.rules += [
                Window(id="from today", words="Not before today", activity=one.id, earliest=self.today)
                for one in coming
            ]
        timed = tuple(activity.id for activity in coming if activity.clock is not None)
        words = "One infusion or session at a time"
        self.rules.append(OneAtATime(id="one at a time", words=words, activities=timed))
        self.rules += self.setting.rules(coming, self.origin, self.today, self._days())
        for agent in self.setting.unbound([laid.choice.agent for laid in self.laid], self.start):
            self.notes[
                f"What the pharmacy holds of {agent} today is not declared, so its stock binds nothing"
            ] = None

    # ── Together ──

    def _days(self) -> int:
        """Room for everything, delays included; the faces show what lies within."""
        return self.today + 2 * self.shown + max((one.days for one in self.activities), default=1)

    def built(self) -> Built:
        soft = frozenset(rule.id for rule in self.rules if rule.soft)
        problem = Problem(
            self.origin, self._days(), tuple(self.activities), tuple(self.rules), tuple(aims(self.laid, soft))
        )
        shut = self.setting.shut(self.origin, self.today, problem.days)
        return Built(problem, self.start, tuple(self.laid), tuple(self.notes), self.shown, self.lapses, shut)


def _common(choice: Choice, regimen: Regimen) -> dict[str, Any]:
    return {
        "id": f"{choice.agent}.{regimen.id}",
        "words": f"{choice.dosing.label}: the days of “{regimen.label}”",
        "cited": regimen.cited,
    }


def _printed(regimen: Regimen) -> str:
    """A regimen's own words, marked as such: the patient's dose may be another."""
    return f"{regimen.label} (as printed, not adjusted)"
