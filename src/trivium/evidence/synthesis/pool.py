"""Put studies together: check that they may be, choose the arithmetic, say what was done.

What is never done: single arms and comparisons in one pool; different time points without being told to;
a number where the data give none; a study dropped without its name and the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.count_pools import (
    pool_common,
    pool_counts,
    pool_logistic_comparisons,
    pool_logistic_proportions,
)
from trivium.evidence.synthesis.effects import effects_of
from trivium.evidence.synthesis.mean_pools import one_comparison, pool_means
from trivium.evidence.synthesis.results import Result, StudyEffect
from trivium.evidence.synthesis.rows import Comparative, Estimate, Row, SingleArm
from trivium.evidence.synthesis.settings import MEASURES, Settings
from trivium.evidence.synthesis.task import Task

_ON_COUNTS = ("MH", "PETO", "GLMM", "COUNTS")


def pool(rows: Sequence[Row], settings: Settings) -> Result:
    """Combine studies into one estimate, or say why there is none.

    Shapes:  k >= 1 rows in, one Pooled or NotEstimable out; k = 1 comes back unchanged.
    Units:   rows as their classes say; the result holds the scale of analysis and the natural one.
    Errors:  EvidenceError for no rows, rows of different kinds or measures, a study named twice, different
             time points without `settings.mix_time_points`, estimates where counts are needed.
    Source:  Viechtbauer 2010 (inverse variance); Stijnen 2010 (logistic models); the files of each method.
    """
    settings = settings.complete()
    _check_kinds(rows, settings)
    _check_names(rows)
    notes = [*_time_points(rows, settings)]
    effects, left_out = effects_of(rows, _for_effects(settings))
    if settings.measure == "PROP" and settings.method in _ON_COUNTS:
        effects = tuple(replace(effect, corrected=0.0) for effect in effects)  # nothing was, where it counts
    task = Task(settings, effects, left_out, tuple(notes)).noting(*_what_was_done(effects, settings))
    if not effects:
        reasons = sorted({one.reason for one in left_out})
        return task.refuse(settings.method, f"every study was left out ({'; '.join(reasons)})")
    return _arithmetic(task)(task)


def _arithmetic(task: Task) -> Callable[[Task], Result]:
    match task.settings.method, task.settings.measure:
        case "COUNTS", _:
            return pool_counts
        case "GLMM", "PROP":
            return pool_logistic_proportions
        case (("MH" | "PETO"), _):
            return pool_common
        case _, "PROP" if task.k == 1:
            return pool_counts
        case _ if task.k == 1:
            return one_comparison
        case "GLMM", _:
            return pool_logistic_comparisons
        case _:
            return pool_means


def _for_effects(settings: Settings) -> Settings:
    """Methods on counts use study effects to show them only: a correction and the usual zeros serve there."""
    if settings.method not in _ON_COUNTS:
        return settings
    return replace(settings, correction=settings.correction or 0.5, double_zero="")


# ── What may be pooled ──────────────────────────────────────────────────────────────────────────────


def _check_kinds(rows: Sequence[Row], settings: Settings) -> None:
    if not rows:
        raise EvidenceError("no studies to pool", hint="give at least one row")
    single = [row.study for row in rows if isinstance(row, SingleArm)]
    others = [row.study for row in rows if not isinstance(row, SingleArm)]
    if single and others:
        raise EvidenceError(
            f"single arms ({_names(single)}) and comparisons ({_names(others)}) in one pool",
            why="a proportion says what happened, a comparison what a treatment changed: they have no mean",
            hint="pool them apart",
        )
    if bool(single) != (settings.measure == "PROP"):
        kind = "single arms" if single else "comparisons"
        raise EvidenceError(
            f"{settings.measure} ({MEASURES[settings.measure]}) of {kind}",
            why="PROP is for single arms, every other measure for comparisons",
        )
    for row in rows:
        if isinstance(row, Estimate) and row.measure != settings.measure:
            raise EvidenceError(
                f"{row.study} reports {row.measure}, the pool is of {settings.measure}",
                why="measures have no common mean",
            )
        if isinstance(row, Comparative) and settings.measure in ("HR", "MD"):
            raise EvidenceError(
                f"{row.study} has counts only",
                why=f"a {MEASURES[settings.measure]} does not follow from counts",
                hint="give estimate and interval, or pool RR, OR or RD",
            )
        if isinstance(row, Estimate) and settings.method in _ON_COUNTS:
            raise EvidenceError(
                f"{row.study} is an estimate without counts",
                why=f"{settings.method} adds up counts",
                hint="choose an inverse-variance method such as REML, or give the counts",
            )


def _check_names(rows: Sequence[Row]) -> None:
    names = [row.study for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise EvidenceError(
            f"named more than once: {_names(twice)}",
            why="the same patients must not count twice",
            hint="if these are different patients, give each row its own name",
        )


def _time_points(rows: Sequence[Row], settings: Settings) -> Iterator[str]:
    """What must be said about time points; EvidenceError where they differ and nobody allowed it."""
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row.time_point or "not stated", []).append(row.study)
    if len(named) > 1:
        said = "; ".join(f"{point}: {_names(studies)}" for point, studies in named.items())
        if not settings.mix_time_points:
            raise EvidenceError(
                f"different time points in one pool ({said})",
                why="events grow with time: such a pool means nothing unless somebody decided it does",
                hint="pool each time point apart, or allow mixing and it will be stated",
            )
        yield f"different time points were pooled, as was asked for: {said}"
    elif "not stated" in named and len(rows) > 1:
        yield "no study states its time point: whether they are alike could not be checked"


# ── What must be said ───────────────────────────────────────────────────────────────────────────────


def _what_was_done(effects: Sequence[StudyEffect], settings: Settings) -> Iterator[str]:
    corrected = [one.study for one in effects if one.corrected]
    if corrected:
        added = next(one.corrected for one in effects if one.corrected)
        where = "events and non-events" if settings.measure == "PROP" else "each cell"
        if settings.method in _ON_COUNTS:
            yield (
                f"{added:g} was added to {where} of {_names(corrected)} to show the study's own effect "
                "and for Q; the pooled estimate rests on the counts as they are"
            )
        else:
            yield f"{added:g} was added to {where} of {_names(corrected)}, for an empty cell"
            if settings.measure in ("RR", "OR"):
                yield "with empty cells Mantel-Haenszel (MH), which adds nothing, is worth comparing"
    reported = [one.study for one in effects if isinstance(one.row, Estimate)]
    if reported and len(reported) < len(effects):
        yield f"reported estimates, perhaps adjusted, stand beside effects from counts: {_names(reported)}"
    derived = [one.study for one in effects if isinstance(one.row, Estimate) and one.row.derived]
    if derived:
        yield f"standard errors were taken from printed intervals: {_names(derived)}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names)
