"""Which face draws which figure of a document, and the text twin of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.faces import calendar_svg, calendar_text, evidence_map, survival

Data = dict[str, Any]


def draw(block: Data) -> str:
    """A figure as SVG."""
    name, data = block["figure"], block["data"]
    if name == "forest":
        from trivium.faces.forest import render

        return render(data)
    return {"survival": survival.render, "map": evidence_map.render, "calendar": calendar_svg.render}[name](
        data
    )


def twin(block: Data) -> Iterator[str]:
    """The same in words."""
    name, data = block["figure"], block["data"]
    if name == "forest":
        from trivium.faces.forest_text import render

        yield from render(data).splitlines()
    elif name == "calendar":
        yield from calendar_text.render(data).splitlines()
    else:
        yield from {"survival": survival.lines, "map": evidence_map.lines}[name](data)
