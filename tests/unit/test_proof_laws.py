"""The obligations on good and bad content: each bad twin is refuted by a patient who really refutes it."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
import z3

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, Value, point
from trivium.knowledge.loader import load
from trivium.knowledge.models import Agent, Condition, Pathway, Property, Recommendation
from trivium.logic import proof
from trivium.logic.nodes import BOOLEAN, IsTrue, Literal, Node, Not, Type
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve
from trivium.pathway.assess import assess
from trivium.proof.laws import OBLIGATIONS, Outcome, prove
from trivium.proof.world import World

NUMBERS = [Decimal(text) for text in ("0", "0.4", "0.5", "0.6", "1", "18", "30", "50", "95", "300", "1000")]


@pytest.fixture(scope="module")
def pathway() -> Pathway:
    """The real facts and criteria with one agent and one alert of the hardest kind: quick to prove."""
    return load().pathway


def expression(pathway: Pathway, text: str) -> Node:
    scope = Scope({name: spec.type for name, spec in pathway.facts.items()}, pathway.criteria)
    return resolve(parse(text), scope)


def line(pathway: Pathway, text: str) -> Condition:
    return Condition("line", "text", expression(pathway, text), text, kind="label")


def with_agent(pathway: Pathway, *bars: Condition, offered: str = "in_scope", roles: str = "") -> Pathway:
    agent = Agent("drug", "Drug", "", expression(pathway, offered), offered, lines=bars, roles=(roles,))
    return dataclasses.replace(
        pathway, agents={"drug": agent}, recommendations={}, alerts={}, properties={}, scores={}
    )


def outcomes(pathway: Pathway, obligation: str) -> list[Outcome]:
    return list(prove(pathway, obligation))


def refuted(pathway: Pathway, obligation: str) -> list[str]:
    return [outcome.about for outcome in outcomes(pathway, obligation) if outcome.verdict == "refuted"]


def test_a_sound_agent_meets_every_obligation(pathway: Pathway) -> None:
    sound = with_agent(pathway, line(pathway, "lymphocyte_count < 0.5 '10*3/uL'"))
    for obligation in OBLIGATIONS:
        if obligation != "narrowing never flips (a)":
            assert all(outcome.verdict == "proved" for outcome in outcomes(sound, obligation)), obligation


def test_an_agent_offered_out_of_scope_is_found(pathway: Pathway) -> None:
    bad = with_agent(pathway, offered="in_scope or age > 90")
    (outcome,) = outcomes(bad, "treatment only in scope")
    assert outcome.verdict == "refuted"
    assessment = assess(bad, full(bad, outcome.before))
    assert assessment.options[0].status == "consider"
    assert assessment.criteria[bad.in_scope].truth is not TRUE


def test_a_threshold_turned_round_breaks_law_b(pathway: Pathway) -> None:
    bad = with_agent(pathway, line(pathway, "lymphocyte_count > 0.5 '10*3/uL'"))
    assert "lymphocyte_count: agent drug" in refuted(bad, "harm never helps (b)")


def test_a_bar_that_wants_certainty_breaks_law_c(pathway: Pathway) -> None:
    bar = line(pathway, "lymphocyte_count < 0.5 '10*3/uL'")
    always = "age is null or age is not null"  # bars of what is not indicated are not looked at
    bad = with_agent(pathway, dataclasses.replace(bar, when=IsTrue(bar.when)), offered=always)
    assert refuted(bad, "unknown never helps (c)") == ["lymphocyte_count: agent drug"]
    (outcome,) = [each for each in outcomes(bad, "unknown never helps (c)") if not each.passes]
    before, after = (assess(bad, full(bad, state)) for state in (outcome.before, outcome.after))
    assert before.options[0].bars
    assert not after.options[0].bars


def test_an_accepted_refutation_passes_and_stays_visible(pathway: Pathway) -> None:
    bar = line(pathway, "lymphocyte_count < 0.5 '10*3/uL'")
    bad = with_agent(pathway, dataclasses.replace(bar, when=IsTrue(bar.when)))
    accepted = Property(
        "p", "P", "because", obligation="unknown never helps (c)", accepts=("lymphocyte_count: agent drug",)
    )
    (outcome,) = [
        each
        for each in outcomes(dataclasses.replace(bad, properties={"p": accepted}), "unknown never helps (c)")
        if each.verdict != "proved"
    ]
    assert (outcome.verdict, outcome.accepted, outcome.passes) == ("refuted", "because", True)


def test_an_agent_that_may_not_wait_does_not(pathway: Pathway) -> None:
    bar = line(pathway, "lymphocyte_count < 0.5 '10*3/uL'")
    assert refuted(with_agent(pathway, bar, roles="never-waits"), "no paralysis") == ["drug"]
    sure = dataclasses.replace(bar, when=IsTrue(bar.when))
    assert refuted(with_agent(pathway, sure, roles="never-waits"), "no paralysis") == []


def recommendation(pathway: Pathway, name: str, when: str) -> Recommendation:
    return Recommendation(name, name, "initiate", expression(pathway, when), when, "text")


def test_contradicting_recommendations_are_found(pathway: Pathway) -> None:
    both = {
        "give": recommendation(pathway, "give", "age >= 18"),
        "stop": recommendation(pathway, "stop", "age > 60"),
    }
    promise = Property("p", "P", "why", never_together=("give", "stop"))
    bad = dataclasses.replace(with_agent(pathway), recommendations=both, properties={"p": promise})
    assert refuted(bad, "never together") == ["p"]
    both["stop"] = recommendation(pathway, "stop", "age < 18")
    good = dataclasses.replace(bad, recommendations=both)
    assert refuted(good, "never together") == []


def test_a_vacuous_promise_fails(pathway: Pathway) -> None:
    never = Property("p", "P", "why", given=Literal(False, BOOLEAN), then=Literal(True, BOOLEAN))
    (outcome,) = outcomes(
        dataclasses.replace(with_agent(pathway), properties={"p": never}), "promises of the content"
    )
    assert (outcome.verdict, outcome.passes) == ("vacuous", False)


def test_a_criterion_that_flips_when_more_is_learnt_is_found(
    pathway: Pathway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The law holds by the tree's own logic, so the logic is broken: an unknown `not` becomes true."""

    def wrong(part: proof.Pair) -> proof.Pair:
        return proof.Pair(z3.Not(part.true), part.true)

    monkeypatch.setattr(proof, "_not", wrong)
    criterion = dataclasses.replace(
        pathway.criteria["adult"], id="odd", when=Not(expression(pathway, "age >= 18"))
    )
    bad = dataclasses.replace(with_agent(pathway), criteria={**pathway.criteria, "odd": criterion})
    assert "odd" in refuted(bad, "narrowing never flips (a)")


