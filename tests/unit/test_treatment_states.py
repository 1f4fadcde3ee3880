"""What keeps an order from being proposed: no amount, no day, no request, and the reason in every face."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from trivium.commands.dose import DoseRequest
from trivium.commands.dose import run as run_dose
from trivium.commands.regimen import RegimenRequest, make, run, run_calendar
from trivium.core.errors import UsageError
from trivium.exchange.fhir_orders import request_group

_DAY = "2026-03-02"
_KNOWN = (
    "age=50",
    "sex=male",
    "weight=70kg@2026-03-01",
    "height=170cm@2026-03-01",
    "mda5_positive_ever=true",
    "dermatomyositis=true",
    "interstitial_lung_disease=true",
    "rp_ild=true",
    "medication_list_complete=true",
    "problem_list_complete=true",
    "creatinine=0.9 mg/dL@2026-03-01",
    "lymphocyte_count=0.9 10*3/uL@2026-03-01",
    "hemoglobin=12 g/dL@2026-03-01",
    "platelet_count=200@2026-03-01",
    "alt=30",
    "ast=30",
    "active_serious_infection=false",
    "igra=negative",
    "child_pugh=no_liver_disease",
    "haemodialysis=false",
    "urinary_obstruction_or_infection=false",
    "live_vaccine_planned=false",
    "planned_prednisone_dose=60 mg/d",
    "planned_duration=30 d",
)
_COUNTS = "neutrophil_count=4 10*3/uL@2026-03-01"
_HBV = ("hbsag=negative", "anti_hbc_total=negative")
_OVERRIDE = "tofacitinib_biologic_override={value: true, by: Dr A, because: nothing else is left}"


@lru_cache
def _make(agents: str, *settings: str, site: str = "", days: int = 42, folder: Path | None = None) -> Any:
    return make(_request(agents, *settings, site=site, days=days, folder=folder))


def _request(
    agents: str, *settings: str, site: str = "", days: int = 42, folder: Path | None = None
) -> RegimenRequest:
    known = [each for each in (*_KNOWN, _COUNTS, *_HBV) if _name(each) not in map(_name, settings)]
    typed = (*known, *(each for each in settings if not each.endswith("=")))
    path = None
    if site and folder:
        path = folder / "site.toml"
        path.write_text(f'zone = "UTC"\n{site}', encoding="utf-8")
    return RegimenRequest(None, agents, as_of=_DAY, days=days, settings=typed, site=path)


def _name(setting: str) -> str:
    return setting.partition("=")[0]


def _order(data: Any, agent: str) -> Any:
    return next(each for each in data["orders"] if each["id"] == f"drug.{agent}")


def _requests(data: Any) -> dict[str, Any]:
    """The medication requests of a regimen, by the words of the drug."""
    resources = [entry["resource"] for entry in request_group(data)["entry"]]
    return {
        each["medicationCodeableConcept"]["text"]: each
        for each in resources
        if each["resourceType"] == "MedicationRequest"
    }


def _withheld(data: Any, *agents: str) -> None:
    """No amount and no day of these anywhere."""
    for agent in agents:
        order = _order(data, agent)
        assert order["state"] != "proposed"
        assert order["why"]
        assert (order["single"], order["amounts"], order["dates"]) == (None, [], [])
        assert order["label"] not in _requests(data)


class TestAmounts:
    @pytest.mark.parametrize(("most", "days"), [(0, 2), (80, 2), (60, 3), (35, 4)])
    def test_what_is_given_in_a_course_adds_up_to_its_dose(
        self, most: int, days: int, tmp_path: Path
    ) -> None:
        site = f'[infusions.most_a_day]\nivig = {{value = {most}, unit = "g"}}\n' if most else ""
        data = _make("ivig", site=site, days=20, folder=tmp_path)
        (part,) = _order(data, "ivig")["amounts"]
        assert len(part["dates"]) == days
        assert part["single"] * days == pytest.approx(140)
        (request,) = _requests(data).values()
        (dosage,) = request["dosageInstruction"]
        quantity = dosage["doseAndRate"][0]["doseQuantity"]
        assert quantity["value"] * len(dosage["timing"]["event"]) == pytest.approx(140, rel=1e-4)
        assert quantity["unit"] == "g"
        assert data["doses"][0]["supply"]["needs"][0]["administrations"] == days

    def test_every_face_says_what_stands_on_each_day(self, tmp_path: Path) -> None:
        site = '[infusions.most_a_day]\nivig = {value = 60, unit = "g"}\n'
        request = _request("ivig", site=site, days=20, folder=tmp_path)
        for form in ("text", "md", "html"):
            assert "46.667 g on each of 3 days" in run(request, form, False)
        assert "46.667 g on each of 3 days" in run(request, "text", True)

    def test_different_amounts_are_different_instructions(self) -> None:
        data = json.loads(json.dumps(_make("ivig", days=20)))
        order = _order(data, "ivig")
        (part,) = order["amounts"]
        one, two = part["dates"]
        order["amounts"] = [{**part, "single": 60, "dates": [one]}, {**part, "single": 80, "dates": [two]}]
        (request,) = _requests(data).values()
        found = [
            (each["sequence"], each["doseAndRate"][0]["doseQuantity"]["value"], each["timing"]["event"])
            for each in request["dosageInstruction"]
        ]
        assert found == [(1, 60, [one["date"]]), (2, 80, [two["date"]])]

    def test_a_course_that_goes_on_beyond_the_days_shown_says_so(self) -> None:
        (request,) = _requests(_make("ivig", days=20)).values()
        (told,) = request["dosageInstruction"][0]["additionalInstruction"]
        assert told["text"].startswith("The days shown hold 1 course; the regimen goes on")

    def test_what_is_taken_for_so_long_ends(self) -> None:
        (request,) = _requests(_make("prednisone", days=7)).values()
        repeat = request["dosageInstruction"][0]["timing"]["repeat"]
        assert repeat["boundsPeriod"] == {"start": "2026-03-02", "end": "2026-04-12"}  # 28 to 42 days
        assert "28 to 42 days" in request["dosageInstruction"][0]["additionalInstruction"][0]["text"]


class TestClashes:
    @pytest.mark.parametrize(
        ("agents", "severity"),
        [
            ("tacrolimus,cyclosporine", "CONTRAINDICATED"),
            ("tofacitinib,baricitinib,upadacitinib", "AVOID"),
            ("tofacitinib,rituximab", "AVOID"),
            ("rifampin,tacrolimus", "AVOID"),
        ],
    )
    def test_of_two_chosen_that_clash_none_is_proposed(self, agents: str, severity: str) -> None:
        data = _make(agents)
        _withheld(data, *agents.split(","))
        for agent in agents.split(","):
            order = _order(data, agent)
            assert order["state"] == "withheld"
            assert order["why"][0].startswith(severity)
            assert not any(row["agent"] == agent for row in data["calendar"]["rows"])

    def test_one_that_clashes_with_what_is_taken(self) -> None:
        data = _make("cyclosporine", "tacrolimus_active=true")
        _withheld(data, "cyclosporine")
        assert "Not beside what is being taken" in _order(data, "cyclosporine")["why"][0]

    def test_what_cannot_be_excluded_is_no_clash(self) -> None:
        data = _make("cyclosporine", "medication_list_complete=")
        assert _order(data, "cyclosporine")["state"] != "withheld"

    def test_a_recorded_override_opens_what_is_advised_against_and_stays_in_sight(self) -> None:
        data = _make("tofacitinib,rituximab", _OVERRIDE)
        for agent in ("tofacitinib", "rituximab"):
            assert _order(data, agent)["state"] == "proposed"
            assert "Dr A" in _order(data, agent)["clashes"][0]["override"]
        notes = [note["text"] for each in _requests(data).values() for note in each["note"]]
        assert sum("ON A SPECIALIST'S OVERRIDE: decided by Dr A" in note for note in notes) == 2

    @pytest.mark.parametrize(
        ("agents", "override"),
        [
            ("tofacitinib,tacrolimus", _OVERRIDE),  # a line about something else
            ("tofacitinib,upadacitinib", _OVERRIDE),
        ],
    )
    def test_an_override_opens_nothing_else(self, agents: str, override: str) -> None:
        _withheld(_make(agents, override), *agents.split(","))

    def test_what_is_contraindicated_is_opened_by_nothing(self) -> None:
        order = _order(_make("tacrolimus,cyclosporine"), "tacrolimus")
        assert "override" not in order["why"][0]


class TestNotOffered:
    @pytest.mark.parametrize("agent", ["nintedanib", "pirfenidone", "rifampin", "folinic_acid"])
    def test_what_the_pathway_never_offers_is_no_order(self, agent: str) -> None:
        data = _make(agent)
        _withheld(data, agent)
        assert _order(data, agent)["state"] == "not offered"
        assert all(row["state"] == "not offered" for row in data["calendar"]["rows"])
        assert not any(each["state"] == "proposed" for each in data["orders"])
        assert "As computed: " in run(_request(agent), "text", True)

    def test_it_goes_along_with_a_proposed_agent_that_it_is_given_beside(self) -> None:
        data = _make("cyclophosphamide,mesna:three_boluses", "hcg=negative")
        assert [_order(data, each)["state"] for each in ("cyclophosphamide", "mesna")] == ["proposed"] * 2
        timing = _requests(data)["Mesna"]["dosageInstruction"][0]["timing"]
        assert timing["event"] == [each["date"] for each in _order(data, "cyclophosphamide")["dates"]]
        assert timing["repeat"] == {"frequency": 3, "period": 1, "periodUnit": "d"}

    def test_and_waits_with_it(self) -> None:
        data = _make("cyclophosphamide,mesna:three_boluses", "neutrophil_count=")
        _withheld(data, "cyclophosphamide", "mesna")

    def test_what_goes_with_each_session_waits_for_the_sessions_to_be_chosen(self) -> None:
        order = _order(_make("ivig:with_exchange"), "ivig")
        assert order["state"] == "waits"
        assert "not chosen here" in " ".join(order["why"])
        assert _order(_make("ivig"), "ivig")["state"] == "proposed"
        rescue = _make("plasma_exchange,ivig:with_exchange", "course=worse")
        partner = _order(rescue, "plasma_exchange")["state"]
        if partner != "proposed":
            assert _order(rescue, "ivig")["state"] == partner

    def test_without_a_default_regimen_the_order_asks_for_one(self) -> None:
        data = _make("mesna,ivig")
        _withheld(data, "mesna")
        assert _order(data, "mesna")["state"] == "choose a regimen"
        assert "mesna:three_boluses" in _order(data, "mesna")["why"][0]
        assert _order(data, "ivig")["state"] == "proposed"


class TestChildren:
    @pytest.mark.parametrize("agent", ["rituximab", "nintedanib", "prednisone", "tmp_smx"])
    def test_nobody_known_to_be_under_age_gets_an_order(self, agent: str) -> None:
        data = _make(agent, "age=12")
        _withheld(data, agent)
        assert data["calendar"]["rows"] == []
        for form in ("text", "md", "html"):
            assert "This patient is not one of them (Age 12" in run(_request(agent, "age=12"), form, False)

    def test_a_dose_says_on_top_whom_it_is_for(self) -> None:
        def first(*settings: str, form: str = "text") -> str:
            request = DoseRequest("tofacitinib", as_of=_DAY, settings=settings)
            return " ".join(run_dose(request, form, False).splitlines()[:20])

        for form in ("text", "md"):
            assert "These doses are for: adult" in first("age=12", form=form)
            assert "12" in first("age=12", form=form)
        assert first("age=12").startswith("!!! These doses are for: adult")
        assert "whether that holds here is not known" in first()
        assert "These doses are for" not in first("age=18")


class TestWaiting:
    def test_what_waits_says_so_on_each_of_its_days(self) -> None:
        data = _make("rituximab", "hbsag=", "anti_hbc_total=")
        _withheld(data, "rituximab")
        rows = data["calendar"]["rows"]
        infusions = [row for row in rows if row["kind"] == "infusion"]
        assert len(infusions) == 2
        for row in infusions:
            assert row["state"] == "waits"
            assert "HBsAg" in row["why"][0]
            assert row["label"].startswith("If cleared: Rituximab")
        tests = [row for row in rows if row["kind"] == "test" and row["date"] <= infusions[0]["date"]]
        assert tests
        assert {row["state"] for row in tests} == {"proposed"}  # the serology itself waits for nothing
        assert data["doses"][0]["supply"]["state"] == "waits"
        assert "(if cleared)" in run(_request("rituximab", "hbsag=", "anti_hbc_total="), "text", False)

    @pytest.mark.parametrize("form", ["text", "md", "ics"])
    def test_and_in_every_calendar(self, form: str) -> None:
        request = _request("rituximab", "hbsag=", "anti_hbc_total=")
        page = run_calendar(request, form).replace("\r\n ", "")
        lines = [line for line in page.splitlines() if "Rituximab 1000 mg" in line]
        assert lines
        assert all("If cleared: Rituximab" in line for line in lines)
        if form == "ics":
            assert page.count("STATUS:TENTATIVE") >= len(lines)
        assert "If cleared" not in run_calendar(_request("rituximab"), form)

    @pytest.mark.parametrize(
        ("agent", "missing", "asked"),
        [
            ("rituximab", ("hbsag=", "anti_hbc_total="), ["hbsag", "anti_hbc_total"]),
            ("cyclophosphamide", ("neutrophil_count=",), ["neutrophil_count"]),
        ],
    )
    def test_what_a_bar_waits_for_is_asked_first(
        self, agent: str, missing: tuple[str, ...], asked: list[str]
    ) -> None:
        data = _make(agent, *missing)
        assert [each["fact"] for each in data["questions"] if each["for_bar"]] == asked
        text = run(_request(agent, *missing), "text", True).split("NEEDED FIRST")[1]
        questions = [each["question"] for each in data["questions"] if each["for_bar"]]
        places = [" ".join(text.split()).index(question) for question in questions]
        assert places[0] < 5
        assert places == sorted(places)
        assert not any("override" in each["fact"] for each in data["questions"])


class TestSite:
    @pytest.mark.parametrize(("named", "state"), [("", "not on site"), ('"plasma_exchange"', "proposed")])
    def test_a_technique_that_is_not_on_site(self, named: str, state: str, tmp_path: Path) -> None:
        site = f"[rescue]\non_site = [{named}]\n"
        data = _make("plasma_exchange", "course=worse", site=site, folder=tmp_path)
        assert _order(data, "plasma_exchange")["state"] == state

    def test_an_agent_that_is_not_held(self, tmp_path: Path) -> None:
        data = _make("ivig", site="[formulary]\nivig = []\n", folder=tmp_path)
        _withheld(data, "ivig")
        assert _order(data, "ivig")["state"] == "not held"


class TestBesideTheOrder:
    @pytest.mark.parametrize(
        ("agent", "setting", "words"),
        [
            ("tacrolimus", "child_pugh=c", "Child-Pugh C"),
            ("rituximab", "igg=2 g/L@2026-03-01", "IgG below 3"),
            ("tmp_smx", "crcl=12 mL/min", "below 15 mL/min - choose another"),
        ],
    )
    def test_a_caution_that_holds(self, agent: str, setting: str, words: str) -> None:
        request = _request(agent, setting)
        for form in ("text", "md", "html"):
            page = run(request, form, False)
            assert "CARE: " in page
            assert words in " ".join(page.split())
        assert "CARE: " in run(request, "text", True)
        assert "CARE: " in run(request, "fhir", False)
        assert "CARE: " not in run(_request(agent), "text", True)

    def test_premedication_and_rates(self) -> None:
        request = _request("rituximab")
        for text in (run(request, "text", True), run(request, "md", False), run(request, "fhir", False)):
            said = " ".join(text.split())
            assert "Premedication: Methylprednisolone 100 mg intravenously" in said
            assert "Premedication: Antihistamine and paracetamol" in said
            assert "First infusion: start at 50 mg/h" in said

    def test_three_times_a_week_after_dialysis(self) -> None:
        known = ("crcl=5 mL/min", "haemodialysis=true", "cytomegalovirus_disease=true")
        order = _order(_make("ganciclovir", *known), "ganciclovir")
        assert any("after dialysis" in each["text"] for each in order["instructions"])


def test_so_often_a_week_is_counted_by_the_week() -> None:
    data = json.loads(json.dumps(_make("prednisone")))
    order = _order(data, "prednisone")
    for number, days, expected in ((3, 7, (3, 1, "wk")), (1, 2, (1, 2, "d")), (2, 1, (2, 1, "d"))):
        order["times"] = {"count": number, "days": days}
        (request,) = _requests(data).values()
        repeat = request["dosageInstruction"][0]["timing"]["repeat"]
        assert (repeat["frequency"], repeat["period"], repeat["periodUnit"]) == expected
        assert Fraction(repeat["frequency"], repeat["period"]) > 0


class TestMistakes:
    @pytest.mark.parametrize("ward", [-1, 400])
    def test_days_on_a_ward(self, ward: int) -> None:
        with pytest.raises(UsageError, match="days on a ward"):
            make(RegimenRequest(None, "ivig", as_of=_DAY, ward_days=ward))

    def test_an_empty_regimen(self) -> None:
        with pytest.raises(UsageError, match="no regimen is named"):
            make(RegimenRequest(None, "rituximab:", as_of=_DAY))

    def test_no_such_day(self) -> None:
        with pytest.raises(UsageError, match="2026-02-30"):
            make(RegimenRequest(None, "ivig", as_of=_DAY, settings=("weight=100kg@2026-02-30",)))
