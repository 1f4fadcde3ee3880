"""A hard stop stands on weak support alone.

Weak is what was recalled, seeded or written by an AI and not read in its source. An alert of severity
stop and a contraindication need at least one leg that was read. Read the source, or make it a warning or
a caution.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, is_weak

CODE, NAME, WHOLE = "TRV223", "weak-hard-stop", False


def check(draft: Draft) -> Iterator[Defect]:
    for alert in draft.alerts.values():
        if alert.form.severity == "stop" and is_weak(draft, alert.form.basis):
            yield Defect(CODE, f"the alert {alert.id} stops on weak support alone", alert.span("basis"))
    for agent in draft.agents.values():
        for index, line in enumerate(agent.form.lines):
            if line.kind == "contraindication" and is_weak(draft, line.basis):
                what = f"{line.id} contraindicates {agent.id} on weak support alone"
                yield Defect(CODE, what, agent.span("lines", index, "basis"))
