"""A regimen as the solver sees it: the most and the least that any alternative gives, as formulas.

The same small rules as `regimen.adjust` and `regimen.dose`, over all states of a patient at once; the tests
hold the two against each other on random patients. A dose without body size is rounded by the engine itself,
candidate by candidate; one with body size stays exact, since rounding keeps the order (`regimen.rounding`).

0 stands for "not to be given so" and for "the source prints no dose".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import z3

from trivium.knowledge.dosing import Adjustment, Amount, DoseRule, Dosing, Regimen, Weight
from trivium.logic.nodes import Node
from trivium.logic.proof import Bounds, Pair
from trivium.proof.world import World
from trivium.regimen.adjust import settle
from trivium.regimen.amounts import basis, in_unit
from trivium.regimen.dosage import Dosage, Per, in_units_of, of_rule, size_fact
from trivium.regimen.rounding import measure_of

Active = Callable[[Adjustment], z3.BoolRef]
_MORE_THAN_ANY = z3.RealVal(10**15)
_SURE = Pair(z3.BoolVal(True), z3.BoolVal(False))


@dataclass(frozen=True, slots=True)
class DoseWorld:
    """One regimen in one state of a patient; `without` leaves adjustments out, by id."""

    world: World
    dosing: Dosing
    regimen: Regimen
    without: frozenset[str] = frozenset()

    @property
    def adjustments(self) -> list[Adjustment]:
        """Those that are followed for this regimen."""
        mine = [
            each for each in self.dosing.adjustments if not each.regimens or self.regimen.id in each.regimens
        ]
        return [each for each in mine if each.in_force and each.id not in self.without]

    @property
    def rules(self) -> tuple[DoseRule, ...]:
        """The rules of the regimen; none for a share of another agent's dose."""
        return () if any(rule.of for rule in self.regimen.rules) else self.regimen.rules

    @property
    def per(self) -> Per:
        """What doses of this regimen are compared by."""
        is_split = any(rule.per == "course" and not self.regimen.schedule.on_days for rule in self.rules)
        return "course" if is_split else "day"

    def nodes(self) -> list[Node]:
        """Every condition that the dose rests on."""
        tiers = [rule.when.node for rule in self.rules if rule.when is not None]
        return [*tiers, *(each.when.node for each in self.adjustments)]

    def sizes(self) -> frozenset[str]:
        """The body sizes that the dose may need."""
        needed = {size_fact(*each) for rule in self.rules for each in self._amounts(rule)}
        return frozenset(needed - {""})

    def sizes_known(self) -> list[z3.BoolRef]:
        """A dose is computed only for a body whose sizes are bounded, above zero."""
        found: list[z3.BoolRef] = []
        for name in sorted(self.sizes()):
            size = self._size(name)
            found += [z3.Not(size.low_absent), z3.Not(size.high_absent), size.low > 0]
        return found

    def most(self) -> z3.ArithRef:
        """The highest of all alternatives: only what surely holds lowers it."""
        found: z3.ArithRef = z3.RealVal(0)
        for possible, value in self._tiers(lambda each: self._pair(each).true, at_high=True):
            found = z3.If(z3.And(possible, value > found), value, found)
        return found

    def least(self) -> z3.ArithRef:
        """The cautious reading: whatever may hold lowers it."""
        found: z3.ArithRef = _MORE_THAN_ANY
        for possible, value in self._tiers(lambda each: z3.Not(self._pair(each).false), at_high=False):
            found = z3.If(z3.And(possible, value < found), value, found)
        return found

    def unadjusted(self) -> z3.ArithRef:
        """The highest dose were there no adjustment."""
        return replace(self, without=frozenset(each.id for each in self.adjustments)).most()

    def against(self, per: Per, amount: Amount) -> list[tuple[z3.ArithRef, z3.ArithRef]]:
        """For each rule the most per administration, day or course, and the maximum, in one unit."""
        found = []
        for rule in self.rules:
            plain = self._plain(rule)
            highest = self._value(rule, lambda each: self._pair(each).true, at_high=True)
            scale = _share(plain, per) / plain.burden(self.per)
            found.append(
                (_times(highest, scale), self._absolute(amount, rule.weight, plain.unit, at_high=True))
            )
        return found

    def _pair(self, adjustment: Adjustment) -> Pair:
        return self.world.pair(adjustment.when.node)

    def _size(self, name: str) -> Bounds:
        symbols = self.world.facts[name]
        if not isinstance(symbols, Bounds):
            raise TypeError(f"{name} is no number")
        return symbols

    def _amounts(self, rule: DoseRule) -> list[tuple[Amount, Weight]]:
        """Every amount that a dose by this rule may be computed from, and by which weight."""
        found = [(rule.amount, rule.weight), *((limit.amount, rule.weight) for limit in self.regimen.limits)]
        found += [(each.minus, rule.weight) for each in self.adjustments if each.minus is not None]
        return found + [(each.to.amount, each.to.weight) for each in self.adjustments if each.to is not None]

    def _tiers(self, active: Active, at_high: bool) -> list[tuple[z3.BoolRef, z3.ArithRef]]:
        """What each tier gives, and when it may be the first that holds; at last that none may."""
        found: list[tuple[z3.BoolRef, z3.ArithRef]] = []
        not_before: list[z3.BoolRef] = []
        for rule in self.rules:
            pair = self.world.pair(rule.when.node) if rule.when is not None else _SURE
            found.append((z3.And(*not_before, z3.Not(pair.false)), self._value(rule, active, at_high)))
            not_before.append(z3.Not(pair.true))
        return [*found, (z3.And(*not_before), z3.RealVal(0))]

    def _value(self, rule: DoseRule, active: Active, at_high: bool) -> z3.ArithRef:
        """What one rule gives: the lowest of the unreduced dose and every active ceiling."""
        is_fixed = not any(size_fact(*each) for each in self._amounts(rule))
        candidates = self._rounded if is_fixed and not self._takes_off() else self._exact
        value, ceilings = candidates(rule, active, at_high)
        for adjustment, ceiling in ceilings:
            value = z3.If(z3.And(active(adjustment), ceiling < value), ceiling, value)
        for adjustment in self.adjustments:
            if adjustment.avoid:
                value = z3.If(active(adjustment), z3.RealVal(0), value)
        return value

    def _takes_off(self) -> bool:
        return any(each.minus is not None for each in self.adjustments)

    def _rounded(
        self, rule: DoseRule, _: Active, at_high: bool
    ) -> tuple[z3.ArithRef, list[tuple[Adjustment, z3.ArithRef]]]:
        """The engine's own doses: without any adjustment, and with each alone."""
        measure = measure_of(self.dosing, self.regimen)

        def burden(*holding: Adjustment) -> z3.ArithRef:
            settled = settle(self.regimen, rule, holding, {}, measure, at_high)
            given = settled.given
            return _real(Fraction(0) if given is None else given.burden(self.per))

        lowering = [each for each in self.adjustments if each.factor is not None or each.to is not None]
        return burden(), [(each, burden(each)) for each in lowering]

    def _exact(
        self, rule: DoseRule, active: Active, at_high: bool
    ) -> tuple[z3.ArithRef, list[tuple[Adjustment, z3.ArithRef]]]:
        """Unrounded, in terms of body size: what is taken off, then the maxima, then the ceilings."""
        plain = self._plain(rule)
        left = self._absolute(rule.amount, rule.weight, plain.unit, at_high)
        for each in self.adjustments:
            if each.minus is not None:
                off = self._absolute(each.minus, rule.weight, plain.unit, at_high)
                left = z3.If(active(each), left - off, left)
        kept = self._kept(z3.If(left < 0, z3.RealVal(0), left), plain, rule, at_high)
        unit = plain.burden(self.per) / plain.amount
        ceilings = []
        for each in self.adjustments:
            if each.factor is not None:
                ceilings.append((each, _times(kept, each.factor * unit)))
            if each.to is not None:
                printed = in_units_of(
                    of_rule(each.to, each.to_schedule or self.regimen.schedule, _One(), at_high), plain.unit
                )
                amount = self._absolute(each.to.amount, each.to.weight, plain.unit, at_high)
                amount = self._kept(amount, printed, rule, at_high)
                ceilings.append((each, _times(amount, printed.burden(self.per) / printed.amount)))
        return _times(kept, unit), ceilings

    def _kept(self, amount: z3.ArithRef, plain: Dosage, rule: DoseRule, at_high: bool) -> z3.ArithRef:
        """An amount held to every maximum of the regimen."""
        for limit in self.regimen.limits:
            most = self._absolute(limit.amount, rule.weight, plain.unit, at_high)
            cap = _times(most, plain.amount / _share(plain, limit.per))
            amount = z3.If(amount > cap, cap, amount)
        return amount

    def _plain(self, rule: DoseRule) -> Dosage:
        """The rule for a body of size one: how single doses, days and courses stand to its amount."""
        return of_rule(rule, self.regimen.schedule, _One(), at_high=True)

    def _absolute(self, amount: Amount, weight: Weight, unit: str, at_high: bool) -> z3.ArithRef:
        """An amount for this body, in a unit."""
        own, by = basis(amount.unit)
        number = _real(in_unit(amount.high if at_high else amount.low, own, unit))
        if not by:
            return number
        size = self._size(size_fact(amount, weight))
        return number * (size.high if at_high else size.low)


class _One(dict[str, Fraction]):
    """Every body size is one."""

    def __missing__(self, name: str) -> Fraction:
        return Fraction(1)


def _share(plain: Dosage, per: Per) -> Fraction:
    """How much of a dosage a maximum per administration, day or course is held against."""
    if per == "course":
        return plain.course
    if plain.per == "course" and plain.schedule.over_days is not None:
        return plain.amount / plain.schedule.over_days[1]  # spread over as many days as its source allows
    return plain.single if per == "administration" else max(plain.single, plain.day)


def _real(number: Fraction) -> z3.ArithRef:
    return z3.RealVal(f"{number.numerator}/{number.denominator}")


def _times(term: z3.ArithRef, factor: Fraction) -> z3.ArithRef:
    return term * _real(factor)
