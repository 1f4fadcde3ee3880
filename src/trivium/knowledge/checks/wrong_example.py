"""An example does not come out as it says.

Either the expression or the example is wrong; a clinician decides which. Also reported: an example that
gives something which the criterion does not look at, since it then tests less than it seems to.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.contradictory_examples import contradictions
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.expressions import names_behind, outcome

CODE, NAME, WHOLE = "TRV232", "wrong-example", True


def check(draft: Draft) -> Iterator[Defect]:
    for criterion in draft.pathway.criteria.values():
        contradictory = {example.span for pair in contradictions(criterion) for example in pair}
        for example in criterion.examples:
            idle = set(example.given) - names_behind(criterion.when, draft.pathway.criteria)
            if idle:
                yield Defect(CODE, f"{criterion.id} does not look at {', '.join(sorted(idle))}", example.span)
            elif example.span not in contradictory:
                found = outcome(draft.pathway, criterion, example)
                if found is not example.then:
                    what = f"this example of {criterion.id} comes out {found}, not {example.then}"
                    yield Defect(CODE, what, example.span, hint="correct the expression or the example")
