"""Errors that a user meets. Each says where, what, why and what to do; none is ever a traceback.

    TriviumError
    ├── UsageError        the call is wrong                       exit 2
    │   └── EvidenceError     these studies cannot be pooled so   exit 2
    ├── RecordError       the record cannot be read               exit 3
    └── KnowledgeError    the knowledge does not check            exit 4 (carries every defect)

A `Defect` is one finding about knowledge or an expression; its code has a page in docs/checks.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trivium.core.spans import Span


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong: where it stands, what it is, why it matters, what to do."""

    code: str
    what: str
    span: Span | None = None
    why: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.span}: " if self.span else ""
        parts = [f"{where}{self.code} {self.what}"]
        if self.why:
            parts.append(f"  why:  {self.why}")
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


class TriviumError(Exception):
    """What every error of Trivium is; `exit_code` is what the command line returns."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.hint = what, where, why, hint

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.why:
            parts.append(f"  why:  {self.why}")
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


class UsageError(TriviumError):
    """The call cannot be carried out as written."""

    exit_code = 2


class EvidenceError(UsageError):
    """These studies cannot be put together in the way that was asked for."""


class RecordError(TriviumError):
    """The record cannot be read at all (single bad resources are skipped, counted and listed instead)."""

    exit_code = 3


class KnowledgeError(TriviumError):
    """The knowledge does not check, so nothing is served from it."""

    exit_code = 4

    def __init__(self, defects: Sequence[Defect]) -> None:
        super().__init__(f"{len(defects)} defect(s) in the knowledge")
        self.defects = tuple(defects)

    def __str__(self) -> str:
        return "\n".join(str(defect) for defect in self.defects)


class ExpressionError(UsageError):
    """An expression cannot be read; carries the defect with its place in the text."""

    def __init__(self, defect: Defect) -> None:
        super().__init__(defect.what, where=str(defect.span or ""), why=defect.why, hint=defect.hint)
        self.defect = defect
