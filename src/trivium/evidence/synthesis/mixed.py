"""Logistic models with a random effect per study, fitted by maximum likelihood (GLMM).

One model, two uses. Arm j of study i has log-odds  alpha_i + (theta + tau z_i) g_j  with z_i standard normal:

* single arms: one arm, g = 1, no alpha: theta is the mean log-odds over studies;
* comparisons: two arms, g = 1/2 and -1/2, one free alpha a study: theta is the mean log odds ratio.

The integral over z_i is adaptive Gauss-Hermite quadrature: nodes are centred and scaled at the mode of each
study's integrand. Scores and information are posterior means over those nodes. For fixed tau
the likelihood is log-concave in the rest, so that Newton finds it; tau is where the profile's slope is zero.

Shapes:  k studies, J arms, Q nodes.  Units: log-odds.
Source:  Stijnen 2010 (single arms); Jackson 2018 (comparisons, its model 4); Pinheiro and Bates 1995
         (quadrature); Louis 1982 (information).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.polynomial.hermite import hermgauss

from trivium.evidence.synthesis.roots import root_between
from trivium.evidence.synthesis.variance import Vector

NODES = 40
_NODES_BEYOND = 150  # where the spread is wide the integrand leans; likelihoods stay exact to 1e-5 up to 7
_TAUS = (1e-3, 0.05, 0.15, 0.3, 0.5, 0.75, 1.1, 1.6, 2.4, 4.0, 7.0)
_USUAL = 2.4  # odds hardly ever spread more between studies: a standard deviation is a factor of 11
_FLAT = "the likelihood is too flat to give a standard error"
_STEPS = 200
_NEAR, _ROUGH = 1e-7, 1e-3


@dataclass(frozen=True, slots=True)
class Mixed:
    """A fitted model: theta with its standard error, tau, and how well a common theta fits (`lrt`)."""

    estimate: float
    se: float
    tau: float
    lrt: float


@dataclass(frozen=True, slots=True)
class _Look:
    """The model at one point; scores (k, 3) and information (k, 3, 3) are for alpha, theta, tau."""

    log_likelihood: float
    score: Vector
    information: Vector


@dataclass(slots=True)
class _Model:
    """Data and the point that the last fit reached, where the next one begins."""

    x: Vector  # (k, J) events
    n: Vector  # (k, J) patients
    g: Vector  # (J,)
    free: bool  # whether each study has an alpha of its own
    alpha: Vector = field(init=False)
    theta: float = field(init=False)
    mode: Vector = field(init=False)  # of each study's z, where the search for it begins

    def __post_init__(self) -> None:
        self.mode = np.zeros(len(self.x))
        if self.free:
            pooled = self.x.sum(axis=1) / self.n.sum(axis=1)
            self.alpha, self.theta = np.log(pooled / (1 - pooled)), 0.0
        else:
            p = float(self.x.sum() / self.n.sum())
            self.alpha, self.theta = np.zeros(len(self.x)), math.log(p / (1 - p))

    def at(self, tau: float, near: float) -> _Look:
        """The best alpha and theta for this tau (Newton, in steps of at most one), and the view there."""
        look = self._look(tau)
        for _ in range(_STEPS):
            step, steps = self._newton(look, 1)
            size = max(abs(float(step[0])), float(np.max(np.abs(steps))))
            share = min(1.0, 1.0 / size) if size else 1.0
            self.alpha, self.theta = self.alpha + share * steps, self.theta + share * float(step[0])
            look = self._look(tau)
            if size < near:  # Newton squares the distance: what is left after this step is rounding
                break
        return look

    def climb(self, tau: float, low: float, high: float) -> float | None:
        """The tau between low and high where all slopes are zero, by Newton; None where that leads away."""
        for _ in range(_STEPS):
            look = self._look(tau)
            block, _ = self._eliminated(look, 2)
            if not (block[0, 0] > 0 and np.linalg.det(block) > 0):
                return None
            step, steps = self._newton(look, 2)
            size = max(float(np.max(np.abs(step))), float(np.max(np.abs(steps))))
            tau += float(step[1])
            if size > 1 or not low < tau < high:
                return None
            self.alpha, self.theta = self.alpha + steps, self.theta + float(step[0])
            if size < _NEAR:
                return tau
        return None

    def covariance(self, look: _Look, size: int) -> Vector:
        """Of theta (size 1), or of theta and tau (size 2)."""
        return np.asarray(np.linalg.inv(self._eliminated(look, size)[0]), dtype=np.float64)

    def _newton(self, look: _Look, size: int) -> tuple[Vector, Vector]:
        """The Newton step of theta (and tau where size is 2), and of each alpha."""
        block, score = self._eliminated(look, size)
        step = np.asarray(np.linalg.solve(block, score), dtype=np.float64)
        if not self.free:
            return step, np.zeros(len(self.x))
        information = look.information
        return step, (look.score[:, 0] - information[:, 0, 1 : 1 + size] @ step) / information[:, 0, 0]

    def _eliminated(self, look: _Look, size: int) -> tuple[Vector, Vector]:
        """Information and score of theta (and tau) with the alphas eliminated study by study, summed."""
        block, score = look.information[:, 1 : 1 + size, 1 : 1 + size], look.score[:, 1 : 1 + size]
        if self.free:
            column, own = look.information[:, 1 : 1 + size, 0], look.information[:, 0, 0]
            block = block - column[:, :, None] * column[:, None, :] / own[:, None, None]
            score = score - column * (look.score[:, 0] / own)[:, None]
        return block.sum(axis=0), score.sum(axis=0)

    # ── One point ──

    def _linear(self, tau: float, z: Vector) -> Vector:
        """Log-odds of every arm at every node: (k, J, Q) for z of shape (k, Q)."""
        return np.asarray(
            self.alpha[:, None, None] + (self.theta + tau * z)[:, None, :] * self.g[None, :, None],
            dtype=np.float64,
        )

    def _look(self, tau: float) -> _Look:
        z, share, value = self._posterior(tau)
        p = _expit(self._linear(tau, z))
        x, n = self.x[:, :, None], self.n[:, :, None]
        left, spread = x - n * p, n * p * (1 - p)
        g = self.g[None, :, None]
        by_theta = np.sum(left * g, axis=1)
        score = np.stack([np.sum(left, axis=1), by_theta, by_theta * z], axis=1)  # (k, 3, Q)
        one, two, three = (np.sum(spread * g**power, axis=1) for power in (0, 1, 2))
        curvature = np.stack(
            [
                np.stack([one, two, two * z], axis=1),
                np.stack([two, three, three * z], axis=1),
                np.stack([two * z, three * z, three * z * z], axis=1),
            ],
            axis=1,
        )  # (k, 3, 3, Q)
        mean = np.einsum("kaq,kq->ka", score, share)
        around = score - mean[:, :, None]
        information = np.einsum("kabq,kq->kab", curvature, share) - np.einsum(
            "kaq,kbq,kq->kab", around, around, share
        )
        return _Look(value, mean, information)

    def _posterior(self, tau: float) -> tuple[Vector, Vector, float]:
        """Nodes of z (k, Q), their posterior shares (k, Q), and the log-likelihood of all studies."""
        if tau == 0:
            z = np.zeros((len(self.x), 1))
            return z, np.ones_like(z), float(np.sum(self._kernel(0.0, z)))
        mode, width = self._mode(tau)
        nodes, weights = _quadrature(NODES if tau <= _USUAL else _NODES_BEYOND)
        z = mode[:, None] + math.sqrt(2) * width[:, None] * nodes
        terms = self._kernel(tau, z) - z * z / 2 + nodes**2 + np.log(weights)
        top = np.max(terms, axis=1)
        each = np.exp(terms - top[:, None])
        total = np.sum(each, axis=1)
        value = float(np.sum(top + np.log(total * width / math.sqrt(math.pi))))
        return z, each / total[:, None], value

    def _kernel(self, tau: float, z: Vector) -> Vector:
        """Log-likelihood of each study given z, without the binomial coefficients: (k, Q)."""
        eta = self._linear(tau, z)
        return np.asarray(
            np.sum(self.x[:, :, None] * eta - self.n[:, :, None] * np.logaddexp(0, eta), axis=1),
            dtype=np.float64,
        )

    def _mode(self, tau: float) -> tuple[Vector, Vector]:
        """Where each study's integrand is highest, and its width there: Newton inside a shrinking bracket."""
        reach = tau * np.sum(self.n * np.abs(self.g), axis=1) + 1
        low, high, z = -reach, reach, np.clip(self.mode, -reach, reach)
        for _ in range(_STEPS):
            p = _expit(self._linear(tau, z[:, None]))[:, :, 0]
            slope = tau * np.sum((self.x - self.n * p) * self.g, axis=1) - z
            curvature = tau**2 * np.sum(self.n * p * (1 - p) * self.g**2, axis=1) + 1
            step = slope / curvature
            if np.all(np.abs(step) <= _NEAR * (1 + np.abs(z))):  # the quadrature forgives the rest
                break
            low, high = np.where(slope > 0, z, low), np.where(slope < 0, z, high)
            z = np.where((z + step <= low) | (z + step >= high), (low + high) / 2, z + step)
        self.mode = z
        return z, 1 / np.sqrt(curvature)


