"""A knowledge folder → checked `models.Knowledge`, or every defect of it.

The path of every start of Trivium: hash the files, take the compiled knowledge if there is any for
exactly them, else read, build, check and keep. YAML, pydantic, lark and the solver are imported only
when there is something to build. It must not know any format: that is for `schema` and `build`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from trivium.core.errors import Defect, KnowledgeError, UsageError
from trivium.knowledge import cache
from trivium.knowledge.models import Knowledge

if TYPE_CHECKING:
    from trivium.knowledge.checks.draft import Draft

_PACKAGE = Path(__file__).resolve().parent.parent


def knowledge_root() -> Path:
    """The knowledge shipped inside the package, or that of the checkout the package lies in.

    Errors:  UsageError when there is neither.
    """
    for folder in (_PACKAGE / "content", _PACKAGE.parent.parent / "knowledge"):
        if folder.is_dir():
            return folder
    raise UsageError(
        "no knowledge was found",
        where=str(_PACKAGE),
        why="neither trivium/content nor a checkout's knowledge folder is there",
        hint="reinstall trivium, or name a folder",
    )


def load(root: Path | None = None) -> Knowledge:
    """Checked knowledge; from the cache when nothing in the folder or in the engine has changed.

    Errors:  KnowledgeError with every defect when it does not check: then nothing is served.
    """
    folder = root or knowledge_root()
    version = content_hash(folder)
    kept = cache.read(version)
    if kept is not None:
        return kept
    draft = _checked(folder, version)
    if draft.defects or draft.knowledge is None:
        raise KnowledgeError(draft.defects)
    cache.write(draft.knowledge)
    return draft.knowledge


def check(root: Path | None = None) -> list[Defect]:
    """Every defect of the knowledge, in the order of files and lines; always checked anew."""
    folder = root or knowledge_root()
    return _checked(folder, content_hash(folder)).defects


def content_hash(root: Path) -> str:
    """One hash over the names and contents of all files, whatever their dates.

    Errors:  UsageError when a file cannot be read.
    """
    digest = cache.new_hash()
    try:
        for name, path in _files(str(root), ""):
            with open(path, "rb") as file:  # noqa: PTH123 (half the time of a Path)
                content = file.read()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    except OSError as problem:
        raise UsageError(
            "the knowledge cannot be read", where=str(problem.filename or root), why=problem.strerror or ""
        ) from problem
    return str(digest.hexdigest())


def _files(folder: str, prefix: str) -> list[tuple[str, str]]:
    """Name relative to the root, and path, of every file below; hidden ones are no knowledge."""
    found: list[tuple[str, str]] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                found += _files(entry.path, f"{prefix}{entry.name}/")
            else:
                found.append((prefix + entry.name, entry.path))
    return found


def _checked(folder: Path, version: str) -> Draft:
    from trivium.knowledge.build import build
    from trivium.knowledge.checks.draft import read_draft
    from trivium.knowledge.checks.registry import run

    draft = read_draft(folder)
    found = draft.defects
    if draft.is_whole:  # otherwise every name in the missing file would be one more message
        draft.knowledge = build(draft, version)
        found = run(draft)
    unique = dict.fromkeys(found)
    draft.defects = sorted(
        unique,
        key=lambda defect: (
            (defect.span.file, defect.span.line, defect.span.column) if defect.span else ("", 0, 0)
        ),
    )
    return draft
