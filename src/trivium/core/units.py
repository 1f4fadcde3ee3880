"""Units of measure: a small, exact subset of UCUM (https://ucum.org/ucum, version 2.2).

A wrong unit kills, so this module knows few units, knows them exactly (fractions, never floats) and
refuses the rest. Every difference from UCUM is on the side of refusing:

- ``mol``, ``eq`` and ``osm`` are three dimensions. UCUM counts them all in moles, so that 1 meq would
  be 1 mmol; of calcium it is half of that.
- ``[iU]`` (= ``[IU]``), ``[arb'U]``, ``[pH]`` and ``[hnsf'U]`` are dimensions of their own. UCUM calls
  them 1, so that a pH of 7 would be 700 %. ``U`` is catalytic activity (umol/min): an ``[IU]/L`` is
  never a ``U/L`` here, though laboratories write IU/L for enzymes. Say so where one fact is read.
- Annotations do not scale, but three change what was measured: ``{1.73_m2}`` (eGFR indexed to body
  surface) and ``{FEU}`` against ``{DDU}`` (D-dimer, a factor of about two). Values that differ in
  these do not convert. Nor is an annotated pure number rescaled: 1.2 ``{INR}`` is not 120 ``%``.
- Mega and larger do not prefix m, g, s, K, mol, L, eq, osm: ``Mg`` and ``ML`` are slips for mg and mL.
  On ``U`` and ``[iU]`` only k, M, m, u, n, p, f are read: ``EU`` and ``TU`` are ELISA and tuberculin
  units, not exa- and tera-.
- ``109/L`` and the like (1 to 19 behind a 10) are refused: the superscript of 10⁹ was lost. So is ``10*``
  without an exponent, and a whole number behind a full stop: in UCUM ``/1.73.m2`` divides by 1 and
  multiplies by 73.
- A number alone is no unit but for ``1``, and a factor ends at 1000: 258813002 is a SNOMED CT code.
- A leading ``/`` takes one component: ``/min/m2`` is 1/(min.m2) to some readers, m2/min to UCUM's grammar.
- A temperature with an offset (``Cel``, ``[degF]``) stands alone: no prefix, exponent, product.

``m[Hg]`` is 133.322 kPa as UCUM defines it, not 133.322387415 (3 parts in a million).
``a`` is 365.25 d and ``mo`` a twelfth of it. ``K`` is kelvin; ``K/uL`` for thousands, like every other
spelling met in records, is an entry of ``knowledge/units.yaml`` and read by :func:`normalise_unit`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

from trivium.core.unit_atoms import AFFINE, ATOMS, PREFIXES

Dimension: TypeAlias = tuple[tuple[str, int], ...]

_MAX_LENGTH: Final = 120
_MAX_EXPONENT: Final = 30
_MAX_MAGNITUDE: Final = 60
_MAX_INTEGER: Final = 1000


class UnitError(ValueError):
    """A unit that cannot be read, or a conversion that must not be made.

    what: the unit or conversion; why: the reason; hint: what to write instead, or "".
    near: an unknown symbol; the hint then lists close ones, looked for only when somebody reads it.
    """

    def __init__(self, what: str, why: str, hint: str = "", near: str = "") -> None:
        super().__init__(what, why, hint, near)
        self.what = what
        self.why = why
        self._hint = hint
        self._near = near

    @property
    def hint(self) -> str:
        return self._hint or (_near(self._near) if self._near else "")

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Unit:
    """What one unit means: value in base units = value * factor + offset.

    factor, offset: in the bases m, g, s, K, mol, eq, osm, [iU], [arb'U], [pH], [hnsf'U].
    dimension: exponents of these bases, sorted by base, none of them 0.
    annotations: the texts in braces, ``1.73_m2`` and ``FEU``/``DDU`` in this spelling whatever the source's.
    text: as parsed, for messages; two units are equal whatever their text.
    """

    factor: Fraction
    offset: Fraction
    dimension: Dimension
    annotations: frozenset[str]
    text: str = field(compare=False)

    @property
    def meaning(self) -> frozenset[str]:
        """The annotations that change what was measured."""
        return self.annotations & _MEANINGFUL


_MEANINGFUL: Final = frozenset({"1.73_m2", "FEU", "DDU"})
_PROPORTIONS: Final = frozenset({"ratio", "fraction"})
_COMPONENT: Final = re.compile(
    r"(?P<symbol>10[*^]|(?:[A-Za-z%]|\[[!-Z^-z|~]+\])+)(?P<exponent>[+-]?[0-9]+)?|(?P<integer>[0-9]+)"
)
_ANNOTATION: Final = re.compile(r"\{([!-z|~]+)\}")
_LOST_SUPERSCRIPT: Final = re.compile(r"10(?:[1-9]|1[0-9])")


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit that a UCUM expression (case-sensitive) means. Raises UnitError.

    Units are read as written: case matters, blanks are refused, division associates to the left.
    µ and μ stand for u. ``normalise_unit`` reads the spellings of records.
    """
    return _Parser(text).unit()


