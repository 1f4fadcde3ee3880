"""Hard dates, from Observation to every reading: half-known days, zones, periods, conflicts.

Lymphocytes are good for 14 days here and ferritin for ever (hard_cases.py). As-of is the end of 31 March
2024, so the days from 18 to 31 March are good.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from tests.differential.hard_cases import answer, codes, facts, lymphocytes, observation, on
from tests.unit.test_fhir_samples import Json

from trivium.record.site import Site

LOW = "lymphocyte_count < 0.5 '10*3/uL'"
HIGH = "ferritin > 500 'ng/mL'"
RECENT = "counted_recently"


def ferritin(value: object = 600, **more: object) -> Json:
    return observation("ferritin", value, "ng/mL", **more)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2024-03-31", "true"),
        ("2024-03-18", "true"),
        ("2024-03-17", "unknown"),
        ("2024-03-18T00:00:00Z", "true"),
        ("2024-03-17T23:59:59Z", "unknown"),
        ("2024-04-01", "unknown"),
        ("2024-03-31T23:59:59Z", "true"),
        ("2024-04-01T00:00:00Z", "unknown"),
        ("2024-03", "unknown"),
        ("2024-02", "unknown"),
        ("2024", "unknown"),
        ("2023", "unknown"),
    ],
)
def test_a_date_at_the_edge_of_what_is_good_counts_to_the_day(time: str, expected: str) -> None:
    assert answer(LOW, lymphocytes(**on(time))) == expected


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2024-03-17", "stale"),
        ("2024-02", "stale"),
        ("2023", "stale"),
        ("2024-03", "uncertain-date"),
        ("2024", "uncertain-date"),
        ("2024-03-10/2024-03-25", "uncertain-date"),
        ("2024-04-01", "missing"),
    ],
)
def test_what_is_too_old_and_what_may_be_are_told_apart(time: str, reason: str) -> None:
    assert reason in codes(facts(lymphocytes(**on(time)))["lymphocyte_count"])


@pytest.mark.parametrize(
    ("time", "as_of", "expected"),
    [
        ("2024-03", "2024-03-31", "true"),
        ("2024-03", "2024-03-30", "unknown"),
        ("2024-03", "2024-02-29", "unknown"),
        ("2024", "2024-12-31", "true"),
        ("2024", "2024-12-30", "unknown"),
        ("2024-03", "2030-01-01", "true"),
        ("2024-02-29", "2024-02-29", "true"),
        ("2024-02-29", "2024-02-28", "unknown"),
    ],
)
def test_a_month_or_year_that_may_lie_after_as_of_is_no_result_yet(
    time: str, as_of: str, expected: str
) -> None:
    assert answer(HIGH, ferritin(**on(time)), as_of=as_of) == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2024-03-25", "true"),
        ("2024-03-24", "unknown"),
        ("2024-03-25T00:00:00Z", "true"),
        ("2024-03-24T23:59:59Z", "unknown"),
        ("2024-03", "unknown"),
        ("2024-03-25/2024-03-31", "true"),
        ("2024-03-24/2024-03-26", "unknown"),
    ],
)
def test_a_window_of_seven_days_counts_to_the_day(time: str, expected: str) -> None:
    assert answer(RECENT, lymphocytes(**on(time))) == expected


@pytest.mark.parametrize(
    ("time", "low", "high"),
    [
        ("2024-03-20/2024-03-25", "true", "true"),
        ("2024-03-10/2024-03-25", "unknown", "true"),
        ("2024-03-20/2024-04-02", "unknown", "unknown"),
        ("2024-03-20/", "unknown", "unknown"),
        ("/2024-03-25", "unknown", "true"),
        ("2024-03/2024-03-25", "unknown", "true"),
        ("2024-03-25/2024-03-20", "unknown", "true"),
    ],
)
def test_a_period_is_as_wide_as_it_is_written(time: str, low: str, high: str) -> None:
    """One that ends before it begins is no date: the result counts, but never as a recent one (0015)."""
    assert answer(LOW, lymphocytes(**on(time))) == low
    assert answer(HIGH, ferritin(**on(time))) == high


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-03-30T23:30:00-05:00", "2024-03-31T03:00:00Z"),
        ("2024-03-31T03:00:00Z", "2024-03-31T04:30:00+02:00"),
        ("2024-03-31T09:00:00-03:00", "2024-03-31T11:59:59Z"),
        ("2024-03-31T00:30:00Z", "2024-03-31T13:00:00+14:00"),
    ],
)
def test_the_latest_is_the_latest_whatever_the_offsets_look_like(one: str, other: str) -> None:
    """The first of each pair is later, though as a text the second is, or nearly so."""
    later, earlier = lymphocytes("0.4", id="later", **on(one)), lymphocytes("0.9", id="earlier", **on(other))
    assert answer(LOW, later, earlier) == answer(LOW, earlier, later) == "true"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2024-03-17T23:30:00-05:00", "true"),
        ("2024-03-18T00:30:00+02:00", "unknown"),
        ("2024-03-31T20:00:00-05:00", "unknown"),
        ("2024-03-31T18:59:59-05:00", "true"),
        ("2024-04-01T01:00:00+02:00", "true"),
        ("2024-04-01T02:00:00+02:00", "unknown"),
    ],
)
def test_an_offset_moves_a_result_into_a_window_or_out_of_it(time: str, expected: str) -> None:
    assert answer(LOW, lymphocytes(**on(time))) == expected


@pytest.mark.parametrize(
    ("zone", "time", "expected"),
    [
        ("Asia/Tokyo", "2024-03-31T15:00:00Z", "unknown"),
        ("Asia/Tokyo", "2024-03-31T14:59:59Z", "true"),
        ("Asia/Tokyo", "2024-03-31T23:30:00", "true"),
        ("Asia/Tokyo", "2024-03-17T15:00:00Z", "true"),
        ("Asia/Tokyo", "2024-03-17T14:59:59Z", "unknown"),
        ("America/New_York", "2024-04-01T03:59:59Z", "true"),
        ("America/New_York", "2024-04-01T04:00:00Z", "unknown"),
        ("Europe/Berlin", "2024-03-31T02:30:00", "true"),
        ("Europe/Berlin", "2024-03-31", "true"),
    ],
)
def test_a_day_is_a_day_of_the_site(zone: str, time: str, expected: str) -> None:
    """Without an offset a time is the site's; the hour that summer time skips is still read."""
    assert answer(LOW, lymphocytes(**on(time)), site=Site(ZoneInfo(zone))) == expected


