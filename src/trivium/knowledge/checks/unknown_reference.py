"""A study or claim names a source or statement that does not exist.

Every number of the base leads to a document with its DOI or address. A study names its `source` in
`sources.yaml`, or brings a `citation` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV300", "unknown-reference", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    known = draft.sources.keys() | draft.broken
    own = {name for name, entry in draft.studies.items() if entry.form.citation is not None}
    for study in draft.studies.values():
        form = study.form
        if form.source and form.source not in known and not (form.source == form.id and form.citation):
            hint = near(form.source, draft.sources) or "add it to sources.yaml, or give a `citation`"
            yield Defect(CODE, f"no source is called {form.source!r}", study.span("source"), hint=hint)
        judged = form.risk_of_bias
        if judged and judged.source and judged.source not in known:
            span = study.span("risk_of_bias", "source")
            hint = near(judged.source, draft.sources)
            yield Defect(CODE, f"no source is called {judged.source!r}", span, hint=hint)
    for claim in draft.claims.values():
        for at, name in enumerate(claim.form.sources):
            if name not in known | own:
                hint = near(name, draft.sources)
                yield Defect(CODE, f"no source is called {name!r}", claim.span("sources", at), hint=hint)
        for at, name in enumerate(claim.form.statements):
            if name not in draft.statements and name not in draft.broken:
                hint = near(name, draft.statements)
                span = claim.span("statements", at)
                yield Defect(CODE, f"no statement is called {name!r}", span, hint=hint)
