"""A document as plain data: sections of paragraphs, lists, tables and figures, which faces draw.

Whoever has something to say makes one; a face shows it without knowing what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]


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
