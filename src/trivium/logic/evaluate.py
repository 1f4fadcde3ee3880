"""Reading one: the value of an expression for one patient, with the trace of how it came about.

A typed tree and the possible values of the facts → `Trace`. The dispatcher builds the trace, the
operators (`core.truth`, `core.values`) know nothing of it. It must not know where facts come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import assert_never

from trivium.core import truth, values
from trivium.core.truth import TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Choices, Interval, Value
from trivium.logic.nodes import (
    And,
    Arith,
    Case,
    Compare,
    CriterionRef,
    FactRef,
    Implies,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    factor_of,
)


class Trace:
    """What a node came to, and from which children. Children of a criterion's name are its own trace."""

    __slots__ = ("children", "node", "value")

    def __init__(self, node: Node, value: Value, children: tuple[Trace, ...] = ()) -> None:
        self.node = node
        self.value = value
        self.children = children

    @property
    def truth(self) -> Truth:
        """The value of a boolean node; TypeError for any other."""
        if isinstance(self.value, Truth):
            return self.value
        raise TypeError("only a boolean expression has a truth")


def evaluate(node: Node, facts: Mapping[str, Value], criteria: Mapping[str, Trace]) -> Trace:
    """The value of `node`, traced.

    Shapes:  `facts` holds a value for every fact named, `criteria` the trace of every criterion named.
    Units:   each fact in its declared unit; literals were converted when the tree was resolved.
    Errors:  KeyError for a name that is not there: the resolver has made sure that none is missing.
    """
    match node:
        case FactRef():
            return Trace(node, facts[node.name])
        case CriterionRef():
            trace = criteria[node.name]
            return Trace(node, trace.value, (trace,))
        case Literal():
            return Trace(node, literal_value(node))
        case Compare():
            left, right = evaluate(node.left, facts, criteria), evaluate(node.right, facts, criteria)
            return Trace(node, _compare(node, left.value, right.value), (left, right))
        case And():
            parts = tuple(evaluate(child, facts, criteria) for child in node.children)
            return Trace(node, truth.all_of(part.truth for part in parts), parts)
        case Or():
            parts = tuple(evaluate(child, facts, criteria) for child in node.children)
            return Trace(node, truth.any_of(part.truth for part in parts), parts)
        case Not():
            child = evaluate(node.child, facts, criteria)
            return Trace(node, truth.negate(child.truth), (child,))
        case Implies():
            left, right = evaluate(node.left, facts, criteria), evaluate(node.right, facts, criteria)
            return Trace(node, truth.implies(left.truth, right.truth), (left, right))
        case IsTrue():
            child = evaluate(node.child, facts, criteria)
            return Trace(node, truth.from_bool(child.truth is TRUE), (child,))
        case IsKnown():
            child = evaluate(node.child, facts, criteria)
            return Trace(node, truth.from_bool(_is_known(node.child, child.value)), (child,))
        case Arith():
            left, right = evaluate(node.left, facts, criteria), evaluate(node.right, facts, criteria)
            return Trace(node, _arithmetic(node, left.value, right.value), (left, right))
        case Case():
            guard = evaluate(node.guard, facts, criteria)
            branch = evaluate(_branch(node, guard.truth), facts, criteria)
            return Trace(node, branch.value, (guard, branch))
        case _:
            assert_never(node)


def literal_value(node: Literal) -> Value:
    """The value that a literal stands for: always a single one."""
    if isinstance(node.value, bool):
        return truth.from_bool(node.value)
    if isinstance(node.value, str):
        return frozenset((node.value,))
    return Interval(node.value, node.value)


def unknown_value(node: FactRef) -> Value:
    """The value of a fact of which nothing is known."""
    if node.type is None:
        raise TypeError(f"{node.name} has not been resolved")
    if node.type.kind == "boolean":
        return UNKNOWN
    if node.type.kind == "choice":
        return frozenset(node.type.choices)
    return EVERYTHING


def _compare(node: Compare, left: Value, right: Value) -> Truth:
    if isinstance(left, Interval) and isinstance(right, Interval):
        return values.compare(node.op, left, right)
    return values.compare_choices(_choices(left), _choices(right))


def _arithmetic(node: Arith, left: Value, right: Value) -> Interval:
    one, other = _interval(left), _interval(right)
    if node.op == "+":
        return values.add(one, other)
    if node.op == "-":
        return values.subtract(one, other)
    if not isinstance(node.right, Literal):
        raise TypeError("the resolver lets only literals multiply or divide")
    factor = factor_of(node.right)
    if node.op == "*":
        return values.scale(one, factor)
    return values.scale(one, Fraction(1) / factor) if factor else EVERYTHING  # x / 0 is unknown


def _branch(node: Case, guard: Truth) -> Node:
    if guard is UNKNOWN:
        raise TypeError("the resolver lets no guard be unknown")
    return node.then if guard is TRUE else node.otherwise


def _is_known(node: Node, value: Value) -> bool:
    choices = len(node.type.choices) if isinstance(node, FactRef) and node.type is not None else 0
    return values.is_known(value, choices)


def _interval(value: Value) -> Interval:
    if isinstance(value, Interval):
        return value
    raise TypeError("not a number")


def _choices(value: Value) -> Choices:
    if isinstance(value, frozenset):
        return value
    raise TypeError("not a choice")
