"""A user's own table: what is read, what is refused with line and column, what is left out by name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from trivium.core.errors import RecordError
from trivium.evidence.synthesis import Comparative, Estimate, Measure, SingleArm
from trivium.evidence.synthesis.columns import ESTIMATES, NAMES, role_of
from trivium.evidence.synthesis.table import Table, read_table


def table(tmp_path: Path, text: str | bytes, measure: Measure = "RR") -> Table:
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path, measure)


def refused(tmp_path: Path, text: str | bytes, measure: Measure, *words: str) -> None:
    with pytest.raises(RecordError) as caught:
        table(tmp_path, text, measure)
    for word in ("table.csv", *words):
        assert word in str(caught.value), str(caught.value)


HEAD = "study,events_treated,n_treated,events_control,n_control\n"


class TestReading:
    @pytest.mark.parametrize(("mark", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_delimiters_and_line_ends(self, mark: str, name: str, end: str, tmp_path: Path) -> None:
        text = end.join(["study,ai,n1i,ci,n2i", "A 2019,3,10,5,11", "", "B 2020,1,9,4,9", ""]).replace(
            ",", mark
        )
        found = table(tmp_path, text)
        assert found.rows == (Comparative("A 2019", 3, 10, 5, 11), Comparative("B 2020", 1, 9, 4, 9))
        assert found.delimiter == name

    def test_a_byte_order_mark_quotes_comments_and_spaces(self, tmp_path: Path) -> None:
        text = '\ufeff# where it is from, and when\n Study , Events ,N\n"Tanaka, Sato 2019", 3 , 10 \n'
        assert table(tmp_path, text, "PROP").rows == (SingleArm("Tanaka, Sato 2019", 3, 10),)

    def test_events_and_non_events(self, tmp_path: Path) -> None:
        found = table(tmp_path, "study,tpos,tneg,cpos,cneg\nA,3,7,5,6\n")
        assert found.rows == (Comparative("A", 3, 10, 5, 11),)

    def test_time_point_year_and_group(self, tmp_path: Path) -> None:
        found = table(
            tmp_path, "study;year;time point;Group;events;n\nA;2019;6 months;RP-ILD;3;10\nB;;;;1;5\n", "PROP"
        )
        assert found.rows == (SingleArm("A", 3, 10, "6 months", 2019, "RP-ILD"), SingleArm("B", 1, 5))

    @pytest.mark.parametrize(
        "header", ["hr,ci_low,ci_high", "estimate,lower,upper", "HR,LCL,UCL", "hr, low, high"]
    )
    def test_hazard_ratios_with_their_interval(self, header: str, tmp_path: Path) -> None:
        (row,) = table(tmp_path, f"study,{header}\nA,0.45,0.20,1.02\n", "HR").rows
        assert isinstance(row, Estimate) and row.derived
        assert (row.estimate, row.se) == pytest.approx(
            (math.log(0.45), math.log(5.1) / 2 / 1.959964), rel=1e-6
        )

    def test_logarithms_with_a_standard_error_or_an_interval(self, tmp_path: Path) -> None:
        (row,) = table(tmp_path, "study,loghr,se\nA,\u22120.8,0.4\n", "HR").rows
        assert row == Estimate("A", "HR", -0.8, 0.4)
        (row,) = table(tmp_path, "study,log_hr,ci_low,ci_high\nA,-0.8,-1.6,0.0\n", "HR").rows
        assert isinstance(row, Estimate) and row.se == pytest.approx(0.8 / 1.959964)

    def test_counts_first_and_the_reported_estimate_where_counts_are_missing(self, tmp_path: Path) -> None:
        text = "study,ai,n1i,ci,n2i,or,low,high\nA,3,10,5,11,9,8,10\nB,,,,,0.5,0.25,1.0\n"
        first, second = table(tmp_path, text, "OR").rows
        assert isinstance(first, Comparative) and isinstance(second, Estimate)
        ignoring = table(tmp_path, text, "RR")
        assert ignoring.ignored == ("or",) and [one.study for one in ignoring.skipped] == ["B"]

    def test_columns_that_are_not_used_are_told(self, tmp_path: Path) -> None:
        found = table(tmp_path, "study,events,n,comment,doi\nA,3,10,x,y\n", "PROP")
        assert found.ignored == ("comment", "doi")

    @pytest.mark.parametrize("empty", ["", " ", "NA", "n/a", "-", "?", "not reported"])
    def test_a_missing_cell_leaves_its_study_out_by_name_and_line(self, empty: str, tmp_path: Path) -> None:
        found = table(tmp_path, f"{HEAD}A,3,10,5,11\nB,{empty},10,5,11\n")
        assert [row.study for row in found.rows] == ["A"]
        (one,) = found.skipped
        assert (one.line, one.study, one.reason) == (3, "B", "no events_treated")

    def test_a_row_that_stops_early_lacks_the_rest(self, tmp_path: Path) -> None:
        assert (
            table(tmp_path, f"{HEAD}A,3,10,5,11\nB,3\n").skipped[0].reason
            == "no n_treated, events_control, n_control"
        )

    @pytest.mark.parametrize("role", NAMES)
    def test_no_name_stands_for_two_roles(self, role: str) -> None:
        for name in NAMES[role]:
            assert role_of(name)[0] == role
            assert name not in ESTIMATES


class TestRefusals:
    @pytest.mark.parametrize(
        ("cell", "words"),
        [
            ("-3", "negative"),
            ("\u22123", "negative"),
            ('"1,234"', "thousands"),
            ("1.234", "thousands"),
            ("1 234", "thousands"),
            ("1'234", "thousands"),
            ("1\u202f234", "thousands"),
            ("12.0", "decimals"),
            ("30%", "per cent"),
            ("three", "whole number"),
            ("3/10", "whole number"),
            ("1e3", "whole number"),
            ("٣", "whole number"),
        ],
    )
    def test_a_cell_that_is_no_count_has_its_line_and_column(
        self, cell: str, words: str, tmp_path: Path
    ) -> None:
        refused(
            tmp_path,
            f"{HEAD}A,3,10,5,11\nB,{cell},2000,5,11\n",
            "RR",
            "table.csv:3:2",
            "events_treated is",
            words,
        )

    def test_more_events_than_patients(self, tmp_path: Path) -> None:
        refused(tmp_path, f"{HEAD}A,11,10,5,11\n", "RR", "table.csv:2", "11", "only 10")

    def test_an_arm_of_nobody(self, tmp_path: Path) -> None:
        refused(tmp_path, f"{HEAD}A,0,0,5,11\n", "RR", "table.csv:2", "needs a patient")

    def test_a_study_twice(self, tmp_path: Path) -> None:
        refused(
            tmp_path,
            f"{HEAD}A,1,10,5,11\nB,1,10,5,11\nA,2,10,5,11\n",
            "RR",
            "table.csv:4",
            "'A'",
            "line 2",
            "its own name",
        )

    def test_a_wrong_cell_is_not_hidden_by_a_missing_one(self, tmp_path: Path) -> None:
        refused(tmp_path, f"{HEAD}A,,10,-5,11\n", "RR", "table.csv:2:4", "negative")

    def test_an_unquoted_separator_that_splits_a_number(self, tmp_path: Path) -> None:
        refused(tmp_path, f"{HEAD}A,3,1,234,5,11\n", "RR", "table.csv:2", "6 fields", "5 columns")

    @pytest.mark.parametrize("cell", ["0,45", "1,234.5", "x", "0.45)", "--1"])
    def test_a_decimal_that_is_not_plain(self, cell: str, tmp_path: Path) -> None:
        refused(tmp_path, f"study;hr;low;high\nA;{cell};0.2;1.02\n", "HR", "table.csv:2:2", "hr is")

    def test_an_interval_that_is_not_symmetric(self, tmp_path: Path) -> None:
        refused(tmp_path, "study,hr,low,high\nA,0.45,0.20,0.70\n", "HR", "table.csv:2", "middle")
        refused(tmp_path, "study,hr,low,high\nA,0.45,0.00,1.02\n", "HR", "table.csv:2", "above zero")

    @pytest.mark.parametrize("year", ["19", "2019a", "201"])
    def test_a_year_that_is_none(self, year: str, tmp_path: Path) -> None:
        refused(tmp_path, f"study,year,events,n\nA,{year},3,10\n", "PROP", "table.csv:2:2", "not a year")

    def test_a_row_without_a_name(self, tmp_path: Path) -> None:
        refused(tmp_path, f"{HEAD},3,10,5,11\n", "RR", "table.csv:2", "name")

    def test_missing_columns_are_named_with_those_that_may_be_meant(self, tmp_path: Path) -> None:
        refused(
            tmp_path,
            "study,events_tretaed,n_treated,events_control,n_control\nA,1,2,3,4\n",
            "RR",
            "no column events_treated",
            "perhaps events_treated",
        )
        refused(tmp_path, "study,events,n\nA,1,2\n", "RR", "RR needs study, and events_treated")
        refused(tmp_path, HEAD + "A,1,2,3,4\n", "HR", "HR needs study, and estimate, ci_low, ci_high")
        refused(tmp_path, "events,n\n1,2\n", "PROP", "no column study")

    def test_an_estimate_of_a_ratio_with_a_standard_error_of_who_knows_what(self, tmp_path: Path) -> None:
        refused(tmp_path, "study,hr,se\nA,0.5,0.2\n", "HR", "no column", "log_estimate, se")

    def test_two_columns_of_one_role(self, tmp_path: Path) -> None:
        refused(tmp_path, "study,events,xi,n\nA,1,1,2\n", "PROP", "table.csv:1:3", "'events' and 'xi'")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n\n",
            b"\xff\xfe\x00",
            b"a|b|c\n1|2|3\n",
            b"hello\n",
            b"PK\x03\x04\x00\x00\xff",
            b'study,"events\n',
        ],
    )
    def test_a_file_that_is_no_table(self, content: bytes, tmp_path: Path) -> None:
        refused(tmp_path, content, "PROP")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(RecordError, match="cannot be read"):
            read_table(tmp_path / "none.csv", "RR")
        with pytest.raises(RecordError, match="cannot be read"):
            read_table(tmp_path, "RR")
