"""Units: worked conversions by hand, refusals, spellings of records."""

from __future__ import annotations

import gzip
import itertools
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from trivium.core.unit_spellings import UnitAliases, normalise_unit, tidy
from trivium.core.units import UnitError, convert, factor_between, parse_unit

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def aliases() -> UnitAliases:
    return UnitAliases.from_document(yaml.safe_load((ROOT / "knowledge" / "units.yaml").read_text("utf-8")))


def converted(value: str, source: str, target: str) -> Decimal | Fraction:
    return convert(Decimal(value), parse_unit(source), parse_unit(target))


# Each expectation is worked by hand or is a definition, never printed by the code under test.
EXACT = [
    ("1", "10*9/L", "10*3/uL", "1"),
    ("1", "10*9/L", "10^9/L", "1"),
    ("4500", "/uL", "10*9/L", "4.5"),
    ("250", "{cells}/uL", "10*9/L", "0.25"),
    ("200", "/mm3", "/uL", "200"),
    ("4.5", "10*6/uL", "10*12/L", "4.5"),
    ("7", "/nL", "10*9/L", "7"),
    ("1", "[lb_av]", "kg", "0.45359237"),
    ("16", "[oz_av]", "[lb_av]", "1"),
    ("70", "[in_i]", "cm", "177.8"),
    ("6", "[ft_i]", "m", "1.8288"),
    ("14", "g/dL", "g/L", "140"),
    ("0.01", "g/L", "mg/dL", "1"),
    ("1500", "ng/mL", "ug/L", "1500"),
    ("1500", "ng/mL", "mg/L", "1.5"),
    ("1", "µg/L", "ng/mL", "1"),
    ("1", "μg/L", "ug/L", "1"),
    ("1", "a", "mo", "12"),
    ("1", "mo", "d", "30.4375"),
    ("2", "wk", "d", "14"),
    ("1.5", "h", "min", "90"),
    ("98.6", "[degF]", "Cel", "37"),
    ("37", "Cel", "[degF]", "98.6"),
    ("-40", "[degF]", "Cel", "-40"),
    ("37", "Cel", "K", "310.15"),
    ("310.15", "K", "Cel", "37"),
    ("38", "Cel{oral}", "Cel", "38"),
    ("60", "mm[Hg]", "kPa", "7.99932"),
    ("10", "cm[H2O]", "kPa", "0.980665"),
    ("1", "bar", "kPa", "100"),
    ("1", "atm", "Pa", "101325"),
    ("40", "%", "1", "0.4"),
    ("0.4", "1", "%", "40"),
    ("0.4", "{ratio}", "%", "40"),
    ("1", "[ppm]", "%", "0.0001"),
    ("60", "U/L", "ukat/L", "1"),
    ("1", "kU/L", "U/mL", "1"),
    ("5", "[IU]/mL", "k[iU]/L", "5"),
    ("72", "{beats}/min", "Hz", "1.2"),
    ("3", "mg/kg/d", "ug/kg/h", "125"),
    ("60", "mL/min/1{1.73_m2}", "mL/min/{1.73m2}", "60"),
    ("2", "L/(min.m2)", "L/min/m2", "2"),
    ("2000", "mL/(24.h)", "L/d", "2"),
    ("5", "/100{WBC}", "%", "5"),
    ("3", "100.mg/dL", "g/dL", "0.3"),
    ("1", "Gy", "m2/s2", "1"),
    ("1", "dyn.s/(cm5.m2)", "g/m6/s", "100000000"),
    ("1", "kcal", "kJ", "4.184"),
    ("1", "m3", "L", "1000"),
    ("1", "W.s", "N.m", "1"),
    ("1", "meq/L", "eq/m3", "1"),
]


@pytest.mark.parametrize(("value", "source", "target", "expected"), EXACT)
def test_a_conversion_is_exact(value: str, source: str, target: str, expected: str) -> None:
    assert converted(value, source, target) == Decimal(expected)


def test_kilopascal_to_millimetre_mercury_is_ucums_not_the_conventional() -> None:
    assert converted("1", "kPa", "mm[Hg]") == Fraction(1_000_000, 133_322)
    assert abs(Fraction(converted("1", "kPa", "mm[Hg]")) - Fraction("7.50062")) < Fraction(2, 100_000)


def test_a_result_without_an_end_is_a_fraction() -> None:
    assert converted("1", "U/L", "ukat/L") == Fraction(1, 60)
    assert isinstance(converted("1", "U/L", "ukat/L"), Fraction)
    assert isinstance(converted("1", "ukat/L", "U/L"), Decimal)


