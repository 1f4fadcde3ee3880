"""What the project promises about itself: no foreign addresses, small files, a light start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400

# In pieces, so that this file keeps its own rule.
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted",
    "npm" + "js.",
    "ana" + "conda.",
    "crates" + ".io",
    "proxy" + ".golang",
)
PLACES = ("/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "C:" + "\\Users")
HEAVY = (
    "duckdb",
    "z3",
    "sqlglot",
    "pydantic",
    "pint",
    "lark",
    "yaml",
    "ucumvert",
    "rapidfuzz",
    "tantivy",
    "ortools",
    "numpy",
    "scipy",
    "pandas",
    "weasyprint",
    "hypothesis",
    "jsonschema",
)
START = """
import sys
from trivium.cli import main
sys.argv = ["trivium", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
print("LOADED", " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@cache
def ours() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the project."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def lines_with(pattern: str, paths: tuple[Path, ...]) -> list[str]:
    sought = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if sought.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert lines_with("|".join(map(re.escape, REGISTRIES)), ours()) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert lines_with(r"(?<![\w.])(?:" + "|".join(map(re.escape, PLACES)) + ")", ours()) == []


def test_constraints_pin_versions_and_name_no_address() -> None:
    rows = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [row for row in rows if row.strip() and not row.startswith("#")]
    assert pins
    assert [row for row in pins if not re.fullmatch(r"[\w.-]+==[\w.!+-]+( *;.*)?", row)] == []
    assert [row for row in rows if "://" in row or "index" in row.lower()] == []


def test_every_python_file_is_read_at_a_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): length
        for path in ours()
        if path.suffix == ".py" and (length := len(path.read_text(encoding="utf-8").splitlines())) >= LONGEST
    }
    assert long == {}


def started(*arguments: str, cache_folder: Path) -> tuple[str, frozenset[str]]:
    """What one start of the command prints, and the top-level packages it has loaded."""
    ended = subprocess.run(
        [sys.executable, "-c", START, *arguments],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(cache_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    said, _, loaded = ended.stdout.rpartition("LOADED ")
    return said, frozenset(loaded.split())


def test_the_command_starts_without_any_heavy_library(tmp_path: Path) -> None:
    said, loaded = started("--version", cache_folder=tmp_path)
    assert said.startswith("trivium ")
    assert loaded.isdisjoint(HEAVY)


def test_a_second_start_parses_and_checks_nothing(tmp_path: Path) -> None:
    """The first start builds and keeps the knowledge; the next needs light libraries only."""
    record = "tests/data/patients/ida2023_case1.json"
    first, _ = started("assess", record, "--as-of", "2000-12-31", "--format", "json", cache_folder=tmp_path)
    second, loaded = started(
        "assess", record, "--as-of", "2000-12-31", "--format", "json", cache_folder=tmp_path
    )
    assert first == second
    assert loaded.isdisjoint(HEAVY)
