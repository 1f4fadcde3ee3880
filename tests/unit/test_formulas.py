"""Formulas: the dossier's worked examples, bounds, what they refuse; derived facts: units and moments."""

from __future__ import annotations

import dataclasses
import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.test_fact_support import AS_OF, codes, number, on, read, result, spec

from trivium.core import values
from trivium.core.values import EVERYTHING, Choices, Interval, point
from trivium.knowledge.models import FactSpec
from trivium.logic.nodes import Type
from trivium.record.events import Event, Given, When
from trivium.record.fact import Fact
from trivium.record.formulas import FORMULAS

# As proposed for knowledge/formulae.yaml; the loader's own test compares the two.
COEFFICIENTS: dict[str, dict[str, str]] = {
    "bsa_mosteller": {"divisor": "3600"},
    "cockcroft_gault": {
        "age_base": "140",
        "divisor": "72",
        "female": "0.85",
        "overweight": "1.3",
        "on_dialysis": "10",
    },
    "ckd_epi_2021": {
        "base": "142",
        "k_female": "0.7",
        "k_male": "0.9",
        "a_female": "-0.241",
        "a_male": "-0.302",
        "b": "-1.200",
        "per_year": "0.9938",
        "female": "1.012",
        "on_dialysis": "15",
    },
    "ibw_devine": {"base_male": "50", "base_female": "45.5", "per_inch": "2.3", "base_height": "60"},
    "adjusted_bw": {"share": "0.4"},
    "sf_ratio": {"highest_spo2": "97"},
}
BOTH = frozenset(("female", "male"))


def compute(name: str, sex: Choices = BOTH, **inputs: Interval | str) -> Interval | str:
    known = {key: Fraction(value) for key, value in COEFFICIENTS.get(name, {}).items()}
    given = {key: point(Decimal(value)) if isinstance(value, str) else value for key, value in inputs.items()}
    return FORMULAS[name].compute(given, sex, known)


def rounded(result: Interval | str, places: str) -> Decimal:
    assert isinstance(result, Interval) and result.is_point and result.low is not None
    return values.exact(Fraction(result.low)).quantize(Decimal(places))


FEMALE, MALE = frozenset({"female"}), frozenset({"male"})


@pytest.mark.parametrize(
    ("name", "sex", "inputs", "expected"),
    [
        ("bsa_mosteller", BOTH, {"height": "170", "weight": "70"}, "1.818"),
        ("ckd_epi_2021", FEMALE, {"age": "55", "creatinine": "0.9"}, "75.5"),
        ("cockcroft_gault", MALE, {"age": "60", "weight": "70", "creatinine": "1.0"}, "77.8"),
        ("cockcroft_gault", FEMALE, {"age": "60", "weight": "70", "creatinine": "1.0"}, "66.1"),
        ("ibw_devine", MALE, {"height": "70"}, "73.0"),
        ("ibw_devine", FEMALE, {"height": "60"}, "45.5"),
        ("adjusted_bw", BOTH, {"ideal": "60", "actual": "100"}, "76.0"),
        ("pf_ratio", BOTH, {"pao2": "60", "fio2": "0.6"}, "100.0"),
        ("sf_ratio", BOTH, {"spo2": "90", "fio2": "0.5"}, "180.0"),
        ("rox", BOTH, {"spo2": "90", "fio2": "0.6", "respiratory_rate": "30"}, "5.0"),
        ("bmi", BOTH, {"weight": "70", "height": "1.75"}, "22.9"),
    ],
)
def test_worked_examples(name: str, sex: Choices, inputs: dict[str, str], expected: str) -> None:
    places = "0.001" if name == "bsa_mosteller" else "0.1"
    assert rounded(compute(name, sex, **inputs), places) == Decimal(expected)


@pytest.mark.parametrize("female", [True, False])
@pytest.mark.parametrize("creatinine", ["0.3", "0.7", "0.8", "0.9", "1", "5.25"])
@pytest.mark.parametrize("age", ["18", "55", "90"])
def test_ckd_epi_as_printed_on_both_sides_of_its_knot(female: bool, creatinine: str, age: str) -> None:
    k, a = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = float(creatinine) / k
    printed = (
        142 * min(ratio, 1) ** a * max(ratio, 1) ** -1.2 * 0.9938 ** float(age) * (1.012 if female else 1)
    )
    ours = compute("ckd_epi_2021", FEMALE if female else MALE, creatinine=creatinine, age=age)
    assert rounded(ours, "0.000001") == Decimal(printed).quantize(Decimal("0.000001"))


def test_unknown_sex_is_the_hull_of_both() -> None:
    inputs = {"age": "60", "weight": "70", "creatinine": "1.0"}
    female, male = (compute("cockcroft_gault", sex, **inputs) for sex in (FEMALE, MALE))
    assert isinstance(female, Interval) and isinstance(male, Interval)
    assert compute("cockcroft_gault", BOTH, **inputs) == values.hull([female, male])


