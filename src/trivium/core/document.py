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


def item(text: str, *, weak: bool = False, lines: Sequence[str] = (), details: Sequence[str] = ()) -> Block:
    """An item of a list; `lines` stand beneath it, `details` beneath those where a page has the room."""
    more = {"lines": list(lines), "details": list(details)}
    return {"text": text, "weak": weak, **{name: held for name, held in more.items() if held}}


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Block], *, is_detail: bool = False
) -> list[Block]:
    """A table, or nothing where it has no row. Rows are made by `row`.

    `is_detail`: a terminal leaves it out, as what stands before it says the same in brief.
    """
    made = list(rows)
    if not made:
        return []
    block = {"kind": "table", "caption": caption, "columns": list(columns), "rows": made}
    return [{**block, "is_detail": True} if is_detail else block]


def row(cells: Sequence[str | list[str]], *, id: str = "", weak: bool = False) -> Block:
    """A row: one cell a column, and the id of what it shows. A cell is a text, or a list of lines."""
    return {"cells": list(cells), "id": id, "weak": weak}


def matrix(
    caption: str,
    columns: Sequence[tuple[str, str, int]],
    rows: Iterable[Sequence[tuple[str, str]]],
    legend: Sequence[str],
) -> list[Block]:
    """A table that stands side by side on a terminal too, or nothing where it has no row.

    Shapes:  a column is its heading, the same for a terminal, and its width there in characters; a cell is
             its words, and the same for a terminal. `legend` says what the short words mean.
    """
    made = [[{"words": words, "short": short} for words, short in cells] for cells in rows]
    heads = [{"label": label, "short": short, "width": width} for label, short, width in columns]
    if not made:
        return []
    return [{"kind": "matrix", "caption": caption, "columns": heads, "rows": made, "legend": list(legend)}]


def figure(name: str, data: dict[str, Any], caption: str) -> Block:
    """A picture that a face draws from data, with the words that say what is on it."""
    return {"kind": "figure", "figure": name, "data": data, "caption": caption}


def section(id: str, title: str, blocks: Iterable[Block], *, short: bool = False) -> Block:
    """A section; `short` ones make up the short form."""
    return {"id": id, "title": title, "short": short, "blocks": list(blocks)}
