"""A threshold of a criterion has no example at the boundary, or none just on the other side of it.

Most mistakes in thresholds are `>` for `>=` and a slipped digit. For each comparison with a number there
is one example exactly at it, and one close by (within a tenth, or 1 for whole numbers and dates) for
which the comparison comes out the other way.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from trivium.core.errors import Defect
from trivium.core.truth import TRUE, UNKNOWN
from trivium.core.values import Interval, Number, compare, point
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.expressions import known_values, walk
from trivium.knowledge.models import Criterion, Pathway
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.nodes import Compare, Literal, Node, criterion_names, fact_names

CODE, NAME, WHOLE = "TRV230", "missing-boundary-example", True


def check(draft: Draft) -> Iterator[Defect]:
    pathway = draft.pathway
    for criterion in pathway.criteria.values():
        seen = set()
        for node in walk(criterion.when):
            found = _threshold(node)
            if found is None or (found[0], found[1], found[2]) in seen:
                continue
            seen.add((found[0], found[1], found[2]))
            missing = _missing(pathway, criterion, *found)
            if missing:
                yield Defect(CODE, f"{criterion.id} has no example {missing}", node.span)


def _threshold(node: Node) -> tuple[str, Node, Number] | None:
    """`expression op number`, or None when the node is not a comparison with a number."""
    if not isinstance(node, Compare) or criterion_names(node):
        return None
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
    for op, side, other in ((node.op, node.left, node.right), (turned[node.op], node.right, node.left)):
        if isinstance(other, Literal) and not isinstance(other.value, (bool, str)) and fact_names(side):
            return op, side, other.value
    return None


def _missing(pathway: Pathway, criterion: Criterion, op: str, side: Node, threshold: Number) -> str:
    tested = [
        value.low
        for example in criterion.examples
        if isinstance(value := _value(pathway, example.given, side), Interval)
        and value.is_point
        and value.low is not None
    ]
    if threshold not in tested:
        return f"exactly at {threshold}"
    at = compare(op, point(threshold), point(threshold))
    near = max(abs(Fraction(threshold)) / 10, Fraction(1 if isinstance(threshold, int) else 0))
    others = [number for number in tested if compare(op, point(number), point(threshold)) is not at]
    if any(abs(Fraction(number) - Fraction(threshold)) <= near or threshold == 0 for number in others):
        return ""
    return f"just {'beyond' if at is TRUE else 'across'} {threshold}, where the comparison turns"


def _value(pathway: Pathway, given: object, side: Node) -> object:
    values = known_values(pathway, given if isinstance(given, dict) else {})
    traces = {name: Trace(other.when, UNKNOWN) for name, other in pathway.criteria.items()}
    return evaluate(side, values, traces).value
