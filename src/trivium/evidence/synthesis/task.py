"""One pool in the making: what it is made from, and how its result is put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from trivium.evidence.synthesis.effects import scale_of
from trivium.evidence.synthesis.inverse_variance import prediction_interval
from trivium.evidence.synthesis.results import (
    Bounds,
    Heterogeneity,
    LeftOut,
    NotEstimable,
    Pooled,
    StudyEffect,
)
from trivium.evidence.synthesis.rows import SingleArm
from trivium.evidence.synthesis.scales import Scale
from trivium.evidence.synthesis.settings import PREDICTIONS, Settings
from trivium.evidence.synthesis.variance import Vector

_FEWEST_TO_PREDICT = 3


@dataclass(frozen=True, slots=True)
class Task:
    """Settings with every default written out, the studies' effects, who was left out, notes so far."""

    settings: Settings
    effects: tuple[StudyEffect, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """How many studies take part."""
        return len(self.effects)

    def vectors(self) -> tuple[Vector, Vector]:
        """Estimates and variances, shape (k,)."""
        y = np.array([effect.estimate for effect in self.effects])
        return y, np.array([effect.se**2 for effect in self.effects])

    def noting(self, *notes: str) -> Task:
        """The same with more to say."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note)))

    def scale(self) -> Scale:
        """The scale of analysis."""
        return scale_of(self.settings, [one.row.n for one in self.effects if isinstance(one.row, SingleArm)])

    def weighted(self, weights: tuple[float, ...]) -> tuple[StudyEffect, ...]:
        """The studies with their weights."""
        pairs = zip(self.effects, weights, strict=True)
        return tuple(replace(effect, weight=weight) for effect, weight in pairs)

    def refuse(self, estimator: str, reason: str) -> NotEstimable:
        """No number, and why."""
        settings = self.settings
        return NotEstimable(
            settings.measure,
            settings.method,
            estimator,
            reason,
            settings.level,
            self.k,
            self.effects,
            self.left_out,
            self.notes,
        )

    def result(
        self,
        estimator: str,
        interval_method: str,
        estimate: float,
        se: float | None,
        interval: Bounds | None,
        *,
        p_value: float | None = None,
        heterogeneity: Heterogeneity | None = None,
        weights: tuple[float, ...] | None = None,
        predict: str | None = None,
        scale: Scale | None = None,
    ) -> Pooled:
        """The result, with a prediction interval where there are random effects, or `predict`: why none."""
        settings, scale = self.settings, scale or self.scale()
        low, high = interval or (None, None)
        tau2 = heterogeneity.tau2 if heterogeneity else 0.0
        band, words = (None, predict) if predict is not None else self._band(estimate, se or 0.0, tau2)
        return Pooled(
            measure=settings.measure,
            method=settings.method,
            estimator=estimator,
            interval_method=interval_method if interval else f"none: {interval_method}",
            prediction_method=words,
            scale=scale.name,
            level=settings.level,
            k=self.k,
            estimate=estimate,
            se=se,
            low=low,
            high=high,
            natural=scale.natural(estimate, low, high),
            p_value=p_value,
            prediction=band,
            natural_prediction=(scale.back(band[0]), scale.back(band[1])) if band else None,
            heterogeneity=heterogeneity,
            studies=self.weighted(weights) if weights else self.effects,
            left_out=self.left_out,
            notes=self.notes,
        )

    def _band(self, estimate: float, se: float, tau2: float) -> tuple[Bounds | None, str]:
        """The prediction interval and the name of its flavour."""
        settings = self.settings
        flavour = settings.prediction
        if flavour == "none":
            return None, PREDICTIONS[flavour]
        if self.k < _FEWEST_TO_PREDICT:
            return None, f"none: fewer than {_FEWEST_TO_PREDICT} studies cannot say how studies vary"
        band = prediction_interval(estimate, se, tau2, self.k, flavour, settings.level)
        source = "Wald" if settings.interval == "wald" else "Hartung-Knapp"
        words = (
            PREDICTIONS[flavour]
            .replace("k - 1", f"k - 1 = {self.k - 1}")
            .replace("k - 2", f"k - 2 = {self.k - 2}")
        )
        return band, f"{words}, {source} standard error"
