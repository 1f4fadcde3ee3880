"""Fact kinds over several results: confirmed, trend.

Both work in one unit for all values: that of the threshold, of the fact, or (a trend in percent, for
which the unit does not matter) of the values themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from trivium.core import values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Interval, Number
from trivium.knowledge.models import FactSpec
from trivium.record import windows
from trivium.record.events import Quantity
from trivium.record.fact import Fact, Reason
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_reading import fit, measure
from trivium.record.kinds_results import NO_CERTAIN_DATE, Reading, bounds_of_greatest, conflicts, stale
from trivium.record.kinds_units import negative, overlaps
from trivium.record.windows import Sighting


def confirmed(chart: Chart, spec: FactSpec) -> Fact:
    """`{confirmed: VS, below: …}`: true by two consecutive values on different days, both beyond.

    True:  the latest value is beyond, and so is every value back to, and with, one of an earlier day.
    False: the latest value is not beyond. Else, also while there is one value only, Unknown.
    """
    found = chart.in_window(spec)
    if not found:
        return chart.absent(spec)
    beyond: Interval = spec.retrieval.options["beyond"]
    unit: str = spec.retrieval.options["unit"]
    readings = {id(each): measure(each.event, unit, spec.conversions) for each in found}
    candidates = windows.newest(found)
    too_old = stale(chart, spec, found) or (NO_CERTAIN_DATE if windows.newest_start(found) is None else None)
    if too_old is not None:
        return chart.undecided(spec, [too_old], candidates)
    verdict = _beyond(candidates, readings, beyond)
    if verdict is FALSE:
        return chart.decided(spec, FALSE, candidates)
    run = _run(chart, found)
    if verdict is TRUE and run and _beyond(run, readings, beyond) is TRUE:
        return chart.decided(spec, TRUE, run)
    return chart.undecided(spec, _unconfirmed(run or candidates, readings, verdict), run or candidates)


def _beyond(found: Sequence[Sighting], readings: Mapping[int, Reading], beyond: Interval) -> Truth:
    """Whether all of these values lie in the interval, or none does."""
    truths = []
    for each in found:
        reading = readings[id(each)]
        if not isinstance(reading, Interval):
            truths.append(UNKNOWN)
        elif values.is_subset(reading, beyond):
            truths.append(TRUE)
        else:
            truths.append(UNKNOWN if overlaps(reading, beyond) else FALSE)
    return values.could_be(truths)


def _run(chart: Chart, found: Sequence[Sighting]) -> list[Sighting]:
    """All that may lie from the last value of an earlier day on; empty when no earlier day is certain."""
    since = windows.newest_start(found)
    day = None if since is None else chart.calendar.day(since)
    if day is None:
        return []
    midnight = chart.calendar.midnight(day)
    start = windows.newest_start(each for each in found if each.end < midnight)
    return [] if start is None or start <= windows.ALWAYS else [each for each in found if each.end >= start]


def _unconfirmed(found: Sequence[Sighting], readings: Mapping[int, Reading], verdict: Truth) -> list[Reason]:
    reasons = [reading for each in found if isinstance(reading := readings[id(each)], Reason)]
    reasons += conflicts(found, [readings[id(each)] for each in found])
    if reasons:
        return reasons
    if verdict is TRUE:
        return [Reason("missing", "no second value beyond it, consecutive and of another day")]
    return [Reason("uncertain-date", "which value is the latest is open, or whether it is beyond")]


def trend(chart: Chart, spec: FactSpec) -> Fact:
    """`{trend: VS, within: …, as: difference|percent, baseline: first|max|min}`: latest against baseline.

    Percent is 100 (latest - baseline) / baseline and needs a baseline above zero.
    """
    found = chart.in_window(spec)
    if not found:
        return chart.absent(spec)
    options = spec.retrieval.options
    percent = options.get("as") == "percent"
    readings = [measure(each.event, _unit(spec, found, percent), spec.conversions) for each in found]
    reasons = _unfit(chart, spec, found, readings)
    if reasons:
        return chart.undecided(spec, reasons, found)
    numbers = [reading for reading in readings if isinstance(reading, Interval)]
    newest = _hull(found, numbers, windows.newest(found))
    base = _baseline(found, numbers, options.get("baseline", "first"))
    change = _percent(newest, base) if percent else values.subtract(newest, base)
    value = fit(spec, change) if change.is_known else Reason("inputs", "the baseline is not known above zero")
    if isinstance(value, Reason):
        return chart.undecided(spec, [value], found)
    return chart.decided(spec, value, found)


def _unit(spec: FactSpec, found: Sequence[Sighting], percent: bool) -> str:
    """The unit to compare in. Of a percentage it is any that was recorded: the result is the same."""
    if not percent:
        return spec.type.unit or "1"
    if "unit" in spec.retrieval.options:
        return str(spec.retrieval.options["unit"])
    amounts = [each.event.value for each in found if isinstance(each.event.value, Quantity)]
    return min((amount.unit for amount in amounts if amount.unit and not amount.unit_problem), default="1")


def _unfit(
    chart: Chart, spec: FactSpec, found: Sequence[Sighting], readings: Sequence[Reading]
) -> list[Reason]:
    """Why there is no trend: a value cannot be used, or the ends of the series contradict themselves."""
    by_event = {id(each): reading for each, reading in zip(found, readings, strict=True)}
    ends = windows.newest(found)
    if spec.retrieval.options.get("baseline", "first") == "first":
        ends = list({id(each): each for each in [*ends, *windows.oldest(found)]}.values())
    reasons = [reading for reading in readings if isinstance(reading, Reason)]
    reasons += conflicts(ends, [by_event[id(each)] for each in ends])
    first, last = windows.oldest_end(found), windows.newest_start(found)
    if first is None or last is None:
        reasons.append(NO_CERTAIN_DATE)
    elif first >= last:
        reasons.append(Reason("missing", "no two values that are surely of different moments, so no trend"))
    too_old = stale(chart, spec, found)
    return [*reasons, too_old] if too_old else reasons


def _hull(found: Sequence[Sighting], numbers: Sequence[Interval], chosen: Sequence[Sighting]) -> Interval:
    ids = {id(each) for each in chosen}
    return values.hull([number for each, number in zip(found, numbers, strict=True) if id(each) in ids])


def _baseline(found: Sequence[Sighting], numbers: Sequence[Interval], which: str) -> Interval:
    if which == "max":
        return bounds_of_greatest(found, numbers)
    if which == "min":
        return negative(bounds_of_greatest(found, [negative(number) for number in numbers]))
    return _hull(found, numbers, windows.oldest(found))


def _percent(newest: Interval, base: Interval) -> Interval:
    """All changes in percent of the baseline; everything when the baseline may be zero or less."""
    if base.low is None or base.low <= 0:
        return EVERYTHING
    low = _share(newest.low, base.high, base.low)
    high = _share(newest.high, base.low, base.high)
    return Interval(low, high)


def _share(
    number: Number | None, for_positive: Number | None, for_negative: Number | None
) -> Fraction | None:
    """One bound of the change: which bound of the baseline gives it depends on the number's sign."""
    divisor = None if number is None else for_positive if number >= 0 else for_negative
    if number is None or divisor is None:
        return None
    return (Fraction(number) / Fraction(divisor) - 1) * 100
