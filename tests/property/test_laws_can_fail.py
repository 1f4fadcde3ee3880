"""Tests of the tests: each law, broken in the engine or in the content, is seen to be broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from tests.property import laws, states
from tests.property.states import PATHWAY, State

from trivium.core import truth, values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Interval
from trivium.knowledge.checks.expressions import written as expressions
from trivium.knowledge.models import Agent, Alert, Condition, Pathway
from trivium.logic.nodes import And, IsTrue, Node
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve
from trivium.pathway import assess as engine

hunting = settings(
    max_examples=600,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LYMPHOCYTES = ("lymphocyte_count",)


def is_caught(strategy: st.SearchStrategy[Any], law: Callable[[Any], list[str]]) -> bool:
    """Whether the search that the law's own test makes comes upon a patient who shows the breach."""
    try:
        find(strategy, lambda case: bool(law(case)), settings=hunting)
    except NoSuchExample:
        return False
    return True


def with_too(cases: st.SearchStrategy[Any], also: State) -> st.SearchStrategy[Any]:
    """The same moves of one fact, in patients of whom this holds as well."""
    return cases.map(lambda case: (case[0], *({**state, **also} for state in case[1:])))


def written(text: str) -> Node:
    """An expression as the content would write it."""
    facts = PATHWAY.facts
    scope = Scope(
        {name: spec.type for name, spec in facts.items()},
        PATHWAY.criteria,
        {name: spec.conversions for name, spec in facts.items()},
    )
    return resolve(parse(text), scope)


def with_agents(*agents: Agent) -> Pathway:
    changed = {agent.id: agent for agent in agents}
    return dataclasses.replace(PATHWAY, agents={**PATHWAY.agents, **changed})


def with_line(agent: str, fact: str, change: Callable[[Node], Node]) -> Pathway:
    """The pathway in which the line of an agent that rests on a fact reads otherwise."""
    lines = tuple(
        dataclasses.replace(line, when=change(line.when))
        if fact in laws.facts_behind(PATHWAY, line.when)
        else line
        for line in PATHWAY.agents[agent].lines
    )
    assert lines != PATHWAY.agents[agent].lines
    return with_agents(dataclasses.replace(PATHWAY.agents[agent], lines=lines))


def partners() -> Iterable[Agent]:
    return [agent for agent in PATHWAY.agents.values() if "partner" in agent.roles]


@pytest.fixture
def break_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, str, Callable[..., Any]], None]:
    """Replaces a part of the engine by one that gets the old part as its first argument."""

    def replace(where: object, name: str, wrong: Callable[..., Any]) -> None:
        right = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *arguments: wrong(right, *arguments))

    return replace


Break = Callable[[object, str, Callable[..., Any]], None]


