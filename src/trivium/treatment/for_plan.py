"""What a plan gains from knowing how agents are given.

A line of dose for each that is offered, and what clashes among those being taken. With agents chosen, their
orders and calendar too.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from trivium.core.errors import UsageError
from trivium.core.truth import TRUE
from trivium.core.values import Value
from trivium.dose_json import condition_words, headline, span
from trivium.knowledge.dosing import Dosing, When
from trivium.plan import Plan
from trivium.regimen.dose import Dose, choose
from trivium.regimen.interactions import find
from trivium.treatment.planned import Setup
from trivium.treatment.regimen import regimen_data

Data = dict[str, Any]

_OFFERED = ("recommended", "consider")


def treatment_data(
    plan: Plan,
    setup: Setup,
    agents: Sequence[str] = (),
    *,
    regimens: Mapping[str, str] | None = None,
    start: datetime.date | None = None,
    days: int = 84,
) -> Data:
    """Doses of what is offered, interactions of what is taken; orders and calendar of `agents`.

    Errors:  UsageError for an agent or regimen that does not exist.
    """
    known = setup.knowledge
    found = find(known.dosing, known.drug_classes, [], setup.patient, _taken(setup))
    data: Data = {
        "doses": _doses(plan, setup),
        "interactions": _told(setup.writer.interactions(found)),
    }
    if agents:
        chosen = regimen_data(plan, setup, agents, regimens=regimens, start=start, days=days)
        data["interactions"] = _told(chosen["interactions"])
        data["orders"], data["calendar"] = chosen["orders"], _dated(chosen["calendar"])
    return data


def _told(interactions: Data) -> Data:
    """Interactions without the explanations, which the plan's criteria hold once."""
    concerns = [
        {key: value for key, value in concern.items() if key != "why"} for concern in interactions["concerns"]
    ]
    return {
        "concerns": concerns,
        "load": interactions["load"],
        "settled_by": interactions["settled_by"],
    }


def _dated(calendar: Data) -> Data:
    """The days of a calendar; `trivium calendar` has its rules and what exchange takes."""
    words = {rule["id"]: rule["words"] for rule in calendar.get("rules", ())}
    clash = calendar.get("clash")
    return {
        "status": calendar["status"],
        "rows": calendar["rows"],
        "notes": calendar["notes"],
        "not_kept": [rule["words"] for rule in calendar.get("rules", ()) if rule["broken_by"]],
        "clash": [words[name] for name in clash["rules"]] if clash else [],
    }


def chosen(text: str) -> tuple[list[str], dict[str, str]]:
    """`ivig,rituximab:weekly_four` → the agents in order, and the regimens that are named.

    Errors:  UsageError for none, or one that is named twice.
    """
    agents, regimens = [], {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        agent, colon, regimen = (each.strip() for each in part.partition(":"))
        if agent in agents:
            raise UsageError(f"{agent} is named twice", where="--agents")
        agents.append(agent)
        if colon:
            regimens[agent] = regimen
        if colon and not regimens[agent]:
            hint = f"{agent} alone takes its default; {agent}:name names one"
            raise UsageError(f"no regimen is named after {agent}:", where="--agents", hint=hint)
    if not agents:
        raise UsageError("no agent is named", where="--agents", hint="for example ivig,rituximab,tofacitinib")
    return agents, regimens


def _doses(plan: Plan, setup: Setup) -> list[Data]:
    """One line for each agent that is offered and neither taken nor of a class of which one is taken.

    Out of scope nothing is offered, and so nothing is dosed; nobody whom the doses are not for is dosed.
    """
    audience = setup.audience()
    if audience is not None and audience["holds"] == "false":
        return []
    taken = _taken(setup)
    classes = _exclusive_classes(setup, taken)
    found = []
    for option in plan.assessment.options:
        dosing = setup.knowledge.dosing.get(option.agent.id)
        if option.status not in _OFFERED or dosing is None or dosing.agent in taken:
            continue
        regimen = choose(dosing, setup.patient)
        if regimen is None or classes & set(dosing.classes):
            continue
        dose = setup.dose(dosing, regimen)
        found.append(
            {
                "agent": option.agent.id,
                "label": dosing.label,
                "status": dose.status,
                "words": _words(setup, dosing, dose),
                "regimen": regimen.id,
                "asks": [each.fact for each in dose.questions],
                "sources": setup.sources.basis(regimen.cited),
            }
        )
    return found


def _exclusive_classes(setup: Setup, taken: Sequence[str]) -> frozenset[str]:
    """The classes of which one agent is taken and a second is advised against."""
    dosing, classes = setup.knowledge.dosing, setup.knowledge.drug_classes
    held = {name for agent in taken for name in dosing[agent].classes if name in classes}
    return frozenset(name for name in held if classes[name].severity in ("contraindicated", "avoid"))


def _words(setup: Setup, dosing: Dosing, dose: Dose) -> str:
    def say(when: When) -> str:
        return condition_words(when, setup.patient)

    others = len(dosing.regimens) - 1
    named = "" if dose.status == "incomplete" else f". Regimen: {dose.regimen.label}"
    among = f"; {others} more: `trivium dose {dosing.agent}`" if others else ""
    if dose.status == "open":
        asked = setup.writer.questions(dose.questions)
        facts = {each["fact"] for each in asked}
        open_ones = [each["label"] for each in asked if each["settled_by"] not in facts]
        return f"{span(dose, dosing.label, open_ones)}{named}{among}"
    return f"{headline(dose, dosing.label, say)}{named}{among}"


def _taken(setup: Setup) -> list[str]:
    """The agents that the record shows being taken."""
    values: Mapping[str, Value] = setup.patient.values
    return [name for name, dosing in setup.knowledge.dosing.items() if values.get(dosing.active) is TRUE]
