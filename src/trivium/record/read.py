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

_LARGEST_FORM = 1_000_000


def read_records(
    path: Path, specs: Mapping[str, FactSpec], concepts: Concepts, zone: datetime.tzinfo
) -> list[Record]:
    """Every patient in a file or folder, in a fixed order.

    Errors:  RecordError when the path does not exist or nothing in it can be read.
    """
    try:
        path.stat()
    except FileNotFoundError:
        raise RecordError(
            "no such file or folder", where=str(path), hint="give a FHIR bundle or a form"
        ) from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", "") or "no path can be that"
        raise RecordError("it cannot be read", where=str(path), why=why) from problem
    if path.is_file() and _is_form(path, specs):
        from trivium.record.form import read_form

        return read_form(_text(path), path.name, specs, concepts.unit_aliases, zone)
    return fhir_in.read_path(path, concepts, zone)


def _is_form(path: Path, specs: Mapping[str, FactSpec]) -> bool:
    """YAML by name, or JSON whose top level names facts and no resource type."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return True
    if suffix != ".json":
        return False
    import orjson

    try:
        if path.stat().st_size > _LARGEST_FORM:
            return False
        loaded = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (orjson.JSONDecodeError, OSError):
        return False
    from trivium.record.form import names_a_fact

    cases = loaded if isinstance(loaded, list) else [loaded]
    return bool(cases) and all(
        isinstance(case, dict)
        and "resourceType" not in case
        and ("facts" in case or "patient" in case or any(names_a_fact(key, specs) for key in case))
        for case in cases
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise RecordError("not readable as text", where=str(path), hint="save it as UTF-8") from problem
