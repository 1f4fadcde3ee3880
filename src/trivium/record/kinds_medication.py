"""Fact kinds over medication: active, ever, prednisone_equivalent.

Only what was taken counts: a statement that the patient takes it, or an administration. An order or a
supply is intent; it never makes anything true, but while it runs it keeps "no" from being said.

An event counts as an administration when its origin is a MedicationAdministration, or its status is
that of one (completed, in-progress, none) and its origin is no MedicationStatement; else as a statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from trivium.core import values
from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import Interval, Number
from trivium.knowledge.models import FactSpec
from trivium.record import windows
from trivium.record.events import Event, EventKind
from trivium.record.fact import Fact, Reason
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_history import Verdict, any_of, not_certain
from trivium.record.kinds_reading import fit, unreadable
from trivium.record.kinds_units import in_unit, linear
from trivium.record.lasting import (
    NOT_TAKEN,
    VOID_ORDER,
    ended_by,
    is_administration,
    last_exposure,
    runs,
    words,
)
from trivium.record.windows import Against, Sighting

TAKEN = (EventKind.MEDICATION_TAKEN,)
ORDERED = (EventKind.MEDICATION_ORDERED,)


def active(chart: Chart, spec: FactSpec) -> Fact:
    """`{active: [VS…], within: 28 d}`: an active statement at as-of, or a dose given within the window."""
    before = _before(chart, spec)
    orders = [each for each in chart.find(spec, ORDERED) if runs(each.event, chart.calendar.as_of)]
    return any_of(
        chart,
        spec,
        chart.find(spec, TAKEN),
        lambda each: being_taken(each, chart.calendar.as_of, before),
        [(each, _ordered(each)) for each in orders],
    )


def ever(chart: Chart, spec: FactSpec) -> Fact:
    """`{ever: [VS…], within: …}`: taken at any time, or at any time within the window."""
    as_of, before = chart.calendar.as_of, _before(chart, spec)

    def judge(each: Sighting) -> Verdict:
        last = last_exposure(each, as_of, lasting=_goes_on(each.event))
        kept = [last] if before is None else windows.within([last], before)
        status = words(each.event)
        if not kept or status & NOT_TAKEN:
            return None
        if each.event.unread:
            return unreadable(each.event)
        if each.against is not None and (each.against.denies_all or not kept[0].certain):
            return _contradicted(each.event, each.against)
        if "unknown" in status:
            return Reason("unreadable", "whether it was taken is recorded as unknown", each.event.origin)
        return TRUE if kept[0].certain else not_certain(each, "its dates leave open whether it counts")

    orders = [
        (each, _ordered(each))
        for each in chart.find(spec, ORDERED)
        if not words(each.event) & VOID_ORDER
        and (before is None or each.end > before or runs(each.event, as_of))
    ]
    return any_of(chart, spec, chart.find(spec, TAKEN), judge, orders)


def being_taken(each: Sighting, as_of: int, before: int | None) -> Verdict:
    """Whether one event shows that the drug is being taken at as-of.

    `before`: the last second at which an administration counts no more; None when none is declared.
    """
    event = each.event
    status = words(event)
    if status & NOT_TAKEN:
        return None
    if "unknown" in status:
        return Reason("unreadable", "whether it is taken is recorded as unknown", event.origin)
    if each.against is not None and each.against.is_clear:
        return None
    verdict = (
        _given_lately(each, as_of, before) if is_administration(event) else _being_taken(each, as_of, status)
    )
    if each.against is not None and verdict is not None:
        return _contradicted(event, each.against)
    return unreadable(event) if event.unread and verdict is not None else verdict


def _contradicted(event: Event, against: Against) -> Reason:
    return Reason("conflict", f"contradicted by {against.origin} ({against.told})", event.origin)


def _being_taken(each: Sighting, as_of: int, status: frozenset[str]) -> Verdict:
    event = each.event
    over = ended_by(event, as_of)
    if over is TRUE:
        return None
    if over is UNKNOWN or (event.ended is None and status != {"active"}):
        return not_certain(each, "it may have ended before")
    return TRUE if each.certain else not_certain(each, "it may have begun later")


def _given_lately(each: Sighting, as_of: int, before: int | None) -> Verdict:
    if before is None:
        return not_certain(each, "how long one administration counts is not declared")
    kept = windows.within([last_exposure(each, as_of, lasting="in-progress" in words(each.event))], before)
    if not kept:
        return None
    return TRUE if kept[0].certain else not_certain(each, "its date leaves open whether it still counts")


def _before(chart: Chart, spec: FactSpec) -> int | None:
    return None if spec.retrieval.within is None else chart.calendar.before(spec.retrieval.within)


def _goes_on(event: Event) -> bool:
    return ended_by(event, 0) is FALSE and (not is_administration(event) or "in-progress" in words(event))


def _ordered(each: Sighting) -> Reason:
    if each.event.unread:
        return unreadable(each.event)
    return Reason("missing", "ordered, not known to be taken", each.event.origin)


def prednisone_equivalent(chart: Chart, spec: FactSpec) -> Fact:
    """`{prednisone_equivalent: true, equivalents: {VS: factor}}`: mg of prednisone a day, all drugs added.

    Units:   one dose x doses a day x factor, as mg/d. A drug recorded more than once is taken once at
             least and all together at most; of its administrations the latest counts.
    """
    factors: Mapping[str, Fraction] = spec.retrieval.options["equivalents"]
    as_of, before = chart.calendar.as_of, _before(chart, spec)
    found = chart.find(spec, TAKEN, tuple(sorted(factors)))
    verdicts = [(each, being_taken(each, as_of, before)) for each in found]
    taken = [each for each, verdict in verdicts if verdict is TRUE]
    open_ = [(each, verdict) for each, verdict in verdicts if isinstance(verdict, Reason)]
    orders = [each for each in chart.find(spec, ORDERED, tuple(factors)) if runs(each.event, as_of)]
    reasons = [reason for _, reason in open_]
    if not taken:
        reasons += [_ordered(each) for each in orders]
    if not taken and not reasons and chart.is_complete(spec):
        return chart.decided(spec, values.point(values.exact(Fraction(0))), found)
    if not taken and not reasons:
        return chart.absent(spec, sorted(f"not counted: {chart.show(each)}" for each in found))
    total = values.point(Fraction(0))
    for concept in sorted(factors):
        mine = [each for each in taken if concept in each.event.concepts]
        amount = _of_one_drug(mine, factors) if mine else values.point(Fraction(0))
        if isinstance(amount, list):
            reasons += amount
        else:
            total = values.add(total, amount)
    value = _as_declared(spec, total)
    if reasons or isinstance(value, Reason):
        lacking = [value] if isinstance(value, Reason) else []
        return chart.undecided(spec, [*reasons, *lacking], [*taken, *(each for each, _ in open_)])
    return chart.decided(spec, value, taken)


def _of_one_drug(taken: Sequence[Sighting], factors: Mapping[str, Fraction]) -> Interval | list[Reason]:
    """What is taken of one drug (one event at least); or why that is not known."""
    doses = [each for each in taken if is_administration(each.event)]
    counted = [each for each in taken if not is_administration(each.event)] + windows.newest(doses)
    rates: list[Interval] = []
    reasons: list[Reason] = []
    for each in counted:
        rate = _rate(each.event, factors)
        if isinstance(rate, Reason):
            reasons.append(rate)
        elif rate not in rates:  # the same dose recorded twice is one
            rates.append(rate)
    if reasons:
        return reasons
    total = rates[0]
    for rate in rates[1:]:
        total = values.add(total, rate)
    return values.hull([*rates, total])


def _rate(event: Event, factors: Mapping[str, Fraction]) -> Interval | Reason:
    named = {factors[concept] for concept in event.concepts if concept in factors}
    if len(named) > 1:
        return Reason("conflict", "it is two glucocorticoids with different equivalents", event.origin)
    if event.dose is None or event.dose.amount is None or event.dose.per_day is None:
        return Reason("inputs", "no dose, or not how often a day", event.origin)
    amount = in_unit(event.dose.amount, "mg")
    if isinstance(amount, str):
        return Reason("inputs", f"its dose: {amount}", event.origin)
    low = _product(amount.low, event.dose.per_day.low)
    high = _product(amount.high, event.dose.per_day.high)
    if low is None or low < 0 or not named:
        return Reason("inputs", "its dose is open downwards", event.origin)
    return values.scale(Interval(low, high), Fraction(named.pop()))


def _product(left: Number | None, right: Number | None) -> Fraction | None:
    return None if left is None or right is None else Fraction(left) * Fraction(right)


def _as_declared(spec: FactSpec, total: Interval) -> Interval | Reason:
    line = linear("mg/d", spec.type.unit or "1")
    return Reason("unit", line) if isinstance(line, str) else fit(spec, values.scale(total, line[0]))
