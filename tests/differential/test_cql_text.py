"""What expressions look like in CQL, what is refused, and what is passed for a fact. Needs no engine."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from trivium.core.errors import ExpressionError
from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, Value, point
from trivium.exchange.cql_library import (
    Definition,
    Parameter,
    ParameterValue,
    cql_library,
    library_name,
    parameter_value,
    parameter_values,
    write_library,
)
from trivium.knowledge.loader import load
from trivium.logic.cql import to_cql
from trivium.logic.nodes import BOOLEAN, DATE, INTEGER, CriterionRef, FactRef, Literal, Node, Type
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve

ANTIBODY = Type("choice", choices=("positive", "negative", "not done"))
TYPES = {
    "ild": BOOLEAN,
    "antibody": ANTIBODY,
    "pao2": Type("quantity", "mm[Hg]"),
    "ferritin": Type("quantity", "ng/mL"),
    "age": INTEGER,
    "onset": DATE,
}


def written(text: str) -> str:
    return to_cql(resolve(parse(text), Scope(TYPES)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ild", '"ild"'),
        ("not ild and ild", '((not "ild") and "ild")'),
        ("ild implies ild or ild", '("ild" implies ("ild" or "ild"))'),
        ("ild is not true", '(not ("ild" is true))'),
        ("ild is null", '(not ("ild" is not null))'),
        ("antibody != 'not done'", "(not (\"antibody\" = 'not done'))"),
        ("ferritin > 500 'ng/mL'", '("ferritin" > 500.0)'),
        ("ferritin > 0.5 'ug/mL'", '("ferritin" > 500.0)'),
        ("age >= 18", '("age" >= 18)'),
        ("age > -1", '("age" > (-1))'),
        ("onset < @2021-01-01", '("onset" < @2021-01-01)'),
        ("if ild is true then age > 18 else false", '(if ("ild" is true) then ("age" > 18) else false)'),
        # Both sides times three: CQL's own division would round.
        ("pao2 / 3 < 0.1 'mm[Hg]'", '("pao2" < 0.3)'),
        ("pao2 / 3 < pao2 * 0.1", '(("pao2" * 10.0) < ("pao2" * 3.0))'),
        ("pao2 * -1 < 5 'mm[Hg]'", '(("pao2" * (-1.0)) < 5.0)'),
        ("pao2 / 0 > 5 'mm[Hg]'", "((null as Decimal) > 5.0)"),
        ("pao2 * 0 > 5 'mm[Hg]'", '(("pao2" * 0.0) > 5.0)'),
        ("age + 1 > 18", '((ToDecimal("age") + 1.0) > 18.0)'),
        (
            "onset + 14 'd' < @2021-01-01",
            '(((ToDecimal(difference in days between @0001-01-01 and "onset") + 1.0) + 14.0) < 737791.0)',
        ),
    ],
)
def test_what_an_expression_looks_like(text: str, expected: str) -> None:
    assert written(text) == expected


@pytest.mark.parametrize("text", ["pao2 < 40 'kPa'", "ferritin < 0.123456789 'ng/mL'"])
def test_a_threshold_with_a_ninth_digit_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        written(text)
    assert refused.value.defect.code == "TRV121"


def test_arithmetic_that_could_leave_the_decimals_is_refused() -> None:
    with pytest.raises(ExpressionError) as refused:
        written("pao2 * 10000000000 + pao2 > 0 'mm[Hg]'")
    assert refused.value.defect.code == "TRV121"


def test_names_and_texts_are_escaped() -> None:
    assert to_cql(CriterionRef('a"b\\c')) == '"a\\"b\\\\c"'
    node: Node = Literal("it's\n", ANTIBODY)
    assert to_cql(node) == "'it\\'s\\n'"


def test_what_is_not_boolean_or_not_resolved_is_refused() -> None:
    for node in (Literal(1, INTEGER), FactRef("ild"), FactRef("age", INTEGER)):
        with pytest.raises(TypeError):
            to_cql(node)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (BOOLEAN, TRUE, True),
        (BOOLEAN, FALSE, False),
        (BOOLEAN, UNKNOWN, None),
        (ANTIBODY, frozenset(("positive",)), "positive"),
        (ANTIBODY, frozenset(("positive", "negative")), None),
        (TYPES["pao2"], point(Decimal("-0.50")), "-0.50000000"),
        (TYPES["pao2"], point(Fraction(1, 4)), "0.25000000"),
        (TYPES["pao2"], EVERYTHING, None),
        (TYPES["pao2"], Interval(Decimal(1), None, True), None),
        (TYPES["pao2"], Interval(Decimal(1), Decimal(2)), None),
        (INTEGER, point(17), 17),
        (DATE, point(738_000), "2021-07-29"),
    ],
)
def test_what_is_passed_for_a_fact(kind: Type, value: Value, expected: ParameterValue) -> None:
    found = parameter_value(kind, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "number"),
    [(TYPES["pao2"], Decimal("0.000000001")), (INTEGER, 2**31), (INTEGER, Fraction(1, 2)), (DATE, 0)],
)
def test_a_number_that_cql_cannot_hold_is_never_rounded(kind: Type, number: Decimal) -> None:
    with pytest.raises(ValueError, match=r"digits after the point|whole number"):
        parameter_value(kind, point(number))


def test_a_fact_that_was_left_out_is_not_taken_for_unknown() -> None:
    with pytest.raises(KeyError):
        parameter_values({"ild": BOOLEAN}, {})


def test_a_comment_cannot_be_ended_and_a_name_cannot_stand_for_two_things() -> None:
    sly = Definition("x", FactRef("ild", BOOLEAN), (("label", "a */ define\nb"),))
    assert "@label: a * / define b\n*/" in write_library("L", "1", [Parameter("ild", BOOLEAN)], [sly])
    with pytest.raises(ValueError, match="x"):
        write_library("L", "1", [], [sly, sly])


def test_the_library_is_the_same_every_time_and_says_what_it_is() -> None:
    text = cql_library(load())
    assert text == cql_library(load())
    assert text.startswith(f"library {library_name(load().pathway.id)} version '{load().pathway.version}'\n")
    assert load().version in text
    assert "not clinically validated" in text
