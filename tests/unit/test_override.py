"""A line that a specialist opens: by a decision on record alone, that line alone, and always in sight."""

from __future__ import annotations

import datetime
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.unit.command_line import command

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Value, point
from trivium.knowledge.checks.expressions import known_values
from trivium.knowledge.given import GivenError, unknown_of
from trivium.knowledge.loader import load
from trivium.knowledge.models import Agent, Condition
from trivium.knowledge.overrides import OPENED
from trivium.logic.answers import Answers
from trivium.pathway.assess import BARS, Option, assess
from trivium.plan import make_plan
from trivium.plan_json import plan_data
from trivium.record.form import empty_form, parse_settings, read_form
from trivium.record.site import Site

KNOWLEDGE = load()
PATHWAY = KNOWLEDGE.pathway
SPECS = PATHWAY.facts
ALIASES = KNOWLEDGE.concepts.unit_aliases
DAY = datetime.date(2024, 3, 10)
OVERRIDES = [name for name, spec in SPECS.items() if spec.retrieval.kind == "override"]
LINES = [
    (agent, line)
    for agent in PATHWAY.agents.values()
    for line in agent.lines
    if line.opened_by and line.kind in BARS
]

# What makes each line hold, beside a patient in scope of whom nothing else is known.
BARRING: dict[str, dict[str, Value]] = {
    "infection": {"active_serious_infection": TRUE},
    "pregnancy": {"hcg": frozenset(("positive",)), "pregnancy_trimester": frozenset(("first",))},
    "immunosuppressant": {"tacrolimus_active": TRUE},
    "biologic": {"rituximab_within_6_months": TRUE},
    "hypersensitivity_line": {"tmp_smx_hypersensitivity": TRUE},
    "counts": {"neutrophil_count": point(Decimal("0.3"))},
}


def option(agent: str, state: dict[str, Value]) -> Option:
    facts = known_values(PATHWAY, {"rp_ild_by_clinician": TRUE, **state})
    (found,) = (each for each in assess(PATHWAY, facts).options if each.agent.id == agent)
    return found


def holds(line: Condition, state: dict[str, Value]) -> Truth:
    facts = known_values(PATHWAY, state)
    return Answers(facts, {name: each.when for name, each in PATHWAY.criteria.items()}).truth(line.when)


def bar(agent: str, line: str, state: dict[str, Value]) -> Truth:
    found = {each.condition.id: each.trace.truth for each in option(agent, state).bars}
    return found.get(line, FALSE)


def case(text: str) -> str:
    return f"patient: x\nage: 40\nrp_ild: true\nhcg: positive\nsex: female\n{text}"


def plan(text: str, site: Site | None = None) -> dict[str, Any]:
    (record,) = read_form(case(text), "case.yaml", SPECS, ALIASES, datetime.UTC)
    return plan_data(make_plan(KNOWLEDGE, record, DAY, site or Site()))


def shown(data: dict[str, Any], agent: str) -> dict[str, Any]:
    (found,) = (dict(each) for each in data["options"] if each["id"] == agent)
    return found


class TestLines:
    @pytest.mark.parametrize(("agent", "line"), LINES, ids=lambda each: each.id)
    def test_opened_by_its_own_override_and_by_no_other(self, agent: Agent, line: Condition) -> None:
        state, opens = BARRING[line.id.removeprefix(f"{agent.id}_")], line.opened_by
        assert holds(line, state) is TRUE
        assert holds(line, {**state, **dict.fromkeys(OVERRIDES, TRUE), opens: FALSE}) is TRUE
        for shut in (FALSE, UNKNOWN):
            assert holds(line, {**state, opens: shut}) is TRUE
        assert holds(line, {**state, opens: TRUE}) is FALSE
        (caution,) = (each for each in agent.lines if each.id == line.id + OPENED)
        assert caution.kind == "caution"
        assert line.text in caution.text
        assert [holds(caution, {**state, opens: said}) for said in (TRUE, FALSE, UNKNOWN)] == [
            TRUE,
            FALSE,
            FALSE,
        ]

    def test_a_line_whose_condition_is_not_known_is_opened_too_and_stays_in_sight(self) -> None:
        nothing: dict[str, Value] = {}
        assert bar("tofacitinib", "tofacitinib_pregnancy", nothing) is UNKNOWN
        opened = option("tofacitinib", {"tofacitinib_pregnancy_override": TRUE})
        assert "tofacitinib_pregnancy" not in {each.condition.id for each in opened.bars}
        truths = {each.condition.id: each.trace.truth for each in opened.cautions}
        assert truths["tofacitinib_pregnancy" + OPENED] is UNKNOWN

    def test_no_override_is_ever_asked_for(self) -> None:
        facts = {name: unknown_of(spec.type) for name, spec in SPECS.items()}
        found = assess(PATHWAY, {**facts, "rp_ild_by_clinician": TRUE})
        waiting = {name for option in found.options for name in option.missing}
        waiting |= {name for item in found.recommendations for name in item.missing}
        assert waiting
        assert waiting.isdisjoint(OVERRIDES)

    @pytest.mark.parametrize("agent", ["tofacitinib", "baricitinib", "upadacitinib"])
    def test_the_counts_of_a_jak_inhibitor_are_never_opened(self, agent: str) -> None:
        low = {"lymphocyte_count": PATHWAY.facts["lymphocyte_count"].plausible}
        state: dict[str, Value] = {**low, **dict.fromkeys(OVERRIDES, TRUE)}
        assert bar(agent, f"{agent}_lymphocytes", state) is UNKNOWN

    def test_of_every_agent_that_pregnancy_bars(self) -> None:
        barred = {agent.id for agent, line in LINES if line.id == f"{agent.id}_pregnancy"}
        assert barred == {"cyclophosphamide", "mycophenolate", "tofacitinib", "baricitinib", "upadacitinib"}


