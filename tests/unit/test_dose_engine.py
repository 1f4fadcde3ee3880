"""Doses of the small folder: each kind of rule, adjustment, maximum and gap in what is known."""

from __future__ import annotations

import dataclasses
import random
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.doses import dosed, dosing, given, outcomes, patient, steps

from trivium.regimen.dose import choose, dose

KNOWN: dict[str, Any] = {"creatinine_clearance": 80, "liver_grade": "A", "blocker_active": "false"}


def with_known(**changes: Any) -> dict[str, Any]:
    return {**KNOWN, **changes}


class TestRules:
    def test_a_fixed_dose_needs_no_body(self) -> None:
        found = dosed("tablet", **KNOWN)
        assert given(found) == "5 mg twice daily"
        assert not any(ask.fact in ("body_weight", "body_height") for ask in found.questions)

    def test_by_body_surface_with_its_working(self) -> None:
        found = dosed("drip", body_weight="70kg", body_height="170 cm")
        assert given(found) == "680 mg on days 1, 8, 15, 22"
        (size,) = steps(found, "size")
        assert "sqrt(height_cm*weight_kg/3600)" in size
        assert "Weight 70 kg" in size and "Height 170 cm" in size
        assert steps(found, "computed") == ["375 mg/m2 x 1.8181 m2 = 681.79 mg."]
        assert steps(found, "made_of") == ["680 mg is 1 x 500 mg vial + 2 x 100 mg vial, 20 mg left over."]

    def test_a_course_is_split_over_the_days_its_source_allows(self) -> None:
        found = dosed("globulin", body_weight=70)
        assert given(found).startswith("140 g over 2 to 5 days (70 to 28 g a day), every 28 days")
        assert steps(found, "made_of") == ["140 g (1400 mL) is 14 x 10 g bottle."]

    def test_ideal_weight_without_sex_is_both(self) -> None:
        found = dosed("globulin", "ideal", body_height=170)
        low, *_, high = (each.given for each in found.alternatives[0].settled)
        assert low is not None and high is not None
        # Devine at 170 cm: 61.4 kg for a woman, 65.9 kg for a man; 1 g/kg of the one to 2 g/kg of the other.
        assert (round(float(low.amount), 1), round(float(high.amount), 1)) == (61.4, 131.9)

    def test_adjusted_weight_and_a_daily_maximum(self) -> None:
        found = dosed("globulin", "capped", body_height=170, body_weight=120, sex="female")
        assert given(found) == "30 g a day over 5 days"
        (over,) = found.over
        assert round(float(over.computed.amount), 3) == 33.945
        assert over.most == 30
        assert "limited to it" in steps(found, "limited")[0]

    def test_a_share_of_another_agents_dose(self) -> None:
        found = dosed("guard", "share", age=30, creatinine=1, body_weight=70)
        assert given(found) == "210 mg 3 times a day"  # 20 % of 15 mg/kg, unrounded 1050 mg

    def test_a_share_of_a_dose_that_is_not_known_is_not_computed(self) -> None:
        found = dosed("guard", "share", age=30, creatinine=1)
        assert (found.status, found.alternatives) == ("incomplete", ())

    def test_a_range_of_the_source_stays_a_range(self) -> None:
        found = dosed("globulin", "ideal", body_height=170, sex="male")
        assert [words.split()[0] for words in outcomes(found)[0]] == ["65.937", "131.87"]

    def test_what_may_fall_on_either_of_two_days_says_so(self) -> None:
        assert given(dosed("drip", "two")) == "1000 mg on days 1, 14 or 15"


