"""`trivium pool` as it is called: its forms, its refusals, its exit codes, and the same bytes each time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.command_line import Ended, command, written

HEAD = "study,year,group,ai,n1i,ci,n2i\n"
ROWS = "A,2019,cohort,0,18,7,32\nB,2020,cohort,1,26,5,35\nC,2018,trial,0,4,0,5\nD,2021,trial,3,40,9,38\n"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return written(tmp_path / "bcg.csv", command("pool", "--example").out)


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    return written(tmp_path / "sparse.csv", HEAD + ROWS)


def pool(path: Path, *options: str) -> Ended:
    return command("pool", path, *options)


def refused(ended: Ended, code: int, *words: str) -> None:
    assert (ended.code, ended.out) == (code, "")
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err, ended.err


def test_the_example_is_pooled_as_published(example: Path) -> None:
    ended = pool(example, "--measure", "RR", "--method", "REML", "--interval", "wald", "--prediction", "z")
    assert (ended.code, ended.err) == (0, "")
    for said in (
        "risk ratio 0.49 (0.34 to 0.70)",
        "restricted maximum likelihood (REML)",
        "95 % Wald (z)",
        "0.15 to 1.55; normal quantile, Wald standard error",
        "Q 152.23 on 12 df (Cochran), p < 0.001; I² 92.2 % (81.9 to 97.7)",
        "Comstock & Webster 1969",
    ):
        assert said in " ".join(ended.out.split()), said


@pytest.mark.parametrize("form", ["text", "json", "md", "svg"])
def test_every_form_says_estimator_interval_and_prediction_and_is_the_same_each_time(
    form: str, example: Path
) -> None:
    options = ("--measure", "RR", "--format", form, "--also", "leave-one-out", "--also", "cumulative")
    ended = pool(example, *options, "--also", "subgroups", "--also", "small-study")
    assert ended.code == 0 and ended == pool(
        example, *options, "--also", "subgroups", "--also", "small-study"
    )
    text = " ".join(ended.out.replace("</text>", " ").split())
    for said in ("restricted maximum likelihood", "Hartung-Knapp", "t with k - 1 = 12 df"):
        assert said in text or (form == "svg" and all(word in text for word in said.split()))
    if form in ("text", "md"):
        assert "without Aronson 1948" in text and "between groups" in text and "Egger" in text


def test_the_json_holds_what_its_documentation_says(sparse: Path) -> None:
    options = [
        word
        for name in ("leave-one-out", "cumulative", "subgroups", "small-study")
        for word in ("--also", name)
    ]
    data = json.loads(pool(sparse, "--measure", "OR", "--format", "json", *options).out)
    assert data["estimable"] and data["k"] == 3 and data["method"] == "REML"
    assert [one["study"] for one in data["left_out"]] == ["C"]
    assert [one["label"] for one in data["leave_one_out"]] == [
        "without A",
        "without B",
        "without C",
        "without D",
    ]
    assert [one["label"] for one in data["cumulative"]["steps"]] == [
        "2018 + C",
        "2019 + A",
        "2020 + B",
        "2021 + D",
    ]
    assert not data["cumulative"]["steps"][0]["estimable"]
    assert [one["label"] for one in data["subgroups"]["groups"]] == ["cohort", "trial"]
    assert data["small_study"]["egger"] is None and "of at least 10 studies" in data["small_study"]["reason"]
    assert data["table"] == {"file": "sparse.csv", "delimiter": "comma", "rows": 4, "ignored": []}


def test_what_a_table_lacks_is_shown_not_hidden(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "study,events,n,remark\nA,3,10,x\nB,,9,y\nC,4,12,z\nD,5,15,\n")
    ended = pool(path, "--measure", "PROP")
    assert "left out: B: line 3: no events" in ended.out
    assert "columns that were not used: remark" in ended.out
    data = json.loads(pool(path, "--measure", "PROP", "--format", "json").out)
    assert (data["k"], data["table"]["rows"]) == (3, 4)


@pytest.mark.parametrize("method", ["REML", "MH", "PETO", "GLMM"])
def test_no_number_where_there_is_none(method: str, tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", HEAD + "A,,,0,9,0,8\nB,,,0,7,0,6\nC,,,0,5,0,4\n")
    ended = pool(path, "--measure", "OR", "--method", method)
    assert ended.code == 0 and "no pooled estimate" in ended.out and "not estimable" in ended.out
    data = json.loads(pool(path, "--measure", "OR", "--method", method, "--format", "json").out)
    assert (
        data["estimable"] is False and "no events in either arm" in data["reason"] and "estimate" not in data
    )


def test_different_time_points_need_a_word(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "study,time,events,n\nA,3 months,3,10\nB,1 year,5,12\nC,1 year,5,14\n")
    refused(pool(path, "--measure", "PROP"), 2, "3 months: A; 1 year: B, C")
    assert "different time points were pooled" in " ".join(
        pool(path, "--measure", "PROP", "--mix-time-points").out.split()
    )


@pytest.mark.parametrize("level", ["90", "0.9"])
def test_a_level_in_per_cent_or_as_a_fraction(level: str, sparse: Path) -> None:
    assert "90 % Wald (z)" in pool(sparse, "--measure", "OR", "--method", "MH", "--level", level).out


def test_the_funnel_plot_needs_its_data(example: Path) -> None:
    options = ("--measure", "RR", "--format", "svg", "--plot", "funnel")
    drawn = pool(example, *options, "--also", "small-study")
    assert (drawn.code, drawn.err) == (0, "") and drawn.out.count("<circle") == 13
    assert "Egger" in drawn.out
    refused(pool(example, *options), 2, "--also small-study")
    refused(pool(example, "--measure", "RR", "--plot", "pie"), 2, "'pie'", "forest, funnel")


class TestWrongCalls:
    def test_nothing_to_do_or_two_things(self, sparse: Path) -> None:
        refused(command("pool"), 2, "nothing to pool", "--reference FILE")
        refused(command("pool", sparse, "--example"), 2, "more than one")
        refused(command("pool", sparse, "--reference", sparse), 2, "more than one")

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ((), ("--measure is missing", "RR, OR")),
            (("--measure", "XX"), ("'XX'", "RR, OR")),
            (("--measure", "RR", "--method", "GUESS"), ("'GUESS'", "REML")),
            (("--measure", "RR", "--interval", "t"), ("'t'", "hk-max")),
            (("--measure", "RR", "--prediction", "hk"), ("'hk'", "t_k_minus_2")),
            (("--measure", "RR", "--format", "png"), ("'png'", "svg")),
            (("--measure", "RR", "--also", "everything"), ("'everything'", "small-study")),
            (("--measure", "RR", "--level", "0"), ("level",)),
            (("--measure", "RR", "--level", "100"), ("level",)),
            (("--measure", "RR", "--method", "PETO"), ("PETO does not pool RR",)),
            (
                ("--measure", "OR", "--method", "MH", "--interval", "hk"),
                ("no Hartung-Knapp interval with MH",),
            ),
        ],
    )
    def test_words_that_mean_nothing_end_with_2(
        self, options: tuple[str, ...], words: tuple[str, ...], sparse: Path
    ) -> None:
        refused(pool(sparse, *options), 2, *words)

    def test_lower_case_is_understood(self, sparse: Path) -> None:
        assert pool(sparse, "--measure", "or", "--method", "mh").code == 0

    def test_tables_that_cannot_be_read_end_with_3(self, tmp_path: Path, sparse: Path) -> None:
        refused(pool(tmp_path / "none.csv", "--measure", "RR"), 3, "none.csv", "cannot be read")
        refused(pool(sparse, "--measure", "HR"), 3, "HR needs study")
        bad = written(tmp_path / "bad.csv", HEAD + "A,2019,,-1,18,7,32\n")
        refused(pool(bad, "--measure", "RR"), 3, "bad.csv:2:4", "negative")
        empty = written(tmp_path / "empty.csv", HEAD)
        refused(pool(empty, "--measure", "RR"), 3, "no study that can be pooled")
        lacking = written(tmp_path / "lacking.csv", HEAD + "A,2019,,,18,7,32\n")
        refused(pool(lacking, "--measure", "RR"), 3, "line 2, A: no ai")

    def test_a_name_in_the_table_never_steers_the_terminal(self, tmp_path: Path) -> None:
        path = written(tmp_path / "t.csv", "study,events,n\n\x1b[31mA\u202e,3,10\nB,4,9\nC,3,8\n")
        for form in ("text", "md", "svg"):
            out = pool(path, "--measure", "PROP", "--format", form).out
            assert not [letter for letter in out if not letter.isprintable() and letter != "\n"]
