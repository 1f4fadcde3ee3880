"""Fact kinds over dates and numbers of events: days_since, first_date, count.

Days are counted between calendar days in the site's zone: what happened on as-of's day is 0 days ago,
at whatever hour. Of an event known to the month the days are an interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from trivium.core import values
from trivium.core.truth import FALSE, TRUE
from trivium.core.values import Interval
from trivium.knowledge.models import FactSpec
from trivium.record import windows
from trivium.record.events import EventKind, When
from trivium.record.fact import Fact, Reason
from trivium.record.kinds_chart import HAPPENED, Chart
from trivium.record.kinds_history import proof
from trivium.record.kinds_reading import days_of, fit
from trivium.record.kinds_results import NO_CERTAIN_DATE, match_answers
from trivium.record.kinds_units import linear
from trivium.record.lasting import last_exposure, words
from trivium.record.windows import Sighting

# What lasts: its last moment is its end, or as-of while it goes on. Of the rest it is the event's own date.
_LASTING = frozenset((EventKind.MEDICATION_TAKEN, EventKind.PROCEDURE, EventKind.DEVICE))
_RUNNING = {
    EventKind.MEDICATION_TAKEN: "active",
    EventKind.PROCEDURE: "in-progress",
    EventKind.DEVICE: "active",
}


def days_since(chart: Chart, spec: FactSpec) -> Fact:
    """`{days_since: VS, which: last|first}`: days from the event, or the end of what lasted, to as-of."""
    as_of = chart.calendar.as_of
    last = spec.retrieval.options.get("which", "last") == "last"
    found = _that_happened(chart.in_window(spec, HAPPENED))
    if last:
        found = [_last_moment(each, as_of) for each in found]
    if not found:
        return chart.absent(spec)
    chosen = windows.newest(found) if last else windows.oldest(found)
    span = _span(found, chosen, last, as_of)
    if span is None:
        return chart.undecided(spec, [NO_CERTAIN_DATE], chosen)
    passed = _days_to(chart, days_of(span, chart.calendar))
    if passed.high is None and not passed.low:
        return chart.undecided(spec, [Reason("uncertain-date", "it has no date")], chosen)
    line = linear("d", "d" if spec.type.kind == "integer" else spec.type.unit or "1")
    if isinstance(line, str):
        return chart.undecided(spec, [Reason("unit", line)], chosen)
    value = fit(spec, values.scale(passed, line[0]))
    if isinstance(value, Reason):
        return chart.undecided(spec, [value], chosen)
    return chart.decided(spec, value, chosen, span)


def _that_happened(found: Sequence[Sighting]) -> list[Sighting]:
    """Those that were done; what leaves that open is only possible."""
    kept = []
    for each in found:
        verdict = proof(each.event)
        if verdict is TRUE:
            kept.append(each)
        elif verdict is not None:
            kept.append(each._replace(certain=False))
    return kept


def _last_moment(each: Sighting, as_of: int) -> Sighting:
    kind = each.event.kind
    if kind not in _LASTING:
        return each
    return last_exposure(each, as_of, lasting=_RUNNING[kind] in words(each.event))


def _span(found: Sequence[Sighting], chosen: Sequence[Sighting], last: bool, as_of: int) -> When | None:
    """Between which seconds the last (or first) event lies; None when there may be none."""
    if last:
        start = windows.newest_start(found)
        if start is None:
            return None
        return windows.stretch(start, min(as_of, max(each.end for each in chosen)))
    end = windows.oldest_end(found)
    if end is None:
        return None
    return windows.stretch(min(each.start for each in chosen), min(as_of, end))


def _days_to(chart: Chart, days: Interval) -> Interval:
    today = chart.calendar.today()
    ago = values.subtract(values.point(today), days)
    return Interval(max(ago.low or 0, 0), ago.high)


def first_date(chart: Chart, spec: FactSpec) -> Fact:
    """`{first_date: VS, is: positive}`: the day of the first event, or of the first such answer."""
    found = _that_happened(chart.in_window(spec, HAPPENED))
    reasons: list[Reason] = []
    if "is" in spec.retrieval.options:
        found, reasons = _answering(chart, spec, found)
    if not found:
        return chart.absent(spec)
    chosen = windows.oldest(found)
    span = _span(found, chosen, last=False, as_of=chart.calendar.as_of)
    days = values.EVERYTHING if span is None else days_of(span, chart.calendar)
    if not days.is_known:
        return chart.undecided(spec, [NO_CERTAIN_DATE, *reasons], chosen)
    return chart.decided(spec, days, chosen, span)


def _answering(
    chart: Chart, spec: FactSpec, found: Sequence[Sighting]
) -> tuple[list[Sighting], list[Reason]]:
    """Results that answer as asked; those that may are only possible, for the reasons given."""
    results = [each for each in found if each.event.kind is EventKind.OBSERVATION]
    kept, reasons = [], []
    for each, truth in zip(results, match_answers(chart, spec, results), strict=True):
        if isinstance(truth, Reason):
            reasons.append(truth)
        if truth is not FALSE:
            kept.append(each if truth is TRUE else each._replace(certain=False))
    return kept, reasons


def count(chart: Chart, spec: FactSpec) -> Fact:
    """`{count: VS, within: …}`: how many; at least so many unless the record is declared complete.

    Events whose dates overlap may be one thing recorded twice: one at least, all of them at most.
    """
    found = _that_happened(chart.in_window(spec, HAPPENED))
    complete = chart.is_complete(spec)
    at_least = _apart([each for each in found if each.certain])
    if not at_least and not complete:
        return chart.undecided(spec, [NO_CERTAIN_DATE], found) if found else chart.absent(spec)
    number = Interval(at_least, len(found) if complete else None)
    if spec.type.kind == "integer":
        return chart.decided(spec, number, found)
    value = fit(spec, values.scale(number, Fraction(1)))
    return (
        chart.undecided(spec, [value], found)
        if isinstance(value, Reason)
        else chart.decided(spec, value, found)
    )


def _apart(found: Sequence[Sighting]) -> int:
    """The most events of which no two may be of one moment: taken by their ends, each after the last."""
    number, last = 0, windows.ALWAYS
    for each in sorted(found, key=lambda each: (each.end, each.start)):
        if each.start > last or not number:
            number, last = number + 1, each.end
    return number
