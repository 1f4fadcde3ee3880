"""What the pharmacy needs for a dosage: units of each form, waste with and without vial sharing, cost.

In: a dosage as given, the forms, a price list of the site. Out: units for one course, or for a number of
days where a drug is taken on and on. Everything is exact; where a source prints a span, both ends are told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from trivium.knowledge.dosing import PackForm
from trivium.regimen.dosage import Dosage
from trivium.regimen.packs import MakeUp, content, is_opened, make_up
from trivium.regimen.prices import PriceList

DAYS = 28  # for what is taken without a set end: four weeks are shown


@dataclass(frozen=True, slots=True)
class Need:
    """Units for a number of administrations.

    `units` are whole ones, each administration made up by itself; `waste` is what is left over of them.
    `shared` is the same amount drawn from as few vials as can be, were all of it drawn at once; None for what
    is counted or measured out by the patient, of which nothing is shared.
    """

    administrations: int
    amount: Fraction
    unit: str
    units: tuple[tuple[PackForm, int], ...]
    waste: Fraction
    shared: MakeUp | None

    def packs(self) -> tuple[tuple[PackForm, int], ...]:
        """Whole packs of the forms whose pack size is known."""
        return tuple((form, math.ceil(Fraction(count, form.pack))) for form, count in self.units if form.pack)


@dataclass(frozen=True, slots=True)
class Cost:
    """What units cost by a price list; `missing` are the forms that it has no price for."""

    amount: Decimal
    currency: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Supply:
    """What one course needs (or `days` days); two needs where the source prints a span."""

    of: str  # "one course" or "28 days"
    each: MakeUp
    needs: tuple[Need, ...]


def supply(given: Dosage, forms: Iterable[PackForm], days: int = DAYS) -> Supply | None:
    """Units for a dosage; None when no form holds what it measures.

    Units:   `days` is how long a drug without a set end is to last.
    """
    kept = tuple(forms)
    each = make_up(given.single, given.unit, kept)
    if each is None:
        return None
    of, counts = _administrations(given, days)
    needs = [_need(_for_days(given, count), count, kept) for count in counts]
    return Supply(of, each, tuple(need for need in needs if need is not None))


def cost(agent: str, need: Need, prices: PriceList) -> Cost:
    """What the units of a need cost; forms without a price are named, not left out in silence."""
    priced = [(prices.price(agent, form.id), count) for form, count in need.units]
    total = sum((price * count for price, count in priced if price is not None), Decimal(0))
    missing = [form.id for form, _ in need.units if prices.price(agent, form.id) is None]
    return Cost(total, prices.currency, tuple(missing))


def _administrations(given: Dosage, days: int) -> tuple[str, list[int]]:
    """How many administrations one course has, or so many days: fewest and most."""
    schedule = given.schedule
    if schedule.beside:
        return f"one day with {schedule.beside.replace('_', ' ')}", [math.ceil(given.times)]
    if schedule.on_days:
        return "one course", [len(schedule.on_days)]
    if schedule.over_days is not None:
        return "one course", sorted(set(schedule.over_days))
    if schedule.times_per_day is None:
        return "one administration", [1]
    if schedule.for_days is not None and schedule.for_days[1] is not None:
        spans = sorted({schedule.for_days[0], schedule.for_days[1]})
        return "the whole treatment", [math.ceil(given.times * span) for span in spans]
    return f"{days} days", [math.ceil(given.times * days)]


def _for_days(given: Dosage, count: int) -> Dosage:
    """A course that is split over this many days; any other dosage as it is."""
    if given.per != "course" or given.schedule.over_days is None:
        return given
    return replace(given, schedule=replace(given.schedule, over_days=(count, count)))


def _need(given: Dosage, count: int, forms: tuple[PackForm, ...]) -> Need | None:
    each = make_up(given.single, given.unit, forms)
    if each is None:
        return None
    amount = given.single * count
    drawn = all(is_opened(form) for form, _ in each.units)
    shared = make_up(amount, given.unit, forms) if drawn else None
    units = tuple((form, math.ceil(number * count)) for form, number in each.units)
    held = sum((content(form, given.unit) * number for form, number in units), Fraction(0))
    return Need(count, amount, given.unit, units, held - amount, shared)
