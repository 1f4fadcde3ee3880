"""The promises on doses of the real knowledge: proved for every patient, but for what the content accepts.

What is accepted is exactly what is refuted, and the engine itself shows each refutation.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import pytest
from tests.unit.doses import knowledge

from trivium.core.values import Value
from trivium.proof.dosing import DOSE_OBLIGATIONS, prove_doses
from trivium.proof.laws import Outcome
from trivium.regimen.dose import Dose, dose
from trivium.regimen.patient import Patient

REAL = knowledge(real=True)
MAXIMA, RAISE, HARM, UNKNOWN_FACT, PROMISES = DOSE_OBLIGATIONS
SLOW = (RAISE, HARM, UNKNOWN_FACT)  # ten seconds each
obligations = pytest.mark.parametrize(
    "obligation",
    [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in DOSE_OBLIGATIONS],
)


@cache
def outcomes(obligation: str) -> tuple[Outcome, ...]:
    """Asked once for all tests."""
    return tuple(prove_doses(REAL, obligation))


def accepted(obligation: str) -> list[str]:
    return [
        about
        for promise in REAL.pathway.properties.values()
        if promise.obligation == obligation
        for about in promise.accepts
    ]


@obligations
def test_every_question_passes(obligation: str) -> None:
    assert outcomes(obligation), "an obligation without a question says nothing"
    failing = [
        (each.about, each.verdict, dict(each.before)) for each in outcomes(obligation) if not each.passes
    ]
    assert failing == []


@obligations
def test_what_is_refuted_is_exactly_what_the_content_accepts(obligation: str) -> None:
    refuted = sorted(each.about for each in outcomes(obligation) if each.verdict == "refuted")
    assert refuted == sorted(accepted(obligation))


@pytest.mark.slow
@pytest.mark.parametrize("obligation", [HARM, UNKNOWN_FACT])
def test_what_is_accepted_really_happens(obligation: str) -> None:
    for outcome in outcomes(obligation):
        if outcome.verdict == "refuted":
            before, after = (result(outcome.about, state) for state in (outcome.before, outcome.after))
            if obligation == HARM:
                assert max(burdens(after)) > max(burdens(before)), outcome.about
            else:
                assert min(burdens(after)) > min(burdens(before)), outcome.about


def result(about: str, state: Mapping[str, Value]) -> Dose:
    agent, regimen = about.partition(": ")[2].split()
    dosing = REAL.dosing[agent]
    return dose(dosing, dosing.regimens[regimen], Patient.of_values(REAL.pathway, state))


def burdens(found: Dose) -> list[Fraction]:
    return [alternative.burden for alternative in found.alternatives] or [Fraction(0)]


def test_the_promises_of_the_regimen_capability_are_all_asked() -> None:
    """Named here so that none can be taken out of the content unnoticed."""
    asked = {each.about.partition(":")[0] for each in outcomes(PROMISES)}
    assert asked >= {
        "tofacitinib_daily_maximum",
        "tofacitinib_halved",
        "tofacitinib_counts",
        "rituximab_serology",
        "rituximab_with_hepatitis_b",
        "cyclophosphamide_in_pregnancy",
        "mycophenolate_in_pregnancy",
        "tofacitinib_in_pregnancy",
        "baricitinib_in_pregnancy",
        "upadacitinib_in_pregnancy",
        "no_rifamycin",
    }
    pairs = {each.about for each in outcomes(PROMISES) if each.about.startswith("no_rifamycin")}
    assert pairs == {
        f"no_rifamycin: rifampin with {each}" for each in ("tofacitinib", "tacrolimus", "cyclosporine")
    }


def test_every_regimen_with_a_maximum_is_asked_about_it() -> None:
    wanted = {
        f"{agent.agent} {regimen.id}"
        for agent in REAL.dosing.values()
        for regimen in agent.regimens.values()
        if regimen.limits and not any(rule.of for rule in regimen.rules)
    }
    assert {each.about.partition(":")[0] for each in outcomes(MAXIMA)} == wanted
