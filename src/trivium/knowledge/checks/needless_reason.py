"""A criterion gives a reason for `is null` or `is true` and uses neither.

The test was taken out and the reason left behind, or the test was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.logic.nodes import is_monotone

CODE, NAME, WHOLE = "TRV241", "needless-reason", False


def check(draft: Draft) -> Iterator[Defect]:
    for criterion in draft.pathway.criteria.values():
        if is_monotone(criterion.when) and criterion.reason.strip():
            what = f"{criterion.id} gives a reason, but uses neither `is null` nor `is true`"
            yield Defect(CODE, what, draft.criteria[criterion.id].span("reason"), hint="use `note:`")
