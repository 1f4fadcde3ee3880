"""latest, first, max, min, confirmed, trend: what counts, what is too old, what is unusable."""

from __future__ import annotations

import datetime
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.test_fact_support import (
    AS_OF,
    DAY,
    codes,
    exactly,
    number,
    on,
    read,
    result,
    second,
    spec,
)

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, point
from trivium.record.events import Event, Given, Quantity, When

LATEST = spec()


def test_the_latest_counts_and_says_where_it_comes_from() -> None:
    fact = read(LATEST, result(number("5"), "2024-03-01"), result(number("7"), "2024-03-02", "Observation/2"))
    assert fact.value == exactly("7")
    assert fact.origins == ("Observation/2",)
    assert fact.at == on("2024-03-02")
    assert fact.seen == ("7 ng/mL, 2024-03-02 (Observation/2)",)


def test_nothing_recorded_is_missing() -> None:
    fact = read(LATEST)
    assert fact.value == EVERYTHING and not fact.is_known and codes(fact) == ["missing"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number("1", "ug/L"), exactly("1")),
        (number("1", "g/L"), exactly("1000000")),
        (number("1650", sign=">"), Interval(Decimal(1650), None, True)),
        (number("1650", sign="<="), Interval(None, Decimal(1650))),
        (number("2247", "pmol/L"), exactly("1000")),
        (number("2.247", "nmol/L"), exactly("1000")),  # by way of the unit the factor is declared for
    ],
)
def test_units_are_converted_exactly(written: Quantity, expected: Interval) -> None:
    declared = spec(conversions={"pmol/L": Fraction(1000, 2247)})
    assert read(declared, result(written, "2024-03-01")).value == expected


def test_kilopascal_becomes_millimetres_of_mercury() -> None:
    fact = read(spec(unit="mm[Hg]"), result(number("10", "kPa"), "2024-03-01"))
    assert fact.value == exactly("75.006375542")


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("ng/mL", number("5", None)),
        ("ng/mL", number("5", "mmol/L")),
        ("%", number("60", None)),
        ("mL/min/{1.73_m2}", number("60", "mL/min")),
        ("mL/min", number("60", "mL/min/{1.73_m2}")),
        ("1", Quantity(point(Decimal(5)), None, "unknown unit", "5 blobs")),
    ],
)
def test_a_unit_that_does_not_fit_is_unknown(unit: str, written: Quantity) -> None:
    assert codes(read(spec(unit=unit), result(written, "2024-03-01"))) == ["unit"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number("0.6", None), exactly("0.6")),
        (number("60", "%"), exactly("0.6")),
        (number("60", None), None),  # per cent or fraction: never guessed
        (number("60", "1"), None),
        (number("1000", "%"), None),
    ],
)
def test_fio2_is_a_fraction_or_per_cent_by_its_unit_only(
    written: Quantity, expected: Interval | None
) -> None:
    fio2 = spec(unit="1", plausible=Interval(Decimal("0.15"), Decimal(1)))
    fact = read(fio2, result(written, "2024-03-01"))
    assert fact.value == (expected or EVERYTHING)
    assert codes(fact) == ([] if expected else ["implausible"])


def test_an_open_result_that_is_plausible_in_part_stands_as_recorded() -> None:
    fact = read(spec(plausible=Interval(0, 5000)), result(number("1650", sign=">"), "2024-03-01"))
    assert fact.value == Interval(Decimal(1650), None, True)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"value": number("5", "blob")}, "unit"),
        ({"value": number("5000000")}, "implausible"),
        ({"value": None, "absent_reason": "error"}, "no-value"),
        ({"value": None}, "no-value"),
        ({"value": "GT 45"}, "unreadable"),
        ({"value": Quantity(EVERYTHING, "ng/mL")}, "unreadable"),
        ({"value": number("5"), "absent_reason": "error"}, "conflict"),
    ],
)
def test_a_newest_value_that_cannot_be_used_is_not_replaced_by_an_older_one(
    bad: dict[str, Any], code: str
) -> None:
    declared = spec(plausible=Interval(0, 1000))
    fact = read(declared, result(number("7"), "2024-03-01"), result(when="2024-03-02", origin="o/2", **bad))
    assert codes(fact) == [code]
    assert fact.value == EVERYTHING
    assert fact.seen[-1] == "not used, older: 7 ng/mL, 2024-03-01 (Observation/1)"


def test_identical_stamps_with_different_values_contradict_each_other() -> None:
    one, two = result(number("5"), "2024-03-01"), result(number("6"), "2024-03-01", "Observation/2")
    fact = read(LATEST, one, two)
    assert codes(fact) == ["conflict"] and len(fact.seen) == 2
    again = result(number("5000", "pg/mL"), "2024-03-01", "Observation/3")
    assert read(LATEST, one, again).value == exactly("5")


def test_two_values_of_one_month_are_a_hull() -> None:
    one, two = result(number("5"), "2024-02"), result(number("6"), "2024-02", "Observation/2")
    assert read(LATEST, one, two).value == Interval(Decimal(5), Decimal(6))


