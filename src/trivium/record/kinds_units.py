"""Amounts in another unit, exactly, and how amounts are shown. Knows no facts and no patients."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from trivium.core import units, values
from trivium.core.truth import TRUE
from trivium.core.values import Interval
from trivium.record.events import Quantity

_NO_FACTORS: Mapping[str, Fraction] = {}


def overlaps(left: Interval, right: Interval) -> bool:
    """Whether two intervals share a number."""
    if left.is_point and left.low is not None:
        return left.low in right
    return values.compare("<", left, right) is not TRUE and values.compare("<", right, left) is not TRUE


def in_unit(
    quantity: Quantity, target: str, conversions: Mapping[str, Fraction] = _NO_FACTORS
) -> Interval | str:
    """An amount in another unit, exactly; or the words why not.

    A missing unit is only ever taken for 1, and only where 1 is what the fact is measured in.
    """
    if quantity.unit_problem:
        return quantity.unit_problem
    if quantity.unit is None and target != "1":
        return f"no unit was given, '{target}' is needed"
    unit = quantity.unit or "1"
    if unit == target:
        return quantity.amount
    line = linear(unit, target)
    if isinstance(line, str):
        for other, factor in conversions.items():
            known = linear(unit, other)
            # The declared factor holds from zero on: a scale with another zero has no place in it.
            if not isinstance(known, str) and not known[1]:
                return values.scale(quantity.amount, known[0] * factor)
        return line
    return _along(quantity.amount, *line)


def _along(amount: Interval, slope: Fraction, offset: Fraction) -> Interval:
    if not offset:
        return amount if slope == 1 else values.scale(amount, slope)
    return values.add(values.scale(amount, slope), values.point(offset))


@lru_cache(maxsize=4096)
def linear(source: str, target: str) -> tuple[Fraction, Fraction] | str:
    """Slope and offset that turn a number in one unit into the other; or the words why there are none."""
    try:
        left, right = units.parse_unit(source), units.parse_unit(target)
        offset = Fraction(units.convert(Fraction(0), left, right))
        return Fraction(units.convert(Fraction(1), left, right)) - offset, offset
    except units.UnitError as problem:
        return str(problem)


def show_interval(amount: Interval) -> str:
    """An interval in words and signs: 5, >5, <=5, 5 to 7."""
    if amount.low is not None and amount.high is not None:
        if amount.is_point:
            return f"{amount.low}"
        return f"{amount.low} to {amount.high}"
    if amount.low is not None:
        return f"{'>' if amount.low_open else '>='}{amount.low}"
    return f"{'<' if amount.high_open else '<='}{amount.high}" if amount.high is not None else "any number"


def negative(amount: Interval) -> Interval:
    """Every number with its sign turned, exactly as it was held."""
    low = None if amount.high is None else -amount.high
    high = None if amount.low is None else -amount.low
    return Interval(low, high, amount.high_open, amount.low_open)
