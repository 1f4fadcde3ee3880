"""Every check: a folder with one mistake yields exactly that one defect, its good twin yields none.

The folders are tests/data/tiny_knowledge with one text replaced by another.
"""

# ruff: noqa: E501 (a table with one case a line)

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from trivium.knowledge import loader
from trivium.knowledge.checks import registry, solver
from trivium.knowledge.checks.review import review_list

TINY = Path(__file__).parent.parent / "data" / "tiny_knowledge"
PAGES = Path(__file__).parent.parent.parent / "docs" / "checks.md"
FACTS = "pathways/tiny/facts/facts.yaml"
CRITERIA = "pathways/tiny/criteria/criteria.yaml"
RECOMMENDATIONS = "pathways/tiny/recommendations/initiate.yaml"
ALERTS = "pathways/tiny/alerts/alerts.yaml"
DRUG = "agents/drug.yaml"


@dataclass(frozen=True)
class Case:
    """`old` → `bad` in a file yields the defect with `code`; `old` → `good` yields none."""

    code: str
    file: str
    old: str
    bad: str
    good: str
    words: str = ""


WEAK = "{source: house, seen: recalled, note: ours}"
READ = "{source: trial_2021, seen: abstract, note: read}"
STOP = "- {{id: stop{n}, label: S, kind: hazard, severity: {severity}, when: sepsis, text: t, basis: [guide_2020.treat]}}\n"
TWO_MORE = "".join(STOP.format(n=n, severity="stop") for n in (1, 2))
ADULT = "- id: is_adult"


def criterion(when: str, *examples: str, more: str = "") -> str:
    """A criterion to stand before is_adult."""
    lines = "".join(f"  - {{{example}}}\n" for example in examples)
    return f"- id: new\n  label: new\n  when: {when}\n{more}  basis: [guide_2020.treat]\n  examples:\n{lines}{ADULT}"


NOTHING = "given: {}, then: unknown"
TOGETHER = "regimens/tiny.yaml"
BY_TRIAL = "    basis: [{source: trial_2021, seen: abstract}]"
AGAIN = "  - {{id: {name}, label: l, kind: tablet, amount: 1 mg, basis: [{{source: trial_2021, seen: abstract}}]}}\n"
SECOND = "\n  - id: high\n    label: 2 mg/kg on days 1 and 14 or 15\n    purpose: "
FACTOR = "    factor: 0.5\n    regimens: [usual]\n" + BY_TRIAL

