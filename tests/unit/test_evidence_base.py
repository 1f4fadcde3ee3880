"""The evidence as loaded: what is derived and what is not, its cache, and how the base is asked."""

from __future__ import annotations

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given as random
from hypothesis import strategies as st
from tests.unit.command_line import command

from trivium.core.errors import KnowledgeError, UsageError
from trivium.evidence.base import Selection, given, members_of, select
from trivium.knowledge import cache, loader
from trivium.knowledge.evidence import EvidenceBase, PValue
from trivium.knowledge.evidence_build import p_value
from trivium.knowledge.percents import agrees, only_count

TINY = Path(__file__).parent.parent / "data" / "tiny_evidence"
COHORT = "studies/cohort2021.yaml"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "trivium"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "knowledge"))


@pytest.fixture
def base(own_cache: Path) -> EvidenceBase:
    return loader.load_evidence(TINY)


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


class TestCounts:
    def test_one_count_behind_a_percent(self) -> None:
        assert only_count(Decimal("38.5"), 26) == 10
        assert only_count(Decimal("100"), 7) == 7
        assert only_count(Decimal("0"), 7) == 0

    def test_none_or_several_counts_are_none(self) -> None:
        assert only_count(Decimal("44.0"), 26) is None  # 11 is 42.3, 12 is 46.2
        assert only_count(Decimal("44"), 260) is None  # 114 and 115
        assert only_count(Decimal("89"), 29) is None  # 26 is 89.66, cut off and not rounded

    @random(st.integers(1, 300), st.data(), st.integers(0, 2))
    def test_a_printed_count_is_found_again_or_not_at_all(
        self, total: int, data: st.DataObject, digits: int
    ) -> None:
        events = data.draw(st.integers(0, total))
        percent = round(Decimal(100 * events) / total, digits)
        assert only_count(percent, total) in (events, None)
        assert agrees(percent, events, total)
        fitting = [n for n in range(total + 1) if round(Decimal(100 * n) / total, digits) == percent]
        if len(fitting) > 1:
            assert only_count(percent, total) is None

    def test_rounded_and_cut_off_agree_and_nothing_else(self) -> None:
        assert agrees(Decimal("29.3"), 53, 181)
        assert agrees(Decimal("29.2"), 53, 181)  # 29.28 cut off
        assert not agrees(Decimal("29.1"), 53, 181)
        assert not agrees(Decimal("29.4"), 53, 181)
        assert agrees(Decimal("87"), 21, 24)  # 87.5

    def test_derived_counts_stand_beside_the_printed_ones(self, base: EvidenceBase) -> None:
        first, second = base.studies["cohort2021"].outcomes[0].results
        assert (first.events, first.events_derived, first.count, first.is_derived) == (None, 10, 10, True)
        assert (second.events, second.count) == (None, 22)
        printed = base.studies["cohort2021"].outcomes[1].results[0]
        assert (printed.events, printed.events_derived, printed.is_derived) == (13, None, False)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("percent: 62.9", "percent: 62.0"),  # no count of 35: the other percent may be of a curve, too
            ("- name: mortality\n", "- name: mortality\n  estimand: time-to-event\n"),
            ("total: 35, percent: 62.9", "total: null, percent: 62.9"),
            ("design: retrospective-cohort", "design: meta-analysis"),
        ],
    )
    def test_counts_are_derived_for_all_arms_or_none(self, root: Path, old: str, new: str) -> None:
        edit(root, COHORT, old, new)
        results = loader.load_evidence(root).studies["cohort2021"].outcomes[0].results
        assert [result.count for result in results] == [None, None]


