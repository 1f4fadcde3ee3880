"""Lines of text for a terminal: cleaned of control characters, wrapped to one width."""

from __future__ import annotations

import textwrap

WIDTH = 100


def clean(text: str) -> str:
    """Text from a record without control characters: it must not steer what it is shown on."""
    return "".join(character if character.isprintable() else " " for character in text)


def wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """The text as lines: the first begins with `first`, the others with `rest` (or with `first`)."""
    if not text:
        return []
    return textwrap.wrap(
        clean(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
