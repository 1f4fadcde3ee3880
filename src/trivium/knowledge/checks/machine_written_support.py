"""A machine-written page is taken for support.

Answers written by machines repeat one another: a hundred of them are no evidence. A statement whose source is
machine-written is seen as `ai-written` and nothing better, and a claim is called supported only by something
else: a source that people wrote, a study or a statement, seen better than from memory or from such a page.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.evidence_forms import ClaimForm
from trivium.knowledge.models import WEAK

CODE, NAME, WHOLE = "TRV310", "machine-written-support", False
MACHINE = "ai-written"


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    machine = {name for name, entry in draft.sources.items() if entry.form.kind == MACHINE}
    for statement in draft.statements.values():
        form = statement.form
        if form.source in machine and form.seen not in WEAK:
            what = f"{form.id} was read in {form.source}, a machine-written page, but is seen as {form.seen}"
            yield Defect(CODE, what, statement.span("seen"), hint=f"seen: {MACHINE}")
    for claim in draft.claims.values():
        if claim.form.verdict not in ("supported", "partly-supported"):
            continue
        if claim.form.seen is None or claim.form.seen in WEAK:
            what = f"{claim.id} is called {claim.form.verdict} and was seen only as {claim.form.seen}"
            yield Defect(CODE, what, claim.span("verdict"), hint="not-found, or read something better")
        elif not _is_supported(claim.form, draft, machine):
            what = f"{claim.id} is called {claim.form.verdict} by nothing but machine-written or weak text"
            yield Defect(
                CODE, what, claim.span("verdict"), hint="name a study, a statement or another source"
            )


def _is_supported(form: ClaimForm, draft: EvidenceDraft, machine: set[str]) -> bool:
    statements = [draft.statements[name].form for name in form.statements if name in draft.statements]
    return (
        any(name not in machine for name in form.sources)
        or bool(form.studies)
        or any(each.seen not in WEAK and each.source not in machine for each in statements)
    )
