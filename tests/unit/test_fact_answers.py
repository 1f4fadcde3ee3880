"""Choices and answered: coded, written and measured answers; what an unread or contradicting one does."""

from __future__ import annotations

import pytest
from tests.unit.test_fact_support import DAY, codes, number, read, result, spec

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.record.events import Coded, Quantity, Range
from trivium.record.site import Site

CHOICE = spec(type_="choice")


def test_a_kept_answer_never_goes_stale_but_is_superseded() -> None:
    declared = spec(type_="choice", good_for=30 * DAY, kept=frozenset({"positive"}))
    positive, negative = result("Positive", "2020-01-01"), result("negative", "2021-01-01", "Observation/2")
    assert read(declared, positive).value == frozenset({"positive"})
    assert codes(read(declared, positive, negative)) == ["stale"]
    fresh = result("negative", "2024-03-20", "Observation/2")
    assert read(declared, positive, fresh).value == frozenset({"negative"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POSITIVE", "positive"),
        (" Strong  positive. ", "positive"),
        ("weakly positive", "positive"),
        ("Not detected", "negative"),
        ("not positive", None),
        ("negative for anti-MDA5; previously positive", None),
        ("weakly negative", None),
        ("positive?", None),
        ("", None),
    ],
)
def test_a_text_counts_only_as_a_whole(text: str, expected: str | None) -> None:
    fact = read(CHOICE, result(Coded((), text), "2024-03-01"))
    assert fact.value == (frozenset({expected}) if expected else frozenset(CHOICE.type.choices))
    assert codes(fact) == ([] if expected else ["unreadable"])


def test_coded_answer_text_and_interpretation_must_agree() -> None:
    positive = Coded((("http://snomed.info/sct", "10828004"),), "")
    assert read(CHOICE, result(positive, "2024-03-01")).value == frozenset({"positive"})
    assert read(CHOICE, result(None, "2024-03-01", interpretation=("NEG",))).value == frozenset({"negative"})
    assert codes(read(CHOICE, result(positive, "2024-03-01", interpretation=("NEG",)))) == ["conflict"]
    contradicting = Coded(positive.codes, "negative")
    assert codes(read(CHOICE, result(contradicting, "2024-03-01"))) == ["conflict"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (number("33", "[arb'U]/mL"), "positive"),
        (number("32", "[arb'U]/mL"), "negative"),
        (number("5", "[arb'U]/mL", "<"), "negative"),
        (number("150", "[arb'U]/mL", ">"), "positive"),
        (number("40", "[arb'U]/mL", "<"), None),
        (number("33", None), None),
        (number("33", "ng/mL"), None),
    ],
)
def test_a_number_answers_by_the_normal_range(value: Quantity, expected: str | None) -> None:
    normal = Range(None, number("32", "[arb'U]/mL"))
    fact = read(CHOICE, result(value, "2024-03-01", ranges=(normal,)))
    assert fact.value == (frozenset({expected}) if expected else frozenset(CHOICE.type.choices))


def test_a_number_answers_by_the_cut_off_of_the_site_and_never_by_itself() -> None:
    bare = result(number("32", "[arb'U]/mL"), "2024-03-01")
    site = Site(cutoffs={"fact": number("32", "[arb'U]/mL")})
    assert codes(read(CHOICE, bare)) == ["unreadable"]
    assert read(CHOICE, bare, site=site).value == frozenset({"positive"})
    ranged = result(
        number("32", "[arb'U]/mL"), "2024-03-01", ranges=(Range(None, number("32", "[arb'U]/mL")),)
    )
    assert codes(read(CHOICE, ranged, site=site)) == ["conflict"]


def test_a_reference_range_that_is_not_the_normal_one_says_nothing() -> None:
    therapeutic = Range(None, number("32", "[arb'U]/mL"), "therapeutic")
    fact = read(CHOICE, result(number("33", "[arb'U]/mL"), "2024-03-01", ranges=(therapeutic,)))
    assert codes(fact) == ["unreadable"]


ANSWERED = spec("answered", "boolean", is_=("positive",), ever=True, good_for=30 * DAY)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("positive", "2020-01-01")], TRUE),
        ([("positive", "2020-01-01"), ("negative", "2024-03-30")], TRUE),
        ([("negative", "2024-03-30")], FALSE),
        ([("negative", "2024-01-01")], UNKNOWN),  # stale
        ([("smudged", "2020-01-01"), ("negative", "2024-03-30")], UNKNOWN),  # it may have been positive
        ([("indeterminate", "2020-01-01"), ("negative", "2024-03-30")], FALSE),
        ([("positive", "2023-01-01"), ("negative", "2023-01-01"), ("negative", "2024-03-30")], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_answered_ever(events: list[tuple[str, str]], expected: object) -> None:
    found = [result(text, when, f"o/{place}") for place, (text, when) in enumerate(events)]
    assert read(ANSWERED, *found).value is expected


def test_answered_by_the_latest_only() -> None:
    declared = spec("answered", "boolean", is_=("positive",), good_for=30 * DAY)
    positive, negative = result("positive", "2024-03-01"), result("negative", "2024-03-30", "o/2")
    assert read(declared, positive, negative).value is FALSE
    assert read(declared, positive).value is UNKNOWN
    assert read(declared, result("positive", "2024-03-30")).value is TRUE
