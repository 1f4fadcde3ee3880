"""Several agents for one patient: eligibility, doses, clashes, the calendar, orders, questions."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import trivium
from trivium.core.truth import Truth
from trivium.core.values import Interval
from trivium.dose_json import condition_words
from trivium.knowledge.dosing import Due, When
from trivium.pathway.assess import Option
from trivium.plan import NOTICE, Plan
from trivium.regimen.calendar.build import build
from trivium.regimen.calendar.course import Choice, Quantity, course_of
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.dose import Dose
from trivium.regimen.interactions import find
from trivium.treatment.given import Already, already
from trivium.treatment.judged import judged
from trivium.treatment.orders import is_level_only, orders
from trivium.treatment.planned import Setup, agent_data

Data = dict[str, Any]

_BARRED = ("blocked", "not_indicated")


def regimen_data(
    plan: Plan,
    setup: Setup,
    agents: Sequence[str],
    *,
    regimens: Mapping[str, str] | None = None,
    start: datetime.date | None = None,
    days: int = 84,
    ward_days: int = 0,
) -> Data:
    """The agents as one regimen, in the order of urgency in which they are given.

    Shapes:  `regimens` names a regimen for an agent, the default where it does not; `days` of calendar.
    Errors:  UsageError for an agent or regimen that does not exist, or one named twice.
    """
    chosen = {}
    for agent in agents:
        dosing = setup.dosing(agent)
        regimen = setup.regimen(dosing, (regimens or {}).get(agent, ""))
        chosen[agent] = (dosing, setup.dose(dosing, regimen))
    options = {option.agent.id: option for option in plan.assessment.options}
    first = start or plan.as_of
    barred = {name for name in chosen if (option := options.get(name)) and option.status in _BARRED}
    setting = Setting.of(setup.site, ward_days)
    past = {name: _past(setup, found, setting, plan.as_of, first, days) for name, (_, found) in chosen.items()}
    calendar = _calendar(setup, [found for _, found in chosen.values()], barred, past, setting, first, days)
    doses = [agent_data(setup, *chosen[agent]) for agent in chosen]
    data: Data = {
        "kind": "regimen",
        "notice": NOTICE,
        "patient": plan.record.person.id,
        "as_of": plan.as_of.isoformat(),
        "start": first.isoformat(),
        "agents": list(chosen),
        "eligibility": [_eligibility(setup, name, options.get(name)) for name in chosen],
        "doses": doses,
        "interactions": setup.writer.interactions(
            find(setup.knowledge.dosing, setup.knowledge.drug_classes, list(chosen), setup.patient)
        ),
        "calendar": calendar,
        "already": {name: {"words": each.words, "is_open": each.is_open} for name, each in past.items()},
        "site": _site(setup),
    }
    data["orders"] = orders(data)
    data["questions"] = _questions(data)
    data["references"] = setup.sources.references()
    data["versions"] = {"engine": trivium.__version__, "knowledge": setup.knowledge.version}
    return data


def _calendar(
    setup: Setup,
    doses: Sequence[Dose],
    barred: Collection[str],
    past: Mapping[str, Already],
    setting: Setting,
    start: datetime.date,
    days: int,
) -> Data:
    """The earliest calendar of what may be given; what is barred or gives nothing is not scheduled."""
    waiting = {name for name, each in past.items() if each.is_open}
    schedulable = [dose for dose in doses if dose.agent not in {*barred, *waiting} and _is_given(dose)]
    if not schedulable:
        return {"kind": "calendar", "status": "none", "rows": [], "notes": ["No dose can be scheduled yet."]}
    choices = [replace(_choice(setup, dose), given=past[dose.agent].days) for dose in schedulable]
    known = setup.patient.facts

    def is_known(fact: str) -> bool:
        return fact in known and known[fact].is_known

    def holds(when: When) -> Truth:
        return setup.patient.trace(when.node).truth

    def called(fact: str) -> str:
        """What is measured for a fact; empty for what is derived, or asked of a person."""
        spec = setup.knowledge.pathway.facts.get(fact)
        return spec.label if spec is not None and spec.retrieval.kind == "latest" else ""

    built = build(choices, start, days, setting, holds, is_known, called)
    data = calendar_data(built)
    data["notes"] += [each.words for each in past.values() if each.words]
    for dose in doses:
        if dose not in schedulable:
            why = (
                "it is blocked or not indicated"
                if dose.agent in barred
                else "when it was given is not known"
                if dose.agent in waiting
                else "no dose of it can be given as things stand"
            )
            data["notes"].append(f"{setup.labels[dose.agent]} is not scheduled: {why}")
    return data


def _past(
    setup: Setup, dose: Dose, setting: Setting, as_of: datetime.date, start: datetime.date, days: int
) -> Already:
    choice = _choice(setup, dose)
    course = course_of(choice, days, setting.most_a_day(dose.agent))
    return already(choice, course, setup.patient, as_of, start)


def _is_given(dose: Dose) -> bool:
    """Whether any reading of the dose gives something."""
    return any(not alternative.is_avoided and alternative.settled for alternative in dose.alternatives)


def _choice(setup: Setup, dose: Dose) -> Choice:
    """What the calendar needs of a dose: the amount where it is one, the weight for rates."""
    dosing = replace(setup.knowledge.dosing[dose.agent], due=_in_words(setup, dose.agent))
    amount, words = None, ""
    settled = dose.alternatives[0].settled if dose.status == "dose" else ()
    if len(settled) == 1 and settled[0].given is not None:  # a range is no amount to schedule
        amount, words = Quantity(settled[0].given.amount, settled[0].given.unit), settled[0].given.words()
    weight = setup.patient.values.get("body_weight")
    point = weight.low if isinstance(weight, Interval) and weight.is_point else None
    return Choice(dosing, dose.regimen, amount, Fraction(point) if point is not None else None, words=words)


def _in_words(setup: Setup, agent: str) -> tuple[Due, ...]:
    """What is due, with its conditions in the words of a reader: the calendar shows them as they stand."""
    return tuple(
        due
        if due.when is None
        else replace(due, when=When(due.when.node, condition_words(due.when, setup.patient)))
        for due in setup.knowledge.dosing[agent].due
    )


def _eligibility(setup: Setup, agent: str, option: Option | None) -> Data:
    """What the pathway says of this agent for this patient."""
    if option is None:
        return {
            "agent": agent,
            "label": setup.labels[agent],
            "status": "not_offered",
            "words": "The pathway does not offer it as an option; it is dosed because it was asked for.",
            "blocked_by": [],
            "cautions": [],
            "missing": [],
        }
    return {
        "agent": agent,
        "label": setup.labels[agent],
        "status": option.status,
        "words": "",
        "blocked_by": [judged(setup, bar) for bar in option.bars],
        "cautions": [judged(setup, caution) for caution in option.cautions],
        "missing": list(option.missing),
    }


def _questions(data: Data) -> list[Data]:
    """Every fact that a dose or an interaction waits for, once, with all that it decides.

    `for_dose`: whether a dose waits for it; `severity`: of the worst interaction that it leaves open.
    """
    found: dict[str, Data] = {}
    parts = [*data["doses"], data["interactions"]]
    for part in parts:
        for asked in part["questions"]:
            label = f"{part['label']}: " if "label" in part else ""
            decided = [f"{label}{each}" for each in asked["decides"]]
            held = found.setdefault(
                asked["fact"], {**asked, "decides": [], "for_dose": False, "severity": ""}
            )
            held["decides"] += [each for each in decided if each not in held["decides"]]
            held["for_dose"] |= bool(label) and not is_level_only(asked, part)
    for concern in data["interactions"]["concerns"]:  # the most severe first
        for fact in (name for name in concern["awaits"] if name in found):
            for asked in (found[fact], found.get(found[fact]["settled_by"])):
                if asked is not None and not asked["severity"]:
                    asked["severity"] = concern["severity"]
    return list(found.values())


def _site(setup: Setup) -> Data:
    """What the site's profile declares that changes options, calendar or warnings."""
    site = setup.site
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return {
        "is_declared": site != type(site)(),
        "infusion_days": [names[day] for day in sorted(site.infusions.weekdays)],
        "holidays": [day.isoformat() for day in sorted(site.infusions.holidays)],
        "not_held": [agent for agent, forms in site.formulary.items() if not forms],
        "techniques": None if site.techniques is None else sorted(site.techniques),
        "policies": [
            {"about": each.about, "text": each.text, "source": each.source} for each in site.policies
        ],
    }
