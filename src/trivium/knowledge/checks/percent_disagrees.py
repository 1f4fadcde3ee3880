"""A printed percent is not its count of its total, by more than rounding or cutting off.

The percent is the second witness of an extraction: where the two disagree, one of three numbers was copied
wrongly. Look again. Where the paper itself prints them so, say why in `explained:`, or in a `note:` beside
the numbers that says they stand as printed.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft, is_explained
from trivium.knowledge.percents import agrees

CODE, NAME, WHOLE = "TRV305", "percent-disagrees", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    for study, place, outcome, result, _ in draft.results():
        events, total, percent = result.events, result.total, result.percent
        if events is None or not total or percent is None or events > total:
            continue
        if not agrees(percent, events, total) and not is_explained(result, outcome):
            what = f"{study.id}: {events} of {total} is {100 * events / total:.2f} percent, not {percent}"
            hint = "correct it; if the paper prints it so, say why in `explained:`"
            yield Defect(CODE, what, study.span(*place, "percent"), hint=hint)
