"""The prefixes and unit atoms of UCUM that Trivium knows: physics, no code.

Definitions as in ucum-essence.xml 2.2, in exact fractions; `core.units` reads and combines them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Atom:
    """A UCUM unit atom, defined as value times an expression in atoms before it."""

    value: Fraction
    definition: str
    prefixes: frozenset[str]


PREFIXES: Final[Mapping[str, Fraction]] = MappingProxyType(
    {
        symbol: Fraction(10) ** power
        for symbol, power in (
            ("Y", 24), ("Z", 21), ("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("h", 2),
            ("da", 1), ("d", -1), ("c", -2), ("m", -3), ("u", -6), ("n", -9), ("p", -12), ("f", -15),
            ("a", -18), ("z", -21), ("y", -24),
        )
    }
)  # fmt: skip

_ANY: Final = frozenset(PREFIXES)
_TO_KILO: Final = _ANY - frozenset("YZEPTGM")
_ACTIVITY: Final = frozenset("kMmunpf")
_NONE: Final = frozenset[str]()


def _atom(value: str, definition: str, prefixes: frozenset[str] = _NONE) -> Atom:
    return Atom(Fraction(value), definition, prefixes)


# Definitions as in ucum-essence.xml 2.2; an atom without a definition is a base. Order matters.
ATOMS: Final[Mapping[str, Atom]] = MappingProxyType(
    {
        "m": _atom("1", "", _TO_KILO),
        "g": _atom("1", "", _TO_KILO),
        "s": _atom("1", "", _TO_KILO),
        "K": _atom("1", "", _TO_KILO),
        "mol": _atom("1", "", _TO_KILO),
        "eq": _atom("1", "", _TO_KILO),
        "osm": _atom("1", "", _TO_KILO),
        "[iU]": _atom("1", "", _ACTIVITY),
        "[arb'U]": _atom("1", ""),
        "[pH]": _atom("1", ""),
        "[hnsf'U]": _atom("1", ""),
        "[IU]": _atom("1", "[iU]", _ACTIVITY),
        "10*": _atom("10", "1"),
        "10^": _atom("10", "1"),
        "%": _atom("1", "10*-2"),
        "[ppth]": _atom("1", "10*-3"),
        "[ppm]": _atom("1", "10*-6"),
        "[ppb]": _atom("1", "10*-9"),
        "min": _atom("60", "s"),
        "h": _atom("60", "min"),
        "d": _atom("24", "h"),
        "wk": _atom("7", "d"),
        "a": _atom("365.25", "d"),
        "mo": _atom("1", "a/12"),
        "l": _atom("1", "dm3", _TO_KILO),
        "L": _atom("1", "l", _TO_KILO),
        "Hz": _atom("1", "s-1", _ANY),
        "N": _atom("1", "kg.m/s2", _ANY),
        "dyn": _atom("1", "g.cm/s2", _ANY),
        "Pa": _atom("1", "N/m2", _ANY),
        "bar": _atom("1e5", "Pa", _ANY),
        "atm": _atom("101325", "Pa"),
        "m[Hg]": _atom("133.322", "kPa", _TO_KILO),
        "m[H2O]": _atom("9.80665", "kPa", _TO_KILO),
        "J": _atom("1", "N.m", _ANY),
        "W": _atom("1", "J/s", _ANY),
        "cal": _atom("4.184", "J", _ANY),
        "Gy": _atom("1", "J/kg", _ANY),
        "kat": _atom("1", "mol/s", _ANY),
        "U": _atom("1", "umol/min", _ACTIVITY),
        "[lb_av]": _atom("453.59237", "g"),
        "[oz_av]": _atom("1", "[lb_av]/16"),
        "[in_i]": _atom("2.54", "cm"),
        "[ft_i]": _atom("12", "[in_i]"),
    }
)
# Kelvin per degree, kelvin at zero degrees.
AFFINE: Final[Mapping[str, tuple[Fraction, Fraction]]] = MappingProxyType(
    {
        "Cel": (Fraction(1), Fraction("273.15")),
        "[degF]": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    }
)
