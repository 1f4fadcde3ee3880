"""The prognostic scores give the points that were printed, and a range when inputs are missing.

What was printed is read from `knowledge/scores.yaml` and worked out here a second time: for values that
are all known as a number, and for values that are partly known as the least and the most of every case.
"""

from __future__ import annotations

import dataclasses
import itertools
import operator
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
import yaml
from tests.property import states

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import Interval, Value, point
from trivium.knowledge.checks.expressions import known_values
from trivium.knowledge.given import unknown_of
from trivium.knowledge.loader import knowledge_root, load
from trivium.pathway.assess import Scored, assess

PATHWAY = load().pathway
PRINTED: Mapping[str, Any] = {
    entry["id"]: entry for entry in yaml.safe_load((knowledge_root() / "scores.yaml").read_text("utf-8"))
}
# Scores only: the rest of the pathway would be assessed along with them.
SCORES = dataclasses.replace(PATHWAY, recommendations={}, agents={}, alerts={}, stages=())
KEPT = ("flair", "cross", "car", "mck", "flaw")

OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "=": operator.eq}
STEP = Decimal("0.000001")
# How the dossier names a variable, and the fact that holds it.
FACT = {
    "ferritin": "ferritin",
    "ldh": "lactate_dehydrogenase",
    "anti_mda5_semiquantitative": "anti_mda5_semiquantitative",
    "hrct_score": "hrct_score",
    "rp_ild": "rp_ild_by_clinician",
    "crp": "c_reactive_protein",
    "anti_ro52": "anti_ro52_antibody",
    "sex": "sex",
    "disease_course": "disease_duration",
    "alt": "alt",
    "kl6": "kl6",
    "fever": "fever",
    "age": "age",
}
# The unit of a fact, where the dossier writes another one; "" where it names none.
UNITS = {"IU/L": "U/L", "mg/dL": "mg/L", "months": "mo", "years": "", "": "1"}
GRADES = {"negative": "negative", "+": "one_plus", "++": "two_plus", "+++": "three_plus"}
MG_PER_L = {"mg/L": 1, "mg/dL": 10}

# Whom each score is for, with RP-ILD left to the clinician's word: no published definition can hold.
BASE: Mapping[str, Value] = {
    "clinically_amyopathic_dermatomyositis": TRUE,
    "ild_on_ct": TRUE,
    "mda5_positive_ever": TRUE,
    "imaging_worsening": FALSE,
    "rp_ild_on_ct": FALSE,
    "oxygen_escalation": FALSE,
}
Plain = Decimal | int | str | bool  # what one printed variable is


def printed_items(score: str) -> Sequence[Mapping[str, Any]]:
    """The items with a cut-off that was read: FLAW's white-cell item has none."""
    return [item for item in PRINTED[score]["items"] if item["variable"] in FACT]


def variables(score: str) -> list[str]:
    names = [item["variable"] for item in printed_items(score)]
    return [*names, "anti_mda5"] if score == "mck" else names


def cut_off(item: Mapping[str, Any], antibody: Plain = "positive") -> tuple[Any, Decimal]:
    """The comparison and its number, in the unit of the fact."""
    written = item["by_anti_mda5"][antibody] if "by_anti_mda5" in item else item
    return OPERATORS[written["op"]], Decimal(str(written["value"])) * MG_PER_L.get(item.get("unit", ""), 1)


def printed_points(score: str, patient: Mapping[str, Plain]) -> int:
    """The points that the paper gives to a patient of whom everything is known."""
    return sum(points(item, patient[item["variable"]], patient) for item in printed_items(score))


def points(item: Mapping[str, Any], value: Plain, patient: Mapping[str, Plain]) -> int:
    if "points_by_value" in item:
        return int(item["points_by_value"][value])
    if isinstance(value, bool):
        return item["points"] if value else 0
    if isinstance(value, str):
        return item["points"] if value == item["value"] else 0
    compare, number = cut_off(item, patient.get("anti_mda5", "positive"))
    return item["points"] if compare(value, number) else 0


def cases(score: str, variable: str) -> list[Plain]:
    """Values of one variable: a number at its cut-offs, just beside and far from them; else each choice."""
    if variable == "anti_mda5":
        return ["positive", "negative"]
    (item,) = (item for item in printed_items(score) if item["variable"] == variable)
    if "points_by_value" in item:
        return list(item["points_by_value"])
    if variable in ("rp_ild", "fever"):
        return [False, True]
    if item.get("op") == "=":
        return [item["value"], {"male": "female", "positive": "negative"}[item["value"]]]
    antibodies = item.get("by_anti_mda5", ["positive"])
    numbers = [cut_off(item, antibody)[1] for antibody in antibodies]
    if variable == "age":
        return sorted({int(n) + step for n in numbers for step in (-20, -1, 0, 1, 20)})
    beside = {n + step for n in numbers for step in (-STEP, Decimal(0), STEP)}
    return sorted(beside | {Decimal(1), 3 * numbers[0]})


