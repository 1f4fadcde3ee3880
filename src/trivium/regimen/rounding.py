"""Rounding a dosage to what can be measured out or counted, never above a maximum.

An unreduced dose is rounded as its regimen says (to the nearest where it says nothing; a tie goes down).
A reduced one is rounded down, so that no reduction is undone; up only where that is nearer, and within the
share that the regimen lets rounding change (`most`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction

from trivium.knowledge.dosing import Dosing, PackForm, Regimen, Rounding
from trivium.regimen.amounts import in_unit
from trivium.regimen.dosage import Dosage, Per
from trivium.regimen.packs import around, content, is_drawn, part, usable


@dataclass(frozen=True, slots=True)
class Rounded:
    """A dosage as it can be given; `is_possible` is false when the forms cannot make it."""

    dosage: Dosage
    is_possible: bool = True


@dataclass(frozen=True, slots=True)
class Measure:
    """How amounts of one regimen are measured out: its rounding and the forms it is given with."""

    rounding: Rounding
    forms: tuple[PackForm, ...]
    other_forms: tuple[PackForm, ...] = ()  # what else the agent comes in

    def for_printed(self, dosage: Dosage) -> Measure:
        """The measure for a printed amount: by another form where those of the regimen cannot make it."""
        if self.down(dosage).is_possible or not self.other_forms:
            return self
        other = Measure(self.rounding, self.other_forms)
        return other if other.down(dosage).is_possible else self

    def nearest(self, dosage: Dosage) -> Rounded:
        """An unreduced dosage, rounded as the regimen says."""
        exact = measured(dosage)
        below, above = self._around(exact, dosage.unit)
        direction = self.rounding.direction
        is_up = direction == "up" or (direction == "nearest" and above - exact < exact - below)
        chosen = above if is_up else below
        share = self.rounding.most
        if share is not None and abs(chosen - exact) > share * exact:
            return Rounded(dosage, not self._is_counted(dosage.unit))
        return _given(dosage, chosen)

    def down(self, dosage: Dosage) -> Rounded:
        """A reduced dosage, rounded down, or up by no more than the regimen lets rounding change."""
        exact = measured(dosage)
        below, above = self._around(exact, dosage.unit)
        share = self.rounding.most or Fraction(0)
        is_up = above - exact < exact - below and above - exact <= share * exact
        return _given(dosage, above if is_up else below)

    def reduced(self, dosage: Dosage, share: Fraction) -> Rounded:
        """A share of a dosage, rounded down: less at a time, or as much less often, whichever loses less."""
        less = self.down(dosage.times_of(share))
        times = dosage.schedule.times_per_day
        if times is None or not self._is_counted(dosage.unit) or 1 not in (times * share).as_integer_ratio():
            return less
        whole = self.down(dosage)
        rarer = replace(whole.dosage, schedule=replace(whole.dosage.schedule, times_per_day=times * share))
        if not whole.is_possible or (less.is_possible and less.dosage.day >= rarer.day):
            return less
        return Rounded(rarer)

    def above(self, exact: Fraction, unit: str) -> Fraction:
        """The least amount above that could be given."""
        return self._around(exact, unit)[1]

    def opened(self, unit: str) -> tuple[Fraction, ...]:
        """The contents of vials and bottles, of which any amount can be drawn."""
        forms = usable(self.forms, unit)
        return tuple(content(form, unit) for form in forms if form.kind in ("vial", "bottle"))

    def _around(self, exact: Fraction, unit: str) -> tuple[Fraction, Fraction]:
        step = self.rounding.to
        size = None if step is None else in_unit(step.low, step.unit, unit)
        forms = usable(self.forms, unit)
        if self._is_counted(unit):
            return around(exact, [part(form, unit) for form in forms], size)
        if size is not None:
            return around(exact, [size])
        if self.rounding.most is not None and self.opened(unit):
            return around(exact, self.opened(unit))
        return exact, exact

    def _is_counted(self, unit: str) -> bool:
        forms = usable(self.forms, unit)
        return bool(forms) and not any(is_drawn(form) for form in forms)


def measure_of(dosing: Dosing, regimen: Regimen, held: Collection[str] | None = None) -> Measure:
    """How a regimen is measured out, of the forms that are held (None: of all there are)."""
    forms = [form for form in dosing.forms.values() if held is None or form.id in held]
    own = tuple(form for form in forms if not regimen.forms or form.id in regimen.forms)
    return Measure(regimen.rounding, own, tuple(form for form in forms if form not in own))


def measured(dosage: Dosage) -> Fraction:
    """What is measured out at once: a single administration; of a course over several days all of it."""
    return dosage.amount if _is_split(dosage) else dosage.single


def _is_split(dosage: Dosage) -> bool:
    return dosage.per == "course" and not dosage.schedule.on_days


def _given(dosage: Dosage, amount: Fraction) -> Rounded:
    if not amount:
        return Rounded(dosage, is_possible=False)
    per: Per = "course" if _is_split(dosage) else "administration"
    return Rounded(Dosage(amount, dosage.unit, per, dosage.schedule))
