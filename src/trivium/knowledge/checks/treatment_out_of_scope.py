"""A treatment could be offered to a patient who is not in the pathway's scope.

There is a state of the facts in which the recommendation (or the agent) holds and the in-scope criterion
does not. Put the in-scope criterion into its `when:`. Proved by the solver, over every state of the
facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.solver import Solver

CODE, NAME, WHOLE = "TRV253", "treatment-out-of-scope", True


def check(draft: Draft, solver: Solver) -> Iterator[Defect]:
    import z3

    pathway = draft.pathway
    scope = solver.criteria.get(pathway.in_scope)
    treatments = [(each.id, each.when) for each in pathway.recommendations.values() if each.treatment]
    agents = [(each.id, each.offered_when) for each in pathway.agents.values()]
    for name, node in [*treatments, *agents]:
        if scope is None:
            return
        answer = solver.ask(solver.pair(node).true, z3.Not(scope.true))
        if answer != "impossible":
            certain = "can hold" if answer == "possible" else "was not proved to be idle"
            what = f"{name} {certain} for a patient who is not in scope"
            yield Defect(CODE, what, node.span, hint=f"write `{pathway.in_scope} and (…)`")
