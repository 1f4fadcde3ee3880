"""Bytes → JSON values, with what the fast parser does not tell: names that stand twice, half characters.

orjson takes the last of two equal names without a word. Whether it did shows in the number of quotation
marks: writing the value out again gives as many as were read, unless a name was lost. Then, and only then,
the slower parser of the standard library looks closer.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NamedTuple

import orjson


class Unreadable(Exception):  # noqa: N818  (caught by the FHIR reader, never shown as an error)
    """A text that is not JSON in UTF-8: a stable reason, the words for it, what to do."""

    def __init__(self, reason: str, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.reason, self.what, self.hint = reason, what, hint


class Repeated(dict[str, Any]):
    """An object in which some names stand more than once, with values that differ: the last ones."""

    names: frozenset[str] = frozenset()


class Parsed(NamedTuple):
    """A value; one that is not sound may hold `Repeated` objects and half characters."""

    value: Any
    is_sound: bool


def parse_json(data: bytes) -> Parsed:
    """The value of a JSON text. Raises Unreadable, without a word of the content.

    Numbers come as doubles: every decimal of up to 15 significant digits comes back digit for digit
    from the shortest `repr` of its double (IEEE 754; up to 17 digits it is off by less than one unit in
    the last place), and no measurement has more. What is legal JSON but no double (1e400) is read again by
    the standard library, as a decimal.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        what = f"not JSON: {problem.msg} (line {problem.lineno}, column {problem.colno})"
        return Parsed(_closely(data, what), False)
    if not _may_repeat(data, value):
        return Parsed(value, True)
    try:
        close = _closely(data, "")
    except Unreadable:  # deeper than the standard library reads
        return Parsed(value, True)
    return Parsed(close, False) if repeats(close) else Parsed(value, True)


def repeats(value: Any) -> bool:
    """Whether there is an object with a repeated name anywhere in a value."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Repeated):
            return True
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return False


def has_half_characters(value: Any) -> bool:
    """Whether some text holds a surrogate without its other half: it can be neither printed nor sent on."""
    try:
        _encoded(value, "strict")
    except UnicodeEncodeError:
        return True
    return False


def without_half_characters(value: Any) -> Any:
    """The same, each of them replaced by a question mark."""
    return json.loads(_encoded(value, "replace"))


def _encoded(value: Any, errors: str) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode(errors=errors)


def _may_repeat(data: bytes, value: Any) -> bool:
    try:
        written = orjson.dumps(value)
    except TypeError:  # deeper than orjson writes
        return True
    # An escape may stand for a quotation mark, which is then written as one.
    return b"\\u0022" in data or data.count(b'"') != written.count(b'"')


def _closely(data: bytes, what: str) -> Any:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Unreadable("not-utf8", "bytes that are not UTF-8", "save it as UTF-8") from None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        hint = "JSON has no comments: take them out" if re.search(r"/\*|^\s*//", text, re.MULTILINE) else ""
        raise Unreadable("bad-json", what, hint) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    names = frozenset(name for name, value in pairs if repr(made[name]) != repr(value))
    if not names:
        return made
    repeated = Repeated(made)
    repeated.names = names
    return repeated


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
