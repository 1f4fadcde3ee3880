"""The promises of the real knowledge: proved for every patient, but for what the content accepts by name.

A refutation counts only when the engine itself shows it: the patient that the solver found is assessed
before and after, so that no acceptance stands on the solver's word alone.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice

import pytest

from trivium.core.values import Value
from trivium.knowledge.checks.expressions import known_values
from trivium.knowledge.loader import load
from trivium.logic.nodes import BOOLEAN, Literal
from trivium.pathway.assess import Option, assess
from trivium.proof.dosing import DOSE_OBLIGATIONS
from trivium.proof.laws import OBLIGATIONS, Outcome, prove

PATHWAY = load().pathway
HARM, UNKNOWN_FACT = "harm never helps (b)", "unknown never helps (c)"
SLOW = (HARM, UNKNOWN_FACT)  # together over a minute; the others answer within a second or two
OFFERED = ("consider", "recommended")
SOME = 12  # questions of a slow obligation that are asked again, or asked in the quick run

obligations = pytest.mark.parametrize(
    "obligation",
    [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in OBLIGATIONS],
)


@cache
def outcomes(obligation: str) -> tuple[Outcome, ...]:
    """Asked once for all tests."""
    return tuple(prove(PATHWAY, obligation))


def accepted(obligation: str) -> list[str]:
    """What the content accepts as refuted, as it is written there."""
    return [
        about
        for promise in PATHWAY.properties.values()
        if promise.obligation == obligation
        for about in promise.accepts
    ]


def verdicts(found: Iterator[Outcome] | tuple[Outcome, ...]) -> list[tuple[str, str, str]]:
    return [(outcome.about, outcome.verdict, outcome.accepted) for outcome in found]


def line(outcome: Outcome) -> str:
    return f"{outcome.about}: {outcome.verdict} {dict(outcome.before)} {dict(outcome.after)}"


@obligations
def test_every_question_passes(obligation: str) -> None:
    assert outcomes(obligation), "an obligation without a question says nothing"
    assert [line(outcome) for outcome in outcomes(obligation) if not outcome.passes] == []


@obligations
def test_what_is_refuted_is_exactly_what_the_content_accepts(obligation: str) -> None:
    asked = [outcome.about for outcome in outcomes(obligation)]
    refuted = {outcome.about for outcome in outcomes(obligation) if outcome.verdict == "refuted"}
    listed = accepted(obligation)
    assert [about for about in listed if about not in asked] == [], "accepted, but never asked"
    assert [about for about in listed if about not in refuted] == [], "stale: accepted, but not refuted"
    assert sorted(refuted - set(listed)) == [], "refuted, but not accepted"


@obligations
def test_two_runs_give_the_same_verdicts(obligation: str) -> None:
    count = SOME if obligation in SLOW else None
    again = verdicts(islice(prove(PATHWAY, obligation), count))
    assert again == verdicts(outcomes(obligation)[:count])


@pytest.mark.parametrize("obligation", SLOW)
def test_the_first_questions_of_a_slow_obligation_pass(obligation: str) -> None:
    found = list(islice(prove(PATHWAY, obligation), SOME))
    assert len(found) == SOME
    assert [line(outcome) for outcome in found if not outcome.passes] == []


def test_no_question_is_asked_twice_and_no_acceptance_written_twice() -> None:
    for obligation in set(OBLIGATIONS) - set(SLOW):
        asked = Counter(outcome.about for outcome in outcomes(obligation))
        assert [about for about, count in asked.items() if count > 1] == []
    for obligation in OBLIGATIONS:
        assert len(accepted(obligation)) == len(set(accepted(obligation)))


def test_every_acceptance_belongs_to_an_obligation_that_exists() -> None:
    named = {promise.obligation for promise in PATHWAY.properties.values() if promise.accepts}
    assert named <= {*OBLIGATIONS, *DOSE_OBLIGATIONS}


def test_only_a_refutation_that_is_accepted_passes() -> None:
    for obligation in set(OBLIGATIONS) - set(SLOW):
        for outcome in outcomes(obligation):
            assert outcome.passes is (outcome.verdict == "proved" or outcome.about in accepted(obligation))


def test_treatment_in_scope_is_asked_of_every_treatment_and_every_agent() -> None:
    asked = {outcome.about for outcome in outcomes("treatment only in scope")}
    treatments = {item.id for item in PATHWAY.recommendations.values() if item.treatment}
    assert asked == treatments | set(PATHWAY.agents)


@pytest.mark.slow
def test_moving_to_harm_really_helps_where_the_content_accepts_it() -> None:
    for outcome in refuted(HARM):
        before, after = option(outcome, outcome.before), option(outcome, outcome.after)
        newly_offered = after.status in OFFERED and before.status not in OFFERED
        freed = before.status == "blocked" and after.status not in ("blocked", "not_indicated")
        assert newly_offered or freed, f"{outcome.about}: {before.status}, then {after.status}"


@pytest.mark.slow
def test_forgetting_really_frees_where_the_content_accepts_it() -> None:
    for outcome in refuted(UNKNOWN_FACT):
        before, after = option(outcome, outcome.before), option(outcome, outcome.after)
        assert before.bars and not after.bars, outcome.about


def refuted(obligation: str) -> Iterator[Outcome]:
    return (outcome for outcome in outcomes(obligation) if outcome.verdict == "refuted")


def option(outcome: Outcome, facts: Mapping[str, Value]) -> Option:
    """The agent that a refutation is about; law (c) asks of its bars whether it is indicated or not."""
    agent = PATHWAY.agents[outcome.about.rpartition(": agent ")[2]]
    if outcome.obligation == UNKNOWN_FACT:
        agent = dataclasses.replace(agent, offered_when=Literal(True, BOOLEAN))
    alone = dataclasses.replace(PATHWAY, agents={agent.id: agent}, recommendations={}, alerts={}, scores={})
    (found,) = assess(alone, known_values(PATHWAY, facts)).options
    return found