def fit_proportions(events: Vector, n: Vector) -> Mixed | str:
    """The random-intercept logistic model of single arms, or why it has no estimate.

    Some but not all patients must have the event.
    """
    if np.all((events == 0) | (events == n)):
        return "in every study either nobody or everybody had the event: the spread between them has no bound"
    return _fit(_Model(events[:, None], n[:, None], np.array([1.0]), free=False))


def fit_odds_ratio(events: Vector, n: Vector) -> Mixed | str:
    """The model of two arms, columns treated and control; each study must have some but not all events."""
    return _fit(_Model(events, n, np.array([0.5, -0.5]), free=True))


def _fit(model: _Model) -> Mixed | str:
    try:
        return _fitted(model)
    except np.linalg.LinAlgError:
        return _FLAT


def _fitted(model: _Model) -> Mixed | str:
    common = model.at(0.0, _NEAR)
    lrt = max(0.0, 2 * (_saturated(model) - common.log_likelihood))
    slopes = _slopes(model)
    if slopes[-1] > 0:
        return f"the likelihood still rises at a between-study SD of {_TAUS[-1]:g} on the log-odds scale"
    tau, peak = 0.0, common.log_likelihood
    for i in range(len(slopes) - 1):
        if slopes[i] > 0 >= slopes[i + 1]:
            found = _maximum(model, i, slopes)
            value = model.at(found, _NEAR).log_likelihood
            if value > peak:
                tau, peak = found, value
    look = model.at(tau, _NEAR)
    variance = float(model.covariance(look, 2 if tau else 1)[0, 0])
    if not variance > 0:
        return _FLAT
    return Mixed(model.theta, math.sqrt(variance), tau, lrt)


