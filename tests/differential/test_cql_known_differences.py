"""Every known defect of an engine is still there, and is the engine's: the others answer right."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.cql import engine

from trivium.core.truth import from_bool
from trivium.core.values import Value, point
from trivium.logic.cql import to_cql
from trivium.logic.evaluate import evaluate
from trivium.logic.nodes import Type
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve

LISTED = yaml.safe_load(Path(__file__).with_name("cql_known_differences.yaml").read_text(encoding="utf-8"))
DIFFERENCES: list[dict[str, Any]] = LISTED["differences"]
each = pytest.mark.parametrize("listed", DIFFERENCES, ids=lambda listed: listed["id"])


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    if reason := engine.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@each
def test_the_engine_still_differs_and_the_other_is_right(listed: dict[str, Any], tmp_path: Path) -> None:
    elm, patients = engine.translate(listed["cql"], tmp_path), listed["patients"]
    if listed["engine"] == "cql-execution":
        one, other = engine.run(elm, patients), engine.run_reference(elm, patients)
    else:
        one, other = engine.run_reference(elm, patients, one_engine=True), engine.run(elm, patients)
    assert one.rows == listed["it_answers"]
    assert one.rows != listed["right"]
    assert other.rows == listed["right"]


@pytest.mark.parametrize(
    "listed", [one for one in DIFFERENCES if "expression" in one], ids=lambda listed: listed["id"]
)
def test_trivium_is_right_and_writes_just_that_cql(listed: dict[str, Any]) -> None:
    types = {
        name: Type("choice", choices=tuple(kind)) if isinstance(kind, list) else Type(kind, "1")
        for name, kind in listed["facts"].items()
    }
    node = resolve(parse(listed["expression"]), Scope(types))
    assert f'define "x": {to_cql(node)}\n' in listed["cql"]
    for patient, (right,) in zip(listed["patients"], listed["right"], strict=True):
        facts = {name: _value(types[name], value) for name, value in patient.items()}
        assert evaluate(node, facts, {}).truth is from_bool(right)


@each
def test_versions_are_those_installed_and_every_entry_gives_its_reason(listed: dict[str, Any]) -> None:
    package = "cql-execution" if listed["engine"] == "cql-execution" else "@cqframework/cql"
    lock = json.loads((engine.FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"][f"node_modules/{package}"]["version"] == listed["version"]
    assert all(listed[key].strip() for key in ("what", "reason", "consequence"))


def _value(kind: Type, value: str) -> Value:
    return frozenset((value,)) if kind.kind == "choice" else point(Decimal(value))
