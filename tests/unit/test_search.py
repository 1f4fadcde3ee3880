"""Full text search: what is found, in which order, and what is said when nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.command_line import command

from trivium.evidence.search import KINDS, documents, search
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import load_evidence

TINY = Path(__file__).parent.parent / "data" / "tiny_evidence"


@pytest.fixture(scope="module")
def base() -> EvidenceBase:
    return load_evidence()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def ids(base: EvidenceBase, text: str, limit: int = 10, kinds: tuple[str, ...] = KINDS) -> list[str]:
    return [hit.id for hit in search(base, text, limit, kinds).hits]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nintedanib myositis survival", "liang2021nin"),
        ("daratumumab rescue", "holzer2023"),
        ("Pneumocystis anti-MDA5", "pjp2023rheum"),
        ("hepatitis B rituximab prophylaxis", "conflict_13"),
        ("price of rituximab", "cost.rituximab_truxima_wac_100mg"),
        ("plasma exchange meta-analysis", "tangborworn2024"),
        ("strong recommendation triple therapy", "guide_01"),
        ("10.1002/art.41105", "tsuji_2020"),
    ],
)
def test_finds_what_is_meant(base: EvidenceBase, text: str, expected: str) -> None:
    assert expected in ids(base, text)


def test_brand_finds_what_is_said_of_the_drug(base: EvidenceBase) -> None:
    studies = ids(base, "Olumiant", kinds=("study",))
    assert "harada2024" in studies
    assert "harada2024" in ids(base, "baricitnib", kinds=("study",))


def test_word_forms_meet(base: EvidenceBase) -> None:
    assert set(ids(base, "transplanted", 30, ("study",))) & {"riviere2022ltx", "bay2022ecls", "yang2021ltx"}


def test_word_that_stands_nowhere_is_said(base: EvidenceBase) -> None:
    results = search(base, "xylophone plasma exchange")
    assert results.nowhere == ("xylophone",)
    assert results.hits
    assert search(base, "xylophone").hits == ()


def test_order_is_by_score_then_kind_then_id(base: EvidenceBase) -> None:
    hits = search(base, "CMV infection", 200).hits
    keys = [(-hit.score, KINDS.index(hit.kind), hit.id) for hit in hits]
    assert keys == sorted(keys)
    assert hits == search(base, "CMV infection", 200).hits
    assert hits[:5] == search(base, "CMV infection", 5).hits


def test_everything_in_the_base_can_be_found(base: EvidenceBase) -> None:
    found = {(document.kind, document.id) for document in documents(base)}
    assert {name for kind, name in found if kind == "study"} == set(base.studies)
    assert {name for kind, name in found if kind == "claim"} == set(base.claims)
    assert {name for kind, name in found if kind == "statement"} == set(base.statements)
    assert {name for kind, name in found if kind == "agent"} == set(base.agents)
    assert {name for kind, name in found if kind in ("source", "study")} >= set(base.references)


def test_a_statement_shows_which_way_it_points(base: EvidenceBase) -> None:
    """`Plasma exchange as first-line treatment` is a recommendation against."""
    badges = {hit.id: hit.badge for hit in search(base, "plasma exchange first-line RP-ILD", 20).hits}
    assert badges["acr_chest_tx_2023.RP6"] == "against, conditional, very-low certainty, recalled"


def test_a_claim_shows_its_verdict(base: EvidenceBase) -> None:
    badges = {
        hit.id: hit.badge
        for hit in search(base, "IVIG rituximab tofacitinib recommends combination", 20).hits
    }
    assert badges["guide_02"] == "conflicts"


@pytest.mark.parametrize(
    "text", ['"', "a AND", "title:x (", "* ? ~ ^", "[1 TO 2]", "-rituximab", "\\", "é 中 🫁"]
)
def test_signs_of_query_languages_are_only_text(base: EvidenceBase, text: str) -> None:
    search(base, text)


class TestCommand:
    def test_text(self) -> None:
        ended = command("search", "alfa", "deaths", "--knowledge", TINY)
        assert ended.code == 0
        assert "claim alfa_works [supported]" in ended.out

    def test_json(self) -> None:
        ended = command("search", "alfarex", "--format", "json", "--limit", "2", "--knowledge", TINY)
        data = json.loads(ended.out)
        assert [hit["rank"] for hit in data["hits"]] == [1, 2]
        assert data["question"]["agents"] == ["alfa"]
        assert ended == command("search", "alfarex", "--format", "json", "--limit", "2", "--knowledge", TINY)

    def test_kinds(self) -> None:
        ended = command("search", "alfa", "--kind", "agent", "--format", "md", "--knowledge", TINY)
        assert "**agent `alfa`**" in ended.out
        assert "claim" not in ended.out

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ((), "nothing to search for"),
            (("alfa", "--kind", "pathway"), "one of: study, statement, claim, agent, source"),
            (("alfa", "--limit", "0"), "between 1 and 500"),
            (("alfa", "--format", "xml"), "no format 'xml'"),
        ],
    )
    def test_what_cannot_be_done_is_said(self, arguments: tuple[str, ...], words: str) -> None:
        ended = command("search", *arguments, "--knowledge", TINY)
        assert ended.code == 2
        assert words in ended.err
