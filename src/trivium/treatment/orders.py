"""Orders proposed from a regimen: what to give, what to draw, what to look at, each with its state.

A proposal for a prescriber to sign, never an order: what is barred, waits or cannot be computed says so and
carries no amount.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

Data = dict[str, Any]

# A dose's status → the state of its order; `proposed` alone carries an amount.
_STATES = {"dose": "proposed", "avoid": "not to be given", "not_for": "not to be given"}


def orders(regimen: Data) -> list[Data]:
    """The orders of a regimen's data: drugs in its order, then tests and reviews by date."""
    eligible = {item["agent"]: item for item in regimen["eligibility"]}
    rows = regimen["calendar"]["rows"]
    concerns = [each for each in regimen["interactions"]["concerns"] if each["is_barring"]]
    found = [_drug(dose, eligible[dose["agent"]], rows, concerns) for dose in regimen["doses"]]
    drugs = {dose["agent"] for dose in regimen["doses"]}
    return found + [_service(row) for row in rows if not (row["given"] or _is_dose(row, drugs))]


def _is_dose(row: Data, agents: Collection[str]) -> bool:
    """Whether a row is an agent itself (`rituximab.2`), and not what is due beside it (`rituximab.pjp.1`)."""
    agent, _, number = row["id"].partition(".")
    return agent in agents and number.isdigit()


def _drug(dose: Data, eligible: Data, rows: list[Data], concerns: list[Data]) -> Data:
    state, why = _state(dose, eligible)
    doses = dose["alternatives"][0]["doses"] if state == "proposed" else []
    # A range, of the source or of an uncertain weight, is for the prescriber to choose in: no amount stands.
    given = doses[0] if len(doses) == 1 else {}
    dates = [row for row in rows if _is_dose(row, (dose["agent"],))]
    return {
        "kind": "drug",
        "id": f"drug.{dose['agent']}",
        "agent": dose["agent"],
        "label": dose["label"],
        "state": state,
        "why": why,
        "clashes": [
            {"severity": each["severity"], "label": each["label"]}
            for each in concerns
            if dose["agent"] in each["agents"]
        ],
        "words": dose["words"],
        "route": dose["regimen"]["route"],
        "regimen": dose["regimen"]["id"],
        "single": given.get("single"),
        "unit": given.get("unit"),
        "times_per_day": given.get("times_per_day"),
        "repeated": given.get("repeated", ""),
        "made_of": given.get("made_of", []),
        "dates": [
            {"date": row["date"], "time": row["time"], "until": row["until"], "goes_on": row["goes_on"]}
            for row in dates
            if not row["given"]
        ],
        "sources": dose["regimen"]["sources"],
    }


def _state(dose: Data, eligible: Data) -> tuple[str, list[str]]:
    """`proposed`, `blocked`, `waits`, `not indicated`, `not to be given`, `not computed`; the reasons."""
    bars = [bar["text"] for bar in eligible["blocked_by"] if bar.get("holds") == "true"]
    waits = [bar["text"] for bar in eligible["blocked_by"] if bar.get("holds") != "true"]
    if eligible["status"] == "not_indicated":
        return "not indicated", ["The pathway does not offer it to this patient."]
    if eligible["status"] == "blocked":
        return "blocked", bars or waits
    if dose["status"] in ("avoid", "not_for"):
        return _STATES[dose["status"]], [dose["words"]]
    if dose["status"] == "undecided":
        return "not computed", [dose["words"]]
    if dose["status"] != "dose":
        asked = _asked(dose)
        return "not computed", asked or [dose["words"]]
    if eligible["status"] == "undetermined":
        return "waits", waits
    return "proposed", []


def _asked(dose: Data) -> list[str]:
    """What the dose waits for; what a complete list would settle is asked by that list."""
    facts = {each["fact"] for each in dose["questions"]}
    waits = [each for each in dose["questions"] if not is_level_only(each, dose)]
    return [each["question"] for each in waits if each["settled_by"] not in facts]


def is_level_only(question: Data, dose: Data) -> bool:
    """Whether it only asks where a level stands: no first dose waits for that."""
    levels = {each["fact"] for each in dose["levels"]}
    return question["fact"] in levels and len(question["decides"]) == 1


def _service(row: Data) -> Data:
    return {
        "kind": row["kind"] if row["kind"] in ("test", "review") else "other",
        "id": f"{row['kind']}.{row['id']}",
        "agent": row["agent"],
        "label": row["label"],
        "state": "proposed",
        "why": [],
        "words": row["note"],
        "dates": [
            {"date": row["date"], "time": row["time"], "until": row["until"], "goes_on": row["goes_on"]}
        ],
    }
