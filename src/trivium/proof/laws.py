"""The named obligations: what must hold of a pathway in every state of every patient.

Each obligation asks one question a rule, and each question is proved, refuted with a patient, vacuous
(no patient meets its premise) or undecided. Only the first is a pass, or a refutation that the content
accepts with a reason (`properties/accepted.yaml`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import z3

from trivium.core.values import Value
from trivium.knowledge.models import Agent, Pathway
from trivium.logic import proof
from trivium.logic.nodes import Node, criterion_names, fact_names, is_monotone
from trivium.proof.world import World, moved_to_harm, narrower, unknown

TIMEOUT_MS = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: the obligation, what it is about, the verdict, and the patient that refutes it."""

    obligation: str
    about: str
    verdict: str  # proved, refuted, vacuous, undecided
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    accepted: str = ""  # why a refutation is accepted, in the content's words

    @property
    def passes(self) -> bool:
        return self.verdict == "proved" or (self.verdict == "refuted" and bool(self.accepted))


@dataclass(frozen=True, slots=True)
class Question:
    """A claim under a premise, about one state or two, and the facts that any of it rests on."""

    about: str
    premise: tuple[z3.BoolRef, ...]
    claim: z3.BoolRef
    facts: frozenset[str]
    before: World
    after: World | None = None


Obligation = Callable[[Pathway], Iterator[Question]]


def treatment_only_in_scope(pathway: Pathway) -> Iterator[Question]:
    """No treatment and no agent is offered to a patient who is not surely in scope."""
    world = World(pathway)
    scope = world.criteria[pathway.in_scope].true
    scoped = facts_behind(pathway, [pathway.criteria[pathway.in_scope].when])
    for item in pathway.recommendations.values():
        if item.treatment:
            nodes = [item.when, *(bar.when for bar in item.blocked_when)]
            rests = facts_behind(pathway, nodes) | scoped
            yield Question(item.id, (world.offered(item),), scope, rests, world)
    for agent in pathway.agents.values():
        rests = facts_behind(pathway, _expressions(agent)) | scoped
        yield Question(agent.id, (world.offered(agent),), scope, rests, world)


def narrowing_never_flips(pathway: Pathway) -> Iterator[Question]:
    """Law (a): learning more never turns a true finding false or a false one true.

    For criteria that nowhere test what is known (`is null`, `is true`).
    """
    wide, narrow = World(pathway), World(pathway, "__after")
    for name, criterion in pathway.criteria.items():
        if _tests_knowledge(pathway, name):
            continue
        rests = facts_behind(pathway, [criterion.when])
        learnt = tuple(narrower(narrow.facts[fact], wide.facts[fact]) for fact in sorted(rests))
        before, after = wide.criteria[name], narrow.criteria[name]
        kept = z3.And(z3.Implies(before.true, after.true), z3.Implies(before.false, after.false))
        yield Question(name, (*learnt, z3.Or(before.true, before.false)), kept, rests, wide, narrow)


def harm_never_helps(pathway: Pathway) -> Iterator[Question]:
    """Law (b): moving a fact towards harm removes no hazard alert and makes no agent more available."""
    for fact, spec in pathway.facts.items():
        if not spec.harm:
            continue
        before, after = _changed(pathway, fact)
        move = moved_to_harm(before.facts[fact], after.facts[fact], spec)
        for alert in pathway.alerts.values():
            rests = facts_behind(pathway, [alert.when])
            if alert.kind == "hazard" and fact in rests:
                shown, still = before.pair(alert.when).true, after.pair(alert.when).true
                yield Question(f"{fact}: alert {alert.id}", (move, shown), still, rests, before, after)
        for agent, rests in _agents_resting_on(pathway, fact):
            claim = z3.And(
                z3.Implies(after.offered(agent), before.offered(agent)),
                z3.Implies(before.blocked(agent), z3.Or(after.blocked(agent), after.idle(agent))),
            )
            yield Question(f"{fact}: agent {agent.id}", (move,), claim, rests, before, after)


def unknown_never_helps(pathway: Pathway) -> Iterator[Question]:
    """Law (c): an agent that is barred, or may be, is not freed by replacing a known fact by Unknown."""
    for fact in pathway.facts:
        before, after = _changed(pathway, fact)
        lost = (z3.Not(unknown(before.facts[fact])), unknown(after.facts[fact]))
        for agent, rests in _agents_resting_on(pathway, fact):
            free = z3.Implies(after.option_bars(agent).false, before.option_bars(agent).false)
            yield Question(f"{fact}: agent {agent.id}", lost, free, rests, before, after)