class TestBuild:
    def test_p_values(self) -> None:
        assert p_value("<0.001") == PValue("<0.001", Decimal("0.001"), True)
        assert p_value("0.04") == PValue("0.04", Decimal("0.04"), False)
        assert p_value("0.046 / 0.026") == PValue("0.046 / 0.026")
        assert p_value(">0.05") == PValue(">0.05")
        assert p_value("") is None

    def test_agents_are_kept_apart(self, base: EvidenceBase) -> None:
        first, second = base.studies["cohort2021"].arms
        assert (first.agents, first.inferred) == (("alfa",), ("base-drug",))
        assert (second.agents, second.in_part) == (("brava",), ("charly",))

    def test_comparisons_of_arms(self, base: EvidenceBase) -> None:
        effects = [outcome.effect for outcome in base.studies["cohort2021"].outcomes]
        assert [effect and effect.arms for effect in effects] == [("A", "B")] * 3
        assert effects[2] is not None
        assert (effects[2].adjusted, effects[2].value) == (True, Decimal("0.5"))

    def test_overlaps_are_mutual(self, base: EvidenceBase) -> None:
        assert [each.study for each in base.studies["cohort2021"].overlaps] == ["trial2019"]
        assert [each.study for each in base.studies["trial2019"].overlaps] == ["cohort2021"]

    def test_scopes(self, base: EvidenceBase) -> None:
        scopes = base.studies["cohort2021"].population.scopes
        assert scopes == {"mda5": "all", "rp-ild": "part", "ild": "part"}
        assert set(base.studies["trial2019"].population.scopes.values()) == {"unstated"}

    def test_study_with_its_own_citation_has_a_reference(self, base: EvidenceBase) -> None:
        reference = base.references["trial2019"]
        assert (reference.authors, reference.doi, reference.pmid) == (
            "Other B, et al.",
            "10.1000/trial",
            "33333333",
        )
        assert reference.unseen == ("doi",)
        assert reference.access == "outcomes seen as: full-text"

    def test_own_citation_of_a_known_document_is_linked(self, root: Path) -> None:
        edit(root, "studies/trial2019.yaml", "doi: 10.1000/trial", "doi: 10.1000/GUIDE")
        assert loader.load_evidence(root).references["trial2019"].same_document_as == "guide_2020"

    def test_unknown_keys_are_kept(self, root: Path) -> None:
        edit(root, COHORT, "percent: 38.5}", "percent: 38.5, rate_per_100py: 7.5}")
        result = loader.load_evidence(root).studies["cohort2021"].outcomes[0].results[0]
        assert result.further == {"rate_per_100py": Decimal("7.5")}

    def test_statements_name_agents_by_the_evidences_ids(self, base: EvidenceBase) -> None:
        assert base.statements["robot.says"].agents == ("brava",)

    def test_row_ids(self, base: EvidenceBase) -> None:
        outcome = base.studies["trial2019"].outcomes[0]
        assert outcome.id == "trial2019.1"
        assert outcome.pooled is not None
        assert [*(row.id for row in outcome.results), outcome.pooled.id] == [
            "trial2019.1.A",
            "trial2019.1.B",
            "trial2019.1.pooled",
        ]

    def test_weakest_part_counts(self, root: Path) -> None:
        edit(
            root,
            COHORT,
            "agents_inferred: [base-drug], n: 26",
            "agents_inferred: [base-drug], n: 26, n_seen: recalled",
        )
        first, second = loader.load_evidence(root).studies["cohort2021"].outcomes[0].results
        assert (first.seen, second.seen) == ("recalled", "abstract")


