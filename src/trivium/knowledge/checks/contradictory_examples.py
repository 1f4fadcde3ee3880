"""Two examples of a criterion give the same and expect different things.

One of them is wrong, and no expression can satisfy both.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.models import Criterion, Example

CODE, NAME, WHOLE = "TRV233", "contradictory-examples", True


def check(draft: Draft) -> Iterator[Defect]:
    for criterion in draft.pathway.criteria.values():
        for first, second in contradictions(criterion):
            what = f"this example of {criterion.id} contradicts that at {first.span}"
            yield Defect(CODE, what, second.span, hint="keep the right one")


def contradictions(criterion: Criterion) -> list[tuple[Example, Example]]:
    """Pairs of examples that give the same and expect different things."""
    pairs = combinations(criterion.examples, 2)
    return [pair for pair in pairs if pair[0].given == pair[1].given and pair[0].then is not pair[1].then]
