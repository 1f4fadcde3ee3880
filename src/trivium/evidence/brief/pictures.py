"""The data of a brief's pictures: survival by regimen, and the map of agents by outcomes."""

from __future__ import annotations

from typing import Any

from trivium.core.document import Block, figure, section
from trivium.evidence.brief.asked import label, names
from trivium.evidence.brief.document import Citations
from trivium.evidence.brief.findings import Findings
from trivium.evidence.brief.matching import is_direct

_MOST_OUTCOMES = 10


def survival_chart(found: Findings, cites: Citations) -> Block:
    """Survival of every arm with asked agents in anti-MDA5 disease where it is counted at a stated time."""
    points: list[dict[str, Any]] = []
    for each in found.rows:
        count, total = each.result.count, each.result.total
        name, study = each.outcome.name, each.match.study
        if count is None or not total or each.interval is None or each.outcome.weeks is None:
            continue
        if name not in ("survival", "mortality") or not is_direct(study) or study.is_gathered:
            continue
        low, high = each.interval
        share = count / total
        if name == "mortality":
            share, low, high = 1 - share, 1 - high, 1 - low
        points.append(
            {
                "id": each.id,
                "label": f"{study.id}: {each.match.arm.label}",
                "agents": names(found.base, each.match.covered + each.match.beside),
                "weeks": float(each.outcome.weeks),
                "n": total,
                "share": round(share, 6),
                "low": round(low, 6),
                "high": round(high, 6),
                "ref": cites.cite(study.reference),
                "composite": not each.outcome.is_of_whole_arms,
            }
        )
    points.sort(key=_by_time)
    title = "Survival by regimen, arms with the asked agents"
    data: dict[str, Any] = {"title": title, "points": points}
    caption = f"{title}. Squares grow with patients; lines are exact 95 % intervals."
    if any(point["composite"] for point in points):
        caption += " An open square counts a composite or narrower outcome."
    return section("survival", "Survival by regimen", [figure("survival", data, caption)] if points else [])


def _by_time(point: dict[str, Any]) -> tuple[float, int, str]:
    return point["weeks"], -point["n"], point["id"]


def evidence_map(found: Findings, cites: Citations) -> Block:
    """Agents by outcomes: how many patients were counted, and how certain what is known is."""
    del cites
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for subset in found.singles:
        agent = subset.agents[0]
        for each in subset.rows:
            if each.result.total is None or each.match.study.is_gathered:
                continue
            cell = cells.setdefault(
                (agent, each.outcome.name),
                {
                    "patients": 0,
                    "studies": set(),
                    "certainty": subset.certainty.level if subset.certainty else "",
                },
            )
            if each.match.study.id not in cell["studies"]:
                cell["patients"] += each.result.total
                cell["studies"].add(each.match.study.id)
    counted: dict[str, int] = {}
    for (_, outcome), cell in cells.items():
        counted[outcome] = counted.get(outcome, 0) + int(cell["patients"])
    outcomes = sorted(counted, key=lambda name: (-counted[name], name))[:_MOST_OUTCOMES]
    terms = found.base.outcomes
    data = {
        "title": "Evidence map: patients counted, by agent and outcome",
        "agents": [label(found.base, subset.agents[0]) for subset in found.singles],
        "outcomes": [terms[name].label if name in terms else name for name in outcomes],
        "cells": [
            {
                "agent": label(found.base, agent),
                "outcome": terms[outcome].label if outcome in terms else outcome,
                "patients": cell["patients"],
                "studies": len(cell["studies"]),
                "certainty": cell["certainty"],
            }
            for (agent, outcome), cell in sorted(cells.items())
            if outcome in outcomes
        ],
    }
    caption = "Size: patients counted. Shade: certainty about the agent, darker is more certain."
    return section("map", "Evidence map", [figure("map", data, caption)] if cells else [])
