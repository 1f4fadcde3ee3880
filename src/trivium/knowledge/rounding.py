"""The house rule of rounding, checked and resolved. Made by `knowledge.dosing_build` from `rounding.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trivium.knowledge.models import Cited


@dataclass(frozen=True, slots=True)
class HouseRounding:
    """How a dose is rounded where its regimen does not say: our own rule, of no source.

    `most_above`, `most_below`: the shares of the computed dose that rounding may add or leave out. `digits`:
    significant digits of an amount that is drawn or measured out. `first`: the kinds of form that come before
    all others where they make the dose to within `first_within` of it.
    """

    most_above: Fraction
    most_below: Fraction
    digits: int
    first: tuple[str, ...] = ()
    first_within: Fraction = Fraction(0)
    cited: tuple[Cited, ...] = ()
    note: str = ""
