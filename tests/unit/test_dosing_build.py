"""`dosing:` as written → the models: amounts, spans, conditions, support; and what its shape refuses."""

# ruff: noqa: E501 (a table with one case a line)

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from trivium.core.errors import Defect
from trivium.knowledge import loader
from trivium.knowledge.build import build
from trivium.knowledge.checks.dosing_forms import amount, closed, open_ended
from trivium.knowledge.checks.draft import read_draft
from trivium.knowledge.models import Knowledge

TINY = Path(__file__).parent.parent / "data" / "tiny_knowledge"
DRUG, CLASSES = "agents/drug.yaml", "drug_classes.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "knowledge"))


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def built(root: Path) -> tuple[Knowledge, list[Defect]]:
    draft = read_draft(root)
    return build(draft, "test"), draft.defects


def test_a_regimen_with_its_form_and_support() -> None:
    drug = built(TINY)[0].dosing["drug"]
    usual = drug.regimens["usual"]
    (rule,) = usual.rules
    assert (rule.amount.low, rule.amount.high, rule.amount.unit) == (5, 5, "mg")
    assert (usual.schedule.times_per_day, usual.schedule.for_days) == (2, (1, None))
    assert (usual.route, usual.is_default, usual.forms) == ("oral", True, ("tablet",))
    assert [(leg.source, leg.seen) for leg in usual.cited] == [("trial_2021", "abstract")]
    assert drug.forms["tablet"].amount.unit == "mg"
    assert usual.span is not None


def test_days_that_are_spans_keep_both_ends() -> None:
    schedule = built(TINY)[0].dosing["drug"].regimens["high"].schedule
    assert (schedule.on_days, schedule.on_days_latest) == ((1, 14), (1, 15))


def test_days_that_are_points_have_one_end(root: Path) -> None:
    edit(root, DRUG, "on_days: [1, [14, 15]]", "on_days: [1, 15]")
    schedule = built(root)[0].dosing["drug"].regimens["high"].schedule
    assert (schedule.on_days, schedule.on_days_latest) == ((1, 15), ())


def test_a_condition_is_resolved_and_its_words_are_kept() -> None:
    (old,) = built(TINY)[0].dosing["drug"].adjustments
    assert (old.when.text, old.factor, old.regimens) == ("age >= 80", Fraction(1, 2), ("usual",))


def test_an_agent_that_is_never_offered_is_no_option() -> None:
    knowledge, _ = built(TINY)
    assert set(knowledge.pathway.agents) == {"drug"}
    assert set(knowledge.dosing) == {"drug", "support"}


def test_classes_and_combinations() -> None:
    knowledge, _ = built(TINY)
    assert knowledge.drug_classes["drugs"].severity == "avoid"
    assert knowledge.drug_classes["load"].is_load
    both = knowledge.regimens["both"]
    assert [(part.agent, part.regimen) for part in both.parts] == [("drug", "usual"), ("drug", "high")]
    assert both.when is not None
    assert both.when.text == "ill"
    assert [remark.topic for remark in both.remarks] == ["warning"]


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("when: age >= 80", "when: aeg >= 80", lambda drug: not drug.adjustments),
        (
            "label: 5 mg twice daily",
            "label: l\n    when: aeg >= 80",
            lambda drug: set(drug.regimens) == {"high"},
        ),
        (
            "dose: {amount: 2 mg/kg, per: administration}",
            "tiers: [{amount: 2 mg/kg, per: administration, when: aeg >= 80}]",
            lambda drug: set(drug.regimens) == {"usual"},
        ),
    ],
)
def test_a_part_with_a_defect_is_left_out_and_leaves_it(root: Path, old: str, new: str, left: Any) -> None:
    edit(root, DRUG, old, new)
    knowledge, defects = built(root)
    assert [defect.code for defect in defects] == ["TRV110"]
    assert left(knowledge.dosing["drug"])