CG = {"age": "60", "weight": "70", "creatinine": "1.0"}


@pytest.mark.parametrize("creatinine", ["0.3", "1.0", "9"])
def test_on_dialysis_creatinine_says_nothing(creatinine: str) -> None:
    kidney = compute("cockcroft_gault", MALE, **{**CG, "creatinine": creatinine}, dialysis="1")
    assert kidney == Interval(Fraction(0), Fraction(10), high_open=True)
    gfr = compute("ckd_epi_2021", MALE, age="60", creatinine=creatinine, dialysis="1")
    assert gfr == Interval(Fraction(0), Fraction(15), high_open=True)


@pytest.mark.parametrize("dialysis", ["0", Interval(0, 1)])
def test_without_dialysis_or_word_of_it_the_formula_counts(dialysis: Any) -> None:
    assert compute("cockcroft_gault", MALE, **CG, dialysis=dialysis) == compute("cockcroft_gault", MALE, **CG)


@pytest.mark.parametrize(
    ("weight", "low"),
    [("70", "70"), ("78", "78"), ("78.000001", "60"), ("180", "60"), (Interval(70, 180), "60")],
)
def test_far_above_the_ideal_weight_it_is_all_between_both(weight: Any, low: str) -> None:
    inputs = {**CG, "weight": weight}
    actual = compute("cockcroft_gault", MALE, **inputs)
    found = compute("cockcroft_gault", MALE, **inputs, ideal="60")
    assert isinstance(actual, Interval) and isinstance(found, Interval)
    assert found.high == actual.high
    from_low = compute("cockcroft_gault", MALE, **{**CG, "weight": low})
    assert isinstance(from_low, Interval)
    assert found.low == from_low.low


def test_bounds_follow_the_direction_of_each_input() -> None:
    wide = compute("pf_ratio", pao2=Interval(60, 80), fio2=Interval(Decimal("0.5"), Decimal("0.8")))
    assert wide == Interval(Fraction(75), Fraction(160))
    open_above = compute("pf_ratio", pao2="60", fio2=Interval(Decimal("0.5"), None))
    assert open_above == Interval(None, Fraction(120))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("pf_ratio", {"pao2": "60", "fio2": "0"}),
        ("pf_ratio", {"pao2": "60", "fio2": Interval(None, Decimal("0.5"))}),
        ("sf_ratio", {"spo2": "98", "fio2": "0.5"}),
        ("sf_ratio", {"spo2": Interval(95, 98), "fio2": "0.5"}),
        ("cockcroft_gault", {"age": "140", "weight": "70", "creatinine": "1"}),
        ("cockcroft_gault", {"age": Interval(60, None), "weight": "70", "creatinine": "0"}),
        ("bsa_mosteller", {"height": "-1", "weight": "70"}),
    ],
)
def test_what_a_formula_is_not_for_it_refuses(name: str, inputs: dict[str, Any]) -> None:
    assert isinstance(compute(name, **inputs), str)


def test_an_open_bound_at_zero_leaves_no_upper_bound() -> None:
    fio2 = Interval(0, Decimal("0.5"), low_open=True)
    assert compute("pf_ratio", pao2="60", fio2=fio2) == Interval(Fraction(120), None)


# Derived facts


def _named(name: str, unit: str) -> FactSpec:
    return dataclasses.replace(spec(unit=unit, concepts=(name,)), id=name, label=name)


def _of(name: str, value: str, unit: str | None, when: str | When) -> Event:
    return dataclasses.replace(result(number(value, unit), when, f"o/{name}"), concepts=frozenset({name}))


PF = spec(
    "derived",
    unit="mm[Hg]",
    formula="pf_ratio",
    inputs={"pao2": "pao2", "fio2": "fio2"},
    coefficients={},
    at_most_apart=3600,
)
GASES = (_named("pao2", "mm[Hg]"), _named("fio2", "%"))


def pf(*events: Event, **more: Any) -> Fact:
    return read(PF, *events, others=GASES, **more)


def test_a_derived_fact_converts_its_inputs_and_names_them() -> None:
    fact = pf(_of("pao2", "60", "mm[Hg]", "2024-03-30T10:00"), _of("fio2", "0.6", "1", "2024-03-30T10:30"))
    assert fact.value == point(Decimal(100))
    assert fact.origins == ("o/pao2", "o/fio2")
    assert fact.at == on("2024-03-30T10:00")


@pytest.mark.parametrize("when", ["2024-03-30T12:00", "2024-03-30", When()])
def test_inputs_of_different_moments_give_no_ratio(when: str | When) -> None:
    late = _of("fio2", "0.6", "1", when)
    if when == When():
        late = dataclasses.replace(late, known_from=on("2024-03-30"))
    fact = pf(_of("pao2", "60", "mm[Hg]", "2024-03-30T10:00"), late)
    assert fact.value == EVERYTHING and codes(fact)[0] == "inputs"


