"""Printed percents and the counts that can stand behind them, exactly.

A percent printed with d decimals stands for every value that rounds to it, half a unit up or down. Some
papers cut off instead of rounding; that is told apart from a disagreement, and never used to derive a count.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def only_count(percent: Decimal, total: int) -> int | None:
    """The one count of `total` that rounds to the percent; None when none does or several do."""
    unit = _unit(percent)
    low, high = Fraction(percent) - unit / 2, Fraction(percent) + unit / 2
    first = max(0, -(-low * total // 100))
    last = min(total, high * total // 100)
    return int(first) if first == last and 0 <= percent <= 100 else None


def agrees(percent: Decimal, events: int, total: int) -> bool:
    """Whether the count of the total, rounded or cut off at the printed decimals, is the percent."""
    unit, exact = _unit(percent), Fraction(100 * events, total)
    return -unit / 2 <= exact - Fraction(percent) < unit


def _unit(percent: Decimal) -> Fraction:
    """One unit of the last printed decimal."""
    exponent = percent.as_tuple().exponent
    return Fraction(1, 10 ** max(0, -exponent)) if isinstance(exponent, int) else Fraction(1)
