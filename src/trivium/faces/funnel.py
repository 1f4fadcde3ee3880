"""A funnel plot as one picture (SVG): each study's estimate against its standard error, small studies below.

Takes what `forest` takes, with `small_study` in it. The triangle is where studies would lie but for chance,
around the pooled estimate. The text form lists every point, and what Egger's test found or why there is none.
"""

from __future__ import annotations

import html
import math
from typing import Any

from trivium.faces.forest_axis import Axis
from trivium.faces.forest_words import egger, statements
from trivium.faces.lettering import fold, wide
from trivium.faces.lines import clean

Data = dict[str, Any]

_WIDTH, _LEFT, _RIGHT, _TALL = 400, 46, 388, 210
_SMALL = 9.0
_INK, _FAINT = "#1a1a1a", "#555555"
_STYLE = (
    f".funnel text{{font-family:system-ui,'Helvetica Neue',Arial,sans-serif;font-size:{_SMALL}px;"
    f"fill:{_FAINT};"
    "paint-order:stroke;stroke:#fff;stroke-width:2.5px;stroke-linejoin:round}"
    f".funnel .h{{font-size:12px;font-weight:700;fill:{_INK}}}"
)
_NATURAL = {"log": math.exp}  # scales whose ticks are shown on the natural scale


def render(data: Data, name: str = "funnel") -> str:
    """The funnel plot of one result as a whole SVG document; `name` begins its ids."""
    found = data["small_study"]
    points = found["points"]
    title = clean(data["title"] or f"Funnel plot: {data['measure_label']}")
    deepest = max((point["se"] for point in points), default=1.0) * 1.08
    axis = _axis(found, deepest)
    top = 42.0
    parts = [_text(10, 18, title, "h")]
    if found["centre"] is not None:
        parts.append(_funnel(axis, found, deepest, top))
    parts += [_point(axis, found, point, deepest, top) for point in points]
    parts += _frame(axis, found, data, deepest, top)
    y = top + _TALL + 44
    for line in _lines(data):
        parts.append(_text(10, y, line))
        y += _SMALL + 3
    described = f"{len(points)} studies by estimate and standard error. {' '.join(_lines(data))}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {math.ceil(y + 4)}" width="100%" '
        f'class="funnel" style="max-width:{2 * _WIDTH}px" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">\n'
        f'<title id="{name}-title">{html.escape(title)}</title>\n'
        f'<desc id="{name}-desc">{html.escape(clean(described))}</desc>\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect width="{_WIDTH}" height="{math.ceil(y + 4)}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _axis(found: Data, deepest: float) -> Axis:
    values = [point["estimate"] for point in found["points"]]
    centre = found["centre"]
    if centre is not None:
        values += [centre - 2 * deepest, centre + 2 * deepest]
    low, high = min(values, default=-1.0), max(values, default=1.0)
    pad = 0.04 * (high - low) or 1.0
    return Axis(_LEFT, _RIGHT, low - pad, high + pad, found["scale"] == "log")


def _x(axis: Axis, found: Data, value: float) -> float:
    """Where a number of the scale of analysis stands."""
    return axis.x(_NATURAL.get(found["scale"], float)(value))


def _point(axis: Axis, found: Data, point: Data, deepest: float, top: float) -> str:
    x, y = _x(axis, found, point["estimate"]), top + point["se"] / deepest * _TALL
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#ffffff" fill-opacity="0.6" stroke="{_INK}"/>'


def _funnel(axis: Axis, found: Data, deepest: float, top: float) -> str:
    """The pooled estimate, and around it where studies of each size would lie but for chance."""
    centre = found["centre"]
    half = found["half_width"] * deepest
    ends = [_x(axis, found, centre + sign * half) for sign in (-1, 1)]
    x, bottom = _x(axis, found, centre), top + _TALL
    return (
        f'<path d="M{ends[0]:.1f} {bottom:.1f}L{x:.1f} {top:.1f}L{ends[1]:.1f} {bottom:.1f}" fill="#f2f2f2" '
        f'stroke="{_FAINT}" stroke-dasharray="4 3"/>'
        f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_FAINT}" stroke-width="0.8"/>'
    )


def _frame(axis: Axis, found: Data, data: Data, deepest: float, top: float) -> list[str]:
    bottom = top + _TALL
    parts = [
        f'<path d="M{_LEFT} {top:.1f}V{bottom:.1f}H{_RIGHT}" fill="none" stroke="{_INK}" stroke-width="0.8"/>'
    ]
    for x, label in axis.ticks(lambda text: wide(text, _SMALL), lambda value: f"{value:g}"):
        parts.append(f'<path d="M{x:.1f} {bottom:.1f}v3.5" stroke="{_INK}" stroke-width="0.8"/>')
        parts.append(_text(x, bottom + 13, label, anchor="middle"))
    step = 10 ** math.floor(math.log10(deepest))
    step = next(one for one in (step / 5, step / 2, step, 2 * step, 5 * step) if deepest / one <= 6)
    for number in range(int(deepest / step) + 1):
        y = top + number * step / deepest * _TALL
        parts.append(f'<path d="M{_LEFT} {y:.1f}h-3.5" stroke="{_INK}" stroke-width="0.8"/>')
        parts.append(_text(_LEFT - 6, y + 3, f"{number * step:g}", anchor="end"))
    unit = (
        data["measure_label"]
        if found["scale"] in ("log", "natural")
        else f"{data['measure_label']}, {found['scale']} scale"
    )
    parts.append(_text(10, top - 8, "standard error"))
    parts.append(_text((_LEFT + _RIGHT) / 2, bottom + 27, unit, anchor="middle"))
    return parts


def _lines(data: Data) -> list[str]:
    found = data["small_study"]
    shown = ("estimate", "estimator", "no pooled estimate")
    said = [f"{label.capitalize()}: {text}" for label, text in statements(data) if label in shown]
    said.append(f"Egger's test: {egger(found)}")
    return [line for text in said for line in fold(text, _WIDTH - 20, _SMALL, bold=False)]


def _text(x: float, y: float, words: str, kind: str = "s", anchor: str = "") -> str:
    side = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{side}>{html.escape(clean(words))}</text>'