def as_facts(values: Mapping[str, Sequence[Plain]]) -> dict[str, Value]:
    """Each variable may be any of its values (an interval from the least to the greatest)."""
    found: dict[str, Value] = {}
    for variable, possible in values.items():
        if variable == "anti_mda5":
            found["anti_mda5_antibody"] = frozenset(str(value) for value in possible)
            found["mda5_positive_ever"] = {"positive": TRUE, "negative": FALSE}[str(possible[0])]
            if len(possible) > 1:
                found["mda5_positive_ever"] = UNKNOWN
            continue
        first = possible[0]
        if isinstance(first, bool):
            found[FACT[variable]] = UNKNOWN if len(possible) > 1 else (TRUE if first else FALSE)
        elif isinstance(first, str):
            found[FACT[variable]] = frozenset(GRADES.get(str(value), str(value)) for value in possible)
        else:
            numbers = sorted(value for value in possible if not isinstance(value, (str, bool)))
            found[FACT[variable]] = point(first) if len(possible) == 1 else Interval(numbers[0], numbers[-1])
    return found


def scored(score: str, values: Mapping[str, Sequence[Plain]]) -> Scored:
    return one_score(score, {**BASE, **as_facts(values)})


def one_score(score: str, given: Mapping[str, Value]) -> Scored:
    found = assess(SCORES, known_values(SCORES, given)).scores
    (one,) = (each for each in found if each.score.id == score)
    return one


def known(patient: Mapping[str, Plain]) -> dict[str, list[Plain]]:
    return {variable: [value] for variable, value in patient.items()}


def test_every_score_with_printed_points_is_there_and_no_other() -> None:
    with_points = {
        name
        for name, entry in PRINTED.items()
        if entry["items"] and any(item.get("points", True) for item in entry["items"])
    }
    assert with_points == set(PATHWAY.scores) == set(KEPT)


@pytest.mark.parametrize("score", KEPT)
def test_every_fact_has_the_unit_that_was_printed(score: str) -> None:
    for item in printed_items(score):
        spec = PATHWAY.facts[FACT[item["variable"]]]
        if spec.type.is_number:
            printed = UNITS.get(item.get("unit", ""), item.get("unit"))
            assert (spec.type.unit or "") == printed, item["variable"]


BOUNDARIES = [
    pytest.param(score, variable, value, id=f"{score}: {variable} {value}")
    for score in KEPT
    for variable in variables(score)
    for value in cases(score, variable)
]


@pytest.mark.parametrize("others", ["none of the others met", "all others met"])
@pytest.mark.parametrize(("score", "variable", "value"), BOUNDARIES)
def test_an_item_gives_its_printed_points_on_both_sides_of_its_boundary(
    score: str, variable: str, value: Plain, others: str
) -> None:
    wanted = (min if others.startswith("none") else max)(EVERYBODY[score], key=lambda one: one[1])[0]
    patient = {**wanted, variable: value}
    found = scored(score, known(patient))
    assert (found.low, found.high) == (printed_points(score, patient),) * 2
    assert found.missing == ()


# Every combination of the values of a score's variables, with its printed points.
EVERYBODY: Mapping[str, Sequence[tuple[dict[str, Plain], int]]] = {
    score: [
        (patient, printed_points(score, patient))
        for values in itertools.product(*(cases(score, name) for name in variables(score)))
        for patient in [dict(zip(variables(score), values, strict=True))]
    ]
    for score in KEPT
}


@pytest.mark.parametrize("score", KEPT)
def test_a_patient_of_whom_all_is_known_has_one_number_and_it_is_the_printed_one(score: str) -> None:
    for patient, wanted in random.Random(3).sample(EVERYBODY[score], min(100, len(EVERYBODY[score]))):
        found = scored(score, known(patient))
        assert (found.low, found.high) == (wanted, wanted), patient


@pytest.mark.parametrize("score", ["flair", "cross"])
def test_the_printed_items_reach_both_ends_of_the_printed_range(score: str) -> None:
    reached = {wanted for _, wanted in EVERYBODY[score]}
    assert (min(reached), max(reached)) == (PRINTED[score]["range"]["min"], PRINTED[score]["range"]["max"])


def partly_known(score: str, chance: random.Random) -> dict[str, Sequence[Plain]]:
    """Of each variable one value, some neighbours or all of them."""
    found: dict[str, Sequence[Plain]] = {}
    for name in variables(score):
        possible = cases(score, name)
        first, last = sorted((chance.randrange(len(possible)), chance.randrange(len(possible))))
        found[name] = possible[first : last + 1]
    return found


