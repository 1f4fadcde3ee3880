"""The forest plot: well-formed, named, inside its box, nothing on top of anything, and its twin in text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from trivium.evidence.synthesis import (
    Comparative,
    Estimate,
    Measure,
    Row,
    Settings,
    SingleArm,
    forest_data,
    pool,
    small_study,
    subgroups,
)
from trivium.evidence.synthesis.published import small_study_data, subgroups_data
from trivium.faces import forest_text, funnel
from trivium.faces.forest import render
from trivium.faces.lettering import wide as width_of

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert(1)</script>\"'&]]>\x00\x1b\u202e"
LONG = (
    "A multicentre study of anti-MDA5 antibody-positive dermatomyositis with rapidly progressive lung disease"
)
WIDE = "東京大学医学部附属病院アレルギーリウマチ内科学教室ステロイド併用療法研究会多施設共同研究班報告"
UNBROKEN = "Nameofastudy" * 12


def tables(*found: tuple[str, int, int, int, int]) -> list[Row]:
    return [Comparative(name, a, n1, c, n2, "end") for name, a, n1, c, n2 in found]


NAMED = tables((LONG, 3, 29, 10, 15), (WIDE, 0, 18, 7, 32), (UNBROKEN, 1, 26, 5, 35), (NASTY, 0, 4, 0, 5))
HUGE = tables(
    ("one", 123456, 1234567, 234567, 1234568), ("two", 5, 1000000, 3, 1000001), ("three", 1, 2, 1, 3)
)
ARMS: list[Row] = [SingleArm("none", 0, 7), SingleArm("all", 9, 9), SingleArm("some", 55, 160)]
CASES: dict[str, tuple[list[Row], Settings]] = {
    "names": (NAMED, Settings("RR", "REML")),
    "mantel-haenszel": (NAMED, Settings("OR", "MH")),
    "difference": (NAMED, Settings("RD", "DL")),
    "huge": (HUGE, Settings("OR")),
    "nothing": (tables(("a", 0, 5, 0, 6), ("b", 0, 9, 0, 9)), Settings("OR", "MH")),
    "no interval": (tables(("a", 0, 5, 0, 6), ("b", 0, 9, 0, 9)), Settings("RD", "MH")),
    "single arms": (ARMS, Settings("PROP")),
    "two single arms": (ARMS[1:], Settings("PROP")),
    "added up": (ARMS, Settings("PROP", "COUNTS")),
    "hazard ratios": ([Estimate("a", "HR", -0.7, 0.2), Estimate("b", "HR", 0.4, 2.9)], Settings("HR")),
    "tiny differences": ([Estimate("a", "MD", 1e-4, 1e-5), Estimate("b", "MD", 2e-4, 1e-5)], Settings("MD")),
    "large differences": ([Estimate("a", "MD", -4e5, 1e4), Estimate("b", "MD", 2e5, 1e3)], Settings("MD")),
    "one": (NAMED[:1], Settings("RR")),
}
cases = pytest.mark.parametrize("name", CASES)


def data(name: str) -> dict[str, Any]:
    rows, settings = CASES[name]
    return forest_data(pool(rows, settings), f"Title of {name}")


def texts(root: ElementTree.Element) -> Iterator[tuple[str, float, float, float]]:
    """Each text with its left end, right end and line, widths as the plot itself holds them."""
    size = {"s": 9.0, "v": 9.0, "vb": 9.0, "h": 12.0}
    for part in root.iter(f"{SVG}text"):
        kind = part.get("class", "")
        wide = width_of(part.text or "", size.get(kind, 10.5), bold=kind in ("b", "vb", "h"))
        x, y = float(part.get("x", "0")), float(part.get("y", "0"))
        left = {"end": x - wide, "middle": x - wide / 2}.get(part.get("text-anchor", ""), x)
        yield part.text or "", left, left + wide, y


@cases
def test_it_is_well_formed_and_named_for_those_who_cannot_see_it(name: str) -> None:
    root = ElementTree.fromstring(render(data(name), "plot-1"))
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    named = {part.get("id"): part.text for part in root if part.tag in (f"{SVG}title", f"{SVG}desc")}
    assert (root.get("aria-labelledby") or "").split() == ["plot-1-title", "plot-1-desc"] == [*named]
    assert named["plot-1-title"] == f"Title of {name}"
    assert "estimate: " in str(named["plot-1-desc"]) or "no pooled estimate: " in str(named["plot-1-desc"])


@cases
def test_everything_stays_inside_a_phone_wide_box(name: str) -> None:
    root = ElementTree.fromstring(render(data(name)))
    width, height = (float(number) for number in (root.get("viewBox") or "").split()[2:])
    assert width == 400
    for text, left, right, y in texts(root):
        assert left >= 0 and right <= width + 0.1 and 0 < y < height, text
    for part in root.iter(f"{SVG}path"):
        for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", part.get("d") or ""):
            assert 0 <= float(x) <= width and 0 <= float(y) <= height


@cases
def test_no_text_lies_on_another(name: str) -> None:
    found = list(texts(ElementTree.fromstring(render(data(name)))))
    for (one, left, right, y), (other, from_, to, line) in itertools.combinations(found, 2):
        assert abs(y - line) >= 8 or right <= from_ or to <= left, (one, other)


@cases
def test_no_mark_lies_on_the_numbers_beside_it(name: str) -> None:
    root = ElementTree.fromstring(render(data(name)))
    marks = [
        (
            float(part.get("x", "0")),
            float(part.get("x", "0")) + float(part.get("width", "0")),
            float(part.get("y", "0")),
        )
        for part in root.iter(f"{SVG}rect")
        if float(part.get("width", "0")) < 20
    ]
    for left, right, top in marks:
        for text, start, end, y in texts(root):
            assert not (top - 1 < y < top + 10) or end <= left or right <= start, text


@cases
def test_its_twin_in_text_holds_every_number_drawn_and_every_name_of_a_method(name: str) -> None:
    found = data(name)
    root = ElementTree.fromstring(render(found))
    drawn = " ".join(
        part.text or "" for part in root.iter(f"{SVG}text") if part.get("text-anchor") != "middle"
    )  # but for the ticks
    for twin in (forest_text.render(found), forest_text.markdown(found)):
        flat = re.sub(r"\s+", "", twin.replace("\\", ""))
        for number in re.findall(r"-?\d+\.\d+", drawn):
            assert number in flat
        assert re.sub(r"\s+", "", found["estimator"]) in flat
        if found["estimable"]:
            assert re.sub(r"\s+", "", found["interval_method"]) in flat
            assert re.sub(r"\s+", "", found["prediction_method"]) in flat


def test_what_a_study_is_called_cannot_become_markup_or_steer_a_terminal() -> None:
    found = data("names")
    svg = render(found)
    assert "<script" not in svg and "alert(1)" in svg
    for text in (svg, forest_text.render(found), forest_text.markdown(found)):
        assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]


def test_a_small_proportion_is_never_said_to_be_none() -> None:
    rows = [SingleArm("a", 1, 100_000), SingleArm("b", 99_999, 100_000)]
    found = forest_data(pool(rows, Settings("PROP", "EE")))
    text = forest_text.render(found)
    assert "< 0.1 % (< 0.1 to < 0.1)" in text and "> 99.9 % (> 99.9 to > 99.9)" in text


def test_groups_are_drawn_with_a_subtotal_each() -> None:
    rows: list[Row] = [
        Comparative(f"s{i}", 2 + i, 20, 9, 21, "end", group="A" if i < 2 else "B") for i in range(4)
    ]
    settings = Settings("RR")
    found = {
        **forest_data(pool(rows, settings)),
        "groups": subgroups_data(subgroups(rows, settings))["groups"],
    }
    root = ElementTree.fromstring(render(found))
    words = [text for text, *_ in texts(root)]
    assert words.index("A") < words.index("s1") < words.index("B") < words.index("s3")
    assert words.count("Subtotal") == 2 and "Pooled, 4 studies" in words


class TestFunnel:
    @cases
    def test_it_is_well_formed_and_holds_every_study_inside_its_box(self, name: str) -> None:
        rows, settings = CASES[name]
        found = {**data(name), "small_study": small_study_data(small_study(rows, settings))}
        root = ElementTree.fromstring(funnel.render(found, "f"))
        width, height = (float(number) for number in (root.get("viewBox") or "").split()[2:])
        assert (root.get("aria-labelledby") or "").split() == ["f-title", "f-desc"]
        marks = list(root.iter(f"{SVG}circle"))
        assert len(marks) == len(found["small_study"]["points"])
        for mark in marks:
            assert 46 <= float(mark.get("cx", "")) <= 388 and 42 <= float(mark.get("cy", "")) <= 252
        for text, left, right, y in texts(root):
            assert left >= 0 and right <= width and 0 < y < height, text
        assert "Egger's test: none: " in " ".join(part.text or "" for part in root.iter(f"{SVG}desc"))

    def test_small_studies_lie_lower_and_larger_ratios_further_right(self) -> None:
        rows = tables(("small", 4, 10, 2, 10), ("large", 200, 1000, 400, 1000))
        settings = Settings("RR", "EE")
        found = {
            **forest_data(pool(rows, settings)),
            "small_study": small_study_data(small_study(rows, settings)),
        }
        small, large = ElementTree.fromstring(funnel.render(found)).iter(f"{SVG}circle")
        assert float(small.get("cy", "")) > float(large.get("cy", ""))
        assert float(small.get("cx", "")) > float(large.get("cx", ""))


def test_colour_carries_nothing() -> None:
    """Every ink is a grey: what is printed in black and white looks the same."""
    for name in CASES:
        for code in re.findall(r"#[0-9a-f]{3,6}", render(data(name))):
            digits = code[1:] if len(code) == 7 else "".join(2 * digit for digit in code[1:])
            assert digits[:2] == digits[2:4] == digits[4:]


@pytest.mark.parametrize("measure", ["RR", "RD"])
def test_an_interval_that_goes_on_beyond_the_axis_ends_in_an_arrow(measure: Measure) -> None:
    rows = tables(("wide", 1, 2, 1, 2), *((f"narrow {i}", 500, 1000, 500, 1001) for i in range(4)))
    svg = render(forest_data(pool(rows, Settings(measure, "EE"))))
    assert svg.count("l-6 -3.2v6.4z") == 1 and svg.count("l6 -3.2v6.4z") == 1
