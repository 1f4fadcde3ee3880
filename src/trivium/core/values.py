"""What a fact can be: a set of possible values, wide or narrow; the widest is Unknown.

In: numbers and choices as read. Out: `Interval`, `Choices`, `Truth`.
Knows nothing of records, units or expressions.

An interval with neither bound is everything, which is Unknown; a boolean that could be either is
`Truth.UNKNOWN`; a choice that could be any of its choices is Unknown too. So each kind of value has
exactly one spelling of "not known", and every reading (Python, SQL, SMT) carries the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth

# Numbers are exact: integers for dates and counts, decimals for measurements, fractions as the
# intermediate results of arithmetic. Python compares the three exactly with one another.
Number = int | Decimal | Fraction
Choices = frozenset[str]

# Facts keep nine digits after the point and stay below 10^11 (decision 0005): the same DECIMAL(38,9) in SQL.
SCALE = 9
QUANTUM = Decimal(1).scaleb(-SCALE)
LIMIT = Decimal(10) ** 11
_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers between two bounds. A bound of None means unbounded; a flag says whether it is open.

    Units:   those of the fact or expression it stands for; days since 0001-01-01 for dates.
    Errors:  ValueError when empty (use `Unknown` in the record for values that contradict each other).
    """

    low: Number | None = None
    high: Number | None = None
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        if self.low is None or self.high is None:
            return
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            raise ValueError(f"empty interval: {self}")

    @property
    def is_known(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def is_point(self) -> bool:
        return self.low is not None and self.low == self.high

    def __contains__(self, number: Number) -> bool:
        above = self.low is None or number > self.low or (number == self.low and not self.low_open)
        below = self.high is None or number < self.high or (number == self.high and not self.high_open)
        return above and below


EVERYTHING = Interval()

# The value of an expression. Which of the three it is, its type says.
Value = Truth | Interval | Choices


def point(number: Number) -> Interval:
    """The interval that holds one number."""
    return Interval(number, number)


def exact(number: Decimal | Fraction) -> Decimal:
    """A measured number at the one scale that every reading shares (half-even at nine digits).

    Errors:  ValueError when it is not finite or not below the shared limit of 10^11.
    """
    if isinstance(number, Fraction):
        # 60 digits are far more than the scale keeps: the division cannot disturb the rounding below.
        numerator, denominator = Decimal(number.numerator), Decimal(number.denominator)
        number = _WIDE.divide(numerator, denominator)
    if not number.is_finite() or abs(number) >= LIMIT:
        raise ValueError(f"{number} is outside what Trivium can hold")
    quantised = number.quantize(QUANTUM, rounding=ROUND_HALF_EVEN, context=_WIDE)
    return quantised + 0 if quantised else Decimal(0)


def hull(values: list[Interval]) -> Interval:
    """The smallest interval that holds all of them (at least one is given)."""
    low, low_open = values[0].low, values[0].low_open
    high, high_open = values[0].high, values[0].high_open
    for value in values[1:]:
        if low is not None:
            if value.low is None:
                low, low_open = None, False
            elif value.low < low:
                low, low_open = value.low, value.low_open
            elif value.low == low:
                low_open = low_open and value.low_open
        if high is not None:
            if value.high is None:
                high, high_open = None, False
            elif value.high > high:
                high, high_open = value.high, value.high_open
            elif value.high == high:
                high_open = high_open and value.high_open
    return Interval(low, high, low_open, high_open)


def could_be(truths: list[Truth]) -> Truth:
    """One truth when all agree, else unknown."""
    first = truths[0]
    return first if all(truth is first for truth in truths) else UNKNOWN


def is_known(value: Value, choices: int = 0) -> bool:
    """Whether a value is narrower than everything; `choices` is how many a choice has in all."""
    if isinstance(value, Truth):
        return value is not UNKNOWN
    if isinstance(value, Interval):
        return value.is_known
    return len(value) < choices


def is_subset(narrow: Value, wide: Value) -> bool:
    """Whether `narrow` could be what `wide` becomes once more is learnt."""
    if isinstance(narrow, Truth) and isinstance(wide, Truth):
        return wide is UNKNOWN or narrow is wide
    if isinstance(narrow, Interval) and isinstance(wide, Interval):
        return hull([narrow, wide]) == wide
    if isinstance(narrow, frozenset) and isinstance(wide, frozenset):
        return narrow <= wide
    raise TypeError("values of two kinds")


def compare(op: str, left: Interval, right: Interval) -> Truth:
    """Whether `left op right` holds for all, for none, or for some of the possible values.

    `op` is one of `<  <=  =  >=  >`. `=` is true only for two equal points.
    """
    if op == "<":
        return _less(left, right)
    if op == "<=":
        return _less_or_equal(left, right)
    if op == ">":
        return _less(right, left)
    if op == ">=":
        return _less_or_equal(right, left)
    if op == "=":
        return _equal(left, right)
    raise ValueError(f"no comparison {op!r}")


def _less(left: Interval, right: Interval) -> Truth:
    if left.high is not None and right.low is not None:
        if left.high < right.low:
            return TRUE
        if left.high == right.low and (left.high_open or right.low_open):
            return TRUE
    if left.low is not None and right.high is not None and left.low >= right.high:
        return FALSE
    return UNKNOWN


def _less_or_equal(left: Interval, right: Interval) -> Truth:
    if left.high is not None and right.low is not None and left.high <= right.low:
        return TRUE
    if left.low is not None and right.high is not None:
        if left.low > right.high:
            return FALSE
        if left.low == right.high and (left.low_open or right.high_open):
            return FALSE
    return UNKNOWN


def _equal(left: Interval, right: Interval) -> Truth:
    if left.is_point and right.is_point:
        return TRUE if left.low == right.low else FALSE
    if _less(left, right) is TRUE or _less(right, left) is TRUE:
        return FALSE
    return UNKNOWN


def compare_choices(left: Choices, right: Choices) -> Truth:
    """Whether two choices are the same: true for two equal single choices, false when none is shared."""
    if len(left) == 1 and left == right:
        return TRUE
    return UNKNOWN if left & right else FALSE


def add(left: Interval, right: Interval) -> Interval:
    """All sums of a number from each side."""
    low = None if left.low is None or right.low is None else _sum(left.low, right.low)
    high = None if left.high is None or right.high is None else _sum(left.high, right.high)
    return Interval(
        low,
        high,
        low is not None and (left.low_open or right.low_open),
        high is not None and (left.high_open or right.high_open),
    )


def subtract(left: Interval, right: Interval) -> Interval:
    """All differences of a number from each side."""
    return add(left, scale(right, Fraction(-1)))


def scale(value: Interval, factor: Fraction) -> Interval:
    """Every number times an exact factor; a negative one swaps the bounds. An absent bound stays absent."""
    low = None if value.low is None else Fraction(value.low) * factor
    high = None if value.high is None else Fraction(value.high) * factor
    if factor > 0:
        return Interval(low, high, value.low_open, value.high_open)
    if factor < 0:
        return Interval(high, low, value.high_open, value.low_open)
    return Interval(low, high)  # times zero: an open bound at zero would be empty


def _sum(left: Number, right: Number) -> Number:
    if type(left) is type(right):
        return left + right  # type: ignore[operator]
    return Fraction(left) + Fraction(right)
