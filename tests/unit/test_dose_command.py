"""`trivium dose`: settings, formats, what is asked, what bars, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.command_line import DAY, FORMS, RECORD, ROOT, Ended, command, written

from trivium.faces.lines import WIDTH

SMALL = ROOT / "tests" / "data" / "dosing"


def dose(agent: str, *settings: str, options: tuple[str | Path, ...] = (), small: bool = True) -> Ended:
    """`trivium dose` with some facts set; on the small folder unless said."""
    folder: tuple[str | Path, ...] = ("--knowledge", SMALL) if small else ()
    given = [part for setting in settings for part in ("--set", setting)]
    return command("dose", agent, *given, *folder, *options)


def data(agent: str, *settings: str, options: tuple[str | Path, ...] = (), small: bool = True) -> Any:
    ended = dose(agent, *settings, options=(*options, "--format", "json"), small=small)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


class TestSettings:
    @pytest.mark.parametrize(
        "weight", ["weight=70kg", "body_weight=70 kg", "weight=70", "weight=70000 g", " weight = 70kg "]
    )
    @pytest.mark.parametrize("height", ["height=170cm", "height=1.7 m", "body_height=170"])
    def test_every_way_to_write_one_thing_gives_one_dose(self, weight: str, height: str) -> None:
        assert data("drip", weight, height)["words"] == "Drip: 680 mg on days 1, 8, 15, 22"

    @pytest.mark.parametrize("span", ["68-70kg", "68..70 kg", "68 – 70 kg", "68 to 70kg"])
    def test_a_span(self, span: str) -> None:
        assert (
            data("drip", f"weight={span}", "height=170")["words"]
            == "Drip: 670 to 680 mg on days 1, 8, 15, 22"
        )

    def test_a_date_makes_it_old(self) -> None:
        found = data("drip", "weight=70kg@2024-01-01", "height=170", options=("--as-of", "2024-03-05"))
        assert found["status"] == "incomplete"
        (asked,) = found["questions"]
        assert asked["fact"] == "body_weight"
        assert "older than it is good for" in asked["why"][0]

    def test_creatinine_in_either_unit(self) -> None:
        facts = ("age=60", "sex=male", "weight=70kg", "liver_grade=A", "blocker_active=false")
        one, other = (data("tablet", *facts, f"scr={text}") for text in ("2 mg/dL", "176.84 umol/L"))
        assert one["alternatives"] == other["alternatives"]
        assert one["words"] == "Tablet: 5 mg once daily"  # 38.9 mL/min

    @pytest.mark.parametrize(
        ("setting", "words"),
        [
            ("weight", "expected fact=value"),
            ("weight=heavy", "expected a number"),
            ("weight=70lb", "unknown unit lb"),
            ("weight=70mL", "mL"),
            ("wieght=70", "did you mean weight"),
            ("liver_grade=D", "expected one of A, B, C"),
            ("weight=70-60kg", "empty interval"),
        ],
    )
    def test_mistakes_are_named(self, setting: str, words: str) -> None:
        ended = dose("drip", setting)
        assert (ended.code, ended.out) == (2, "")
        assert words in ended.err or words.replace("weight", "body_weight") in ended.err
        assert "Traceback" not in ended.err

    def test_two_values_for_one_fact(self) -> None:
        ended = dose("drip", "weight=70", "body_weight=80")
        assert ended.code == 2
        assert "more than once" in ended.err


class TestCalls:
    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            (("dose", "tofacitinb"), 2, "did you mean tofacitinib"),
            (("dose", "tofacitinib", "--regimen", "usuall"), 2, "it has: usual"),
            (("dose", "tofacitinib", "--format", "pdf"), 2, "no format 'pdf'"),
            (("dose", "tofacitinib", "--as-of", "tomorrow"), 2, "no such day"),
            (("dose", "tofacitinib", "nothing.json"), 3, "no such file"),
            (("dose", "mesna"), 2, "no default regimen"),
            (("dose", "tofacitinib", "--site", "nothing.toml"), 2, "cannot be read"),
        ],
    )
    def test_errors_end_as_documented(self, arguments: tuple[str, ...], code: int, words: str) -> None:
        ended = command(*arguments)
        assert (ended.code, ended.out) == (code, "")
        assert words in ended.err

    def test_on_a_record(self) -> None:
        ended = command("dose", "rituximab", RECORD, "--as-of", DAY)
        assert ended.code == 0
        assert ended.out.startswith("Rituximab: 1000 mg on days 1, 14 or 15")

    def test_what_is_set_wins_over_the_record(self) -> None:
        ended = command("dose", "ivig", FORMS[1], "--set", "weight=50kg", "--format", "json")
        assert json.loads(ended.out)["words"].startswith("Intravenous immunoglobulin (IVIG): 100 g")

    def test_the_same_call_gives_the_same_bytes(self) -> None:
        for form in ("text", "json", "md"):
            options = ("--format", form, "--as-of", DAY)
            assert dose("tablet", options=options).out == dose("tablet", options=options).out


class TestFaces:
    def test_the_dose_comes_first_then_what_bars_it(self) -> None:
        ended = dose(
            "tofacitinib",
            "crcl=45",
            "lymphocytes=0.3",
            "child_pugh=a",
            "medication_list_complete=true",
            small=False,
        )
        first, second, *_ = ended.out.splitlines()
        assert first == "Tofacitinib: 5 mg once daily"
        assert second.strip().startswith(
            "blocked by label: The label says not to start below 500 lymphocytes"
        )

    def test_a_forbidden_pair_comes_before_the_working(self) -> None:
        out = dose("tofacitinib", "tacrolimus_active=true", small=False).out
        assert out.index("AVOID: Tacrolimus with Tofacitinib") < out.index("WORKING")

    def test_open_alternatives_are_labelled_and_the_cautious_one_named(self) -> None:
        out = " ".join(dose("tablet", "liver_grade=A", "blocker_active=false").out.split())
        assert "5 mg twice daily as a rule; 5 mg once daily if “weak kidney” holds" in out
        assert "the least of these: 5 mg once daily" in out
        assert "What is the creatinine? [creatinine]" in out

    def test_what_is_above_a_maximum_is_never_silent(self) -> None:
        settings = ("crcl=80", "liver_grade=A", "blocker_active=false")
        for form in ("text", "md", "json"):
            out = dose("tablet", *settings, options=("--regimen", "too_high", "--format", form)).out
            assert "limited to the maximum" in " ".join(out.split()), form
            assert "30 mg" in out or "15 mg twice daily" in out, form

    @pytest.mark.parametrize("agent", ["tablet", "drip", "globulin", "grid", "bands", "titrated"])
    def test_text_keeps_to_its_width_and_markdown_leaves_nothing_out(self, agent: str) -> None:
        settings = ("weight=70kg", "height=170", "age=65", "creatinine=1")
        text = dose(agent, *settings).out
        assert max(map(len, text.splitlines())) <= WIDTH
        markdown = dose(agent, *settings, options=("--format", "md")).out
        found = data(agent, *settings)
        for item in (*found["adjustments"], *found["other_sources"], *found["remarks"]):
            assert item["text"] in markdown
        for alternative in found["alternatives"]:
            for settled in alternative["doses"]:
                for step in settled["working"]:
                    assert step["text"] in markdown.replace("&lt;", "<")

    def test_every_source_is_numbered(self) -> None:
        found = data("tofacitinib", "crcl=45", small=False)
        numbers = {item["id"] for item in found["references"]}

        def cited(item: Any) -> set[str]:
            if isinstance(item, dict):
                own = {item["source"]} if "seen" in item and "source" in item else set()
                return own.union(*map(cited, item.values()))
            return set().union(*map(cited, item)) if isinstance(item, list) else set()

        assert cited({key: value for key, value in found.items() if key != "references"}) == numbers

    def test_weakly_seen_sources_are_badged(self) -> None:
        out = dose("cyclophosphamide", options=("--regimen", "acr_as_quoted"), small=False).out
        assert "ai-written" in out
        assert "<weakly seen>" in out

    def test_control_characters_of_a_record_are_not_printed(self, tmp_path: Path) -> None:
        form = written(tmp_path / "case.yaml", 'patient: "\\x1b[31m"\nbody_weight: 70\n')
        ended = command("dose", "ivig", form)
        assert "\x1b" not in ended.out


class TestSite:
    def test_forms_products_policies_and_prices(self, tmp_path: Path) -> None:
        written(
            tmp_path / "prices.toml",
            'currency = "EUR"\ndated = 2026-01-31\nsource = "List 4"\n[drip]\nv500 = 10\n',
        )
        site = written(
            tmp_path / "site.toml",
            'zone = "UTC"\nprices = "prices.toml"\n[formulary]\ndrip = ["v500"]\n[products]\ndrip = "Drop"\n'
            '[[policies]]\nabout = "drip"\ntext = "Ask first."\nsource = "P 1"\n',
        )
        found = data("drip", "weight=70kg", "height=170", options=("--site", site))
        (need,) = found["supply"]["needs"]
        assert need["units"] == [{"form": "v500", "label": "500 mg vial", "units": 8}]
        assert need["cost"] == {"amount": "80", "currency": "EUR", "without_price": []}
        assert found["supply"]["prices"] == {"dated": "2026-01-31", "source": "List 4", "is_example": False}
        assert found["supply"]["product"] == "Drop"
        assert found["policies"] == [{"text": "Ask first.", "source": "P 1"}]
        text = dose("drip", "weight=70kg", "height=170", options=("--site", site)).out
        assert "cost 80 EUR" in text
        assert "local policy: Ask first. (P 1)" in text

    def test_without_a_price_file_nothing_is_said_of_cost(self) -> None:
        out = dose("drip", "weight=70kg", "height=170").out
        assert "cost" not in out.lower()

    def test_example_prices_are_marked_wherever_they_are_shown(self) -> None:
        site = ROOT / "docs" / "site.example.toml"
        for form in ("text", "md"):
            out = dose("rituximab", options=("--site", site, "--format", form), small=False).out
            assert "16911.00" in out or "33822.00" in out or "8455.50" in out
            assert "example prices" in out.lower()

    def test_what_the_site_does_not_hold(self, tmp_path: Path) -> None:
        site = written(tmp_path / "site.toml", 'zone = "UTC"\n[formulary]\ndrip = []\n')
        found = data("drip", "weight=70kg", "height=170", options=("--site", site))
        assert found["supply"] is None
        assert found["is_held"] is False
