"""Worked examples: what labels, tables and calculators print, against the real content.

eGFR and clearance: the worked checks of `knowledge/formulae.yaml`; values that other projects' tests hold
(admiral of pharmaverse, which takes them from the National Kidney Foundation's calculators, and stcsanalysis
of the Swiss Transplant Cohort Study); worked examples of calculator pages. Doses: the rows of the tables that
the agents' files cite, cell by cell.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.doses import dosed, given, knowledge, outcomes, patient, steps

from trivium.core.values import Interval
from trivium.regimen.rates import speeds

KNOWN = {
    "medication_list_complete": "true",
    "problem_list_complete": "true",
    "haemodialysis": "false",
    "child_pugh": "no_liver_disease",
    "white_cell_nadir": "unknown",
}


def value(fact: str, **facts: Any) -> float:
    """A derived fact of one patient."""
    found = patient(True, **facts).values[fact]
    assert isinstance(found, Interval)
    assert found.is_point
    assert found.low is not None
    return float(found.low)


def words(agent: str, regimen: str = "", **facts: Any) -> str:
    """The one dose of an agent for a patient, repetition left out."""
    return given(dosed(agent, regimen, True, **{**KNOWN, **facts})).partition(",")[0]


class TestBodySize:
    @pytest.mark.parametrize(
        ("height", "weight", "surface"),
        [(170, 70, 1.818), (175, 70, 1.845), (160, 50, 1.491), (180, 80, 2.0)],
    )
    def test_mosteller(self, height: int, weight: int, surface: float) -> None:
        assert round(value("bsa", body_height=height, body_weight=weight), 3) == surface

    @pytest.mark.parametrize(
        ("sex", "inches", "ideal"),
        [("male", 70, 73.0), ("female", 60, 45.5), ("female", 65, 57.0), ("male", 60, 50.0)],
    )
    def test_devine(self, sex: str, inches: int, ideal: float) -> None:
        height = Decimal(inches) * Decimal("2.54")
        assert round(value("ideal_body_weight", body_height=f"{height} cm", sex=sex), 2) == ideal

    def test_adjusted(self) -> None:
        # 70 inches, male: ideal 73; at 100 kg 73 + 0.4 x 27.
        found = value("adjusted_body_weight", body_height="177.8 cm", sex="male", body_weight=100)
        assert round(found, 2) == 83.8


class TestKidney:
    @pytest.mark.parametrize(
        ("age", "sex", "weight", "creatinine", "clearance"),
        [
            (60, "male", 70, "1.0", 77.8),  # formulae.yaml
            (60, "male", 80, "1.2", 74.1),
            (45, "female", 65, "0.9", 80.9),
            (65, "male", 70, "1.4", 52.1),
            (45, "female", 60, "0.9", 74.8),
        ],
    )
    def test_cockcroft_gault(
        self, age: int, sex: str, weight: int, creatinine: str, clearance: float
    ) -> None:
        found = value("creatinine_clearance", age=age, sex=sex, body_weight=weight, creatinine=creatinine)
        assert abs(found - clearance) < 0.1  # one page cuts where another rounds

    @pytest.mark.parametrize(
        ("age", "sex", "weight", "creatinine", "clearance"),
        [(55, "male", 90, "1.09 mg/dL", 97), (65, "female", 60, "85 umol/L", 55)],
    )
    def test_cockcroft_gault_of_the_foundations_calculator(
        self, age: int, sex: str, weight: int, creatinine: str, clearance: int
    ) -> None:
        found = value("creatinine_clearance", age=age, sex=sex, body_weight=weight, creatinine=creatinine)
        assert round(found) == clearance

    @pytest.mark.parametrize(
        ("age", "sex", "creatinine", "egfr"),
        [
            (55, "female", "0.9 mg/dL", 75.5),  # formulae.yaml
            (20, "female", "50 umol/L", 133.593163688188),
            (20, "female", "200 umol/L", 31.0592504679203),
            (20, "female", "1000 umol/L", 4.50222262164412),
            (60, "female", "50 umol/L", 104.17030388951),
            (60, "female", "200 umol/L", 24.2186910654752),
            (60, "female", "1000 umol/L", 3.51064295302982),
            (20, "male", "50 umol/L", 144.284189204047),
            (20, "male", "200 umol/L", 41.4938585174298),
            (20, "male", "1000 umol/L", 6.01478096419053),
            (60, "male", "50 umol/L", 112.506713823456),
            (60, "male", "200 umol/L", 32.3551574944189),
            (60, "male", "1000 umol/L", 4.69007203340876),
            (55, "male", "96.3 umol/L", 80.2293),
            (52, "female", "70 umol/L", 89.7175),
            (67, "male", "77 umol/L", 94.5453),
            (76, "female", "65 umol/L", 84.4646),
        ],
    )
    def test_ckd_epi_2021_at_several_ages_and_sexes(
        self, age: int, sex: str, creatinine: str, egfr: float
    ) -> None:
        found = value("egfr_derived", age=age, sex=sex, creatinine=creatinine)
        assert abs(found - egfr) < (0.05 if egfr == 75.5 else 0.0005)

    @pytest.mark.parametrize(
        ("age", "sex", "creatinine", "egfr"),
        [(55, "male", "1.09 mg/dL", 80), (65, "female", "85 umol/L", 66), (55, "male", "1.2 mg/dL", 71)],
    )
    def test_ckd_epi_2021_of_the_foundations_calculator(
        self, age: int, sex: str, creatinine: str, egfr: int
    ) -> None:
        assert round(value("egfr_derived", age=age, sex=sex, creatinine=creatinine)) == egfr


class TestImmunoglobulin:
    def test_two_grams_for_seventy_kilograms_are_1400_millilitres(self) -> None:
        found = dosed("ivig", "", True, body_weight=70)
        assert given(found).startswith("140 g over 2 to 5 days (70 to 28 g a day)")
        assert steps(found, "made_of")[0].startswith("140 g (1400 mL) is 4 x 30 g bottle (10 %) + 1 x 20 g")

    @pytest.mark.parametrize(
        ("weight", "rate", "per_hour"), [(70, "0.04", 168), (70, "0.01", 42), (70, "0.03", 126)]
    )
    def test_the_rate_formula(self, weight: int, rate: str, per_hour: int) -> None:
        someone = patient(True, body_weight=weight)
        told = [each.words for each in speeds(knowledge(True).dosing["ivig"], someone)]
        assert any(f"{per_hour} mL/h ({rate} mL/kg/min)" in each for each in told), told

    def test_an_odd_weight_is_told_exactly_with_the_bottles_that_hold_it(self) -> None:
        found = dosed("ivig", "", True, body_weight="68.4")
        assert given(found).startswith("137 g")
        assert steps(found, "rounded") == [
            "Rounded to 137 g (+0.146 % of 136.8 g; 3 digits are measured out)."
        ]


class TestRituximab:
    def test_by_surface(self) -> None:
        found = dosed("rituximab", "weekly_four", True, body_weight=70, body_height=170)
        # 375 mg/m2 x 1.818 m2
        assert given(found).startswith("682 mg on days 1, 8, 15, 22")
        assert "1 x 500 mg vial + 2 x 100 mg vial, 18 mg left over" in steps(found, "made_of")[0]

    def test_two_grams_in_two_weeks(self) -> None:
        assert words("rituximab").startswith("1000 mg on days 1")


class TestCyclophosphamide:
    @pytest.mark.parametrize(
        ("age", "creatinine", "per_kg"),
        [
            (59, 299, "15"),
            (59, 300, "12.5"),
            (59, 500, "12.5"),
            (60, 299, "12.5"),
            (60, 300, "10"),
            (70, 299, "12.5"),
            (70, 500, "10"),
            (71, 299, "10"),
            (71, 300, "7.5"),
            (71, 500, "7.5"),
        ],
    )
    def test_all_six_cells_of_the_grid(self, age: int, creatinine: int, per_kg: str) -> None:
        found = dosed(
            "cyclophosphamide",
            "by_age_and_kidney",
            True,
            **{**KNOWN, "cyclophosphamide_recent": "false"},
            age=age,
            sex="male",
            creatinine=f"{creatinine} umol/L",
            body_weight=60,
        )
        amount = found.alternatives[0].settled[0].given
        assert amount is not None
        assert amount.amount == Fraction(per_kg) * 60

    def test_above_the_last_column_nothing_is_printed_and_nothing_given(self) -> None:
        found = dosed(
            "cyclophosphamide",
            "by_age_and_kidney",
            True,
            **KNOWN,
            age=59,
            creatinine="501 umol/L",
            body_weight=60,
        )
        assert found.status == "not_for"

    def test_the_largest_pulse(self) -> None:
        found = dosed(
            "cyclophosphamide",
            "by_age_and_kidney",
            True,
            **{**KNOWN, "cyclophosphamide_recent": "false"},
            age=40,
            creatinine="80 umol/L",
            body_weight=90,
        )  # 1350 mg by weight, at most 1.2 g
        assert given(found).startswith("1200 mg")
        assert [float(over.computed.amount) for over in found.over] == [1350]

    @pytest.mark.parametrize(
        ("nadir", "amount"), [("3.0", 900), ("2.9", 720), ("2.0", 720), ("1.9", 540), ("1.0", 540)]
    )
    def test_after_a_nadir(self, nadir: str, amount: int) -> None:
        facts = {**KNOWN, "white_cell_nadir": nadir, "cyclophosphamide_recent": "true"}
        found = dosed(
            "cyclophosphamide",
            "by_age_and_kidney",
            True,
            **facts,
            age=40,
            creatinine="80 umol/L",
            body_weight=60,
        )
        assert given(found).startswith(f"{amount} mg")


class TestAntivirals:
    @pytest.mark.parametrize(
        ("clearance", "induction", "maintenance"),
        [
            ("70", "350 mg twice daily", "350 mg once daily"),
            ("69.9", "175 mg twice daily", "175 mg once daily"),
            ("50", "175 mg twice daily", "175 mg once daily"),
            ("49.9", "175 mg once daily", "87.5 mg once daily"),
            ("25", "175 mg once daily", "87.5 mg once daily"),
            ("24.9", "87.5 mg once daily", "43.7 mg once daily"),
            ("10", "87.5 mg once daily", "43.7 mg once daily"),
            ("9.9", "87.5 mg 3 times a week", "43.7 mg 3 times a week"),
        ],
    )
    def test_ganciclovir(self, clearance: str, induction: str, maintenance: str) -> None:
        facts = {"creatinine_clearance": clearance, "body_weight": 70}
        assert words("ganciclovir", "induction", **facts) == induction
        assert words("ganciclovir", "maintenance", **facts) == maintenance

    @pytest.mark.parametrize(
        ("clearance", "treatment", "prophylaxis"),
        [
            ("60", "900 mg twice daily", "900 mg once daily"),
            ("59.9", "450 mg twice daily", "450 mg once daily"),
            ("40", "450 mg twice daily", "450 mg once daily"),
            ("39.9", "450 mg once daily", "450 mg every 2 days"),
            ("25", "450 mg once daily", "450 mg every 2 days"),
            ("24.9", "450 mg every 2 days", "450 mg twice a week"),
            ("10", "450 mg every 2 days", "450 mg twice a week"),
        ],
    )
    def test_valganciclovir(self, clearance: str, treatment: str, prophylaxis: str) -> None:
        assert words("valganciclovir", "treatment", creatinine_clearance=clearance) == treatment
        assert words("valganciclovir", "prophylaxis", creatinine_clearance=clearance) == prophylaxis

    def test_valganciclovir_below_10_is_not_given(self) -> None:
        for regimen in ("treatment", "prophylaxis"):
            found = dosed("valganciclovir", regimen, True, **KNOWN, creatinine_clearance="9.9")
            assert (found.status, outcomes(found)) == ("avoid", [["not to be given"]])

    @pytest.mark.parametrize(
        ("clearance", "naive", "refractory"),
        [
            ("50", "0.5 mg once daily", "1 mg once daily"),
            ("49.9", "0.5 mg every 2 days", "1 mg every 2 days"),
            ("30", "0.5 mg every 2 days", "1 mg every 2 days"),
            ("29.9", "0.5 mg every 3 days", "1 mg every 3 days"),
            ("10", "0.5 mg every 3 days", "1 mg every 3 days"),
            ("9.9", "0.5 mg once a week", "1 mg once a week"),
        ],
    )
    def test_entecavir(self, clearance: str, naive: str, refractory: str) -> None:
        facts = {"creatinine_clearance": clearance, "lamivudine_refractory_or_decompensated": "true"}
        assert words("entecavir", "naive", **facts) == naive
        assert words("entecavir", "refractory", **facts) == refractory


class TestTablets:
    @pytest.mark.parametrize(
        ("clearance", "single", "double"),
        [
            ("30", "80 mg once daily", "160 mg once daily"),
            ("29.9", "80 mg every 2 days", "160 mg every 2 days"),
        ],
    )
    def test_co_trimoxazole(self, clearance: str, single: str, double: str) -> None:
        # "half dose (e.g. SS daily or DS every 48 h)": half of one double-strength tablet a day.
        assert words("tmp_smx", "single_daily", creatinine_clearance=clearance) == single
        assert words("tmp_smx", "double_daily", creatinine_clearance=clearance) == double

    @pytest.mark.parametrize(
        ("changes", "usual", "escalated"),
        [
            ({}, "5 mg twice daily", "10 mg twice daily"),
            ({"creatinine_clearance": "50.1"}, "5 mg twice daily", "10 mg twice daily"),
            ({"creatinine_clearance": "50"}, "5 mg once daily", "5 mg twice daily"),
            ({"creatinine_clearance": "10"}, "5 mg once daily", "5 mg twice daily"),
            ({"child_pugh": "a"}, "5 mg twice daily", "10 mg twice daily"),
            ({"child_pugh": "b"}, "5 mg once daily", "5 mg twice daily"),
            ({"strong_cyp3a4_inhibitor_active": "true"}, "5 mg once daily", "5 mg twice daily"),
            ({"fluconazole_active": "true"}, "5 mg once daily", "5 mg twice daily"),
            ({"lymphocyte_count": "0.75"}, "5 mg twice daily", "5 mg twice daily"),
            (
                {"fluconazole_active": "true", "creatinine_clearance": "20", "child_pugh": "b"},
                "5 mg once daily",
                "5 mg twice daily",
            ),
        ],
    )
    def test_tofacitinib(self, changes: dict[str, Any], usual: str, escalated: str) -> None:
        facts = {"creatinine_clearance": 90, "lymphocyte_count": 1, **changes}
        assert words("tofacitinib", "usual", **facts) == usual
        assert words("tofacitinib", "escalated", **facts) == escalated

    def test_tofacitinib_in_child_pugh_c(self) -> None:
        found = dosed("tofacitinib", "", True, **{**KNOWN, "child_pugh": "c"}, creatinine_clearance=90)
        assert found.status == "avoid"

    @pytest.mark.parametrize(("weight", "amount"), [(59, 295), (60, 300), (100, 300)])
    def test_isoniazid_up_to_300_mg(self, weight: int, amount: int) -> None:
        found = dosed("isoniazid", "six_months", True, **KNOWN, body_weight=weight)
        computed = found.alternatives[0].settled[0].computed
        assert min(computed.amount, 300) == amount
        assert bool(found.over) == (weight > 60)

    def test_prednisone_up_to_100_mg(self) -> None:
        assert words("prednisone", "one_mg_per_kg", body_weight=70).startswith("70 mg once daily")
        found = dosed("prednisone", "one_mg_per_kg", True, **KNOWN, body_weight=110)
        assert given(found).startswith("100 mg once daily")
        assert found.over

    def test_a_share_of_the_pulse_as_bladder_protection(self) -> None:
        facts = {**KNOWN, "cyclophosphamide_recent": "false", "creatinine_clearance": 90}
        found = dosed("mesna", "three_boluses", True, **facts, body_weight=70, body_height=170)
        # 20 % of 600 mg/m2 x 1.818 m2
        assert given(found).startswith("218 mg 3 times a day")
