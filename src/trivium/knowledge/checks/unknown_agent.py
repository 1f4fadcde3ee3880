"""A recommendation names an agent that `agents/` does not have.

Its contraindications, label lines and doses would not be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV205", "unknown-agent", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.recommendations.values():
        for index, name in enumerate(entry.form.agents):
            if name not in draft.agents and name not in draft.broken:
                span = entry.span("agents", index)
                yield Defect(CODE, f"no agent is called {name!r}", span, hint=near(name, draft.agents))
