"""Possible cases of unknown conditions: all that can be, nothing that cannot, whatever the conditions are."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from tests.unit.doses import knowledge, patient

from trivium.core.truth import TRUE
from trivium.core.values import Value, point
from trivium.logic.nodes import Node
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve
from trivium.regimen.patient import State
from trivium.regimen.suppose import MOST_CASES, cases

PATHWAY = knowledge().pathway


def conditions(**texts: str) -> dict[str, Node]:
    facts = PATHWAY.facts
    scope = Scope(
        {name: spec.type for name, spec in facts.items()},
        PATHWAY.criteria,
        {name: spec.conversions for name, spec in facts.items()},
        bare_numbers=True,
    )
    return {name: resolve(parse(text), scope) for name, text in texts.items()}


def found(nodes: dict[str, Node], **given: Any) -> set[frozenset[str]]:
    return set(cases(patient(**given), nodes))


def tried(nodes: dict[str, Node], **values: list[Value]) -> set[frozenset[str]]:
    """By trying many values: the sets of conditions that hold together."""
    base = patient().values
    result = set()
    for picked in product(*values.values()):
        state = State(PATHWAY, {**base, **dict(zip(values, picked, strict=True))})
        result.add(frozenset(name for name, node in nodes.items() if state.trace(node).truth is TRUE))
    return result


CLEARANCES: list[Value] = [point(number) for number in (5, 10, 15, 25, 30, 40, 50, 60, 70)]


def test_without_unknown_conditions_there_is_one_case() -> None:
    assert cases(patient(), {}) == (frozenset(),)


def test_rows_of_one_table() -> None:
    rows = conditions(
        low="creatinine_clearance < 25 and creatinine_clearance >= 10",
        mid="creatinine_clearance < 40 and creatinine_clearance >= 25",
        least="creatinine_clearance < 10",
    )
    assert found(rows) == tried(rows, creatinine_clearance=CLEARANCES)
    assert found(rows) == {frozenset(), frozenset({"low"}), frozenset({"mid"}), frozenset({"least"})}


def test_half_known_leaves_what_it_touches() -> None:
    rows = conditions(low="creatinine_clearance < 25", lower="creatinine_clearance < 10")
    assert found(rows, creatinine_clearance="20..30") == {frozenset(), frozenset({"low"})}
    assert found(rows, creatinine_clearance="<20") == {frozenset({"low"}), frozenset({"low", "lower"})}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("creatinine_clearance < 25 or blocker_active", "creatinine_clearance >= 25 and not blocker_active"),
        ("creatinine_clearance = 25", "creatinine_clearance > 25"),
        ("weak_kidney and liver_grade = 'B'", "weak_kidney or liver_grade = 'C'"),
        ("not (creatinine_clearance between 20 and 30)", "creatinine_clearance < 30"),
    ],
)
def test_whatever_the_conditions_are(text: str, other: str) -> None:
    pair = conditions(one=text, two=other)
    truths: list[Value] = [TRUE, patient(blocker_active="false").values["blocker_active"]]
    grades: list[Value] = [frozenset((grade,)) for grade in "ABC"]
    numbers = [*CLEARANCES, *[point(number) for number in (20, 31)]]
    everything = tried(pair, creatinine_clearance=numbers, blocker_active=truths, liver_grade=grades)
    assert found(pair) == everything


def test_whole_numbers_have_nothing_between_them() -> None:
    rows = conditions(sixty="age > 59 and age < 61", at_least="age >= 60")
    assert found(rows) == {frozenset(), frozenset({"sixty", "at_least"}), frozenset({"at_least"})}


def test_conditions_that_share_no_fact_combine_freely() -> None:
    free = conditions(one="blocker_active", two="liver_grade = 'B'")
    assert found(free) == {frozenset(names) for names in ((), ("one",), ("two",), ("one", "two"))}


def test_those_that_share_one_through_a_third_belong_together() -> None:
    chain = conditions(
        one="blocker_active",
        two="liver_grade = 'B'",
        both="blocker_active and liver_grade = 'B'",
    )
    assert found(chain) == {
        frozenset(),
        frozenset({"one"}),
        frozenset({"two"}),
        frozenset({"one", "two", "both"}),
    }


def test_where_thresholds_cannot_be_read_off_each_may_hold_or_not() -> None:
    """Of a difference of two facts no single value is a border: nothing may be left out."""
    hard = conditions(one="trough - trough * 2 < -5", two="trough > 5")
    assert frozenset({"one", "two"}) in found(hard)
    assert frozenset({"one"}) in found(hard)
    assert frozenset() in found(hard)


def test_too_many_to_list_still_hold_none_each_alone_and_all() -> None:
    names = [f"c{number}" for number in range(8)]
    texts = {
        name: f"{fact}"
        for name, fact in zip(
            names,
            (
                "blocker_active",
                "quieter_active",
                "liver_grade = 'B'",
                "illness",
                "trough > 5",
                "age > 5",
                "creatinine > 2",
                "creatinine_clearance < 50",
            ),
            strict=True,
        )
    }
    result = found(conditions(**texts))
    assert 2 ** len(names) > MOST_CASES
    assert frozenset() in result
    assert frozenset(names) in result
    assert all(frozenset({name}) in result for name in names)
