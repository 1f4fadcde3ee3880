"""Fact kinds over results: latest, first, max, min, answered.

The latest value is the hull of all that may be it (`windows.newest`). A candidate that cannot be used
makes the fact Unknown: an older value never takes its place, it is only shown beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trivium.core import values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Choices, Interval, Value
from trivium.knowledge import given
from trivium.knowledge.models import FactSpec
from trivium.record import windows
from trivium.record.events import When
from trivium.record.fact import Fact, Reason
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_reading import read_answer
from trivium.record.kinds_units import negative
from trivium.record.windows import Sighting

NO_CERTAIN_DATE = Reason("uncertain-date", "the dates leave open whether there is any value at all")
Reading = Value | Reason


def latest(chart: Chart, spec: FactSpec) -> Fact:
    """`{latest: VS, within: …}`: the newest value, whatever it may be; Unknown once it is stale."""
    found = chart.in_window(spec)
    if not found:
        older = windows.newest(chart.find(spec))
        return chart.absent(spec, sorted(f"before the window: {chart.show(each)}" for each in older))
    candidates = windows.newest(found)
    since = windows.newest_start(found)
    at = None
    if len(candidates) > 1 and since is not None:
        at = windows.stretch(since, max(each.end for each in candidates))
    return settle(chart, spec, candidates, at, stale(chart, spec, found), found)


def first(chart: Chart, spec: FactSpec) -> Fact:
    """`{first: VS, since: date fact, within: …}`: the oldest value; never stale."""
    found = since_fact(chart, spec, chart.in_window(spec))
    if isinstance(found, Fact):
        return found
    if not found:
        return chart.absent(spec)
    return settle(chart, spec, windows.oldest(found), None, None, found)


def settle(
    chart: Chart,
    spec: FactSpec,
    candidates: Sequence[Sighting],
    at: When | None,
    too_old: Reason | None,
    found: Sequence[Sighting],
) -> Fact:
    """One fact from all events that may be the one asked for."""
    readings = [chart.read(spec, each.event) for each in candidates]
    usable = [reading for reading in readings if not isinstance(reading, Reason)]
    reasons = [reading for reading in readings if isinstance(reading, Reason)]
    reasons += conflicts(candidates, readings)
    if not any(each.certain for each in found):
        reasons.append(NO_CERTAIN_DATE)
    if too_old is not None and not all(_is_kept(spec, value) for value in usable):
        reasons.append(too_old)
    if reasons:
        chosen = {id(each) for each in candidates}
        last = max(each.end for each in candidates)
        rest = windows.newest([each for each in found if id(each) not in chosen])
        besides = sorted(f"not used, older: {chart.show(each)}" for each in rest if each.end < last)
        return chart.undecided(spec, reasons, candidates, besides)
    value = union(usable)
    if not values.is_known(value, len(spec.type.choices)):
        return chart.undecided(
            spec, [Reason("uncertain-date", "which value counts is open, and they differ")], candidates
        )
    return chart.decided(spec, value, candidates, at)


def union(usable: Sequence[Value]) -> Value:
    """All that any of the values could be (one at least; all of one type)."""
    head = usable[0]
    if len(usable) == 1:
        return head
    if isinstance(head, Truth):
        return values.could_be([each for each in usable if isinstance(each, Truth)])
    if isinstance(head, Interval):
        return values.hull([each for each in usable if isinstance(each, Interval)])
    return frozenset().union(*(each for each in usable if isinstance(each, frozenset)))


def conflicts(candidates: Sequence[Sighting], readings: Sequence[Reading]) -> list[Reason]:
    """Values of one moment that differ: one of them is wrong, and nobody can say which."""
    if len(candidates) == 1:
        return []
    by_event = {id(each): reading for each, reading in zip(candidates, readings, strict=True)}
    found = []
    for group in windows.moments(candidates):
        told = {by_event[id(each)] for each in group if not isinstance(by_event[id(each)], Reason)}
        if len(told) > 1:
            origins = ", ".join(sorted({each.event.origin for each in group}))
            found.append(Reason("conflict", f"values of one moment differ: {origins}"))
    return found


def stale(chart: Chart, spec: FactSpec, found: Sequence[Sighting]) -> Reason | None:
    """Why even the newest event is too old, or may be; None while it is good or has no certain date."""
    since = windows.newest_start(found)
    if spec.good_for is None or since is None:
        return None
    before = chart.calendar.before(spec.good_for)
    if since > before:
        return None
    days = f"{spec.good_for / windows.DAY:g} d"
    if any(each.end > before for each in found):
        return Reason("uncertain-date", f"it may be older than it is good for ({days})")
    return Reason("stale", f"the newest is older than it is good for ({days})")


def _is_kept(spec: FactSpec, value: Value) -> bool:
    if isinstance(value, Truth):
        return value is not UNKNOWN and str(value) in spec.kept
    return isinstance(value, frozenset) and value <= spec.kept


def since_fact(chart: Chart, spec: FactSpec, found: list[Sighting]) -> list[Sighting] | Fact:
    """Those on or after the day that another fact tells (`since`); that fact's gap is a gap here."""
    name = spec.retrieval.options.get("since")
    if name is None:
        return found
    start = chart.fact(name)
    if start is None or not isinstance(start.value, Interval) or start.value.low is None:
        return chart.undecided(spec, [Reason("inputs", f"not known: {name}")], found)
    low, high = start.value.low, start.value.high
    kept = windows.within(found, chart.calendar.midnight(int(low)) - 1)
    if high is None:
        return [each._replace(certain=False) for each in kept]
    sure = chart.calendar.midnight(int(high)) - 1
    return [each if each.start > sure else each._replace(certain=False) for each in kept]


