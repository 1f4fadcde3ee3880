"""Reading one without its trace: what expressions come to for one patient, and what unknown ones wait for.

Hundreds of expressions are asked for every patient, and the traces of few are ever looked at. So values
are found first, by chains of small functions that build nothing; a trace is told by `logic.evaluate` when
somebody asks for it. That one is the reference: this reading is held against it by the tests on random
trees, and at run time by every trace that is told. Must not know where facts come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import assert_never

from trivium.core import truth, values
from trivium.core.errors import TriviumError
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Value
from trivium.logic.evaluate import (
    Facts,
    Trace,
    by_identity,
    choices_of,
    compared,
    evaluate,
    interval,
    is_met,
    literal_value,
    operation,
)
from trivium.logic.explain import open_facts
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
    children,
)
from trivium.logic.text import to_text

Names = tuple[str, ...]
Known = Mapping[str, Value]
Ask = Callable[[Known], Value]
Await = Callable[["Answers"], Names]


class Answers(Mapping[str, Trace]):
    """What the criteria come to for one patient, each traced when it is looked up; ready for more questions.

    Shapes:  `facts` holds a value for every fact named; `criteria` stand in an order in which each comes
             after those it names. Facts and criteria share one space of names.
    Errors:  KeyError for a name that is not there; ValueError for a fact and a criterion of one name.
    """

    __slots__ = ("_awaited", "_nodes", "_traces", "facts", "known")

    def __init__(self, facts: Facts, criteria: Mapping[str, Node]) -> None:
        self.facts = facts
        self._nodes = criteria
        self._traces: dict[str, Trace] = {}
        self._awaited: dict[str, Names] = {}
        self.known = known = dict(facts)
        for name, node in criteria.items():
            known[name] = asking(node)(known)
        if len(known) != len(facts) + len(criteria):
            raise ValueError(f"both a fact and a criterion: {', '.join(sorted({*facts} & {*criteria}))}")

    def __getitem__(self, criterion: str) -> Trace:
        """The trace of a criterion by its name; its child is the trace of its expression."""
        found = self._traces.get(criterion)
        if found is None:
            trace = self.trace(self._nodes[criterion])
            found = self._traces[criterion] = Trace(CriterionRef(criterion), trace.value, (trace,))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def truth(self, node: Node) -> Truth:
        """What a boolean expression comes to."""
        return asking(node)(self.known)  # type: ignore[return-value]

    def trace(self, node: Node) -> Trace:
        """What an expression comes to; its trace is told once the children are asked for."""
        return _Untold(node, asking(node)(self.known), self)

    def untold(self, node: Node, value: Value) -> Trace:
        """The same for an expression that has been asked already."""
        return _Untold(node, value, self)

    def awaited(self, node: Node) -> Names:
        """The facts whose knowledge could settle an unknown answer, as they are named; none for a known one.

        What `explain.awaited_facts` finds in a trace.
        """
        return awaiting(node)(self) if asking(node)(self.known) is UNKNOWN else ()

    def awaited_by(self, criterion: str) -> Names:
        """The same for a criterion that is unknown: found once for all expressions that name it."""
        found = self._awaited.get(criterion)
        if found is None:
            found = self._awaited[criterion] = awaiting(self._nodes[criterion])(self)
        return found


class _Untold(Trace):
    """A trace of which only the value is known, until its children are asked for."""

    __slots__ = ("_answers",)

    def __init__(self, node: Node, value: Value, answers: Answers) -> None:
        self.node = node
        self.value = value
        self._answers: Answers | None = answers

    @property
    def children(self) -> tuple[Trace, ...]:
        """Told by the reference reading; TriviumError where that comes to another value."""
        if self._answers is not None:
            told = evaluate(self.node, self._answers.facts, self._answers)
            if told.value != self.value:
                raise _disagreement(self.node)
            self._children, self._answers = told.children, None
        return self._children


def _disagreement(node: Node) -> TriviumError:
    # The expression is content; what it came to is the patient's, and belongs in no message.
    return TriviumError(
        f"two readings disagree about: {to_text(node)}",
        where=str(node.span or ""),
        why="a fault in Trivium itself, so nothing is said about this patient",
        hint="please report it",
    )


@by_identity()
def asking(node: Node) -> Ask:
    """The function from facts and criteria by name to the value of this tree."""
    match node:
        case FactRef() | CriterionRef():
            return itemgetter(node.name)
        case Literal():
            constant = literal_value(node)
            return lambda _known: constant
        case Compare():
            return _comparison(node, asking(node.left), asking(node.right))
        case And():
            return _conjunction(tuple(asking(child) for child in node.children))
        case Or():
            return _disjunction(tuple(asking(child) for child in node.children))
        case Not():
            return _negation(asking(node.child))
        case Implies():
            return _implication(asking(node.left), asking(node.right))
        case IsTrue():
            return _is_true(asking(node.child))
        case IsKnown():
            return _is_known(asking(node.child), choices_of(node.child))
        case Arith():
            return _arithmetic(node, asking(node.left), asking(node.right))
        case Case():
            return _case(asking(node.guard), asking(node.then), asking(node.otherwise))
        case _:
            assert_never(node)


def _comparison(node: Compare, left: Ask, right: Ask) -> Ask:
    op = node.op
    return lambda known: compared(op, left(known), right(known))


def _conjunction(parts: tuple[Ask, ...]) -> Ask:
    def ask(known: Known) -> Value:
        answer = TRUE
        for part in parts:
            found = part(known)
            if found is FALSE:
                return FALSE  # whatever the others come to
            if found is UNKNOWN:
                answer = UNKNOWN
        return answer

    return ask


def _disjunction(parts: tuple[Ask, ...]) -> Ask:
    def ask(known: Known) -> Value:
        answer = FALSE
        for part in parts:
            found = part(known)
            if found is TRUE:
                return TRUE
            if found is UNKNOWN:
                answer = UNKNOWN
        return answer

    return ask


def _negation(child: Ask) -> Ask:
    return lambda known: truth.negate(child(known))  # type: ignore[arg-type]


def _implication(left: Ask, right: Ask) -> Ask:
    return lambda known: truth.implies(left(known), right(known))  # type: ignore[arg-type]


def _is_true(child: Ask) -> Ask:
    return lambda known: TRUE if child(known) is TRUE else FALSE


def _is_known(child: Ask, choices: int) -> Ask:
    return lambda known: TRUE if values.is_known(child(known), choices) else FALSE


def _arithmetic(node: Arith, left: Ask, right: Ask) -> Ask:
    apply = operation(node)
    return lambda known: apply(interval(left(known)), interval(right(known)))


def _case(guard: Ask, then: Ask, otherwise: Ask) -> Ask:
    return lambda known: (then if is_met(guard(known)) else otherwise)(known)


@by_identity()
def awaiting(node: Node) -> Await:
    """The function that finds what this tree waits for, where it comes to unknown."""
    match node:
        case FactRef():
            return _always((node.name,))
        case Compare(left=FactRef(name=name), right=Literal()):
            return _always((name,))  # were the fact settled, the comparison would be known
        case CriterionRef():
            name = node.name
            return lambda answers: answers.awaited_by(name)
        case Compare():
            return lambda answers: tuple(open_facts(evaluate(node, answers.facts, answers)))
        case Not():
            return awaiting(node.child)
        case And() | Or() | Implies():
            return _united(tuple((asking(child), awaiting(child)) for child in children(node)))
        case Case():
            guard, then, otherwise = asking(node.guard), awaiting(node.then), awaiting(node.otherwise)
            return lambda answers: (then if is_met(guard(answers.known)) else otherwise)(answers)
        case Literal() | IsKnown() | IsTrue() | Arith():
            return _always(())  # never unknown; numbers stand inside comparisons
        case _:
            assert_never(node)


def _always(names: Names) -> Await:
    return lambda _answers: names


def _united(parts: tuple[tuple[Ask, Await], ...]) -> Await:
    """What the unknown parts wait for."""

    def names(answers: Answers) -> Names:
        known = answers.known
        waiting = [find(answers) for ask, find in parts if ask(known) is UNKNOWN]
        if len(waiting) == 1:
            return waiting[0]
        return tuple(dict.fromkeys([name for found in waiting for name in found]))

    return names
