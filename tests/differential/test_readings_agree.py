"""The readings answer alike on random trees and patients: tens of thousands by seed, some that shrink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from tests.differential.agreement import (
    Patient,
    Reading,
    differences,
    evaluated,
    queried,
    sample,
    solved,
)
from tests.property import strategies

from trivium.core.truth import Truth
from trivium.logic.nodes import (
    BOOLEAN,
    And,
    CriterionRef,
    FactRef,
    Node,
    Not,
    Or,
    children,
    criterion_names,
)

BATCHES, TREES, PATIENTS = 6, 40, 100
AT_LEAST = 20_000
shrinking = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
readings = pytest.mark.parametrize("reading", [queried, solved])


@readings
def test_a_reading_answers_as_evaluate_does_on_tens_of_thousands(
    reading: Reading, record_property: Callable[[str, object], None]
) -> None:
    compared = _compare(reading, range(BATCHES))
    record_property("comparisons", compared)
    assert compared >= AT_LEAST


@pytest.mark.slow
@readings
def test_a_reading_answers_as_evaluate_does_on_hundreds_of_thousands(reading: Reading) -> None:
    assert _compare(reading, range(BATCHES, 10 * BATCHES)) >= 10 * AT_LEAST


def _compare(reading: Reading, seeds: range) -> int:
    """How many answers were compared, all of them alike."""
    compared = 0
    for seed in seeds:
        criteria, patients = sample(seed, TREES, PATIENTS, depth=2 + seed % 3)
        assert differences(reading, criteria, patients) == []
        compared += len(criteria) * len(patients)
    return compared


@readings
def test_a_reading_answers_as_evaluate_does_on_deep_trees(reading: Reading) -> None:
    criteria, patients = sample(1_000, trees=6, patients=200, depth=5)
    assert differences(reading, criteria, patients) == []


@readings
def test_a_reading_answers_as_evaluate_does_where_numbers_are_known_to_go_wrong(reading: Reading) -> None:
    assert differences(reading, strategies.EDGES, strategies.edge_patients()) == []


@shrinking
@given(criteria=strategies.criteria(), patients=strategies.patients())
def test_duckdb_answers_as_evaluate_does(criteria: Mapping[str, Node], patients: Sequence[Patient]) -> None:
    assert differences(queried, criteria, patients) == []


@shrinking
@given(criteria=strategies.criteria(), patients=strategies.patients())
def test_z3_answers_as_evaluate_does(criteria: Mapping[str, Node], patients: Sequence[Patient]) -> None:
    assert differences(solved, criteria, patients) == []


@readings
def test_a_long_chain_of_criteria_is_neither_confused_nor_written_out(reading: Reading) -> None:
    one, other = FactRef("b_1", BOOLEAN), FactRef("b_2", BOOLEAN)
    criteria: dict[str, Node] = {"link_0": And((one, other))}
    for number in range(1, 40):
        before = CriterionRef(f"link_{number - 1}")
        criteria[f"link_{number}"] = Or((And((before, one)), Not(before)))
    _, patients = sample(0, trees=0, patients=9)
    assert differences(reading, criteria, patients) == []


def test_what_is_drawn_covers_every_node_and_every_answer() -> None:
    node_types: set[type[Node]] = set()
    answers: Counter[Truth] = Counter()
    telling = 0

    def walk(node: Node) -> None:
        node_types.add(type(node))
        for child in children(node):
            walk(child)

    for seed in range(BATCHES):
        criteria, patients = sample(seed, TREES, PATIENTS, depth=2 + seed % 3)
        for node in criteria.values():
            walk(node)
        rows = evaluated(criteria, patients)
        answers.update(answer for row in rows for answer in row)
        telling += sum(len(set(column)) > 1 for column in zip(*rows, strict=True))
        assert any(criterion_names(node) for node in criteria.values())
    assert node_types == set(Node.__args__)
    # Each answer often, and most criteria not the same for every patient: agreement is not trivial.
    assert min(answers[truth] for truth in Truth) > BATCHES * TREES * PATIENTS / 5
    assert telling > BATCHES * TREES / 2