class TestRecord:
    WHOLE = "{value: true, by: 'Dr A, rheumatology', because: agreed with obstetrics}"

    def test_the_plan_says_who_and_why(self) -> None:
        data = shown(plan(f"tofacitinib_pregnancy_override: {self.WHOLE}"), "tofacitinib")
        cautions = {each["id"]: each for each in data["cautions"]}
        caution = cautions["tofacitinib_pregnancy" + OPENED]
        assert caution["override"] == "decided by Dr A, rheumatology: agreed with obstetrics"
        assert caution["holds"] == "true"

    def test_without_it_the_line_names_what_opens_it(self) -> None:
        data = shown(plan(""), "tofacitinib")
        bars = {each["id"]: each for each in data["blocked_by"]}
        line = bars["tofacitinib_pregnancy"]
        assert (line["opened_by"], line["override"]) == ("tofacitinib_pregnancy_override", None)
        assert all(step.get("facts") != ["tofacitinib_pregnancy_override"] for step in line["why"])

    @pytest.mark.parametrize(
        "said",
        [
            "true",
            "{value: true}",
            "{value: true, by: Dr A}",
            "{value: true, because: b}",
            "{value: true, by: ' ', because: b}",
            "{value: true, by: [Dr A], because: b}",
            "{value: true, by: Dr A, because: b, unit: d}",
        ],
    )
    def test_one_without_name_or_reason_is_none(self, said: str) -> None:
        text = case(f"tofacitinib_pregnancy_override: {said}")
        (record,) = read_form(text, "case.yaml", SPECS, ALIASES, datetime.UTC)
        assert "tofacitinib_pregnancy_override" not in record.given
        (skip,) = record.report.skips
        assert "by" in skip.detail
        assert "because" in skip.detail

    @pytest.mark.parametrize(
        ("dated", "opens"),
        [("2024-03-04", True), ("2024-03-03", False), ("2024-03-11", False), ("2024-03", False)],
    )
    def test_it_holds_for_a_week_from_its_day(self, dated: str, opens: bool) -> None:
        said = f"{{value: true, date: {dated}, by: Dr A, because: b}}"
        data = shown(plan(f"tofacitinib_pregnancy_override: {said}"), "tofacitinib")
        bars = {each["id"]: each for each in data["blocked_by"]}
        assert ("tofacitinib_pregnancy" not in bars) is opens
        if dated == "2024-03-03":
            assert "not in force" in bars["tofacitinib_pregnancy"]["override"]

    def test_no_site_overrides_for_everybody(self, tmp_path: Path) -> None:
        profile = 'zone = "UTC"\ncomplete = ["tofacitinib_pregnancy_override"]\n'
        assert tomllib.loads(profile)
        site = Site(complete=frozenset(("tofacitinib_pregnancy_override",)))
        bars = shown(plan("", site), "tofacitinib")["blocked_by"]
        assert "tofacitinib_pregnancy" in {each["id"] for each in bars}

    def test_an_empty_form_says_what_to_write(self) -> None:
        text = "\n".join(empty_form(SPECS))
        assert "(" + "{value: true, by: name and speciality, because: the reason})" in text


class TestCommandLine:
    def test_a_value_in_braces(self) -> None:
        said = "tofacitinib_pregnancy_override={value: true, by: Dr A, because: b}"
        given = parse_settings([said], SPECS, ALIASES, datetime.UTC)["tofacitinib_pregnancy_override"]
        assert (given.value, given.by, given.because) == (TRUE, "Dr A", "b")
        weight = parse_settings(
            ["body_weight={value: 70000, unit: g, date: 2024-03-05}"], SPECS, ALIASES, datetime.UTC
        )
        assert weight["body_weight"].when.is_known

    @pytest.mark.parametrize("said", ["{value: true, by: Dr A", "{value: [", "{}", "{by: Dr A}"])
    def test_braces_that_cannot_be_read(self, said: str) -> None:
        with pytest.raises(GivenError):
            parse_settings([f"tofacitinib_pregnancy_override={said}"], SPECS, ALIASES, datetime.UTC)

    def test_what_is_said_to_someone_who_forgets_the_reason(self) -> None:
        ended = command("dose", "tofacitinib", "--set", "tofacitinib_pregnancy_override=true")
        assert ended.code == 2
        assert "because" in ended.err
