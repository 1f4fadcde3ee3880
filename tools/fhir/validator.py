"""Hands FHIR R4 resources to a validator that is not Trivium's: for tests only."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def missing() -> str:
    """What keeps the validator from running; empty when nothing does."""
    if shutil.which("node") is None:
        return "the FHIR validator needs Node 22 or later"
    if not (FOLDER / "node_modules" / "@medplum" / "core").is_dir():
        return "the FHIR validator is not installed: make fhir"
    return ""


def issues(resources: list[dict[str, Any]]) -> list[list[str]]:
    """For each resource what is wrong with it; an empty list for a valid one."""
    done = subprocess.run(
        ["node", str(FOLDER / "validate.mjs")],
        input=json.dumps(resources),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: list[list[str]] = json.loads(done.stdout)
    return found
