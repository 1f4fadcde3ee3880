"""The documentation is true: its examples run, what it names exists, and what exists is named in it."""

from __future__ import annotations

import ast
import doctest
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest

from trivium import cli
from trivium.core.errors import KnowledgeError, RecordError, TriviumError, UsageError
from trivium.knowledge.models import Alert, Recommendation
from trivium.logic import nodes
from trivium.pathway.assess import AVAILABILITY, BARS, Status
from trivium.record import fact, facts

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "architecture.md",
    ROOT / "docs" / "semantics.md",
    ROOT / "docs" / "evidence.md",
    ROOT / "docs" / "brief.md",
    ROOT / "docs" / "calendar.md",
    ROOT / "docs" / "dosing.md",
    ROOT / "docs" / "treatment.md",
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
SEMANTICS = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """Line number and text of each fenced block of one language."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text[: found.start()].count("\n") + 2, found[1]


@pages
def test_every_example_in_the_documentation_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    for line, code in blocks(page, "python"):
        test = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), line)
        assert test.examples, f"{page.name}:{line}: an example without `>>>` is not run"
        runner.run(test, out=report.append, clear_globs=False)
        names.update(test.globs)
    assert not report, "".join(report)


def commands(page: Path) -> Iterator[tuple[int, str, int, list[str]]]:
    """Line, command, exit code expected (`# exit 2`; else 0) and the output shown, from console blocks."""
    for line, text in blocks(page, "console"):
        shown: list[str] = []
        current: tuple[int, str, int] | None = None
        for offset, row in enumerate(text.splitlines()):
            if row.startswith("$ "):
                if current is not None:
                    yield (*current, shown)
                command, _, note = row[2:].partition("  # exit ")
                current, shown = (line + offset, command, int(note or 0)), []
            else:
                shown.append(row)
        if current is not None:
            yield (*current, shown)


@pages
def test_every_command_in_the_documentation_ends_as_stated(page: Path) -> None:
    for line, command, code, shown in commands(page):
        words = shlex.split(command)
        if words[0] != "trivium":
            continue  # make and git are tried elsewhere
        where = f"{page.name}:{line}: {command}"
        program = Path(sys.executable).with_name("trivium")
        ended = subprocess.run(
            [str(program), *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, f"{where}\n{ended.stderr}"
        output = iter((ended.stdout + ended.stderr).splitlines())
        for row in shown:
            # What is shown stands in the output, in this order; a line of `…` leaves something out.
            if row.strip() and row.strip() != "…":
                assert any(row.strip() == said.strip() for said in output), f"{where}\nnot said: {row}"


@pages
def test_every_path_and_test_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in defined, f"{page.name} names {path}::{name}"
    for path in re.findall(r"`((?:src|tests|knowledge|docs|benchmarks)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), f"{page.name} names {path}"
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_decision_has_its_parts_and_a_test() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in decisions] == [
        f"{number:04}" for number in range(1, len(decisions) + 1)
    ]
    for page in decisions:
        text = page.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequence", "Held by"], page.name
        assert re.search(r"`tests/[\w/]+\.py::\w+`", text), page.name
        assert list(blocks(page, "python")), page.name


def test_every_decision_that_the_code_names_exists() -> None:
    numbers = {page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")}
    for path in (ROOT / "src").rglob("*.py"):
        for number in re.findall(r"decision (\d{4})", path.read_text(encoding="utf-8")):
            assert number in numbers, f"{path.name} names decision {number}"


def coded(*names: str) -> list[str]:
    """The names that stand nowhere in docs/semantics.md as code."""
    return [
        name
        for name in names
        if not re.search(rf"`[^`\n]*(?<![\w-]){re.escape(name)}(?![\w-])[^`\n]*`", SEMANTICS)
    ]


def test_every_fact_kind_is_documented() -> None:
    assert coded(*facts.KINDS) == []


def test_every_reason_for_unknown_is_documented() -> None:
    assert coded(*get_args(fact.Code)) == []


def test_every_node_is_documented() -> None:
    assert coded(*(node.__name__ for node in get_args(nodes.Node))) == []


def test_every_status_kind_and_severity_is_documented() -> None:
    assert set(AVAILABILITY) < set(get_args(Status))
    assert coded(*get_args(Status), *BARS, "caution") == []
    for owner, field in ((Alert, "kind"), (Alert, "severity"), (Recommendation, "offer")):
        words = re.findall(r"['\"]([\w-]+)['\"]", str(owner.__annotations__[field]))
        assert words
        assert coded(*words) == []


def test_every_command_and_option_is_documented() -> None:
    top = cli.app
    assert isinstance(top, click.Group)
    everything = [("", top), *top.commands.items()]
    for name, command in everything:
        if name:
            assert coded(f"trivium {name}") == []
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert coded(option) == [], f"trivium {name} {option}"


def test_every_exit_code_is_documented() -> None:
    codes = {problem.exit_code for problem in (TriviumError, UsageError, RecordError, KnowledgeError)} | {0}
    table = dict(re.findall(r"^\| `(\d)` \| (.+) \|$", SEMANTICS, re.MULTILINE))
    assert {int(code) for code in table} == codes


def test_every_key_of_the_plan_is_documented() -> None:
    source = (ROOT / "src" / "trivium" / "plan_json.py").read_text(encoding="utf-8")
    (function,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == "plan_data"
    )
    keys = {
        key.value
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    assert {"as_of", "recommendations", "questions"} <= keys
    assert coded(*sorted(keys)) == []


def test_the_schema_of_the_plan_and_the_documentation_name_the_same_keys() -> None:
    """That plans keep to the schema, and that it refuses what is none, is tried in test_plan_json."""
    schema = json.loads((ROOT / "docs" / "schema" / "plan.json").read_text(encoding="utf-8"))
    keys = schema["$defs"]["plan"]["properties"]
    section = SEMANTICS[SEMANTICS.index("## The plan as JSON") :]
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(keys)
