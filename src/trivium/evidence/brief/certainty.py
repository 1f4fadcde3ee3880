"""How certain, by the five domains of GRADE, each with its reason; no domain is judged in silence.

Rows and comparisons about one question → `Certainty`. Thresholds of method (not of medicine) are named
here with their source. A judgement that a paper printed comes before ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trivium.evidence.brief.matching import is_direct
from trivium.evidence.brief.numbers import Contrast, Row
from trivium.evidence.brief.pools import Pool
from trivium.knowledge.evidence import Study
from trivium.knowledge.models import CERTAINTIES, WEAK
from trivium.knowledge.models import Certainty as Level

# GRADE guidelines 6 (Guyatt 2011, doi 10.1016/j.jclinepi.2011.01.012): an interval that holds both no effect
# and an appreciable benefit or harm, by its rule of thumb a relative change of a quarter, is imprecise.
_APPRECIABLE = (0.75, 1.25)
# For a proportion there is no such rule; an interval wider than a quarter of the scale leaves much open.
_WIDE = 0.25
# GRADE guidelines 7 (Guyatt 2011, doi 10.1016/j.jclinepi.2011.03.017): an I² from here on may be substantial.
_INCONSISTENT = 50.0
# Sterne 2011 (doi 10.1136/bmj.d4002): asymmetry is not tested with fewer studies.
_ENOUGH_FOR_ASYMMETRY = 10
_RANDOMISED = ("RCT",)
_UNCONTROLLED = ("case-series", "case-report", "single-arm")


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain: how many levels it takes off (0 to 2), and why."""

    name: str
    down: int
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The certainty of what is known about one question, with its start and its domains."""

    level: Level
    start: Level
    start_reason: str
    domains: tuple[Domain, ...]


def judge(
    rows: Sequence[Row], contrasts: Sequence[Contrast], pools: Sequence[Pool], exact: bool
) -> Judged | None:
    """The certainty of a body of evidence; None where there is no study at all.

    `exact`: whether the arms had just the asked agents (beside background), or others too.
    """
    studies = list({row.match.study.id: row.match.study for row in rows}.values())
    if not studies:
        return None
    randomised = [study for study in studies if study.design in _RANDOMISED and is_direct(study)]
    start: Level = "high" if randomised else "low"
    why = "randomised trials in this disease" if randomised else "no randomised trial in this disease"
    domains = (
        _bias(studies, contrasts),
        _inconsistency(pools, rows, contrasts),
        _indirectness(studies, exact),
        _imprecision(rows, contrasts, pools),
        _publication(studies),
    )
    at = CERTAINTIES.index(start) + sum(domain.down for domain in domains)
    return Judged(CERTAINTIES[min(at, CERTAINTIES.index("very-low"))], start, why, domains)


def _bias(studies: Sequence[Study], contrasts: Sequence[Contrast]) -> Domain:
    judged = [study for study in studies if study.risk_of_bias]
    said = "; ".join(
        f"{study.id}: {study.risk_of_bias.judgement} ({study.risk_of_bias.tool})"
        for study in judged
        if study.risk_of_bias
    )
    said = f" Printed judgements: {said}." if said else ""
    uncontrolled = sum(study.design in _UNCONTROLLED for study in studies)
    if not contrasts:
        return Domain("risk of bias", 2, f"no arm is compared with another inside a study.{said}")
    if uncontrolled * 2 >= len(studies):
        return Domain("risk of bias", 1, f"{uncontrolled} of {len(studies)} studies have no control.{said}")
    if all(study.design in _RANDOMISED for study in studies):
        return Domain("risk of bias", 0, f"randomised throughout.{said}")
    return Domain("risk of bias", 1, f"not every comparison is randomised: confounding remains.{said}")


def _inconsistency(pools: Sequence[Pool], rows: Sequence[Row], contrasts: Sequence[Contrast]) -> Domain:
    estimated = [pool.estimated for pool in pools]
    spread = [each.heterogeneity.i2 for each in estimated if each and each.heterogeneity]
    if spread:
        worst = max(spread)
        down = int(worst >= _INCONSISTENT)
        return Domain("inconsistency", down, f"I² up to {worst:.0f} % where results were pooled")
    ratios = [contrast.ratio for contrast in contrasts if contrast.ratio]
    if any(ratio[2] < 1 for ratio in ratios) and any(ratio[1] > 1 for ratio in ratios):
        return Domain("inconsistency", 1, "comparisons point in opposite directions")
    if len({row.match.study.id for row in rows}) < 2:
        return Domain("inconsistency", 0, "one study only: nothing to compare it with")
    return Domain("inconsistency", 0, "not measured: results could not be pooled")


def _indirectness(studies: Sequence[Study], exact: bool) -> Domain:
    direct = sum(is_direct(study) for study in studies)
    if direct == 0:
        return Domain("indirectness", 2, "no study is of anti-MDA5 disease alone")
    reasons = []
    if direct < len(studies):
        reasons.append(f"{len(studies) - direct} of {len(studies)} studies include other disease")
    if not exact:
        reasons.append("patients also had other agents")
    if reasons:
        return Domain("indirectness", 1, "; ".join(reasons))
    return Domain("indirectness", 0, "these agents in this disease")


def _imprecision(rows: Sequence[Row], contrasts: Sequence[Contrast], pools: Sequence[Pool]) -> Domain:
    pooled = [pool.estimated.natural for pool in pools if pool.estimated]
    if contrasts:
        ratios = [contrast.ratio for contrast in contrasts if contrast.ratio]
        open_ones = [
            r for r in ratios if r[1] < 1 < r[2] and (r[1] < _APPRECIABLE[0] or r[2] > _APPRECIABLE[1])
        ]
        if ratios and len(open_ones) < len(ratios):
            return Domain("imprecision", 0, "a comparison excludes no effect")
        return Domain(
            "imprecision", 1, "no comparison from counts excludes both no effect and a quarter more or less"
        )
    widths = [row.interval[1] - row.interval[0] for row in rows if row.interval]
    widths += [
        natural.high - natural.low
        for natural in pooled
        if natural.low is not None and natural.high is not None
    ]
    if not widths:
        return Domain("imprecision", 1, "no interval can be given: counts are not printed")
    narrowest = min(widths)
    down = int(narrowest > _WIDE)
    return Domain(
        "imprecision", down, f"the narrowest interval is {narrowest * 100:.0f} percentage points wide"
    )


def _publication(studies: Sequence[Study]) -> Domain:
    reports = sum(study.design in ("case-report", "case-series") for study in studies)
    if reports == len(studies):
        return Domain("publication bias", 1, "case reports and series only: successes are written up")
    if len(studies) < _ENOUGH_FOR_ASYMMETRY:
        return Domain("publication bias", 0, f"{len(studies)} studies: too few to look for asymmetry")
    return Domain("publication bias", 0, "no sign looked for beyond the small-study plot")


def weak_share(rows: Sequence[Row]) -> str:
    """How many numbers were not read in their source, in words; "" when all were."""
    weak = sum(row.result.seen in WEAK for row in rows)
    return f"{weak} of {len(rows)} numbers were not read in their source" if weak else ""
