"""A retracted or superseded source supports something.

A document that was withdrawn, or that a newer version replaced, may be named and shown, and supports nothing:
neither a statement, nor a line of the pathway, nor the verdict on a claim. `status: retracted` or
`superseded` stands with the source; every other id of the same document (`same_document_as`) shares it. Rest
on the newer document instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.evidence_draft import EvidenceDraft

CODE, NAME, WHOLE = "TRV307", "withdrawn-support", False


def check(draft: Draft) -> Iterator[Defect]:
    status = {name: entry.form.status for name, entry in draft.sources.items() if entry.form.status}
    for name, entry in draft.sources.items():
        other = entry.form.same_document_as
        if other in status:
            status.setdefault(name, status[other])
    for name, what, span in _supports(draft, frozenset(status)):
        newer = draft.sources[name].form.superseded_by
        hint = f"rest on {newer}" if newer else "rest on another document, or leave it out"
        yield Defect(CODE, f"{what} rests on {name}, which is {status[name]}", span, hint=hint)


def _supports(draft: Draft, withdrawn: frozenset[str]) -> Iterator[tuple[str, str, Span]]:
    for statement in draft.statements.values():
        if statement.form.source in withdrawn:
            yield statement.form.source, f"the statement {statement.id}", statement.span("source")
    for entry, place, basis in draft.bases():
        if basis.source in withdrawn:
            yield basis.source, entry.id, entry.span(*place, "source")
    for claim in draft.claims.values() if isinstance(draft, EvidenceDraft) else ():
        for at, name in enumerate(claim.form.sources):
            if name in withdrawn and claim.form.verdict in ("supported", "partly-supported"):
                yield name, f"the verdict on {claim.id}", claim.span("sources", at)
