"""Questions in plain words, against the vocabulary that is shipped: what is understood, corrected, and said.

Nothing is dropped silently: every word is either read, or idle, or among what was not understood.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivium.evidence.echo import echo
from trivium.evidence.questions import Question, understand
from trivium.evidence.vocabulary import plain, vocabulary
from trivium.evidence.words import IDLE, LINKING, TOPICS, tokens
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import load_evidence


@pytest.fixture(scope="module")
def base() -> EvidenceBase:
    return load_evidence()


AGENTS = {
    "ivig ritux tofa": "ivig rituximab tofacitinib",
    "IVIG + rituximab + tofacitinib": "ivig rituximab tofacitinib",
    "IVIG/RTX/TOF": "ivig rituximab tofacitinib",
    "Xeljanz® and MabThera": "tofacitinib rituximab",
    "Truxima, Octagam & Prograf": "rituximab ivig tacrolimus",
    "Olumiant Rinvoq CellCept": "baricitinib upadacitinib mycophenolate",
    "ciclosporine A": "cyclosporine",
    "cyclosporin": "cyclosporine",
    "IVCY CsA GC": "cyclophosphamide cyclosporine glucocorticoid",
    "TPE then PMX-DHP": "plasma-exchange polymyxin-b-hp",
    "plasmapheresis": "plasma-exchange",
    "JAK inhibitors": "jak-inhibitor",
    "jaki with cni": "jak-inhibitor calcineurin-inhibitor",
    "anti-CD20 antibodies": "anti-cd20",
    "TMP/SMX": "tmp-smx",
    "intravenous immune globulin": "ivig",
    "pulse methylprednisolone": "methylprednisolone-pulse",
    "CAR-T cells": "car-t",
    "steroids": "glucocorticoid",
    "MMF": "mycophenolate",
}
MISSPELT = {
    "rituximb": "rituximab",
    "ritxuimab": "rituximab",
    "tofactinib": "tofacitinib",
    "tofacitnib": "tofacitinib",
    "barcitinib": "baricitinib",
    "upadacitnib": "upadacitinib",
    "cyclophosphomide": "cyclophosphamide",
    "tacrolimis": "tacrolimus",
    "mycofenolate": "mycophenolate",
    "intravenous imunoglobulin": "ivig",
    "plasma exchnage": "plasma-exchange",
    "nintedanb": "nintedanib",
    "tocilizumba": "tocilizumab",
    "rituxim": "rituximab",
    "upadac": "upadacitinib",
}


OTHERS = """
satralizumab bimekizumab cetuximab dupilumab everolimus pimecrolimus temsirolimus imatinib erlotinib
abrocitinib
deucravacitinib natalizumab ravulizumab prednimustine cyclobenzaprine cyclizine aspirin metformin ritonavir
"""
PIECES = """
ivig ritux tofa Xeljanz tacrolimus cyclo without not vs or and with plus refractory to survival CMV MDA5
RP-ILD ICU
RCT cohort 6 months 2 g/kg , . ? - / negative the evidence zzz 10 MDA5-
"""
JOINING = "without not no non vs versus with plus refractory to but then negative . ? w o"


@pytest.mark.parametrize(("text", "expected"), AGENTS.items())
def test_names_of_agents(base: EvidenceBase, text: str, expected: str) -> None:
    question = understand(text, base)
    assert question.agents == tuple(expected.split())
    assert question.corrected == ()
    assert question.not_understood == ()


@pytest.mark.parametrize(("text", "expected"), MISSPELT.items())
def test_misspelt_names_are_read_and_said(base: EvidenceBase, text: str, expected: str) -> None:
    question = understand(text, base)
    assert question.agents == (expected,)
    said = " ".join(echo(question, base))
    if expected not in ("mycophenolate",):  # that one is listed as a spelling
        assert question.corrected
        assert "taken as" in said


@pytest.mark.parametrize("drug", OTHERS.split())
def test_another_drug_is_never_taken_for_one_of_ours(base: EvidenceBase, drug: str) -> None:
    question = understand(drug, base)
    assert question.agents == ()
    assert question.not_understood or question.ambiguous


def test_what_could_be_two_drugs_is_asked_back(base: EvidenceBase) -> None:
    (ambiguous,) = understand("cyclo", base).ambiguous
    assert ambiguous.options == ("Ciclosporin", "Cyclophosphamide")
    assert understand("cyclo", base).agents == ()
    assert "say which" in " ".join(echo(understand("cyclo", base), base))


def test_triple_therapy_is_two_things(base: EvidenceBase) -> None:
    (ambiguous,) = understand("triple therapy in MDA5", base).ambiguous
    assert ambiguous.written == "triple therapy"
    assert len(ambiguous.options) == 2


class TestNegation:
    @pytest.mark.parametrize(
        ("text", "agents", "without"),
        [
            ("rituximab without cyclophosphamide", "rituximab", "cyclophosphamide"),
            ("rituximab, not tofacitinib", "rituximab", "tofacitinib"),
            ("rituximab w/o CYC or TAC", "rituximab", "cyclophosphamide tacrolimus"),
            ("rituximab without cyclophosphamide and tacrolimus", "rituximab", "cyclophosphamide tacrolimus"),
            ("rituximab but not cyclophosphamide, with IVIG", "rituximab ivig", "cyclophosphamide"),
            ("tofacitinib without IVIG or RTX but CYC", "tofacitinib cyclophosphamide", "ivig rituximab"),
            ("no steroids", "", "glucocorticoid"),
            ("everything except plasma exchange", "", "plasma-exchange"),
            ("tacrolimus rather than mycophenolate", "tacrolimus", "mycophenolate"),
        ],
    )  # fmt: skip
    def test_of_agents(self, base: EvidenceBase, text: str, agents: str, without: str) -> None:
        question = understand(text, base)
        assert question.agents == tuple(agents.split())
        assert question.without == tuple(without.split())

    def test_ends_at_another_kind_of_thing(self, base: EvidenceBase) -> None:
        question = understand("IVIG without cyclophosphamide in RP-ILD", base)
        assert question.populations == ("rp-ild",)
        assert question.without == ("cyclophosphamide",)
        question = understand("non-ICU patients, RTX or CYC", base)
        assert question.without_populations == ("critical-illness",)
        assert question.agents == ("rituximab", "cyclophosphamide")

    @pytest.mark.parametrize(
        "text", ["MDA5-negative", "anti-MDA5 negative patients", "MDA5- patients", "not MDA5"]
    )
    def test_of_populations(self, base: EvidenceBase, text: str) -> None:
        question = understand(f"plasma exchange in {text}", base)
        assert question.without_populations == ("mda5",)
        assert question.populations == ()
        assert question.not_understood == ()

    def test_failed_before_is_not_excluded(self, base: EvidenceBase) -> None:
        question = understand("rituximab in disease refractory to cyclophosphamide and tacrolimus", base)
        assert question.agents == ("rituximab",)
        assert question.prior == ("cyclophosphamide", "tacrolimus")
        assert question.without == ()
        assert question.populations == ("refractory",)
        assert understand("tofacitinib after failure of rituximab", base).prior == ("rituximab",)


class TestTheRest:
    def test_comparison(self, base: EvidenceBase) -> None:
        question = understand("tofacitinib + IVIG vs tacrolimus versus ciclosporin", base)
        assert question.sides == (("tofacitinib", "ivig"), ("tacrolimus",), ("cyclosporine",))
        assert question.is_comparison
        assert "Tofacitinib + IVIG against Tacrolimus against Ciclosporin" in echo(question, base)[0]

    def test_or_is_each(self, base: EvidenceBase) -> None:
        assert understand("rituximab or cyclophosphamide", base).is_each
        assert not understand("rituximab and cyclophosphamide", base).is_each

    @pytest.mark.parametrize(
        ("text", "outcomes"),
        [
            ("survival", "survival"),
            ("1-year mortality", "mortality"),
            ("infections CMV PJP", "infection cmv-reactivation pjp"),
            ("relapse FVC DLCO", "relapse fvc dlco"),
            ("deaths and thrombosis", "mortality thromboembolism"),
            ("mortaltiy", "mortality"),
        ],
    )
    def test_outcomes(self, base: EvidenceBase, text: str, outcomes: str) -> None:
        assert understand(text, base).outcomes == tuple(outcomes.split())

    @pytest.mark.parametrize(
        ("text", "populations"),
        [
            ("anti-MDA5 RP-ILD", "mda5 rp-ild"),
            ("MDA5+ CADM with rapidly progressive interstitial lung disease", "mda5 cadm rp-ild"),
            ("patients in the ICU", "critical-illness"),
            ("juvenile dermatomyositis", "juvenile"),
            ("MDA5 dermatomyositis", "mda5 dm"),
        ],
    )
    def test_populations(self, base: EvidenceBase, text: str, populations: str) -> None:
        assert understand(text, base).populations == tuple(populations.split())

    @pytest.mark.parametrize(
        ("text", "designs"),
        [
            ("RCT", "RCT"),
            ("randomized controlled trials", "RCT"),
            ("meta-analysis", "meta-analysis"),
            ("metanalysis", "meta-analysis"),
            ("cohorts", "prospective-cohort retrospective-cohort"),
            ("case series and case reports", "case-series case-report"),
            ("not randomised", ""),
        ],
    )
    def test_designs(self, base: EvidenceBase, text: str, designs: str) -> None:
        assert understand(text, base).designs == tuple(designs.split())

    def test_times(self, base: EvidenceBase) -> None:
        def weeks(text: str) -> tuple[Decimal, ...]:
            return understand(text, base).weeks

        assert weeks("survival at 6 months") == (Decimal("26"),)
        assert weeks("one-year survival, 26 weeks") == (Decimal("52"), Decimal("26"))
        assert weeks("90 days") == (Decimal("12.9"),)  # as the studies' own times are converted

    def test_topics(self, base: EvidenceBase) -> None:
        assert understand("Privigen cost and dosing", base).topics == ("cost", "dose")

    def test_doses_are_said_to_be_not_searched_for(self, base: EvidenceBase) -> None:
        question = understand("IVIG 2 g/kg with flurbiprofen 20 mg/day", base)
        assert question.agents == ("ivig",)
        assert question.not_understood == ("2 g/kg", "flurbiprofen", "20 mg/day")
        assert "Not understood, and not searched for: 2 g/kg, flurbiprofen, 20 mg/day" in echo(question, base)

    def test_nothing(self, base: EvidenceBase) -> None:
        for text in ("", "   ", "the evidence", "?"):
            question = understand(text, base)
            assert question == Question(text=text)
            assert echo(question, base) == ["Understood: nothing to search for"]

    def test_brand_from_memory_is_marked(self, base: EvidenceBase) -> None:
        said = " ".join(echo(understand("Jyseleca", base), base))
        assert "a brand of Filgotinib, a name that no document of the base prints" in said
        assert "no document" not in " ".join(echo(understand("Xeljanz", base), base))


def test_every_name_leads_to_what_it_means(base: EvidenceBase) -> None:
    """Each name of each agent, as listed, alone."""
    lost = [
        (agent.id, name)
        for agent in base.agents.values()
        for name in (*agent.names, agent.id)
        if understand(name, base).agents != (agent.id,)
    ]
    assert lost == []


def test_every_outcome_population_and_design_is_reached_by_its_names(base: EvidenceBase) -> None:
    agents = {plain(name) for agent in base.agents.values() for name in (*agent.names, agent.id)}
    populations = {
        plain(name) for term in base.populations.values() for name in (term.label, term.id, *term.names)
    }
    for outcome in base.outcomes.values():
        for name in outcome.names:
            if plain(name) not in agents | populations:
                assert understand(name, base).outcomes == (outcome.id,), name
    for population in base.populations.values():
        for name in population.names:
            assert population.id in understand(name, base).populations, name
    for design in base.designs.values():
        for name in design.names:
            assert design.id in understand(name, base).designs, name


def test_one_slip_in_a_long_name_is_mended(base: EvidenceBase) -> None:
    """A letter left out, doubled or swapped anywhere behind the first in the name of a drug."""
    wrong = []
    for agent in base.agents.values():
        name = agent.label.casefold()
        if agent.sort != "drug" or len(name) < 9 or not name.isalpha():
            continue
        for at in range(1, len(name) - 1):
            for slip in (
                name[:at] + name[at + 1 :],
                name[:at] + name[at] + name[at:],
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            ):
                read = understand(slip, base)
                if read.agents not in ((agent.id,), ()) or (not read.agents and not read.ambiguous):
                    wrong.append((slip, read.agents))
    assert wrong == []


WORDS = st.lists(st.sampled_from(PIECES.split()), max_size=12)


@settings(max_examples=300, deadline=None)
@given(WORDS)
def test_no_word_is_dropped_silently(words: list[str]) -> None:
    base = load_evidence()
    text = " ".join(words)
    question = understand(text, base)
    assert question == understand(text, base)
    told = [reading.written for reading in question.readings]
    told += [*question.not_understood, *(each.written for each in question.ambiguous)]
    read = {token.word for part in told for token in tokens(part)}
    silent = IDLE | LINKING | TOPICS.keys() | set(JOINING.split())
    assert {token.word for token in tokens(text)} - read - silent == set()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    base = load_evidence()
    assert echo(understand(text, base), base)


def test_vocabulary_is_the_same_whatever_the_order(base: EvidenceBase) -> None:
    assert vocabulary(base) == vocabulary(base)