@pytest.mark.parametrize(
    "time", ["2024-03-31T24:00:00Z", "2024-02-30", "2024-13", "today", "31.03.2024", "24-03-31"]
)
def test_a_date_that_is_none_is_never_taken_for_another_one(time: str) -> None:
    assert answer(LOW, lymphocytes(**on(time))) == "unknown"


def pair(one: str, other: str, first: str = "0.4", second: str = "0.9") -> tuple[Json, Json]:
    return lymphocytes(first, id="one", **on(one)), lymphocytes(second, id="other", **on(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-03-30", "2024-03-30"),
        ("2024-03-30T08:00:00Z", "2024-03-30T08:00:00Z"),
        ("2024-03-30T08:00:00Z", "2024-03-30T09:00:00+01:00"),
        ("2024-03-30T23:30:00-05:00", "2024-03-31T04:30:00Z"),
    ],
)
def test_two_values_of_one_moment_contradict_each_other(one: str, other: str) -> None:
    results = pair(one, other)
    assert answer(LOW, *results) == "unknown"
    assert codes(facts(*results)["lymphocyte_count"]) == ["conflict"]
    same = pair(one, other, "400", "400")
    assert answer("lymphocyte_count > 0.5 '10*3/uL'", *same) == "true"


def test_two_units_of_one_value_at_one_moment_do_not_contradict_each_other() -> None:
    one = lymphocytes("0.4", "10*3/uL", id="one")
    other = lymphocytes("400", "/uL", id="other")
    assert answer("lymphocyte_count = 0.4 '10*3/uL'", one, other) == "true"


