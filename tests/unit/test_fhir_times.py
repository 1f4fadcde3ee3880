"""Times are as wide as they were written, in the site's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.unit.test_fhir_samples import one_event, one_record, resource

from trivium.record.events import When
from trivium.record.fhir_times import Clock

BERLIN = Clock(ZoneInfo("Europe/Berlin"))


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2023-12-31T23:00:00", "2024-12-31T22:59:59"),
        ("2024-02", "2024-01-31T23:00:00", "2024-02-29T22:59:59"),
        ("2024-07-01", "2024-06-30T22:00:00", "2024-07-01T21:59:59"),
        ("2024-03-31", "2024-03-30T23:00:00", "2024-03-31T21:59:59"),  # 23 hours long
        ("2024-07-01T10:00:05Z", "2024-07-01T10:00:05", "2024-07-01T10:00:05"),
        ("2024-07-01T10:00:05.999+02:00", "2024-07-01T08:00:05", "2024-07-01T08:00:05"),
        ("2024-07-01T10:00:05-05:30", "2024-07-01T15:30:05", "2024-07-01T15:30:05"),
        ("2024-07-01T10:00Z", "2024-07-01T10:00:00", "2024-07-01T10:00:59"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00", "2017-01-01T00:00:00"),  # a leap second
        ("9999-12-31", "9999-12-30T23:00:00", "9999-12-31T22:59:59"),
    ],
)
def test_width(text: str, start: str, end: str) -> None:
    assert BERLIN.read(text) == (When(utc(start), utc(end)), "")


def test_no_offset_is_local_and_noted() -> None:
    at = utc("2024-07-01T08:00:00")
    assert BERLIN.read("2024-07-01T10:00:00") == (When(at, at), "time-without-offset")
    record = one_record(resource("Observation", effectiveDateTime="2024-07-01T10:00:00"))
    assert record.report.notes == {"time-without-offset": 1}


def test_an_hour_that_summer_time_repeats_could_be_either() -> None:
    when, _ = BERLIN.read("2024-10-27T02:30:00")
    assert (when.start, when.end) == (utc("2024-10-27T00:30:00"), utc("2024-10-27T01:30:00"))


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30", "2024-13", "2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z", "0000", "2024-1-1"),
        *("2024-01-01 10:00", "2024-01-01T10Z", "2024-01-01T10:00:00+15:00", "yesterday", "", "20240101"),
        *("2024-01-01T10:00:00Z ", "２０２４", "02024"),
    ],
)
def test_what_cannot_be_read_is_unknown(text: str) -> None:
    assert BERLIN.read(text) == (When(), "bad-time")


@pytest.mark.parametrize("value", [None, 2024, True, ["2024"], {"a": 1}, 1.5])
def test_other_types_are_unknown(value: object) -> None:
    assert BERLIN.read(value) == (When(), "bad-time")


def test_a_bad_time_keeps_the_event_with_unknown_time_and_a_note() -> None:
    record = one_record(resource("Observation", effectiveDateTime="2024-01-01T24:00:00Z"))
    assert record.events[0].when == When()
    assert record.report.notes == {"bad-time": 1}


def test_a_year_of_three_digits_is_no_time_and_the_result_stays() -> None:
    record = one_record(resource("Observation", effectiveDateTime="970-01-01", valueInteger=5))
    assert [(event.when, event.value) for event in record.events] == [(When(), 5)]
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("Observation/x#time", "bad-time")
    ]


def test_period_timing_and_instant() -> None:
    start, end = "2024-03-01T08:00:00Z", "2024-03-02T08:00:00Z"
    whole = When(utc("2024-03-01T08:00:00"), utc("2024-03-02T08:00:00"))
    for element in (
        {"effectivePeriod": {"start": start, "end": end}},
        {"effectiveTiming": {"event": [end, start]}},
        {"effectiveTiming": {"repeat": {"boundsPeriod": {"start": start, "end": end}}}},
    ):
        event = one_event(resource("Observation", effectiveDateTime=None, **element))
        assert event.when == whole
        assert event.known_from == whole  # some time in the period, so not surely before its end
    event = one_event(resource("Observation", effectiveDateTime=None, effectiveInstant=start))
    assert event.when == When(whole.start, whole.start)
    open_ended = one_event(resource("Observation", effectiveDateTime=None, effectivePeriod={"start": start}))
    assert open_ended.when == When(whole.start, None)


def test_a_period_that_ends_before_it_begins_is_unknown() -> None:
    backwards = {"start": "2024-03-02", "end": "2024-03-01"}
    record = one_record(resource("Observation", effectiveDateTime=None, effectivePeriod=backwards))
    assert record.events[0].when == When()
    assert record.report.notes == {"bad-period": 1}


def test_of_two_times_neither_is_taken_and_the_result_stays() -> None:
    record = one_record(resource("Observation", effectivePeriod={"start": "2024-01-01"}, valueInteger=5))
    assert [(event.when, event.value) for event in record.events] == [(When(), 5)]
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("Observation/x#effective", "two-times")
    ]


def test_issued_is_when_it_was_known_and_bounds_the_time_when_it_is_alone() -> None:
    issued = "2024-03-05T00:00:00Z"
    event = one_event(resource("Observation", issued=issued))
    assert event.when.start == utc("2024-03-01T07:00:00")
    assert event.known_from == When(utc("2024-03-05T00:00:00"), utc("2024-03-05T00:00:00"))
    alone = one_record(resource("Observation", effectiveDateTime=None, issued=issued))
    assert alone.events[0].when == When(None, utc("2024-03-05T00:00:00"))
    assert alone.report.notes == {"only-issued": 1}