def test_the_world_and_the_engine_agree_on_random_patients(pathway: Pathway) -> None:
    world, pick = World(pathway), random.Random(7)
    for _ in range(8):
        facts = {name: random_value(pick, spec.type) for name, spec in pathway.facts.items()}
        assessment = assess(pathway, facts)
        constants = [
            pair for name, value in facts.items() for pair in proof.assignment(world.facts[name], value)
        ]

        def holds(claim: z3.BoolRef, constants: list[tuple[z3.ExprRef, z3.ExprRef]] = constants) -> bool:
            return bool(z3.is_true(z3.simplify(z3.substitute(claim, *constants))))

        for option in assessment.options:
            offered = option.status in ("consider", "recommended")
            assert holds(world.offered(option.agent)) is offered, option.agent.id
            assert holds(world.blocked(option.agent)) is (option.status == "blocked")
            assert holds(world.idle(option.agent)) is (option.status == "not_indicated")
        for item in assessment.recommendations:
            offered = item.status in ("consider", "recommended")
            assert holds(world.offered(item.recommendation)) is offered, item.recommendation.id


def random_value(pick: random.Random, kind: Type) -> Value:
    if kind.kind == "boolean":
        return pick.choice((TRUE, FALSE, UNKNOWN))
    if kind.kind == "choice":
        kept = [choice for choice in kind.choices if pick.random() < 0.5]
        return frozenset(kept or kind.choices)
    low, high = sorted((pick.choice(NUMBERS), pick.choice(NUMBERS)))
    if kind.kind != "quantity":
        low, high = Decimal(int(low)), Decimal(int(high))
    whole = pick.choice(
        (EVERYTHING, point(low), Interval(low, None), Interval(None, high), Interval(low, high))
    )
    return whole if kind.kind == "quantity" else _as_integers(whole)


def _as_integers(value: Interval) -> Interval:
    low, high = (None if bound is None else int(bound) for bound in (value.low, value.high))
    return Interval(low, high)


def full(pathway: Pathway, known: Mapping[str, Value]) -> dict[str, Value]:
    """A value for every fact: what the witness says, else nothing known."""
    return dict(_values(pathway, known))


def _values(pathway: Pathway, known: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for name, spec in pathway.facts.items():
        widest: Value = EVERYTHING
        if spec.type.kind == "boolean":
            widest = UNKNOWN
        elif spec.type.kind == "choice":
            widest = frozenset(spec.type.choices)
        yield name, known.get(name, widest)
