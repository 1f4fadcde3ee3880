"""Every example of the real knowledge, in every reading: evaluated, as SQL in DuckDB, and as SMT in Z3."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from itertools import groupby
from typing import Any

import duckdb
import pytest
import z3

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth, from_bool
from trivium.knowledge.checks.expressions import known_values, names_behind, outcome
from trivium.knowledge.loader import load
from trivium.knowledge.models import Criterion, Example
from trivium.logic import columns, proof
from trivium.logic.nodes import BOOLEAN, CriterionRef, FactRef, Node

PATHWAY = load().pathway
CRITERIA = list(PATHWAY.criteria.values())
SYMBOLS = {name: proof.fact_symbols(name, spec.type) for name, spec in PATHWAY.facts.items()}


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.id)
def test_evaluate(criterion: Criterion) -> None:
    found = [outcome(PATHWAY, criterion, example) for example in criterion.examples]
    assert found == [example.then for example in criterion.examples]


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.id)
def test_columns(criterion: Criterion) -> None:
    for _, group in groupby(sorted(criterion.examples, key=_given_criteria), key=_given_criteria):
        examples = list(group)
        assert _by_sql(criterion, examples) == [example.then for example in examples]


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.id)
def test_proof(criterion: Criterion) -> None:
    assert [_by_smt(criterion, example) for example in criterion.examples] == [
        example.then for example in criterion.examples
    ]


def _given_criteria(example: Example) -> list[str]:
    return sorted(name for name in example.given if name in PATHWAY.criteria)


def _behind(criterion: Criterion, given: Collection[str]) -> dict[str, Node]:
    """The criteria to work out, in order; those that are given have become facts."""
    wanted = {criterion.id, *names_behind(criterion.when, PATHWAY.criteria)} - set(given)
    return {name: _as_facts(other.when, given) for name, other in PATHWAY.criteria.items() if name in wanted}


def _as_facts(node: Node, names: Collection[str]) -> Node:
    if isinstance(node, CriterionRef) and node.name in names:
        return FactRef(node.name, BOOLEAN)
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            changed[field.name] = _as_facts(value, names)
        elif field.name == "children":
            changed[field.name] = tuple(_as_facts(child, names) for child in value)
    return dataclasses.replace(node, **changed) if changed else node


def _by_sql(criterion: Criterion, examples: list[Example]) -> list[Truth]:
    given = _given_criteria(examples[0])
    looked_at = names_behind(criterion.when, PATHWAY.criteria)
    types = {name: spec.type for name, spec in PATHWAY.facts.items() if name in looked_at}
    types |= dict.fromkeys(given, BOOLEAN)
    declared = [column for name, kind in types.items() for column in columns.fact_columns(name, kind)]
    rows = []
    for number, example in enumerate(examples):
        values = known_values(PATHWAY, example.given) | {name: example.given[name] for name in given}
        cells = [cell for name, kind in types.items() for cell in columns.encode_value(kind, values[name])]
        rows.append([number, *cells])
    query = columns.select_criteria(_behind(criterion, given), "facts", keep=["patient"])
    with duckdb.connect() as connection:
        names = ", ".join(f'"{name}" {kind}' for name, kind in [("patient", "INTEGER"), *declared])
        connection.execute(f"CREATE TABLE facts ({names})")
        connection.executemany(f"INSERT INTO facts VALUES ({', '.join('?' * (len(declared) + 1))})", rows)
        sql = f'SELECT "{criterion.id}" FROM ({query.sql("duckdb")}) ORDER BY patient'
        return [from_bool(row[0]) for row in connection.execute(sql).fetchall()]


def _by_smt(criterion: Criterion, example: Example) -> Truth:
    pairs: dict[str, proof.Pair] = {}
    given = _given_criteria(example)
    for name in given:
        truth = example.given[name]
        pairs[name] = proof.Pair(z3.BoolVal(truth is TRUE), z3.BoolVal(truth is FALSE))
    for name, node in _behind(criterion, ()).items():
        if name not in pairs:
            encoded = proof.encode(node, SYMBOLS, pairs)
            assert isinstance(encoded, proof.Pair)
            pairs[name] = encoded
    constants = [
        pair
        for name, value in known_values(PATHWAY, example.given).items()
        for pair in proof.assignment(SYMBOLS[name], value)
    ]
    true, false = (
        z3.is_true(z3.simplify(z3.substitute(side, *constants)))
        for side in (pairs[criterion.id].true, pairs[criterion.id].false)
    )
    assert not (true and false)
    return TRUE if true else FALSE if false else UNKNOWN
