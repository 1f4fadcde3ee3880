"""Something is offered as recommended on a basis weaker than conditional.

What rests on expert opinion, or on nothing graded, is to `consider`.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV222", "raised-offer", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.graded():
        form = entry.form
        if form.offer == "recommended" and form.strength not in ("strong", "conditional"):
            what = f"{entry.id} is offered as recommended with strength {form.strength}"
            yield Defect(CODE, what, entry.span("offer"), hint="write `offer: consider`")
