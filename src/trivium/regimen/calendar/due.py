"""What is due around an agent (tests, reviews, cover, what is withheld) → activities and their windows.

What belongs to an administration at the same moment, such as premedication, becomes a line beside it.
Nothing that is due some days before a treatment delays it: that is soft, and comes after the treatments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trivium.core.truth import Truth
from trivium.knowledge.dosing import Due
from trivium.regimen.calendar.distances import Holds, Laid
from trivium.regimen.calendar.model import Activity, Gap, Kind, Rule, Series

_TESTS = ("baseline", "lab", "level", "imaging")
FRESH = ".fresh"  # ends the clause that says how long before a treatment a test may be
_BESIDE = ("premedication", "hold", "supportive")  # lines beside a dose, not entries of their own


@dataclass(slots=True)
class Dues:
    """What was made: activities, rules, lines beside activities, and what is to be said.

    `lapses`: for what repeats, so many days after the start of which activity it is due no more (None: with
    the days shown alone).
    """

    activities: list[Activity] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    beside: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lapses: dict[str, tuple[str, int | None]] = field(default_factory=dict)


def dues(
    laid: Laid,
    others: Sequence[Laid],
    shown: int,
    holds: Holds,
    is_done: Callable[[Due], bool],
    called: Callable[[str], str],
) -> Dues:
    """Everything that one agent makes due within the days shown.

    `is_done`: whether a test or cover before treatment is there already. It is then not asked for again, but
    before the later administrations and courses that it belongs to.
    `called`: the name of what is measured for a fact; empty where it is none that is measured.
    """
    found = Dues()
    for due in laid.choice.dosing.due:
        truth = holds(due.when) if due.when is not None else Truth.TRUE
        if truth is Truth.FALSE:
            continue
        done = _is_before(due) and due.every_days is None and is_done(due)
        if done:
            word = "is running already" if due.kind == "prophylaxis" else "known already, not drawn again"
            found.notes.append(f"{laid.choice.dosing.label}: {word}: {due.text}")
        text = due.text if truth is Truth.TRUE else f"{due.text} (if {due.when.text}: not known)"  # type: ignore[union-attr]
        names = tuple(called(fact) for fact in due.facts)
        certain = "" if truth is Truth.TRUE else " (if it applies)"
        measures = tuple(f"{name}{certain}" for name in names) if all(names) else ()
        _place(due, text, measures, laid, others, shown, found, done)
    return found


def _ahead(minutes: int) -> str:
    """`30 min`, `24 h`."""
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _is_before(due: Due) -> bool:
    return due.days[1] <= 0


def _place(
    asked: Due,
    text: str,
    measures: tuple[str, ...],
    laid: Laid,
    others: Sequence[Laid],
    shown: int,
    found: Dues,
    done: bool,
) -> None:
    """One line of what is due, at each administration it counts from; `done`: for the next one already."""
    if asked.kind == "prophylaxis" and asked.counts_from == "end":
        # It lasts until so long after the end, as its text says; it begins with the first dose.
        asked = replace(asked, counts_from="start", days=(0, 0))
    for number, anchor in enumerate(_anchors(asked, laid), start=1):
        if done and anchor == _next(asked, laid):
            continue
        due = _still(asked, laid.ago(anchor))
        if due is None:
            found.notes.append(f"{laid.choice.dosing.label}: fell due before this calendar begins: {text}")
            continue
        if due.kind in _BESIDE:
            minutes = f", {_ahead(due.minutes_before)} before" if due.minutes_before else ""
            found.beside.setdefault(anchor, []).append(f"{text}{minutes}")
            continue
        prefix = f"{laid.choice.agent}.{due.id}.{number}"
        made = [
            replace(activity, measures=measures)
            for activity in _activities(due, text, laid.choice.agent, prefix, shown + laid.ago(anchor))
        ]
        if not made:
            continue
        found.activities += made
        found.lapses |= {activity.id: (anchor, due.until_day) for activity in made[1:]}
        fields: Any = {
            "id": f"{laid.choice.agent}.{due.id}",
            "words": f"{laid.choice.dosing.label}: {due.text}",
            "cited": due.cited,
            "soft": due.days[1] < 0,
        }
        if not laid.ago(anchor) or not _is_before(due):
            found.rules += _rules(due, anchor, [activity.id for activity in made], fields)
        found.rules += [
            Gap(first=made[0].id, then=other.doses[other.past], at_least=0, **fields)
            for name in due.before_agents
            for other in others
            if other.choice.is_called(name) and other.past < len(other.doses)
        ]


def _anchors(due: Due, laid: Laid) -> tuple[str, ...]:
    """The administrations that it counts from. What had to come before one already past is due no more,
    unless it has to come before other agents too."""
    match due.counts_from:
        case "start":
            anchors: tuple[str, ...] = laid.doses[:1]
        case "administration":
            anchors = laid.doses
        case "course":
            anchors = laid.doses[:: laid.first_course]
        case "end":
            anchors = laid.doses[-1:]
    past = set(laid.doses[: laid.past])
    return tuple(
        anchor for anchor in anchors if anchor not in past or not _is_before(due) or due.before_agents
    )


def _next(due: Due, laid: Laid) -> str | None:
    """The first administration to come that it counts from."""
    past = set(laid.doses[: laid.past])
    return next((anchor for anchor in _anchors(due, laid) if anchor not in past), None)


def _still(due: Due, ago: int) -> Due | None:
    """What of it is yet to come when its anchor lies so many days back (0: not yet); None: nothing."""
    if not ago or due.days[1] >= ago or (_is_before(due) and due.before_agents):
        return due
    if due.every_days is None:
        return None
    passed = -((due.days[1] - ago) // max(due.every_days[1], 1))
    least, most = (day + passed * step for day, step in zip(due.days, due.every_days, strict=True))
    return replace(due, days=(least, most))


def _activities(due: Due, text: str, agent: str, prefix: str, shown: int) -> Iterator[Activity]:
    """What is due within so many days of what it counts from."""
    kind: Kind = "test" if due.kind in _TESTS else "review" if due.kind == "review" else "other"
    until = shown if due.until_day is None else min(due.until_day, shown)
    if due.days[0] >= shown:
        return
    if due.every_days is None:
        goes_on = due.kind == "prophylaxis" and due.until_day is None
        days = until - due.days[0] + 1 if due.until_day is not None and due.kind != "review" else 1
        yield Activity(prefix, text, kind, agent, days=max(1, days), goes_on=goes_on)
        return
    if due.every_days == (1, 1):  # daily: one stretch says it
        days = max(1, until - due.days[0])
        yield Activity(prefix, text, kind, agent, days=days, goes_on=due.until_day is None)
        return
    step = max(due.every_days[0], 1)
    for number in range(max(0, until - due.days[0]) // step + 1):
        yield Activity(f"{prefix}.{number + 1}", text, kind, agent)


def _rules(due: Due, anchor: str, made: Sequence[str], fields: Any) -> Iterator[Rule]:
    if _is_before(due):  # written so that what comes first is named first
        yield Gap(first=made[0], then=anchor, at_least=-due.days[1], **fields)
        if due.days[0] < 0:
            # How long before it may be at most is soft: no treatment waits until a test is fresh enough.
            words = f"{fields['words']}: at most {-due.days[0]} days before"
            fresh = {**fields, "id": fields["id"] + FRESH, "words": words, "soft": True}
            yield Gap(first=made[0], then=anchor, at_most=-due.days[0], **fresh)
        else:
            yield Gap(first=made[0], then=anchor, at_most=0, **fields)
    else:
        least, most = due.days
        yield Gap(first=anchor, then=made[0], at_least=least, at_most=most, start=True, **fields)
    if len(made) > 1 and due.every_days is not None:
        yield Series(activities=tuple(made), steps=(due.every_days,) * (len(made) - 1), **fields)
