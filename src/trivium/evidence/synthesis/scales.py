"""Scales of analysis, and the way back from each to what a reader understands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Triple:
    """An estimate with the ends of its interval; the ends are None where there is no interval."""

    estimate: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale on which effects are added up, and its way back to the natural one."""

    name: str
    back: Callable[[float], float]

    def natural(self, estimate: float, low: float | None = None, high: float | None = None) -> Triple:
        """The same three numbers on the natural scale."""
        low, high = (None if end is None else self.back(end) for end in (low, high))
        return Triple(self.back(estimate), low, high)


def _same(value: float) -> float:
    return value


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf


def expit(value: float) -> float:
    """The proportion whose log-odds this is."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


IDENTITY = Scale("natural", _same)
LOG = Scale("log", _exp)
LOGIT = Scale("logit", expit)


def double_arcsine(n: float) -> Scale:
    """Freeman-Tukey's scale for samples of this size (the harmonic mean where several are pooled).

    Source:  Miller 1978, inversion; on the half scale, on which one patient weighs 1 / (4 n + 2).
    """

    def back(value: float) -> float:
        lowest = _double_arcsine_of(0, n)
        if value <= lowest:
            return 0.0
        if value >= math.pi / 2 - lowest:
            return 1.0
        sine = math.sin(2 * value)
        root = 1 - (sine + (sine - 1 / sine) / n) ** 2
        return 0.5 * (1 - math.copysign(1, math.cos(2 * value)) * math.sqrt(max(root, 0.0)))

    return Scale("double arcsine", back)


def _double_arcsine_of(events: float, n: float) -> float:
    return 0.5 * (math.asin(math.sqrt(events / (n + 1))) + math.asin(math.sqrt((events + 1) / (n + 1))))


def freeman_tukey(events: int, n: int) -> tuple[float, float]:
    """Value and variance on the double arcsine scale, half of Freeman and Tukey's own."""
    return _double_arcsine_of(events, n), 1 / (4 * n + 2)
