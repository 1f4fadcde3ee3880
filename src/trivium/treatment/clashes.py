"""What must not go together, for each chosen agent: in words, and whether a specialist opened it on record.

A pair of severity `avoid` goes on where the override of a line of the pathway about the same thing is
recorded; what is contraindicated goes on by nothing. Which line is about the same thing is read from the
facts: those by which the interaction and the line know of the other drug.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from trivium.core.truth import TRUE
from trivium.knowledge.models import Condition
from trivium.regimen.interactions import Concern
from trivium.treatment.planned import Setup

Data = dict[str, Any]

_OPENED = "avoid"  # the only severity that an override opens


def clashes(setup: Setup, concerns: Iterable[Concern], chosen: Collection[str]) -> dict[str, list[Data]]:
    """The certain, severe concerns of each chosen agent.

    Shapes:  `override`: who decided that it goes on, and why; empty where nobody did. `opened_by`: the facts
             that would record it.
    """
    found: dict[str, list[Data]] = {name: [] for name in chosen}
    for concern in concerns:
        if not concern.is_barring:
            continue
        lines = list(_lines(setup, concern)) if concern.severity == _OPENED else []
        override = next((said for line in lines if (said := _recorded(setup, line))), "")
        opened_by = list(dict.fromkeys(line.opened_by for line in lines))
        for name in concern.parties:
            if name in found:
                found[name].append(
                    {
                        "severity": concern.severity,
                        "label": concern.label,
                        "words": _words(concern, name, chosen, opened_by),
                        "override": override,
                        "opened_by": opened_by,
                    }
                )
    return found


def _lines(setup: Setup, concern: Concern) -> Iterator[Condition]:
    """The lines of the pathway about the same thing that an override opens."""
    agents = setup.knowledge.pathway.agents
    for name in concern.parties:
        facts = _facts(setup, concern, name)
        for line in agents[name].lines if name in agents else ():
            if line.opened_by and facts & (setup.patient.facts_behind(line.when) - {line.opened_by}):
                yield line


def _facts(setup: Setup, concern: Concern, name: str) -> frozenset[str]:
    """The facts by which the other side of a concern is known to one of its drugs."""
    dosing, behind = setup.knowledge.dosing, setup.patient.facts_behind
    found = frozenset[str]() if concern.trace is None else behind(concern.trace.node)
    for other in concern.parties:
        if other == name:
            continue
        named = {other, *dosing[other].classes}
        found |= {dosing[other].active}
        for line in dosing[name].interactions:
            if line.when is not None and named & set(line.partners):
                found |= behind(line.when.node)
    return found


def _recorded(setup: Setup, line: Condition) -> str:
    """Who opened a line and why, while that is in force."""
    if setup.patient.values.get(line.opened_by) is not TRUE:
        return ""
    return str(setup.sources.override(line)["override"])


def _words(concern: Concern, name: str, chosen: Collection[str], opened_by: Iterable[str]) -> str:
    """Why the order is withheld, and what a person can do."""
    others = [each for each in concern.parties if each != name]
    names = ", ".join(opened_by)
    record = f"record a specialist's override ({names})" if names else ""
    override = f", or {record}" if names else ""
    said = f"{concern.severity.upper()}: {concern.label}."
    if not others:
        return f"{said} {concern.entries[0].text}" + (f" Else {record}." if names else "")
    if all(other in chosen for other in others):
        return f"{said} Choose one of them{override}."
    return f"{said} Not beside what is being taken: one of them alone{override}."
