"""The calendars that the real content gives: what a clinician would look for first."""

from __future__ import annotations

import datetime
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from trivium.core.truth import Truth
from trivium.faces import calendar_svg, calendar_text
from trivium.knowledge.dosing import When
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.record.site import Suite
from trivium.regimen import kinetics
from trivium.regimen.calendar.build import build
from trivium.regimen.calendar.conflicts import solve
from trivium.regimen.calendar.course import Choice, Quantity
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.model import Calendar
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.calendar.together import together, visits

Data = dict[str, Any]
FRIDAY = datetime.date(2026, 3, 6)
YESTERDAY = FRIDAY - datetime.timedelta(1)
SETTING = Setting(
    Suite(frozenset(range(5)), hours=(8, 18), may_slip_days=1), Suite(hours=(8, 16)), ward_days=30
)


@cache
def knowledge() -> Knowledge:
    return load()


def choice(agent: str, regimen: str = "", **given: Any) -> Choice:
    dosing = knowledge().dosing[agent]
    found = (
        dosing.regimens[regimen]
        if regimen
        else next(one for one in dosing.regimens.values() if one.is_default)
    )
    return Choice(dosing, found, **given)


def mg(number: int) -> Quantity:
    return Quantity(Fraction(number), "mg")


def holding(*true: str) -> Any:
    return lambda when: Truth.TRUE if when.text in true else Truth.UNKNOWN


def data(*choices: Choice, true: tuple[str, ...] = ("mda5_rp_ild",), shown: int = 182) -> Data:
    found = calendar_data(build(choices, FRIDAY, shown, SETTING, holding(*true)))
    assert found["status"] == "found", list(calendar_text.clash(found))
    return found


def days(found: Data, agent: str) -> list[int]:
    kinds = ("infusion", "procedure", "stretch")
    return [row["day"] for row in found["rows"] if row["agent"] == agent and row["kind"] in kinds]


def test_the_combination_begins_on_the_first_day_and_nothing_waits_for_a_test() -> None:
    found = data(
        choice("methylprednisolone_pulse", dose=mg(1000)),
        choice("rituximab", dose=mg(1000)),
        choice("ivig"),
        choice("tofacitinib"),
        choice("prednisone"),
        choice("tmp_smx"),
    )
    assert days(found, "methylprednisolone_pulse") == [1, 2, 3]
    assert days(found, "rituximab")[0] == days(found, "tofacitinib")[0] == days(found, "ivig")[0] == 1
    assert days(found, "rituximab")[1] in (14, 15)
    assert days(found, "prednisone") == [4]
    reviews = {row["id"]: row["day"] for row in found["rows"] if row["kind"] == "review"}
    assert reviews["methylprednisolone_pulse.early_review.1"] == 15
    assert 29 <= reviews["methylprednisolone_pulse.response_review.1"] <= 57


def test_hepatitis_b_is_drawn_before_ivig() -> None:
    found = data(choice("ivig"), choice("rituximab", dose=mg(1000)))
    order = [row["id"] for row in found["rows"]]
    assert order.index("rituximab.hepatitis_b_before.1") < order.index("ivig.1")


@pytest.mark.parametrize(("true", "first"), [((), 4), (("rescue_cannot_wait",), 1)])
def test_an_exchange_waits_72_hours_for_rituximab_unless_rescue_cannot(
    true: tuple[str, ...], first: int
) -> None:
    """Given yesterday at an hour not known: 72 h have certainly passed on the fourth day."""
    given = choice("rituximab", dose=mg(1000), given=(YESTERDAY,))
    found = data(given, choice("plasma_exchange"), true=true)
    assert days(found, "plasma_exchange")[0] == first
    assert bool(found["lost"]) == (first == 1)


def test_what_is_lost_is_told_with_the_published_figures() -> None:
    given = choice("rituximab", dose=mg(1000), given=(YESTERDAY,))
    (lost,) = data(given, choice("plasma_exchange"), true=("rescue_cannot_wait",))["lost"]
    assert set(lost["models"]) == {"puisset_2013", "ng_2006", "lioger_2017"}
    published = {(figure["quantity"], figure["low"], figure["high"]) for figure in lost["published"]}
    assert ("removed fraction", 47.0, 54.0) in published and ("auc cut", 26.0, 26.0) in published
    low, high = lost["sessions"][0]["percent_of_body"]
    assert low < 47 and high > 54


def test_ivig_follows_each_session_or_the_block_as_its_regimen_says() -> None:
    each = data(choice("plasma_exchange"), choice("ivig", "with_exchange"))
    assert days(each, "ivig") == days(each, "plasma_exchange")
    order = [row["id"] for row in each["rows"] if row["kind"] in ("infusion", "procedure")]
    assert order[::2] == [f"plasma_exchange.{number}" for number in range(1, 7)]
    block = data(choice("plasma_exchange"), choice("ivig", "two_grams"))
    assert days(block, "ivig")[0] >= days(block, "plasma_exchange")[-1]