class _Parser:
    """UCUM's grammar by recursive descent:

    unit      : "/" component | term
    term      : component (("." | "/") component)*
    component : (symbol exponent? | integer | "(" term ")") annotation? | annotation
    """

    def __init__(self, text: str) -> None:
        self.source = text
        self.text = text.replace("\u00b5", "u").replace("\u03bc", "u")
        self.at = 0
        self.annotations: set[str] = set()

    def unit(self) -> Unit:
        if not self.text:
            raise self.error("a unit is empty", "a pure number has the unit 1")
        if len(self.text) > _MAX_LENGTH:
            raise UnitError(self.source[:40] + "…", f"a unit is longer than {_MAX_LENGTH} characters")
        affine = self.affine()
        if affine is not None:
            return affine
        factor, exponents = Fraction(1), dict[str, int]()
        if self.take("/"):
            part, powers = self.component()
            factor = _merge(factor, exponents, part, powers, -1)
            if self.at < len(self.text):
                raise self.error("a leading / takes one component", "write /(a.b) or b/a, whichever is meant")
        else:
            factor, exponents = self.term()
            if self.at < len(self.text):
                raise self.error(f"unexpected {self.text[self.at]!r} at character {self.at + 1}")
        return Unit(
            factor=factor,
            offset=Fraction(0),
            dimension=tuple(sorted((base, power) for base, power in exponents.items() if power)),
            annotations=frozenset(self.annotations),
            text=self.source,
        )

    def affine(self) -> Unit | None:
        """Cel or [degF] alone, perhaps annotated; None when the text does not start with either."""
        for symbol, (factor, offset) in AFFINE.items():
            if self.text.startswith(symbol):
                self.at = len(symbol)
                self.annotation()
                if self.at < len(self.text):
                    raise self.error(f"{symbol} has an offset and stands alone", "a difference is in K")
                return Unit(factor, offset, (("K", 1),), frozenset(self.annotations), self.source)
        return None

    def term(self) -> tuple[Fraction, dict[str, int]]:
        factor, exponents = Fraction(1), dict[str, int]()
        sign = 1
        while True:
            part, powers = self.component()
            factor = _merge(factor, exponents, part, powers, sign)
            if self.take("."):
                sign = 1
            elif self.take("/"):
                sign = -1
            else:
                return factor, exponents

    def component(self) -> tuple[Fraction, dict[str, int]]:
        if self.annotation():
            return Fraction(1), {}
        if self.take("("):
            inner = self.term()
            if not self.take(")"):
                raise self.error("a parenthesis is not closed")
            self.annotation()
            return inner
        found = _COMPONENT.match(self.text, self.at)
        if found is None:
            place = self.text[self.at : self.at + 1]
            where = f"unexpected {place!r} at character {self.at + 1}" if place else "the unit ends too early"
            raise self.error(where, near=self.text)
        self.at = found.end()
        if found["integer"]:
            if self.text.endswith(".", 0, found.start()):
                raise self.error("a unit has no decimals: a full stop multiplies", "write {1.73_m2}, 10*-2")
            result = self.integer(found["integer"]), dict[str, int]()
        else:
            result = self.simple(found["symbol"], found["exponent"])
        self.annotation()
        return result

    def integer(self, digits: str) -> Fraction:
        if digits.startswith("0") or len(digits) > 4 or int(digits) > _MAX_INTEGER:
            raise self.error(f"a factor in a unit is a whole number from 1 to {_MAX_INTEGER}")
        if digits == self.text != "1":
            raise self.error("a number is not a unit", "a pure number has the unit 1")
        if _LOST_SUPERSCRIPT.fullmatch(digits):
            raise self.error(f"{digits} may be 10 to a power", f"write 10*{digits[2:]}")
        return Fraction(int(digits))

    def simple(self, symbol: str, exponent: str | None) -> tuple[Fraction, dict[str, int]]:
        power = 1 if exponent is None else int(exponent)
        if not 0 < abs(power) <= _MAX_EXPONENT:
            raise self.error(f"{exponent} is no exponent of a unit")
        if exponent is None and symbol in ("10*", "10^"):
            raise self.error(f"{symbol} has no exponent", "write 10*3, 10*9, ...")
        known = _SYMBOLS.get(symbol)
        if known is None:
            raise self.unknown(symbol)
        factor, exponents = known
        return factor**power, {base: count * power for base, count in exponents}

    def unknown(self, symbol: str) -> UnitError:
        if any(symbol.endswith(affine) for affine in AFFINE):
            return self.error("a temperature with an offset stands alone", "a difference is in K")
        for prefix in sorted(PREFIXES, key=len, reverse=True):
            atom = ATOMS.get(symbol.removeprefix(prefix)) if symbol.startswith(prefix) else None
            if atom is not None and atom.prefixes:
                why = f"the prefix {prefix} is not read on {symbol.removeprefix(prefix)}"
                return self.error(why, near=symbol)
        return self.error(f"unknown unit {symbol}", near=symbol)

    def annotation(self) -> bool:
        if not self.text.startswith("{", self.at):
            return False
        found = _ANNOTATION.match(self.text, self.at)
        if found is None:
            raise self.error("an annotation is empty, not closed or not plain ASCII without blanks")
        self.at = found.end()
        self.annotations.add(_annotation_spelling(found[1]))
        return True

    def take(self, character: str) -> bool:
        if self.text.startswith(character, self.at):
            self.at += 1
            return True
        return False

    def error(self, why: str, hint: str = "", near: str = "") -> UnitError:
        return UnitError(self.source, why, hint, near)


