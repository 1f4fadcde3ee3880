"""Random courses of treatment at odd sites: what is shown keeps to the site, a clash named is minimal.

What must hold is read off the dated rows once more, apart from the rules and from the solver.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from tests.property.test_calendar import examples
from tests.unit.calendar_agents import EVERYTHING, SOURCE, agent, chosen, mg

from trivium.core.truth import Truth
from trivium.core.values import point
from trivium.knowledge.dosing import Due, Schedule, When
from trivium.record.events import Quantity as RecordQuantity
from trivium.record.site import Suite
from trivium.regimen.calendar.build import Built, build
from trivium.regimen.calendar.check import check
from trivium.regimen.calendar.conflicts import solve
from trivium.regimen.calendar.course import Choice, Quantity
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.model import Calendar, Clash, Problem
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.calendar.solve import kept_most
from trivium.regimen.calendar.together import together, visits

Data = dict[str, Any]
SHOWN = 60
COVER = agent(
    "cover",
    Schedule(times_per_day=Fraction(3), beside="cytotoxic"),
    route="intravenous",
    purpose="prophylaxis",
    due=(Due("urine", "lab", "Urine", (-3, 0), counts_from="administration", cited=SOURCE),),
)
CHOICES = (*EVERYTHING, chosen(COVER, dose=mg(180)))
BY_AGENT = {choice.agent: choice for choice in CHOICES}
# Changes of summer time in both directions, a leap day, ends of years with and without a 53rd week.
TURNS = (
    datetime.date(2026, 3, 29),
    datetime.date(2026, 10, 25),
    datetime.date(2028, 2, 29),
    datetime.date(2027, 2, 28),
    datetime.date(2026, 12, 31),
    datetime.date(2027, 1, 4),
)


@st.composite
def starts(draw: st.DrawFn) -> datetime.date:
    """Shortly before a day on which calendars go wrong."""
    return draw(st.sampled_from(TURNS)) - datetime.timedelta(draw(st.integers(0, 20)))


@st.composite
def suites(draw: st.DrawFn, start: datetime.date, *, most: Mapping[str, RecordQuantity]) -> Suite:
    """One day a week or all but one, no hours or too few, a holiday of a day or of weeks."""
    days = draw(st.sampled_from(({2}, {0, 3}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5, 6})))
    closed = start + datetime.timedelta(draw(st.integers(-3, 30)))
    long = draw(st.sampled_from((0, 0, 1, 5, 16)))
    return Suite(
        frozenset(days),
        frozenset(closed + datetime.timedelta(day) for day in range(long)),
        hours=draw(st.sampled_from((None, (8, 18), (9, 14), (10, 13), (0, 24)))),
        may_slip_days=draw(st.sampled_from((0, 1, 3))),
        most_a_day=most,
    )


@st.composite
def sites(draw: st.DrawFn, start: datetime.date) -> Setting:
    limits = {
        "globulin": draw(st.sampled_from((None, "28 g", "70 g", "140 g"))),
        "antibody": draw(st.sampled_from((None, None, "1000 mg", "500 mg"))),
        "exchange": draw(st.sampled_from((None, None, "1 1"))),
    }
    most = {name: quantity(text) for name, text in limits.items() if text}
    arrivals: dict[str, Any] = {}
    for name, each in (("globulin", "g"), ("antibody", "mg")):
        if draw(st.integers(0, 3)) == 0:
            size = draw(st.sampled_from((70, 140, 1000)))
            days = draw(st.lists(st.integers(0, 40), max_size=3))
            arrivals[name] = tuple(
                (start + datetime.timedelta(day), Quantity(Fraction(size), each))
                for day in (0, *sorted(days))
            )
    suite, sessions = draw(suites(start, most=most)), draw(suites(start, most={}))
    return Setting(suite, sessions, arrivals, ward_days=draw(st.sampled_from((0, 0, 3, 14))))


def quantity(text: str) -> RecordQuantity:
    number, unit = text.split()
    return RecordQuantity(point(Decimal(number)), unit)


@st.composite
def courses(draw: st.DrawFn) -> tuple[Built, Setting]:
    """Some of the agents in any order, some of them running already."""
    start = draw(starts())
    names = draw(st.lists(st.sampled_from(sorted(BY_AGENT)), min_size=1, max_size=6, unique=True))
    picked = [draw(running(BY_AGENT[name], start)) for name in names]
    truths = draw(st.sampled_from(list(Truth)))

    def holds(when: When) -> Truth:
        return truths

    setting = draw(sites(start))
    return build(picked, start, SHOWN, setting, holds), setting


@st.composite
def running(draw: st.DrawFn, choice: Choice, start: datetime.date) -> Choice:
    """The same agent, now and then with doses given on past days, not always those of its regimen."""
    if choice.agent == "cover" or draw(st.integers(0, 2)):
        return choice
    most = {"pulse": 3, "exchange": 6, "antibody": 2, "globulin": 4, "cytotoxic": 2}.get(choice.agent, 1)
    ago = draw(st.sets(st.integers(1, 35), min_size=1, max_size=most))
    return replace(choice, given=tuple(start - datetime.timedelta(day) for day in ago))


@examples(250)
@given(st.data())
def test_calendars_at_odd_sites_keep_to_the_site_and_clashes_are_minimal(data: st.DataObject) -> None:
    built, setting = data.draw(courses())
    found = solve(built.problem)
    event("a calendar" if isinstance(found, Calendar) else "a clash")
    if isinstance(found, Clash):
        minimal(built.problem, found)
        return
    merged = together(built.problem, found, built.until(found), built.shut)
    assert check(built.problem, found) == () == check(built.problem, merged)
    until = built.until(found)
    assert len(visits(built.problem, merged, until)) <= len(visits(built.problem, found, until))
    for fault in faults(built, setting, calendar_data(built)):
        raise AssertionError(fault)


def minimal(problem: Problem, found: Clash) -> None:
    """The clauses named clash by themselves; with any one of them dropped they do not."""
    hard = frozenset(problem.clauses(soft=False))
    core = frozenset(found.clauses)
    assert kept_most(problem, core) is None
    for name in core:
        assert kept_most(problem, core - {name}) is not None, name
        assert (kept_most(problem, hard - {name}) is not None) == (name in found.lifted_by), name
    assert kept_most(problem, hard - set(found.give_up)) is not None


# ── What the rows say, held against the site in other words ──


def faults(built: Built, setting: Setting, found: Data) -> Iterator[str]:
    for row in found["rows"]:
        date = datetime.date.fromisoformat(row["date"])
        if (date - built.start).days + 1 != row["day"]:
            yield f"{row['id']} counts its days wrongly"
        if not row["given"] and date < built.start:
            yield f"{row['id']} is before today"
    yield from _closed(setting, built.start, found)
    yield from _supplies(setting, found)
    yield from _visits(found)
    yield from _beside(found)
    yield from _distances(found)


def _closed(setting: Setting, start: datetime.date, found: Data) -> Iterator[str]:
    """On the weekdays and in the hours of the place, not on its holidays, one thing at a time."""
    last = None
    for row in found["rows"]:
        if row["given"] or row["kind"] not in ("infusion", "procedure"):
            continue
        place = setting.suite if row["kind"] == "infusion" else setting.sessions
        date = datetime.date.fromisoformat(row["date"])
        is_ward = (date - start).days < setting.ward_days
        if not is_ward and (date.weekday() not in place.weekdays or date in place.holidays):
            yield f"{row['id']} on {date:%A}, {date}"
        if row["time"] is None:
            continue
        opens, closes = place.hours or (0, 0)
        begins = int(row["time"][:2])
        if not opens <= begins <= begins + row["hours"] <= closes:
            yield f"{row['id']} at {row['time']}"
        if last is not None and (date, begins) < last:
            yield f"{row['id']} begins before what comes before it has ended"
        last = date, begins + row["hours"]


def _supplies(setting: Setting, found: Data) -> Iterator[str]:
    """No more on a day than the pharmacy supplies, and none that has not arrived."""
    for name in ("globulin", "antibody", "exchange"):
        dose, split = BY_AGENT[name].dose, _split(found, name)
        rows = [row for row in found["rows"] if row["agent"] == name and not row["given"]]
        doses = [row for row in rows if row["kind"] in ("infusion", "procedure")]
        if dose is None:
            continue
        each = dose.number / split
        most = setting.most_a_day(name)
        if most is not None:
            days = Counter(row["date"] for row in doses)
            if any(count * each > most.number for count in days.values()):
                yield f"more than {most.number} of {name} on a day"
        sure = [row for row in doses if not row["label"].endswith("if continued")]
        for number, row in enumerate(sorted(sure, key=lambda row: str(row["date"])), start=1):
            held = [
                amount.number for day, amount in setting.stock.get(name, ()) if day.isoformat() <= row["date"]
            ]
            if name in setting.stock and number * each > sum(held):
                yield f"{row['id']} is given of what has not arrived"


def _split(found: Data, name: str) -> int:
    """Over how many days a course is given."""
    labels = [row["label"] for row in found["rows"] if row["agent"] == name]
    words = next((label.split(" of ")[1] for label in labels if "course" in label and " of " in label), "1")
    return int(words.split(",")[0])


def _visits(found: Data) -> Iterator[str]:
    tests = [
        row["id"] for row in found["rows"] if row["kind"] == "test" and not (row["until"] or row["goes_on"])
    ]
    if Counter(tests) != Counter(name for visit in found["visits"] for name in visit["rows"]):
        yield "a test is in no visit, or in two"
    if len({visit["date"] for visit in found["visits"]}) < len(found["visits"]):
        yield "two visits on one day"


def _beside(found: Data) -> Iterator[str]:
    """Cover on the day of every dose to come, where both are given."""
    coming = [
        row["date"] for row in found["rows"] if row["agent"] == "cytotoxic" and row["kind"] == "infusion"
    ]
    cover = [
        row["date"] for row in found["rows"] if row["id"].startswith("cover.") and row["id"][6:].isdigit()
    ]
    to_come = [date for date in coming if date >= found["start"]]
    if cover and to_come and cover != to_come:
        yield f"cover on {cover}, and doses on {to_come}"


def _distances(found: Data) -> Iterator[str]:
    """Whole days between antibody and the next session, unless the calendar says that it was not kept."""
    if any(rule["broken_by"] for rule in found["rules"] if rule["id"] == "antibody.exchange.exchange"):
        return
    sessions = [row for row in found["rows"] if row["agent"] == "exchange" and row["kind"] == "procedure"]
    for dose in (row for row in found["rows"] if row["agent"] == "antibody" and row["kind"] == "infusion"):
        for session in sessions:
            between = session["day"] - dose["day"]
            if 0 < between < 3 and not (session["given"] and dose["given"]):
                yield f"{session['id']} {between} days after {dose['id']}"
