"""What may be pooled and what may not, what every result says of itself, and published numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis import (
    Comparative,
    Estimate,
    LeftOut,
    NotEstimable,
    Pooled,
    Row,
    Settings,
    SingleArm,
    as_data,
    effect_of,
    pool,
    proportion_interval,
)
from trivium.evidence.synthesis.rows import Measure
from trivium.evidence.synthesis.settings import METHODS, RANDOM

# BCG against tuberculosis (Colditz 1994): events and non-events, treated and control.
BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
    (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
]  # fmt: skip
ROWS = [Comparative(f"trial {i}", a, a + b, c, c + d, "end") for i, (a, b, c, d) in enumerate(BCG)]
SPARSE = [(0, 18, 7, 32), (1, 26, 5, 35), (0, 4, 0, 5), (3, 40, 9, 38)]
SMALL = [Comparative(f"study {i}", *table, "end") for i, table in enumerate(SPARSE)]


def pooled(rows: list[Row], settings: Settings) -> Pooled:
    result = pool(rows, settings)
    assert isinstance(result, Pooled), result
    return result


def refused(rows: list[Row], settings: Settings) -> NotEstimable:
    result = pool(rows, settings)
    assert isinstance(result, NotEstimable), result
    return result


def arms(*pairs: tuple[int, int]) -> list[Row]:
    return [SingleArm(f"arm {i}", events, n, "end") for i, (events, n) in enumerate(pairs)]


def tables(*found: tuple[int, int, int, int]) -> list[Row]:
    return [Comparative(f"study {i}", *table, "end") for i, table in enumerate(found)]


class TestPublishedNumbers:
    @pytest.mark.parametrize(
        ("method", "estimate", "tau2"),
        [
            ("DL", -0.714117, 0.30876),
            ("REML", -0.714532, 0.3132433),
            ("PM", -0.714968, 0.3180685),
            ("ML", -0.711199, 0.280028),
            ("HE", -0.715879, 0.328564),
            ("SJ", -0.717249, 0.345516),
        ],
    )
    def test_estimators_on_the_bcg_trials(self, method: str, estimate: float, tau2: float) -> None:
        result = pooled([*ROWS], Settings("RR", method))
        assert result.estimate == pytest.approx(estimate, abs=1e-6)
        assert result.heterogeneity is not None
        assert result.heterogeneity.tau2 == pytest.approx(tau2, abs=1e-6)

    def test_intervals_on_the_bcg_trials(self) -> None:
        wald = pooled([*ROWS], Settings("RR", "REML", "wald", "z"))
        assert (wald.low, wald.high) == pytest.approx((-1.066898, -0.362167), abs=1e-6)
        assert wald.prediction == pytest.approx((-1.866692, 0.437628), abs=1e-6)
        hartung = pooled([*ROWS], Settings("RR", "REML", "hk"))
        assert (hartung.low, hartung.high) == pytest.approx((-1.108444, -0.320621), abs=1e-6)
        assert hartung.prediction == pytest.approx((-1.996017, 0.566952), abs=1e-6)

    @pytest.mark.parametrize(
        ("measure", "method", "estimate", "low", "high"),
        [
            ("OR", "MH", -1.704621, -2.850671, -0.558571),
            ("RR", "MH", -1.515762, -2.588517, -0.443006),
            ("RD", "MH", -0.150189, -0.235213, -0.065165),
            ("OR", "PETO", -1.356672, -2.205617, -0.507727),
        ],
    )
    def test_sparse_tables(
        self, measure: Measure, method: str, estimate: float, low: float, high: float
    ) -> None:
        result = pooled([*SMALL], Settings(measure, method))
        assert (result.estimate, result.low, result.high) == pytest.approx((estimate, low, high), abs=1e-6)

    def test_the_logistic_model_of_comparisons_is_metafors(self) -> None:
        # rma.glmm(measure="OR", model="UM.FS", nAGQ=25) of metafor 3.8-1 on dat.bcg.
        result = pooled([*ROWS], Settings("OR", "GLMM"))
        assert result.estimate == pytest.approx(-0.7450, abs=1e-4)
        assert result.se == pytest.approx(0.17556, abs=1e-4)


class TestWhatMayNotBePooled:
    def test_single_arms_and_comparisons(self) -> None:
        for measure in ("PROP", "RR"):
            with pytest.raises(EvidenceError, match="in one pool"):
                pool([*SMALL, *arms((1, 5))], Settings(measure))

    def test_a_measure_that_is_not_that_of_the_rows(self) -> None:
        with pytest.raises(EvidenceError, match="single arms"):
            pool(arms((1, 5), (2, 6)), Settings("RR"))
        with pytest.raises(EvidenceError, match="comparisons"):
            pool([*SMALL], Settings("PROP"))
        with pytest.raises(EvidenceError, match="counts only"):
            pool([*SMALL], Settings("HR"))
        with pytest.raises(EvidenceError, match="reports OR"):
            pool([Estimate("a", "OR", 0.1, 0.2)], Settings("RR"))

    def test_different_time_points_unless_somebody_decides_so_and_then_it_is_said(self) -> None:
        rows: list[Row] = [replace(SMALL[0], time_point="3 months"), *SMALL[1:]]
        with pytest.raises(EvidenceError, match=r"3 months: study 0; end: study 1, study 2, study 3"):
            pool(rows, Settings("RR"))
        notes = pooled(rows, Settings("RR", mix_time_points=True)).notes
        assert "different time points were pooled, as was asked for: 3 months: study 0" in " ".join(notes)

    def test_a_time_point_not_stated_is_none_of_the_others(self) -> None:
        with pytest.raises(EvidenceError, match="not stated: study 0"):
            pool([replace(SMALL[0], time_point=None), *SMALL[1:]], Settings("RR"))
        silent = [replace(row, time_point=None) for row in SMALL]
        assert any("states its time point" in note for note in pooled([*silent], Settings("RR")).notes)

    def test_a_study_named_twice(self) -> None:
        with pytest.raises(EvidenceError, match="more than once: study 1"):
            pool([*SMALL, SMALL[1]], Settings("RR"))

    def test_nothing(self) -> None:
        with pytest.raises(EvidenceError, match="no studies"):
            pool([], Settings("RR"))

    @pytest.mark.parametrize("method", ["MH", "PETO", "GLMM"])
    def test_estimates_where_counts_are_added_up(self, method: str) -> None:
        with pytest.raises(EvidenceError, match="without counts"):
            pool([Estimate("a", "OR", 0.1, 0.2, "end"), *SMALL], Settings("OR", method))

    @pytest.mark.parametrize(
        ("measure", "method", "interval"),
        [
            ("PROP", "MH", ""), ("PROP", "PETO", ""), ("RR", "PETO", ""), ("RR", "COUNTS", ""),
            ("HR", "MH", ""), ("RR", "GLMM", ""), ("RR", "MH", "hk"),
            ("PROP", "GLMM", "hk-max"), ("RR", "REML", "exact"),
            ("PROP", "COUNTS", "wald"),
        ],
    )  # fmt: skip
    def test_methods_that_do_not_go_together(self, measure: Measure, method: str, interval: str) -> None:
        with pytest.raises(EvidenceError):
            Settings(measure, method, interval)

    @pytest.mark.parametrize(
        "words", [("XX", ""), ("RR", "GUESS"), ("RR", "REML", "t"), ("RR", "", "", "hk")]
    )
    def test_words_that_name_nothing(self, words: tuple[str, ...]) -> None:
        with pytest.raises(EvidenceError, match="is called"):
            Settings(*words)  # type: ignore[arg-type]


class TestWhatEveryResultSays:
    @pytest.mark.parametrize("method", METHODS)
    def test_its_estimator_interval_and_prediction_flavour(self, method: str) -> None:
        measure: Measure = "PROP" if method == "COUNTS" else "OR"
        rows: list[Row] = arms((1, 5), (3, 9), (2, 7)) if measure == "PROP" else [*ROWS]
        result = pooled(rows, Settings(measure, method))
        assert result.estimator and result.interval_method.startswith("95 %") and result.prediction_method
        assert method in RANDOM or method in ("GLMM",) or result.prediction_method.startswith("none")

    def test_the_flavour_of_prediction_is_named_and_makes_a_difference(self) -> None:
        wide = {}
        for flavour in ("z", "t_k_minus_1", "t_k_minus_2"):
            result = pooled([*ROWS], Settings("RR", "REML", prediction=flavour))
            assert result.prediction is not None
            wide[result.prediction_method] = result.prediction[1] - result.prediction[0]
        assert len(wide) == 3 and [*wide.values()] == sorted(wide.values())
        assert [*wide] == [
            "normal quantile, Hartung-Knapp standard error",
            "t with k - 1 = 12 df, Hartung-Knapp standard error",
            "t with k - 2 = 11 df, Hartung-Knapp standard error",
        ]

    def test_two_studies_predict_nothing_and_are_said_to_be_few(self) -> None:
        result = pooled(tables((3, 20, 9, 21), (5, 30, 6, 28)), Settings("RR"))
        assert result.prediction is None and "fewer than 3 studies" in result.prediction_method
        assert any("rests on one difference" in note for note in result.notes)

    def test_hartung_knapp_with_q_below_one_is_narrower_and_said_to_be(self) -> None:
        alike = tables((10, 100, 20, 100), (11, 100, 21, 100), (10, 101, 20, 99))
        narrow, wide = pooled(alike, Settings("RR", "REML", "hk")), pooled(alike, Settings("RR", "REML"))
        assert narrow.se is not None and wide.se is not None and narrow.se < wide.se
        assert any("below 1" in note for note in narrow.notes)
        assert not any("below 1" in note for note in wide.notes)

    def test_numbers_and_words_are_all_in_its_data(self) -> None:
        data = as_data(pool([*SMALL], Settings("RR")))
        assert [one["study"] for one in data["studies"]] == ["study 0", "study 1", "study 3"]
        assert data["left_out"] == [
            {
                "study": "study 2",
                "counts": ["0/4", "0/5"],
                "reason": "no events in either arm: it says nothing about a ratio",
            }
        ]
        assert data["estimate"] == pytest.approx(math.exp(data["analysis"]["estimate"]))
        assert sum(one["weight"] for one in data["studies"]) == pytest.approx(100)


class TestZeros:
    def test_one_sided_zeros_are_corrected_and_named(self) -> None:
        result = pooled([*SMALL], Settings("RR", "REML", "wald"))
        assert (result.estimate, result.se) == pytest.approx((-1.311863, 0.50546), abs=1e-6)
        assert result.k == 3
        assert "0.5 was added to each cell of study 0, for an empty cell" in result.notes
        assert [study.corrected for study in result.studies] == [0.5, 0.0, 0.0]

    def test_double_zeros_are_left_out_of_ratios_by_name_and_kept_in_differences(self) -> None:
        for method in ("REML", "MH"):
            assert [one.study for one in pooled([*SMALL], Settings("OR", method)).left_out] == ["study 2"]
            assert pooled([*SMALL], Settings("RD", method)).left_out == ()

    def test_double_zeros_are_kept_where_that_is_asked_for(self) -> None:
        assert pooled([*SMALL], Settings("OR", "REML", double_zero="keep")).k == 4
        assert pooled([*SMALL], Settings("RD", "REML", double_zero="drop")).k == 3

    def test_methods_on_counts_add_nothing(self) -> None:
        with_it = pooled([*SMALL], Settings("OR", "MH"))
        without = pooled([*SMALL], Settings("OR", "MH", correction=0))
        assert with_it.estimate == without.estimate
        assert any("counts as they are" in note for note in with_it.notes)

    def test_without_a_correction_a_table_with_an_empty_cell_has_no_ratio(self) -> None:
        result = pooled([*SMALL], Settings("RR", "REML", correction=0))
        assert {one.study for one in result.left_out} == {"study 0", "study 2"}

    @pytest.mark.parametrize(
        ("measure", "method"), [("OR", "MH"), ("RR", "MH"), ("OR", "PETO"), ("OR", "GLMM"), ("RR", "REML")]
    )
    def test_an_outcome_that_never_occurs_has_no_ratio(self, measure: Measure, method: str) -> None:
        result = refused(tables((0, 10, 0, 10), (0, 15, 0, 10), (0, 20, 0, 30)), Settings(measure, method))
        assert "no events in either arm" in result.reason
        assert len(result.left_out) == 3

    def test_a_difference_of_nothing_is_nothing_without_an_interval(self) -> None:
        result = pooled(tables((0, 10, 0, 10), (0, 15, 0, 10)), Settings("RD", "MH"))
        assert (result.estimate, result.se, result.low, result.high) == (0.0, None, None, None)
        assert result.interval_method.startswith("none")

    @pytest.mark.parametrize("found", [[(0, 10, 3, 10), (0, 12, 4, 9)], [(3, 10, 0, 10), (4, 12, 0, 9)]])
    def test_a_ratio_of_zero_or_infinity_is_none(self, found: list[tuple[int, int, int, int]]) -> None:
        for measure in ("OR", "RR"):
            assert "the ratio is" in refused(tables(*found), Settings(measure, "MH")).reason
        assert isinstance(pool(tables(*found), Settings("OR", "PETO")), Pooled)

    def test_a_table_full_of_events_speaks_for_a_risk_ratio_of_one_in_mantel_haenszel(self) -> None:
        found = tables((10, 10, 12, 12), (5, 10, 8, 10))
        assert pooled(found, Settings("RR", "MH")).k == 2
        assert [one.study for one in pooled(found, Settings("OR", "MH")).left_out] == ["study 0"]


class TestSingleArms:
    def test_two_arms_have_no_random_effects_pool_and_it_says_why(self) -> None:
        for method in ("GLMM", "REML"):
            result = refused(arms((3, 10), (5, 9)), Settings("PROP", method))
            assert "one difference cannot show how far studies spread" in result.reason
            assert len(result.studies) == 2

    @pytest.mark.parametrize(("events", "n"), [(0, 14), (14, 14)])
    @pytest.mark.parametrize("k", [2, 3])
    def test_none_or_all_with_events_are_added_up_with_an_exact_interval(
        self, events: int, n: int, k: int
    ) -> None:
        sizes = [7, 7] if k == 2 else [7, 4, 3]
        result = pooled(arms(*((size if events else 0, size) for size in sizes)), Settings("PROP"))
        assert (result.natural.estimate, result.natural.low, result.natural.high) == pytest.approx(
            (events / n, *proportion_interval(events, n))
        )
        assert result.estimator == f"exact pooled counts, {events} of {n}"

    def test_one_arm_comes_back_as_it_is(self) -> None:
        for method in ("", "REML", "COUNTS"):
            result = pooled(arms((3, 10)), Settings("PROP", method))
            assert result.natural.estimate == 0.3
            assert (result.natural.low, result.natural.high) == proportion_interval(3, 10)
            assert "nothing was pooled" in " ".join(result.notes)

    def test_the_logistic_model_at_no_spread_is_the_pooled_count(self) -> None:
        result = pooled(arms((3, 10), (6, 20), (9, 30)), Settings("PROP"))
        assert result.heterogeneity is not None and result.heterogeneity.tau2 == 0
        assert result.natural.estimate == pytest.approx(0.3, abs=1e-12)
        assert result.se == pytest.approx(math.sqrt(1 / 18 + 1 / 42), rel=1e-9)
        assert any("no spread" in note for note in result.notes)

    def test_studies_of_nobody_and_everybody_have_no_bound(self) -> None:
        assert "has no bound" in refused(arms((0, 9), (8, 8), (0, 7)), Settings("PROP")).reason

    def test_what_the_model_takes_as_it_is_bears_no_mark_of_a_correction(self) -> None:
        rows = arms((0, 9), (3, 8), (2, 7))
        assert {study.corrected for study in pooled(rows, Settings("PROP")).studies} == {0.0}
        by_variance = pooled(rows, Settings("PROP", "EE"))
        assert [study.corrected for study in by_variance.studies] == [0.5, 0.0, 0.0]
        assert any("0.5 was added to events and non-events of arm 0" in note for note in by_variance.notes)

    def test_huge_counts_do_not_overflow(self) -> None:
        result = pooled(arms((10**6, 10**7), (2 * 10**6, 10**7), (10**6, 4 * 10**6)), Settings("PROP"))
        assert 0.1 < result.natural.estimate < 0.25


class TestOneComparison:
    @pytest.mark.parametrize("method", ["EE", *RANDOM, "GLMM"])
    def test_it_comes_back_unchanged(self, method: str) -> None:
        (row,) = tables((5, 30, 11, 31))
        alone = effect_of(row, Settings("OR"))
        assert not isinstance(alone, LeftOut)
        result = pooled([row], Settings("OR", method))
        assert (result.estimate, result.se) == pytest.approx((alone.estimate, alone.se), rel=1e-12)
        assert result.natural.low == pytest.approx(alone.natural.low)
        assert "unchanged" in result.estimator and result.heterogeneity is None


class TestReportedEstimates:
    def test_the_standard_error_comes_from_the_interval(self) -> None:
        row = Estimate.from_interval("a", "HR", 0.45, 0.20, 1.02, decimals=2)
        assert row.se == pytest.approx(math.log(1.02 / 0.20) / 2 / 1.959964, rel=1e-6)
        assert row.estimate == math.log(0.45)

    @pytest.mark.parametrize(
        ("estimate", "low", "high", "decimals"),
        [
            (0.45, 0.20, 0.70, 2),
            (0.9, 0.2, 1.02, 2),
            (1.1, 0.5, 1.0, 2),
            (0.5, 0.0, 1.2, 1),
            (0.5, 0.9, 0.4, 1),
        ],
    )
    def test_an_interval_that_is_none_of_walds_is_refused(
        self, estimate: float, low: float, high: float, decimals: int
    ) -> None:
        with pytest.raises(EvidenceError):
            Estimate.from_interval("a", "HR", estimate, low, high, decimals=decimals)

    def test_what_rounding_explains_is_let_pass(self) -> None:
        Estimate.from_interval("a", "HR", 0.3, 0.1, 1.2, decimals=1)
        with pytest.raises(EvidenceError, match="middle"):
            Estimate.from_interval("a", "HR", 0.300, 0.100, 1.200, decimals=3)

    def test_they_may_stand_beside_counts_and_it_is_said(self) -> None:
        adjusted = Estimate.from_interval("adjusted", "OR", 0.5, 0.25, 1.0, time_point="end")
        result = pooled([adjusted, *SMALL], Settings("OR"))
        assert any("perhaps adjusted" in note and "adjusted" in note for note in result.notes)
        assert any("printed intervals: adjusted" in note for note in result.notes)

    @pytest.mark.parametrize(
        ("estimate", "se"),
        [(math.nan, 1), (1, 0), (1, -1), (math.inf, 1), (1, math.inf), (710.0, 1), (1, 1e-13), (1, 51.0)],
    )
    def test_numbers_that_are_none_are_refused(self, estimate: float, se: float) -> None:
        with pytest.raises(EvidenceError):
            Estimate("a", "HR", estimate, se)

    def test_a_proportion_needs_its_counts(self) -> None:
        with pytest.raises(EvidenceError, match="without its counts"):
            Estimate("a", "PROP", 0.1, 0.1)
