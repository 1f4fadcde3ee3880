"""Every check of the evidence: a folder with one mistake yields exactly that one defect, its good twin none.

The folders are tests/data/tiny_evidence with one text replaced by another.
"""

# ruff: noqa: E501 (a table with one case a line)

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from trivium.core.errors import Defect, KnowledgeError
from trivium.knowledge import loader
from trivium.knowledge.checks import registry
from trivium.knowledge.checks.evidence_draft import read_evidence
from trivium.knowledge.checks.registry import run_evidence

TINY = Path(__file__).parent.parent / "data" / "tiny_evidence"
COHORT, TRIAL = "studies/cohort2021.yaml", "studies/trial2019.yaml"
CLAIMS, NAMES, TERMS = "claims/claims.yaml", "agent_names.yaml", "evidence_terms.yaml"
SOURCES, STATEMENTS = "sources.yaml", "statements/guide.yaml"


@dataclass(frozen=True)
class Case:
    """`old` → `bad` in a file yields the defect with `code`; `old` → `good` yields none."""

    code: str
    file: str
    old: str
    bad: str
    good: str
    words: str = ""


LINE = "- {{id: {id}, title: T, kind: guideline{more}}}\n"
END = "- {id: robot,"

CASES = [
    Case("TRV201", STATEMENTS, "source: guide_2020", "source: gide_2020", "source: cohort2021", "did you mean guide_2020"),
    Case("TRV207", NAMES, "- {id: brava, label: Brava, classes: [greek], abbreviations: [BRV]}", "- {id: brava, label: Brava, classes: [greek], abbreviations: [BRV]}\n- {id: brava, label: Bravo}", "- {id: brava, label: Brava, classes: [greek], abbreviations: [BRV]}\n- {id: bravo, label: Bravo}", "is there twice"),
    Case("TRV270", SOURCES, "10.1000/guide", "doi.org/10.1000/guide", "10.1000/guide2", "is no DOI"),
    Case("TRV300", COHORT, "source: cohort2021", "source: cohort2012", "source: cohort2021", "did you mean cohort2021"),
    Case("TRV300", COHORT, "funding: null", "risk_of_bias: {tool: ROBINS-I, judgement: serious, source: nobody, seen: abstract}", "risk_of_bias: {tool: ROBINS-I, judgement: serious, source: guide_2020, seen: abstract}"),
    Case("TRV300", CLAIMS, "sources: [guide_2020, robot]", "sources: [guide_2020, robots]", "sources: [guide_2020, trial2019]", "did you mean robot"),
    Case("TRV300", CLAIMS, "statements: [guide_2020.alfa]", "statements: [guide_2020.alpha]", "statements: []", "no statement is called"),
    Case("TRV301", COHORT, "agents: [brava, charly]", "agents: [brava, charly, delta]", "agents: [brava, charly, alfa]", "add it to agent_names.yaml"),
    Case("TRV301", COHORT, "agents: [alfa, base-drug], agents_inferred: [base-drug]", "agents: [ALF, base-drug], agents_inferred: [base-drug]", "agents: [alfa, base-drug], agents_inferred: []", "its id here is alfa"),
    Case("TRV301", COHORT, "agents_in_part: [charly]", "agents_in_part: [alfa]", "agents_in_part: [brava]", "not among the agents of arm B"),
    Case("TRV301", COHORT, "agents_in_part: [charly], n: 35", "agents_in_part: [charly], dose: {bravo: 2 mg}, n: 35", "agents_in_part: [charly], dose: {brava: 2 mg}, n: 35", "did you mean brava"),
    Case("TRV301", CLAIMS, "agents: [alfa]", "agents: [alpha-drug]", "agents: [greek]", "its id here is alfa"),
    Case("TRV301", NAMES, "label: Brava, classes: [greek]", "label: Brava, classes: [grek]", "label: Brava, classes: []", "did you mean greek"),
    Case("TRV302", TRIAL, "study: cohort2021", "study: cohort2022", "study: cohort2021", "did you mean cohort2021"),
    Case("TRV302", TRIAL, "study: cohort2021", "study: trial2019", "study: cohort2021", "names itself"),
    Case("TRV302", CLAIMS, "same_as: [alfa_works]", "same_as: [alfa_work]", "same_as: []", "no claim is called"),
    Case("TRV303", COHORT, "- {arm: B, events: 7,", "- {arm: C, events: 7,", "- {arm: B, events: 7,", "no arm C"),
    Case("TRV303", COHORT, "- {arm: B, events: 7, total: 35, percent: 20.0}", "- {arm: B, events: 7, total: 35}\n  - {arm: B, events: 7, total: 35}", "- {arm: B, events: 7, total: 35}", "two results"),
    Case("TRV303", COHORT, "p: 0.06, comparison: A vs B", "p: 0.06, comparison: A vs C", "p: 0.06, comparison: A vs those before", "the comparison names C"),
    Case("TRV304", TRIAL, "events: 4, total: 20, percent: 20", "events: 24, total: 20", "events: 20, total: 20", "24 events among 20"),
    Case("TRV304", TRIAL, "{arm: A, events: 4, total: 20, percent: 20}", "{arm: A, events: 4, total: 25}", "{arm: A, events: 4, total: 25, explained: five switched}", "which has 20"),
    Case("TRV304", TRIAL, "{arm: A, events: 4, total: 20, percent: 20}", "{arm: A, events: null, total: null, percent: 104}", "{arm: A, events: null, total: null, percent: 100}", "a percent of 104"),
    Case("TRV304", COHORT, "value: 0.5, ci_low: 0.25, ci_high: 1.0", "value: 0.5, ci_low: 0.55, ci_high: 1.0", "value: 0.5, ci_low: 0.25, ci_high: 1.0", "outside its interval"),
    Case("TRV304", COHORT, "mda5_positive: 61", "mda5_positive: 62", "mda5_positive: 0", "62 of 61"),
    Case("TRV304", COHORT, "timepoint_weeks: 52", "timepoint_weeks: -52", "timepoint_weeks: 52.1", "-52 weeks"),
    Case("TRV305", COHORT, "events: 13, total: 26, percent: 50", "events: 13, total: 26, percent: 52", "events: 13, total: 26, percent: 52, explained: as printed", "is 50.00 percent, not 52"),
    Case("TRV305", TRIAL, "events: 12, total: 40, percent: 30.0", "events: 12, total: 40, percent: 30.2", "events: 12, total: 40, percent: 30.2, note: percent as printed"),
    Case("TRV306", COHORT, "measure: OR, value: 4.0, ci_low: 1.29, ci_high: 12.4, p: 0.014", "measure: OR, value: 1.5, ci_low: 0.48, ci_high: 4.65, p: 0.05", "measure: OR, value: 1.5, ci_low: 0.48, ci_high: 4.65, p: 0.5, adjusted: true", "gives 4"),
    Case("TRV306", COHORT, "value: 0.5, ci_low: 0.25, ci_high: 1.0", "value: 0.9, ci_low: 0.25, ci_high: 1.0", "value: 0.55, ci_low: 0.25, ci_high: 1.0", "far from the middle"),
    Case("TRV306", COHORT, "ci_high: 1.0, p: 0.05", "ci_high: 1.0, p: 0.0005", "ci_high: 1.0, p: 0.02", "does not go with HR"),
    Case("TRV306", COHORT, "p: 0.06, comparison: A vs B", "p: <0.0001, comparison: A vs B", "p: <0.05, comparison: A vs B", "10 of 26 against 22 of 35"),
    Case("TRV307", STATEMENTS, "source: guide_2020", "source: guide_2010", "source: cohort2021", "rest on guide_2020"),
    Case("TRV307", CLAIMS, "sources: [guide_2020, robot]", "sources: [guide_2010, robot]", "sources: [robot]", "the verdict on alfa_works"),
    Case("TRV308", SOURCES, END, LINE.format(id="guide_copy", more=", doi: 10.1000/GUIDE") + END, LINE.format(id="guide_copy", more=", doi: 10.1000/GUIDE, same_document_as: guide_2020") + END, "share the DOI"),
    Case("TRV308", SOURCES, END, LINE.format(id="guide_copy", more=", same_document_as: guide_2021") + END, LINE.format(id="guide_copy", more=", same_document_as: guide_2020") + END, "did you mean guide_2020"),
    Case("TRV308", TRIAL, "doi: 10.1000/trial", "doi: 10.1000/cohort", "doi: 10.1000/guide", "are one document (DOI 10.1000/cohort)"),
    Case("TRV308", TRIAL, "pmid: 33333333", "pmid: PMC3", "pmid: null", "is no PubMed id"),
    Case("TRV309", TRIAL, "overlaps_with: [{study: cohort2021, sort: possible, why: same town}]", "cohort: the town", "cohort: the town\noverlaps_with: [cohort2021]", "both of the town"),
    Case("TRV310", CLAIMS, "verdict: not-found\n  sources: [robot]", "verdict: supported\n  sources: [robot]", "verdict: conflicts\n  sources: [robot]", "seen only as ai-written"),
    Case("TRV310", CLAIMS, "verdict: not-found\n  sources: [robot]\n  same_as: [alfa_works]\n  seen: ai-written", "verdict: supported\n  sources: [robot]\n  seen: secondary", "verdict: supported\n  sources: [robot]\n  studies: [trial2019]\n  seen: secondary", "nothing but machine-written"),
    Case("TRV310", STATEMENTS, "source: robot, seen: ai-written", "source: robot, seen: full-text", "source: robot, seen: recalled", "seen: ai-written"),
    Case("TRV311", TRIAL, "events: 8, total: 20, percent: 40", "event: 8, total: 20, percent: 40", "events: 8, total: 20, percent: 40, deaths_at_home: 2", "did you mean events"),
    Case("TRV311", COHORT, "  mda5_positive: 61", "  mda5_positve: 61", "  ages: [1, 2]", "did you mean mda5_positive"),
    Case("TRV312", COHORT, "- name: infection", "- name: infecton", "- name: bone-fracture", "did you mean infection"),
    Case("TRV312", COHORT, "- name: infection", "- name: infections", "- name: infection", "did you mean infection"),
    Case("TRV313", NAMES, "abbreviations: [BRV]", "abbreviations: [BRV, alpha-drug]", "abbreviations: [BRV, bv]", "is a name of alfa and of brava"),
    Case("TRV313", NAMES, "recalled: [Alfarex]", "recalled: [Alforex]", "recalled: []", "no name of alfa"),
    Case("TRV313", TERMS, "names: [alive]", "names: [Death]", "names: [living]", "of mortality and of survival"),
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "knowledge"))


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def defects(root: Path) -> list[Defect]:
    try:
        loader.load_evidence(root)
    except KnowledgeError as problem:
        return list(problem.defects)
    return []


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_tiny_evidence_has_no_defect() -> None:
    assert [str(defect) for defect in defects(TINY)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.words or case.file}")
