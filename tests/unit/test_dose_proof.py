"""The obligations on doses: proved of sound content, each bad twin refuted by a patient of the engine.

The bad twins are copies of tests/data/dosing with one text replaced by another.
"""

from __future__ import annotations

import dataclasses
import random
import shutil
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
import z3
from tests.unit.command_line import command
from tests.unit.doses import FOLDER, knowledge

from trivium.core.errors import KnowledgeError
from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING, Interval, Value, point
from trivium.knowledge.dosing import Dosing, Regimen, Rounding, When
from trivium.knowledge.given import unknown_of
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.logic import proof
from trivium.logic.nodes import BOOLEAN, Literal
from trivium.proof.dose_world import DoseWorld
from trivium.proof.dosing import DOSE_OBLIGATIONS, prove_doses
from trivium.proof.laws import Outcome
from trivium.proof.world import World
from trivium.regimen.dose import Dose, dose
from trivium.regimen.patient import Patient

SMALL = knowledge()
MAXIMA, RAISE, HARM, UNKNOWN_FACT, PROMISES = DOSE_OBLIGATIONS


def broken(folder: Path, file: str, *changes: tuple[str, str]) -> Knowledge:
    """The small folder with a text replaced: every copy has to differ."""
    copy = folder / "knowledge"
    shutil.copytree(FOLDER, copy)
    path = copy / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return load(copy)


def failed(content: Knowledge, obligation: str) -> list[Outcome]:
    return [outcome for outcome in prove_doses(content, obligation) if not outcome.passes]


def engine(content: Knowledge, about: str, state: Mapping[str, Value]) -> Dose:
    """What the engine itself gives the patient that the solver found; `about` ends in agent and regimen."""
    agent, regimen = about.split(" (")[0].split(": ")[-1].split()[:2]
    dosing = content.dosing[agent]
    return dose(dosing, dosing.regimens[regimen], Patient.of_values(content.pathway, state))


def burdens(result: Dose) -> list[Fraction]:
    return [alternative.burden for alternative in result.alternatives] or [Fraction(0)]


@pytest.mark.parametrize("obligation", DOSE_OBLIGATIONS)
def test_sound_content_meets_every_obligation(obligation: str) -> None:
    outcomes = list(prove_doses(SMALL, obligation))
    assert outcomes
    assert [(each.about, each.verdict) for each in outcomes if each.verdict != "proved"] == []


