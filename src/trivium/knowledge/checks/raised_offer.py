"""A treatment or agent is offered as recommended on a basis weaker than conditional.

A treatment that rests on expert opinion, or on nothing graded, is to `consider`. A test, a question or a
referral may be recommended without a grade, which is then shown; but not on weak sources alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, cited
from trivium.knowledge.models import WEAK

CODE, NAME, WHOLE = "TRV222", "raised-offer", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.graded():
        form = entry.form
        if form.offer != "recommended" or form.strength in ("strong", "conditional"):
            continue
        if getattr(form, "treatment", True) or all(leg.seen in WEAK for leg in cited(draft, form.basis)):
            what = f"{entry.id} is offered as recommended with strength {form.strength}"
            yield Defect(CODE, what, entry.span("offer"), hint="write `offer: consider`")