class TestLoading:
    def test_comes_back_the_same_from_its_own_file(self, own_cache: Path) -> None:
        built = loader.load_evidence(TINY)
        assert [path.name.partition("-")[0] for path in own_cache.glob("*.bin")] == ["evidence"]
        kept = cache.read(built.version, EvidenceBase)
        assert kept == built
        assert kept is not built

    def test_new_study_is_served_at_once(self, root: Path) -> None:
        before = loader.load_evidence(root)
        text = (root / "studies" / "trial2019.yaml").read_text(encoding="utf-8")
        new = text.replace("trial2019", "trial2022").replace("10.1000/trial", "10.1000/new")
        new = new.replace("pmid: 33333333", "pmid: 44444444").replace("study: cohort2021", "study: trial2019")
        (root / "studies" / "anything.yaml").write_text(new, encoding="utf-8")
        after = loader.load_evidence(root)
        assert after.version != before.version
        assert set(after.studies) - set(before.studies) == {"trial2022"}

    def test_nothing_is_served_with_a_defect(self, root: Path) -> None:
        edit(root, COHORT, "events: 13, total: 26", "events: 27, total: 26")
        for _ in range(2):
            with pytest.raises(KnowledgeError, match="27 events among 26"):
                loader.load_evidence(root)

    def test_a_study_does_not_change_the_pathways_content(self, root: Path) -> None:
        before = loader.content_hash(root), loader.evidence_hash(root)
        edit(root, COHORT, "newly ill", "long ill")
        assert loader.content_hash(root) == before[0]
        assert loader.evidence_hash(root) != before[1]
        edit(root, "sources.yaml", "A guideline", "The guideline")
        assert loader.content_hash(root) != before[0]

    def test_folder_without_evidence_is_an_empty_base(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        base = loader.load_evidence(tmp_path / "empty")
        assert (base.studies, base.claims, base.agents) == ({}, {}, {})

    def test_no_folder_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            loader.load_evidence(tmp_path / "nowhere")

    def test_every_file_in_two_shapes_of_damage(self, root: Path) -> None:
        """Cut off or turned round, each file yields defects with a place and never another error."""
        for path in sorted(root.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            for damaged in (
                text[: len(text) // 2],
                text.replace("id:", "- id:"),
                "",
                "[]",
                "{}",
                "a: [1, {b",
            ):
                path.write_text(damaged, encoding="utf-8")
                try:
                    loader.load_evidence(root)
                except KnowledgeError as problem:
                    assert all(defect.span for defect in problem.defects)
            path.write_text(text, encoding="utf-8")


class TestAsking:
    def test_how_an_arm_was_given_an_agent(self, base: EvidenceBase) -> None:
        first, second = base.studies["cohort2021"].arms
        assert given(base, first, "alfa") == "exact"
        assert given(base, first, "greek") == "member"
        assert given(base, first, "base-drug") == "inferred"
        assert given(base, second, "charly") == "in-part"
        assert given(base, second, "alfa") == ""

    def test_class_arm_for_a_member(self, root: Path) -> None:
        edit(root, COHORT, "agents: [brava, charly]", "agents: [greek, charly]")
        base = loader.load_evidence(root)
        assert given(base, base.studies["cohort2021"].arms[1], "brava") == "class"
        assert members_of(base, "greek") == ("alfa", "brava")

    def test_failed_before_is_no_combination(self, root: Path) -> None:
        edit(root, COHORT, "agents_in_part: [charly]", "agents_before: [charly]")
        base = loader.load_evidence(root)
        (found,) = select(base, Selection(agents=("brava", "charly"))).found
        assert not found.is_together
        assert found.arms["B"] == {"brava": "exact", "charly": "before"}

    def test_all_agents_or_each(self, base: EvidenceBase) -> None:
        def ids(**parts: object) -> list[str]:
            return [found.study.id for found in select(base, Selection(**parts)).found]  # type: ignore[arg-type]

        assert ids(agents=("alfa",)) == ["trial2019", "cohort2021"]
        assert ids(agents=("alfa", "placebo")) == ["trial2019"]
        assert ids(agents=("brava", "placebo")) == []
        assert ids(agents=("brava", "placebo"), is_each=True) == ["trial2019", "cohort2021"]
        assert ids(agents=("alfa",), designs=("RCT",)) == ["trial2019"]
        assert ids(agents=("alfa",), without_designs=("RCT",)) == ["cohort2021"]
        assert ids(outcomes=("infection",)) == ["cohort2021"]
        assert ids(outcomes=("survival",)) == ["trial2019", "cohort2021"]  # by their mortality
        assert ids(weeks=(Decimal(52),)) == ["cohort2021"]
        assert ids(agents=("greek",), without=("brava",)) == ["trial2019", "cohort2021"]

    def test_what_is_not_stated_is_said_and_not_dropped(self, base: EvidenceBase) -> None:
        asked = select(base, Selection(agents=("alfa",), populations=("mda5",)))
        assert [found.study.id for found in asked.found] == ["cohort2021"]
        assert asked.unstated == {"mda5": ("trial2019",)}
        other = select(base, Selection(without_populations=("mda5",)))
        assert [found.study.id for found in other.found] == []
        assert other.unstated == {"mda5": ("trial2019",)}


class TestStudiesCommand:
    def test_lists_what_was_asked_for(self) -> None:
        ended = command("studies", "--agent", "alfarex", "--outcome", "deaths", "--knowledge", TINY)
        assert ended.code == 0
        assert "alfarex is a brand of Alfa, a name that no document of the base prints" in " ".join(
            ended.out.split()
        )
        assert "2 of 2 studies" in ended.out
        assert "A ~10/26 38.5%" in ended.out
        assert "Infection" not in ended.out

    def test_a_combination_that_nobody_gave_is_said(self) -> None:
        asked = ("studies", "--knowledge", TINY)
        assert "No study gave all of them together" in command(*asked, "alfa + brava").out
        assert "No study gave" not in command(*asked, "alfa or brava").out
        assert "No study gave" not in command(*asked, "alfa vs brava").out

    def test_a_second_start_loads_nothing_heavy(self, tmp_path: Path) -> None:
        code = (
            "import sys; from trivium.cli import main\n"
            f"sys.argv = ['trivium', 'studies', 'alfa', '--knowledge', {str(TINY)!r}]\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
        )
        for _ in range(2):
            ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "Alfa" in ended.stdout
        loaded = set(ended.stdout.rpartition("LOADED ")[2].split())
        assert loaded.isdisjoint({"yaml", "pydantic", "lark", "z3", "rapidfuzz", "tantivy", "numpy", "scipy"})

    def test_one_study_in_full(self) -> None:
        ended = command("studies", "cohort2021", "--knowledge", TINY)
        assert "HR 0.5 (0.25 to 1) p 0.05 (adjusted) (Cox) [seen: secondary]" in " ".join(ended.out.split())
        assert "may share patients with trial2019: same town" in ended.out

    @pytest.mark.parametrize("form", ["text", "json", "md"])
    def test_same_bytes_again(self, form: str) -> None:
        asked = ("studies", "alfa and brava", "--format", form, "--knowledge", TINY)
        first, second = command(*asked), command(*asked)
        assert first.code == 0
        assert first == second
        assert first.out

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--agent", "aspirin"), "no agent of the base goes by that name"),
            (("--outcome", "happiness"), "--outcome 'happiness' is not known"),
            (("--design", "alfa"), "--design 'alfa' is not known"),
            (("aspirin",), "Not understood, and not searched for: aspirin"),
            (("alfa", "--format", "pdf"), "one of: text, json, md"),
        ],
    )
    def test_what_cannot_be_answered_is_said(self, arguments: tuple[str, ...], words: str) -> None:
        ended = command("studies", *arguments, "--knowledge", TINY)
        assert ended.code == 2
        assert words in ended.err
        assert ended.out == ""

    def test_defect_ends_with_four(self, root: Path) -> None:
        edit(root, COHORT, "events: 13, total: 26", "events: 27, total: 26")
        ended = command("studies", "--knowledge", root)
        assert ended.code == 4
        assert "studies/cohort2021.yaml" in ended.err
