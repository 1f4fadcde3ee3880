"""A question → the brief as a document (plain data): the same question and base give the same bytes."""

from __future__ import annotations

from typing import Any

from trivium.evidence.brief import sections_answer, sections_data, sections_doubt
from trivium.evidence.brief.asked import Asked, names
from trivium.evidence.brief.document import Citations
from trivium.evidence.brief.findings import Findings, gather
from trivium.evidence.brief.pictures import evidence_map, survival_chart
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import Knowledge

NOTICE = (
    "Decision support for professionals. The evidence base is a draft, not clinically validated until a site "
    "signs it off. What was not read in its source is badged. No machine-written page supports anything here."
)
# In the order of reading; pictures stand in the sections that they belong to.
_SECTIONS = (
    sections_answer.bottom_line,
    sections_answer.guidelines,
    sections_answer.combination,
    sections_answer.compared,
    sections_data.studies,
    sections_data.pooled,
    survival_chart,
    evidence_map,
    sections_data.safety,
    sections_answer.certainty,
    sections_doubt.contradictions,
    sections_data.algorithm,
    sections_data.cost,
    sections_doubt.claims,
    sections_answer.loose,
    sections_doubt.unknowns,
)


def make_brief(base: EvidenceBase, knowledge: Knowledge | None, asked: Asked) -> dict[str, Any]:
    """The brief as a document.

    Errors:  ValueError when no agent is asked about.
    """
    return write(gather(base, knowledge, asked))


def write(found: Findings) -> dict[str, Any]:
    """Findings in words, sections in the order of reading, references as they are first cited."""
    cites = Citations(found.base)
    sections = [make(found, cites) for make in _SECTIONS]
    asked = found.asked
    return {
        "kind": "brief",
        "title": f"Evidence: {names(found.base, asked.agents)}",
        "notice": NOTICE,
        "question": {
            "text": asked.text,
            "agents": list(asked.agents),
            "without": list(asked.without),
            "outcomes": list(asked.outcomes),
            "populations": list(asked.populations),
            "designs": list(asked.designs),
            "remarks": list(asked.remarks),
        },
        "evidence": found.base.version,
        "sections": [each for each in sections if each["blocks"]],
        "references": cites.listed(),
    }
