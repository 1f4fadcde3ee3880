"""The engine at its edges: nothing may be left out, and what is said later is what was judged."""

from __future__ import annotations

import dataclasses

import pytest
from tests.property import states
from tests.property.states import FACTS, PATHWAY

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import is_known
from trivium.knowledge.models import Condition
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.nodes import BOOLEAN, CriterionRef, Literal
from trivium.pathway.assess import Assessment, Option, Recommended, assess

EVERYBODY = [*states.patients(), *states.random_states(seed=23, count=40)]


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_that_is_left_out_is_an_error_and_never_a_fact_that_is_not_known(fact: str) -> None:
    state = {name: value for name, value in states.patients()[1].items() if name != fact}
    with pytest.raises(KeyError, match=fact):
        assess(PATHWAY, state)


def test_every_trace_that_is_told_later_is_worth_what_was_judged() -> None:
    for state in EVERYBODY:
        found, traces = assess(PATHWAY, state), dict[str, Trace]()
        for name, criterion in PATHWAY.criteria.items():
            trace = evaluate(criterion.when, state, traces)
            traces[name] = Trace(CriterionRef(name), trace.value, (trace,))
        assert {name: trace.truth for name, trace in found.criteria.items()} == {
            name: trace.truth for name, trace in traces.items()
        }
        for one in judged(found):
            assert one.truth is evaluate(one.node, state, traces).truth
            assert one.children or not evaluate(one.node, state, traces).children


def rules(found: Assessment) -> list[Recommended | Option]:
    return [*found.recommendations, *found.options]


def judged(found: Assessment) -> list[Trace]:
    """Every trace of an assessment."""
    ruled = rules(found)
    lines = [line.trace for item in ruled for line in (*item.bars, *item.cautions)]
    raised = [item.trace for item in found.alerts]
    scored = [trace for item in found.scores for _, trace in item.items]
    placed = [trace for _, trace in found.placed.could_be]
    return [*(item.trace for item in ruled), *lines, *raised, *scored, *placed]


def test_only_what_holds_or_might_is_listed() -> None:
    for state in EVERYBODY:
        found = assess(PATHWAY, state)
        for item in rules(found):
            assert all(line.trace.truth is not FALSE for line in (*item.bars, *item.cautions))
            if item.status == "blocked":
                assert any(bar.trace.truth is TRUE for bar in item.bars)
            if item.status in ("recommended", "consider"):
                assert item.trace.truth is TRUE
                assert not item.bars
            if item.status == "undetermined":
                assert UNKNOWN in (item.trace.truth, *(bar.trace.truth for bar in item.bars))
                assert item.missing
        for raised in found.alerts:
            kind, truth = raised.alert.kind, raised.trace.truth
            assert truth is TRUE or (kind == "missing" and truth is UNKNOWN)
            assert bool(raised.missing) is (kind == "missing")


def test_every_line_that_holds_or_might_is_listed() -> None:
    listed = 0
    for state in EVERYBODY:
        found = assess(PATHWAY, state)
        for item in rules(found):
            if item.status == "not_indicated":
                continue
            bars, cautions = conditions(item)
            for lines, shown in ((bars, item.bars), (cautions, item.cautions)):
                holding = [
                    line for line in lines if evaluate(line.when, state, found.criteria).truth is not FALSE
                ]
                assert [each.condition for each in shown] == holding
                listed += len(holding)
    assert listed > 100


def conditions(item: Recommended | Option) -> tuple[list[Condition], list[Condition]]:
    """What bars it, and what it asks to be careful of."""
    if isinstance(item, Recommended):
        return [*item.recommendation.blocked_when], [*item.recommendation.cautions]
    lines = item.agent.lines
    return [one for one in lines if one.kind != "caution"], [one for one in lines if one.kind == "caution"]


def test_exactly_the_facts_that_are_not_known_are_missing() -> None:
    asked = 0
    for state in EVERYBODY:
        unknown = {name for name, spec in FACTS.items() if not is_known(state[name], len(spec.type.choices))}
        found = assess(PATHWAY, state)
        for raised in found.alerts:
            about = raised.alert.about if raised.alert.kind == "missing" else ()
            assert raised.missing == tuple(name for name in about if name in unknown)
        for item in found.recommendations:
            tests = [name for name in item.recommendation.asks if name in unknown]
            if item.status in ("recommended", "consider"):
                assert list(item.missing) == tests
                asked += len(tests)
            if item.status == "undetermined":
                assert set(tests) <= set(item.missing)
    assert asked > 100


def test_a_pathway_that_was_changed_is_judged_anew() -> None:
    """What was made ready of one pathway is not used for another that shares most of it."""
    state, name = states.patients()[1], "upfront_triple_therapy"
    item = PATHWAY.recommendations[name]
    assert status_of(name, assess(PATHWAY, state)) != "not_indicated"
    never = dataclasses.replace(item, when=Literal(False, BOOLEAN))
    other = dataclasses.replace(PATHWAY, recommendations={**PATHWAY.recommendations, name: never})
    assert status_of(name, assess(other, state)) == "not_indicated"


def status_of(name: str, found: Assessment) -> str:
    return next(item.status for item in found.recommendations if item.recommendation.id == name)