def test_an_unchanged_unit_keeps_the_digits() -> None:
    assert str(converted("7.40", "[pH]", "[pH]")) == "7.40"
    assert str(converted("7.40", "10*9/L", "10*3/uL")) == "7.40"


def test_no_decimal_context_rounds() -> None:
    with localcontext() as context:
        context.prec = 3
        assert converted("1.23456789", "g", "mg") == Fraction("1234.56789")


REFUSED = [
    ("umol/L", "mg/dL"),
    ("mmol/L", "meq/L"),
    ("mosm/kg", "mmol/kg"),
    ("U/L", "[IU]/L"),
    ("U/L", "[arb'U]/L"),
    ("[IU]/L", "/L"),
    ("[pH]", "1"),
    ("[hnsf'U]", "1"),
    ("mL/min", "mL/min/{1.73_m2}"),
    ("mL/min/m2", "mL/min/{1.73_m2}"),
    ("ug/mL", "ug/mL{FEU}"),
    ("ug/mL{DDU}", "ug/mL{FEU}"),
    ("{INR}", "%"),
    ("{score}", "%"),
    ("%{activity}", "{INR}"),
    ("g/cm-2", "g/cm2"),
    ("K/uL", "10*3/uL"),
    ("kg", "Cel"),
    ("10*9/L", "g/L"),
]


@pytest.mark.parametrize(("source", "target"), [*REFUSED, *((b, a) for a, b in REFUSED)])
def test_what_is_not_the_same_quantity_is_refused(source: str, target: str) -> None:
    with pytest.raises(UnitError) as caught:
        converted("1", source, target)
    assert source in caught.value.what and caught.value.why
    with pytest.raises(UnitError):
        factor_between(parse_unit(source), parse_unit(target))


def test_scales_with_different_zeros_have_no_factor() -> None:
    with pytest.raises(UnitError, match="use convert"):
        factor_between(parse_unit("Cel"), parse_unit("[degF]"))
    assert factor_between(parse_unit("Cel"), parse_unit("Cel{oral}")) == 1
    assert factor_between(parse_unit("mK"), parse_unit("K")) == Fraction(1, 1000)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999999", "1e-999999999"])
def test_what_is_no_measurement_is_refused_in_no_time(value: str) -> None:
    with pytest.raises(UnitError):
        converted(value, "g", "mg")


