"""A treatment is supported by a statement that speaks against it.

A recommendation that gives a treatment, or an agent, rests on a statement whose direction is `against`.
Show the other side in the text, in a caution or in a line; it does not hold the recommendation up.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV225", "opposed-support", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.graded():
        if not getattr(entry.form, "treatment", True):
            continue  # it may well say what not to do
        for index, leg in enumerate(entry.form.basis):
            statement = draft.statements.get(leg.statement)
            if statement is not None and statement.form.direction == "against":
                what = f"{leg.statement} speaks against, and {entry.id} rests on it"
                yield Defect(CODE, what, entry.span("basis", index), hint="move it to a caution or a line")
