"""The table twin of a forest plot: every number that is drawn, and every name of a method, as lines.

Takes the same data as `forest`, and beside them the series of `commands/pool.py` (leave-one-out,
cumulative, subgroups, small-study effects) where they were asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from trivium.faces.forest_words import (
    band,
    between_groups,
    counts,
    effect,
    egger,
    heading,
    pooled_label,
    statements,
    weight,
)
from trivium.faces.lines import WIDTH, clean, wrapped

Data = dict[str, Any]
Row = Sequence[str]
_NAME = 38
SERIES = ("leave_one_out", "cumulative", "subgroups", "small_study")


def render(data: Data) -> str:
    """The result as text for a terminal."""
    lines: list[str] = []
    if data["title"]:
        lines += [*wrapped(data["title"]), ""]
    lines += [*_stated(data), "", *_aligned(*_table(data))]
    for name in SERIES:
        if name in data:
            lines += ["", *_series(name, data)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def markdown(data: Data) -> str:
    """The same as Markdown: statements as a list, studies as a table."""
    lines = [f"# {_cell(data['title'] or data['measure_label'])}", ""]
    lines += [f"- **{label}**: {_cell(text)}" for label, text in statements(data)]
    lines += ["", *_pipes(*_table(data))]
    for name in SERIES:
        if name in data:
            title, header, rows, remarks = _series_parts(name, data)
            lines += ["", f"## {title}", ""]
            lines += _pipes(header, rows) if rows else []
            lines += ["", *(f"{_cell(remark)}" for remark in remarks)] if remarks else []
    return "\n".join(lines) + "\n"


def _stated(data: Data) -> Iterator[str]:
    for label, text in statements(data):
        yield from wrapped(f"{label}: {text}", "", "    ")


# ── The studies ─────────────────────────────────────────────────────────────────────────────────────


def _table(data: Data) -> tuple[Row, list[Row]]:
    """Header and rows: studies, those left out, the pool, where a further study would lie."""
    arms = max((len(study["counts"]) for study in (*data["studies"], *data["left_out"])), default=0)
    titles = {0: [], 1: ["events / n"], 2: ["treated vs control"]}[arms]
    shown = 1 if arms else 0
    rows: list[Row] = []
    for study in data["studies"]:
        star = " *" if study["corrected"] else ""
        rows.append([study["study"] + star, *[counts(study)] * shown, effect(study, data), weight(study)])
    rows += [[one["study"], *[counts(one)] * shown, "left out", ""] for one in data["left_out"]]
    if data["estimable"]:
        rows.append([pooled_label(data), *[""] * shown, effect(data, data), ""])
        if data["prediction"]:
            rows.append(["prediction interval", *[""] * shown, band(data), ""])
    else:
        rows.append(["No pooled estimate", *[""] * shown, "not estimable", ""])
    return ["study", *titles, heading(data), "weight"], rows


# ── Series ──────────────────────────────────────────────────────────────────────────────────────────


def _series(name: str, data: Data) -> Iterator[str]:
    title, header, rows, remarks = _series_parts(name, data)
    yield f"{title.upper()}"
    if rows:
        yield from _aligned(header, rows)
    for remark in remarks:
        yield from wrapped(remark, "", "    ")


def _series_parts(name: str, data: Data) -> tuple[str, Row, list[Row], list[str]]:
    """Title, header, rows and remarks of one series."""
    found = data[name]
    header = ["", heading(data), "studies", "I²"]
    if name == "leave_one_out":
        return "Leave one out", header, [_step(step, data) for step in found], []
    if name == "cumulative":
        remarks = [f"left out: {one['study']}: {one['reason']}" for one in found["left_out"]]
        return "Cumulative by year", header, [_step(step, data) for step in found["steps"]], remarks
    if name == "subgroups":
        rows = [_step(step, data) for step in found["groups"]]
        reasons = [
            f"{step['label']}: no pooled estimate: {step['reason']}"
            for step in found["groups"]
            if not step["estimable"]
        ]
        return "Subgroups", header, rows, [between_groups(found), *reasons]
    points: list[Row] = [
        [point["study"], f"{point['estimate']:.4g}", f"{point['se']:.4g}"] for point in found["points"]
    ]
    return (
        "Small studies",
        ["study", f"estimate ({found['scale'] or 'own'} scale)", "standard error"],
        points,
        [f"Egger's test: {egger(found)}"],
    )


def _step(step: Data, data: Data) -> Row:
    if not step["estimable"]:
        return [step["label"], "not estimable", str(step["k"]), ""]
    spread = step["heterogeneity"]
    i2 = "" if spread is None else f"{spread['i2']:.0f} %"
    return [step["label"], effect(step, data), str(step["k"]), i2]


# ── Tables ──────────────────────────────────────────────────────────────────────────────────────────


def _aligned(header: Row, rows: list[Row]) -> Iterator[str]:
    """Columns under one another; a long name goes on in the next line."""
    cells = [[clean(cell) for cell in row] for row in (header, *rows)]
    wide = [max(map(_columns, column)) for column in zip(*cells, strict=True)]
    wide[0] = min(wide[0], max(_NAME, WIDTH - sum(wide[1:]) - 2 * len(wide)))
    for place, row in enumerate(cells):
        first, *more = _wrapped(row[0], wide[0])
        yield "  ".join(_padded(cell, size) for cell, size in zip([first, *row[1:]], wide, strict=True))
        yield from (f"  {line}" for line in more)
        if place == 0:
            yield "  ".join("-" * size for size in wide)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a name, the later ones two columns shorter for their indent; a wide letter takes two."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        room = width - (2 if lines else 0)
        while _columns(word) > width - 2:
            cut = next(n for n in range(len(word), 0, -1) if _columns(word[:n]) <= width - 2)
            lines += [line] if line else []
            lines.append(word[:cut])
            line, word = "", word[cut:]
        if line and _columns(f"{line} {word}") > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line or not lines else lines


def _padded(text: str, size: int) -> str:
    return text + " " * max(size - _columns(text), 0)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pipes(header: Row, rows: list[Row]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(map(_cell, row)) + " |" for row in lines]


def _cell(text: str) -> str:
    """Text that Markdown leaves as it is."""
    text = clean(text).replace("\\", "\\\\")
    for letter in "|*_`<[#":
        text = text.replace(letter, f"\\{letter}")
    return text
