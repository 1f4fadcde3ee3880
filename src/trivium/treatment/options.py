"""The options of a patient side by side, as data: open columns and no hidden score."""

from __future__ import annotations

from typing import Any

import trivium
from trivium.evidence.brief.asked import Asked
from trivium.evidence.brief.findings import Subset, gather
from trivium.evidence.brief.matching import directness
from trivium.evidence.brief.sections_answer import best_row
from trivium.knowledge.dosing import Dosing
from trivium.knowledge.evidence import EvidenceBase
from trivium.pathway.assess import Judged, Option
from trivium.plan import NOTICE, Plan
from trivium.treatment.judged import judged, marks
from trivium.treatment.planned import Setup

Data = dict[str, Any]

_ROLE = "partner"
_ORDER = ("recommended", "consider", "undetermined", "blocked", "not_indicated")
# Which remarks of an agent stand in which column.
_COLUMNS = {
    "infection": ("infection",),
    "thrombosis": ("thrombosis",),
    "kidney": ("renal",),
    "fertility": ("fertility", "pregnancy", "contraception"),
    "onset": ("onset",),
}


def options_data(plan: Plan, setup: Setup, base: EvidenceBase) -> Data:
    """Every second or third agent of the pathway for this patient, the most available first."""
    partners = [option for option in plan.assessment.options if _ROLE in option.agent.roles]
    shown = sorted(partners, key=lambda option: (_ORDER.index(option.status), option.agent.label))
    data: Data = {
        "kind": "options",
        "notice": NOTICE,
        "patient": plan.record.person.id,
        "as_of": plan.as_of.isoformat(),
        "options": [_option(setup, base, option) for option in shown],
    }
    data["references"] = setup.sources.references()
    data["versions"] = {"engine": trivium.__version__, "knowledge": setup.knowledge.version}
    return data


def _option(setup: Setup, base: EvidenceBase, option: Option) -> Data:
    agent = option.agent
    dosing = setup.knowledge.dosing.get(agent.id)
    return {
        "agent": agent.id,
        "label": agent.label,
        "drug_class": agent.drug_class,
        "status": option.status,
        "strength": agent.strength,
        "certainty": agent.certainty,
        "blockers": [_bar(setup, bar) for bar in option.bars],
        "cautions": [_bar(setup, caution) for caution in option.cautions],
        "missing": list(option.missing),
        "marks": marks(setup, agent, dosing),
        **{name: _remarks(setup, dosing, topics) for name, topics in _COLUMNS.items()},
        "timing": _timing(dosing),
        "evidence": _evidence(setup, base, agent.id),
        "is_held": None if dosing is None or (held := setup.held(dosing)) is None else bool(held),
        "brief": f'trivium brief "{agent.label}"',
        "sources": setup.sources.basis(agent.cited),
    }


def _bar(setup: Setup, bar: Judged) -> Data:
    return {**judged(setup, bar), "lifted_by": bar.condition.resolved_by}


def _remarks(setup: Setup, dosing: Dosing | None, topics: tuple[str, ...]) -> list[Data]:
    if dosing is None:
        return []
    return [each for each in setup.writer.remarks(dosing.remarks) if each["topic"] in topics]


def _timing(dosing: Dosing | None) -> list[str]:
    """What the calendar keeps apart or in order for this agent."""
    return [each.text for each in dosing.spacing] if dosing else []


def _evidence(setup: Setup, base: EvidenceBase, agent: str) -> Data | None:
    """What is known of the agent in this disease: certainty, the number that says most, how many studies."""
    names = [each.id for each in base.agents.values() if each.pathway_agent == agent]
    if not names:
        return None
    whole: Subset = gather(base, setup.knowledge, Asked("", (names[0],))).whole
    best = best_row(whole)
    return {
        "studies": len(whole.studies),
        "patients": whole.patients,
        "certainty": whole.certainty.level if whole.certainty else None,
        "best": None
        if best is None
        else {
            "row": best.id,
            "study": best.match.study.id,
            "words": f"{best.outcome.name.replace('-', ' ')} {best.words}, {best.time}",
            "patients": directness(best.match.study),
            "seen": best.result.seen,
        },
    }
