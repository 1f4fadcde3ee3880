"""Leave-one-out, cumulative, subgroups, small studies: metafor on the BCG trials, and what has no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis import (
    Comparative,
    NotEstimable,
    Pooled,
    Row,
    Settings,
    SingleArm,
    cumulative,
    leave_one_out,
    pool,
    small_study,
    subgroups,
)
from trivium.evidence.synthesis.table import read_table

BCG = Path(__file__).resolve().parents[2] / "src" / "trivium" / "evidence" / "synthesis" / "bcg.csv"
ROWS = read_table(BCG, "RR").rows
WALD = Settings("RR", "REML", "wald")


def number(result: object) -> float:
    assert isinstance(result, Pooled), result
    return result.estimate


def test_leave_one_out() -> None:
    steps = leave_one_out(ROWS, WALD)
    assert [step.label for step in steps[:2]] == ["without Aronson 1948", "without Ferguson & Simes 1949"]
    found = [number(step.result) for step in steps]
    assert (found[0], found[3], found[7]) == pytest.approx((-0.707084, -0.628409, -0.794768), abs=1e-6)
    assert leave_one_out(ROWS[:1], WALD) == ()


def test_cumulative_by_year() -> None:
    found = cumulative(ROWS, WALD)
    assert [step.label for step in found.steps[:3]] == [
        "1948 + Aronson 1948", "1949 + Ferguson & Simes 1949", "1953 + Stein & Aronson 1953",
    ]  # fmt: skip
    values = [number(step.result) for step in found.steps]
    assert values[:3] == pytest.approx([-0.889311, -1.325003, -0.972080], abs=1e-6)
    assert values[-1] == pytest.approx(number(pool(ROWS, WALD)), rel=1e-12)


def test_a_study_without_a_year_is_named_and_takes_no_part_in_the_cumulative_pool() -> None:
    found = cumulative([replace(ROWS[0], year=None), *ROWS[1:]], WALD)
    assert len(found.steps) == 12
    assert [(one.study, one.reason) for one in found.left_out] == [("Aronson 1948", "its year is not stated")]


class TestSubgroups:
    def test_each_group_has_its_own_tau_squared_and_q_is_between_them(self) -> None:
        for settings in (WALD, Settings("RR")):  # Q does not depend on the interval that is shown
            found = subgroups(ROWS, settings)
            values = {step.label: number(step.result) for step in found.steps}
            assert values == pytest.approx(
                {"random": -0.970965, "alternate": -0.540793, "systematic": -0.424207}, abs=1e-6
            )
            assert found.q == pytest.approx(1.861445, abs=1e-5) and found.df == 2
            assert found.p_value == pytest.approx(0.394269, abs=1e-5)

    def test_one_group_has_nothing_to_be_compared_with(self) -> None:
        found = subgroups([replace(row, group="") for row in ROWS], WALD)
        assert [step.label for step in found.steps] == ["no group stated"]
        assert found.q is None and "one group" in found.reason

    def test_a_group_without_an_estimate_leaves_no_test_and_says_why(self) -> None:
        rows: list[Row] = [SingleArm(f"a{i}", 2 + i, 10, group="A") for i in range(3)]
        rows += [SingleArm(f"b{i}", 3, 11 + i, group="B") for i in range(2)]
        found = subgroups(rows, Settings("PROP"))
        assert isinstance(found.steps[1].result, NotEstimable)
        assert found.q is None and "not every group" in found.reason

    def test_groups_are_held_to_the_same_rules(self) -> None:
        rows = [replace(ROWS[0], time_point="a"), replace(ROWS[1], time_point="b", group="random")]
        with pytest.raises(EvidenceError, match="time points"):
            subgroups(rows, WALD)


class TestSmallStudies:
    def test_egger(self) -> None:
        found = small_study(ROWS, WALD)
        assert found.egger is not None
        assert found.egger.intercept == pytest.approx(-2.1120421, abs=1e-6)
        assert found.egger.se == pytest.approx(1.5072213, abs=1e-6)
        assert found.egger.df == 11 and found.egger.p_value == pytest.approx(0.188707, abs=1e-6)
        assert (len(found.points), found.scale) == (13, "log")

    @pytest.mark.parametrize("k", [1, 9])
    def test_none_below_ten_studies_and_why(self, k: int) -> None:
        found = small_study(ROWS[:k], WALD)
        assert found.egger is None and f"with {k} of at least 10 studies" in found.reason
        assert len(found.points) == k

    def test_none_for_proportions(self) -> None:
        arms = [SingleArm(str(i), 1 + i % 4, 10 + i) for i in range(12)]
        found = small_study(arms, Settings("PROP"))
        assert found.egger is None and "follows from the proportion" in found.reason
        assert found.centre is not None and found.scale == "logit"

    def test_counts_added_up_lie_on_another_scale_than_the_points(self) -> None:
        found = small_study([SingleArm(str(i), 0, 10 + i) for i in range(4)], Settings("PROP"))
        assert found.centre is None and found.scale == "logit"

    def test_none_where_all_weigh_the_same(self) -> None:
        rows = [Comparative(str(i), 5, 20, 5, 20) for i in range(10)]
        assert "same standard error" in small_study(rows, WALD).reason
