"""Values as people write them, in examples and forms → possible values.

`true`, `636`, `636 ng/mL`, `>1650 ng/mL`, `positive`, `[positive, indeterminate]`, `2024-03`,
`{low: 1, high: 2, low_open: true}`, `unknown`. Used by the loader and by the form reader alike.
"""

from __future__ import annotations

import calendar
import datetime
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from trivium.core import unit_spellings, units, values
from trivium.core.truth import UNKNOWN, from_bool
from trivium.core.values import EVERYTHING, Interval, Number, Value
from trivium.logic.nodes import Type

_NUMBER = re.compile(r"^(<=|>=|<|>|)\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)\s*(.*)$")
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


class GivenError(ValueError):
    """A value that cannot be read for a fact of this type; the message says what is expected."""


def read_value(
    raw: object,
    kind: Type,
    conversions: Mapping[str, Fraction] | None = None,
    aliases: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Value:
    """The possible values that `raw` stands for.

    Units:   a number alone is in the declared unit (or in `unit`); with its own unit it is converted.
    Errors:  GivenError when it cannot be read; nothing is ever guessed.
    """
    if raw is None or raw == "unknown":
        return unknown_of(kind)
    if kind.kind == "boolean":
        return _truth(raw)
    if kind.kind == "choice":
        return _choice(raw, kind)
    if kind.kind == "date":
        return _date(raw)
    interval = _bounds(raw) if isinstance(raw, Mapping) else None
    if interval is None:
        interval, written = _number(raw)
        unit = written or unit
    if unit is not None:
        interval = to_unit(interval, unit, kind, conversions or {}, aliases or {})
    return whole(interval) if kind.kind == "integer" else exact_bounds(interval)


def unknown_of(kind: Type) -> Value:
    """The widest value of a type: nothing is known."""
    if kind.kind == "boolean":
        return UNKNOWN
    return frozenset(kind.choices) if kind.kind == "choice" else EVERYTHING


def _truth(raw: object) -> Value:
    if isinstance(raw, bool):
        return from_bool(raw)
    if isinstance(raw, str) and raw.lower() in ("true", "false", "yes", "no"):
        return from_bool(raw.lower() in ("true", "yes"))
    raise GivenError(f"expected true, false or unknown, found {raw!r}")


def _choice(raw: object, kind: Type) -> Value:
    names = raw if isinstance(raw, list) else [raw]
    wrong = [name for name in names if name not in kind.choices]
    if wrong or not names:
        raise GivenError(f"expected one of {', '.join(kind.choices)}, or unknown; found {raw!r}")
    return frozenset(str(name) for name in names)


def _date(raw: object) -> Value:
    if isinstance(raw, Mapping):
        _expect(raw, ("low", "high"))
        low, high = raw.get("low"), raw.get("high")
        first = _day_range(low)[0] if low is not None else None
        last = _day_range(high)[1] if high is not None else None
        return _interval(first, last, False, False)
    first, last = _day_range(raw)
    return Interval(first, last)


def _day_range(raw: object) -> tuple[int, int]:
    """First and last day number of a date, a month or a year as written."""
    if isinstance(raw, datetime.date):
        return raw.toordinal(), raw.toordinal()
    found = _DATE.match(str(raw).strip())
    if not found:
        raise GivenError(f"expected a date (YYYY-MM-DD, YYYY-MM or YYYY), found {raw!r}")
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = datetime.date(year or 0, month or 1, day or 1)
        last_month = month or 12
        last_day = day or calendar.monthrange(year or 0, last_month)[1]
        return first.toordinal(), datetime.date(year or 0, last_month, last_day).toordinal()
    except (ValueError, calendar.IllegalMonthError) as problem:
        raise GivenError(f"no such date: {raw!r}") from problem


def _number(raw: object) -> tuple[Interval, str]:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal, str)):
        raise GivenError(f"expected a number, with a unit where it is not the declared one; found {raw!r}")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise GivenError(f"expected a finite number, found {raw!r}")
    found = _NUMBER.match(str(raw).strip())
    if not found:
        raise GivenError(f"expected a number such as 12, `12 mg/dL` or `>12`, found {raw!r}")
    sign, digits, unit = found.groups()
    number = Decimal(digits)
    if sign in ("<", "<="):
        return Interval(None, number, False, sign == "<"), unit
    if sign in (">", ">="):
        return Interval(number, None, sign == ">", False), unit
    return values.point(number), unit


