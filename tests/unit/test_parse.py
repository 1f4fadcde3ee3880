"""The grammar: one meaning, one spelling; CQL's precedence; errors with their place."""

from __future__ import annotations

import pytest

from trivium.core.errors import ExpressionError
from trivium.core.spans import Span
from trivium.logic.parse import parse
from trivium.logic.text import to_text


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("a and b and c", "a and b and c"),
        ("a or b and c", "a or (b and c)"),
        ("a implies b or c", "a implies (b or c)"),
        ("a implies b implies c", "(a implies b) implies c"),
        ("not a and b", "(not a) and b"),
        ("not a is true", "not (a is true)"),
        ("not a < b", "(not a) < b"),
        ("a < b is null", "a < (not (b is not null))"),
        ("a = b and c", "(a = b) and c"),
        ("a != 'x'", "not (a = 'x')"),
        ("a between 1 and 2 and b", "((a >= 1) and (a <= 2)) and b"),
        ("a is not null", "a is not null"),
        ("a is null", "not (a is not null)"),
        ("a is false", "(not a) is true"),
        ("a is not true", "not (a is true)"),
        ("a is not false", "not ((not a) is true)"),
        ("a + b * 2 - 1 > 0", "((a + (b * 2)) - 1) > 0"),
        ("-a > -3", "(a * -1) > -3"),
        ("a >= @2024-02-29", "a >= @2024-02-29"),
        ("a < 0.5 '10*3/uL'", "a < 0.5 '10*3/uL'"),
        ("if a is true then b else c and d", "if (a is true) then b else (c and d)"),
        ("notable and organic", "notable and organic"),
        ("a // a comment\n and b", "a and b"),
    ],
)
def test_what_an_expression_means(written: str, means: str) -> None:
    tree = parse(written)
    assert parse(means) == tree
    assert parse(to_text(tree)) == tree


@pytest.mark.parametrize(
    ("written", "column", "says"),
    [
        ("a and and b", 7, "cannot read 'and'"),
        ("a and", 1, "ends too early"),
        ("", 1, "empty"),
        ("a in (1)", 3, "0001"),
        ("a == b", 4, "`=`"),
        ("A and b", 1, "lower case"),
        ('a < 3 "mg"', 7, "single quotes"),
        ("d > @2023-02-29", 5, "no such date"),
        ("a is known", 6, "is not null"),
        ("(" * 101 + "a" + ")" * 101, 1, "deeper"),
        ("a or " * 5000 + "a", 1, "longer"),
        ("a) or b", 2, "cannot read"),
    ],
)
def test_errors_say_where_and_what_to_do(written: str, column: int, says: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(written, Span("rules.yaml", 7, 11))
    defect = caught.value.defect
    assert defect.span == Span("rules.yaml", 7, 10 + column)
    assert says in str(defect)
    assert defect.hint


def test_a_long_flat_expression_is_fine() -> None:
    text = " or ".join(f"a{number}" for number in range(400))
    assert to_text(parse(text)) == text