@pytest.mark.parametrize("score", KEPT)
def test_a_range_goes_from_the_points_surely_held_to_the_points_that_could_be(score: str) -> None:
    """One may be wider, where an item asks twice about the antibody and neither answer alone decides it."""
    chance = random.Random(score)
    ranges = 0
    for _ in range(100):
        values = partly_known(score, chance)
        cases_of = itertools.product(*values.values())
        possible = {printed_points(score, dict(zip(values, case, strict=True))) for case in cases_of}
        found = scored(score, values)
        if len(values.get("anti_mda5", ())) > 1:
            assert found.low <= min(possible) <= max(possible) <= found.high, values
        else:
            assert (found.low, found.high) == (min(possible), max(possible)), values
        ranges += found.low < found.high
        assert bool(found.missing) or found.low == found.high
    assert ranges > 10


@pytest.mark.parametrize("score", KEPT)
def test_of_whom_nothing_is_known_the_range_is_the_whole_printed_range(score: str) -> None:
    """FLAW but for the point of its white-cell item, whose cut-off was not printed."""
    one = one_score(score, BASE)
    printed = PRINTED[score].get("range", {"min": 0, "max": max(wanted for _, wanted in EVERYBODY[score])})
    without = 1 if score == "flaw" else 0
    assert (one.low, one.high) == (printed["min"], printed["max"] - without)
    assert one.missing


@pytest.mark.parametrize("score", KEPT)
def test_an_input_that_alone_is_unknown_opens_the_range_by_its_own_points(score: str) -> None:
    patient, most = max(EVERYBODY[score], key=lambda one: one[1])
    for item in printed_items(score):
        fact = FACT[item["variable"]]
        given = {**BASE, **as_facts(known(patient)), fact: unknown_of(PATHWAY.facts[fact].type)}
        found = one_score(score, given)
        own = max(item["points_by_value"].values()) if "points_by_value" in item else item["points"]
        assert (found.low, found.high) == (most - own, most), fact
        assert found.missing


def test_the_strata_are_those_that_were_printed() -> None:
    for score in KEPT:
        printed = [
            (stratum["name"], stratum["min"], stratum["max"])
            for stratum in PRINTED[score]["strata"]
            if {"name", "min", "max"} <= set(stratum)
        ]
        assert list(PATHWAY.scores[score].strata) == printed


@pytest.mark.parametrize("score", ["flair", "cross"])
def test_the_strata_touched_are_those_between_the_least_and_the_most_points(score: str) -> None:
    chance = random.Random(score)
    touched = set()
    for _ in range(100):
        found = scored(score, partly_known(score, chance))
        points_between = range(found.low, found.high + 1)
        wanted = [
            stratum["name"]
            for stratum in PRINTED[score]["strata"]
            if any(stratum["min"] <= number <= stratum["max"] for number in points_between)
        ]
        assert list(found.strata) == wanted
        touched.add(found.strata)
    assert len(touched) >= 4


@pytest.mark.parametrize("score", ["flair", "cross"])
def test_no_range_leaves_the_printed_one_whatever_else_is_true(score: str) -> None:
    """Of patients drawn from the whole pathway, also where inputs contradict each other."""
    printed = PRINTED[score]["range"]
    seen = 0
    for state in states.random_states(11, 400):
        for found in assess(SCORES, {**state, **BASE}).scores:
            if found.score.id == score:
                seen += 1
                assert printed["min"] <= found.low <= found.high <= printed["max"]
    assert seen > 100


def test_an_indeterminate_antibody_does_not_take_the_crp_point_of_mck() -> None:
    """Either status gives the point at this CRP, so that no surely held zero may be shown."""
    given = {
        **BASE,
        "mda5_positive_ever": FALSE,
        "anti_mda5_antibody": frozenset({"indeterminate"}),
        "c_reactive_protein": point(Decimal(50)),
        "kl6": point(Decimal(1)),
    }
    assert one_score("mck", given).high == 1


def test_a_strong_antibody_of_unsure_grade_surely_has_the_points_of_the_lower_one() -> None:
    """++ gives 3 points and +++ gives 4, so that "one of the two" never gives fewer than 3."""
    low: dict[str, list[Plain]] = {name: [Decimal(1)] for name in ("ferritin", "ldh", "hrct_score")}
    found = scored("flair", {**low, "rp_ild": [False], "anti_mda5_semiquantitative": ["++", "+++"]})
    assert (found.low, found.high) == (3, 4)


def shown(**given: Value) -> set[str]:
    return {each.score.id for each in assess(SCORES, known_values(SCORES, {**BASE, **given})).scores}


def test_what_foretells_rapid_progression_is_silent_once_it_is_known() -> None:
    assert set(KEPT) - shown(rp_ild_by_clinician=TRUE) == {"flaw", "cross"}


def test_scores_are_withdrawn_once_treatment_has_run_for_two_weeks() -> None:
    """They rest on values at presentation."""
    assert shown(days_since_combination_start=point(14)) == set(KEPT)
    assert shown(days_since_combination_start=point(15)) == set()
    assert shown(days_since_combination_start=Interval(10, 20)) == set(KEPT)


def test_scores_of_adults_are_not_shown_for_a_known_child() -> None:
    assert shown(age=point(17)) == set()
    assert shown(age=point(18)) == shown() == set(KEPT)
