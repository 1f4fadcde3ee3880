"""The small words of questions: what joins, negates, compares, tells a time, or means nothing for a search.

A text → tokens. No clinical word stands here; those come from the base.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

NEGATING = (
    "without", "w o", "not", "no", "non", "excluding", "exclude", "except", "except for", "other than",
    "minus", "instead of", "rather than", "never", "lacking", "omitting", "leaving out", "not including",
    "avoiding",
)  # fmt: skip
NEGATING_AFTER = ("negative", "free", "excluded")
PRIOR = (
    "refractory to", "resistant to", "after failure of", "after failing", "failure of", "failed", "failing",
    "despite", "not responding to", "unresponsive to", "after", "previously treated with", "pretreated with",
)  # fmt: skip
COMPARING = (
    "versus", "vs", "v", "compared with", "compared to", "against", "as opposed to", "or better than",
    "better than", "superior to", "inferior to", "worse than",
)  # fmt: skip
ENDING = (
    "with",
    "plus",
    "but",
    "then",
    "followed by",
    "treated with",
    "given",
    "added to",
    "adding",
    "add on",
    ";",
    ".",
    "?",
)
OR = frozenset(("or",))
LINKING = frozenset(("and", "or", "nor", ",", "+", "&", "neither", "either", "both"))
TOPICS = {
    "cost": "cost", "costs": "cost", "price": "cost", "prices": "cost", "availability": "cost",
    "biosimilar": "biosimilar", "biosimilars": "biosimilar",
    "available": "cost", "coverage": "cost", "insurance": "cost", "dose": "dose", "doses": "dose",
    "dosing": "dose", "dosage": "dose", "certainty": "certainty", "grade": "certainty",
    "quality": "certainty",
    "algorithm": "algorithm", "references": "references",
}  # fmt: skip
_IDLE = """
a an the of for in on at to from by as is are was were be been being it its this that these those there any
some all what which who whom whose how when where why do does did doing done can could should would may
might will shall has have had having i we you they he she my our your their me us them please tell show give
find list know about evidence data literature study studies published publication publications report
reports reported paper papers research result results outcome outcomes use uses used using treatment
treatments treat treating therapy therapies therapeutic regimen regimens combination combinations combined
combine combining combo drug drugs agent agents medication medications medicine patient patients people
person disease diseases condition syndrome associated related due role effect effects work works working
help helps good best better support supports supported supporting more most much many very than between
among whether if so also only just during within while because into over under per effective option options
choice choices exist exists rate rates risk risks incidence frequency summary summarise summarize brief
question answer say says said see seen still recommended compare comparison compared antibody antibodies
positive
"""
IDLE = frozenset(_IDLE.split())
_UNITS = {
    "day": Decimal(1) / 7, "days": Decimal(1) / 7, "week": Decimal(1), "weeks": Decimal(1), "wk": Decimal(1),
    "wks": Decimal(1), "month": Decimal(52) / 12, "months": Decimal(52) / 12, "mo": Decimal(52) / 12,
    "year": Decimal(52), "years": Decimal(52), "yr": Decimal(52), "yrs": Decimal(52),
}  # fmt: skip
_IN_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12, "ten": 10}
_TOKEN = re.compile(r"[^\W_]+(?:\.\d+)?%?|[,+&;?]|\.(?=\s|$)")
_NEGATIVE = re.compile(r"(?<=\w)[-–−](?=[\s,;.)]|$)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the question: as written, as compared; `how` it was corrected, if it was. `is_joined` tells
    that nothing but a slash or hyphen parts it from the word before."""

    written: str
    word: str
    how: str = ""
    is_ambiguous: bool = False
    is_joined: bool = False

    @property
    def is_mark(self) -> bool:
        return not self.word[0].isalnum()

    @property
    def is_number(self) -> bool:
        return self.word[0].isdigit()


def tokens(text: str) -> list[Token]:
    """Words and the marks that join them; `MDA5-` is negative, other hyphens and slashes part words."""
    flat = unicodedata.normalize("NFKC", text)
    flat = _NEGATIVE.sub(" negative", flat).replace("w/o", "without")
    flat = re.sub(r"(?<=[^\W\d_])['’]s\b", "", flat)
    found: list[Token] = []
    end = -1
    for each in _TOKEN.finditer(flat):
        between = flat[end : each.start()] if found else " "
        found.append(Token(each[0], each[0].casefold(), is_joined=between in ("/", "-")))
        end = each.end()
    return found


def phrase_at(read: list[Token], at: int, phrases: Collection[str]) -> int:
    """The length of the longest of these phrases that begins at `at`; 0 for none."""
    longest = 0
    for phrase in phrases:
        parts = phrase.split()
        if len(parts) > longest and [token.word for token in read[at : at + len(parts)]] == parts:
            longest = len(parts)
    return longest


def weeks_at(read: list[Token], at: int) -> tuple[Decimal, int, str] | None:
    """A time such as `6 months` at this place: in weeks (one decimal), its length, as written."""
    if at + 1 >= len(read):
        return None
    number, unit = read[at].word, read[at + 1].word
    if unit not in _UNITS or not (re.fullmatch(r"\d+(\.\d+)?", number) or number in _IN_WORDS):
        return None
    value = Decimal(_IN_WORDS.get(number, 0)) or Decimal(number)
    weeks = (value * _UNITS[unit]).quantize(Decimal("0.1"))
    return weeks, 2, f"{read[at].written} {read[at + 1].written}"