class TestNarrowing:
    def breach(self, pathway: Pathway = PATHWAY) -> bool:
        return is_caught(states.learnt(), lambda case: laws.flipped(pathway, *case))

    def test_a_comparison_that_looks_at_one_end_only(self, break_engine: Break) -> None:
        def low_end(right: Callable[..., Truth], op: str, one: Interval, other: Interval) -> Truth:
            ends = [values.point(side.low) if side.low is not None else side for side in (one, other)]
            return right(op, *ends)

        break_engine(values, "compare", low_end)
        assert self.breach()

    def test_an_unknown_part_that_makes_a_conjunction_false(self, break_engine: Break) -> None:
        def all_of(right: Callable[..., Truth], parts: Iterable[Truth]) -> Truth:
            found = right(parts)
            return FALSE if found is UNKNOWN else found

        break_engine(truth, "all_of", all_of)
        conjunctions = [
            sorted(laws.facts_behind(PATHWAY, item.node))
            for item in expressions(PATHWAY)
            if isinstance(item.node, And) and laws.is_monotone_throughout(PATHWAY, item.node)
        ]
        few = min((facts for facts in conjunctions if len(facts) > 1), key=len)
        assert is_caught(states.learnt(tuple(few)), lambda case: laws.flipped(PATHWAY, *case))

    def test_an_expression_that_asks_what_is_known_and_is_taken_for_one_that_does_not(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(laws, "is_monotone_throughout", lambda pathway, node: True)
        assert self.breach()


class TestHarm:
    def breach(self, pathway: Pathway = PATHWAY, names: tuple[str, ...] = LYMPHOCYTES) -> bool:
        return is_caught(states.harmed(names), lambda case: laws.helped_by_harm(pathway, *case))

    def test_a_line_that_compares_the_wrong_way_round(self) -> None:
        wrong = with_line(
            "tofacitinib", LYMPHOCYTES[0], lambda _: written("lymphocyte_count > 0.5 '10*3/uL'")
        )
        assert self.breach(wrong)

    def test_a_fact_whose_harm_is_declared_the_wrong_way(self) -> None:
        spec = dataclasses.replace(PATHWAY.facts[LYMPHOCYTES[0]], harm="high")
        wrong = dataclasses.replace(PATHWAY, facts={**PATHWAY.facts, spec.id: spec})
        moved = states.harmed(LYMPHOCYTES).map(lambda case: (case[0], case[2], case[1]))
        assert is_caught(moved, lambda case: laws.helped_by_harm(wrong, *case))

    def test_bars_that_cancel_each_other(self, break_engine: Break) -> None:
        def pairs_cancel(right: Callable[..., str], trace: Any, bars: Iterable[Any], offer: str) -> str:
            bars = list(bars)
            held = sum(bar.trace.truth is TRUE for bar in bars)
            return offer if held and held % 2 == 0 else right(trace, bars, offer)

        break_engine(engine, "_status", pairs_cancel)
        infected = with_too(states.harmed(LYMPHOCYTES), {"active_serious_infection": TRUE})
        assert is_caught(infected, lambda case: laws.helped_by_harm(PATHWAY, *case))

    def test_a_hazard_that_another_harm_hides(self) -> None:
        hazard = PATHWAY.alerts["stop_ivig_hypersensitivity"]
        hidden = dataclasses.replace(
            hazard, when=And((hazard.when, written("not (lymphocyte_count < 0.5 '10*3/uL')")))
        )
        self.check_hazard(hidden)

    def test_a_hazard_that_ends_where_it_becomes_worse(self) -> None:
        band = written("in_scope and lymphocyte_count between 0.2 '10*3/uL' and 0.5 '10*3/uL'")
        self.check_hazard(dataclasses.replace(next(iter(PATHWAY.alerts.values())), kind="hazard", when=band))

    def check_hazard(self, alert: Alert) -> None:
        wrong = dataclasses.replace(PATHWAY, alerts={**PATHWAY.alerts, alert.id: alert})
        allergic = with_too(
            states.harmed(LYMPHOCYTES),
            {**states.RP_ILD, "ivig_hypersensitivity": TRUE, "diagnosis_revoked": FALSE},
        )
        assert is_caught(allergic, lambda case: laws.silenced(wrong, *case))


class TestForgetting:
    def breach(self, pathway: Pathway = PATHWAY) -> bool:
        return is_caught(states.forgotten(LYMPHOCYTES), lambda case: laws.freed_by_silence(pathway, *case))

    def test_a_bar_that_counts_only_when_it_is_known(self) -> None:
        assert self.breach(with_line("tofacitinib", LYMPHOCYTES[0], IsTrue))

    def test_an_engine_that_takes_an_unknown_bar_for_none(self, break_engine: Break) -> None:
        def blind(right: Callable[..., str], trace: Any, bars: Iterable[Any], offer: str) -> str:
            return right(trace, [bar for bar in bars if bar.trace.truth is TRUE], offer)

        break_engine(engine, "_status", blind)
        assert self.breach()

    def test_an_exception_that_nobody_wrote_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(laws, "COUNTS_ONLY_WHEN_KNOWN", {})
        strategy = states.forgotten(("ivig_hypersensitivity",))
        assert is_caught(strategy, lambda case: laws.freed_by_silence(PATHWAY, *case))


class TestMissing:
    def test_an_alert_that_falls_silent_once_one_of_its_facts_is_known(self, break_engine: Break) -> None:
        def once_one_is_known(right: Callable[..., Any], judge: Any, alert: Alert) -> Any:
            raised = tuple(right(judge, alert))
            return tuple(item for item in raised if len(item.missing) == len(alert.about))

        shown = engine.assess(PATHWAY, states.patients()[1]).alerts
        about = next(raised.missing for raised in shown if len(raised.missing) > 1)
        break_engine(engine._Judge, "alert", once_one_is_known)
        due = states.learnt(about).map(lambda case: tuple({**state, **states.RP_ILD} for state in case))
        assert is_caught(due, lambda case: laws.no_longer_missed(PATHWAY, *case))


class TestNoParalysis:
    def due(self) -> st.SearchStrategy[Mapping[str, Any]]:
        return states.states().map(lambda state: {**state, **states.RP_ILD})

    def paralysed(self, pathway: Pathway = PATHWAY) -> bool:
        return is_caught(self.due(), lambda state: laws.paralysed(pathway, state))

    def left_alone(self, pathway: Pathway) -> bool:
        return is_caught(self.due(), lambda state: laws.left_alone(pathway, state))

    def waits(self, agent: Agent) -> Agent:
        line = Condition("waits", "Waits for an IGRA.", written("igra != 'negative'"), "", "wait", "An IGRA.")
        return dataclasses.replace(agent, lines=(*agent.lines, line))

    def test_all_partners_that_wait_for_one_test(self) -> None:
        assert self.left_alone(with_agents(*map(self.waits, partners())))

    def test_all_partners_of_the_classes_that_never_wait_but_one(self) -> None:
        calcineurin = [agent for agent in partners() if agent.drug_class == "calcineurin inhibitor"]
        assert calcineurin
        others = [agent for agent in partners() if agent not in calcineurin]
        assert self.left_alone(with_agents(*map(self.waits, others)))

    def test_a_glucocorticoid_that_waits_for_a_test(self) -> None:
        steroids = [agent for agent in PATHWAY.agents.values() if "glucocorticoid" in agent.roles]
        wrong = with_agents(*map(self.waits, steroids))
        assert self.paralysed(wrong)
        assert self.left_alone(wrong)

    def test_an_agent_that_does_not_say_what_it_waits_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "_missing", lambda *_: ())
        assert self.paralysed()

    def test_a_partner_that_is_left_out_without_a_word(self) -> None:
        wrong = dataclasses.replace(
            PATHWAY.agents["rituximab"], offered_when=written("in_scope and hbsag = 'negative'")
        )
        assert self.paralysed(with_agents(wrong))

    def test_upfront_advice_that_waits_for_a_test(self) -> None:
        advice = PATHWAY.recommendations["upfront_triple_therapy"]
        when = And((advice.when, written("igra = 'negative'")))
        changed = {**PATHWAY.recommendations, advice.id: dataclasses.replace(advice, when=when)}
        assert self.paralysed(dataclasses.replace(PATHWAY, recommendations=changed))


class TestScope:
    def breach(self, pathway: Pathway = PATHWAY) -> bool:
        return is_caught(
            states.states(), lambda state: laws.treated_out_of_scope(pathway, engine.assess(pathway, state))
        )

    def test_an_agent_offered_without_asking_for_the_age(self) -> None:
        wrong = dataclasses.replace(
            PATHWAY.agents["tofacitinib"], offered_when=written("rp_ild_by_clinician")
        )
        assert self.breach(with_agents(wrong))

    def test_a_treatment_recommended_without_asking_for_the_age(self) -> None:
        advice = PATHWAY.recommendations["upfront_triple_therapy"]
        changed = dataclasses.replace(advice, when=written("rp_ild_by_clinician"))
        every = {**PATHWAY.recommendations, advice.id: changed}
        assert self.breach(dataclasses.replace(PATHWAY, recommendations=every))

    def test_an_engine_that_takes_an_unknown_indication_for_one(self, break_engine: Break) -> None:
        def eager(right: Callable[..., str], trace: Any, bars: Iterable[Any], offer: str) -> str:
            return offer if trace.truth is UNKNOWN else right(trace, bars, offer)

        break_engine(engine, "_status", eager)
        assert self.breach()
