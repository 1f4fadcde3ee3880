"""Two studies of one trial, registry or named cohort do not say that they share patients.

Patients counted twice make a result look surer than it is. Studies with the same `cohort`, or the same
registration of their source, name one another in `overlaps_with`; it is enough that one of the two does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft

CODE, NAME, WHOLE = "TRV309", "unnoted-overlap", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    noted = {
        frozenset((name, overlap.study))
        for name, entry in draft.studies.items()
        for overlap in entry.form.overlaps_with
    }
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name, study in draft.studies.items():
        for key in {_plain(study.form.cohort), _plain(_registration(draft, name))} - {""}:
            groups[key].append(name)
    for key, names in groups.items():
        for first, second in combinations(names, 2):
            if frozenset((first, second)) not in noted:
                what = f"{first} and {second} are both of {key} and do not name each other"
                yield Defect(CODE, what, draft.studies[second].span("id"), hint="add `overlaps_with`")


def _registration(draft: EvidenceDraft, name: str) -> str:
    form = draft.studies[name].form
    entry = draft.sources.get(form.source or form.id)
    extra = (entry.form.model_extra or {}) if entry else {}
    return (form.citation.registration if form.citation else "") or str(extra.get("registration") or "")


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
