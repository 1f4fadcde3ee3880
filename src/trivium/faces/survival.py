"""Survival of arms at stated times as an accessible SVG, ordered by time; and the same in words."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from trivium.faces.lines import WIDTH, clean

Data = dict[str, Any]
_LEFT, _PLOT, _RIGHT, _ROW, _TOP = 360, 300, 150, 40, 46
_SHORT = 46


def render(data: Data) -> str:
    """One line an arm: a square (larger: more patients) with its exact interval, from 0 to 100 %."""
    points = data["points"]
    width, height = _LEFT + _PLOT + _RIGHT, _TOP + _ROW * len(points) + 44
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            'aria-labelledby="survival-title survival-desc" font-family="Arial, sans-serif" font-size="13">',
            f'<title id="survival-title">{escape(data["title"])}</title>',
            f'<desc id="survival-desc">{escape(clean("; ".join(_words(point) for point in points)))}</desc>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *_axis(len(points)),
            *(line for at, point in enumerate(points) for line in _point(at, point)),
            "</svg>",
        ]
    )


def _x(share: float) -> float:
    return round(_LEFT + share * _PLOT, 1)


def _axis(count: int) -> Iterator[str]:
    bottom = _TOP + _ROW * count
    yield '<text x="10" y="22" font-weight="bold">Study and arm</text>'
    yield f'<text x="{_LEFT}" y="22" font-weight="bold">Alive, %</text>'
    yield f'<text x="{_LEFT + _PLOT + 12}" y="22" font-weight="bold">% (95 % CI), n</text>'
    for tick in range(0, 101, 25):
        x = _x(tick / 100)
        yield f'<line x1="{x}" y1="{_TOP - 10}" x2="{x}" y2="{bottom}" stroke="#ccc"/>'
        yield f'<text x="{x}" y="{bottom + 20}" text-anchor="middle">{tick}</text>'


def _point(at: int, point: Data) -> Iterator[str]:
    y = _TOP + _ROW * at + _ROW / 2
    size = 4 + min(12.0, point["n"] ** 0.5)
    open_ = ' fill="#fff"' if point["composite"] else ' fill="#1a1a1a"'
    yield f'<text x="10" y="{y - 3}">{escape(_cut(point["label"]))}</text>'
    below = f"{_weeks(point)} {escape(point['ref'])}"
    yield f'<text x="10" y="{y + 13}" fill="#555" font-size="11">{below}</text>'
    yield f'<line x1="{_x(point["low"])}" y1="{y}" x2="{_x(point["high"])}" y2="{y}" stroke="#1a1a1a"/>'
    yield (
        f'<rect x="{_x(point["share"]) - size / 2:.1f}" y="{y - size / 2:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}" stroke="#1a1a1a"{open_}/>'
    )
    yield f'<text x="{_LEFT + _PLOT + 12}" y="{y + 4}">{_numbers(point)}</text>'


def _cut(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"


def _weeks(point: Data) -> str:
    return f"{point['weeks']:g} weeks"


def _numbers(point: Data) -> str:
    share, low, high = (round(point[key] * 100) for key in ("share", "low", "high"))
    return f"{share} ({low} to {high}), {point['n']}"


def _words(point: Data) -> str:
    kind = " (composite or narrower count)" if point["composite"] else ""
    return f"{point['label']}, {_weeks(point)}: {_numbers(point)}{kind}"


def lines(data: Data) -> Iterator[str]:
    """A bar a line: the interval as dashes, the estimate as o."""
    yield f"  {data['title']} (% alive, 0 to 100)"
    room = WIDTH - 64
    for point in data["points"]:
        low, at, high = (round(point[key] * (room - 1)) for key in ("low", "share", "high"))
        bar = "".join("o" if x == at else "-" if low <= x <= high else " " for x in range(room))
        yield f"  {_cut(point['label']):<{_SHORT}} {_weeks(point):>11} |{bar}|"
        yield f"    {clean(point['agents'])}: {_numbers(point)} {point['ref']}"
    if any(point["composite"] for point in data["points"]):
        yield "  An open square counts a composite or narrower outcome."
