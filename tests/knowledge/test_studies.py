"""The evidence as shipped: all of it is there, as it was extracted, and says what it must say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from trivium.evidence.base import SURE, Selection, given, select
from trivium.knowledge import loader
from trivium.knowledge.checks.evidence_review import evidence_review
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import WEAK

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = ROOT / "knowledge"
DOSSIER = ROOT.parent / "shared" / "dossier"

# Renamed, because the number stands for the opposite: a share free of relapse under the name of relapse.
RENAMED = {("ida2024", 2), ("sasai2023", 2)}


@pytest.fixture(scope="module")
def base() -> EvidenceBase:
    return loader.load_evidence()


def dossier(name: str) -> Path:
    path = DOSSIER / name
    if not path.exists():
        pytest.skip(f"the shared dossier is not beside the checkout: no {path.name}")
    return path


def leaves(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from leaves(value, (*place, index))
    elif data is not None:
        yield place, data


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


class TestWhatIsThere:
    def test_counts(self, base: EvidenceBase) -> None:
        assert len(base.studies) == 104
        assert sum(len(study.outcomes) for study in base.studies.values()) == 262
        assert Counter(study.design for study in base.studies.values()) == {
            "retrospective-cohort": 58,
            "case-series": 12,
            "RCT": 8,
            "meta-analysis": 5,
            "prospective-cohort": 5,
            "case-report": 5,
            "narrative-review": 4,
            "single-arm": 3,
            "systematic-review": 2,
            "guideline": 2,
        }
        assert len(base.claims) == 33 + 33 + 17

    def test_nothing_has_a_defect(self) -> None:
        from trivium.knowledge.checks.evidence_draft import read_evidence
        from trivium.knowledge.checks.registry import run_evidence

        assert [str(defect) for defect in run_evidence(read_evidence(KNOWLEDGE))] == []

    def test_every_study_has_its_document(self, base: EvidenceBase) -> None:
        for study in base.studies.values():
            reference = base.references[study.reference]
            assert reference.title
            assert not reference.is_machine_written

    def test_every_agent_of_the_pathway_that_is_named_exists(self, base: EvidenceBase) -> None:
        there = {path.stem for path in (KNOWLEDGE / "agents").glob("*.yaml")}
        assert {agent.pathway_agent for agent in base.agents.values() if agent.pathway_agent} <= there

    def test_machine_written_pages_support_nothing(self, base: EvidenceBase) -> None:
        for claim in base.claims.values():
            if claim.verdict in ("supported", "partly-supported"):
                written = [name for name in claim.sources if not base.references[name].is_machine_written]
                assert written or claim.studies or claim.statements
                assert claim.seen not in WEAK

    def test_the_conflicts_of_both_audits(self, base: EvidenceBase) -> None:
        conflicts = {name for name, claim in base.claims.items() if claim.verdict == "conflicts"}
        assert {"study_01", "study_32", "study_33"} <= conflicts
        assert {"guide_01", "guide_02", "guide_12", "guide_25", "guide_29"} <= conflicts
        assert len(conflicts) == 8 + 17

    def test_review_names_every_weak_outcome(self, base: EvidenceBase) -> None:
        weak = [each.id for study in base.studies.values() for each in study.outcomes if each.is_weak]
        told = " ".join(note.what for note in evidence_review(base))
        assert weak
        assert all(name in told for name in weak)


class TestWhatIsSaid:
    def test_no_study_has_the_three_together(self, base: EvidenceBase) -> None:
        """All three stand in one arm of one study, and there they had failed before the drug under study."""
        asked = ("ivig", "rituximab", "tofacitinib")
        found = select(base, Selection(agents=asked)).found
        assert [each.study.id for each in found] == ["holzer2023"]
        assert not any(each.is_together for each in found)
        assert set(found[0].arms["A"].values()) == {"before"}

    def test_agents_of_a_part_are_not_those_of_all(self, base: EvidenceBase) -> None:
        """8 of 27 had IVIG."""
        arm = base.studies["pmdm27ild"].arms[0]
        assert given(base, arm, "ivig") == "in-part"
        assert given(base, arm, "ivig") not in SURE

    def test_phenotype_groups_have_no_agents(self, base: EvidenceBase) -> None:
        assert not any(arm.is_treated for arm in base.studies["vuillard2018"].arms if not arm.agents)
        assert not base.studies["allenbach2020"].arms[0].is_treated

    def test_a_survival_curve_gives_no_counts(self, base: EvidenceBase) -> None:
        """89% of 29 and 44.0% of 26 are no counts, and then neither is the other arm's percent."""
        for study, number in (("tsuji2020", 0), ("fan2022", 1), ("riviere2022ltx", 2), ("ida2024", 1)):
            outcome = base.studies[study].outcomes[number]
            assert [result.count for result in outcome.results] == [None] * len(outcome.results)

    def test_pooled_percents_of_reviews_give_no_counts(self, base: EvidenceBase) -> None:
        assert base.studies["pemeta2024"].outcomes[0].results[0].count is None

    def test_a_narrower_sense_is_not_of_whole_arms(self, base: EvidenceBase) -> None:
        def whole(study: str, number: int) -> bool:
            return base.studies[study].outcomes[number - 1].is_of_whole_arms

        assert whole("fan2022", 1)
        assert not whole("fan2022", 4)  # the RP-ILD subgroup
        assert not whole("wu2025", 1)  # death or transplantation
        assert whole("isoda2014", 1)
        assert not whole("isoda2014", 2)  # deaths from pneumonia
        assert not whole("mao2020", 2)  # events, not patients
        assert whole("so2018", 4)

    def test_recalled_sizes_make_rows_weak(self, base: EvidenceBase) -> None:
        rows = base.studies["wang2022"].outcomes[0].results
        assert {row.seen for row in rows} == {"recalled"}

    def test_trials_share_their_patients(self, base: EvidenceBase) -> None:
        for first, second in (("oddis2013", "aggarwal2014"), ("proderm2022", "prodermpulm")):
            assert second in {each.study for each in base.studies[first].overlaps}
            assert first in {each.study for each in base.studies[second].overlaps}


