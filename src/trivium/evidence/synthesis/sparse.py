"""Pooling without study effects: Mantel-Haenszel and Peto, on counts as they are, nothing added.

Tables are vectors of cells, shape (k,): events and non-events treated, events and non-events control.

Source:  Greenland and Robins 1985 (risk ratio); Robins, Breslow and Greenland 1986 (odds ratio);
         Sato 1989 (risk difference); Yusuf 1985 (Peto).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trivium.evidence.synthesis.variance import Vector

Tables = tuple[Vector, Vector, Vector, Vector]


@dataclass(frozen=True, slots=True)
class Common:
    """A common effect on the scale of analysis; se None where its formula gives no variance."""

    estimate: float
    se: float | None
    weights: tuple[float, ...]  # per cent


def mantel_haenszel(measure: str, tables: Tables) -> Common | str:
    """The Mantel-Haenszel risk ratio, odds ratio (both log) or risk difference; or why there is none."""
    a, b, c, d = tables
    if measure == "RD":
        return _risk_difference(a, b, c, d)
    if reason := _one_sided(measure, a, b, c, d):
        return reason
    return _risk_ratio(a, b, c, d) if measure == "RR" else _odds_ratio(a, b, c, d)


def peto(tables: Tables) -> Common | str:
    """The log odds ratio by Peto's one step, or why there is none."""
    a, _, v = _observed(tables)
    total = float(np.sum(v))
    if total == 0:
        return "no event, or nothing but events, in any table"
    return Common(float(np.sum(a)) / total, math.sqrt(1 / total), _shares(v))


def peto_q(tables: Tables) -> float:
    """Spread of the studies around Peto's estimate."""
    excess, _, v = _observed(tables)
    told = v > 0
    total = float(np.sum(v))
    return max(0.0, float(np.sum(excess[told] ** 2 / v[told])) - float(np.sum(excess)) ** 2 / total)


def log_odds_ratio_is_unbounded(a: Vector, b: Vector, c: Vector, d: Vector) -> str:
    """Why no odds ratio fits these tables at a finite value; empty if one does."""
    return _one_sided("OR", a, b, c, d)


def _observed(tables: Tables) -> tuple[Vector, Vector, Vector]:
    """Events treated beyond expectation, expectation, and hypergeometric variance."""
    a, b, c, d = tables
    n1, n2 = a + b, c + d
    total = n1 + n2
    expected = (a + c) * n1 / total
    v = (a + c) * (b + d) * (n1 / total) * (n2 / total) / (total - 1)
    return a - expected, expected, v


def _one_sided(measure: str, a: Vector, b: Vector, c: Vector, d: Vector) -> str:
    """Why a ratio has no finite estimate; empty if it has."""
    if not np.any(a + c):
        return "no events in either arm of any study"
    if measure == "OR" and not np.any(b + d):
        return "every patient of every study had the event"
    up, down = (a, c) if measure == "RR" else (a * d, b * c)
    if not np.any(up):
        return "the ratio is zero: no study has events treated to set against the control arm"
    if not np.any(down):
        return "the ratio is infinite: no study has events in control to set against the treated arm"
    return ""


def _risk_ratio(a: Vector, b: Vector, c: Vector, d: Vector) -> Common:
    n1, n2 = a + b, c + d
    n = n1 + n2
    up, down = a * n2 / n, c * n1 / n
    r, s = float(np.sum(up)), float(np.sum(down))
    variance = float(np.sum((n1 / n) * (n2 / n) * (a + c) - (a / n) * c)) / (r * s)
    return Common(math.log(r / s), _root(variance), _shares(down))


def _odds_ratio(a: Vector, b: Vector, c: Vector, d: Vector) -> Common:
    n = a + b + c + d
    p, q = (a + d) / n, (b + c) / n
    up, down = a * d / n, b * c / n
    r, s = float(np.sum(up)), float(np.sum(down))
    variance = 0.5 * float(
        np.sum(p * up) / r**2 + np.sum(p * down + q * up) / (r * s) + np.sum(q * down) / s**2
    )
    return Common(math.log(r / s), _root(variance), _shares(down))


def _risk_difference(a: Vector, b: Vector, c: Vector, d: Vector) -> Common:
    n1, n2 = a + b, c + d
    n = n1 + n2
    weight = n1 * (n2 / n)
    total = float(np.sum(weight))
    estimate = float(np.sum(a * (n2 / n) - c * (n1 / n))) / total
    tilt = c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2
    spread = (a * (n2 - c) / n + c * (n1 - a) / n) / 2
    variance = float(estimate * np.sum(tilt) + np.sum(spread)) / total**2
    return Common(estimate, _root(variance, 1e-12 / total), _shares(weight))


def _root(variance: float, nothing: float = 1e-14) -> float | None:
    """A standard error; none where the variance comes to nothing but rounding (no events at all, or all)."""
    return math.sqrt(variance) if variance > nothing else None


def _shares(weight: Vector) -> tuple[float, ...]:
    total = float(np.sum(weight))
    return tuple(100 * float(one) / total for one in weight)
