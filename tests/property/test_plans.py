"""Whole plans of the published patients: order, removal, units and the container never matter to them."""

from __future__ import annotations

import copy
import datetime
import gzip
import json
import random
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.command_line import PATIENTS

from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.plan import make_plan
from trivium.plan_json import plan_data, to_bytes
from trivium.record.fhir_in import read_bytes, read_path
from trivium.record.site import Site

Json = dict[str, Any]
SITE = Site()
FIRST, LATER = datetime.date(2000, 12, 31), datetime.date(2001, 2, 16)
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
STEMS = [path.stem for path in PATIENTS]
each = pytest.mark.parametrize("stem", STEMS)
few = settings(max_examples=15, deadline=None, derandomize=True, database=None)


@cache
def knowledge() -> Knowledge:
    return load()


@cache
def resources(stem: str) -> tuple[Json, ...]:
    (path,) = [path for path in PATIENTS if path.stem == stem]
    return tuple(entry["resource"] for entry in json.loads(path.read_text(encoding="utf-8"))["entry"])


def bundle(found: Sequence[Json], kind: str = "collection") -> bytes:
    entries = [{"fullUrl": f"https://x.example/{r['resourceType']}/{r['id']}", "resource": r} for r in found]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode()


def plans(data: bytes, day: datetime.date = FIRST) -> list[Json]:
    records = read_bytes(data, "bundle.json", knowledge().concepts, SITE.zone)
    return [plan_data(make_plan(knowledge(), record, day, SITE)) for record in records]


def plan(found: Sequence[Json], day: datetime.date = FIRST) -> Json:
    (only,) = plans(bundle(found), day)
    return only


@cache
def whole(stem: str, day: datetime.date = FIRST) -> Json:
    """The plan of a published patient as published; nobody changes it."""
    return plan(resources(stem), day)


def unread(data: Json) -> Json:
    """A plan without how the record was read, which alone may tell how it was written."""
    facts = {name: {key: fact[key] for key in fact if key != "seen"} for name, fact in data["facts"].items()}
    return {**data, "facts": facts, "read_report": None}


class TestOrder:
    @each
    @few
    @given(chance=st.randoms(use_true_random=False))
    def test_the_order_of_resources_never_changes_a_plan(self, stem: str, chance: random.Random) -> None:
        shuffled = list(resources(stem))
        chance.shuffle(shuffled)
        for day in (FIRST, LATER):
            assert to_bytes(plan(shuffled, day)) == to_bytes(whole(stem, day))

    @each
    def test_the_reverse_order_gives_the_same_plan(self, stem: str) -> None:
        assert plan(resources(stem)[::-1]) == whole(stem)


class TestContainer:
    @each
    def test_lines_a_zipped_file_a_list_and_a_folder_give_the_same_plan(
        self, stem: str, tmp_path: Path
    ) -> None:
        found = resources(stem)
        expected = [plan(found)]
        lines = b"\n".join(json.dumps(resource).encode() for resource in found)
        assert plans(lines) == expected
        assert plans(gzip.compress(bundle(found))) == expected
        assert plans(json.dumps(found).encode()) == expected
        for resource in found:
            (tmp_path / f"{resource['id']}.json").write_text(json.dumps(resource))
        (record,) = read_path(tmp_path, knowledge().concepts, SITE.zone)
        assert [plan_data(make_plan(knowledge(), record, FIRST, SITE))] == expected

    @each
    @pytest.mark.parametrize("kind", ["collection", "searchset", "document", "batch", "transaction"])
    def test_the_kind_of_bundle_never_matters(self, stem: str, kind: str) -> None:
        assert plans(bundle(resources(stem), kind)) == [whole(stem)]

    @each
    def test_bundles_within_a_bundle_give_the_same_plan(self, stem: str) -> None:
        found = resources(stem)
        inner = [json.loads(bundle(part)) for part in (found[:7], found[7:])]
        whole = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": part} for part in inner],
        }
        assert plans(json.dumps(whole).encode()) == [plan(found)]

    @each
    def test_a_resource_that_comes_twice_counts_once(self, stem: str) -> None:
        found = resources(stem)
        told, once = plan([*found, *copy.deepcopy(found)]), plan(found)
        assert told["read_report"]["notes"]["repeated-resource"] == len(found)
        assert told["read_report"]["used"] == once["read_report"]["used"]
        assert {**told, "read_report": None} == {**once, "read_report": None}


