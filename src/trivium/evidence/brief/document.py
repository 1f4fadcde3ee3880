"""The document that a brief is: sections of paragraphs, lists, tables and figures, as plain data.

Faces draw it without knowing what it says. Sources are numbered in the order in which they are first
cited; one document under two ids is one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from trivium.knowledge.evidence import EvidenceBase, Reference

Block = dict[str, Any]


@dataclass(slots=True)
class Citations:
    """The numbered references of one document."""

    base: EvidenceBase
    numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, *references: str) -> str:
        """`[1, 4]` for these references; "" for none."""
        numbers = sorted({self._number(name) for name in references if name in self.base.references})
        return f"[{', '.join(map(str, numbers))}]" if numbers else ""

    def _number(self, name: str) -> int:
        same = self.base.references[name].same_document_as
        name = same if same in self.base.references and same < name else name
        return self.numbers.setdefault(name, len(self.numbers) + 1)

    def listed(self) -> list[dict[str, Any]]:
        """Every reference in the order of its number."""
        return [
            reference_data(self.base.references[name], number)
            for name, number in sorted(self.numbers.items(), key=lambda each: each[1])
        ]


def reference_data(reference: Reference, number: int) -> dict[str, Any]:
    """A reference as data, with how it may be used."""
    remarks = []
    if reference.is_machine_written:
        remarks.append("machine-written: never support")
    if reference.is_withdrawn:
        remarks.append(f"{reference.status}: supports nothing")
    if reference.unseen:
        remarks.append(f"completed from memory: {', '.join(reference.unseen)}")
    parts = (reference.authors, reference.title, reference.journal, reference.volume, reference.pages)
    return {
        "number": number,
        "id": reference.id,
        "text": ". ".join(part.rstrip(".") for part in parts if part) + ".",
        "year": reference.year,
        "doi": reference.doi,
        "pmid": reference.pmid,
        "registration": reference.registration,
        "url": reference.url,
        "remarks": remarks,
    }


def paragraph(text: str, *, weak: bool = False) -> Block:
    """A paragraph; `weak` badges it."""
    return {"kind": "paragraph", "text": text, "weak": weak}


def bullets(items: Iterable[Block | str]) -> list[Block]:
    """A list, or nothing where there is no item."""
    made = [item if isinstance(item, dict) else {"text": item, "weak": False} for item in items]
    return [{"kind": "list", "items": made}] if made else []


def item(text: str, *, weak: bool = False) -> Block:
    """An item of a list."""
    return {"text": text, "weak": weak}


def table(caption: str, columns: Sequence[str], rows: Iterable[Block]) -> list[Block]:
    """A table, or nothing where it has no row. Rows are made by `row`."""
    made = list(rows)
    if not made:
        return []
    return [{"kind": "table", "caption": caption, "columns": list(columns), "rows": made}]


def row(cells: Sequence[str], *, id: str = "", weak: bool = False) -> Block:
    """A row: one text a column, and the id of the row of the base that it shows."""
    return {"cells": list(cells), "id": id, "weak": weak}


def figure(name: str, data: dict[str, Any], caption: str) -> Block:
    """A picture that a face draws from data, with the words that say what is on it."""
    return {"kind": "figure", "figure": name, "data": data, "caption": caption}


def section(id: str, title: str, blocks: Iterable[Block], *, short: bool = False) -> Block:
    """A section; `short` ones make up the short form."""
    return {"id": id, "title": title, "short": short, "blocks": list(blocks)}
