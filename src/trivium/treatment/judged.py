"""Lines of the pathway about an agent as data: whether each holds, and what it is about in a few words.

In: a setup, an agent's lines. Out: the line with its state, and columns of marks. Nothing is weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.knowledge.dosing import Adjustment, Dosing
from trivium.knowledge.models import Agent, Condition
from trivium.logic.evaluate import Trace
from trivium.logic.explain import explain
from trivium.logic.nodes import Node, criterion_names, fact_names
from trivium.pathway.assess import Judged
from trivium.treatment.planned import Setup

Data = dict[str, Any]

BARS = ("contraindication", "label", "wait")

# Which column shows a line: by a fact or criterion that its condition names, or by its own id where what
# it warns of is something else than what it asks. Whatever stands in none of them is shown under `other`.
COLUMNS: Mapping[str, frozenset[str]] = {
    "infection": frozenset(
        (
            "active_serious_infection",
            "igra",
            "tb_not_excluded",
            "igg",
            "hepatitis_b_infection",
            "hbv_marker_positive",
            "hbv_not_excluded",
            "hbv_antiviral_not_seen",
            "hbv_serology_missing",
            "urinary_obstruction_or_infection",
        )
    ),
    "thrombosis": frozenset(("thrombosis_risk", "ivig_jak_inhibitor")),
    "kidney": frozenset(("reduced_kidney_function", "creatinine_clearance", "egfr_derived")),
    "fertility": frozenset(
        (
            "childbearing_possible",
            "lactation",
            "pregnancy_bars_cyclophosphamide",
            "pregnancy_not_excluded",
            "pregnant_known",
        )
    ),
}
OTHER = "other"
_AXES = {"renal": "kidney"}  # adjustments of a dose that belong to a column


def judged(setup: Setup, item: Judged) -> Data:
    """A line that holds or may hold; `about`: the facts and criteria that decide it, by their labels."""
    names = about(setup, item.trace, item.condition.opened_by)
    return {**setup.sources.judged(item), "about": names}


def about(setup: Setup, trace: Trace, opened_by: str = "") -> list[str]:
    """What decides a condition, in labels: the parts that hold where it holds, that are open where it is.

    That nobody overrode it (`opened_by`) is no part of what it is about.
    """
    labels = setup.patient.labels
    found: dict[str, None] = {}
    for step in explain(trace, labels, deep=False):
        if step.criterion:
            found[labels.criteria.get(step.criterion, step.criterion)] = None
        facts = [labels.facts.get(name, name) for name in step.facts if name != opened_by]
        found.update(dict.fromkeys(facts))
    return list(found)


def with_about(setup: Setup, agent: str, lines: Iterable[Data]) -> list[Data]:
    """Lines of an agent, as written elsewhere, each with what it is about."""
    known = setup.knowledge.pathway.agents.get(agent)
    written = {line.id: line for line in known.lines} if known else {}
    found = []
    for each in lines:
        line = written[each["id"]]
        found.append({**each, "about": about(setup, setup.patient.trace(line.when), line.opened_by)})
    return found


def marks(setup: Setup, agent: Agent, dosing: Dosing | None) -> dict[str, Data]:
    """What the content says of this agent and patient, column by column.

    `mark`: `bars` (a line that bars holds), `holds` (one that asks for care, or lowers the dose, holds),
    `not known`, `no` (all were looked at, none holds), `untold` (no line is about it: no all-clear).
    `is_open`: whether a line of the column is not known, whatever else holds.
    """
    found: dict[str, list[Data]] = {name: [] for name in (*COLUMNS, OTHER)}
    for line in agent.lines:
        for name in columns_of(line):
            found[name].append(_looked(setup, line, line.kind, line.when, line.opened_by))
    for each in dosing.adjustments if dosing else ():
        if each.in_force and each.axis in _AXES:
            found[_AXES[each.axis]].append(_looked(setup, each, "dose", each.when.node))
    return {name: _mark(lines) for name, lines in found.items()}


def columns_of(line: Condition) -> list[str]:
    """The columns that show a line: `other` where it belongs to none."""
    named = {line.id, *fact_names(line.when), *criterion_names(line.when)}
    return [name for name, members in COLUMNS.items() if named & members] or [OTHER]


def _looked(setup: Setup, line: Condition | Adjustment, kind: str, when: Node, opened_by: str = "") -> Data:
    trace = setup.patient.trace(when)
    # A line may ask what is *known* (`is true`), and so not hold while nothing is: that is no "no".
    facts = sorted(setup.patient.facts_behind(when) - {opened_by})
    is_silent = trace.truth is FALSE and not any(setup.patient.facts[name].is_known for name in facts)
    if is_silent:
        names = [setup.patient.labels.facts[name] for name in facts]
    else:
        names = [] if trace.truth is FALSE else about(setup, trace, opened_by)
    return {
        "id": line.id,
        "kind": kind,
        "holds": str(trace.truth),
        "is_open": trace.truth is UNKNOWN or is_silent,
        "text": line.text,
        "about": names,
        "sources": setup.sources.basis(line.cited),
    }


def _mark(lines: Iterable[Data]) -> Data:
    """The most severe of what holds; never `no` while anything is open."""
    looked = list(lines)
    holding = [each["kind"] for each in looked if each["holds"] == str(TRUE)]
    is_open = any(each["is_open"] for each in looked)
    if any(kind in BARS for kind in holding):
        mark = "bars"
    elif holding:
        mark = "holds"
    elif is_open:
        mark = "not known"
    else:
        mark = "no" if looked else "untold"
    return {"mark": mark, "is_open": is_open, "lines": looked}
