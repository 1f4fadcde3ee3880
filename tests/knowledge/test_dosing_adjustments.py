"""Every adjustment at its boundary and with its facts unknown; less kidney never gives more drug."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from tests.knowledge.conditions import DOSING, truth

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.knowledge.dosing import Adjustment, Dosing, Regimen

T, F, U = TRUE, FALSE, UNKNOWN


def adjustment(agent: str, name: str) -> Adjustment:
    found: Adjustment = next(item for item in DOSING[agent].adjustments if item.id == name)
    return found


# Every condition of an adjustment at its boundary, on both sides of it, and with its facts unknown.
CRCL, EGFR, LYMPHOCYTES = "creatinine_clearance", "egfr_derived", "lymphocyte_count"


def above(fact: str, limit: float) -> list[tuple[dict[str, Any], Truth]]:
    """`fact` must be below `limit`."""
    return [({fact: limit - 0.1}, T), ({fact: limit}, F), ({fact: limit + 0.1}, F), ({}, U)]


def at_most(fact: str, limit: float) -> list[tuple[dict[str, Any], Truth]]:
    return [({fact: limit - 0.1}, T), ({fact: limit}, T), ({fact: limit + 0.1}, F), ({}, U)]


def band(fact: str, low: float, high: float) -> list[tuple[dict[str, Any], Truth]]:
    inside = [({fact: low}, T), ({fact: high - 0.1}, T)]
    return [*inside, ({fact: low - 0.1}, F), ({fact: high}, F), ({}, U)]


def yes(fact: str, value: Any = True, other: Any = False) -> list[tuple[dict[str, Any], Truth]]:
    return [({fact: value}, T), ({fact: other}, F), ({}, U)]


def child_pugh(grade: str, other: str) -> list[tuple[dict[str, Any], Truth]]:
    no_grade = [({"cirrhosis": False}, F), ({"cirrhosis": True}, U)]
    return [*yes("child_pugh", grade, other), *no_grade, ({"child_pugh": grade, "cirrhosis": False}, T)]


DIALYSIS: dict[str, Any] = {"haemodialysis": False}
LIVER_B_OR_C = [({"child_pugh": "b"}, T), ({"child_pugh": "c"}, T), ({"child_pugh": "a"}, F), ({}, U)]
BELOW_10_OR_DIALYSIS: list[tuple[dict[str, Any], Truth]] = [
    ({CRCL: 9.9}, T),
    ({CRCL: 10, **DIALYSIS}, F),
    ({CRCL: 10}, U),
    ({CRCL: 49.9, "haemodialysis": True}, T),
    ({CRCL: 50, "haemodialysis": True}, F),
    ({}, U),
]
NADIR = {"cyclophosphamide_recent": True}
CONDITIONS: dict[str, list[tuple[dict[str, Any], Truth]]] = {
    "tofacitinib.renal": at_most(CRCL, 50),
    "tofacitinib.renal_escalated": at_most(CRCL, 50),
    "tofacitinib.renal_eu": above(CRCL, 30),
    "tofacitinib.hepatic_b": child_pugh("b", "a"),
    "tofacitinib.hepatic_b_escalated": child_pugh("b", "no_liver_disease"),
    "tofacitinib.hepatic_c": child_pugh("c", "b"),
    "tofacitinib.strong_inhibitor": yes("strong_cyp3a4_inhibitor_active"),
    "tofacitinib.strong_inhibitor_escalated": yes("strong_cyp3a4_inhibitor_active"),
    "tofacitinib.fluconazole": yes("fluconazole_active"),
    "tofacitinib.fluconazole_escalated": yes("fluconazole_active"),
    "tofacitinib.lymphocytes_escalated": [({LYMPHOCYTES: 0.75}, T), ({LYMPHOCYTES: 0.751}, F), ({}, U)],
    "baricitinib.renal_us": at_most(EGFR, 60),
    "baricitinib.renal_eu": at_most(EGFR, 60),
    "baricitinib.renal_below_30": above(EGFR, 30),
    "baricitinib.hepatic_severe": child_pugh("c", "b"),
    "baricitinib.oat3": yes("strong_oat3_inhibitor_active"),
    "upadacitinib.hepatic_c": child_pugh("c", "b"),
    "tacrolimus.azole": yes("strong_cyp3a4_inhibitor_active"),
    "tacrolimus.fluconazole": yes("fluconazole_active"),
    "cyclosporine.strong_inhibitor": yes("strong_cyp3a4_inhibitor_active"),
    "cyclophosphamide.renal_10_to_20": band(CRCL, 10, 20),
    "cyclophosphamide.renal_below_10": above(CRCL, 10),
    "cyclophosphamide.nadir_2_to_3": [
        ({**NADIR, "white_cell_nadir": 2}, T),
        ({**NADIR, "white_cell_nadir": 2.9}, T),
        ({**NADIR, "white_cell_nadir": 3}, F),
        ({**NADIR, "white_cell_nadir": 1.9}, F),
        (NADIR, U),
        ({"white_cell_nadir": 2}, U),
    ],
    "cyclophosphamide.nadir_below_2": [
        ({**NADIR, "white_cell_nadir": 1.9}, T),
        ({**NADIR, "white_cell_nadir": 0.1}, T),
        ({**NADIR, "white_cell_nadir": 2}, F),
        ({"cyclophosphamide_recent": False, "white_cell_nadir": 1}, F),
        (NADIR, U),
    ],
    "mycophenolate.renal_below_25": above(EGFR, 25),
    "mycophenolate.renal_review": [
        ({EGFR: 59.9}, T),
        ({EGFR: 60, "chronic_kidney_disease": False}, F),
        ({EGFR: 60}, U),
        ({}, U),
    ],
    "tmp_smx.renal_below_30": above(CRCL, 30),
    "tenofovir.taf_below_15": [
        ({CRCL: 14.9, **DIALYSIS}, T),
        ({CRCL: 14.9, "haemodialysis": True}, F),
        ({CRCL: 15}, F),
        ({CRCL: 14.9}, U),
        ({}, U),
    ],
    "tenofovir.taf_liver": LIVER_B_OR_C,
    "tenofovir.tdf_30_to_49": band(CRCL, 30, 50),
    "tenofovir.tdf_below_30": above(CRCL, 30),
    "tenofovir.tdf_below_30_other": above(CRCL, 30),
    **{
        f"entecavir.{kind}_{name}{way}": condition
        for kind in ("naive", "refractory")
        for way in ("", "_daily")
        for name, condition in (
            ("30_to_49", band(CRCL, 30, 50)),
            ("10_to_29", band(CRCL, 10, 30)),
            ("below_10", BELOW_10_OR_DIALYSIS),
        )
    },
    **{
        f"ganciclovir.{kind}_{name}": condition
        for kind in ("induction", "maintenance")
        for name, condition in (
            ("50_to_69", band(CRCL, 50, 70)),
            ("25_to_49", band(CRCL, 25, 50)),
            ("10_to_24", band(CRCL, 10, 25)),
            ("below_10", above(CRCL, 10)),
        )
    },
    **{
        f"valganciclovir.{kind}_{name}": condition
        for kind in ("treatment", "prophylaxis")
        for name, condition in (
            ("40_to_59", band(CRCL, 40, 60)),
            ("25_to_39", band(CRCL, 25, 40)),
            ("10_to_24", band(CRCL, 10, 25)),
        )
    },
    "valganciclovir.below_10": above(CRCL, 10),
    "nintedanib.pregnancy": [
        ({"hcg": "positive"}, T),
        ({"sex": "female", "age": 30, "hcg": "negative"}, F),
        ({"sex": "female", "age": 30}, U),
        ({"sex": "male"}, F),
        ({}, U),
    ],
    "nintedanib.hepatic_a": child_pugh("a", "b"),
    "nintedanib.hepatic_b_c": LIVER_B_OR_C,
    "pirfenidone.dialysis": yes("haemodialysis"),
    "pirfenidone.hepatic_c": child_pugh("c", "b"),
    "pirfenidone.strong_cyp1a2": yes("strong_cyp1a2_inhibitor_active"),
    "pirfenidone.ciprofloxacin": yes("ciprofloxacin_750_twice_daily"),
}


def test_every_adjustment_has_its_cases() -> None:
    assert {f"{name}.{item.id}" for name, agent in DOSING.items() for item in agent.adjustments} == set(
        CONDITIONS
    )


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [(name, given, expected) for name, cases in CONDITIONS.items() for given, expected in cases],
    ids=str,
)
def test_an_adjustment_at_its_boundary(name: str, given: dict[str, Any], expected: Truth) -> None:
    assert truth(adjustment(*name.split(".")).when, **given) is expected


GRID = [
    (59, 299, "15"),
    (59, 300, "12.5"),
    (59, 499, "12.5"),
    (60, 299, "12.5"),
    (70, 299, "12.5"),
    (60, 300, "10"),
    (70, 499, "10"),
    (71, 299, "10"),
    (71, 300, "7.5"),
    (71, 499, "7.5"),
]


@pytest.mark.parametrize(("age", "umol", "dose"), GRID, ids=str)
def test_the_grid_of_cyclophosphamide(age: int, umol: int, dose: str) -> None:
    """Age in years, creatinine in umol/L, mg/kg (vasculitis trial, `cyc_ard_table6`)."""
    rules = DOSING["cyclophosphamide"].regimens["by_age_and_kidney"].rules
    creatinine = float(Decimal(umol) / Decimal("88.42"))
    holding = [rule for rule in rules if truth(rule.when, age=age, creatinine=creatinine) is T]
    assert [rule.amount.low for rule in holding] == [Fraction(dose)]


def test_beyond_the_grid_there_is_no_dose_of_cyclophosphamide() -> None:
    rules = DOSING["cyclophosphamide"].regimens["by_age_and_kidney"].rules
    assert {truth(rule.when, age=50, creatinine=5.7) for rule in rules} == {F}
    unknown = [truth(rule.when, age=50) for rule in rules]
    assert unknown.count(U) == 2, "with creatinine unknown both columns of the age stay open"


# Less kidney never gives more drug.


def per_day(regimen: Regimen, item: Adjustment | None) -> Fraction:
    """What is given a day under one adjustment, in the unit of the regimen; 0 when it is to be avoided."""
    rule, schedule = regimen.rules[-1], regimen.schedule
    if item is not None and item.avoid:
        return Fraction(0)
    if item is not None and item.to is not None:
        assert item.to.amount.unit == rule.amount.unit, item.id
        rule, schedule = item.to, item.to_schedule or schedule
    times = schedule.times_per_day or 1
    amount = rule.amount.high * (times if rule.per == "administration" else 1)
    return amount * (item.factor if item is not None and item.factor is not None else 1)


def renal(agent: Dosing, regimen: Regimen) -> list[Adjustment]:
    return [
        item
        for item in agent.adjustments
        if item.axis == "renal" and item.in_force and (not item.regimens or regimen.id in item.regimens)
    ]


RENAL = [(name, regimen) for name, agent in DOSING.items() for regimen in agent.regimens]


@pytest.mark.parametrize(("name", "regimen"), RENAL, ids=str)
def test_less_kidney_never_gives_more(name: str, regimen: str) -> None:
    agent, chosen = DOSING[name], DOSING[name].regimens[regimen]
    items = renal(agent, chosen)
    levels = [Fraction(n, 2) for n in range(2, 240)]
    doses = []
    for level in levels:
        given = {CRCL: float(level), EGFR: float(level), "haemodialysis": False}
        holding = [item for item in items if truth(item.when, **given) is T]
        doses.append(min((per_day(chosen, item) for item in (*holding, None)), default=Fraction(0)))
    assert all(lower <= higher for lower, higher in pairwise(doses))


def test_a_lowered_dose_is_lower() -> None:
    for agent in DOSING.values():
        for item in agent.adjustments:
            for name in item.regimens or agent.regimens:
                regimen = agent.regimens[name]
                if item.to is not None:
                    assert per_day(regimen, item) <= per_day(regimen, None), (agent.agent, item.id, name)


# Tofacitinib.


def test_tofacitinib_is_never_above_20_mg_a_day() -> None:
    for regimen in DOSING["tofacitinib"].regimens.values():
        assert per_day(regimen, None) <= 20
        limits = [limit.amount.high for limit in regimen.limits if limit.per == "day"]
        assert limits, regimen.id
        assert max(limits) <= 20


@pytest.mark.parametrize(
    "given",
    [
        {CRCL: 50},
        {"child_pugh": "b"},
        {"strong_cyp3a4_inhibitor_active": True},
        {"fluconazole_active": True},
    ],
    ids=str,
)
def test_tofacitinib_is_halved(given: dict[str, Any]) -> None:
    agent = DOSING["tofacitinib"]
    for regimen in agent.regimens.values():
        whole = per_day(regimen, None)
        held = [
            item
            for item in agent.adjustments
            if item.in_force and regimen.id in item.regimens and truth(item.when, **given) is T
        ]
        assert held, regimen.id
        assert min(per_day(regimen, item) for item in held) <= whole / 2


def test_the_higher_dose_of_tofacitinib_is_never_a_default() -> None:
    regimens = DOSING["tofacitinib"].regimens
    assert [regimen.id for regimen in regimens.values() if regimen.is_default] == ["usual"]
    assert "boxed" in regimens["escalated"].reason
