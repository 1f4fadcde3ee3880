"""The strength or certainty shown is above that of every statement it rests on.

Nothing is called strong that is conditional. The strongest statement of the basis is the ceiling; where
a statement that was read stands beside one that was only recalled (weak), the weak one does not raise
it; a strength that only weak statements give is not shown at all. Support without a graded statement is
`not-graded`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.forms import BasisForm
from trivium.knowledge.models import CERTAINTIES, STRENGTHS, WEAK

CODE, NAME, WHOLE = "TRV221", "raised-strength", False
_GRADES: tuple[tuple[str, Sequence[str]], ...] = (("strength", STRENGTHS), ("certainty", CERTAINTIES))


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.graded():
        form = entry.form
        if any(leg.statement and leg.statement not in draft.statements for leg in form.basis):
            continue  # that is another defect
        for key, scale in _GRADES:
            shown, ceiling = str(getattr(form, key)), _ceiling(draft, form.basis, key, scale)
            if scale.index(shown) < scale.index(ceiling):
                what = f"{entry.id} shows {key} {shown}, its basis says {ceiling} at most"
                yield Defect(CODE, what, entry.span(key), hint=f"write `{key}: {ceiling}`")


def _ceiling(draft: Draft, basis: Sequence[BasisForm], key: str, scale: Sequence[str]) -> str:
    """The highest grade among statements that were read; of certainty, else among all."""
    named = [draft.statements[leg.statement].form for leg in basis if leg.statement in draft.statements]
    graded = [form for form in named if getattr(form, key) != scale[-1]]
    read = [form for form in graded if form.seen not in WEAK]
    counted = read if key == "strength" else read or graded
    return min((str(getattr(form, key)) for form in counted), key=scale.index, default=scale[-1])
