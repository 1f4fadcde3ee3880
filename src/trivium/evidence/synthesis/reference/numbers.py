"""From what a key asks for to numbers: which pools it may mean, and what is read from their results."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.effects import effects_of, says_nothing, scale_of
from trivium.evidence.synthesis.pool import pool
from trivium.evidence.synthesis.reference.cases import CaseError
from trivium.evidence.synthesis.reference.keys import Wanted
from trivium.evidence.synthesis.reference.layouts import Studies
from trivium.evidence.synthesis.reference.quantities import QUANTITIES, Numbers, Quantity
from trivium.evidence.synthesis.reference.words import Words
from trivium.evidence.synthesis.results import NotEstimable, Pooled
from trivium.evidence.synthesis.rows import RATIOS, Comparative, Measure, SingleArm
from trivium.evidence.synthesis.settings import RANDOM, Settings

_INVERSE = ("EE", *RANDOM)


@dataclass(frozen=True, slots=True)
class Computed:
    """Numbers in the order in which they are written; None is not estimable, with the reason."""

    names: tuple[str, ...]
    numbers: Numbers
    count: bool = False
    per_cent: bool = False
    reason: str = ""
    assumed: str = ""  # what the case left open, and how it was read


@dataclass(frozen=True, slots=True)
class Reading:
    """One estimator that a key may mean; `forms` are conventions of it, any of which may be written."""

    name: str
    forms: tuple[Computed, ...]


def compute(wanted: Wanted, data: Studies, words: Words, size: int) -> list[Reading]:
    """The numbers by every estimator that the case leaves open: usually one.

    size: how many numbers are written, 0 where none is. Errors: CaseError for what cannot be computed or
    is not settled.
    """
    if data.kind != "proportions" and wanted.scale == "p":  # the p value of the test
        wanted = replace(wanted, scale="", quantity="p_value")
    wanted = replace(wanted, quantity=wanted.quantity or _by_size(size))
    if wanted.quantity in ("yi", "vi", "sei"):
        return [Reading("", (_study_numbers(wanted, data, words),))]
    if wanted.weights == "equal":
        return [Reading("", (_unweighted(wanted, data, words, size),))]
    methods, assumed = _methods(wanted, words)
    return [Reading(one, _forms(replace(wanted, method=one), data, words, size, assumed)) for one in methods]


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


def _forms(wanted: Wanted, data: Studies, words: Words, size: int, assumed: str) -> tuple[Computed, ...]:
    found = []
    for settings, note in _conventions(wanted, data, words):
        remark = "; ".join(part for part in (assumed, note) if part)
        found.append(_read(wanted, settings, data, words, size, remark))
    return tuple(found)


def _conventions(wanted: Wanted, data: Studies, words: Words) -> Iterator[tuple[Settings, str]]:
    """The settings, and where the case names none those of other usual conventions with a word on each."""
    settings = _settings(wanted, data, words)
    unnamed = wanted.quantity == "pi" and not (wanted.flavour or words.flavour)
    flavours = [settings.prediction]
    flavours += [one for one in ("z", "t_k_minus_1", "t_k_minus_2") if one not in flavours] if unnamed else []
    handlings = [words.double_zero]
    empty = any(isinstance(row, Comparative) and says_nothing(row) for row in data.rows)
    if empty and not words.double_zero and settings.method in _INVERSE and settings.measure in RATIOS:
        handlings.append("keep")
    for flavour in flavours:
        for handling in handlings:
            notes = [f"prediction interval taken to be {flavour}"] if unnamed else []
            notes += ["double-zero tables kept with the correction"] if handling != words.double_zero else []
            yield replace(settings, prediction=flavour, double_zero=handling), "; ".join(notes)


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


def _read(
    wanted: Wanted, settings: Settings, data: Studies, words: Words, size: int, assumed: str
) -> Computed:
    try:
        result = pool(data.rows, settings)
    except EvidenceError as problem:
        raise CaseError(f"{problem.what}; {problem.why}") from None
    if wanted.quantity not in QUANTITIES:
        raise CaseError(f"the quantity {wanted.quantity!r} is not one that a pool has")
    quantity = QUANTITIES[wanted.quantity]
    length = size or len(quantity.names)
    names = quantity.names if length == len(quantity.names) else quantity.long
    if length != len(names):
        raise CaseError(f"{length} numbers for {wanted.quantity}, which has {len(quantity.names)}")
    if isinstance(result, NotEstimable):
        return Computed(names, [None] * length, reason=result.reason, assumed=assumed)
    if settings.method == "GLMM" and result.scale == "natural":
        return _added_up(result, wanted, quantity, names, size)
    if size and settings.method == "MH" and result.se is None:
        result = replace(result, se=0.0, low=result.estimate, high=result.estimate)
        assumed = "the variance is 0, which is published as an interval of no width"
    numbers = _cut(quantity.read(result), length)
    numbers = _scaled(numbers, quantity, wanted, words.factor, settings, data)
    reason = "" if None not in numbers else _why_none(result, wanted.quantity)
    return Computed(names, numbers, quantity.count, quantity.per_cent, reason, assumed)


def _cut(numbers: Numbers, size: int) -> Numbers:
    """Of an estimate with its interval: one, the other, or all."""
    return numbers if len(numbers) == size else numbers[:1] if size == 1 else numbers[1:]


def _added_up(
    result: Pooled, wanted: Wanted, quantity: Quantity, names: tuple[str, ...], size: int
) -> Computed:
    """None or all had the event: the model has no estimate, the counts have a proportion."""
    said = f"the model has no estimate here, {result.estimator}"
    if size and wanted.scale == "p" and quantity.backs:
        return Computed(names, _cut(quantity.read(result), size), assumed=said)
    return Computed(names, [None] * len(names), reason=said)


def _why_none(result: Pooled, quantity: str) -> str:
    if quantity == "pi":
        return result.prediction_method
    return result.interval_method if quantity in ("est", "ci", "se") else "not defined by this method"


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
    quantity = QUANTITIES["est"]
    numbers = _scaled([float(np.mean(y))], quantity, wanted, words.factor, settings, data)
    return Computed(("estimate",), numbers)
