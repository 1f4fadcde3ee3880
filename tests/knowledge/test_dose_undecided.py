"""What the real content leaves to a person: forms that cannot make a dose, interactions without a figure.

And what does not go that far: the forms that come first, another form after an adjustment, three digits of
what is drawn, the rate for this patient, supplies of what is counted.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.command_line import command
from tests.unit.doses import dosed, dosing, given, knowledge, patient, steps

from trivium.commands.regimen import RegimenRequest, make
from trivium.dose_json import words
from trivium.logic.text import to_text
from trivium.regimen.dose import Dose, choose, dose
from trivium.regimen.rates import Speed, speeds
from trivium.regimen.supply import Need, supply
from trivium.regimen.unfigured import unfigured

KNOWN: dict[str, Any] = {
    "medication_list_complete": "true",
    "problem_list_complete": "true",
    "haemodialysis": "false",
    "child_pugh": "no_liver_disease",
    "creatinine_clearance": 90,
    "body_height": 170,
}


def found(agent: str, regimen: str = "", held: tuple[str, ...] | None = None, **facts: Any) -> Dose:
    """A dose for a patient of whom all is known, of the forms that a site holds."""
    someone = patient(True, **{**KNOWN, **facts})
    chosen = choose(dosing(agent, True), someone, regimen)
    assert chosen is not None
    return dose(dosing(agent, True), chosen, someone, held)


def said(result: Dose) -> tuple[str, str]:
    (alternative,) = result.alternatives
    return result.status, words(alternative)


def test_there_is_one_rule_of_rounding_and_every_agent_has_it() -> None:
    (house,) = {agent.house for agent in knowledge(True).dosing.values()}
    assert house is not None
    assert [(leg.source, leg.seen) for leg in house.cited] == [("house", "recalled")]


class TestForms:
    @pytest.mark.parametrize(
        ("agent", "held", "weight", "computed", "near"),
        [
            ("tacrolimus", ("capsule_5",), 70, "2.625 mg twice daily", "5 mg (+90.5 %)"),
            ("prednisone", ("tablet_50",), 32, "32 mg once daily", "50 mg (+56.2 %)"),
            ("isoniazid", ("tablet_300",), 32, "160 mg once daily", "300 mg (+87.5 %)"),
            ("isoniazid", None, 32, "160 mg once daily", "100 mg (-37.5 %) or 200 mg (+25 %)"),
        ],
    )
    def test_a_short_formulary_never_makes_another_dose(
        self, agent: str, held: tuple[str, ...] | None, weight: int, computed: str, near: str
    ) -> None:
        result = found(agent, held=held, body_weight=weight)
        status, text = said(result)
        assert status == "undecided"
        assert text.startswith(computed) and text.endswith("(the forms cannot make it)")
        (remark,) = steps(result, "remark")
        assert f"the nearest would be {near}; what stands for a dose lies between +10 % and -20 %" in remark

    def test_what_is_above_a_maximum_is_said_to_be(self) -> None:
        result = found("isoniazid", held=("tablet_100",), body_weight=32)
        assert "200 mg (+25 %)" in steps(result, "remark")[0]
        over = found("baricitinib", "arthritis_us", held=("tablet_4",))
        assert "4 mg (+100 %, above the maximum)" in steps(over, "remark")[0]

    def test_a_regimen_of_whose_forms_none_is_held(self) -> None:
        result = found("entecavir", held=("tablet_1",))
        assert result.status == "undecided"
        assert "none that this regimen is given with is held" in steps(result, "remark")[0]

    @pytest.mark.parametrize(
        ("weight", "dose", "made"),
        [
            (70, "150 mg twice daily", "1 x 100 mg capsule (modified) + 1 x 50 mg capsule (modified)"),
            (32, "64 mg twice daily", "0.64 mL of 100 mg/mL oral solution"),
        ],
    )
    def test_capsules_come_before_the_solution(self, weight: int, dose: str, made: str) -> None:
        result = found("cyclosporine", body_weight=weight)
        assert given(result) == dose
        assert made in steps(result, "made_of")[0]

    def test_the_top_of_a_printed_range_is_not_passed(self) -> None:
        result = found("cyclosporine", "two_to_three_mg_per_kg", body_weight=110)
        assert said(result) == ("dose", "100 to 150 mg twice daily")  # 110 to 165 computed

    def test_another_form_after_an_adjustment(self) -> None:
        result = found("tmp_smx", "double_three_weekly", creatinine_clearance=25)
        assert given(result) == "80 mg 3 times a week"
        assert "1 x single-strength tablet" in steps(result, "made_of")[0]
        assert any("a form that the regimen does not name" in text for text in steps(result, "remark"))
        assert [form.id for form in result.alternatives[0].settled[0].forms] == ["single_strength"]
        only = found("tmp_smx", "double_three_weekly", ("double_strength",), creatinine_clearance=25)
        assert only.status == "undecided"

    def test_three_digits_of_what_is_drawn_and_the_computed_dose_beside_it(self) -> None:
        result = found("cyclophosphamide", body_weight=70, white_cell_nadir="unknown")
        assert given(result).startswith("1090 mg")
        (step,) = [each for each in result.alternatives[0].settled[0].steps if each.kind == "rounded"]
        assert step.text == "Rounded to 1090 mg (-0.0799 % of 1090.9 mg; 3 digits are measured out)."
        assert [leg.source for leg in step.cited] == ["house"]


class TestInteractionsWithoutAFigure:
    def test_which_they_are(self) -> None:
        lines = {
            (name, each.id): each.when.text for name, agent in DOSING.items() for each in unfigured(agent)
        }
        assert set(lines) == {
            ("cyclosporine", "interaction.strong_inhibitor"),  # fluconazole: no figure
            ("cyclosporine", "interaction.strong_inducer"),
            ("tacrolimus", "interaction.strong_inducer"),
        }

    def test_the_dose_is_not_settled(self) -> None:
        result = found("cyclosporine", body_weight=70, fluconazole_active="true")
        status, text = said(result)
        assert status == "undecided"
        assert text == (
            "150 mg twice daily (to be changed: by how much no source read says; the prescriber decides)"
        )
        (remark,) = [text for text in steps(result, "remark") if "prescriber" in text]
        assert "Lower the dose and follow levels." in remark

    def test_one_with_a_figure_settles_it(self) -> None:
        assert found("tacrolimus", body_weight=50, fluconazole_active="true").status == "undecided"  # forms
        assert given(found("tacrolimus", body_weight=70, fluconazole_active="true")) == "1 mg twice daily"
        azole = found("cyclosporine", body_weight=70, strong_cyp3a4_inhibitor_active="true")
        assert given(azole) == "56 mg twice daily"

    def test_both_at_once_do_not(self) -> None:
        result = found(
            "cyclosporine", body_weight=70, strong_cyp3a4_inhibitor_active="true", fluconazole_active="true"
        )
        assert said(result)[0] == "undecided"
        assert said(result)[1].startswith("56 mg twice daily")

    def test_while_nobody_knows_it_is_asked(self) -> None:
        result = dosed(
            "cyclosporine", "", True, **{**KNOWN, "body_weight": 70, "fluconazole_active": "unknown"}
        )
        assert result.status == "open"
        usual, changed = result.alternatives
        assert (words(usual), usual.is_decided) == ("150 mg twice daily", True)
        assert changed.settled[0].unfigured
        assert [[to_text(when.node) for when in case] for case in changed.because] == [["fluconazole_active"]]
        assert "fluconazole_active" in {ask.fact for ask in result.questions}

    def test_several_that_are_not_known_are_one_outcome_which_names_them_all(self) -> None:
        result = dosed("cyclosporine", "", True, body_weight=70)
        assert [words(each).split(" (")[0] for each in result.alternatives] == [
            "150 mg twice daily",
            "150 mg twice daily",
            "56 mg twice daily",
            "56 mg twice daily",
        ]
        assert [each.is_decided for each in result.alternatives] == [True, False, True, False]
        changed = result.alternatives[1]
        assert len(changed.because) == len(changed.settled[0].unfigured) == 2
        remarks = [step.text for step in changed.settled[0].steps if step.kind == "remark"]
        assert len(remarks) == 2


DOSING = knowledge(True).dosing


NO_RISK = {
    "venous_thromboembolism": "false",
    "arterial_cardiovascular_event": "false",
    "chronic_kidney_disease": "false",
    "egfr_derived": 90,
}


class TestRates:
    def rates(self, **facts: Any) -> tuple[Speed, ...]:
        return speeds(dosing("ivig", True), patient(True, body_weight=70, **facts))

    def test_the_slower_one_where_the_risk_is_there(self) -> None:
        slow, fast = self.rates(venous_thromboembolism="true")
        assert "at most 126 mL/h" in slow.words and str(slow.trace and slow.trace.truth) == "true"
        assert fast.words.startswith("Not for this patient, as ") and "168 mL/h" in fast.words
        assert str(fast.trace and fast.trace.truth) == "false"

    def test_the_usual_one_where_it_is_not(self) -> None:
        (usual,) = self.rates(**NO_RISK)
        assert usual.words.endswith("at most 168 mL/h (0.04 mL/kg/min)")

    def test_both_while_nobody_knows_and_the_slower_is_the_cautious_one(self) -> None:
        fast, slow = self.rates()
        assert "168 mL/h" in fast.words and ": not known)" in fast.words
        assert "126 mL/h" in slow.words and "the cautious one" in slow.words


class TestSupplies:
    def need(self, result: Dose) -> Need:
        settled = result.alternatives[0].settled[-1]
        assert settled.given is not None
        needed = supply(settled.given, settled.forms)
        assert needed is not None
        return needed.needs[0]

    @pytest.mark.parametrize(
        ("agent", "weight"), [("tacrolimus", 70), ("prednisone", 70), ("cyclosporine", 32)]
    )
    def test_nothing_is_shared_of_what_is_counted_or_taken_by_the_patient(
        self, agent: str, weight: int
    ) -> None:
        assert self.need(found(agent, body_weight=weight)).shared is None

    def test_vials_are(self) -> None:
        shared = self.need(found("rituximab", "weekly_four", body_weight=70)).shared
        assert shared is not None
        assert shared.words() == "5 x 500 mg vial + 3 x 100 mg vial, 72 mg left over"

    def test_what_is_left_of_the_last_millilitre_is_left_over(self) -> None:
        need = self.need(found("cyclosporine", body_weight=32))  # 56 x 0.64 mL = 35.84 mL
        assert [(form.id, count) for form, count in need.units] == [("solution", 36)]
        assert need.waste == 16

    def test_an_adjusted_dose_is_supplied_by_what_it_is_made_of(self) -> None:
        need = self.need(found("tmp_smx", "double_three_weekly", creatinine_clearance=25))
        assert [(form.id, count) for form, count in need.units] == [("single_strength", 12)]


class TestOnTheCommandLine:
    """The same as told to a reader; no order carries an amount that a person decides."""

    ALL = ("medication_list_complete=true", "weight=70kg", "height=170cm")

    def told(self, agent: str, *settings: str, regimen: str = "") -> str:
        pairs = [word for each in (*self.ALL, *settings) for word in ("--set", each)]
        named = ["--regimen", regimen] if regimen else []
        ended = command("dose", agent, *named, *pairs, "--as-of", "2026-03-02")
        assert ended.code == 0, ended.err
        return " ".join(ended.out.split())

    def test_the_supply_of_an_adjusted_dose(self) -> None:
        text = self.told("tmp_smx", "crcl=25mL/min", regimen="double_three_weekly")
        assert "12 administrations: 12 x single-strength tablet (80/400 mg); left over 0 mg" in text

    def test_tablets_are_not_drawn_from_shared_vials(self) -> None:
        assert "drawn from shared vials" not in self.told("tacrolimus")
        assert "drawn from shared vials" in self.told("rituximab", regimen="weekly_four")

    def test_what_a_person_decides_has_no_supply(self) -> None:
        text = self.told("cyclosporine", "fluconazole_active=true")
        assert text.startswith(
            "Ciclosporin: 150 mg twice daily (to be changed: by how much no source read says"
        )
        assert "SUPPLY" not in text

    def test_and_no_order(self) -> None:
        settings = (*self.ALL, "fluconazole_active=true")
        data = make(RegimenRequest(None, "cyclosporine", as_of="2026-03-02", settings=settings, days=14))
        order = next(each for each in data["orders"] if each["id"] == "drug.cyclosporine")
        (dose,) = data["doses"]
        assert dose["status"] == "undecided"
        assert (order["amounts"], order["dates"]) == ([], [])
        assert (order["state"], order["single"], order["why"]) == ("not computed", None, [dose["words"]])
