"""Replays: every day's plan is that day's own, differences add up, nothing is seen before its time.

Golden files: TRIVIUM_RESET=1 python -m pytest tests/unit/test_replay.py writes them anew; review the diff.
"""

from __future__ import annotations

import datetime
import itertools
import json
import os
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from trivium.commands.assess import Request
from trivium.commands.replay import replay_data, run
from trivium.core.errors import UsageError
from trivium.faces.lines import WIDTH
from trivium.faces.replay_text import render as render_text
from trivium.knowledge.concepts import RXNORM
from trivium.knowledge.loader import load
from trivium.knowledge.models import Criterion, FactSpec, Knowledge, Retrieval
from trivium.logic.nodes import Compare, FactRef, Literal, Type
from trivium.plan import Plan, make_plan
from trivium.record.events import Record
from trivium.record.read import read_records
from trivium.record.site import Site
from trivium.replay import MOST_DAYS, SECTIONS, Replay, State, days_to_look_at, replay, state_of

ROOT = Path(__file__).resolve().parents[2]
COURSES = sorted((ROOT / "tests" / "data" / "courses").glob("*.json"))
PATIENTS = sorted((ROOT / "tests" / "data" / "patients").glob("*.json"))
GOLDEN = ROOT / "tests" / "golden" / "replay"
RESET = os.environ.get("TRIVIUM_RESET") == "1"
DAY = datetime.timedelta(1)

Json = dict[str, Any]
courses = pytest.mark.parametrize("path", COURSES, ids=lambda path: path.stem)


@cache
def knowledge() -> Knowledge:
    return load()


def read(path: Path) -> Record:
    (record,) = read_records(path, knowledge().pathway.facts, knowledge().concepts, datetime.UTC)
    return record


@cache
def walked(path: Path) -> tuple[Record, Replay, tuple[Plan, ...]]:
    record, seen = read(path), list[Plan]()
    return record, replay(knowledge(), record, Site(), watch=seen.append), tuple(seen)


@cache
def data(path: Path) -> Json:
    return replay_data(knowledge(), read(path), Site())


def bundle(tmp_path: Path, *resources: Json) -> Path:
    """A record of one patient with these resources."""
    person = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1960-05-05"}
    entries = [{"resource": {"subject": {"reference": "Patient/p"}, **each}} for each in resources]
    path = tmp_path / "record.json"
    everything = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": person}, *entries]}
    path.write_text(json.dumps(everything), encoding="utf-8")
    return path


def lymphocytes(day: str, number: float, name: str = "lab", **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "731-0"}], "text": "Lymphocytes"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": number, "system": "http://unitsofmeasure.org", "code": "10*3/uL"},
        **more,
    }


def applied(course: Replay, until: datetime.date) -> dict[str, dict[str, tuple[str, frozenset[str]]]]:
    """Start and differences up to a day → section, id → status and what holds."""
    found = {
        section: {entry.id: (entry.status, frozenset(entry.holds)) for entry in entries.values()}
        for section, entries in course.start.items()
    }
    for day, changes in course.steps.items():
        for section, change in ((s, c) for s, cs in changes.items() for c in cs if day <= until):
            _, held = found[section].get(change.id, ("", frozenset()))
            found[section].pop(change.id, None)
            if change.after is not None:
                holds = (held - set(change.removed)) | set(change.added)
                found[section][change.id] = (change.after, holds)
    return found


def flat(state: State) -> dict[str, dict[str, tuple[str, frozenset[str]]]]:
    return {
        section: {entry.id: (entry.status, frozenset(entry.holds)) for entry in entries.values()}
        for section, entries in state.items()
    }


def ticking(course: Replay) -> set[str]:
    specs = knowledge().pathway.facts
    return {
        name
        for name in course.start["facts"]
        if specs[name].retrieval.kind in ("age", "days_since", "derived")
    }


def test_there_are_courses_and_they_say_what_they_are() -> None:
    assert [path.stem for path in COURSES] == ["responds", "worsens"]
    for path in COURSES:
        tags = json.loads(path.read_text(encoding="utf-8"))["meta"]["tag"]
        said = {tag["code"]: tag["display"] for tag in tags}
        assert said["composed-course"] == "Composed for testing; not a patient"
        assert "nominal-calendar" in said


@courses
def test_every_resource_of_a_course_is_read(path: Path) -> None:
    report = read(path).report
    assert not report.skips and sum(report.used.values()) > 100
    allowed = {"Observation"}  # a result no fact asks for yet
    assert {kind for kind, number in report.not_needed.items() if number} <= allowed


