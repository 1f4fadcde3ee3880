"""An outcome's name looks like a misspelt one of `evidence_terms.yaml`.

Outcomes meet by their names; `mortalty` would stand alone in every table. A name of its own is allowed: it is
shown as it is, and listed for review.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft

CODE, NAME, WHOLE = "TRV312", "misspelt-outcome", False
_ALIKE = 0.85


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    known = {term.id: term.id for term in draft.terms.outcomes}
    names = {name.lower().replace(" ", "-"): term.id for term in draft.terms.outcomes for name in term.names}
    for study, place, outcome in draft.outcomes():
        if outcome.name in known:
            continue
        close = difflib.get_close_matches(outcome.name, sorted(known), n=1, cutoff=_ALIKE)
        meant = names.get(outcome.name.lower()) or (close[0] if close else "")
        if meant:
            what = f"{study.id}: the outcome {outcome.name!r} is none of evidence_terms.yaml"
            yield Defect(CODE, what, study.span(*place, "name"), hint=f"did you mean {meant}?")
