"""The published JSON keeps to its schema, is the same bytes for the same input, and is sound JSON."""

from __future__ import annotations

import datetime
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from tests.unit.command_line import DAY, FORMS, PATIENTS, ROOT, written
from tests.unit.command_line import command as trivium

from trivium.core.truth import Truth
from trivium.knowledge import models
from trivium.knowledge.loader import load
from trivium.logic.explain import explain
from trivium.pathway.assess import BARS, Status
from trivium.plan import make_plan
from trivium.plan_json import in_full, plan_data, to_bytes, why_data
from trivium.record import fact
from trivium.record.events import Person, ReadReport, Record
from trivium.record.read import read_records
from trivium.record.site import Site

SCHEMA = json.loads((ROOT / "docs" / "schema" / "plan.json").read_text(encoding="utf-8"))
PATHS = [*PATIENTS, *FORMS]
RP_ILD = {"age": 50, "rp_ild": True, "mda5_positive_ever": True}
STEERING = "a\x1b[31mred\x9b2J\x07\u202edesrever"

Json = dict[str, Any]
each = pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.stem}{path.suffix}")


@cache
def validator() -> Any:
    return jsonschema.Draft202012Validator(SCHEMA)


def fresh(path: Path, *options: str) -> str:
    ended = trivium("assess", path, "--as-of", DAY, "--format", "json", *options)
    assert ended.code == 0, ended.err
    return ended.out


shown = cache(fresh)


def problems(data: Any) -> list[str]:
    return [problem.message[:300] for problem in validator().iter_errors(data)]


def walk(value: Any) -> Iterator[Any]:
    yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from walk(part)


def empty_plan(name: str = "") -> Json:
    record = Record(Person(name), [], ReadReport())
    return plan_data(make_plan(load(), record, datetime.date(2024, 3, 5), Site()))


def defs(name: str, *keys: str) -> set[str]:
    part = SCHEMA["$defs"][name]
    for key in keys:
        part = part[key]
    return set(part["enum"])


def test_the_schema_is_a_json_schema_and_closed_everywhere() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = [part for part in walk(SCHEMA) if isinstance(part, dict) and part.get("type") == "object"]
    assert len(objects) > 20
    assert not [part for part in objects if "additionalProperties" not in part]
    assert not [
        part for part in objects if "properties" in part and part["additionalProperties"] is not False
    ]


def test_the_schema_lists_exactly_the_words_that_the_code_can_write() -> None:
    assert defs("truth") == {str(truth) for truth in Truth}
    assert defs("status") == set(get_args(Status))
    assert defs("strength") == set(models.STRENGTHS)
    assert defs("certainty") == set(models.CERTAINTIES)
    assert defs("urgency") == set(models.URGENCIES)
    assert defs("seen") == set(get_args(models.Seen))
    assert defs("recommendation", "properties", "phase") == set(get_args(models.Phase))
    assert defs("condition", "properties", "kind") == BARS | {"caution", ""}
    assert defs("unknown", "properties", "unknown", "items", "properties", "code") == set(get_args(fact.Code))


@each
def test_a_plan_keeps_to_the_schema(path: Path) -> None:
    assert problems(json.loads(shown(path))) == []


@pytest.mark.parametrize("path", PATIENTS[:2], ids=lambda path: path.stem)
def test_a_plan_of_another_day_keeps_to_the_schema(path: Path) -> None:
    ended = trivium("assess", path, "--as-of", "2001-02-20", "--format", "json")
    assert problems(json.loads(ended.out)) == []


def test_a_plan_without_any_record_keeps_to_the_schema() -> None:
    data = empty_plan()
    assert problems(data) == []
    assert data["patient"] == ""
    assert all("unknown" in fact for name, fact in data["facts"].items())


def test_every_form_of_a_number_keeps_to_the_schema(tmp_path: Path) -> None:
    numbers = [">1650 ng/mL", "<= 20", {"low": 400, "high": 600, "low_open": True}, 1289, "0.1"]
    cases = [{"patient": str(place), **RP_ILD, "ferritin": number} for place, number in enumerate(numbers)]
    data = json.loads(shown(written(tmp_path / "form.json", json.dumps(cases))))
    assert problems(data) == []
    assert [plan["facts"]["ferritin"]["unit"] for plan in data] == ["ng/mL"] * len(numbers)


