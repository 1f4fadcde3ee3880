"""Mangled records through the command itself: it ends in words, and no resource gets lost on the way.

The reader alone is tried in test_fhir_fuzz.py; here plan, faces and exit codes are behind it.
"""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.test_fhir_fuzz import RESOURCES, encode, mangle
from tests.unit.command_line import DAY, PATIENTS, Ended, command, written
from tests.unit.test_fhir_samples import bundle

from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge

Json = dict[str, Any]
SEEDS = range(60)
FORMATS = ("json", "text", "md")


@cache
def knowledge(_: Path | None = None) -> Knowledge:
    return load()


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge(None)
    monkeypatch.setattr("trivium.knowledge.loader.load", knowledge)


@cache
def published(place: int) -> str:
    return PATIENTS[place].read_text(encoding="utf-8")


def ended_in_words(ended: Ended) -> None:
    """A plan, or why there is none: never a fault of ours, never a traceback."""
    assert ended.code in (0, 2, 3), ended.err
    assert "Traceback" not in ended.out + ended.err
    assert bool(ended.out) is (ended.code == 0)
    assert bool(ended.err) is (ended.code != 0)
    if ended.code == 3:
        assert ended.err.startswith("trivium: ")


def plans(ended: Ended) -> list[Json]:
    told = json.loads(ended.out)
    return told if isinstance(told, list) else [told]


def accounted_for(made: list[Json], entries: list[Any]) -> None:
    """Of each patient: read = used + not needed + skipped. Of the whole: not fewer than were given."""
    for plan in made:
        report = plan["read_report"]
        for kind in {*report["read"], *report["used"], *report["not_needed"], *report["skipped"]}:
            parts = (report[part].get(kind, 0) for part in ("used", "not_needed", "skipped"))
            assert report["read"].get(kind, 0) == sum(parts), kind
        named = Counter(skip["origin"].partition("/")[0] for skip in report["skips"])
        assert all(named[kind] >= count for kind, count in report["skipped"].items())
    if len(made) == 1:
        report = made[0]["read_report"]
        assert sum(report["read"].values()) + len(report["skips"]) >= len(entries)


def sound_entries(whole: Any) -> list[Any]:
    """The entries of a mangled bundle that still hold a resource of some type."""
    if not isinstance(whole, dict) or whole.get("resourceType") != "Bundle":
        return []
    entries = whole.get("entry")
    listed = entries if isinstance(entries, list) else []
    found = [entry.get("resource") for entry in listed if isinstance(entry, dict)]
    return [
        resource
        for resource in found
        if isinstance(resource, dict) and str(resource.get("resourceType", "")).isalpha()
        if resource.get("resourceType") != "Bundle"
    ]


def as_mangled(seed: int) -> Any:
    chance = random.Random(seed)
    if seed % 3 == 0:
        whole: Any = copy.deepcopy(bundle(*RESOURCES))
    else:
        whole = json.loads(published(seed % len(PATIENTS)))
    mangle(whole, chance)
    return whole


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mangled_bundle_ends_in_a_plan_or_in_words(seed: int, tmp_path: Path) -> None:
    whole = as_mangled(seed)
    path = written(tmp_path / "bundle.json", encode(whole))
    ended = command("assess", path, "--as-of", DAY, "--format", "json")
    ended_in_words(ended)
    if ended.code == 0:
        accounted_for(plans(ended), sound_entries(whole))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("seed", range(1_000, 1_010))
def test_every_face_can_show_what_is_left(seed: int, form: str, tmp_path: Path) -> None:
    path = written(tmp_path / "bundle.json", encode(as_mangled(seed)))
    ended = command("assess", path, "--as-of", DAY, "--format", form)
    ended_in_words(ended)
    if form != "json":
        assert not [letter for letter in ended.out if not letter.isprintable() and letter != "\n"]


@pytest.mark.parametrize("seed", range(20))
def test_a_file_that_is_cut_off_or_garbled_ends_in_words(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    data = bytearray(published(seed % len(PATIENTS)).encode())
    for _ in range(chance.randint(0, 5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    cut = bytes(data[: chance.randint(1, len(data))])
    for name in ("bundle.json", "bundle.ndjson", "form.yaml"):
        ended_in_words(command("assess", written(tmp_path / name, cut), "--as-of", DAY))


@pytest.mark.parametrize("seed", range(10))
def test_a_garbled_record_can_be_asked_and_explained_and_read_strictly(seed: int, tmp_path: Path) -> None:
    path = written(tmp_path / "bundle.json", encode(as_mangled(seed)))
    ended_in_words(command("eval", path, "in_scope", "--as-of", DAY))
    ended_in_words(command("assess", path, "--as-of", DAY, "--why", "tofacitinib"))
    strict = command("assess", path, "--as-of", DAY, "--strict")
    ended_in_words(strict)
    relaxed = command("assess", path, "--as-of", DAY, "--format", "json")
    if relaxed.code == 0:
        assert (strict.code == 3) is any(plan["read_report"]["skips"] for plan in plans(relaxed))


words = st.sampled_from(["positive", "true", ">5", "5 ng/mL", "2024-03", "unknown", "2000-12-31"])
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | words
keys = st.sampled_from(["value", "unit", "date", "low", "high", "low_open", "x"])
lines = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=6,
)
names = st.sampled_from([*knowledge().pathway.facts, "patient", "facts", "note", "rp_ild", "nonsense"])


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(case=st.dictionaries(names, lines, max_size=8), name=st.sampled_from(["form.json", "form.yaml"]))
def test_any_form_ends_in_a_plan_or_in_words_and_every_line_is_accounted_for(
    case: Json, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.mktemp("form") / name, json.dumps(case))
    ended = command("assess", path, "--as-of", DAY, "--format", "json")
    ended_in_words(ended)
    if ended.code == 0:
        accounted_for(plans(ended), [])
