"""Pooling by inverse variance: equal effects and random effects, on plain vectors.

`y` study estimates, `v` their variances, shape (k,), on the scale of analysis; no rows, no words.

Source:  Viechtbauer 2010 (weights, Wald); Hartung and Knapp 2001, Sidik and Jonkman 2002 (interval with q);
         IntHout 2014, Roever 2015 (q at least 1); Higgins and Thompson 2002 (I squared, H squared).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trivium.evidence.synthesis.quantiles import (
    chi_squared_tail,
    normal,
    normal_two_sided,
    student,
    student_two_sided,
)
from trivium.evidence.synthesis.results import Bounds, Heterogeneity
from trivium.evidence.synthesis.variance import (
    ESTIMATORS,
    Vector,
    q_profile,
    q_statistic,
    typical_variance,
)


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean with its interval, and the between-study variance it was weighted with."""

    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    tau2: float
    weights: tuple[float, ...]  # per cent


def between_study_variance(y: Vector, v: Vector, method: str) -> float:
    """Tau squared by a named estimator; zero for equal effects and for one study."""
    return 0.0 if method == "EE" or len(y) < 2 else ESTIMATORS[method](y, v)


def weighted_mean(y: Vector, v: Vector, tau2: float, interval: str, level: float) -> Mean:
    """The mean of the studies' effects.

    interval: `wald`; `hk` (standard error from the weighted spread, t with k - 1 df); `hk-max` (the same,
    its factor q not below 1). One study: its own Wald interval whatever was asked.
    """
    w = 1 / (v + tau2)
    total = float(np.sum(w))
    estimate = float(np.sum(w * y)) / total
    se = math.sqrt(1 / total)
    df = len(y) - 1
    shares = tuple(float(share) for share in 100 * w / total)
    if interval == "wald" or df == 0:
        half, p = normal(level) * se, normal_two_sided(estimate / se)
    else:
        q = q_statistic(y, v, tau2) / df
        se *= math.sqrt(max(1.0, q) if interval == "hk-max" else q)
        half = student(level, df) * se
        p = student_two_sided(estimate / se, df) if se else float(estimate == 0)
    return Mean(estimate, se, estimate - half, estimate + half, p, tau2, shares)


def heterogeneity(y: Vector, v: Vector, method: str, tau2: float, level: float) -> Heterogeneity | None:
    """Q, I squared, H squared; for random effects tau squared with its Q-profile interval. None for k = 1."""
    df = len(y) - 1
    if df < 1:
        return None
    q = q_statistic(y, v)
    tail = chi_squared_tail(q, df)
    if method == "EE":
        return Heterogeneity(q, df, tail, "Cochran", 0.0, i2_from_q(q, df), q / df)
    typical = typical_variance(v)
    found = q_profile(y, v, level)
    return Heterogeneity(
        q,
        df,
        tail,
        "Cochran",
        tau2,
        i2_from_tau2(tau2, typical),
        tau2 / typical + 1,
        found,
        (i2_from_tau2(found[0], typical), i2_from_tau2(found[1], typical)) if found else None,
        "Q-profile" if found else "Q-profile: no tau squared fits, the studies differ less than by chance",
    )


def i2_from_q(q: float, df: int) -> float:
    """I squared in per cent from Q."""
    return max(0.0, 100 * (q - df) / q) if q > 0 else 0.0


def i2_from_tau2(tau2: float, typical: float) -> float:
    """I squared in per cent from tau squared and the typical within-study variance."""
    return 100 * tau2 / (typical + tau2)


def prediction_interval(
    estimate: float, se: float, tau2: float, k: int, flavour: str, level: float
) -> Bounds | None:
    """Where the effect of a further study would lie; None where the flavour has no degrees of freedom.

    `z`: normal quantile; `t_k_minus_1`; `t_k_minus_2` (Higgins 2009). `se` is the one of the interval in use.
    """
    match flavour:
        case "z":
            quantile = normal(level)
        case "t_k_minus_1" if k > 1:
            quantile = student(level, k - 1)
        case "t_k_minus_2" if k > 2:
            quantile = student(level, k - 2)
        case _:
            return None
    half = quantile * math.sqrt(tau2 + se * se)
    return estimate - half, estimate + half
