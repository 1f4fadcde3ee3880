"""A criterion uses `is null` or `is true` and gives no reason.

These two are the only ones that look at whether something is known, so an answer can flip when more is
learnt. Each use says why it is right: `reason: …`.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.logic.nodes import is_monotone

CODE, NAME, WHOLE = "TRV240", "unguarded-null-test", False


def check(draft: Draft) -> Iterator[Defect]:
    for criterion in draft.pathway.criteria.values():
        if not is_monotone(criterion.when) and not criterion.reason.strip():
            what = f"{criterion.id} asks whether something is known, without a `reason:`"
            yield Defect(CODE, what, criterion.when.span, hint="say why, or do without the test")
