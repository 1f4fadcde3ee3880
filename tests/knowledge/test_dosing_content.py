"""What the agents say about giving them: defaults, traps, origins, spacing, classes, combinations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from tests.knowledge.conditions import DOSING, KNOWLEDGE, PATHWAY, truth

from trivium.core.truth import FALSE, TRUE
from trivium.knowledge.dosing import Dosing
from trivium.knowledge.models import WEAK, Cited

NEVER_OFFERED = {"mesna", "folinic_acid", "nintedanib", "pirfenidone", "rifampin"}


def is_weak(legs: tuple[Cited, ...]) -> bool:
    return all(leg.seen in WEAK for leg in legs)


# Traps and honesty.


def test_ciclosporin_numbers_are_no_regimen_of_tacrolimus() -> None:
    tacrolimus = DOSING["tacrolimus"]
    for regimen in tacrolimus.regimens.values():
        for rule in regimen.rules:
            assert rule.amount.high <= (Fraction("0.1") if rule.amount.unit == "mg/kg" else 3)
        assert all(target.amount.high <= 20 for target in regimen.targets)
    (warning,) = (remark for remark in tacrolimus.remarks if remark.topic == "warning")
    assert "3 mg/kg" in warning.text
    assert "100-150 ng/mL" in warning.text
    assert "Never" in warning.text


def test_a_weak_regimen_is_no_default_beside_one_that_was_read() -> None:
    for agent in DOSING.values():
        for regimen in agent.regimens.values():
            if regimen.is_default:
                assert not is_weak(regimen.cited), (agent.agent, regimen.id)
                assert regimen.reason, (agent.agent, regimen.id)
    assert not any(regimen.is_default for regimen in DOSING["mesna"].regimens.values())


def test_both_doses_of_ivig_stand_and_the_labelled_one_is_followed() -> None:
    ivig = DOSING["ivig"].regimens
    assert ivig["two_grams"].is_default
    assert ivig["two_grams"].rules[0].amount.high == 2
    assert ivig["two_grams"].schedule.over_days == (2, 5)
    assert ivig["one_gram"].rules[0].amount.high == 1
    assert is_weak(ivig["one_gram"].cited)
    assert {item.rules[0].weight for item in ivig.values()} == {"actual", "ideal"}


def test_every_number_has_its_origin() -> None:
    for agent in DOSING.values():
        for part in parts(agent):
            assert part.cited, (agent.agent, part)


def parts(agent: Dosing) -> Iterator[Any]:
    yield from agent.forms.values()
    for regimen in agent.regimens.values():
        yield from (regimen, *regimen.limits, *regimen.targets)
    for group in (agent.adjustments, agent.interactions, agent.rates, agent.due, agent.spacing):
        yield from group
    yield from (*agent.kinetics, *agent.remarks, *agent.prices)


def test_never_offered_agents_are_no_options() -> None:
    assert set(DOSING) - set(PATHWAY.agents) == NEVER_OFFERED
    assert len(DOSING) == 25


# Spacing.


def spacing(agent: str, name: str) -> Any:
    return next(item for item in DOSING[agent].spacing if item.id == name)


def test_rituximab_keeps_72_hours_before_an_exchange_and_none_after() -> None:
    rule = spacing("rituximab", "exchange_72_hours")
    assert (rule.relation, rule.hours_least, rule.hours_reverse) == ("apart", 72, 0)
    assert rule.soft
    assert truth(rule.soft_when, rescue_open=True) is TRUE
    assert truth(rule.soft_when, rescue_open=False, life_threatening_lungs=False) is FALSE


def test_ivig_goes_after_the_session_or_after_the_block_by_its_regimen() -> None:
    session, block = (spacing("ivig", f"after_{name}") for name in ("each_session", "the_block"))
    assert (session.scope, block.scope) == ("session", "block")
    assert set(session.regimens) | set(block.regimens) == set(DOSING["ivig"].regimens)
    assert not set(session.regimens) & set(block.regimens)
    exchange = DOSING["plasma_exchange"].regimens["published_protocol"].schedule.on_days
    assert exchange == (1, 2, 3, 5, 7, 9)
    assert DOSING["ivig"].regimens["with_exchange"].schedule.beside == "plasma_exchange"


def test_serology_is_drawn_before_ivig() -> None:
    rituximab = {due.id: due for due in DOSING["rituximab"].due}
    assert rituximab["hepatitis_b_before"].before_agents == ("ivig",)
    assert set(rituximab["hepatitis_b_before"].facts) == {"hbsag", "anti_hbc_total"}


# Interactions, classes, combinations.


def meeting(first: str, second: str) -> set[str]:
    """Severities of the interactions of two agents, in either file, and of the classes they share."""
    one, other = DOSING[first], DOSING[second]
    found = {
        item.severity
        for agent, partner in ((one, other), (other, one))
        for item in agent.interactions
        if {partner.agent, *partner.classes} & set(item.partners)
    }
    shared = (KNOWLEDGE.drug_classes[name].severity for name in set(one.classes) & set(other.classes))
    return found | {severity for severity in shared if severity}


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("tofacitinib", "rifampin", "avoid"),
        ("tacrolimus", "rifampin", "avoid"),
        ("cyclosporine", "rifampin", "avoid"),
        ("upadacitinib", "rifampin", "avoid"),
        ("atovaquone", "rifampin", "avoid"),
        ("tenofovir", "rifampin", "avoid"),
        ("tacrolimus", "cyclosporine", "contraindicated"),
        ("tofacitinib", "rituximab", "avoid"),
        ("upadacitinib", "rituximab", "avoid"),
        ("tofacitinib", "tacrolimus", "avoid"),
        ("tofacitinib", "baricitinib", "avoid"),
        ("tofacitinib", "ivig", "monitor"),
        ("tacrolimus", "tmp_smx", "monitor"),
        ("cyclosporine", "tmp_smx", "monitor"),
        ("tacrolimus", "ganciclovir", "monitor"),
        ("ganciclovir", "mycophenolate", "monitor"),
        ("tmp_smx", "valganciclovir", "monitor"),
        ("cyclosporine", "mycophenolate", "monitor"),
        ("rituximab", "plasma_exchange", "monitor"),
        ("ivig", "plasma_exchange", "monitor"),
    ],
)
def test_a_pair_that_matters(first: str, second: str, severity: str) -> None:
    assert severity in meeting(first, second)


def test_what_bars_was_read() -> None:
    for agent in DOSING.values():
        for item in agent.interactions:
            if item.severity in ("contraindicated", "avoid"):
                assert not is_weak(item.cited), (agent.agent, item.id)


def test_two_of_these_classes_are_never_given_together() -> None:
    barred = {
        name: group.severity
        for name, group in KNOWLEDGE.drug_classes.items()
        if group.severity in ("contraindicated", "avoid")
    }
    assert barred == {"calcineurin_inhibitor": "contraindicated", "jak_inhibitor": "avoid"}


def test_the_load_counts_pulse_and_oral_glucocorticoid_once() -> None:
    classes = KNOWLEDGE.drug_classes
    assert [name for name, group in classes.items() if group.is_load] == ["immunosuppressant"]
    assert [name for name, group in classes.items() if group.counts_once] == ["glucocorticoid"]


@pytest.mark.parametrize("name", sorted(KNOWLEDGE.regimens))
def test_a_combination_can_be_given(name: str) -> None:
    combination = KNOWLEDGE.regimens[name]
    for part in combination.parts:
        assert part.regimen in DOSING[part.agent].regimens
        assert not is_weak(DOSING[part.agent].regimens[part.regimen].cited)
    for first, second in combinations({part.agent for part in combination.parts}, 2):
        assert "contraindicated" not in meeting(first, second)


def test_in_pregnancy_only_what_is_compatible() -> None:
    combination = KNOWLEDGE.regimens["gc_tacrolimus_ivig_pregnancy"]
    assert {part.agent for part in combination.parts} == {
        "methylprednisolone_pulse",
        "prednisone",
        "tacrolimus",
        "ivig",
    }
    assert truth(combination.when, hcg="positive") is TRUE
    assert truth(combination.when) is FALSE
