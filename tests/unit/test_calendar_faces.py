"""A calendar drawn, as a table and as iCalendar: complete, escaped, well-formed, the same twice."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.unit.calendar_agents import EVERYTHING, EXCHANGE, always, chosen, never

from trivium.core.values import Interval
from trivium.exchange import icalendar
from trivium.faces import calendar_svg, calendar_text
from trivium.record.events import Quantity
from trivium.record.site import Suite
from trivium.regimen.calendar.build import build
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.calendar.visits import visits

Data = dict[str, Any]


def grams(number: int) -> Quantity:
    return Quantity(Interval(Decimal(number), Decimal(number)), "g")


FRIDAY = datetime.date(2026, 3, 6)
SETTING = Setting(
    Suite(frozenset(range(5)), hours=(8, 18), may_slip_days=1, most_a_day={"globulin": grams(70)}),
    Suite(hours=(8, 16), may_slip_days=1),
    ward_days=14,
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def found() -> Data:
    """Everything at once, the antibody given yesterday, rescue that cannot wait."""
    choices = [
        replace(choice, given=(FRIDAY - datetime.timedelta(1),)) if choice.agent == "antibody" else choice
        for choice in EVERYTHING
    ]
    return calendar_data(build(choices, FRIDAY, 182, SETTING, always))


@pytest.fixture(scope="module")
def clash() -> Data:
    mondays = Setting(sessions=Suite(frozenset({0}), hours=(8, 16)))
    return calendar_data(build([chosen(EXCHANGE)], FRIDAY, 60, mondays, never))


def hostile(data: Data) -> Data:
    """The same calendar with text that tries to break out."""
    text = 'a|b <script>&"; x\\y, \x1b[31m\nEND:VEVENT'
    rows = [{**row, "label": text, "note": text, "agent_label": text} for row in data["rows"]]
    return {**data, "rows": rows, "visits": visits(rows), "notes": [text]}


# ── The table ──


def test_the_tables_hold_every_row_and_every_rule(found: Data) -> None:
    for said in (calendar_text.render(found), calendar_text.render_markdown(found)):
        for row in found["rows"]:
            assert row["label"] in said and row["date"] in said
        flat = " ".join(said.split())
        for rule in found["rules"]:
            assert rule["words"] in flat
        for note in found["notes"]:
            assert note in flat


def test_what_is_broken_and_lost_is_said(found: Data) -> None:
    said = " ".join(calendar_text.render(found).split())
    assert "short by 110 h" in said
    assert "published: removed fraction 47 to 54 % at 24 to 72 h" in said
    assert "This explains a distance; it sets none." in said
    low, high = found["lost"][0]["percent_of_doses"]
    assert f"{low} to {high} % of all doses" in said


def test_a_range_shown_is_never_narrower_than_the_model_s(found: Data) -> None:
    """29.9 to 77.7 per cent is told as 29 to 78."""
    assert found["lost"][0]["sessions"][0]["percent_of_body"] == [29, 78]


def test_the_clash_is_said_with_what_lifts_it(clash: Data) -> None:
    for said in (
        calendar_text.render(clash),
        calendar_text.render_markdown(clash),
        calendar_svg.render(clash),
    ):
        flat = " ".join(re.sub(r"<[^>]+>", " ", said).split())
        assert "The smallest set of rules that cannot be kept together" in flat
        assert "The exchange unit works on Monday (without it a calendar exists)" in flat


def test_a_clash_that_no_single_rule_lifts_says_what_does(clash: Data) -> None:
    names = clash["clash"]["rules"]
    changed = {**clash, "clash": {**clash["clash"], "lifted_by": [], "give_up": names, "smallest": False}}
    said = calendar_text.render(changed)
    assert "No one of them alone is enough" in said and "A calendar exists without all of these" in said
    assert "all of them are needed for it" in said


def test_a_calendar_not_proved_the_earliest_says_so(found: Data) -> None:
    cut = {**found, "proven": False}
    for said in (calendar_text.render(cut), calendar_text.render_markdown(cut), calendar_svg.render(cut)):
        assert "an earlier calendar may exist" in said


def test_markdown_tables_cannot_be_broken(found: Data) -> None:
    rows = [
        line for line in calendar_text.render_markdown(hostile(found)).splitlines() if line.startswith("|")
    ]
    assert len(rows) == len(list(calendar_text.entries(found))) + 2
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in rows)
    assert not any("<script" in line or "\x1b" in line for line in rows)


# ── The picture ──


def test_the_picture_is_well_formed_named_and_complete(found: Data) -> None:
    root = ElementTree.fromstring(calendar_svg.render(found))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None
    marks = [group.findtext(f"{SVG}title") or "" for group in root.iter(f"{SVG}g")]
    for row in found["rows"]:
        assert any(row["label"] in mark and row["date"] in mark for mark in marks), row["id"]
    assert "href" not in calendar_svg.render(found)


def test_nothing_is_drawn_outside_the_picture(found: Data) -> None:
    root = ElementTree.fromstring(calendar_svg.render(found))
    width, height = map(float, (root.get("viewBox") or "").split()[2:])
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        room = 5.0 * len(text.text or "")  # a letter is about half as wide as it is high
        left = {"start": x, "middle": x - room / 2, "end": x - room}[text.get("text-anchor", "start")]
        assert left >= 0 and left + room <= width + 12 and 0 <= y <= height, text.text
    for box in root.iter(f"{SVG}rect"):
        assert float(box.get("x", "0")) + float(box.get("width", "0")) <= width + 0.1


def test_the_picture_escapes_what_it_shows(found: Data) -> None:
    picture = calendar_svg.render(hostile(found))
    ElementTree.fromstring(picture)
    assert "<script" not in picture and "\x1b" not in picture


def test_shapes_tell_the_kinds_apart(found: Data) -> None:
    root = ElementTree.fromstring(calendar_svg.render(found))
    shapes: dict[str, set[str]] = {}
    for group in root.iter(f"{SVG}g"):
        mark = group.findtext(f"{SVG}title") or ""
        row = next(row for row in found["rows"] if row["label"] in mark and row["date"] in mark)
        if not (row["goes_on"] or row["given"] or row["until"]):
            shapes.setdefault(row["kind"], set()).add(group[1].tag.removeprefix(SVG))
    assert shapes["infusion"] == {"circle"} and shapes["procedure"] == {"rect"} and shapes["test"] == {"path"}


def test_a_calendar_of_days_is_one_panel_and_an_empty_one_is_still_a_picture(found: Data) -> None:
    rows = [row for row in found["rows"] if row["day"] <= 9 and not row["until"]]
    few = {**found, "rows": rows, "visits": visits(rows)}
    assert "Day by day" in calendar_svg.render(few) and "All " not in calendar_svg.render(few)
    ElementTree.fromstring(calendar_svg.render({**found, "rows": [], "visits": []}))


def test_faces_give_the_same_bytes_twice(found: Data) -> None:
    for face in (calendar_text.render, calendar_text.render_markdown, calendar_svg.render, icalendar.render):
        assert face(found) == face(found)


# ── iCalendar ──


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def parsed(text: str) -> list[dict[str, str]]:
    """The events, each by property name with its parameters."""
    found: list[dict[str, str]] = []
    for line in unfolded(text):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name != "END":
            assert name not in found[-1], "no property stands twice"
            found[-1][name] = value
    return found


def test_lines_end_and_fold_as_rfc_5545_asks(found: Data) -> None:
    rows = [{**row, "note": "Größe „µ“ 漢字 " * 20} for row in found["rows"] if row["kind"] != "test"]
    longer = {**found, "rows": rows, "visits": []}
    text = icalendar.render(longer)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "") and "\r" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert any(line.startswith(" ") for line in text.split("\r\n"))
    assert all("漢字" in event["DESCRIPTION"] for event in parsed(text))


def test_every_row_to_come_is_an_event_and_the_tests_of_one_day_are_one(found: Data) -> None:
    rows = [
        {**entry, "time": None, "label": f"Tests: {entry['label']}"} if "details" in entry else entry
        for entry in calendar_text.entries(found)
        if "details" in entry or not entry["given"]
    ]
    events = parsed(icalendar.render(found))
    assert len(events) == len(rows) < len(found["rows"])
    for row, event in zip(rows, events, strict=True):
        assert {"UID", "DTSTAMP", "SUMMARY"} <= event.keys()
        assert event["SUMMARY"] == row["label"].replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        for detail in row.get("details", ()):
            assert detail["text"].split(",")[0] in event["DESCRIPTION"]
        day = row["date"].replace("-", "")
        if row["time"]:
            assert event["DTSTART"] == f"{day}T{row['time'].replace(':', '')}00"
        else:
            assert event["DTSTART;VALUE=DATE"] == day
            assert event["DTEND;VALUE=DATE"] > day
    assert len({event["UID"] for event in events}) == len(events)


def test_the_last_day_of_a_stretch_is_included(found: Data) -> None:
    (tablets,) = [row for row in found["rows"] if row["id"] == "tablets.1"]
    (event,) = [event for event in parsed(icalendar.render(found)) if event["SUMMARY"] == "Tablets"]
    after = datetime.date.fromisoformat(tablets["until"]) + datetime.timedelta(1)
    assert event["DTEND;VALUE=DATE"] == f"{after:%Y%m%d}"


def test_uids_stay_and_patients_are_kept_apart(found: Data) -> None:
    moved = {
        **found,
        "rows": [{**row, "date": "2026-12-24"} for row in found["rows"]],
        "visits": [{**visit, "date": "2026-12-24"} for visit in found["visits"]],
    }
    uids = [[event["UID"] for event in parsed(icalendar.render(data))] for data in (found, moved)]
    assert uids[0] == uids[1]
    other = [event["UID"] for event in parsed(icalendar.render(found, namespace="patient 2"))]
    assert not set(other) & set(uids[0])
    assert "patient 2" not in icalendar.render(found, namespace="patient 2")


def test_text_cannot_end_an_event(found: Data) -> None:
    text = icalendar.render(hostile(found), title="a;b,c\\d\r\nEND:VCALENDAR")
    lines = unfolded(text)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT")
    assert lines.count("END:VCALENDAR") == 1
    assert "\x1b" not in text
    assert r"a\;b\,c\\d\nEND:VCALENDAR" in lines[5]


def test_a_clash_gives_a_calendar_without_events(clash: Data) -> None:
    assert parsed(icalendar.render(clash)) == []