def _merge(
    factor: Fraction, exponents: dict[str, int], part: Fraction, powers: Mapping[str, int], sign: int
) -> Fraction:
    """Multiply (sign 1) or divide (sign -1): exponents in place, the new factor returned."""
    for base, power in powers.items():
        exponents[base] = exponents.get(base, 0) + sign * power
    return factor * part if sign > 0 else factor / part


def _annotation_spelling(text: str) -> str:
    """One spelling for the annotations that change a meaning; the others as they are."""
    squeezed = text.replace("_", "").casefold()
    if squeezed == "1.73m2":
        return "1.73_m2"
    return squeezed.upper() if squeezed.upper() in _MEANINGFUL else text


_SYMBOLS: Final[dict[str, tuple[Fraction, Dimension]]] = {}


def _define_symbols() -> None:
    """Fill the table of symbols, prefixed and plain. A plain atom wins (min, cd and Pa are not prefixed)."""
    prefixed: dict[str, tuple[Fraction, Dimension]] = {}
    for code, atom in ATOMS.items():
        if atom.definition:
            factor, exponents = _Parser(atom.definition).term()
            meaning = factor * atom.value, tuple(sorted(exponents.items()))
        else:
            meaning = atom.value, ((code, 1),)
        _SYMBOLS[code] = meaning
        for prefix in atom.prefixes:
            prefixed[prefix + code] = PREFIXES[prefix] * meaning[0], meaning[1]
        # Later definitions use prefixed atoms (dm3, kPa, umol/min).
        for symbol, value in prefixed.items():
            _SYMBOLS.setdefault(symbol, value)


_define_symbols()


