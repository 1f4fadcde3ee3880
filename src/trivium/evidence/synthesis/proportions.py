"""Intervals for one proportion: exact, Wilson, Agresti-Coull."""

from __future__ import annotations

import math
from collections.abc import Callable

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.quantiles import beta, check_level, normal
from trivium.evidence.synthesis.rows import SingleArm

Bounds = tuple[float, float]


def clopper_pearson(events: int, n: int, level: float = 0.95) -> Bounds:
    """Exact: covers the truth at least as often as its level says.  Source: Clopper and Pearson 1934."""
    tail = (1 - level) / 2
    low = beta(tail, events, n - events + 1) if events > 0 else 0.0
    high = beta(1 - tail, events + 1, n - events) if events < n else 1.0
    return low, high


def wilson(events: int, n: int, level: float = 0.95) -> Bounds:
    """Score interval, without continuity correction.  Source: Wilson 1927."""
    z = normal(level)
    centre, half = _wilson_parts(events, n, z)
    low = 0.0 if events == 0 else centre - half
    high = 1.0 if events == n else centre + half
    return low, high


def agresti_coull(events: int, n: int, level: float = 0.95) -> Bounds:
    """Wald's interval around Wilson's centre; may leave [0, 1].  Source: Agresti and Coull 1998."""
    z = normal(level)
    centre, _ = _wilson_parts(events, n, z)
    half = z * math.sqrt(centre * (1 - centre) / (n + z * z))
    return centre - half, centre + half


def agresti_coull_clipped(events: int, n: int, level: float = 0.95) -> Bounds:
    """The same, cut off at 0 and 1."""
    low, high = agresti_coull(events, n, level)
    return max(low, 0.0), min(high, 1.0)


INTERVALS: dict[str, Callable[[int, int, float], Bounds]] = {
    "exact": clopper_pearson,
    "wilson": wilson,
    "agresti-coull": agresti_coull,
    "agresti-coull-clipped": agresti_coull_clipped,
}


def proportion_interval(events: int, n: int, method: str = "exact", level: float = 0.95) -> Bounds:
    """The interval of one proportion by a named method.

    Errors:  EvidenceError for impossible counts, an unknown method or level.
    """
    SingleArm("this proportion", events, n)
    if method not in INTERVALS:
        raise EvidenceError(
            f"no interval for a proportion is called {method!r}", hint=f"one of: {', '.join(INTERVALS)}"
        )
    return INTERVALS[method](events, n, check_level(level))


def _wilson_parts(events: int, n: int, z: float) -> tuple[float, float]:
    p, weight = events / n, n + z * z
    centre = (events + z * z / 2) / weight
    half = z * math.sqrt(n) / weight * math.sqrt(p * (1 - p) + z * z / (4 * n))
    return centre, half
