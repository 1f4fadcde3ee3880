"""A word that is no name → the name it is a short form or a misspelling of, or what it could be.

A short form is the beginning of a name, four letters or more. A misspelling is one slip away (two in a word
of eight letters or more, three from twelve), slips being letters left out, put in, changed or swapped. Two
meanings that fit equally well are never chosen between: wrong drugs look alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from trivium.evidence.vocabulary import Meaning, Vocabulary

_SHORTEST_FORM = 4
_SHORTEST_SLIP = 5


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A piece of the question that could mean several things, by their labels."""

    written: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """The word it was read as, and why: shortened | misspelt."""

    word: str
    how: str


def correct(word: str, words: Vocabulary) -> Correction | Ambiguity | None:
    """What a word was meant to be; None when nothing is near enough.

    Shapes:  a casefolded word in; the corrected word is one of the vocabulary's.
    """
    begun = [each for each in words.words if len(word) >= _SHORTEST_FORM and each.startswith(word)]
    if begun:
        return _one(word, begun, words, "shortened")
    if len(word) < _SHORTEST_SLIP:
        return None
    from rapidfuzz.distance import DamerauLevenshtein

    allowed = 1 if len(word) < 8 else 2 if len(word) < 12 else 3
    near: dict[int, list[str]] = {}
    for each in words.words:
        if len(each) < _SHORTEST_SLIP or abs(len(each) - len(word)) > allowed:
            continue
        slips = DamerauLevenshtein.distance(word, each, score_cutoff=allowed)
        if slips <= allowed and (slips == 1 or each[0] == word[0]):
            near.setdefault(slips, []).append(each)
    return _one(word, near[min(near)], words, "misspelt") if near else None


def _one(word: str, candidates: list[str], words: Vocabulary, how: str) -> Correction | Ambiguity | None:
    """The candidate, when all of them mean one thing."""
    ordered = sorted(candidates, key=lambda each: (len(each), each))
    alone = {each: words.means(each) for each in ordered}
    meant = {(meaning.kind, meaning.ids): meaning for meaning in alone.values() if meaning is not None}
    if len(meant) > 1:
        return Ambiguity(word, tuple(sorted({_label(meaning) for meaning in meant.values()})))
    if meant:
        return Correction(next(each for each in ordered if alone[each] is not None), how)
    return Correction(ordered[0], how) if len(ordered) == 1 else None


def _label(meaning: Meaning) -> str:
    return meaning.label