class TestBadTwins:
    def test_a_gap_between_two_rows_breaks_law_b(self, tmp_path: Path) -> None:
        bad = broken(tmp_path, "agents/bands.yaml", (">= 10 'mL/min'", ">= 15 'mL/min'"))
        (outcome,) = failed(bad, HARM)
        assert (outcome.about, outcome.verdict) == ("creatinine_clearance: bands treat", "refuted")
        before, after = (engine(bad, outcome.about, state) for state in (outcome.before, outcome.after))
        assert max(burdens(after)) > max(burdens(before))

    def test_a_row_that_is_missing_breaks_law_b(self, tmp_path: Path) -> None:
        text = (FOLDER / "agents" / "bands.yaml").read_text(encoding="utf-8")
        (row,) = [line for line in text.splitlines(keepends=True) if "{id: b0," in line]
        bad = broken(tmp_path, "agents/bands.yaml", (row, ""))
        (outcome,) = failed(bad, HARM)
        before, after = (engine(bad, outcome.about, state) for state in (outcome.before, outcome.after))
        assert burdens(after) == [1800]
        assert burdens(before)[0] < 1800

    def test_a_threshold_that_moved_breaks_the_promise_of_a_half(self, tmp_path: Path) -> None:
        bad = broken(
            tmp_path,
            "agents/tablet.yaml",
            ("when: weak_kidney, text", "when: \"creatinine_clearance <= 40 'mL/min'\", text"),
        )
        outcomes = failed(bad, PROMISES)
        assert {each.about for each in outcomes} >= {
            "tablet_halved: tablet usual (surely)",
            "tablet_halved: tablet high (surely)",
        }
        (outcome,) = [each for each in outcomes if each.about == "tablet_halved: tablet high (surely)"]
        assert max(burdens(engine(bad, outcome.about, outcome.before))) > 10

    def test_an_adjustment_that_is_gone_breaks_it_too(self, tmp_path: Path) -> None:
        bad = broken(
            tmp_path,
            "agents/tablet.yaml",
            (
                "liver_b, axis: hepatic, when: liver_grade = 'B'",
                "liver_b, axis: hepatic, when: liver_grade = 'C'",
            ),
        )
        assert "tablet_halved: tablet usual (perhaps)" in {each.about for each in failed(bad, PROMISES)}

    def test_a_maximum_that_was_raised_breaks_the_daily_one(self, tmp_path: Path) -> None:
        bad = broken(tmp_path, "agents/tablet.yaml", ("amount: 20 mg, per: day", "amount: 30 mg, per: day"))
        (outcome,) = failed(bad, PROMISES)
        assert outcome.about == "tablet_daily_maximum: tablet too_high"
        assert max(burdens(engine(bad, outcome.about, outcome.before))) == 30

    def test_a_condition_that_wants_certainty_breaks_law_c(self, tmp_path: Path) -> None:
        bad = broken(
            tmp_path,
            "pathways/tiny/criteria/criteria.yaml",
            (
                "  when: creatinine_clearance <= 50 'mL/min'",
                "  when: (creatinine_clearance <= 50 'mL/min') is true\n  reason: to be caught",
            ),
            ("  - {given: {}, then: unknown}\n", ""),
            (
                "  - {given: {creatinine_clearance: 50.1}, then: false}",
                "  - {given: {creatinine_clearance: 50.1}, then: false}\n  - {given: {}, then: false}",
            ),
            (
                "  - {given: {illness: false}, then: false}",
                "  - {given: {illness: false}, then: false}\n  - {given: {}, then: unknown}",
            ),
        )
        outcomes = failed(bad, UNKNOWN_FACT)
        assert "creatinine_clearance: tablet usual" in {each.about for each in outcomes}
        (outcome,) = [each for each in outcomes if each.about == "creatinine_clearance: tablet usual"]
        before, after = (engine(bad, outcome.about, state) for state in (outcome.before, outcome.after))
        assert min(burdens(after)) > min(burdens(before))

    def test_a_condition_that_is_turned_round_breaks_law_b(self, tmp_path: Path) -> None:
        bad = broken(tmp_path, "agents/titrated.yaml", ("when: weak_kidney", "when: not weak_kidney"))
        assert "creatinine_clearance: titrated start" in {each.about for each in failed(bad, HARM)}

    def test_an_adjustment_that_never_holds_is_vacuous(self) -> None:
        agent = SMALL.dosing["titrated"]
        never = When(Literal(False, BOOLEAN), "false")
        lines = tuple(
            dataclasses.replace(each, when=never) if each.id == "kidney" else each
            for each in agent.adjustments
        )
        twin = {**SMALL.dosing, "titrated": dataclasses.replace(agent, adjustments=lines)}
        (outcome,) = failed(dataclasses.replace(SMALL, dosing=twin), RAISE)
        assert (outcome.about, outcome.verdict) == ("titrated start: kidney", "vacuous")

    def test_a_line_that_no_longer_bars(self, tmp_path: Path) -> None:
        bad = broken(tmp_path, "agents/tablet.yaml", ("kind: contraindication", "kind: caution"))
        (outcome,) = failed(bad, PROMISES)
        assert outcome.about == "tablet_not_in_grade_c"
        assert "C" in outcome.before["liver_grade"]  # type: ignore[operator]

    def test_a_pair_that_is_no_longer_barred(self, tmp_path: Path) -> None:
        bad = broken(tmp_path, "agents/drip.yaml", ("severity: avoid", "severity: monitor"))
        assert [each.about for each in failed(bad, PROMISES)] == ["tablet_not_with_drip: tablet with drip"]

    def test_neither_vacuous_nor_undecided_is_a_pass(self) -> None:
        for verdict in ("vacuous", "undecided"):
            assert not Outcome(HARM, "x", verdict, {}, {}).passes


