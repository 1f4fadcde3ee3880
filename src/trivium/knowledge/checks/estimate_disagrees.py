"""A reported estimate contradicts its own interval, its p value, or the counts of the arms it compares.

Effects are computed from counts, never stored; what the paper reports is held against them. A ratio lies near
the middle of its interval on the log scale, a difference on its own; the p value follows from the interval
within a factor of ten; an unadjusted OR, RR or difference in percentage points is that of the counts; and the
p value of a comparison of counts is within a factor of ten of Fisher's, Pearson's or Yates's test. Hazard
ratios and adjusted estimates are not held against counts. Look at the paper again; where it prints them so,
say why in `explained:` beside the estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft, is_explained
from trivium.knowledge.checks.evidence_forms import EffectForm, OutcomeForm
from trivium.knowledge.checks.impossible_count import RATIOS
from trivium.knowledge.evidence_build import compared_arms, derived_counts, p_value

CODE, NAME, WHOLE = "TRV306", "estimate-disagrees", False
_OFF_CENTRE = 0.2  # of the half-width: profile and exact intervals lean by about so much
_FACTOR = 10.0  # between two p values: tests differ, slips of a decimal place differ more
_NORMAL_95 = 1.959964
_SMALLEST = 1e-12

Table = tuple[int, int, int, int]  # events and patients of the one arm, of the other


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    hint = "look again; if the paper prints it so, say why in `explained:`"
    for study, place, outcome in draft.outcomes():
        effect = outcome.effect
        if effect is None or is_explained(effect, outcome):
            continue
        table = _table(outcome, effect, study.form.design)
        for what in (*_of_interval(effect), *(_of_counts(effect, table) if table else ())):
            yield Defect(CODE, f"{study.id}: {what}", study.span(*place, "effect"), hint=hint)


def _of_interval(effect: EffectForm) -> Iterator[str]:
    value, low, high = effect.value, effect.ci_low, effect.ci_high
    ratio = effect.measure in RATIOS
    if value is None or low is None or high is None or (ratio and low <= 0):
        return
    if not low <= value <= high or low == high:
        return  # that is another check's
    least, greatest = _rounded(value)
    at = [_scale(each, ratio) for each in (least, greatest)]
    ends = [_scale(each, ratio) for each in (*_rounded(low), *_rounded(high))]
    middles = ((ends[0] + ends[2]) / 2, (ends[1] + ends[3]) / 2)
    half = (ends[3] - ends[0]) / 2
    distance = max(0.0, at[0] - middles[1], middles[0] - at[1])
    if distance > _OFF_CENTRE * half:
        yield f"{effect.measure} {value} is far from the middle of its interval {low} to {high}"
    printed = p_value(effect.p)
    middle = _scale(float(value), ratio)
    if printed and printed.value is not None and distance <= _OFF_CENTRE * half:
        expected = _two_sided(
            abs(middle) / ((_scale(float(high), ratio) - _scale(float(low), ratio)) / 2) * _NORMAL_95
        )
        if not _alike(float(printed.value), printed.below, [expected]):
            shown = f"{effect.measure} {value} ({low} to {high})"
            yield f"p {effect.p} does not go with {shown}, which gives about {expected:.2g}"


def _of_counts(effect: EffectForm, table: Table) -> Iterator[str]:
    events, total, others, other_total = table
    shown = f"{events} of {total} against {others} of {other_total}"
    computed = _estimate(effect.measure, table)
    if effect.value is not None and computed is not None and not effect.adjusted:
        low, high = _rounded(effect.value)
        slack = 0.02 * abs(computed)  # rounding in the counts' own percents is gone; this is for theirs
        if not low - slack <= computed <= high + slack:
            yield f"{effect.measure} {effect.value}, but {shown} gives {computed:.3g}"
    printed = p_value(effect.p)
    if printed and printed.value is not None and not effect.adjusted:
        tests = [_fisher(table), _pearson(table, 0.0), _pearson(table, (total + other_total) / 2)]
        if not _alike(float(printed.value), printed.below, tests):
            yield f"p {effect.p}, but {shown} gives {min(tests):.2g} to {max(tests):.2g}"


def _table(outcome: OutcomeForm, effect: EffectForm, design: str) -> Table | None:
    """The two rows that the comparison names, with printed counts or those behind printed percents."""
    named = compared_arms(effect)
    if named is None or outcome.estimand == "event-count":
        return None
    derived = derived_counts(outcome, design)
    rows = {each.arm: each for each in outcome.results}
    found: list[int] = []
    for arm in named:
        row = rows.get(arm)
        events = None if row is None else row.events if row.events is not None else derived.get(arm)
        if row is None or events is None or not row.total or events > row.total:
            return None
        found += [events, row.total]
    return found[0], found[1], found[2], found[3]


def _estimate(measure: str, table: Table) -> float | None:
    a, n, b, m = table
    if measure == "difference-percentage-points":
        return abs(100 * a / n - 100 * b / m) if a * m > b * n else 100 * a / n - 100 * b / m
    if measure == "RR" and a and b:
        return (a / n) / (b / m)
    if measure == "OR" and a and b and n - a and m - b:
        return a * (m - b) / (b * (n - a))
    return None


def _rounded(value: Decimal) -> tuple[float, float]:
    """The least and the greatest number that is printed so."""
    exponent = value.as_tuple().exponent
    half = 0.5 * 10.0 ** (exponent if isinstance(exponent, int) else 0)
    return float(value) - half, float(value) + half


def _scale(value: float, ratio: bool) -> float:
    return math.log(max(value, _SMALLEST)) if ratio else value


def _alike(printed: float, below: bool, computed: list[float]) -> bool:
    floors = [max(each, _SMALLEST) for each in computed]
    if below:
        return min(floors) <= printed * _FACTOR
    return any(each / _FACTOR <= max(printed, _SMALLEST) <= each * _FACTOR for each in floors)


def _two_sided(z: float) -> float:
    return math.erfc(z / math.sqrt(2))


def _fisher(table: Table) -> float:
    a, n, b, m = table
    events = a + b
    here = math.comb(n, a) * math.comb(m, b)
    ways = [math.comb(n, i) * math.comb(m, events - i) for i in range(max(0, events - m), min(n, events) + 1)]
    return sum(each for each in ways if each <= here) / sum(ways)


def _pearson(table: Table, correction: float) -> float:
    a, n, b, m = table
    events, total = a + b, n + m
    if events in (0, total):
        return 1.0
    gap = max(0.0, abs(a * (m - b) - b * (n - a)) - correction)
    return _two_sided(math.sqrt(total * gap**2 / (n * m * events * (total - events))))