def greatest(chart: Chart, spec: FactSpec) -> Fact:
    """`{max: VS, within: …}`: the greatest recorded value, between sound bounds."""
    return _extreme(chart, spec, lambda value: value)


def least(chart: Chart, spec: FactSpec) -> Fact:
    """`{min: VS, within: …}`: the least recorded value, between sound bounds."""
    return _extreme(chart, spec, negative)


def _extreme(chart: Chart, spec: FactSpec, turn: Callable[[Interval], Interval]) -> Fact:
    """The greatest of the turned values, turned back: both extremes are one computation."""
    found = since_fact(chart, spec, chart.in_window(spec))
    if isinstance(found, Fact):
        return found
    if not found:
        return chart.absent(spec)
    readings = [chart.read(spec, each.event) for each in found]
    numbers = [turn(reading) if isinstance(reading, Interval) else reading for reading in readings]
    result = turn(bounds_of_greatest(found, numbers))
    reasons = [reading for reading in readings if isinstance(reading, Reason)]
    too_old = stale(chart, spec, found)
    if result.is_known and too_old is None:
        exactly = given.whole if spec.type.kind == "integer" else given.exact_bounds
        return chart.decided(spec, exactly(result), found)
    reasons += [too_old] if too_old else []
    return chart.undecided(spec, reasons or [NO_CERTAIN_DATE], found)


def bounds_of_greatest(found: Sequence[Sighting], readings: Sequence[Reading]) -> Interval:
    """Where the greatest value lies: what is certain bounds it below, all that may be bounds it above.

    A value that cannot be used may be anything, so it takes away the upper bound. Of values that
    contradict each other at one moment the smallest bounds it below.
    """
    amounts = [each if isinstance(each, Interval) else values.EVERYTHING for each in readings]
    by_event = {id(each): amount for each, amount in zip(found, amounts, strict=True)}
    certain = [
        values.hull([by_event[id(each)] for each in group])
        for group in windows.moments(found)
        if any(each.certain for each in group)
    ]
    if not certain:
        return values.EVERYTHING
    lows = [(each.low, each.low_open) for each in certain if each.low is not None]
    low, low_open = max(lows, default=(None, False))
    highest = values.hull(amounts)
    return Interval(low, highest.high, low_open, highest.high_open)


def answered(chart: Chart, spec: FactSpec) -> Fact:
    """`{answered: VS, is: [positive], ever: true}`: whether the result, or any result ever, was one of these.

    False only by a latest result that is good and answers otherwise; and, for `ever`, when no other
    result may have been one of these.
    """
    found = chart.in_window(spec)
    if not found:
        return chart.absent(spec)
    truths = match_answers(chart, spec, found)
    pairs = list(zip(found, truths, strict=True))
    if spec.retrieval.options.get("ever"):
        yes = [each for each, truth in pairs if truth is TRUE and each.certain]
        if yes:
            return chart.decided(spec, TRUE, yes)
        open_ = [(each, truth) for each, truth in pairs if truth is not FALSE]
        if open_:
            return chart.undecided(spec, _open_reasons(open_), [each for each, _ in open_])
    candidates = windows.newest(found)
    chosen = {id(each) for each in candidates}
    newest = [(each, truth) for each, truth in pairs if id(each) in chosen]
    verdict = values.could_be([truth if isinstance(truth, Truth) else UNKNOWN for _, truth in newest])
    reasons = [] if verdict is not UNKNOWN else _open_reasons(newest)
    if windows.newest_start(found) is None:
        reasons.append(NO_CERTAIN_DATE)
    too_old = stale(chart, spec, found)
    if too_old is not None and not _is_kept(spec, verdict):
        reasons.append(too_old)
    if reasons:
        return chart.undecided(spec, reasons, candidates)
    return chart.decided(spec, verdict, candidates)


def match_answers(chart: Chart, spec: FactSpec, found: Sequence[Sighting]) -> list[Truth | Reason]:
    """For each result whether it answers as asked; a Reason where that cannot be told."""
    wanted: Choices = frozenset(spec.retrieval.options["is"])
    truths: list[Truth | Reason] = [
        _match(read_answer(spec, each.event, chart.site), wanted) for each in found
    ]
    by_event = {id(each): position for position, each in enumerate(found)}
    for group in windows.moments(found):
        if {truths[by_event[id(each)]] for each in group} >= {TRUE, FALSE}:
            for each in group:
                truths[by_event[id(each)]] = Reason(
                    "conflict", "answers of one moment differ", each.event.origin
                )
    return truths


def _match(answer: Choices | Reason, wanted: Choices) -> Truth | Reason:
    if isinstance(answer, Reason):
        return answer
    return TRUE if answer <= wanted else UNKNOWN if answer & wanted else FALSE


def _open_reasons(pairs: Sequence[tuple[Sighting, Truth | Reason]]) -> list[Reason]:
    found = [truth for _, truth in pairs if isinstance(truth, Reason)]
    return found or [Reason("uncertain-date", "the dates leave open which answer counts")]
