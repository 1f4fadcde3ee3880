"""A value set has neither codes nor text hints.

It can never match anything, so every fact that looks at it stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV261", "empty-value-set", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.valuesets.values():
        form = entry.form
        if not (form.codes or form.code_prefixes or form.text_hints):
            yield Defect(CODE, f"the value set {entry.id} has no codes and no text hints", entry.span())
