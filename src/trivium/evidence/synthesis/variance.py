"""Between-study variance (tau squared): seven estimators, each closed to machine precision.

`y` are study estimates, `v` their sampling variances, both of shape (k,), k >= 2, v > 0. No estimate is
below zero. Where a likelihood has several maxima the highest counts, the boundary zero included.

Source:  Viechtbauer 2005 (HE, DL, ML, REML, SJ); Paule and Mandel 1982; Sidik and Jonkman 2005.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trivium.evidence.synthesis.quantiles import chi_squared
from trivium.evidence.synthesis.roots import root_between, upper_end

Vector = NDArray[np.float64]
Bounds = tuple[float, float]
_GRID = 160  # points at which a likelihood is looked at before its maxima are closed in on


def q_statistic(y: Vector, v: Vector, tau2: float = 0.0) -> float:
    """Generalised Q: squared distances from the weighted mean; Cochran's Q at tau2 = 0."""
    w = 1 / (v + tau2)
    distance = y - (w @ y) / w.sum()
    return float(w @ (distance * distance))


def typical_variance(v: Vector) -> float:
    """The within-study variance that I squared sets tau squared against (Higgins and Thompson 2002)."""
    w = 1 / v
    return float((len(v) - 1) / (np.sum(w) - np.sum(w**2) / np.sum(w)))


def dersimonian_laird(y: Vector, v: Vector) -> float:
    """DL: moments, with inverse-variance weights."""
    w = 1 / v
    spread = np.sum(w) - np.sum(w**2) / np.sum(w)
    return max(0.0, float((q_statistic(y, v) - (len(y) - 1)) / spread))


def hedges(y: Vector, v: Vector) -> float:
    """HE: moments, unweighted."""
    return max(0.0, float(np.var(y, ddof=1) - np.mean(v)))


def sidik_jonkman(y: Vector, v: Vector) -> float:
    """SJ: two steps from the unweighted variance; above zero whenever the estimates differ."""
    crude = float(np.var(y))
    if crude == 0:
        return 0.0
    return crude * q_statistic(y, v, crude) / (len(y) - 1)


def paule_mandel(y: Vector, v: Vector) -> float:
    """PM: the tau squared at which the generalised Q equals its expectation k - 1."""
    return _where_q_is(y, v, len(y) - 1)


def maximum_likelihood(y: Vector, v: Vector) -> float:
    """ML."""
    return _highest(y, v, restricted=False)


def restricted_maximum_likelihood(y: Vector, v: Vector) -> float:
    """REML."""
    return _highest(y, v, restricted=True)


def q_profile(y: Vector, v: Vector, level: float) -> Bounds | None:
    """Interval for tau squared: where the generalised Q meets the quantiles of chi squared with k - 1 df.

    None where even at zero Q lies below the lower quantile: then no tau squared fits the data.
    Source:  Viechtbauer 2007.
    """
    df = len(y) - 1
    lower, upper = chi_squared((1 - level) / 2, df), chi_squared((1 + level) / 2, df)
    if q_statistic(y, v) < lower:
        return None
    return _where_q_is(y, v, upper), _where_q_is(y, v, lower)


Estimator = Callable[[Vector, Vector], float]
ESTIMATORS: dict[str, Estimator] = {
    "DL": dersimonian_laird,
    "REML": restricted_maximum_likelihood,
    "PM": paule_mandel,
    "ML": maximum_likelihood,
    "HE": hedges,
    "SJ": sidik_jonkman,
}


def _where_q_is(y: Vector, v: Vector, target: float) -> float:
    """The tau squared with this generalised Q, which falls as tau squared grows; 0 if it starts below."""

    def excess(tau2: float) -> float:
        return q_statistic(y, v, tau2) - target

    if excess(0.0) <= 0:
        return 0.0
    return root_between(excess, 0.0, upper_end(excess, _scale(y, v)))


def _scale(y: Vector, v: Vector) -> float:
    """A tau squared of the order that the data could show."""
    return float(max(np.var(y), np.min(v)))


def _highest(y: Vector, v: Vector, *, restricted: bool) -> float:
    """The tau squared of the highest likelihood: every maximum that a fine grid shows, and zero."""
    slope = partial(_score, y, v, restricted=restricted)
    end = upper_end(slope, 4 * _scale(y, v))
    start = 1e-6 * min(float(np.min(v)), end)
    grid = np.concatenate([[0.0], np.geomspace(start, end, _GRID)])
    signs = _score_on(y, v, grid, restricted=restricted) > 0
    peaks = [0.0] if not signs[0] else []
    peaks += [
        root_between(slope, float(grid[i]), float(grid[i + 1]))
        for i in np.flatnonzero(signs[:-1] & ~signs[1:])
    ]
    return max(peaks, key=lambda tau2: _log_likelihood(y, v, tau2, restricted=restricted))


def _score_on(y: Vector, v: Vector, tau2: Vector, *, restricted: bool) -> Vector:
    """Twice the derivative of the log-likelihood, at each tau squared: shape of `tau2`."""
    w = 1 / (v + tau2[:, None])
    total = np.sum(w, axis=1)
    mean = np.sum(w * y, axis=1) / total
    fit = np.sum((w * (y - mean[:, None])) ** 2, axis=1)
    trace = total - np.sum(w**2, axis=1) / total if restricted else total
    return np.asarray(fit - trace, dtype=np.float64)


def _score(y: Vector, v: Vector, tau2: float, *, restricted: bool) -> float:
    return float(_score_on(y, v, np.array([tau2]), restricted=restricted)[0])


def _log_likelihood(y: Vector, v: Vector, tau2: float, *, restricted: bool) -> float:
    w = 1 / (v + tau2)
    value = float(np.sum(np.log(w))) - q_statistic(y, v, tau2)
    return (value - float(np.log(np.sum(w)))) / 2 if restricted else value / 2
