"""Formulae of the real knowledge fit the code that computes them, and its coefficients are those cited."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from trivium.knowledge.checks.draft import read_draft
from trivium.knowledge.loader import knowledge_root, load
from trivium.knowledge.models import FactSpec
from trivium.record.formulas import FORMULAS

FORMULAE = {name: entry.form for name, entry in read_draft(knowledge_root()).formulae.items()}
DERIVED = [fact for fact in load().pathway.facts.values() if fact.retrieval.kind == "derived"]


@pytest.mark.parametrize("fact", DERIVED, ids=lambda fact: fact.id)
def test_derived_fact_can_be_computed(fact: FactSpec) -> None:
    options = fact.retrieval.options
    formula = FORMULAS[options["formula"]]
    assert set(options["inputs"]) | set(options["also"]) == set(formula.inputs)
    assert set(options["also"]) <= formula.may_be_unknown
    assert set(formula.coefficients) <= set(options["coefficients"])


@pytest.mark.parametrize("name", sorted(set(FORMULAE) & set(FORMULAS)))
def test_coefficients_are_those_of_the_cited_formula(name: str) -> None:
    form = FORMULAE[name]
    assert set(form.coefficients) == set(FORMULAS[name].coefficients)
    cited = re.findall(r"-?\d+(?:\.\d+)?", f"{form.value} {' '.join(map(str, form.variables.values()))}")
    numbers = {abs(Fraction(number)) for number in cited}
    for key, number in form.coefficients.items():
        assert abs(Fraction(str(number))) in numbers, f"{key} is not in `value`"
