"""A user's own table of studies: CSV with comma, semicolon or tab, one row a study.

What is wrong is refused with its line and column; what is missing leaves that study out, by name; nothing
is guessed: no thousands separators, no per cents turned into counts, no two rows of one name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from trivium.core.errors import EvidenceError, RecordError
from trivium.evidence.synthesis.columns import (
    NAMES,
    CellError,
    decimals,
    is_missing,
    near,
    read_count,
    read_decimal,
    read_year,
    role_of,
)
from trivium.evidence.synthesis.rows import RATIOS, Comparative, Estimate, Measure, Row, SingleArm

T = TypeVar("T")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_COUNTED = (
    ("events_treated", "n_treated", "events_control", "n_control"),
    ("events_treated", "non_events_treated", "events_control", "non_events_control"),
)
_REPORTED = (("estimate", "low", "high"), ("log_estimate", "se"), ("log_estimate", "low", "high"))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that could not take part for want of a cell."""

    line: int
    study: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """The studies of a table, the rows with too little in them, and the columns that were not used."""

    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    ignored: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the file: cells by role; `place` gives the column's number and name for a message."""

    where: str
    number: int
    cells: dict[str, str]
    places: dict[str, tuple[int, str]]

    def text(self, role: str) -> str:
        text = self.cells.get(role, "").strip()
        return "" if is_missing(text) else text

    def fail(self, role: str, what: str, hint: str = "") -> RecordError:
        column, name = self.places[role]
        where = f"{self.where}:{self.number}:{column}"
        return RecordError(f"{name} is {self.cells[role].strip()!r}", where=where, why=what, hint=hint)

    def read(self, role: str, reader: Callable[[str], T]) -> T:
        try:
            return reader(self.cells[role])
        except CellError as problem:
            raise self.fail(role, problem.what, problem.hint) from None


def read_table(path: Path, measure: Measure, level: float = 0.95) -> Table:
    """The studies of a CSV file for one measure; `level` is that of the intervals in it.

    Errors:  RecordError with line and column for what cannot be read or cannot be so.
    """
    text = _text(path)
    delimiter, header, lines = _split(path, text)
    roles, ignored = _roles(path, header, measure)
    _check_columns(path, roles, header, measure)
    rows: list[Row] = []
    skipped: list[Skipped] = []
    seen: dict[str, int] = {}
    for number, fields in lines:
        line = _line(path, number, fields, header, roles)
        name = line.text("study")
        if not name:
            raise RecordError("a row without the name of its study", where=f"{path}:{number}")
        if name in seen:
            raise RecordError(
                f"{name!r} stands in line {seen[name]} and again here",
                where=f"{path}:{number}",
                why="the same patients must not count twice",
                hint="if these are different patients, give each row its own name",
            )
        seen[name] = number
        found = _row(line, name, measure, level)
        if isinstance(found, str):
            skipped.append(Skipped(number, name, found))
        else:
            rows.append(found)
    return Table(tuple(rows), tuple(skipped), ignored, _DELIMITERS[delimiter])


# ── The file ────────────────────────────────────────────────────────────────────────────────────────


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise RecordError("cannot be read", where=str(path), why=problem.strerror or "") from None
    except UnicodeDecodeError:
        raise RecordError("not UTF-8 text", where=str(path), hint="save it as CSV UTF-8") from None


def _split(path: Path, text: str) -> tuple[str, list[str], list[tuple[int, list[str]]]]:
    """Delimiter, header, and the filled lines with their numbers."""
    parsed = {delimiter: _parsed(path, text, delimiter) for delimiter in _DELIMITERS}
    if not parsed[","]:
        raise RecordError("nothing in it", where=str(path), hint=_layout_hint())
    known = {
        delimiter: sum(1 for name in lines[0][1] if role_of(name)[0]) for delimiter, lines in parsed.items()
    }
    best = max(known.values())
    fitting = [delimiter for delimiter, count in known.items() if count == best]
    if best < 2 or len(fitting) > 1:
        first = text.strip().splitlines()[0][:80]
        raise RecordError(
            "the first line names no columns that are understood",
            where=f"{path}:1",
            why=f"it reads {first!r}, in which neither comma, semicolon nor tab parts known names",
            hint=_layout_hint(),
        )
    lines = parsed[fitting[0]]
    return fitting[0], lines[0][1], lines[1:]


