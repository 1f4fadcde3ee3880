"""The page on the pathway: current, complete, and in words that mean what the expression means."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.unit.command_line import ROOT, command

from trivium.commands.pathway_page import duration, page_data, run
from trivium.core.values import Number
from trivium.faces import pathway_page
from trivium.knowledge.checks.review import review_list
from trivium.knowledge.loader import load
from trivium.logic import nodes
from trivium.logic.explain import Labels
from trivium.logic.nodes import (
    And,
    Arith,
    Case,
    Compare,
    CriterionRef,
    FactRef,
    Implies,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    Type,
)
from trivium.logic.prose import prose
from trivium.record.facts import KINDS

PAGE = ROOT / "docs" / "pathway.md"
KNOWLEDGE = load()
PATHWAY = KNOWLEDGE.pathway
TEXT = run("text", None)
DATA = page_data(KNOWLEDGE)

AGE, FEVER, COUGH = FactRef("age", Type("quantity", "a")), FactRef("fever"), CriterionRef("cough")
LABELS = Labels({"age": "Age", "fever": "Fever"}, {"cough": "Cough"})


def years(number: Number) -> Literal:
    return Literal(number, Type("quantity", "a"))


ADULT = Compare(">=", AGE, years(18))


class TestPage:
    def test_the_page_in_the_docs_is_current(self) -> None:
        if os.environ.get("TRIVIUM_RESET"):
            PAGE.write_text(TEXT, encoding="utf-8")
        # No `==` of texts this long: their difference would take pytest minutes to write.
        is_current = PAGE.read_text(encoding="utf-8") == TEXT
        assert is_current, "write it anew: TRIVIUM_RESET=1 python -m pytest tests/unit/test_pathway_page.py"

    def test_the_command_prints_it(self) -> None:
        ended = command("show", "pathway")
        is_same = ended.out == TEXT
        assert (ended.code, is_same) == (0, True)
        assert json.loads(command("show", "pathway", "--format", "json").out) == json.loads(json.dumps(DATA))

    def test_it_has_no_parts(self) -> None:
        ended = command("show", "pathway", "tofacitinib")
        assert ended.code == 2
        assert "one page" in ended.err

    @pytest.mark.parametrize(
        "shelf", ["recommendations", "agents", "alerts", "scores", "criteria", "facts", "stages"]
    )
    def test_everything_stands_on_it_once(self, shelf: str) -> None:
        items = getattr(PATHWAY, shelf)
        names = [item.id for item in items] if shelf == "stages" else list(items)
        if shelf == "recommendations":
            found = [item["id"] for phase in DATA["phases"] for item in phase["recommendations"]]
        else:
            found = [item["id"] for item in DATA[shelf]]
        assert sorted(found) == sorted(names)
        for name in names:
            assert f"`{name}`" in TEXT

    def test_every_line_of_a_rule_stands_on_it(self) -> None:
        for item in PATHWAY.agents.values():
            assert all(f"**{line.kind}** `{line.id}`" in TEXT for line in item.lines)
        for rule in PATHWAY.recommendations.values():
            assert all(f"**blocked** `{line.id}`" in TEXT for line in rule.blocked_when)
            assert all(f"**caution** `{line.id}`" in TEXT for line in rule.cautions)

    def test_stages_keep_their_order_in_the_diagram_and_in_the_list(self) -> None:
        diagram = TEXT.split("```mermaid\n")[1].split("```")[0]
        assert re.findall(r's\d+\["(.+)"\]', diagram) == [stage.label for stage in PATHWAY.stages]
        assert re.findall(r"^\d+\. \*\*.+\*\* \(`(\w+)`\)", TEXT, re.MULTILINE) == [
            stage.id for stage in PATHWAY.stages
        ]

    def test_labels_cannot_break_the_diagram(self) -> None:
        stage = {"id": "a", "label": 'a "b" <c> #d\n`e`', "when": "x", "expression": "x"}
        shown = pathway_page.render({**DATA, "stages": [stage]})
        assert 's1["a #quot;b#quot; #lt;c#gt; #35;d #96;e#96;"]' in shown

    def test_it_says_who_signed_what(self) -> None:
        assert "- sign-off: **draft, not signed off**" in TEXT
        assert f'content = "{KNOWLEDGE.version}"' in TEXT

    def test_every_weakly_seen_thing_is_listed(self) -> None:
        listed = [(part["group"], what) for part in DATA["review"] for what in part["notes"]]
        assert listed == [(note.group, note.what) for note in review_list(KNOWLEDGE)]
        assert f"### {pathway_page._plain(listed[0][0])} (" in TEXT.split("## What is weakly seen")[1]

    def test_a_badge_stands_by_what_rests_on_weak_sources_only(self) -> None:
        shown = set(re.findall(r"^### (.+)$", TEXT, re.MULTILINE))
        for weak in (True, False):
            item = next(item for item in DATA["alerts"] if item["weak"] is weak)
            title = pathway_page._plain(item["label"])
            assert (f"{title} {pathway_page.WEAK}" in shown, title in shown) == (weak, not weak)

    def test_every_citation_leads_to_a_reference(self) -> None:
        numbers = {int(number) for number in re.findall(r"- basis \[(\d+)\]", TEXT)}
        assert numbers == {item["number"] for item in DATA["references"]}
        assert numbers == set(range(1, len(numbers) + 1))

    def test_every_way_to_find_a_fact_has_words(self) -> None:
        assert set(KINDS) == set(pathway_page._ORIGINS)

    def test_what_is_shown_cannot_smuggle_in_markup(self) -> None:
        assert pathway_page._plain("a|b <c> *d* [e]") == "a\\|b &lt;c> \\*d\\* \\[e\\]"

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (86400, "1 day"),
            (15778800, "6 months"),
            (1209600, "14 days"),
            (5400, "90 minutes"),
            (7, "7 seconds"),
        ],
    )
    def test_spans_of_time_are_said_in_the_largest_unit(self, seconds: int, words: str) -> None:
        assert duration(seconds) == words


class TestProse:
    @pytest.mark.parametrize(
        ("node", "words"),
        [
            (ADULT, "“Age” is at least 18 a"),
            (Not(ADULT), "“Age” is not at least 18 a"),
            (And((ADULT, Or((FEVER, COUGH)))), "“Age” is at least 18 a and (“Fever” or “Cough”)"),
            (Or((And((FEVER, COUGH)), Not(COUGH))), "(“Fever” and “Cough”) or not “Cough”"),
            (Not(And((FEVER, COUGH))), "not (“Fever” and “Cough”)"),
            (Implies(FEVER, And((FEVER, COUGH))), "if “Fever”, then (“Fever” and “Cough”)"),
            (IsKnown(FEVER), "“Fever” is known"),
            (Not(IsKnown(FEVER)), "“Fever” is not known"),
            (IsTrue(ADULT), "(“Age” is at least 18 a) is known to hold"),
            (Not(IsTrue(Or((FEVER, COUGH)))), "(“Fever” or “Cough”) is not known to hold"),
            (Compare("<", Arith("-", AGE, years(2)), years(1)), "(“Age” - 2 a) is below 1 a"),
            (Compare("=", FactRef("sex"), Literal("not_said", Type("choice"))), "“sex” is not said"),
            (Literal(True, Type("boolean")), "always"),
            (Literal(False, Type("boolean")), "never"),
            (Case(IsKnown(FEVER), COUGH, FEVER), "if “Fever” is known, then “Cough”, else “Fever”"),
        ],
    )
    def test_an_expression_is_said_in_labels(self, node: Node, words: str) -> None:
        assert prose(node, LABELS) == words

    def test_every_node_was_tried(self) -> None:
        tried: set[str] = set()

        def walk(node: Node) -> None:
            tried.add(type(node).__name__)
            for child in nodes.children(node):
                walk(child)

        mark: Any = next(iter(TestProse.test_an_expression_is_said_in_labels.pytestmark))  # type: ignore[attr-defined]
        for node, _ in mark.args[1]:
            walk(node)
        assert tried == {node.__name__ for node in get_args(nodes.Node)}

    def test_different_rules_are_said_differently(self) -> None:
        said: dict[str, Node] = {}
        words = Labels(
            {name: fact.label for name, fact in PATHWAY.facts.items()},
            {name: criterion.label for name, criterion in PATHWAY.criteria.items()},
        )
        for criterion in PATHWAY.criteria.values():
            text = prose(criterion.when, words)
            assert said.setdefault(text, criterion.when) == criterion.when, criterion.id


def test_a_signed_page_says_so(tmp_path: Path) -> None:
    path = tmp_path / "signoff.toml"
    filled = TEXT.split("```toml\n")[1].split("```")[0]
    for key, value in {"by": "A", "role": "Head", "date": "2026-01-31", "scope": "Adults"}.items():
        filled = re.sub(rf'^{key} = ".*"$', f'{key} = "{value}"', filled, flags=re.MULTILINE)
    path.write_text(filled, encoding="utf-8")
    page = run("text", None, path)
    assert "- sign-off: **signed off by Head on 2026-01-31 for this content**\n- signed for: Adults\n" in page
