"""Reading five: an expression as text of HL7's Clinical Quality Language (CQL 1.5), for other engines.

A typed tree → text, bracketed wherever it could be misread. Knows nothing of libraries, labels or sources.
A fact is a parameter of its own name, null when it is not one known value:

    boolean   Boolean
    choice    String
    quantity  Decimal, in the unit that the fact declares; CQL's units are not used
    integer   Integer
    date      Date

So this reading sees points only: a value that is known as a range is null to it, as unknown is.

CQL's decimals have eight digits after the point and twenty before it, and its division rounds. So nothing
is divided here: factors are carried aside and a comparison multiplies both sides by whole numbers, as in
SQL (decision 0002). Arithmetic on whole numbers and on dates is done on decimals (CQL's Integer ends at
2^31, its calendar in year 9999). What does not fit is refused, never rounded.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Literal as OneOf
from typing import NoReturn, assert_never

from trivium.core.errors import Defect, ExpressionError
from trivium.core.values import LIMIT
from trivium.logic import nodes
from trivium.logic.nodes import Node, Type

DIGITS = 8
TYPES = {
    "boolean": "Boolean",
    "choice": "String",
    "quantity": "Decimal",
    "integer": "Integer",
    "date": "Date",
}
# CQL's largest Decimal is just below this, and its largest Integer just below that.
_ROOM = 10**20
INTEGERS = 2**31
_LAST_DAY = datetime.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number in CQL, to be multiplied by `factor` (not zero).

    `size` is at least its magnitude without the factor; `constant` is its value when it is written out.
    """

    text: str
    kind: OneOf["Decimal", "Integer", "Date"]
    size: int
    factor: Fraction = Fraction(1)
    constant: Fraction | None = None


Lowered = str | Numbers  # a boolean or a choice is its text


def to_cql(node: Node) -> str:
    """A boolean expression as CQL.

    Errors:  TypeError when it is not boolean or not resolved; ExpressionError (TRV121) when one of its
             numbers is finer or larger than CQL's decimals.
    """
    lowered = lower(node)
    if isinstance(lowered, str):
        return lowered
    raise TypeError("not a boolean")


def quoted(name: str) -> str:
    """A name as CQL's quoted identifier."""
    return '"' + _escaped(name, '"') + '"'


def type_name(kind: Type) -> str:
    """CQL's type for the values of a fact."""
    return TYPES[kind.kind]


def lower(node: Node) -> Lowered:
    """What `node` is in CQL. Errors as `to_cql`."""
    match node:
        case nodes.FactRef():
            return _fact(node)
        case nodes.CriterionRef():
            return quoted(node.name)
        case nodes.Literal():
            return _literal(node)
        case nodes.Compare():
            return _compare(node)
        case nodes.And():
            return _joined("and", node.children)
        case nodes.Or():
            return _joined("or", node.children)
        case nodes.Not():
            return f"(not {to_cql(node.child)})"
        case nodes.Implies():
            return _joined("implies", (node.left, node.right))
        case nodes.IsTrue():
            return f"({to_cql(node.child)} is true)"
        case nodes.IsKnown():
            return f"({_text(lower(node.child))} is not null)"
        case nodes.Arith():
            return _arithmetic(node)
        case nodes.Case():
            return _case(node)
        case _:
            assert_never(node)


def _joined(word: str, parts: tuple[Node, ...]) -> str:
    return "(" + f" {word} ".join(to_cql(part) for part in parts) + ")"


def _escaped(text: str, quote: str) -> str:
    plain = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _fact(node: nodes.FactRef) -> Lowered:
    if node.type is None:
        raise TypeError(f"{node.name} has not been resolved")
    name = quoted(node.name)
    if node.type.kind == "quantity":
        return Numbers(name, "Decimal", int(LIMIT))
    if node.type.kind == "integer":
        return Numbers(name, "Integer", INTEGERS)
    return Numbers(name, "Date", _LAST_DAY) if node.type.kind == "date" else name


def _literal(node: nodes.Literal) -> Lowered:
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if isinstance(node.value, str):
        return "'" + _escaped(node.value, "'") + "'"
    number = Fraction(node.value)
    if node.type.kind == "date" and 1 <= number <= _LAST_DAY:
        day = datetime.date.fromordinal(int(number)).isoformat()
        return Numbers("@" + day, "Date", _LAST_DAY, constant=number)
    if node.type.kind == "integer" and abs(number) < INTEGERS:
        text = str(number) if number >= 0 else f"({number})"
        return Numbers(text, "Integer", INTEGERS, constant=number)
    # 1/3 is the decimal 1 times the factor 1/3: what has no end moves into the factor.
    rest = number.denominator // gcd(number.denominator, 10**18)
    return replace(_constant(number * rest, node), factor=Fraction(1, rest))


