"""The pathway's `in_scope:` or `doses_for:` names no criterion.

The one decides whom the pathway is for, the other whom its doses are for; without them no treatment could be
kept within its scope, and no dose from those it was never printed for.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV206", "unknown-scope", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.pathways.values():
        named = {"in_scope": entry.form.in_scope, "doses_for": entry.form.doses_for}
        for key, name in named.items():
            if name is not None and name not in draft.criteria and name not in draft.broken:
                hint = near(name, draft.criteria)
                yield Defect(CODE, f"no criterion is called {name!r}", entry.span(key), hint=hint)
