"""The examples of every criterion notice when the criterion is written wrongly.

Each `and` becomes an `or` and the reverse, each part of them is left out once, and each comparison takes or
loses its border: at least one example must then come out otherwise. The engine is not tested here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from trivium.knowledge.checks.expressions import outcome
from trivium.knowledge.loader import load
from trivium.knowledge.models import Criterion
from trivium.logic.nodes import And, Compare, Node, Or
from trivium.logic.text import to_text

PATHWAY = load().pathway
BORDERS: Mapping[str, Any] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
Place = tuple[tuple[str, int | None], ...]  # fields to follow from the root, with the index within a tuple


def nodes(node: Node, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    """Every node of a tree and where it stands."""
    yield place, node
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield from nodes(value, (*place, (field.name, None)))
        elif field.name == "children":
            for index, child in enumerate(value):
                yield from nodes(child, (*place, (field.name, index)))


def replaced(node: Node, place: Place, other: Node) -> Node:
    """The tree with another node at that place."""
    if not place:
        return other
    (name, index), *rest = place
    value: Any = getattr(node, name)
    if index is None:
        value = replaced(value, tuple(rest), other)
    else:
        value = (*value[:index], replaced(value[index], tuple(rest), other), *value[index + 1 :])
    changed: dict[str, Any] = {name: value}
    return dataclasses.replace(node, **changed)


def mistakes(node: Node) -> Iterator[Node]:
    """The ways to write this one node wrongly."""
    if isinstance(node, (And, Or)):
        yield Or(node.children) if isinstance(node, And) else And(node.children)
        for left_out in range(len(node.children)):
            rest = node.children[:left_out] + node.children[left_out + 1 :]
            yield rest[0] if len(rest) == 1 else type(node)(rest)
    if isinstance(node, Compare) and node.op in BORDERS:
        yield dataclasses.replace(node, op=BORDERS[node.op])


def mutants(criterion: Criterion) -> Iterator[Criterion]:
    for place, node in nodes(criterion.when):
        for mistake in mistakes(node):
            yield dataclasses.replace(criterion, when=replaced(criterion.when, place, mistake))


def noticed(mutant: Criterion) -> bool:
    """Whether an example of the criterion comes out otherwise."""
    pathway = dataclasses.replace(PATHWAY, criteria={**PATHWAY.criteria, mutant.id: mutant})
    return any(outcome(pathway, mutant, example) is not example.then for example in mutant.examples)


@pytest.mark.parametrize("criterion", PATHWAY.criteria.values(), ids=lambda criterion: criterion.id)
def test_every_mistake_is_noticed(criterion: Criterion) -> None:
    assert [to_text(mutant.when) for mutant in mutants(criterion) if not noticed(mutant)] == []


def test_there_are_mistakes_to_notice() -> None:
    assert sum(1 for criterion in PATHWAY.criteria.values() for _ in mutants(criterion)) > 500


def test_a_criterion_with_one_example_is_seen_to_be_untested() -> None:
    criterion = next(each for each in PATHWAY.criteria.values() if isinstance(each.when, Or))
    poor = dataclasses.replace(criterion, examples=criterion.examples[:1])
    assert not all(noticed(mutant) for mutant in mutants(poor))
