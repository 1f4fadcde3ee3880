"""Tests due on days that overlap are one visit: inside their windows, complete, and never past a session."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from tests.unit.calendar_agents import ANTIBODY, FRIDAY, agent, built, chosen, data, days, mg, row, unknown

from trivium.exchange import icalendar
from trivium.faces import calendar_text
from trivium.knowledge.dosing import Due, Schedule
from trivium.record.site import Suite
from trivium.regimen.calendar.conflicts import solve
from trivium.regimen.calendar.model import Activity, Calendar, Clock, Gap, Problem, Rule, Series, Slot, Window
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.calendar.together import together, visits

Data = dict[str, Any]
NOBODY: dict[str, int] = {}


def called(fact: str) -> str:
    return {"counts": "Blood count", "kidney": "Creatinine", "level": "Trough"}.get(fact, "")


def twice(**due: Any) -> tuple[Any, Any]:
    """Two agents: one with a test in its third week, one with a test every one to two weeks."""
    first = Due("counts", "lab", "Blood count in the third week.", (15, 20), facts=("counts",))
    every = Due(
        "kidney",
        "lab",
        "Blood count and creatinine; the review gives no interval.",
        (7, 14),
        every_days=(7, 14),
        facts=("counts", "kidney"),
        **due,
    )
    one = agent("one", Schedule(for_days=(1, None)), route="oral", due=(first,))
    two = agent("two", Schedule(for_days=(1, None)), route="oral", due=(every,))
    return chosen(one), chosen(two)


def test_tests_of_two_agents_are_done_at_one_visit() -> None:
    found = data(*twice(), shown=42, called=called)
    assert days(found, "one", ("test",))[0] in days(found, "two", ("test",))
    assert len(found["visits"]) == 3  # two weeks apart is enough
    (visit,) = [visit for visit in found["visits"] if "one.counts.1" in visit["rows"]]
    assert visit["label"] == "Blood count (One, Two); Creatinine (Two)"


def test_what_repeats_lapses_with_the_days_shown_or_its_own_last_day() -> None:
    assert max(days(data(*twice(), shown=42, called=called), "two", ("test",))) <= 43
    assert days(data(*twice(until_day=20), shown=42), "two", ("test",)) == [8, 16]


def test_what_repeats_is_shown_up_to_the_last_day_when_its_first_dose_is_past() -> None:
    due = Due("d", "lab", "Count", (14, 14), every_days=(14, 14))
    dosing = agent("two", Schedule(for_days=(1, None)), route="oral", due=(due,))
    given = chosen(dosing, given=(FRIDAY - datetime.timedelta(30),))
    assert days(data(given, shown=42), "two", ("test",)) == [13, 27, 41]


def test_a_visit_tells_each_test_in_full_once_and_by_number_later() -> None:
    found = data(*twice(), shown=42, called=called)
    rows = [one["id"] for one in found["rows"] if one["kind"] == "test"]
    assert sorted(name for visit in found["visits"] for name in visit["rows"]) == sorted(rows)
    numbers = {
        detail["number"]: (detail["agent"], detail["text"])
        for visit in found["visits"]
        for detail in visit["details"]
    }
    assert len(numbers) == len(set(numbers.values())) == 2
    said = calendar_text.render(found)
    body = " ".join(said.split("\nRules")[0].split())
    assert body.count("Blood count and creatinine; the review gives no interval.") == 1
    assert "Again T" in body
    assert icalendar.render(found).count("BEGIN:VEVENT") == len(list(calendar_text.entries(found)))
    for event in icalendar.render(found).replace("\r\n ", "").split("BEGIN:VEVENT"):
        if "Creatinine" in event:
            assert "the review gives no interval" in event  # an event stands alone


def test_a_test_that_goes_on_for_days_is_no_visit_and_is_still_shown() -> None:
    due = (
        Due("glucose", "lab", "Glucose daily", (0, 0), every_days=(1, 1), until_day=10),
        Due("counts", "lab", "Count", (3, 3)),
        Due("kidney", "lab", "Creatinine", (3, 3)),
    )
    found = data(chosen(agent("one", Schedule(for_days=(1, None)), route="oral", due=due)))
    assert [visit["rows"] for visit in found["visits"]] == [["one.counts.1", "one.kidney.1"]]
    assert "Glucose daily" in calendar_text.render(found).split("\nRules")[0]
    assert icalendar.render(found).count("BEGIN:VEVENT") == 3


def test_what_has_no_name_keeps_its_own_words_and_what_may_not_apply_says_so() -> None:
    when = ANTIBODY.spacing[0].soft_when
    due = (
        Due("urine", "lab", "Urine for blood; for life (from memory).", (3, 3)),
        Due("level", "level", "Trough.", (3, 3), facts=("level",), when=when),
        Due("asked", "lab", "Strongyloides (from memory).", (3, 3), facts=("level", "asked")),
    )
    one = agent("one", Schedule(for_days=(1, None)), route="oral", due=due)
    (visit,) = data(chosen(one), holds=unknown, called=called)["visits"]
    assert visit["label"] == "Urine for blood, Trough (if it applies), Strongyloides (One)"
    assert len(visit["details"]) == 3


def test_a_visit_for_tests_alone_keeps_to_the_days_on_which_the_suite_works() -> None:
    weekly = agent(
        "one",
        Schedule(for_days=(1, None)),
        route="oral",
        due=(Due("d", "lab", "Count", (6, 9), every_days=(6, 9)),),
    )
    found = data(chosen(weekly), setting=Setting(Suite(frozenset(range(5)))), shown=84)
    weekdays = {datetime.date.fromisoformat(visit["date"]).weekday() for visit in found["visits"]}
    assert weekdays <= set(range(5)) and len(found["visits"]) > 8


def test_before_a_first_dose_the_earliest_visit_stays_and_before_a_later_one_the_latest() -> None:
    before = Due("before", "lab", "Count before each dose", (-14, 0), counts_from="administration")
    between = Due("between", "lab", "Creatinine", (16, 16))
    dosing = agent("drug", Schedule(every_days=(28, 28), courses=(3, 3)), due=(before, between))
    found = data(chosen(dosing), setting=Setting(), shown=84)
    assert row(found, "drug.between.1")["day"] == 17  # a visit that could serve, twelve days before
    assert [row(found, f"drug.before.{number}")["day"] for number in (1, 2, 3)] == [1, 29, 57]


# ── The step alone ──


def dose(name: str, kind: Any = "infusion") -> Activity:
    return Activity(name, name, kind, agent=name)


def draw(name: str) -> Activity:
    return Activity(name, name, "test", agent="drug")


def fixed(name: str, day: int) -> Window:
    return Window(id=f"{name} fixed", words="", activity=name, earliest=day, latest=day)


def moved(problem: Problem, **slots: int) -> dict[str, int]:
    """Where the step puts everything, from these days on."""
    calendar = Calendar({name: Slot(day) for name, day in slots.items()})
    found = together(problem, calendar, NOBODY, frozenset())
    return {name: slot.day for name, slot in found.slots.items()}


START = datetime.date(2026, 3, 6)


def problem(activities: tuple[Activity, ...], *rules: Rule, days: int = 30) -> Problem:
    return Problem(START, days, activities, rules)


def test_a_test_moves_to_a_dose_and_no_dose_moves_to_a_test() -> None:
    rules = fixed("a", 9), Window(id="w", words="", activity="t", earliest=4, latest=12)
    assert moved(problem((dose("a"), draw("t")), *rules), a=9, t=4) == {"a": 9, "t": 9}


def test_what_is_drawn_before_a_treatment_is_not_moved_past_a_session() -> None:
    activities = dose("plasma", "procedure"), dose("drug"), dose("review", "review"), draw("serology")
    before = Gap(id="before", words="", first="serology", then="drug", at_least=0)
    found = moved(problem(activities, before), plasma=3, drug=9, review=9, serology=2)
    assert found["serology"] == 3  # that morning, before the session, and not on the ninth day
    assert moved(problem(activities, before), plasma=1, drug=9, review=9, serology=2)["serology"] == 9


@pytest.mark.parametrize("why", ["broken", "hours", "clock", "between tests", "two series"])
def test_what_is_bound_otherwise_stays(why: str) -> None:
    """A test whose rule is broken already, counted in hours, or shared with another test stays."""
    late = Window(id="late", words="", activity="t", earliest=0, latest=20, soft=why == "broken")
    activities = (dose("a"), draw("t"), draw("u"))
    rules: list[Rule] = [fixed("a", 9), fixed("u", 4), late]
    if why == "hours":
        rules.append(Gap(id="h", words="", first="t", then="a", at_least=1, unit="h"))
    if why == "clock":
        clocked = Activity("t", "t", "test", agent="drug", clock=Clock(8, 10, 1))
        activities = (dose("a"), clocked, draw("u"))
    if why == "between tests":
        rules.append(Gap(id="g", words="", first="t", then="u", at_least=0))
    if why == "two series":
        for name in ("s", "r"):
            rules.append(Series(id=name, words="", activities=("t", "u"), steps=((0, 20),)))
    calendar = Calendar(
        {"a": Slot(9), "t": Slot(3, 8 if why == "clock" else None), "u": Slot(4)},
        {"late": 1} if why == "broken" else {},
    )
    found = together(problem(activities, *rules), calendar, NOBODY, frozenset())
    assert found.slots["t"].day == 3


def test_a_calendar_that_cannot_be_shorter_comes_back_as_it_was() -> None:
    found = built(*twice(), chosen(ANTIBODY, dose=mg(1000)))
    calendar = solve(found.problem)
    assert isinstance(calendar, Calendar)
    once = together(found.problem, calendar, found.until(calendar), frozenset())
    assert together(found.problem, once, found.until(once), frozenset()) is once
    assert len(visits(found.problem, once, found.until(once))) < len(visits(found.problem, calendar, NOBODY))
