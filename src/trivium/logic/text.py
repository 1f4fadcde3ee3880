"""Nodes → the text of an expression, and values → words.

`parse(to_text(node))` gives the node back, apart from types: the inverse that the tests hold it to.
"""

from __future__ import annotations

import datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import assert_never

from trivium.core.truth import UNKNOWN, Truth
from trivium.core.values import Interval, Number, Value
from trivium.logic.nodes import (
    And,
    Arith,
    Case,
    Compare,
    CriterionRef,
    FactRef,
    Implies,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    Type,
)

_SIX_DIGITS = Context(prec=6)


def to_text(node: Node) -> str:
    """The expression as text, fully bracketed where precedence could be misread."""
    match node:
        case FactRef() | CriterionRef():
            return node.name
        case Literal():
            return _literal(node)
        case And():
            return " and ".join(_inner(child) for child in node.children)
        case Or():
            return " or ".join(_inner(child) for child in node.children)
        case Not():
            return f"not {_inner(node.child)}"
        case Implies():
            return f"{_inner(node.left)} implies {_inner(node.right)}"
        case Compare() | Arith():
            return f"{_inner(node.left)} {node.op} {_inner(node.right)}"
        case IsKnown():
            return f"{_inner(node.child)} is not null"
        case IsTrue():
            return f"{_inner(node.child)} is true"
        case Case():
            parts = (_inner(node.guard), _inner(node.then), _inner(node.otherwise))
            return "if {} then {} else {}".format(*parts)
        case _:
            assert_never(node)


def _inner(node: Node) -> str:
    text = to_text(node)
    return text if isinstance(node, (FactRef, CriterionRef, Literal)) else f"({text})"


def _literal(node: Literal) -> str:
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if isinstance(node.value, str):
        return f"'{node.value}'"
    if node.type.kind == "date":
        return "@" + number_words(node.value, node.type)
    number = number_words(node.value, Type("quantity"))
    return f"{number} '{node.type.unit}'" if node.type.unit else number


def number_words(number: Number, kind: Type) -> str:
    """A number in digits without needless zeros, a day number as a date."""
    if kind.kind == "date":
        day = int(number)
        return datetime.date.fromordinal(day).isoformat() if 1 <= day <= 3652059 else f"day {day}"
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / Decimal(number.denominator)
    text = f"{Decimal(number):f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def value_words(value: Value, kind: Type) -> str:
    """A value as a person would write it: `0.186 10*3/uL`, `above 1650 ng/mL`, `positive or negative`."""
    if isinstance(value, Truth):
        return "not known" if value is UNKNOWN else ("yes" if value else "no")
    if isinstance(value, frozenset):
        return "not known" if len(value) == len(kind.choices) else " or ".join(sorted(value))
    unit = f" {kind.unit}" if kind.unit and kind.unit != "1" else ""
    return _interval_words(value, kind) + (unit if value.is_known else "")


def _shown(number: Number, kind: Type) -> str:
    """A number as shown: six significant digits are more than any clinical decision reads."""
    if isinstance(number, int):
        return number_words(number, kind)
    number = (
        Decimal(number.numerator) / Decimal(number.denominator) if isinstance(number, Fraction) else number
    )
    return number_words(_SIX_DIGITS.plus(number), kind)


def _interval_words(value: Interval, kind: Type) -> str:
    low = None if value.low is None else _shown(value.low, kind)
    high = None if value.high is None else _shown(value.high, kind)
    if low is None and high is None:
        return "not known"
    if value.is_point:
        return str(low)
    if high is None:
        return f"{'above' if value.low_open else 'at least'} {low}"
    if low is None:
        return f"{'below' if value.high_open else 'at most'} {high}"
    ends = " (ends not included)" if value.low_open and value.high_open else ""
    return f"between {low} and {high}{ends}"
