"""Tests of the tests: each defect planted in the CQL reading is noticed by cql-execution's answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.differential.agreement import Criteria, Patient
from tests.differential.test_cql import as_points, compared, tree_library, trees_and_points
from tests.property import strategies
from tools.cql import engine

from trivium.logic import cql, nodes
from trivium.logic.cql import Lowered, Numbers
from trivium.logic.nodes import Node

_LOWER, _SCALED, _AT_ONE_FACTOR, _AS_DECIMAL = cql.lower, cql._scaled, cql._at_one_factor, cql._as_decimal
_ARITHMETIC, _COMPARE, _CASE, _SUM = cql._arithmetic, cql._compare, cql._case, cql._sum


def _instead(kind: type[Node], change: Callable[[Any], Lowered]) -> Callable[[Node], Lowered]:
    return lambda node: change(node) if isinstance(node, kind) else _LOWER(node)


def _worded(word: str) -> Callable[[Any], str]:
    return lambda node: cql._joined(word, node.children)


def _not_true(node: nodes.Not) -> str:
    return f"({cql.to_cql(node.child)} is not true)"


def _not_false(node: nodes.IsTrue) -> str:
    return f"({cql.to_cql(node.child)} is not false)"


def _unknown(node: nodes.IsKnown) -> str:
    return f"({cql._text(cql.lower(node.child))} is null)"


def _reversed(node: nodes.Implies) -> str:
    return cql._joined("implies", (node.right, node.left))


def _swapped(node: nodes.Case) -> Lowered:
    return _CASE(replace(node, then=node.otherwise, otherwise=node.then))


def _strict(node: nodes.Compare) -> str:
    return _COMPARE(replace(node, op="<") if node.op == "<=" else node)


def _mirrored(node: nodes.Compare) -> str:
    return _COMPARE(replace(node, left=node.right, right=node.left))


def _over_zero_is_zero(node: nodes.Arith) -> Numbers:
    found = _ARITHMETIC(node)
    return replace(found, text="0.0") if found.text.startswith("(null") else found


def _negative_is_positive(number: Numbers, factor: Fraction, at: Node) -> Numbers:
    return _SCALED(number, abs(factor), at)


def _zero_is_known(number: Numbers, factor: Fraction, at: Node) -> Numbers:
    return _SCALED(number, factor, at) if factor else Numbers("0.0", "Decimal", 0)


def _factors_forgotten(one: Numbers, other: Numbers, at: Node) -> tuple[Numbers, Numbers, Fraction]:
    _, _, factor = _AT_ONE_FACTOR(one, other, at)
    return replace(one, factor=Fraction(1)), replace(other, factor=Fraction(1)), factor


def _days_from_zero(number: Numbers, at: Node) -> Numbers:
    found = _AS_DECIMAL(number, at)
    return replace(found, text=found.text.replace(" + 1.0)", " + 0.0)"))


def _minus_is_plus(op: str, left: Numbers, right: Numbers, at: Node) -> Numbers:
    return _SUM("+", left, right, at)


DEFECTS: dict[str, tuple[str, Any]] = {
    "and is or": ("lower", _instead(nodes.And, _worded("or"))),
    "or is and": ("lower", _instead(nodes.Or, _worded("and"))),
    "or is xor": ("lower", _instead(nodes.Or, _worded("xor"))),
    "not is forgotten": ("lower", _instead(nodes.Not, lambda node: cql.to_cql(node.child))),
    "not of unknown is true": ("lower", _instead(nodes.Not, _not_true)),
    "implies is reversed": ("lower", _instead(nodes.Implies, _reversed)),
    "`is true` is its child": ("lower", _instead(nodes.IsTrue, lambda node: cql.to_cql(node.child))),
    "`is true` is `is not false`": ("lower", _instead(nodes.IsTrue, _not_false)),
    "known is unknown": ("lower", _instead(nodes.IsKnown, _unknown)),
    "an unknown comparison is false": ("_compare", lambda node: f"({_COMPARE(node)} is true)"),
    "<= is <": ("_compare", _strict),
    "sides are swapped": ("_compare", _mirrored),
    "the branches of if are swapped": ("_case", _swapped),
    "x/0 is zero": ("_arithmetic", _over_zero_is_zero),
    "minus is plus": ("_sum", _minus_is_plus),
    "a factor loses its sign": ("_scaled", _negative_is_positive),
    "zero times unknown is zero": ("_scaled", _zero_is_known),
    "factors are forgotten": ("_at_one_factor", _factors_forgotten),
    "the first day is day zero": ("_as_decimal", _days_from_zero),
}


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    if reason := engine.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="module")
def sample() -> tuple[Criteria, list[Patient]]:
    trees, patients = trees_and_points(seed=5, trees=100, patients=30, depth=2, gentle=True)
    day, integer = nodes.FactRef("d_1", nodes.DATE), nodes.FactRef("i_1", nodes.INTEGER)
    shifted = nodes.Arith("+", day, integer)
    extra = {"day_shifted": nodes.Compare("=", shifted, nodes.Literal(738_001, nodes.DATE))}
    # Of the edges those on which doubles are exact (cql_known_differences.yaml).
    edges = {name: node for name, node in strategies.EDGES.items() if name != "sum_at_boundary"}
    some = [as_points(strategies.FACTS, patient) for patient in strategies.edge_patients()[:60]]
    return {**edges, **extra, **trees}, [*some, *patients]


@pytest.fixture(scope="module")
def libraries(
    sample: tuple[Criteria, list[Patient]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The sample as each defect would write it, and as it is, all translated in one go."""
    criteria, _ = sample
    texts = {"none": tree_library(criteria, strategies.FACTS)}
    for number, defect in enumerate(DEFECTS.values()):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cql, *defect)
            texts[f"defect_{number}"] = tree_library(criteria, strategies.FACTS)
    translated = engine.translate_all(texts, tmp_path_factory.mktemp("mutants"))
    return dict(zip(("none", *DEFECTS), translated.values(), strict=True))


def test_without_a_defect_nothing_is_noticed(
    sample: tuple[Criteria, list[Patient]], libraries: dict[str, Path]
) -> None:
    assert compared(engine.run, libraries["none"], sample[0], strategies.FACTS, sample[1]) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_cql_reading_is_noticed(
    defect: str, sample: tuple[Criteria, list[Patient]], libraries: dict[str, Path]
) -> None:
    assert compared(engine.run, libraries[defect], sample[0], strategies.FACTS, sample[1])
