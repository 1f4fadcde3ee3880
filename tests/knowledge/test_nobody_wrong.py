"""A hundred thousand patients: nobody out of scope is offered a treatment, and nobody in scope is left alone.

The patients live in DuckDB. For each fact there is a small pool of values at and beside the thresholds; a
patient is a number, and arithmetic on it picks a base patient, which facts are drawn anew, and each from
its pool. So the same patient can be rebuilt in Python and be assessed there. Every criterion, the `when`
of every recommendation and agent and all their bars together are columns of one query.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import duckdb
import pytest
from tests.property import states

from trivium.core.truth import TRUE, from_bool
from trivium.core.values import Value
from trivium.knowledge.models import Agent, Condition, Pathway, Recommendation
from trivium.logic import columns
from trivium.logic.nodes import BOOLEAN, Literal, Node, Or
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve
from trivium.pathway.assess import BARS, Assessment, Option, Recommended, assess

PATHWAY, FACTS = states.PATHWAY, states.FACTS
OFFERED = ("consider", "recommended")
DRAWN = 24  # values of a fact that a patient may draw
BATCH = 10_000
SAMPLE = 300  # patients that the engine assesses too
PRIME = 2**31 - 1
BASES = states.patients()
SHARES = (3, 12, 40, len(FACTS))  # about how many facts of a patient are drawn anew

Item = Agent | Recommendation
Row = Mapping[str, bool | None]
# The same polynomials for all: one for the base, one for the share, two for each fact.
_chance = random.Random(20)
POLYNOMIALS = {
    name: tuple(_chance.randrange(1, PRIME) for _ in range(3))
    for name in ("base", "share", *(f"{part} {fact}" for fact in FACTS for part in ("whether", "which")))
}


@cache
def pool(fact: str) -> Sequence[Value]:
    """What a fact may be: as in each base patient, then values drawn at its thresholds."""
    chance = random.Random(f"pool of {fact}")
    return [*(base[fact] for base in BASES), *(states.value(chance.choice, fact) for _ in range(DRAWN))]


def drawn(name: str) -> str:
    """A number below PRIME, from the number of the patient: in SQL as in Python."""
    one, two, three = POLYNOMIALS[name]
    return f"((patient * {one} % {PRIME} + {two}) % {PRIME} * patient + {three}) % {PRIME}"


def picks(count: int, start: int) -> str:
    """For each patient, which value of its pool each fact has."""
    base = f"{drawn('base')} % {len(BASES)} AS base"
    share = f"{list(SHARES)}[1 + {drawn('share')} % {len(SHARES)}] AS share"
    which = [
        f"CASE WHEN {drawn(f'whether {fact}')} % {len(FACTS)} < share"
        f' THEN {len(BASES)} + {drawn(f"which {fact}")} % {DRAWN} ELSE base END AS "{fact}"'
        for fact in FACTS
    ]
    patients = f"SELECT range AS patient FROM range({start}, {start + count})"
    kinds = f"SELECT patient, {base}, {share} FROM ({patients})"
    return f"SELECT patient, {', '.join(which)} FROM ({kinds})"


def facts_of_picks(table: str) -> str:
    """The facts themselves, encoded as the SQL reading wants them."""
    cells = []
    for fact, spec in FACTS.items():
        encoded = [columns.encode_value(spec.type, value) for value in pool(fact)]
        for place, (name, kind) in enumerate(columns.fact_columns(fact, spec.type)):
            values = ", ".join("NULL" if row[place] is None else str(row[place]) for row in encoded)
            cells.append(f'([{values}]::{kind}[])["{fact}" + 1] AS "{name}"')
    return f"SELECT patient, {', '.join(cells)} FROM {table}"


def bars(item: Item) -> Node:
    """All bars of a recommendation or agent in one: true when one surely holds, false when surely none."""
    lines: Sequence[Condition] = (
        item.blocked_when
        if isinstance(item, Recommendation)
        else [line for line in item.lines if line.kind in BARS]
    )
    nodes = tuple(line.when for line in lines)
    return Or(nodes) if len(nodes) > 1 else nodes[0] if nodes else Literal(False, BOOLEAN)


def items(pathway: Pathway) -> dict[str, Item]:
    """Recommendations and agents, under names that they do not share."""
    found: dict[str, Item] = {f"rec_{name}": item for name, item in pathway.recommendations.items()}
    return found | {f"agent_{name}": agent for name, agent in pathway.agents.items()}


def questions(pathway: Pathway) -> dict[str, Node]:
    """Every criterion, then the `when` and the bars of everything that can be offered."""
    asked = {name: criterion.when for name, criterion in pathway.criteria.items()}
    for name, item in items(pathway).items():
        asked[f"when_{name}"] = item.when if isinstance(item, Recommendation) else item.offered_when
        asked[f"bars_{name}"] = bars(item)
    return asked


def answers(pathway: Pathway, count: int) -> Generator[duckdb.DuckDBPyConnection, None, None]:
    """A connection for each batch of patients: its tables are `picks`, `facts` and `answers`."""
    query = columns.select_criteria(questions(pathway), "facts", keep=["patient"]).sql("duckdb")
    for first in range(0, count, BATCH):
        with duckdb.connect() as connection:
            size = min(BATCH, count - first)
            connection.execute(f"CREATE TABLE picks AS {picks(size, first)}")
            connection.execute(f"CREATE TABLE facts AS {facts_of_picks('picks')}")
            connection.execute(f"CREATE TABLE answers AS {query}")
            yield connection


def offered(name: str) -> str:
    return f'("when_{name}" IS TRUE AND "bars_{name}" IS FALSE)'


def blocked(name: str) -> str:
    return f'("when_{name}" IS NOT FALSE AND "bars_{name}" IS TRUE)'


def undetermined(name: str) -> str:
    return f'("when_{name}" IS NOT FALSE AND NOT {offered(name)} AND NOT {blocked(name)})'


def treatments(pathway: Pathway) -> list[str]:
    return [name for name, item in items(pathway).items() if isinstance(item, Agent) or item.treatment]


@dataclass
class Survey:
    """How often each treatment was offered, and how often wrongly; who in scope was left with what."""

    offered: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)  # offered to somebody not surely in scope
    inside: int = 0
    without_offer: int = 0
    without_anything: int = 0  # nothing offered, undetermined or blocked


def survey(pathway: Pathway, count: int) -> Survey:
    found = Survey()
    names = treatments(pathway)
    inside = f'("{pathway.in_scope}" IS TRUE)'
    recommendations = [f"rec_{name}" for name in pathway.recommendations] or list(items(pathway))
    something = " OR ".join(offered(name) for name in recommendations)
    reason = " OR ".join(f"{undetermined(name)} OR {blocked(name)}" for name in recommendations)
    wanted = [
        inside,
        f"{inside} AND NOT ({something})",
        f"{inside} AND NOT ({something} OR {reason})",
        *(offered(name) for name in names),
        *(f"{offered(name)} AND NOT {inside}" for name in names),
    ]
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in wanted)
    for connection in answers(pathway, count):
        row = connection.execute(f"SELECT {counts} FROM answers").fetchone()
        assert row is not None
        found.inside += row[0]
        found.without_offer += row[1]
        found.without_anything += row[2]
        found.offered.update(dict(zip(names, row[3:], strict=False)))
        found.wrong.update(dict(zip(names, row[3 + len(names) :], strict=True)))
    found.wrong = +found.wrong
    return found


@cache
def surveyed(count: int) -> Survey:
    """The real pathway, asked once for all tests."""
    return survey(PATHWAY, count)


sizes = pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])


@sizes
def test_nobody_is_offered_a_treatment_out_of_scope(count: int) -> None:
    assert surveyed(count).wrong == {}


@sizes
def test_nobody_in_scope_is_left_without_a_recommendation_or_a_reason(count: int) -> None:
    assert count / 10 < surveyed(count).inside < count * 9 / 10
    assert surveyed(count).without_anything == 0


@pytest.mark.slow
def test_all_but_a_rare_treatment_are_offered_to_somebody_of_a_hundred_thousand() -> None:
    """Of a treatment never offered, the tests above say nothing; that one can be offered the proofs show."""
    never = [name for name in treatments(PATHWAY) if not surveyed(100_000).offered[name]]
    assert len(never) <= 2, never


def test_an_agent_offered_by_age_alone_is_noticed() -> None:
    scope = Scope({name: spec.type for name, spec in FACTS.items()}, PATHWAY.criteria)
    careless = dataclasses.replace(
        PATHWAY.agents["methylprednisolone_pulse"], offered_when=resolve(parse("age >= 18"), scope)
    )
    bad = dataclasses.replace(PATHWAY, recommendations={}, agents={careless.id: careless})
    assert survey(bad, 1_000).wrong.keys() == {"agent_methylprednisolone_pulse"}


def test_a_patient_in_scope_with_nothing_to_say_is_noticed() -> None:
    mute = dataclasses.replace(
        PATHWAY,
        agents={},
        recommendations={
            name: dataclasses.replace(item, when=Literal(False, BOOLEAN))
            for name, item in PATHWAY.recommendations.items()
        },
    )
    found = survey(mute, 1_000)
    assert found.inside == found.without_offer == found.without_anything > 0


@cache
def assessed() -> Sequence[tuple[Row, Assessment]]:
    """The first patients in both readings: a row of answers, and the assessment of the same facts."""
    connection = next(batches := answers(PATHWAY, SAMPLE))
    chosen = connection.execute("SELECT * EXCLUDE (patient) FROM picks ORDER BY patient").fetchall()
    rows = connection.execute("SELECT * EXCLUDE (patient) FROM answers ORDER BY patient").fetchall()
    names = [column[0] for column in connection.description or ()]
    batches.close()
    patients = [{fact: pool(fact)[at] for fact, at in zip(FACTS, which, strict=True)} for which in chosen]
    found = [assess(PATHWAY, patient) for patient in patients]
    return [(dict(zip(names, row, strict=True)), each) for row, each in zip(rows, found, strict=True)]


def judged(assessment: Assessment) -> Iterator[tuple[str, Recommended | Option]]:
    for item in assessment.recommendations:
        yield f"rec_{item.recommendation.id}", item
    for option in assessment.options:
        yield f"agent_{option.agent.id}", option


def status(row: Row, name: str, item: Item) -> str:
    """The status that the row of answers comes to."""
    when, barred = row[f"when_{name}"], row[f"bars_{name}"]
    if when is False:
        return "not_indicated"
    if barred is True:
        return "blocked"
    return item.offer if when is True and barred is False else "undetermined"


def test_the_engine_and_the_query_say_the_same_of_three_hundred_patients() -> None:
    named = items(PATHWAY)
    seen = set()
    for row, assessment in assessed():
        truths = {name: trace.truth for name, trace in assessment.criteria.items()}
        assert truths == {name: from_bool(row[name]) for name in PATHWAY.criteria}
        found = {name: each.status for name, each in judged(assessment)}
        assert found == {name: status(row, name, item) for name, item in named.items()}
        seen |= set(found.values())
    assert seen == {"recommended", "consider", "undetermined", "blocked", "not_indicated"}


def test_the_engine_offers_no_treatment_out_of_scope_to_three_hundred_patients() -> None:
    wanted = set(treatments(PATHWAY))
    inside = 0
    for _, assessment in assessed():
        if assessment.criteria[PATHWAY.in_scope].truth is TRUE:
            inside += 1
            continue
        wrong = [name for name, each in judged(assessment) if name in wanted and each.status in OFFERED]
        assert wrong == []
    assert 50 < inside < SAMPLE - 50


def test_everybody_assessed_in_scope_has_a_recommendation_or_a_reason() -> None:
    for _, assessment in assessed():
        if assessment.criteria[PATHWAY.in_scope].truth is TRUE:
            assert any(each.status != "not_indicated" for each in assessment.recommendations)


def test_what_is_not_offered_says_which_facts_are_missing_or_which_bars_hold() -> None:
    """Of every patient, in scope or not."""
    for _, assessment in assessed():
        for name, each in judged(assessment):
            if each.status == "undetermined":
                assert each.missing, name
                assert set(each.missing) <= set(FACTS)
            if each.status == "blocked":
                assert any(bar.trace.truth is TRUE and bar.condition.text for bar in each.bars), name


def test_the_same_numbers_make_the_same_patients() -> None:
    one, two, three = POLYNOMIALS["base"]
    by_hand = [((n * one % PRIME + two) % PRIME * n + three) % PRIME for n in range(100)]
    with duckdb.connect() as connection:
        in_sql = connection.execute(f"SELECT {drawn('base')} FROM range(100) AS numbers(patient)").fetchall()
        first, second = (connection.execute(picks(100, 0)).fetchall() for _ in range(2))
    assert [number for (number,) in in_sql] == by_hand
    assert first == second
