"""The SQL reading by itself: layout, encoding, the traps of DuckDB, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from trivium.core.errors import ExpressionError
from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, Value
from trivium.logic import columns
from trivium.logic.nodes import (
    BOOLEAN,
    DATE,
    INTEGER,
    And,
    Arith,
    Case,
    Compare,
    CriterionRef,
    FactRef,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    Type,
)

QUANTITY = Type("quantity", "mg/L")
CHOICE = Type("choice", choices=("positive", "negative"))
FLAG, LEVEL, COUNT, DAY, TEST = (
    FactRef("flag", BOOLEAN),
    FactRef("level", QUANTITY),
    FactRef("count", INTEGER),
    FactRef("day", DATE),
    FactRef("test", CHOICE),
)
UNKNOWN_PATIENT: dict[str, Value] = {
    "flag": UNKNOWN,
    "level": EVERYTHING,
    "count": EVERYTHING,
    "day": EVERYTHING,
    "test": frozenset(CHOICE.choices),
}


def number(text: str) -> Literal:
    return Literal(Decimal(text), QUANTITY)


def answer(node: Node, facts: Mapping[str, Value]) -> bool | None:
    """What DuckDB says of one patient."""
    held, names, cells = UNKNOWN_PATIENT | dict(facts), [], []
    for fact in (FLAG, LEVEL, COUNT, DAY, TEST):
        assert fact.type is not None
        for (name, kind), cell in zip(
            columns.fact_columns(fact.name, fact.type),
            columns.encode_value(fact.type, held[fact.name]),
            strict=True,
        ):
            names.append(exp.alias_(exp.cast(exp.Placeholder(), kind), name, quoted=True))
            cells.append(cell)
    query = exp.select(columns.boolean_sql(node)).from_(exp.select(*names).subquery("facts"))
    found = duckdb.execute(query.sql("duckdb"), cells).fetchone()
    assert found is not None
    assert found[0] is None or isinstance(found[0], bool)
    return found[0]


def run(sql: exp.Expr) -> object:
    found = duckdb.execute(exp.select(sql).sql("duckdb")).fetchone()
    assert found is not None
    return found[0]


def test_duckdb_takes_a_division_by_zero_for_infinity_and_we_do_not() -> None:
    assert duckdb.execute("SELECT 1.0 / 0 > 5").fetchone() == (True,)
    over_zero = Compare(">", Arith("/", LEVEL, number("0")), number("5"))
    assert answer(over_zero, {"level": Interval(Decimal(1), Decimal(1))}) is None
    assert columns.boolean_sql(over_zero).find(exp.Div) is None


def test_no_division_is_ever_written() -> None:
    third = Compare("<", Arith("/", LEVEL, number("3")), Arith("/", LEVEL, number("7")))
    assert columns.boolean_sql(third).find(exp.Div) is None


def test_a_third_times_three_is_the_whole() -> None:
    whole = Compare("=", Arith("*", Arith("/", LEVEL, number("3")), number("3")), number("0.1"))
    assert answer(whole, {"level": Interval(Decimal("0.1"), Decimal("0.1"))}) is True


def test_a_literal_that_is_no_decimal_is_compared_exactly() -> None:
    third = Literal(Fraction(1, 3), QUANTITY)
    just_below = Interval(Decimal("0.333333333"), Decimal("0.333333333"))
    assert answer(Compare("<", LEVEL, third), {"level": just_below}) is True
    assert answer(Compare("<", Arith("*", LEVEL, number("3")), number("1")), {"level": just_below}) is True


def test_tenths_add_up_as_doubles_do_not() -> None:
    assert duckdb.execute(
        "SELECT CAST(0.1 AS DOUBLE) + CAST(0.2 AS DOUBLE) = CAST(0.3 AS DOUBLE)"
    ).fetchone() == (False,)
    level = {"level": Interval(Decimal("0.1"), Decimal("0.1"))}
    assert answer(Compare("=", Arith("+", LEVEL, number("0.2")), number("0.3")), level) is True


def test_a_literal_is_a_cast_of_its_text() -> None:
    sql = columns.boolean_sql(Compare("<", LEVEL, number("0.5"))).sql("duckdb")
    assert "CAST('0.500000000' AS DECIMAL(38, 9))" in sql


def test_the_largest_facts_and_factors_that_are_let_through_do_not_overflow() -> None:
    largest = Decimal("99999999999.999999999")
    facts: dict[str, Value] = {
        "level": Interval(-largest, largest),
        "count": Interval(99_999_999_999, 99_999_999_999),
    }
    node = Compare(
        "<=", Arith("*", LEVEL, number("100000000000000")), Arith("*", LEVEL, number("-100000000000000"))
    )
    assert answer(node, facts) is None
    far = Compare("<", Arith("*", COUNT, Literal(10**14, INTEGER)), Literal(10**26, INTEGER))
    assert answer(far, facts) is True


def test_factors_that_could_overflow_are_refused_before_anything_runs() -> None:
    steep = Compare("<", Arith("*", LEVEL, number("10000000000000000")), number("1"))
    with pytest.raises(ExpressionError) as refused:
        columns.boolean_sql(steep)
    assert refused.value.defect.code == "TRV120"
    with pytest.raises(ExpressionError, match="digits before the point"):
        columns.boolean_sql(Compare("<", Arith("*", number("1"), number("1E+18")), number("1")))
    with pytest.raises(ExpressionError, match="digits before the point"):
        columns.boolean_sql(Compare("<", LEVEL, Literal(10**30, QUANTITY)))


def test_a_cell_that_is_no_fact_stops_arithmetic_rather_than_wrapping() -> None:
    scaled = columns.boolean_sql(Compare("<", Arith("*", LEVEL, number("2")), number("1")))
    too_large = exp.cast(exp.Literal.string("1" + "0" * 20), "DECIMAL(38,9)")
    flag = exp.alias_(exp.false(), "level__low_open"), exp.alias_(exp.false(), "level__high_open")
    bounds = exp.alias_(too_large, "level__low"), exp.alias_(too_large, "level__high")
    query = exp.select(scaled).from_(exp.select(*bounds, *flag).subquery("facts"))
    with pytest.raises(duckdb.ConversionException):
        duckdb.execute(query.sql("duckdb")).fetchall()


def test_unknown_is_one_spelling_in_each_kind() -> None:
    assert columns.encode_value(BOOLEAN, UNKNOWN) == [None]
    assert columns.encode_value(CHOICE, frozenset(CHOICE.choices)) == [True, True]
    assert columns.encode_value(QUANTITY, EVERYTHING) == [None, None, False, False]


def test_values_are_encoded_in_the_order_of_their_columns() -> None:
    assert [name for name, _ in columns.fact_columns("level", QUANTITY)] == [
        "level__low", "level__high", "level__low_open", "level__high_open",
    ]  # fmt: skip
    assert {kind for _, kind in columns.fact_columns("day", DATE)} == {"BIGINT", "BOOLEAN"}
    assert columns.encode_value(BOOLEAN, TRUE) == [True]
    assert columns.encode_value(BOOLEAN, FALSE) == [False]
    assert columns.encode_value(CHOICE, frozenset(("negative",))) == [False, True]
    assert columns.encode_value(QUANTITY, Interval(Decimal("1.5"), None, True)) == [
        Decimal("1.5"),
        None,
        True,
        False,
    ]
    assert columns.encode_value(DATE, Interval(738_000, 738_030)) == [738_000, 738_030, False, False]


def test_a_value_keeps_all_its_digits_whatever_the_decimal_context() -> None:
    long = Decimal("12345678901.123456789")
    with localcontext() as context:
        context.prec = 5
        assert columns.encode_value(QUANTITY, Interval(long, long))[0] == long


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (QUANTITY, Interval(Decimal("0.0000000001"), None)),
        (QUANTITY, Interval(Fraction(1, 3), None)),
        (QUANTITY, Interval(None, Decimal(10) ** 11)),
        (INTEGER, Interval(Decimal("0.5"), None)),
        (CHOICE, frozenset(("perhaps",))),
        (CHOICE, frozenset()),
        (BOOLEAN, EVERYTHING),
        (QUANTITY, TRUE),
    ],
)
def test_a_value_that_would_be_rounded_or_misread_is_refused(kind: Type, value: Value) -> None:
    with pytest.raises(ValueError, match=r"."):
        columns.encode_value(kind, value)


def test_the_column_of_a_choice_is_safe_and_readable() -> None:
    assert columns.may_column("test", "low_titre") == "test__may_low__titre"
    assert columns.may_column("test", "not done") == "test__may_not_20_done"


@given(st.lists(st.text(max_size=6), min_size=2, max_size=2, unique=True))
def test_two_choices_never_share_a_column_even_regardless_of_case(choices: Sequence[str]) -> None:
    one, other = (columns.may_column("f", choice) for choice in choices)
    assert one.casefold() != other.casefold()
    assert one.isascii()
    assert one.isidentifier()


def test_a_criterion_is_a_column_of_its_own_name() -> None:
    criteria: dict[str, Node] = {"first": FLAG, "second": Not(CriterionRef("first"))}
    query = columns.select_criteria(criteria, "facts", keep=["id"])
    assert query.named_selects == ["id", "first", "second"]
    source = "CREATE TEMP TABLE facts AS SELECT 1 AS id, TRUE AS flag UNION ALL SELECT 2, NULL"
    with duckdb.connect() as connection:
        connection.execute(source)
        rows = connection.execute(query.sql("duckdb")).fetchall()
    assert sorted(rows) == [(1, True, False), (2, None, None)]


def test_criteria_that_do_not_rest_on_one_another_share_a_layer() -> None:
    criteria: dict[str, Node] = {"a": FLAG, "b": Not(FLAG), "c": Or((CriterionRef("a"), CriterionRef("b")))}
    query = columns.select_criteria(criteria, "facts")
    assert len(query.ctes) == 2


def test_no_criteria_are_no_columns() -> None:
    assert columns.select_criteria({}, "facts", keep=["id"]).sql("duckdb") == 'SELECT "id" FROM facts'


def test_a_criterion_named_before_it_is_defined_is_refused() -> None:
    with pytest.raises(KeyError):
        columns.select_criteria({"a": CriterionRef("b"), "b": FLAG}, "facts")


@pytest.mark.parametrize(
    "node",
    [
        FactRef("flag"),
        LEVEL,
        And((LEVEL, FLAG)),
        Compare("<", FLAG, LEVEL),
        Compare("<", Arith("*", LEVEL, LEVEL), number("1")),
    ],
)
def test_a_tree_that_is_not_typed_is_refused(node: Node) -> None:
    with pytest.raises(TypeError):
        columns.boolean_sql(node)


def test_an_unknown_guard_takes_neither_branch() -> None:
    # The resolver admits no such guard; should one come through, it may not be read as `else`.
    assert answer(Case(FLAG, Literal(True, BOOLEAN), Literal(False, BOOLEAN)), {}) is None


def test_a_missing_choice_is_unknown_rather_than_another_choice() -> None:
    # A join may leave NULL where `encode_value` never does.
    sql = columns.boolean_sql(Compare("=", TEST, Literal("positive", CHOICE)))
    nulls = [
        exp.alias_(exp.cast(exp.null(), "BOOLEAN"), name) for name, _ in columns.fact_columns("test", CHOICE)
    ]
    query = exp.select(sql).from_(exp.select(*nulls).subquery("facts"))
    assert duckdb.execute(query.sql("duckdb")).fetchone() == (None,)


def test_is_true_of_unknown_is_false() -> None:
    assert answer(IsTrue(FLAG), {}) is False


def test_dates_and_counts_are_shifted_as_whole_numbers() -> None:
    later = Compare("<", Arith("+", DAY, Literal(14, INTEGER)), Literal(738_030, DATE))
    assert answer(later, {"day": Interval(738_015, 738_015)}) is True
    assert answer(later, {"day": Interval(738_010, 738_016)}) is None


def test_spark_can_print_what_duckdb_runs() -> None:
    query = columns.select_criteria({"a": Compare("<", Arith("/", LEVEL, number("3")), number("1"))}, "facts")
    spark = query.sql("spark")
    assert "`level__high`" in spark
    assert "CAST('1.000000000' AS DECIMAL(38, 9))" in spark


def test_arithmetic_leaves_room_for_the_digits_that_spark_reserves() -> None:
    """Spark shortens the scale of a product or sum beyond 38 digits: w1 + w2 + 1, or max + 1."""
    node = Compare("<", Arith("*", LEVEL, number("100000000000000")), Arith("/", LEVEL, number("7")))
    for product in columns.boolean_sql(node).find_all(exp.Mul):
        widths = [int(side.to.expressions[0].name) for side in (product.this, product.expression)]
        assert sum(widths) + 1 <= 38


def test_a_lowered_constant_runs() -> None:
    assert run(columns.boolean_sql(Compare("<", number("-0.1"), number("0")))) is True
