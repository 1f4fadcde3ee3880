"""Infusion rates for one patient: a source's rate by weight and minute as an amount an hour.

In: an agent's rates, a patient. Out: the rates whose condition holds or may hold, in words, with the
arithmetic. A rate without a condition is for whoever none with one is for: it is withdrawn where one of
those holds. The weight is the actual one (the sources name no other for rates).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.knowledge.dosing import SIZE_FACTS, Amount, Dosing, Rate
from trivium.logic.evaluate import Trace
from trivium.logic.nodes import Node, Not, Or
from trivium.logic.prose import prose
from trivium.regimen.amounts import days_said, factor, said, said_range
from trivium.regimen.patient import Patient

_WHICH = {"first": "First infusion", "subsequent": "Later infusions", "any": "Infusion"}


@dataclass(frozen=True, slots=True)
class Speed:
    """One rate rule for this patient; `trace` says whether it is for them, None where it is for everybody."""

    rate: Rate
    words: str
    trace: Trace | None


def speeds(dosing: Dosing, patient: Patient) -> tuple[Speed, ...]:
    """The rates of an agent that are, or may be, for this patient, and those withdrawn from them, last."""
    found = []
    for rate in dosing.rates:
        words = _words(rate, patient)
        if rate.when is not None:
            trace = patient.trace(rate.when.node)
            if trace.truth is not FALSE:
                cautious = " (the cautious one, as long as that is not known)"
                found.append(Speed(rate, words + (cautious if trace.truth is UNKNOWN else ""), trace))
            continue
        others = [each.when.node for each in dosing.rates if each.when and _are_alternatives(each, rate)]
        otherwise = patient.trace(Not(Or(tuple(others)))) if others else None
        found.append(Speed(rate, _standing(words, others, otherwise, patient), otherwise))
    return tuple(sorted(found, key=lambda each: each.trace is not None and each.trace.truth is FALSE))


def _are_alternatives(one: Rate, other: Rate) -> bool:
    return one.which == other.which or "any" in (one.which, other.which)


def _standing(words: str, others: Sequence[Node], otherwise: Trace | None, patient: Patient) -> str:
    """The words of a rate without a condition, where others have one."""
    if otherwise is None or otherwise.truth is TRUE:
        return words
    holds = " or ".join(prose(node, patient.labels) for node in others)
    if otherwise.truth is FALSE:
        return f"Not for this patient, as {holds}: {words}"
    return f"{words} (unless {holds}: not known)"


def _words(rate: Rate, patient: Patient) -> str:
    parts = []
    if rate.start is not None:
        parts.append(f"start at {_rate(rate.start, patient)}")
    if rate.step is not None and rate.step_minutes is not None:
        parts.append(f"raise by {_rate(rate.step, patient)} every {rate.step_minutes} min")
    elif rate.step_minutes is not None:
        parts.append(f"raise every {rate.step_minutes} min")
    if rate.most is not None:
        parts.append(f"at most {_rate(rate.most, patient)}")
    if rate.minutes is not None:
        parts.append(f"over {days_said(rate.minutes).replace('days', 'min').replace('day', 'min')}")
    return f"{_WHICH.get(rate.which, rate.which)}: {', '.join(parts)}"


def _rate(amount: Amount, patient: Patient) -> str:
    printed = said_range(amount.low, amount.high, amount.unit)
    unit, _, time = amount.unit.rpartition("/")
    if not unit.endswith("/kg") or time not in ("min", "h"):
        return printed
    per_hour = unit.removesuffix("/kg"), 1 / factor(time, "h")
    size = patient.size(SIZE_FACTS["actual"])
    if size is None or size.low is None or size.high is None:
        return f"{printed} (weight not known)"
    low, high = (
        end * Fraction(weight) * per_hour[1]
        for end, weight in ((amount.low, size.low), (amount.high, size.high))
    )
    name = f"{per_hour[0]}/h"
    return f"{said_range(low, high, name) if low != high else said(low, name)} ({printed})"
