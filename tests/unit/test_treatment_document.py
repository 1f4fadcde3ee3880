"""The order sheet in every face: what clashes stands on top, what is not known never reads as what holds."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from trivium.commands.assess import Request
from trivium.commands.options import run as run_options
from trivium.commands.regimen import RegimenRequest, make, run
from trivium.exchange.fhir_orders import request_group
from trivium.faces.citations import cited
from trivium.faces.lines import WIDTH
from trivium.treatment.document import regimen_document

_IDA = Path(__file__).parents[1] / "data" / "patients" / "ida2023_case1.json"
_DAY = "2000-12-31"
_FACES = ("text", "md", "html")


def _request(agents: str, *settings: str) -> RegimenRequest:
    return RegimenRequest(_IDA, agents, as_of=_DAY, settings=settings, days=42)


@lru_cache
def _data(agents: str, *settings: str) -> dict[str, Any]:
    return make(_request(agents, *settings))


@lru_cache
def _face(form: str, agents: str, *settings: str) -> str:
    return run(_request(agents, *settings), form, False)


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["sections"] if each["id"] == name)
    return found


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize("form", _FACES)
def test_two_that_must_not_go_together_stand_on_top_of_every_face(form: str) -> None:
    page = _plain(_face(form, "tacrolimus,cyclosporine", "weight=60kg"))
    loud = page.index("CONTRAINDICATED: Ciclosporin with Tacrolimus")
    assert loud < page.lower().index("orders proposed from")
    # On top; at each order beside its state and as the reason why it is withheld; in the calendar's notes.
    assert page.count("CONTRAINDICATED: Ciclosporin with Tacrolimus") == 1 + 2 * 2 + 2


def test_their_orders_are_marked_in_data_and_in_what_is_exchanged() -> None:
    known = ("weight=60kg", "medication_list_complete=true")
    data = _data("tacrolimus,cyclosporine", *known)
    marks = {each["agent"]: each["clashes"] for each in data["orders"] if each["kind"] == "drug"}
    assert marks["tacrolimus"] == marks["cyclosporine"]
    assert marks["tacrolimus"][0] == {
        "severity": "contraindicated",
        "label": "Ciclosporin with Tacrolimus",
        "override": "",
    }
    (group, *requests) = [each["resource"] for each in request_group(data)["entry"]]
    assert not any(each["resourceType"] == "MedicationRequest" for each in requests)
    assert any("CONTRAINDICATED: Ciclosporin with Tacrolimus" in note["text"] for note in group["note"])


def test_an_agent_without_a_clash_is_not_marked() -> None:
    data = _data("ivig,tacrolimus", "weight=60kg")
    assert [each["clashes"] for each in data["orders"] if each["kind"] == "drug"] == [[], []]
    assert not any(each["id"] == "clashes" for each in regimen_document(data)["sections"])


def test_a_pair_is_told_once_with_every_line_about_it() -> None:
    document = regimen_document(_data("tacrolimus,cyclosporine", "weight=60kg"))
    rows = [
        row["cells"]
        for block in _section(document, "interactions")["blocks"]
        if block["kind"] == "table"
        for row in block["rows"]
        if row["cells"][0] == "Ciclosporin with Tacrolimus"
    ]
    ((_, severity, lines),) = rows
    assert severity == "contraindicated"
    assert len(lines) == len(set(lines)) == 3


@pytest.mark.parametrize("form", _FACES)
def test_what_holds_and_what_is_not_known_stand_apart(form: str) -> None:
    page = _plain(_face(form, "ivig"))
    assert "CARE: Boxed warning on kidney failure" in page  # at the order itself
    page = page[page.lower().index("what the pathway says of each") :]
    assert "Care: this holds here: " in page.replace(": -", ":")  # she is 71
    holds, waits = page.index("this holds here"), page.index("not known whether it holds")
    kidney = page.index("Boxed warning on kidney failure")
    assert holds < kidney < waits
    assert "IgA deficiency" in page[waits : waits + 60]


def test_a_caution_moves_with_its_fact() -> None:
    unknown, yes, no = (
        _plain(_face("text", "ivig", *settings).split("DOSES WITH")[0])
        for settings in ((), ("iga_deficiency=true",), ("iga_deficiency=false",))
    )
    text = "IgA deficiency - test anti-IgA"
    assert text not in unknown and "not known whether it holds: IgA deficiency" in unknown
    assert text in yes and "holds: IgA deficiency" not in yes
    assert "IgA deficiency" not in no


class TestQuestions:
    def test_one_question_stands_for_what_it_settles(self) -> None:
        data = _data("tacrolimus", "weight=60kg")
        (block,) = _section(regimen_document(data), "questions")["blocks"]
        items = {each["text"]: each["lines"] for each in block["items"]}
        (lines,) = [lines for text, lines in items.items() if "medication list complete" in text]
        assert "contraindicated if taken: Ciclosporin" in lines
        assert not any("Is the patient on ciclosporin" in text for text in items)
        assert "cyclosporine_active" in {each["fact"] for each in data["questions"]}  # the data keep each

    def test_everything_asked_is_named_somewhere(self) -> None:
        data = _data("ivig,rituximab,tacrolimus")
        text = _plain(_face("text", "ivig,rituximab,tacrolimus")).split("NEEDED FIRST")[1]
        for each in data["questions"]:
            assert each["question"] in text or each["label"] in text, each["fact"]

    def test_a_list_known_to_be_incomplete_settles_nothing(self) -> None:
        data = _data("tacrolimus", "weight=60kg", "medication_list_complete=false")
        assert not any(each["settled_by"] for each in data["questions"])
        (block,) = _section(regimen_document(data), "questions")["blocks"]
        assert any("Is the patient on ciclosporin" in each["text"] for each in block["items"])

    def test_no_ids_where_words_belong(self) -> None:
        text = _face("text", "ivig,rituximab,tacrolimus").split("\nCALENDAR")[0]
        assert "hbv_marker_positive" not in text
        assert not re.search(r"\b(cyclosporine|tmp_smx|methylprednisolone_pulse) with\b", text)


def test_a_class_is_not_named_as_one_drug_of_it() -> None:
    load = _data("tacrolimus")["interactions"]["load"]
    assert "Systemic glucocorticoid (which one is not known)" in load["present"]
    assert not any("Prednisone" in each for each in (*load["present"], *load["possible"]))
    chosen = _data("tacrolimus,prednisone")["interactions"]["load"]
    assert any("Prednisone" in each for each in chosen["present"])


def test_what_is_due_on_one_day_is_one_group() -> None:
    document = regimen_document(_data("tacrolimus,cyclosporine,rituximab", "weight=60kg"))
    due = _section(document, "orders")["blocks"][-1]
    days = [row["cells"][0] for row in due["rows"]]
    assert days == sorted(set(days))
    first = {line for row in due["rows"] for line in row["cells"][1] if ", again: " not in line}
    for each in _data("tacrolimus,cyclosporine,rituximab", "weight=60kg")["orders"]:
        if each["kind"] != "drug":
            assert any(each["label"] in line for line in first), each["id"]


def test_a_regimen_is_said_once() -> None:
    doses = _face("text", "ivig,rituximab").split("DOSES WITH THEIR WORKING")[1].split("INTERACTIONS")[0]
    assert (
        " ".join(doses.split()).count("2 g/kg over 2 to 5 days, every 4 weeks") == 2
    )  # the dose, the regimen
    assert "cannot be computed yet (375" not in doses


def _listed(form: str, page: str) -> tuple[set[int], set[int]]:
    """The numbers cited in a face, and those of its list."""
    if form == "html":
        return (
            {int(each) for each in re.findall(r'href="#ref-(\d+)"', page)},
            {int(each) for each in re.findall(r'id="ref-(\d+)"', page)},
        )
    body, _, tail = page.partition("\nREFERENCES\n" if form == "text" else "\n## References\n")
    lead = r"^  \[(\d+)\]" if form == "text" else r"^(\d+)\. "
    return cited(body), {int(each) for each in re.findall(lead, tail, re.MULTILINE)}


@pytest.mark.parametrize("form", _FACES)
def test_what_is_cited_is_listed_and_nothing_else(form: str) -> None:
    request = Request(record=_IDA, as_of=_DAY)
    pages = [
        _face(form, "ivig,rituximab,tacrolimus", "weight=60kg"),
        _face(form, "tacrolimus,tofacitinib"),
        run_options(request, form),
    ]
    for page in pages:
        in_text, in_list = _listed(form, page)
        assert in_text
        assert in_text == in_list


def test_text_keeps_to_its_width() -> None:
    text = _face("text", "ivig,rituximab,tacrolimus").split("REFERENCES")[0]
    assert max(map(len, text.splitlines())) <= WIDTH
