"""The laws of docs/semantics.md over random states of a patient, run through the engine itself.

`trivium prove` asks a solver the same of every state; this asks the engine, of many. Each law is also
broken on purpose, in the engine or in the content (test_laws_can_fail.py), and must then be seen to fail.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property import laws, states
from tests.property.states import FACTS, PATHWAY, State

from trivium.core.truth import Truth
from trivium.core.values import point
from trivium.knowledge.checks.expressions import written
from trivium.logic.evaluate import evaluate
from trivium.pathway.assess import assess

lawful = settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
RANDOM_STATES = 1_500
BARRED_PARTNERS = [
    name for name, agent in PATHWAY.agents.items() if "partner" in agent.roles and laws.bars_of(agent)
]


class TestNarrowing:
    @lawful
    @given(states.learnt())
    def test_learning_more_never_flips_a_known_finding(self, case: tuple[State, State]) -> None:
        assert laws.flipped(PATHWAY, *case) == []

    def test_most_expressions_are_monotone_and_those_that_are_not_are_known(self) -> None:
        everything = list(written(PATHWAY))
        monotone = [item for item in everything if laws.is_monotone_throughout(PATHWAY, item.node)]
        assert 20 < len(monotone) < len(everything)


class TestHarm:
    @lawful
    @given(states.harmed())
    def test_moving_a_fact_towards_harm_never_removes_a_hazard(self, case: tuple[str, State, State]) -> None:
        assert laws.silenced(PATHWAY, *case) == []

    @lawful
    @given(states.harmed())
    def test_moving_a_fact_towards_harm_never_makes_an_agent_more_available(
        self, case: tuple[str, State, State]
    ) -> None:
        assert laws.helped_by_harm(PATHWAY, *case) == []

    @pytest.mark.parametrize("start", range(len(states.patients())))
    def test_every_single_harm_keeps_the_law_from_every_patient_it_may_befall(self, start: int) -> None:
        before = states.patients()[start]
        for fact in states.HARMS:
            for bad in states.bad_alone(fact):
                after = {**before, fact: bad[fact]}
                assert laws.silenced(PATHWAY, fact, before, after) == []
                assert laws.helped_by_harm(PATHWAY, fact, before, after) == []

    @pytest.mark.parametrize("agent", BARRED_PARTNERS)
    def test_a_partner_is_seen_both_offered_and_withheld_because_of_harm(self, agent: str) -> None:
        """The law is not kept merely because nothing ever happens."""
        seen = {laws.status_of(PATHWAY, state, agent) for state in states.one_harm_each()}
        assert {"consider", "recommended"} & seen
        assert {"blocked", "undetermined"} & seen


class TestForgetting:
    @lawful
    @given(states.forgotten())
    def test_forgetting_a_bad_value_never_offers_an_agent(self, case: tuple[str, State, State]) -> None:
        assert laws.freed_by_silence(PATHWAY, *case) == []

    @pytest.mark.parametrize("name", laws.COUNTS_ONLY_WHEN_KNOWN)
    def test_an_exception_is_a_criterion_that_asks_what_is_known_and_says_why(self, name: str) -> None:
        criterion = PATHWAY.criteria[name]
        assert " is true" in criterion.text
        assert criterion.reason

    @pytest.mark.parametrize("name", laws.COUNTS_ONLY_WHEN_KNOWN)
    def test_an_exception_is_needed(self, name: str) -> None:
        """Somebody is offered an agent once a bad value is forgotten."""
        facts = sorted(laws.facts_behind(PATHWAY, PATHWAY.criteria[name].when) & set(states.HARMS))
        cases = (
            (fact, {**patient, fact: bad[fact]})
            for fact in facts
            for bad in states.bad_alone(fact)
            for patient in states.one_harm_each()
        )
        assert any(
            laws.freed_by_silence(PATHWAY, fact, before, states.without(before, fact), excused=False)
            for fact, before in cases
        )

    def test_the_content_accepts_exactly_what_the_exceptions_free(self) -> None:
        assert laws.freed_by_exceptions(PATHWAY) == laws.accepted_of_silence(PATHWAY)

    def test_everything_that_a_bar_takes_for_absent_until_seen_is_an_exception_or_no_harm(self) -> None:
        """What each harm frees in a patient in whom all else is good: the exceptions, and nothing else."""
        for fact, spec in FACTS.items():
            for before in states.bad_alone(fact) if spec.harm else ():
                assert laws.freed_by_silence(PATHWAY, fact, before, states.without(before, fact)) == []


class TestMissing:
    @lawful
    @given(states.learnt())
    def test_a_missing_alert_goes_only_when_what_it_misses_is_known(self, case: tuple[State, State]) -> None:
        assert laws.no_longer_missed(PATHWAY, *case) == []

    @lawful
    @given(states.states(), st.sampled_from(list(FACTS)))
    def test_a_missing_alert_stays_while_its_facts_stay_unknown(self, before: State, fact: str) -> None:
        assert laws.no_longer_missed(PATHWAY, before, states.without(before, fact)) == []


class TestNoParalysis:
    @lawful
    @given(states.states())
    def test_every_adult_with_rp_ild_in_scope_is_treated_or_told_what_bars_it(self, state: State) -> None:
        assert laws.paralysed(PATHWAY, {**state, **states.RP_ILD}) == []

    @lawful
    @given(states.states())
    def test_what_is_merely_unknown_never_leaves_fewer_than_two_partners(self, state: State) -> None:
        assert laws.left_alone(PATHWAY, {**state, **states.RP_ILD}) == []

    def test_a_patient_of_whom_nothing_else_is_known_gets_glucocorticoid_and_two_partners(self) -> None:
        state = states.patients()[1]
        assert laws.is_due(assess(PATHWAY, state))
        assert laws.paralysed(PATHWAY, state) == laws.left_alone(PATHWAY, state) == []
        assert len(laws.offered_classes(assess(PATHWAY, state))) >= 2


class TestScope:
    def test_nobody_out_of_scope_is_treated_in_any_of_many_random_states(self) -> None:
        seen: set[Truth] = set()
        for state in states.random_states(seed=11, count=RANDOM_STATES):
            found = assess(PATHWAY, state)
            seen.add(found.criteria[PATHWAY.in_scope].truth)
            assert laws.treated_out_of_scope(PATHWAY, found) == []
        assert seen == set(Truth)

    @lawful
    @given(states.states())
    def test_nobody_out_of_scope_is_treated(self, state: State) -> None:
        assert laws.treated_out_of_scope(PATHWAY, assess(PATHWAY, state)) == []

    @lawful
    @given(states.states(), st.integers(0, 17))
    def test_no_child_is_treated_by_this_pathway(self, state: State, age: int) -> None:
        found = assess(PATHWAY, {**state, **states.RP_ILD, "age": point(age)})
        assert found.criteria[PATHWAY.in_scope].truth is Truth.FALSE
        assert laws.treated_out_of_scope(PATHWAY, found) == []


@lawful
@given(states.states())
def test_a_criterion_by_its_name_is_worth_what_its_expression_is_worth(state: State) -> None:
    found = assess(PATHWAY, state).criteria
    for name, criterion in PATHWAY.criteria.items():
        assert evaluate(criterion.when, state, found).truth is found[name].truth
