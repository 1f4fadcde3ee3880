"""The pathway's `in_scope:` names no criterion.

That criterion decides whom the pathway is for; without it no treatment could be kept within its scope.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV206", "unknown-scope", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.pathways.values():
        name = entry.form.in_scope
        if name not in draft.criteria and name not in draft.broken:
            hint = near(name, draft.criteria)
            yield Defect(CODE, f"no criterion is called {name!r}", entry.span("in_scope"), hint=hint)
