"""How studies are to be pooled: what was asked for, what it means, and what does not go together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.quantiles import check_level
from trivium.evidence.synthesis.rows import Measure

MEASURES: dict[Measure, str] = {
    "RR": "risk ratio",
    "OR": "odds ratio",
    "RD": "risk difference",
    "HR": "hazard ratio",
    "MD": "mean difference",
    "PROP": "proportion",
}
RANDOM = {
    "DL": "DerSimonian-Laird",
    "REML": "restricted maximum likelihood",
    "PM": "Paule-Mandel",
    "ML": "maximum likelihood",
    "HE": "Hedges",
    "SJ": "Sidik-Jonkman",
}
METHODS = ("EE", *RANDOM, "MH", "PETO", "GLMM", "COUNTS")
INTERVALS = {
    "wald": "Wald (z)",
    "hk": "Hartung-Knapp (t with k - 1 df)",
    "hk-max": "Hartung-Knapp (t with k - 1 df), never narrower than with q = 1",
    "exact": "Clopper-Pearson (exact)",
}
PREDICTIONS = {
    "none": "none asked for",
    "z": "normal quantile",
    "t_k_minus_1": "t with k - 1 df",
    "t_k_minus_2": "t with k - 2 df",
}
TRANSFORMS = ("logit", "double-arcsine")
_DOUBLE_ZERO = ("", "drop", "keep")
# Which measures a method is there for, other than those pooled by inverse variance.
_FITS: dict[str, tuple[Measure, ...]] = {
    "MH": ("RR", "OR", "RD"),
    "PETO": ("OR",),
    "GLMM": ("PROP", "OR"),
    "COUNTS": ("PROP",),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What to pool and how.

    `method` and `interval` left empty take the default of the measure: GLMM for proportions, REML with
    `hk-max` for comparisons, `wald` wherever no between-study variance is estimated by inverse variance.
    `correction` is what inverse variance adds to each cell of a table that has a zero; `double_zero`
    says what happens to tables without events (or without non-events) in either arm: left out of a
    ratio and kept in a risk difference unless said otherwise.
    """

    measure: Measure
    method: str = ""
    interval: str = ""
    prediction: str = "t_k_minus_1"
    level: float = 0.95
    mix_time_points: bool = False
    transform: str = "logit"
    correction: float = 0.5
    double_zero: str = ""

    def __post_init__(self) -> None:
        check_level(self.level)
        _check_word("measure", self.measure, get_args(Measure))
        _check_word("method", self.method, ("", *METHODS))
        _check_word("interval", self.interval, ("", *INTERVALS))
        _check_word("prediction interval", self.prediction, tuple(PREDICTIONS))
        _check_word("transform", self.transform, TRANSFORMS)
        _check_word("treatment of double zeros", self.double_zero, _DOUBLE_ZERO)
        if not 0 <= self.correction <= 1:
            raise EvidenceError(
                f"a continuity correction of {self.correction:g}", hint="between 0 (none) and 1; usual is 0.5"
            )
        self._check_fit()

    def _check_fit(self) -> None:
        """EvidenceError where method, measure and interval do not go together."""
        fits = _FITS.get(self.method)
        if fits and self.measure not in fits:
            raise EvidenceError(
                f"{self.method} does not pool {self.measure}",
                why=f"it is there for {' and '.join(fits)}",
                hint="choose an inverse-variance method such as REML"
                if self.measure != "PROP"
                else "use GLMM",
            )
        if self.interval in ("hk", "hk-max") and self._method() not in ("EE", *RANDOM):
            raise EvidenceError(
                f"no Hartung-Knapp interval with {self._method()}",
                why="it rests on inverse-variance weights",
                hint="leave the interval out, or choose a method such as REML",
            )
        if (self.interval == "exact") != (self._method() == "COUNTS") and self.interval:
            raise EvidenceError(
                f"interval {self.interval} with {self._method()}",
                why="the exact interval belongs to pooled counts (COUNTS), and to nothing else",
            )

    def _method(self) -> str:
        return self.method or ("GLMM" if self.measure == "PROP" else "REML")

    def complete(self) -> Settings:
        """The same with every default written out."""
        method = self._method()
        usual = "hk-max" if method in RANDOM else "exact" if method == "COUNTS" else "wald"
        return replace(self, method=method, interval=self.interval or usual)


def level_words(level: float) -> str:
    """A level as it is shown: 95 %."""
    return f"{100 * level:g} %"


def _check_word(what: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        known = ", ".join(one for one in words if one)
        raise EvidenceError(f"no {what} is called {word!r}", hint=f"one of: {known}")
