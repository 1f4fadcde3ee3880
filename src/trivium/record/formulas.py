"""Named formulas over possible values: body size, kidney function, oxygenation.

In: intervals in the units each formula declares, choices, and the coefficients from
`knowledge/formulae.yaml` (no clinical number stands here). Out: an interval in the formula's unit, or
the words why there is none. Every formula is monotone in each input, so its bounds come from bounds:
sound outwards, a point from points. Bounds of the result are closed: rounding may have reached them.

Roots and powers are Decimals of 40 digits; `values.exact` rounds them to the shared scale, and rounding
keeps the order, so that a narrower input never leaves the result of a wider one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction

from trivium.core import values
from trivium.core.truth import FALSE, TRUE
from trivium.core.values import Choices, Interval, Number

_DIGITS = Context(prec=40)
_YES = values.point(1)  # of an input that is a yes or no
Coefficients = Mapping[str, Fraction]
Inputs = Mapping[str, Interval]
Result = Interval | str


@dataclass(frozen=True, slots=True)
class Formula:
    """What a formula takes and gives: UCUM unit of each input (None: a choice), coefficients, own unit."""

    compute: Callable[[Inputs, Choices, Coefficients], Result]
    inputs: Mapping[str, str | None]
    unit: str
    coefficients: tuple[str, ...] = ()
    may_be_unknown: frozenset[str] = field(default=frozenset())  # inputs it can do without, at a price


def _fraction(number: Decimal) -> Fraction:
    return Fraction(number)


def _decimal(number: Number | Fraction) -> Decimal:
    exactly = Fraction(number)
    return _DIGITS.divide(Decimal(exactly.numerator), Decimal(exactly.denominator))


def _root(number: Fraction) -> Fraction:
    return _fraction(_DIGITS.sqrt(_decimal(number)))


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    return _fraction(_DIGITS.power(_decimal(base), _decimal(exponent)))


def _monotone(function: Callable[..., Fraction], *inputs: tuple[Interval, int]) -> Interval:
    """The values of a function that rises (+1) or falls (-1) in each input."""
    lows = [each.low if sign > 0 else each.high for each, sign in inputs]
    highs = [each.high if sign > 0 else each.low for each, sign in inputs]
    return Interval(_at(function, lows), _at(function, highs))


def _at(function: Callable[..., Fraction], numbers: list[Number | None]) -> Fraction | None:
    known = [Fraction(number) for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    try:
        return function(*known)
    except ZeroDivisionError:  # only at an open bound of zero: the result has no bound there
        return None


def _is_positive(interval: Interval) -> bool:
    """Whether it is surely above zero."""
    return interval.low is not None and (interval.low > 0 or (interval.low == 0 and interval.low_open))


def _not_positive(inputs: Inputs) -> str:
    """The words about inputs that may be zero or less; empty when none may."""
    wrong = [name for name, interval in inputs.items() if not _is_positive(interval)]
    return f"not known to be above zero: {', '.join(wrong)}" if wrong else ""


def _each_sex(sex: Choices, function: Callable[[bool], Interval]) -> Interval:
    """The hull over the sexes it may be; `function` is told whether it is the female one."""
    return values.hull([function(each == "female") for each in sorted(sex)])


def bsa_mosteller(inputs: Inputs, _: Choices, known: Coefficients) -> Result:
    """Body surface area: sqrt(height x weight / divisor).

    Units:   cm, kg → m2.
    Source:  mosteller_drugscom.
    """
    divisor = known["divisor"]
    return _not_positive(inputs) or _monotone(
        lambda height, weight: _root(height * weight / divisor), (inputs["height"], 1), (inputs["weight"], 1)
    )


def bmi(inputs: Inputs, _: Choices, __: Coefficients) -> Result:
    """Body mass index: weight / height squared.

    Units:   kg, m → kg/m2.
    Source:  its definition.
    """
    return _not_positive(inputs) or _monotone(
        lambda weight, height: weight / height**2, (inputs["weight"], 1), (inputs["height"], -1)
    )


def ibw_devine(inputs: Inputs, sex: Choices, known: Coefficients) -> Result:
    """Ideal body weight: base (male or female) + per_inch x (height - base_height). Sex unknown: both.

    Units:   [in_i] → kg.
    Source:  crcl_thedrugmonitor (original: devine_1974).
    """

    def of_sex(is_female: bool) -> Interval:
        base = known["base_female" if is_female else "base_male"]
        return _monotone(
            lambda height: base + known["per_inch"] * (height - known["base_height"]), (inputs["height"], 1)
        )

    return _not_positive(inputs) or _each_sex(sex, of_sex)


def adjusted_bw(inputs: Inputs, _: Choices, known: Coefficients) -> Result:
    """Adjusted body weight: ideal + share x (actual - ideal).

    Units:   kg, kg → kg.
    Source:  crcl_thedrugmonitor.
    """
    share = known["share"]
    return _not_positive(inputs) or _monotone(
        lambda ideal, actual: ideal + share * (actual - ideal), (inputs["ideal"], 1), (inputs["actual"], 1)
    )


def cockcroft_gault(inputs: Inputs, sex: Choices, known: Coefficients) -> Result:
    """Creatinine clearance: (age_base - age) x weight / (divisor x creatinine), x female. Sex unknown: both.

    Of a patient far above the ideal weight it is not known which weight tells the truth: all between both.
    On dialysis creatinine measures the dialysis: below `on_dialysis`, whatever it is.
    Units:   a, kg, mg/dL → mL/min (absolute, not indexed to body surface).
    Source:  cockcroft_tabers (original: cockcroft_1976).
    """
    if inputs.get("dialysis") == _YES:
        return Interval(0, known["on_dialysis"], high_open=True)
    age = inputs["age"]
    if age.low is None or age.low < 0 or (age.high is not None and age.high >= known["age_base"]):
        return "the age is outside what the formula is for"

    def of_sex(is_female: bool) -> Interval:
        factor = (known["female"] if is_female else 1) / known["divisor"]
        return _monotone(
            lambda years, weight, creatinine: factor * (known["age_base"] - years) * weight / creatinine,
            (age, -1),
            (_weight(inputs, known["overweight"]), 1),
            (inputs["creatinine"], -1),
        )

    return _not_positive({name: inputs[name] for name in ("weight", "creatinine")}) or _each_sex(sex, of_sex)


def _weight(inputs: Inputs, overweight: Fraction) -> Interval:
    """The actual weight; all from the ideal one up where it is, or may be, above so many times that one."""
    actual, ideal = inputs["weight"], inputs.get("ideal", Interval())
    most = values.scale(ideal, overweight)
    if not ideal.is_known or values.compare(">", actual, most) is FALSE:
        return actual
    return values.hull([ideal, actual])


def ckd_epi_2021(inputs: Inputs, sex: Choices, known: Coefficients) -> Result:
    """eGFR: base x min(Scr/k, 1)^a x max(Scr/k, 1)^b x per_year^age, x female. Sex unknown: both.

    It falls with creatinine and with age (a and b are negative, per_year is below 1).
    On dialysis it is below `on_dialysis`, whatever creatinine is.
    Units:   a, mg/dL → mL/min/{1.73_m2} (indexed to body surface).
    Source:  ckdepi_nkf.
    """
    if inputs.get("dialysis") == _YES:
        return Interval(0, known["on_dialysis"], high_open=True)
    age = inputs["age"]
    if age.low is None or age.low < 0:
        return "the age is outside what the formula is for"

    def of_sex(is_female: bool) -> Interval:
        suffix = "female" if is_female else "male"
        k, a, factor = (
            known[f"k_{suffix}"],
            known[f"a_{suffix}"],
            known["female"] if is_female else Fraction(1),
        )

        def of(creatinine: Fraction, years: Fraction) -> Fraction:
            ratio = creatinine / k
            kidney = _power(ratio, a if ratio < 1 else known["b"])
            return factor * known["base"] * kidney * _power(known["per_year"], years)

        return _monotone(of, (inputs["creatinine"], -1), (age, -1))

    return _not_positive({"creatinine": inputs["creatinine"]}) or _each_sex(sex, of_sex)


def pf_ratio(inputs: Inputs, _: Choices, __: Coefficients) -> Result:
    """PaO2 / FiO2.

    Units:   mm[Hg], 1 (a fraction) → mm[Hg].
    Source:  ards_global_2024.
    """
    return _not_positive(inputs) or _monotone(lambda o2, f: o2 / f, (inputs["pao2"], 1), (inputs["fio2"], -1))


def sf_ratio(inputs: Inputs, _: Choices, known: Coefficients) -> Result:
    """SpO2 / FiO2, only while SpO2 is surely no higher than `highest_spo2`: above it the curve is flat.

    Units:   %, 1 (a fraction) → 1 (per cent by fraction, as the ratio is cited).
    Source:  ards_bmjbp.
    """
    if values.compare("<=", inputs["spo2"], values.point(known["highest_spo2"])) is not TRUE:
        return "SpO2 is too high, or may be, for the ratio to mean anything"
    return _not_positive(inputs) or _monotone(lambda s, f: s / f, (inputs["spo2"], 1), (inputs["fio2"], -1))


def rox(inputs: Inputs, _: Choices, __: Coefficients) -> Result:
    """ROX index: (SpO2 / FiO2) / respiratory rate.

    Units:   %, 1 (a fraction), /min → 1 (as the index is cited).
    Source:  rox_2019.
    """
    return _not_positive(inputs) or _monotone(
        lambda s, f, rate: s / f / rate,
        (inputs["spo2"], 1),
        (inputs["fio2"], -1),
        (inputs["respiratory_rate"], -1),
    )


_SEX = frozenset(("sex",))
FORMULAS: Mapping[str, Formula] = {
    "bsa_mosteller": Formula(bsa_mosteller, {"height": "cm", "weight": "kg"}, "m2", ("divisor",)),
    "bmi": Formula(bmi, {"weight": "kg", "height": "m"}, "kg/m2"),
    "ibw_devine": Formula(
        ibw_devine,
        {"height": "[in_i]", "sex": None},
        "kg",
        ("base_male", "base_female", "per_inch", "base_height"),
        _SEX,
    ),
    "adjusted_bw": Formula(adjusted_bw, {"ideal": "kg", "actual": "kg"}, "kg", ("share",)),
    "cockcroft_gault": Formula(
        cockcroft_gault,
        {"age": "a", "weight": "kg", "creatinine": "mg/dL", "sex": None, "ideal": "kg", "dialysis": "1"},
        "mL/min",
        ("age_base", "divisor", "female", "overweight", "on_dialysis"),
        _SEX | {"ideal", "dialysis"},
    ),
    "ckd_epi_2021": Formula(
        ckd_epi_2021,
        {"age": "a", "creatinine": "mg/dL", "sex": None, "dialysis": "1"},
        "mL/min/{1.73_m2}",
        ("base", "k_male", "k_female", "a_male", "a_female", "b", "per_year", "female", "on_dialysis"),
        _SEX | {"dialysis"},
    ),
    "pf_ratio": Formula(pf_ratio, {"pao2": "mm[Hg]", "fio2": "1"}, "mm[Hg]"),
    "sf_ratio": Formula(sf_ratio, {"spo2": "%", "fio2": "1"}, "1", ("highest_spo2",)),
    "rox": Formula(rox, {"spo2": "%", "fio2": "1", "respiratory_rate": "/min"}, "1"),
}
