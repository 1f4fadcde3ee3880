"""Tests of the tests: each defect planted in the reading without traces is noticed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import pytest
from tests.differential.mutants import SAMPLES, Sample, is_noticed
from tests.differential.test_answers import answered, told_otherwise

from trivium.core import truth
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Interval, Value, point
from trivium.logic import answers as reading
from trivium.logic.answers import Answers, Ask, Known, Names
from trivium.logic.nodes import Arith, Case, Compare, FactRef

_CONJUNCTION, _DISJUNCTION, _NEGATION = reading._conjunction, reading._disjunction, reading._negation
_COMPARISON, _ARITHMETIC, _IS_KNOWN = reading._comparison, reading._arithmetic, reading._is_known
_UNITED, _AWAITED_BY = reading._united, Answers.awaited_by


def _fresh() -> Sequence[Sample]:
    """Trees that nobody has compiled yet, so that what is planted is in use."""
    return copy.deepcopy(SAMPLES)


def _is_told_otherwise() -> bool:
    return any(told_otherwise(*one) for one in _fresh())


def _last_part(parts: tuple[Ask, ...]) -> Ask:
    return parts[-1]


def _stops_at_the_first_known(parts: tuple[Ask, ...]) -> Ask:
    return lambda known: next((part(known) for part in parts if part(known) is not UNKNOWN), UNKNOWN)


def _takes_unknown_for(wrong: Truth, right: Any) -> Any:
    def make(*arguments: Any) -> Ask:
        ask = right(*arguments)
        return lambda known: wrong if ask(known) is UNKNOWN else ask(known)

    return make


def _unknown_decides(right: Any) -> Any:
    """Unknown as soon as one part is."""

    def make(parts: tuple[Ask, ...]) -> Ask:
        ask = right(parts)
        return lambda known: UNKNOWN if any(part(known) is UNKNOWN for part in parts) else ask(known)

    return make


def _swapped(right: Any) -> Any:
    return lambda node, one, other: right(node, other, one)


def _closed(value: Value) -> Value:
    return Interval(value.low, value.high) if isinstance(value, Interval) else value


def _without_open_ends(node: Compare, left: Ask, right: Ask) -> Ask:
    return _COMPARISON(node, lambda known: _closed(left(known)), lambda known: _closed(right(known)))


def _low_ends_only(node: Compare, left: Ask, right: Ask) -> Ask:
    def low(ask: Ask) -> Ask:
        def value(known: Known) -> Value:
            found = ask(known)
            return point(found.low) if isinstance(found, Interval) and found.low is not None else found

        return value

    return _COMPARISON(node, low(left), low(right))


def _strict(node: Compare, left: Ask, right: Ask) -> Ask:
    ops = {"<=": "<", ">=": ">"}
    return _COMPARISON(Compare(ops.get(node.op, node.op), node.left, node.right), left, right)  # type: ignore[arg-type]


def _adds_only(node: Arith, left: Ask, right: Ask) -> Ask:
    return _ARITHMETIC(Arith("+", node.left, node.right) if node.op == "-" else node, left, right)


def _left_only(_node: Arith, left: Ask, _right: Ask) -> Ask:
    return left


VALUES: dict[str, tuple[str, Any]] = {
    "and is its last part": ("_conjunction", _last_part),
    "or is its last part": ("_disjunction", _last_part),
    "and stops at the first part that is known": ("_conjunction", _stops_at_the_first_known),
    "or stops at the first part that is known": ("_disjunction", _stops_at_the_first_known),
    "and is or": ("_conjunction", _DISJUNCTION),
    "or is and": ("_disjunction", _CONJUNCTION),
    "an unknown and is false": ("_conjunction", _takes_unknown_for(FALSE, _CONJUNCTION)),
    "an unknown and is true": ("_conjunction", _takes_unknown_for(TRUE, _CONJUNCTION)),
    "an unknown or is false": ("_disjunction", _takes_unknown_for(FALSE, _DISJUNCTION)),
    "an unknown or is true": ("_disjunction", _takes_unknown_for(TRUE, _DISJUNCTION)),
    "an unknown part leaves an and unknown": ("_conjunction", _unknown_decides(_CONJUNCTION)),
    "an unknown part leaves an or unknown": ("_disjunction", _unknown_decides(_DISJUNCTION)),
    "not of unknown is true": ("_negation", _takes_unknown_for(TRUE, _NEGATION)),
    "not is its part": ("_negation", lambda child: child),
    "implies is turned round": (
        "_implication",
        lambda left, right: lambda known: truth.implies(right(known), left(known)),
    ),
    "implies forgets not": ("_implication", lambda left, right: _DISJUNCTION((left, right))),
    "is true is its part": ("_is_true", lambda child: child),
    "is true holds for unknown": (
        "_is_true",
        lambda child: lambda known: FALSE if child(known) is FALSE else TRUE,
    ),
    "every choice is known": ("_is_known", lambda child, choices: _IS_KNOWN(child, choices + 1)),
    "no choice is known": ("_is_known", lambda child, choices: _IS_KNOWN(child, 0)),
    "a comparison is turned round": ("_comparison", _swapped(_COMPARISON)),
    "a comparison forgets open ends": ("_comparison", _without_open_ends),
    "a comparison looks at low ends": ("_comparison", _low_ends_only),
    "a comparison leaves out its border": ("_comparison", _strict),
    "minus is plus": ("_arithmetic", _adds_only),
    "arithmetic is turned round": (
        "_arithmetic",
        lambda node, one, other: _ARITHMETIC(node, *((other, one) if node.op in "+-" else (one, other))),
    ),
    "arithmetic is its left side": ("_arithmetic", _left_only),
    "if takes the first branch": ("_case", lambda guard, then, otherwise: then),
    "if takes the other branch": (
        "_case",
        lambda guard, then, otherwise: lambda known: (otherwise if guard(known) is TRUE else then)(known),
    ),
}


@pytest.mark.parametrize("defect", VALUES)
def test_a_defect_of_a_value_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_noticed(answered, _fresh())
    monkeypatch.setattr(reading, *VALUES[defect])
    assert is_noticed(answered, _fresh())


def test_a_value_of_another_fact_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"b_1": "b_2", "q_1": "q_2"}
    monkeypatch.setattr(reading, "itemgetter", lambda name: itemgetter(other.get(name, name)))
    assert is_noticed(answered, _fresh())


def _first_unknown_part(parts: Any) -> Any:
    def names(answers: Answers) -> Names:
        return next(find(answers) for ask, find in parts if ask(answers.known) is UNKNOWN)

    return names


def _all_parts(parts: Any) -> Any:
    return _UNITED(tuple((lambda _known: UNKNOWN, find) for _, find in parts))


def _first_found(answers: Answers, criterion: str) -> Names:
    found = _AWAITED_BY(answers, criterion)
    return next(iter(answers._awaited.values()), found)


def _in_another_order(parts: Any) -> Any:
    return _UNITED(parts[::-1])


AWAITED: dict[str, tuple[object, str, Any]] = {
    "only the first unknown part is waited for": (reading, "_united", _first_unknown_part),
    "known parts are waited for": (reading, "_united", _all_parts),
    "what is waited for stands in another order": (reading, "_united", _in_another_order),
    "every criterion waits for what the first one waits for": (Answers, "awaited_by", _first_found),
    "a comparison waits for settled facts": (
        reading,
        "open_facts",
        lambda trace: {child.node.name: None for child in trace.children if isinstance(child.node, FactRef)},
    ),
    "nothing is waited for": (reading, "_always", lambda names: lambda _answers: ()),
}


@pytest.mark.parametrize("defect", AWAITED)
def test_a_defect_of_what_is_awaited_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _is_told_otherwise()
    monkeypatch.setattr(*AWAITED[defect])
    assert _is_told_otherwise()


def test_waiting_for_the_branch_that_was_not_taken_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(node: Any) -> Any:
        if isinstance(node, Case):
            node = Case(node.guard, node.otherwise, node.then)
        return right(node)

    right = reading.awaiting
    monkeypatch.setattr(reading, "awaiting", turned)
    assert _is_told_otherwise()