class TestTiers:
    @pytest.mark.parametrize(
        ("age", "creatinine", "amount"),
        [(59, 1, 1000), (60, 1, 800), (59, 3, 700), (60, 5, 700)],
    )
    def test_the_first_that_holds(self, age: int, creatinine: int, amount: int) -> None:
        found = dosed("grid", age=age, creatinine=creatinine, body_weight=68)
        assert given(found) == f"{amount} mg, every 14 to 21 days, 6 times"

    def test_where_none_holds_there_is_no_dose(self) -> None:
        found = dosed("grid", age=59, creatinine="5.1", body_weight=70)
        assert (found.status, found.alternatives) == ("not_for", ())

    def test_an_unknown_tier_keeps_those_open_that_it_could_be(self) -> None:
        found = dosed("grid", creatinine=1, body_weight=68)
        assert found.status == "open"
        assert [words[0].split()[0] for words in outcomes(found)] == ["1000", "800"]
        assert {ask.fact for ask in found.questions} == {"age"}

    def test_and_what_it_cannot_be_is_not_among_them(self) -> None:
        found = dosed("grid", age=50, creatinine="2 to 4 mg/dL", body_weight=68)
        assert [words[0].split()[0] for words in outcomes(found)] == ["1000", "700"]

    def test_a_source_that_may_print_nothing_leaves_that_open(self) -> None:
        found = dosed("grid", age=50, creatinine="4..6", body_weight=68)
        assert outcomes(found) == [["700 mg, every 14 to 21 days, 6 times"], []]
        assert found.alternatives[-1].is_avoided


class TestAdjustments:
    def test_half_is_given_less_often_where_tablets_cannot_be_halved(self) -> None:
        found = dosed("tablet", **with_known(creatinine_clearance=50))
        assert given(found) == "5 mg once daily"

    def test_half_is_a_smaller_tablet_where_there_is_one(self) -> None:
        assert given(dosed("tablet", "high", **with_known(creatinine_clearance=50))) == "5 mg twice daily"

    def test_the_lowest_of_several_holds_and_nobody_multiplies(self) -> None:
        found = dosed("tablet", **with_known(creatinine_clearance=50, liver_grade="B", blocker_active="true"))
        assert given(found) == "5 mg once daily"
        (remark,) = steps(found, "remark")
        assert "multiplied it would be 1.25 mg a day" in remark
        assert "Ask the pharmacist" in remark

    def test_two_rows_of_one_axis_are_no_such_question(self) -> None:
        found = dosed("tablet", **with_known(creatinine_clearance=20))
        assert steps(found, "remark") == []

    def test_avoid_wins(self) -> None:
        found = dosed("tablet", **with_known(liver_grade="C"))
        assert (found.status, outcomes(found)) == ("avoid", [["not to be given"]])

    def test_deductions_add_up_then_a_share_is_taken(self) -> None:
        found = dosed("grid", "deductions", age=65, creatinine=3, body_weight=80, illness="true")
        # (15 - 2.5 - 2.5) mg/kg x 80 kg = 800 mg, 0.8 of it 640 mg, down to 600 mg.
        assert given(found) == "600 mg, every 28 days"

    def test_nothing_may_be_left(self) -> None:
        heavy = dataclasses.replace(
            dosing("grid"),
            adjustments=tuple(
                dataclasses.replace(
                    each, minus=dataclasses.replace(each.minus, low=Fraction(20), high=Fraction(20))
                )
                if each.minus
                else each
                for each in dosing("grid").adjustments
            ),
        )
        someone = patient(age=65, creatinine=1, body_weight=70, illness="false")
        found = dose(heavy, heavy.regimens["deductions"], someone)
        assert found.status == "avoid"
        assert "Nothing remains" in steps(found, "remark")[0]

    def test_a_printed_amount_never_raises_a_lower_dose(self) -> None:
        low = dataclasses.replace(
            dosing("tablet").regimens["usual"],
            schedule=dataclasses.replace(
                dosing("tablet").regimens["usual"].schedule, times_per_day=Fraction(1, 2)
            ),
        )
        someone = patient(**with_known(blocker_active="true"))
        assert given(dose(dosing("tablet"), low, someone)).startswith("5 mg every 2 days")

    def test_a_differing_source_is_shown_and_not_followed(self) -> None:
        found = dosed("tablet", **with_known(creatinine_clearance=20))
        assert [each.adjustment.id for each in found.other_sources] == ["kidney_b"]
        assert str(found.other_sources[0].trace.truth) == "true"

    def test_the_order_of_the_adjustments_never_matters(self) -> None:
        agent = dosing("grid")
        someone = patient(age=65, creatinine=3, body_weight=80, illness="true")
        chance, seen = random.Random(1), set()
        for _ in range(10):
            shuffled = list(agent.adjustments)
            chance.shuffle(shuffled)
            other = dataclasses.replace(agent, adjustments=tuple(shuffled))
            seen.add(given(dose(other, agent.regimens["deductions"], someone)))
        assert len(seen) == 1

    def test_a_third_is_rounded_down_and_the_loss_is_said(self) -> None:
        found = dosed("titrated", body_weight=70, blocker_active="true", creatinine_clearance=80)
        assert given(found) == "0.5 mg twice daily"
        assert steps(found, "rounded") == ["Rounded down to 0.5 mg (-42.9 % of 0.875 mg; next above 1 mg)."]

    def test_what_the_forms_cannot_make_is_said(self) -> None:
        found = dosed("titrated", body_weight=20, blocker_active="true", creatinine_clearance=80)
        assert not found.alternatives[0].settled[0].is_possible
        assert "cannot make" in steps(found, "remark")[0]


