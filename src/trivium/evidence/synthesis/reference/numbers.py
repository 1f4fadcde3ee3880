"""From what a key asks for to numbers: the registry of quantities that a pool of studies has."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.effects import effects_of, scale_of
from trivium.evidence.synthesis.pool import pool
from trivium.evidence.synthesis.reference.cases import CaseError
from trivium.evidence.synthesis.reference.keys import Wanted
from trivium.evidence.synthesis.reference.layouts import Studies
from trivium.evidence.synthesis.reference.words import Words
from trivium.evidence.synthesis.results import Heterogeneity, NotEstimable, Pooled
from trivium.evidence.synthesis.rows import Measure, SingleArm
from trivium.evidence.synthesis.settings import RANDOM, Settings

Numbers = list[float | None]


@dataclass(frozen=True, slots=True)
class Computed:
    """Numbers in the order in which they are written; None is not estimable, with the reason."""

    names: tuple[str, ...]
    numbers: Numbers
    count: bool = False
    per_cent: bool = False
    reason: str = ""
    assumed: str = ""  # what the case left open, and how it was read


def compute(wanted: Wanted, data: Studies, words: Words, size: int) -> list[tuple[str, Computed]]:
    """The numbers by every reading that the case leaves open: usually one, named by its estimator.

    size: how many numbers are written, 0 where none is. Errors: CaseError for what cannot be computed or
    is not settled.
    """
    if data.kind != "proportions" or wanted.scale != "p":
        wanted = _p_as_test(wanted)
    wanted = replace(wanted, quantity=wanted.quantity or _by_size(size))
    if wanted.quantity in ("yi", "vi", "sei"):
        return [("", _study_numbers(wanted, data, words))]
    if wanted.weights == "equal":
        return [("", _unweighted(wanted, data, words, size))]
    methods, assumed = _methods(wanted, words)
    return [(one, _read(replace(wanted, method=one), data, words, size, assumed)) for one in methods]


def _p_as_test(wanted: Wanted) -> Wanted:
    """`p` is a proportion where there are proportions, elsewhere the p value of the test."""
    return replace(wanted, scale="", quantity="p_value") if wanted.scale == "p" else wanted


def _by_size(size: int) -> str:
    if size > 3:
        raise CaseError(f"{size} numbers: expected an estimate, an interval, or both")
    return "ci" if size == 2 else "est"


def _methods(wanted: Wanted, words: Words) -> tuple[tuple[str, ...], str]:
    """Which estimators the number may be by, and what was taken for granted."""
    named = words.methods
    random = tuple(one for one in named if one in RANDOM)
    if wanted.method == "IV":
        if random:
            return random, ""
        return ("EE",) if "EE" in named else ("REML",), "" if "EE" in named else "estimator taken to be REML"
    if wanted.method:
        return (wanted.method,), ""
    if wanted.quantity in ("q", "q_p", "df", "k") and len(named) != 1:
        return ("EE",), ""  # these are the same for every estimator by inverse variance
    if wanted.quantity.startswith(("tau", "pi")) and (random or "GLMM" in named):
        named = random or ("GLMM",)
    if not named:
        raise CaseError("neither the key nor the case's method names an estimator")
    return named, ""


def _settings(wanted: Wanted, data: Studies, words: Words) -> Settings:
    method = wanted.method or "EE"
    interval = wanted.interval or words.interval
    on_counts = method in ("MH", "PETO", "GLMM")
    if on_counts and wanted.interval in ("", "wald"):
        interval = "wald"
    flavour = wanted.flavour or words.flavour or ("z" if interval == "wald" else "t_k_minus_1")
    try:
        return Settings(
            _measure(wanted, data, words, method),
            method,
            interval,
            flavour,
            words.level,
            transform=_transform(wanted, data, words, method),
            correction=float(wanted.correction or 0.5),
            double_zero=words.double_zero,
        )
    except EvidenceError as problem:
        raise CaseError(f"{problem.what}; {problem.why}") from None


def _measure(wanted: Wanted, data: Studies, words: Words, method: str) -> Measure:
    if data.kind == "proportions":
        return "PROP"
    if data.kind == "values":
        return "MD"  # whatever it is, it is pooled as it stands
    measure = wanted.measure or ("OR" if method == "PETO" else words.measure)
    for known in get_args(Measure):
        if measure == known:
            return known  # type: ignore[no-any-return]
    raise CaseError("neither the key, the data nor the case's method names one measure (RR, OR, RD)")


def _transform(wanted: Wanted, data: Studies, words: Words, method: str) -> str:
    transform = wanted.transform or words.transform
    if data.kind != "proportions" or method == "GLMM":
        return "logit"
    if not transform:
        raise CaseError("neither the key nor the case's method names a scale for the proportions (logit, FT)")
    return transform


def _read(wanted: Wanted, data: Studies, words: Words, size: int, assumed: str) -> Computed:
    settings = _settings(wanted, data, words)
    try:
        result = pool(data.rows, settings)
    except EvidenceError as problem:
        raise CaseError(f"{problem.what}; {problem.why}") from None
    if wanted.quantity not in _QUANTITIES:
        raise CaseError(f"the quantity {wanted.quantity!r} is not one that a pool has")
    quantity = _QUANTITIES[wanted.quantity]
    size = size or len(quantity.names)
    names = quantity.names if size == len(quantity.names) else quantity.long
    if size != len(names):
        raise CaseError(f"{size} numbers for {wanted.quantity}, which has {len(quantity.names)}")
    if wanted.quantity == "pi" and not (wanted.flavour or words.flavour):
        assumed = f"prediction interval taken to be {settings.prediction}"
    if isinstance(result, NotEstimable):
        return Computed(names, [None] * size, reason=result.reason, assumed=assumed)
    numbers = quantity.read(result)
    if len(numbers) > size:  # an estimate with its interval: one, the other, or all
        numbers = numbers[:1] if size == 1 else numbers[1:]
    numbers = _scaled(numbers, quantity, wanted, words.factor, settings, data)
    reason = "" if None not in numbers else _why_none(result, wanted.quantity)
    return Computed(names, numbers, quantity.count, quantity.per_cent, reason, assumed)


def _why_none(result: Pooled, quantity: str) -> str:
    if quantity == "pi":
        return result.prediction_method
    return result.interval_method if quantity in ("est", "ci", "se") else "not defined by this method"


# ── The registry ────────────────────────────────────────────────────────────────────────────────────


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


def _first(read: Callable[[Pooled], Numbers]) -> Callable[[Pooled], Numbers]:
    return lambda result: read(result)[:1]


_TAU2 = _interval_of(lambda one: one.tau2, lambda one: one.tau2_interval)
_TAU = _interval_of(lambda one: one.tau2, lambda one: one.tau2_interval, math.sqrt)
_I2 = _interval_of(lambda one: one.i2, lambda one: one.i2_interval)
_H2 = _interval_of(lambda one: one.i2, lambda one: one.i2_interval, _h2)
_QUANTITIES = {
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


def _scaled(
    numbers: Numbers, quantity: Quantity, wanted: Wanted, factor: float, settings: Settings, data: Studies
) -> Numbers:
    """In the unit and on the scale that the key asks for."""
    if not wanted.scale:
        return [None if one is None else one * factor**quantity.power for one in numbers]
    if not quantity.backs:
        raise CaseError(f"{wanted.quantity} has no {wanted.scale} form")
    back = math.exp if wanted.scale == "exp" else _natural(settings, data)
    return [None if one is None else back(one) for one in numbers]


def _natural(settings: Settings, data: Studies) -> Callable[[float], float]:
    return scale_of(settings, [row.n for row in data.rows if isinstance(row, SingleArm)]).back


# ── Numbers of single studies, and the mean without weights ─────────────────────────────────────────


def _study_effects(
    wanted: Wanted, data: Studies, words: Words
) -> tuple[Settings, Sequence[float], Sequence[float]]:
    settings = _settings(wanted, data, words)
    effects, left_out = effects_of(data.rows, settings)
    if left_out:
        raise CaseError(f"{left_out[0].study} has no effect: {left_out[0].reason}")
    return settings, [one.estimate for one in effects], [one.se for one in effects]


def _study_numbers(wanted: Wanted, data: Studies, words: Words) -> Computed:
    _, y, se = _study_effects(wanted, data, words)
    power = {"yi": 1, "vi": 2, "sei": 1}[wanted.quantity]
    factor = float(wanted.times or 1) * words.factor**power
    numbers = {"yi": y, "vi": [one**2 for one in se], "sei": se}[wanted.quantity]
    return Computed(tuple(row.study for row in data.rows), [one * factor for one in numbers])


def _unweighted(wanted: Wanted, data: Studies, words: Words, size: int) -> Computed:
    if wanted.quantity != "est" or size != 1:
        raise CaseError("of an unweighted mean the estimate alone is computed")
    settings, y, _ = _study_effects(wanted, data, words)
    quantity = _QUANTITIES["est"]
    numbers = _scaled([float(np.mean(y))], quantity, wanted, words.factor, settings, data)
    return Computed(("estimate",), numbers)
