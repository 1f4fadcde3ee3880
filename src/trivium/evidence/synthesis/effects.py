"""From the row of a study to its effect on the scale of analysis, with what zeros make necessary."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trivium.evidence.synthesis.proportions import clopper_pearson
from trivium.evidence.synthesis.quantiles import normal
from trivium.evidence.synthesis.results import LeftOut, StudyEffect
from trivium.evidence.synthesis.rows import RATIOS, Comparative, Estimate, Measure, Row, SingleArm
from trivium.evidence.synthesis.scales import (
    IDENTITY,
    LOG,
    LOGIT,
    Scale,
    Triple,
    double_arcsine,
    freeman_tukey,
)
from trivium.evidence.synthesis.settings import INTERVALS, Settings

Cells = tuple[float, float, float, float]  # events and non-events treated, events and non-events control


def scale_of(settings: Settings, sizes: Sequence[int] = ()) -> Scale:
    """The scale of analysis; the way back from double arcsines needs the sizes of the samples."""
    if settings.measure in RATIOS:
        return LOG
    if settings.measure != "PROP":
        return IDENTITY
    if settings.transform == "logit":
        return LOGIT
    return double_arcsine(len(sizes) / sum(1 / n for n in sizes))


def effects_of(
    rows: Sequence[Row], settings: Settings
) -> tuple[tuple[StudyEffect, ...], tuple[LeftOut, ...]]:
    """The effect of each study, and the studies that have none with the reason."""
    found = [effect_of(row, settings) for row in rows]
    effects = tuple(one for one in found if isinstance(one, StudyEffect))
    return effects, tuple(one for one in found if isinstance(one, LeftOut))


def effect_of(row: Row, settings: Settings) -> StudyEffect | LeftOut:
    """One study: estimate and standard error on the scale of analysis, its own interval as shown.

    Zeros:   a table with an empty cell gets `settings.correction` in every cell (in a ratio the effect or
             its variance is not defined otherwise); a ratio's table with no events, or nothing but events,
             in both arms says nothing about the ratio and is left out unless it is to be kept.
    """
    match row:
        case SingleArm():
            return _proportion(row, settings)
        case Comparative():
            return _comparison(row, settings)
        case Estimate():
            return _shown(row, row.estimate, row.se, settings)


def cells(row: Comparative) -> Cells:
    """The 2 by 2 table."""
    return (
        row.events_treated,
        row.n_treated - row.events_treated,
        row.events_control,
        row.n_control - row.events_control,
    )


def says_nothing(row: Comparative) -> str:
    """Why a table says nothing about a ratio; empty if it does."""
    a, b, c, d = cells(row)
    if a == c == 0:
        return "no events in either arm: it says nothing about a ratio"
    if b == d == 0:
        return "every patient of both arms had the event: a ratio has no variance there"
    return ""


def _mantel_haenszel_takes(row: Comparative, settings: Settings) -> bool:
    """Its risk ratio weighs a table full of events as one that speaks for 1."""
    return settings.method == "MH" and settings.measure == "RR" and row.events_treated > 0


def table_effect(measure: Measure, table: Cells) -> tuple[float, float]:
    """Estimate and variance of one 2 by 2 table (log for ratios); no cell that it divides by may be zero."""
    a, b, c, d = table
    n1, n2 = a + b, c + d
    if measure == "RR":
        return math.log((a / n1) / (c / n2)), 1 / a - 1 / n1 + 1 / c - 1 / n2
    if measure == "OR":
        return math.log((a / b) / (c / d)), 1 / a + 1 / b + 1 / c + 1 / d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def _comparison(row: Comparative, settings: Settings) -> StudyEffect | LeftOut:
    table = cells(row)
    handling = settings.double_zero or ("keep" if settings.measure == "RD" else "drop")
    if handling == "drop" and (reason := says_nothing(row)) and not _mantel_haenszel_takes(row, settings):
        return LeftOut(row, reason)
    added = settings.correction if 0 in table else 0.0
    if 0 in table and not added and not _defined(settings.measure, table):
        return LeftOut(row, "an empty cell, and no continuity correction was asked for")
    a, b, c, d = (cell + added for cell in table)
    estimate, variance = table_effect(settings.measure, (a, b, c, d))
    return _shown(row, estimate, math.sqrt(variance), settings, added)


def _defined(measure: Measure, table: Cells) -> bool:
    a, b, c, d = table
    if measure == "RD":
        return a * b + c * d > 0
    return a > 0 and c > 0 and (b + d > 0 if measure == "RR" else b > 0 and d > 0)


def _shown(row: Row, estimate: float, se: float, settings: Settings, corrected: float = 0.0) -> StudyEffect:
    half = normal(settings.level) * se
    natural = scale_of(settings).natural(estimate, estimate - half, estimate + half)
    return StudyEffect(row, estimate, se, natural, INTERVALS["wald"], corrected)


def _proportion(row: SingleArm, settings: Settings) -> StudyEffect | LeftOut:
    low, high = clopper_pearson(row.events, row.n, settings.level)
    natural = Triple(row.events / row.n, low, high)
    if settings.transform == "double-arcsine":
        value, variance = freeman_tukey(row.events, row.n)
        return StudyEffect(row, value, math.sqrt(variance), natural, INTERVALS["exact"])
    added = settings.correction if row.events in (0, row.n) else 0.0
    events, others = row.events + added, row.n - row.events + added
    if not (events and others):
        return LeftOut(row, "none or all had the event, and no continuity correction was asked for")
    se = math.sqrt(1 / events + 1 / others)
    return StudyEffect(row, math.log(events / others), se, natural, INTERVALS["exact"], added)
