"""A calendar, or the clash, as plain data for the faces, iCalendar and JSON: dated rows, rules, what is lost.

Everything that a face shows is in here; keys stand in docs/calendar.md. Same input, same data.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from typing import Any

from trivium.core.errors import TriviumError
from trivium.knowledge.dosing import Parameter
from trivium.knowledge.models import WEAK, Cited
from trivium.regimen import kinetics
from trivium.regimen.calendar.build import Built
from trivium.regimen.calendar.check import Placed, check, placements
from trivium.regimen.calendar.conflicts import solve
from trivium.regimen.calendar.due import FRESH
from trivium.regimen.calendar.lost import Lost, lost
from trivium.regimen.calendar.model import (
    Apart,
    Calendar,
    Clash,
    Closed,
    DifferentDays,
    Gap,
    Problem,
    Rule,
    SameDay,
    Weekdays,
)
from trivium.regimen.calendar.solve import find
from trivium.regimen.calendar.together import together
from trivium.regimen.calendar.visits import visits

Data = dict[str, Any]

_ORDER = ("test", "procedure", "infusion", "stretch", "other", "review")


class UnsafeCalendarError(TriviumError):
    """The independent check found a fault in a calendar: a defect of Trivium, and nothing is shown."""

    exit_code = 1


def calendar_data(built: Built) -> Data:
    """The earliest calendar of what was built, checked, or the clash.

    Errors:  UndecidedError when the search was cut off; UnsafeCalendarError when a calendar fails its check.
    """
    found = solve(built.problem)
    if isinstance(found, Clash):
        return _data(built, None, found)
    _refuse_faults(built.problem, found)
    found = together(built.problem, found, built.until(found), built.shut)
    _refuse_faults(built.problem, found)
    data = _data(built, found, None)
    data["notes"] += _waiting(built, found)
    return data


def _refuse_faults(problem: Problem, calendar: Calendar) -> None:
    faults = check(problem, calendar)
    if faults:
        raise UnsafeCalendarError(
            "the calendar found does not keep its rules, so it is not shown",
            why="; ".join(f"{fault.clause} {fault.what}" for fault in faults),
            hint="please report this with the input",
        )


def _waiting(built: Built, found: Calendar) -> Iterator[str]:
    """Which agents begin later only because of the site's days: on a ward they would not wait."""
    today = built.today
    firsts = {
        laid.choice.dosing.label: laid.doses[laid.past] for laid in built.laid if laid.past < len(laid.doses)
    }
    waiting = {label: name for label, name in firsts.items() if found.slots[name].day > today}
    site = frozenset(rule.id for rule in built.problem.rules if isinstance(rule, Closed))
    given = frozenset(name for laid in built.laid for name in laid.doses)  # no dose waits for a test
    sooner = find(built.problem.without(site).of(given)) if waiting and site else None
    for label, name in waiting.items():
        if sooner is None:
            break
        day, possible = found.slots[name].day - today + 1, sooner.slots[name].day - today + 1
        if possible < day:
            yield f"{label} begins on day {day}: on a ward that treats on any day it could on day {possible}"


def _data(built: Built, calendar: Calendar | None, clash: Clash | None) -> Data:
    problem, rows = built.problem, _rows(built, calendar) if calendar else []
    taken = lost(problem, calendar, built.laid) if calendar else ()
    return {
        "kind": "calendar",
        "status": "found" if calendar else "clash",
        "start": built.start.isoformat(),
        "proven": calendar.proven if calendar else True,
        "rows": rows,
        "visits": visits(rows),
        "rules": [_rule(problem, name, calendar) for name in _clauses(problem, calendar)],
        "lost": [_lost(built, item) for item in taken],
        "limits": list(
            kinetics.limits(
                modelled=any(item.models for item in taken), bounded=any(item.is_bound for item in taken)
            )
        ),
        "clash": _clash(clash) if clash else None,
        "notes": list(built.notes),
    }


def _clauses(problem: Problem, calendar: Calendar | None) -> Iterator[str]:
    """All clauses, as stated; how fresh a test has to be only where that was not kept."""
    for name in dict.fromkeys(rule.id for rule in problem.rules):
        if not name.endswith(FRESH) or (calendar is not None and calendar.broken.get(name)):
            yield name


# ── Rows ──


def _rows(built: Built, calendar: Calendar) -> list[Data]:
    placed = placements(built.problem, calendar)
    past = {name for laid in built.laid for name in laid.doses[: laid.past]}
    labels = {laid.choice.agent: laid.choice.dosing.label for laid in built.laid}
    until = built.until(calendar)
    return [
        {**_row(built, item, item.activity.id in past), "agent_label": labels.get(item.activity.agent, "")}
        for item in _in_order(built.problem, placed)
        if item.day <= until.get(item.activity.id, item.day)
    ]


