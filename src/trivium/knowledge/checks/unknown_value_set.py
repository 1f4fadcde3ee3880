"""A fact looks at a value set that `valuesets/` does not have.

Such a fact would never find anything, and stay unknown in every patient without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV203", "unknown-value-set", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.facts.values():
        source = entry.form.from_
        for name in source.concepts():
            if name not in draft.valuesets and name not in draft.broken:
                span = entry.span("from", source.kind)
                yield Defect(CODE, f"no value set is called {name!r}", span, hint=near(name, draft.valuesets))
