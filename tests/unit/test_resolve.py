"""What names, units and types mean; what is refused, and how it says so."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from trivium.core.errors import ExpressionError
from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import Interval, Value, exact, point
from trivium.logic.evaluate import evaluate
from trivium.logic.nodes import BOOLEAN, DATE, INTEGER, CriterionRef, Type
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve

SCOPE = Scope(
    {
        "ferritin": Type("quantity", "ng/mL"),
        "creatinine": Type("quantity", "mg/dL"),
        "pao2": Type("quantity", "mm[Hg]"),
        "temperature": Type("quantity", "Cel"),
        "ratio": Type("quantity", "1"),
        "age": INTEGER,
        "antibody": Type("choice", None, ("positive", "negative", "indeterminate")),
        "pregnant": BOOLEAN,
        "onset": DATE,
        "seen": DATE,
    },
    ("in_scope",),
    {"ferritin": {"pmol/L": Fraction(1000, 2247)}, "creatinine": {"umol/L": Fraction(10, 884)}},
)
FACTS: dict[str, Value] = {
    "ferritin": Interval(Decimal(1650), None, True),
    "creatinine": point(Decimal(2)),
    "pao2": point(exact(Fraction(40_000_000, 133_322))),
    "temperature": point(Decimal(38)),
    "ratio": point(Decimal(4)),
    "age": point(70),
    "antibody": frozenset(("positive",)),
    "pregnant": UNKNOWN,
    "onset": Interval(738000, 738010),
    "seen": point(738020),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ferritin > 1500 'ng/mL'", TRUE),
        ("ferritin > 1650 'ug/L'", TRUE),
        ("ferritin > 1651 'ug/L'", UNKNOWN),
        ("ferritin > 3707.55 'pmol/L'", TRUE),  # 1650 ng/mL by the fact's own factor
        ("ferritin > 3.70755 'nmol/L'", TRUE),
        ("creatinine >= 176.8 'umol/L'", TRUE),
        ("creatinine > 176.8 'umol/L'", FALSE),
        ("pao2 >= 40 'kPa'", TRUE),  # not a finite decimal in mm[Hg]: rounded as the record's value is
        ("pao2 > 40 'kPa'", FALSE),
        ("40 'kPa' = pao2", TRUE),
        ("temperature >= 100.4 '[degF]'", TRUE),
        ("temperature > 100.4 '[degF]'", FALSE),
        ("age between 70 and 71", TRUE),
        ("ratio / 3 * 3 = 4", TRUE),  # thirds stay exact
        ("2 * ratio = 8", TRUE),
        ("ratio / 0 > 1", UNKNOWN),
        ("-ratio < -3.9", TRUE),
        ("antibody != 'negative'", TRUE),
        ("pregnant = true", UNKNOWN),
        ("pregnant = (age > 3)", UNKNOWN),
        ("(age > 3) = (ratio > 3)", TRUE),
        ("(age > 3) = (ratio < 3)", FALSE),
        ("seen - onset >= 10 'd'", TRUE),
        ("seen - onset > 2 'wk'", UNKNOWN),
        ("onset + 3 'wk' > seen", TRUE),
        ("seen > @2021-08-01", TRUE),
        ("(if pregnant is true then 1 else 2) = 2", TRUE),
        ("if pregnant is null then age > 3 else false", TRUE),
    ],
)
def test_what_expressions_come_to(text: str, expected: object) -> None:
    assert evaluate(resolve(parse(text), SCOPE), FACTS, {}).value is expected


def test_a_name_of_a_criterion_is_a_criterion() -> None:
    assert resolve(parse("in_scope"), SCOPE) == CriterionRef("in_scope")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("ferritn > 2 'ng/mL'", "TRV110", "did you mean ferritin"),
        ("age", "TRV111", "not true or false"),
        ("not age < 18", "TRV111", "brackets"),
        ("age and pregnant", "TRV111", "expected true or false"),
        ("antibody > 'positive'", "TRV111", "no order"),
        ("antibody > 3", "TRV111", "cannot compare"),
        ("pregnant + 1 > 2", "TRV111", "expected a number"),
        ("ferritin > 3 'mg'", "TRV112", "ng/mL"),
        ("ferritin > 3 'furlong'", "TRV112", "furlong"),
        ("creatinine > 3 'nmol'", "TRV112", ""),
        ("age > ratio", "TRV112", "does not go with"),
        ("age >= 18 'a'", "TRV112", ""),
        ("seen > 12", "TRV112", ""),
        ("age >= 18.5", "TRV113", "whole number"),
        ("ratio > 0.1234567891", "TRV113", "9 digits"),
        ("ratio > 100000000000", "TRV113", "10^11"),
        ("onset + 1.5 'd' > seen", "TRV113", "whole number"),
        ("if pregnant then age > 3 else false", "TRV114", "is true"),
        ("antibody = 'postive'", "TRV115", "one of: positive"),
        ("ferritin > 1500", "TRV116", "ng/mL"),
        ("ratio * age > 3", "TRV117", "derived fact"),
        ("age / 2 > 3", "TRV117", "whole numbers"),
        ("seen * 2 > seen", "TRV117", ""),
        ("seen + onset > seen", "TRV117", ""),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_place(text: str, code: str, says: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        resolve(parse(text), SCOPE)
    assert caught.value.defect.code == code
    assert says in str(caught.value.defect)
    assert caught.value.defect.span is not None
    assert caught.value.exit_code == 2


def test_a_bare_number_is_in_the_facts_unit_only_where_it_may_be() -> None:
    lax = Scope(SCOPE.facts, SCOPE.criteria, SCOPE.conversions, bare_numbers=True)
    assert evaluate(resolve(parse("ferritin > 1500"), lax), FACTS, {}).value is TRUE
