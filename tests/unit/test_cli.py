"""Every command as it is called: what it prints, how it ends, and that it never ends in a traceback."""

from __future__ import annotations

import datetime
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from tests.unit.command_line import DAY, RECORD, ROOT, Ended, ask, assess, command, plan, written

from trivium import cli
from trivium.core.errors import RecordError
from trivium.knowledge.loader import load
from trivium.record import read as reading

PATHWAY = load().pathway
COMMANDS = sorted(getattr(cli.app, "commands", ()))
SLOW = ("check", "prove")  # tried where the knowledge is checked and proved


def refused(ended: Ended, code: int, *words: str) -> None:
    """Nothing on standard output; on standard error why, in words."""
    assert (ended.code, ended.out) == (code, "")
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err, ended.err


def refusing(path: Path, method: Callable[..., Any]) -> Callable[..., Any]:
    """The same method of Path, which this one path does not let in."""

    def instead(self: Path, *arguments: Any, **options: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return method(self, *arguments, **options)

    return instead


class TestHelp:
    def test_version_names_the_program(self) -> None:
        assert re.fullmatch(r"trivium \d+\.\d+\.\d+\S*\n", command("--version").out)

    def test_the_commands_are_found(self) -> None:
        assert isinstance(cli.app, click.Group)
        assert set(COMMANDS) >= {"assess", "eval", "check", "show", "form"}

    @pytest.mark.parametrize("name", COMMANDS)
    @pytest.mark.parametrize("flag", ["-h", "--help"])
    def test_help_of_every_command_shows_an_example(self, name: str, flag: str) -> None:
        ended = command(name, flag)
        assert ended.code == 0
        assert re.search(rf"^  Example:\n    trivium {name}\b", ended.out, re.MULTILINE)

    def test_help_of_the_whole_lists_the_commands_and_shows_an_example(self) -> None:
        told = command("-h").out
        assert all(re.search(rf"^  {name} ", told, re.MULTILINE) for name in COMMANDS)
        assert "Example:\n    trivium " in told

    @pytest.mark.parametrize("name", [name for name in COMMANDS if name not in SLOW])
    def test_the_example_in_the_help_works(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(RECORD, tmp_path / "bundle.json")
        monkeypatch.chdir(tmp_path)
        (line,) = re.findall(r"^  Example:\n    trivium (.+)$", command(name, "-h").out, re.MULTILINE)
        words = [*shlex.split(line), ">"]
        ended = command(*words[: words.index(">")])
        assert (ended.code, ended.err) == (0, "")
        assert ended.out


class TestWrongCalls:
    @pytest.mark.parametrize(
        "words",
        [
            ["frobnicate"],
            ["assess"],
            ["eval", "x.json"],
            ["assess", "x.json", "--frob"],
            ["show", "a", "b", "c"],
        ],
    )
    def test_a_call_that_makes_no_sense_ends_with_2(self, words: list[str]) -> None:
        refused(command(*words), 2, "Usage: trivium")

    @pytest.mark.parametrize(
        "day", ["yesterday", "2024-02-30", "2024-13-01", "24-01-01", "0001-01-01", "9999-12-31"]
    )
    def test_a_day_that_is_none_ends_with_2_and_says_how_to_write_one(self, day: str) -> None:
        refused(assess(day=day), 2, "--as-of", repr(day), "YYYY-MM-DD")

    def test_no_day_at_all_is_today(self) -> None:
        assert command("assess", RECORD, "--format", "json").code == 0

    @pytest.mark.parametrize("name", ["assess", "eval", "show"])
    def test_a_format_that_does_not_exist_ends_with_2_and_names_those_that_do(self, name: str) -> None:
        words: dict[str, list[str | Path]] = {"assess": [RECORD], "eval": [RECORD, "true"], "show": []}
        refused(command(name, *words[name], "--format", "xml"), 2, "'xml'", "one of: text, json")

    def test_a_site_profile_that_cannot_be_read_ends_with_2(self, tmp_path: Path) -> None:
        refused(assess(RECORD, "--site", tmp_path / "none.toml"), 2, "none.toml", "cannot be read")
        refused(assess(RECORD, "--site", tmp_path), 2, str(tmp_path), "cannot be read")
        refused(assess(RECORD, "--site", RECORD), 2, RECORD.name, "not TOML")
        unknown = written(tmp_path / "zone.toml", 'zone = "Atlantis/Poseidonis"')
        refused(assess(RECORD, "--site", unknown), 2, "zone.toml", "not a time zone")

    @pytest.mark.parametrize(
        ("setting", "words"),
        [
            ("ferritin", ("expected fact=value",)),
            ("ferittin=5", ("'ferittin'", "did you mean ferritin")),
            ("ferritin=", ("expected a number",)),
            ("ferritin=5 blobs", ("blobs",)),
            ("ferritin=5 mm[Hg]", ("mm[Hg]",)),
            ("hbsag=perhaps", ("positive, negative, indeterminate",)),
            ("clinician_diagnosis=1", ("true, false or unknown",)),
            ("in_scope=true", ("no fact is called 'in_scope'",)),
        ],
    )
    def test_a_setting_that_cannot_be_read_ends_with_2(self, setting: str, words: tuple[str, ...]) -> None:
        refused(assess(RECORD, "--set", setting), 2, "--set", *words)

    def test_one_fact_set_twice_is_refused_when_the_values_differ(self) -> None:
        refused(assess(RECORD, "--set", "age=50", "--set", "age=60"), 2, "age", "more than once")
        assert assess(RECORD, "--set", "age=50", "--set", "age=50").code == 0
        refused(
            assess(RECORD, "--set", "rp_ild=true", "--set", "rp_ild_by_clinician=false"), 2, "more than once"
        )

    def test_a_patient_who_is_not_there_ends_with_2_and_names_those_who_are(self) -> None:
        refused(assess(RECORD, "--patient", "nobody"), 2, "'nobody'", "it holds: ida2023-case1")

    @pytest.mark.parametrize(
        ("expression", "words"),
        [
            ("", ("expression is empty",)),
            ("ferritin >", ("expression:1:",)),
            ("ferittin > 5", ("'ferittin'", "did you mean ferritin")),
            ("ferritin", ("not true or false",)),
            ("ferritin > 5 'mm[Hg]'", ("expression:1:",)),
            ("hbsag = 'perhaps'", ("expression:1:",)),
            ("ferritin > \udcff", ("expression:1:",)),
        ],
    )
    def test_an_expression_that_means_nothing_ends_with_2(
        self, expression: str, words: tuple[str, ...]
    ) -> None:
        refused(ask(expression), 2, *words)

    def test_a_name_that_nothing_has_ends_with_2_and_a_hint(self) -> None:
        refused(assess(RECORD, "--why", "tofacitinb"), 2, "--why", "tofacitinib")
        refused(assess(RECORD, "--why", "xyzzy"), 2, "--why", "`trivium show` lists")
        refused(command("show", "drugs"), 2, "'drugs'", "facts, criteria")
        refused(command("show", "facts", "ferittin"), 2, "'ferittin'", "did you mean ferritin")

    def test_knowledge_that_is_not_there_ends_with_2(self, tmp_path: Path) -> None:
        refused(command("check", tmp_path / "none"), 2, "none", "cannot be read")
        refused(command("show", "--knowledge", tmp_path / "none"), 2, "none", "cannot be read")

    def test_knowledge_that_does_not_check_ends_with_4_and_serves_nothing(self, tmp_path: Path) -> None:
        for name, *words in (["show"], ["form"], ["assess", RECORD], ["eval", RECORD, "true"]):
            refused(command(str(name), *words, "--knowledge", tmp_path), 4, "TRV", "pathway")
        refused(command("check", tmp_path), 4, "TRV", "pathway")


class TestRecords:
    def test_a_record_that_does_not_exist_ends_with_3(self, tmp_path: Path) -> None:
        refused(assess(tmp_path / "none.json"), 3, "none.json", "no such file or folder")
        refused(assess(tmp_path / ("a" * 300)), 3, "cannot be read")

    @pytest.mark.parametrize(
        "name", ["record", "record.json", "record.yaml", "record.ndjson", "record.json.gz"]
    )
    @pytest.mark.parametrize(
        "content", [b"", bytes(range(256)), b"\x1f\x8b\x08broken", b"[[[[", b"\xef\xbb\xbf"]
    )
    def test_a_file_that_is_no_record_ends_with_3(self, tmp_path: Path, name: str, content: bytes) -> None:
        refused(assess(written(tmp_path / name, content)), 3, name)

    def test_a_folder_with_nothing_in_it_ends_with_3(self, tmp_path: Path) -> None:
        refused(assess(tmp_path), 3, "no FHIR resource in it")
        written(tmp_path / "letter.txt", "dear colleague")
        refused(assess(tmp_path), 3, "no FHIR resource in it")

    def test_an_empty_bundle_ends_with_3(self, tmp_path: Path) -> None:
        path = written(tmp_path / "empty.json", '{"resourceType": "Bundle", "type": "collection"}')
        refused(assess(path), 3, "no FHIR resource in it")

    @pytest.mark.parametrize("name", ["record.json", "record.yaml"])
    def test_a_file_that_may_not_be_read_ends_with_3(
        self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = written(tmp_path / name, "{}")
        for method in ("read_bytes", "read_text"):
            monkeypatch.setattr(Path, method, refusing(path, getattr(Path, method)))
        refused(assess(path), 3, name)

    def test_a_path_that_may_not_even_be_looked_at_ends_with_3(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Closed(type(Path())):  # type: ignore[misc]
            def stat(self, **_: object) -> Any:
                raise PermissionError(13, "Permission denied")

        knowledge = load()
        with pytest.raises(RecordError, match="cannot be read"):
            reading.read_records(Closed("x"), PATHWAY.facts, knowledge.concepts, datetime.UTC)

    def test_strict_ends_with_3_when_anything_was_skipped_and_names_it(self, tmp_path: Path) -> None:
        path = written(tmp_path / "form.yaml", "age: 50\nferittin: 5\nhbsag: perhaps\n")
        assert assess(path).code == 0
        refused(assess(path, "--strict"), 3, "2 skipped", "form/ferittin", "form/hbsag")
        assert assess(RECORD, "--strict").code == 0

    def test_a_long_list_of_skips_is_cut_off_with_a_count(self, tmp_path: Path) -> None:
        path = written(tmp_path / "form.yaml", "\n".join(f"no_such_fact_{number}: 1" for number in range(25)))
        refused(assess(path, "--strict"), 3, "25 skipped", "and 5 more")

    def test_one_of_several_patients_is_chosen_by_id(self) -> None:
        folder = ROOT / "tests" / "data" / "patients"
        assert [each["patient"] for each in plan(record=folder)] == [
            "ida2023-case1", "ida2023-case2", "ida2023-case3", "ogawa2017-case",
        ]  # fmt: skip
        assert plan("--patient", "ida2023-case2", record=folder)["patient"] == "ida2023-case2"
        refused(ask("true", record=folder), 2, "4 patients", "--patient", "ida2023-case3")
        assert ask("adult", "--patient", "ida2023-case3", record=folder).out.startswith("true\n")

    def test_what_a_patient_is_called_never_steers_the_terminal(self, tmp_path: Path) -> None:
        patients = [{"resourceType": "Patient", "id": f"a\x1b[31m\x9b{n}\u202e"} for n in range(2)]
        path = written(tmp_path / "two.ndjson", "\n".join(map(json.dumps, patients)))
        for ended in (
            assess(path),
            assess(path, "--format", "md"),
            assess(path, "--why", "age"),
            assess(path, "--patient", "b"),
            ask("adult", record=path),
            assess(path, "--set", "hbsag=\x1b[31m"),
        ):
            told = ended.out + ended.err
            assert told
            assert not [letter for letter in told if not letter.isprintable() and letter != "\n"]


class TestFaults:
    def test_a_fault_of_ours_ends_with_1_in_words_and_without_what_a_record_may_hold(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_down(*_: object) -> Any:
            raise RuntimeError("Jane Doe, born 1950")

        monkeypatch.delenv("TRIVIUM_DEBUG", raising=False)
        monkeypatch.setattr("trivium.commands.assess.make_plan", break_down)
        ended = assess()
        refused(ended, 1, "RuntimeError", "TRIVIUM_DEBUG=1")
        assert "Jane" not in ended.err
        monkeypatch.setenv("TRIVIUM_DEBUG", "1")
        with pytest.raises(RuntimeError, match="Jane"):
            assess()

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
    def test_output_into_a_file_is_utf8_wherever_it_runs(self, encoding: str, tmp_path: Path) -> None:
        record = written(tmp_path / "form.yaml", "patient: Ødegård 山田\nage: 50\n")
        program = "from trivium.cli import main; main()"
        ended = subprocess.run(
            [sys.executable, "-c", program, "assess", str(record), "--as-of", DAY, "--format", "json"],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        )
        assert json.loads(ended.stdout.decode())["patient"] == "Ødegård 山田"

    def test_a_reader_who_leaves_early_is_no_fault(self) -> None:
        program = "from trivium.cli import main; main()"
        with subprocess.Popen(
            [sys.executable, "-c", program, "show", "sources", "--format", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as started:
            assert started.stdout is not None and started.stderr is not None
            started.stdout.read(10)
            started.stdout.close()
            assert started.stderr.read() == b""
