"""There are more than three alerts of severity stop.

A stop interrupts; what interrupts often is clicked away, and with it the one that mattered.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV224", "too-many-hard-stops", False
MOST = 3


def check(draft: Draft) -> Iterator[Defect]:
    stops = [entry for entry in draft.alerts.values() if entry.form.severity == "stop"]
    for entry in stops[MOST:]:
        what = f"{entry.id} is one of {len(stops)} kinds of hard stop, {MOST} are allowed"
        yield Defect(CODE, what, entry.span("severity"), hint="make the least of them a warning")
