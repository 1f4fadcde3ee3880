"""A forest plot as one picture (SVG): each study, the pooled estimate, where a further study would lie.

Data in (`forest_data` in `evidence/synthesis/published.py` says what it holds), text out. Drawn for the
width of a phone and for paper: a study's name stands above its numbers, so that long names meet nothing;
no meaning rests on colour; nothing is loaded from elsewhere; every text is escaped. `forest_text` is its
table twin. `groups` in the data (each a label and a result) are drawn with a subtotal each.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from typing import Any

from trivium.faces.forest_axis import Axis, axis_for
from trivium.faces.forest_words import (
    band,
    between_groups,
    counts,
    effect,
    heading,
    pooled_label,
    statements,
    weight,
)
from trivium.faces.lettering import fold, wide
from trivium.faces.lines import clean

Data = dict[str, Any]

_WIDTH, _LEFT, _RIGHT = 400, 10, 390
_TEXT, _SMALL = 10.5, 9.0
_SMALLEST_PLOT = 120.0
_INK, _FAINT, _GRID, _FILL = "#1a1a1a", "#555555", "#c8c8c8", "#3b3b3b"
_STYLE = (
    f".forest text{{font-family:system-ui,'Helvetica Neue',Arial,sans-serif;font-size:{_TEXT}px;fill:{_INK};"
    "paint-order:stroke;stroke:#fff;stroke-width:2.5px;stroke-linejoin:round}"
    f".forest .s{{font-size:{_SMALL}px;fill:{_FAINT}}}.forest .v{{font-size:{_SMALL}px}}"
    f".forest .b{{font-weight:600}}.forest .vb{{font-size:{_SMALL}px;font-weight:600}}"
    ".forest .h{font-size:12px;font-weight:700}"
)


def render(data: Data, name: str = "forest") -> str:
    """The forest plot of one result as an SVG document; `name` begins its ids: a page may hold many."""
    return _Plot(data).document(name)


class _Plot:
    """Draws downwards: `y` is the line that was written last."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.groups: list[Data] = data.get("groups") or []
        self.studies = [study for part in (self.groups or [data]) for study in part["studies"]]
        self.heaviest = max((study["weight"] or 0 for study in self.studies), default=0) or 1.0
        self.parts: list[str] = []
        self.y = 4.0
        texts = [effect(row, data) for row in (*self.studies, *self._diamonds())]
        texts += [band(data)] if data.get("prediction") else []
        right = max((wide(text, _SMALL, bold=True) for text in texts), default=0.0)
        left = max((wide(counts(study), _SMALL) for study in self.studies), default=0.0)
        self.beside = _RIGHT - right - left - _LEFT - 20 >= _SMALLEST_PLOT  # counts stand beside the plot
        start = _LEFT + left + 8 if self.beside else _LEFT + 4.0
        self.axis = axis_for(data, [*self.studies, *self._diamonds()], start, _RIGHT - right - 12)

    def _diamonds(self) -> list[Data]:
        return [part for part in (*self.groups, self.data) if part["estimable"]]

    def document(self, name: str) -> str:
        data = self.data
        title = clean(data["title"] or f"Forest plot: {data['measure_label']}")
        self._paragraph(title, "h", 12.0)
        self._columns()
        top = self.y + 2
        for group in self.groups:
            self._heading(group["label"])
            self._studies(group)
            self._result(group, "Subtotal" if group["k"] != 1 else "The only study")
        if self.groups:
            grouped = [one["study"] for group in self.groups for one in group["left_out"]]
            self._left_out([one for one in data["left_out"] if one["study"] not in grouped])
        else:
            self._studies(data)
        self.y += 3
        self._line(_LEFT, _RIGHT, self.y + 2)
        self.y += 3
        self._result(data, pooled_label(data))
        self._prediction()
        bottom = self.y + 5
        drawn = bool(self.studies or self._diamonds())
        if drawn:
            self._ticks(bottom)
        self._notes()
        height = math.ceil(self.y + 10)
        grid = "\n".join(self._verticals(top, bottom) if drawn else ())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" '
            f'class="forest" style="max-width:{2 * _WIDTH}px" role="img" '
            f'aria-labelledby="{name}-title {name}-desc">\n'
            f'<title id="{name}-title">{_escape(title)}</title>\n'
            f'<desc id="{name}-desc">{_escape(clean(self._described()))}</desc>\n'
            f"<style>{_STYLE}</style>\n"
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n{grid}\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def _described(self) -> str:
        said = ". ".join(f"{label}: {text}" for label, text in statements(self.data) if label != "note")
        return (
            f"{len(self.studies)} studies. {said}. The text form of this plot is a table of all its numbers."
        )

    # ── Pieces ──

    def _say(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        shape = f' class="{kind}"' if kind else ""
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{shape}{side}>{_escape(clean(words))}</text>')

    def _paragraph(self, words: str, kind: str = "", size: float = _TEXT, until: float = _RIGHT) -> None:
        for line in fold(words, until - _LEFT, size, bold=kind in ("b", "h")):
            self.y += size + 3
            self._say(_LEFT, self.y, line, kind)

    def _heading(self, words: str) -> None:
        self.y += 5
        self._paragraph(words, "b")

    def _line(self, start: float, end: float, y: float, width: float = 0.8, ink: str = _INK) -> None:
        self.parts.append(f'<path d="M{start:.1f} {y:.1f}H{end:.1f}" stroke="{ink}" stroke-width="{width}"/>')

    def _columns(self) -> None:
        """What stands in the columns."""
        data = self.data
        arms = max((len(study["counts"]) for study in self.studies), default=0)
        shown = {0: "Study", 1: "Study, events / n", 2: "Study, events / n: treated vs control"}[arms]
        self.y += 3
        weighted = "; weight" if any(map(weight, self.studies)) else ""
        weighted += " in its group" if weighted and self.groups else ""
        self._paragraph(f"{shown}; {heading(data)}{weighted}", "s", _SMALL)
        self.y += 3
        self._line(_LEFT, _RIGHT, self.y)

    # ── Rows ──

    def _studies(self, part: Data) -> None:
        for study in part["studies"]:
            self._study(study)
        self._left_out(part["left_out"])

    def _left_out(self, studies: list[Data]) -> None:
        for study in studies:
            self._paragraph(study["study"])
            said = f"{counts(study)}  left out: {study['reason']}" if study["counts"] else study["reason"]
            self._paragraph(said, "s", _SMALL)
            self.y += 2

    def _study(self, study: Data) -> None:
        if weight(study):
            self._say(_RIGHT, self.y + _TEXT + 3, weight(study), "s", "end")
        star = " *" if study["corrected"] else ""
        self._paragraph(f"{study['study']}{star}", until=_RIGHT - 46)
        if not self.beside and study["counts"]:
            self._paragraph(counts(study), "s", _SMALL)
        self.y += _SMALL + 4
        if self.beside:
            self._say(_LEFT, self.y, counts(study), "v")
        self._say(_RIGHT, self.y, effect(study, self.data), "v", "end")
        middle = self.y - 3.2
        self._whisker(study, middle)
        share = study["weight"]
        side = 5.5 if share is None else 3.0 + 6.0 * math.sqrt(share / self.heaviest)
        x = self.axis.x(study["estimate"])
        self.parts.append(
            f'<rect x="{x - side / 2:.1f}" y="{middle - side / 2:.1f}" width="{side:.1f}" '
            f'height="{side:.1f}" fill="{_INK}"/>'
        )
        self.y += 4

    def _whisker(self, row: Data, y: float, width: float = 1.1) -> None:
        """The interval; an arrow where it goes on beyond the axis."""
        axis = self.axis
        start = axis.left if row["low"] is None else axis.x(row["low"])
        end = axis.right if row["high"] is None else axis.x(row["high"])
        self._line(start, end, y, width)
        self._arrows(row, y)

    def _arrows(self, row: Data, y: float) -> None:
        """Where an interval goes on beyond the axis."""
        axis = self.axis
        if row["low"] is None or axis.beyond(row["low"]):
            self.parts.append(f'<path d="M{axis.left - 3:.1f} {y:.1f}l6 -3.2v6.4z" fill="{_INK}"/>')
        if row["high"] is None or axis.beyond(row["high"]):
            self.parts.append(f'<path d="M{axis.right + 3:.1f} {y:.1f}l-6 -3.2v6.4z" fill="{_INK}"/>')

    def _result(self, part: Data, label: str) -> None:
        """A diamond as wide as the interval, or the reason why there is none."""
        if not part["estimable"]:
            self._paragraph(f"No pooled estimate: {part['reason']}", "b")
            return
        self._paragraph(label, "b")
        self.y += _SMALL + 4
        self._say(_RIGHT, self.y, effect(part, self.data), "vb", "end")
        x, middle = self.axis.x(part["estimate"]), self.y - 3.2
        low = x - 4 if part["low"] is None else min(self.axis.x(part["low"]), x - 1.5)
        high = x + 4 if part["high"] is None else max(self.axis.x(part["high"]), x + 1.5)
        fill = "#ffffff" if part["low"] is None else _FILL
        self.parts.append(
            f'<path d="M{low:.1f} {middle:.1f}L{x:.1f} {middle - 5:.1f}L{high:.1f} {middle:.1f}'
            f'L{x:.1f} {middle + 5:.1f}z" fill="{fill}" stroke="{_INK}" stroke-width="0.9"/>'
        )
        if part["low"] is not None:
            self._arrows(part, middle)
        self.y += 4

    def _prediction(self) -> None:
        prediction = self.data.get("prediction")
        if not prediction:
            return
        self._paragraph("A further study would lie in (prediction interval)", until=_RIGHT)
        self.y += _SMALL + 4
        self._say(_RIGHT, self.y, band(self.data), "v", "end")
        y = self.y - 3.2
        self._whisker(prediction, y, 1.6)
        for end in ("low", "high"):
            if not self.axis.beyond(prediction[end]):
                x = self.axis.x(prediction[end])
                self.parts.append(f'<path d="M{x:.1f} {y - 3.5:.1f}v7" stroke="{_INK}" stroke-width="1.6"/>')
        self.y += 4

    # ── Around ──

    def _verticals(self, top: float, bottom: float) -> Iterator[str]:
        """No effect as a whole line, the pooled estimate as a dashed one: behind everything else."""
        reference = self.data["reference"]
        if reference is not None:
            x = self.axis.x(reference)
            yield f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_FAINT}" stroke-width="0.8"/>'
        if self.data["estimable"]:
            x = self.axis.x(self.data["estimate"])
            yield (
                f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_FAINT}" stroke-width="0.7" '
                'stroke-dasharray="2 2.5"/>'
            )

    def _ticks(self, y: float) -> None:
        axis: Axis = self.axis
        self._line(axis.left, axis.right, y)
        unit = " %" if self.data["measure"] == "PROP" else ""
        ticks = axis.ticks(lambda text: wide(text, _SMALL), lambda value: self._tick(value) + unit)
        for x, text in ticks:
            self.parts.append(f'<path d="M{x:.1f} {y:.1f}v3.5" stroke="{_INK}" stroke-width="0.8"/>')
            half = wide(text, _SMALL) / 2
            self._say(min(max(x, half + 2), _WIDTH - half - 2), y + 13, text, "s", "middle")
        self.y = y + 14
        sides = self.data["sides"]
        if sides:
            self.y += _SMALL + 3
            self._say(axis.left, self.y, f"\u2190 {sides[0]}", "s")
            if axis.right - axis.left < wide("".join(sides), _SMALL) + 40:
                self.y += _SMALL + 3
            self._say(axis.right, self.y, f"{sides[1]} \u2192", "s", "end")
        self.y += 4

    def _tick(self, value: float) -> str:
        if self.data["per_cent"]:
            return f"{100 * value:.3g}"
        return f"{value:g}"

    def _notes(self) -> None:
        if any(study["corrected"] for study in self.studies):
            self._paragraph("* an empty cell, to which something was added: see the notes", "s", _SMALL)
        if "subgroups" in self.data:
            self._paragraph(between_groups(self.data["subgroups"]).capitalize(), "s", _SMALL)
        for label, text in statements(self.data):
            if label not in ("estimate", "left out"):
                self._paragraph(f"{label.capitalize()}: {text}", "s", _SMALL)


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
