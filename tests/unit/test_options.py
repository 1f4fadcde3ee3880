"""Options side by side: each mark says what was found, an unknown is never a no, and none is left out."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from trivium.commands.assess import Request
from trivium.commands.options import run
from trivium.knowledge.loader import load
from trivium.logic.nodes import Node, criterion_names, fact_names
from trivium.treatment.document_options import options_document
from trivium.treatment.judged import COLUMNS, OTHER, columns_of

_IDA = Path(__file__).parents[1] / "data" / "patients" / "ida2023_case1.json"
_COLUMNS = (*COLUMNS, OTHER)
_WIDTH = 98


@lru_cache
def _text(*settings: str, form: str = "text") -> str:
    return run(Request(record=_IDA, as_of="2000-12-31", settings=settings), form)


def _options(*settings: str) -> dict[str, dict[str, Any]]:
    data = json.loads(_text(*settings, form="json"))
    return {each["agent"]: each for each in data["options"]}


def _mark(agent: str, column: str, *settings: str) -> tuple[str, bool]:
    found = _options(*settings)[agent]["marks"][column]
    return found["mark"], found["is_open"]


def _matrix() -> dict[str, Any]:
    document = options_document(json.loads(_text(form="json")))
    blocks = [block for section in document["sections"] for block in section["blocks"]]
    (found,) = [block for block in blocks if block["kind"] == "matrix"]
    return dict(found)


def _facts(node: Node) -> set[str]:
    """The facts behind a condition, also through criteria."""
    criteria = load().pathway.criteria
    return set(fact_names(node)).union(*(_facts(criteria[name].when) for name in criterion_names(node)))


class TestMarks:
    @pytest.mark.parametrize(
        ("setting", "mark"),
        [
            ((), ("not known", True)),
            (("active_serious_infection=true",), ("bars", True)),  # hepatitis B and the IGRA stay open
            (("active_serious_infection=false",), ("not known", True)),
        ],
    )
    def test_a_bar_its_absence_and_its_silence(
        self, setting: tuple[str, ...], mark: tuple[str, bool]
    ) -> None:
        assert _mark("rituximab", "infection", *setting) == mark

    def test_no_only_when_everything_was_looked_at(self) -> None:
        known = (
            "active_serious_infection=false",
            "igra=negative",
            "hbsag=negative",
            "anti_hbc_total=negative",
        )
        more = ("hepatitis_b_infection=false",)
        assert _mark("rituximab", "infection", *known) == ("not known", True)
        assert _mark("rituximab", "infection", *known, *more, "igg=8 g/L") == ("no", False)

    def test_a_caution_that_holds_is_no_bar(self) -> None:
        assert _mark("ivig", "kidney") == ("holds", False)  # she is 71
        assert _mark("ivig", "infection") == ("untold", False)

    def test_every_mark_agrees_with_its_lines(self) -> None:
        for settings in ((), ("creatinine=2 mg/dL", "weight=50kg", "height=150cm"), ("igra=positive",)):
            for agent, option in _options(*settings).items():
                for column in _COLUMNS:
                    found = option["marks"][column]
                    holds = {line["holds"] for line in found["lines"]}
                    assert found["is_open"] or "unknown" not in holds, (agent, column)
                    closed = holds == {"false"} and not found["is_open"]
                    assert (found["mark"] == "no") == closed, (agent, column)
                    assert (found["mark"] == "untold") == (not holds), (agent, column)
                    assert (found["mark"] in ("bars", "holds")) == ("true" in holds), (agent, column)

    def test_a_line_that_asks_what_is_known_gives_no_no_while_it_is_not(self) -> None:
        def allergy(*settings: str) -> bool:
            lines = _options(*settings)["ivig"]["marks"][OTHER]["lines"]
            (found,) = [line for line in lines if line["id"] == "ivig_hypersensitivity_line"]
            assert found["holds"] == "false"
            return bool(found["is_open"])

        assert allergy()
        assert not allergy("ivig_hypersensitivity=false")

    def test_every_line_has_a_column(self) -> None:
        agents = load().pathway.agents
        for agent, option in _options().items():
            shown = {line["id"] for mark in option["marks"].values() for line in mark["lines"]}
            assert {line.id for line in agents[agent].lines} <= shown

    def test_every_name_of_a_column_is_in_the_content(self) -> None:
        pathway = load().pathway
        lines = {line.id for agent in pathway.agents.values() for line in agent.lines}
        for names in COLUMNS.values():
            assert names <= {*pathway.facts, *pathway.criteria, *lines}

    @pytest.mark.parametrize(
        ("column", "words"),
        [
            ("infection", ("infection", "hepatitis", "tuberculosis", "igra")),
            ("thrombosis", ("thrombo",)),
            ("kidney", ("kidney", "nephro", "creatinine", "egfr")),
            ("fertility", ("pregnan", "breastfe", "fertil")),
        ],
    )
    def test_what_names_a_risk_stands_in_its_column(self, column: str, words: tuple[str, ...]) -> None:
        for agent in load().pathway.agents.values():
            for line in agent.lines if "partner" in agent.roles else ():
                if all(name.endswith(("_active", "_override")) for name in _facts(line.when)):
                    continue  # about a drug beside it, which may be one against an infection
                if any(word in line.text.split(" - ")[0].lower() for word in words):
                    assert column in columns_of(line), line.id


class TestFaces:
    def test_the_matrix_fits_a_terminal(self) -> None:
        matrix = _text().split("SECOND AND THIRD AGENTS")[1].split("AGENT BY AGENT")[0]
        lines = matrix.splitlines()
        assert max(map(len, lines)) <= _WIDTH
        assert lines[2].startswith("Option            Status   Barred by")

    def test_no_cell_is_blank_and_every_word_has_a_legend(self) -> None:
        block = _matrix()
        legend = " ".join(block["legend"])
        for row in block["rows"]:
            assert len(row) == len(block["columns"])
            assert all(cell["words"] and cell["short"] for cell in row)
            for cell in row[3:8]:
                assert cell["words"].split(";")[0] in legend
                assert (cell["short"].rstrip("?") or "?") in legend

    def test_unknown_no_and_untold_look_different(self) -> None:
        shorts = {cell["words"]: cell["short"] for row in _matrix()["rows"] for cell in row[3:8]}
        assert {"not known": "?", "no": "no", "untold": "--", "holds": "yes"}.items() <= shorts.items()
        assert shorts["bars; more not known"] == "BAR?"
        assert len(set(shorts.values())) == len(shorts)

    def test_tables_in_markdown_and_html(self) -> None:
        assert "| Option | Status | Barred by | Infection |" in _text(form="md")
        page = _text(form="html")
        assert '<th scope="col">Infection</th>' in page
        assert '<th scope="row">Tofacitinib</th>' in page
        assert '<td class="open">not known</td>' in page  # the word stands beside the shade

    def test_what_bars_is_named_and_what_may_is_counted(self) -> None:
        (row,) = [row for row in _matrix()["rows"] if row[0]["words"] == "Tofacitinib"]
        _, status, barred, *_ = (cell["short"] for cell in row)
        waiting = [bar for bar in _options()["tofacitinib"]["blockers"] if bar["holds"] == "unknown"]
        assert status == "BLOCKED"
        assert barred.startswith("Lymphocyte count; ")
        assert barred.endswith(f"; ? {len(waiting)}")

    def test_no_score(self) -> None:
        assert not any("score" in key for option in _options().values() for key in option)
