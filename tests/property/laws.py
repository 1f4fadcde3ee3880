"""The laws as functions: a pathway and states of a patient in, what breaks the law out, in words. No tests.

All but (a) look at what the engine says (`pathway.assess`), so that a defect there shows as well as one of
the content. Of (b), what the content itself accepts is no breach: a drug against an infection is offered
because of it. Of (c), the exceptions are named here, and the content must accept exactly what they free.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.property.states import State

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import is_known
from trivium.knowledge.checks.expressions import names_behind, written
from trivium.knowledge.given import unknown_of
from trivium.knowledge.models import Agent, Pathway
from trivium.logic.evaluate import evaluate
from trivium.logic.nodes import Node, criterion_names, is_monotone
from trivium.pathway.assess import AVAILABILITY, BARS, Assessment, Option, assess

OFFERED = ("consider", "recommended")
HARM, SILENCE = "harm never helps (b)", "unknown never helps (c)"

# Law (c) has these exceptions (decision 0013): a bar that counts only when what it asks about is known.
COUNTS_ONLY_WHEN_KNOWN: Mapping[str, str] = {
    "known_ivig_hypersensitivity": "an allergy list nobody signed must not take IVIG from everybody",
    "known_tacrolimus_hypersensitivity": "the same for tacrolimus",
    "known_cyclophosphamide_hypersensitivity": "the same for cyclophosphamide",
    "known_mycophenolate_hypersensitivity": "the same for mycophenolate",
    "known_tmp_smx_hypersensitivity": "the same for trimethoprim-sulfamethoxazole",
    "known_rifampicin": "a list nobody signed must not take the calcineurin inhibitors from everybody",
    "pregnant_known": "sex, age or a negative test exclude a pregnancy that nobody has stated",
}


def is_monotone_throughout(pathway: Pathway, node: Node) -> bool:
    """No `is null` and no `is true` in an expression or in any criterion behind it."""
    return is_monotone(node) and all(
        is_monotone_throughout(pathway, pathway.criteria[name].when) for name in criterion_names(node)
    )


def facts_behind(pathway: Pathway, node: Node) -> set[str]:
    """The facts an expression rests on, also through criteria."""
    return set(names_behind(node, pathway.criteria)) & set(pathway.facts)


def flipped(pathway: Pathway, before: State, after: State) -> list[str]:
    """(a) What was known of a monotone expression, and is something else after learning more."""
    were, are = assess(pathway, before).criteria, assess(pathway, after).criteria
    found = []
    for item in written(pathway):
        if not is_monotone_throughout(pathway, item.node):
            continue
        was, now = evaluate(item.node, before, were).truth, evaluate(item.node, after, are).truth
        if was is not UNKNOWN and was is not now:
            found.append(f"{item.owner}: {was}, and {now} once more is known")
    return found


def silenced(pathway: Pathway, fact: str, before: State, after: State) -> list[str]:
    """(b) The hazards that no longer show after a fact moved towards harm."""
    gone = _hazards(assess(pathway, before)) - _hazards(assess(pathway, after))
    accepted = _accepted(pathway, HARM)
    return sorted(f"{fact}: alert {name}" for name in gone if f"{fact}: alert {name}" not in accepted)


def helped_by_harm(pathway: Pathway, fact: str, before: State, after: State) -> list[str]:
    """(b) The agents that are more available after a fact moved towards harm."""
    were, are, accepted = _options(pathway, before), _options(pathway, after), _accepted(pathway, HARM)
    return [
        f"{fact}: agent {name} was {was.status}, is {are[name].status}"
        for name, was in were.items()
        if f"{fact}: agent {name}" not in accepted and _is_freer(was, are[name])
    ]


def _is_freer(was: Option, now: Option) -> bool:
    """More available. What is not indicated stands below all others, but to be barred is no help."""
    if "not_indicated" in (was.status, now.status):
        return was.status == "not_indicated" and now.status in OFFERED
    return AVAILABILITY.index(now.status) > AVAILABILITY.index(was.status)


def freed_by_silence(
    pathway: Pathway, fact: str, before: State, after: State, excused: bool = True
) -> list[str]:
    """(c) The agents that are offered after a bad value became unknown, and were not before."""
    were, are = _options(pathway, before), _options(pathway, after)
    return [
        f"{fact}: agent {name} was {was.status}, is {are[name].status}"
        for name, was in were.items()
        if are[name].status in OFFERED and was.status not in OFFERED
        if not (excused and rests_on_an_exception(pathway, fact, was))
    ]


def rests_on_an_exception(pathway: Pathway, fact: str, was: Option) -> bool:
    """Every bar that stood looks at the fact through a criterion that counts only when known."""
    exceptions = {
        name
        for name in COUNTS_ONLY_WHEN_KNOWN
        if name in pathway.criteria and fact in facts_behind(pathway, pathway.criteria[name].when)
    }
    bars = [bar.condition.when for bar in was.bars]
    return bool(bars) and all(exceptions & names_behind(bar, pathway.criteria) for bar in bars)


def freed_by_exceptions(pathway: Pathway) -> set[str]:
    """Every fact and agent that an exception of (c) may free, worded as the content accepts it."""
    return {
        f"{fact}: agent {agent.id}"
        for name in COUNTS_ONLY_WHEN_KNOWN
        for fact in facts_behind(pathway, pathway.criteria[name].when)
        for agent in pathway.agents.values()
        if any(name in names_behind(bar, pathway.criteria) for bar in bars_of(agent))
    }


def accepted_of_silence(pathway: Pathway) -> frozenset[str]:
    """What the content accepts of law (c)."""
    return _accepted(pathway, SILENCE)


def no_longer_missed(pathway: Pathway, before: State, after: State) -> list[str]:
    """(d) The missing alerts that are gone although a fact they missed is still unknown."""
    first, second = assess(pathway, before), assess(pathway, after)
    shown = {raised.alert.id for raised in second.alerts}
    found = []
    for raised in first.alerts:
        if raised.alert.kind == "hazard" or raised.alert.id in shown:
            continue
        unknown = [name for name in raised.missing if not _knows(pathway, after, name)]
        # It speaks to whom it is for; whoever turns out not to be meant is not spoken to any more.
        if unknown and evaluate(raised.alert.when, after, second.criteria).truth is not FALSE:
            found.append(f"{raised.alert.id}: still unknown: {', '.join(unknown)}")
    return found


def is_due(found: Assessment) -> bool:
    """Whether treatment is due: RP-ILD, adult, in scope."""
    return found.criteria["mda5_rp_ild"].truth is TRUE


def paralysed(pathway: Pathway, state: State) -> list[str]:
    """What is neither offered nor says what bars it or what it waits for, where treatment is due."""
    found = assess(pathway, state)
    if not is_due(found):
        return []
    problems = []
    for option in found.options:
        if {"partner", "glucocorticoid"} & set(option.agent.roles) and not _is_accounted_for(option):
            problems.append(f"{option.agent.id} is {option.status}, and nothing says why")
    steroids = [option for option in found.options if "glucocorticoid" in option.agent.roles]
    if not any(option.status in OFFERED for option in steroids):
        barred = [option for option in steroids if any(bar.trace.truth is TRUE for bar in option.bars)]
        if len(barred) < len(steroids) or not steroids:
            problems.append("no glucocorticoid, and nothing known bars it")
    advice = {item.recommendation.id: item for item in found.recommendations}["upfront_triple_therapy"]
    if advice.status == "undetermined" or (advice.status == "blocked" and not advice.bars):
        problems.append("upfront triple therapy waits for something unknown")
    return problems


def _is_accounted_for(option: Option) -> bool:
    if option.status in OFFERED:
        return True
    if option.status == "blocked":
        known = [bar.condition for bar in option.bars if bar.trace.truth is TRUE]
        return bool(known) and all(bar.text and bar.resolved_by for bar in known)
    return option.status == "undetermined" and bool(option.missing) and bool(option.bars)


def left_alone(pathway: Pathway, state: State) -> list[str]:
    """Fewer than two partners of two classes, or no glucocorticoid, once every harm is unknown."""
    harms = {name: unknown_of(spec.type) for name, spec in pathway.facts.items() if spec.harm}
    found = assess(pathway, {**state, **harms})
    if not is_due(found):
        return []
    problems = []
    if len(offered_classes(found)) < 2:
        problems.append(f"partners of {', '.join(sorted(offered_classes(found))) or 'no class'} only")
    if not any(o.status == "recommended" for o in found.options if "glucocorticoid" in o.agent.roles):
        problems.append("no glucocorticoid is recommended")
    return problems


def offered_classes(found: Assessment) -> set[str]:
    """The classes of the partners that are offered."""
    return {
        option.agent.drug_class
        for option in found.options
        if "partner" in option.agent.roles and option.status in OFFERED
    }


def treated_out_of_scope(pathway: Pathway, found: Assessment) -> list[str]:
    """What would be given to a patient who is not known to be in scope."""
    if found.criteria[pathway.in_scope].truth is TRUE:
        return []
    given = [
        item.recommendation.id
        for item in found.recommendations
        if item.recommendation.treatment and item.status in OFFERED
    ]
    return given + [option.agent.id for option in found.options if option.status in OFFERED]


def status_of(pathway: Pathway, state: State, agent: str) -> str:
    """The status of one agent."""
    return _options(pathway, state)[agent].status


def bars_of(agent: Agent) -> list[Node]:
    """The expressions that bar an agent."""
    return [line.when for line in agent.lines if line.kind in BARS]


def _options(pathway: Pathway, state: State) -> dict[str, Option]:
    return {option.agent.id: option for option in assess(pathway, state).options}


def _hazards(found: Assessment) -> set[str]:
    return {raised.alert.id for raised in found.alerts if raised.alert.kind == "hazard"}


def _knows(pathway: Pathway, state: State, name: str) -> bool:
    return is_known(state[name], len(pathway.facts[name].type.choices))


def _accepted(pathway: Pathway, obligation: str) -> frozenset[str]:
    return frozenset(
        about
        for promise in pathway.properties.values()
        if promise.obligation == obligation
        for about in promise.accepts
    )
