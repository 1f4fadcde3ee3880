"""The real knowledge: it checks, and is about what it claims to be about."""

from __future__ import annotations

from trivium.knowledge import loader
from trivium.knowledge.checks.review import review_list
from trivium.knowledge.models import WEAK


def test_it_checks() -> None:
    assert [str(defect) for defect in loader.check()] == []


def test_every_treatment_shows_what_it_stands_on() -> None:
    pathway = loader.load().pathway
    for recommendation in pathway.recommendations.values():
        assert recommendation.cited, recommendation.id
    for agent in pathway.agents.values():
        assert agent.cited, agent.id


def test_everything_weak_is_on_the_review_list() -> None:
    knowledge = loader.load()
    listed = " ".join(note.what for note in review_list(knowledge))
    for recommendation in knowledge.pathway.recommendations.values():
        if any(leg.seen in WEAK for leg in recommendation.cited):
            assert f"recommendation {recommendation.id}:" in listed


def test_every_code_finds_its_value_set() -> None:
    knowledge = loader.load()
    for name, valueset in knowledge.valuesets.items():
        for code in valueset["codes"]:
            found = knowledge.concepts.lookup(((code["system"], code["code"]),), "", valueset["resources"][0])
            assert name in found, f"{name}: {code['code']}"