def _maximum(model: _Model, i: int, slopes: list[float]) -> float:
    """The tau between two looked at before where the profile's slope goes through zero."""
    low, high = _TAUS[i], _TAUS[i + 1]
    start = low + (high - low) * slopes[i] / (slopes[i] - slopes[i + 1])
    model.at(start, _ROUGH)
    found = model.climb(start, low, high)
    return root_between(lambda tau: _slope(model, tau, _NEAR), low, high) if found is None else found


def _slope(model: _Model, tau: float, near: float) -> float:
    """Derivative of the profile log-likelihood in tau."""
    return float(model.at(tau, near).score[:, 2].sum())


def _slopes(model: _Model) -> list[float]:
    """The slope at growing tau; there may be several maxima, so that the usual range is looked at whole."""
    slopes: list[float] = []
    for tau in _TAUS:
        slopes.append(_slope(model, tau, _ROUGH))
        if tau >= _USUAL and slopes[-1] <= 0:
            break
    return slopes


def _saturated(model: _Model) -> float:
    """The log-likelihood with every arm at its own proportion."""
    x, n = model.x, model.n
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(x > 0, x * np.log(x / n), 0) + np.where(x < n, (n - x) * np.log((n - x) / n), 0)
    return float(np.sum(terms))


def _expit(eta: Vector) -> Vector:
    return np.asarray(0.5 * (1 + np.tanh(eta / 2)), dtype=np.float64)


@cache
def _quadrature(size: int) -> tuple[Vector, Vector]:
    nodes, weights = hermgauss(size)
    return nodes, weights
