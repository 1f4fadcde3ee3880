"""Amounts to give, exactly: units of a dose, body size, and how amounts and frequencies are said.

An amount is a number (a Fraction) and a UCUM unit. `mg/kg` and `g/m2` are by weight and by body surface:
for the unit table mg/kg is a pure number, so what follows the slash is read here, as text.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from trivium.core.units import convert, factor_between, parse_unit
from trivium.knowledge.dosing import Schedule
from trivium.logic.nodes import Type
from trivium.logic.text import number_words

# What a dose can be measured by; the unit that the size itself then has.
BY_WEIGHT, BY_SURFACE = "kg", "m2"

_SHOWN = Context(prec=5)
_SHARE = Context(prec=3)
_PLAIN = Type("quantity")
_DAYS_A_WEEK = 7


def basis(unit: str) -> tuple[str, str]:
    """`mg/kg` → (`mg`, `kg`), `g/m2` → (`g`, `m2`), `mg` → (`mg`, empty)."""
    amount, slash, size = unit.rpartition("/")
    return (amount, size) if slash and size in (BY_WEIGHT, BY_SURFACE) else (unit, "")


@lru_cache(maxsize=1024)
def factor(source: str, target: str) -> Fraction:
    """The exact number that turns an amount in `source` into one in `target`.

    Errors:  UnitError when they do not measure the same.
    """
    return factor_between(parse_unit(source), parse_unit(target))


def in_unit(number: Fraction, source: str, target: str) -> Fraction:
    """An amount in another unit. Errors: UnitError when the two do not measure the same."""
    return number if source == target else Fraction(convert(number, parse_unit(source), parse_unit(target)))


def is_commensurable(one: str, other: str) -> bool:
    """Whether amounts in these units can be compared."""
    return parse_unit(one).dimension == parse_unit(other).dimension


def figure(number: Fraction) -> str:
    """A number as shown: five significant digits at most."""
    return number_words(_SHOWN.plus(_decimal(number)), _PLAIN)


def percent(share: Fraction) -> str:
    """A change as shown: `+2.7 %`."""
    return f"{'+' if share > 0 else ''}{number_words(_SHARE.plus(_decimal(share * 100)), _PLAIN)} %"


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def said(number: Fraction, unit: str) -> str:
    """`681.818 mg`; a pure number has no unit to say."""
    return figure(number) if unit == "1" else f"{figure(number)} {unit}"


def said_range(low: Fraction, high: Fraction, unit: str) -> str:
    """`500 mg`, or `0.5 to 1 g/m2`."""
    if low == high:
        return said(low, unit)
    return f"{figure(low)} to {said(high, unit)}"


def often(times_per_day: Fraction) -> str:
    """How often, in the words of a prescription: once daily, every 2 days, 3 times a week."""
    words = {1: "once daily", 2: "twice daily"}
    if times_per_day.denominator == 1:
        return words.get(times_per_day.numerator, f"{times_per_day} times a day")
    if times_per_day.numerator == 1:
        days = times_per_day.denominator
        return "once a week" if days == _DAYS_A_WEEK else f"every {days} days"
    if times_per_day.denominator == _DAYS_A_WEEK:
        count = times_per_day.numerator
        return "twice a week" if count == 2 else f"{count} times a week"
    return f"{times_per_day.numerator} times in {times_per_day.denominator} days"


def days_said(days: tuple[int, int | None]) -> str:
    """`5 days`, `2 to 5 days`, `at least 14 days`."""
    low, high = days
    if high is None:
        return f"at least {low} days" if low > 1 else "without a set end"
    return f"{low} day{'s' if low != 1 else ''}" if low == high else f"{low} to {high} days"


def repeated(schedule: Schedule) -> str:
    """How one course is repeated and for how long; empty when nothing is said of it."""
    parts = []
    if schedule.every_days is not None:
        parts.append(
            "every day" if schedule.every_days == (1, 1) else f"every {days_said(schedule.every_days)}"
        )
    if schedule.courses is not None:
        fewest, most = schedule.courses
        count = (
            f"{fewest}" if fewest == most else f"{fewest} or more" if most is None else f"{fewest} to {most}"
        )
        is_course = bool(schedule.on_days) or schedule.over_days is not None
        if (fewest, most) != (1, 1):
            parts.append(f"{count} courses" if is_course else f"{count} times")
    if schedule.beside:
        parts.append(f"on the day of each dose of {schedule.beside.replace('_', ' ')}")
    elif schedule.for_days is not None and schedule.for_days != (1, None):
        parts.append("for " + days_said(schedule.for_days))
    return ", ".join(parts)