def test_a_year_alone_leaves_open_which_is_the_latest() -> None:
    old, vague = result(number("5"), "2024-02-01"), result(number("9"), "2024", "Observation/2")
    vague_issued = result(number("9"), "2024", "Observation/2", known_from=on("2024-03-01"))
    # Known only from some time of the year: it may not be there at all.
    assert read(LATEST, old, vague).value == Interval(Decimal(5), Decimal(9))
    assert codes(read(LATEST, vague)) == ["uncertain-date"]
    assert read(LATEST, old, vague_issued).value == Interval(Decimal(5), Decimal(9))
    assert read(LATEST, vague_issued).value == exactly("9")
    last_year = result(number("9"), "2023", "Observation/2")
    assert read(LATEST, old, last_year).value == exactly("5")


def test_a_result_exists_once_it_is_reported() -> None:
    sample = result(number("5"), "2024-03-31", known_from=on("2024-04-01"))
    fact = read(LATEST, sample)
    assert codes(fact) == ["not-yet-reported"] and fact.seen == () and fact.value == EVERYTHING
    assert read(LATEST, sample, as_of=AS_OF + DAY).value == exactly("5")
    registered = result(None, "2024-03-31", "Observation/2", status="registered")
    assert read(LATEST, result(number("7"), "2024-03-30"), registered).value == exactly("7")
    assert codes(read(LATEST, registered)) == ["not-yet-reported"]


def test_a_preliminary_result_counts_and_is_marked() -> None:
    fact = read(LATEST, result(number("5"), "2024-03-31", status="preliminary"))
    assert fact.value == exactly("5") and "preliminary" in fact.seen[0]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("2024-03-18", None),  # the 14th day, as-of's own being the first
        ("2024-03-17", "stale"),
        ("2024-03-18T00:00", None),
        ("2024-03-17T23:59:59", "stale"),
        ("2024-02", "stale"),
        ("2024-03", "uncertain-date"),
    ],
)
def test_good_for_fourteen_days(when: str, code: str | None) -> None:
    fact = read(spec(good_for=14 * DAY), result(number("5"), when))
    assert codes(fact) == ([code] if code else [])
    assert fact.seen


def test_the_window_follows_the_calendar_when_clocks_change() -> None:
    zone = zoneinfo.ZoneInfo("Europe/Paris")  # summer time began on 31 March 2024
    as_of = int(datetime.datetime(2024, 3, 31, 23, 59, 59, tzinfo=zone).timestamp())
    start = int(datetime.datetime(2024, 3, 30, tzinfo=zone).timestamp())
    declared = spec(within=2 * DAY)
    inside = result(number("5"), When(start, start + DAY - 1))
    assert read(declared, inside, as_of=as_of, zone=zone).value == exactly("5")
    before = result(number("5"), When(start - 1, start - 1))
    assert codes(read(declared, before, as_of=as_of, zone=zone)) == ["missing"]


def test_half_past_eleven_at_night_in_utc_is_the_next_day_in_tokyo() -> None:
    tokyo = zoneinfo.ZoneInfo("Asia/Tokyo")
    late = result(number("5"), "2024-03-10T23:30")
    end_of = {
        day: int(datetime.datetime(2024, 3, day, 23, 59, 59, tzinfo=tokyo).timestamp()) for day in (10, 11)
    }
    assert not read(LATEST, late, as_of=end_of[10], zone=tokyo).is_known
    assert read(LATEST, late, as_of=end_of[11], zone=tokyo).is_known
    days = spec("days_since", unit="d")
    assert read(days, late, as_of=end_of[11], zone=tokyo).value == exactly("0")
    assert read(days, late, as_of=second("2024-03-11") + DAY - 1).value == exactly("1")


def test_first_max_and_min() -> None:
    series = [
        result(number(value), f"2024-03-{day:02}", f"o/{day}")
        for day, value in enumerate(("5", "9", "2", "4"), 1)
    ]
    assert read(spec("first"), *series).value == exactly("5")
    assert read(spec("max"), *series).value == exactly("9")
    assert read(spec("min"), *series).value == exactly("2")
    above = result(number("7", sign=">"), "2024-03-05", "o/5")
    assert read(spec("max"), *series, above).value == Interval(Decimal(9), None)
    bad = result(number("7", "blob"), "2024-03-05", "o/5")
    assert read(spec("max"), *series, bad).value == Interval(Decimal(9), None)
    assert read(spec("min"), *series, bad).value == Interval(None, Decimal(2))
    assert codes(read(spec("max"), bad)) == ["unit"]


def test_max_counts_what_may_lie_in_the_window_upwards_only() -> None:
    declared = spec("max", within=10 * DAY)
    sure, maybe = result(number("5"), "2024-03-30"), result(number("9"), "2024-03", "o/2")
    assert read(declared, sure, maybe).value == Interval(Decimal(5), Decimal(9))
    assert codes(read(declared, maybe)) == ["uncertain-date"]


