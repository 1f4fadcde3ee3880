"""What was given already of an agent that comes in courses: on which days, and what that means for the next.

The record tells when the last administration was, not which of its course it was. Nothing is begun anew over
a course that runs: the last day counts as the first of its course while the course lasts, else as its last,
and the words say so.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from trivium.core.truth import FALSE, TRUE
from trivium.core.values import Interval
from trivium.knowledge.dosing import Dosing, Due
from trivium.regimen.calendar.course import Choice, Course
from trivium.regimen.patient import Patient

_DAY = 86400  # seconds


@dataclass(frozen=True, slots=True)
class Already:
    """Past days of this course of treatment; words for the reader; whether nothing may follow yet."""

    days: tuple[datetime.date, ...] = ()
    words: str = ""
    is_open: bool = False  # given, and nobody knows when: the next dose waits for that


NOTHING = Already()


def already(
    choice: Choice, course: Course, patient: Patient, as_of: datetime.date, start: datetime.date
) -> Already:
    """What is past of a choice, and of which course it is counted.

    Shapes:  `as_of`: the day the facts are of; `start`: the first day of the calendar.
    """
    dosing = choice.dosing
    is_taken = patient.values.get(dosing.active)
    if is_taken is not TRUE:
        return NOTHING if is_taken in (FALSE, None) or not dosing.last_given else _perhaps(dosing, patient)
    if not dosing.last_given:
        return Already(words=f"{dosing.label} is being taken already: compare before this is ordered.")
    last = _last(dosing, patient, as_of)
    if last is None or last >= start:
        words = (
            f"{dosing.label} was given lately, and on which day is not known; the next dose waits for that."
        )
        return Already(words=words, is_open=True)
    return _placed(dosing.label, course, last, (start - last).days)


def is_done(due: Due, patient: Patient, start: datetime.date) -> bool:
    """Whether what is due before a treatment is there: a cover that runs, a test still good at the start.

    A cover that is denied is not running, and a test that asks for more than its facts is never done.
    """
    if due.kind == "prophylaxis":
        return bool(due.facts) and all(patient.values.get(name) is TRUE for name in due.facts)
    return due.covers and all(_is_good(patient, name, start) for name in due.facts)


def _is_good(patient: Patient, name: str, start: datetime.date) -> bool:
    """Whether a fact is known, and not too old at the start of the treatment."""
    fact = patient.facts.get(name)
    if fact is None or not fact.is_known:
        return False
    good_for, kept = fact.spec.good_for, fact.spec.kept
    if good_for is None or (isinstance(fact.value, frozenset) and fact.value <= kept):
        return True
    at = fact.at.start if fact.at is not None else None
    day = patient.calendar.today() if at is None else patient.calendar.day(at)
    return day is not None and start.toordinal() - day < good_for // _DAY


def _perhaps(dosing: Dosing, patient: Patient) -> Already:
    """Not known whether it was given: said where a number of days is known all the same."""
    value = patient.values.get(dosing.last_given)
    if isinstance(value, Interval) and value.is_known:
        return Already(words=f"{dosing.label}: {patient.told(dosing.last_given)}; whether it counts is open.")
    return NOTHING


def _last(dosing: Dosing, patient: Patient, as_of: datetime.date) -> datetime.date | None:
    value = patient.values.get(dosing.last_given)
    if not isinstance(value, Interval) or not value.is_point or value.low is None:
        return None
    return as_of - datetime.timedelta(int(value.low))


def _placed(label: str, course: Course, last: datetime.date, ago: int) -> Already:
    """The last day as the first of its course while the second may follow, else as its last one."""
    said, offsets = f"{label} was last given on {last}, {ago} days before the start", course.offsets
    if course.every[1] and ago >= course.every[1]:
        return Already(words=f"{said}: the next course is due.")
    if len(offsets) == 1:
        return Already((last,), f"{said}: the next follows at its interval.")
    if len(offsets) > 2 and ago <= offsets[-1][1]:
        return Already(words=f"{said}: which of its course that was is not known.", is_open=True)
    if ago <= offsets[1][1]:
        return Already((last,), f"{said}: it counts as the first of its course.")
    begun = last - datetime.timedelta(offsets[-1][0])
    words = f"{said}: it counts as the last of its course; where it was the first, a prescriber decides."
    return Already(tuple(begun + datetime.timedelta(early) for early, _ in offsets), words)
