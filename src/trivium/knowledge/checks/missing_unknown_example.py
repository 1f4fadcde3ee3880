"""A criterion that can be unknown has no example in which it is.

What a criterion says when nothing is known is the half that is forgotten. Add an example with `then:
unknown` (`given: {}` is often the one that matters). A criterion that is never unknown by its form needs
none.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.truth import UNKNOWN
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.expressions import never_unknown

CODE, NAME, WHOLE = "TRV231", "missing-unknown-example", True


def check(draft: Draft) -> Iterator[Defect]:
    for criterion in draft.pathway.criteria.values():
        shown = any(example.then is UNKNOWN for example in criterion.examples)
        if not shown and not never_unknown(criterion.when, draft.pathway.criteria):
            yield Defect(CODE, f"{criterion.id} has no example in which it is unknown", criterion.span)