def test_a_choice_that_could_be_either_keeps_to_the_schema(tmp_path: Path) -> None:
    case = {**RP_ILD, "hbsag": ["positive", "indeterminate"]}
    path = written(tmp_path / "form.json", json.dumps(case))
    data = json.loads(shown(path))
    assert problems(data) == []
    assert data["facts"]["hbsag"]["one_of"] == ["indeterminate", "positive"]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("recommendations", 0, "status"), "ordered"),
        (("recommendations", 0, "phase"), "later"),
        (("recommendations", 0, "dose"), "1 g"),
        (("options", 0, "strength"), "very strong"),
        (("alerts", 0, "severity"), "fatal"),
        (("alerts", 0, "kind"), "rumour"),
        (("criteria", "adult", "value"), "maybe"),
        (("criteria", "adult", "why"), "old enough"),
        (("recommendations", 0, "why", 0), {"text": "so it is", "truth": "true"}),
        (("recommendations", 0, "why", 0), {"facts": [], "criterion": "a", "text": "b", "truth": "true"}),
        (("recommendations", 0, "why", 0, "because"), []),
        (("facts", "age", "value"), None),
        (("read_report", "skipped", "Patient"), -1),
        (("versions", "knowledge"), "latest"),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, tuple) else "",
)
def test_the_schema_refuses_what_is_no_plan(where: tuple[Any, ...], value: object) -> None:
    data = json.loads(shown(PATIENTS[0]))
    part = data
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    assert problems(data)


@pytest.mark.parametrize(
    "where",
    [
        (),
        ("stage",),
        ("recommendations", 0),
        ("recommendations", 0, "why", 0),
        ("options", 0),
        ("alerts", 0),
        ("questions", 0),
        ("scores", 0),
        ("criteria", "adult"),
        ("facts", "age"),
        ("read_report",),
        ("references", 0),
        ("versions",),
    ],
    ids=lambda part: ".".join(map(str, part)) or "plan",
)
def test_the_schema_misses_what_is_left_out(where: tuple[Any, ...]) -> None:
    data = json.loads(shown(PATIENTS[0]))
    part = data
    for key in where:
        part = part[key]
    for key in [*part]:
        if not where and key == "treatment":
            continue  # the one part that a plan may do without: who asks for none gets none
        kept = part.pop(key)
        assert problems(data), f"{key} may be left out of {where}"
        part[key] = kept
    assert not problems(data)


@each
def test_the_same_input_gives_the_same_bytes_twice(path: Path) -> None:
    assert fresh(path) == fresh(path)


