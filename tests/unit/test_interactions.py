"""Concerns among chosen and active drugs: pairs once, unknown never silent, the most severe first."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from tests.unit.doses import knowledge, patient

from trivium.knowledge.dosing import SEVERITIES, Dosing, Interaction
from trivium.regimen.interactions import BARRING, Concern, Found, find

SMALL = knowledge()


def found(*chosen: str, dosing: dict[str, Dosing] | None = None, **given: Any) -> Found:
    return find(dosing or dict(SMALL.dosing), SMALL.drug_classes, chosen, patient(**given))


def told(result: Found) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(each.kind, each.certainty, each.severity, each.parties) for each in result.concerns]


def of_kind(result: Found, kind: str) -> list[Concern]:
    return [each for each in result.concerns if each.kind == kind]


class TestPairs:
    def test_both_sides_lines_are_one_concern_of_the_worse_severity(self) -> None:
        (pair,) = of_kind(found("tablet", "drip", blocker_active="false"), "pair")
        assert (pair.parties, pair.severity, pair.certainty) == (("drip", "tablet"), "avoid", "present")
        assert [(entry.agent, entry.severity) for entry in pair.entries] == [
            ("drip", "avoid"),
            ("tablet", "adjust"),
        ]
        assert pair.is_barring

    def test_it_does_not_depend_on_the_order_of_choice(self) -> None:
        assert told(found("tablet", "drip")) == told(found("drip", "tablet"))

    def test_with_an_active_drug(self) -> None:
        (pair,) = of_kind(found("drip", quieter_active="true"), "pair")
        assert (pair.certainty, pair.parties) == ("present", ("drip", "tablet"))

    def test_with_one_that_is_not_taken_there_is_none(self) -> None:
        assert of_kind(found("drip", quieter_active="false"), "pair") == []

    def test_with_one_of_which_nobody_knows_it_cannot_be_excluded(self) -> None:
        result = found("drip")
        (pair,) = of_kind(result, "pair")
        assert (pair.certainty, pair.is_barring) == ("possible", False)
        assert {ask.fact for ask in result.questions} >= {"quieter_active"}

    def test_two_of_one_class_are_a_duplication(self) -> None:
        (pair,) = of_kind(found("tablet", "titrated", blocker_active="false"), "duplication")
        assert (pair.severity, pair.parties) == ("avoid", ("tablet", "titrated"))
        assert pair.entries[0].text == "Two calmers - one is enough."

    def test_an_agent_is_no_pair_with_itself(self) -> None:
        own = dataclasses.replace(
            SMALL.dosing["tablet"],
            interactions=(Interaction("own", "avoid", "m", "t", partners=("calmer",)),),
        )
        assert found("tablet", dosing={"tablet": own}, quieter_active="true").concerns == ()

    def test_two_active_drugs_that_clash_are_told_too(self) -> None:
        active = dataclasses.replace(SMALL.dosing["drip"], active="blocker_active")
        result = found(
            "grid",
            dosing={**SMALL.dosing, "drip": active},
            quieter_active="true",
            blocker_active="true",
        )
        assert ("pair", "present", "avoid", ("drip", "tablet")) in told(result)

    def test_two_that_are_perhaps_active_are_not(self) -> None:
        active = dataclasses.replace(SMALL.dosing["drip"], active="blocker_active")
        assert of_kind(found("grid", dosing={**SMALL.dosing, "drip": active}), "pair") == []

    def test_nobody_knows_the_agent(self) -> None:
        with pytest.raises(KeyError):
            found("nothing")


class TestConditions:
    @pytest.mark.parametrize(
        ("blocker", "certainty"), [("true", "present"), ("unknown", "possible"), ("false", None)]
    )
    def test_over_the_record(self, blocker: str, certainty: str | None) -> None:
        conditions = of_kind(found("tablet", blocker_active=blocker), "condition")
        assert [each.certainty for each in conditions] == ([certainty] if certainty else [])

    def test_what_a_pair_says_is_not_said_again(self) -> None:
        both = Interaction(
            "both", "avoid", "m", "t", partners=("tablet",), when=SMALL.dosing["tablet"].interactions[1].when
        )
        drip = dataclasses.replace(SMALL.dosing["drip"], interactions=(both,))
        dosing = {**SMALL.dosing, "drip": drip}
        assert (
            of_kind(found("drip", dosing=dosing, quieter_active="true", blocker_active="true"), "condition")
            == []
        )
        assert of_kind(found("drip", dosing=dosing), "condition") == []
        (alone,) = of_kind(
            found("drip", dosing=dosing, quieter_active="false", blocker_active="true"), "condition"
        )
        assert alone.certainty == "present"

    def test_a_certain_condition_is_not_hidden_by_a_possible_pair(self) -> None:
        both = Interaction(
            "both", "avoid", "m", "t", partners=("tablet",), when=SMALL.dosing["tablet"].interactions[1].when
        )
        drip = dataclasses.replace(SMALL.dosing["drip"], interactions=(both,))
        result = found("drip", dosing={**SMALL.dosing, "drip": drip}, blocker_active="true")
        assert {each.certainty for each in result.concerns} == {"present", "possible"}

    def test_drugs_by_name_are_looked_for_never_decided(self) -> None:
        (named,) = of_kind(found("tablet"), "by_name")
        assert (named.certainty, named.is_barring) == ("look_for", False)
        assert named.entries[0].drugs == ("Foo", "Bar")


class TestOrderAndLoad:
    def test_the_most_severe_first_and_what_is_before_what_may_be(self) -> None:
        result = found("tablet", "drip")
        order = [SEVERITIES.index(each.severity) for each in result.concerns]
        assert order == sorted(order)
        assert SEVERITIES[0] in BARRING

    def test_each_immunosuppressant_counts_once(self) -> None:
        load = found("drip", "grid", quieter_active="true").load
        assert (load.present, load.possible, load.count) == (("drip", "grid", "tablet"), (), 3)

    def test_pulse_and_oral_glucocorticoid_count_as_one(self) -> None:
        real = knowledge(real=True)
        chosen = ["methylprednisolone_pulse", "prednisone", "tacrolimus"]
        someone = patient(real=True, medication_list_complete="true")
        load = find(real.dosing, real.drug_classes, chosen, someone).load
        assert (len(load.present), load.count) == (3, 2)

    def test_one_that_may_be_taken_is_told_apart(self) -> None:
        load = found("drip").load
        assert (load.present, load.possible) == (("drip",), ("tablet",))


class TestRealContent:
    @pytest.mark.parametrize(
        ("chosen", "pair", "severity"),
        [
            (("tofacitinib", "tacrolimus"), ("tacrolimus", "tofacitinib"), "avoid"),
            (("tofacitinib", "rituximab"), ("rituximab", "tofacitinib"), "avoid"),
            (("tofacitinib", "rifampin"), ("rifampin", "tofacitinib"), "avoid"),
            (("tofacitinib", "baricitinib"), ("baricitinib", "tofacitinib"), "avoid"),
            (("tacrolimus", "cyclosporine"), ("cyclosporine", "tacrolimus"), "contraindicated"),
            (("ivig", "tofacitinib"), ("ivig", "tofacitinib"), "monitor"),
        ],
    )
    def test_known_pairs(self, chosen: tuple[str, ...], pair: tuple[str, ...], severity: str) -> None:
        real = knowledge(real=True)
        someone = patient(real=True, medication_list_complete="true", problem_list_complete="true")
        concerns = find(real.dosing, real.drug_classes, chosen, someone).concerns
        assert (pair, severity, "present") in [
            (each.parties, each.severity, each.certainty) for each in concerns
        ]

    def test_every_line_can_be_told(self) -> None:
        """Each interaction of each agent turns up when its partner is chosen or its condition holds."""
        real = knowledge(real=True)
        someone = patient(real=True)
        for name, agent in real.dosing.items():
            for line in agent.interactions:
                partners = [
                    other
                    for other, each in real.dosing.items()
                    if other != name and {other, *each.classes} & set(line.partners)
                ]
                for other in partners:
                    result = find(real.dosing, real.drug_classes, [name, other], someone)
                    texts = {entry.text for each in result.concerns for entry in each.entries}
                    assert line.text in texts, (name, line.id, other)
