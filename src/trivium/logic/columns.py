"""Reading three: an expression for a whole population, as a tree of SQL (sqlglot), one row a patient.

A typed tree → `exp.Expr`, never text. Knows nothing of records or of what runs the SQL. A facts
table has these columns (`fact_columns`), filled by `encode_value`; "not known" has one spelling in each:

    boolean   f                          BOOLEAN, NULL when unknown
    choice    f__may_<choice>            BOOLEAN, never NULL; unknown is TRUE in all of them
    quantity  f__low, f__high            DECIMAL(38,9), NULL when unbounded
    integer   f__low, f__high            BIGINT, NULL when unbounded
    date      f__low, f__high            BIGINT, days since 0001-01-01 as `date.toordinal`
    numbers   f__low_open, f__high_open  BOOLEAN, never NULL

A criterion is one BOOLEAN column under its own name. SQL's own and, or and not are Kleene's. A NULL that
should not be there can only make an answer unknown: nothing here has an ELSE. Numbers are exact: products
and sums of decimals, no division at all (factors are carried aside and comparisons cross-multiplied).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from typing import assert_never

from sqlglot import exp

from trivium.core.errors import Defect, ExpressionError
from trivium.core.truth import TRUE, UNKNOWN, Truth
from trivium.core.values import LIMIT, SCALE, Interval, Number, Value
from trivium.logic import nodes
from trivium.logic.nodes import Node, Type

QUANTITY = f"DECIMAL(38,{SCALE})"
CellValue = bool | int | Decimal | None

# |bound| of every number stays below this: 27 + 9 digits, and the digit that Spark reserves for a sum and
# for a product, fit into the 38 of a DECIMAL, so that no engine needs to round or to overflow.
_ROOM = 10**27
_FACT_SIZE = int(LIMIT)
_BIGINT = 10**18


@dataclass(frozen=True, slots=True)
class Numbers:
    """Bounds in SQL, each to be multiplied by `factor` (not zero): both are NULL when nothing is known.

    `size` is at least |low| and |high| without the factor; `digits` is how many follow their point.
    """

    low: exp.Expr
    high: exp.Expr
    low_open: exp.Expr
    high_open: exp.Expr
    size: int
    digits: int
    factor: Fraction = Fraction(1)


Possible = dict[str, exp.Expr]  # for each choice, whether the value may be it
Lowered = exp.Expr | Numbers | Possible


def fact_columns(name: str, kind: Type) -> list[tuple[str, str]]:
    """The columns of a fact, each with its SQL type, in the order of `encode_value`."""
    if kind.kind == "boolean":
        return [(name, "BOOLEAN")]
    if kind.kind == "choice":
        return [(may_column(name, choice), "BOOLEAN") for choice in kind.choices]
    bound = QUANTITY if kind.kind == "quantity" else "BIGINT"
    flags = [(f"{name}__low_open", "BOOLEAN"), (f"{name}__high_open", "BOOLEAN")]
    return [(f"{name}__low", bound), (f"{name}__high", bound), *flags]


def may_column(name: str, choice: str) -> str:
    """The column that says whether a fact may be `choice`: a safe name, another one for every choice.

    Letters in lower case and digits stay, `_` doubles, all else becomes its code point between `_`: SQL
    compares names without regard to case, so `A` may not stay `A`.
    """
    plain = "abcdefghijklmnopqrstuvwxyz0123456789"
    safe = (c if c in plain else "__" if c == "_" else f"_{ord(c):x}_" for c in choice)
    return f"{name}__may_{''.join(safe)}"


def encode_value(kind: Type, value: Value) -> list[CellValue]:
    """The cells of one fact of one patient, in the order of `fact_columns`.

    Errors:  ValueError for a number finer than nine digits or not below 10^11, for a choice that is
             none of the type's, or for a value of another kind: a cell never holds a rounded value.
    """
    if kind.kind == "boolean" and isinstance(value, Truth):
        return [None if value is UNKNOWN else value is TRUE]
    if kind.kind == "choice" and isinstance(value, frozenset):
        if not value or not value <= set(kind.choices):
            raise ValueError(f"{sorted(value)} are not choices among {kind.choices}")
        return [choice in value for choice in kind.choices]
    if kind.is_number and isinstance(value, Interval):
        bounds = [_cell(kind, value.low), _cell(kind, value.high)]
        return [*bounds, value.low_open, value.high_open]
    raise ValueError(f"{value!r} is no value of a {kind.kind}")


def boolean_sql(node: Node) -> exp.Expr:
    """A boolean expression as a BOOLEAN in SQL: TRUE, FALSE, or NULL for unknown.

    Errors:  TypeError when it is not boolean or not resolved; ExpressionError (TRV120) when its numbers
             could outgrow a DECIMAL(38,9).
    """
    lowered = lower(node)
    if isinstance(lowered, exp.Expr):
        return lowered
    raise TypeError("not a boolean")


def select_criteria(criteria: Mapping[str, Node], table: str, keep: Sequence[str] = ()) -> exp.Select:
    """Every criterion for every row of `table`, as one query.

    Shapes:  `criteria` by name, each after those it names; the columns of the result are `keep` (columns
             of the table, such as the patient's id) and then the criteria in their order. Criteria that
             rest on one another are layers of CTEs, so that nothing is written out twice.
    Errors:  KeyError when a criterion is named before it is defined; others as `boolean_sql`.
    """
    depth: dict[str, int] = {}
    for name, node in criteria.items():
        depth[name] = max((depth[other] + 1 for other in nodes.criterion_names(node)), default=0)
    query = exp.Select()
    source = exp.to_table(table)
    for layer in range(max(depth.values(), default=-1) + 1):
        names = [name for name in criteria if depth[name] == layer]
        columns = (exp.alias_(boolean_sql(criteria[name]), name, quoted=True, copy=False) for name in names)
        computed = exp.select(exp.Star(), *columns, copy=False).from_(source, copy=False)
        source = exp.to_table(f"criteria_layer_{layer}")
        query = query.with_(source.name, as_=computed, copy=False)
    results = (exp.column(name, quoted=True) for name in (*keep, *criteria))
    return query.select(*results, copy=False).from_(source, copy=False)


def lower(node: Node) -> Lowered:
    """What `node` is in SQL: one BOOLEAN, bounds, or a BOOLEAN for each choice. Errors as `boolean_sql`."""
    match node:
        case nodes.FactRef():
            return _fact(node)
        case nodes.CriterionRef():
            return exp.column(node.name, quoted=True)
        case nodes.Literal():
            return _literal(node)
        case nodes.Compare():
            return _compare(node.op, lower(node.left), lower(node.right))
        case nodes.And():
            return exp.and_(*(boolean_sql(child) for child in node.children), copy=False)
        case nodes.Or():
            return exp.or_(*(boolean_sql(child) for child in node.children), copy=False)
        case nodes.Not():
            return exp.not_(boolean_sql(node.child), copy=False)
        case nodes.Implies():
            return exp.or_(exp.not_(boolean_sql(node.left), copy=False), boolean_sql(node.right), copy=False)
        case nodes.IsTrue():
            return exp.Is(this=exp.paren(boolean_sql(node.child), copy=False), expression=exp.true())
        case nodes.IsKnown():
            return _is_known(lower(node.child))
        case nodes.Arith():
            return _arithmetic(node)
        case nodes.Case():
            return _case(boolean_sql(node.guard), lower(node.then), lower(node.otherwise))
        case _:
            assert_never(node)


def _cell(kind: Type, number: Number | None) -> CellValue:
    if number is None:
        return None
    digits = SCALE if kind.kind == "quantity" else 0
    exact = Fraction(number)
    if (exact * 10**digits).denominator != 1 or abs(exact) >= LIMIT:
        raise ValueError(f"{number} cannot be held with {digits} digits after the point, below 10^11")
    return Decimal(_text(exact, digits)) if digits else exact.numerator


def _fact(node: nodes.FactRef) -> Lowered:
    if node.type is None:
        raise TypeError(f"{node.name} has not been resolved")
    columns = [exp.column(name, quoted=True) for name, _ in fact_columns(node.name, node.type)]
    if node.type.kind == "boolean":
        return columns[0]
    if node.type.kind == "choice":
        return dict(zip(node.type.choices, columns, strict=True))
    low, high, low_open, high_open = columns
    return Numbers(low, high, low_open, high_open, _FACT_SIZE, SCALE if node.type.kind == "quantity" else 0)


def _literal(node: nodes.Literal) -> Lowered:
    if isinstance(node.value, bool):
        return exp.Boolean(this=node.value)
    if isinstance(node.value, str):
        return {node.value: exp.true()}
    number = Fraction(node.value)
    digits = 0 if isinstance(node.value, int) and abs(number) < _BIGINT else SCALE
    # 1/3 is the decimal 1 times the factor 1/3: what has no nine digits moves into the factor.
    rest = number.denominator // gcd(number.denominator, 10**digits)
    bound = _constant(number * rest, digits)
    size = _checked(int(abs(number * rest)) + 1)
    return Numbers(bound, bound, exp.false(), exp.false(), size, digits, Fraction(1, rest))


def _decimal(width: int, digits: int) -> exp.DataType:
    parameters = [exp.DataTypeParam(this=exp.Literal.number(number)) for number in (width, digits)]
    return exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=parameters)


def _constant(number: Fraction, digits: int) -> exp.Expr:
    """A number that has at most `digits` digits after the point, cast from its text: never a double."""
    kind = _decimal(38, digits) if digits else exp.DataType.build("BIGINT")
    return exp.cast(exp.Literal.string(_text(number, digits)), kind)


def _text(number: Fraction, digits: int) -> str:
    """Digit for digit, without `Decimal`'s arithmetic, whose context would round to 28 digits."""
    units = int(number * 10**digits)
    whole, rest = divmod(abs(units), 10**digits)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def _is_known(lowered: Lowered) -> exp.Expr:
    if isinstance(lowered, Numbers):
        return exp.or_(_present(lowered.low), _present(lowered.high))
    if isinstance(lowered, dict):
        return exp.not_(exp.and_(*lowered.values()))
    return _present(lowered)


def _present(value: exp.Expr) -> exp.Expr:
    return exp.not_(exp.Is(this=exp.paren(value), expression=exp.Null()))


def _decide(true: exp.Expr, false: exp.Expr) -> exp.Expr:
    """TRUE where the one is true, FALSE where the other is, else NULL; a NULL in either is not true."""
    return exp.case().when(true, exp.true(), copy=False).when(false, exp.false(), copy=False)


def _any(*truths: exp.Expr) -> exp.Expr:
    """Or, without the parts that are written FALSE: bounds that are closed for sure are the common case."""
    kept = [truth for truth in truths if truth != exp.false()]
    return exp.or_(*kept) if kept else exp.false()


def _compare(op: nodes.Comparison, left: Lowered, right: Lowered) -> exp.Expr:
    if isinstance(left, dict) and isinstance(right, dict):
        return _same_choice(left, right)
    if op in (">", ">="):
        return _compare("<" if op == ">" else "<=", right, left)
    one, other, _ = _at_one_factor(_numbers(left), _numbers(right))
    if op == "<":
        return _decide(_less(one, other), _bounds(exp.GTE, one.low, other.high))
    if op == "<=":
        return _decide(_bounds(exp.LTE, one.high, other.low), _less(other, one))
    return _equal(one, other)


def _less(left: Numbers, right: Numbers) -> exp.Expr:
    """Whether every number on the left is below every one on the right (else FALSE or NULL)."""
    below, either_open = _bounds(exp.LT, left.high, right.low), _any(left.high_open, right.low_open)
    if either_open == exp.false():
        return below
    touching = exp.and_(_bounds(exp.EQ, left.high, right.low), either_open, copy=False)
    return exp.or_(below, touching, copy=False)


def _equal(left: Numbers, right: Numbers) -> exp.Expr:
    pairs = ((left.low, left.high), (right.low, right.high), (left.low, right.low))
    equal_points = exp.and_(*(_bounds(exp.EQ, one, other) for one, other in pairs), copy=False)
    return _decide(equal_points, exp.or_(_less(left, right), _less(right, left), copy=False))


def _bounds(relation: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return relation(this=left.copy(), expression=right.copy())


def _same_choice(left: Possible, right: Possible) -> exp.Expr:
    """Neither side is empty: the same where no two different are possible, another where none is shared."""
    shared = [exp.and_(left[choice], right[choice]) for choice in left if choice in right]
    different = [
        exp.and_(left[choice], exp.or_(*others))
        for choice in left
        if (others := [may for other, may in right.items() if other != choice])
    ]
    return _decide(exp.not_(_any(*different)), exp.not_(_any(*shared)))


def _numbers(lowered: Lowered) -> Numbers:
    if isinstance(lowered, Numbers):
        return lowered
    raise TypeError("not a number")


def _arithmetic(node: nodes.Arith) -> Numbers:
    one = _numbers(lower(node.left))
    if node.op == "+":
        return _add(one, _numbers(lower(node.right)))
    if node.op == "-":
        return _add(one, _scale(_numbers(lower(node.right)), Fraction(-1)))
    if not isinstance(node.right, nodes.Literal):
        raise TypeError("the resolver lets only literals multiply or divide")
    factor = nodes.factor_of(node.right)
    if node.op == "*":
        return _scale(one, factor)
    # DuckDB takes 1.0/0 for infinity and 1.0/0 > 5 for true: x/0 is written as the unknown that it is.
    if not factor:
        null = exp.cast(exp.null(), _decimal(38, SCALE))
        return Numbers(null, null, exp.false(), exp.false(), 0, SCALE)
    return _scale(one, Fraction(1) / factor)


def _scale(number: Numbers, factor: Fraction) -> Numbers:
    """Mirrors `core.values.scale`: a negative factor swaps the bounds, zero leaves closed bounds at zero."""
    if factor > 0:
        return replace(number, factor=number.factor * factor)
    if factor < 0:
        swapped = number.high, number.low, number.high_open, number.low_open
        return Numbers(*swapped, number.size, number.digits, number.factor * factor)
    zero = _constant(Fraction(0), 0)
    low, high = (exp.case().when(_present(bound), zero) for bound in (number.low, number.high))
    return Numbers(low, high, exp.false(), exp.false(), 0, 0)


def _add(left: Numbers, right: Numbers) -> Numbers:
    one, other, factor = _at_one_factor(left, right)
    return Numbers(
        exp.Add(this=_narrow(one.low, one), expression=_narrow(other.low, other)),
        exp.Add(this=_narrow(one.high, one), expression=_narrow(other.high, other)),
        _any(one.low_open, other.low_open),
        _any(one.high_open, other.high_open),
        _checked(one.size + other.size),
        max(one.digits, other.digits),
        factor,
    )


def _case(guard: exp.Expr, then: Lowered, otherwise: Lowered) -> Lowered:
    if isinstance(then, exp.Expr) and isinstance(otherwise, exp.Expr):
        return _chosen(guard, then, otherwise)
    one, other, factor = _at_one_factor(_numbers(then), _numbers(otherwise))
    return Numbers(
        _chosen(guard, one.low, other.low),
        _chosen(guard, one.high, other.high),
        _chosen(guard, one.low_open, other.low_open),
        _chosen(guard, one.high_open, other.high_open),
        max(one.size, other.size),
        max(one.digits, other.digits),
        factor,
    )


def _chosen(guard: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    """Not ELSE: should a guard ever be unknown, neither branch may be taken for the answer."""
    return exp.case().when(guard, then).when(exp.not_(guard), otherwise)


def _at_one_factor(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers, Fraction]:
    """Both with their bounds multiplied out to whole multiples of one positive factor."""
    one, other = left.factor, right.factor
    numerators, denominators = gcd(one.numerator, other.numerator), lcm(one.denominator, other.denominator)
    common = Fraction(numerators, denominators)
    return _multiplied(left, int(one / common)), _multiplied(right, int(other / common)), common


def _multiplied(number: Numbers, times: int) -> Numbers:
    """Bounds times a whole number of either sign: those of a negative factor have been swapped before."""
    if times == 1:
        return replace(number, factor=Fraction(1))
    size = _checked(number.size * abs(times) if abs(times) < _BIGINT else _ROOM)
    low, high = (
        exp.Mul(
            this=_narrow(bound, number),
            expression=exp.cast(exp.Literal.string(str(times)), _decimal(len(str(abs(times))), 0)),
        )
        for bound in (number.low, number.high)
    )
    return replace(number, low=low, high=high, size=size, factor=Fraction(1))


def _narrow(bound: exp.Expr, number: Numbers) -> exp.Expr:
    """In the digits it needs: Spark rounds products of wide decimals, DuckDB stops at 18 for narrow ones."""
    return exp.cast(bound, _decimal(max(19, len(str(number.size)) + number.digits), number.digits))


def _checked(size: int) -> int:
    if size < _ROOM:
        return size
    raise ExpressionError(
        Defect(
            "TRV120",
            f"the numbers of this expression can have {len(str(size))} digits before the point",
            why="SQL holds 38 digits, nine of them after the point; past that, it stops with an overflow",
            hint="use factors and literals with fewer digits, or derive the value as a fact of its own",
        )
    )
