"""A calendar as one picture (SVG): the first weeks day by day, then the whole of it.

Calendar data in (docs/calendar.md), text out. Drawn for a phone's width and for paper: every kind has a
shape of its own, no colour carries meaning alone, nothing is loaded from elsewhere, every text is escaped.
The table of `calendar_text` says in words all that is drawn here.
"""

from __future__ import annotations

import datetime
import html
import textwrap
from collections.abc import Iterator
from typing import Any

from trivium.faces import calendar_text
from trivium.faces.lines import clean

Data = dict[str, Any]

_WIDTH, _LEFT, _RIGHT = 400, 12, 388
_SMALL, _TEXT, _HEAD = 9.5, 10.5, 12
_INK, _FAINT, _GRID, _WEEKEND, _BAR, _WARN = "#1a1a1a", "#5a5a5a", "#d8d8d8", "#f1f1f1", "#1f4e79", "#a33b20"
_STYLE = (
    f"text{{font-family:system-ui,'Helvetica Neue',Arial,sans-serif;font-size:{_TEXT}px;fill:{_INK};"
    "paint-order:stroke;stroke:#ffffff;stroke-width:2.5px;stroke-linejoin:round}"
    f".s{{font-size:{_SMALL}px;fill:{_FAINT}}}.h{{font-size:{_HEAD}px;font-weight:700}}"
    f".n{{font-size:8.5px}}.w{{fill:{_WARN};font-weight:600}}"
)
_CLOSE = 28  # days drawn one by one
_LANES = {"test": "Tests", "review": "Reviews", "other": "Other"}
_PURPOSES = {"rescue": "rescue", "maintain": "maintenance", "taper": "taper", "prophylaxis": "prophylaxis"}
_LONGEST = 62  # letters of a lane's name
_SHAPES = (
    "Disc: infusion. Square: session. Bar: taken daily; arrow: goes on. Triangle: visit with tests. "
    "Ring and dashed line: review. Diamond: other. Outline only: if continued. Cross: past. "
    "Heavy line: the first day. Numbers are days, the first is day 1."
)


def render(data: Data) -> str:
    """The calendar as a whole SVG document."""
    return _Picture(data).document()


