"""A course as one picture (SVG): stage, treatments, numbers and plan changes under one time axis.

Replay data in (`commands.replay` says what it holds), text out. Drawn for a phone's width and for paper:
no colour carries meaning alone, nothing is loaded from elsewhere, and every text is escaped. The text
form of the same replay is its table: it says in words all that is drawn, and what was left out here.
"""

from __future__ import annotations

import datetime
import html
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from trivium.faces.lines import clean

Data = dict[str, Any]

_WIDTH = 400
_LEFT, _RIGHT, _EDGE = 12, 362, 392  # numbers stand between the last two
_SMALL, _TEXT = 9.5, 10.5  # font sizes; a letter is about half as wide
_MOST_SERIES, _MOST_LINES = 12, 4
_INK, _FAINT, _GRID = "#1a1a1a", "#5a5a5a", "#d8d8d8"
_BAND = ("#d7e3f4", "#f6e2c4", "#dcebd3", "#efd9e6", "#e4e0f2", "#e9e9e9")
_BAR, _LINE, _LIMIT = "#3b6ea8", "#1f4e79", "#a33b20"
_STRONG = ("recommended", "blocked")
_PLANNED = ("stage", "recommendations", "options", "alerts", "scores")
_STYLE = (
    f"text{{font-family:system-ui,'Helvetica Neue',Arial,sans-serif;font-size:{_TEXT}px;fill:{_INK}}}"
    f".s{{font-size:{_SMALL}px;fill:{_FAINT}}}.b{{font-weight:600}}.l{{font-size:8.5px;fill:{_LIMIT}}}.n{{font-size:8.5px;font-weight:600}}.h{{font-size:12px;font-weight:700}}"
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
        self.named: list[tuple[str, list[str]]] = []  # what the legend says

    def document(self) -> str:
        self._head()
        top = self.y
        self._stage()
        self._treatments()
        self._series()
        self._changes()
        grid = "".join(self._grid(top, self.y))
        self._legend()
        height = round(self.y + 10)
        patient = self.data["patient"] or "without an id"
        title = clean(f"Course of patient {patient}, {self.data['first']} to {self.data['last']}")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" '
            f'style="max-width:{2 * _WIDTH}px" role="img" aria-labelledby="title desc">\n'
            f'<title id="title">{_escape(title)}</title>\n'
            f'<desc id="desc">{_escape(clean(self._described()))}</desc>\n'
            f"<style>{_STYLE}</style>\n"
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n{grid}\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def _described(self) -> str:
        data = self.data
        shown = [item["label"] for item in self._chosen()]
        return (
            f"Stages, {len(data['treatments'])} treatments, numeric results ({', '.join(shown) or 'none'}) "
            f"and {len(data['steps'])} days on which something happened or changed. At the end: "
            f"{data['end']['stage'][0]['status']}. The text form of this replay says the same in words."
        )

    # ── Pieces ──

    def _add(self, piece: str) -> None:
        self.parts.append(piece)

    def _say(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        shape = f' class="{kind}"' if kind else ""
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self._add(f'<text x="{x:.1f}" y="{y:.1f}"{shape}{side}>{_escape(clean(words))}</text>')

    def _paragraph(self, words: str, x: float = _LEFT, kind: str = "") -> None:
        size = _SMALL if kind == "s" else _TEXT
        for line in textwrap.wrap(clean(words), int((_EDGE - x) / (size * 0.54))):
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
            if label.startswith("+") and x < _LEFT + 75:
                label = ""  # the first day's own label is there
            anchor = "end" if x > _RIGHT - 20 else "start" if x < _LEFT + 20 else "middle"
            yield f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_GRID}" stroke-width="0.7"/>'
            place = f'x="{x:.1f}" y="{top - 3:.1f}"'
            yield f'<text {place} class="s" text-anchor="{anchor}">{_escape(label)}</text>'

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
            self._add(
                f'<rect x="{_LEFT}" y="{self.y + 4:.1f}" width="9" height="9" '
                f'fill="{_BAND[place % len(_BAND)]}" stroke="{_FAINT}" stroke-width="0.6"/>'
            )
            self._paragraph(f"{_letter(place)}  {name}, from {since}", _LEFT + 13)

    def _treatments(self) -> None:
        if not self.data["treatments"]:
            return
        self._heading("Treatments and procedures")
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
            self._add(f'<path d="M{start:.1f} {mid - 4:.1f}l2.4 4l-2.4 4l-2.4 -4z" fill="{_BAR}"/>')
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
        """The numbers worth a row: seen twice or more; before others those that something compares."""
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
        self._say(_EDGE, self.y, f"{_number(min(numbers))} to {_number(max(numbers))}", "s", "end")
        top, tall = self.y + 6, 30.0
        scale = tall / ((high - low) or 1.0)

        def at(number: float) -> float:
            return float(top + tall - (number - low) * scale)

        said = top - 9.0
        for limit in reversed(limits):
            self._add(
                f'<path d="M{_LEFT} {at(limit):.1f}H{_RIGHT}" stroke="{_LIMIT}" stroke-width="0.8" '
                f'stroke-dasharray="4 3"/>'
            )
            if at(limit) - said > 8:
                said = at(limit)
                self._say(_RIGHT + 3, said + 3.0, _number(limit), "l")
        self._points(item, at, top, top + tall)
        self.y = top + tall + 4

    def _points(self, item: Data, at: Callable[[float], float], top: float, bottom: float) -> None:
        """Dots, joined while the newest result counts; open boxes for what only lies somewhere in between."""
        last: tuple[str, float, float] | None = None
        for point in item["points"]:
            start, end = self._x(point["first"]), self._x(point["last"] or point["first"])
            upper = top if point["high"] is None else at(point["high"])
            lower = bottom if point["low"] is None else at(point["low"])
            x, y = (start + end) / 2, (upper + lower) / 2
            day = point["first"] or self.data["first"]
            boxed = end - start > 3 or lower - upper > 0.5
            if last is not None and not boxed and not any(last[0] < lost <= day for lost in item["lost"]):
                self._add(f'<path d="M{last[1]:.1f} {last[2]:.1f}L{x:.1f} {y:.1f}" stroke="{_LINE}"/>')
            if boxed:
                self._add(
                    f'<rect x="{start - 1.5:.1f}" y="{upper:.1f}" width="{max(end - start, 3):.1f}" '
                    f'height="{max(lower - upper, 1.5):.1f}" fill="{_LINE}" fill-opacity="0.1" '
                    f'stroke="{_LINE}"/>'
                )
            else:
                self._add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{_LINE}"/>')
            last = None if boxed else (point["last"] or day, x, y)

    def _changes(self) -> None:
        """A lane of marks: numbered where the legend names what changed, else a tick."""
        self._heading("Plan changes")
        self.y += 4
        reached: list[float] = []
        for step in self.data["steps"]:
            x = self._x(step["day"])
            if not any(found for section, found in step["changes"].items() if section in _PLANNED):
                continue
            lines = list(_worth_naming(step["changes"]))
            if not lines:
                self._add(f'<path d="M{x:.1f} {self.y - 4:.1f}v4" stroke="{_FAINT}"/>')
                continue
            level = next((place for place, end in enumerate(reached) if end + 13 < x), len(reached))
            reached[level : level + 1] = [x]
            self.named.append((step["day"], lines))
            y = self.y + 8 + 14 * level
            self._add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6.3" fill="#ffffff" stroke="{_INK}"/>')
            self._say(x, y + 3.2, str(len(self.named)), "n", "middle")
        self.y += 16 + 14 * max(len(reached) - 1, 0)

    def _legend(self) -> None:
        self.y += 6
        for number, (day, lines) in enumerate(self.named, start=1):
            self.y += 3
            self._paragraph(f"{number}  {day}", kind="b")
            for line in lines[:_MOST_LINES]:
                self._paragraph(line, _LEFT + 12)
            if len(lines) > _MOST_LINES:
                self._paragraph(f"and {len(lines) - _MOST_LINES} more", _LEFT + 12, "s")
        self.y += 8
        self._paragraph(
            "Diamonds and bars: given or done, arrow: goes on, outline: dates uncertain. Dots are results, "
            "joined while the newest still counts; boxes are results known as a range. Dashed lines: limits "
            "the pathway compares with. Ticks: smaller changes, in the text form.",
            kind="s",
        )


def _worth_naming(changes: Data) -> Iterator[str]:
    """What a reader should see first; the rest is in the text form."""
    yield from (f"Stage: {item['after']}" for item in changes["stage"] if item["before"] != item["after"])
    for item in changes["alerts"]:
        if item["rank"] in ("stop", "warning") and item["before"] is None:
            yield f"{item['rank'].upper() if item['rank'] == 'stop' else 'Warning'}: {item['label']}"
        elif item["rank"] == "stop" and item["after"] is None:
            yield f"Cleared: {item['label']}"
    for item in (*changes["recommendations"], *changes["options"]):
        before, after = item["before"], item["after"]
        if before != after and after != "not_indicated" and {before, after} & set(_STRONG):
            yield f"{item['label']}: {before} \u2192 {after}".replace("_", " ")


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place)


def _number(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:.0f}"


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "\u2026"


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
