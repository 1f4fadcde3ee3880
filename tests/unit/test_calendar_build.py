"""From agents' regimens to a calendar: what is laid out, at which hours, and kept apart."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.calendar_agents import (
    ANTIBODY,
    CYTOTOXIC,
    EXCHANGE,
    FRIDAY,
    GLOBULIN,
    HOURS,
    INHIBITOR,
    PULSE,
    TABLETS,
    agent,
    always,
    amount,
    built,
    chosen,
    data,
    days,
    grams,
    mg,
    never,
    row,
    unknown,
)

from trivium.core.errors import UsageError
from trivium.knowledge.dosing import DoseRule, Limit, PackForm, Rate, Regimen, Schedule, Spacing
from trivium.record.site import Suite
from trivium.regimen.calendar.build import build
from trivium.regimen.calendar.conflicts import solve
from trivium.regimen.calendar.course import Choice, Quantity, course_of
from trivium.regimen.calendar.distances import Holds
from trivium.regimen.calendar.lengths import hours, minutes
from trivium.regimen.calendar.model import Calendar, Window
from trivium.regimen.calendar.setting import Setting

# ── Courses ──


@pytest.mark.parametrize(
    ("dosing", "expected"),
    [
        (PULSE, [1, 2, 3]),
        (ANTIBODY, [1, 15]),
        (EXCHANGE, [1, 2, 3, 5, 7, 9]),
        (GLOBULIN, [1, 2, 29, 30, 57, 58]),
        (CYTOTOXIC, [1, 29, 57]),
        (TABLETS, [1]),
        (INHIBITOR, [1]),
        (agent("weekly", Schedule(every_days=(7, 7), courses=(4, 4))), [1, 8, 15, 22]),
        (agent("once", Schedule()), [1]),
        (agent("fortnight", Schedule(on_days=(1, 15), every_days=(35, 42), courses=(2, 2))), [1, 15, 36, 50]),
    ],
    ids=lambda value: getattr(value, "agent", ""),
)
def test_a_schedule_becomes_its_days(dosing: Any, expected: list[int]) -> None:
    assert days(data(chosen(dosing)), dosing.agent) == expected


def test_no_more_courses_are_shown_than_fit_or_than_there_are() -> None:
    assert course_of(chosen(CYTOTOXIC), 29).count == 2
    assert course_of(chosen(CYTOTOXIC), 28).count == 1
    assert course_of(chosen(CYTOTOXIC), 1000).count == 6


def test_what_is_beyond_the_courses_promised_is_shown_as_if_continued() -> None:
    found = data(chosen(GLOBULIN))
    assert ["if continued" in one["label"] for one in found["rows"]] == [False] * 2 + [True] * 4
    assert any("as if it is continued" in note for note in found["notes"])


def test_what_is_taken_daily_is_one_stretch() -> None:
    tablets = row(data(chosen(TABLETS)), "tablets.1")
    assert (tablets["until"], tablets["goes_on"]) == ("2026-04-02", True)
    inhibitor = row(data(chosen(INHIBITOR)), "inhibitor.1")
    assert (inhibitor["until"], inhibitor["goes_on"]) == (None, True)


def test_taper_steps_follow_one_another_without_a_gap() -> None:
    steps = tuple(
        Regimen(name, name, "taper", (DoseRule(amount(5, "mg"), "day"),), Schedule(for_days=(7, last)))
        for name, last in (("first step", 7), ("second step", None))
    )
    found = data(chosen(agent("tablets", Schedule(for_days=(28, 28)), route="oral", tapers=steps)))
    assert days(found, "tablets") == [1, 29, 36]
    assert [one["goes_on"] for one in found["rows"]] == [False, False, True]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, 2),
        ({"over": 4}, 4),
        ({"dose": Quantity(Fraction(140), "g")}, 2),
        ({"dose": Quantity(Fraction(211), "g")}, 4),
        ({"dose": Quantity(Fraction(900), "g")}, 5),
        ({"dose": Quantity(Fraction(140000), "mg")}, 2),
    ],
)
def test_a_course_is_split_over_the_fewest_days_that_the_site_can_supply(more: Any, expected: int) -> None:
    most = Quantity(Fraction(70), "g")
    assert len(course_of(chosen(GLOBULIN, **more), 28, most).offsets) == expected


def test_a_printed_daily_limit_splits_a_course_when_the_weight_is_known() -> None:
    limited = agent(
        "globulin",
        Schedule(over_days=(2, 5)),
        per="course",
        limits=(Limit(amount(1, "g/kg"), "day"), Limit(amount(9, "g"), "course")),
    )
    dose = Quantity(Fraction(140), "g")
    assert len(course_of(chosen(limited, dose=dose, weight=Fraction(70)), 28).offsets) == 2
    assert len(course_of(chosen(limited, dose=dose, weight=Fraction(40)), 28).offsets) == 4
    assert len(course_of(chosen(limited, dose=dose), 28).offsets) == 2


def test_a_split_that_the_regimen_does_not_allow_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be split over 6 days"):
        built(chosen(GLOBULIN, over=6))


COVER = agent("cover", Schedule(times_per_day=Fraction(3), beside="cytotoxic"), route="intravenous or oral")


def test_what_is_given_beside_another_agent_repeats_with_it() -> None:
    for order in ((CYTOTOXIC, COVER), (COVER, CYTOTOXIC)):
        found = data(*map(chosen, order))
        assert days(found, "cover") == days(found, "cytotoxic") == [1, 29, 57]
        names = [
            one["id"] for one in found["rows"] if one["agent"] in ("cover", "cytotoxic") and one["day"] == 29
        ]
        assert [name for name in names if "counts" not in name] == ["cytotoxic.2", "cover.2"]


def test_what_is_given_beside_another_agent_follows_it_when_it_is_moved() -> None:
    site = Setting(Suite(frozenset({2}), may_slip_days=3))
    found = data(chosen(CYTOTOXIC), chosen(COVER), setting=site)
    assert days(found, "cover") == days(found, "cytotoxic") == [6, 34, 62]


def test_neither_is_given_without_the_other() -> None:
    """Kept to a later day, the cover holds back the dose that it belongs to."""
    problem = built(chosen(CYTOTOXIC), chosen(COVER)).problem
    for name in ("cover.2", "cytotoxic.2"):
        late = Window(id="late", words="", activity=name, earliest=40)
        calendar = solve(replace(problem, rules=(*problem.rules, late)))
        assert isinstance(calendar, Calendar)
        assert calendar.slots["cover.2"].day == calendar.slots["cytotoxic.2"].day == 40


@pytest.mark.parametrize("is_covered", [True, False])
def test_beside_doses_that_are_past_nothing_is_given_any_more(is_covered: bool) -> None:
    past = FRIDAY - datetime.timedelta(20)
    cover = chosen(COVER, given=(past,) if is_covered else ())
    found = data(chosen(CYTOTOXIC, given=(past,)), cover)
    coming = [day for day in days(found, "cytotoxic") if day > 0]
    assert [day for day in days(found, "cover") if day > 0] == coming == [9, 37]
    assert [day for day in days(found, "cover") if day <= 0] == ([-19] if is_covered else [])


def test_without_the_agent_that_it_belongs_to_it_stands_once_and_says_so() -> None:
    found = data(chosen(COVER))
    assert days(found, "cover") == [1]
    assert any("given with each cytotoxic, which is not in this calendar" in note for note in found["notes"])


# ── Hours ──


def test_an_infusion_runs_through_its_steps() -> None:
    first, subsequent = ANTIBODY.rates
    # 50 mg/h and 50 more every half hour: 700 mg in 3.5 h, then 300 mg at 400 mg/h.
    assert minutes(first, mg(1000), None) == 3 * 60 + 30 + 45
    assert minutes(subsequent, mg(1000), None) == 90 + 105
    assert minutes(first, mg(20), None) == 24
    assert minutes(first, None, None) is None
    assert minutes(first, Quantity(Fraction(1), "mL"), None) is None
    assert minutes(Rate("any", start=amount(1, "mg/h"), most=amount(2, "mg/h")), mg(10), None) is None


def test_the_top_rate_is_not_passed_and_the_slowest_rule_counts() -> None:
    steep = Rate(
        "any", start=amount(50, "mg/h"), step=amount(300, "mg/h"), step_minutes=60, most=amount(100, "mg/h")
    )
    assert minutes(steep, mg(250), None) == 60 + 120
    slow = Rate("any", start=amount(25, "mg/h"))
    dosing = agent("drug", Schedule(), rates=(steep, slow))
    assert hours(chosen(dosing, dose=mg(250)), mg(250), never, first=True) == 10


def test_a_rate_by_weight_needs_the_weight() -> None:
    rate = Rate("any", start=amount(1, "mg/kg/min"))
    assert minutes(rate, Quantity(Fraction(7), "g"), Fraction(70)) == 100
    assert minutes(rate, Quantity(Fraction(7), "g"), None) is None


def test_a_rate_in_millilitres_takes_the_thinnest_form() -> None:
    forms = {
        name: PackForm(name, name, "bottle", amount(held, "g"), volume=amount(100, "mL"))
        for name, held in (("ten", 10), ("five", 5))
    }
    dosing = replace(agent("g", Schedule(), rates=(Rate("any", start=amount(100, "mL/h")),)), forms=forms)
    assert hours(chosen(dosing, dose=grams(30)), grams(30), never, first=True) == 6
    only = replace(dosing.regimens["usual"], forms=("ten",))
    assert hours(Choice(dosing, only, grams(30)), grams(30), never, first=True) == 3
    assert hours(chosen(dosing), None, never, first=True) is None


def test_hours_are_chosen_where_the_site_and_the_length_are_known() -> None:
    choice = chosen(ANTIBODY, dose=mg(1000))
    timed = data(choice)
    assert [(one["time"], one["hours"]) for one in timed["rows"] if one["kind"] == "infusion"] == [
        ("08:00", 5),
        ("08:00", 4),
    ]
    for setting, with_dose, said in (
        (Setting(), choice, "hours of infusions are not declared"),
        (HOURS, chosen(ANTIBODY), "how long it takes is not known"),
        (replace(HOURS, suite=Suite(hours=(8, 11))), choice, "longer than the site is open"),
    ):
        found = data(with_dose, setting=setting)
        assert row(found, "antibody.1")["time"] is None
        assert any(said in note for note in found["notes"])


# ── Distances ──


def test_the_distance_holds_in_hours_and_without_hours_whatever_the_hour() -> None:
    dosed, exchange = chosen(ANTIBODY, dose=mg(1000)), replace_purpose(EXCHANGE)
    assert (
        days(data(dosed, exchange), "exchange")[0] == 4
    )  # 8 to 13 o'clock, and 13 o'clock on the fourth day
    assert days(data(dosed, exchange, setting=Setting()), "exchange")[0] == 5


def replace_purpose(dosing: Any) -> Choice:
    """The same agent, not as a rescue."""
    regimen = replace(dosing.regimens["usual"], purpose="start")
    return Choice(dosing, regimen)


def test_rescue_comes_first_and_the_antibody_waits_for_the_whole_block() -> None:
    found = data(chosen(ANTIBODY, dose=mg(1000)), chosen(EXCHANGE))
    assert days(found, "exchange")[0] == 1
    assert row(found, "antibody.1")["day"] == 9  # after the last session, on its day


@pytest.mark.parametrize(("holds", "first"), [(never, 4), (unknown, 4), (always, 1)])
def test_a_session_waits_for_a_dose_given_yesterday_unless_rescue_certainly_cannot(
    holds: Holds, first: int
) -> None:
    given = chosen(ANTIBODY, dose=mg(1000), given=(datetime.date(2026, 3, 5),))
    found = data(given, chosen(EXCHANGE), holds=holds)
    assert days(found, "exchange")[0] == first
    assert row(found, "antibody.1")["day"] == 0 and row(found, "antibody.1")["given"]
    assert row(found, "antibody.2")["day"] == 14
    assert bool(found["lost"]) == (first == 1)


def test_what_a_broken_distance_costs_is_told_with_the_published_figures() -> None:
    given = chosen(ANTIBODY, dose=mg(1000), given=(datetime.date(2026, 3, 5),))
    (lost,) = data(given, chosen(EXCHANGE), holds=always)["lost"]
    assert (lost["agent"], lost["procedure"]) == ("antibody", "exchange")
    assert [one["session"] for one in lost["sessions"]] == [
        "Exchange, 1 of 6",
        "Exchange, 2 of 6",
        "Exchange, 3 of 6",
    ]
    low, high = lost["sessions"][0]["percent_of_body"]
    assert low < 47 < 54 < high
    assert lost["published"][0]["hours"] == [24, 72]
    assert sum(one["percent_of_doses"][0] for one in lost["sessions"]) <= lost["percent_of_doses"][0]


def test_a_distance_without_kinetics_is_broken_without_a_tale() -> None:
    plain = replace(ANTIBODY, kinetics=())
    given = chosen(plain, dose=mg(1000), given=(datetime.date(2026, 3, 5),))
    found = data(given, chosen(EXCHANGE), holds=always)
    assert found["lost"] == []
    assert any(rule["broken_by"] and rule["unit"] == "h" for rule in found["rules"])


SPACINGS = {
    "after": (Spacing("s", "after", ("pulse",), "t", days_least=2, scope="block"), [5, 6]),
    "after sessions": (Spacing("s", "after", ("pulse",), "t", hours_least=0), [1, 2]),
    "before": (Spacing("s", "before", ("pulse",), "t", days_least=1, scope="block"), [1, 2]),
    "not same day": (Spacing("s", "not_same_day", ("pulse",), "t"), [4, 5]),
    "same day": (Spacing("s", "same_day", ("pulse",), "t"), [1, 2]),
    "by class": (Spacing("s", "after", ("glucocorticoid",), "t", days_least=3), [4, 5]),
    "other agents": (Spacing("s", "after", ("nobody",), "t", days_least=3), [1, 2]),
    "not followed": (
        Spacing("s", "after", ("pulse",), "t", days_least=3, in_force=False, reason="r"),
        [1, 2],
    ),
}


@pytest.mark.parametrize(("spacing", "expected"), SPACINGS.values(), ids=SPACINGS.keys())
def test_each_relation_keeps_its_distance(spacing: Spacing, expected: list[int]) -> None:
    globulin = agent("globulin", Schedule(over_days=(2, 2)), spacing=(spacing,))
    found = data(chosen(PULSE), chosen(globulin), setting=Setting())
    assert days(found, "globulin") == expected
    assert any("Not followed: t (r)" in note for note in found["notes"]) == (not spacing.in_force)
    if spacing.relation == "before":
        assert days(found, "pulse") == [3, 4, 5]


def test_a_latest_in_hours_is_kept_in_days_where_no_hour_is_known() -> None:
    """Within 24 h is the same day, within 48 h the next: never more hours than allowed, whatever the hour."""
    for most, latest in ((24, 1), (47, 1), (48, 2)):
        soon = Spacing("s", "after", ("pulse",), "t", hours_least=0, hours_most=most, days_least=0)
        drug = agent("drug", Schedule(), spacing=(soon,))
        problem = build((chosen(PULSE), chosen(drug)), FRIDAY, 30, Setting(), never).problem
        late = Window(id="late", words="", activity="drug.1", earliest=latest)
        calendar = solve(replace(problem, rules=(*problem.rules, late), aims=()))
        assert isinstance(calendar, Calendar)
        assert calendar.slots["drug.1"].day - calendar.slots["pulse.1"].day <= latest - 1


def test_a_distance_of_one_regimen_does_not_bind_another() -> None:
    spacing = replace(SPACINGS["after"][0], regimens=("another",))
    globulin = agent("globulin", Schedule(over_days=(2, 2)), spacing=(spacing,))
    assert days(data(chosen(PULSE), chosen(globulin)), "globulin") == [1, 2]


def test_what_was_given_too_early_stops_nothing_and_is_said() -> None:
    globulin = agent("globulin", Schedule(on_days=(1, 8)), spacing=(SPACINGS["after"][0],))
    found = data(chosen(PULSE), chosen(globulin, given=(FRIDAY - datetime.timedelta(1),)), setting=Setting())
    assert any("what was given already does not keep this: t" in note for note in found["notes"])
    assert days(found, "pulse") == [1, 2, 3] and days(found, "globulin") == [0, 7]


def test_a_soft_distance_never_delays_what_begins_for_what_prevents() -> None:
    when = ANTIBODY.spacing[0].soft_when
    month = Spacing("month", "before", ("inhibitor",), "A month before", days_least=30, soft_when=when)
    cover = agent("cover", Schedule(for_days=(90, 90)), route="oral", purpose="treat", spacing=(month,))
    found = data(chosen(cover), chosen(INHIBITOR), holds=always)
    assert days(found, "inhibitor") == [1] and days(found, "cover") == [1]
    assert days(data(chosen(cover), chosen(INHIBITOR), holds=never), "inhibitor") == [31]


def test_a_distance_whose_condition_is_false_is_none_and_one_unknown_is_kept() -> None:
    spacing = replace(SPACINGS["after"][0], when=ANTIBODY.spacing[0].soft_when)
    globulin = agent("globulin", Schedule(over_days=(2, 2)), spacing=(spacing,))
    for holds, expected in ((never, [1, 2]), (unknown, [5, 6]), (always, [5, 6])):
        assert days(data(chosen(PULSE), chosen(globulin), holds=holds), "globulin") == expected


def test_the_latest_that_a_block_may_be_followed_counts_from_its_last_dose() -> None:
    found = data(chosen(PULSE), chosen(TABLETS))
    assert days(found, "tablets") == [4]