class TestMaxima:
    def test_above_it_the_dose_is_limited_and_said(self) -> None:
        found = dosed("tablet", "too_high", **KNOWN)
        assert given(found) == "10 mg twice daily"
        assert found.over[0].computed.day == 30
        assert steps(found, "limited") == [
            "The computed dose is above the maximum of 20 mg a day: limited to it."
        ]

    def test_on_it_nothing_is_said(self) -> None:
        found = dosed("tablet", "high", **KNOWN)
        assert (given(found), found.over, steps(found, "limited")) == ("10 mg twice daily", (), [])

    def test_rounding_never_goes_above_it(self) -> None:
        agent = dosing("drip")
        tight = dataclasses.replace(
            agent.regimens["by_surface"],
            limits=(
                dataclasses.replace(
                    agent.regimens["by_surface"].limits[0],
                    amount=dataclasses.replace(
                        agent.regimens["by_surface"].limits[0].amount, low=Fraction(688), high=Fraction(688)
                    ),
                ),
            ),
        )
        someone = patient(body_weight=72, body_height=170)  # 691.5 mg; 690 is nearest, and above 688
        assert given(dose(agent, tight, someone)) == "680 mg on days 1, 8, 15, 22"

    def test_a_daily_maximum_spreads_a_course_before_it_lowers_it(self) -> None:
        agent = dosing("globulin")
        course = agent.regimens["course"]
        three = dataclasses.replace(
            course,
            rules=(
                dataclasses.replace(
                    course.rules[0],
                    amount=dataclasses.replace(course.rules[0].amount, low=Fraction(3), high=Fraction(3)),
                ),
            ),
        )
        found = dose(agent, three, patient(body_weight=70))
        assert given(found).startswith("210 g over 3 to 5 days")
        assert (found.over, "Over 3 days or more" in steps(found, "limited")[0]) == ((), True)


