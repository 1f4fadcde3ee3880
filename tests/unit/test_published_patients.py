"""The published patients: only what their papers print, and all of it; well formed; codes that we know."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOSSIER = ROOT.parent / "shared" / "dossier" / "patients"
BUNDLES = sorted((ROOT / "tests" / "data" / "patients").glob("*.json"))
FORMS = sorted((ROOT / "tests" / "data" / "forms").glob("*.yaml"))
DAY_ONE = datetime.date(2000, 12, 31)

# Column of a triplet in the dossier → the end of the ids in the bundle.
COLUMNS = ("baseline", "escalation", "last")
QUANTITIES = {
    "ldh": ("ldh", "U/L"),
    "crp_mg_dl": ("crp", "mg/dL"),
    "lymphocytes": ("lymphocytes", "/uL"),
    "kl6": ("kl6", "U/mL"),
    "ferritin": ("ferritin", "ng/mL"),
    "mda5_index": ("anti-mda5", "{index}"),
}
PF_RATIOS = ("pf_ratio_baseline", "pf_ratio_at_escalation", "pf_ratio_last")
SUPPORTS = ("baseline_support", "support_at_escalation", "support_last")
# Code systems of FHIR itself, which need no value set.
OF_FHIR = ("http://terminology.hl7.org/CodeSystem/",)

Json = dict[str, Any]
bundles = pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)


@cache
def load(path: Path) -> Json:
    loaded: Json = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return loaded


def resources(bundle: Json) -> dict[str, Json]:
    """Every resource by its id without the patient's prefix; the patient under `patient`."""
    found = {}
    for entry in bundle["entry"]:
        resource = entry["resource"]
        found[resource["id"].removeprefix(bundle["id"]).lstrip("-") or "patient"] = resource
    return found


def walk(value: Any) -> Iterator[Json]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def dossier(path: Path) -> Json:
    source = DOSSIER / f"{path.stem}.yaml"
    if not source.exists():
        pytest.skip(f"the dossier is not beside this checkout (no {path.stem}.yaml)")
    loaded: Json = yaml.safe_load(source.read_text(encoding="utf-8"))
    return loaded


def test_there_are_four_patients_and_five_forms() -> None:
    assert [path.stem for path in BUNDLES] == [
        "ida2023_case1",
        "ida2023_case2",
        "ida2023_case3",
        "ogawa2017_case",
    ]
    assert [path.stem for path in FORMS] == [
        "almost_nothing_known",
        "child",
        "ida2023_case1",
        "pregnant",
        "worse_on_triple",
    ]


@bundles
def test_a_bundle_says_what_it_is_and_where_it_is_from(path: Path) -> None:
    bundle = load(path)
    assert bundle["resourceType"] == "Bundle"
    assert bundle["type"] == "collection"
    assert bundle["identifier"]["value"] == path.stem
    tags = {tag["system"]: tag for tag in bundle["meta"]["tag"]}
    assert tags["https://trivium.example/tags"]["code"] == "nominal-calendar"
    assert "no calendar dates" in tags["https://trivium.example/tags"]["display"]
    assert (
        path.read_text(encoding="utf-8")
        == json.dumps(json.loads(path.read_text()), indent=2, ensure_ascii=False) + "\n"
    )


@bundles
def test_nobody_is_named(path: Path) -> None:
    patient = resources(load(path))["patient"]
    assert set(patient) == {"resourceType", "id", "gender", "birthDate"}


@bundles
def test_every_reference_resolves_and_every_id_is_used_once(path: Path) -> None:
    bundle = load(path)
    names = [f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in bundle["entry"]]
    assert len(set(names)) == len(names)
    assert [entry["fullUrl"].split("/fhir/")[1] for entry in bundle["entry"]] == names
    for entry in bundle["entry"]:
        resource = entry["resource"]
        contained = {f"#{inner['id']}" for inner in resource.get("contained", ())}
        for part in walk(resource):
            if "reference" in part:
                assert part["reference"] in contained or part["reference"] in names


@cache
def known_codes() -> frozenset[tuple[str, str]]:
    return frozenset(
        (coded["system"], str(coded["code"]))
        for path in (ROOT / "knowledge" / "valuesets").glob("*.yaml")
        for coded in yaml.safe_load(path.read_text(encoding="utf-8")).get("codes") or ()
    )


@bundles
def test_every_code_is_of_a_value_set(path: Path) -> None:
    for part in walk(load(path)["entry"]):
        for coding in part.get("coding", ()):
            if not coding["system"].startswith(OF_FHIR):
                assert (coding["system"], coding["code"]) in known_codes()


@bundles
def test_no_day_is_printed_but_the_first_and_the_last(path: Path) -> None:
    """A full date is day 1, the day after it (where a wide period begins) or the last observed day."""
    days = {
        value
        for part in walk(load(path)["entry"])
        for value in part.values()
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-"
    }
    last = {"ida2023_case1": 48, "ida2023_case3": 43}.get(path.stem)
    allowed = {DAY_ONE, DAY_ONE + datetime.timedelta(days=1)}
    if last:
        allowed.add(DAY_ONE + datetime.timedelta(days=last - 1))
    assert days <= {day.isoformat() for day in allowed}
    if path.stem == "ogawa2017_case":
        assert not days


