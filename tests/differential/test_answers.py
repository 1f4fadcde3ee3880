"""Values found without a trace, what they wait for, and traces told later are those of the reference.

The criteria and patients are those that the other readings are compared on, and states of the real pathway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from tests.differential.agreement import Answers as Rows
from tests.differential.agreement import Criteria, Patient, differences, sample
from tests.differential.test_readings_agree import AT_LEAST, BATCHES, PATIENTS, TREES, shrinking
from tests.property import states, strategies

from trivium.core import truth
from trivium.core.errors import TriviumError
from trivium.core.truth import FALSE, TRUE, UNKNOWN, negate
from trivium.core.values import Value
from trivium.knowledge.checks.expressions import written
from trivium.logic import answers as reading
from trivium.logic.answers import Answers
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.explain import awaited_facts
from trivium.logic.nodes import BOOLEAN, And, CriterionRef, FactRef, Node, Not, Or


def answered(criteria: Criteria, patients: Sequence[Patient]) -> Rows:
    """Every criterion by its value alone."""
    found = [Answers(patient, criteria) for patient in patients]
    return [[one.truth(CriterionRef(name)) for name in criteria] for one in found]


def traced(criteria: Criteria, patient: Patient) -> dict[str, Trace]:
    """The reference: every criterion with its trace, by its name."""
    traces: dict[str, Trace] = {}
    for name, node in criteria.items():
        trace = evaluate(node, patient, traces)
        traces[name] = Trace(CriterionRef(name), trace.value, (trace,))
    return traces


def told_otherwise(criteria: Criteria, patients: Sequence[Patient]) -> list[str]:
    """The criteria that wait for other facts, or are traced otherwise, than the reference says."""
    wrong = []
    for patient in patients:
        found, reference = Answers(patient, criteria), traced(criteria, patient)
        for name, node in criteria.items():
            if found.awaited(node) != tuple(awaited_facts(reference[name])):
                wrong.append(f"{name} waits for {found.awaited(node)}")
            if not same(found[name], reference[name]):
                wrong.append(f"{name} is traced otherwise")
    return wrong


def same(one: Trace, other: Trace) -> bool:
    """The same nodes with the same values, all the way down."""
    return (
        one.node == other.node
        and one.value == other.value
        and len(one.children) == len(other.children)
        and all(map(same, one.children, other.children))
    )


def test_values_are_those_of_the_reference_on_tens_of_thousands(
    record_property: Callable[[str, object], None],
) -> None:
    compared = compare(range(BATCHES))
    record_property("comparisons", compared)
    assert compared >= AT_LEAST


@pytest.mark.slow
def test_values_are_those_of_the_reference_on_hundreds_of_thousands() -> None:
    assert compare(range(BATCHES, 20 * BATCHES)) >= 19 * AT_LEAST


def compare(seeds: range) -> int:
    """How many answers were compared, all of them alike."""
    compared = 0
    for seed in seeds:
        criteria, patients = sample(seed, TREES, PATIENTS, depth=2 + seed % 3)
        assert differences(answered, criteria, patients) == []
        compared += len(criteria) * len(patients)
    return compared


def test_what_waits_and_what_is_traced_later_is_as_the_reference_says() -> None:
    for seed in range(BATCHES):
        criteria, patients = sample(seed, TREES, 20, depth=2 + seed % 3)
        assert told_otherwise(criteria, patients) == []


def test_deep_trees_are_answered_as_the_reference_does() -> None:
    criteria, patients = sample(1_000, trees=6, patients=200, depth=5)
    assert differences(answered, criteria, patients) == []
    assert told_otherwise(criteria, patients[:20]) == []


def test_numbers_that_are_known_to_go_wrong_are_answered_as_the_reference_does() -> None:
    assert differences(answered, strategies.EDGES, strategies.edge_patients()) == []
    assert told_otherwise(strategies.EDGES, strategies.edge_patients()) == []


@shrinking
@given(criteria=strategies.criteria(), patients=strategies.patients())
def test_any_tree_is_answered_as_the_reference_does(
    criteria: Mapping[str, Node], patients: Sequence[Patient]
) -> None:
    assert differences(answered, criteria, patients) == []
    assert told_otherwise(criteria, patients) == []


@pytest.fixture(scope="module")
def real() -> Criteria:
    return {name: criterion.when for name, criterion in states.PATHWAY.criteria.items()}


def test_every_expression_of_the_content_is_answered_as_the_reference_does(real: Criteria) -> None:
    expressions = [item.node for item in written(states.PATHWAY)]
    assert len(expressions) > len(real)
    for state in [*states.random_states(seed=3, count=60), *states.patients()]:
        found, reference = Answers(state, real), traced(real, state)
        for node in expressions:
            right = evaluate(node, state, reference)
            assert found.truth(node) is right.truth
            assert found.awaited(node) == tuple(awaited_facts(right))


def test_a_trace_of_the_content_that_is_told_later_is_the_same(real: Criteria) -> None:
    for state in states.patients():
        found, reference = Answers(state, real), traced(real, state)
        assert list(found) == list(real)
        for item in written(states.PATHWAY):
            assert same(found.trace(item.node), evaluate(item.node, state, reference))


def test_a_trace_that_comes_to_another_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    fever = FactRef("fever", BOOLEAN)
    node = And((fever, Not(fever)))
    trace = Answers({"fever": UNKNOWN}, {}).trace(node)
    assert len(trace.children) == 2
    monkeypatch.setattr(truth, "all_of", lambda truths: FALSE)
    wrong = Answers({"fever": UNKNOWN}, {}).trace(node)
    assert wrong.truth is UNKNOWN
    with pytest.raises(TriviumError) as told:
        assert wrong.children
    assert told.value.exit_code == 1
    assert "fever and (not fever)" in str(told.value)
    assert "unknown" not in str(told.value).lower()


def test_parts_that_cannot_change_the_answer_are_not_asked() -> None:
    asked = []

    class Facts(dict[str, Value]):
        def __getitem__(self, name: str) -> Value:
            asked.append(name)
            return super().__getitem__(name)

    first, second = FactRef("first", BOOLEAN), FactRef("second", BOOLEAN)
    facts = Facts(first=FALSE, second=TRUE)
    assert reading.asking(And((first, second)))(facts) is FALSE
    assert reading.asking(Or((second, first)))(facts) is TRUE
    assert asked == ["first", "second"]


def test_a_fact_left_out_is_an_error_and_not_unknown() -> None:
    with pytest.raises(KeyError):
        Answers({}, {"k": FactRef("fever", BOOLEAN)})


def test_a_name_of_a_fact_and_of_a_criterion_is_an_error() -> None:
    with pytest.raises(ValueError, match="both a fact and a criterion: fever"):
        Answers({"fever": TRUE}, {"fever": Not(FactRef("fever", BOOLEAN))})


def test_what_was_compiled_of_one_tree_is_not_used_for_another_in_its_place() -> None:
    """A tree that is gone leaves its identity to the next: what was made of it must not stay behind."""
    for number in range(2_000):
        node: Node = FactRef("fever", BOOLEAN)
        expected = TRUE
        if number % 2:
            node, expected = Not(node), negate(expected)
        assert Answers({"fever": TRUE}, {}).truth(node) is expected
        del node
