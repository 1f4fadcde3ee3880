"""A statement is named that `statements/` does not have.

A recommendation takes its strength, its certainty and its badge from the statement it names. Correct the
name, or name the source itself: `{source: …, seen: …, note: …}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV202", "unknown-statement", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry, place, basis in draft.bases():
        name = basis.statement
        if name and name not in draft.statements and name not in draft.broken:
            hint = near(name, draft.statements)
            if name in draft.sources:
                hint = f"{name} is a source: write {{source: {name}, seen: …}}"
            yield Defect(CODE, f"no statement is called {name!r}", entry.span(*place), hint=hint)
