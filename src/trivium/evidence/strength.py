"""The strength linter: whether a sentence claims more than its source does.

A sentence, and the strength and certainty of what it reports → every word that claims more. It knows
words, not medicine; a word that is denied ("no strong recommendation") claims nothing. What a brief says
of a guideline passes through here, and so does every text that is held against the base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from trivium.knowledge.models import CERTAINTIES, STRENGTHS, Certainty, Strength


@dataclass(frozen=True, slots=True)
class Inflation:
    """A wording that claims more than it may: the words, where they stand, what they claim, what is so."""

    words: str
    at: int  # character of the sentence
    about: OneOf["strength", "certainty"]
    claims: str
    allowed: str

    def __str__(self) -> str:
        return f"“{self.words}” claims {self.about} {self.claims}; its source has {self.allowed}"


@dataclass(frozen=True, slots=True)
class _Wording:
    """A pattern, and the least strength or certainty that it may stand for."""

    pattern: re.Pattern[str]
    about: OneOf["strength", "certainty"]
    claims: Strength | Certainty


def _strength(claims: Strength, *patterns: str) -> list[_Wording]:
    return [_Wording(re.compile(rf"\b(?:{each})", re.I), "strength", claims) for each in patterns]


def _certainty(claims: Certainty, *patterns: str) -> list[_Wording]:
    return [_Wording(re.compile(rf"\b(?:{each})", re.I), "certainty", claims) for each in patterns]


# From the strongest down: a stretch of text that one pattern took is not looked at again.
_WORDINGS = (
    *_strength(
        "strong",
        r"(?:very\s+)?strong(?:ly|est)?\s+(?:guideline\s+)?(?:recommend\w*|support\w*|endors\w*|advis\w*|favou?r\w*|indicat\w*|back\w*|position\w*)",
        r"(?:explicit(?:ly)?|fully|clearly|firmly|unequivocally)\s+(?:recommend\w*|support\w*|endors\w*)",
        r"strong\s+(?:guideline\s+)?(?:recommendation|endorsement|support)s?",
        r"(?:gold\s+standard|treatment\s+of\s+choice)",
        r"(?:is|are|as|becom\w+)\s+(?:now\s+)?(?:the\s+)?standard[\s-]of[\s-]care",
        r"(?:is|are|as)\s+(?:now\s+)?(?:the\s+)?standard\b(?!\s+(?:dos|devi|err|lab|immuno))",
        r"(?:must|mandatory|mandated|obligatory|always\s+(?:be\s+)?(?:given|used|start\w*))\b",
        r"(?:grade\s+(?:a|1)\b|class\s+i\b)\s*(?:recommendation)?",
    ),
    *_strength("conditional", r"conditional(?:ly)?\s+\w*\s?recommend\w*", r"weak(?:ly)?\s+recommend\w*"),
    *_strength(
        "conditional",
        r"(?:is|are|was|were|been|be|guidelines?|college|panel|acr\S*|eular\S*)\s+(?:also\s+|now\s+)?recommend(?:s|ed|ing)?\b",
        r"recommended\b",
        r"should\s+(?:be\s+)?(?:given|used|start\w*|receive\w*)",
        r"(?:first[\s-]line)\s+(?:recommendation)",
    ),
    *_certainty(
        "high",
        r"(?:prove[nsd]?|proof|definitive(?:ly)?|conclusive(?:ly)?|unequivocal(?:ly)?|established\s+(?:efficacy|benefit))\b",
        r"(?:high[\s-](?:quality|certainty)|robust|compelling|convincing)\s+(?:\w+\s+)?(?:evidence|data|trial|support)",
        r"(?:strong|solid)\s+evidence",
    ),
    *_certainty(
        "moderate",
        r"clearly\s+(?:improve|reduce|superior|effective|better|benefit)\w*",
        r"(?:highly|very)\s+effective",
        r"(?:moderate|good)[\s-](?:quality|certainty)\s+(?:evidence|data)?",
        r"(?:significantly|dramatically|markedly)\s+(?:improve|reduce|increase|prolong)\w*\s+survival",
    ),
)

_DENIED = re.compile(
    r"\b(?:no|not|n't|none|never|nothing|neither|nor|without|hardly|lacks?|lacking|absence\s+of|instead\s+of|rather\s+than|"
    r"cannot|far\s+from)\b[^.;:,]{0,40}$",
    re.I,
)
_NEGATED_AFTER = re.compile(r"^\s*(?:is|are|was|were)?\s*(?:not|never)\b", re.I)


def inflations(sentence: str, strength: Strength, certainty: Certainty) -> list[Inflation]:
    """Every wording that claims more than `strength` or `certainty`, in the order of the sentence.

    A certainty that was not graded allows nothing above very low.
    """
    allowed = {"strength": strength, "certainty": certainty}
    scales: dict[str, tuple[str, ...]] = {"strength": STRENGTHS, "certainty": CERTAINTIES}
    return [
        Inflation(words, at, wording.about, wording.claims, allowed[wording.about])
        for wording, words, at in claimed(sentence)
        if scales[wording.about].index(wording.claims) < scales[wording.about].index(allowed[wording.about])
    ]


def claimed(sentence: str) -> list[tuple[_Wording, str, int]]:
    """What a sentence claims: each wording with its words and place, denied ones left out."""
    taken: list[range] = []
    found = []
    for wording in _WORDINGS:
        for match in wording.pattern.finditer(sentence):
            span = range(match.start(), match.end())
            if any(span.start < other.stop and other.start < span.stop for other in taken):
                continue
            taken.append(span)
            if not _is_denied(sentence, span):
                found.append((wording, match.group().strip(), match.start()))
    return sorted(found, key=lambda each: each[2])


def claimed_strength(sentence: str) -> Strength | None:
    """The strongest recommendation a sentence claims, None when it claims none."""
    claims = [wording.claims for wording, _, _ in claimed(sentence) if wording.about == "strength"]
    return next((level for level in STRENGTHS if level in claims), None)


def _is_denied(sentence: str, span: range) -> bool:
    before, after = sentence[: span.start], sentence[span.stop :]
    return bool(_DENIED.search(before) or _NEGATED_AFTER.search(after))


def report(direction: str, strength: Strength, certainty: Certainty) -> str:
    """How a guideline's position is put, never stronger than it is: `conditionally recommended for`…"""
    side = {"for": "in favour", "against": "against"}.get(direction, "")
    graded = {
        "strong": "strong recommendation",
        "conditional": "conditional recommendation",
        "expert-opinion": "expert opinion",
        "not-graded": "statement without a grade",
    }[strength]
    sure = "" if certainty == "not-graded" else f", {certainty.replace('-', ' ')} certainty"
    return " ".join(part for part in (graded, side) if part) + sure


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence of a text with its first character's place; list items and lines are sentences too."""
    for match in re.finditer(r"[^\n]+", text):
        line, start = match.group(), match.start()
        begin = 0
        for stop in re.finditer(r"(?<=[a-z0-9)\]%])[.!?](?=\s+[A-Z(\[“\"]|\s*$)", line):
            piece = line[begin : stop.end()]
            if piece.strip():
                yield start + begin + len(piece) - len(piece.lstrip()), piece.strip()
            begin = stop.end()
        rest = line[begin:]
        if rest.strip():
            yield start + begin + len(rest) - len(rest.lstrip()), rest.strip()
