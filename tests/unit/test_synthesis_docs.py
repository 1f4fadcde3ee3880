"""The page on pooling is true: its examples run, its commands end as shown, what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tests.unit import test_docs

from trivium.evidence.synthesis.columns import NAMES
from trivium.evidence.synthesis.reference.judge import judge_file
from trivium.evidence.synthesis.settings import INTERVALS, MEASURES, METHODS, PREDICTIONS

PAGE = test_docs.ROOT / "docs" / "synthesis.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_its_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    test_docs.test_every_example_in_the_documentation_runs(PAGE, monkeypatch)


def test_its_commands_end_as_stated() -> None:
    assert len(list(test_docs.commands(PAGE))) >= 3
    test_docs.test_every_command_in_the_documentation_ends_as_stated(PAGE)


def test_what_it_names_exists() -> None:
    test_docs.test_every_path_and_test_that_is_named_exists(PAGE)


def test_everything_a_user_can_choose_stands_in_it() -> None:
    for word in (*METHODS, *INTERVALS, *PREDICTIONS, *(names[0] for names in NAMES.values())):
        assert f"`{word}`" in TEXT, word
    for measure in MEASURES:
        assert re.search(rf"\b{measure}\b", TEXT), measure


def test_its_reference_case_agrees(tmp_path: Path) -> None:
    ((_, text),) = test_docs.blocks(PAGE, "yaml")
    assert yaml.safe_load(text)["version"] == 1
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    assert {one.verdict for one in judge_file(path)} == {"agrees"}
