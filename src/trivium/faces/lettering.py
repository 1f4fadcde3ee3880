"""Widths of text in a drawing, held a little too large, and lines folded to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from trivium.faces.lines import clean


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is in pixels at this font size, in the widest of the usual fonts."""
    return sum(map(_letter, clean(text))) * size * (1.1 if bold else 1.04)


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in " .,:;'|()[]/ilj!":
        return 0.33
    if letter.isupper() or letter in "mw%&@":
        return 0.78
    return 0.58


def fold(text: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    """Lines no wider than this; a word that is wider itself is cut where it must be."""
    line = ""
    for word in clean(text).split():
        longer = f"{line} {word}" if line else word
        if wide(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            yield line
        while wide(word, size, bold=bold) > width:
            fits = next(n for n in range(len(word), 0, -1) if wide(word[:n], size, bold=bold) <= width)
            yield word[:fits]
            word = word[fits:]
        line = word
    if line:
        yield line
