"""A document (sections of paragraphs, lists, tables, figures) as text for a terminal, short or whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.faces.lines import WIDTH, clean, wrapped
from trivium.faces.pictures import twin

Data = dict[str, Any]
WEAK = "[weakly seen] "


def render(document: Data, *, short: bool = False) -> str:
    """The text; `short` shows only the sections that are meant for one screen, and the sources they cite."""
    return "\n".join(_lines(document, short)) + "\n"


def _lines(document: Data, short: bool) -> Iterator[str]:
    yield from (clean(document["title"]), "=" * min(WIDTH, len(document["title"])))
    yield from wrapped(document["notice"])
    shown = [section for section in document["sections"] if section["short"] or not short]
    for section in shown:
        yield from ("", section["title"].upper())
        for block in section["blocks"]:
            yield from _block(block)
    yield from _references(document, shown if short else None)
    if short:
        yield from (
            "",
            "Without --short: every study and comparison, reasons, harms, doses, what is not known.",
        )


def _block(block: Data) -> Iterator[str]:
    kind = block["kind"]
    if kind == "paragraph":
        yield from wrapped(_badged(block, block["text"]))
    elif kind == "list":
        for item in block["items"]:
            yield from wrapped(_badged(item, item["text"]), "  - ", "    ")
    elif kind == "table":
        yield from _table(block)
    else:
        yield from twin(block)


def _badged(item: Data, text: str) -> str:
    return WEAK + text if item.get("weak") else text


def _table(block: Data) -> Iterator[str]:
    """One block a row: a table of nine columns fits no terminal."""
    yield f"  {block['caption']}:"
    columns = block["columns"]
    for row in block["rows"]:
        cells = row["cells"]
        parts = [
            f"{column.lower()}: {cell}" for column, cell in zip(columns[1:], cells[1:], strict=True) if cell
        ]
        head = cells[0] or "·"
        mark = f" ({row['id']})" if row.get("id") else ""
        yield from wrapped(_badged(row, f"{head}{mark}"), "  - ", "    ")
        yield from wrapped("; ".join(parts), "      ")


def _references(document: Data, shown: list[Data] | None) -> Iterator[str]:
    references = document["references"]
    if shown is not None:
        cited = _cited(shown)
        references = [each for each in references if each["number"] in cited]
    if references:
        yield from ("", "REFERENCES")
    for each in references:
        yield from wrapped(reference_text(each), "  ", "      ")


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


def _cited(sections: list[Data]) -> set[int]:
    import re

    text = repr(sections)
    return {int(number) for group in re.findall(r"\[(\d+(?:, \d+)*)\]", text) for number in group.split(", ")}