def test_a_missing_input_is_named_with_its_own_reason() -> None:
    fact = pf(_of("pao2", "60", "blob", "2024-03-30T10:00"), _of("fio2", "0.6", "1", "2024-03-30T10:00"))
    assert codes(fact) == ["inputs", "unit"] and fact.reasons[0].detail == "not known: pao2"


def test_typed_in_inputs_are_of_as_of() -> None:
    given = {"pao2": Given(point(Decimal(60))), "fio2": Given(point(Decimal(60)))}
    assert pf(given=given).value == point(Decimal(100))
    old = _of("pao2", "60", "mm[Hg]", "2024-03-30T10:00")
    assert codes(pf(old, given={"fio2": Given(point(Decimal(60)))}))[0] == "inputs"
    new = _of("pao2", "60", "mm[Hg]", When(AS_OF, AS_OF))
    assert pf(new, given={"fio2": Given(point(Decimal(60)))}).value == point(Decimal(100))


def test_kidney_function_without_a_sex_is_an_interval() -> None:
    creatinine = _named("creatinine", "mg/dL")
    age = dataclasses.replace(spec("ask", "integer", None), id="age")
    sex = dataclasses.replace(spec("ask", "choice"), id="sex", type=Type("choice", None, ("female", "male")))
    declared = spec(
        "derived",
        unit="mL/min/{1.73_m2}",
        formula="ckd_epi_2021",
        inputs={"creatinine": "creatinine", "age": "age", "sex": "sex"},
        coefficients={key: float(value) for key, value in COEFFICIENTS["ckd_epi_2021"].items()},
    )
    given = {"age": Given(point(55)), "creatinine": Given(point(Decimal("0.9")))}
    value = read(declared, others=(creatinine, age, sex), given=given).value
    assert isinstance(value, Interval) and value.low is not None and value.high is not None
    assert value.low < Decimal("75.6") < value.high
    given["sex"] = Given(frozenset({"female"}))
    assert read(declared, others=(creatinine, age, sex), given=given).value == point(Decimal("75.498804732"))


def test_absolute_and_indexed_clearance_do_not_mix() -> None:
    declared = dataclasses.replace(PF, type=Type("quantity", "kPa/L", ()))
    events = (_of("pao2", "60", "mm[Hg]", "2024-03-30T10:00"), _of("fio2", "0.6", "1", "2024-03-30T10:00"))
    assert codes(read(declared, *events, others=GASES)) == ["unit"]
    assert codes(
        read(dataclasses.replace(PF, type=Type("quantity", "mL/min", ())), *events, others=GASES)
    ) == ["unit"]


def test_facts_in_a_circle_are_refused() -> None:
    one = dataclasses.replace(PF, id="pao2")
    with pytest.raises(ValueError, match="circle"):
        read(one, others=(GASES[1], PF))


BOUNDS: dict[str, dict[str, tuple[str, str]]] = {
    "bsa_mosteller": {"height": ("150", "190"), "weight": ("40", "120")},
    "bmi": {"weight": ("40", "120"), "height": ("1.5", "1.9")},
    "ibw_devine": {"height": ("55", "75")},
    "adjusted_bw": {"ideal": ("50", "80"), "actual": ("50", "150")},
    "cockcroft_gault": {"age": ("20", "90"), "weight": ("40", "120"), "creatinine": ("0.4", "4")},
    "ckd_epi_2021": {"age": ("20", "90"), "creatinine": ("0.4", "4")},
    "pf_ratio": {"pao2": ("40", "120"), "fio2": ("0.21", "1")},
    "sf_ratio": {"spo2": ("70", "97"), "fio2": ("0.21", "1")},
    "rox": {"spo2": ("70", "100"), "fio2": ("0.21", "1"), "respiratory_rate": ("10", "50")},
}


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_every_point_inside_the_inputs_lies_inside_the_result(name: str) -> None:
    ends = {key: (Fraction(low), Fraction(high)) for key, (low, high) in BOUNDS[name].items()}
    wide = compute(name, BOTH, **{key: Interval(*pair) for key, pair in ends.items()})
    assert isinstance(wide, Interval) and wide.low is not None and wide.high is not None
    reached = []
    for sex in (FEMALE, MALE):
        for shares in itertools.product((Fraction(0), Fraction(1, 3), Fraction(1)), repeat=len(ends)):
            inputs = {
                key: point(low + (high - low) * share)
                for (key, (low, high)), share in zip(ends.items(), shares, strict=True)
            }
            inside = compute(name, sex, **inputs)
            assert isinstance(inside, Interval) and values.is_subset(inside, wide)
            reached.append(inside.low)
    # Sharp, too: each bound is the value at some corner.
    assert wide.low in reached and wide.high in reached


def test_every_formula_has_its_inputs_and_coefficients_here() -> None:
    for name, formula in FORMULAS.items():
        assert set(formula.coefficients) == set(COEFFICIENTS.get(name, {}))
        needed = {key for key, unit in formula.inputs.items() if unit} - formula.may_be_unknown
        assert needed == set(BOUNDS[name])
