"""The strength linter: what a wording claims, what it may claim, and that a denial claims nothing."""

from __future__ import annotations

import pytest

from trivium.evidence.strength import claimed_strength, inflations, report, sentences
from trivium.knowledge.models import CERTAINTIES, STRENGTHS


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("The guideline strongly recommends upfront triple therapy.", "strong"),
        ("Upfront triple therapy is strongly supported by the guideline.", "strong"),
        ("The three drugs are explicitly endorsed.", "strong"),
        ("Triple therapy is standard for this disease.", "strong"),
        ("It is the standard of care.", "strong"),
        ("Rituximab must be given.", "strong"),
        ("Rituximab is conditionally recommended.", "conditional"),
        ("Rituximab is recommended over cyclophosphamide.", "conditional"),
        ("It is a conditional recommendation.", "conditional"),
        ("No recommendation is strong.", None),
        ("Nothing here is strongly recommended.", None),
        ("The regimen is not explicitly endorsed.", None),
        ("The guideline does not strongly recommend it.", None),
        ("Standard doses were used, with a standard deviation of 3.", None),
        ("It is an option that may be considered.", None),
    ],
)
def test_a_wording_claims_a_strength(sentence: str, claims: str | None) -> None:
    assert claimed_strength(sentence) == claims


def test_strong_words_for_a_conditional_statement_are_inflated() -> None:
    found = inflations("The guideline strongly recommends it.", "conditional", "very-low")
    assert [(each.claims, each.allowed) for each in found] == [("strong", "conditional")]
    assert not inflations("The guideline strongly recommends it.", "strong", "very-low")


def test_recommended_is_too_much_for_expert_opinion() -> None:
    assert inflations("Plasma exchange is recommended.", "expert-opinion", "not-graded")
    assert not inflations("Plasma exchange is recommended.", "conditional", "not-graded")


@pytest.mark.parametrize(
    ("sentence", "least"),
    [
        ("The combination is of proven benefit.", "high"),
        ("Robust evidence supports it.", "high"),
        ("It is highly effective.", "moderate"),
        ("It significantly improves survival.", "moderate"),
    ],
)
def test_a_wording_claims_a_certainty(sentence: str, least: str) -> None:
    for certainty in CERTAINTIES:
        found = inflations(sentence, "strong", certainty)
        assert bool(found) == (CERTAINTIES.index(certainty) > CERTAINTIES.index(least))


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("certainty", CERTAINTIES)
@pytest.mark.parametrize("direction", ["for", "against", "remark", "none"])
def test_our_own_wording_is_never_inflated(strength: str, certainty: str, direction: str) -> None:
    words = report(direction, strength, certainty)  # type: ignore[arg-type]
    assert not inflations(words, strength, certainty)  # type: ignore[arg-type]


def test_sentences_keep_their_places() -> None:
    text = "Give 0.5 mg. Then wait.\n- A list item\n2.5 mg is given."
    assert [(text[at : at + 4], each) for at, each in sentences(text)] == [
        ("Give", "Give 0.5 mg."),
        ("Then", "Then wait."),
        ("- A ", "- A list item"),
        ("2.5 ", "2.5 mg is given."),
    ]