CASES = [
    Case("TRV201", FACTS, "source: trial_2021", "source: trial_2012", "source: guide_2020", "did you mean trial_2021"),
    Case("TRV201", "statements/guide.yaml", "source: guide_2020", "source: gide_2020", "source: trial_2021"),
    Case("TRV201", "formulae.yaml", "source: guide_2020", "source: x", "source: house"),
    Case("TRV202", DRUG, "[guide_2020.treat]", "[guide_2020.tret]", f"[guide_2020.treat, {READ}]", "did you mean guide_2020.treat"),
    Case("TRV202", ALERTS, "[guide_2020.treat]", "[trial_2021]", f"[{READ}]", "trial_2021 is a source"),
    Case("TRV203", FACTS, "{latest: hbsag}", "{latest: hbs_ag}", "{latest: [hbsag, sepsis]}", "did you mean hbsag"),
    Case("TRV204", RECOMMENDATIONS, "asks: [hbsag]", "asks: [hbsagg]", "asks: [hbsag, ferritin]", "did you mean hbsag"),
    Case("TRV204", FACTS, "false_when: problem_list_complete", "false_when: hbsag", "false_when: problem_list_complete", "not a boolean"),
    Case("TRV204", FACTS, "height: body_height}", "height: body_height, again: height}", "height: body_height, again: body_weight}"),
    Case("TRV205", RECOMMENDATIONS, "agents: [drug]", "agents: [drugs]", "agents: []", "did you mean drug"),
    Case("TRV206", "pathways/tiny/pathway.yaml", "in_scope: ill", "in_scope: iil", "in_scope: ill", "did you mean ill"),
    Case("TRV206", "pathways/tiny/pathway.yaml", "in_scope: ill", "in_scope: ill\ndoses_for: iil", "in_scope: ill\ndoses_for: ill", "did you mean ill"),
    Case("TRV207", ALERTS, "id: hbv_first", "id: septic", "id: hbv_second", "is there twice"),
    Case("TRV207", DRUG, "id: drug_hbv", "id: drug_sepsis", "id: drug_b", "more than once"),
    Case("TRV208", FACTS, "unit: pmol/L", "unit: pmmol/L", "unit: nmol/L"),
    Case("TRV209", FACTS, "derived: bsa_mosteller", "derived: bsa_dubois", "derived: bsa_mosteller"),
    Case("TRV220", ALERTS, "  basis: [guide_2020.treat]\n", "", f"  basis: [{READ}]\n", "the alert septic has no basis"),
    Case("TRV220", DRUG, "  basis: [{source: trial_2021, seen: abstract}]\n", "", f"  basis: [{READ}]\n", "drug_sepsis of drug"),
    Case("TRV220", CRITERIA, "  when: age >= 18\n  basis: [guide_2020.treat]\n", "  when: age >= 18\n", f"  when: age >= 18\n  basis: [{WEAK}]\n", "holds a number"),
    Case("TRV220", FACTS, "{latest: hbsag}", "{latest: hbsag, within: 3 d}", f"{{latest: hbsag, within: 3 d}}\n  basis: [{WEAK}]", "holds a clinical choice"),
    Case("TRV221", RECOMMENDATIONS, "strength: conditional", "strength: strong", "strength: conditional", "conditional at most"),
    Case("TRV221", RECOMMENDATIONS, "certainty: low\n  basis: [guide_2020.treat]", "certainty: high\n  basis: [guide_2020.treat, guide_2020.always]", "certainty: low\n  basis: [guide_2020.treat, guide_2020.always]"),
    Case("TRV221", DRUG, "strength: conditional\ncertainty: low\nbasis: [guide_2020.treat]", f"strength: not-graded\ncertainty: low\nbasis: [{READ}]", "strength: expert-opinion\ncertainty: very-low\nbasis: [guide_2020.treat]"),
    Case("TRV222", RECOMMENDATIONS, "strength: conditional", "strength: expert-opinion", "strength: conditional", "offer: consider"),
    Case("TRV223", ALERTS, "[guide_2020.treat]", f"[{WEAK}]", f"[{WEAK}, {READ}]", "the alert septic"),
    Case("TRV223", DRUG, "[{source: trial_2021, seen: abstract}]", "[guide_2020.always]", f"[guide_2020.always, {READ}]", "drug_sepsis contraindicates"),
    Case("TRV224", ALERTS, "- id: septic", TWO_MORE + STOP.format(n=3, severity="stop") + "- id: septic", TWO_MORE + STOP.format(n=3, severity="note") + "- id: septic"),
    Case("TRV225", DRUG, "basis: [guide_2020.treat]", "basis: [guide_2020.treat, guide_2020.never]", "basis: [guide_2020.treat]"),
    Case("TRV230", CRITERIA, "{given: {age: 18}, then: true}", "{given: {age: 19}, then: true}", "{given: {age: 18}, then: true}", "exactly at 18"),
    Case("TRV230", CRITERIA, "{given: {age: 17}, then: false}", "{given: {age: 5}, then: false}", "{given: {age: 17}, then: false}", "just beyond 18"),
    Case("TRV230", CRITERIA, "{given: {ferritin: 499.9}, then: false}", "{given: {ferritin: 400}, then: false}", "{given: {ferritin: 460}, then: false}"),
    Case("TRV231", CRITERIA, "  - {given: {}, then: unknown}\n- id: ill", "- id: ill", "  - {given: {age: unknown}, then: unknown}\n- id: ill"),
    Case("TRV232", CRITERIA, "{given: {sepsis: true}, then: true}", "{given: {sepsis: true}, then: false}", "{given: {sepsis: true, high_ferritin: false}, then: true}", "comes out true"),
    Case("TRV232", CRITERIA, "{given: {sepsis: true}, then: true}", "{given: {sepsis: true, age: 3}, then: true}", "{given: {ferritin: 500}, then: true}", "does not look at age"),
    Case("TRV233", CRITERIA, "{given: {sepsis: true}, then: true}", "{given: {sepsis: true}, then: true}\n  - {given: {sepsis: true}, then: false}", "{given: {sepsis: true}, then: true}\n  - {given: {sepsis: true}, then: true}"),
    Case("TRV240", CRITERIA, "  reason: it is about whether the test was done\n", "", "  reason: another one\n"),
    Case("TRV241", CRITERIA, "  when: high_ferritin or sepsis", "  when: high_ferritin or sepsis\n  reason: none", "  when: high_ferritin or sepsis\n  note: none"),
    Case("TRV242", DRUG, "when: sepsis", "when: sepsis is true", "when: sepsis and ill"),
    Case("TRV250", DRUG, "when: sepsis", "when: sepsis and age < 10 and age > 12", "when: sepsis and age > 10 and age < 12", "can never be true"),
    Case("TRV250", RECOMMENDATIONS, "when: bsa < 1 'm2'", "when: bsa < 1 'm2' and ferritin > 600000 'ng/mL'", "when: bsa < 1 'm2' and ferritin > 400000 'ng/mL'", "can never be true"),
    Case("TRV251", ALERTS, "when: ill and hbv_untested", "when: hbv_untested or not hbv_untested", "when: hbv_untested", "is always true"),
    Case("TRV253", RECOMMENDATIONS, "when: ill and is_adult", "when: ill or is_adult", "when: is_adult and sepsis", "not in scope"),
    Case("TRV253", DRUG, "offered_when: ill and is_adult", "offered_when: is_adult", "offered_when: ill"),
    Case("TRV260", FACTS, "- id: bsa", "- {id: idle, label: I, question: I?, type: boolean, from: {ask: true}, harm: none}\n- id: bsa", "- id: bsa", "nothing uses the fact idle"),
    Case("TRV261", "valuesets/body_weight.yaml", "text_hints: [weight]", "text_hints: []", "text_hints: [mass]"),
    Case("TRV262", FACTS, "harm: high", "harm: [positive]", "harm: low"),
    Case("TRV262", FACTS, "harm: [positive]", "harm: high", "harm: [negative]"),
    Case("TRV262", FACTS, "kept: [positive]", "kept: [true]", "kept: [positive, negative]"),
    Case("TRV263", FACTS, "  question: Is there sepsis?\n", "", "  question: Sepsis?\n"),
    Case("TRV264", FACTS, "choices: [positive, negative]", "choices: [positive, negative, weak]", "choices: [positive, negative, weak]\n  answers: {weak: {texts: [weak]}}"),
    Case("TRV265", "answers.yaml", "texts: [negative", "texts: [reactive, negative", "texts: [none, negative"),
    Case("TRV265", FACTS, "  kept: [positive]", "  answers: {positive: {texts: [a]}, negative: {texts: [A.]}}\n  kept: [positive]", "  answers: {positive: {texts: [a]}, negative: {texts: [b]}}\n  kept: [positive]"),
    Case("TRV270", "sources.yaml", "doi: 10.1000/trial", "doi: https://doi.org/10.1000/trial", "doi: 10.1000/other"),
    Case("TRV270", "sources.yaml", "pmid: '22222222'", "pmid: PMC123", "pmid: '333'"),
    Case("TRV270", "sources.yaml", "doi: 10.1000/trial", "doi: 10.1000/GUIDE, same_document_as: guide_2020", "doi: null", "another PubMed id"),
    Case("TRV205", RECOMMENDATIONS, "agents: [drug]", "agents: [support]", "agents: [drug]", "never offered"),
    Case("TRV271", DRUG, f"{BY_TRIAL}{SECOND}escalate", f"    basis: [{WEAK}]{SECOND}start", f"    basis: [{WEAK}]{SECOND}escalate", "usual is the default"),
    Case("TRV271", DRUG, "partners: [drugs], basis: [{source: trial_2021, seen: abstract}]", f"partners: [drugs], basis: [{WEAK}]", f"partners: [drugs], basis: [{WEAK}, {READ}]", "itself is avoid"),
    Case("TRV271", DRUG, FACTOR, f"    avoid: true\n    regimens: [usual]\n    basis: [{WEAK}]", f"    factor: 0.5\n    regimens: [usual]\n    basis: [{WEAK}]", "old takes the agent away"),
    Case("TRV271", "drug_classes.yaml", "basis: [{source: trial_2021, seen: abstract}]", f"basis: [{WEAK}]", f"basis: [{WEAK}, {READ}]", "two of drugs are avoid"),
    Case("TRV272", TOGETHER, "regimen: high", "regimen: hihg", "note: the default of its purpose", "did you mean high"),
    Case("TRV272", TOGETHER, "agent: drug, regimen: high", "agent: drugg, regimen: high", "agent: drug, regimen: high", "did you mean drug"),
    Case("TRV272", TOGETHER, "regimen: high", "regimen: usual", "regimen: high", "drug stands twice"),
    Case("TRV272", TOGETHER, "agent: drug, regimen: high", "agent: support, regimen: daily", "agent: drug, regimen: high", "are both drugs"),
    Case("TRV273", DRUG, "    forms: [tablet]", "    forms: [tablett]", "    forms: []", "did you mean tablet"),
    Case("TRV273", DRUG, "classes: [drugs]", "classes: [durgs]", "classes: [drugs, load]", "did you mean drugs"),
    Case("TRV273", DRUG, "partners: [drugs]", "partners: [grugs]", "partners: [drug]", "did you mean drugs"),
    Case("TRV273", DRUG, "regimens: [usual]", "regimens: [usuall]", "regimens: [usual, high]", "did you mean usual"),
    Case("TRV273", DRUG, "facts: [ferritin]", "facts: [feritin]", "facts: [ferritin, age]", "did you mean ferritin"),
    Case("TRV273", DRUG, "amount: 2 mg/kg", "amount: 2 mg/h", "amount: 2 mg/m2", "no unit of a dose"),
    Case("TRV273", DRUG, "amount: 2 mg/kg, per: administration", "amount: 2 %, per: administration", "amount: 2 %, per: administration, of: drug", "of:"),
    Case("TRV273", DRUG, "amount: 2 mg/kg, per: administration", "amount: 2 %, per: administration, of: drugg", "amount: 20 %, per: administration, of: drug", "did you mean drug"),
    Case("TRV273", DRUG, "{times_per_day: 2, for_days: [1, open]}", "{times_per_day: 2, beside: drugg}", "{times_per_day: 2, beside: support}", "did you mean drug"),
    Case("TRV273", DRUG, "{times_per_day: 2, for_days: [1, open]}", "{times_per_day: 2, for_days: [1, open], beside: support}", "{times_per_day: 2, for_days: 1, beside: support}", "days of its own"),
    Case("TRV273", DRUG, "    default: true\n", "", "    default: true\n    note: n\n", "no regimen is the default"),
    Case("TRV273", DRUG, "purpose: escalate", "purpose: start\n    default: true\n    reason: r", "purpose: escalate\n    default: true\n    reason: r", "a second default"),
    Case("TRV273", DRUG, "factor: 0.5", "minus: 1 mg/m2", "minus: 1 mg", "in a unit that no regimen has"),
    Case("TRV273", DRUG, "  regimens:\n", f"{AGAIN.format(name='tablet')}  regimens:\n", f"{AGAIN.format(name='other')}  regimens:\n", "stands twice under forms"),
    Case("TRV207", FACTS, "  label: Ferritin\n", "  label: Ferritin\n  also_called: [sepsis]\n", "  label: Ferritin\n  also_called: [fer]\n", "the name 'sepsis'"),
    Case("TRV207", FACTS, "  label: Ferritin\n", "  label: Ferritin\n  also_called: [is_adult]\n", "  label: Ferritin\n  also_called: [fer, ferr]\n", "the name 'is_adult'"),
    Case("TRV274", DRUG, "opened_by: drug_override", "opened_by: drug_overide", "opened_by: drug_override", "did you mean drug_override"),
    Case("TRV274", DRUG, "opened_by: drug_override", "opened_by: sepsis", "opened_by: drug_override", "no override is called"),
    Case("TRV274", DRUG, "offered_when: ill and is_adult", "offered_when: ill and is_adult and not drug_override", "offered_when: ill and is_adult", "the agent drug looks at an override"),
    Case("TRV274", DRUG, "when: hbsag = 'positive'", "when: hbsag = 'positive' and drug_override", "when: hbsag = 'positive'", "looks at an override"),
    Case("TRV274", FACTS, "  from: {override: true}\n  good_for: 7 d\n", "  from: {override: true}\n", "  from: {override: true}\n  good_for: 1 d\n", "good_for"),
    Case("TRV274", FACTS, "  good_for: 7 d\n  harm: none\n  basis: [{source: trial_2021, seen: abstract, note: a week}]", "  good_for: 7 d\n  harm: [false]\n  basis: [{source: trial_2021, seen: abstract, note: a week}]", "  good_for: 9 d\n  harm: none\n  basis: [{source: trial_2021, seen: abstract, note: a week}]", "harm: none"),
    Case("TRV307", "statements/guide.yaml", "low, source: guide_2020, seen: full-text}\n- {id: guide_2020.always", "low, source: guide_2010, seen: full-text}\n- {id: guide_2020.always", "low, source: trial_2021, seen: full-text}\n- {id: guide_2020.always", "rest on guide_2020"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "knowledge"))


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_tiny_knowledge_has_no_defect() -> None:
    assert [str(defect) for defect in loader.check(TINY)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.words or case.file}")
