"""How long an infusion or a session takes: rate rules and the dose → whole hours, rounded up.

What cannot be worked out is not known; nothing is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from trivium.core.truth import Truth
from trivium.knowledge.dosing import Amount, Rate, When
from trivium.regimen.amounts import BY_WEIGHT, basis, factor, is_commensurable
from trivium.regimen.calendar.course import Choice, Quantity

_MINUTES = 60


def hours(
    choice: Choice, dose: Quantity | None, holds: Callable[[When], Truth], *, first: bool
) -> int | None:
    """Whole hours of one administration, by the slowest of the rate rules that may hold; None: not known.

    A rate in millilitres is held against the volume that the agent's forms make of the dose.
    """
    which = ("any", "first" if first else "subsequent")
    rates = [
        rate
        for rate in choice.dosing.rates
        if rate.which in which and (rate.when is None or holds(rate.when) is not Truth.FALSE)
    ]
    found = [
        minutes(rate, amount, choice.weight) for rate in rates for amount in (dose, _volume(choice, dose))
    ]
    known = [length for length in found if length is not None]
    return math.ceil(max(known) / _MINUTES) if known else None


def _volume(choice: Choice, dose: Quantity | None) -> Quantity | None:
    """The volume of a dose, by the thinnest of the forms that it may be given with; None: not known."""
    allowed = choice.regimen.forms
    found = [
        volume
        for form in choice.dosing.forms.values()
        if dose is not None and form.volume is not None and (not allowed or form.id in allowed)
        if (held := dose.per(form.amount.unit)) is not None
        if (volume := held / form.amount.low * form.volume.high * factor(form.volume.unit, "mL"))
    ]
    return Quantity(max(found), "mL") if found else None


def minutes(rate: Rate, dose: Quantity | None, weight: Fraction | None) -> Fraction | None:
    """How long this rule makes it: the longest it prints, or the dose run through its steps."""
    if rate.minutes is not None:
        fewest, most = rate.minutes
        return Fraction(fewest if most is None else most)
    if dose is None or (rate.start or rate.most) is None:
        return None
    if rate.start is not None and rate.most is not None and rate.step is None:
        return None  # how fast it is raised from one to the other is not said
    start = _a_minute(rate.start or rate.most, dose.unit, weight)
    step = _a_minute(rate.step, dose.unit, weight) or Fraction(0)
    top = _a_minute(rate.most, dose.unit, weight)
    if start is None or start <= 0:
        return None
    passed, left, speed = Fraction(0), dose.number, start
    while rate.step_minutes and step > 0 and (top is None or speed < top):
        given = speed * rate.step_minutes
        if given >= left:
            break
        passed, left = passed + rate.step_minutes, left - given
        speed = speed + step if top is None else min(speed + step, top)
    return passed + left / speed


def _a_minute(rate: Amount | None, unit: str, weight: Fraction | None) -> Fraction | None:
    """A printed rate, such as `50 mg/h` or `1 mg/kg/min`, in units of the dose a minute."""
    if rate is None:
        return None
    amount, _, time = rate.unit.rpartition("/")
    amount, size = basis(amount)
    if not amount or not is_commensurable(time, "min") or not is_commensurable(amount, unit):
        return None
    if size and (size != BY_WEIGHT or weight is None):
        return None
    scale = weight if size and weight is not None else Fraction(1)
    return rate.low * scale * factor(amount, unit) / factor(time, "min")