def test_a_combination_with_a_defect_is_left_out(root: Path) -> None:
    edit(root, "regimens/tiny.yaml", "when: ill", "when: iil")
    knowledge, defects = built(root)
    assert [defect.code for defect in defects] == ["TRV110"]
    assert not knowledge.regimens


def test_a_share_names_its_agent(root: Path) -> None:
    edit(root, DRUG, "amount: 2 mg/kg, per: administration", "amount: 20 %, per: administration, of: support")
    (rule,) = built(root)[0].dosing["drug"].regimens["high"].rules
    assert (rule.of, rule.amount.unit) == ("support", "%")


def test_what_is_given_beside_another_agent_names_it(root: Path) -> None:
    edit(root, DRUG, "{times_per_day: 2, for_days: [1, open]}", "{times_per_day: 2, beside: support}")
    schedule = built(root)[0].dosing["drug"].regimens["usual"].schedule
    assert (schedule.beside, schedule.for_days) == ("support", None)


DUE = "- {id: ferritin, kind: lab, text: Ferritin., days: [7, 14], facts: [ferritin]"
SPACING = "\n  spacing:\n  - {{id: s, relation: {}, partners: [support], text: t, basis: [guide_2020.treat]}}"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (DRUG, "offer: consider\n", "", "an agent that is offered says"),
        ("agents/support.yaml", "drug_class: support", "drug_class: support\nlines: [{id: a, kind: caution, when: ill, text: t, basis: [guide_2020.treat]}]", "has `dosing` and no lines"),
        (DRUG, "factor: 0.5", "factor: 0.5\n    avoid: true", "exactly one of"),
        (DRUG, "factor: 0.5", "factor: 1.5", "at most 1"),
        (DRUG, "dose: {amount: 5 mg, per: administration}", "note: n", "either `dose` or `tiers`"),
        (DRUG, "    reason: the trial's\n", "", "a default says its `reason`"),
        (DRUG, "partners: [drugs], ", "", "say `partners`"),
        (DRUG, "on_days: [1, [14, 15]]", "on_days: [1, [15, 14]]", "ends before its start"),
        (DRUG, DUE, DUE.replace("[7, 14]", "[7, open]"), "`open` is none"),
        (DRUG, "amount: 5 mg, per", "amount: 5mg, per", "expected an amount"),
        (DRUG, "amount: 5 mg, per", "amount: 5..4 mg, per", "ends below its start"),
        (DRUG, "amount: 5 mg, per", "amount: 5 furlong, per", "furlong"),
        (CLASSES, "  text: Two drugs.\n", "", "go together"),
        (CLASSES, "is_load: true", "is_load: true, text: t", "go together"),
        (DRUG, "  due:", SPACING.format("before")[1:] + "\n  due:", "needs hours or days"),
        (DRUG, "  due:", SPACING.format("after, hours_least: 0, hours_reverse: 1")[1:] + "\n  due:", "with `apart` alone"),
        (DRUG, "  due:", SPACING.format("after, hours_least: 0, in_force: false")[1:] + "\n  due:", "says its `reason`"),
    ],
)  # fmt: skip
def test_the_shape_refuses(root: Path, file: str, old: str, new: str, words: str) -> None:
    edit(root, file, old, new)
    found = loader.check(root)
    assert words in "\n".join(map(str, found))
    assert all(defect.span is not None and defect.span.file == file for defect in found[:1])


def test_amounts_and_spans() -> None:
    assert amount("0.5..1 g/m2").low == Fraction(1, 2)
    assert amount("0.625 mg/kg").high == Fraction(5, 8)
    assert (closed(5), closed([2, 5])) == ((5, 5), (2, 5))
    assert open_ended([1, "open"]) == (1, None)
    with pytest.raises(ValueError, match="whole number"):
        open_ended([1, 2, 3])
    with pytest.raises(ValueError, match="whole number"):
        closed(True)