def test_bad_folder_yields_exactly_that_defect(root: Path, case: Case) -> None:
    edit(root, case.file, case.old, case.bad)
    found = loader.check(root)
    assert [defect.code for defect in found] == [case.code], "\n".join(map(str, found))
    assert case.words in str(found[0])
    assert found[0].span is not None
    assert found[0].span.file == case.file


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.words or case.file}")
def test_good_twin_yields_none(root: Path, case: Case) -> None:
    edit(root, case.file, case.old, case.good)
    assert [str(defect) for defect in loader.check(root)] == []


def test_every_check_has_a_case() -> None:
    assert {module.CODE for module in registry.checks()} - {case.code for case in CASES} == set()


def test_codes_and_names_are_unique() -> None:
    modules = [*registry.checks(), *registry.evidence_checks()]
    assert len({module.CODE for module in modules}) == len(modules)
    assert len({module.NAME for module in modules}) == len(modules)


def test_every_check_file_is_registered() -> None:
    folder = Path(registry.__file__).parent
    with_code = {
        file.stem for file in folder.glob("*.py") if "\nCODE, NAME" in file.read_text(encoding="utf-8")
    }
    modules = (*registry.checks(), *registry.evidence_checks())
    assert with_code == {module.__name__.rsplit(".", 1)[1] for module in modules}


