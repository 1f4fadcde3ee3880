"""Rule: a dose or a target level is one of the regimens of the base, by a source that was read.

Held against `knowledge/agents`: amounts by administration, day and course. A figure that only a weak source
prints, while read sources print another, conflicts; both are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from trivium.core.units import UnitError, factor_between, parse_unit
from trivium.evidence.claims.assertions import Assertion
from trivium.evidence.claims.finding import Finding
from trivium.evidence.claims.quantities import Dose, Level
from trivium.knowledge.dosing import Amount, DoseRule, Dosing, Regimen
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import WEAK, Cited, Knowledge


@dataclass(frozen=True, slots=True)
class Known:
    """An amount that a regimen has, in the units of `quantities.Dose`."""

    regimen: str
    label: str
    low: Fraction
    high: Fraction
    unit: str
    per: str
    is_weak: bool
    purpose: str
    reason: str


def check(assertion: Assertion, base: EvidenceBase, knowledge: Knowledge | None) -> Iterator[Finding]:
    """One finding a dose, one a level."""
    if knowledge is None or not (assertion.doses or assertion.levels):
        return
    agents = [name for name in _nearest(assertion, base) if dosing_of(name, base, knowledge)]
    if not agents:
        for dose in assertion.doses:
            reason = f"{dose.words}: no agent of the base is named with it"
            yield Finding(assertion.text, assertion.at, "not judged", (), reason, "dose")
        return
    for dose in assertion.doses:
        yield _judge_dose(assertion, dose, agents, base, knowledge)
    for level in assertion.levels:
        yield _judge_level(assertion, level, agents, base, knowledge)


def _nearest(assertion: Assertion, base: EvidenceBase) -> tuple[str, ...]:
    """The sentence's own agents, else the heading's; a class goes where a member stands beside it."""
    names = assertion.own or assertion.agents
    classes = {each for name in names if name in base.agents for each in base.agents[name].classes}
    return tuple(name for name in names if name not in classes) or names


def _judge_dose(
    assertion: Assertion, dose: Dose, agents: list[str], base: EvidenceBase, knowledge: Knowledge
) -> Finding:
    known = [each for name in agents for each in _amounts(dosing_of(name, base, knowledge))]
    comparable = [each for each in known if each.unit == dose.unit]
    fitting = [each for each in comparable if _fits(dose, each)]
    read = [each for each in fitting if not each.is_weak]
    if read and assertion.advises and all(each.purpose == "escalate" for each in read):
        reason = f"{dose.words}: {read[0].reason}"
        return Finding(assertion.text, assertion.at, "inflated", _ids(read), reason, "dose")
    if read:
        held = _ids(read)
        return Finding(
            assertion.text, assertion.at, "supported", held, f"{dose.words}: {read[0].label}", "dose"
        )
    others = [each for each in comparable if not each.is_weak]
    if others:
        weak = f" Only a weak source prints it ({fitting[0].regimen})." if fitting else ""
        said = "; ".join(dict.fromkeys(each.label for each in others))
        reason = f"{dose.words}: sources that were read say {said}.{weak}"
        return Finding(assertion.text, assertion.at, "conflicting", _ids(others), reason, "dose")
    reason = f"{dose.words}: no regimen of the base is given in this unit"
    return Finding(assertion.text, assertion.at, "not found", _ids(fitting), reason, "dose")


def _fits(dose: Dose, known: Known) -> bool:
    """Whether what is written lies within what is known, for the same span where the sentence names one.

    A written frequency decides by the day: 10 mg twice a day is 20 mg a day.
    """
    if dose.times:
        return (
            known.per == "day" and known.low <= dose.low * dose.times and dose.high * dose.times <= known.high
        )
    return known.low <= dose.low and dose.high <= known.high and dose.per in ("", known.per)


def _judge_level(
    assertion: Assertion, level: Level, agents: list[str], base: EvidenceBase, knowledge: Knowledge
) -> Finding:
    targets = [
        (f"{dosing.agent}.{regimen.id}", target)
        for name in agents
        if (dosing := dosing_of(name, base, knowledge))
        for regimen in dosing.regimens.values()
        for target in regimen.targets
    ]
    spans = [(name, _in(target.amount, "ng/mL"), target.cited or ()) for name, target in targets]
    known = [(name, span, cited) for name, span, cited in spans if span]
    fitting = [name for name, span, _ in known if span and span[0] <= level.low and level.high <= span[1]]
    if fitting:
        reason = f"{level.words}: a target of the base"
        return Finding(assertion.text, assertion.at, "supported", tuple(fitting[:3]), reason, "level")
    if known:
        said = "; ".join(f"{float(span[0]):g} to {float(span[1]):g} ng/mL" for _, span, _ in known if span)
        held = tuple(name for name, _, _ in known[:3])
        return Finding(
            assertion.text, assertion.at, "conflicting", held, f"{level.words}: the base has {said}", "level"
        )
    reason = f"{level.words}: no target level of the base for these agents"
    return Finding(assertion.text, assertion.at, "not found", (), reason, "level")


def _amounts(dosing: Dosing | None) -> Iterator[Known]:
    """Every amount of every regimen: an administration, the day where it is taken daily, the course."""
    if dosing is None:
        return
    for regimen in dosing.regimens.values():
        for rule in regimen.rules:
            yield from _of_rule(dosing, regimen, rule)


def _of_rule(dosing: Dosing, regimen: Regimen, rule: DoseRule) -> Iterator[Known]:
    unit = next((unit for unit in ("mg", "mg/kg", "mg/m2", "[iU]") if _in(rule.amount, unit)), "")
    span = _in(rule.amount, unit) if unit else None
    if span is None:
        return
    low, high = span
    name, weak = f"{dosing.agent}.{regimen.id}", _is_weak(regimen.cited)

    def known(low: Fraction, high: Fraction, per: str) -> Known:
        return Known(name, regimen.label, low, high, unit, per, weak, regimen.purpose, regimen.reason)

    yield known(low, high, rule.per)
    times = regimen.schedule.times_per_day
    if rule.per == "administration":  # without a frequency it is one on its day
        yield known(low * (times or 1), high * (times or 1), "day")
    if rule.per == "day" and times:
        yield known(low / times, high / times, "administration")
    over = regimen.schedule.over_days
    if rule.per == "course" and over:
        yield known(low / over[1], high / over[0], "day")


def _in(amount: Amount, unit: str) -> tuple[Fraction, Fraction] | None:
    try:
        factor = factor_between(parse_unit(amount.unit), parse_unit(unit))
    except UnitError:
        return None
    return amount.low * factor, amount.high * factor


def _ids(known: Iterable[Known]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.regimen for each in known))[:3]


def dosing_of(name: str, base: EvidenceBase, knowledge: Knowledge) -> Dosing | None:
    """How the pathway gives an agent of the evidence; None where it does not know."""
    agent = base.agents.get(name)
    return knowledge.dosing.get(agent.pathway_agent) if agent else None


def _is_weak(cited: tuple[Cited, ...]) -> bool:
    return all(leg.seen in WEAK for leg in cited)
