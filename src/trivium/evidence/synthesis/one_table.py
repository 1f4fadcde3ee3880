"""One 2 by 2 table: intervals for difference, ratio and odds ratio; what a ratio means in patients.

x1 of n1 patients had the event in one arm, x2 of n2 in the other; differences are p1 - p2, ratios p1 / p2.

Source:  Fagerland, Lydersen and Laake 2015 (all intervals); Agresti and Caffo 2000; Newcombe 1998, method 10;
         Miettinen and Nurminen 1985; Koopman 1984; Katz 1978; Woolf 1955.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.proportions import wilson
from trivium.evidence.synthesis.quantiles import normal
from trivium.evidence.synthesis.roots import root_between

Bounds = tuple[float, float]
_EDGE = 1e-12
_NUDGE = 1e-9  # where no or all patients had the event the estimate itself is a root, but not the limit


def difference_wald(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Difference of proportions, Wald."""
    return _wald(x1, n1, x2, n2, level)


def difference_agresti_caffo(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Wald after one event and one non-event were added to each arm."""
    return _wald(x1 + 1, n1 + 2, x2 + 1, n2 + 2, level)


def difference_newcombe(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Wilson's intervals of both arms put together as squares of their distances."""
    p1, p2 = x1 / n1, x2 / n2
    (low1, high1), (low2, high2) = wilson(x1, n1, level), wilson(x2, n2, level)
    difference = p1 - p2
    return (
        difference - math.hypot(p1 - low1, high2 - p2),
        difference + math.hypot(high1 - p1, p2 - low2),
    )


def difference_miettinen_nurminen(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Score interval: the differences that the data do not reject, variance times N / (N - 1)."""
    return _difference_score(x1, n1, x2, n2, level, (n1 + n2) / (n1 + n2 - 1))


def difference_mee(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """The same without N / (N - 1).  Source: Mee 1984."""
    return _difference_score(x1, n1, x2, n2, level, 1.0)


def _difference_score(x1: int, n1: int, x2: int, n2: int, level: float, inflated: float) -> Bounds:
    observed = x1 / n1 - x2 / n2
    z = normal(level)

    def beyond(difference: float) -> float:
        p1, p2 = _restricted_by_difference(x1, n1, x2, n2, difference)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * inflated
        return (observed - difference) ** 2 - z * z * variance

    return (
        _limit(beyond, -1 + _EDGE, observed, -1.0),
        _limit(beyond, 1 - _EDGE, observed, 1.0),
    )


def ratio_katz(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Ratio of proportions, Wald on the log scale."""
    _need(x1 and x2, "a ratio on the log scale", "an event in both arms")
    half = normal(level) * math.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
    return _around((x1 / n1) / (x2 / n2), half)


def ratio_koopman(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Score interval: the ratios that the data do not reject."""
    return _ratio_score(x1, n1, x2, n2, level, 1.0)


def ratio_miettinen_nurminen(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """The same with the variance times N / (N - 1)."""
    return _ratio_score(x1, n1, x2, n2, level, (n1 + n2) / (n1 + n2 - 1))


def _ratio_score(x1: int, n1: int, x2: int, n2: int, level: float, inflated: float) -> Bounds:
    _need(x1 and x2, "a ratio", "an event in both arms")
    p1, p2 = x1 / n1, x2 / n2
    z = normal(level)

    def beyond(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        q2 = _restricted_by_ratio(x1, n1, x2, n2, ratio)
        q1 = ratio * q2
        variance = (q1 * (1 - q1) / n1 + ratio**2 * q2 * (1 - q2) / n2) * inflated
        return (p1 - ratio * p2) ** 2 - z * z * variance

    observed = math.log(p1 / p2)
    low, high = observed - 1, observed + 1
    while beyond(low) <= 0:
        low -= 1
    while beyond(high) <= 0:
        high += 1
    return (
        math.exp(root_between(beyond, low, observed - _NUDGE)),
        math.exp(root_between(beyond, observed + _NUDGE, high)),
    )


def odds_ratio_woolf(x1: int, n1: int, x2: int, n2: int, level: float) -> Bounds:
    """Odds ratio, Wald on the log scale."""
    y1, y2 = n1 - x1, n2 - x2
    _need(x1 and x2 and y1 and y2, "an odds ratio on the log scale", "events and non-events in both arms")
    half = normal(level) * math.sqrt(1 / x1 + 1 / y1 + 1 / x2 + 1 / y2)
    return _around((x1 / y1) / (x2 / y2), half)


Interval = Callable[[int, int, int, int, float], Bounds]
INTERVALS: dict[str, Interval] = {
    "diff_wald": difference_wald,
    "diff_agresti_caffo": difference_agresti_caffo,
    "diff_newcombe": difference_newcombe,
    "diff_miettinen_nurminen": difference_miettinen_nurminen,
    "ratio_katz_log": ratio_katz,
    "ratio_koopman": ratio_koopman,
    "or_woolf": odds_ratio_woolf,
}
# Score intervals are published with and without the factor N / (N - 1), under the same names.
OTHER_FORMS: dict[str, tuple[Interval, str]] = {
    "diff_miettinen_nurminen": (difference_mee, "the form whose variance is not times N / (N - 1)"),
    "ratio_koopman": (ratio_miettinen_nurminen, "the form whose variance is times N / (N - 1)"),
}


def treated_risk(measure: str, ratio: float, control_risk: float) -> float:
    """The risk with treatment that a ratio and the risk without it imply.

    Source:  Cochrane Handbook, absolute effects from relative ones; the hazard ratio as proportional hazards.
    """
    _need(0 <= control_risk <= 1, f"a risk of {control_risk:g}", "a number from 0 to 1")
    _need(ratio > 0, f"a ratio of {ratio:g}", "a number above 0")
    if measure == "OR":
        return ratio * control_risk / (1 - control_risk + ratio * control_risk)
    if measure == "HR":
        return float(1 - (1 - control_risk) ** ratio)
    return min(ratio * control_risk, 1.0)


def number_needed(difference: float) -> int:
    """How many patients are treated for one event more or less, rounded up."""
    _need(difference, "no difference", "a difference other than 0")
    return math.ceil(1 / abs(difference) - 1e-9)


def _need(met: object, what: str, needs: str) -> None:
    if not met:
        raise EvidenceError(what, why=f"it needs {needs}")


def _wald(x1: float, n1: float, x2: float, n2: float, level: float) -> Bounds:
    p1, p2 = x1 / n1, x2 / n2
    half = normal(level) * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return p1 - p2 - half, p1 - p2 + half


def _around(ratio: float, half: float) -> Bounds:
    return ratio * math.exp(-half), ratio * math.exp(half)


def _limit(beyond: Callable[[float], float], end: float, inside: float, outermost: float) -> float:
    """The edge of what is not rejected, between a point inside and the end of what can be."""
    if beyond(end) <= 0 or (inside - end) * (inside - outermost) <= 0:
        return outermost
    return root_between(beyond, inside + _NUDGE * (end - inside), end)


def _restricted_by_difference(x1: int, n1: int, x2: int, n2: int, d: float) -> Bounds:
    """The likeliest proportions whose difference is d: root of a cubic, in closed form."""
    n, x = n1 + n2, x1 + x2
    a3, a2 = n, (n1 + 2 * n2) * d - n - x
    a1, a0 = (n2 * d - n - 2 * x2) * d + x, x2 * d * (1 - d)
    q = a2**3 / (3 * a3) ** 3 - a1 * a2 / (6 * a3**2) + a0 / (2 * a3)
    p = math.copysign(math.sqrt(max(a2**2 / (3 * a3) ** 2 - a1 / (3 * a3), 0.0)), q)
    angle = (math.pi + math.acos(min(1.0, max(-1.0, q / p**3)))) / 3 if p else math.pi / 2
    p2 = 2 * p * math.cos(angle) - a2 / (3 * a3)
    p2 = min(max(p2, 0.0, -d), 1.0, 1 - d)
    return p2 + d, p2


def _restricted_by_ratio(x1: int, n1: int, x2: int, n2: int, ratio: float) -> float:
    """The likeliest second proportion whose ratio to the first is fixed: root of a quadratic."""
    a = (n1 + n2) * ratio
    b = -(n1 * ratio + x1 + n2 + x2 * ratio)
    c = x1 + x2
    return (-b - math.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)
