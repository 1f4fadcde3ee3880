"""The registry of quantities that a pool has: a key's word on the left, numbers on the right."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from trivium.evidence.synthesis.results import Heterogeneity, Pooled

Numbers = list[float | None]


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a quantity is read from a result: its numbers, and a longer form that is written too.

    power: of the unit of the effect (1 estimate, 2 variance, 0 without unit); backs: whether it can be
    taken back to the natural scale.
    """

    read: Callable[[Pooled], Numbers]
    names: tuple[str, ...]
    long: tuple[str, ...] = ()
    power: int = 0
    backs: bool = False
    count: bool = False
    per_cent: bool = False


_TRIPLE = ("estimate", "low", "high")
_BOUNDS = ("low", "high")


def _estimate(result: Pooled) -> Numbers:
    return [result.estimate, result.low, result.high]


def _spread(read: Callable[[Heterogeneity], float | None]) -> Callable[[Pooled], Numbers]:
    def found(result: Pooled) -> Numbers:
        return [read(result.heterogeneity) if result.heterogeneity else None]

    return found


def _interval_of(
    point: Callable[[Heterogeneity], float],
    ends: Callable[[Heterogeneity], tuple[float, float] | None],
    change: Callable[[float], float] = lambda value: value,
) -> Callable[[Pooled], Numbers]:
    def found(result: Pooled) -> Numbers:
        spread = result.heterogeneity
        if spread is None:
            return [None, None, None]
        bounds = ends(spread)
        if bounds is None and spread.interval_method.startswith("Q-profile"):
            bounds = (0.0, 0.0)  # no tau squared fits: written as an interval of nothing but zero
        limits = [change(end) for end in bounds] if bounds else [None, None]
        return [change(point(spread)), *limits]

    return found


def _h2(i2: float) -> float:
    return 1 / (1 - i2 / 100)


_TAU2 = _interval_of(lambda one: one.tau2, lambda one: one.tau2_interval)
_TAU = _interval_of(lambda one: one.tau2, lambda one: one.tau2_interval, math.sqrt)
_I2 = _interval_of(lambda one: one.i2, lambda one: one.i2_interval)
_H2 = _interval_of(lambda one: one.i2, lambda one: one.i2_interval, _h2)
QUANTITIES = {
    "est": Quantity(_estimate, ("estimate",), _TRIPLE, power=1, backs=True),
    "ci": Quantity(_estimate, _BOUNDS, _TRIPLE, power=1, backs=True),
    "pi": Quantity(
        lambda one: [one.estimate, *(one.prediction or (None, None))], _BOUNDS, _TRIPLE, power=1, backs=True
    ),
    "se": Quantity(lambda one: [one.se], ("se",), power=1),
    "p_value": Quantity(lambda one: [one.p_value], ("p value",)),
    "statistic": Quantity(lambda one: [one.estimate / one.se if one.se else None], ("statistic",)),
    "tau2": Quantity(_TAU2, ("tau2",), _TRIPLE, power=2),
    "tau": Quantity(_TAU, ("tau",), _TRIPLE, power=1),
    "i2": Quantity(_I2, ("I2",), _TRIPLE, per_cent=True),
    "h2": Quantity(_spread(lambda one: one.h2), ("H2",)),
    "tau2_ci": Quantity(_TAU2, _BOUNDS, _TRIPLE, power=2),
    "tau_ci": Quantity(_TAU, _BOUNDS, _TRIPLE, power=1),
    "i2_ci": Quantity(_I2, _BOUNDS, _TRIPLE, per_cent=True),
    "h2_ci": Quantity(_H2, _BOUNDS, _TRIPLE),
    "q": Quantity(_spread(lambda one: one.q), ("Q",)),
    "q_p": Quantity(_spread(lambda one: one.q_p), ("p value of Q",)),
    "df": Quantity(_spread(lambda one: one.df), ("df",), count=True),
    "k": Quantity(lambda one: [float(one.k)], ("k",), count=True),
}