def test_what_an_exchange_can_take_of_immunoglobulin_is_told_as_a_bound_and_changes_nothing() -> None:
    each = data(choice("plasma_exchange"), choice("ivig", "with_exchange"))
    (lost,) = each["lost"]
    assert (lost["agent"], lost["rule"], lost["models"], lost["is_bound"]) == ("ivig", "", [], True)
    assert len(lost["sessions"]) == 5  # nothing is given before the first
    assert all(taken["percent_of_body"] == [None, 78] for taken in lost["sessions"])
    # The last session, nine days after the first dose: with the longest half-life printed, 40 days.
    assert lost["sessions"][-1]["percent_of_doses"] == [None, 60]
    assert lost["percent_of_doses"][0] is None and lost["percent_of_doses"][1] < 100 * 5 / 6
    assert {figure["quantity"] for figure in lost["published"]} == {"half life"}
    said = " ".join(calendar_text.render(each).split())
    assert "at most 78 % of what the body then holds" in said and "How little it may be is not known" in said
    assert not any(rule["broken_by"] for rule in each["rules"])
    block = data(choice("plasma_exchange"), choice("ivig", "two_grams"))
    assert block["lost"] == [] == block["limits"]  # after the last session nothing is lost


def test_immunoglobulin_given_before_a_rescue_is_told_too() -> None:
    found = data(choice("ivig", given=(YESTERDAY,)), choice("plasma_exchange"), true=("rescue_cannot_wait",))
    assert days(found, "plasma_exchange")[0] == 1
    assert [lost["agent"] for lost in found["lost"]] == ["ivig"]
    assert "at most" in calendar_svg.render(found)


def test_a_drug_that_no_file_keeps_from_an_exchange_has_no_bound() -> None:
    assert data(choice("plasma_exchange"), choice("cyclophosphamide"))["lost"] == []


TRIPLE = ("methylprednisolone_pulse", "prednisone", "tacrolimus", "cyclophosphamide", "tmp_smx")


def triple(shown: int = 84) -> Data:
    return data(*map(choice, TRIPLE), choice("mesna", "three_boluses"), shown=shown)


def test_triple_therapy_holds_pulse_oral_steroid_taper_prophylaxis_and_both_reviews() -> None:
    found = triple()
    rows = {row["id"]: row for row in found["rows"]}
    assert days(found, "methylprednisolone_pulse") == [1, 2, 3] and days(found, "prednisone") == [4]
    assert rows["prednisone.1"]["until"] and rows["prednisone.1"]["goes_on"]
    assert rows["prednisone.taper_review.1"]["day"] == 46
    assert rows["methylprednisolone_pulse.early_review.1"]["day"] == 15
    assert 29 <= rows["methylprednisolone_pulse.response_review.1"]["day"] <= 57
    assert days(found, "tmp_smx") == [1]
    assert rows["cyclophosphamide.pjp_prophylaxis.1"]["day"] == 1
    assert days(found, "tacrolimus") == [1]
    assert {row["day"] for row in found["rows"] if row["kind"] == "review"} == {15, 29, 46}


def test_mesna_is_with_every_pulse_of_cyclophosphamide() -> None:
    found = triple(182)
    assert days(found, "mesna") == days(found, "cyclophosphamide") == [1, 29, 57, 85, 113, 141]


def test_a_diary_of_triple_therapy_is_half_as_long_as_one_visit_for_each_test() -> None:
    """31 days with something to come for before tests are brought together, 16 after."""
    made = build(list(map(choice, TRIPLE)), FRIDAY, 84, SETTING, holding("mda5_rp_ild"))
    found = solve(made.problem)
    assert isinstance(found, Calendar)
    until = made.until(found)
    merged = together(made.problem, found, until, made.shut)
    before, after = (len(visits(made.problem, one, until)) for one in (found, merged))
    assert after <= 0.6 * before


def test_the_troughs_keep_their_three_to_four_days() -> None:
    found = triple()
    troughs = [row["day"] for row in found["rows"] if row["id"].startswith("tacrolimus.trough_early")]
    assert 4 <= troughs[0] <= 5 and all(3 <= two - one <= 4 for one, two in pairwise(troughs))
    assert 29 - troughs[-1] < 4


def test_every_regimen_of_every_agent_gives_a_calendar_and_pictures_of_it() -> None:
    for agent, dosing in knowledge().dosing.items():
        for name in dosing.regimens:
            found = data(choice(agent, name), shown=90)
            assert any(row["agent"] == agent for row in found["rows"])
            assert calendar_svg.render(found) and calendar_text.render(found)


def test_the_models_of_the_content_are_read() -> None:
    models = {model.id: model for model in kinetics.models(knowledge().dosing["rituximab"].kinetics)}
    assert models["puisset_2013"].half_life == 22.8
    assert kinetics.exchange(knowledge().dosing["plasma_exchange"].kinetics) is not None


def test_conditions_are_those_of_the_content() -> None:
    """What these tests suppose is what the agents' files ask."""
    asked = {
        when.text
        for dosing in knowledge().dosing.values()
        for spacing in dosing.spacing
        if isinstance(when := spacing.soft_when, When)
    }
    assert {"rescue_cannot_wait", "mda5_rp_ild"} <= asked
