"""Every patient in the shared FHIR data, none of whom has this disease, gets a plan that treats nothing.

Plans are made on the last day of each record, when its results are fresh, and long after it.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.unit.test_fhir_samples import check_counts

from trivium.core.errors import RecordError
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.plan import Plan, make_plan
from trivium.plan_json import plan_data, report_data, to_bytes
from trivium.record.events import Person, Record
from trivium.record.read import read_records
from trivium.record.site import Site

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SITE = Site()
LATER = datetime.date(2026, 6, 30)
SMALL = ("smart-bulk-10", "pathling-synthea", "hl7-r4-examples", "mii-icu-examples")
LARGE = "ecqm-qicore-tests"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"the shared test data are not beside the checkout ({DATA})"
    ),
]
folders = pytest.mark.parametrize("folder", [*SMALL, LARGE])


@cache
def knowledge() -> Knowledge:
    return load()


@cache
def patients(folder: str) -> tuple[Record, ...]:
    facts, concepts = knowledge().pathway.facts, knowledge().concepts
    return tuple(read_records(DATA / folder, facts, concepts, SITE.zone))


def last_day(record: Record) -> datetime.date:
    """The day of the last thing that is dated and not in the future."""
    horizon = datetime.datetime.combine(LATER, datetime.time(), datetime.UTC).timestamp()
    ends = [
        when.end for event in record.events for when in (event.when, event.known_from) if when.end is not None
    ]
    latest = max((end for end in ends if end <= horizon), default=None)
    return LATER if latest is None else datetime.datetime.fromtimestamp(latest, datetime.UTC).date()


def plans(folder: str) -> Iterator[Plan]:
    """A plan of every patient; in the large folder, of those without any event one of each age and sex."""
    silent: set[Person] = set()
    for record in patients(folder):
        if folder == LARGE and not record.events:
            alike = dataclasses.replace(record.person, id="")
            if alike in silent:
                continue
            silent.add(alike)
        for day in {last_day(record), LATER} if folder != LARGE else {last_day(record)}:
            yield make_plan(knowledge(), record, day, SITE)


def offered(plan: Plan) -> list[str]:
    """What a plan would have done to the patient."""
    found = [
        item.recommendation.id
        for item in plan.assessment.recommendations
        if item.recommendation.treatment and item.status in ("recommended", "consider")
    ]
    return found + [
        item.agent.id for item in plan.assessment.options if item.status in ("recommended", "consider")
    ]


@folders
def test_no_patient_crashes_the_plan_and_none_is_treated(folder: str) -> None:
    known: Counter[str] = Counter()
    made = 0
    for plan in plans(folder):
        assert offered(plan) == [], plan.record.person.id
        assert plan.assessment.criteria[plan.knowledge.pathway.in_scope].truth.value != "true"
        assert set(plan.facts) == set(plan.knowledge.pathway.facts)
        known.update(name for name, fact in plan.facts.items() if fact.is_known)
        made += 1
    assert made >= min(len(patients(folder)), 1_000) > 0
    assert known["sex"] or folder == "mii-icu-examples"  # not merely because nothing was read


@folders
def test_every_resource_is_read_and_used_or_not_needed_or_skipped_by_name(folder: str) -> None:
    for record in patients(folder):
        check_counts(record.report)
        report = report_data(record.report)
        for kind, read in report["read"].items():
            parts = (report["used"], report["not_needed"], report["skipped"])
            assert read == sum(part.get(kind, 0) for part in parts), kind
        assert set(report["skipped"]) <= set(report["read"])
        assert all(skip["reason"] and skip["origin"] for skip in report["skips"])


@pytest.mark.parametrize("folder", SMALL)
def test_every_plan_can_be_written_out(folder: str) -> None:
    for plan in plans(folder):
        assert to_bytes(plan_data(plan))


def test_there_are_about_as_many_patients_as_the_data_promise() -> None:
    counts = {folder: len(patients(folder)) for folder in (*SMALL, LARGE)}
    assert counts["smart-bulk-10"] == 13
    assert counts["pathling-synthea"] == 19
    assert counts["hl7-r4-examples"] >= 35
    assert counts[LARGE] >= 3_208


def test_every_edge_case_gets_a_plan_or_is_refused_in_words() -> None:
    ended: Counter[str] = Counter()
    facts, concepts = knowledge().pathway.facts, knowledge().concepts
    for path in sorted((DATA / "fhir-edge-cases").rglob("*.json")):
        try:
            records = read_records(path, facts, concepts, SITE.zone)
        except RecordError as problem:
            assert problem.what and "Traceback" not in str(problem)
            ended["refused"] += 1
            continue
        for record in records:
            plan = make_plan(knowledge(), record, LATER, SITE)
            assert offered(plan) == [], path.name
            ended["plan"] += 1
    assert ended["plan"] > 50
    assert ended["refused"] > 5
