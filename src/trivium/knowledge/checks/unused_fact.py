"""No expression, question, alert or derived fact uses a fact.

It would be read and shown for nothing, and nobody would notice if it were wrong. Take it out, or use it.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, needs
from trivium.knowledge.checks.expressions import everything
from trivium.knowledge.dosing import SIZE_FACTS
from trivium.logic.nodes import fact_names

CODE, NAME, WHOLE = "TRV260", "unused-fact", True


def check(draft: Draft) -> Iterator[Defect]:
    used: set[str] = set(SIZE_FACTS.values()) if draft.built.dosing else set()
    for each in everything(draft.built):
        used |= fact_names(each.node)
    for agent in draft.built.dosing.values():
        used |= {agent.active, agent.last_given}
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
