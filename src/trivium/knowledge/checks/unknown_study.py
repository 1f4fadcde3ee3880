"""A study, claim or overlap names a study that does not exist, or a study names itself.

What a claim was held against, and which studies share patients, must lead to a row that a reader can look up.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV302", "unknown-study", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    for owner, name, span in _named(draft):
        if name == owner:
            yield Defect(CODE, f"{owner} names itself", span)
        elif name not in draft.studies and name not in draft.broken:
            yield Defect(CODE, f"no study is called {name!r}", span, hint=near(name, draft.studies))
    for claim in draft.claims.values():
        for at, name in enumerate(claim.form.same_as):
            if name not in draft.claims and name not in draft.broken:
                hint = near(name, draft.claims)
                yield Defect(CODE, f"no claim is called {name!r}", claim.span("same_as", at), hint=hint)


def _named(draft: EvidenceDraft) -> Iterator[tuple[str, str, Span]]:
    for entry in draft.studies.values():
        for at, overlap in enumerate(entry.form.overlaps_with):
            yield entry.id, overlap.study, entry.span("overlaps_with", at)
        for at, name in enumerate(entry.form.conflicts_with):
            yield entry.id, name, entry.span("conflicts_with", at)
    for claim in draft.claims.values():
        for at, name in enumerate(claim.form.studies):
            yield "", name, claim.span("studies", at)
