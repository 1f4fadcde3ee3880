"""What the pharmacy's forms can give: which amounts, and of which units an amount is made up.

Tablets, capsules, sachets and sessions are taken whole, or in the parts they can be divided into. From a
vial, a bottle or a solution any amount can be drawn; an opened vial or bottle leaves its rest as waste.
All arithmetic is on whole multiples of a common part, so every answer is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from trivium.knowledge.dosing import PackForm
from trivium.regimen.amounts import figure, in_unit, is_commensurable, said

_OPENED = ("vial", "bottle")


@dataclass(frozen=True, slots=True)
class MakeUp:
    """Units of each form (halves count as 1/2), the amount wanted, and what is left over in opened ones."""

    units: tuple[tuple[PackForm, Fraction], ...]
    amount: Fraction
    unit: str
    waste: Fraction

    @property
    def count(self) -> Fraction:
        return sum((number for _, number in self.units), Fraction(0))

    @property
    def millilitres(self) -> Fraction | None:
        """The volume of the amount itself; None where a form has none or they are not equally strong."""
        strengths = {
            content(form, self.unit) / in_unit(form.volume.low, form.volume.unit, "mL")
            if form.volume
            else None
            for form, _ in self.units
        }
        strength = strengths.pop() if len(strengths) == 1 else None
        return None if strength is None else self.amount / strength

    def words(self) -> str:
        """`1 x 500 mg vial + 2 x 100 mg vial, 18.2 mg left over`."""
        parts = " + ".join(_counted(form, number) for form, number in self.units)
        return f"{parts}, {said(self.waste, self.unit)} left over" if self.waste else parts


def _counted(form: PackForm, number: Fraction) -> str:
    if form.kind == "solution" and form.volume is not None:
        return f"{said(number * form.volume.low, form.volume.unit)} of {form.label}"
    return f"{figure(number)} x {form.label}"


def usable(forms: Iterable[PackForm], unit: str) -> tuple[PackForm, ...]:
    """The forms that hold what the unit measures, the largest first."""
    fitting = [form for form in forms if is_commensurable(form.amount.unit, unit) and form.amount.low > 0]
    return tuple(sorted(fitting, key=lambda form: (-content(form, unit), form.id)))


def content(form: PackForm, unit: str) -> Fraction:
    """How much one unit of a form holds."""
    return in_unit(form.amount.low, form.amount.unit, unit)


def is_opened(form: PackForm) -> bool:
    """Whether it is opened to draw from, so that what is not drawn is left over: a vial, a bottle."""
    return form.kind in _OPENED


def is_drawn(form: PackForm) -> bool:
    """Whether any amount can be drawn from it."""
    return form.divisible_into == 0 or form.kind in (*_OPENED, "solution")


def part(form: PackForm, unit: str) -> Fraction:
    """The smallest amount that one can be divided into."""
    return content(form, unit) / max(1, form.divisible_into)


def around(
    amount: Fraction, parts: Sequence[Fraction], step: Fraction | None = None
) -> tuple[Fraction, Fraction]:
    """The greatest amount that the parts make up to no more than `amount`, and the least to no less.

    Shapes:  at least one part; with `step` only multiples of it count. The first may be 0.
    """
    scale, sizes = _whole([*parts, step] if step is not None else parts)
    every = sizes.pop() if step is not None else 1
    wanted = amount * scale
    # Every common multiple of a part and the step can be made: there is one within each such stretch.
    most = math.ceil(wanted) + math.lcm(every, sizes[0])
    made = _reachable(tuple(sizes), most)
    below = range(math.floor(wanted / every) * every, -1, -every)
    above = range(math.ceil(wanted / every) * every, most + 1, every)
    low, high = (next(total for total in each if made >> total & 1) / scale for each in (below, above))
    return low, high


def make_up(amount: Fraction, unit: str, forms: Iterable[PackForm]) -> MakeUp | None:
    """Of which units an amount is made up: the least waste, then the fewest units.

    None when no form holds what the unit measures. Whole forms that cannot make the amount exactly make
    up the least amount above it.
    """
    fitting = usable(forms, unit)
    whole = [form for form in fitting if not is_drawn(form)]
    opened = [form for form in fitting if is_drawn(form) and is_opened(form)]
    drawn = [form for form in fitting if is_drawn(form) and not is_opened(form)]
    if whole and (
        not (opened or drawn) or _fewest(amount, [part(form, unit) for form in whole])[0] == amount
    ):
        return _of(amount, unit, whole, [part(form, unit) for form in whole])
    if drawn:
        form = drawn[0]
        return MakeUp(((form, amount / content(form, unit)),), amount, unit, Fraction(0))
    return _of(amount, unit, opened, [content(form, unit) for form in opened]) if opened else None


def _of(amount: Fraction, unit: str, forms: Sequence[PackForm], sizes: Sequence[Fraction]) -> MakeUp:
    total, counts = _fewest(amount, sizes)
    units = tuple(
        (form, count * size / content(form, unit))
        for form, size, count in zip(forms, sizes, counts, strict=True)
        if count
    )
    return MakeUp(units, amount, unit, total - amount)


def _fewest(amount: Fraction, sizes: Sequence[Fraction]) -> tuple[Fraction, tuple[int, ...]]:
    """The least sum of sizes that is no less than `amount`, made of the fewest: the sum, how many of each."""
    scale, whole = _whole(sizes)
    total, counts = _change(math.ceil(amount * scale), tuple(whole))
    return total / scale, counts


@lru_cache(maxsize=4096)
def _change(wanted: int, sizes: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """The same in whole numbers.

    Among fewest units no `largest` of the others sum to a multiple of the largest, so that all beyond
    (largest - 1) of the others is made of the largest: that much is taken off first.
    """
    largest = max(sizes)
    at = sizes.index(largest)
    taken = max(0, (wanted - largest * largest) // largest)
    rest = max(0, wanted - taken * largest)
    most = rest + min(sizes)
    fewest: list[int] = [0] + [-1] * most
    last = [-1] * (most + 1)
    for total in range(1, most + 1):
        for index, size in enumerate(sizes):
            before = fewest[total - size] if size <= total else -1
            if before >= 0 and (fewest[total] < 0 or before + 1 < fewest[total]):
                fewest[total], last[total] = before + 1, index
    reached = next(total for total in range(rest, most + 1) if fewest[total] >= 0)
    counts = [0] * len(sizes)
    counts[at] = taken
    total = reached
    while total:
        counts[last[total]] += 1
        total -= sizes[last[total]]
    return reached + taken * largest, tuple(counts)


def _whole(parts: Sequence[Fraction]) -> tuple[Fraction, list[int]]:
    """A scale at which all parts are whole numbers without a common divisor, and the parts at it."""
    denominators = math.lcm(*(each.denominator for each in parts))
    numbers = [int(each * denominators) for each in parts]
    common = math.gcd(*numbers)
    return Fraction(denominators, common), [number // common for number in numbers]


@lru_cache(maxsize=256)
def _reachable(sizes: tuple[int, ...], most: int) -> int:
    """The sums of sizes up to `most`, as the bits of a number."""
    made, mask = 1, (1 << (most + 1)) - 1
    for size in set(sizes):
        shift = size
        while shift <= most:
            made |= (made << shift) & mask
            shift *= 2
    return made
