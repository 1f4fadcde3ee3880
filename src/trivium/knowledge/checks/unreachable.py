"""An expression can never be true, or can never be anything else.

Over every state of the facts within their plausible ranges: a criterion that is never true never does
anything, and one that is always true says nothing. Usually a threshold was turned round or `and` stands
for `or`. TRV250 is never true, TRV251 always true, TRV252 not decided by the solver in time (which is no
pass). Stages, and what literally says `true`, may be always true.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.expressions import Written, everything
from trivium.knowledge.checks.solver import Solver
from trivium.logic.nodes import Literal

CODE, NAME, WHOLE = "TRV250", "unreachable", True
_WORDS = {
    "TRV250": ("can never be true", "look at thresholds, units and plausible ranges"),
    "TRV251": ("is always true", "look for `or` where `and` is meant"),
    "TRV252": ("could not be decided in time", "split it into criteria"),
}


def check(draft: Draft, solver: Solver) -> Iterator[Defect]:
    for each in everything(draft.built):
        code = _problem(each, solver)
        if code:
            words, hint = _WORDS[code]
            yield Defect(code, f"{each.owner} {words}", each.node.span, hint=hint)


def _problem(each: Written, solver: Solver) -> str:
    import z3

    pair = solver.pair(each.node)
    sometimes = solver.ask(pair.true)
    if sometimes == "impossible":
        return "TRV250"
    if isinstance(each.node, Literal) or each.role == "stage":
        return "TRV252" if sometimes == "undecided" else ""
    otherwise = solver.ask(z3.Not(pair.true))
    if otherwise == "impossible":
        return "TRV251"
    return "TRV252" if "undecided" in (sometimes, otherwise) else ""