class TestOverride:
    """A line that a specialist may open: by a recorded fact alone, never by silence."""

    FACT = (
        "- {id: tablet_override, label: Override, question: Has a specialist opened the line?, "
        "type: boolean, from: {override: true}, good_for: 1 d, harm: none, "
        "basis: [{source: house, seen: recalled, note: for the day on which it is recorded}]}\n"
    )

    def content(self, folder: Path, unless: str) -> Knowledge:
        copy = folder / "knowledge"
        shutil.copytree(FOLDER, copy)
        facts = copy / "pathways/tiny/facts/facts.yaml"
        facts.write_text(facts.read_text(encoding="utf-8") + self.FACT, encoding="utf-8")
        for path, old, new in (
            (
                copy / "agents/tablet.yaml",
                "kind: contraindication, when: liver_grade = 'C',",
                "kind: label, when: liver_grade = 'C', opened_by: tablet_override,",
            ),
            (
                copy / "pathways/tiny/properties/doses.yaml",
                "  not_offered_when: liver_grade = 'C'\n",
                f"  not_offered_when: liver_grade = 'C'\n{unless}",
            ),
        ):
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
        return load(copy)

    def test_opened_by_a_recorded_override_and_by_nothing_else(self, tmp_path: Path) -> None:
        content = self.content(tmp_path, "  unless: tablet_override\n")
        assert failed(content, PROMISES) == []

    def test_a_promise_that_does_not_name_the_override_is_refuted_by_it(self, tmp_path: Path) -> None:
        (outcome,) = failed(self.content(tmp_path, ""), PROMISES)
        assert outcome.about == "tablet_not_in_grade_c"
        assert outcome.before["tablet_override"] is TRUE


class TestForms:
    @pytest.mark.parametrize(
        "promise",
        [
            "  agent: tablet\n",
            "  dose_at_most: 20 mg\n",
            "  agent: tablet\n  share_at_most: 0.5\n",
            "  agent: tablet\n  dose_at_most: 20 mg\n  never_beside: [drip]\n",
            "  agent: tablett\n  dose_at_most: 20 mg\n",
            "  agent: tablet\n  dose_at_most: 20 bananas\n",
        ],
    )
    def test_a_promise_that_says_nothing_or_two_things_is_refused(self, tmp_path: Path, promise: str) -> None:
        path = Path("pathways/tiny/properties/doses.yaml")
        text = (FOLDER / path).read_text(encoding="utf-8").splitlines(keepends=True)
        with pytest.raises(KnowledgeError):
            broken(tmp_path, str(path), ("".join(text[2:4]), promise))


class TestCommand:
    @pytest.mark.parametrize("obligation", DOSE_OBLIGATIONS)
    def test_it_proves_doses_by_name(self, obligation: str) -> None:
        ended = command("prove", "--obligation", obligation, "--knowledge", FOLDER)
        assert ended.code == 0, ended.err
        assert ended.out.startswith(f"{obligation}: ")

    def test_a_refutation_names_a_patient_and_ends_with_4(self, tmp_path: Path) -> None:
        broken(tmp_path, "agents/bands.yaml", (">= 10 'mL/min'", ">= 15 'mL/min'"))
        ended = command("prove", "--obligation", HARM, "--knowledge", tmp_path / "knowledge")
        assert ended.code == 4
        assert "creatinine_clearance: bands treat is refuted" in ended.err
        assert "for example a patient with creatinine_clearance:" in ended.err


NUMBERS = [Fraction(number) for number in ("5", "10", "12.5", "25", "39", "40", "50", "55", "60", "70", "3")]