def _parsed(path: Path, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [
            (reader.line_num, fields)
            for fields in reader
            if any(field.strip() for field in fields) and not fields[0].lstrip().startswith("#")
        ]
    except csv.Error as problem:
        raise RecordError("not CSV", where=f"{path}:{reader.line_num}", why=str(problem)) from None


def _layout_hint() -> str:
    return "`trivium pool --example` prints a table to start from; the columns stand in docs/synthesis.md"


def _roles(path: Path, header: list[str], measure: Measure) -> tuple[dict[str, int], tuple[str, ...]]:
    """Which column has which role, and the names that have none."""
    roles: dict[str, int] = {}
    ignored = []
    for place, name in enumerate(header):
        role, stated = role_of(name)
        if not role:
            if name.strip():
                ignored.append(name.strip())
        elif stated and stated != measure:
            ignored.append(name.strip())
        elif role in roles:
            raise RecordError(
                f"two columns for {role}: {header[roles[role]].strip()!r} and {name.strip()!r}",
                where=f"{path}:1:{place + 1}",
                hint="keep one of them",
            )
        else:
            roles[role] = place
    return roles, tuple(ignored)


def _check_columns(path: Path, roles: dict[str, int], header: list[str], measure: Measure) -> None:
    """RecordError where the columns that the measure needs are not there."""
    needs = _needs(measure)
    if "study" in roles and any(all(role in roles for role in layout) for layout in needs):
        return
    missing = ["study"] if "study" not in roles else []
    if not any(all(role in roles for role in layout) for layout in needs):
        closest = min(needs, key=lambda layout: sum(role not in roles for role in layout))
        missing += [role for role in closest if role not in roles]
    unread = [name.strip() for name in header if name.strip() and not role_of(name)[0]]
    meant = [f"{name!r} (perhaps {near(name)})" if near(name) else repr(name) for name in unread]
    layouts = "; or ".join(", ".join(NAMES[role][0] for role in layout) for layout in needs)
    raise RecordError(
        f"no column {', '.join(NAMES[role][0] for role in missing)}",
        where=f"{path}:1",
        why=f"{measure} needs study, and {layouts}"
        + (f"; not understood: {', '.join(meant)}" if meant else ""),
        hint=_layout_hint(),
    )


def _needs(measure: Measure) -> tuple[tuple[str, ...], ...]:
    if measure == "PROP":
        return (("events", "n"),)
    natural = () if measure in RATIOS else (("estimate", "se"),)
    return (*_COUNTED, *_REPORTED, *natural) if measure in ("RR", "OR", "RD") else (*_REPORTED, *natural)


def _line(path: Path, number: int, fields: list[str], header: list[str], roles: dict[str, int]) -> _Line:
    if len(fields) > len(header) and any(field.strip() for field in fields[len(header) :]):
        raise RecordError(
            f"{len(fields)} fields, but {len(header)} columns",
            where=f"{path}:{number}",
            why="a comma inside a number or a name parts it into two fields",
            hint="write numbers without separators, and names with a comma in quotation marks",
        )
    cells = {role: fields[place] if place < len(fields) else "" for role, place in roles.items()}
    places = {role: (place + 1, header[place].strip()) for role, place in roles.items()}
    return _Line(str(path), number, cells, places)


# ── One row ─────────────────────────────────────────────────────────────────────────────────────────


def _row(line: _Line, name: str, measure: Measure, level: float) -> Row | str:
    """The study of one line, or which cells it lacks."""
    layout = next(
        (found for found in _layouts(line, measure) if all(line.text(role) for role in found)), None
    )
    year = line.read("year", read_year) if line.text("year") else None
    time_point, group = line.text("time_point") or None, line.text("group")
    if layout is None:
        closest = min(_layouts(line, measure), key=lambda found: sum(not line.text(role) for role in found))
        lacking = ", ".join(line.places[role][1] for role in closest if not line.text(role))
        _read_what_is_there(line)
        return f"no {lacking}"
    try:
        if layout[0] == "events":
            events, n = (line.read(role, read_count) for role in layout)
            return SingleArm(name, events, n, time_point, year, group)
        if layout in _COUNTED:
            a, b, c, d = (line.read(role, read_count) for role in layout)
            n1, n2 = (b, d) if layout == _COUNTED[0] else (a + b, c + d)
            return Comparative(name, a, n1, c, n2, time_point, year, group)
        return _reported(line, name, measure, layout, level, (time_point, year, group))
    except EvidenceError as problem:
        where = f"{line.where}:{line.number}"
        raise RecordError(problem.what, where=where, why=problem.why, hint=problem.hint) from None


def _reported(
    line: _Line,
    name: str,
    measure: Measure,
    layout: tuple[str, ...],
    level: float,
    beside: tuple[str | None, int | None, str],
) -> Estimate:
    time_point, year, group = beside
    numbers = [line.read(role, read_decimal) for role in layout]
    if layout[-1] == "se":
        return Estimate(name, measure, numbers[0], numbers[1], time_point, year, group)
    estimate, low, high = numbers
    # A logarithm with its interval is on the scale of analysis already, where the interval is symmetric.
    scale: Measure = "MD" if layout[0] == "log_estimate" else measure
    found = Estimate.from_interval(
        name,
        scale,
        estimate,
        low,
        high,
        level=level,
        decimals=decimals([line.cells[role] for role in layout]),
    )
    return Estimate(name, measure, found.estimate, found.se, time_point, year, group, derived=True)


def _layouts(line: _Line, measure: Measure) -> Iterator[tuple[str, ...]]:
    """The layouts that this table's columns allow for the measure."""
    return (layout for layout in _needs(measure) if all(role in line.cells for role in layout))


def _read_what_is_there(line: _Line) -> None:
    """A row that is left out for want of a cell must not hide a cell that is wrong."""
    for role in line.cells:
        if line.text(role) and (role.startswith(("events", "non_events", "n_")) or role == "n"):
            line.read(role, read_count)
