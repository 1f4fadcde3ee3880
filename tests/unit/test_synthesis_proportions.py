"""Intervals of one proportion and of one 2 by 2 table: published numbers, and what defines them."""

from __future__ import annotations

import math

import pytest
from scipy import special

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis import number_needed, proportion_interval, treated_risk
from trivium.evidence.synthesis.one_table import (
    INTERVALS,
    difference_mee,
    difference_miettinen_nurminen,
    ratio_koopman,
)
from trivium.evidence.synthesis.proportions import INTERVALS as METHODS

SIZES = [(0, 1), (1, 1), (0, 30), (30, 30), (1, 30), (7, 12), (499, 1000), (1, 10**7)]


@pytest.mark.parametrize(
    ("events", "n", "method", "low", "high"),
    [
        # R binom::binom.confint, as kept in the tests of statsmodels.
        (18, 20, "exact", 0.6830173, 0.9876515),
        (0, 30, "exact", 0.0, 0.1157033),
        (30, 30, "exact", 0.8842967, 1.0),
        (4, 200, "wilson", 0.0078044, 0.0502871),
        (30, 30, "wilson", 0.8864866, 1.0),
        (1, 30, "agresti-coull-clipped", 0.0, 0.180918),
    ],
)
def test_published_intervals(events: int, n: int, method: str, low: float, high: float) -> None:
    assert proportion_interval(events, n, method) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("events", "n"), SIZES)
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_exact_limits_are_where_the_binomial_tail_is_half_of_what_is_left(
    events: int, n: int, level: float
) -> None:
    low, high = proportion_interval(events, n, "exact", level)
    tail = (1 - level) / 2
    if events > 0:  # P(X >= events) at the lower limit
        assert special.betainc(events, n - events + 1, low) == pytest.approx(tail, rel=1e-9)
    if events < n:  # P(X <= events) at the upper limit
        assert 1 - special.betainc(events + 1, n - events, high) == pytest.approx(tail, rel=1e-9)


@pytest.mark.parametrize(("events", "n"), SIZES)
@pytest.mark.parametrize("method", METHODS)
def test_every_interval_holds_its_proportion_and_turns_with_it(events: int, n: int, method: str) -> None:
    low, high = proportion_interval(events, n, method)
    assert low <= events / n <= high
    turned = proportion_interval(n - events, n, method)
    assert (1 - turned[1], 1 - turned[0]) == pytest.approx((low, high), abs=1e-12)


def test_the_exact_interval_is_never_narrower_than_wilsons_where_both_ends_are_inside() -> None:
    for n in range(2, 40):
        for events in range(1, n):
            exact, score = proportion_interval(events, n), proportion_interval(events, n, "wilson")
            assert exact[1] - exact[0] > score[1] - score[0]


def test_agresti_coull_may_leave_the_unit_and_its_clipped_form_may_not() -> None:
    assert proportion_interval(0, 30, "agresti-coull")[0] < 0
    assert proportion_interval(0, 30, "agresti-coull-clipped")[0] == 0


@pytest.mark.parametrize(("events", "n"), [(-1, 5), (6, 5), (0, 0), (True, 5), (1.0, 5)])
def test_counts_that_cannot_be_are_refused(events: int, n: int) -> None:
    with pytest.raises(EvidenceError):
        proportion_interval(events, n)


def test_an_unknown_method_or_level_is_refused() -> None:
    with pytest.raises(EvidenceError, match="'jeffreys'"):
        proportion_interval(1, 2, "jeffreys")
    for level in (0, 1, 95):
        with pytest.raises(EvidenceError, match="level"):
            proportion_interval(1, 2, "exact", level)


class TestOneTable:
    def test_the_difference_by_score_is_where_its_statistic_meets_z(self) -> None:
        # R PropCIs::diffscoreci(7, 34, 1, 34, 0.95) and riskscoreci of the same.
        assert difference_miettinen_nurminen(7, 34, 1, 34, 0.95) == pytest.approx(
            (0.0270416, 0.3452912), abs=6e-7
        )
        assert ratio_koopman(7, 34, 1, 34, 0.95) == pytest.approx((1.220853, 42.575718), abs=6e-7)

    def test_without_the_small_sample_factor_the_interval_is_narrower(self) -> None:
        wide, narrow = difference_miettinen_nurminen(7, 34, 1, 34, 0.95), difference_mee(7, 34, 1, 34, 0.95)
        assert wide[0] < narrow[0] < narrow[1] < wide[1]

    @pytest.mark.parametrize("name", [name for name in INTERVALS if name.startswith("diff")])
    @pytest.mark.parametrize(
        "table", [(7, 34, 1, 34), (0, 10, 0, 12), (10, 10, 12, 12), (0, 9, 9, 9), (3, 3, 0, 4)]
    )
    def test_differences_turn_sign_when_the_arms_change_places(
        self, name: str, table: tuple[int, int, int, int]
    ) -> None:
        x1, n1, x2, n2 = table
        low, high = INTERVALS[name](x1, n1, x2, n2, 0.95)
        turned = INTERVALS[name](x2, n2, x1, n1, 0.95)
        assert (-turned[1], -turned[0]) == pytest.approx((low, high), abs=1e-9)
        if "wald" not in name and "caffo" not in name:
            assert -1 <= low <= x1 / n1 - x2 / n2 <= high <= 1
            assert high - low > 0.1, "a dozen patients without events do not settle a difference"

    def test_ratios_without_events_are_refused(self) -> None:
        for name in ("ratio_katz_log", "ratio_koopman", "or_woolf"):
            with pytest.raises(EvidenceError, match=" ratio"):
                INTERVALS[name](0, 10, 3, 10, 0.95)


class TestAbsoluteEffects:
    def test_an_odds_ratio_at_a_risk_gives_the_risk_with_treatment(self) -> None:
        # Cochrane Handbook 5.1, 12.5.4.3: OR 0.73 at 300 per 1000.
        assert round(1000 * (0.3 - treated_risk("OR", 0.73, 0.3))) == 62
        assert number_needed(0.3 - treated_risk("OR", 0.73, 0.3)) == 17

    def test_a_hazard_ratio_works_on_survival(self) -> None:
        assert treated_risk("HR", 2.0, 0.5) == pytest.approx(0.75)

    def test_no_risk_is_above_one(self) -> None:
        assert treated_risk("RR", 4.0, 0.5) == 1.0

    def test_impossible_ratios_and_risks_are_refused(self) -> None:
        for measure, ratio, risk in (("OR", -1.0, 0.2), ("RR", 0.5, 1.2), ("RR", 0.0, 0.5)):
            with pytest.raises(EvidenceError):
                treated_risk(measure, ratio, risk)
        with pytest.raises(EvidenceError):
            number_needed(0.0)

    def test_a_whole_number_needed_is_not_raised_by_rounding(self) -> None:
        assert number_needed(0.1) == 10
        assert number_needed(-1 / 3) == 3
        assert number_needed(0.0999) == math.ceil(1 / 0.0999)
