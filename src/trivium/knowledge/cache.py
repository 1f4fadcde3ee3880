"""Compiled knowledge and evidence in the user's cache folder, a file each a content, engine and Python.

Whatever is doubtful (another owner, a folder that others may write to, a damaged file) means building
anew, and a cache that cannot be written is done without: nothing here ever raises. What is read back
can only be made of Trivium's own classes and of numbers.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import hashlib
import io
import os
import pickle
import stat
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import Knowledge

Compiled: TypeAlias = Knowledge | EvidenceBase
C = TypeVar("C", Knowledge, EvidenceBase)

_PACKAGE = Path(__file__).resolve().parent.parent
_ENGINE = ("core", "logic", "knowledge", "knowledge/checks")  # what shapes compiled knowledge
_ALLOWED = {"fractions.Fraction", "decimal.Decimal", "builtins.frozenset", "builtins.set"}
_KEPT_FILES = 8
_NAMES: dict[type[Compiled], str] = {Knowledge: "knowledge", EvidenceBase: "evidence"}


def new_hash() -> Any:
    """The hash that names contents."""
    return hashlib.sha256()


def read(version: str, kind: type[C]) -> C | None:
    """Compiled content of exactly this version, or None."""
    try:
        path = _path(version, kind)
        if not (_is_ours(path.parent, 0o077) and _is_ours(path, 0o022)):
            return None
        data = path.read_bytes()
        seal, body = data[:32], data[32:]
        if new_hash_of(body) != seal:
            return None
        found = unpack(body)
    except Exception:  # whatever is wrong with the file, building anew is right
        return None
    return found if isinstance(found, kind) and found.version == version else None


def unpack(body: bytes) -> Any:
    """What was packed. Errors: UnpicklingError for anything that is no part of compiled knowledge."""
    collecting = gc.isenabled()
    gc.disable()  # nothing of it can be collected yet; looking for it would take a quarter of the time
    try:
        return _Reader(io.BytesIO(body)).load()
    finally:
        if collecting:
            gc.enable()


def write(content: Compiled) -> None:
    """Keep compiled content; when that fails, the next start builds it again."""
    import tempfile

    with contextlib.suppress(OSError, pickle.PicklingError, TypeError, AttributeError):
        path = _path(content.version, type(content))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path.parent, 0o077):
            return
        buffer = io.BytesIO()
        _Writer(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(content)
        body = buffer.getvalue()
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(new_hash_of(body) + body)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        _forget_old(path.parent, _NAMES[type(content)])


def new_hash_of(data: bytes) -> bytes:
    """The digest of some bytes."""
    return hashlib.sha256(data).digest()


def folder() -> Path:
    """The user's cache folder for Trivium."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "trivium"  # noqa: PTH117


def _path(version: str, kind: type[Compiled]) -> Path:
    digest = new_hash()
    digest.update(f"{version} {sys.version} {_engine()}".encode())
    return folder() / f"{_NAMES[kind]}-{digest.hexdigest()}.bin"


def _engine() -> str:
    """A hash of the code that shapes compiled knowledge: more than a version number can tell."""
    digest = new_hash()
    for part in _ENGINE:
        with os.scandir(_PACKAGE / part) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith((".py", ".lark")):
                    with open(entry.path, "rb") as file:  # noqa: PTH123
                        digest.update(entry.name.encode() + b"\0" + file.read())
    return str(digest.hexdigest())


def _is_ours(path: Path, forbidden: int) -> bool:
    """Whether it belongs to this user, is no link, and nobody else has the forbidden rights."""
    found = path.lstat()
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return mine and not stat.S_ISLNK(found.st_mode) and not (os.name == "posix" and found.st_mode & forbidden)


def _forget_old(parent: Path, name: str) -> None:
    files = sorted(parent.glob(f"{name}-*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_FILES:]:
        file.unlink(missing_ok=True)


def frozen_mapping(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A read-only mapping, which pickle cannot name by itself."""
    return MappingProxyType(content)


class _Writer(pickle.Pickler):
    def reducer_override(self, item: Any) -> Any:
        if isinstance(item, MappingProxyType):
            return frozen_mapping, (dict(item),)
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            # Through __init__: twice as fast to read as through the state of a frozen class with slots.
            return type(item), tuple(getattr(item, each.name) for each in dataclasses.fields(item))
        return NotImplemented


class _Reader(pickle.Unpickler):
    """Makes nothing but Trivium's own classes, numbers and sets."""

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" in _ALLOWED:
            return super().find_class(module, name)
        if module.startswith("trivium.") and "." not in name:
            found = super().find_class(module, name)
            if found is frozen_mapping or (isinstance(found, type) and found.__module__ == module):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of compiled knowledge")
