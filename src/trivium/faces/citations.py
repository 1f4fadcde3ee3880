"""Which numbered sources a text cites: `[3]` and `[1, 4]`, also where a line breaks within."""

from __future__ import annotations

import re

CITATION = re.compile(r"\[(\d+(?:,\s+\d+)*)\]")


def cited(text: str) -> set[int]:
    """The numbers between square brackets."""
    return {int(number) for group in CITATION.findall(text) for number in group.split(",")}