def _constant(number: Fraction, at: Node) -> Numbers:
    """A number written out, digit for digit, and with a point: without one it would be an Integer."""
    units = number * 10**DIGITS
    if units.denominator != 1:
        _refuse(f"more than {DIGITS} digits after the point", at)
    whole, rest = divmod(abs(units.numerator), 10**DIGITS)
    text = f"{whole}.{f'{rest:0{DIGITS}d}'.rstrip('0') or '0'}"
    size = _checked(whole + 1, at)
    return Numbers(text if number >= 0 else f"(-{text})", "Decimal", size, constant=number)


def _text(lowered: Lowered) -> str:
    return lowered if isinstance(lowered, str) else lowered.text


def _numbers(lowered: Lowered) -> Numbers:
    if isinstance(lowered, Numbers):
        return lowered
    raise TypeError("not a number")


def _compare(node: nodes.Compare) -> str:
    left, right = lower(node.left), lower(node.right)
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        left, right, _ = _alike(left, right, node)
    return f"({_text(left)} {node.op} {_text(right)})"


def _arithmetic(node: nodes.Arith) -> Numbers:
    one = _numbers(lower(node.left))
    if node.op in ("+", "-"):
        return _sum(node.op, one, _numbers(lower(node.right)), node)
    if not isinstance(node.right, nodes.Literal):
        raise TypeError("the resolver lets only literals multiply or divide")
    factor = nodes.factor_of(node.right)
    if node.op == "/" and not factor:
        return Numbers("(null as Decimal)", "Decimal", 0)  # x / 0 is unknown
    return _scaled(one, factor if node.op == "*" else 1 / factor, node)


def _sum(op: str, left: Numbers, right: Numbers, at: Node) -> Numbers:
    one, other, factor = _at_one_factor(_as_decimal(left, at), _as_decimal(right, at), at)
    return Numbers(f"({one.text} {op} {other.text})", "Decimal", _checked(one.size + other.size, at), factor)


def _scaled(number: Numbers, factor: Fraction, at: Node) -> Numbers:
    if factor:
        return replace(number, factor=number.factor * factor)
    return Numbers(f"({_as_decimal(number, at).text} * 0.0)", "Decimal", 0)  # null stays null


def _case(node: nodes.Case) -> Lowered:
    guard, then, otherwise = to_cql(node.guard), lower(node.then), lower(node.otherwise)
    if isinstance(then, str) and isinstance(otherwise, str):
        return f"(if {guard} then {then} else {otherwise})"
    one, other, factor = _alike(_numbers(then), _numbers(otherwise), node)
    text = f"(if {guard} then {one.text} else {other.text})"
    return Numbers(text, one.kind, max(one.size, other.size), factor)


def _alike(left: Numbers, right: Numbers, at: Node) -> tuple[Numbers, Numbers, Fraction]:
    """Both as one type of CQL's and at one factor: as they are where that is so already."""
    if left.kind == right.kind and left.factor == right.factor > 0:
        return replace(left, factor=Fraction(1)), replace(right, factor=Fraction(1)), left.factor
    return _at_one_factor(_as_decimal(left, at), _as_decimal(right, at), at)


def _at_one_factor(left: Numbers, right: Numbers, at: Node) -> tuple[Numbers, Numbers, Fraction]:
    """Both multiplied out to whole multiples of one positive factor."""
    one, other = left.factor, right.factor
    numerators, denominators = gcd(one.numerator, other.numerator), lcm(one.denominator, other.denominator)
    common = Fraction(numerators, denominators)
    return _multiplied(left, int(one / common), at), _multiplied(right, int(other / common), at), common


def _multiplied(number: Numbers, times: int, at: Node) -> Numbers:
    if times == 1:
        return replace(number, factor=Fraction(1))
    if number.constant is not None:
        return _constant(number.constant * times, at)
    size = _checked(number.size * abs(times), at)
    return Numbers(f"({number.text} * {_constant(Fraction(times), at).text})", "Decimal", size)


def _as_decimal(number: Numbers, at: Node) -> Numbers:
    """As a Decimal: a date as its day number, of which 0001-01-01 is the first."""
    if number.kind == "Decimal":
        return number
    if number.constant is not None:
        return replace(_constant(number.constant, at), factor=number.factor)
    text = f"ToDecimal({number.text})"
    if number.kind == "Date":
        text = f"(ToDecimal(difference in days between @0001-01-01 and {number.text}) + 1.0)"
    return replace(number, text=text, kind="Decimal")


def _checked(size: int, at: Node) -> int:
    return size if size <= _ROOM else _refuse(f"{len(str(size))} digits before the point", at)


def _refuse(what: str, at: Node) -> NoReturn:
    raise ExpressionError(
        Defect(
            "TRV121",
            f"a number of this expression has, or could have, {what}",
            at.span,
            why="CQL's decimals hold eight digits after the point and twenty before it",
            hint="write the threshold in another unit, or derive the value as a fact of its own",
        )
    )
