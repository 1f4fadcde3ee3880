"""Infusion rates for one patient: a source's rate by weight and minute as an amount an hour.

In: an agent's rates, a patient. Out: the rates whose condition holds or may hold, in words, with the
arithmetic. The weight is the actual one (the sources name no other for rates).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trivium.core.truth import FALSE
from trivium.knowledge.dosing import SIZE_FACTS, Amount, Dosing, Rate
from trivium.logic.evaluate import Trace
from trivium.regimen.amounts import days_said, factor, said, said_range
from trivium.regimen.patient import Patient

_WHICH = {"first": "First infusion", "subsequent": "Later infusions", "any": "Infusion"}


@dataclass(frozen=True, slots=True)
class Speed:
    """One rate rule for this patient; `trace` is of its condition, None where it is for everybody."""

    rate: Rate
    words: str
    trace: Trace | None


def speeds(dosing: Dosing, patient: Patient) -> tuple[Speed, ...]:
    """The rates of an agent that are, or may be, for this patient."""
    found = []
    for rate in dosing.rates:
        trace = None if rate.when is None else patient.trace(rate.when.node)
        if trace is None or trace.truth is not FALSE:
            found.append(Speed(rate, _words(rate, patient), trace))
    return tuple(found)


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
