"""A course as one picture (SVG): stage, treatments, numbers and plan changes under one time axis.

Replay data in (`commands.replay` says what it holds), text out. Drawn for a phone's width and for paper:
no colour carries meaning alone, nothing is loaded from elsewhere, and every text is escaped. The text
form of the same replay is its table: it says in words all that is drawn, and what was left out here.
"""

from __future__ import annotations

import datetime
import html
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Data = dict[str, Any]

_WIDTH = 400
_LEFT, _RIGHT = 12, 388
_SMALL, _TEXT = 9.5, 10.5  # font sizes; a letter is about half as wide
_MOST_SERIES, _MOST_LINES = 9, 5
_INK, _FAINT, _GRID = "#1a1a1a", "#5a5a5a", "#d8d8d8"
_BAND = ("#d7e3f4", "#f6e2c4", "#dcebd3", "#efd9e6", "#e4e0f2", "#e9e9e9")
_BAR, _LINE, _LIMIT = "#3b6ea8", "#1f4e79", "#a33b20"
_STRONG = ("recommended", "blocked")
_STYLE = (
    f"text{{font-family:system-ui,'Helvetica Neue',Arial,sans-serif;font-size:{_TEXT}px;fill:{_INK}}}"
    f".s{{font-size:{_SMALL}px;fill:{_FAINT}}}.b{{font-weight:600}}.h{{font-size:12px;font-weight:700}}"
)


def render(data: Data) -> str:
    """The timeline of one course, as a whole SVG document."""
    return _Picture(data).document()


