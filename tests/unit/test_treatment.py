"""Chosen agents made executable: what is barred carries no amount, what is unknown is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trivium.commands.assess import Request
from trivium.commands.options import run as run_options
from trivium.commands.regimen import RegimenRequest, make, run, run_calendar
from trivium.core.errors import UsageError
from trivium.treatment.for_plan import chosen

_DATA = Path(__file__).parents[1] / "data"
_IDA = _DATA / "patients" / "ida2023_case1.json"
_DAY = "2000-12-31"


def _make(agents: str, *settings: str, **more: Any) -> dict[str, Any]:
    more.setdefault("days", 42)
    return make(RegimenRequest(_IDA, agents, as_of=_DAY, settings=settings, **more))


def _order(data: dict[str, Any], agent: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in data["orders"] if each["id"] == f"drug.{agent}")
    return found


def test_a_blocked_agent_has_no_amount_and_no_days() -> None:
    data = _make("ivig,tofacitinib", "weight=60kg")  # 186 lymphocytes per microlitre
    order = _order(data, "tofacitinib")
    assert order["state"] == "blocked"
    assert any("500 lymphocytes" in why for why in order["why"])
    assert order["single"] is None
    assert order["dates"] == []
    assert not any(row["agent"] == "tofacitinib" for row in data["calendar"]["rows"])
    assert any("not scheduled" in note for note in data["calendar"]["notes"])


def test_an_agent_that_waits_says_for_what() -> None:
    order = _order(_make("rituximab", "weight=60kg"), "rituximab")
    assert order["state"] == "waits"
    assert any("HBsAg" in why for why in order["why"])
    assert order["single"] is None


def test_a_dose_without_its_weight_is_a_question() -> None:
    data = make(RegimenRequest(None, "ivig", as_of="2026-01-05", days=14))
    order = _order(data, "ivig")
    assert order["state"] != "proposed"
    assert order["single"] is None
    assert "body_weight" in {each["fact"] for each in data["questions"]}


def test_nobody_out_of_scope_gets_an_order() -> None:
    child = RegimenRequest(_DATA / "forms" / "child.yaml", "ivig,rituximab", as_of="2026-01-05", days=14)
    data = make(child)
    for agent in ("ivig", "rituximab"):
        order = _order(data, agent)
        assert order["state"] == "not indicated"
        assert order["single"] is None
        assert order["dates"] == []
    assert data["calendar"]["rows"] == []
    assert (
        "mg" not in run(child, "text", False).split("REFERENCES")[0].split("DOSES WITH")[1].split("INTER")[0]
    )


def test_grams_are_dose_times_weight() -> None:
    for weight in (48, 60, 75):
        order = _order(_make("ivig", f"weight={weight}kg"), "ivig")
        assert order["state"] == "proposed"
        assert f"{2 * weight} g" in order["words"]


def test_what_is_due_beside_an_agent_is_no_dose_of_it() -> None:
    known = ("weight=60kg", "hbsag=negative", "anti_hbc_total=negative", "active_serious_infection=false")
    data = _make("rituximab", *known)
    order = _order(data, "rituximab")
    infusions = [row["date"] for row in data["calendar"]["rows"] if row["kind"] == "infusion"]
    assert [each["date"] for each in order["dates"]] == infusions
    assert any("pjp" in each["id"] and each["kind"] == "other" for each in data["orders"])


def test_orders_of_urgency_and_named_regimens() -> None:
    assert chosen("ivig, rituximab:weekly_four") == (["ivig", "rituximab"], {"rituximab": "weekly_four"})
    for wrong in ("", "ivig,ivig"):
        with pytest.raises(UsageError):
            chosen(wrong)
    with pytest.raises(UsageError, match="no regimen"):
        _make("rituximab:none_such")
    with pytest.raises(UsageError, match="no dose of"):
        _make("aspirin")


def test_interactions_among_the_chosen_are_found() -> None:
    concerns = _make("tacrolimus,tofacitinib")["interactions"]["concerns"]
    pair = next(each for each in concerns if set(each["agents"]) == {"tacrolimus", "tofacitinib"})
    assert pair["certainty"] == "present"
    assert pair["severity"] in ("avoid", "contraindicated")


def test_a_site_changes_calendar_and_says_so(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        'zone = "UTC"\n[infusions]\nweekdays = ["wed"]\n[formulary]\ntofacitinib = []\n', encoding="utf-8"
    )
    known = ("weight=60kg", "hbsag=negative", "anti_hbc_total=negative")
    days = {
        row["date"]
        for row in _make("rituximab", *known, site=site)["calendar"]["rows"]
        if row["kind"] == "infusion"
    }
    assert days  # 2000-12-31 is a Sunday
    assert "2001-01-03" in days
    text = run(RegimenRequest(_IDA, "rituximab", as_of=_DAY, site=site, settings=known), "text", False)
    assert "WHAT THIS SITE DECLARES" in text
    assert "Infusion days: Wed" in text
    assert "Declared not held: tofacitinib" in text


@pytest.mark.parametrize("form", ["text", "md", "html", "json", "fhir"])
def test_every_face_of_a_regimen(form: str) -> None:
    text = run(RegimenRequest(_IDA, "ivig,rituximab", as_of=_DAY, settings=("weight=60kg",)), form, False)
    assert "rituximab" in text.lower()
    assert "\x1b" not in text


@pytest.mark.parametrize("form", ["text", "md", "json", "svg", "ics"])
def test_every_face_of_a_calendar(form: str) -> None:
    request = RegimenRequest(_IDA, "ivig,plasma_exchange", as_of=_DAY, settings=("weight=60kg",), days=28)
    text = run_calendar(request, form)
    assert {"svg": "<svg", "ics": "BEGIN:VCALENDAR", "json": '"rows"'}.get(form, "Calendar") in text


def test_options_stand_side_by_side_with_their_evidence() -> None:
    request = Request(record=_IDA, as_of=_DAY)
    data = json.loads(run_options(request, "json"))
    by_agent = {each["agent"]: each for each in data["options"]}
    assert set(by_agent) >= {"rituximab", "ivig", "tacrolimus", "cyclophosphamide", "tofacitinib"}
    assert by_agent["tofacitinib"]["status"] == "blocked"
    assert all(bar["lifted_by"] for bar in by_agent["tofacitinib"]["blockers"])
    assert by_agent["tofacitinib"]["evidence"]["studies"] > 0
    assert not any("score" in key for each in data["options"] for key in each)
    for form in ("text", "md", "html"):
        assert "Tofacitinib" in run_options(request, form)


def test_the_same_input_gives_the_same_bytes() -> None:
    request = RegimenRequest(_IDA, "ivig,rituximab", as_of=_DAY, settings=("weight=60kg",))
    assert run(request, "json", False) == run(request, "json", False)
