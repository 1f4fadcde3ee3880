"""An override does not fit: what `opened_by:` names records none, or one is used for something else.

A fact of kind `override` is a boolean that no direction harms and that grows old (`good_for:`): a decision
about this patient, of these days. It opens the lines that name it and stands in no other expression, so
that nothing is recommended because somebody once overrode a line.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, Entry
from trivium.knowledge.checks.expressions import everything
from trivium.knowledge.checks.naming import near
from trivium.knowledge.schema import FactForm
from trivium.logic.nodes import fact_names

CODE, NAME, WHOLE = "TRV274", "unfit-override", False


def check(draft: Draft) -> Iterator[Defect]:
    overrides = {name for name, entry in draft.facts.items() if entry.form.from_.kind == "override"}
    for entry in draft.agents.values():
        for index, line in enumerate(entry.form.lines):
            if line.opened_by and line.opened_by not in overrides | draft.broken:
                what = f"{line.id}: no override is called {line.opened_by!r}"
                span = entry.span("lines", index, "opened_by")
                yield Defect(CODE, what, span, hint=near(line.opened_by, overrides))
    for name in sorted(overrides):
        yield from _unfit(draft.facts[name])
    yield from _used_elsewhere(draft, overrides)


def _unfit(entry: Entry[FactForm]) -> Iterator[Defect]:
    form = entry.form
    if form.type != "boolean" or form.good_for is None or form.harm or form.false_when or form.kept:
        what = f"{entry.id} is no boolean with `good_for:` and `harm: none` alone"
        hint = "an override is true for a time, and says nothing about the patient"
        yield Defect(CODE, what, entry.span("id"), hint=hint)


def _used_elsewhere(draft: Draft, overrides: set[str]) -> Iterator[Defect]:
    lines = {
        id(line.when): line.opened_by
        for agent in draft.built.pathway.agents.values()
        for line in agent.lines
        if line.opened_by
    }
    for each in everything(draft.built):
        stray = sorted(fact_names(each.node) & overrides - {lines.get(id(each.node), "")})
        if stray:
            what = f"{each.owner} looks at an override: {', '.join(stray)}"
            yield Defect(CODE, what, each.node.span, hint="only `opened_by:` of a line names one")
