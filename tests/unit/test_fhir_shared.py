"""Every FHIR file of the shared test data: nothing crashes, nothing is lost, nothing is misread."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.unit.test_fhir_samples import LOINC, ROOT, ZONE, check_counts, real_concepts

from trivium.core.errors import RecordError
from trivium.knowledge.concepts import build_concepts
from trivium.record.events import Quantity, Record
from trivium.record.fhir_in import read_path

DATA = ROOT.parent / "shared" / "data"
FOLDERS = ["smart-bulk-10", "pathling-synthea", "hl7-r4-examples", "mii-icu-examples", "ecqm-qicore-tests"]
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"the shared test data are not beside the checkout ({DATA})"
    ),
]


def read(path: Path) -> list[Record]:
    records = read_path(path, real_concepts(), ZONE)
    for record in records:
        check_counts(record.report)
    return records


def reasons(records: list[Record]) -> Counter[str]:
    return Counter(skip.reason for record in records for skip in set(record.report.skips))


@pytest.mark.parametrize("folder", FOLDERS)
def test_r4_data_are_read_and_never_taken_for_another_version(folder: str) -> None:
    records = read(DATA / folder)
    assert sum(len(record.events) for record in records) > 20
    assert not {"fhir-stu3", "fhir-r5", "fhir-dstu2", "malformed"} & set(reasons(records))
    for record in records:
        assert len({id(event) for event in record.events}) == len(record.events)


def test_every_edge_case_is_read_or_refused_in_words() -> None:
    outcomes: Counter[str] = Counter()
    for path in sorted((DATA / "fhir-edge-cases").rglob("*.*")):
        try:
            outcomes["malformed"] += reasons(read(path))["malformed"]
            outcomes["read"] += 1
        except RecordError as problem:
            assert problem.what and "Traceback" not in str(problem)
            outcomes["refused"] += 1
    assert outcomes["read"] > 100
    assert outcomes["refused"] > 100  # most of them XML
    assert not outcomes["malformed"]


def test_stu3_examples_are_refused_or_skipped() -> None:
    folder = DATA / "fhir-edge-cases" / "stu3-hl7-examples"
    refused = []
    for path in sorted(folder.glob("*.json")):
        try:
            read(path)
        except RecordError as problem:
            assert "STU3" in problem.what
            refused.append(path.name)
    # What is left has no element that changed: it means the same in R4.
    assert len(refused) == 10


def test_an_order_of_trimethoprim_is_never_made_of_an_allergy() -> None:
    records = read(DATA / "smart-bulk-10")
    kinds = {event.kind.value for record in records for event in record.events if "tmp_smx" in event.concepts}
    assert kinds == {"allergy"}
    tacrolimus = [event for record in records for event in record.events if "tacrolimus" in event.concepts]
    assert len(tacrolimus) == 23


def test_unit_text_against_unit_code_in_cms844() -> None:
    """Six bicarbonates: mmol/L in words, mg/dL in the code. No value set asks for them, so one is made up."""
    path = DATA / "ecqm-qicore-tests" / "CMSFHIR844HybridHospitalWideMortality.ndjson.gz"
    bicarbonate = {"id": "b", "resources": ["Observation"], "codes": [{"system": LOINC, "code": "14627-4"}]}
    real = real_concepts()
    concepts = build_concepts([bicarbonate], (), (), real.unit_aliases, real.unit_codes)
    values = [event.value for record in read_path(path, concepts, ZONE) for event in record.events]
    quantities = [value for value in values if isinstance(value, Quantity)]
    refused = [value for value in quantities if value.unit_problem == "unit text mmol/L against code mg/dL"]
    assert len(refused) == 6
    assert all(value.unit is None for value in refused)


def test_what_qi_core_says_was_not_done_is_skipped() -> None:
    found = reasons(read(DATA / "ecqm-qicore-tests"))
    assert found["modifier-extension"] and found["do-not-perform"] and found["not-done"] and found["refuted"]


def test_google_jsonformat_traps() -> None:
    folder = DATA / "fhir-edge-cases" / "google-jsonformat"
    for path in sorted(folder.glob("observation_*.json")):
        try:
            records = read(path)
        except RecordError as problem:
            assert problem.what
            continue
        assert all(record.report.read for record in records)
