"""The truth of a condition about giving an agent, where only some facts are known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trivium.core.truth import Truth, from_bool
from trivium.core.values import Value, point
from trivium.knowledge.checks.expressions import known_values, names_behind
from trivium.knowledge.dosing import When
from trivium.knowledge.loader import load
from trivium.logic.evaluate import Trace, evaluate

KNOWLEDGE = load()
PATHWAY, DOSING = KNOWLEDGE.pathway, KNOWLEDGE.dosing


def truth(when: When, **given: Any) -> Truth:
    """The truth of a condition where only `given` is known; criteria may be given too."""
    values = {
        name: from_bool(value) if isinstance(value, bool) else _value(value) for name, value in given.items()
    }
    facts = known_values(PATHWAY, values)
    traces: dict[str, Trace] = {}
    behind = names_behind(when.node, PATHWAY.criteria)
    for name, criterion in PATHWAY.criteria.items():
        if name in given:
            traces[name] = Trace(criterion.when, values[name])
        elif name in behind:
            traces[name] = evaluate(criterion.when, facts, traces)
    return evaluate(when.node, facts, traces).truth


def _value(raw: Any) -> Value:
    return point(Decimal(str(raw))) if isinstance(raw, (int, float)) else frozenset((raw,))
