"""A choice of a fact can never be read from a record, because no answer stands for it.

`answers.yaml`, or the fact's own `answers:`, lists the codes, interpretations and texts that mean each
choice. Facts that are only asked for, derived, or read from the person need none.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV264", "unanswerable-choice", False
_READ = ("latest", "first")


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.facts.values():
        form = entry.form
        answered = {*draft.answers, *form.answers, *draft.broken}
        for choice in form.choices if form.from_.kind in _READ else ():
            if choice not in answered:
                what, hint = f"{entry.id}: no answer means {choice!r}", "add it to answers.yaml or `answers:`"
                yield Defect(CODE, what, entry.span("choices"), hint=hint)
        wanted = getattr(form.from_, "is_", None) or ()
        for choice in (*form.answers, *wanted):
            if choice not in {*form.choices, *draft.answers, "true", "false"}:
                span = entry.span("answers") if choice in form.answers else entry.span("from", "is")
                yield Defect(CODE, f"{entry.id}: {choice!r} is no choice", span)
