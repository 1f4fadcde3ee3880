"""The rows of a calendar → its visits for tests: on each day what is measured, for which agents, and why.

Every test of a day is in its visit, by name where its file says what is measured, else in its own words. The
full words are numbered, stand where they first come up, and are named by their number at later visits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Data = dict[str, Any]

# What comes after the first clause of a test's words: where they were seen, on what condition, and the rest.
_REST = re.compile(r"(?:[;.](?=\s|$)| - | \(from memory\)| \(if “).*", re.DOTALL)


def visits(rows: Iterable[Data]) -> list[Data]:
    """One visit for each day with tests, in the order of days; tests that go on for days stand alone."""
    by_day: dict[str, list[Data]] = {}
    for row in rows:
        if row["kind"] == "test" and not row["until"] and not row["goes_on"]:
            by_day.setdefault(row["date"], []).append(row)
    told: dict[tuple[str, str], Data] = {}
    return [_visit(tests, told) for _, tests in sorted(by_day.items())]


def short(label: str) -> str:
    """An agent's name without its route or what it is also called."""
    return re.split(r", | \(", label)[0]


def _visit(tests: Sequence[Data], told: dict[tuple[str, str], Data]) -> Data:
    day = tests[0]["day"]
    measured: dict[str, list[str]] = {}
    for row in tests:
        for name in row["measures"] or (_REST.sub("", row["label"]),):
            agents = measured.setdefault(name, [])
            if (agent := short(row["agent_label"])) not in agents:
                agents.append(agent)
    details = {}
    for row in tests:
        why = short(row["agent_label"]), row["label"]
        new = {"number": len(told) + 1, "agent": why[0], "text": why[1], "day": day}
        details[why] = told.setdefault(why, new)
    return {
        "date": tests[0]["date"],
        "day": day,
        "label": _said(measured),
        "tests": [{"name": name, "agents": agents} for name, agents in measured.items()],
        "details": sorted(details.values(), key=lambda detail: int(detail["number"])),
        "rows": [row["id"] for row in tests],
    }


def _said(measured: Mapping[str, Sequence[str]]) -> str:
    """`Creatinine, glucose (Tacrolimus, Prednisone); IgG (Rituximab)`: what is for the same agents stands
    together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, agents in measured.items():
        groups.setdefault(tuple(agents), []).append(name)
    return "; ".join(f"{', '.join(names)} ({', '.join(agents)})" for agents, names in groups.items())
