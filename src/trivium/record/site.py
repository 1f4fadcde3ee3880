"""What a site declares about itself: its time zone, what it holds complete, its laboratory's cut-offs.

A TOML file → `Site`. Nothing here is about a patient.

    zone = "Asia/Tokyo"
    complete = ["problem_list_complete"]        # boolean facts that hold for every patient of the site

    [cutoffs]                                   # from this value on a number counts as positive
    anti_mda5_antibody = {value = 32, unit = "[arb'U]/mL"}
"""

from __future__ import annotations

import datetime
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from trivium.core import units, values
from trivium.core.errors import UsageError
from trivium.record.events import Quantity

_KEYS = ("zone", "complete", "cutoffs")


@dataclass(frozen=True, slots=True)
class Site:
    """The site's zone, the boolean facts it declares true, and its cut-offs by fact id."""

    zone: datetime.tzinfo = datetime.UTC
    complete: frozenset[str] = frozenset()
    cutoffs: Mapping[str, Quantity] = field(default_factory=dict)


def read_site(path: Path) -> Site:
    """The site profile in a TOML file.

    Errors:  UsageError naming the file and the key when it cannot be read or means nothing.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as problem:
        raise UsageError(
            "the site profile cannot be read", where=str(path), why=problem.strerror or ""
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError("the site profile is not TOML", where=str(path), why=str(problem)) from problem
    for key in document:
        if key not in _KEYS:
            raise _wrong(path, key, "is not a key of a site profile", f"known keys: {', '.join(_KEYS)}")
    return Site(_zone(path, document), _complete(path, document), _cutoffs(path, document))


def _wrong(path: Path, key: str, what: str, hint: str) -> UsageError:
    return UsageError(f"`{key}` {what}", where=str(path), hint=hint)


def _zone(path: Path, document: Mapping[str, object]) -> datetime.tzinfo:
    name = document.get("zone")
    hint = 'write a name of the IANA time zones, such as zone = "Europe/Paris"'
    if not isinstance(name, str):
        raise _wrong(path, "zone", "is missing or not a text: no date can be read without it", hint)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise _wrong(path, "zone", f"is not a time zone: {name!r}", hint) from problem


def _complete(path: Path, document: Mapping[str, object]) -> frozenset[str]:
    names = document.get("complete", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        hint = 'write complete = ["problem_list_complete"], or leave it out'
        raise _wrong(path, "complete", "is not a list of fact ids", hint)
    return frozenset(names)


def _cutoffs(path: Path, document: Mapping[str, object]) -> dict[str, Quantity]:
    table = document.get("cutoffs", {})
    if not isinstance(table, dict):
        raise _wrong(path, "cutoffs", "is not a table", "write [cutoffs] and one line a fact")
    return {name: _cutoff(path, f"cutoffs.{name}", raw) for name, raw in table.items()}


def _cutoff(path: Path, key: str, raw: object) -> Quantity:
    hint = 'write {value = 32, unit = "1"}; the unit in UCUM, "1" for an index or ratio'
    if not isinstance(raw, dict) or set(raw) != {"value", "unit"}:
        raise _wrong(path, key, "needs a value and a unit, and nothing else", hint)
    value, unit = raw["value"], raw["unit"]
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not Decimal(value).is_finite():
        raise _wrong(path, key, f"has no number as its value: {value!r}", hint)
    if not isinstance(unit, str):
        raise _wrong(path, key, f"has no text as its unit: {unit!r}", hint)
    try:
        units.parse_unit(unit)
        amount = values.point(values.exact(Decimal(value)))
    except (units.UnitError, ValueError) as problem:
        raise _wrong(path, key, f"cannot be used: {problem}", hint) from problem
    return Quantity(amount, unit, as_written=f"{value} {unit}")