class TestWhatIsNotKnown:
    def test_an_unknown_condition_never_counts_as_not_holding(self) -> None:
        found = dosed("tablet", liver_grade="A", blocker_active="false")
        assert (found.status, outcomes(found)) == ("open", [["5 mg twice daily"], ["5 mg once daily"]])
        assert [when.text for case in found.alternatives[1].because for when in case] == ["weak_kidney"]
        assert {ask.fact for ask in found.questions} == {"age", "body_weight", "creatinine", "sex"}

    def test_rows_that_exclude_one_another_are_never_combined(self) -> None:
        found = dosed("bands")
        assert outcomes(found) == [
            ["900 mg twice daily"],
            ["450 mg twice daily"],
            ["450 mg once daily"],
            ["450 mg every 2 days"],
            ["not to be given"],
        ]

    def test_what_is_half_known_leaves_only_the_rows_it_touches(self) -> None:
        found = dosed("bands", creatinine_clearance="20..30 mL/min")
        assert outcomes(found) == [["450 mg once daily"], ["450 mg every 2 days"]]

    def test_a_value_on_the_border_is_one_row(self) -> None:
        assert given(dosed("bands", creatinine_clearance=25)) == "450 mg once daily"
        assert given(dosed("bands", creatinine_clearance="24.999")) == "450 mg every 2 days"

    def test_a_missing_weight_is_a_question(self) -> None:
        found = dosed("drip", body_height=170)
        assert (found.status, found.alternatives) == ("incomplete", ())
        (ask,) = found.questions
        assert (ask.fact, [reason.code for reason in ask.reasons]) == ("body_weight", ["not-entered"])

    def test_a_weight_without_an_upper_end_is_a_question(self) -> None:
        found = dosed("drip", body_height=170, body_weight=">60 kg")
        assert (found.status, found.alternatives) == ("incomplete", ())
        assert {ask.fact for ask in found.questions} == {"body_weight"}

    def test_an_implausible_weight_is_a_question(self) -> None:
        (ask,) = dosed("drip", body_height=170, body_weight="700 kg").questions
        assert (ask.fact, [reason.code for reason in ask.reasons]) == ("body_weight", ["implausible"])

    def test_a_stale_creatinine_is_a_question(self) -> None:
        found = dosed(
            "tablet",
            age=50,
            sex="male",
            body_weight=70,
            creatinine="1@2024-01-01",
            liver_grade="A",
            blocker_active="false",
        )
        assert found.status == "open"
        (ask,) = found.questions
        assert (ask.fact, [reason.code for reason in ask.reasons]) == ("creatinine", ["stale"])

    def test_an_uncertain_weight_gives_both_ends(self) -> None:
        found = dosed("drip", body_weight="68-70 kg", body_height=170)
        assert outcomes(found) == [["670 mg on days 1, 8, 15, 22", "680 mg on days 1, 8, 15, 22"]]
        assert found.status == "dose"
        assert [(ask.fact, ask.decides) for ask in found.questions] == [
            ("body_weight", ("which end of the dose it is",))
        ]

    def test_an_uncertain_weight_that_rounds_to_one_dose_is_one_dose(self) -> None:
        assert given(dosed("drip", body_weight="69.5..70 kg", body_height=170)).startswith("680 mg")

    def test_avoid_is_known_before_the_weight_is(self) -> None:
        agent = dosing("drip")
        barred = dataclasses.replace(
            agent, adjustments=(next(each for each in dosing("tablet").adjustments if each.id == "liver_c"),)
        )
        found = dose(barred, agent.regimens["by_surface"], patient(liver_grade="C"))
        assert found.status == "avoid"


class TestChoosing:
    def test_the_default_of_the_first_purpose(self) -> None:
        chosen = choose(dosing("drip"), patient())
        assert chosen is not None
        assert chosen.id == "by_surface"

    def test_where_all_are_weak_none_is_chosen(self) -> None:
        assert choose(dosing("guard"), patient()) is None

    def test_another_stands_in_for_a_default_that_is_not_for_this_patient(self) -> None:
        agent = dosing("drip")
        when = next(each.when for each in dosing("tablet").adjustments if each.id == "liver_c")
        regimens = {
            **agent.regimens,
            "by_surface": dataclasses.replace(agent.regimens["by_surface"], when=when),
        }
        other = dataclasses.replace(agent, regimens=regimens)
        chosen = choose(other, patient(liver_grade="A"))
        assert chosen is not None
        assert chosen.id == "two"
        found = dose(other, other.regimens["by_surface"], patient(liver_grade="A"))
        assert (found.status, found.alternatives) == ("not_for", ())


class TestLevels:
    @pytest.mark.parametrize(
        ("trough", "words"),
        [
            (4, "below it"),
            (5, "within it"),
            (10, "within it"),
            ("10.1", "above it"),
            ("4..6", "not surely within it"),
            ("unknown", "not known"),
        ],
    )
    def test_against_the_target(self, trough: object, words: str) -> None:
        (level,) = dosed("titrated", body_weight=70, trough=trough).levels
        assert level.words.endswith(words)
