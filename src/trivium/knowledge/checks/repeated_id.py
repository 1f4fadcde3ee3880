"""Two entries have one id, or a fact and a criterion share a name.

Whatever names it could mean either. Facts and criteria share one space of names because expressions use
both, and what a fact is also called must be nobody else's name; the conditions of one recommendation or
agent, and the stages, have ids of their own, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, Entry, conditions
from trivium.knowledge.checks.forms import Form

CODE, NAME, WHOLE = "TRV207", "repeated-id", False


def check(draft: Draft) -> Iterator[Defect]:
    for kind, first, second in draft.repeated:
        yield _defect(f"the {kind} {second.id!r}", first, second)
    for name in draft.criteria.keys() & draft.facts.keys():
        yield _defect(f"the name {name!r}", draft.facts[name], draft.criteria[name])
    taken: dict[str, Entry[Form]] = {**draft.facts, **draft.criteria}
    for fact in draft.facts.values():
        for name in fact.form.also_called:
            if (first := taken.setdefault(name, fact)) is not fact or name == fact.id:
                yield _defect(f"the name {name!r}", first, fact)
    for entry in (*draft.recommendations.values(), *draft.agents.values()):
        counts = Counter(condition.id for _, condition in conditions(entry.form))
        for name in (name for name, count in counts.items() if count > 1):
            yield Defect(CODE, f"{name!r} stands more than once in {entry.id}", entry.span())


def _defect(what: str, first: Entry[Form], second: Entry[Form]) -> Defect:
    return Defect(CODE, f"{what} is there twice (first: {first.span()})", second.span(), hint="rename one")
