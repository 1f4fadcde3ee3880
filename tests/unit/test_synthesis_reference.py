"""Reference files: every number is judged by its key and its data, never by the name of its case."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from tests.unit.command_line import command

from trivium.core.errors import RecordError
from trivium.evidence.synthesis.reference.judge import Judgement, judge_file
from trivium.evidence.synthesis.reference.keys import Wanted, read_key

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "tests" / "data" / "synthesis" / "reference.yaml"
SHARED = ROOT.parent / "shared" / "dossier" / "synthesis_reference.yaml"
BCG = {
    "tpos": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "tneg": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    "cpos": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "cneg": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
}
NEVER = {"ai": [0, 0], "bi": [10, 15], "ci": [0, 0], "di": [10, 10]}
REML_RR = {"est": -0.714532, "se": 0.179782, "tau2": 0.313243}


def judged(tmp_path: Path, *cases: dict[str, Any], **top: Any) -> list[Judgement]:
    path = tmp_path / "cases.yaml"
    path.write_text(json.dumps({"version": 1, "cases": list(cases), **top}), encoding="utf-8")
    return judge_file(path)


def case(expected: Any, data: Any = None, method: str = "REML log risk ratio", **more: Any) -> dict[str, Any]:
    return {
        "id": "any",
        "method": method,
        "data": BCG if data is None else data,
        "expected": expected,
        "tolerance_abs": 1e-5,
        **more,
    }


def verdicts(found: list[Judgement]) -> list[str]:
    return [one.verdict for one in found]


def agree(found: list[Judgement]) -> bool:
    return bool(found) and set(verdicts(found)) == {"agrees"}


FILES = [
    pytest.param(OURS, id="ours"),
    pytest.param(
        SHARED,
        id="shared",
        marks=[
            pytest.mark.shared,
            pytest.mark.skipif(not SHARED.exists(), reason=f"no reference cases at {SHARED}"),
        ],
    ),
]


@pytest.mark.parametrize("path", FILES)
def test_every_number_agrees(path: Path) -> None:
    found = judge_file(path)
    assert len(found) > 100
    assert [one for one in found if one.verdict != "agrees"] == []


@pytest.mark.parametrize("path", FILES)
def test_names_of_cases_mean_nothing(path: Path, tmp_path: Path) -> None:
    import yaml

    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {one["id"]: f"case-{number}" for number, one in enumerate(document["cases"])}
    for one in document["cases"]:
        one["id"] = names[one["id"]]
        if "same_as" in one["data"]:
            one["data"]["same_as"] = names[one["data"]["same_as"]]
    assert agree(judged(tmp_path, *document["cases"]))


@pytest.mark.parametrize("path", FILES)
def test_every_number_that_is_altered_is_noticed(path: Path, tmp_path: Path) -> None:
    import yaml

    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for one in document["cases"]:
        one["expected"] = _moved(one["expected"])
        one["notes"] = ""  # what a note accepts is accepted wherever the number stands
    found = judged(tmp_path, *document["cases"])
    assert [one for one in found if one.verdict == "agrees"] == []


def _moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: one if key.startswith("tolerance") else _moved(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one) for one in value]
    if isinstance(value, str):
        return 0.123 if value == "not estimable" else value
    return value * 1.2 + 0.9 + (20 if abs(value) >= 10 else 0)


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "wanted"),
        [
            ("hk_ci", Wanted(interval="hk", quantity="ci")),
            ("hk_max_se", Wanted(interval="hk-max", quantity="se")),
            ("DL_exp", Wanted(method="DL", scale="exp")),
            ("PI_exp", Wanted(quantity="pi", scale="exp")),
            ("pi_z", Wanted(quantity="pi", flavour="z")),
            ("pi_hk_z", Wanted(quantity="pi", flavour="z", interval="hk")),
            ("pi_t_k_minus_2", Wanted(quantity="pi", flavour="t_k_minus_2")),
            ("pi_hk_t_k_minus_1", Wanted(quantity="pi", interval="hk", flavour="t_k_minus_1")),
            (
                "pi_hk_max_t_k_minus_1_exp",
                Wanted(quantity="pi", interval="hk-max", flavour="t_k_minus_1", scale="exp"),
            ),
            ("MH_RR", Wanted(method="MH", measure="RR")),
            ("Peto_OR_exp", Wanted(method="PETO", measure="OR", scale="exp")),
            ("IV_RR_cc05", Wanted(method="IV", measure="RR", correction="0.5")),
            ("IV_OR_cc025", Wanted(method="IV", measure="OR", correction="0.25")),
            ("logit_REML_p", Wanted(transform="logit", method="REML", scale="p")),
            ("tau2_ci_qprofile", Wanted(quantity="tau2_ci")),
            ("I2_ci", Wanted(quantity="i2_ci")),
            ("yi_times_2", Wanted(quantity="yi", times="2")),
            ("pooled_unweighted_p", Wanted(weights="equal", scale="p")),
            ("k_used", Wanted(quantity="k")),
        ],
    )
    def test_words_fill_slots_in_any_combination(self, key: str, wanted: Wanted) -> None:
        assert read_key(key) == wanted

    @pytest.mark.parametrize("key", ["est_of_something", "REML_DL", "bogus", "hk_wald_ci", "MH_RR_OR"])
    def test_what_is_not_known_or_said_twice_is_not_judged_with_a_reason(
        self, key: str, tmp_path: Path
    ) -> None:
        (found,) = judged(tmp_path, case({key: 0.5}))
        assert found.verdict == "not judged" and found.note

    def test_an_inner_key_may_not_contradict_the_outer_one(self, tmp_path: Path) -> None:
        (found,) = judged(tmp_path, case({"REML": {"DL_est": 0.5}}))
        assert found.verdict == "not judged" and "two of a kind" in found.note


class TestOtherCombinations:
    """Keys and data of the known cases, put together in other ways; numbers from metafor 3.8-1."""

    def test_hartung_knapp_and_prediction_with_other_estimators(self, tmp_path: Path) -> None:
        expected = {
            "PM": {
                "hk_ci": [-1.109098, -0.320838],
                "hk_exp": [0.489208, 0.329856, 0.725541],
                "pi_z": [-1.875807, 0.445871],
                "pi_t_k_minus_1": [-2.005426, 0.575490],
                "tau": 0.563976,
                "H2": 13.038384,
            },
            "DL": {"hk_se": 0.180697, "pi_hk_t_k_minus_1": [-1.987207, 0.558973], "df": 12},
        }
        assert agree(judged(tmp_path, case(expected)))

    def test_names_of_measure_and_estimator_come_from_the_method_when_the_key_is_silent(
        self, tmp_path: Path
    ) -> None:
        assert agree(judged(tmp_path, case(REML_RR)))
        assert agree(judged(tmp_path, case({"est": -0.747392}, method="DerSimonian-Laird on log odds ratio")))
        assert agree(judged(tmp_path, case({"MH": [-0.453710, -0.530809, -0.376610]}, method="risk ratio")))

    def test_a_measure_that_nobody_names_is_not_guessed(self, tmp_path: Path) -> None:
        for method in ("REML", "REML: RR and OR"):
            found = judged(tmp_path, case({"est": -0.7}, method=method))
            assert verdicts(found) == ["not judged"] and "measure" in found[0].note

    def test_several_estimators_without_a_word_which_are_judged_only_when_they_agree(
        self, tmp_path: Path
    ) -> None:
        data = {"yi": [1.0, 1.1, 0.9], "vi": [1.0, 1.0, 1.0]}
        assert agree(judged(tmp_path, case({"est": 1.0, "tau2": 0}, data, "DL and REML, tau2 = 0")))
        found = judged(tmp_path, case({"est": -0.714532}, method="DL and REML on log RR"))
        assert verdicts(found) == ["not judged"] and "DL, REML" in found[0].note

    def test_a_level_in_the_data_the_case_or_the_method(self, tmp_path: Path) -> None:
        expected = {"REML": {"ci": [-1.010247, -0.418818]}}
        for more in (
            {"data": {**BCG, "level": 90}},
            {"level": 0.9},
            {"method": "log risk ratio at the 90% level"},
        ):
            arguments = {"data": BCG, "method": "log risk ratio", **more}
            assert agree(judged(tmp_path, case(expected, **arguments))), more  # type: ignore[arg-type]

    def test_standard_errors_instead_of_variances(self, tmp_path: Path) -> None:
        data = {"yi": [61, 61.4, 62.21], "sei": [0.45, 1.1, 0.3]}
        other = {"yi": [61, 61.4, 62.21], "vi": [0.2025, 1.21, 0.09]}
        (found,) = judged(tmp_path, case({"est": 0.0}, data, "PM"))
        (same,) = judged(tmp_path, case({"est": 0.0}, other, "PM"))
        assert isinstance(found.computed, float) and found.computed == pytest.approx(same.computed, rel=1e-12)

    def test_percentage_points(self, tmp_path: Path) -> None:
        data = {"ai": [2, 4, 6], "n1i": [39, 44, 107], "ci": [1, 4, 4], "n2i": [43, 44, 110]}
        plain, points = (
            judged(tmp_path, case({"DL": {"est": 0, "se": 0, "tau2": 0, "Q": 0}}, {**data, "measure": named}))
            for named in ("RD", "RD in percentage points")
        )
        values = [[one.computed for one in found] for found in (plain, points)]
        assert [float(b or 0) for b in values[1]] == pytest.approx(
            [factor * float(a or 0) for factor, a in zip((100, 100, 10_000, 1), values[0], strict=True)]
        )


class TestNotEstimable:
    def test_words_agree_with_a_typed_refusal_only(self, tmp_path: Path) -> None:
        expected = {"MH_OR": "not estimable", "Peto": {"est": "not estimable", "ci": "not estimable"}}
        assert agree(judged(tmp_path, case(expected, NEVER)))
        (found,) = judged(tmp_path, case({"MH_RD": "not estimable"}, NEVER))
        assert (found.verdict, found.computed) == ("differs", 0.0)

    def test_a_number_where_there_is_none_differs_and_says_why(self, tmp_path: Path) -> None:
        (found,) = judged(tmp_path, case({"MH_OR": 0.0}, NEVER))
        assert found.verdict == "differs" and "no events in either arm" in found.note


class TestTolerance:
    def test_by_key_by_path_and_inside_the_numbers(self, tmp_path: Path) -> None:
        off = {"REML": {"est": -0.71, "tau2": 0.31}}
        for tolerance in (
            {"default": 0.01},
            {"est": 0.01, "tau2": 0.01},
            {"REML.est": 0.01, "REML": 0.005},
            {"REML": {"est": 0.01, "tau2": 0.01}},
        ):
            assert agree(judged(tmp_path, case(off, tolerance_abs=tolerance))), tolerance
        inside = {
            "REML": {"tolerance_abs": 0.01, "est": -0.71, "tau2": {"value": 0.31, "tolerance_abs": 0.004}}
        }
        assert agree(judged(tmp_path, case(inside)))
        assert verdicts(judged(tmp_path, case(off))) == ["differs", "differs"]

    def test_relative_and_for_the_whole_file(self, tmp_path: Path) -> None:
        one = case({"REML": {"est": -0.71}})
        del one["tolerance_abs"]
        assert agree(judged(tmp_path, one, tolerance_rel=0.01))
        assert verdicts(judged(tmp_path, one)) == ["not judged"]

    def test_a_count_must_be_met_and_a_zero_is_no_rounded_number(self, tmp_path: Path) -> None:
        found = judged(tmp_path, case({"df": 13, "REML": {"tau2": 0}}, tolerance_abs={"df": 5, "tau2": 0.2}))
        assert verdicts(found) == ["differs", "differs"]

    def test_a_number_written_without_decimals_is_rounded_to_the_unit(self, tmp_path: Path) -> None:
        assert agree(judged(tmp_path, case({"Q": 152})))
        assert verdicts(judged(tmp_path, case({"Q": 152.0}))) == ["differs"]
        assert verdicts(judged(tmp_path, case({"Q": 153}))) == ["differs"]

    def test_what_a_note_accepts(self, tmp_path: Path) -> None:
        one = case({"REML": {"tau2": 9.0}, "ML": {"tau2": 9.0}}, notes="REML: so accept tau2 in [0.3, .32].")
        assert verdicts(judged(tmp_path, one)) == ["agrees", "differs"]


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"foo": [1], "bar": [2]}, "no layout"),
            ({**BCG, "extra": [1]}, "extra"),
            ({"xi": [1, 2], "ni": [3]}, "different lengths"),
            ({"xi": [5], "ni": [3]}, "only 3"),
            ({"xi": [1.5], "ni": [3]}, "not a count"),
            ({"xi": ["1"], "ni": [3]}, "not a number"),
            ({"yi": [1.0], "vi": [0.0]}, "standard error"),
            ({"same_as": "elsewhere"}, "elsewhere"),
            ({"same_as": "any"}, "circle"),
            ({}, "no data"),
        ],
    )
    def test_data(self, data: Any, words: str, tmp_path: Path) -> None:
        found = judged(tmp_path, case({"REML": {"est": 1.0, "ci": [0, 1]}}, data))
        assert found and set(verdicts(found)) == {"not judged"}
        assert all(words in one.note for one in found)

    @pytest.mark.parametrize(
        "expected",
        [
            {"REML": {"est": "about one"}}, {"REML": {"est": None}}, {"REML": {"est": [1, 2, 3, 4]}},
            {"REML": {"se": [1, 2]}}, {"REML": {"Q": {"value": 1}, "bogus": 1}},
            {"REML": {"tau2_exp": 1}},
        ],
    )  # fmt: skip
    def test_expected_numbers(self, expected: Any, tmp_path: Path) -> None:
        found = judged(tmp_path, case(expected))
        assert any(one.verdict == "not judged" and one.note for one in found)

    def test_a_case_that_is_none(self, tmp_path: Path) -> None:
        found = judged(tmp_path, {"id": "x"}, "nothing", case(REML_RR))  # type: ignore[arg-type]
        assert verdicts(found) == ["not judged", "not judged", "agrees", "agrees", "agrees"]

    @pytest.mark.parametrize("text", ["", "cases: []", "[1, 2]", "cases: {", "\x00", "cases: 5"])
    def test_a_file_that_holds_no_cases(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "cases.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(RecordError):
            judge_file(path)


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_to_a_file_is_more_than_words(seed: int, tmp_path: Path) -> None:
    """Values replaced by anything: judged, not judged or refused, never a fault."""
    import yaml

    rng = random.Random(seed)
    cases = rng.sample(yaml.safe_load(OURS.read_text(encoding="utf-8"))["cases"], 2)
    for _ in range(4):
        holder: Any = cases
        for _ in range(rng.randint(1, 4)):
            below = [one for one in (holder.values() if isinstance(holder, dict) else holder) if one]
            below = [one for one in below if isinstance(one, dict | list)]
            holder = rng.choice(below) if below else holder
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder))) if holder else None
        if key is not None:
            holder[key] = rng.choice([None, True, "x", -1, 1e308, [], {}, [[1]], {"a": 1}, 10**30, math.nan])
    try:
        found = judged(tmp_path, *cases)
    except RecordError:
        return
    assert {one.verdict for one in found} <= {"agrees", "differs", "not judged"}
    assert all(one.note for one in found if one.verdict == "not judged")


class TestCommand:
    def test_it_ends_with_0_when_all_agree_and_shows_every_number(self) -> None:
        ended = command("pool", "--reference", OURS)
        assert (ended.code, ended.err) == (0, "")
        count = len(judge_file(OURS))
        assert ended.out.count("agrees ") == count
        assert f"{count} of {count} numbers agree, 0 differ, 0 could not be judged" in ended.out

    @pytest.mark.parametrize("expected", [{"REML": {"est": 5.0}}, {"bogus": 1.0}])
    @pytest.mark.parametrize("form", ["text", "json", "md"])
    def test_it_ends_with_1_when_one_differs_or_cannot_be_judged(
        self, expected: Any, form: str, tmp_path: Path
    ) -> None:
        judged(tmp_path, case({**REML_RR, **expected}))
        ended = command("pool", "--reference", tmp_path / "cases.yaml", "--format", form)
        assert (ended.code, ended.err) == (1, "")
        if form == "json":
            data = json.loads(ended.out)
            assert (data["agree"], data["differ"] + data["not_judged"]) == (3, 1)
            assert math.isclose(data["numbers"][0]["computed"], -0.7145323422, rel_tol=1e-9)

    def test_a_file_that_is_not_there_ends_with_3(self, tmp_path: Path) -> None:
        ended = command("pool", "--reference", tmp_path / "none.yaml")
        assert (ended.code, ended.out) == (3, "") and "cannot be read" in ended.err