def _bounds(raw: Mapping[object, object]) -> Interval:
    _expect(raw, ("low", "high", "low_open", "high_open"))
    low, high = (None if raw.get(side) is None else _finite(raw[side]) for side in ("low", "high"))
    return _interval(low, high, _is_open(raw, "low_open"), _is_open(raw, "high_open"))


def _expect(raw: Mapping[object, object], names: tuple[str, ...]) -> None:
    if set(raw) - set(names) or not raw:
        raise GivenError(f"expected {', '.join(names)}; found {', '.join(map(str, raw)) or 'nothing'}")


def _is_open(raw: Mapping[object, object], name: str) -> bool:
    """Whether a bound is excluded; anything but a plain true or false would be a guess."""
    said = raw.get(name)
    if said is not None and not isinstance(said, bool):
        raise GivenError(f"expected true or false for {name}, found {said!r}")
    return said is True


def _finite(raw: object) -> Decimal:
    interval, unit = _number(raw)
    if unit or not interval.is_point or not isinstance(interval.low, Decimal):
        raise GivenError(f"expected a plain number as a bound, found {raw!r}")
    return interval.low


def _interval(low: Number | None, high: Number | None, low_open: bool, high_open: bool) -> Interval:
    try:
        return Interval(low, high, low is not None and low_open, high is not None and high_open)
    except ValueError as problem:
        raise GivenError(str(problem)) from problem


def to_unit(
    interval: Interval, unit: str, kind: Type, conversions: Mapping[str, Fraction], aliases: Mapping[str, str]
) -> Interval:
    """An interval in another unit, as one in the declared unit of its type, exactly.

    Errors:  GivenError when the unit is not understood or cannot be converted.
    """
    if kind.unit is None:
        raise GivenError(f"it has no unit, but '{unit}' was given")
    spelt = unit_spellings.normalise_unit(unit, aliases) or unit
    try:
        source, target = units.parse_unit(spelt), units.parse_unit(kind.unit)
        for other, factor in conversions.items():
            known = units.parse_unit(other)
            if known.dimension == source.dimension != target.dimension:
                return values.scale(interval, units.factor_between(source, known) * factor)
        low, high = (
            None if bound is None else units.convert(Decimal(str(bound)), source, target)
            for bound in (interval.low, interval.high)
        )
    except units.UnitError as problem:
        raise GivenError(str(problem)) from problem
    return Interval(low, high, interval.low_open, interval.high_open)


def exact_bounds(interval: Interval) -> Interval:
    """An interval whose bounds have the scale that every reading shares.

    Errors:  GivenError when a bound is too large to hold, or rounding would empty the interval.
    """
    try:
        low, high = (
            None if bound is None else values.exact(bound if isinstance(bound, Fraction) else Decimal(bound))
            for bound in (interval.low, interval.high)
        )
        return Interval(low, high, interval.low_open, interval.high_open)
    except ValueError as problem:
        raise GivenError(str(problem)) from problem


def whole(interval: Interval) -> Interval:
    """An interval of whole numbers, with closed bounds.

    Errors:  GivenError when a single value is not whole, or no whole number lies inside.
    """
    if interval.low is not None and interval.is_point and interval.low != int(interval.low):
        raise GivenError(f"expected a whole number, found {interval.low}")
    low = None if interval.low is None else math.ceil(interval.low)
    high = None if interval.high is None else math.floor(interval.high)
    if low is not None and interval.low_open and low == interval.low:
        low += 1
    if high is not None and interval.high_open and high == interval.high:
        high -= 1
    return _interval(low, high, False, False)