def test_name_shared_by_a_fact_and_a_criterion(root: Path) -> None:
    edit(root, CRITERIA, "- id: hbv_untested", "- id: bsa")
    assert "TRV207" in {defect.code for defect in loader.check(root)}


def test_thresholds_in_other_forms(root: Path) -> None:
    """A number on the left, a date, arithmetic: each threshold wants its examples."""
    examples = ("given: {age: 80}, then: true", NOTHING)
    edit(root, CRITERIA, ADULT, criterion("65 <= age", *examples))
    edit(root, RECOMMENDATIONS, "when: bsa < 1 'm2'", "when: bsa < 1 'm2' and new")
    assert [defect.code for defect in loader.check(root)] == ["TRV230"]


def test_arithmetic_reaches_its_boundary(root: Path) -> None:
    good = ("given: {body_weight: 70}, then: true", "given: {body_weight: 69}, then: false", NOTHING)
    edit(root, CRITERIA, ADULT, criterion("body_weight * 2 >= 140 'kg'", *good))
    edit(root, RECOMMENDATIONS, "when: bsa < 1 'm2'", "when: bsa < 1 'm2' and new")
    assert loader.check(root) == []


def test_without_the_solver_nothing_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "is_available", lambda: False)
    (defect,) = loader.check(TINY)
    assert defect.code == "TRV254"
    assert "unreachable, treatment-out-of-scope" in defect.what