class _Picture:
    """Draws downwards: `y` is where the next row begins."""

    def __init__(self, data: Data) -> None:
        self.data, self.rows = data, [_drawn(entry) for entry in calendar_text.entries(data)]
        self.start = datetime.date.fromisoformat(data["start"])
        self.parts: list[str] = []
        self.y = 6.0
        self.first = min([1, *(row["day"] for row in self.rows)])
        self.last = max([1, *(self._end(row) for row in self.rows)])

    def document(self) -> str:
        self._paragraph(f"Calendar from {self.data['start']}", "h")
        if self.data["status"] == "clash":
            for line in calendar_text.clash(self.data):
                self._paragraph(line)
        elif self.rows:
            self._panel(
                "The first four weeks" if self.last > _CLOSE else "Day by day", min(self.last, _CLOSE)
            )
            if self.last > _CLOSE:
                self._panel(f"All {self.last} days", self.last)
        self._below()
        height = round(self.y + 10)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" '
            f'style="max-width:{2 * _WIDTH}px" role="img" aria-labelledby="title desc">\n'
            f'<title id="title">Calendar from {_escape(self.data["start"])}</title>\n'
            f'<desc id="desc">{_escape(self._described())}</desc>\n'
            f"<style>{_STYLE}</style>\n"
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def _described(self) -> str:
        if self.data["status"] == "clash":
            return " ".join(calendar_text.clash(self.data))
        firsts: dict[str, Data] = {}
        for row in self.rows:
            if row["agent_label"] and row["kind"] not in _LANES:
                firsts.setdefault(row["agent_label"], row)
        begins = ", ".join(f"{name} on day {row['day']}" for name, row in firsts.items())
        return f"{len(self.rows)} entries over {self.last} days. First given: {begins}. The table says all."

    # ── Pieces ──

    def _say(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        shape = f' class="{kind}"' if kind else ""
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{shape}{side}>{_escape(words)}</text>')

    def _paragraph(self, words: str, kind: str = "") -> None:
        size = {"s": _SMALL, "h": _HEAD}.get(kind, _TEXT)
        wide = 0.6 if kind == "w" else 0.52  # of a letter, as a share of its height
        for line in textwrap.wrap(clean(words), int((_RIGHT - _LEFT) / (size * wide))):
            self.y += size + 3.5
            self._say(_LEFT, self.y, line, kind)

    def _below(self) -> None:
        self.y += 8
        if self.rows:
            self._paragraph(_SHAPES, "s")
        for row in self.rows:
            if row["kind"] == "review":
                self._paragraph(f"Day {row['day']}, {row['date']}: {row['label']}", "s")
        if not self.data["proven"]:
            self._paragraph("The search was cut off: an earlier calendar may exist.", "w")
        for rule in self.data["rules"]:
            if rule["broken_by"]:
                self._paragraph(f"Not kept: {calendar_text.broken(rule)}", "w")
        for item in self.data["lost"]:
            low, high = item["percent_of_doses"]
            span = f"at most {high} %" if low is None else f"{low} to {high} %"
            taker, drug = item["procedure"].replace("_", " "), item["agent"].replace("_", " ")
            how = "a bound" if item["is_bound"] else "model"
            self._paragraph(f"Lost to {taker}: {span} of all {drug} ({how}; the table has the figures).")

    # ── Panels ──

    def _panel(self, title: str, until: int) -> None:
        """All lanes from the first day to `until` under one axis."""
        self.y += 22
        self._say(_LEFT, self.y, title, "h")
        self.y += 14
        scale = _Scale(self.first, until)
        top, place = self.y, len(self.parts)
        self.y += 4
        for name, rows in self._lanes():
            shown = [row for row in rows if row["day"] <= until]
            if shown:
                self._lane(name, shown, scale, until)
        self.parts[place:place] = list(self._axis(scale, top, self.y, until))

    def _lanes(self) -> Iterator[tuple[str, list[Data]]]:
        """Each agent a lane in order of its first day; then tests, reviews and the rest.

        What else lasts has a lane of its own.
        """
        lanes: dict[str, list[Data]] = {}
        for row in sorted(self.rows, key=lambda row: row["kind"] in _LANES):
            lanes.setdefault(_lane_name(row), []).append(row)
        for name, rows in lanes.items():
            purposes = dict.fromkeys(_PURPOSES.get(row["purpose"], "") for row in rows)
            said = ", then ".join(filter(None, purposes))
            yield f"{name}, {said}" if said else name, rows

    def _axis(self, scale: _Scale, top: float, bottom: float, until: int) -> Iterator[str]:
        if until <= _CLOSE:
            for day in range(self.first, until + 1):
                if self._date(day).weekday() >= 5:
                    yield _box(scale.left(day), top, scale.step, bottom - top, _WEEKEND)
        for row in self.rows:
            if row["kind"] == "review" and row["day"] <= until:
                x = scale.middle(row["day"])
                dashes = 'stroke-width="0.8" stroke-dasharray="2 3"'
                yield f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_FAINT}" {dashes}/>'
        x = scale.left(1)
        yield f'<path d="M{x:.1f} {top - 2:.1f}V{bottom:.1f}" stroke="{_INK}" stroke-width="1.2"/>'
        for day, label in self._ticks(until):
            x = scale.left(day)
            anchor = "end" if x > _RIGHT - 30 else "start"
            yield f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{_GRID}" stroke-width="0.7"/>'
            place = f'x="{x:.1f}" y="{top - 3:.1f}" text-anchor="{anchor}"'
            yield f'<text {place} class="s">{_escape(label)}</text>'

    def _ticks(self, until: int) -> Iterator[tuple[int, str]]:
        """Mondays in the close panel; first days of months in the wide one, with the year once."""
        years: set[int] = set()
        for day in range(self.first, until + 1):
            date = self._date(day)
            if until <= _CLOSE and date.weekday() == 0:
                yield day, f"Mon {date:%d %b}"
            elif until > _CLOSE and date.day == 1:
                yield day, f"{date:%b}" if date.year in years else f"{date:%b %Y}"
                years.add(date.year)

    def _lane(self, name: str, rows: list[Data], scale: _Scale, until: int) -> None:
        self.y += _TEXT + 4
        self._say(_LEFT, self.y, name)
        self.y += 7
        said = -100.0  # the right end of the last number written
        for row in rows:
            x = scale.middle(row["day"])
            self._mark(row, x, self.y, scale, until)
            label = str(row["day"])
            if x - said > 3 + 2.4 * len(label) and (until <= _CLOSE or row["kind"] != "test"):
                self._say(x, self.y + 13, label, "n", "middle")
                said = x + 2.4 * len(label)
        self.y += 14

    def _mark(self, row: Data, x: float, y: float, scale: _Scale, until: int) -> None:
        hollow = "if continued" in row["label"] or row.get("state", "proposed") != "proposed"
        paint = f'fill="{"#ffffff" if hollow else _BAR}" stroke="{_BAR}" stroke-width="1"'
        title = f"<title>{_escape(_told(row))}</title>"
        if not row["given"] and (row["until"] or row["goes_on"]):
            shape = self._bar(row, scale, y, until)
        else:
            shape = _shape("past" if row["given"] else row["kind"], x, y, scale.radius, paint)
        self.parts.append(f"<g>{title}{shape}</g>")

    def _bar(self, row: Data, scale: _Scale, y: float, until: int) -> str:
        left = scale.left(row["day"])
        goes_on = row["goes_on"] or self._end(row) > until
        right = scale.left(min(self._end(row), until) + 1)
        bar = _box(left, y - 2.5, max(right - left, 2), 5, _BAR)
        if not goes_on:
            return bar
        end = scale.left(until + 1)
        line = f'stroke="{_BAR}" stroke-width="1.4" stroke-dasharray="3 2"'
        arrow = f'<path d="M{end - 5:.1f} {y - 3:.1f}l5 3l-5 3z" fill="{_BAR}"/>'
        return f'{bar}<path d="M{right:.1f} {y:.1f}H{end - 4:.1f}" {line}/>{arrow}'

    # ── Days ──

    def _date(self, day: int) -> datetime.date:
        return self.start + datetime.timedelta(day - 1)

    def _end(self, row: Data) -> int:
        last: datetime.date = datetime.date.fromisoformat(row["until"] or row["date"])
        return (last - self.start).days + 1