@pytest.mark.shared
class TestAgainstTheDossier:
    def test_nothing_was_lost_or_changed(self) -> None:
        files = sorted(dossier("studies").glob("*.yaml"))
        assert len(files) == 104
        sources = {source["id"]: source for source in read(KNOWLEDGE / "sources.yaml")}
        wrong = []
        for path in files:
            theirs = read(path)
            name = theirs["id"]
            ours = dict(leaves(read(KNOWLEDGE / "studies" / f"{name}.yaml")))
            cited = dict(leaves(sources[name]))
            for place, value in leaves(theirs):
                if place[0] == "citation" and place[1] != "id_note":
                    if str(cited.get(place[1:])) != str(value):
                        wrong.append((name, place))
                elif place[0] == "outcomes" and place[2] == "name" and (name, place[1]) in RENAMED:
                    assert ours[place] == "relapse-free-survival"
                elif place[0] != "citation" and ours.get(place) != value:
                    wrong.append((name, place))
        assert wrong == []

    def test_dossier_studies_are_served_as_they_are(self, tmp_path: Path) -> None:
        """Somebody who adds a study in the form of the dossier finds it in the base."""
        import shutil

        folder = shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")
        for path in sorted(dossier("studies").glob("*.yaml")):
            if path.stem != "riviere2022ltx":  # prints a percent that is not its count's, without a word
                shutil.copyfile(path, folder / "studies" / path.name)
        raw, ours = loader.load_evidence(folder), loader.load_evidence()
        assert raw.studies.keys() == ours.studies.keys()
        assert raw.studies["tsuji2020"].outcomes[0].results[0].percent == Decimal(89)

    def test_every_claim_of_the_audits_is_there(self, base: EvidenceBase) -> None:
        words = {
            "partly_supported": "partly-supported",
            "not_found": "not-found",
            "out_of_scope": "out-of-scope",
        }
        corrected = {"guide_14"}
        for file, sort in (
            ("seed_audit_studies.yaml", "study"),
            ("seed_audit_guideline_and_drugs.yaml", "guide"),
        ):
            audit = read(dossier(file))
            for claim in audit["claims"]:
                name = f"{sort}_{claim['id'][1:]}"
                verdict = claim.get("verdict") or words.get(claim["status"], claim["status"])
                assert base.claims[name].verdict == verdict or name in corrected
                named = {each["source"] for each in claim.get("sources", ())}
                assert named <= set(base.claims[name].sources)
            for number, _ in enumerate(audit.get("seed_conflicts", ()), 1):
                assert f"conflict_{number:02}" in base.claims
        assert base.claims["guide_14"].verdict == "not-found"
        assert base.claims["guide_14"].correction

    def test_nothing_of_the_example_answer_stands_in_our_words(self) -> None:
        """No eight words in a row, titles of papers and doses apart."""
        length = 8
        answer = re.findall(r"\w+", dossier("example_answer.txt").read_text(encoding="utf-8").lower())
        theirs = {tuple(answer[at : at + length]) for at in range(len(answer) - length + 1)}
        copied = []
        for folder in ("claims", "studies"):
            for path in sorted((KNOWLEDGE / folder).glob("*.yaml")):
                ours = re.findall(r"\w+", path.read_text(encoding="utf-8").lower())
                copied += [
                    (path.name, " ".join(ours[at : at + length]))
                    for at in range(len(ours) - length + 1)
                    if tuple(ours[at : at + length]) in theirs
                ]
        assert copied == []
