"""Emitted FHIR R4 held against a validator that is not ours: for every option of several patients."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tools.fhir import validator

from trivium.commands.regimen import RegimenRequest, make, run
from trivium.exchange.fhir_orders import request_group

_DATA = Path(__file__).parents[1] / "data"
_PATIENTS = (
    ("patients/ida2023_case1.json", "2000-12-31"),
    ("forms/almost_nothing_known.yaml", "2026-01-05"),
)
_AGENTS = (
    "methylprednisolone_pulse,ivig,rituximab,tofacitinib",
    "prednisone,tacrolimus,cyclophosphamide,tmp_smx",
    "plasma_exchange,rituximab:weekly_four,entecavir",
)
_SETTINGS = (
    "weight=60kg",
    "height=165cm",
    "creatinine=0.8mg/dL",
    "hbsag=negative",
    "anti_hbc_total=negative",
)


def _bundles() -> list[dict[str, Any]]:
    cases = itertools.product(_PATIENTS, _AGENTS, ((), _SETTINGS))
    return [
        request_group(make(RegimenRequest(_DATA / record, agents, as_of=day, days=28, settings=settings)))
        for (record, day), agents, settings in cases
    ]


def test_every_resource_is_valid_r4() -> None:
    problem = validator.missing()
    if problem:
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    bundles = _bundles()
    resources = [
        each for bundle in bundles for each in (bundle, *(entry["resource"] for entry in bundle["entry"]))
    ]
    found = validator.issues(resources)
    assert [issues for issues in found if issues] == []
    kinds = {resource["resourceType"] for resource in resources}
    assert kinds == {"Bundle", "RequestGroup", "MedicationRequest", "ServiceRequest"}
    # The validator does find faults.
    broken = json.loads(json.dumps(resources[1]))
    broken["status"] = 5
    del broken["intent"]
    assert validator.issues([broken])[0]


def test_nothing_is_an_order_and_what_is_withheld_is_said() -> None:
    for bundle in _bundles():
        group, *requests = (entry["resource"] for entry in bundle["entry"])
        assert all((each["status"], each["intent"]) == ("draft", "proposal") for each in (group, *requests))
        assert len(group.get("action", [])) == len(requests)
        urls = {entry["fullUrl"] for entry in bundle["entry"]}
        assert all(action["resource"]["reference"] in urls for action in group.get("action", []))


def test_the_same_regimen_gives_the_same_bytes() -> None:
    request = RegimenRequest(_DATA / "patients/ida2023_case1.json", _AGENTS[0], as_of="2000-12-31")
    assert run(request, "fhir", False) == run(request, "fhir", False)
