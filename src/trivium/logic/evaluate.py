"""Reading one: the value of an expression for one patient, with the trace of how it came about.

A typed tree and the possible values of the facts → `Trace`. Each tree is turned once into a chain of
small functions (the dispatcher), which build the trace; the operators (`core.truth`, `core.values`) know
nothing of it. It must not know where facts come from. Every other reading is held against this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from typing import TypeVar, assert_never

from trivium.core import truth, values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Choices, Interval, Value
from trivium.logic.nodes import (
    And,
    Arith,
    Case,
    Compare,
    Comparison,
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

    __slots__ = ("_children", "node", "value")

    def __init__(self, node: Node, value: Value, children: tuple[Trace, ...] = ()) -> None:
        self.node = node
        self.value = value
        self._children = children

    @property
    def children(self) -> tuple[Trace, ...]:
        """Those of the node's children, left to right; of a `Case`, its guard's and its taken branch's."""
        return self._children

    @property
    def truth(self) -> Truth:
        """The value of a boolean node; TypeError for any other."""
        value = self.value
        return value if isinstance(value, Truth) else truth_of(value)


Facts = Mapping[str, Value]
Criteria = Mapping[str, Trace]
Run = Callable[[Facts, Criteria], Trace]
Source = TypeVar("Source")
Compiled = TypeVar("Compiled")


def by_identity(most: int = 50_000) -> Callable[[Callable[[Source], Compiled]], Callable[[Source], Compiled]]:
    """For a function that compiles something: each object is compiled once, and looked up by identity.

    All is forgotten when there are `most`, so that content that is loaded again and again does not pile up.
    """

    def decorate(compiling: Callable[[Source], Compiled]) -> Callable[[Source], Compiled]:
        done: dict[int, tuple[Source, Compiled]] = {}  # the source is kept, lest its identity be used again

        @wraps(compiling)
        def compile_once(source: Source) -> Compiled:
            found = done.get(id(source))
            if found is None:
                compiled = compiling(source)
                if len(done) >= most:
                    done.clear()
                found = done[id(source)] = (source, compiled)
            return found[1]

        return compile_once

    return decorate


def evaluate(node: Node, facts: Facts, criteria: Criteria) -> Trace:
    """The value of `node`, traced.

    Shapes:  `facts` holds a value for every fact named, `criteria` the trace of every criterion named.
    Units:   each fact in its declared unit; literals were converted when the tree was resolved.
    Errors:  KeyError for a name that is not there: the resolver has made sure that none is missing.
    """
    return tracing(node)(facts, criteria)


@by_identity()
def tracing(node: Node) -> Run:
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
            return _comparison(node, tracing(node.left), tracing(node.right))
        case And() | Or():
            return _connective(node, tuple(tracing(child) for child in node.children))
        case Not():
            return _negation(node, tracing(node.child))
        case Implies():
            return _implication(node, tracing(node.left), tracing(node.right))
        case IsTrue():
            return _is_true(node, tracing(node.child))
        case IsKnown():
            return _is_known(node, tracing(node.child))
        case Arith():
            return _arithmetic(node, tracing(node.left), tracing(node.right))
        case Case():
            branches = tracing(node.then), tracing(node.otherwise)
            return _case(node, tracing(node.guard), *branches)
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
        return Trace(node, compared(op, one.value, other.value), (one, other))

    return run


def compared(op: Comparison, left: Value, right: Value) -> Truth:
    """Two numbers, or two choices, compared."""
    if isinstance(left, Interval) and isinstance(right, Interval):
        return values.compare(op, left, right)
    return values.compare_choices(_choices(left), _choices(right))


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
    choices = choices_of(node.child)

    def run(facts: Facts, criteria: Criteria) -> Trace:
        trace = child(facts, criteria)
        return Trace(node, truth.from_bool(values.is_known(trace.value, choices)), (trace,))

    return run


def choices_of(node: Node) -> int:
    """How many choices a fact has: what `is_known` has to know."""
    return len(node.type.choices) if isinstance(node, FactRef) and node.type is not None else 0


def _arithmetic(node: Arith, left: Run, right: Run) -> Run:
    apply = operation(node)

    def run(facts: Facts, criteria: Criteria) -> Trace:
        one, other = left(facts, criteria), right(facts, criteria)
        return Trace(node, apply(interval(one.value), interval(other.value)), (one, other))

    return run


def operation(node: Arith) -> Callable[[Interval, Interval], Interval]:
    """What `+ - * /` does to the possible values of both sides."""
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
        branch = (then if is_met(decided.value) else otherwise)(facts, criteria)
        return Trace(node, branch.value, (decided, branch))

    return run


def is_met(guard: Value) -> bool:
    """Whether a guard is true; TypeError for an unknown one."""
    if guard is UNKNOWN:
        raise TypeError("the resolver lets no guard be unknown")
    return guard is TRUE


def truth_of(value: Value) -> Truth:
    """A truth as one; TypeError for any other value."""
    if isinstance(value, Truth):
        return value
    raise TypeError("only a boolean expression has a truth")


def interval(value: Value) -> Interval:
    """A number as one; TypeError for any other value."""
    if isinstance(value, Interval):
        return value
    raise TypeError("not a number")


def _choices(value: Value) -> Choices:
    if isinstance(value, frozenset):
        return value
    raise TypeError("not a choice")
