"""A document as Markdown: the same data give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.faces.citations import cited
from trivium.faces.document_text import reference_text
from trivium.faces.lines import clean
from trivium.faces.pictures import twin

Data = dict[str, Any]
_WEAK = "⚠ *weakly seen* "


def render(document: Data) -> str:
    """The whole document."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Data) -> Iterator[str]:
    yield from (f"# {_text(document['title'])}", "", f"> {_text(document['notice'])}")
    body = list(_body(document))
    yield from body
    numbers = cited(" ".join(body))
    yield from ("", "## References", "")
    for each in document["references"]:
        if each["number"] in numbers:
            yield f"{each['number']}. {_text(reference_text(each).split('] ', 1)[1])}"


def _body(document: Data) -> Iterator[str]:
    for section in document["sections"]:
        yield from ("", f"## {_text(section['title'])}")
        for block in section["blocks"]:
            yield ""
            yield from _block(block)


def _block(block: Data) -> Iterator[str]:
    kind = block["kind"]
    if kind == "paragraph":
        yield _badge(block) + _text(block["text"])
    elif kind == "list":
        for item in block["items"]:
            text = f"{_badge(item)}{_text(item['text'])}"
            yield f"- ❗ **{text}**" if item.get("loud") else f"- {text}"
            yield from (f"  - {_text(line)}" for line in (*item.get("lines", ()), *item.get("details", ())))
    elif kind == "table":
        yield f"*{_text(block['caption'])}*"
        yield ""
        yield _row(block["columns"])
        yield _row(["---"] * len(block["columns"]))
        for row in block["rows"]:
            first, *rest = (_cell(cell) for cell in row["cells"])
            yield _row([_badge(row) + first, *rest])
    elif kind == "matrix":
        yield f"*{_text(block['caption'])}*"
        yield ""
        yield _row([_cell(column["label"]) for column in block["columns"]])
        yield _row(["---"] * len(block["columns"]))
        yield from (_row([_cell(cell["words"]) for cell in row]) for row in block["rows"])
        yield ""
        yield from (f"- {_text(line)}" for line in block["legend"])
    else:
        yield "```text"
        yield from (line.replace("```", "'''") for line in twin(block))
        yield "```"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: str | list[str]) -> str:
    """A cell in one line, as a table needs it; lines of it are parted by a break."""
    lines = cell if isinstance(cell, list) else [cell]
    return "<br>".join(_text(line).replace("|", "\\|") for line in lines)


def _badge(item: Data) -> str:
    return _WEAK if item.get("weak") else ""


def _text(text: str) -> str:
    """Text without what Markdown or HTML would take for its own."""
    return clean(text).replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
