"""What is pooled: one row a study, of three kinds that are never mixed with one another.

A single arm counts events among patients. A comparison counts them in two arms. An estimate is what a
report says (a hazard ratio with its interval) where no counts can be had; it may stand beside comparisons
of the same measure. Impossible counts are refused here, so that nothing behind this file meets them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.quantiles import check_level, normal

Measure = Literal["RR", "OR", "RD", "HR", "MD", "PROP"]
RATIOS = ("RR", "OR", "HR")
_LARGEST_LOG, _LARGEST, _MOST_PEOPLE = 50.0, 1e12, 10**10
_ROUGH = 0.05  # of half an interval: how far an estimate may lie from its middle with rounding unknown


@dataclass(frozen=True, slots=True)
class SingleArm:
    """Events among n patients who were all treated alike."""

    study: str
    events: int
    n: int
    time_point: str | None = None
    year: int | None = None
    group: str = ""

    def __post_init__(self) -> None:
        _check_counts(self.study, "events", self.events, "n", self.n)


@dataclass(frozen=True, slots=True)
class Comparative:
    """Events among the patients of two arms."""

    study: str
    events_treated: int
    n_treated: int
    events_control: int
    n_control: int
    time_point: str | None = None
    year: int | None = None
    group: str = ""

    def __post_init__(self) -> None:
        _check_counts(self.study, "events_treated", self.events_treated, "n_treated", self.n_treated)
        _check_counts(self.study, "events_control", self.events_control, "n_control", self.n_control)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A reported comparison: estimate and standard error on the scale of analysis (log for ratios)."""

    study: str
    measure: Measure
    estimate: float
    se: float
    time_point: str | None = None
    year: int | None = None
    group: str = ""
    derived: bool = False  # the standard error was taken from a printed interval

    def __post_init__(self) -> None:
        if self.measure == "PROP":
            raise EvidenceError(
                f"{self.study}: a proportion without its counts",
                why="what is pooled are counts, so that zeros and small numbers keep their weight",
                hint="give events and n",
            )
        said = f"{self.study}: estimate {self.estimate:g} with standard error {self.se:g}"
        if not (math.isfinite(self.estimate) and math.isfinite(self.se) and self.se > 0):
            raise EvidenceError(said, why="both must be finite and the standard error above zero")
        largest = _LARGEST_LOG if self.measure in RATIOS else _LARGEST
        if abs(self.estimate) > largest or not 1 / _LARGEST <= self.se <= largest:
            raise EvidenceError(
                said,
                why="numbers of this size are no effect that patients could have",
                hint="a ratio is given by its logarithm here" if self.measure in RATIOS else "check the unit",
            )

    @classmethod
    def from_interval(
        cls,
        study: str,
        measure: Measure,
        estimate: float,
        low: float,
        high: float,
        *,
        level: float = 0.95,
        decimals: int | None = None,
        time_point: str | None = None,
        year: int | None = None,
        group: str = "",
    ) -> Estimate:
        """A row from a printed interval, natural scale (HR 0.45, 0.20 to 1.02).

        `decimals`: how many digits were printed after the point; rounding to them may explain why the
        estimate is not quite in the middle (on the log scale for ratios). Unknown: 5 % of half the width.
        Errors:  EvidenceError where the interval does not hold the estimate, reaches zero for a ratio, or
                 is not symmetric: then it is no Wald interval, and no standard error follows from it.
        """
        where = f"{study}: {measure} {estimate:g} ({low:g} to {high:g})"
        if not low < high or not low <= estimate <= high:
            raise EvidenceError(where, why="an interval runs from low to high and holds its estimate")
        if measure in RATIOS and low <= 0:
            raise EvidenceError(
                where,
                why="a ratio's interval lies above zero: its standard error is taken from its logarithm",
                hint="if the limit is rounded to 0, look for more digits, or give log_estimate and se",
            )
        middle, half = _logged(measure, low, high)
        reported = math.log(estimate) if measure in RATIOS else estimate
        if abs(reported - middle) > _allowed(measure, (estimate, low, high), half, decimals):
            raise EvidenceError(
                where,
                why="the estimate is not in the middle of its interval"
                + (" on the log scale" if measure in RATIOS else "")
                + ", so that the interval is no Wald interval and gives no standard error",
                hint="look for a misprint, or give the standard error itself",
            )
        se = half / normal(check_level(level))
        return cls(study, measure, reported, se, time_point, year, group, derived=True)


Row = SingleArm | Comparative | Estimate


def _check_counts(study: str, event_name: str, events: int, total_name: str, total: int) -> None:
    for name, number in ((event_name, events), (total_name, total)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise EvidenceError(f"{study}: {name} is {number!r}", why="people are counted in whole numbers")
    if events < 0 or total < 1:
        name, number = (event_name, events) if events < 0 else (total_name, total)
        raise EvidenceError(
            f"{study}: {name} is {number}", why="events cannot be negative and an arm needs a patient"
        )
    if total > _MOST_PEOPLE:
        raise EvidenceError(f"{study}: {total_name} is {total}", why="there are not so many people")
    if events > total:
        raise EvidenceError(
            f"{study}: {event_name} is {events}, {total_name} only {total}",
            why="no more patients can have the event than were there",
        )


def _logged(measure: Measure, low: float, high: float) -> tuple[float, float]:
    """Middle and half width on the scale of analysis."""
    if measure in RATIOS:
        low, high = math.log(low), math.log(high)
    return (low + high) / 2, (high - low) / 2


def _allowed(
    measure: Measure, printed: tuple[float, float, float], half: float, decimals: int | None
) -> float:
    """How far the estimate may lie from the middle: what rounding the three numbers explains."""
    if decimals is None:
        return _ROUGH * half
    unit = 0.5 * 10.0**-decimals
    if measure not in RATIOS:
        return 2 * unit * (1 + 1e-9)

    def reach(number: float) -> float:
        return math.log(number) - math.log(max(number - unit, number * 1e-3))

    estimate, low, high = printed
    return reach(estimate) + (reach(low) + reach(high)) / 2 + 1e-9
