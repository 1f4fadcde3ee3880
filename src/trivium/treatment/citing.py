"""Sources as documents show them: numbers in the text, and the list behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Data = dict[str, Any]


class Cites:
    """Numbers for sources; what is cited outside of the numbered list stays unnumbered."""

    def __init__(self, references: Iterable[Data]) -> None:
        self.numbers = {each["id"]: each["number"] for each in references}

    def __call__(self, sources: Iterable[Mapping[str, Any]]) -> str:
        found = sorted({self.numbers[leg["source"]] for leg in sources if leg["source"] in self.numbers})
        return f"[{', '.join(map(str, found))}]" if found else ""

    def line(self, text: str, sources: Iterable[Mapping[str, Any]]) -> str:
        """The text with its numbers, and a word where it rests on weak sources alone."""
        legs = list(sources)
        weak = " (weakly seen)" if is_weak(legs) else ""
        return f"{text} {self(legs)}".strip() + weak


def is_weak(sources: Iterable[Mapping[str, Any]]) -> bool:
    """Whether something rests on weak sources alone."""
    legs = list(sources)
    return bool(legs) and all(leg.get("weak") for leg in legs)


def reference(source: Data) -> Data:
    """A source as the faces of documents list it."""
    return {
        "number": source["number"],
        "id": source["id"],
        "text": f"{source['title'].rstrip('.')}.",
        "year": source["year"],
        "doi": source["doi"] or "",
        "pmid": source["pmid"] or "",
        "registration": "",
        "url": source["url"] or "",
        "remarks": [],
    }
