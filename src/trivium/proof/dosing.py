"""The named obligations on doses: what must hold of every regimen in every state of every patient.

Asked and answered as the laws of the pathway are (`proof.laws`): proved, refuted with a patient, vacuous or
undecided. What single agents promise (`properties/`) is among them; no clinical number stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import z3

from trivium.knowledge.dosing import Dosing
from trivium.knowledge.models import Knowledge, Property
from trivium.logic.nodes import Node
from trivium.logic.proof import Possible
from trivium.proof.dose_world import DoseWorld
from trivium.proof.laws import Outcome, Question, answer, facts_behind
from trivium.proof.world import World, moved_to_harm, settled, unknown
from trivium.regimen.interactions import BARRING

Obligation = Callable[[Knowledge], Iterator[Question]]


def maxima_are_kept(knowledge: Knowledge) -> Iterator[Question]:
    """No computed dose is above a maximum of its regimen, whatever holds."""
    world = World(knowledge.pathway)
    for dose in _regimens(knowledge, world):
        for number, limit in enumerate(dose.regimen.limits, 1):
            for highest, most in dose.against(limit.per, limit.amount):
                about = f"{_name(dose)}: maximum {number} per {limit.per}"
                yield Question(about, tuple(dose.sizes_known()), highest <= most, _rests(dose), world)


def adjustments_never_raise(knowledge: Knowledge) -> Iterator[Question]:
    """No adjustment that holds, alone or with others, gives more than there would be without it."""
    world = World(knowledge.pathway)
    for dose in _regimens(knowledge, world):
        for adjustment in dose.adjustments:
            other = DoseWorld(world, dose.dosing, dose.regimen, frozenset((adjustment.id,)))
            holds = world.pair(adjustment.when.node).true
            claim = z3.And(dose.most() <= other.most(), dose.least() <= other.least())
            premise = (*dose.sizes_known(), holds)
            yield Question(f"{_name(dose)}: {adjustment.id}", premise, claim, _rests(dose), world)


def harm_never_raises(knowledge: Knowledge) -> Iterator[Question]:
    """Law (b) for doses: moving a fact towards harm never raises the dose.

    Asked of patients of whom all that matters is known. What several values of a fact leave open is the
    set of their doses (`regimen.suppose`), whose ends move as the doses do. Of choices the move is from a
    harmless one to a harmful one: two harmful ones have no order.
    """
    rests = _all_rests(knowledge)
    for fact, spec in knowledge.pathway.facts.items():
        if spec.harm:
            for before, after in _changed(knowledge, fact, rests):
                one, other = before.world.facts[fact], after.world.facts[fact]
                premise = [*before.sizes_known(), *after.sizes_known(), moved_to_harm(one, other, spec)]
                premise += [
                    settled(each.facts[name])
                    for each in (before.world, after.world)
                    for name in _rests(before)
                ]
                if isinstance(one, Possible):
                    premise += [z3.Not(one.may[choice]) for choice in spec.harm]
                claim = after.most() <= before.most()
                yield _two(f"{fact}: {_name(before)}", tuple(premise), claim, before, after)


def unknown_never_raises(knowledge: Knowledge) -> Iterator[Question]:
    """Law (c) for doses: the cautious dose is not raised when a known fact is replaced by Unknown."""
    rests = _all_rests(knowledge)
    for fact in knowledge.pathway.facts:
        for before, after in _changed(knowledge, fact, rests):
            if fact in before.sizes():
                continue  # without it there is no dose at all
            lost = (z3.Not(unknown(before.world.facts[fact])), unknown(after.world.facts[fact]))
            premise = (*before.sizes_known(), *lost)
            yield _two(f"{fact}: {_name(before)}", premise, after.least() <= before.least(), before, after)


def promises_on_doses(knowledge: Knowledge) -> Iterator[Question]:
    """What the content promises of single agents: daily maximum, share, company, offer."""
    world = World(knowledge.pathway)
    for promise in knowledge.pathway.properties.values():
        if promise.agent:
            for sort in (_daily_maximum, _share, _offer, _company):
                yield from sort(knowledge, promise, world)


def _daily_maximum(knowledge: Knowledge, promise: Property, world: World) -> Iterator[Question]:
    if promise.dose_at_most is None:
        return
    for dose in _of_agent(knowledge, promise.agent, world):
        for highest, most in dose.against("day", promise.dose_at_most):
            about = f"{promise.id}: {_name(dose)}"
            yield Question(about, tuple(dose.sizes_known()), highest <= most, _rests(dose), world)


def _share(knowledge: Knowledge, promise: Property, world: World) -> Iterator[Question]:
    """At most that share where `given` holds; the cautious dose already where it may hold.

    The first is asked of patients of whom all that matters is known, as in `harm_never_raises`.
    """
    if promise.share_at_most is None or promise.given is None:
        return
    given = world.pair(promise.given)
    share = z3.RealVal(str(promise.share_at_most))
    for dose in _of_agent(knowledge, promise.agent, world):
        rests = _rests(dose) | facts_behind(knowledge.pathway, [promise.given])
        whole = dose.unadjusted() * share
        all_known = [settled(world.facts[name]) for name in sorted(rests)]
        cases = (
            ("surely", (*all_known, given.true), dose.most()),
            ("perhaps", (z3.Not(given.false),), dose.least()),
        )
        for word, holds, amount in cases:
            premise = (*dose.sizes_known(), *holds)
            yield Question(f"{promise.id}: {_name(dose)} ({word})", premise, amount <= whole, rests, world)


def _offer(knowledge: Knowledge, promise: Property, world: World) -> Iterator[Question]:
    """Offered only where the condition surely does not hold, or a recorded override surely does."""
    agent = knowledge.pathway.agents.get(promise.agent)
    if promise.not_offered_when is None or agent is None:
        return
    nodes: list[Node] = [agent.offered_when, *(line.when for line in agent.lines), promise.not_offered_when]
    claim = world.pair(promise.not_offered_when).false
    if promise.unless is not None:
        nodes.append(promise.unless)
        claim = z3.Or(claim, world.pair(promise.unless).true)
    rests = facts_behind(knowledge.pathway, nodes)
    yield Question(promise.id, (world.offered(agent),), claim, rests, world)


def _company(knowledge: Knowledge, promise: Property, world: World) -> Iterator[Question]:
    """Each pair has a line, on either side, that bars it whatever the record says."""
    for name in promise.never_beside:
        others = [each for each in knowledge.dosing.values() if name in (each.agent, *each.classes)]
        for other in others:
            if other.agent != promise.agent:
                barred = _bars(knowledge.dosing[promise.agent], other) or _bars(
                    other, knowledge.dosing[promise.agent]
                )
                about = f"{promise.id}: {promise.agent} with {other.agent}"
                yield Question(about, (), z3.BoolVal(barred), frozenset(), world)


def _bars(one: Dosing, other: Dosing) -> bool:
    names = {other.agent, *other.classes}
    return any(line.severity in BARRING and names & set(line.partners) for line in one.interactions)


DOSE_OBLIGATIONS: Mapping[str, Obligation] = {
    "maxima of doses": maxima_are_kept,
    "adjustments never raise": adjustments_never_raise,
    "harm never raises a dose (b)": harm_never_raises,
    "unknown never raises a dose (c)": unknown_never_raises,
    "promises on doses": promises_on_doses,
}


def prove_doses(knowledge: Knowledge, obligation: str) -> Iterator[Outcome]:
    """Every question of one obligation, answered.

    Errors:  KeyError for an obligation that is not in `DOSE_OBLIGATIONS`.
    """
    accepted = {
        about: promise.reason
        for promise in knowledge.pathway.properties.values()
        if promise.obligation == obligation
        for about in promise.accepts
    }
    for question in DOSE_OBLIGATIONS[obligation](knowledge):
        yield answer(obligation, question, accepted.get(question.about, ""))


def _regimens(knowledge: Knowledge, world: World) -> Iterator[DoseWorld]:
    for agent in knowledge.dosing:
        yield from _of_agent(knowledge, agent, world)


def _of_agent(knowledge: Knowledge, agent: str, world: World) -> Iterator[DoseWorld]:
    dosing: Dosing | None = knowledge.dosing.get(agent)
    for regimen in dosing.regimens.values() if dosing else ():
        dose = DoseWorld(world, dosing, regimen) if dosing else None
        if dose is not None and dose.rules:
            yield dose


_Rests = Mapping[tuple[str, str], frozenset[str]]  # agent and regimen → the facts that its dose rests on


def _all_rests(knowledge: Knowledge) -> _Rests:
    world = World(knowledge.pathway)
    return {(dose.dosing.agent, dose.regimen.id): _rests(dose) for dose in _regimens(knowledge, world)}


def _changed(knowledge: Knowledge, fact: str, rests: _Rests) -> Iterator[tuple[DoseWorld, DoseWorld]]:
    """Each regimen that rests on a fact, before and after a change of that fact alone."""
    if not any(fact in facts for facts in rests.values()):
        return
    before = World(knowledge.pathway)
    shared = {name: symbols for name, symbols in before.facts.items() if name != fact}
    after = World(knowledge.pathway, "__after", shared)
    for dose in _regimens(knowledge, before):
        if fact in rests[dose.dosing.agent, dose.regimen.id]:
            yield dose, DoseWorld(after, dose.dosing, dose.regimen)


def _two(
    about: str, premise: tuple[z3.BoolRef, ...], claim: z3.BoolRef, before: DoseWorld, after: DoseWorld
) -> Question:
    return Question(about, premise, claim, _rests(before), before.world, after.world)


def _rests(dose: DoseWorld) -> frozenset[str]:
    return facts_behind(dose.world.pathway, dose.nodes()) | dose.sizes()


def _name(dose: DoseWorld) -> str:
    return f"{dose.dosing.agent} {dose.regimen.id}"
