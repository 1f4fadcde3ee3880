"""A fact that a question may name has no `question:`.

When it is unknown and would decide something, the clinician is asked for it, in these words. Derived
facts are never asked for: their inputs are.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV263", "missing-question", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.facts.values():
        if not entry.form.question and entry.form.from_.kind != "derived":
            yield Defect(CODE, f"the fact {entry.id} has no question", entry.span("id"))