class _Picture:
    """Draws downwards: `y` is where the next row begins."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.first = datetime.date.fromisoformat(data["first"])
        self.days = max((datetime.date.fromisoformat(data["last"]) - self.first).days, 1)
        self.parts: list[str] = []
        self.y = 0.0

    def document(self) -> str:
        self._head()
        top = self.y
        self._stage()
        self._treatments()
        self._series()
        self._changes()
        grid = "".join(self._grid(top, self.y))
        legend_from = self.y
        self._legend()
        height = round(max(self.y, legend_from) + 10)
        patient = _clean(self.data["patient"]) or "without an id"
        title = f"Course of patient {patient}, {self.data['first']} to {self.data['last']}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" '
            f'style="max-width:{2 * _WIDTH}px" role="img" aria-labelledby="title desc">\n'
            f'<title id="title">{_escape(title)}</title>\n<desc id="desc">{_escape(self._described())}</desc>\n'
            f"<style>{_STYLE}</style>\n"
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n{grid}\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def _described(self) -> str:
        data = self.data
        shown = [item["label"] for item in self._chosen()]
        return (
            f"Stages, {len(data['treatments'])} treatments, numeric results ({', '.join(shown) or 'none'}) and "
            f"{len(data['steps'])} days on which something happened or changed. At the end: "
            f"{data['end']['stage'][0]['status']}. The text form of this replay says the same in words."
        )

    # ── Pieces ──

    def _add(self, piece: str) -> None:
        self.parts.append(piece)

    def _say(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        shape = f' class="{kind}"' if kind else ""
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self._add(f'<text x="{x:.1f}" y="{y:.1f}"{shape}{side}>{_escape(_clean(words))}</text>')

    def _paragraph(self, words: str, x: float = _LEFT, kind: str = "", width: float = _RIGHT - _LEFT) -> None:
        size = _SMALL if kind == "s" else _TEXT
        for line in textwrap.wrap(_clean(words), int(width / (size * 0.52))):
            self.y += size + 3
            self._say(x, self.y, line, kind)

    def _heading(self, words: str) -> None:
        self.y += 22
        self._say(_LEFT, self.y, words, "h")
        self.y += 4

    def _x(self, day: str | None) -> float:
        if day is None:
            return _LEFT
        passed = (datetime.date.fromisoformat(day) - self.first).days / self.days
        return _LEFT + min(max(passed, 0.0), 1.0) * (_RIGHT - _LEFT)

    def _grid(self, top: float, bottom: float) -> Iterator[str]:
        for day, label in self._ticks():
            x = self._x(day)
            anchor = "end" if x > _RIGHT - 20 else "start" if x < _LEFT + 20 else "middle"
            yield f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_GRID}" stroke-width="0.7"/>'
            yield (
                f'<text x="{x:.1f}" y="{top - 3:.1f}" class="s" text-anchor="{anchor}">{_escape(label)}</text>'
            )

    def _ticks(self) -> Iterator[tuple[str, str]]:
        """About five round days: weeks, months or years, and the first day."""
        for step in (1, 2, 7, 14, 28, 91, 182, 365, 1826, 3652):
            if self.days / step <= 6:
                break
        for number in range(0, self.days + 1, step):
            day = self.first + datetime.timedelta(number)
            yield day.isoformat(), f"{day:%Y-%m-%d}" if number == 0 else f"+{number} d"

    # ── Rows ──

    def _head(self) -> None:
        data, pathway = self.data, self.data["pathway"]
        self.y = 6
        self._paragraph(f"Course of patient {data['patient'] or 'without an id'}", kind="b")
        self._paragraph(f"{pathway['label']}: {data['first']} to {data['last']}")
        self._paragraph(f"Content {pathway['version']}, {pathway['status']}. {data['notice']}", kind="s")
        self.y += 18

    def _stage(self) -> None:
        """A band of numbered stretches; their names stand below it."""
        spans = [[self.data["first"], self.data["start"]["plan"]["stage"][0]["status"]]]
        for step in self.data["steps"]:
            for item in step["changes"]["stage"]:
                if item["after"] != item["before"]:
                    spans.append([step["day"], item["after"]])
        names = list(dict.fromkeys(name for _, name in spans))
        ends = [self._x(day) for day, _ in spans[1:]] + [float(_RIGHT)]
        for (day, name), end in zip(spans, ends, strict=True):
            start, place = self._x(day), names.index(name)
            width = max(end - start, 1.0)
            self._add(
                f'<rect x="{start:.1f}" y="{self.y:.1f}" width="{width:.1f}" height="15" '
                f'fill="{_BAND[place % len(_BAND)]}" stroke="{_FAINT}" stroke-width="0.6"/>'
            )
            if width >= 10:
                self._say(start + width / 2, self.y + 11.5, _letter(place), "b", "middle")
        self.y += 17
        for place, name in enumerate(names):
            since = ", ".join(day for day, other in spans if other == name)
            self._paragraph(f"{_letter(place)}  {name} (from {since})")

    def _treatments(self) -> None:
        if not self.data["treatments"]:
            return
        self._heading("Treatments")
        for row in self.data["treatments"]:
            self.y += _TEXT + 3
            self._say(_LEFT, self.y, _short(row["label"], 60))
            self.y += 4
            for span in row["spans"]:
                self._span(span)
            self.y += 8

    def _span(self, span: Data) -> None:
        start, end = self._x(span["first"]), self._x(span["last"])
        if end - start < 1:  # a day: a diamond that print and a small screen keep
            mid = self.y + 4
            self._add(f'<path d="M{start:.1f} {mid - 4:.1f}l4 4l-4 4l-4 -4z" fill="{_BAR}" stroke="#fff" stroke-width="0.5"/>')
            return
        dashes = "" if span["exact"] else ' stroke-dasharray="3 2"'
        fill = _BAR if span["exact"] else "#ffffff"
        self._add(
            f'<rect x="{start:.1f}" y="{self.y + 1:.1f}" width="{end - start:.1f}" height="6" rx="1" '
            f'fill="{fill}" stroke="{_BAR}" stroke-width="0.8"{dashes}/>'
        )
        if span["ongoing"]:
            self._add(f'<path d="M{end:.1f} {self.y:.1f}l7 4l-7 4z" fill="{_BAR}"/>')

    def _chosen(self) -> list[Data]:
        """The numbers worth a row: seen twice or more; first those that something compares, then by points."""
        rows = [item for item in self.data["series"] if len(item["points"]) > 1]
        rows.sort(key=lambda item: (not item["thresholds"], -len(item["points"])))
        kept = {item["fact"] for item in rows[:_MOST_SERIES]}
        return [item for item in self.data["series"] if item["fact"] in kept]

    def _series(self) -> None:
        chosen = self._chosen()
        if not chosen:
            return
        self._heading("Results")
        for item in chosen:
            self._sparkline(item)
        others = [item["label"] for item in self.data["series"] if item not in chosen]
        if others:
            self._paragraph(f"Not drawn: {', '.join(others)}.", kind="s")

    def _sparkline(self, item: Data) -> None:
        numbers = [n for point in item["points"] for n in (point["low"], point["high"]) if n is not None]
        if not numbers:
            return
        low, high = min(numbers), max(numbers)
        reach = (high - low) or abs(high) or 1.0
        limits = sorted({t["value"] for t in item["thresholds"]})
        limits = [n for n in limits if low - reach * 0.6 <= n <= high + reach * 0.6]
        low, high = min([low, *limits]), max([high, *limits])
        self.y += _TEXT + 5
        words = f"{item['label']}, {item['unit']}" if item["unit"] else item["label"]
        self._say(_LEFT, self.y, _short(words, 44), "b")
        self._say(_RIGHT, self.y, f"{_number(min(numbers))} to {_number(max(numbers))}", "s", "end")
        top, tall = self.y + 6, 30.0
        scale = tall / ((high - low) or 1.0)

        def at(number: float) -> float:
            return top + tall - (number - low) * scale

        for limit in limits:
            self._add(
                f'<path d="M{_LEFT} {at(limit):.1f}H{_RIGHT}" stroke="{_LIMIT}" stroke-width="0.8" '
                f'stroke-dasharray="4 3"/>'
            )
            self._say(_RIGHT, at(limit) - 1.5, _number(limit), "s", "end")
        self._points(item, at, top, top + tall)
        self.y = top + tall + 4

    def _points(self, item: Data, at: Any, top: float, bottom: float) -> None:
        """Dots, joined while the newest result counts; bars for what is only known to lie in between."""
        run: list[str] = []
        runs = [run]
        for point in item["points"]:
            start, end = self._x(point["first"]), self._x(point["last"])
            low, high = point["low"], point["high"]
            upper, lower = top if high is None else at(high), bottom if low is None else at(low)
            if point["first"] and any(run) and any(lost <= point["first"] for lost in item["lost"] if lost > run_day):
                run = []
                runs.append(run)
            run_day = point["last"] or point["first"] or self.data["first"]
            if end - start > 3 or lower - upper > 0.5:
                self._add(
                    f'<rect x="{start - 1:.1f}" y="{upper:.1f}" width="{max(end - start, 2):.1f}" '
                    f'height="{max(lower - upper, 1.5):.1f}" fill="none" stroke="{_LINE}" stroke-width="1"/>'
                )
            else:
                self._add(f'<circle cx="{start:.1f}" cy="{upper:.1f}" r="2.2" fill="{_LINE}"/>')
            run.append(f"{(start + end) / 2:.1f} {(upper + lower) / 2:.1f}")
        for joined in (each for each in runs if len(each) > 1):
            self._add(f'<path d="M{"L".join(joined)}" fill="none" stroke="{_LINE}" stroke-width="1.1"/>')
