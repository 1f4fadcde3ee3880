"""Why an answer is what it is, and which facts could still change it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import EVERYTHING, Interval, Value, point
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.explain import Labels, explain, open_facts
from trivium.logic.nodes import BOOLEAN, INTEGER, CriterionRef, Type
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve

NAMES = ("a", "b", "c")
SCOPE = Scope(
    {**dict.fromkeys(NAMES, BOOLEAN), "age": INTEGER, "x": Type("choice", None, ("p", "n"))}, ("k",)
)
LABELS = Labels({"a": "Fever", "b": "Rash", "c": "Cough", "age": "Age", "x": "Test"}, {"k": "Sick"})


def trace(text: str, facts: Mapping[str, Value]) -> Trace:
    unknown: dict[str, Value] = {**dict.fromkeys(NAMES, UNKNOWN), "age": EVERYTHING, "x": frozenset("pn")}
    return evaluate(resolve(parse(text), SCOPE), {**unknown, **facts}, {})


@pytest.mark.parametrize(
    ("text", "facts", "steps"),
    [
        ("a and b", {"a": TRUE, "b": FALSE}, ["Rash: no"]),
        ("a and b", {"a": TRUE, "b": TRUE}, ["Fever: yes", "Rash: yes"]),
        ("a and b", {"a": TRUE}, ["Rash: not known"]),
        ("a or b", {"a": TRUE}, ["Fever: yes"]),
        ("a or b", {"a": FALSE, "b": FALSE}, ["Fever: no", "Rash: no"]),
        ("not (a or b)", {"b": TRUE}, ["Rash: yes"]),
        ("not (a or b)", {"a": FALSE, "b": FALSE}, ["Fever: no", "Rash: no"]),
        ("(a and b) or (b and c)", {"a": FALSE, "b": FALSE}, ["Fever: no", "Rash: no"]),
        ("a implies b", {"a": FALSE}, ["Fever: no"]),
        ("a implies b", {"a": TRUE, "b": FALSE}, ["Fever: yes", "Rash: no"]),
        ("age >= 18", {"age": point(17)}, ["Age (17) is below 18"]),
        ("age >= 18", {"age": Interval(17, 18)}, ["Age (between 17 and 18) may be at least 18"]),
        ("x = 'p'", {"x": frozenset("n")}, ["Test (n) is not p"]),
        ("age is null", {}, ["Age: not known"]),
        ("if a is true then b else c", {"c": TRUE}, ["Fever: not known", "Cough: yes"]),
    ],
)
def test_only_what_decided_is_shown(text: str, facts: dict[str, Value], steps: list[str]) -> None:
    assert [step.text for step in explain(trace(text, facts), LABELS)] == steps


def test_a_criterion_carries_its_own_reasons() -> None:
    inner = trace("a and b", {"a": FALSE})
    (step,) = explain(Trace(CriterionRef("k"), inner.value, (inner,)), LABELS)
    assert (step.text, step.criterion, step.truth) == ("Sick: no", "k", FALSE)
    assert [part.text for part in step.because] == ["Fever: no"]


def test_an_explanation_that_is_not_deep_stops_at_the_name_of_a_criterion() -> None:
    inner = trace("a and b", {"a": FALSE})
    whole = Trace(CriterionRef("k"), inner.value, (inner,))
    (step,) = explain(whole, LABELS, deep=False)
    assert (step.text, step.criterion, step.truth, step.because) == ("Sick: no", "k", FALSE, ())
    assert explain(inner, LABELS, deep=False) == explain(inner, LABELS)


TEXTS = [
    "a and b or c",
    "not (a and b) implies c",
    "(a is true) and b",
    "a is null or b and c",
    "if a is true then b else c",
    "(a or b) and (b or c)",
    "a implies (b is true)",
    "(a is true or b) and (c is not null)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_fact_left_out_of_the_open_ones_cannot_change_the_answer(text: str) -> None:
    """By force: whatever the closed facts turn out to be, the answer with the open ones unchanged stays."""
    for values in itertools.product((TRUE, FALSE, UNKNOWN), repeat=3):
        facts: dict[str, Truth] = dict(zip(NAMES, values, strict=True))
        first = trace(text, facts)
        settled = set(NAMES) - set(open_facts(first))
        free = [name for name in settled if facts[name] is UNKNOWN]
        for answers in itertools.product((TRUE, FALSE, UNKNOWN), repeat=len(free)):
            later = trace(text, {**facts, **dict(zip(free, answers, strict=True))})
            assert later.value is first.value, (text, facts, free, answers)


def test_what_is_settled_has_no_open_facts() -> None:
    assert open_facts(trace("a and b", {"a": FALSE})) == {}
    assert list(open_facts(trace("a and b", {"a": TRUE}))) == ["b"]
    assert list(open_facts(trace("age > 18 or a", {"age": Interval(17, 19)}))) == ["age", "a"]
