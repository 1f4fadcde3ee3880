"""Several agents for one patient: eligibility, doses, clashes, the calendar, orders, questions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import trivium
from trivium.core.truth import Truth
from trivium.core.values import Interval
from trivium.dose_json import condition_words
from trivium.knowledge.dosing import Dosing, Due, When
from trivium.pathway.assess import Option
from trivium.plan import NOTICE, Plan
from trivium.regimen.calendar.build import build
from trivium.regimen.calendar.course import Choice, Quantity, course_of
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.dose import Dose
from trivium.regimen.interactions import find
from trivium.treatment.asked import barring, questions
from trivium.treatment.clashes import clashes
from trivium.treatment.given import NOTHING, Already, already, is_done
from trivium.treatment.judged import judged
from trivium.treatment.orders import orders
from trivium.treatment.planned import Setup, agent_data, supplies
from trivium.treatment.rows import LaidOut, laid_out, marked, supply_in
from trivium.treatment.states import Asked, State, states

Data = dict[str, Any]


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
    chosen: dict[str, tuple[Dosing, Dose | None]] = {}
    for agent in agents:
        dosing = setup.dosing(agent)
        regimen = setup.regimen_or_none(dosing, (regimens or {}).get(agent, ""))
        chosen[agent] = (dosing, None if regimen is None else setup.dose(dosing, regimen))
    found = {name: dose for name, (_, dose) in chosen.items() if dose is not None}
    options = {option.agent.id: option for option in plan.assessment.options}
    first = start or plan.as_of
    setting = Setting.of(setup.site, ward_days)
    past = {name: _past(setup, dose, setting, plan.as_of, first, days) for name, dose in found.items()}
    eligibility = {name: _eligibility(setup, name, options.get(name)) for name in chosen}
    doses = {name: agent_data(setup, chosen[name][0], dose) for name, dose in found.items()}
    together = find(setup.knowledge.dosing, setup.knowledge.drug_classes, list(chosen), setup.patient)
    clashing = clashes(setup, together.concerns, list(chosen))
    state = states(
        setup,
        {
            name: Asked(
                dosing,
                dose.regimen if dose is not None else None,
                eligibility[name],
                doses.get(name),
                clashing[name],
                past.get(name, NOTHING),
            )
            for name, (dosing, dose) in chosen.items()
        },
    )
    calendar, laid = _calendar(setup, list(found.values()), state, past, setting, first, days)
    for name, each in doses.items():
        over = laid[name].split if name in laid else 0
        each["supply"] = supply_in(state[name], supplies(setup, chosen[name][0], found[name], over))
    data: Data = {
        "kind": "regimen",
        "notice": NOTICE,
        "patient": plan.record.person.id,
        "as_of": plan.as_of.isoformat(),
        "start": first.isoformat(),
        "agents": list(chosen),
        "audience": setup.audience(),
        "eligibility": list(eligibility.values()),
        "doses": list(doses.values()),
        "interactions": setup.writer.interactions(together),
        "clashes": clashing,
        "calendar": calendar,
        "already": {name: {"words": each.words, "is_open": each.is_open} for name, each in past.items()},
        "site": _site(setup),
    }
    data["orders"] = orders(data, state)
    waiting = [options[name] for name in chosen if name in options]
    data["questions"] = questions(data, barring(setup, waiting))
    data["references"] = setup.sources.references()
    data["versions"] = {"engine": trivium.__version__, "knowledge": setup.knowledge.version}
    return data


def _calendar(
    setup: Setup,
    doses: Sequence[Dose],
    state: Mapping[str, State],
    past: Mapping[str, Already],
    setting: Setting,
    start: datetime.date,
    days: int,
) -> tuple[Data, Mapping[str, LaidOut]]:
    """The earliest calendar of what may be given, its rows marked with what they wait for; what is laid out.

    What is barred, withheld or gives nothing is not scheduled.
    """
    waiting = {name for name, each in past.items() if each.is_open}
    schedulable = [
        dose
        for dose in doses
        if state[dose.agent].is_scheduled and dose.agent not in waiting and _is_given(dose)
    ]
    unscheduled = [
        f"{setup.labels[name]} is not scheduled: {_why_not(each, name in waiting)}"
        for name, each in state.items()
        if name not in [dose.agent for dose in schedulable]
    ]
    if not schedulable:
        notes = ["No dose can be scheduled yet.", *unscheduled]
        return {"kind": "calendar", "status": "none", "rows": [], "notes": notes}, {}
    choices = [replace(_choice(setup, dose), given=past[dose.agent].days) for dose in schedulable]

    def done(due: Due) -> bool:
        return is_done(due, setup.patient, start)

    def holds(when: When) -> Truth:
        return setup.patient.trace(when.node).truth

    def called(fact: str) -> str:
        """What is measured for a fact; empty for what is derived, or asked of a person."""
        spec = setup.knowledge.pathway.facts.get(fact)
        return spec.label if spec is not None and spec.retrieval.kind == "latest" else ""

    built = build(choices, start, days, setting, holds, done, called)
    data = calendar_data(built)
    data["notes"] += [each.words for each in past.values() if each.words]
    data["notes"] += unscheduled
    laid = laid_out(built.laid, {dose.agent: dose for dose in schedulable})
    return marked(data, laid, state, days), laid


def _why_not(state: State, is_waiting: bool) -> str:
    if is_waiting:
        return "when it was given is not known"
    if state.is_scheduled:
        return "no dose of it can be given as things stand"
    return f"{state.name}. {' '.join(state.why)}".rstrip(". ")


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
            "words": "The pathway never offers it; it is dosed because it was asked for.",
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
