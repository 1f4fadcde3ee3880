"""What each command answers: plans, why, questions, checks, lists, and an empty form to fill in."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.command_line import DAY, FORMS, RECORD, ROOT, ask, assess, command, plan, written

from trivium.commands import patience
from trivium.knowledge.loader import load

PATHWAY = load().pathway
TINY = ROOT / "tests" / "data" / "tiny_knowledge"


class TestAssess:
    def test_a_plan_is_made_in_each_format(self) -> None:
        assert "WHERE THE PATIENT STANDS" in assess().out
        assert assess(RECORD, "--format", "md").out.startswith("# ")
        assert plan()["patient"] == "ida2023-case1"

    def test_a_fact_set_by_hand_wins_over_the_record(self) -> None:
        assert plan()["facts"]["lymphocyte_count"]["value"] == 0.186
        told = plan("--set", "lymphocyte_count=900 /uL")["facts"]["lymphocyte_count"]
        assert (told["value"], told["unit"], told["origin"]) == (0.9, "10*3/uL", ["form"])

    @pytest.mark.parametrize("setting", ["ferritin=>1650 ng/mL", "ferritin=> 1650"])
    def test_a_setting_may_be_a_bound(self, setting: str) -> None:
        told = plan("--set", setting)["facts"]["ferritin"]["interval"]
        assert told == {"low": 1650, "high": None, "low_open": True, "high_open": False}

    def test_a_setting_may_say_that_something_is_not_known(self) -> None:
        assert plan("--set", "ferritin=unknown")["facts"]["ferritin"]["unknown"][0]["code"] == "not-entered"

    def test_rp_ild_set_by_hand_is_the_clinicians_word(self) -> None:
        told = plan("--set", "rp_ild=true")
        assert told["facts"]["rp_ild_by_clinician"]["origin"] == ["form"]
        assert told["criteria"]["rp_ild"]["value"] == "true"

    def test_the_day_of_the_site_is_the_day_of_the_plan(self, tmp_path: Path) -> None:
        """03:00Z on 2 March is still 1 March in New York."""
        observation = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2276-4"}]},
            "effectiveDateTime": "2024-03-02T03:00:00Z",
            "valueQuantity": {
                "value": 600,
                "unit": "ng/mL",
                "system": "http://unitsofmeasure.org",
                "code": "ng/mL",
            },
        }
        record = written(tmp_path / "one.json", json.dumps(observation))
        site = written(tmp_path / "site.toml", 'zone = "America/New_York"')
        assert "unknown" in plan(record=record, day="2024-03-01")["facts"]["ferritin"]
        assert plan("--site", site, record=record, day="2024-03-01")["facts"]["ferritin"]["value"] == 600

    def test_what_the_site_declares_complete_makes_absence_false(self, tmp_path: Path) -> None:
        site = written(tmp_path / "site.toml", 'zone = "UTC"\ncomplete = ["problem_list_complete"]')
        silent = written(tmp_path / "form.yaml", "patient: a\n")
        assert "unknown" in plan(record=silent)["facts"]["malignancy"]
        assert plan("--site", site, record=silent)["facts"]["malignancy"]["value"] is False

    @pytest.mark.parametrize("shelf", ["facts", "criteria", "recommendations", "agents", "alerts"])
    def test_why_explains_every_id_of_every_kind(self, shelf: str) -> None:
        from trivium.commands.assess import Request, explanation, make_plans

        (made,) = make_plans(Request(RECORD, DAY))
        for name in getattr(PATHWAY, shelf):
            assert name in explanation(made, name).splitlines()[0 if shelf != "facts" else 1]

    def test_why_of_a_fact_shows_its_value_and_origin(self) -> None:
        told = json.loads(assess(RECORD, "--why", "lymphocyte_count").out)["lymphocyte_count"]
        assert (told["value"], told["unit"]) == (0.186, "10*3/uL")
        assert told["origin"] == ["Observation/ida2023-case1-lymphocytes-baseline"]

    def test_why_of_a_criterion_says_what_decided_it(self) -> None:
        assert assess(RECORD, "--why", "adult").out.splitlines()[:2] == [
            "adult: true",
            "- Age (71) is at least 18",
        ]

    def test_why_of_an_agent_shows_its_bars(self) -> None:
        told = assess(RECORD, "--set", "rp_ild=true", "--why", "tofacitinib").out
        assert told.startswith("tofacitinib: true\n")
        assert '"tofacitinib_lymphocytes"' in told

    def test_why_of_an_alert_that_does_not_show_says_so(self) -> None:
        shown = {alert["id"] for alert in plan()["alerts"]}
        (hidden, *_) = [name for name in PATHWAY.alerts if name not in shown]
        told = assess(RECORD, "--why", hidden).out.splitlines()
        assert told[0].startswith(f"{hidden}: ")
        assert told[-1] == "This alert does not show now."
        assert "does not show" not in assess(RECORD, "--why", sorted(shown)[0]).out

    def test_why_of_several_patients_names_each(self) -> None:
        told = assess(ROOT / "tests" / "data" / "patients", "--why", "adult").out
        assert re.findall(r"^patient (.+):$", told, re.MULTILINE)[0] == "ida2023-case1"
        assert told.count("adult: true") == 4


class TestEval:
    @pytest.mark.parametrize(
        ("expression", "answer"),
        [
            ("lymphocyte_count < 0.5 '10*3/uL'", "true"),
            ("lymphocyte_count < 500 '/uL'", "true"),
            ("ferritin < 500", "false"),
            ("ferritin between 1289 and 1289", "true"),
            ("neutrophil_count < 1", "unknown"),
            ("neutrophil_count is null", "true"),
            ("adult", "true"),
            ("not adult", "false"),
            ("sex = 'female' and age > 70", "true"),
            ("hbsag = 'positive' or adult", "true"),
        ],
    )
    def test_the_first_word_is_true_false_or_unknown(self, expression: str, answer: str) -> None:
        ended = ask(expression)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.split()[0] == ended.out.splitlines()[0] == answer

    def test_an_answer_says_what_was_asked_and_why(self) -> None:
        told = ask("lymphocyte_count < 500 '/uL'").out.splitlines()
        assert told[1] == "asked: lymphocyte_count < 0.5 '10*3/uL'"
        assert told[2] == "- Lymphocyte count (0.186 10*3/uL) is below 0.5 10*3/uL"

    def test_an_open_answer_names_what_could_still_change_it(self) -> None:
        told = ask("hbsag = 'positive' or lymphocyte_count > 500 '/uL'").out
        assert told.startswith("unknown\n")
        assert re.search(r"^could still change it: .*\[hbsag\]", told, re.MULTILINE)
        assert "[lymphocyte_count]" not in told

    def test_an_answer_as_json_says_the_same(self) -> None:
        data = json.loads(ask("hbsag = 'positive'", "--format", "json").out)
        assert data["answer"] == "unknown"
        assert data["as_of"] == DAY
        assert list(data["open"]) == ["hbsag"]
        assert data["why"][0]["facts"] == ["hbsag"]

    def test_a_fact_set_by_hand_counts_in_the_answer(self) -> None:
        assert ask("hbsag = 'positive'", "--set", "hbsag=positive").out.startswith("true\n")

    def test_a_form_can_be_asked_like_any_record(self) -> None:
        assert ask("in_scope", record=FORMS[0]).out.startswith("true\n")
        assert ask("adult", record=next(path for path in FORMS if path.stem == "child")).out.startswith(
            "false\n"
        )


class TestCheckShowForm:
    def test_check_sums_up_and_lists_what_is_weakly_seen(self) -> None:
        ended = command("check", TINY)
        assert (ended.code, ended.err) == (0, "")
        assert "no defects" in ended.out.splitlines()[1]
        assert "For review" in ended.out

    def test_check_without_review_sums_up_only(self) -> None:
        assert len(command("check", TINY, "--no-review").out.splitlines()) == 2

    def test_check_names_every_defect_with_file_line_and_code(self, tmp_path: Path) -> None:
        folder = tmp_path / "knowledge"
        shutil.copytree(TINY, folder)
        facts = folder / "pathways" / "tiny" / "facts" / "facts.yaml"
        facts.write_text(facts.read_text().replace("harm: high", "harm: sideways"))
        ended = command("check", folder)
        assert (ended.code, ended.out) == (4, "")
        assert re.search(r"facts\.yaml:\d+:\d+: TRV\d{3} ", ended.err)

    def test_show_counts_what_there_is(self) -> None:
        told = dict(line.split(": ") for line in command("show").out.splitlines())
        assert int(told["facts"]) == len(PATHWAY.facts)
        assert {
            "criteria",
            "recommendations",
            "agents",
            "alerts",
            "statements",
            "sources",
            "valuesets",
        } <= set(told)

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_show_lists_every_shelf_and_everything_on_it(self, form: str) -> None:
        for line in command("show").out.splitlines():
            shelf, count = line.split(": ")
            ended = command("show", shelf, "--format", form)
            assert ended.code == 0
            found = json.loads(ended.out) if form == "json" else ended.out.splitlines()
            assert len(found) == int(count), shelf

    @pytest.mark.parametrize(
        ("shelf", "name", "words"),
        [
            ("facts", "lymphocyte_count", ("10*3/uL", "latest")),
            ("criteria", "adult", ("age >= 18",)),
            ("recommendations", "upfront_triple_therapy", ("conditional",)),
            ("agents", "tofacitinib", ("lymphocyte_count < 0.5", "label")),
            ("valuesets", "ferritin", ("2276-4",)),
        ],
    )
    def test_show_tells_everything_about_one_thing(
        self, shelf: str, name: str, words: tuple[str, ...]
    ) -> None:
        told = command("show", shelf, name).out
        data = json.loads(command("show", shelf, name, "--format", "json").out)
        assert data["id"] == name
        for word in words:
            assert word in told
            assert word in json.dumps(data)

    def test_an_empty_form_asks_for_every_fact_that_is_not_derived(self) -> None:
        ended = command("form")
        loaded = yaml.safe_load(ended.out)
        asked = [name for name, spec in PATHWAY.facts.items() if spec.retrieval.kind != "derived"]
        assert list(loaded) == ["patient", *asked]
        assert set(loaded.values()) == {None}

    def test_an_empty_form_is_read_as_a_patient_of_whom_nothing_is_known(self, tmp_path: Path) -> None:
        path = written(tmp_path / "empty.yaml", command("form").out)
        told = plan(record=path)
        assert told["read_report"]["read"] == {"form": 0}
        assert all("unknown" in fact for fact in told["facts"].values())


class TestPatience:
    @pytest.fixture
    def slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        known = load()

        def take_a_while(_: object) -> Any:
            time.sleep(0.2)
            return known

        monkeypatch.setattr(patience, "SECONDS", 0.02)
        monkeypatch.setattr("trivium.knowledge.loader.load", take_a_while)

    @pytest.mark.usefixtures("slow")
    def test_somebody_at_a_terminal_is_told_once_that_it_takes_long(self) -> None:
        ended = command("show", terminal=True)
        assert (ended.code, ended.err) == (0, patience.NOTE)
        assert ended.err.count("\n") == 1

    @pytest.mark.usefixtures("slow")
    def test_nothing_is_said_where_nobody_looks(self) -> None:
        assert command("show").err == ""

    def test_nothing_is_said_when_it_is_quick(self) -> None:
        assert command("show", terminal=True).err == ""

    def test_a_failure_is_not_hidden_by_the_wait(self, tmp_path: Path) -> None:
        ended = command("check", tmp_path, terminal=True)
        assert ended.code == 4
        assert "TRV" in ended.err
