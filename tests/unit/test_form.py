"""Cases typed in by hand: what each way of writing means, what is refused; nothing is lost or guessed."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.unit.command_line import written

from trivium.core.errors import RecordError
from trivium.core.truth import FALSE, TRUE
from trivium.core.values import Interval, point
from trivium.knowledge.given import GivenError
from trivium.knowledge.loader import load
from trivium.plan import end_of_day
from trivium.record.events import Record
from trivium.record.fact import Fact
from trivium.record.facts import read_facts
from trivium.record.form import empty_form, parse_settings, read_form
from trivium.record.read import read_records
from trivium.record.site import Site

KNOWLEDGE = load()
SPECS = KNOWLEDGE.pathway.facts
ALIASES = KNOWLEDGE.concepts.unit_aliases
ZONE = datetime.UTC
AS_OF = "2024-03-31"


def forms(text: str, name: str = "case.yaml") -> list[Record]:
    return read_form(text, name, SPECS, ALIASES, ZONE)


def form(text: str, name: str = "case.yaml") -> Record:
    (record,) = forms(text, name)
    report = record.report
    assert sum(report.read.values()) == sum(report.used.values()) + len(report.skips)
    return record


def skipped(record: Record) -> dict[str, str]:
    return {skip.origin: skip.detail for skip in record.report.skips}


def value(line: str) -> Any:
    record = form(line)
    assert not record.report.skips, record.report.skips
    (given,) = record.given.values()
    return given.value


def fact(line: str, as_of: str = AS_OF) -> Fact:
    """The one fact of a form with one line, as it is at the end of a day."""
    record = form(line)
    (name,) = record.given
    at = end_of_day(datetime.date.fromisoformat(as_of), ZONE)
    return read_facts(record, SPECS, at, ZONE, Site(ZONE))[name]


def codes(read: Fact) -> list[str]:
    return [reason.code for reason in read.reasons]


class TestValues:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("ferritin: 1289", point(Decimal(1289))),
            ("ferritin: 1289.50", point(Decimal("1289.5"))),
            ("ferritin: 1.2e3", point(Decimal(1200))),
            ("ferritin: 1289 ug/L", point(Decimal(1289))),
            ('ferritin: ">1650 ng/mL"', Interval(Decimal(1650), None, True)),
            ('ferritin: "<= 20"', Interval(None, Decimal(20))),
            ("ferritin: <20 ng/mL", Interval(None, Decimal(20), False, True)),
            ("ferritin: {value: 1289, unit: ng/mL}", point(Decimal(1289))),
            (
                "ferritin: {low: 400, high: 600, high_open: true}",
                Interval(Decimal(400), Decimal(600), False, True),
            ),
            ("lymphocyte_count: {value: 186, unit: /uL}", point(Decimal("0.186"))),
            ("lymphocyte_count: 186 /uL", point(Decimal("0.186"))),
            ("age: 71", point(71)),
            ("age: 071", point(71)),
            ("sex: female", frozenset({"female"})),
            ("hbsag: [positive, indeterminate]", frozenset({"positive", "indeterminate"})),
            ("on_room_air: true", TRUE),
            ("on_room_air: True", TRUE),
            ("on_room_air: yes", TRUE),
            ("on_room_air: no", FALSE),
            ('on_room_air: "false"', FALSE),
        ],
    )
    def test_a_value_means_what_it_says(self, line: str, expected: object) -> None:
        assert value(line) == expected

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("ferittin: 5", "did you mean ferritin"),
            ("xyzzyplugh: 5", "`trivium show facts`"),
            ("ferritin: many", "expected a number"),
            ("ferritin: 1:30", ":30"),
            ("ferritin: 0x10", "x10"),
            ("ferritin: 1_000", "_000"),
            ("ferritin: 1,289", ",289"),
            ("ferritin: .inf", "expected a number"),
            ("ferritin: .nan", "expected a number"),
            ("ferritin: 1e30", "outside what Trivium can hold"),
            ("ferritin: 5 blobs", "blobs"),
            ("ferritin: 5 mm[Hg]", "mm[Hg]"),
            ("ferritin: [5, 6]", "expected a number"),
            ("ferritin: true", "expected a number"),
            ("ferritin: {value: 5, units: ng/mL}", "found units"),
            ("ferritin: {value: 5, date: soon}", "expected a date"),
            ("ferritin: {value: 5, date: 2024-02-30}", "expected a date"),
            ("ferritin: {low: 6, high: 5}", "empty interval"),
            ("ferritin: {}", "expected"),
            ("age: 17.5", "whole number"),
            ("age: 17 a", "no unit"),
            ("sex: woman", "female, male"),
            ("hbsag: []", "expected one of"),
            ("hbsag: Positive", "expected one of"),
            ("on_room_air: 1", "true, false or unknown"),
            ("on_room_air: on", "true, false or unknown"),
            ("as_of: 2024-03-05", "--as-of"),
            ("facts: [age, sex]", "under facts"),
            ("in_scope: true", "no fact is called 'in_scope'"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_skipped_and_named_and_the_rest_is_used(
        self, line: str, words: str
    ) -> None:
        record = form(f"hemoglobin: 9\n{line}\n")
        assert list(record.given) == ["hemoglobin"]
        (told,) = skipped(record).items()
        assert told[0] == f"form/{line.split(':')[0]}"
        assert words in told[1]

    def test_an_unfilled_line_is_no_value(self) -> None:
        record = form("ferritin:\nhbsag: ~\nsex: null\nage: 50\nnote: the daughter called\n")
        assert list(record.given) == ["age"]
        assert record.report.read == {"form": 1}

    def test_unknown_said_by_hand_is_not_the_same_as_a_line_left_empty(self) -> None:
        assert codes(fact("hbsag: unknown")) == ["not-entered"]
        assert fact("hbsag: unknown").origins == ("form",)


class TestClinicianWord:
    def test_rp_ild_is_read_as_the_clinicians_word_on_it(self) -> None:
        assert form("rp_ild: true").given == form("rp_ild_by_clinician: true").given
        assert form("rp_ild: false").given["rp_ild_by_clinician"].value is FALSE

    def test_every_fact_by_clinician_has_its_short_name_unless_that_is_a_fact_itself(self) -> None:
        names = [name for name in SPECS if name.endswith("_by_clinician")]
        assert "rp_ild_by_clinician" in names
        for name in names:
            short = name.removesuffix("_by_clinician")
            assert list(form(f"{short}: true").given) == [short if short in SPECS else name]

    def test_a_skip_bears_the_name_that_was_written(self) -> None:
        assert list(skipped(form("rp_ild: perhaps"))) == ["form/rp_ild"]

    def test_a_json_form_may_hold_nothing_else(self, tmp_path: Path) -> None:
        path = written(tmp_path / "case.json", '{"rp_ild": true}')
        (record,) = read_records(path, SPECS, KNOWLEDGE.concepts, ZONE)
        assert list(record.given) == ["rp_ild_by_clinician"]


class TestTwice:
    @pytest.mark.parametrize("name", ["case.yaml", "case.json"])
    @pytest.mark.parametrize(
        "text",
        [
            '{"age": 50, "ferritin": 1, "ferritin": 2}',
            '{"age": 50, "ferritin": 1, "facts": {"ferritin": 2}}',
            '{"age": 50, "ferritin": {"value": 1, "value": 2}}',
            '{"age": 50, "ferritin": {"value": 1, "unit": "ng/mL", "unit": "g/L"}}',
        ],
    )
    def test_what_is_given_twice_with_two_values_is_not_known(self, text: str, name: str) -> None:
        record = form(text, name)
        assert list(record.given) == ["age"]
        assert set(skipped(record).values()) == {"given more than once, with different values"}

    def test_two_names_of_one_fact_must_agree(self) -> None:
        record = form("rp_ild: true\nrp_ild_by_clinician: false\n")
        assert record.given == {}
        assert set(skipped(record)) == {"form/rp_ild", "form/rp_ild_by_clinician"}
        assert list(form("rp_ild: true\nrp_ild_by_clinician: true\n").given) == ["rp_ild_by_clinician"]


class TestPatients:
    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("patient: bed 7", "bed 7"),
            ("patient: 007", "007"),
            ("patient: no", "no"),
            ("patient: 2024-03-05", "2024-03-05"),
            ("patient: 1e3", "1e3"),
            ("patient:", "case.yaml#1"),
            ('patient: ""', "case.yaml#1"),
            ("age: 50", "case.yaml#1"),
        ],
    )
    def test_a_patient_is_called_what_is_written(self, line: str, name: str) -> None:
        assert form(line).person.id == name

    @pytest.mark.parametrize(
        "line", ["patient: [a, b]", "patient: {name: a}", "patient: true", "patient: a\npatient: b"]
    )
    def test_what_is_no_name_is_skipped_and_named(self, line: str) -> None:
        record = form(line)
        assert list(skipped(record)) == ["form/patient"]
        assert record.person.id == "case.yaml#1"

    @pytest.mark.parametrize("name", ["cases.yaml", "cases.json"])
    def test_a_list_holds_several_cases(self, name: str) -> None:
        records = forms(
            '[{"patient": "a", "age": 50}, {"age": 60}, {"patient": "c", "facts": {"age": 70}}]', name
        )
        assert [record.person.id for record in records] == ["a", f"{name}#2", "c"]
        assert [record.given["age"].value for record in records] == [point(50), point(60), point(70)]

    def test_json_and_yaml_say_the_same(self) -> None:
        text = '{"patient": "a", "ferritin": ">1650 ng/mL", "hbsag": ["positive", "negative"], "age": 50}'
        assert form(text, "x.json").given == form(text, "x.yaml").given
        assert form("\t" + text.replace(", ", ",\n\t"), "x.json").given == form(text).given


class TestUnreadable:
    @pytest.mark.parametrize(
        ("name", "text", "where"),
        [
            ("case.yaml", "age: 50\nferritin: [1\nsex: male\n", "case.yaml:3:"),
            ("case.yaml", "age: 50\n  sex: male\n", "case.yaml:2:6"),
            ("case.yaml", "age: 50\nx: !!python/object:os.system {}\n", "case.yaml:2:4"),
            ("case.yaml", "age: &a 50\nferritin: *a\n", "case.yaml:2:11"),
            ("case.json", '{"age": 50,\n "sex": male}', "case.json:2:9"),
            ("case.yaml", 'patient: "\\ud83d"', "case.yaml:1:"),
            ("case.json", '{"patient": "\\ud83d"}', "case.json"),
        ],
    )
    def test_a_form_that_is_broken_is_refused_with_its_line(self, name: str, text: str, where: str) -> None:
        with pytest.raises(RecordError) as caught:
            forms(text, name)
        assert caught.value.where.startswith(where)
        assert "`trivium form`" in str(caught.value)

    def test_a_bound_without_quotes_is_explained(self) -> None:
        with pytest.raises(RecordError) as caught:
            forms("age: 50\nferritin: >1650 ng/mL\n")
        assert caught.value.where.startswith("case.yaml:2:")
        assert "goes in quotes" in caught.value.hint

    @pytest.mark.parametrize("text", ["", "just words", "- 1\n- 2\n", "[]", "42", "- age: 50\n- words\n"])
    def test_what_maps_nothing_is_refused(self, text: str) -> None:
        with pytest.raises(RecordError, match="maps fact ids to values"):
            forms(text)

    @pytest.mark.parametrize("text", ["[" * 200_000 + "]" * 200_000, "{a: " * 200_000, "- " * 5_000 + "x"])
    def test_a_form_that_is_deep_ends_in_words_and_not_in_a_crash(self, text: str, tmp_path: Path) -> None:
        path = written(tmp_path / "deep.yaml", text)
        program = "from trivium.cli import main; main()"
        ended = subprocess.run(
            [sys.executable, "-c", program, "assess", str(path)], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 3
        assert "deep.yaml" in ended.stderr

    def test_a_form_that_multiplies_itself_is_refused_at_once(self) -> None:
        rows = [
            "l0: &l0 [x, x]",
            *(f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}]" for n in range(1, 40)),
            "hbsag: *l39",
        ]
        with pytest.raises(RecordError):
            forms("\n".join(rows))


class TestDates:
    """A value with a day ages like any other, and is not known before it was there."""

    @pytest.mark.parametrize(
        ("date", "known"),
        [
            ("2024-03-31", True),
            ("2024-03-31T23:59:59Z", True),
            ("2024-03-18", True),
            ("2024-03-17", False),
            ("2023-12-31", False),
            ("2024-04-01", False),
            ("2024-04-01T00:00:00Z", False),
            ("2024-03-31T20:00:00-05:00", False),
            ("2024-03-17T23:30:00-05:00", True),
            ("2025", False),
        ],
    )
    def test_a_count_is_good_for_fourteen_days_and_not_before_it_is_taken(
        self, date: str, known: bool
    ) -> None:
        assert SPECS["lymphocyte_count"].good_for == 14 * 86_400
        read = fact(f"lymphocyte_count: {{value: 186, unit: /uL, date: {date}}}")
        assert read.is_known is known

    def test_a_value_that_has_become_old_is_stale_and_one_of_a_wide_date_uncertain(self) -> None:
        assert codes(fact("lymphocyte_count: {value: 0.2, date: 2024-03-01}")) == ["stale"]
        assert codes(fact("lymphocyte_count: {value: 0.2, date: 2024-03}")) == ["uncertain-date"]
        assert codes(fact("lymphocyte_count: {value: 0.2, date: 2024-02}")) == ["stale"]

    def test_a_value_without_a_date_is_of_today(self) -> None:
        read = fact("lymphocyte_count: 0.2")
        assert (read.is_known, read.at, read.origins) == (True, None, ("form",))

    def test_the_same_form_says_more_on_a_later_day(self) -> None:
        line = "ferritin: {value: 600, date: 2024-03-10}"
        days = {"2024-03-09": False, "2024-03-10": True, "2024-03-23": True, "2024-03-24": False}
        assert {day: fact(line, day).is_known for day in days} == days

    def test_a_positive_that_is_kept_stays_true_however_old(self) -> None:
        read = fact("mda5_positive_ever: {value: true, date: 2019-05-01}")
        assert read.value is TRUE

    @pytest.mark.parametrize("name", ["hbsag", "anti_hbc_total", "igra", "anti_mda5_antibody"])
    def test_a_positive_choice_that_is_kept_stays_positive_however_old(self, name: str) -> None:
        assert fact(f"{name}: {{value: positive, date: 2019-05-01}}").value == frozenset({"positive"})

    @pytest.mark.parametrize("name", ["hbsag", "anti_hbc_total", "igra", "anti_mda5_antibody"])
    def test_a_choice_that_is_not_kept_grows_old(self, name: str) -> None:
        assert codes(fact(f"{name}: {{value: negative, date: 2019-05-01}}")) == ["stale"]
        assert codes(fact(f"{name}: {{value: [positive, negative], date: 2019-05-01}}")) == ["stale"]

    def test_what_was_entered_and_grew_old_is_shown_in_words(self) -> None:
        assert fact("lymphocyte_count: {value: 186, unit: /uL, date: 2024-01-01}").seen == (
            "entered: 0.186 10*3/uL",
        )


class TestSettings:
    def test_settings_are_read_like_lines_of_a_form(self) -> None:
        read = parse_settings(("ferritin = >1650 ng/mL", "rp_ild=true", "sex=female"), SPECS, ALIASES, ZONE)
        assert list(read) == ["ferritin", "rp_ild_by_clinician", "sex"]
        assert read["ferritin"].value == Interval(Decimal(1650), None, True)

    @pytest.mark.parametrize(
        "settings", [("ferritin",), ("age=50", "age=51"), ("rp_ild=true", "rp_ild_by_clinician=no")]
    )
    def test_a_setting_that_says_nothing_or_two_things_is_refused(self, settings: tuple[str, ...]) -> None:
        with pytest.raises(GivenError):
            parse_settings(settings, SPECS, ALIASES, ZONE)


def test_an_empty_form_says_what_each_line_expects() -> None:
    told = "\n".join(empty_form(SPECS))
    assert "(true | false)\nrp_ild_by_clinician:" in told
    assert "(positive | negative | indeterminate)\nhbsag:" in told
    assert "(10*3/uL)\nlymphocyte_count:" in told
    assert "(integer)\nage:" in told


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["case.yaml", "CASE.YML", "case.json"])
def test_a_file_is_known_for_a_form_by_its_name_and_content(tmp_path: Path, name: str, prefix: bytes) -> None:
    path = written(tmp_path / name, prefix + json.dumps({"age": 50}).encode())
    (record,) = read_records(path, SPECS, KNOWLEDGE.concepts, ZONE)
    assert record.given["age"].value == point(50)
    assert record.person.id == f"{name}#1"
