"""Pools of counts: Mantel-Haenszel, Peto, logistic models, and counts simply added up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.effects import cells, says_nothing
from trivium.evidence.synthesis.inverse_variance import i2_from_q, i2_from_tau2
from trivium.evidence.synthesis.mean_pools import NO_SPREAD, TWO_SINGLE_ARMS
from trivium.evidence.synthesis.mixed import NODES, Mixed, fit_odds_ratio, fit_proportions
from trivium.evidence.synthesis.proportions import clopper_pearson
from trivium.evidence.synthesis.quantiles import chi_squared_tail, normal, normal_two_sided
from trivium.evidence.synthesis.results import Heterogeneity, Result, StudyEffect
from trivium.evidence.synthesis.rows import Comparative, SingleArm
from trivium.evidence.synthesis.scales import IDENTITY
from trivium.evidence.synthesis.settings import INTERVALS, level_words
from trivium.evidence.synthesis.sparse import (
    Common,
    Tables,
    log_odds_ratio_is_unbounded,
    mantel_haenszel,
    peto,
    peto_q,
)
from trivium.evidence.synthesis.task import Task
from trivium.evidence.synthesis.variance import Vector, typical_variance

_QUADRATURE = f"maximum likelihood by adaptive Gauss-Hermite quadrature ({NODES} nodes or more)"
_NO_VARIANCE = "the variance formula gives 0 for these counts"
_NOTHING_TO_PREDICT = "none: a common effect leaves nothing to predict"
_COUNTS_AS_THEY_ARE = "counts as they are, nothing added"


def pool_common(task: Task) -> Result:
    """Mantel-Haenszel or Peto; tables that say nothing about a ratio were left out before."""
    settings = task.settings
    tables = _tables(task)
    if settings.method == "PETO":
        words, found = f"Peto's one-step odds ratio, {_COUNTS_AS_THEY_ARE}", peto(tables)
    else:
        words = f"Mantel-Haenszel, {_COUNTS_AS_THEY_ARE}"
        found = mantel_haenszel(settings.measure, tables)
    if isinstance(found, str):
        return task.refuse(words, found)
    wald = f"{level_words(settings.level)} {INTERVALS['wald']}"
    half = None if found.se is None else normal(settings.level) * found.se
    return task.result(
        words,
        wald if half is not None else _NO_VARIANCE,
        found.estimate,
        found.se,
        None if half is None else (found.estimate - half, found.estimate + half),
        p_value=normal_two_sided(found.estimate / found.se) if found.se else None,
        heterogeneity=_spread_around(task, tables, found),
        weights=found.weights,
        predict=_NOTHING_TO_PREDICT,
    )


def pool_logistic_comparisons(task: Task) -> Result:
    """The odds ratio by a logistic model with study intercepts and a random effect; from three studies on."""
    words = f"logistic model with study intercepts and a random treatment effect, {_QUADRATURE}"
    if task.k < 3:
        return task.refuse(words, f"{task.k} studies: the spread between studies cannot be estimated")
    a, b, c, d = _tables(task)
    if reason := log_odds_ratio_is_unbounded(a, b, c, d):
        return task.refuse(words, reason)
    fitted = fit_odds_ratio(np.stack([a, c], axis=1), np.stack([a + b, c + d], axis=1))
    return _mixed(task, words, fitted)


def pool_logistic_proportions(task: Task) -> Result:
    """The random-intercept logistic model from three studies on; counts where none or all have events."""
    events, n = _events(task)
    if task.k == 1 or events.sum() in (0, n.sum()):
        return pool_counts(task)
    words = f"random-intercept logistic model (binomial-normal), {_QUADRATURE}"
    if task.k == 2:
        return task.refuse(words, TWO_SINGLE_ARMS)
    return _mixed(task, words, fit_proportions(events, n))


def pool_counts(task: Task) -> Result:
    """Events and patients of all studies added up, as if all were one study; the interval is exact."""
    events, n = _events(task)
    total, size = int(events.sum()), int(n.sum())
    alone = task.k == 1
    return task.noting(*_remarks_on_counts(task.k, total, size)).result(
        "one study, unchanged" if alone else f"exact pooled counts, {total} of {size}",
        f"{level_words(task.settings.level)} {INTERVALS['exact']}",
        total / size,
        None,
        clopper_pearson(total, size, task.settings.level),
        weights=tuple(100 * float(one) / size for one in n),
        predict="none: one study cannot say how studies vary" if alone else _NOTHING_TO_PREDICT,
        scale=IDENTITY,
    )


def _remarks_on_counts(k: int, total: int, size: int) -> Iterator[str]:
    if k == 1:
        yield "one study: nothing was pooled"
        return
    if total in (0, size):
        who = "no patient" if total == 0 else "every patient"
        yield f"{who} of any study had the event: the spread between studies cannot be estimated"
    yield "counts are added up as if all were one study: no spread between studies is in the interval"


def _mixed(task: Task, words: str, fitted: Mixed | str) -> Result:
    if isinstance(fitted, str):
        return task.refuse(words, fitted)
    half = normal(task.settings.level) * fitted.se
    typical = typical_variance(task.vectors()[1])
    tau2, df = fitted.tau**2, task.k - 1
    spread = Heterogeneity(
        fitted.lrt,
        df,
        chi_squared_tail(fitted.lrt, df),
        "likelihood ratio",
        tau2,
        i2_from_tau2(tau2, typical),
        tau2 / typical + 1,
        interval_method="none for this model",
    )
    return task.noting(NO_SPREAD if tau2 == 0 else "").result(
        words,
        f"{level_words(task.settings.level)} {INTERVALS['wald']}",
        fitted.estimate,
        fitted.se,
        (fitted.estimate - half, fitted.estimate + half),
        p_value=None if task.settings.measure == "PROP" else normal_two_sided(fitted.estimate / fitted.se),
        heterogeneity=spread,
    )


def _spread_around(task: Task, tables: Tables, found: Common) -> Heterogeneity | None:
    """Q of the studies around the common effect, of those with some but not all events.

    For Mantel-Haenszel it rests on the study effects, which with an empty cell bear the correction.
    """
    told = [effect for effect in task.effects if not (says_nothing(_comparison(effect)))]
    if len(told) < 2:
        return None
    df = len(told) - 1
    if task.settings.method == "PETO":
        q = peto_q(tables)
    else:
        y = np.array([effect.estimate for effect in told])
        w = np.array([effect.se**-2 for effect in told])
        q = float(np.sum(w * (y - found.estimate) ** 2))
    tail = chi_squared_tail(q, df)
    return Heterogeneity(q, df, tail, "around the common effect", 0.0, i2_from_q(q, df), q / df)


def _comparison(effect: StudyEffect) -> Comparative:
    if not isinstance(effect.row, Comparative):
        raise EvidenceError(
            f"{effect.study} is an estimate without counts",
            why="Mantel-Haenszel, Peto and the logistic model add up counts",
            hint="choose an inverse-variance method such as REML, or give the counts",
        )
    return effect.row


def _tables(task: Task) -> Tables:
    columns = np.array([cells(_comparison(effect)) for effect in task.effects], dtype=np.float64).T
    return columns[0], columns[1], columns[2], columns[3]


def _events(task: Task) -> tuple[Vector, Vector]:
    rows = [effect.row for effect in task.effects if isinstance(effect.row, SingleArm)]
    return np.array([float(row.events) for row in rows]), np.array([float(row.n) for row in rows])