def test_the_same_input_gives_the_same_bytes_in_another_process_with_other_hashes() -> None:
    program = "import sys; from trivium.cli import main; main()"
    told = []
    for seed in ("0", "1"):
        ended = subprocess.run(
            [sys.executable, "-c", program, "assess", str(PATIENTS[0]), "--as-of", DAY, "--format", "json"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        told.append(ended.stdout)
    assert told[0] == told[1] == fresh(PATIENTS[0]).encode()


def test_one_patient_gives_one_plan_and_several_give_a_list(tmp_path: Path) -> None:
    cases = [{"patient": "a", **RP_ILD}, {"patient": "b", **RP_ILD, "age": 12}]
    one = json.loads(shown(written(tmp_path / "one.json", json.dumps(cases[:1]))))
    assert one["patient"] == "a"
    path = written(tmp_path / "two.json", json.dumps(cases))
    two = json.loads(shown(path))
    assert [plan["patient"] for plan in two] == ["a", "b"]
    assert problems(two) == []
    assert [json.loads(shown(path, "--patient", name)) for name in "ab"] == two
    assert two[0] == one


def test_a_patient_without_an_id_gets_a_plan(tmp_path: Path) -> None:
    path = written(tmp_path / "bundle.json", '{"resourceType": "Patient", "birthDate": "1950-01-01"}')
    data = json.loads(shown(path))
    assert problems(data) == []
    assert data["facts"]["age"]["value"] == 50
    assert "patient without an id" in trivium("assess", path, "--as-of", DAY).out


@each
def test_no_number_is_anything_but_a_number(path: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    data = json.loads(shown(path), parse_constant=refuse)
    assert all(math.isfinite(value) for value in walk(data) if isinstance(value, float))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_that_is_none_never_comes_out(tmp_path: Path, number: str) -> None:
    form = written(tmp_path / "form.json", f'{{"patient": "a", "ferritin": {number}}}')
    ended = trivium("assess", form, "--as-of", DAY, "--format", "json")
    assert ended.code in (0, 3)
    if ended.code == 0:
        data = json.loads(ended.out)
        assert "unknown" in data["facts"]["ferritin"]
        assert data["read_report"]["skips"][0]["origin"] == "form/ferritin"


@pytest.mark.parametrize("face", ["text", "md"])
def test_what_a_patient_is_called_never_steers_the_terminal(tmp_path: Path, face: str) -> None:
    path = written(tmp_path / "bundle.json", json.dumps({"resourceType": "Patient", "id": STEERING}))
    ended = trivium("assess", path, "--as-of", DAY, "--format", face)
    assert ended.code == 0
    assert "red" in ended.out
    assert not [letter for letter in ended.out if not letter.isprintable() and letter != "\n"]


def test_what_a_patient_is_called_comes_out_of_the_json_as_it_went_in() -> None:
    data = empty_plan(STEERING)
    assert json.loads(to_bytes(data))["patient"] == STEERING
    assert problems(data) == []


def test_every_source_that_is_cited_stands_in_the_references() -> None:
    data = json.loads(shown(PATIENTS[0]))
    cited = [part["source"] for part in walk(data) if isinstance(part, dict) and "says" in part]
    numbers = {item["id"]: item["number"] for item in data["references"]}
    assert list(numbers) == list(dict.fromkeys(cited))
    assert list(numbers.values()) == list(range(1, len(numbers) + 1))


def test_every_name_of_a_fact_or_criterion_is_explained_in_the_plan() -> None:
    data = json.loads(shown(PATIENTS[0]))
    named = steps(data)
    assert {step["criterion"] for step in named if "criterion" in step} <= set(data["criteria"])
    assert {name for step in named for name in step.get("facts", ())} <= set(data["facts"])
    for part in ("recommendations", "options", "alerts", "scores"):
        assert {name for item in data[part] for name in item["missing"]} <= set(data["facts"])
    assert {item["fact"] for item in data["questions"]} <= set(data["facts"])


def steps(data: Json) -> list[Json]:
    found = [step for part in walk(data) if isinstance(part, dict) for step in part.get("why", ())]
    assert {"criterion" in step for step in found} == {True, False}
    return found


@each
def test_what_a_step_says_of_a_criterion_is_what_the_criterion_came_to(path: Path) -> None:
    data = json.loads(shown(path))
    for step in steps(data):
        if "criterion" in step:
            assert step["truth"] == data["criteria"][step["criterion"]]["value"]
    assert all(criterion["why"] for criterion in data["criteria"].values())


def test_every_explanation_stands_once_and_can_be_followed_to_its_end() -> None:
    for data in (empty_plan(), json.loads(shown(PATIENTS[0]))):
        assert not [part for part in walk(data) if isinstance(part, dict) and "because" in part]
        for part in walk(data):
            if isinstance(part, dict) and "why" in part:
                ends = [step for step in walk(in_full(part["why"], data["criteria"])) if is_leaf(step)]
                assert ends or not part["why"]


def is_leaf(part: Any) -> bool:
    return isinstance(part, dict) and "text" in part and "because" not in part


@pytest.mark.parametrize("record", [None, *PATIENTS], ids=lambda path: path.stem if path else "nobody")
def test_what_is_said_once_adds_up_to_the_whole_story(record: Path | None) -> None:
    """Followed through the criteria, the steps of an item are those of its own full explanation."""
    knowledge, site = load(), Site()
    read = read_records(record, knowledge.pathway.facts, knowledge.concepts, site.zone) if record else ()
    (one,) = read or (Record(Person(""), [], ReadReport()),)
    plan = make_plan(knowledge, one, datetime.date.fromisoformat(DAY), site)
    data, found = plan_data(plan), plan.assessment
    criteria, explained = data["criteria"], 0
    items = [*data["recommendations"], *data["options"], *data["alerts"], *criteria.values()]
    traces = [
        *(item.trace for item in found.recommendations),
        *(item.trace for item in found.options),
        *(item.trace for item in found.alerts),
        *(trace.children[0] for trace in found.criteria.values()),
    ]
    for item, trace in zip(items, traces, strict=True):
        whole = why_data(explain(trace, plan.labels))
        assert story(in_full(item["why"], criteria)) == story(whole)
        explained += bool(whole)
    assert explained > 200


def story(told: list[Json]) -> list[Any]:
    return [(step["text"], step["truth"], story(step.get("because", []))) for step in told]
