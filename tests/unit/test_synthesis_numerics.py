"""Where arithmetic goes wrong: several maxima, boundaries, wide spreads, tiny and huge numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trivium.evidence.synthesis.mixed import _NEAR, _Model, fit_odds_ratio, fit_proportions
from trivium.evidence.synthesis.roots import root_between, upper_end
from trivium.evidence.synthesis.variance import (
    ESTIMATORS,
    Vector,
    _log_likelihood,
    maximum_likelihood,
    q_profile,
    q_statistic,
    restricted_maximum_likelihood,
)


def vectors(*pairs: tuple[float, float]) -> tuple[Vector, Vector]:
    y, v = zip(*pairs, strict=True)
    return np.array(y), np.array(v)


class TestRoots:
    @pytest.mark.parametrize("root", [1e-12, 0.3, 7.0, 1e9])
    def test_it_is_found_to_machine_precision(self, root: float) -> None:
        for function in (lambda x: root - x, lambda x: root**3 - x**3, lambda x: math.atan(root - x)):
            high = upper_end(function, root / 3)
            assert root_between(function, 0.0, high) == pytest.approx(root, rel=4e-15)

    def test_an_end_that_is_the_root_is_it(self) -> None:
        assert root_between(lambda x: x, 0.0, 1.0) == 0.0
        assert root_between(lambda x: x - 1, 0.0, 1.0) == 1.0


class TestSeveralMaxima:
    def test_the_higher_one_counts_not_the_one_next_to_where_a_search_begins(self) -> None:
        y, v = vectors((-1.0, 0.47), (3.5, 0.53), (0.4, 0.02), (-0.4, 1.41))
        tau2 = maximum_likelihood(y, v)  # there is another at zero
        assert tau2 > 1
        assert (
            _log_likelihood(y, v, tau2, restricted=False) > _log_likelihood(y, v, 0.0, restricted=False) + 1
        )

    def test_no_point_of_a_fine_grid_lies_higher(self) -> None:
        y, v = vectors((4.6, 0.1), (-1.5, 6.83), (0.1, 7.91))
        for estimator, restricted in ((maximum_likelihood, False), (restricted_maximum_likelihood, True)):
            found = estimator(y, v)
            grid = np.concatenate([[0.0], np.geomspace(1e-8, 100, 4000)])
            best = max(_log_likelihood(y, v, float(one), restricted=restricted) for one in grid)
            assert _log_likelihood(y, v, found, restricted=restricted) >= best - 1e-12

    @pytest.mark.parametrize(
        ("tables", "tau", "lower"),
        [
            # Another maximum, which is the lower one, lies at `lower`; a search from a start may end there.
            ([(4, 31, 6, 55), (106, 1934, 246, 2519), (11, 53, 2, 23)], 0.0, 0.38991),
            (
                [
                    (2, 15, 5, 27),
                    (1, 5, 2, 11),
                    (2, 15, 6, 17),
                    (510, 1948, 75, 164),
                    (58, 552, 919, 2847),
                    (1, 7, 18, 58),
                    (87, 1083, 106, 409),
                    (2, 51, 6, 59),
                ],
                0.10778,
                0.0,
            ),
        ],
    )
    def test_of_the_logistic_model_too(self, tables: list[tuple[int, ...]], tau: float, lower: float) -> None:
        a, n1, c, n2 = (np.array(column, dtype=float) for column in zip(*tables, strict=True))
        x, n = np.stack([a, c], axis=1), np.stack([n1, n2], axis=1)
        found = fit_odds_ratio(x, n)
        assert not isinstance(found, str) and found.tau == pytest.approx(tau, abs=1e-3)
        model = _Model(x, n, np.array([0.5, -0.5]), free=True)
        heights = {one: model.at(one, _NEAR).log_likelihood for one in (found.tau, lower)}
        assert heights[found.tau] > heights[lower]


class TestScales:
    @pytest.mark.parametrize("unit", [1e-8, 1e-3, 1.0, 1e6])
    @pytest.mark.parametrize("method", ESTIMATORS)
    def test_no_unit_is_too_small_or_too_large(self, method: str, unit: float) -> None:
        y, v = vectors((1.0, 0.1), (2.5, 0.3), (0.2, 0.2), (4.0, 0.05))
        expected = ESTIMATORS[method](y, v)
        assert ESTIMATORS[method](y * unit, v * unit**2) == pytest.approx(expected * unit**2, rel=1e-9)

    def test_studies_that_are_all_alike_have_no_spread(self) -> None:
        y, v = vectors((1.0, 0.1), (1.0, 0.3), (1.0, 0.2))
        assert [estimator(y, v) for estimator in ESTIMATORS.values()] == [0.0] * len(ESTIMATORS)
        assert q_profile(y, v, 0.95) is None

    def test_the_q_profile_meets_its_quantiles(self) -> None:
        y, v = vectors((1.0, 0.1), (2.5, 0.3), (0.2, 0.2), (4.0, 0.05))
        bounds = q_profile(y, v, 0.95)
        assert bounds is not None
        # Quantiles of chi squared with 3 df, from a printed table.
        assert q_statistic(y, v, bounds[0]) == pytest.approx(9.348404, rel=1e-6)
        assert q_statistic(y, v, bounds[1]) == pytest.approx(0.215795, rel=1e-5)


class TestQuadrature:
    @pytest.mark.parametrize("tau", [0.3, 1.1, 2.4, 2.5, 4.0, 7.0])
    @pytest.mark.parametrize("theta", [-4.0, 0.0, 1.0])
    def test_the_likelihood_is_that_of_plain_integration(self, tau: float, theta: float) -> None:
        """Arms of nobody, everybody and one patient lean most; the trapezoid with tiny steps is exact."""
        x, n = np.array([0.0, 47, 22, 1, 0]), np.array([8.0, 47, 49, 1, 300])
        model = _Model(x[:, None], n[:, None], np.array([1.0]), free=False)
        model.theta = theta
        z = np.linspace(-14, 14, 60_001)
        eta = theta + tau * z
        terms = x[:, None] * eta - n[:, None] * np.logaddexp(0, eta) - z * z / 2 - math.log(2 * math.pi) / 2
        plain = np.sum(np.log(np.sum(np.exp(terms), axis=1) * (z[1] - z[0])))
        assert model._look(tau).log_likelihood == pytest.approx(float(plain), rel=2e-7)

    def test_its_scores_are_the_slopes_of_its_likelihood(self) -> None:
        x, n = np.array([[3.0, 10], [0, 7], [1, 5]]), np.array([[29.0, 15], [18, 32], [26, 35]])
        model = _Model(x, n, np.array([0.5, -0.5]), free=True)
        model.alpha, model.theta, tau, step = np.array([-1.0, -2.0, -1.5]), -0.7, 0.6, 1e-5
        score = model._look(tau).score.sum(axis=0)

        def height(theta: float, at: float) -> float:
            model.theta = theta
            return model._look(at).log_likelihood

        by_theta = (height(-0.7 + step, tau) - height(-0.7 - step, tau)) / (2 * step)
        by_tau = (height(-0.7, tau + step) - height(-0.7, tau - step)) / (2 * step)
        assert (score[1], score[2]) == pytest.approx((by_theta, by_tau), abs=1e-5)

    def test_its_standard_error_is_the_curvature_of_its_profile(self) -> None:
        x, n = np.array([3.0, 8, 2, 15, 6]), np.array([20.0, 21, 30, 33, 11])
        found = fit_proportions(x, n)
        assert not isinstance(found, str) and found.tau > 0
        step, heights = 1e-3, []
        for theta in (found.estimate - step, found.estimate, found.estimate + step):
            model = _Model(x[:, None], n[:, None], np.array([1.0]), free=False)
            model.theta = theta
            best = max(
                np.linspace(found.tau - 0.02, found.tau + 0.02, 401),
                key=lambda tau: model._look(float(tau)).log_likelihood,
            )
            heights.append(model._look(float(best)).log_likelihood)
        curvature = -(heights[0] - 2 * heights[1] + heights[2]) / step**2
        assert found.se == pytest.approx(1 / math.sqrt(curvature), rel=2e-2)
