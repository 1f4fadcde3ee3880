"""A document (sections of paragraphs, lists, tables, figures) as text for a terminal, short or whole."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from trivium.faces.citations import cited
from trivium.faces.lines import WIDTH, clean, wrapped
from trivium.faces.pictures import twin

Data = dict[str, Any]
WEAK = "[weakly seen] "
_DETAIL = "  (each of them in full: --format md or html)"


def render(document: Data, *, short: bool = False) -> str:
    """The text, with the sources it cites; `short` shows only the sections that are meant for one screen."""
    return "\n".join(_lines(document, short)) + "\n"


def _lines(document: Data, short: bool) -> Iterator[str]:
    yield from (clean(document["title"]), "=" * min(WIDTH, len(document["title"])))
    yield from wrapped(document["notice"])
    body = list(_body(document, short))
    yield from body
    numbers = cited(" ".join(body))
    references = [each for each in document["references"] if each["number"] in numbers]
    if references:
        yield from ("", "REFERENCES")
    for each in references:
        yield from wrapped(reference_text(each), "  ", "      ")
    if short:
        yield from ("", "Without --short: all of it, with reasons, harms, doses and what is not known.")


def _body(document: Data, short: bool) -> Iterator[str]:
    for section in document["sections"]:
        if section["short"] or not short:
            yield from ("", section["title"].upper())
            for block in section["blocks"]:
                yield from _block(block)


def _block(block: Data) -> Iterator[str]:
    kind = block["kind"]
    if kind == "paragraph":
        yield from wrapped(_badged(block, block["text"]))
    elif kind == "list":
        for item in block["items"]:
            yield from _item(item)
    elif kind == "table":
        yield from [_DETAIL] if block.get("is_detail") else _table(block)
    elif kind == "matrix":
        yield from _matrix(block)
    else:
        yield from twin(block)


def _item(item: Data) -> Iterator[str]:
    mark = "!!!" if item.get("loud") else "-"
    yield from wrapped(_badged(item, item["text"]), f"  {mark} ", "    ")
    for line in item.get("lines", ()):
        yield from wrapped(line, "      ", "        ")


def _badged(item: Data, text: str) -> str:
    return WEAK + text if item.get("weak") else text


def _table(block: Data) -> Iterator[str]:
    """One block a row: a table of nine columns fits no terminal. Where a cell has lines, each has its own."""
    yield f"  {block['caption']}:"
    columns = block["columns"]
    has_lines = any(isinstance(cell, list) for row in block["rows"] for cell in row["cells"])
    for row in block["rows"]:
        mark = f" ({row['id']})" if row.get("id") else ""
        yield from wrapped(_badged(row, f"{row['cells'][0] or '·'}{mark}"), "  - ", "    ")
        cells = [
            (name.lower(), cell) for name, cell in zip(columns[1:], row["cells"][1:], strict=True) if cell
        ]
        if has_lines:
            for name, cell in cells:
                yield from _lined(name, cell, alone=len(columns) == 2)
        else:
            yield from wrapped("; ".join(f"{name}: {cell}" for name, cell in cells), "      ")


def _lined(name: str, cell: str | list[str], *, alone: bool) -> Iterator[str]:
    """A cell in lines of its own; beneath its heading where it has several, unless it is the only one."""
    lines = cell if isinstance(cell, list) else [cell]
    if alone:
        for line in lines:
            yield from wrapped(line, "      ", "        ")
    elif len(lines) == 1:
        yield from wrapped(f"{name}: {lines[0]}", "      ", "        ")
    else:
        yield f"      {name}:"
        for line in lines:
            yield from wrapped(line, "        · ", "          ")


def _matrix(block: Data) -> Iterator[str]:
    """Side by side: a cell is wrapped within its column, never cut."""
    widths = [column["width"] for column in block["columns"]]
    yield from _beside([column["short"] for column in block["columns"]], widths)
    yield " ".join("-" * width for width in widths)
    for row in block["rows"]:
        yield from _beside([cell["short"] for cell in row], widths)
        yield ""
    for line in block["legend"]:
        yield from wrapped(line, "  ", "    ")


def _beside(cells: list[str], widths: list[int]) -> Iterator[str]:
    columns = [textwrap.wrap(clean(cell), width) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        yield " ".join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()


def reference_text(reference: Data) -> str:
    """`[3] Authors. Title. Journal. 2020. doi:… PMID …`, with what to know about it."""
    parts = [f"[{reference['number']}]", reference["text"]]
    if reference["year"]:
        parts.append(f"{reference['year']}.")
    if reference["doi"]:
        parts.append(f"doi:{reference['doi']}")
    if reference["pmid"]:
        parts.append(f"PMID {reference['pmid']}")
    if reference["registration"]:
        parts.append(reference["registration"])
    if not (reference["doi"] or reference["pmid"]) and reference["url"]:
        parts.append(reference["url"])
    if reference["remarks"]:
        parts.append(f"({'; '.join(reference['remarks'])})")
    return " ".join(parts)
