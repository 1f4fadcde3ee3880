"""Where something was written: file, line and column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file; lines and columns start at 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def moved(self, line: int, column: int) -> Span:
        """The place `line`, `column` (from 1) inside a text that begins here."""
        if line == 1:
            return Span(self.file, self.line, self.column + column - 1)
        return Span(self.file, self.line + line - 1, column)
