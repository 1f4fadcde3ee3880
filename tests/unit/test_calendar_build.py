"""From agents' regimens and a site to a calendar: what is laid out, kept apart, due, and said."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.calendar_agents import (
    ANTIBODY,
    CYTOTOXIC,
    EVERYTHING,
    EXCHANGE,
    GLOBULIN,
    INHIBITOR,
    PULSE,
    SOURCE,
    TABLETS,
    agent,
    always,
    amount,
    chosen,
    never,
    unknown,
)

from trivium.core.errors import UsageError
from trivium.core.values import point
from trivium.knowledge.dosing import DoseRule, Due, Limit, PackForm, Rate, Regimen, Schedule, Spacing
from trivium.record.events import Quantity as RecordQuantity
from trivium.record.site import Arrival, Site, Suite
from trivium.regimen.calendar import events
from trivium.regimen.calendar.build import Built, build
from trivium.regimen.calendar.check import Fault
from trivium.regimen.calendar.course import Choice, Quantity, course_of
from trivium.regimen.calendar.distances import Holds
from trivium.regimen.calendar.events import UnsafeCalendarError, calendar_data
from trivium.regimen.calendar.lengths import hours, minutes
from trivium.regimen.calendar.setting import Setting

FRIDAY = datetime.date(2026, 3, 6)
HOURS = Setting(Suite(hours=(8, 18)), Suite(hours=(8, 16)))
Data = dict[str, Any]


def built(
    *choices: Choice, setting: Setting = HOURS, holds: Holds = never, shown: int = 60, **more: Any
) -> Built:
    return build(choices, FRIDAY, shown, setting, holds, **more)


def data(*choices: Choice, **how: Any) -> Data:
    found = calendar_data(built(*choices, **how))
    assert found["status"] == "found", found["clash"]
    return found


def days(found: Data, agent: str, kinds: Sequence[str] = ("infusion", "procedure", "stretch")) -> list[int]:
    """On which days an agent is given; the first day is 1."""
    return [row["day"] for row in found["rows"] if row["agent"] == agent and row["kind"] in kinds]


def row(found: Data, name: str) -> Data:
    (one,) = [row for row in found["rows"] if row["id"] == name]
    return dict(one)


def mg(number: int) -> Quantity:
    return Quantity(Fraction(number), "mg")


def grams(number: int) -> Quantity:
    return Quantity(Fraction(number), "g")


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


# ── Due ──


def test_reviews_and_cover_fall_due_from_the_first_dose() -> None:
    found = data(chosen(TABLETS))
    reviews = {one["label"]: one["day"] for one in found["rows"] if one["kind"] == "review"}
    assert reviews == {"Early check": 15, "Response": 29}
    assert row(found, "tablets.cover.1")["goes_on"]


def test_tests_repeat_within_their_interval_and_until_their_day() -> None:
    found = data(chosen(CYTOTOXIC), shown=182)
    assert days(found, "cytotoxic", ("test",)) == [15, 29, 43, 57, 71, 85, 99]


def test_what_is_daily_is_one_line() -> None:
    due = Due("glucose", "lab", "Glucose daily", (0, 0), every_days=(1, 1), until_day=10)
    found = data(chosen(agent("pulse", Schedule(), due=(due,))))
    assert row(found, "pulse.glucose.1")["until"] == "2026-03-15"


def test_serology_is_drawn_before_and_known_serology_is_not_drawn_again() -> None:
    choices = chosen(GLOBULIN), chosen(ANTIBODY)
    found = data(*choices)
    order = [one["id"] for one in found["rows"]]
    assert order.index("antibody.serology.1") < order.index("globulin.1")
    assert row(found, "antibody.serology.1")["day"] == 1
    known = data(*choices, is_known=lambda fact: fact == "serology")
    assert "antibody.serology.1" not in {one["id"] for one in known["rows"]}
    assert any("known already" in note for note in known["notes"])


def test_serology_before_another_agent_is_not_lost_when_its_own_is_past() -> None:
    given = chosen(ANTIBODY, given=(datetime.date(2026, 3, 1),))
    found = data(given, chosen(GLOBULIN))
    order = [one["id"] for one in found["rows"]]
    assert order.index("antibody.serology.1") < order.index("globulin.1")


def test_nothing_due_before_a_treatment_delays_it() -> None:
    found = data(chosen(ANTIBODY))
    assert days(found, "antibody") == [1, 15]
    (vaccine,) = [rule for rule in found["rules"] if rule["id"] == "antibody.vaccine"]
    assert vaccine["soft"] and vaccine["broken_by"] == 14


def test_premedication_stands_beside_each_dose() -> None:
    found = data(chosen(ANTIBODY))
    assert all(
        "Antihistamine, 30 min before" in row(found, name)["note"] for name in ("antibody.1", "antibody.2")
    )


def test_what_fell_due_before_today_is_said_and_what_repeats_goes_on() -> None:
    given = chosen(TABLETS, given=(FRIDAY - datetime.timedelta(20),))
    found = data(given)
    assert any("fell due before this calendar begins: Early check" in note for note in found["notes"])
    assert [one["day"] for one in found["rows"] if one["label"] == "Response"] == [9]
    repeated = chosen(CYTOTOXIC, given=(FRIDAY - datetime.timedelta(20),))
    assert days(data(repeated), "cytotoxic", ("test",))[0] == 9


def test_a_due_whose_condition_is_unknown_is_kept_and_says_so() -> None:
    when = ANTIBODY.spacing[0].soft_when
    dosing = agent("x", Schedule(), due=(Due("d", "lab", "Potassium", (1, 1), when=when),))
    assert [one["label"] for one in data(chosen(dosing), holds=unknown)["rows"]][1:] == [
        "Potassium (if rescue: not known)"
    ]
    assert len(data(chosen(dosing), holds=never)["rows"]) == 1


# ── The site ──

WEEKDAYS = frozenset(range(5))
MONDAY_OFF = frozenset({datetime.date(2026, 3, 9)})


def test_the_suite_s_days_and_holidays_bind_after_the_days_on_the_ward() -> None:
    suite = Suite(WEEKDAYS, MONDAY_OFF, (8, 18))
    later = agent("late", Schedule(on_days=(1, 4), on_days_latest=(1, 6)))
    assert days(data(chosen(later), setting=Setting(suite)), "late") == [1, 5]
    ward = Setting(suite, ward_days=14)
    assert days(data(chosen(later), setting=ward), "late") == [1, 4]
    assert days(data(chosen(PULSE), setting=ward), "pulse") == [1, 2, 3]
    assert days(data(chosen(PULSE), setting=Setting(suite)), "pulse") == [5, 6, 7]


def test_a_beginning_that_waits_for_the_site_alone_is_said() -> None:
    waits = data(chosen(PULSE), setting=Setting(Suite(WEEKDAYS)))
    assert days(waits, "pulse") == [4, 5, 6]
    assert any("Pulse begins on day 4: on a ward" in note and "on day 1" in note for note in waits["notes"])
    assert not any("on a ward" in note for note in data(chosen(PULSE))["notes"])


def test_single_doses_may_slip_as_the_site_allows_and_days_in_a_row_do_not() -> None:
    suite = Suite(frozenset({0, 1, 2, 3}), frozenset({datetime.date(2026, 3, 16)}), (8, 18))
    weekly = agent("weekly", Schedule(every_days=(7, 7), courses=(2, 2)))
    assert days(data(chosen(weekly), setting=Setting(suite)), "weekly") == [5, 12]  # from Tuesday
    slips = Setting(replace(suite, may_slip_days=1))
    assert days(data(chosen(weekly), setting=slips), "weekly") == [4, 12]  # Tuesday after a holiday
    assert days(data(chosen(PULSE), setting=slips), "pulse") == [4, 5, 6]


def limit(number: int, unit: str = "g") -> RecordQuantity:
    return RecordQuantity(point(Decimal(number)), unit)


def test_a_daily_limit_of_the_pharmacy_holds() -> None:
    limited = Setting(Suite(most_a_day={"globulin": limit(50)}))
    globulin = agent("globulin", Schedule(over_days=(1, 1)), per="course")
    clash = calendar_data(built(chosen(globulin, dose=grams(60)), setting=limited))
    assert clash["status"] == "clash" and clash["clash"]["rules"] == ["globulin.most a day"]
    assert data(chosen(globulin, dose=grams(50)), setting=limited)["status"] == "found"
    unknown_dose = data(chosen(globulin), setting=limited)
    assert any("limit on it is not kept" in note for note in unknown_dose["notes"])


def test_a_dose_waits_for_stock_where_it_is_declared_what_is_held() -> None:
    def arrivals(*later: int) -> Setting:
        week = FRIDAY + datetime.timedelta(6)
        held = [Arrival("globulin", FRIDAY, limit(50))] if 0 in later else []
        return Setting.of(Site(arrivals=(*held, Arrival("globulin", week, limit(20000, "mg")))))

    globulin = chosen(agent("globulin", Schedule(over_days=(1, 1)), per="course"), dose=grams(60))
    assert days(data(globulin, setting=arrivals(0, 6)), "globulin") == [7]
    undeclared = data(globulin, setting=arrivals(6))
    assert days(undeclared, "globulin") == [1]
    assert any("stock binds nothing" in note for note in undeclared["notes"])


def test_a_site_s_profile_is_the_setting() -> None:
    site = Site(infusions=Suite(hours=(7, 15)), exchanges=Suite(WEEKDAYS))
    setting = Setting.of(site, ward_days=3)
    assert (setting.suite, setting.sessions, setting.ward_days) == (site.infusions, site.exchanges, 3)


def test_a_clash_names_the_rules_with_their_words_and_sources() -> None:
    mondays = Setting(sessions=Suite(frozenset({0}), hours=(8, 16)))
    found = calendar_data(built(chosen(EXCHANGE), setting=mondays))
    assert found["clash"]["rules"] == ["exchange.usual", "sessions.weekdays"] == found["clash"]["lifted_by"]
    named = {rule["id"]: rule for rule in found["rules"]}
    assert named["exchange.usual"]["sources"][0]["source"] == SOURCE[0].source
    assert named["sessions.weekdays"]["words"] == "The exchange unit works on Monday"
    assert found["rows"] == []


# ── What is refused, and what is the same ──


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ((), "at least one agent"),
        ((chosen(PULSE), chosen(PULSE)), "chosen twice"),
        ((chosen(PULSE, given=(FRIDAY,)),), "before the calendar's first day"),
        ((chosen(INHIBITOR, given=(FRIDAY - datetime.timedelta(1),) * 2),), "the regimen has 1"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(choices: tuple[Choice, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        built(*choices)


def test_all_together_keep_every_rule_and_come_out_the_same_twice() -> None:
    setting = replace(HOURS, suite=Suite(WEEKDAYS, hours=(8, 18), may_slip_days=1), ward_days=14)
    first = data(*EVERYTHING, setting=setting, shown=182)
    assert first == data(*EVERYTHING, setting=setting, shown=182)
    assert all(not rule["broken_by"] or rule["soft"] for rule in first["rules"])
    assert [row["date"] for row in first["rows"]] == sorted(row["date"] for row in first["rows"])
    assert first["proven"]


def test_a_calendar_that_fails_its_check_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "check", lambda *_: (Fault("x", "is broken by 1"),))
    with pytest.raises(UnsafeCalendarError, match="not shown"):
        calendar_data(built(chosen(PULSE)))


def test_the_label_as_printed_is_marked_unless_the_dose_was_worked_out() -> None:
    printed = row(data(chosen(INHIBITOR)), "inhibitor.1")["note"]
    assert printed == "inhibitor as usual (as printed, not adjusted)"
    assert row(data(chosen(INHIBITOR, words="5 mg once daily")), "inhibitor.1")["note"] == "5 mg once daily"
    assert row(data(chosen(ANTIBODY, dose=mg(1000))), "antibody.1")["label"] == "Antibody 1000 mg, 1 of 2"
