"""A site's sign-off of the content: a TOML file → `SignOff`, and the words that every face shows of it.

    [signoff]
    pathway = "mda5_rpild"
    version = "0.2.0"
    content = "08caa929…"       # the whole hash, as `trivium show pathway` prints it
    by = "A. Name"
    role = "Head of rheumatology"
    date = "2026-01-31"
    scope = "Adults, inpatients"

It holds for exactly the content whose hash it names: one changed comma, and it is for another content.
Whether the person named may sign is for the site to know; nothing here can tell.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trivium.core.errors import UsageError
from trivium.knowledge.models import Knowledge

UNSIGNED = "draft, not signed off"
INVALID = "signed off for another content: not valid"
_KEYS = ("pathway", "version", "content", "by", "role", "date", "scope")


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who signed which content for whom, and when."""

    pathway: str
    version: str
    content: str
    by: str
    role: str
    date: datetime.date
    scope: str


def read_signoff(path: Path) -> SignOff:
    """The sign-off in a TOML file.

    Errors:  UsageError naming the file and the key when it cannot be read, is incomplete or means nothing.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise UsageError(
            "the sign-off file cannot be read", where=str(path), why=problem.strerror or ""
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError("the sign-off file is not TOML", where=str(path), why=str(problem)) from problem
    table = document.get("signoff")
    if not isinstance(table, dict) or set(document) != {"signoff"}:
        hint = "write [signoff] and its keys below, and nothing else"
        raise UsageError("a sign-off file has one table, [signoff]", where=str(path), hint=hint)
    for key in table:
        if key not in _KEYS:
            raise _wrong(path, key, "is not a key of a sign-off", f"known keys: {', '.join(_KEYS)}")
    text = {key: _text(path, table, key) for key in _KEYS if key != "date"}
    if not re.fullmatch(r"[0-9a-f]{64}", text["content"]):
        hint = "copy the whole content hash (64 digits) that `trivium show pathway` prints"
        raise _wrong(path, "content", "is not a content hash", hint)
    return SignOff(date=_date(path, table), **text)


def is_valid(knowledge: Knowledge, signoff: SignOff) -> bool:
    """Whether it is for this pathway, this version and exactly this content."""
    pathway = knowledge.pathway
    signed = (signoff.pathway, signoff.version, signoff.content)
    return signed == (pathway.id, pathway.version, knowledge.version)


def state(knowledge: Knowledge, signoff: SignOff | None) -> str:
    """The words to show: not signed off, signed off for this content, or for another one."""
    if signoff is None:
        return UNSIGNED
    if not is_valid(knowledge, signoff):
        return INVALID
    return f"signed off by {signoff.role} on {signoff.date.isoformat()} for this content"


def _text(path: Path, table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    hint = f'write {key} = "…"; docs/signoff.example.toml has every key'
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, key, "is missing, empty or not a text", hint)
    if re.fullmatch(r"…|<.*>", value.strip()):
        raise _wrong(path, key, f"has not been filled in: {value!r}", hint)
    if not value.isprintable():
        raise _wrong(path, key, "has characters that cannot be shown", "write it on one line")
    return value.strip()


def _date(path: Path, table: Mapping[str, object]) -> datetime.date:
    value = table.get("date")
    hint = 'write date = "YYYY-MM-DD"'
    if type(value) is datetime.date:  # TOML's own date, written without quotes
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise _wrong(path, "date", "is missing or not a day", hint)
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as problem:
        raise _wrong(path, "date", f"is no day of the calendar: {value!r}", hint) from problem


def _wrong(path: Path, key: str, what: str, hint: str) -> UsageError:
    return UsageError(f"`{key}` {what}", where=str(path), hint=hint)
