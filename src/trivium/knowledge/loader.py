"""A knowledge folder → checked `models.Knowledge` and `evidence.EvidenceBase`, or every defect of it.

The path of every start of Trivium: hash the files, take the compiled knowledge if there is any for
exactly them, else read, build, check and keep. YAML, pydantic, lark and the solver are imported only
when there is something to build. It must not know any format: that is for `schema` and `build`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from trivium.core.errors import Defect, KnowledgeError, UsageError
from trivium.knowledge import cache
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import Knowledge

if TYPE_CHECKING:
    from trivium.knowledge.checks.draft import Draft
    from trivium.knowledge.checks.evidence_draft import EvidenceDraft

_PACKAGE = Path(__file__).resolve().parent.parent
# What only the evidence is read from, and what it shares with the pathway. The two are hashed, checked and
# kept apart: a plan does not wait for studies, and a new study does not change the pathway's content.
_EVIDENCE = ("agent_names.yaml", "evidence_terms.yaml", "studies", "claims")
_SHARED = ("sources.yaml", "statements")


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
    kept = cache.read(version, Knowledge)
    if kept is not None:
        return kept
    draft = _checked(folder, version)
    if draft.defects or draft.knowledge is None:
        raise KnowledgeError(draft.defects)
    cache.write(draft.knowledge)
    return draft.knowledge


def load_evidence(root: Path | None = None) -> EvidenceBase:
    """The checked evidence, with its own hash and its own cache; without what the pathway is made of.

    Errors:  KnowledgeError with every defect when it does not check: then nothing is served.
    """
    folder = root or knowledge_root()
    version = evidence_hash(folder)
    kept = cache.read(version, EvidenceBase)
    if kept is not None:
        return kept
    from trivium.knowledge.evidence_build import build_evidence

    draft = _checked_evidence(folder)
    if draft.defects:
        raise KnowledgeError(draft.defects)
    base = build_evidence(draft, version)
    cache.write(base)
    return base


def check(root: Path | None = None) -> list[Defect]:
    """Every defect of pathway and evidence, in the order of files and lines; always checked anew."""
    folder = root or knowledge_root()
    pathway, evidence = _checked(folder, content_hash(folder)), _checked_evidence(folder)
    return _in_order([*pathway.defects, *evidence.defects])


def content_hash(root: Path) -> str:
    """One hash over the names and contents of all files that the pathway is made of, whatever their dates.

    Errors:  UsageError when a file cannot be read.
    """
    return _hash(root, lambda top: top not in _EVIDENCE)


def evidence_hash(root: Path) -> str:
    """The same over the files that the evidence is made of."""
    return _hash(root, lambda top: top in _EVIDENCE + _SHARED)


def _hash(root: Path, belongs: Callable[[str], bool]) -> str:
    digest = cache.new_hash()
    try:
        for name, path in _files(str(root), "", belongs):
            with open(path, "rb") as file:  # noqa: PTH123 (half the time of a Path)
                content = file.read()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    except OSError as problem:
        raise UsageError(
            "the knowledge cannot be read", where=str(problem.filename or root), why=problem.strerror or ""
        ) from problem
    return str(digest.hexdigest())


def _files(folder: str, prefix: str, belongs: Callable[[str], bool] | None = None) -> list[tuple[str, str]]:
    """Name relative to the root, and path, of every file below that belongs; hidden ones are no knowledge."""
    found: list[tuple[str, str]] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(".") or (belongs and not belongs(entry.name)):
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
    draft.defects = _in_order(found)
    return draft


def _checked_evidence(folder: Path) -> EvidenceDraft:
    from trivium.knowledge.checks.evidence_draft import read_evidence
    from trivium.knowledge.checks.registry import run_evidence

    draft = read_evidence(folder)
    if draft.is_whole:
        draft.defects = _in_order(run_evidence(draft))
    return draft


def _in_order(defects: Iterable[Defect]) -> list[Defect]:
    """Each once, in the order of files and lines."""

    def place(defect: Defect) -> tuple[str, int, int]:
        return (defect.span.file, defect.span.line, defect.span.column) if defect.span else ("", 0, 0)

    return sorted(dict.fromkeys(defects), key=place)