def test_solver_that_gives_up_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.Solver, "ask", lambda self, *claims: "undecided")
    assert {defect.code for defect in loader.check(TINY)} == {"TRV252", "TRV253"}


class TestReview:
    def test_groups(self) -> None:
        notes = review_list(loader.load(TINY))
        assert [(note.group, note.what) for note in notes] == [
            ("our own choices", "fact ferritin: two weeks"),
            ("statements that were recalled", "guide_2020.always: always treat"),
        ]

    def test_only_support_is_said(self, root: Path) -> None:
        edit(root, DRUG, "kind: wait", "kind: caution")
        edit(
            root,
            ALERTS,
            "when: ill and hbv_untested\n  text: Test for hepatitis B.\n  basis: [guide_2020.treat]",
            f"when: ill and hbv_untested\n  text: Test for hepatitis B.\n  basis: [{WEAK}]",
        )
        assert "alert hbv_first: ours (its only support)" in {
            note.what for note in review_list(loader.load(root))
        }

    def test_shared_doi_is_a_note(self, root: Path) -> None:
        edit(root, "sources.yaml", "doi: 10.1000/trial, pmid: '22222222'", "doi: 10.1000/guide")
        assert ("sources that share a DOI", "10.1000/guide: guide_2020, trial_2021") in {
            (note.group, note.what) for note in review_list(loader.load(root))
        }

    def test_units_and_codes(self, root: Path) -> None:
        edit(root, "valuesets/ferritin.yaml", "[ng/mL]", "[ng/mL, furlong]")
        edit(root, "valuesets/hbsag.yaml", "verified: true", "verified: false")
        groups = {note.group for note in review_list(loader.load(root))}
        assert {"units that cannot be read", "codes not verified"} <= groups


def test_pages_are_current() -> None:
    assert PAGES.read_text(encoding="utf-8") == registry.pages(), "write docs/checks.md again"


def test_every_code_has_a_page() -> None:
    page = registry.pages()
    sources = (Path(registry.__file__).parent.parent).rglob("*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    assert [code for code in sorted(set(re.findall(r"TRV\d{3}", text))) if code not in page] == []
