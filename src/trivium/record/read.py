"""A path → records: forms and FHIR, told apart by what is in the file, not only by its name."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from trivium.core.errors import RecordError
from trivium.knowledge.concepts import Concepts
from trivium.knowledge.models import FactSpec
from trivium.record import fhir_in
from trivium.record.events import Record


def read_records(
    path: Path, specs: Mapping[str, FactSpec], concepts: Concepts, zone: datetime.tzinfo
) -> list[Record]:
    """Every patient in a file or folder, in a fixed order.

    Errors:  RecordError when the path does not exist or nothing in it can be read.
    """
    if not path.exists():
        raise RecordError("no such file or folder", where=str(path), hint="give a FHIR bundle or a form")
    if path.is_file() and _is_form(path, specs):
        from trivium.record.form import read_form

        return read_form(_text(path), path.name, specs, concepts.unit_aliases, zone)
    return fhir_in.read_path(path, concepts, zone)


def _is_form(path: Path, specs: Mapping[str, FactSpec]) -> bool:
    """YAML by name, or JSON whose top level names facts and no resource type."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return True
    if suffix != ".json" or path.stat().st_size > 1_000_000:
        return False
    import orjson

    try:
        loaded = orjson.loads(path.read_bytes())
    except (orjson.JSONDecodeError, OSError):
        return False
    cases = loaded if isinstance(loaded, list) else [loaded]
    return bool(cases) and all(
        isinstance(case, dict)
        and "resourceType" not in case
        and ("facts" in case or "patient" in case or any(key in specs for key in case))
        for case in cases
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise RecordError("not readable as text", where=str(path), hint="save it as UTF-8") from problem
