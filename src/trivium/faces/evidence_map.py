"""The evidence map as an accessible SVG: agents by outcomes, size for patients, shade for certainty."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

Data = dict[str, Any]
_LEFT, _CELL, _ROW, _TOP = 150, 84, 76, 150
_LARGEST = 30.0
# Dark is certain; the word stands in every cell too, so that nothing rests on colour alone.
_SHADES = {"high": "#08306b", "moderate": "#2171b5", "low": "#6baed6", "very-low": "#c6dbef", "": "#eeeeee"}


def render(data: Data) -> str:
    """Circles on a grid with the number of patients in each."""
    agents, outcomes = data["agents"], data["outcomes"]
    width, height = _LEFT + _CELL * len(outcomes) + 70, _TOP + _ROW * len(agents) + 16
    most = max((cell["patients"] for cell in data["cells"]), default=1)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            'aria-labelledby="map-title map-desc" font-family="Arial, sans-serif" font-size="13">',
            f'<title id="map-title">{escape(data["title"])}</title>',
            f'<desc id="map-desc">{escape("; ".join(_words(cell) for cell in data["cells"]))}</desc>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *(line for at, name in enumerate(outcomes) for line in _head(at, name, len(agents))),
            *(line for at, name in enumerate(agents) for line in _side(at, name, len(outcomes))),
            *(line for cell in data["cells"] for line in _cell(data, cell, most)),
            "</svg>",
        ]
    )


def _head(at: int, name: str, rows: int) -> Iterator[str]:
    x = _LEFT + _CELL * at + _CELL / 2
    yield (
        f'<text transform="translate({x - 4} {_TOP - 12}) rotate(-38)" text-anchor="start">'
        f"{escape(_cut(name, 24))}</text>"
    )
    yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_TOP + _ROW * rows}" stroke="#e5e5e5"/>'


def _side(at: int, name: str, columns: int) -> Iterator[str]:
    y = _TOP + _ROW * at + _ROW / 2
    yield f'<text x="10" y="{y + 4}">{escape(_cut(name, 20))}</text>'
    yield f'<line x1="{_LEFT}" y1="{y}" x2="{_LEFT + _CELL * columns}" y2="{y}" stroke="#e5e5e5"/>'


def _cell(data: Data, cell: Data, most: int) -> Iterator[str]:
    x = _LEFT + _CELL * data["outcomes"].index(cell["outcome"]) + _CELL / 2
    y = _TOP + _ROW * data["agents"].index(cell["agent"]) + _ROW / 2
    radius = max(4.0, _LARGEST * (cell["patients"] / most) ** 0.5)
    shade = _SHADES.get(cell["certainty"], _SHADES[""])
    yield f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="{shade}" stroke="#1a1a1a"/>'
    ink = "#fff" if cell["certainty"] in ("high", "moderate") and radius > 14 else "#1a1a1a"
    inside = radius > 14
    place = f'x="{x}" y="{y + 4}" text-anchor="middle"' if inside else f'x="{x + radius + 3:.1f}" y="{y + 4}"'
    yield f'<text {place} fill="{ink}">{cell["patients"]}</text>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _words(cell: Data) -> str:
    sure = f", certainty {cell['certainty'].replace('-', ' ')}" if cell["certainty"] else ""
    studies = f"{cell['studies']} {'study' if cell['studies'] == 1 else 'studies'}"
    return f"{cell['agent']}, {cell['outcome']}: {cell['patients']} patients in {studies}{sure}"


def lines(data: Data) -> Iterator[str]:
    """One line a cell."""
    yield f"  {data['title']}"
    for cell in data["cells"]:
        yield f"  - {_words(cell)}"