class TestRemoval:
    @each
    def test_a_resource_removed_and_put_back_restores_the_plan(self, stem: str) -> None:
        found = resources(stem)
        before = plan(found)
        for place in range(len(found)):
            rest = [*found[:place], *found[place + 1 :]]
            plans(bundle(rest))
            assert plan([*rest, found[place]]) == before

    @each
    def test_a_plan_without_a_resource_is_that_of_a_record_that_never_had_it(self, stem: str) -> None:
        """Nothing of a resource stays behind in the process: lines in another order, before and after."""
        found = resources(stem)
        never = {}
        for place in range(1, len(found)):
            rest = [*found[:place], *found[place + 1 :]]
            never[place] = plans(b"\n".join(json.dumps(resource).encode() for resource in rest[::-1]))
        plan(found)
        for place, expected in never.items():
            assert [plan([*found[:place], *found[place + 1 :]])] == expected

    @each
    def test_what_was_entered_in_error_leaves_the_plan_as_if_it_had_never_been(self, stem: str) -> None:
        found = resources(stem)
        for place, resource in enumerate(found):
            if resource["resourceType"] == "Patient":
                continue
            rest = [*found[:place], *found[place + 1 :]]
            void = _entered_in_error(resource)
            told, expected = plan([*rest, void]), plan(rest)
            assert unread(told) == unread(expected)
            report, before = told["read_report"], expected["read_report"]
            skips = [skip["reason"] for skip in report["skips"] if skip not in before["skips"]]
            kind = resource["resourceType"]
            unneeded = report["not_needed"].get(kind, 0) - before["not_needed"].get(kind, 0)
            assert skips == ["entered-in-error"] or (skips == [] and unneeded == 1), resource["id"]

    @each
    def test_of_another_patient_nothing_is_taken(self, stem: str) -> None:
        found = resources(stem)
        (other,) = [each for each in STEMS if each != stem][:1]
        together = {one["patient"]: one for one in plans(bundle([*found, *resources(other)]))}
        assert together[found[0]["id"]]["facts"] == plan(found)["facts"]
        assert len(together) == 2


def _entered_in_error(resource: Json) -> Json:
    if resource["resourceType"] == "Condition":
        coding = {
            "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
            "code": "entered-in-error",
        }
        rest = {key: resource[key] for key in resource if key != "clinicalStatus"}
        return {**rest, "verificationStatus": {"coding": [coding]}}
    return {**resource, "status": "entered-in-error"}


def quantity(value: str, unit: str) -> Json:
    return {"value": float(value), "unit": unit, "system": UCUM, "code": unit}


def rewritten(found: Sequence[Json], unit: str, other: str, times: Decimal) -> list[Json]:
    """The same record, each value in one unit written in another one."""
    changed = []
    for resource in found:
        amount = resource.get("valueQuantity")
        if amount and amount.get("code") == unit:
            value = str(Decimal(str(amount["value"])) * times)
            resource = {**resource, "valueQuantity": quantity(value, other)}
        changed.append(resource)
    assert changed != list(found)
    return changed


class TestUnits:
    @pytest.mark.parametrize("stem", STEMS[:3])
    @pytest.mark.parametrize(
        ("unit", "other", "times"),
        [
            ("/uL", "10*9/L", "0.001"),
            ("/uL", "10*3/uL", "0.001"),
            ("/uL", "/mm3", "1"),
            ("/uL", "10*6/L", "1"),
            ("ng/mL", "ug/L", "1"),
            ("ng/mL", "pmol/L", "2.247"),
            ("mg/dL", "mg/L", "10"),
            ("mg/dL", "g/L", "0.01"),
            ("mm[Hg]", "kPa", "0.133322"),
        ],
    )
    def test_the_unit_of_a_result_never_changes_a_plan(
        self, stem: str, unit: str, other: str, times: str
    ) -> None:
        """Factors are exact; ferritin is 2.247 pmol/L a ng/mL, as the content says."""
        for day in (FIRST, LATER):
            told = plan(rewritten(resources(stem), unit, other, Decimal(times)), day)
            assert unread(told) == unread(whole(stem, day))

    @pytest.mark.parametrize("mg_dl", ["0.5", "0.9", "1.2", "2", "11.3"])
    @pytest.mark.parametrize(
        ("unit", "times"), [("umol/L", "88.42"), ("mmol/L", "0.08842"), ("mg/L", "10"), ("g/L", "0.01")]
    )
    def test_creatinine_and_what_is_derived_from_it_are_the_same_in_any_unit(
        self, mg_dl: str, unit: str, times: str
    ) -> None:
        def with_creatinine(value: Decimal, unit: str) -> Json:
            subject = {"reference": f"Patient/{resources(STEMS[0])[0]['id']}"}
            result = {
                "resourceType": "Observation",
                "id": "creatinine",
                "status": "final",
                "subject": subject,
                "code": {"coding": [{"system": LOINC, "code": "2160-0"}]},
                "effectiveDateTime": FIRST.isoformat(),
                "valueQuantity": quantity(str(value), unit),
            }
            return plan([*resources(STEMS[0]), result])

        plain = with_creatinine(Decimal(mg_dl), "mg/dL")
        assert plain["facts"]["creatinine"]["value"] == float(mg_dl)
        assert "unknown" not in plain["facts"]["egfr_derived"]
        assert unread(with_creatinine(Decimal(mg_dl) * Decimal(times), unit)) == unread(plain)


def test_a_change_that_matters_is_seen() -> None:
    """The comparisons above can fail: another value, and a resource that is not there, change the plan."""
    found = resources(STEMS[0])
    ten_times = rewritten(found, "/uL", "/uL", Decimal(10))
    assert unread(plan(ten_times)) != unread(plan(found))
    whole = unread(plan(found))
    told = [unread(plan([*found[:place], *found[place + 1 :]])) for place in range(1, len(found))]
    assert sum(one != whole for one in told) > 5
