"""A result as plain data: for JSON, and for the faces, which see nothing else.

Numbers keep ten significant digits, so that the last bits of a machine's arithmetic never show.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from trivium.evidence.synthesis.around import Cumulative, SmallStudy, Step, Subgroups
from trivium.evidence.synthesis.results import Heterogeneity, LeftOut, NotEstimable, Result, StudyEffect
from trivium.evidence.synthesis.rows import RATIOS, Comparative, Estimate, Measure, Row, SingleArm
from trivium.evidence.synthesis.scales import Triple
from trivium.evidence.synthesis.settings import MEASURES

Data = dict[str, Any]
_SIDES: dict[Measure, tuple[str, str]] = {
    "RR": ("fewer with treatment", "more with treatment"),
    "OR": ("fewer with treatment", "more with treatment"),
    "RD": ("fewer with treatment", "more with treatment"),
    "HR": ("lower with treatment", "higher with treatment"),
    "MD": ("lower with treatment", "higher with treatment"),
}


def as_data(result: Result) -> Data:
    """The result with every name of a method that made it; `estimable` says whether there is a number."""
    common: Data = {
        "estimable": not isinstance(result, NotEstimable),
        "measure": result.measure,
        "measure_label": MEASURES[result.measure],
        "method": result.method,
        "estimator": result.estimator,
        "level": result.level,
        "k": result.k,
    }
    rest: Data = {
        "studies": [_study(study) for study in result.studies],
        "left_out": [_left_out(one) for one in result.left_out],
        "notes": list(result.notes),
    }
    if isinstance(result, NotEstimable):
        return {**common, "reason": result.reason, **rest}
    prediction = result.prediction
    natural = result.natural_prediction
    return {
        **common,
        "interval_method": result.interval_method,
        "prediction_method": result.prediction_method,
        "scale": result.scale,
        **_triple(result.natural),
        "analysis": {
            "estimate": _number(result.estimate),
            "se": _number(result.se),
            "low": _number(result.low),
            "high": _number(result.high),
        },
        "p_value": _number(result.p_value),
        "prediction": None if natural is None else {"low": _number(natural[0]), "high": _number(natural[1])},
        "analysis_prediction": None
        if prediction is None
        else {"low": _number(prediction[0]), "high": _number(prediction[1])},
        "heterogeneity": _heterogeneity(result.heterogeneity),
        **rest,
    }


def steps_data(steps: tuple[Step, ...]) -> list[Data]:
    """A series of pools, each with its label; the studies of each are left out, they stand elsewhere."""
    return [{"label": step.label, **_without_studies(as_data(step.result))} for step in steps]


def cumulative_data(found: Cumulative) -> Data:
    """The pool as it grew, and who could not take part."""
    return {"steps": steps_data(found.steps), "left_out": [_left_out(one) for one in found.left_out]}


def subgroups_data(found: Subgroups) -> Data:
    """The groups and the test between them."""
    return {
        "groups": [{"label": step.label, **as_data(step.result)} for step in found.steps],
        "q_between": _number(found.q),
        "df": found.df,
        "p_value": _number(found.p_value),
        "reason": found.reason,
    }


def small_study_data(found: SmallStudy) -> Data:
    """The points of a funnel plot and Egger's test."""
    egger = None if found.egger is None else _rounded(asdict(found.egger))
    return {
        "points": [_rounded(asdict(point)) for point in found.points],
        "centre": _number(found.centre),
        "half_width": _number(found.half_width),
        "scale": found.scale,
        "egger": egger,
        "reason": found.reason,
    }


def forest_data(result: Result, title: str = "") -> Data:
    """What a forest plot draws: `as_data` and how its axis is to be laid out.

    Keys:  axis (`log` or `linear`), per_cent (numbers are shown in per cent), reference (the value of no
           effect, None for proportions), sides (what lies left and right of it), title, and `as_data`.
    """
    measure = result.measure
    return {
        **as_data(result),
        "title": title,
        "axis": "log" if measure in RATIOS else "linear",
        "per_cent": measure in ("PROP", "RD"),
        "reference": None if measure == "PROP" else 1.0 if measure in RATIOS else 0.0,
        "sides": list(_SIDES[measure]) if measure in _SIDES else None,
    }


def counts_of(row: Row) -> list[str]:
    """The counts as written in a table: one for a single arm, two for a comparison, none for an estimate."""
    match row:
        case SingleArm():
            return [f"{row.events}/{row.n}"]
        case Comparative():
            return [f"{row.events_treated}/{row.n_treated}", f"{row.events_control}/{row.n_control}"]
        case Estimate():
            return []


def _study(study: StudyEffect) -> Data:
    return {
        "study": study.study,
        "year": study.row.year,
        "time_point": study.row.time_point,
        "group": study.row.group,
        "counts": counts_of(study.row),
        **_triple(study.natural),
        "interval_method": study.interval_method,
        "corrected": study.corrected,
        "weight": _number(study.weight),
    }


def _left_out(one: LeftOut) -> Data:
    return {"study": one.study, "counts": counts_of(one.row), "reason": one.reason}


def _heterogeneity(found: Heterogeneity | None) -> Data | None:
    if found is None:
        return None
    data = _rounded({key: value for key, value in asdict(found).items() if not isinstance(value, tuple)})
    for name in ("tau2_interval", "i2_interval"):
        bounds = getattr(found, name)
        data[name] = None if bounds is None else {"low": _number(bounds[0]), "high": _number(bounds[1])}
    return data


def _without_studies(data: Data) -> Data:
    return {key: value for key, value in data.items() if key not in ("studies",)}


def _triple(triple: Triple) -> Data:
    return {
        "estimate": _number(triple.estimate),
        "low": _number(triple.low),
        "high": _number(triple.high),
    }


def _rounded(data: Data) -> Data:
    return {key: _number(value) if isinstance(value, float) else value for key, value in data.items()}


def _number(value: float | None) -> float | None:
    """Ten significant digits; nothing for what is not finite."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.10g}")
