"""What the checks of the evidence look at: studies, claims and the words for them, with their places.

A folder → `EvidenceDraft`, which also holds the sources and statements that the evidence rests on, and
nothing of the pathway: a new study is checked in a moment, and the pathway's own cache stays good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.draft import Draft, Entry, read_file, read_folder
from trivium.knowledge.checks.evidence_forms import (
    AgentNameForm,
    ArmForm,
    ClaimForm,
    EffectForm,
    EvidenceTermsForm,
    OutcomeForm,
    PooledForm,
    StudyForm,
)
from trivium.knowledge.checks.forms import Form
from trivium.knowledge.positions import Place

LIBRARY = {
    "sources.yaml": "source",
    "agent_names.yaml": "agent_name",
    "evidence_terms.yaml": "evidence_terms",
}
FOLDERS = {"statements": "statement", "studies": "study", "claims": "claim"}


@dataclass(slots=True)
class EvidenceDraft(Draft):
    """All that was read of the evidence."""

    studies: dict[str, Entry[StudyForm]] = field(default_factory=dict)
    claims: dict[str, Entry[ClaimForm]] = field(default_factory=dict)
    agent_names: dict[str, Entry[AgentNameForm]] = field(default_factory=dict)
    evidence_terms: dict[str, Entry[EvidenceTermsForm]] = field(default_factory=dict)

    def table(self, kind: str) -> dict[str, Entry[Form]]:
        """The entries of one kind, by id."""
        tables: dict[str, object] = {
            "study": self.studies,
            "claim": self.claims,
            "agent_name": self.agent_names,
            "evidence_terms": self.evidence_terms,
        }
        return tables[kind] if kind in tables else Draft.table(self, kind)  # type: ignore[return-value]

    @property
    def terms(self) -> EvidenceTermsForm:
        """The words for outcomes, designs and populations; empty where there is no such file."""
        entry = self.evidence_terms.get("evidence_terms")
        return entry.form if entry else EvidenceTermsForm(outcomes=[], designs=[], populations=[])

    def outcomes(self) -> Iterator[tuple[Entry[StudyForm], Place, OutcomeForm]]:
        """Every outcome with its study and its place inside it."""
        for study in self.studies.values():
            for index, outcome in enumerate(study.form.outcomes):
                yield study, ("outcomes", index), outcome

    def results(self) -> Iterator[tuple[Entry[StudyForm], Place, OutcomeForm, PooledForm, ArmForm | None]]:
        """Every result with its study, place, outcome and arm (None where arms are pooled or unknown)."""
        for study, place, outcome in self.outcomes():
            arms = {arm.id: arm for arm in study.form.arms}
            for index, result in enumerate(outcome.results):
                yield study, (*place, "results", index), outcome, result, arms.get(result.arm)
            if outcome.pooled:
                yield study, (*place, "pooled"), outcome, outcome.pooled, None


def is_explained(part: PooledForm | EffectForm, outcome: OutcomeForm) -> bool:
    """Whether it is said why printed numbers disagree: in `explained`, or in a note beside the numbers that
    says they stand as printed."""
    notes = (part.note, outcome.note, str(part.further.get("total_note", "")))
    return bool(part.explained) or any("as printed" in note for note in notes)


def read_evidence(root: Path) -> EvidenceDraft:
    """Read the files that the evidence is made of; what is not there is empty."""
    draft = EvidenceDraft(root)
    if not root.is_dir():
        what = f"there is no folder {root}"
        draft.defects.append(Defect("TRV156", what, Span(".", 1, 1), hint="name a knowledge folder"))
        return draft
    for name, kind in LIBRARY.items():
        if (root / name).is_file():
            read_file(draft, root / name, kind)
    for name, kind in FOLDERS.items():
        if (root / name).is_dir():
            read_folder(draft, root / name, kind)
    return draft
