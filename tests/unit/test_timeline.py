"""The timeline: well-formed, named for those who cannot see it, free of what a record might smuggle in."""

from __future__ import annotations

import datetime
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from trivium.commands.replay import replay_data
from trivium.faces.timeline import render
from trivium.knowledge.loader import load
from trivium.record.read import read_records
from trivium.record.site import Site

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
PATHS = [*sorted((DATA / "courses").glob("*.json")), *sorted((DATA / "patients").glob("ida*.json"))]
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert(1)</script>\"'&]]>\x00\x1b\u202e"

shown = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@cache
def data(path: Path) -> dict[str, Any]:
    knowledge = load()
    (record,) = read_records(path, knowledge.pathway.facts, knowledge.concepts, datetime.UTC)
    return replay_data(knowledge, record, Site())


def texts(svg: str) -> str:
    return " ".join(" ".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text"))


@shown
def test_it_is_well_formed_and_named(path: Path) -> None:
    root = ElementTree.fromstring(render(data(path)))
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    names = {part.get("id"): part.text for part in root if part.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set((root.get("aria-labelledby") or "").split()) == set(names)
    assert data(path)["patient"] in str(names["title"])
    assert data(path)["end"]["stage"][0]["status"] in str(names["desc"])


@shown
def test_it_stays_inside_a_phone_wide_box(path: Path) -> None:
    root = ElementTree.fromstring(render(data(path)))
    width, height = (float(number) for number in (root.get("viewBox") or "").split()[2:])
    assert width == 400
    for part in root.iter():
        for key, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(part.get(key, "0")) <= most, (part.tag, part.attrib)
        if part.tag == f"{SVG}rect":
            assert float(part.get("width", "0")) > 0 and float(part.get("height", "0")) > 0


@shown
def test_nothing_is_loaded_and_nothing_runs(path: Path) -> None:
    svg = render(data(path))
    tags = {part.tag.removeprefix(SVG) for part in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "path", "circle", "text"}
    assert not re.search(r"\bon\w+=|href|url\(|@import|javascript:", svg)


@shown
def test_it_shows_treatments_results_and_changes(path: Path) -> None:
    found = texts(render(data(path)))
    for row in data(path)["treatments"]:
        assert row["label"][:40] in found
    assert "Plan changes" in found and "Results" in found
    for stage in data(path)["start"]["plan"]["stage"]:
        assert stage["status"].split(":")[0] in found


def test_the_worse_course_shows_the_rescue() -> None:
    found = texts(render(data(DATA / "courses" / "worsens.json")))
    for words in ("Therapeutic plasma exchange", "Ganciclovir", "Extracorporeal membrane oxygenation"):
        assert words in found


def nasty(value: Any) -> Any:
    """The same data with something hostile in front of every text but days, ids and codes."""
    if isinstance(value, dict):
        kept = ("day", "first", "last", "id", "fact", "before", "after", "status", "rank", "because", "lost")
        return {key: each if key in kept else nasty(each) for key, each in value.items()}
    if isinstance(value, list):
        return [nasty(each) for each in value]
    return NASTY + value if isinstance(value, str) else value


@shown
def test_every_text_is_escaped(path: Path) -> None:
    svg = render(nasty(data(path)))
    assert "<script" not in svg and "alert(1)" in svg
    root = ElementTree.fromstring(svg)
    assert not list(root.iter(f"{SVG}script")) and not re.search("[\x00\x1b\u202e]", svg)


def test_it_is_the_same_each_time() -> None:
    assert render(data(PATHS[0])) == render(data(PATHS[0]))