def test_first_since_another_fact() -> None:
    start = spec("first_date", "date", None, "start", concepts=("therapy",))
    declared = spec("first", since="start")
    series = [result(number("5"), "2024-03-01"), result(number("6"), "2024-03-05", "o/2")]
    given = {"start": Given(point(datetime.date(2024, 3, 3).toordinal()))}
    assert read(declared, *series, others=(start,), given=given).value == exactly("6")
    assert codes(read(declared, *series, others=(start,))) == ["inputs"]
    vague = {
        "start": Given(Interval(datetime.date(2024, 2, 1).toordinal(), datetime.date(2024, 3, 3).toordinal()))
    }
    assert read(declared, *series, others=(start,), given=vague).value == Interval(Decimal(5), Decimal(6))


CONFIRMED = spec(
    "confirmed",
    "boolean",
    beyond=Interval(None, Decimal("0.5"), False, True),
    unit="10*3/uL",
    good_for=14 * DAY,
)


def _count(value: str, when: str) -> Event:
    return result(number(value, "10*3/uL"), when, f"o/{when}")


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([("0.4", "2024-03-30"), ("0.3", "2024-03-31")], TRUE),
        ([("0.4", "2024-03-30"), ("0.5", "2024-03-31")], FALSE),
        ([("0.5", "2024-03-30"), ("0.4", "2024-03-31")], UNKNOWN),
        ([("0.4", "2024-03-31")], UNKNOWN),
        ([("0.4", "2024-03-31T08:00"), ("0.4", "2024-03-31T10:00")], UNKNOWN),  # one day
        ([("0.4", "2024-03-30"), ("0.6", "2024-03-31T08:00"), ("0.4", "2024-03-31T10:00")], UNKNOWN),
        ([("0.4", "2024-03-01"), ("0.3", "2024-03-02")], UNKNOWN),  # stale
        ([("0.4", "2024-03"), ("0.3", "2024-03-31")], UNKNOWN),
        ([("0.4", "2024-02"), ("0.3", "2024-03-31")], TRUE),
        ([], UNKNOWN),
    ],
)
def test_confirmed(series: list[tuple[str, str]], expected: object) -> None:
    assert read(CONFIRMED, *(_count(*each) for each in series)).value is expected


@pytest.mark.parametrize(
    ("options", "unit", "expected"),
    [
        ({"as": "difference", "baseline": "first"}, "L", "-0.5"),
        ({"as": "percent", "baseline": "first"}, "%", "-20"),
        ({"as": "percent", "baseline": "max"}, "%", "-33.333333333"),
        ({"as": "difference", "baseline": "min"}, "L", "0"),
    ],
)
def test_trend(options: dict[str, str], unit: str, expected: str) -> None:
    series = [
        result(number("2.5", "L"), "2024-01-01", "o/1"),
        result(number("3000", "mL"), "2024-02-01", "o/2"),
        result(number("2", "L"), "2024-03-01", "o/3"),
    ]
    assert read(spec("trend", unit=unit, **options), *series).value == exactly(expected)
    assert codes(read(spec("trend", unit=unit, **options), series[0])) == ["missing"]


def test_what_is_typed_in_wins_and_ages() -> None:
    recorded = result(number("5"), "2024-03-30")
    declared = spec(good_for=14 * DAY, plausible=Interval(0, 100))

    def typed(value: str, when: str | None) -> object:
        given = {"fact": Given(exactly(value), on(when) if when else When())}
        return read(declared, recorded, given=given).value

    assert typed("9", None) == exactly("9")
    assert typed("9", "2024-03-20") == exactly("9")
    assert typed("9", "2024-03-01") == EVERYTHING
    assert typed("900", None) == EVERYTHING
    assert typed("9", "2024-04-02") == exactly("5")  # of a day after as-of


def test_what_may_be_reported_later_may_not_be_there() -> None:
    maybe = result(number("9"), "2024-03-20", "o/2", known_from=When(AS_OF - DAY, AS_OF + DAY))
    assert codes(read(LATEST, maybe)) == ["uncertain-date"]
    old = result(number("5"), "2024-03-01")
    assert read(LATEST, old, maybe).value == Interval(Decimal(5), Decimal(9))


@pytest.mark.parametrize(("early", "certain"), [(0, True), (1, False)])
def test_one_second_before_the_window_is_outside(early: int, certain: bool) -> None:
    first = second("2024-03-25")  # of a window of seven days
    stamp = When(first - early, first + 60)
    fact = read(spec(within=7 * DAY), result(number("5"), stamp))
    assert fact.is_known is certain


def test_a_window_of_hours_ends_with_the_day() -> None:
    declared = spec(within=36 * 3600)
    assert read(declared, result(number("5"), "2024-03-30T12:00:00")).is_known
    assert not read(declared, result(number("5"), "2024-03-30T11:59:59")).is_known