def test_values_of_one_month_are_all_that_either_could_be() -> None:
    results = [ferritin(493, id="one", **on("2024-03")), ferritin(622, id="other", **on("2024-03"))]
    assert [answer(f"ferritin > {n} 'ng/mL'", *results) for n in (400, 500, 622)] == [
        "true",
        "unknown",
        "false",
    ]


def test_a_day_and_an_hour_of_it_leave_open_which_is_later() -> None:
    results = pair("2024-03-30", "2024-03-30T08:00:00Z", "0.3", "0.4")
    assert answer(LOW, *results) == "true"
    assert answer("lymphocyte_count < 0.35 '10*3/uL'", *results) == "unknown"
    assert answer("lymphocyte_count < 0.3 '10*3/uL'", *results) == "false"


def test_an_older_month_never_hides_a_newer_day() -> None:
    assert (
        answer(HIGH, ferritin(600, id="new", **on("2024-03-05")), ferritin(100, id="old", **on("2024-02")))
        == "true"
    )
    both = ferritin(600, id="new", **on("2024-03-05")), ferritin(100, id="wide", **on("2024-03"))
    assert answer(HIGH, *both) == "unknown"


@pytest.mark.parametrize(
    ("issued", "as_of", "expected"),
    [
        ("2024-04-02T09:00:00Z", "2024-03-31", "unknown"),
        ("2024-04-02T09:00:00Z", "2024-04-01", "unknown"),
        ("2024-04-02T09:00:00Z", "2024-04-02", "true"),
        ("2024-03-31T23:59:59Z", "2024-03-31", "true"),
        ("2024-03-31T23:30:00-05:00", "2024-03-31", "unknown"),
    ],
)
def test_a_result_is_not_seen_before_it_was_issued(issued: str, as_of: str, expected: str) -> None:
    result = lymphocytes("0.4", issued=issued, **on("2024-03-30"))
    assert answer(LOW, result, as_of=as_of) == expected
    older = lymphocytes("0.9", id="older", **on("2024-03-29"))
    assert answer(LOW, result, older, as_of=as_of) == ("true" if expected == "true" else "false")


def test_a_result_that_is_awaited_says_so() -> None:
    awaited = lymphocytes("0.4", issued="2024-04-02T09:00:00Z", **on("2024-03-30"))
    assert codes(facts(awaited)["lymphocyte_count"]) == ["not-yet-reported"]


def test_a_result_with_only_the_time_of_issue_was_taken_some_time_before() -> None:
    only_issued = {"effectiveDateTime": None, "issued": "2024-03-30T09:00:00Z"}
    assert answer(LOW, lymphocytes(**only_issued)) == "unknown"
    assert answer(HIGH, ferritin(**only_issued)) == "true"
    assert answer(HIGH, ferritin(**only_issued), as_of="2024-03-29") == "unknown"


def test_a_result_without_any_date_is_never_taken_for_a_recent_one() -> None:
    undated = {"effectiveDateTime": None}
    assert answer(LOW, lymphocytes(**undated)) == "unknown"
    assert answer(RECENT, lymphocytes(**undated)) == "unknown"


def test_an_antibody_stays_positive_and_a_negative_grows_old() -> None:
    positive = observation("anti_mda5_antibody", valueString="positive", **on("2021-06-01"))
    negative = observation("anti_mda5_antibody", valueString="negative", id="later", **on("2023-06-01"))
    assert answer("anti_mda5_antibody = 'positive'", positive) == "true"
    assert answer("anti_mda5_antibody = 'negative'", negative) == "unknown"
    assert answer("mda5_positive_ever", positive, negative) == "true"
    assert answer("anti_mda5_antibody = 'positive'", positive, negative) == "unknown"