@courses
def test_the_plan_of_a_day_is_the_plan_made_for_that_day(path: Path) -> None:
    _, course, plans = walked(path)
    assert tuple(plan.as_of for plan in plans) == course.days
    for plan in plans[:: max(1, len(plans) // 12)]:
        alone = make_plan(knowledge(), read(path), plan.as_of, Site())
        assert state_of(alone) == state_of(plan)


@courses
def test_differences_add_up_to_each_plan(path: Path) -> None:
    _, course, plans = walked(path)
    passing = ticking(course)
    for plan in plans:
        here, there = applied(course, plan.as_of), flat(state_of(plan))
        for section in SECTIONS:
            mine = {name: found for name, found in here[section].items() if name not in passing}
            true = {name: found for name, found in there[section].items() if name not in passing}
            assert mine == true, (plan.as_of, section)


@courses
def test_no_day_between_is_missed(path: Path) -> None:
    """On days that are not looked at the plan is that of the day looked at before."""
    record, course, plans = walked(path)
    until = course.days[0] + 45 * DAY
    passing = ticking(course)
    for plan, after in itertools.pairwise(plans):
        day = plan.as_of + DAY
        while day < min(after.as_of, until):
            other = state_of(make_plan(knowledge(), record, day, Site()))
            for section, entries in state_of(plan).items():
                assert {n: e for n, e in entries.items() if n not in passing} == {
                    n: e for n, e in other[section].items() if n not in passing
                }, (day, section)
            day += DAY


@courses
def test_every_change_names_changed_facts(path: Path) -> None:
    for step in data(path)["steps"]:
        moved = {item["id"] for item in step["changes"]["facts"]}
        for section in ("stage", "recommendations", "options", "alerts", "scores"):
            for item in step["changes"][section]:
                assert item["because"], (step["day"], item)
                assert set(item["because"]) <= moved


@courses
def test_the_order_of_resources_is_irrelevant(path: Path) -> None:
    record = read(path)
    events = list(record.events)
    random.Random(4).shuffle(events)
    assert replay_data(knowledge(), replace(record, events=events), Site()) == data(path)


def test_a_result_is_not_seen_before_it_was_issued(tmp_path: Path) -> None:
    lab = lymphocytes("2024-01-01", 0.3, issued="2024-01-04T10:00:00Z")
    found = replay_data(knowledge(), read(bundle(tmp_path, lab)), Site())
    before = {item["id"]: item["status"] for item in found["start"]["plan"]["facts"]}
    assert found["first"] == "2024-01-01"
    assert before["lymphocyte_count"] == "not known: not-yet-reported"
    assert [entry["what"] for entry in found["start"]["happened"]] == ["sampled"]
    (step,) = [step for step in found["steps"] if step["day"] == "2024-01-04"]
    assert step["happened"][0]["what"] == "reported"
    (fact,) = [item for item in step["changes"]["facts"] if item["id"] == "lymphocyte_count"]
    assert (fact["before"], fact["after"]) == ("not known: not-yet-reported", "0.3 10*3/uL")


def test_an_end_is_a_day_of_its_own(tmp_path: Path) -> None:
    drug = {
        "resourceType": "MedicationStatement",
        "id": "tac",
        "status": "completed",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "42316"}]},
        "effectivePeriod": {"start": "2024-01-01", "end": "2024-02-07"},
    }
    found = replay_data(knowledge(), read(bundle(tmp_path, drug)), Site())
    (step,) = [step for step in found["steps"] if step["day"] == "2024-02-07"]
    assert [entry["what"] for entry in step["happened"]] == ["ended"]
    assert ("yes", "not known") in [(item["before"], item["after"]) for item in step["changes"]["facts"]]
    (row,) = found["treatments"]
    assert row["spans"] == [{"first": "2024-01-01", "last": "2024-02-07", "ongoing": False, "exact": True}]


@courses
def test_the_antibody_of_a_course_is_seen_on_the_day_of_its_report(path: Path) -> None:
    _, course, _ = walked(path)
    changed = {
        day.isoformat(): (change.before, change.after)
        for day, changes in course.steps.items()
        for change in changes["facts"]
        if change.id == "anti_mda5_antibody"
    }
    assert course.start["facts"]["anti_mda5_antibody"].status == "not known: not-yet-reported"
    assert changed["2001-01-03"] == ("not known: not-yet-reported", "positive")


def test_a_lab_goes_stale_on_its_day(tmp_path: Path) -> None:
    good_for = knowledge().pathway.facts["lymphocyte_count"].good_for
    assert good_for is not None
    lost = datetime.date(2024, 1, 1) + datetime.timedelta(seconds=good_for)
    record = read(bundle(tmp_path, lymphocytes("2024-01-01", 0.3)))
    found = replay_data(knowledge(), record, Site(), last=lost + 5 * DAY)
    changes = {
        step["day"]: (item["before"], item["after"])
        for step in found["steps"]
        for item in step["changes"]["facts"]
        if item["id"] == "lymphocyte_count"
    }
    assert changes == {lost.isoformat(): ("0.3 10*3/uL", "not known: stale")}
    (series,) = [item for item in found["series"] if item["fact"] == "lymphocyte_count"]
    assert series["lost"] == [lost.isoformat()] and series["points"][0]["low"] == 0.3
    assert {"op": "<", "value": 0.5} in series["thresholds"]


