"""Pools by inverse variance: a weighted mean of study effects, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator

from trivium.evidence.synthesis.inverse_variance import (
    Mean,
    between_study_variance,
    heterogeneity,
    weighted_mean,
)
from trivium.evidence.synthesis.results import Heterogeneity, Result
from trivium.evidence.synthesis.settings import INTERVALS, RANDOM, level_words
from trivium.evidence.synthesis.task import Task
from trivium.evidence.synthesis.variance import q_statistic

TWO_SINGLE_ARMS = (
    "two studies: one difference cannot show how far studies spread, so that a random-effects proportion "
    "would be a guess; both studies are shown with their own intervals"
)

NO_SPREAD = "tau squared is estimated at 0; that few studies show no spread does not prove there is none"


def pool_means(task: Task) -> Result:
    """Equal or random effects by inverse variance, from two studies on."""
    settings = task.settings
    estimator = _estimator(task)
    if settings.measure == "PROP" and task.k == 2 and settings.method in RANDOM:
        return task.refuse(estimator, TWO_SINGLE_ARMS)
    y, v = task.vectors()
    tau2 = between_study_variance(y, v, settings.method)
    mean = weighted_mean(y, v, tau2, settings.interval, settings.level)
    spread = heterogeneity(y, v, settings.method, tau2, settings.level)
    q = q_statistic(y, v, tau2) / (task.k - 1)
    return task.noting(*_remarks(task, spread, q)).result(
        estimator,
        _interval(task),
        mean.estimate,
        mean.se,
        (mean.low, mean.high),
        p_value=_p_value(task, mean),
        heterogeneity=spread,
        weights=mean.weights,
        predict=None if settings.method in RANDOM else "none: equal effects leave nothing to predict",
    )


def one_comparison(task: Task) -> Result:
    """The only study, as it was."""
    (effect,) = task.effects
    mean = weighted_mean(*task.vectors(), 0.0, "wald", task.settings.level)
    return task.noting("one study: nothing was pooled").result(
        "one study, unchanged",
        f"{level_words(task.settings.level)} {effect.interval_method}",
        effect.estimate,
        effect.se,
        (mean.low, mean.high),
        p_value=mean.p_value,
        weights=(100.0,),
        predict="none: one study cannot say how studies vary",
    )


def _estimator(task: Task) -> str:
    method, scale = task.settings.method, task.scale().name
    if method == "EE":
        return f"equal effects (EE), inverse variance on the {scale} scale"
    return f"random effects, {RANDOM[method]} ({method}), inverse variance on the {scale} scale"


def _interval(task: Task) -> str:
    words = INTERVALS[task.settings.interval].replace("k - 1", f"k - 1 = {task.k - 1}")
    return f"{level_words(task.settings.level)} {words}"


def _p_value(task: Task, mean: Mean) -> float | None:
    """None for proportions: no effect is nothing that a proportion could be set against."""
    return None if task.settings.measure == "PROP" else mean.p_value


def _remarks(task: Task, spread: Heterogeneity | None, q: float) -> Iterator[str]:
    settings = task.settings
    if settings.method in RANDOM and task.k == 2:
        yield "two studies: tau squared rests on one difference, and an interval by Hartung-Knapp on 1 df"
    if settings.interval == "hk" and q < 1:
        yield f"q is {q:.3g}, below 1: this Hartung-Knapp interval is narrower than chance allows"
    if settings.method in RANDOM and spread is not None and spread.tau2 == 0:
        yield NO_SPREAD
    if spread is not None and settings.method in RANDOM and spread.tau2_interval is None:
        yield "the studies differ less than chance would make them: no tau squared fits (Q-profile empty)"
