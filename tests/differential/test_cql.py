"""The exported CQL means what Trivium means: two engines that are not ours answer as `evaluate` does.

cql-execution from npm runs everything; the reference engine that comes with the official translator, slow
but with exact decimals, runs a part and all that the other cannot. Where one of them is known to be wrong,
`cql_known_differences.yaml` says so, and `test_cql_known_differences.py` holds it to that.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from tests.differential.agreement import Criteria, Patient, evaluated
from tests.property import strategies
from tools.cql import engine

from trivium.commands.assess import Request, make_plans
from trivium.core.errors import ExpressionError
from trivium.core.truth import FALSE, TRUE, Truth, from_bool
from trivium.core.values import Interval, Number, Value, point
from trivium.exchange.cql_library import (
    Definition,
    Parameter,
    cql_library,
    parameter_values,
    pathway_definitions,
    write_library,
)
from trivium.knowledge.loader import load
from trivium.knowledge.models import Pathway
from trivium.logic.cql import DIGITS, INTEGERS, to_cql
from trivium.logic.evaluate import unknown_value
from trivium.logic.nodes import (
    Compare,
    CriterionRef,
    FactRef,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Type,
    children,
)

T = TypeVar("T")
Engine = Callable[..., engine.Answers]
DATA = Path(__file__).resolve().parents[1] / "data"
PUBLISHED = sorted(DATA.glob("patients/*.json")) + sorted(DATA.glob("forms/*.yaml"))
# Numbers on which doubles are exact and whatever trees make of them stays below 2^31: see `limits` in
# cql_known_differences.yaml. The reference engine gets all numbers.
GENTLE: frozenset[Number] = frozenset((0, 1, 2, 3, -1, -2, -3, 7, 10, *map(Decimal, ("0.5", "1.5", "-0.5"))))


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    if reason := engine.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def test_the_library_translates_and_has_everything_in_it(elm: Path) -> None:
    text = elm.with_suffix(".cql").read_text(encoding="utf-8")
    assert text == cql_library(load())
    assert text.count("\nparameter ") == len(pathway().facts)
    expected = [one.name for one in pathway_definitions(pathway())]
    assert list(engine.run(elm, []).names) == expected
    whole = pathway()
    parts = [
        *(one for item in whole.recommendations.values() for one in (*item.blocked_when, *item.cautions)),
        *(line for agent in whole.agents.values() for line in agent.lines),
        *(item for score in whole.scores.values() for item in score.items),
    ]
    owners = (whole.criteria, whole.recommendations, whole.agents, whole.alerts, whole.scores, whole.stages)
    assert len(expected) == len(parts) + sum(map(len, owners))


def test_random_patients_get_the_same_answers(elm: Path) -> None:
    compared = _same_on_pathway(engine.run, elm, random_patients(seed=1, count=500))
    assert compared > 100_000


def test_random_patients_get_the_same_answers_in_the_reference_engine(elm: Path) -> None:
    _same_on_pathway(engine.run_reference, elm, random_patients(seed=2, count=15))


@pytest.mark.slow
def test_thousands_of_random_patients_get_the_same_answers(elm: Path) -> None:
    assert _same_on_pathway(engine.run, elm, random_patients(seed=3, count=3_000)) > 600_000


@pytest.mark.slow
def test_a_hundred_random_patients_get_the_same_answers_in_the_reference_engine(elm: Path) -> None:
    _same_on_pathway(engine.run_reference, elm, random_patients(seed=4, count=100))


@pytest.mark.parametrize("ask", [engine.run, engine.run_reference])
def test_published_patients_get_the_same_answers(ask: Engine, elm: Path) -> None:
    plans = [plan for path in PUBLISHED for plan in make_plans(Request(path, as_of="2000-12-31"))]
    values = [{name: fact.value for name, fact in plan.facts.items()} for plan in plans]
    assert len(values) >= 7
    _same_on_pathway(ask, elm, [as_points(pathway_types(), one) for one in values])


@pytest.mark.parametrize(("ask", "gentle"), [(engine.run, True), (engine.run_reference, False)])
def test_random_trees_get_the_same_answers(ask: Engine, gentle: bool, tmp_path: Path) -> None:
    assert _same_on_trees(ask, gentle, range(1), tmp_path) >= 200 * 30


@pytest.mark.slow
@pytest.mark.parametrize(("ask", "gentle"), [(engine.run, True), (engine.run_reference, False)])
def test_thousands_of_random_trees_get_the_same_answers(ask: Engine, gentle: bool, tmp_path: Path) -> None:
    assert _same_on_trees(ask, gentle, range(10, 20), tmp_path) >= 10 * 200 * 30


@pytest.mark.parametrize("ask", [engine.run, engine.run_reference])
def test_decimals_that_are_only_compared_get_the_same_answers(ask: Engine, tmp_path: Path) -> None:
    # All decimals of the pool against one another, the largest excepted (`limits`, doubles).
    pool = [one for one in strategies.DECIMALS if _fits(one) and -(10**10) < one < 10**10]
    fact = FactRef("q_1", strategies.QUANTITY)
    criteria = {
        f"compare_{number}": Compare(op, fact, Literal(other, strategies.QUANTITY))
        for number, (op, other) in enumerate((op, other) for op in strategies.COMPARISONS for other in pool)
    }
    types = {"q_1": strategies.QUANTITY}
    assert differences(ask, criteria, types, [{"q_1": point(one)} for one in pool], tmp_path) == []


def test_what_is_drawn_for_the_pathway_decides_most_of_it() -> None:
    criteria = pathway_criteria()
    rows = evaluated(criteria, random_patients(seed=1, count=500))
    answers = {name: set(column) for name, column in zip(criteria, zip(*rows, strict=True), strict=True)}
    assert sum(len(seen) > 1 for seen in answers.values()) > 0.95 * len(criteria)
    # Of those that `is null` and `is true` leave three answers, nearly all give all three.
    open_ones = [name for name, node in criteria.items() if not _is_definite(node)]
    assert len(open_ones) > 0.5 * len(criteria)
    assert sum(len(answers[name]) > 2 for name in open_ones) > 0.95 * len(open_ones)


# What the tests above and the other files about CQL share.


@pytest.fixture(scope="module")
def elm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return engine.translate(cql_library(load()), tmp_path_factory.mktemp("cql"))


@cache
def pathway() -> Pathway:
    return load().pathway


@cache
def pathway_criteria() -> Criteria:
    return {one.name: one.node for one in pathway_definitions(pathway())}


@cache
def pathway_types() -> Mapping[str, Type]:
    return {name: spec.type for name, spec in pathway().facts.items()}


def differences(
    ask: Engine, criteria: Criteria, types: Mapping[str, Type], patients: Sequence[Patient], folder: Path
) -> list[str]:
    """As `agreement.differences`, for a library written and translated on the spot."""
    return compared(ask, engine.translate(tree_library(criteria, types), folder), criteria, types, patients)


def tree_library(criteria: Criteria, types: Mapping[str, Type]) -> str:
    parameters = [Parameter(name, kind) for name, kind in types.items()]
    return write_library(
        "Trees", "1", parameters, [Definition(name, node) for name, node in criteria.items()]
    )


def compared(
    ask: Engine, elm: Path, criteria: Criteria, types: Mapping[str, Type], patients: Sequence[Patient]
) -> list[str]:
    given = [parameter_values(types, patient) for patient in patients]
    answers = ask(elm, given)
    assert list(answers.names) == list(criteria)
    assert len(answers.rows) == len(patients)
    expected = evaluated(criteria, patients)
    return [
        f"{name}: evaluate says {right}, {ask.__name__} says {from_bool(other)}\n  {to_cql(node)}\n  {known}"
        for known, rights, others in zip(given, expected, answers.rows, strict=True)
        for (name, node), right, other in zip(criteria.items(), rights, others, strict=True)
        if right is not from_bool(other)
    ]


def _same_on_pathway(ask: Engine, elm: Path, patients: Sequence[Patient]) -> int:
    criteria = pathway_criteria()
    assert compared(ask, elm, criteria, pathway_types(), patients) == []
    return len(criteria) * len(patients)


def _same_on_trees(ask: Engine, gentle: bool, seeds: range, folder: Path) -> int:
    total = 0
    for seed in seeds:
        criteria, patients = trees_and_points(seed, trees=200, patients=30, depth=2 + seed % 2, gentle=gentle)
        assert differences(ask, criteria, strategies.FACTS, patients, folder) == []
        total += len(criteria) * len(patients)
    return total


def trees_and_points(
    seed: int, trees: int, patients: int, depth: int, gentle: bool
) -> tuple[Criteria, Sequence[Patient]]:
    """Random trees that CQL can hold, some naming one another, and patients of points and unknowns."""
    choice = random.Random(seed).choice

    def pick(options: Sequence[T]) -> T:
        # A list of days has none of them, and stays as it is.
        kept = [one for one in options if not gentle or not _is_number(one) or one in GENTLE]
        return choice(kept or options)

    criteria: dict[str, Node] = {}
    for _ in range(trees * 2):
        # In groups: cql-execution evaluates what is not true again wherever it is named.
        names = tuple(criteria)[len(criteria) - len(criteria) % 6 :]
        node = strategies.Trees(pick, names).boolean(depth)
        if len(criteria) < trees and _holds(node):
            criteria[f"tree_{len(criteria)}"] = node
    assert len(criteria) == trees
    pools = strategies.POOLS
    return criteria, [
        {name: _drawn(pick, kind, pools.get(kind.kind, [])) for name, kind in strategies.FACTS.items()}
        for _ in range(patients)
    ]


def random_patients(seed: int, count: int) -> Sequence[Patient]:
    """Patients of points and unknowns for the pathway, their numbers at its thresholds and beside them."""
    choice = random.Random(seed).choice
    thresholds: dict[str, set[Fraction]] = {}
    for node in pathway_criteria().values():
        _collect(node, thresholds)
    pools = {name: _beside(pathway_types()[name], found) for name, found in thresholds.items()}
    return [
        {name: _drawn(choice, kind, pools.get(name, [1, 2])) for name, kind in pathway_types().items()}
        for _ in range(count)
    ]


def as_points(types: Mapping[str, Type], values: Mapping[str, Value]) -> Patient:
    """What CQL can be told: a range becomes unknown, and a ninth digit is rounded away."""
    return {name: _as_point(types[name], value) for name, value in values.items()}


def _as_point(kind: Type, value: Value) -> Value:
    if isinstance(value, Interval) and value.low is not None and value.is_point:
        return point(round(Fraction(value.low), DIGITS)) if kind.kind == "quantity" else value
    if isinstance(value, Truth) or (isinstance(value, frozenset) and len(value) == 1):
        return value
    return unknown_value(FactRef("any", kind))


def _drawn(pick: strategies.Pick, kind: Type, pool: Sequence[Number]) -> Value:
    if pick([False, False, True]):
        return unknown_value(FactRef("any", kind))
    if kind.kind == "boolean":
        return pick([TRUE, FALSE])
    if kind.kind == "choice":
        return frozenset((pick(kind.choices),))
    # CQL's Integer ends at 2^31.
    held = [one for one in pool if _fits(one) and (kind.kind != "integer" or -INTEGERS < one < INTEGERS)]
    return point(pick(held))


def _collect(node: Node, found: dict[str, set[Fraction]]) -> None:
    if isinstance(node, Compare):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, FactRef) and isinstance(other, Literal) and not isinstance(other.value, str):
                found.setdefault(one.name, set()).add(Fraction(other.value))
    for child in children(node):
        _collect(child, found)


def _beside(kind: Type, thresholds: set[Fraction]) -> list[Number]:
    step = Fraction(1, 10**DIGITS) if kind.kind == "quantity" else Fraction(1)
    near = {one + sign * step for one in thresholds for sign in (-1, 0, 1)}
    return [int(one) if kind.kind == "integer" else one for one in sorted(near)]


def _is_definite(node: Node) -> bool:
    if isinstance(node, CriterionRef):
        return _is_definite(pathway_criteria()[node.name])
    if isinstance(node, (IsKnown, IsTrue, Literal)):
        return True
    if isinstance(node, (FactRef, Compare)):
        return False
    return all(_is_definite(child) for child in children(node))


def _is_number(option: object) -> bool:
    return isinstance(option, (int, Decimal)) and not isinstance(option, bool)


def _fits(number: Number) -> bool:
    return bool((Fraction(number) * 10**DIGITS).denominator == 1)


def _holds(node: Node) -> bool:
    try:
        return bool(to_cql(node))
    except ExpressionError as problem:
        assert problem.defect.code == "TRV121"
        return False