def test_a_day_without_anything_is_dropped_and_counted(tmp_path: Path) -> None:
    record = read(bundle(tmp_path, lymphocytes("2024-01-01", 0.3)))
    found = replay_data(knowledge(), record, Site(), last=datetime.date(2024, 6, 1))
    assert found["days"]["looked_at"] == 1 + len(found["steps"]) + found["days"]["unchanged"]
    assert found["days"]["unchanged"] >= 1


def test_too_many_days_are_cut_and_said(tmp_path: Path) -> None:
    first = datetime.date(2020, 1, 1)
    labs = [lymphocytes((first + n * DAY).isoformat(), 1.0, f"lab-{n}") for n in range(MOST_DAYS + 30)]
    record = read(bundle(tmp_path, *labs))
    days, note = days_to_look_at(knowledge(), record, datetime.UTC, None, None)
    assert len(days) == MOST_DAYS and days[-1] == first + (MOST_DAYS + 29) * DAY
    assert "only the last" in note
    days, note = days_to_look_at(knowledge(), record, datetime.UTC, None, first + 20 * DAY)
    assert len(days) == 21 and not note


def test_days_that_cannot_be_are_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path, lymphocytes("2024-01-01", 0.3))
    with pytest.raises(UsageError, match="first day is after the last"):
        run(Request(path), "text", "2024-02-01", "2024-01-01")
    with pytest.raises(UsageError, match="no format"):
        run(Request(path), "pdf")
    with pytest.raises(UsageError, match="bears a date"):
        run(Request(bundle(tmp_path)), "text")


def test_json_is_complete_and_the_same_each_time() -> None:
    path = COURSES[0]
    text = run(Request(path), "json")
    assert text == run(Request(path), "json")
    assert json.loads(text) == json.loads(json.dumps(data(path)))


@courses
def test_the_text_fits_a_terminal(path: Path) -> None:
    lines = render_text(data(path)).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "\x1b" not in "".join(lines) and "\x1b[1m" in render_text(data(path), colour=True)


def test_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "731-0"}], "text": "Lymph\x1b[2Jocytes\r\n2024"}
    text = run(Request(bundle(tmp_path, lymphocytes("2024-01-01", 0.3, code=code))), "text")
    assert "\x1b" not in text and "\r" not in text


@pytest.mark.parametrize("path", [*COURSES, *PATIENTS], ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """Reviewed texts; a paper without any date has no course."""
    try:
        lines = run(Request(path), "text").splitlines(keepends=True)
    except UsageError as problem:
        assert path.stem == "ogawa2017_case" and "bears a date" in str(problem)
        return
    text = "".join(line for line in lines if not line.startswith("content "))
    golden = GOLDEN / f"{path.stem}.txt"
    if RESET:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "TRIVIUM_RESET=1 writes it anew; review the difference"


def test_days_on_which_a_number_of_days_is_reached_are_looked_at(tmp_path: Path) -> None:
    """`more than 4 weeks ago` turns after 28 days: the day itself and the next are looked at."""
    pathway = knowledge().pathway
    kind = Type("quantity", "wk")
    since = FactSpec("weeks_since_count", "since", kind, Retrieval("days_since", ("lymphocyte_count",)))
    node = Compare(">", FactRef(since.id, kind), Literal(4, kind))
    criterion = Criterion("long_ago", "long ago", node, "weeks_since_count > 4")
    facts, criteria = {**pathway.facts, since.id: since}, {**pathway.criteria, criterion.id: criterion}
    more = replace(knowledge(), pathway=replace(pathway, facts=facts, criteria=criteria))
    record = read(bundle(tmp_path, lymphocytes("2024-01-01", 0.3)))
    first = datetime.date(2024, 1, 1)
    days, _ = days_to_look_at(more, record, datetime.UTC, None, first + 60 * DAY)
    assert {first + 28 * DAY, first + 29 * DAY} <= set(days)
    assert (
        first + 29 * DAY not in days_to_look_at(knowledge(), record, datetime.UTC, None, first + 60 * DAY)[0]
    )


@pytest.mark.parametrize(
    ("born", "days"),
    [("1960-02-29", ["2023-03-01", "2024-02-29"]), ("1960-05-05", ["2022-05-05", "2023-05-05"])],
)
def test_birthdays_are_looked_at(tmp_path: Path, born: str, days: list[str]) -> None:
    path = bundle(tmp_path, lymphocytes("2022-03-02", 0.3))
    path.write_text(path.read_text(encoding="utf-8").replace("1960-05-05", born), encoding="utf-8")
    seen, _ = days_to_look_at(knowledge(), read(path), datetime.UTC, None, datetime.date(2024, 3, 1))
    assert set(map(datetime.date.fromisoformat, days)) <= set(seen)
