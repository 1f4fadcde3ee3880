"""A named combination does not fit the agents.

It names an agent that is not there or says nothing of how it is given, a regimen the agent has not, or
one agent twice with one regimen; or it puts two agents together of which their class says that they are
contraindicated or to be avoided together. A plan for it could not be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from trivium.core.errors import Defect
from trivium.knowledge.checks.dosing_forms import CombinationForm, DosingForm
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV272", "unfit-combination", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.combinations.values():
        for at, what, hint in _problems(draft, entry.form):
            yield Defect(CODE, f"{entry.id}: {what}", entry.span("parts", at), hint=hint)


def _problems(draft: Draft, form: CombinationForm) -> Iterator[tuple[int, str, str]]:
    given = {name: entry.form.dosing for name, entry in draft.agents.items()}
    for at, part in enumerate(form.parts):
        dosing = given.get(part.agent)
        if dosing is None:
            if part.agent not in draft.broken:
                yield at, f"nothing says how {part.agent!r} is given", near(part.agent, given)
            continue
        names = [regimen.id for regimen in dosing.regimens]
        if part.regimen and part.regimen not in names:
            yield at, f"{part.agent} has no regimen {part.regimen!r}", near(part.regimen, names)
        if any((part.agent, part.regimen) == (each.agent, each.regimen) for each in form.parts[:at]):
            yield at, f"{part.agent} stands twice", ""
    for (_, first), (at, second) in combinations(enumerate(form.parts), 2):
        one, other = given.get(first.agent), given.get(second.agent)
        if first.agent != second.agent and one is not None and other is not None:
            for name in _excluding(draft, one, other):
                yield at, f"{first.agent} and {second.agent} are both {name}, of which one is given", ""


def _excluding(draft: Draft, one: DosingForm, other: DosingForm) -> list[str]:
    shared = [name for name in one.classes if name in other.classes and name in draft.drug_classes]
    return [name for name in shared if draft.drug_classes[name].form.severity in ("contraindicated", "avoid")]