def never_together(pathway: Pathway) -> Iterator[Question]:
    """Two recommendations that contradict each other are never both offered (`never_together`)."""
    world = World(pathway)
    for promise in pathway.properties.values():
        pair = [pathway.recommendations[name] for name in promise.never_together]
        if pair:
            one, other = pair
            nodes = [node for item in pair for node in (item.when, *(bar.when for bar in item.blocked_when))]
            not_both = z3.Not(world.offered(other))
            yield Question(promise.id, (world.offered(one),), not_both, facts_behind(pathway, nodes), world)


def promises(pathway: Pathway) -> Iterator[Question]:
    """What the content itself promises: whenever `given` surely holds, `then` surely holds."""
    world = World(pathway)
    for promise in pathway.properties.values():
        if promise.given is not None and promise.then is not None:
            rests = facts_behind(pathway, [promise.given, promise.then])
            given, then = world.pair(promise.given).true, world.pair(promise.then).true
            yield Question(promise.id, (given,), then, rests, world)


# What an in-scope adult with RP-ILD must always be left with, whatever is unknown.
NEVER_WAITS = "never-waits"


def no_paralysis(pathway: Pathway) -> Iterator[Question]:
    """An agent with the role `never-waits`, where indicated, is offered or blocked by what is known."""
    world = World(pathway)
    for agent in pathway.agents.values():
        if NEVER_WAITS in agent.roles:
            indicated = world.pair(agent.offered_when).true
            claim = z3.Or(world.offered(agent), world.option_bars(agent).true)
            rests = facts_behind(pathway, _expressions(agent))
            yield Question(agent.id, (indicated,), claim, rests, world)


OBLIGATIONS: Mapping[str, Obligation] = {
    "treatment only in scope": treatment_only_in_scope,
    "narrowing never flips (a)": narrowing_never_flips,
    "harm never helps (b)": harm_never_helps,
    "unknown never helps (c)": unknown_never_helps,
    "no paralysis": no_paralysis,
    "never together": never_together,
    "promises of the content": promises,
}


def prove(pathway: Pathway, obligation: str) -> Iterator[Outcome]:
    """Every question of one obligation, answered.

    Errors:  KeyError for an obligation that is not in `OBLIGATIONS`.
    """
    accepted = {
        about: promise.reason
        for promise in pathway.properties.values()
        if promise.obligation == obligation
        for about in promise.accepts
    }
    for question in OBLIGATIONS[obligation](pathway):
        yield answer(obligation, question, accepted.get(question.about, ""))


def answer(obligation: str, question: Question, accepted: str) -> Outcome:
    """Put one question to the solver."""
    names = sorted(question.facts)
    worlds = [world for world in (question.before, question.after) if world is not None]
    axioms = [axiom for world in worlds for axiom in world.axioms(names)]
    symbols = {f"{i} {name}": world.facts[name] for i, world in enumerate(worlds) for name in names}
    verdict = proof.check(question.claim, [*axioms, *question.premise], symbols, TIMEOUT_MS)
    if not isinstance(verdict, proof.Refuted):
        return Outcome(obligation, question.about, type(verdict).__name__.lower(), {}, {})
    before = {name: verdict.witness[f"0 {name}"] for name in names}
    after = {name: verdict.witness[f"1 {name}"] for name in names} if question.after else {}
    return Outcome(obligation, question.about, "refuted", before, after, accepted)


def facts_behind(pathway: Pathway, nodes: Iterable[Node]) -> frozenset[str]:
    """Every fact that the expressions rest on, also through criteria."""
    found: set[str] = set()
    for node in nodes:
        found |= fact_names(node)
        found |= facts_behind(pathway, (pathway.criteria[name].when for name in criterion_names(node)))
    return frozenset(found)


def _changed(pathway: Pathway, fact: str) -> tuple[World, World]:
    """One patient before and after a change of one fact; every other fact is the same symbols in both."""
    before = World(pathway)
    shared = {name: symbols for name, symbols in before.facts.items() if name != fact}
    return before, World(pathway, "__after", shared)


def _expressions(agent: Agent) -> list[Node]:
    return [agent.offered_when, *(line.when for line in agent.lines)]


def _agents_resting_on(pathway: Pathway, fact: str) -> Iterator[tuple[Agent, frozenset[str]]]:
    for agent in pathway.agents.values():
        rests = facts_behind(pathway, _expressions(agent))
        if fact in rests:
            yield agent, rests


def _tests_knowledge(pathway: Pathway, name: str) -> bool:
    when = pathway.criteria[name].when
    return not is_monotone(when) or any(_tests_knowledge(pathway, other) for other in criterion_names(when))