def test_zero_converts_whatever_its_exponent() -> None:
    assert converted("0", "g", "mg") == 0
    assert convert(0, parse_unit("Cel"), parse_unit("K")) == Decimal("273.15")


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        convert(0.1, parse_unit("g"), parse_unit("mg"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "mmHg", "K/uL ", "mg / dL", "MG/DL", "Mg/dL", "Mg", "ML", "GL", "EU/mL", "TU", "MU0",
        "Mmol/L", "5", "100", "258813002", "1001.g",
        "109/L", "1012/L", "103/uL", "106/uL", "10*", "10*/L", "10*0", "10*999", "0", "01", "1.73", "10*3.5",
        "mL/min/1.73.m2", "/min/m2", "/m.s", "//L", "mg/", "mg//L", "mg.", "(mg", "mg)", "()", "mg(", "2mg",
        "Cel/h", "Cel2", "mCel", "/Cel", "m.[degF]", "(Cel)", "kmin", "m%", "da", "{", "}", "{}", "{a b}",
        "a{",
        "{a}{b}", "mg{é}", "g-", "g+", "m-0", "[in_i", "[", "mg\n", "mg\x00", "G/L", "C", "F", "°C", "m²",
        "(" * 500, "g." * 500 + "g",
    ],
)  # fmt: skip
def test_what_is_not_read_raises(text: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("mmHg", "mm[Hg]"),
        ("mgg/dL", "mg"),
        ("Kg", "kg"),
        ("iu/L", "[iU]"),
        ("Mg/dL", "mg"),
        ("109/L", "10*9"),
    ],
)
def test_an_unknown_unit_names_close_ones(text: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    assert hint in caught.value.hint
    assert str(caught.value).startswith(text)


def test_annotations_are_kept_in_one_spelling() -> None:
    assert parse_unit("mL/min/{1.73m2}").annotations == {"1.73_m2"}
    assert parse_unit("mL/min/{1.73m2}") == parse_unit("ml/min/{1.73_m2}") != parse_unit("mL/min")
    assert parse_unit("ug{feu}/mL").meaning == {"FEU"}
    assert parse_unit("{cells}/uL").annotations == {"cells"}
    assert parse_unit("{cells}/uL").meaning == frozenset()


def test_symbols_that_look_prefixed_are_not() -> None:
    for text, same in [("min", "60.s"), ("h", "60.min"), ("mo", "30.d"), ("Pa", "N/m2"), ("cal", "cal")]:
        assert parse_unit(text).dimension == parse_unit(same).dimension
    assert parse_unit("dam") == parse_unit("10.m")
    assert parse_unit("mmol").dimension == (("mol", 1),)
    assert parse_unit("K").dimension == (("K", 1),)


def test_division_associates_to_the_left() -> None:
    assert parse_unit("mg/kg/d") == parse_unit("mg/(kg.d)")
    assert parse_unit("m/s.s") == parse_unit("m")
    assert parse_unit("m/(s.s)") == parse_unit("m/s2") == parse_unit("m.s-2")


SPELLINGS = {
    "mm[Hg]": ["mmHg", "MMHG", "mm Hg", "mm  hg", "millimeter Mercury column", "mm[Hg]"],
    "10*9/L": ["x10*9/L", "10^9/L", "×10⁹/L", "10⁹/L", "x10E9/L", "10E9/L", "G/L", "10*9 / L", "10⁹ / l"],
    "10*12/L": ["10^12/L", "x10*12/L", "10¹²/L", "T/L"],
    "10*3/uL": ["x10E3/uL", "10E3/uL", "10³/µL", "K/ul", "K/uL", "K/µL", "thou/uL", "10*3/uL", "K/mm³"],
    "10*6/uL": ["M/uL", "10E6/uL", "x10⁶/µl"],
    "a": ["yrs", "years", "Years", "yr", "a", "Y"],
    "Cel": ["C", "°C", "degC", "℃", "º C", "degrees C", "Cel"],
    "[degF]": ["F", "°F", "degF", "℉"],
    "ug/L": ["ug/L", "mcg/L", "µg/L", "μg/L", "µg/l"],
    "ng/mL": ["ng/ml", "NG/ML", "ng/mL"],
    "mg/dL": ["mg/dl", "MG/DL", "mg/dL", "mg%"],
    "g/dL": ["g/dl", "G/DL"],
    "umol/L": ["umol/l", "µmol/L", "UMOL/L"],
    "U/L": ["U/l", "U/L"],
    "[IU]/L": ["IU/L", "iU/L", "IU/l"],
    "[IU]/mL": ["IU/ml", "IU/mL"],
    "[lb_av]": ["lbs", "lb", "LBS"],
    "[in_i]": ["in", "inches"],
    "kg": ["kgs", "KG", "Kg", "kg"],
    "kg/m2": ["kg/m²", "kg/m^2"],
    "/min": ["bpm", "beats/min", "breaths/min", "/min", "BPM", "min⁻¹", "1/min"],
    "L/min": ["L/min", "l/min"],
    "{cells}/uL": ["cells/uL", "cells/µL"],
    "{cells}/mm3": ["cells/mm3", "cells/mm³"],
    "/mm3": ["/mm3", "/mm^3", "/mm³"],
    "mm3": ["mm3", "mm³"],
    "%": ["percent", "%", "Percent"],
    "mL/min/{1.73_m2}": [
        "mL/min/1.73m2", "mL/min/1.73.m2", "mL/min/{1.73_m2}", "mL/min/{1.73m2}", "ml/min/1.73 m²",
        "mL/min/1.73 m2", "ml / min / 1.73 m2", "mL/min/(173.10*-2.m2)",
    ],
    "ug/mL{FEU}": ["ug/mL FEU", "µg/ml FEU", "ug{FEU}/mL"],
    "K": ["K"],
    "m": ["m", "meters"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("ucum", "text"), [(ucum, text) for ucum, texts in SPELLINGS.items() for text in texts]
)
def test_a_spelling_of_records_is_read(ucum: str, text: str, aliases: UnitAliases) -> None:
    found = normalise_unit(text, aliases)
    assert found is not None
    assert (
        parse_unit(found) == parse_unit(ucum) or parse_unit(found).annotations == parse_unit(ucum).annotations
    )
    assert factor_between(parse_unit(found), parse_unit(ucum)) == 1


# Units in the shared data that stay unknown, each with its reason in knowledge/units.yaml.
LEFT_OUT = {
    "10*3/u", "0", "anything", "J/C", "{beat}/min}", "fmm[Hg]", "265201", "UNT/ML", "ML", "ea", "drop",
    "OPDROP",
    "TAB", "Tab", "tab", "Tablet", "tablet", "tbl", "capsules", "patch", "PATCH", "VAGTAB", "Vial", "vial",
    "385055001", "428673006", "415818006", "415818005",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [*sorted(LEFT_OUT), "", "n/a", "units", "units/mL", "MIU/L", "mil/uL", "M", "Mg/dL", "mL/Min", "KELVIN",
     "k",      "109/L", "x109/L", "10 9/L", "1.73²", "mm\x00Hg", "m m", "<", "see note"],
)  # fmt: skip
def test_what_is_not_known_stays_unknown(text: str, aliases: UnitAliases) -> None:
    assert normalise_unit(text, aliases) is None


def test_only_reviewed_aliases_mean_something_else_in_ucum(aliases: UnitAliases) -> None:
    """The table wins over UCUM: only where that was decided."""
    clashes = set()
    for text, ucum in aliases.items():
        try:
            literal = parse_unit(text)
        except UnitError:
            continue
        if literal != parse_unit(ucum):
            clashes.add(text)
    assert clashes == {"K/uL", "K/ul", "K/mm3", "mL/min/(173.10*-2.m2)"}


def test_folding_case_never_hides_a_ucum_unit(aliases: UnitAliases) -> None:
    """All spellings by case of short entries; lower, upper, title case of long ones."""
    for entry in aliases.folded:
        if sum(map(str.isalpha, entry)) <= 10:
            variants = {"".join(each) for each in itertools.product(*({c.lower(), c.upper()} for c in entry))}
        else:
            variants = {entry.lower(), entry.upper(), entry.title()}
        for variant in variants:
            try:
                literal = parse_unit(variant)
            except UnitError:
                continue
            assert literal == parse_unit(aliases[entry]), variant


def test_every_alias_is_tidy_and_normalises_once(aliases: UnitAliases) -> None:
    for text, ucum in [*aliases.items(), *aliases.snomed.items()]:
        assert tidy(text) == text
        assert normalise_unit(ucum, aliases) == ucum
    assert len(aliases) == len(list(aliases)) == len(set(aliases))
    assert "YEARS" in aliases and "KPA" in aliases and "kPA" not in aliases
    assert aliases.snomed["258813002"] == "mmol/L"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"other": []}, "unknown key"),
        ({"aliases": {}}, "not a list"),
        ({"aliases": ["x"]}, "other keys"),
        ({"aliases": [{"text": "x", "ucum": "mg", "seen_at": "y", "also": 1}]}, "other keys"),
        ({"aliases": [{"text": "x", "ucum": "mg"}]}, "needs text"),
        ({"aliases": [{"text": True, "ucum": "mg", "seen_at": "y"}]}, "needs text"),
        ({"aliases": [{"text": "x", "ucum": "mg", "seen_at": "y", "fold": "yes"}]}, "true or false"),
        ({"aliases": [{"text": "x", "ucum": "mgg", "seen_at": "y"}]}, "unknown unit mgg"),
        ({"aliases": [{"text": " x", "ucum": "mg", "seen_at": "y"}]}, "tidied"),
        ({"aliases": [{"text": "x", "ucum": "mg", "seen_at": "y"}] * 2}, "twice"),
        (
            {
                "aliases": [
                    {"text": "X", "ucum": "mg", "seen_at": "y"},
                    {"text": "x", "ucum": "g", "fold": True, "seen_at": "y"},
                ]
            },
            "twice",
        ),
        ({"snomed": [{"code": "1", "ucum": "mg", "seen_at": "y"}] * 2}, "twice"),
    ],
)
def test_a_faulty_table_is_refused(document: dict[str, object], message: str) -> None:
    with pytest.raises(UnitError, match=message):
        UnitAliases.from_document(document)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data are not beside the checkout")
def test_every_unit_of_the_shared_fhir_data_is_read_or_left_out(aliases: UnitAliases) -> None:
    texts: set[str] = set()
    for path in SHARED.rglob("*"):
        if path.suffixes[-2:] in ([".ndjson", ".gz"], [".json", ".gz"]) or path.suffix in (".json", ".xml"):
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            content = raw.decode("utf-8", "replace")
            texts.update(re.findall(r'"unit" ?: ?"([^"\\]+)"', content))
            texts.update(re.findall(r'<unit value="([^"]+)"', content))
            ucum = r'"system" ?: ?"https?://(?:unitsofmeasure|ucum)\.org",\s*"code" ?: ?"([^"\\]+)"'
            texts.update(re.findall(ucum, content))
    assert len(texts) > 100
    assert {text for text in texts if normalise_unit(text, aliases) is None} <= LEFT_OUT
