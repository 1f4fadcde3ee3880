"""Words and numbers of a pooled result, as every face of it shows them.

`data` is what `forest_data` in `evidence/synthesis/published.py` says: plain values, nothing to compute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Data = dict[str, Any]


def number(value: float | None, data: Data) -> str:
    """One effect: a proportion or risk difference in per cent, a ratio with about two digits that matter."""
    if value is None:
        return "unbounded"
    if data["measure"] == "PROP" and 0 < value < 1 and f"{100 * value:.1f}" in ("0.0", "100.0"):
        return "< 0.1" if value < 0.5 else "> 99.9"  # never said to be none or all
    if data["per_cent"]:
        return f"{100 * value:.1f}".replace("-0.0", "0.0")
    size = abs(value)
    if data["axis"] == "linear":
        return f"{value:.0f}" if size >= 1000 else f"{value:.3g}"
    if not 0.001 <= size < 1000:
        return "< 0.001" if size < 1 else "> 1000"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 3
    return f"{value:.{digits}f}"


def effect(triple: Data, data: Data) -> str:
    """An estimate with its interval: 0.49 (0.33 to 0.73)."""
    unit = _unit(data)
    if triple["low"] is None and triple["high"] is None:
        return f"{number(triple['estimate'], data)}{unit} (no interval)"
    return f"{number(triple['estimate'], data)}{unit} ({bounds(triple, data)})"


def band(data: Data) -> str:
    """The prediction interval with its unit."""
    return bounds(data["prediction"], data) + _unit(data)


def _unit(data: Data) -> str:
    """A risk difference is in percentage points, which its heading says."""
    return " %" if data["measure"] == "PROP" else ""


def bounds(pair: Data, data: Data) -> str:
    """The ends of an interval."""
    return f"{number(pair['low'], data)} to {number(pair['high'], data)}"


def per_cent(level: float) -> str:
    """A level or a share: 95 %."""
    return f"{100 * level:g} %"


def weight(study: Data) -> str:
    """A study's share of the pool."""
    return "" if study.get("weight") is None else f"{study['weight']:.1f} %"


def counts(study: Data) -> str:
    """Events and patients; both arms of a comparison."""
    return " vs ".join(study["counts"])


def heading(data: Data) -> str:
    """The measure with the level of the intervals."""
    return f"{_measure(data).capitalize()} ({per_cent(data['level'])} interval)"


def pooled_label(data: Data) -> str:
    """What the pooled estimate is called."""
    if data["k"] == 1:
        return "The only study"
    return f"Pooled, {data['k']} studies"


def statements(data: Data) -> Iterator[tuple[str, str]]:
    """What must stand with a result: estimate, the names of its methods, spread, notes."""
    if data["estimable"]:
        yield "estimate", f"{_measure(data)} {effect(data, data)}{_p(data['p_value'])}"
        yield "estimator", data["estimator"]
        yield "interval", data["interval_method"]
        prediction = data["prediction"]
        reach = f"{band(data)}; " if prediction else ""
        yield "prediction interval", reach + data["prediction_method"]
    else:
        yield "no pooled estimate", data["reason"]
        yield "estimator asked for", data["estimator"]
    spread = data.get("heterogeneity")
    if spread:
        yield "heterogeneity", heterogeneity(spread)
    for one in data["left_out"]:
        shown = f" ({counts(one)})" if one["counts"] else ""
        yield "left out", f"{one['study']}{shown}: {one['reason']}"
    for note in data["notes"]:
        yield "note", note


def heterogeneity(spread: Data) -> str:
    """Q, I squared, tau squared, each interval with the name of its method."""
    text = f"Q {spread['q']:.2f} on {spread['df']} df ({spread['q_method']}){_p(spread['q_p'])}"
    text += f"; I² {spread['i2']:.1f} %"
    if spread["i2_interval"]:
        text += f" ({spread['i2_interval']['low']:.1f} to {spread['i2_interval']['high']:.1f})"
    text += f"; H² {spread['h2']:.2f}; tau² {spread['tau2']:.4g}"
    if spread["tau2_interval"]:
        low, high = spread["tau2_interval"]["low"], spread["tau2_interval"]["high"]
        return f"{text} ({low:.4g} to {high:.4g}), intervals by {spread['interval_method']}"
    return text if spread["interval_method"] == "none" else f"{text}; interval: {spread['interval_method']}"


def between_groups(found: Data) -> str:
    """The test between subgroups, or why there is none."""
    if found["q_between"] is None:
        return f"between groups: none: {found['reason']}"
    return f"between groups: Q {found['q_between']:.2f} on {found['df']} df{_p(found['p_value'])}"


def egger(found: Data) -> str:
    """What Egger's test found, or why there is none."""
    test = found["egger"]
    if test is None:
        return f"none: {found['reason']}"
    bounds_ = f"{test['low']:.3g} to {test['high']:.3g}"
    return f"intercept {test['intercept']:.3g} ({bounds_}), t with {test['df']} df{_p(test['p_value'])}"


def _measure(data: Data) -> str:
    points = " in percentage points" if data["measure"] == "RD" else ""
    return f"{data['measure_label']}{points}"


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return ", p < 0.001" if value < 0.001 else f", p = {value:.2g}"