def test_bad_folder_yields_exactly_that_defect(root: Path, case: Case) -> None:
    edit(root, case.file, case.old, case.bad)
    found = defects(root)
    assert [defect.code for defect in found] == [case.code], "\n".join(map(str, found))
    assert case.words in str(found[0])
    assert found[0].span is not None
    assert found[0].span.file == case.file
    assert found[0].span.line > 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.words or case.file}")
def test_good_twin_yields_none(root: Path, case: Case) -> None:
    edit(root, case.file, case.old, case.good)
    assert [str(defect) for defect in defects(root)] == []


def test_every_check_has_a_case() -> None:
    assert {module.CODE for module in registry.evidence_checks()} - {case.code for case in CASES} == set()


def test_shape_is_checked_with_its_place(root: Path) -> None:
    edit(root, TRIAL, "design: RCT", "design: random")
    (defect,) = defects(root)
    assert defect.code == "TRV162"
    assert "design" in defect.what
    assert str(defect.span).startswith("studies/trial2019.yaml:15:9")


def test_study_that_cannot_be_cited_is_refused(root: Path) -> None:
    edit(root, COHORT, "source: cohort2021\n", "")
    assert "source" in str(defects(root)[0])


def test_one_broken_study_is_one_defect(root: Path) -> None:
    """What names it is not counted as a second mistake."""
    edit(root, COHORT, "design: retrospective-cohort", "design: cohort")
    assert [defect.code for defect in defects(root)] == ["TRV162"]


def test_all_defects_are_found_by_the_check_of_everything(root: Path) -> None:
    edit(root, TRIAL, "events: 4, total: 20, percent: 20", "events: 24, total: 20")
    assert "TRV304" in {defect.code for defect in loader.check(root)}


def test_order_of_reading_does_not_matter(root: Path) -> None:
    edit(root, TRIAL, "events: 4, total: 20, percent: 20", "events: 24, total: 20")
    edit(root, COHORT, "source: cohort2021", "source: cohort2012")
    found = [str(defect) for defect in defects(root)]
    (root / COHORT).rename(root / "studies" / "zzz.yaml")
    renamed = [str(defect).replace("zzz", "cohort2021") for defect in defects(root)]
    assert sorted(found) == sorted(renamed)
    draft = read_evidence(root)
    assert len(run_evidence(draft)) == len(found)
