"""Rounding a dosage to what can be measured out or counted, never above a maximum.

An unreduced dose is rounded as its regimen says (to the nearest where it says nothing; a tie goes down).
A reduced one is rounded down, so that no reduction is undone; up only where that is nearer, and within the
share that the regimen lets rounding change (`most`). What lies further from the computed dose than the
regimen, else the house rule of the content, allows is not that dose: the forms cannot make it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from trivium.knowledge.dosing import Dosing, PackForm, Regimen, Rounding
from trivium.knowledge.rounding import HouseRounding
from trivium.regimen.amounts import in_unit
from trivium.regimen.dosage import Dosage, Per
from trivium.regimen.packs import around, content, is_drawn, is_opened, part, usable


@dataclass(frozen=True, slots=True)
class Rounded:
    """A dosage as it can be given, and by which forms; when they cannot make it, as computed."""

    dosage: Dosage
    measure: Measure
    is_possible: bool = True


@dataclass(frozen=True, slots=True)
class Measure:
    """How amounts of one regimen are measured out: its rounding and the forms it is given with.

    `is_lacking`: of the forms that the regimen is given with none is held, though others of the agent are.
    """

    rounding: Rounding
    forms: tuple[PackForm, ...]
    other_forms: tuple[PackForm, ...] = ()  # what else the agent comes in
    house: HouseRounding | None = None
    is_lacking: bool = False
    is_other: bool = False  # of forms that the regimen does not name

    def nearest(self, dosage: Dosage) -> Rounded:
        """An unreduced dosage, rounded as the regimen says."""
        return self._by_first(dosage, Measure._nearest)

    def down(self, dosage: Dosage) -> Rounded:
        """A reduced dosage, rounded down, or up by no more than the regimen lets rounding change."""
        return self._by_first(dosage, Measure._down)

    def printed(self, dosage: Dosage) -> Rounded:
        """A printed amount, rounded down; by another form where those of the regimen cannot make it."""
        found = self.down(dosage)
        return found if found.is_possible else self._by_other(dosage) or found

    def reduced(self, dosage: Dosage, share: Fraction) -> Rounded:
        """A share of a dosage, rounded down: less at a time, or as much less often, whichever loses less.

        By another form where those of the regimen can do neither.
        """
        less = self.down(dosage.times_of(share))
        times = dosage.schedule.times_per_day
        if times is not None and self._is_counted(dosage.unit) and 1 in (times * share).as_integer_ratio():
            whole = self.down(dosage)
            schedule = replace(whole.dosage.schedule, times_per_day=times * share)
            rarer = replace(whole, dosage=replace(whole.dosage, schedule=schedule))
            if whole.is_possible and not (less.is_possible and less.dosage.day >= rarer.dosage.day):
                return rarer
        return less if less.is_possible else self._by_other(dosage.times_of(share)) or less

    def around(self, exact: Fraction, unit: str) -> tuple[Fraction, Fraction]:
        """The greatest amount that can be given up to no more than `exact`, and the least to no less."""
        step = self.rounding.to
        size = None if step is None else in_unit(step.low, step.unit, unit)
        forms = usable(self.forms, unit)
        if self._is_counted(unit):
            return around(exact, [part(form, unit) for form in forms], size)
        if size is not None:
            return around(exact, [size])
        if self.rounding.most is not None and self.opened(unit):
            return around(exact, self.opened(unit))
        return self._to_digits(exact)

    def opened(self, unit: str) -> tuple[Fraction, ...]:
        """The contents of vials and bottles, of which any amount can be drawn."""
        return tuple(content(form, unit) for form in usable(self.forms, unit) if is_opened(form))

    def is_to_digits(self, unit: str) -> bool:
        """Whether amounts are rounded to digits alone: drawn or measured out, and no source gives a step."""
        is_whole = self.rounding.most is not None and bool(self.opened(unit))
        return self.house is not None and not (self.rounding.to or is_whole or self._is_counted(unit))

    def _by_first(self, dosage: Dosage, rounded: Callable[[Measure, Dosage], Rounded]) -> Rounded:
        """By the forms that come first, where they alone come near enough; else by all."""
        house = self.house
        first = tuple(form for form in self.forms if house is not None and form.kind in house.first)
        if house is not None and usable(first, dosage.unit) and len(first) < len(self.forms):
            found = rounded(replace(self, forms=first), dosage)
            change = measured(found.dosage) - measured(dosage)
            if found.is_possible and abs(change) <= house.first_within * measured(dosage):
                return found
        return rounded(self, dosage)

    def _nearest(self, dosage: Dosage) -> Rounded:
        exact = measured(dosage)
        below, above = self.around(exact, dosage.unit)
        if self.rounding.direction != "nearest":
            return self._first_near(dosage, [below if self.rounding.direction == "down" else above])
        tried = [above, below] if above - exact < exact - below else [below, above]
        is_bound = self.rounding.most is not None or self.house is not None
        return self._first_near(dosage, tried if is_bound else tried[:1])

    def _down(self, dosage: Dosage) -> Rounded:
        exact = measured(dosage)
        below, above = self.around(exact, dosage.unit)
        share = self.rounding.most or Fraction(0)
        is_up = above - exact < exact - below and above - exact <= share * exact
        return self._first_near(dosage, [above if is_up else below])

    def _first_near(self, dosage: Dosage, tried: Sequence[Fraction]) -> Rounded:
        """The first amount that may stand for a dosage; of what is drawn the computed one else."""
        exact = measured(dosage)
        chosen = next((each for each in tried if each and self._is_near(each, exact)), None)
        if self.is_lacking or (chosen is None and self._is_counted(dosage.unit)):
            return Rounded(dosage, self, is_possible=False)
        if chosen is None:
            chosen = self._to_digits(exact)[0]
        per: Per = "course" if _is_split(dosage) else "administration"
        return Rounded(Dosage(chosen, dosage.unit, per, dosage.schedule), self)

    def _is_near(self, amount: Fraction, exact: Fraction) -> bool:
        """Whether a rounded amount may stand for the computed one."""
        if self.rounding.most is not None:
            return abs(amount - exact) <= self.rounding.most * exact
        if self.house is None:
            return True
        return -self.house.most_below * exact <= amount - exact <= self.house.most_above * exact

    def _to_digits(self, exact: Fraction) -> tuple[Fraction, Fraction]:
        """The amounts around of as many digits as are measured out."""
        if self.house is None:
            return exact, exact
        return around(exact, [_step(exact, self.house.digits)])

    def _by_other(self, dosage: Dosage) -> Rounded | None:
        """By forms that the regimen does not name, where they make it exactly.

        None where they do not. A vial never stands in for what is swallowed, nor the other way round.
        """
        if self.is_lacking or any(is_opened(form) for form in self.forms):
            return None
        others = tuple(form for form in self.other_forms if not is_opened(form))
        if not usable(others, dosage.unit):
            return None
        found = replace(self, forms=others, other_forms=(), is_other=True).down(dosage)
        return found if found.is_possible and measured(found.dosage) == measured(dosage) else None

    def _is_counted(self, unit: str) -> bool:
        forms = usable(self.forms, unit)
        return bool(forms) and not any(is_drawn(form) for form in forms)


def measure_of(dosing: Dosing, regimen: Regimen, held: Collection[str] | None = None) -> Measure:
    """How a regimen is measured out, of the forms that are held (None: of all there are)."""
    forms = [form for form in dosing.forms.values() if held is None or form.id in held]
    own = tuple(form for form in forms if not regimen.forms or form.id in regimen.forms)
    others = tuple(form for form in forms if form not in own)
    return Measure(regimen.rounding, own, others, dosing.house, is_lacking=bool(others and not own))


def measured(dosage: Dosage) -> Fraction:
    """What is measured out at once: a single administration; of a course over several days all of it."""
    return dosage.amount if _is_split(dosage) else dosage.single


def _is_split(dosage: Dosage) -> bool:
    return dosage.per == "course" and not dosage.schedule.on_days


def _step(amount: Fraction, digits: int) -> Fraction:
    """The worth of the last of so many significant digits of an amount above zero."""
    power = 0
    while amount >= Fraction(10) ** (power + 1):
        power += 1
    while amount < Fraction(10) ** power:
        power -= 1
    return Fraction(10) ** (power - digits + 1)
