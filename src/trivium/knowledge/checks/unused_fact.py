"""No expression, question, alert or derived fact uses a fact.

It would be read and shown for nothing, and nobody would notice if it were wrong. Take it out, or use it.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, needs
from trivium.knowledge.checks.expressions import written, written_dosing
from trivium.logic.nodes import fact_names

CODE, NAME, WHOLE = "TRV260", "unused-fact", True


def check(draft: Draft) -> Iterator[Defect]:
    used: set[str] = set()
    dosing = draft.knowledge.dosing if draft.knowledge else {}
    for each in (*written(draft.pathway), *written_dosing(dosing)):
        used |= fact_names(each.node)
    for agent in dosing.values():
        used.add(agent.active)
        used.update(name for due in agent.due for name in due.facts)
        used.update(target.fact for regimen in agent.regimens.values() for target in regimen.targets)
    for entry in draft.facts.values():
        used.update(needs(entry.form))
    for recommendation in draft.recommendations.values():
        used.update(recommendation.form.asks)
    for alert in draft.alerts.values():
        used.update(alert.form.about)
    for name, entry in draft.facts.items():
        if name not in used:
            yield Defect(CODE, f"nothing uses the fact {name}", entry.span("id"))