@lru_cache(maxsize=1024)
def _near(symbol: str) -> str:
    """Known spellings close to an unknown one: first those that differ in case only."""
    known = [*_SYMBOLS, *AFFINE]
    same = [each for each in known if each.casefold() == symbol.casefold()]
    bare = [each for each in known if re.sub(r"[\[\]]", "", each).casefold() == symbol.casefold()]
    near = dict.fromkeys([*same, *bare, *difflib.get_close_matches(symbol, known, n=3, cutoff=0.6)])
    return "known and close: " + ", ".join(list(near)[:4]) if near else ""


def factor_between(source: Unit, target: Unit) -> Fraction:
    """The exact number that turns a value in source into a value in target.

    Raises UnitError where `convert` does, and between temperature scales with different zeros.
    """
    _check_commensurable(source, target)
    if (source.offset or target.offset) and (source.offset, source.factor) != (target.offset, target.factor):
        raise UnitError(
            f"{source.text} to {target.text}", "the zeros of these scales differ: no factor", "use convert"
        )
    return source.factor / target.factor


def convert(value: Decimal | Fraction | int, source: Unit, target: Unit) -> Decimal | Fraction:
    """The same quantity in target, exact: a Decimal if its decimals end, a Fraction if not.

    A value whose unit does not change comes back with its digits ("7.40" stays "7.40").
    Raises UnitError when the dimensions differ, when one unit carries {1.73_m2}, {FEU} or {DDU} and the
    other does not, when an annotated pure number would be rescaled, and for NaN, infinity and values
    beyond 10^60 either way (which no measurement is, and which cost exact arithmetic its memory).
    """
    if isinstance(value, float):
        raise TypeError("a float is not exact: read the value as Decimal")
    _check_commensurable(source, target)
    if isinstance(value, Decimal) and not value.is_finite():
        raise UnitError(f"{value} {source.text}", "is not a number that can be converted")
    if source.factor == target.factor and source.offset == target.offset:
        return Decimal(value) if isinstance(value, int) else value
    if isinstance(value, Decimal) and value and abs(value.adjusted()) > _MAX_MAGNITUDE:
        raise UnitError(f"{value} {source.text}", f"is beyond 10^{_MAX_MAGNITUDE} or its inverse")
    if source.offset or target.offset:
        exact = Fraction(value) * source.factor
        return _shortest((exact + source.offset - target.offset) / target.factor)
    above, below = value.as_integer_ratio()
    up, down = source.factor, target.factor
    return _shortest(
        Fraction(above * up.numerator * down.denominator, below * up.denominator * down.numerator)
    )


def _check_commensurable(source: Unit, target: Unit) -> None:
    if source.dimension != target.dimension:
        raise UnitError(
            f"{source.text} to {target.text}",
            f"{_dimension_text(source)} is not {_dimension_text(target)}",
            "mass and amount, U and [IU], mol and eq convert only for a named substance",
        )
    if source.meaning != target.meaning:
        raise UnitError(
            f"{source.text} to {target.text}",
            f"measured differently: {_braces(source.meaning)} is not {_braces(target.meaning)}",
            "declare for the fact which of the two its code means",
        )
    if (
        not source.dimension
        and source.factor != target.factor
        and source.annotations - _PROPORTIONS != target.annotations - _PROPORTIONS
    ):
        raise UnitError(
            f"{source.text} to {target.text}", "a pure number that counts something else is not rescaled"
        )


def _dimension_text(unit: Unit) -> str:
    return ".".join(base + (str(power) if power != 1 else "") for base, power in unit.dimension) or "1"


def _braces(annotations: frozenset[str]) -> str:
    return "".join(f"{{{text}}}" for text in sorted(annotations)) or "unannotated"


def _shortest(value: Fraction) -> Decimal | Fraction:
    """The Decimal equal to value, or value itself when its decimals do not end. No context rounds it."""
    rest = value.denominator
    twos = (rest & -rest).bit_length() - 1
    rest >>= twos
    fives = 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        return value
    places = max(twos, fives)
    return Decimal(f"{value.numerator * 10**places // value.denominator}E-{places}")
