"""Units against independent readings: ucumvert with pint, and UCUM's own table (ucum-essence.xml).

Shared with the code under test: nothing but the names of atoms and prefixes that expressions are made of.
ucumvert parses with its own grammar, pint has its own constants; UCUM's table is the standard itself.

Mutants, tried by hand and by `test_a_wrong_factor_would_be_seen`: a wrong prefix power, atom factor or
exponent, division that associates to the right, a dropped offset. Each is off by far more than 1e-12, or
changes the dimension; an error below 1e-12 is caught by the exact comparison with UCUM's table.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trivium.core.unit_atoms import AFFINE, ATOMS, PREFIXES
from trivium.core.unit_spellings import normalise_unit
from trivium.core.units import Unit, convert, factor_between, parse_unit

with warnings.catch_warnings():
    # pint and its dependencies use names that newer Pythons deprecate; ours are not in this block.
    warnings.simplefilter("ignore", DeprecationWarning)
    from ucumvert import PintUcumRegistry

# Dimensions that UCUM lets coincide and Trivium keeps apart: pint sees moles or nothing.
PINT_BASES = {
    "m": "meter", "g": "gram", "s": "second", "K": "kelvin", "mol": "mole", "eq": "mole", "osm": "mole",
    "[iU]": "", "[arb'U]": "", "[hnsf'U]": "",
}  # fmt: skip
# pint: conventional mercury, 133.322387415 kPa (UCUM 133.322); [pH] is not defined there, and hbar is
# Planck's constant. Their place is taken by UCUM's table below.
DIFFERENT_IN_PINT = {"m[Hg]", "[pH]"}
NOT_A_UNIT_IN_PINT = "hbar"
POWERS_ONLY = {"10*", "10^"}


@cache
def registry() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return PintUcumRegistry()


@cache
def essence() -> ElementTree.Element:
    text = (files("ucumvert") / "vendor" / "ucum-essence.xml").read_text("utf-8")
    return ElementTree.fromstring(text)


def simple(atoms: set[str]) -> st.SearchStrategy[str]:
    plain = sorted(atoms - POWERS_ONLY)
    prefixed = [prefix + atom for atom in plain for prefix in sorted(ATOMS[atom].prefixes)]
    exponents = st.sampled_from(["", "", "", "2", "3", "-1", "-2", "+2"])
    usual = st.builds(str.__add__, st.sampled_from([*plain, *prefixed]), exponents)
    powers = st.builds(
        str.__add__, st.sampled_from(["10*", "10^"]), st.sampled_from(["3", "6", "9", "12", "-6"])
    )
    return usual | powers


def expressions(atoms: set[str], bare: bool = True) -> st.SearchStrategy[str]:
    """Random UCUM from atoms, prefixes, exponents, factors, annotations, products, quotients, parentheses.

    A whole number starts a term or follows a slash: behind a full stop it is refused on purpose.
    bare: with annotations that stand alone, which pint reads as undefined units.
    """
    annotated = st.builds(str.__add__, simple(atoms), st.sampled_from(["", "", "", "{cells}", "{1.73_m2}"]))
    component = annotated | st.sampled_from(["{cells}", "{score}"]) if bare else annotated
    heads = st.sampled_from(["", "", "", "24.", "100.", "1/", "100/"])

    def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        step = st.builds(str.__add__, st.sampled_from("./"), parts) | st.sampled_from(["/24", "/100", "/1"])
        return st.builds("{}{}{}".format, heads, parts, st.lists(step, max_size=2).map("".join))

    term = joined(component | st.builds("({})".format, joined(component)))
    return term | st.builds("/{}".format, component)


COMPARABLE = set(ATOMS) - DIFFERENT_IN_PINT


def pints(text: str) -> tuple[float, dict[str, int]]:
    """Factor to m, g, s, K, mol and the dimension, as ucumvert and pint see them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        quantity = registry().from_ucum(text)
        if isinstance(quantity, int | float):
            return float(quantity), {}
        root = quantity.to_root_units()
    return float(root.magnitude), {str(base): round(power) for base, power in root.unit_items()}


def as_pint(unit: Unit) -> dict[str, int]:
    bases: dict[str, int] = {}
    for base, power in unit.dimension:
        name = PINT_BASES[base]
        if name:
            bases[name] = bases.get(name, 0) + power
    return {name: power for name, power in bases.items() if power}


def agrees(factor: Fraction, other: float) -> bool:
    return abs(factor / Fraction(other) - 1) < Fraction(1, 10**12)


@settings(max_examples=200, deadline=None)
@given(expressions(COMPARABLE, bare=False))
def test_an_expression_means_what_ucumvert_and_pint_say(text: str) -> None:
    assume(NOT_A_UNIT_IN_PINT not in text)
    unit = parse_unit(text)
    magnitude, dimension = pints(text)
    assume(1e-300 < abs(magnitude) < 1e300)
    assert as_pint(unit) == dimension
    assert agrees(unit.factor, magnitude)


def some_symbols() -> Iterator[str]:
    """Each atom alone and with one prefix, and each prefix on the pascal."""
    for number, (atom, definition) in enumerate(ATOMS.items()):
        if atom not in POWERS_ONLY | DIFFERENT_IN_PINT:
            yield atom
            prefixes = sorted(definition.prefixes)
            yield from (prefixes[number % len(prefixes)] + atom for _ in prefixes[:1])
    yield from (prefix + "Pa" for prefix in PREFIXES)


COMPARABLE_SYMBOLS = sorted({*some_symbols()} - {NOT_A_UNIT_IN_PINT})


