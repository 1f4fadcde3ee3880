"""What a reference case leaves open is read in every usual way, and the way that agrees is said."""

from __future__ import annotations

from pathlib import Path

from tests.unit.test_synthesis_reference import NEVER, agree, case, judged

from trivium.evidence.synthesis.reference.judge import judge_file


def test_a_prediction_interval_without_its_flavour(tmp_path: Path) -> None:
    for bounds, flavour in (
        ([-1.866692, 0.437628], "z"),
        ([-1.995342, 0.566277], "t_k_minus_1"),
        ([-2.008376, 0.579311], "t_k_minus_2"),
    ):
        found = judged(tmp_path, case({"REML": {"pi": bounds}}))
        assert agree(found) and f"taken to be {flavour}" in found[0].note


def test_double_zeros_kept_or_left_out(tmp_path: Path) -> None:
    data = {"ai": [0, 1, 0, 3], "n1i": [18, 26, 4, 40], "ci": [7, 5, 0, 9], "n2i": [32, 35, 5, 38]}
    left_out, kept = {"EE": {"k": 3, "est": -1.311863}}, {"EE": {"est": -1.213697}}
    assert agree(judged(tmp_path, case(left_out, data, "log risk ratio")))
    found = judged(tmp_path, case(kept, data, "log risk ratio"))
    assert agree(found) and "kept" in found[0].note
    assert not agree(judged(tmp_path, case(kept, data, "log risk ratio, double-zero dropped")))


def test_a_logistic_model_without_any_event(tmp_path: Path) -> None:
    data = {"xi": [0, 0, 0], "ni": [10, 12, 8]}
    assert agree(judged(tmp_path, case({"GLMM": "not estimable"}, data, "GLMM")))
    found = judged(tmp_path, case({"GLMM": {"p": [0, 0, 0.1157033]}}, data, "GLMM"))
    assert agree(found) and "exact pooled counts, 0 of 30" in found[0].note
    assert not agree(judged(tmp_path, case({"GLMM": {"est": -5.0}}, data, "GLMM")))


def test_a_difference_without_variance(tmp_path: Path) -> None:
    for written in (0, [0, 0, 0], {"est": 0, "ci": "not estimable"}, {"ci": [0, 0]}):
        assert agree(judged(tmp_path, case({"MH_RD": written}, NEVER))), written


def test_numbers_that_yaml_takes_for_text(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "cases:\n- id: a\n  method: REML, given y and v\n  data: {yi: [1, 2e0], vi: [1e-2, 1e-2]}\n"
        "  expected: {est: 15e-1, se: 5e-1}\n  tolerance_abs: 1e-6\n",
        encoding="utf-8",
    )
    assert agree(judge_file(path))


def test_a_level_beside_single_proportions(tmp_path: Path) -> None:
    data = {"cases": [[3, 12]], "level": 90}
    assert agree(judged(tmp_path, case({"exact": [[0.0718704, 0.5273266]]}, data, "single proportion")))
