"""Laws of pooling, over random studies: order, direction and unit do not matter; more data say more."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trivium.evidence.synthesis import (
    Comparative,
    Estimate,
    NotEstimable,
    Pooled,
    Result,
    Settings,
    SingleArm,
    leave_one_out,
    pool,
    proportion_interval,
)
from trivium.evidence.synthesis.settings import RANDOM

lawful = settings(
    max_examples=80,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
INVERSE = ("EE", *RANDOM)


@st.composite
def comparisons(draw: st.DrawFn, fewest: int = 1, most: int = 8, largest: int = 60) -> list[Comparative]:
    """Studies of two arms, zeros and full arms included."""
    rows = []
    for number in range(draw(st.integers(fewest, most))):
        n1, n2 = draw(st.integers(1, largest)), draw(st.integers(1, largest))
        a, c = draw(st.integers(0, n1)), draw(st.integers(0, n2))
        rows.append(Comparative(f"study {number}", a, n1, c, n2, "end"))
    return rows


@st.composite
def single_arms(draw: st.DrawFn, fewest: int = 1, most: int = 8) -> list[SingleArm]:
    """Studies of one arm, zeros and full arms included."""
    rows = []
    for number in range(draw(st.integers(fewest, most))):
        n = draw(st.integers(1, 80))
        rows.append(SingleArm(f"arm {number}", draw(st.integers(0, n)), n, "end"))
    return rows


@st.composite
def estimates(draw: st.DrawFn, fewest: int = 2, most: int = 10) -> list[Estimate]:
    """Mean differences with standard errors over four orders of magnitude."""
    return [
        Estimate(
            f"study {number}",
            "MD",
            draw(st.floats(-50, 50).map(lambda value: round(value, 3))),
            draw(st.floats(-2, 2).map(lambda power: round(10**power, 4))),
            "end",
        )
        for number in range(draw(st.integers(fewest, most)))
    ]


def swapped(rows: list[Comparative]) -> list[Comparative]:
    """The same studies, treated and control arm changed over."""
    return [
        Comparative(row.study, row.events_control, row.n_control, row.events_treated, row.n_treated, "end")
        for row in rows
    ]


def close(a: float | None, b: float | None, rel: float = 1e-7, abs_: float = 1e-9) -> bool:
    return a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=rel, abs_tol=abs_))


def same(a: Result, b: Result, sign: int = 1, unit: float = 1.0) -> bool:
    """Whether b is a, turned by `sign` and measured in another unit."""
    if isinstance(a, NotEstimable) or isinstance(b, NotEstimable):
        return type(a) is type(b)
    low, high = (b.low, b.high) if sign > 0 else (b.high, b.low)
    turned = [(a.estimate, b.estimate), (a.low, low), (a.high, high)]
    return close(a.se, None if b.se is None else b.se / unit) and all(
        close(one, None if other is None else sign * other / unit) for one, other in turned
    )


@lawful
@given(comparisons(), st.randoms(), st.sampled_from(["RR", "OR", "RD"]), st.sampled_from([*INVERSE, "MH"]))
def test_the_order_of_the_studies_does_not_matter(rows, random, measure, method) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(rows, len(rows))
    assert same(pool(rows, Settings(measure, method)), pool(shuffled, Settings(measure, method)))


@lawful
@given(single_arms(), st.randoms())
def test_the_order_of_single_arms_does_not_matter(rows, random) -> None:  # type: ignore[no-untyped-def]
    assert same(pool(rows, Settings("PROP")), pool(random.sample(rows, len(rows)), Settings("PROP")))


@lawful
@given(comparisons(), st.sampled_from([*INVERSE, "MH", "PETO"]))
def test_an_odds_ratio_turns_over_when_events_become_non_events(rows, method) -> None:  # type: ignore[no-untyped-def]
    turned = [
        replace(
            row,
            events_treated=row.n_treated - row.events_treated,
            events_control=row.n_control - row.events_control,
        )
        for row in rows
    ]
    assert same(pool(rows, Settings("OR", method)), pool(turned, Settings("OR", method)), sign=-1)


@lawful
@given(
    comparisons(),
    st.sampled_from([("OR", "PETO"), *((m, w) for m in ("RR", "OR", "RD") for w in (*INVERSE, "MH"))]),
)
def test_every_measure_turns_over_when_the_arms_change_places(rows, asked) -> None:  # type: ignore[no-untyped-def]
    turned = swapped(rows)
    assert same(pool(rows, Settings(*asked)), pool(turned, Settings(*asked)), sign=-1)


@settings(lawful, max_examples=25)
@given(comparisons(fewest=3, most=5, largest=20))
def test_the_logistic_model_of_comparisons_turns_over_both_ways(rows) -> None:  # type: ignore[no-untyped-def]
    turned = swapped(rows)
    first, second = pool(rows, Settings("OR", "GLMM")), pool(turned, Settings("OR", "GLMM"))
    if isinstance(first, Pooled) and isinstance(second, Pooled):
        assert math.isclose(first.estimate, -second.estimate, rel_tol=1e-5, abs_tol=1e-5)
    else:
        assert type(first) is type(second)


@settings(lawful, max_examples=40)
@given(single_arms(fewest=3))
def test_the_logistic_model_turns_over_when_events_become_non_events(rows) -> None:  # type: ignore[no-untyped-def]
    turned = [replace(row, events=row.n - row.events) for row in rows]
    first, second = pool(rows, Settings("PROP")), pool(turned, Settings("PROP"))
    if isinstance(first, Pooled) and isinstance(second, Pooled):
        assert math.isclose(first.natural.estimate, 1 - second.natural.estimate, abs_tol=1e-6)
    else:
        assert type(first) is type(second)


@lawful
@given(
    estimates(),
    st.sampled_from(INVERSE),
    st.sampled_from(["wald", "hk", "hk-max"]),
    st.sampled_from([0.01, 1000.0]),
)
def test_the_unit_does_not_matter(rows, method, interval, unit) -> None:  # type: ignore[no-untyped-def]
    scaled = [replace(row, estimate=row.estimate * unit, se=row.se * unit) for row in rows]
    first, second = (pool(one, Settings("MD", method, interval)) for one in (rows, scaled))
    assert isinstance(first, Pooled) and isinstance(second, Pooled)
    assert first.heterogeneity and second.heterogeneity
    assert close(first.heterogeneity.tau2, second.heterogeneity.tau2 / unit**2, 1e-6)
    assert close(first.heterogeneity.i2, second.heterogeneity.i2, 1e-6, 1e-6)
    assert same(first, second, unit=unit)


@lawful
@given(estimates(), st.sampled_from(INVERSE), st.floats(-100, 100))
def test_adding_the_same_to_every_study_adds_it_to_the_pool(rows, method, shift) -> None:  # type: ignore[no-untyped-def]
    shifted = [replace(row, estimate=row.estimate + shift) for row in rows]
    first, second = (pool(one, Settings("MD", method)) for one in (rows, shifted))
    assert isinstance(first, Pooled) and isinstance(second, Pooled)
    assert close(first.estimate + shift, second.estimate, 1e-6, 1e-6)
    assert close(first.se, second.se, 1e-5)


@lawful
@given(estimates())
def test_random_effects_are_equal_effects_where_q_does_not_exceed_its_degrees_of_freedom(rows) -> None:  # type: ignore[no-untyped-def]
    equal, random = pool(rows, Settings("MD", "EE")), pool(rows, Settings("MD", "DL", "wald"))
    assert isinstance(equal, Pooled) and isinstance(random, Pooled) and random.heterogeneity
    within = random.heterogeneity.q <= random.heterogeneity.df
    assert within == (random.heterogeneity.tau2 == 0)
    if within:
        assert same(equal, random)


@lawful
@given(estimates(fewest=3), st.sampled_from(["EE", "PM", "DL"]))
def test_the_studies_all_over_again_narrow_the_interval(rows, method) -> None:  # type: ignore[no-untyped-def]
    again = [*rows, *(replace(row, study=f"{row.study} again") for row in rows)]
    first, second = (pool(one, Settings("MD", method, "wald")) for one in (rows, again))
    assert isinstance(first, Pooled) and isinstance(second, Pooled)
    assert first.se is not None and second.se is not None and second.se < first.se


@lawful
@given(estimates(), st.sampled_from(INVERSE))
def test_the_pool_lies_among_the_studies_and_prediction_reaches_beyond_the_interval(rows, method) -> None:  # type: ignore[no-untyped-def]
    result = pool(rows, Settings("MD", method, "wald", "t_k_minus_1"))
    assert isinstance(result, Pooled)
    values = [row.estimate for row in rows]
    assert min(values) - 1e-9 <= result.estimate <= max(values) + 1e-9
    if result.prediction is not None:
        assert result.low is not None and result.high is not None
        assert result.prediction[0] <= result.low and result.high <= result.prediction[1]


@lawful
@given(estimates(), st.sampled_from(list(RANDOM)))
def test_tau_squared_solves_its_own_equation_or_is_zero(rows, method) -> None:  # type: ignore[no-untyped-def]
    import numpy as np

    from trivium.evidence.synthesis.variance import ESTIMATORS, _score, q_profile, q_statistic

    y, v = np.array([row.estimate for row in rows]), np.array([row.se**2 for row in rows])
    tau2 = ESTIMATORS[method](y, v)
    assert tau2 >= 0
    if method == "PM" and tau2 > 0:
        assert q_statistic(y, v, tau2) == pytest.approx(len(rows) - 1, rel=1e-10)
    if method in ("REML", "ML") and tau2 > 0:
        step = 1e-6 * tau2
        slopes = [_score(y, v, tau2 + sign * step, restricted=method == "REML") for sign in (-1, 1)]
        assert slopes[0] >= 0 >= slopes[1]
    bounds = q_profile(y, v, 0.95)
    if bounds is not None and method == "PM":
        assert bounds[0] <= tau2 <= bounds[1]


@lawful
@given(single_arms(), st.floats(0.5, 0.99))
def test_a_higher_level_never_narrows_an_interval(rows, level) -> None:  # type: ignore[no-untyped-def]
    first, second = (pool(rows, Settings("PROP", level=one)) for one in (level, (1 + level) / 2))
    if isinstance(first, Pooled) and isinstance(second, Pooled):
        low, high = (first.natural, second.natural)
        assert second.natural.low is not None and first.natural.low is not None
        assert high.low is not None and low.low is not None and high.low <= low.low
        assert high.high is not None and low.high is not None and low.high <= high.high


@lawful
@given(single_arms(), st.sampled_from(["", "EE", "COUNTS"]))
def test_a_pooled_proportion_and_its_interval_stay_between_nothing_and_all(rows, method) -> None:  # type: ignore[no-untyped-def]
    result = pool(rows, Settings("PROP", method))
    if isinstance(result, Pooled):
        low, high = result.natural.low, result.natural.high
        assert low is not None and high is not None
        assert 0 <= low <= result.natural.estimate <= high <= 1


@lawful
@given(st.integers(1, 60), st.data())
def test_more_events_raise_both_exact_limits(n, data) -> None:  # type: ignore[no-untyped-def]
    events = data.draw(st.integers(0, n - 1))
    before, after = proportion_interval(events, n), proportion_interval(events + 1, n)
    assert before[0] <= after[0] and before[1] <= after[1]
    assert before[0] < after[1]


@lawful
@given(comparisons(fewest=2, most=5), st.sampled_from(["RR", "OR", "RD"]), st.sampled_from(["REML", "MH"]))
def test_nothing_is_lost_every_study_is_pooled_or_named(rows, measure, method) -> None:  # type: ignore[no-untyped-def]
    result = pool(rows, Settings(measure, method))
    named = [one.study for one in result.studies] + [one.study for one in result.left_out]
    assert sorted(named) == sorted(row.study for row in rows)
    steps = leave_one_out(rows, Settings(measure, method))
    assert [step.label for step in steps] == [f"without {row.study}" for row in rows]


@lawful
@given(comparisons(fewest=1, most=1))
def test_one_table_by_mantel_haenszel_is_that_table(rows) -> None:  # type: ignore[no-untyped-def]
    (row,) = rows
    assume(0 < row.events_treated < row.n_treated and 0 < row.events_control < row.n_control)
    for measure in ("OR", "RR", "RD"):
        one, other = pool(rows, Settings(measure, "MH")), pool(rows, Settings(measure, "EE"))
        assert isinstance(one, Pooled) and isinstance(other, Pooled)
        assert close(one.estimate, other.estimate, abs_=1e-12)
        if measure != "RD":
            assert close(one.se, other.se)
