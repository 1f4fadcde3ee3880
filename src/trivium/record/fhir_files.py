"""FHIR files → resources: JSON, NDJSON, gzip, Bundles in Bundles, and what real exports make of them.

Nothing here knows what a resource means. Whatever cannot be read becomes a `Skip` with its line, or, when
it is a whole file, an `Unreadable`, which is an error for a single file and a skip in a folder.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from trivium.record.events import Skip
from trivium.record.fhir_json import (
    Parsed,
    Repeated,
    Unreadable,
    has_half_characters,
    parse_json,
    repeats,
    without_half_characters,
)

_TYPE = re.compile(r"[A-Za-z]+")
_IDENTITY = frozenset(("resourceType", "id", "subject", "patient"))
_STATUS = frozenset(("status", "verificationStatus"))
_NAMES = re.compile(r".*\.(json|ndjson|jsonl|xml)(\.gz)?", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """A resource and where it stands: its Bundle (`scope`) and the full URL it has there."""

    resource: dict[str, Any]
    type: str
    id: str
    url: str = ""
    scope: int = 0
    broken: str = ""  # why it must not be read; its content is then what is left to go by, or nothing
    version: str | None = None  # kept by `fhir_versions.version_of`

    @property
    def name(self) -> str:
        """What identifies it, whatever its place in the input."""
        name = self.id or self.url or "~" + hashlib.sha256(fingerprint(self.resource)).hexdigest()[:12]
        return name.replace("#", "%23") if "#" in name else name

    @property
    def origin(self) -> str:
        return f"{self.type}/{self.name}"


@dataclass(slots=True)
class Collected:
    """Everything that was found in one input."""

    found: list[Found] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    deleted: list[tuple[str, str]] = field(default_factory=list)  # "Type/id" and when, from history Bundles
    scopes: int = 0

    def note(self, code: str) -> None:
        self.notes[code] = self.notes.get(code, 0) + 1


def collect_path(path: Path, into: Collected) -> None:
    """Every resource in a file, or in the FHIR-like files of a folder. Raises Unreadable, OSError."""
    if not path.is_dir():
        collect_bytes(path.read_bytes(), path.name, into)
        return
    for each in sorted(path.rglob("*")):
        if each.is_dir() or any(part.startswith((".", "__MACOSX")) for part in each.relative_to(path).parts):
            continue
        if not _NAMES.fullmatch(each.name):
            into.note("other-file")
            continue
        try:
            collect_bytes(each.read_bytes(), each.name, into)
        except Unreadable as problem:
            into.skips.append(Skip(each.name, problem.reason, problem.what))


def collect_bytes(data: bytes, name: str, into: Collected) -> None:
    """Every resource in the content of one file. Raises Unreadable."""
    for where, (value, is_sound) in _documents(_unpacked(data), Path(name).name, into):
        _Walk(into, where, is_sound).take(value)


def fingerprint(resource: dict[str, Any]) -> bytes:
    """The content of a resource as bytes, the same for equal contents; `meta` only says how it was stored."""
    content = {key: value for key, value in resource.items() if key != "meta"}
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # orjson: beyond 64 bits, deeper than 254, half a character
        return json.dumps(content, sort_keys=True, default=str).encode()


def _unpacked(data: bytes) -> bytes:
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise Unreadable("bad-gzip", "the gzip file is damaged or cut off", "copy it again") from None
    if data[:4] == b"PK\x03\x04":
        raise Unreadable("zip", "this is a zip archive", "unpack it and name the folder")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("not-utf8", "this is UTF-16, FHIR is UTF-8", "save it as UTF-8")
    data = data.removeprefix(b"\xef\xbb\xbf")
    start = data.lstrip()[:1]
    if not start:
        raise Unreadable("empty", "the file is empty")
    if start == b"<":
        raise Unreadable("xml", "this is XML; only JSON is read", "export the record as FHIR R4 JSON")
    return data


def _documents(data: bytes, name: str, into: Collected) -> list[tuple[str, Parsed]]:
    try:
        return [(name, parse_json(data))]
    except Unreadable as problem:
        whole = problem
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    skips: list[Skip] = []
    documents = list(_lines(lines, name, skips, into)) if len(lines) > 1 else []
    if not any(isinstance(parsed.value, dict | list) for _, parsed in documents):
        raise whole
    into.skips += skips
    return documents


def _lines(
    lines: list[tuple[int, bytes]], name: str, skips: list[Skip], into: Collected
) -> Iterator[tuple[str, Parsed]]:
    """NDJSON: each line; one cut in the middle is joined with the next, unless that stands on its own."""
    parsed = [_parsed_line(line) for _, line in lines]
    at = 0
    while at < len(lines):
        number, line = lines[at]
        where, outcome = f"{name}:{number}", parsed[at]
        if isinstance(outcome, Unreadable) and at + 1 < len(lines) and isinstance(parsed[at + 1], Unreadable):
            joined = _parsed_line(line.rstrip(b"\r") + lines[at + 1][1])
            if not isinstance(joined, Unreadable):
                into.note("rejoined-line")
                outcome, at = joined, at + 1
        if isinstance(outcome, Unreadable):
            skips.append(Skip(where, outcome.reason, outcome.what))
        else:
            yield where, outcome
        at += 1


def _parsed_line(line: bytes) -> Parsed | Unreadable:
    try:
        return parse_json(line)
    except Unreadable as problem:
        return problem


class _Walk:
    """Takes one document apart: Bundles, Parameters and lists hold resources, everything else is one."""

    def __init__(self, into: Collected, where: str, is_sound: bool) -> None:
        self.into, self.where, self.is_sound = into, where, is_sound
        self.stack: list[tuple[Any, str, int]] = []

    def take(self, document: Any) -> None:
        self.into.scopes += 1
        self.stack.append((document, "", self.into.scopes))
        while self.stack:  # no recursion: Bundles nest as deep as somebody likes
            value, url, scope = self.stack.pop()
            if isinstance(value, list):
                self.stack += [(each, "", scope) for each in value]
            elif isinstance(value, dict):
                self._object(value, url, scope)
            else:
                self._skip("not-an-object")

    def _object(self, value: dict[str, Any], url: str, scope: int) -> None:
        kind = value.get("resourceType")
        if kind in ("Bundle", "Parameters") and isinstance(value, Repeated):
            self._skip("repeated-name", kind)
        if kind == "Bundle":
            self._bundle(value)
        elif kind == "Parameters":
            self._parameters(value.get("parameter"), scope)
        elif isinstance(kind, str) and _TYPE.fullmatch(kind):
            name = value.get("id")
            name = name.strip() if isinstance(name, str) else ""
            found = Found(value, kind, name, url, scope)
            self.into.found.append(found if self.is_sound else _mended(found))
        else:
            self._skip("no-resource-type")

    def _bundle(self, bundle: dict[str, Any]) -> None:
        self.into.scopes += 1
        scope = self.into.scopes
        if any(_get(link, "relation") == "next" for link in _items(bundle.get("link"))):
            self.into.note("bundle-has-more-pages")
        entries = bundle.get("entry")
        if not isinstance(entries, list):
            if entries is not None:
                self._skip("malformed", "entry is not a list")
            return
        for at, entry in enumerate(entries):
            if isinstance(entry, Repeated):
                self._skip("repeated-name", f"entry[{at}]")
            resource = _get(entry, "resource")
            if isinstance(resource, dict):
                url = entry.get("fullUrl")
                self.stack.append((resource, url if isinstance(url, str) else "", scope))
            elif resource is not None or not isinstance(entry, dict):
                self._skip("malformed", f"entry[{at}] holds no resource")
            elif bundle.get("type") == "history":
                self._deleted(entry)

    def _deleted(self, entry: dict[str, Any]) -> None:
        request, response = entry.get("request"), entry.get("response")
        if _get(request, "method") == "DELETE":
            found = re.search(r"([A-Za-z]+/[^/?#]+)$", str(_get(request, "url")))
            when = _get(response, "lastModified")
            if found:
                self.into.deleted.append((found[1], when if isinstance(when, str) else ""))

    def _parameters(self, parameters: Any, scope: int) -> None:
        waiting = _items(parameters)
        while waiting:
            parameter = waiting.pop()
            if isinstance(_get(parameter, "resource"), dict):
                self.stack.append((parameter["resource"], "", scope))
            waiting += _items(_get(parameter, "part"))

    def _skip(self, reason: str, detail: str = "") -> None:
        self.into.skips.append(Skip(self.where, reason, detail))


def _mended(found: Found) -> Found:
    """A resource that may hold half characters or repeated names: what is left of it to go by."""
    content = found.resource
    halves = has_half_characters((content, found.url))
    if not halves and not repeats(content):
        return found
    names = content.names if isinstance(content, Repeated) else frozenset[str]()
    # Which of two patients it is about, or which of two types it is, nobody can say; nor whether it is void.
    unsure = frozenset(content) if names & _IDENTITY else names & _STATUS
    content = {key: value for key, value in content.items() if key not in unsure}
    if halves:
        content = without_half_characters(content)
    reason = "bad-unicode" if halves else "repeated-name"
    name, url = ("" if has_half_characters(text) else text for text in (found.id, found.url))
    return Found(content, found.type, name, url, found.scope, reason)


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
