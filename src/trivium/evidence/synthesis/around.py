"""Around a pool: leave-one-out, cumulative by year, subgroups, small-study effects.

Every step is an ordinary pool with the same settings, so that it carries the same names of methods and the
same refusals.

Source:  Borenstein 2009 (Q between subgroups, each with its own tau squared); Egger 1997 (regression);
         Sterne 2011 (not below ten studies).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trivium.evidence.synthesis.effects import scale_of
from trivium.evidence.synthesis.pool import pool
from trivium.evidence.synthesis.quantiles import chi_squared_tail, normal, student, student_two_sided
from trivium.evidence.synthesis.results import LeftOut, Pooled, Result
from trivium.evidence.synthesis.rows import Row, SingleArm
from trivium.evidence.synthesis.settings import Settings

_FEWEST_FOR_EGGER = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One pool of a series, and what it stands for."""

    label: str
    result: Result


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Pools of the first study, the first two, and so on by year; studies without a year take no part."""

    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Subgroups:
    """A pool for each group, and how far the groups differ: Q between them, or the reason for none."""

    steps: tuple[Step, ...]
    q: float | None
    df: int | None
    p_value: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """One study of a funnel plot, on the scale of analysis."""

    study: str
    estimate: float
    se: float


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's regression: the intercept of estimate / se on 1 / se; 0 where small studies show no more."""

    intercept: float
    se: float
    low: float
    high: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True)
class SmallStudy:
    """Points of a funnel plot around the pooled estimate; Egger's test, or the reason for none."""

    points: tuple[Point, ...]
    centre: float | None
    half_width: float  # of the funnel, in standard errors
    scale: str
    egger: Egger | None
    reason: str


def leave_one_out(rows: Sequence[Row], settings: Settings) -> tuple[Step, ...]:
    """The pool without each study in turn; from two studies on."""
    if len(rows) < 2:
        return ()
    return tuple(
        Step(f"without {row.study}", pool([*rows[:i], *rows[i + 1 :]], settings))
        for i, row in enumerate(rows)
    )


def cumulative(rows: Sequence[Row], settings: Settings) -> Cumulative:
    """The pool as it grew: by year, within a year by the study's name."""
    dated = sorted((row for row in rows if row.year is not None), key=lambda row: (row.year, row.study))
    left_out = tuple(LeftOut(row, "its year is not stated") for row in rows if row.year is None)
    steps = tuple(
        Step(f"{row.year} + {row.study}", pool(dated[: i + 1], settings)) for i, row in enumerate(dated)
    )
    return Cumulative(steps, left_out)


def subgroups(rows: Sequence[Row], settings: Settings) -> Subgroups:
    """A pool for each group in the order in which groups first appear, and Q between them."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group or "no group stated", []).append(row)
    steps = tuple(Step(name, pool(rows_of, settings)) for name, rows_of in groups.items())
    if len(steps) < 2:
        return Subgroups(steps, None, None, None, "there is one group only")
    # Q weighs each group by the inverse variance of its mean, whatever interval is shown.
    plain = replace(settings, interval="wald") if settings.interval in ("", "hk", "hk-max") else settings
    found = [pool(rows_of, plain) for rows_of in groups.values()]
    pools = [one for one in found if isinstance(one, Pooled) and one.se]
    if len(pools) < len(steps) or len({one.scale for one in pools}) > 1:
        reason = "not every group has a pooled estimate with a standard error on the same scale"
        return Subgroups(steps, None, None, None, reason)
    y = np.array([one.estimate for one in pools])
    w = np.array([1 / (one.se or math.inf) ** 2 for one in pools])
    q = float(np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2))
    df = len(pools) - 1
    return Subgroups(steps, q, df, chi_squared_tail(q, df), "")


def small_study(rows: Sequence[Row], settings: Settings) -> SmallStudy:
    """The data of a funnel plot, and Egger's test from ten studies on."""
    result = pool(rows, settings)
    points = tuple(Point(one.study, one.estimate, one.se) for one in result.studies)
    sizes = [one.row.n for one in result.studies if isinstance(one.row, SingleArm)]
    scale = scale_of(settings, sizes or [1]).name
    # Counts that were added up lie on another scale than the points do.
    centre = result.estimate if isinstance(result, Pooled) and result.scale == scale else None
    reason = _no_egger(points, settings)
    egger = None if reason else _egger(points, settings.level)
    return SmallStudy(points, centre, normal(settings.level), scale, egger, reason)


def _no_egger(points: Sequence[Point], settings: Settings) -> str:
    if len(points) < _FEWEST_FOR_EGGER:
        return (
            f"with {len(points)} of at least {_FEWEST_FOR_EGGER} studies such a test cannot tell chance from "
            "small-study effects"
        )
    if settings.measure == "PROP":
        return "in single arms the standard error follows from the proportion: the test would find that"
    if len({point.se for point in points}) < 2:
        return "all studies have the same standard error"
    return ""


def _egger(points: Sequence[Point], level: float) -> Egger:
    """Weighted regression of estimates on their standard errors; its slope is Egger's intercept."""
    y = np.array([point.estimate for point in points])
    x = np.array([point.se for point in points])
    w = 1 / x**2
    mean_x, mean_y = np.average(x, weights=w), np.average(y, weights=w)
    spread = np.sum(w * (x - mean_x) ** 2)
    slope = float(np.sum(w * (x - mean_x) * (y - mean_y)) / spread)
    df = len(points) - 2
    left = np.sum(w * (y - mean_y - slope * (x - mean_x)) ** 2) / df
    se = math.sqrt(left / spread)
    half = student(level, df) * se
    p = student_two_sided(slope / se, df) if se else float(slope == 0)
    return Egger(slope, se, slope - half, slope + half, df, p)
