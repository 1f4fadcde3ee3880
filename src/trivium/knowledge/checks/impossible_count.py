"""A count, percent or interval that cannot be: more events than patients, more patients than in the arm.

Also a percent outside 0 to 100, an interval that ends below its start or leaves its estimate out, a ratio
that is not positive, a time below zero, or a part of a population larger than the whole. It is nearly always
a slip in extraction. Where the paper itself prints it so (patients who switched arms), say why in
`explained:` beside the numbers, or in the outcome's `note:`, naming the number of patients.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft, is_explained
from trivium.knowledge.checks.evidence_forms import ArmForm, EffectForm, PooledForm, PopulationForm

CODE, NAME, WHOLE = "TRV304", "impossible-count", False
RATIOS = ("HR", "OR", "RR")
_PARTS = ("mda5_positive", "rp_ild", "ild", "cadm")


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    hint = "correct it; if the paper prints it so, say why in `explained:`"
    for study, place, outcome, result, arm in draft.results():
        told = is_explained(result, outcome) or str(result.total) in outcome.note.split()
        for what in () if told else _of_result(result, arm):
            yield Defect(CODE, f"{study.id}: {what}", study.span(*place), hint=hint)
    for study, place, outcome in draft.outcomes():
        if outcome.timepoint_weeks is not None and outcome.timepoint_weeks < 0:
            what = f"{study.id}: a time of {outcome.timepoint_weeks} weeks"
            yield Defect(CODE, what, study.span(*place, "timepoint_weeks"))
        if outcome.effect and not is_explained(outcome.effect, outcome):
            for what in _of_effect(outcome.effect):
                yield Defect(CODE, f"{study.id}: {what}", study.span(*place, "effect"), hint=hint)
    for study in draft.studies.values():
        for what in _of_population(study.form.population):
            yield Defect(CODE, f"{study.id}: {what}", study.span("population"))


def _of_result(result: PooledForm, arm: ArmForm | None) -> Iterator[str]:
    if result.events is not None and result.total is not None and result.events > result.total:
        yield f"{result.events} events among {result.total} patients"
    if result.total == 0:
        yield "a result of no patients"
    if arm is not None and arm.n is not None and result.total is not None and result.total > arm.n:
        yield f"{result.total} patients in a result of arm {arm.id}, which has {arm.n}"
    if arm is not None and arm.n is not None and result.total is None and (result.events or 0) > arm.n:
        yield f"{result.events} events in arm {arm.id}, which has {arm.n} patients"
    if result.percent is not None and not 0 <= result.percent <= 100:
        yield f"a percent of {result.percent}"
    low, high, percent = result.ci_low, result.ci_high, result.percent
    if low is not None and high is not None and low > high:
        yield f"an interval from {low} to {high}"
    elif percent is not None and (
        (low is not None and percent < low) or (high is not None and percent > high)
    ):
        yield f"{percent} lies outside its interval {low} to {high}"


def _of_effect(effect: EffectForm) -> Iterator[str]:
    low, high, value = effect.ci_low, effect.ci_high, effect.value
    if low is not None and high is not None and low > high:
        yield f"an interval from {low} to {high}"
    elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        yield f"{effect.measure} {value} lies outside its interval {low} to {high}"
    if effect.measure in RATIOS and any(each is not None and each <= 0 for each in (low, high, value)):
        yield f"{effect.measure} is a ratio and above zero"


def _of_population(population: PopulationForm) -> Iterator[str]:
    for name in _PARTS:
        part = getattr(population, name)
        if part is not None and population.n is not None and part > population.n:
            yield f"{name.replace('_', ' ')} {part} of {population.n}"
    if population.rp_ild is not None and population.ild is not None and population.rp_ild > population.ild:
        yield f"RP-ILD {population.rp_ild} of {population.ild} with ILD"
