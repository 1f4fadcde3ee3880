"""Small FHIR resources that the tests of the FHIR reader share, and the real concepts they are read with."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import yaml

from trivium.core.unit_spellings import UnitAliases
from trivium.knowledge.concepts import Concepts, build_concepts
from trivium.record.events import Event, ReadReport, Record, Skip
from trivium.record.fhir_in import read_bytes, skipped_by_type

ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Europe/Berlin")
Json = dict[str, Any]
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@cache
def real_concepts() -> Concepts:
    """The index over knowledge/, as the loader builds it."""
    folder = ROOT / "knowledge"
    valuesets = [yaml.safe_load(path.read_text()) for path in sorted((folder / "valuesets").glob("*.yaml"))]
    with (folder / "valuesets" / "rxnorm_products.csv").open() as file:
        products = list(csv.DictReader(file))
    units = UnitAliases.from_document(yaml.safe_load((folder / "units.yaml").read_text()))
    systems = yaml.safe_load((folder / "code_systems.yaml").read_text())
    return build_concepts(valuesets, products, systems, units, units.snomed)


def coded(code: str, system: str = LOINC, text: str | None = None) -> Json:
    concept: Json = {"coding": [{"system": system, "code": code}]}
    return concept if text is None else {**concept, "text": text}


def patient(name: str = "p", **more: Any) -> Json:
    return {"resourceType": "Patient", "id": name, "birthDate": "1970-05-01", "gender": "female", **more}


def resource(kind: str, **more: Any) -> Json:
    """A sound resource of patient p; `more` changes or (with None) removes elements."""
    owner = "patient" if kind in ("AllergyIntolerance", "Immunization", "Device") else "subject"
    base: Json = {
        "resourceType": kind,
        "id": "x",
        owner: {"reference": "Patient/p"},
        **_BASES.get(kind, {}),
        **more,
    }
    return {key: value for key, value in base.items() if value is not None}


_PREDNISONE = coded("8640", RXNORM)
_BASES: dict[str, Json] = {
    "Observation": {
        "status": "final",
        "code": coded("2276-4"),  # ferritin
        "effectiveDateTime": "2024-03-01T08:00:00+01:00",
    },
    "Condition": {"code": coded("233703007", SNOMED)},  # interstitial lung disease
    "MedicationAdministration": {"status": "completed", "medicationCodeableConcept": _PREDNISONE},
    "MedicationStatement": {"status": "active", "medicationCodeableConcept": _PREDNISONE},
    "MedicationRequest": {"status": "active", "intent": "order", "medicationCodeableConcept": _PREDNISONE},
    "MedicationDispense": {"status": "completed", "medicationCodeableConcept": _PREDNISONE},
    "AllergyIntolerance": {"code": coded("10831", RXNORM)},  # sulfamethoxazole / trimethoprim
    "Procedure": {"status": "completed", "code": coded("1258985005", SNOMED)},  # invasive ventilation
    "ServiceRequest": {"status": "active", "intent": "order", "code": coded("1258985005", SNOMED)},
    "DiagnosticReport": {"status": "final", "code": coded("24627-2")},  # CT of the chest
}


def bundle(*resources: Json, kind: str = "collection") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}


def read(*resources: Json) -> list[Record]:
    """Read a Bundle of these, and check that every resource is accounted for."""
    return read_raw(orjson.dumps(bundle(*resources)))


def read_raw(data: bytes, name: str = "test.json") -> list[Record]:
    records = read_bytes(data, name, real_concepts(), ZONE)
    for record in records:
        check_counts(record.report)
    return records


def check_counts(report: ReadReport) -> None:
    """read == used + not_needed + skipped, for every type."""
    skipped = skipped_by_type(report)
    for kind in {*report.read, *report.used, *report.not_needed, *skipped}:
        parts = report.used.get(kind, 0) + report.not_needed.get(kind, 0) + skipped[kind]
        assert report.read.get(kind, 0) == parts, kind


def one_record(*resources: Json) -> Record:
    """The record of patient p."""
    (record,) = read(patient(), *resources)
    return record


def one_event(*resources: Json) -> Event:
    record = one_record(*resources)
    assert not record.report.skips
    (event,) = record.events
    return event


def one_skip(*resources: Json) -> Skip:
    """Of a resource that leaves nothing behind."""
    record = one_record(*resources)
    assert not record.events
    (skip,) = record.report.skips
    return skip


def one_unread(*resources: Json) -> tuple[Event, Skip]:
    """Of a resource that cannot be read: the event that keeps its place, and the part that was skipped."""
    record = one_record(*resources)
    (event,), (skip,) = record.events, record.report.skips
    assert event.unread and event.value is None and event.absent_reason == skip.reason
    assert skip.origin.startswith(f"{event.origin.partition('#')[0]}#")
    assert record.report.used[event.origin.partition("/")[0]] == 1
    return event, skip


def test_every_base_resource_becomes_an_event() -> None:
    for kind in _BASES:
        assert one_event(resource(kind)).origin == f"{kind}/x"
