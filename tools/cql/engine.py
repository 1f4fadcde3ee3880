"""Hands exported CQL and patients to the tools of this folder: for tests and benchmarks only.

Text → ELM (`translate`, by the official translator); ELM and parameters → answers (`run`, by cql-execution;
`run_reference`, by the engine that comes with the translator). One process of Node each.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trivium.exchange.cql_library import ParameterValue

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Answers:
    """The defines in their order, and for each patient their answers: true, false or None.

    `engine` is seconds within the engine, `whole` those of the process with its start.
    """

    names: tuple[str, ...]
    rows: list[list[bool | None]]
    engine: float
    whole: float


class TranslationError(Exception):
    """The official translator finds errors; the message holds them all."""


def missing() -> str:
    """What keeps the tools from running; empty when nothing does."""
    if shutil.which("node") is None:
        return "the CQL tools need Node 20 or later"
    if not (FOLDER / "node_modules" / "cql-execution").is_dir():
        return "the CQL tools are not installed: make cql"
    return ""


def translate(text: str, folder: Path) -> Path:
    """The ELM of a library, as a JSON file in `folder`, beside its CQL. Errors as `translate_all`."""
    return translate_all({"library": text}, folder)["library"]


def translate_all(texts: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """The ELM of several libraries, each as a JSON file in `folder`, beside its CQL.

    Errors:  TranslationError with every error and warning of the translator: both are refused.
    """
    files = {name: folder / f"{name}.cql" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name], encoding="utf-8")
    done = _node("translate.mjs", *map(str, files.values()))
    said = [json.loads(line) for line in done.stdout.splitlines()]
    found = [f"{one['file']}: {what}" for one in said for what in (*one["errors"], *one["warnings"])]
    if found or len(said) != len(files):
        raise TranslationError("\n".join(found) or done.stderr)
    return {name: file.with_suffix(".json") for name, file in files.items()}


def run(elm: Path, patients: Iterable[Mapping[str, ParameterValue]]) -> Answers:
    """The answers of cql-execution.

    Errors:  RuntimeError with what it said, when it stops or answers anything but true, false or null.
    """
    return _run("run_cql.mjs", elm, patients)


def run_reference(
    elm: Path, patients: Iterable[Mapping[str, ParameterValue]], *, one_engine: bool = False
) -> Answers:
    """The answers of the reference engine, from the CQL beside the ELM; with `one_engine` for all patients.

    Errors as `run`.
    """
    options = ["--one-engine"] if one_engine else []
    return _run("run_reference.mjs", elm.with_suffix(".cql"), patients, *options)


def _run(
    script: str, library: Path, patients: Iterable[Mapping[str, ParameterValue]], *options: str
) -> Answers:
    lines = "".join(json.dumps(patient) + "\n" for patient in patients)
    started = time.perf_counter()
    done = _node(script, str(library), *options, given=lines)
    whole = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(done.stderr)
    # The reference engine greets on the first line.
    names, *rows = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))
    return Answers(tuple(names), rows, json.loads(done.stderr.splitlines()[-1])["ms"] / 1000, whole)


def _node(script: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    if node is None:
        raise RuntimeError(missing())
    return subprocess.run(
        [node, str(FOLDER / script), *arguments], input=given, capture_output=True, text=True, check=False
    )
