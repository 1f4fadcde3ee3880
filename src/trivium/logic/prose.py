"""Reading of an expression as a sentence: what it asks, in the labels of the facts and criteria it names.

A node and labels → words, for people who review the content. Nothing is evaluated here. What belongs
together stands in round brackets wherever a mix of `and`, `or` and `not` could be misread.
"""

from __future__ import annotations

from typing import assert_never

from trivium.core.values import Interval, point
from trivium.logic.explain import Labels
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
)
from trivium.logic.text import value_words

_WORDS = {"<": "is below", "<=": "is at most", "=": "is", ">=": "is at least", ">": "is above"}
_DENIED = {
    "<": "is not below",
    "<=": "is not at most",
    "=": "is not",
    ">=": "is not at least",
    ">": "is not above",
}


def prose(node: Node, labels: Labels) -> str:
    """The expression in words: `Age is at least 18 a and (“Fever” or not “Cough”)`."""
    match node:
        case FactRef():
            return _name(labels.facts.get(node.name, node.name))
        case CriterionRef():
            return _name(labels.criteria.get(node.name, node.name))
        case Literal():
            return _literal(node)
        case And():
            return " and ".join(_inner(child, labels) for child in node.children)
        case Or():
            return " or ".join(_inner(child, labels) for child in node.children)
        case Not():
            return _denied(node.child, labels)
        case Implies():
            return f"if {_inner(node.left, labels)}, then {_inner(node.right, labels)}"
        case Compare():
            return f"{_inner(node.left, labels)} {_WORDS[node.op]} {_inner(node.right, labels)}"
        case Arith():
            return f"{_inner(node.left, labels)} {node.op} {_inner(node.right, labels)}"
        case IsKnown():
            return f"{_named(node.child, labels)} is known"
        case IsTrue():
            return f"{_named(node.child, labels)} is known to hold"
        case Case():
            guard, then, otherwise = (
                _inner(part, labels) for part in (node.guard, node.then, node.otherwise)
            )
            return f"if {guard}, then {then}, else {otherwise}"
        case _:
            assert_never(node)


def _denied(child: Node, labels: Labels) -> str:
    """The opposite, said where a reader expects it: `is not known` rather than `not (… is known)`."""
    match child:
        case IsKnown():
            return f"{_named(child.child, labels)} is not known"
        case IsTrue():
            return f"{_named(child.child, labels)} is not known to hold"
        case Compare():
            return f"{_inner(child.left, labels)} {_DENIED[child.op]} {_inner(child.right, labels)}"
        case _:
            return f"not {_inner(child, labels)}"


def _named(node: Node, labels: Labels) -> str:
    """In brackets unless it is one name: what follows says something of all of it."""
    text = prose(node, labels)
    return text if isinstance(node, (FactRef, CriterionRef)) else f"({text})"


def _inner(node: Node, labels: Labels) -> str:
    """In brackets unless it is one name or value, or a comparison, which no neighbour can pull apart."""
    text = prose(node, labels)
    is_alone = isinstance(node, (FactRef, CriterionRef, Literal)) or _is_one_clause(node)
    return text if is_alone else f"({text})"


def _is_one_clause(node: Node) -> bool:
    match node:
        case Compare():
            return all(isinstance(side, (FactRef, CriterionRef, Literal)) for side in (node.left, node.right))
        case IsKnown() | IsTrue():
            return isinstance(node.child, (FactRef, CriterionRef))
        case Not():
            return isinstance(node.child, (FactRef, CriterionRef)) or _is_one_clause(node.child)
        case _:
            return False


def _name(label: str) -> str:
    """In quotation marks: labels have commas, brackets, `and` and `or` of their own."""
    return f"“{label}”"


def _literal(node: Literal) -> str:
    value = node.value
    if isinstance(value, bool):
        return "always" if value else "never"
    if isinstance(value, str):
        return value.replace("_", " ")
    number: Interval = point(value)
    return value_words(number, node.type)
