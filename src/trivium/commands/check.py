"""`trivium check`: is the knowledge sound, and what in it rests on weak sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trivium.commands.patience import load, patience
from trivium.core.errors import KnowledgeError
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import check, load_evidence
from trivium.knowledge.models import Knowledge


def run(root: Path | None, review: bool) -> str:
    """A summary and the review list.

    Errors:  KnowledgeError (exit 4) that carries every defect.
    """
    with patience():
        defects = check(root)
    if defects:
        raise KnowledgeError(defects)
    return "\n".join(_lines(load(root), load_evidence(root), review)) + "\n"


def _lines(knowledge: Knowledge, evidence: EvidenceBase, review: bool) -> Iterator[str]:
    from trivium.knowledge.checks.evidence_review import evidence_review
    from trivium.knowledge.checks.review import review_list

    pathway = knowledge.pathway
    yield f"{pathway.label}: content {pathway.version} ({pathway.status}), knowledge {knowledge.version}"
    yield (
        f"{len(pathway.facts)} facts, {len(pathway.criteria)} criteria, {len(pathway.recommendations)} "
        f"recommendations, {len(pathway.agents)} agents, {len(pathway.alerts)} alerts, "
        f"{len(pathway.scores)} scores, {len(knowledge.valuesets)} value sets, {len(knowledge.statements)} "
        f"statements, {len(knowledge.sources)} sources: no defects"
    )
    if evidence.studies or evidence.claims:
        outcomes = sum(len(study.outcomes) for study in evidence.studies.values())
        yield (
            f"Evidence {evidence.version}: {len(evidence.studies)} studies with {outcomes} outcomes, "
            f"{len(evidence.claims)} claims, names of {len(evidence.agents)} agents: no defects"
        )
    if review:
        yield ""
        yield "For review: what rests on weak sources (recalled, seed-only or ai-written)"
        notes = [*review_list(knowledge), *evidence_review(evidence)]
        yield from (f"  {note.group}: {note.what}" for note in notes)
