"""How units are spelt in real records → UCUM: the table of `knowledge/units.yaml`, and tidying.

Nothing is guessed: what neither the table nor UCUM knows stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from trivium.core.units import UnitError, parse_unit


class UnitAliases(Mapping[str, str]):
    """Spellings met in records and the UCUM each means: the content of ``knowledge/units.yaml``.

    A look-up is exact, or by folded case for the entries that say ``fold``: words such as "years",
    where case carries nothing. ``snomed`` maps codes of http://snomed.info/sct to UCUM.
    """

    def __init__(
        self, exact: Mapping[str, str], folded: Mapping[str, str], snomed: Mapping[str, str]
    ) -> None:
        self._exact = dict(exact)
        self._folded = dict(folded)
        self.snomed: Mapping[str, str] = MappingProxyType(dict(snomed))

    def __getitem__(self, text: str) -> str:
        found = self._exact.get(text)
        return self._folded[text.casefold()] if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from self._exact
        yield from self._folded

    def __len__(self) -> int:
        return len(self._exact) + len(self._folded)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and (text in self._exact or text.casefold() in self._folded)

    @property
    def folded(self) -> frozenset[str]:
        """The entries matched whatever their case, in folded case."""
        return frozenset(self._folded)

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> UnitAliases:
        """Check and index the parsed ``units.yaml``. Raises UnitError naming the faulty entry."""
        exact: dict[str, str] = {}
        folded: dict[str, str] = {}
        unknown = set(document) - {"aliases", "snomed"}
        if unknown:
            raise UnitError("units.yaml", f"unknown key {', '.join(sorted(unknown))}")
        for text, ucum, fold in _rows(document, "aliases", "text"):
            if text != tidy(text):
                raise UnitError(text, "an alias is written tidied", f"write {tidy(text)!r}")
            key = text.casefold() if fold else text
            if key in exact or key in folded or text.casefold() in folded:
                raise UnitError(text, "listed twice in units.yaml")
            (folded if fold else exact)[key] = ucum
        snomed: dict[str, str] = {}
        for code, ucum, _ in _rows(document, "snomed", "code"):
            if code in snomed:
                raise UnitError(code, "listed twice in units.yaml")
            snomed[code] = ucum
        shadowed = {text.casefold() for text in exact} & set(folded)
        if shadowed:
            raise UnitError(", ".join(sorted(shadowed)), "listed twice in units.yaml")
        return cls(exact, folded, snomed)


def _rows(document: Mapping[str, object], section: str, key: str) -> Iterator[tuple[str, str, bool]]:
    rows = document.get(section, ())
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise UnitError("units.yaml", f"{section} is not a list")
    for row in rows:
        if not isinstance(row, Mapping) or set(row) - {key, "ucum", "fold", "seen_at"}:
            raise UnitError(
                "units.yaml", f"{section}: {row!r} has other keys than {key}, ucum, fold, seen_at"
            )
        text, ucum, seen_at, fold = row.get(key), row.get("ucum"), row.get("seen_at"), row.get("fold", False)
        if not (isinstance(text, str) and isinstance(ucum, str) and isinstance(seen_at, str)):
            raise UnitError("units.yaml", f"{section}: {row!r} needs {key}, ucum and seen_at, each a text")
        if not isinstance(fold, bool):
            raise UnitError("units.yaml", f"{section}: {row!r}: fold is true or false")
        parse_unit(ucum)
        yield text, ucum, fold


_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_POWER_OF_TEN: Final = re.compile(r"(?<![0-9.])10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_POWER_OF_UNIT: Final = re.compile(r"(?<=[A-Za-z\]])[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOOKALIKES: Final = str.maketrans(
    {
        "\u00b5": "u",
        "\u03bc": "u",
        "×": "x",
        "·": ".",
        "⋅": ".",
        "−": "-",
        "∕": "/",
        "⁄": "/",
        "º": "°",
        "˚": "°",
        "℃": "°C",
        "℉": "°F",
    }
)


def tidy(text: str) -> str:
    """The text with one character for each meaning: u for µ, 10^9 for 10⁹, m2 for m², single blanks.

    A superscript elsewhere (1.73²) stays, and so stays unknown.
    """
    text = _POWER_OF_TEN.sub(lambda found: "10^" + found[1].translate(_SUPERSCRIPTS), text)
    text = _POWER_OF_UNIT.sub(lambda found: found[0].translate(_SUPERSCRIPTS), text)
    return re.sub(r" ?/ ?", "/", " ".join(text.translate(_LOOKALIKES).split()))


def normalise_unit(text: str, aliases: Mapping[str, str]) -> str | None:
    """The UCUM expression meant by a spelling met in a record, or None when it is not known.

    The table comes first: it is the place where "K/uL" (kelvin per microlitre in UCUM), "C" and "F" are
    said to mean something else. What it does not list is UCUM as it stands or unknown; nothing is
    guessed from case, and "K" alone is kelvin.
    """
    cleaned = tidy(text)
    known = aliases.get(cleaned)
    if known is not None:
        return known
    try:
        parse_unit(cleaned)
    except UnitError:
        return None
    return cleaned
