"""`is null` or `is true` stands outside of a criterion.

In a line of an agent, an alert or a recommendation, unknown does its work by itself: it makes the agent
wait, and shows what is missing. Where such a test is needed it gets a criterion of its own, with a
reason and examples. (The override that `opened_by:` names is no such test of the content's own.)
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.expressions import everything
from trivium.logic.nodes import FactRef, IsKnown, IsTrue, Node, children

CODE, NAME, WHOLE = "TRV242", "null-test-outside-a-criterion", False


def check(draft: Draft) -> Iterator[Defect]:
    overrides = {name for name, entry in draft.facts.items() if entry.form.from_.kind == "override"}
    for each in everything(draft.built):
        if each.role != "criterion" and not _is_plain(each.node, overrides):
            what = f"{each.owner} asks whether something is known"
            yield Defect(CODE, what, each.node.span, hint="make it a criterion with a `reason:`")


def _is_plain(node: Node, overrides: set[str]) -> bool:
    """Whether it tests nowhere what is known, but for an override that is surely recorded."""
    if isinstance(node, IsTrue) and isinstance(node.child, FactRef) and node.child.name in overrides:
        return True
    return not isinstance(node, (IsKnown, IsTrue)) and all(
        _is_plain(each, overrides) for each in children(node)
    )
