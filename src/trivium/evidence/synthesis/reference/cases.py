"""Read a file of reference cases: what each holds, and how close is close enough."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.core.errors import RecordError

Tree = Mapping[str, Any]
_ROUNDED_TO_UNITS = 0.5
_ACCEPTED = re.compile(r"accept\s+(\w+)\s+in\s+\[\s*([-+.\deE]+)\s*,\s*([-+.\deE]+)\s*\]")
_EXPONENT = re.compile(r"[-+]?[0-9.]+[eE][-+]?[0-9]+")
_OWNER = re.compile(r"\b([A-Za-z]\w*):")


class CaseError(Exception):
    """Why a number cannot be judged, in words."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A range that the notes of a case allow for one quantity, of one estimator where they name it."""

    owner: str
    quantity: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Case:
    """One case as written; `data` with `same_as` already followed."""

    id: str
    method: str
    notes: str
    data: Tree
    expected: Tree
    tolerances: Tree
    level: float | None

    def accepted(self) -> tuple[Accepted, ...]:
        """Ranges written in the notes as `accept QUANTITY in [LOW, HIGH]`."""
        found = []
        for match in _ACCEPTED.finditer(self.notes):
            owners = _OWNER.findall(self.notes[: match.start()])
            quantity, low, high = match.groups()
            found.append(Accepted(owners[-1] if owners else "", quantity, float(low), float(high)))
        return tuple(found)

    def tolerance(self, path: Sequence[str], number: float, *, count: bool, per_cent: bool) -> float:
        """How far from the written number is still agreement.

        `tolerance_abs` and `tolerance_rel` of the case (or of the file) are a number, or numbers by key,
        `default` for the rest. A count must be met exactly. A number in per cent is held to the tolerance
        as a fraction. A number of two digits or more written without decimals is rounded to the unit.
        """
        absolute = self._stated("tolerance_abs", path)
        relative = self._stated("tolerance_rel", path)
        if absolute is None and relative is None:
            raise CaseError("the case states no tolerance")
        if count:
            return 0.0
        allowed = (absolute or 0.0) * (100 if per_cent else 1) + (relative or 0.0) * abs(number)
        if isinstance(number, int) and abs(number) >= 10:
            return max(allowed, _ROUNDED_TO_UNITS)
        return allowed

    def _stated(self, name: str, path: Sequence[str]) -> float | None:
        stated = self.tolerances.get(name)
        while isinstance(stated, Mapping):
            keys = (".".join(path), "_".join(path), *reversed(path), "default")
            stated = next((stated[key] for key in keys if key in stated), None)
        if stated is None:
            return None
        value = as_number(stated)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise CaseError(f"{name} is {stated!r}, not a number of zero or more")
        return value


def as_number(value: Any) -> Any:
    """The same, but `1e-6` as a number: YAML takes it for text where no point stands in it."""
    return float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A case that cannot be made sense of as a whole, and why."""

    id: str
    reason: str


def read_cases(path: Path) -> list[Case | Unreadable]:
    """The cases of a file, in its order.

    Errors:  RecordError for a file that cannot be opened, is no YAML (or JSON), or holds no list `cases`.
    """
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "not UTF-8 text"
        raise RecordError("cannot be read", where=str(path), why=why or "") from None
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise RecordError("not YAML", where=where, why=str(getattr(problem, "problem", ""))) from None
    entries = document.get("cases") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or not entries:
        raise RecordError(
            "no reference cases in it",
            where=str(path),
            hint="the file holds a list `cases`; each has id, method, data, expected and tolerance_abs",
        )
    shared = {key: value for key, value in document.items() if str(key).startswith("tolerance")}
    return [_case(entry, number, entries, shared) for number, entry in enumerate(entries, start=1)]


def _case(entry: Any, number: int, entries: Sequence[Any], shared: Tree) -> Case | Unreadable:
    if not isinstance(entry, Mapping):
        return Unreadable(f"case {number}", "it is not a mapping of keys to values")
    name = str(entry.get("id", f"case {number}"))
    for key in ("data", "expected"):
        if not isinstance(entry.get(key), Mapping) or not entry[key]:
            return Unreadable(name, f"it has no {key}")
    try:
        data = _followed(entry["data"], entries, (name,))
    except CaseError as problem:
        return Unreadable(name, str(problem))
    own = {key: value for key, value in entry.items() if str(key).startswith("tolerance")}
    level = data.get("level", entry.get("level"))
    return Case(
        name,
        str(entry.get("method", "")),
        str(entry.get("notes", "")),
        {key: value for key, value in data.items() if key != "level"},
        entry["expected"],
        {**shared, **own},
        level,
    )


def _followed(data: Tree, entries: Sequence[Any], seen: tuple[str, ...]) -> Tree:
    """The data of the case that `same_as` names, with whatever else stands beside it."""
    if "same_as" not in data:
        return data
    name = str(data["same_as"])
    if name in seen:
        raise CaseError(f"its data go round in a circle: {' -> '.join((*seen, name))}")
    found = [one for one in entries if isinstance(one, Mapping) and str(one.get("id")) == name]
    if len(found) != 1 or not isinstance(found[0].get("data"), Mapping):
        raise CaseError(f"its data are those of {name!r}, which this file does not hold exactly once")
    rest = {key: value for key, value in data.items() if key != "same_as"}
    return {**_followed(found[0]["data"], entries, (*seen, name)), **rest}
