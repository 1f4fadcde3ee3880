"""The reading for Z3 by itself: symbols, witnesses, and what counts as proved."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from tests.property import strategies

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, Value
from trivium.logic import proof
from trivium.logic.nodes import (
    BOOLEAN,
    INTEGER,
    And,
    Arith,
    Compare,
    CriterionRef,
    FactRef,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    Type,
)
from trivium.logic.proof import Pair, Proved, Refuted, Undecided, Vacuous

QUANTITY = Type("quantity", "1")
CHOICE = Type("choice", choices=("positive", "negative"))
KINDS: dict[str, Type] = {"flag": BOOLEAN, "level": QUANTITY, "count": INTEGER, "test": CHOICE}
FLAG, LEVEL, COUNT, TEST = (FactRef(name, kind) for name, kind in KINDS.items())
FACTS = {name: proof.fact_symbols(name, kind) for name, kind in KINDS.items()}


def pair(node: Node) -> Pair:
    encoded = proof.encode(node, FACTS, {})
    assert isinstance(encoded, Pair)
    return encoded


def number(text: str) -> Literal:
    return Literal(Decimal(text), QUANTITY)


def test_what_is_above_two_is_above_one() -> None:
    two, one = pair(Compare(">", LEVEL, number("2"))), pair(Compare(">", LEVEL, number("1")))
    assert proof.check(z3.Implies(two.true, one.true), [], FACTS) == Proved()


def test_what_is_above_one_need_not_be_above_two_and_a_patient_shows_it() -> None:
    two, one = pair(Compare(">", LEVEL, number("2"))), pair(Compare(">", LEVEL, number("1")))
    verdict = proof.check(z3.Implies(one.true, two.true), [], FACTS)
    assert isinstance(verdict, Refuted)
    level = verdict.witness["level"]
    assert isinstance(level, Interval)
    assert level.low is not None
    assert 1 <= level.low <= 2
    assert set(verdict.witness) == set(FACTS)


def test_x_or_not_x_is_not_proved_because_x_may_be_unknown() -> None:
    verdict = proof.check(pair(Or((FLAG, Not(FLAG)))).true, [], {"flag": FACTS["flag"]})
    assert verdict == Refuted({"flag": UNKNOWN})


def test_no_expression_is_true_and_false_at_once() -> None:
    node = And((Compare("=", LEVEL, number("1")), Not(Compare("<", Arith("*", LEVEL, number("-2")), LEVEL))))
    both = pair(node)
    assert proof.check(z3.Not(z3.And(both.true, both.false)), [], FACTS) == Proved()


def test_axioms_that_no_patient_fulfils_prove_nothing() -> None:
    level = pair(Compare(">", LEVEL, number("2"))), pair(Compare("<", LEVEL, number("1")))
    assert proof.check(z3.BoolVal(True), [level[0].true, level[1].true], FACTS) == Vacuous()


def test_a_solver_that_gives_up_has_proved_nothing() -> None:
    x, y, z = z3.Ints("x y z")
    cubes = x * x * x + y * y * y + z * z * z != 114
    verdict = proof.check(cubes, [], {}, timeout_ms=50)
    assert isinstance(verdict, Undecided)
    assert verdict.reason


def test_a_criterion_stands_for_what_it_came_to() -> None:
    criteria = {"low": pair(Compare("<", LEVEL, number("0.5")))}
    node = IsTrue(CriterionRef("low"))
    encoded = proof.encode(node, FACTS, criteria)
    assert isinstance(encoded, Pair)
    assert proof.check(encoded.true == criteria["low"].true, [], FACTS) == Proved()


def test_decimals_are_exact() -> None:
    node = Compare("=", Arith("+", LEVEL, number("0.2")), number("0.3"))
    tenth = Interval(Decimal("0.1"), Decimal("0.1"))
    assert proof.check(pair(node).true, proof.fix(FACTS["level"], tenth), FACTS) == Proved()


def test_a_third_times_three_is_the_whole() -> None:
    node = Compare("=", Arith("*", Arith("/", LEVEL, number("3")), number("3")), LEVEL)
    point = IsKnown(LEVEL)
    given_point = [pair(point).true, pair(Compare("=", LEVEL, LEVEL)).true]
    assert proof.check(pair(node).true, given_point, FACTS) == Proved()


def test_anything_over_zero_is_unknown() -> None:
    over_zero = Arith("/", LEVEL, number("0"))
    assert proof.check(pair(IsKnown(over_zero)).false, [], FACTS) == Proved()
    compared = pair(Compare(">", over_zero, number("5")))
    assert proof.check(z3.Not(z3.Or(compared.true, compared.false)), [], FACTS) == Proved()


def test_whole_numbers_are_whole() -> None:
    between = pair(And((Compare(">", COUNT, Literal(1, INTEGER)), Compare("<", COUNT, Literal(2, INTEGER)))))
    point = pair(Compare("=", COUNT, COUNT)).true
    assert proof.check(z3.Not(z3.And(between.true, point)), [], FACTS) == Proved()
    real = pair(And((Compare(">", LEVEL, number("1")), Compare("<", LEVEL, number("2")))))
    known = pair(Compare("=", LEVEL, LEVEL)).true
    verdict = proof.check(z3.Not(z3.And(real.true, known)), [], FACTS)
    assert isinstance(verdict, Refuted)
    level = verdict.witness["level"]
    assert isinstance(level, Interval)
    assert isinstance(level.low, Fraction)
    assert 1 < level.low < 2


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(patients=strategies.patients(most=1))
def test_a_patient_comes_back_as_pinned(patients: list[Mapping[str, Value]]) -> None:
    (patient,) = patients
    symbols = {name: proof.fact_symbols(name, kind) for name, kind in strategies.FACTS.items()}
    pinned = [axiom for name, value in patient.items() for axiom in proof.fix(symbols[name], value)]
    verdict = proof.check(z3.BoolVal(False), pinned, symbols)
    assert verdict == Refuted(patient)


def test_what_is_not_well_formed_is_excluded() -> None:
    for name in ("level", "count"):
        symbols = FACTS[name]
        assert isinstance(symbols, proof.Bounds)
        present = [z3.Not(symbols.low_absent), z3.Not(symbols.high_absent)]
        assert proof.check(z3.BoolVal(True), [*present, symbols.low > symbols.high], FACTS) == Vacuous()
        touching = [*present, symbols.low == symbols.high, symbols.low_open]
        assert proof.check(z3.BoolVal(True), touching, FACTS) == Vacuous()
    flag, test = FACTS["flag"], FACTS["test"]
    assert isinstance(flag, Pair)
    assert isinstance(test, proof.Possible)
    assert proof.check(z3.BoolVal(True), [flag.true, flag.false], FACTS) == Vacuous()
    assert proof.check(z3.BoolVal(True), [z3.Not(may) for may in test.may.values()], FACTS) == Vacuous()


@pytest.mark.parametrize(("name", "value"), [("flag", EVERYTHING), ("level", TRUE), ("test", FALSE)])
def test_a_value_of_another_kind_is_refused(name: str, value: Value) -> None:
    with pytest.raises(TypeError):
        proof.fix(FACTS[name], value)


@pytest.mark.parametrize(
    "node",
    [And((LEVEL, FLAG)), Compare("<", FLAG, LEVEL), Compare("<", Arith("*", LEVEL, LEVEL), number("1"))],
)
def test_a_tree_that_is_not_typed_is_refused(node: Node) -> None:
    with pytest.raises(TypeError):
        proof.encode(node, FACTS, {})
