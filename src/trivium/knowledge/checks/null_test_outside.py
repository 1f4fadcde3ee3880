"""`is null` or `is true` stands outside of a criterion.

In a line of an agent, an alert or a recommendation, unknown does its work by itself: it makes the agent
wait, and shows what is missing. Where such a test is needed it gets a criterion of its own, with a
reason and examples.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.expressions import everything
from trivium.logic.nodes import is_monotone

CODE, NAME, WHOLE = "TRV242", "null-test-outside-a-criterion", False


def check(draft: Draft) -> Iterator[Defect]:
    for each in everything(draft.built):
        if each.role != "criterion" and not is_monotone(each.node):
            what = f"{each.owner} asks whether something is known"
            yield Defect(CODE, what, each.node.span, hint="make it a criterion with a `reason:`")