class _Scale:
    """Days to places across the picture."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.step = (_RIGHT - _LEFT) / max(last - first + 1, 7)

    @property
    def radius(self) -> float:
        """Half the width of a mark: neighbouring days stay apart as long as shapes can be told apart."""
        return max(2.0, min(3.2, 0.45 * self.step))

    def left(self, day: int) -> float:
        return _LEFT + (day - self.first) * self.step

    def middle(self, day: int) -> float:
        return self.left(day) + self.step / 2


def _lane_name(row: Data) -> str:
    if row["kind"] not in _LANES or row["purpose"]:
        return str(row["agent_label"])
    if row["kind"] != "review" and (row["until"] or row["goes_on"]):
        return textwrap.shorten(row["label"].rstrip("."), _LONGEST, placeholder=" …")
    return _LANES[row["kind"]]


def _shape(kind: str, x: float, y: float, r: float, paint: str) -> str:
    """One mark, `r` half as wide as it is."""
    if kind == "past":
        cross = f"M{x - r:.1f} {y - r:.1f}l{2 * r:.1f} {2 * r:.1f}m0 {-2 * r:.1f}l{-2 * r:.1f} {2 * r:.1f}"
        return f'<path d="{cross}" stroke="{_FAINT}" stroke-width="1.6"/>'
    if kind == "procedure":
        return f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:.1f}" height="{2 * r:.1f}" {paint}/>'
    if kind == "test":
        return f'<path d="M{x:.1f} {y - r:.1f}l{r:.1f} {1.8 * r:.1f}h{-2 * r:.1f}z" {paint}/>'
    if kind == "review":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#ffffff" stroke="{_BAR}" stroke-width="1.6"/>'
    if kind == "other":
        return f'<path d="M{x:.1f} {y - r:.1f}l{r:.1f} {r:.1f}l{-r:.1f} {r:.1f}l{-r:.1f} {-r:.1f}z" {paint}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" {paint}/>'


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _drawn(entry: Data) -> Data:
    """A row; a visit as a row, its label with every agent's words."""
    if "details" not in entry:
        return entry
    why = " ".join(f"{detail['agent']}: {detail['text']}" for detail in entry["details"])
    return {
        "label": f"{entry['label']}. {why}",
        "kind": "test",
        "agent_label": "",
        "purpose": "",
        "date": entry["date"],
        "day": entry["day"],
        "time": None,
        "until": None,
        "goes_on": False,
        "given": False,
    }


def _told(row: Data) -> str:
    when = calendar_text.when(row)
    date = f"{calendar_text.weekday(row['date'])} {row['date']}, day {row['day']}"
    return f"{row['label']}: {date}" + (f", {when}" if when else "")


def _escape(text: str) -> str:
    return html.escape(clean(text), quote=True)