def random_state(chance: random.Random, known: bool) -> dict[str, Value]:
    """Any value of every fact of the small folder; body sizes bounded."""
    state: dict[str, Value] = {}
    for name, spec in SMALL.pathway.facts.items():
        one, other = sorted(chance.sample(NUMBERS, 2))
        if spec.type.kind == "boolean":
            state[name] = chance.choice([TRUE, FALSE] if known else [TRUE, FALSE, UNKNOWN])
        elif spec.type.kind == "choice":
            choices = chance.sample(
                spec.type.choices, 1 if known else chance.choice([1, 2, len(spec.type.choices)])
            )
            state[name] = frozenset(choices)
        elif spec.type.kind == "integer":
            state[name] = point(int(one))
        elif name in ("body_weight", "bsa", "ideal_body_weight", "adjusted_body_weight"):
            state[name] = point(one) if known else chance.choice([point(one), Interval(one, other)])
        else:
            state[name] = (
                point(one) if known else chance.choice([point(one), Interval(one, other), EVERYTHING])
            )
    return state


def formula(dosing: Dosing, regimen: Regimen, state: Mapping[str, Value]) -> tuple[Fraction, Fraction]:
    """What the formulas come to for one patient: the least and the most."""
    world = World(SMALL.pathway)
    found = DoseWorld(world, dosing, regimen)
    pairs = [pair for name, value in state.items() for pair in proof.assignment(world.facts[name], value)]
    amounts = []
    for term in (found.least(), found.most()):
        constant = z3.simplify(z3.substitute(term, *pairs))
        assert z3.is_rational_value(constant), constant
        amounts.append(Fraction(constant.as_fraction()))
    return amounts[0], amounts[1]


def exact(dosing: Dosing) -> Dosing:
    """Without forms and rounding: what a dose by body size is before it is rounded."""
    regimens = {
        name: dataclasses.replace(each, rounding=Rounding()) for name, each in dosing.regimens.items()
    }
    return dataclasses.replace(dosing, forms={}, regimens=regimens)


WAYS = [
    (agent, regimen)
    for agent in SMALL.dosing.values()
    for regimen in agent.regimens
    if not any(rule.of for rule in agent.regimens[regimen].rules)
]


@pytest.mark.parametrize(("agent", "regimen"), WAYS, ids=lambda each: getattr(each, "agent", each))
def test_formula_and_engine_agree_on_patients_of_whom_all_is_known(agent: Dosing, regimen: str) -> None:
    chance = random.Random(f"{agent.agent} {regimen}")
    by_size = bool(DoseWorld(World(SMALL.pathway), agent, agent.regimens[regimen]).sizes())
    mine = exact(agent) if by_size else agent
    for _ in range(25):
        state = random_state(chance, known=True)
        result = dose(mine, mine.regimens[regimen], Patient.of_values(SMALL.pathway, state))
        ends = [
            Fraction(0)
            if each.given is None
            else each.given.burden("course" if each.given.per == "course" else "day")
            for alternative in result.alternatives
            for each in alternative.settled
        ] or [Fraction(0)]
        assert formula(mine, mine.regimens[regimen], state) == (min(ends), max(ends))


@pytest.mark.parametrize(("agent", "regimen"), WAYS, ids=lambda each: getattr(each, "agent", each))
def test_the_formulas_hold_whatever_the_engine_leaves_open(agent: Dosing, regimen: str) -> None:
    """Of patients half known the formulas are wider, never narrower, than what the engine gives."""
    chance = random.Random(f"{agent.agent} {regimen} open")
    by_size = bool(DoseWorld(World(SMALL.pathway), agent, agent.regimens[regimen]).sizes())
    mine = exact(agent) if by_size else agent
    for _ in range(25):
        state = random_state(chance, known=False)
        result = dose(mine, mine.regimens[regimen], Patient.of_values(SMALL.pathway, state))
        least, most = formula(mine, mine.regimens[regimen], state)
        for amount in burdens(result):
            assert least <= amount <= most


def test_unknown_facts_are_the_widest(tmp_path: Path) -> None:
    """The states above really hold unknown facts."""
    chance = random.Random(1)
    states = [random_state(chance, known=False) for _ in range(20)]
    for name, spec in SMALL.pathway.facts.items():
        if name in ("liver_grade", "blocker_active", "creatinine_clearance"):
            assert unknown_of(spec.type) in [state[name] for state in states]
