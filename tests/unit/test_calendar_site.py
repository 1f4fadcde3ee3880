"""What is due around agents, and what the site declares, in a calendar."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.calendar_agents import (
    ANTIBODY,
    CYTOTOXIC,
    EVERYTHING,
    EXCHANGE,
    FRIDAY,
    GLOBULIN,
    HOURS,
    INHIBITOR,
    PULSE,
    SOURCE,
    TABLETS,
    agent,
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
from trivium.core.values import point
from trivium.knowledge.dosing import Due, Schedule
from trivium.record.events import Quantity as RecordQuantity
from trivium.record.site import Arrival, Site, Suite
from trivium.regimen.calendar import events
from trivium.regimen.calendar.check import Fault
from trivium.regimen.calendar.course import Choice
from trivium.regimen.calendar.events import UnsafeCalendarError, calendar_data
from trivium.regimen.calendar.setting import Setting

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
    known = data(*choices, is_done=lambda due: due.facts == ("serology",))
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
    strict = data(chosen(weekly), setting=Setting(suite))
    assert days(strict, "weekly") == [4, 12]  # the first does not wait because the second meets a holiday
    assert {rule["id"]: rule["broken_by"] for rule in strict["rules"]}["weekly.usual.later"] == 1
    slips = Setting(replace(suite, may_slip_days=1))
    allowed = data(chosen(weekly), setting=slips)
    assert days(allowed, "weekly") == [4, 12]
    assert not any(rule["broken_by"] for rule in allowed["rules"])
    assert days(data(chosen(PULSE), setting=slips), "pulse") == [4, 5, 6]


def test_a_dose_that_is_overdue_comes_now_and_is_said_to_be_late() -> None:
    late = chosen(ANTIBODY, given=(FRIDAY - datetime.timedelta(20),))
    found = data(late)
    assert days(found, "antibody") == [-19, 1]
    assert {rule["id"]: rule["broken_by"] for rule in found["rules"]}["antibody.usual.later"] == 5
    missed = chosen(PULSE, given=(FRIDAY - datetime.timedelta(3),))
    assert days(data(missed), "pulse") == [-2, 1, 2]


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


def test_what_is_given_only_if_continued_draws_on_no_stock() -> None:
    site = Site(arrivals=(Arrival("globulin", FRIDAY, limit(60)),))
    schedule = Schedule(over_days=(1, 1), every_days=(28, 28), courses=(1, None))
    globulin = chosen(agent("globulin", schedule, per="course"), dose=grams(60))
    found = data(globulin, setting=Setting.of(site), shown=84)
    assert len(days(found, "globulin")) == 3
    both = Schedule(over_days=(1, 1), every_days=(28, 28), courses=(2, None))
    twice = chosen(agent("globulin", both, per="course"), dose=grams(60))
    clash = calendar_data(built(twice, setting=Setting.of(site), shown=84))
    assert clash["clash"]["rules"] == ["globulin.stock"]
    assert any("60 g on" in rule["words"] for rule in clash["rules"])