@pytest.mark.shared
@bundles
def test_every_number_of_the_paper_is_in_the_bundle_and_no_other(path: Path) -> None:
    paper, found = dossier(path), resources(load(path))
    expected: dict[str, tuple[str, Decimal]] = {}
    for name, (slug, unit) in QUANTITIES.items():
        for column, value in zip(COLUMNS, paper.get("labs", {}).get(name, ()), strict=False):
            expected[f"{slug}-{column}"] = (unit, Decimal(str(value)))
    for column, key in zip(COLUMNS, PF_RATIOS, strict=True):
        if paper.get("oxygenation", {}).get(key) is not None:
            expected[f"pf-ratio-{column}"] = ("mm[Hg]", Decimal(paper["oxygenation"][key]))
    if "observation" in paper["outcome"]:
        number, unit = paper["outcome"]["observation"].split()
        expected["observed"] = ({"days": "d", "months": "mo"}[unit], Decimal(number))
    printed = {
        name: (resource["valueQuantity"]["code"], Decimal(str(resource["valueQuantity"]["value"])))
        for name, resource in found.items()
        if "valueQuantity" in resource
    }
    assert printed == expected
    fields = paper.get("imaging", {}).get("infiltrated_fields", {})
    counted = {f"infiltrated-fields-{k.removeprefix('at_')}": number for k, number in fields.items()}
    assert {name: r["valueInteger"] for name, r in found.items() if "valueInteger" in r} == counted


@pytest.mark.shared
@bundles
def test_age_sex_antibody_and_lungs_are_as_printed(path: Path) -> None:
    paper, found = dossier(path), resources(load(path))
    assert DAY_ONE.year - int(found["patient"]["birthDate"]) == paper["patient"]["age"]
    assert found["patient"]["gender"] == paper["patient"]["sex"]
    assert paper["disease"]["mda5"] == "positive"
    positive = [name for name, resource in found.items() if "interpretation" in resource]
    assert positive == (["anti-mda5-baseline"] if "labs" in paper else ["anti-mda5"])
    assert paper["disease"]["rp_ild"] is True
    assert {"ild", "rp-ild", "dermatomyositis"} <= set(found)
    for name in ("skin", "muscle", "joint"):
        told = found.get(name, {})
        assert told.get("valueBoolean", told.get("valueString")) == paper["disease"].get(name)
    support = [paper.get("oxygenation", {}).get(key) for key in SUPPORTS]
    assert support == [found.get(f"oxygen-support-{column}", {}).get("valueString") for column in COLUMNS]


@pytest.mark.shared
@bundles
def test_every_text_of_the_paper_is_in_the_bundle(path: Path) -> None:
    """Treatment, course and outcome, in the words of the dossier; nothing of them is left out."""
    paper, bundle = dossier(path), load(path)
    said = {value for part in walk(bundle) for value in part.values() if isinstance(value, str)}
    tags = {tag["system"]: tag["code"] for tag in bundle["meta"]["tag"]}
    source = paper["source"]
    assert bundle["meta"]["source"] == source["url_seen"]
    assert tags["https://trivium.example/studies"] == source["study_id"]
    assert tags["https://www.ncbi.nlm.nih.gov/pmc"] == source["pmcid"]
    assert tags["https://trivium.example/seen"] == source["seen"]
    assert paper["outcome"]["status"] in said
    assert paper["disease"].get("stage", paper["outcome"]["status"]) in said
    for step in paper["timeline"]:
        assert step["event"] in said or step["event"].capitalize() in said


@pytest.mark.shared
@bundles
def test_nothing_of_the_dossier_is_overlooked(path: Path) -> None:
    """A new key in the dossier must be thought about: it turns this test red."""
    paper = dossier(path)
    known = {
        "": {"id", "source", "patient", "disease", "oxygenation", "imaging", "labs"}
        | {"infection_screen", "timeline", "outcome"},
        "patient": {"age", "sex", "weight_kg"},
        "disease": {"mda5", "mda5_index_baseline", "mda5_titre", "phenotype", "skin", "muscle", "joint"}
        | {"rp_ild", "stage"},
        "oxygenation": {*PF_RATIOS, *SUPPORTS},
        "imaging": {"infiltrated_fields"},
        "labs": {*QUANTITIES, "triplet_order"},
        "infection_screen": {"hbv", "tb"},
        "outcome": {"status", "observation", "mda5_titre"},
    }
    for part, keys in known.items():
        assert set(paper if not part else paper.get(part, {})) <= keys
    assert paper["patient"]["weight_kg"] is None
    assert set(paper["infection_screen"].values()) == {None}
    if "labs" in paper:
        assert tuple(paper["labs"]["triplet_order"]) == COLUMNS
        assert paper["disease"]["mda5_index_baseline"] == paper["labs"]["mda5_index"][0]


def test_the_typed_case_says_what_the_bundle_says_at_baseline() -> None:
    form = yaml.safe_load(
        (ROOT / "tests" / "data" / "forms" / "ida2023_case1.yaml").read_text(encoding="utf-8")
    )
    found = resources(load(ROOT / "tests" / "data" / "patients" / "ida2023_case1.json"))
    typed = {
        "lymphocyte_count": "lymphocytes-baseline",
        "ferritin": "ferritin-baseline",
        "lactate_dehydrogenase": "ldh-baseline",
        "c_reactive_protein": "crp-baseline",
        "kl6": "kl6-baseline",
        "pao2_fio2_ratio": "pf-ratio-baseline",
    }
    for fact, name in typed.items():
        quantity = found[name]["valueQuantity"]
        assert (Decimal(str(form[fact]["value"])), form[fact]["unit"]) == (
            quantity["value"],
            quantity["code"],
        )
        assert str(form[fact]["date"]) == DAY_ONE.isoformat()
    assert form["on_room_air"]["value"] is (found["oxygen-support-baseline"]["valueString"] == "room air")
