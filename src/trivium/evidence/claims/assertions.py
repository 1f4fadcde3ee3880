"""A text → its assertions: sentences that say a number, a strength or a dose about things of the base.

A bullet under a heading is about what the heading names. Nothing is judged here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trivium.evidence.claims import quantities
from trivium.evidence.strength import claimed, sentences
from trivium.evidence.vocabulary import Vocabulary
from trivium.evidence.words import tokens
from trivium.knowledge.evidence import EvidenceBase

_HEADING = 70  # longer lines are sentences whose full stop is missing
_ADVISES = re.compile(
    r"\b(?:consider(?:ed)?|should|recommend\w*|start|initiat\w*|begin|use[ds]?|add(?:ing|ed)?|given?|typical(?:ly)?"
    r"|standard dos\w*|usual dos\w*|dosing is|dose is|escalat\w*|increase|options?|propos\w*|may be|can be"
    r"|endors\w*|support\w*|appropriate|reasonable)\b",
    re.I,
)
_REPORTS = re.compile(
    r"\b(?:case series|case report|cohort|trial|study|studies|review|reported|showed|demonstrated|resulted|"
    r"developed|occurred|were|was|had|found|enrolled|achieved)\b",
    re.I,
)
_GUIDELINE = re.compile(
    r"\b(?:guidelines?|guidance|ACR|CHEST|EULAR|ERS|consensus|panel(?:ists?)?|recommend\w*|endors\w*)\b", re.I
)
_TRIPLE = re.compile(
    r"\b(?:triple|three)[\s-]+(?:(?:drug|agent|combination|immunosuppress\w+)[\s-]+){0,2}"
    r"(?:therapy|treatment|regimen|combination|drugs?|agents?)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """One sentence with what it names (ids of the base) and what it says. `own` are the agents of the
    sentence itself, `agents` those and, for a bullet, its heading's."""

    text: str
    at: int
    agents: tuple[str, ...]
    own: tuple[str, ...]
    outcomes: tuple[str, ...]
    populations: tuple[str, ...]
    designs: tuple[str, ...]
    shares: tuple[quantities.Share, ...]
    percents: tuple[quantities.Percent, ...]
    groups: tuple[quantities.Share, ...]
    doses: tuple[quantities.Dose, ...]
    levels: tuple[quantities.Level, ...]
    ratios: tuple[tuple[str, str, object], ...]
    years: tuple[int, ...]
    claims_grade: bool
    is_about_guideline: bool
    says_triple: bool

    @property
    def says_something(self) -> bool:
        """Whether there is anything here that could be held against the base."""
        numbers = self.shares or self.percents or self.groups or self.doses or self.levels or self.ratios
        return bool(numbers or self.claims_grade or self.says_triple)

    @property
    def advises(self) -> bool:
        """Whether it tells somebody what to do, and does not only report a study."""
        return bool(_ADVISES.search(self.text)) and not self.reports

    @property
    def reports(self) -> bool:
        return bool(_REPORTS.search(self.text)) and bool(
            self.shares or self.percents or self.groups or self.years
        )


def assertions(text: str, base: EvidenceBase, words: Vocabulary) -> list[Assertion]:
    """Every sentence of the text, in order, with what it names."""
    heading: tuple[str, ...] = ()
    found = []
    for at, sentence in sentences(text):
        named = mentions(sentence, words)
        is_bullet = bool(re.match(r"[-*•‣·\d]", sentence))
        if not is_bullet and _is_heading(sentence):
            heading = named["agent"]
        own = tuple(name for name in named["agent"] if base.agents[name].sort != "background")
        agents = tuple(dict.fromkeys((*(heading if is_bullet else ()), *own)))
        found.append(
            Assertion(
                text=sentence,
                at=at,
                agents=agents,
                own=own,
                outcomes=named["outcome"],
                populations=named["population"],
                designs=named["design"],
                shares=tuple(quantities.shares(sentence)),
                percents=tuple(quantities.percents(sentence)),
                groups=tuple(quantities.groups(sentence)),
                doses=tuple(quantities.doses(sentence)),
                levels=tuple(quantities.levels(sentence)),
                ratios=tuple(quantities.ratios(sentence)),
                years=tuple(quantities.years(sentence)),
                claims_grade=bool(claimed(sentence)),
                is_about_guideline=bool(_GUIDELINE.search(sentence)),
                says_triple=bool(_TRIPLE.search(sentence)),
            )
        )
    return found


def mentions(sentence: str, words: Vocabulary) -> dict[str, tuple[str, ...]]:
    """What a sentence names, by kind, in order; the longest name wins."""
    read = tokens(sentence)
    found: dict[str, dict[str, None]] = {"agent": {}, "outcome": {}, "population": {}, "design": {}}
    at = 0
    while at < len(read):
        for length in range(min(words.longest, len(read) - at), 0, -1):
            meaning = words.means(" ".join(token.word for token in read[at : at + length]))
            if meaning is not None and not _is_too_short(meaning.sort, read[at].written):
                for name in meaning.ids:
                    found[meaning.kind][name] = None
                at += length
                break
        else:
            at += 1
    return {kind: tuple(names) for kind, names in found.items()}


def _is_too_short(sort: str, written: str) -> bool:
    """A short form counts only as it is written: `pred` or `CS`, not the letters of another word."""
    return sort == "abbreviation" and len(written) <= 3 and written.islower()


def _is_heading(sentence: str) -> bool:
    return sentence.rstrip().endswith(":") or (
        len(sentence) < 70 and not sentence.rstrip().endswith((".", "!", "?"))
    )
