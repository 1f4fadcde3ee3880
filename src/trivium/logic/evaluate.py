"""Reading one: the value of an expression for one patient, with the trace of how it came about.

A typed tree and the possible values of the facts → `Trace`. Each tree is turned once into a chain of
small functions (the dispatcher), which build the trace; the operators (`core.truth`, `core.values`) know
nothing of it. It must not know where facts come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import assert_never

from trivium.core import truth, values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
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


Facts = Mapping[str, Value]
Criteria = Mapping[str, Trace]
Run = Callable[[Facts, Criteria], Trace]

# Trees that have been compiled, by identity; the tree is kept so that its identity is not used again.
_COMPILED: dict[int, tuple[Node, Run]] = {}
_MOST_COMPILED = 50_000


def evaluate(node: Node, facts: Facts, criteria: Criteria) -> Trace:
    """The value of `node`, traced.

    Shapes:  `facts` holds a value for every fact named, `criteria` the trace of every criterion named.
    Units:   each fact in its declared unit; literals were converted when the tree was resolved.
    Errors:  KeyError for a name that is not there: the resolver has made sure that none is missing.
    """
    found = _COMPILED.get(id(node))
    if found is None:
        if len(_COMPILED) >= _MOST_COMPILED:
            _COMPILED.clear()
        found = _COMPILED[id(node)] = (node, compile_node(node))
    return found[1](facts, criteria)


def compile_node(node: Node) -> Run:
    """The dispatcher: the function that evaluates this tree. All looking at types happens here, once."""
    match node:
        case FactRef():
            return _fact(node, node.name)
        case CriterionRef():
            return _criterion(node, node.name)
        case Literal():
            constant = Trace(node, literal_value(node))
            return lambda _facts, _criteria: constant
        case Compare():
            return _comparison(node, compile_node(node.left), compile_node(node.right))
        case And() | Or():
            return _connective(node, tuple(compile_node(child) for child in node.children))
        case Not():
            return _negation(node, compile_node(node.child))
        case Implies():
            return _implication(node, compile_node(node.left), compile_node(node.right))
        case IsTrue():
            return _is_true(node, compile_node(node.child))
        case IsKnown():
            return _is_known(node, compile_node(node.child))
        case Arith():
            return _arithmetic(node, compile_node(node.left), compile_node(node.right))
        case Case():
            branches = compile_node(node.then), compile_node(node.otherwise)
            return _case(node, compile_node(node.guard), *branches)
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


def _fact(node: FactRef, name: str) -> Run:
    return lambda facts, _criteria: Trace(node, facts[name])


def _criterion(node: CriterionRef, name: str) -> Run:
    def run(_facts: Facts, criteria: Criteria) -> Trace:
        trace = criteria[name]
        # Most criteria are named many times: one that is traced by its name already is taken as it is.
        return trace if trace.node.__class__ is CriterionRef else Trace(node, trace.value, (trace,))

    return run


def _comparison(node: Compare, left: Run, right: Run) -> Run:
    op = node.op

    def run(facts: Facts, criteria: Criteria) -> Trace:
        one, other = left(facts, criteria), right(facts, criteria)
        if isinstance(one.value, Interval) and isinstance(other.value, Interval):
            return Trace(node, values.compare(op, one.value, other.value), (one, other))
        return Trace(node, values.compare_choices(_choices(one.value), _choices(other.value)), (one, other))

    return run


def _connective(node: And | Or, children: tuple[Run, ...]) -> Run:
    is_and = isinstance(node, And)

    def run(facts: Facts, criteria: Criteria) -> Trace:
        parts = tuple([child(facts, criteria) for child in children])
        truths = [part.value for part in parts]
        # The resolver lets only truths stand here: asking each part again would cost a third of the time.
        found = truth.all_of(truths) if is_and else truth.any_of(truths)  # type: ignore[arg-type]
        return Trace(node, found, parts)

    return run


def _negation(node: Not, child: Run) -> Run:
    def run(facts: Facts, criteria: Criteria) -> Trace:
        trace = child(facts, criteria)
        return Trace(node, truth.negate(trace.truth), (trace,))

    return run


def _implication(node: Implies, left: Run, right: Run) -> Run:
    def run(facts: Facts, criteria: Criteria) -> Trace:
        one, other = left(facts, criteria), right(facts, criteria)
        return Trace(node, truth.implies(one.truth, other.truth), (one, other))

    return run


def _is_true(node: IsTrue, child: Run) -> Run:
    def run(facts: Facts, criteria: Criteria) -> Trace:
        trace = child(facts, criteria)
        return Trace(node, TRUE if trace.truth is TRUE else FALSE, (trace,))

    return run


def _is_known(node: IsKnown, child: Run) -> Run:
    inner = node.child
    choices = len(inner.type.choices) if isinstance(inner, FactRef) and inner.type is not None else 0

    def run(facts: Facts, criteria: Criteria) -> Trace:
        trace = child(facts, criteria)
        return Trace(node, truth.from_bool(values.is_known(trace.value, choices)), (trace,))

    return run


def _arithmetic(node: Arith, left: Run, right: Run) -> Run:
    apply = _operation(node)

    def run(facts: Facts, criteria: Criteria) -> Trace:
        one, other = left(facts, criteria), right(facts, criteria)
        return Trace(node, apply(_interval(one.value), _interval(other.value)), (one, other))

    return run


def _operation(node: Arith) -> Callable[[Interval, Interval], Interval]:
    if node.op == "+":
        return lambda one, other: values.add(one, other)
    if node.op == "-":
        return lambda one, other: values.subtract(one, other)
    if not isinstance(node.right, Literal):
        raise TypeError("the resolver lets only literals multiply or divide")
    factor = factor_of(node.right)
    if node.op == "/":
        if not factor:
            return lambda _one, _other: EVERYTHING  # x / 0 is unknown
        factor = Fraction(1) / factor
    return lambda one, _other: values.scale(one, factor)


def _case(node: Case, guard: Run, then: Run, otherwise: Run) -> Run:
    def run(facts: Facts, criteria: Criteria) -> Trace:
        decided = guard(facts, criteria)
        if decided.truth is UNKNOWN:
            raise TypeError("the resolver lets no guard be unknown")
        branch = (then if decided.truth is TRUE else otherwise)(facts, criteria)
        return Trace(node, branch.value, (decided, branch))

    return run


def _interval(value: Value) -> Interval:
    if isinstance(value, Interval):
        return value
    raise TypeError("not a number")


def _choices(value: Value) -> Choices:
    if isinstance(value, frozenset):
        return value
    raise TypeError("not a choice")
