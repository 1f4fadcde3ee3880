"""Orders proposed from a regimen: what to give, what to draw, what to look at, each with its state.

A proposal for a prescriber to sign, never an order: what is barred, waits or cannot be computed says so and
carries no amount. Amounts are those of the calendar's rows: what is given on a day is what stands on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from trivium.treatment.rows import entries
from trivium.treatment.states import PROPOSED, State

Data = dict[str, Any]


def orders(regimen: Data, states: Mapping[str, State]) -> list[Data]:
    """The orders of a regimen's data: drugs in its order, then tests and reviews by date."""
    eligible = {each["agent"]: each for each in regimen["eligibility"]}
    doses = {each["agent"]: each for each in regimen["doses"]}
    rows = regimen["calendar"]["rows"]
    found = [
        _drug(regimen, eligible[agent], doses.get(agent), states[agent], rows) for agent in regimen["agents"]
    ]
    return found + [_service(row) for row in rows if not (row["given"] or _is_dose(row, regimen["agents"]))]


def _is_dose(row: Data, agents: Collection[str]) -> bool:
    """Whether a row is an agent itself (`rituximab.2`), and not what is due beside it (`rituximab.pjp.1`)."""
    agent, _, number = row["id"].partition(".")
    return agent in agents and number.isdigit()


def _drug(regimen: Data, eligible: Data, dose: Data | None, state: State, rows: Sequence[Data]) -> Data:
    agent, is_proposed = eligible["agent"], state.name == PROPOSED
    given = _given(dose) if dose is not None and is_proposed else {}
    dates = [row for row in rows if _is_dose(row, (agent,)) and not row["given"]] if is_proposed else []
    amounts = [each for each in entries(dates) if each["single"] is not None]
    one = amounts[0] if len(amounts) == 1 else {}
    return {
        "kind": "drug",
        "id": f"drug.{agent}",
        "agent": agent,
        "label": eligible["label"],
        "state": state.name,
        "why": list(state.why),
        "clashes": [
            {key: each[key] for key in ("severity", "label", "override")}
            for each in regimen["clashes"].get(agent, ())
        ],
        "cautions": _cautions(regimen, eligible, dose),
        "words": f"{eligible['label']}: no regimen chosen" if dose is None else dose["words"],
        "route": "" if dose is None else dose["regimen"]["route"],
        "regimen": "" if dose is None else dose["regimen"]["id"],
        # A range, of the source or of an uncertain weight, is for the prescriber to choose in: none stands.
        "single": one.get("single"),
        "unit": one.get("unit"),
        "made_of": one.get("made_of", []),
        "amounts": amounts,
        "times_per_day": given.get("times_per_day"),
        "times": given.get("times"),
        "for_days": given.get("for_days"),
        "repeated": given.get("repeated", ""),
        "cut": regimen["calendar"].get("cut", {}).get(agent, "") if is_proposed else "",
        "instructions": _instructions(dose),
        "beside": [] if dose is None else dose["beside"],
        "rates": [] if dose is None else [each for each in dose["rates"] if each["holds"] != "false"],
        "dates": [_day(row) for row in dates],
        "sources": [] if dose is None else dose["regimen"]["sources"],
    }


def _given(dose: Data) -> Data:
    """What the dose says of its frequency; nothing for a range of frequencies."""
    found: list[Data] = dose["alternatives"][0]["doses"]
    same = all(each.get("times") == found[0].get("times") for each in found)
    return found[0] if found and same else {}


def _cautions(regimen: Data, eligible: Data, dose: Data | None) -> list[Data]:
    """What asks for care and holds here, beside the order wherever it goes."""
    found = [
        {"text": _with_override(each), "sources": each["sources"]}
        for each in eligible["cautions"]
        if each["holds"] == "true"
    ]
    words = regimen["already"].get(eligible["agent"], {}).get("words", "")
    if words:
        found.append({"text": words, "sources": []})
    for over in dose["over_maximum"] if dose is not None else ():
        most = f"the most is {over['most']} per {over['per']}"
        text = f"Limited to the maximum: computed {over['computed']}, {most}."
        found.append({"text": text, "sources": over["sources"]})
    return found


def _with_override(caution: Data) -> str:
    override = caution.get("override")
    return f"ON A SPECIALIST'S OVERRIDE ({override}): {caution['text']}" if override else str(caution["text"])


def _instructions(dose: Data | None) -> list[Data]:
    """How to give it here: what changed the dose, and what is told of a patient like this one."""
    if dose is None:
        return []
    decided = {name for each in dose["alternatives"] for one in each["doses"] for name in one["decided_by"]}
    found = [each for each in dose["adjustments"] if each["holds"] == "true" and each["id"] in decided]
    found += [
        each
        for each in dose["remarks"]
        if each["is_conditional"] and each["holds"] == "true" and each["topic"] != "boxed"
    ]
    texts = {each["text"]: each["sources"] for each in found}
    return [{"text": text, "sources": sources} for text, sources in texts.items()]


def _service(row: Data) -> Data:
    return {
        "kind": row["kind"] if row["kind"] in ("test", "review") else "other",
        "id": f"{row['kind']}.{row['id']}",
        "agent": row["agent"],
        "label": row["label"],
        "state": row["state"],
        "why": row["why"],
        "words": row["note"],
        "dates": [_day(row)],
    }


def _day(row: Data) -> Data:
    return {"date": row["date"], "time": row["time"], "until": row["until"], "goes_on": row["goes_on"]}
