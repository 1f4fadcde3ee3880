"""The loader: the tiny folder becomes exactly the knowledge it says, and every mistake is one message."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from trivium.core.errors import KnowledgeError, UsageError
from trivium.core.spans import Span
from trivium.core.truth import UNKNOWN
from trivium.core.values import Interval, point
from trivium.knowledge import loader
from trivium.knowledge.checks.forms import factor, seconds
from trivium.knowledge.models import Knowledge
from trivium.knowledge.positions import compose
from trivium.knowledge.schema import schemas
from trivium.logic.nodes import Compare, FactRef, Type

TINY = Path(__file__).parent.parent / "data" / "tiny_knowledge"
SCHEMAS = Path(__file__).parent.parent.parent / "docs" / "schema"
FACTS = "pathways/tiny/facts/facts.yaml"
CRITERIA = "pathways/tiny/criteria/criteria.yaml"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "knowledge"))


@pytest.fixture
def tiny() -> Knowledge:
    return loader.load(TINY)


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def defects(root: Path) -> list[str]:
    return [f"{each.span} {each.code}" for each in loader.check(root)]


class TestFacts:
    def test_quantity(self, tiny: Knowledge) -> None:
        fact = tiny.pathway.facts["ferritin"]
        assert fact.type == Type("quantity", "ng/mL")
        assert fact.retrieval.kind == "latest"
        assert fact.retrieval.concepts == ("ferritin",)
        assert fact.retrieval.within == 30 * 86400
        assert fact.good_for == 14 * 86400
        assert fact.harm == "high"
        assert fact.plausible == Interval(Decimal(0), Decimal(500000))
        assert fact.conversions == {"pmol/L": Fraction(1000, 2247)}
        assert [leg.source for leg in fact.cited] == ["house", "trial_2021"]

    def test_choice_gets_its_answers(self, tiny: Knowledge) -> None:
        fact = tiny.pathway.facts["hbsag"]
        assert fact.type.choices == ("positive", "negative")
        assert fact.kept == frozenset(("positive",))
        assert fact.harm == ("positive",)
        answers = fact.retrieval.options["answers"]
        assert answers["positive"]["texts"] == frozenset(("positive", "reactive"))
        assert answers["negative"]["interpretations"] == frozenset(("NEG",))

    def test_own_answers_are_taken_from_the_other_choices(self, root: Path) -> None:
        answers = "  answers: {negative: {texts: [reactive]}}\n  kept: [positive]"
        edit(root, FACTS, "  kept: [positive]", answers)
        read = loader.load(root).pathway.facts["hbsag"].retrieval.options["answers"]
        assert read["positive"]["texts"] == frozenset(("positive",))
        assert read["negative"]["texts"] == frozenset(("negative", "non-reactive", "reactive"))

    def test_derived(self, tiny: Knowledge) -> None:
        options = tiny.pathway.facts["bsa"].retrieval.options
        assert options["formula"] == "bsa_mosteller"
        assert options["inputs"] == {"weight": "body_weight", "height": "body_height"}
        assert options["coefficients"] == {"divisor": 3600}

    @pytest.mark.parametrize(
        ("bound", "beyond"),
        [
            ("below", Interval(None, Decimal(5), False, True)),
            ("at_most", Interval(None, Decimal(5))),
            ("above", Interval(Decimal(5), None, True)),
            ("at_least", Interval(Decimal(5), None)),
        ],
    )
    def test_threshold(self, root: Path, bound: str, beyond: Interval) -> None:
        confirmed = f"from: {{confirmed: ferritin, {bound}: \"5 'ug/L'\"}}\n  basis: [guide_2020.treat]"
        edit(root, FACTS, "from: {present: [sepsis]}", confirmed)
        options = loader.load(root).pathway.facts["sepsis"].retrieval.options
        assert (options["beyond"], options["unit"]) == (beyond, "ug/L")

    def test_boolean_harm(self, tiny: Knowledge) -> None:
        assert tiny.pathway.facts["sepsis"].harm == ("true",)
        assert tiny.pathway.facts["age"].harm == ""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("14 d", 1209600), ("12 wk", 7257600), ("6 mo", 15778800), ("1 a", 31557600), ("72 h", 259200)],
    )
    def test_durations(self, text: str, expected: int) -> None:
        assert seconds(text) == expected

    @pytest.mark.parametrize("text", ["14", "14 days", "-1 d", "0 d", 14, None, "1/3 d"])
    def test_no_durations(self, text: object) -> None:
        with pytest.raises(ValueError, match=r"expected a duration|positive whole"):
            seconds(text)

    def test_factors_are_exact(self) -> None:
        assert factor("1/2.247") == Fraction(1000, 2247)
        assert factor(Decimal("0.1")) == Fraction(1, 10)
        for wrong in ("0", "1/0", "-1", "a", True, 0.1):
            with pytest.raises(ValueError, match="factor"):
                factor(wrong)


class TestCriteria:
    def test_each_comes_after_those_it_names(self, root: Path) -> None:
        text = (root / CRITERIA).read_text(encoding="utf-8")
        blocks = text.split("\n- ")
        turned = "- " + "\n- ".join([blocks[0].removeprefix("- "), *blocks[1:]][::-1]).rstrip() + "\n"
        (root / CRITERIA).write_text(turned, encoding="utf-8")
        names = list(loader.load(root).pathway.criteria)
        assert names.index("high_ferritin") < names.index("ill")

    def test_expression_is_resolved(self, tiny: Knowledge) -> None:
        node = tiny.pathway.criteria["high_ferritin"].when
        assert isinstance(node, Compare)
        assert node.left == FactRef("ferritin", Type("quantity", "ng/mL"))

    def test_examples_are_values(self, tiny: Knowledge) -> None:
        examples = tiny.pathway.criteria["high_ferritin"].examples
        assert examples[0].given == {"ferritin": point(Decimal(500))}
        assert examples[2].given == {"ferritin": Interval(Decimal(400), None, True)}
        assert examples[2].then is UNKNOWN

    def test_what_it_stands_on(self, tiny: Knowledge) -> None:
        (leg,) = tiny.pathway.criteria["high_ferritin"].cited
        assert (leg.source, leg.seen, leg.statement) == ("guide_2020", "full-text", "guide_2020.treat")


class TestTheRest:
    def test_recommendation(self, tiny: Knowledge) -> None:
        treat = tiny.pathway.recommendations["treat"]
        assert (treat.phase, treat.offer, treat.urgency, treat.treatment) == (
            "initiate",
            "recommended",
            "now",
            True,
        )
        assert (treat.agents, treat.asks) == (("drug",), ("hbsag",))
        assert treat.source_text == "ill and is_adult"
        assert [each.id for each in treat.blocked_when] == ["treat_sepsis"]
        assert [each.id for each in treat.cautions] == ["treat_small"]

    def test_agent(self, tiny: Knowledge) -> None:
        drug = tiny.pathway.agents["drug"]
        assert [(line.id, line.kind) for line in drug.lines] == [
            ("drug_sepsis", "contraindication"),
            ("drug_sepsis_opened", "caution"),
            ("drug_hbv", "wait"),
        ]
        assert drug.lines[0].span == Span("agents/drug.yaml", 11, 3)

    def test_alert_score_and_stages(self, tiny: Knowledge) -> None:
        assert tiny.pathway.alerts["hbv_missing"].about == ("hbsag",)
        assert tiny.pathway.scores["tiny_score"].strata == (("low", 0, 1), ("high", 2, 3))
        assert [stage.id for stage in tiny.pathway.stages] == ["ill", "well"]

    def test_concepts_and_units(self, tiny: Knowledge) -> None:
        assert tiny.concepts.by_code["http://loinc.org", "2276-4"] == frozenset(("ferritin",))
        assert tiny.concepts.unit_aliases["ug/l"] == "ug/L"
        assert tiny.concepts.unit_codes == {"258813002": "mmol/L"}


class TestPlacesOfDefects:
    """A defect points at the line and column where the mistake stands."""

    def test_inside_a_folded_expression(self, root: Path) -> None:
        edit(root, CRITERIA, "    'ng/mL'\n  basis", "    'ng/mL' and feritin\n  basis")
        assert defects(root) == [f"{CRITERIA}:5:17 TRV110"]

    def test_inside_a_plain_expression(self, root: Path) -> None:
        edit(root, CRITERIA, "when: age >= 18", "when: age >= 18 and agee > 3")
        assert defects(root) == [f"{CRITERIA}:13:23 TRV110"]

    def test_inside_a_quoted_expression(self, root: Path) -> None:
        edit(root, CRITERIA, "when: age >= 18", 'when: "age >= 18 and agee > 3"')
        assert defects(root) == [f"{CRITERIA}:13:24 TRV110"]

    def test_one_mistake_is_one_message(self, root: Path) -> None:
        """high_ferritin is broken; what names it (ill, treat, the score, the stages) is not."""
        edit(root, CRITERIA, "ferritin >= 500", "ferritin >>= 500")
        assert defects(root) == [f"{CRITERIA}:4:15 TRV101"]

    def test_a_broken_fact_is_one_message(self, root: Path) -> None:
        edit(root, FACTS, "  harm: high\n", "")
        assert defects(root) == [f"{FACTS}:1:3 TRV161"]

    def test_all_defects_are_reported(self, root: Path) -> None:
        edit(root, FACTS, "harm: high", "harmm: high")
        edit(root, "sources.yaml", "year: 2021", "year: twenty")
        edit(root, CRITERIA, "when: age >= 18", "when: age >> 18")
        edit(root, "agents/drug.yaml", "guide_2020.treat", "guide_2020.tread")
        codes = sorted(each.code for each in loader.check(root))
        assert codes == ["TRV101", "TRV160", "TRV161", "TRV162", "TRV202"]

    def test_an_unreadable_file_is_one_message(self, root: Path) -> None:
        (root / FACTS).write_text("a: [", encoding="utf-8")
        assert [each.code for each in loader.check(root)] == ["TRV151"]


class TestShape:
    @pytest.mark.parametrize(
        ("file", "old", "new", "code", "words"),
        [
            (FACTS, "good_for: 14 d", "goodfor: 14 d", "TRV160", "did you mean good_for?"),
            (
                FACTS,
                "{latest: ferritin, within",
                "{latest: ferritin, withn",
                "TRV160",
                "did you mean within?",
            ),
            (FACTS, "{present: [sepsis]}", "{present: [sepsis], evr: true}", "TRV160", "did you mean ever?"),
            (FACTS, "{latest: hbsag}", "{latest: [3]}", "TRV162", "expected text, found 3"),
            (FACTS, "{latest: hbsag}", "{latest: hbsag, present: x}", "TRV160", "'present' is not known"),
            (FACTS, "{latest: hbsag}", "{lastest: hbsag}", "TRV162", "did you mean latest?"),
            (FACTS, "good_for: 14 d", "good_for: 14 days", "TRV162", "expected a duration"),
            (FACTS, "type: boolean", "type: bool", "TRV162", "did you mean boolean?"),
            (FACTS, "unit: ng/mL", "unit: ''", "TRV162", "a quantity has a unit"),
            (FACTS, "choices: [positive, negative]", "choices: [positive]", "TRV162", "two or more choices"),
            (FACTS, "label: Sepsis", "label: yes", "TRV153", "put quotes round 'yes'"),
            (FACTS, "label: Sepsis", "label: true", "TRV162", "put it in quotes"),
            (FACTS, "label: Sepsis", "label: Sepsis\n  label: S", "TRV152", "stands twice"),
            (FACTS, "note: two weeks", "note: two weeks, or three", "TRV160", "needs quotes"),
            (FACTS, "factor: 1/2.247", "factor: 1/0", "TRV162", "a factor is not zero"),
            (FACTS, "low: 0, high: 500000", "low: 5, high: 5", "TRV162", "`low` is below `high`"),
            (FACTS, "seen: recalled", "seen: rumour", "TRV162", "expected 'verbatim-source'"),
            (CRITERIA, "then: unknown", "then: maybe", "TRV162", "expected True, False or 'unknown'"),
            (CRITERIA, "given: {age: 18}", "given: {age: ten}", "TRV163", "expected a number"),
            (CRITERIA, "given: {age: 18}", "given: {agee: 18}", "TRV110", "is called 'agee'"),
            ("pathways/tiny/alerts/alerts.yaml", "  about: [hbsag]\n", "", "TRV162", "`about:`"),
        ],
    )
    def test_mistakes(self, root: Path, file: str, old: str, new: str, code: str, words: str) -> None:
        edit(root, file, old, new)
        (defect,) = loader.check(root)
        assert defect.code == code
        assert words in str(defect)

    def test_stray_file(self, root: Path) -> None:
        (root / "pathways/tiny/criterion").mkdir()
        assert defects(root) == ["pathways/tiny/criterion:1:1 TRV155"]

    def test_circle_of_criteria(self, root: Path) -> None:
        edit(root, CRITERIA, "when: age >= 18", "when: age >= 18 and ill")
        edit(root, CRITERIA, "when: high_ferritin or sepsis", "when: high_ferritin or is_adult")
        (defect,) = loader.check(root)
        assert defect.code == "TRV164"
        assert "ill" in defect.what
        assert "is_adult" in defect.what

    def test_circle_of_facts(self, root: Path) -> None:
        edit(root, FACTS, "inputs: {weight: body_weight,", "inputs: {weight: bsa,")
        assert [each.code for each in loader.check(root)] == ["TRV164"]

    def test_second_pathway(self, root: Path) -> None:
        shutil.copytree(root / "pathways/tiny", root / "pathways/other")
        edit(root, "pathways/other/pathway.yaml", "id: tiny", "id: other")
        assert "TRV156" in {each.code for each in loader.check(root)}

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            loader.load(tmp_path / "nowhere")

    def test_defects_stop_everything(self, root: Path) -> None:
        edit(root, FACTS, "harm: high", "harmm: high")
        with pytest.raises(KnowledgeError, match="did you mean harm"):
            loader.load(root)


class TestPositions:
    def test_yaml_1_1_traps_stay_text(self) -> None:
        document, found = compose("[2024-01-31, 012, 0x1F, 1_000, 12:30, .inf, 1e3]", "f")
        assert document.data == ["2024-01-31", "012", "0x1F", "1_000", "12:30", ".inf", "1e3"]
        assert not found

    def test_numbers_are_exact(self) -> None:
        document, _ = compose("[1, -2, 0.10, ~, true]", "f")
        assert document.data == [1, -2, Decimal("0.10"), None, True]
        assert str(document.data[2]) == "0.10"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("a: b: c", "TRV151"),
            ("a: [1", "TRV151"),
            ("", "TRV151"),
            ("a: &x 1\nb: *x", "TRV154"),
            ("a: &x [*x]", "TRV154"),
            ("a: !!python/object:os.system x", "TRV154"),
            ("a: no", "TRV153"),
            ("a: 1\na: 2", "TRV152"),
            ("- a\n---\n- b", "TRV151"),
            ("[" * 200 + "]" * 200, "TRV154"),
        ],
    )
    def test_refused(self, text: str, code: str) -> None:
        _, found = compose(text, "f")
        assert found[0].code == code

    def test_unreadable_file(self, root: Path) -> None:
        (root / "sources.yaml").write_bytes(b"- {id: \xff}")
        assert defects(root) == ["sources.yaml:1:1 TRV150"]


class TestSchemas:
    @pytest.mark.parametrize("name", sorted(schemas()))
    def test_written_schemas_are_current(self, name: str) -> None:
        assert (SCHEMAS / name).read_text(encoding="utf-8") == schemas()[name], "run write_schemas again"

    @pytest.mark.parametrize("name", sorted(schemas()))
    def test_they_are_json_schemas(self, name: str) -> None:
        jsonschema.Draft202012Validator.check_schema(json.loads(schemas()[name]))

    def test_they_accept_what_the_loader_accepts(self) -> None:
        document, _ = compose((TINY / FACTS).read_text(encoding="utf-8"), FACTS)
        plain = json.loads(json.dumps(document.data, default=float))
        jsonschema.validate(plain, json.loads(schemas()["fact.json"]))
