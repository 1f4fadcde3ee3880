"""A derived fact names a formula that `formulae.yaml` does not have.

The formula's coefficients, source and worked example stand there.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV209", "unknown-formula", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.facts.values():
        name = entry.form.from_.options().get("formula")
        if name and name not in draft.formulae and name not in draft.broken:
            span = entry.span("from", "derived")
            yield Defect(CODE, f"no formula is called {name!r}", span, hint=near(name, draft.formulae))
