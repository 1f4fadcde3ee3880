"""FHIR dates and times → stretches of UTC seconds, as wide as they were written.

A year is a year wide, a month a month, a date a day, each in the site's zone; a dateTime is the second it
names, or the minute when the seconds are missing. A date is never read as midnight UTC: that moves a day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, tzinfo

from trivium.record.events import When

UNKNOWN = When()
_EPOCH = date(1970, 1, 1).toordinal()
_TIME = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
_SHORT_YEAR = re.compile(r"[0-9]{1,3}(-.*)?")
_MEMO_LIMIT = 100_000

NO_OFFSET, BAD, SHORT_YEAR = "time-without-offset", "bad-time", "short-year"


class Clock:
    """Reads times in one zone, each spelling once."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._memo: dict[str, tuple[When, str]] = {}

    def read(self, text: object) -> tuple[When, str]:
        """The stretch of time, and what is to be noted: `time-without-offset`, `bad-time` or `short-year`.

        A time that cannot be read (24:00, 30 February, words) is unknown; it never becomes another one.
        """
        if not isinstance(text, str):
            return UNKNOWN, BAD
        found = self._memo.get(text)
        if found is None:
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            found = self._memo[text] = self._read(text)
        return found

    def instant(self, text: object) -> int | None:
        """The first second of a time that is known to the second, or None."""
        when, note = self.read(text)
        return when.start if not note and when.start == when.end else None

    def _read(self, text: str) -> tuple[When, str]:
        found = _TIME.fullmatch(text)
        if found is None:
            return UNKNOWN, SHORT_YEAR if _SHORT_YEAR.fullmatch(text) else BAD
        year, month, day, hour, minute, second, offset = found.groups()
        try:
            if hour is None:
                return self._days(year, month, day), ""
            first = self._second(
                date(int(year), int(month), int(day)), int(hour), int(minute), int(second or 0)
            )
            return self._moment(first, second is None, offset)
        except (ValueError, OverflowError):
            return UNKNOWN, BAD

    def _days(self, year: str, month: str | None, day: str | None) -> When:
        first = date(int(year), int(month or 1), int(day or 1))
        last_month = int(month or 12)
        last = date(int(year), last_month, int(day or monthrange(int(year), last_month)[1]))
        start, end = self._second(first, 0, 0, 0), self._second(last, 23, 59, 59)
        return When(self._utc(start)[0], self._utc(end)[1])

    def _moment(self, local: int, minute_wide: bool, offset: str | None) -> tuple[When, str]:
        width = 59 if minute_wide else 0
        if offset is None:
            # An hour that summer time repeats could be either; one that it skips is read both ways too.
            start, end = self._utc(local)
            return When(start, end + width), NO_OFFSET
        shift = 0
        if offset != "Z":
            hours, minutes = int(offset[1:3]), int(offset[4:6])
            if hours > 14 or minutes > 59:
                raise ValueError("no such offset")
            shift = (hours * 3600 + minutes * 60) * (-1 if offset[0] == "-" else 1)
        return When(local - shift, local - shift + width), ""

    @staticmethod
    def _second(day: date, hour: int, minute: int, second: int) -> int:
        """Seconds since 1970 on the wall clock, whatever the zone."""
        if hour > 23 or minute > 59 or second > 60:  # 60 is a leap second
            raise ValueError("no such time of day")
        return ((day.toordinal() - _EPOCH) * 24 + hour) * 3600 + minute * 60 + second

    def _utc(self, local: int) -> tuple[int, int]:
        """The earliest and latest UTC second at which the zone's clock shows this."""
        days, seconds = divmod(local, 86400)
        day = date.fromordinal(days + _EPOCH)
        clock = datetime(day.year, day.month, day.day, seconds // 3600, seconds // 60 % 60, seconds % 60)
        shifts = []
        for fold in (0, 1):
            shift = self.zone.utcoffset(clock.replace(fold=fold))
            shifts.append(local - (shift.days * 86400 + shift.seconds if shift is not None else 0))
        return min(shifts), max(shifts)


def span(start: When, end: When) -> When:
    """From somewhere in `start` to somewhere in `end`: all the time that the two may enclose."""
    if start.start is not None and end.end is not None and start.start > end.end:
        raise ValueError("a period that ends before it begins")
    return When(start.start, end.end)
