"""Time in facts: what had happened and was known at as-of, what lies in a window, which is the latest.

In: events with uncertain dates. Out: `Sighting`s, each certain or only possible. Knows no values.

An event exists at as-of once it was reported (`known_from`) and has begun; what was reported without
any date has begun. A window of n days is as-of's calendar day and the n - 1 days before it, in the
site's zone; a window of hours ends at the last second of as-of's day.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trivium.record.events import Event, EventKind, When

# Stand for a bound the record does not give: before and after every date that a calendar holds.
ALWAYS, NEVER = -(10**13), 10**13
DAY = 86_400
_LONGEST_DAY = 25 * 3600  # the day on which clocks go back


class Against(NamedTuple):
    """Another entry about the same drug that contradicts one (`record.contradictions`).

    `is_clear`: it is plainly the newer and counts; else nobody can tell which does. `denies_all`: it may
    deny that the drug was ever taken.
    """

    origin: str
    told: str  # its status and day
    is_clear: bool
    denies_all: bool = False


class Sighting(NamedTuple):
    """An event that a fact may count: it happened at some second from `start` to `end`.

    `certain`: it exists and lies in the window whatever its exact date; else it only may.
    """

    start: int
    end: int
    certain: bool
    event: Event
    against: Against | None = None


@dataclass(slots=True)
class Calendar:
    """As-of and the site's zone: seconds → calendar days. Days are proleptic ordinals, as in expressions."""

    as_of: int
    zone: datetime.tzinfo
    _since: dict[int, int] = field(default_factory=dict)

    def local(self, second: int) -> datetime.datetime | None:
        """The local time, or None beyond the years 1 to 9999."""
        try:
            return datetime.datetime.fromtimestamp(second, self.zone)
        except (ValueError, OverflowError, OSError):
            return None

    def day(self, second: int) -> int | None:
        """The calendar day of a second; None for an unknown bound."""
        local = self.local(second)
        return None if local is None else local.toordinal()

    def today(self) -> int:
        """The calendar day of as-of."""
        return datetime.datetime.fromtimestamp(self.as_of, self.zone).toordinal()

    def before(self, seconds: int) -> int:
        """The last second outside a window that ends at as-of: later ones are inside."""
        if seconds not in self._since:
            self._since[seconds] = self._window(seconds)
        return self._since[seconds]

    def _window(self, seconds: int) -> int:
        days, rest = divmod(seconds, DAY)
        first = self.today() - days + 1
        if rest or first < 1:
            return self.as_of - seconds
        return self.midnight(first) - 1

    def midnight(self, day: int) -> int:
        """The first second of a calendar day."""
        date = datetime.date.fromordinal(day)
        return int(datetime.datetime.combine(date, datetime.time.min, tzinfo=self.zone).timestamp())

    def text(self, when: When | None) -> str:
        """A date as people write it, no more precise than it is known."""
        if when is None or not when.is_known:
            return "no date"
        start = None if when.start is None else self.local(when.start)
        if start is not None and when.start == when.end:
            return start.isoformat(" ", "minutes")[:16]  # without the offset
        end = None if when.end is None else self.local(when.end)
        if start is None or end is None:
            return f"after {start.date()}" if start else f"before {end.date()}" if end else "no date"
        return f"{start.date()}" if start.date() == end.date() else f"{start.date()} to {end.date()}"


def sight(event: Event, as_of: int) -> Sighting | None:
    """The event as it stands at as-of; None when it has not begun or was not reported by then.

    What bears no date at all is part of the record that is read, so it had been so by as-of, nobody knows
    since when: enough for what is asked without a window, never for what must be recent (decision 0015).
    """
    when, known = event.when, event.known_from
    start = ALWAYS if when.start is None else when.start
    end = NEVER if when.end is None else when.end
    if not when.is_known and not known.is_known:
        return Sighting(ALWAYS, as_of, True, event)
    if start > as_of or (known.start is not None and known.start > as_of):
        return None
    if known.start is None and known.end is None:
        return Sighting(start, end, end <= as_of, event)
    return Sighting(start, end, known.end is not None and known.end <= as_of, event)


def is_pending(event: Event, as_of: int) -> bool:
    """Whether it is a sample in the laboratory: taken by as-of, reported later or only registered so far.

    What is registered without a value is no result yet, so an older result stays the latest.
    """
    if event.kind is not EventKind.OBSERVATION or event.when.end is None or event.when.end > as_of:
        return False
    if event.status == "registered" and event.value is None and not event.absent_reason:
        return not event.interpretation
    return event.known_from.start is not None and event.known_from.start > as_of


def within(found: Sequence[Sighting], before: int) -> list[Sighting]:
    """Those that may lie after `before`, certain only where they must."""
    return [
        each if each.start > before or not each.certain else each._replace(certain=False)
        for each in found
        if each.end > before
    ]


def newest_start(found: Iterable[Sighting]) -> int | None:
    """The second before which the latest event cannot lie; None when no event is certain."""
    return max((each.start for each in found if each.certain), default=None)


def oldest_end(found: Iterable[Sighting]) -> int | None:
    """The second after which the first event cannot lie; None when no event is certain."""
    return min((each.end for each in found if each.certain), default=None)


def newest(found: Sequence[Sighting]) -> list[Sighting]:
    """All that may be the latest event; those that only may exist too. All of them when none is certain."""
    since = newest_start(found)
    return list(found) if since is None else [each for each in found if each.end >= since]


def oldest(found: Sequence[Sighting]) -> list[Sighting]:
    """All that may be the first event. All of them when none is certain."""
    until = oldest_end(found)
    return list(found) if until is None else [each for each in found if each.start <= until]


def moments(found: Sequence[Sighting]) -> list[list[Sighting]]:
    """Grouped: those that bear one and the same stamp, of a day or finer, are of one moment."""
    groups: dict[tuple[int, int] | int, list[Sighting]] = {}
    for position, each in enumerate(found):
        precise = each.end - each.start <= _LONGEST_DAY
        groups.setdefault((each.start, each.end) if precise else position, []).append(each)
    return list(groups.values())


def stretch(start: int, end: int) -> When:
    """Seconds back to a date, unknown bounds left out."""
    return When(None if start <= ALWAYS else start, None if end >= NEVER else end)
