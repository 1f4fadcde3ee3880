"""A recommendation names an agent that `agents/` does not have, or one that is never offered.

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
            span = entry.span("agents", index)
            if name not in draft.agents and name not in draft.broken:
                yield Defect(CODE, f"no agent is called {name!r}", span, hint=near(name, draft.agents))
            elif name in draft.agents and draft.agents[name].form.offered_when is None:
                yield Defect(CODE, f"{name} is never offered: it has no `offered_when`", span)
