"""The direction of harm, or what is kept, does not fit the fact's type.

`harm:` is compulsory and says which way is worse: `high` or `low` for numbers and dates, a list of
choices (or of true / false) for the others, `none` where neither direction is harm. `kept:` lists
choices, or true.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.schema import FactForm

CODE, NAME, WHOLE = "TRV262", "unfit-harm", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.facts.values():
        allowed = _allowed(entry.form)
        wrong = sorted(set(entry.form.harm) - set(allowed))
        if wrong or (len(entry.form.harm) > 1 and allowed == ["high", "low"]):
            what = f"{entry.id}: `harm: {', '.join(entry.form.harm)}` does not fit"
            yield Defect(CODE, what, entry.span("harm"), hint=f"none, or of: {', '.join(allowed)}")
        kept = sorted(set(entry.form.kept) - set(allowed) | set(entry.form.kept) & {"high", "low"})
        if kept:
            yield Defect(CODE, f"{entry.id}: it is never {', '.join(kept)}", entry.span("kept"))


def _allowed(form: FactForm) -> list[str]:
    if form.type == "boolean":
        return ["true", "false"]
    return form.choices if form.type == "choice" else ["high", "low"]
