"""What comes out of a pool: numbers with the name of every method that made them, or a reason for none.

Numbers stand on the scale of analysis (log for ratios, logit for proportions) and, as `natural`, on the
one a reader understands. Results are plain values: nothing is computed on reading them.
"""

from __future__ import annotations

from dataclasses import dataclass

from trivium.evidence.synthesis.rows import Measure, Row
from trivium.evidence.synthesis.scales import Triple

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """One study on the scale of analysis, and as shown; `weight` in per cent of the pool."""

    row: Row
    estimate: float
    se: float
    natural: Triple
    interval_method: str
    corrected: float = 0.0  # what was added to each cell; 0 for nothing
    weight: float | None = None

    @property
    def study(self) -> str:
        """The study's name."""
        return self.row.study


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study that takes no part, and why."""

    row: Row
    reason: str

    @property
    def study(self) -> str:
        """The study's name."""
        return self.row.study


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How far the studies differ beyond chance; I squared in per cent. None: not defined by the method."""

    q: float
    df: int
    q_p: float
    q_method: str
    tau2: float
    i2: float
    h2: float
    tau2_interval: Bounds | None = None
    i2_interval: Bounds | None = None
    interval_method: str = "none"


@dataclass(frozen=True, slots=True)
class Pooled:
    """One estimate from k studies; the three `…_method` fields are words to be shown with it."""

    measure: Measure
    method: str
    estimator: str
    interval_method: str
    prediction_method: str
    scale: str
    level: float
    k: int
    estimate: float
    se: float | None
    low: float | None
    high: float | None
    natural: Triple
    p_value: float | None
    prediction: Bounds | None
    natural_prediction: Bounds | None
    heterogeneity: Heterogeneity | None
    studies: tuple[StudyEffect, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """No pooled number can be had honestly, and why."""

    measure: Measure
    method: str
    estimator: str
    reason: str
    level: float
    k: int
    studies: tuple[StudyEffect, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


Result = Pooled | NotEstimable