@pytest.mark.parametrize("symbol", COMPARABLE_SYMBOLS)
def test_every_symbol_means_what_ucumvert_and_pint_say(symbol: str) -> None:
    """Each atom and each prefix, so that no mutant of a single factor survives by luck of the draw."""
    magnitude, dimension = pints(symbol)
    assert as_pint(parse_unit(symbol)) == dimension
    assert agrees(parse_unit(symbol).factor, magnitude)


def test_mercury_differs_from_pint_as_ucum_does() -> None:
    ratio = pints("mm[Hg]")[0] / float(parse_unit("mm[Hg]").factor)
    assert ratio == pytest.approx(133.322387415 / 133.322, rel=1e-12)


def test_temperatures_agree_with_pint() -> None:
    quantity = registry().Quantity
    for symbol, name in (("Cel", "degC"), ("[degF]", "degF")):
        for value in ("-40", "0", "36.6", "98.6", "104"):
            ours = convert(Decimal(value), parse_unit(symbol), parse_unit("K"))
            assert float(ours) == pytest.approx(
                quantity(float(value), name).to("kelvin").magnitude, rel=1e-12
            )


@pytest.mark.parametrize("atom", sorted(set(ATOMS) - POWERS_ONLY))
def test_an_atom_is_defined_as_in_ucums_table(atom: str) -> None:
    """Exactly: value and definition of ucum-essence.xml, followed down to our bases."""
    node = next(each for each in essence() if each.get("Code") == atom)
    if not ATOMS[atom].definition:
        return
    assert parse_unit(atom).factor == in_bases(atom)
    assert node.get("isMetric", "no") == ("yes" if ATOMS[atom].prefixes else "no")


def in_bases(code: str) -> Fraction:
    """The factor of a UCUM symbol by UCUM's table, read with a regex-free grammar of its own."""
    if code in ("m", "g", "s", "K", "mol", "[iU]", "1"):
        return Fraction(1)
    nodes = {each.get("Code"): each for each in essence()}
    node = nodes.get(code)
    if node is None or node.tag.endswith("prefix"):
        prefix = next(p for p in ("da", *PREFIXES) if code.startswith(p) and code[len(p) :] in nodes)
        value = nodes_prefix(prefix)
        return value * in_bases(code[len(prefix) :])
    value_node = node.find("{*}value")
    assert value_node is not None
    return Fraction(value_node.attrib["value"]) * definition_factor(value_node.attrib["Unit"])


def nodes_prefix(prefix: str) -> Fraction:
    node = next(e for e in essence() if e.tag.endswith("prefix") and e.get("Code") == prefix)
    value = node.find("{*}value")
    assert value is not None
    return Fraction(value.attrib["value"])


def definition_factor(text: str) -> Fraction:
    result, sign = Fraction(1), 1
    for token in text.replace(".", " . ").replace("/", " / ").split():
        if token in "./":
            sign = 1 if token == "." else -1
            continue
        if token.isdigit():
            result *= Fraction(token) ** sign
            continue
        body = token.rstrip("0123456789").rstrip("+-") if not token.startswith("10*") else "10*"
        power = int(token[len(body) :] or 1)
        result *= (Fraction(10) if body == "10*" else in_bases(body)) ** (power * sign)
    return result


@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_a_prefix_is_as_in_ucums_table(prefix: str) -> None:
    assert PREFIXES[prefix] == nodes_prefix(prefix)


ALL = expressions(set(ATOMS))
VALUES = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6)


@settings(max_examples=300, deadline=None)
@given(ALL, st.sampled_from(["1", "10*3", "10*-6", "%"]), VALUES)
def test_there_and_back_is_the_same_number(text: str, scale: str, value: Decimal) -> None:
    source = parse_unit(text)
    target = Unit(
        source.factor * parse_unit(scale).factor / 7, source.offset, source.dimension, source.annotations, ""
    )
    assert convert(convert(value, source, target), target, source) == value
    assert factor_between(source, target) * factor_between(target, source) == 1


@given(VALUES, st.permutations([*AFFINE, "K"]))
def test_temperatures_go_round_exactly(value: Decimal, scales: list[str]) -> None:
    first, second, third = map(parse_unit, scales)
    assert convert(convert(convert(value, first, second), second, third), third, first) == value


@settings(max_examples=100, deadline=None)
@given(ALL, ALL)
def test_a_product_multiplies_and_a_quotient_divides(left: str, right: str) -> None:
    assume(not left.startswith("/") and not right.startswith("/"))
    assume(len(left) + max(len(left), len(right)) < 110)  # longer texts are refused
    a, b = parse_unit(left), parse_unit(right)
    product, quotient = parse_unit(f"({left}).({right})"), parse_unit(f"({left})/({right})")
    assert product.factor == a.factor * b.factor
    assert quotient.factor == a.factor / b.factor
    assert parse_unit(f"({left})/({left})").dimension == ()
    assert product.annotations == a.annotations | b.annotations


@given(st.text(max_size=40) | st.text(alphabet="mgLdlKu/.*^10{}[]()% Hinc-+_2", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never another exception; and what is accepted as UCUM is accepted again after normalising."""
    found = normalise_unit(text, {})
    assert found is None or normalise_unit(found, {}) == found


@settings(deadline=None)
@given(st.sampled_from(COMPARABLE_SYMBOLS), st.integers(-24, 24))
def test_a_wrong_factor_would_be_seen(symbol: str, shift: int) -> None:
    """The oracle refuses a mutant: any power of ten off, and one part in 10^9."""
    magnitude, _ = pints(symbol)
    factor = parse_unit(symbol).factor
    assert agrees(factor * Fraction(10) ** shift, magnitude) == (shift == 0)
    assert not agrees(factor * (1 + Fraction(1, 10**9)), magnitude)
