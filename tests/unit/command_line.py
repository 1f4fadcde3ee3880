"""The command line run inside the test's own process, and records to run it on. No tests here."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from trivium import cli

ROOT = Path(__file__).resolve().parents[2]
PATIENTS = sorted((ROOT / "tests" / "data" / "patients").glob("*.json"))
FORMS = sorted((ROOT / "tests" / "data" / "forms").glob("*.yaml"))
RECORD = PATIENTS[0]
DAY = "2000-12-31"  # day 1 of the published patients (decision 0012)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: object
    out: str
    err: str


class _Terminal(io.StringIO):
    """Somebody is looking at it."""

    def isatty(self) -> bool:
        return True


def command(*arguments: str | Path, terminal: bool = False) -> Ended:
    """What `trivium` with these arguments prints, and its exit code."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
    err = _Terminal() if terminal else io.StringIO()
    code: object = None
    with (
        mock.patch.object(sys, "argv", ["trivium", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    out.seek(0)
    return Ended(code, out.read(), err.getvalue())


def assess(record: Path = RECORD, *options: str | Path, day: str = DAY) -> Ended:
    """`trivium assess`."""
    return command("assess", record, "--as-of", day, *options)


def ask(expression: str, *options: str | Path, record: Path = RECORD, day: str = DAY) -> Ended:
    """`trivium eval`."""
    return command("eval", record, expression, "--as-of", day, *options)


def plan(*options: str | Path, record: Path = RECORD, day: str = DAY) -> Any:
    """The plan that `trivium assess` writes as JSON."""
    ended = assess(record, *options, "--format", "json", day=day)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def written(path: Path, content: str | bytes) -> Path:
    """The path, once the content is in it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
