"""Claim check: altered and paraphrased texts are caught, supported ones are left in peace."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pytest

from trivium.commands.claims import run
from trivium.core.errors import RecordError, UsageError
from trivium.evidence.claims import quantities
from trivium.evidence.claims.check import check_text
from trivium.evidence.claims.finding import Finding
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import load, load_evidence

_SHARED = Path(__file__).parents[3] / "shared"
_WRONG = ("conflicting", "inflated")


@lru_cache
def _base() -> EvidenceBase:
    return load_evidence()


def _check(text: str) -> list[Finding]:
    return check_text(text, _base(), load())


def _verdicts(text: str, about: str = "") -> list[str]:
    return [each.verdict for each in _check(text) if not about or each.about == about]


@pytest.mark.parametrize(
    "text",
    [
        "The guideline strongly recommends triple therapy from the start in anti-MDA5 RP-ILD.",
        "Triple therapy is now the standard of care in MDA5 RP-ILD.",
        "The ACR/CHEST guideline explicitly endorses rituximab.",
        "The ACR gives its strongest recommendation to combination therapy.",
        "Rituximab must be given, says the guideline.",
    ],
)
def test_a_strength_above_its_statement_is_inflated(text: str) -> None:
    assert "inflated" in _verdicts(text, "strength")


@pytest.mark.parametrize(
    "text",
    [
        "The guideline conditionally recommends triple therapy over monotherapy in MDA5 RP-ILD.",
        "Rituximab is conditionally recommended in RP-ILD.",
        "No guideline strongly recommends triple therapy.",
    ],
)
def test_a_conditional_wording_is_not_inflated(text: str) -> None:
    assert "inflated" not in _verdicts(text, "strength")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("In a 2023 case series tofacitinib at 20 mg a day helped 4 of 6 patients.", "supported"),
        ("In a 2023 case series tofacitinib at 20 mg a day brought a response in four of six.", "supported"),
        ("In a 2023 case series of tofacitinib five of six patients improved.", "conflicting"),
        ("CMV reactivated in five of six patients on escalated tofacitinib (2023).", "supported"),
        ("CMV reactivated in two of six patients on escalated tofacitinib (2023).", "conflicting"),
        ("On tofacitinib 94 of 290 died or were transplanted within a year.", "supported"),
        ("On tofacitinib 64 of 290 died within a year.", "conflicting"),
        ("On tofacitinib 7 of 777 died.", "not found"),
    ],
)
def test_a_count_is_held_against_its_row(text: str, verdict: str) -> None:
    assert _verdicts(text, "count") == [verdict]


def test_two_right_numbers_in_each_others_place_are_wrong() -> None:
    right = "In 2023, on more tofacitinib, four of six patients improved; CMV reactivated in five of six."
    swapped = "In 2023, on more tofacitinib, five of six patients improved; CMV reactivated in four of six."
    assert set(_verdicts(right, "count")) == {"supported"}
    assert set(_verdicts(swapped, "count")) == {"conflicting"}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("IVIG is dosed at 2 g/kg over 2 to 5 days every 4 weeks.", "supported"),
        ("IVIG is dosed at 1 g/kg divided over 1-2 days.", "conflicting"),
        ("IVIG is dosed at 0.2 g/kg per course.", "conflicting"),
        ("Rituximab 1000 mg is given on days 1 and 15.", "supported"),
        ("Rituximab 375 mg/m² is given weekly for four weeks.", "supported"),
        ("Rituximab 3750 mg/m2 is given weekly.", "conflicting"),
        ("Tacrolimus is dosed at 3 mg/kg/day.", "conflicting"),
        ("Tacrolimus is dosed at 0.075 mg/kg/day.", "supported"),
        ("Methylprednisolone pulses of 500-1000 mg/day are given for three days.", "supported"),
        ("Tofacitinib 5 mg twice daily is the usual dose.", "supported"),
        ("Tofacitinib 50 mg twice daily is the usual dose.", "conflicting"),
        ("After no response, consider tofacitinib 10 mg twice daily.", "inflated"),
    ],
)
def test_a_dose_is_held_against_the_regimens_that_were_read(text: str, verdict: str) -> None:
    assert _verdicts(text, "dose") == [verdict]


def test_the_level_of_another_drug_is_caught() -> None:
    assert _verdicts("Tacrolimus is adjusted to a trough of 100-150 ng/mL.", "level") == ["conflicting"]


def test_three_agents_beside_a_glucocorticoid_are_no_triple_therapy() -> None:
    text = "IVIG, rituximab and tofacitinib together are a triple therapy."
    assert _verdicts(text, "composition") == ["conflicting"]
    assert not _verdicts("Prednisone, tacrolimus and cyclophosphamide are a triple therapy.", "composition")


def test_a_trial_that_missed_its_endpoint_must_say_so() -> None:
    text = "In the RIM trial 83% of patients responded to rituximab"
    assert "inflated" in _verdicts(f"{text}.", "omission")
    assert not _verdicts(f"{text}; the primary endpoint was not met.", "omission")
    assert _verdicts(f"{text}.", "percent") == ["supported"]
    assert _verdicts(text.replace("83", "93") + ".", "percent") == ["conflicting"]


def test_agents_advised_together_against_a_label_need_its_words() -> None:
    text = "Consider rituximab with tofacitinib as a reasonable option."
    assert "inflated" in _verdicts(text, "omission")
    assert not _verdicts(f"{text} The label of tofacitinib advises against a biologic beside it.", "omission")


def test_what_names_nothing_of_the_base_is_not_judged_or_passed_over() -> None:
    assert not _check("The weather was fine on 12 days of 30.")
    assert set(_verdicts("Aspirin 100 mg daily is helpful.")) <= {"not judged"}


def test_a_denial_is_no_claim() -> None:
    assert not _verdicts("The guideline does not strongly recommend rituximab.", "strength")


def test_the_same_text_gives_the_same_findings() -> None:
    text = "IVIG 1 g/kg. Rituximab is strongly recommended. In 2023 four of six on tofacitinib improved."
    assert _check(text) == _check(text)


def test_numbers_are_read_as_what_they_are() -> None:
    assert [(each.k, each.n) for each in quantities.shares("four of six, 3/11 and none of 7 patients")] == [
        (4, 6),
        (3, 11),
        (0, 7),
    ]
    assert not quantities.shares("80/400 mg, 2 of 3 weeks")
    assert [str(each.value) for each in quantities.percents("32.4% (95% CI 27 to 38)")] == ["162/5"]
    dose = quantities.doses("10 mg twice daily")[0]
    assert dose.low == 10
    assert (dose.unit, dose.per, dose.times) == ("mg", "administration", 2)
    assert quantities.doses("2 g/kg")[0].low == 2000
    assert [each.n for each in quantities.groups("A 2022 review of 399 patients, n = 44")] == [399, 44]
    assert not quantities.ratios("1000 mg or 375 mg/m2")
    assert [each[1] for each in quantities.ratios("HR 0.69; odds ratio of 2.1")] == ["HR", "OR"]


def test_the_faces_and_the_file_errors(tmp_path: Path) -> None:
    text = tmp_path / "answer.txt"
    text.write_text(
        "IVIG is dosed at 1 g/kg divided over 1-2 days.\n<b>x</b> \x1b[31m IVIG 9 g/kg.", encoding="utf-8"
    )
    found = json.loads(run(text, "json", "", None))
    assert set(found[0]) >= {"text", "verdict", "held_against", "reason"}
    assert "CONFLICTING" in run(text, "text", "", None)
    page = run(text, "md", "", None)
    assert "<b>" not in page
    assert "\x1b" not in page
    assert json.loads(run(text, "json", "supported", None)) == []
    with pytest.raises(RecordError):
        run(tmp_path / "none.txt", "text", "", None)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordError, match="no text"):
        run(tmp_path / "binary", "text", "", None)
    with pytest.raises(UsageError):
        run(text, "xml", "", None)
    assert "conflict_01" in run(None, "text", "", None)


@pytest.mark.shared
def test_the_published_answer() -> None:
    """Finds what the audits record; flags nothing as wrong that they call supported."""
    path = _SHARED / "dossier" / "example_answer.txt"
    if not path.exists():
        pytest.skip("the shared dossier is not beside this checkout")
    found = _check(path.read_text(encoding="utf-8"))
    wrong = [each for each in found if each.verdict in _WRONG]
    abouts = {each.about for each in wrong}
    assert abouts >= {"strength", "composition", "omission", "dose"}
    assert any("1 g/kg" in each.reason for each in wrong)
    assert any("endpoint" in each.reason or "no significant" in each.reason for each in wrong)
    assert any("label" in each.reason for each in wrong)
    supported = (
        "4 of 6",
        "all six",
        "five cases",
        "5 of 6",
        "1000 mg",
        "375 mg/m²",
        "500-1000 mg/day",
        "10 mg/day",
    )
    for words in supported:
        of = [each for each in found if each.reason.startswith(f"{words}:")]
        assert of, words
        assert all(each.verdict == "supported" for each in of), words
    for conditional in ("Conditionally recommended as first-line", "conditionally recommend upfront"):
        graded = [each for each in found if conditional in each.text and each.about == "strength"]
        assert [each.verdict for each in graded] == ["supported"]