def _in_order(problem: Problem, placed: dict[str, Placed]) -> Iterator[Placed]:
    """By day; within a day by hour, then by kind, and what a rule puts first before the other."""
    pairs = [(one, two) for one, two in _ordered(problem) if placed[one].day == placed[two].day]
    before: dict[str, set[str]] = {}
    for one, two in pairs:
        before.setdefault(two, set()).add(one)
    keys = {name: _sorted(item) for name, item in placed.items()}
    while late := [(one, two) for one, two in pairs if keys[two] < keys[one]]:
        for one, two in late:  # what has no hour stands right before the first that it must precede
            keys[one] = min(keys[one], keys[two])
    left = sorted(placed.values(), key=lambda item: keys[item.activity.id])
    while left:
        waiting = {item.activity.id for item in left}
        ready = (item for item in left if not before.get(item.activity.id, set()) & waiting)
        chosen = next(ready, left[0])
        left.remove(chosen)
        yield chosen


def _ordered(problem: Problem) -> Iterator[tuple[str, str]]:
    """What stands before what on one day."""
    for rule in problem.rules:
        if isinstance(rule, Gap) and not rule.start:
            yield rule.first, rule.then
        elif isinstance(rule, SameDay):  # named first is what the other is given beside
            yield rule.activities[0], rule.activities[1]


def _sorted(item: Placed) -> tuple[int, int, int]:
    kind = item.activity.kind
    hour = item.hour if item.hour is not None else -1 if kind == "test" else 24
    return item.day, hour, _ORDER.index(kind)


def _row(built: Built, item: Placed, past: bool) -> Data:
    activity = item.activity
    date = built.problem.start + datetime.timedelta(item.day)
    last = date + datetime.timedelta(activity.days - 1)
    return {
        "id": activity.id,
        "label": activity.label,
        "agent": activity.agent,
        "kind": activity.kind,
        "date": date.isoformat(),
        "day": (date - built.start).days + 1,
        "time": None if item.hour is None else f"{item.hour:02d}:00",
        "hours": activity.clock.lasts if activity.clock else None,
        "until": last.isoformat() if activity.days > 1 else None,
        "goes_on": activity.goes_on,
        "given": past,
        "note": activity.note,
        "measures": list(activity.measures),
        "purpose": activity.purpose,
    }


# ── Rules ──


def _rule(problem: Problem, name: str, calendar: Calendar | None) -> Data:
    rule = next(rule for rule in problem.rules if rule.id == name)
    return {
        "id": name,
        "words": rule.words,
        "soft": rule.soft,
        "broken_by": calendar.broken.get(name, 0) if calendar else 0,
        "unit": _unit(rule),
        "weak": bool(rule.cited) and all(leg.seen in WEAK for leg in rule.cited),
        "sources": _sources(rule.cited),
    }


def _unit(rule: Rule) -> str:
    """What a shortfall of the rule counts."""
    if isinstance(rule, Apart) or (isinstance(rule, Gap) and rule.unit == "h"):
        return "h"
    if isinstance(rule, (DifferentDays, Weekdays, Closed)):
        return "times"
    return "d"


def _sources(cited: Sequence[Cited]) -> list[Data]:
    return [
        {"source": leg.source, "statement": leg.statement, "seen": leg.seen, "note": leg.note}
        for leg in cited
    ]


def _clash(clash: Clash) -> Data:
    return {
        "rules": list(clash.clauses),
        "smallest": clash.smallest,
        "lifted_by": list(clash.lifted_by),
        "give_up": list(clash.give_up),
    }


# ── What sessions take ──


def _lost(built: Built, item: Lost) -> Data:
    labels = {activity.id: activity.label for activity in built.problem.activities}
    return {
        "rule": item.clause,
        "agent": item.agent,
        "procedure": item.procedure,
        "sessions": [
            {
                "session": labels[taken.session],
                "dose": labels[taken.dose],
                "hours": list(taken.hours),
                "percent_of_body": _percent(taken.of_body),
                "percent_of_doses": _percent(taken.of_doses),
            }
            for taken in item.sessions
        ],
        "percent_of_doses": _percent(item.total),
        "is_bound": item.is_bound,
        "models": list(item.models),
        "published": [_published(parameter) for parameter in item.published],
    }


def _percent(span: kinetics.Span) -> list[int | None]:
    """Whole percent, rounded outwards: the range shown never says more than the model does."""
    return [None if span.low is None else math.floor(100 * span.low), math.ceil(100 * span.high)]


def _published(parameter: Parameter) -> Data:
    return {
        "quantity": parameter.quantity.replace("_", " "),
        "low": float(parameter.amount.low),
        "high": float(parameter.amount.high),
        "unit": parameter.amount.unit,
        "hours": list(parameter.hours) if parameter.hours else None,
        "sources": _sources(parameter.cited),
        "note": parameter.note,
    }
