"""Reading two: why an expression came to its value, and what could still change it.

A trace → the children that decided it (`explain`), and the facts whose better knowledge could change
the answer (`open_facts`). Prose comes from labels only; nothing here evaluates anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Interval
from trivium.logic.evaluate import Trace
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
    Not,
    Or,
    Type,
)
from trivium.logic.text import to_text, value_words


@dataclass(frozen=True, slots=True)
class Labels:
    """What facts and criteria are called in prose, by id."""

    facts: Mapping[str, str]
    criteria: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Why:
    """One step of an explanation: words, its truth, the facts it rests on, and what decided it in turn."""

    text: str
    truth: Truth
    facts: tuple[str, ...] = ()
    criterion: str = ""
    because: tuple[Why, ...] = ()


def explain(trace: Trace, labels: Labels, deep: bool = True) -> tuple[Why, ...]:
    """The deciding steps of a boolean trace, in the order in which they were written.

    A false `and` is decided by its false parts, a true one by all; an unknown one by its unknown parts.
    A criterion brings along what decided it in turn, unless the explanation is not to be `deep`.
    """
    node = trace.node
    if isinstance(node, CriterionRef):
        text = _criterion_words(labels.criteria.get(node.name, node.name), trace.truth)
        because = explain(trace.children[0], labels) if deep else ()
        return (Why(text, trace.truth, (), node.name, because),)
    if isinstance(node, (FactRef, Compare, IsKnown, Literal)):
        return (Why(_leaf_words(trace, labels), trace.truth, tuple(_facts_in(trace))),)
    steps: list[Why] = []
    for child in deciding(trace):
        steps.extend(step for step in explain(child, labels, deep) if step not in steps)
    return tuple(steps)


def deciding(trace: Trace) -> tuple[Trace, ...]:
    """The children that made a boolean node what it is."""
    node, truth = trace.node, trace.truth
    if isinstance(node, And):
        return trace.children if truth is TRUE else _with(trace.children, truth)
    if isinstance(node, Or):
        return trace.children if truth is FALSE else _with(trace.children, truth)
    if isinstance(node, Implies):
        left, right = trace.children
        if truth is FALSE:
            return left, right
        if truth is UNKNOWN:
            return _with(trace.children, UNKNOWN)
        return tuple(c for c, needed in ((left, FALSE), (right, TRUE)) if c.truth is needed)
    if isinstance(node, (Not, IsTrue, CriterionRef)):
        return trace.children
    if isinstance(node, Case):
        return trace.children
    return ()


def _with(children: Iterable[Trace], truth: Truth) -> tuple[Trace, ...]:
    return tuple(child for child in children if child.truth is truth)


def open_facts(trace: Trace) -> dict[str, None]:
    """The facts whose better knowledge could change the answer, in the order in which they are named.

    Empty for a settled answer. Sound for the tree's own logic: a fact left out cannot change it.
    """
    node = trace.node
    if isinstance(node, CriterionRef):
        return open_facts(trace.children[0])
    if isinstance(node, FactRef):
        return {} if _is_settled(trace) else {node.name: None}
    if isinstance(node, Literal):
        return {}
    if isinstance(node, Compare):
        return {} if trace.truth is not UNKNOWN else _union(trace.children)
    if isinstance(node, IsKnown):
        return {} if trace.truth is TRUE else _union(trace.children)
    if isinstance(node, (And, Or)):
        decisive = FALSE if isinstance(node, And) else TRUE
        if trace.truth is decisive:
            return _all_or_nothing(_with(trace.children, decisive))
        return _union(trace.children)
    if isinstance(node, Implies) and trace.truth is TRUE:
        return _all_or_nothing(deciding(trace))
    return _union(trace.children)  # Not, IsTrue, Case, Arith, Implies


def awaited_facts(trace: Trace) -> dict[str, None]:
    """The facts whose knowledge could settle an unknown answer; empty for a known one.

    Narrower than `open_facts`: what a known part of the expression might still turn into is left out.
    """
    if trace.truth is not UNKNOWN:
        return {}
    if isinstance(trace.node, (FactRef, Compare)):
        return open_facts(trace)
    return {
        name: None
        for child in trace.children
        if child.value is UNKNOWN  # numbers are inside comparisons, which stand above
        for name in awaited_facts(child)
    }


def _union(children: Iterable[Trace]) -> dict[str, None]:
    found: dict[str, None] = {}
    for child in children:
        found.update(open_facts(child))
    return found


def _all_or_nothing(decisive: Iterable[Trace]) -> dict[str, None]:
    """One settled decisive child settles the whole; else every one of them would have to change."""
    found = [open_facts(child) for child in decisive]
    if not all(found):
        return {}
    return {name: None for names in found for name in names}


def _is_settled(trace: Trace) -> bool:
    value = trace.value
    if isinstance(value, Truth):
        return value is not UNKNOWN
    return value.is_point if isinstance(value, Interval) else len(value) == 1


def _facts_in(trace: Trace) -> dict[str, None]:
    if isinstance(trace.node, FactRef):
        return {trace.node.name: None}
    found: dict[str, None] = {}
    for child in trace.children:
        found.update(_facts_in(child))
    return found


def _criterion_words(label: str, truth: Truth) -> str:
    return f"{label}: {'yes' if truth is TRUE else 'no' if truth is FALSE else 'not known'}"


_OPERATORS = {
    "<": ("is below", "is not below", "may be below"),
    "<=": ("is at most", "is above", "may be at most"),
    ">": ("is above", "is not above", "may be above"),
    ">=": ("is at least", "is below", "may be at least"),
    "=": ("is", "is not", "may be"),
}


def _leaf_words(trace: Trace, labels: Labels) -> str:
    node = trace.node
    if isinstance(node, FactRef):
        kind = node.type or Type("boolean")
        return f"{labels.facts.get(node.name, node.name)}: {value_words(trace.value, kind)}"
    if isinstance(node, IsKnown):
        child = trace.children[0]
        name = _side_words(child, labels, with_value=False)
        return f"{name}: {'known' if trace.truth is TRUE else 'not known'}"
    if isinstance(node, Compare):
        left, right = trace.children
        words = _OPERATORS[node.op][(TRUE, FALSE, UNKNOWN).index(trace.truth)]
        return f"{_side_words(left, labels)} {words} {_side_words(right, labels)}"
    return to_text(node)


def _side_words(trace: Trace, labels: Labels, with_value: bool = True) -> str:
    node = trace.node
    if isinstance(node, FactRef):
        label = labels.facts.get(node.name, node.name)
        return f"{label} ({value_words(trace.value, node.type or Type('quantity'))})" if with_value else label
    if isinstance(node, CriterionRef):
        return labels.criteria.get(node.name, node.name)
    if isinstance(node, Literal):
        return value_words(trace.value, node.type)
    if isinstance(node, Arith):
        left, right = (_side_words(child, labels, with_value) for child in trace.children)
        return f"{left} {node.op} {right}"
    names = (labels.facts.get(name, name) for name in _facts_in(trace))
    return f"({to_text(node)}; {', '.join(names)})"
