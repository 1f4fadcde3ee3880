"""The numbers of a sentence by what they are: counts of patients, percents, doses, levels, groups, years.

A sentence → typed numbers with the words they stood in. It knows no study and no drug.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_WORDS = {
    word: number
    for number, word in enumerate(
        [
            *(
                "zero",
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
            ),
            *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
            "twenty",
        ]
    )
}
_N = rf"(?:\d{{1,5}}|{'|'.join(_WORDS)})"
_PEOPLE = r"(?:patients?|cases?|participants?|subjects?|people|persons?|individuals?|adults?|men|women)"
_NUM = r"\d+(?:[.,]\d+)?"
_DASH = r"\s*(?:-|–|—|to|or)\s*"

_SHARE = re.compile(rf"\b({_N})\s*(?:/|of|out of|in)\s*(?:the\s+|these\s+|all\s+)?({_N})\b(?!\s*%)", re.I)
_ALL = re.compile(rf"\ball\s+(?:of\s+)?(?:the\s+)?({_N})\b", re.I)
_NONE = re.compile(rf"\bnone\s+of\s+(?:the\s+)?({_N})\b", re.I)
_PERCENT = re.compile(rf"(?<![\d.])({_NUM})\s?(?:%|per\s?cent\b|percent\b)", re.I)
_GROUP = re.compile(rf"\b({_N})\s+(?:(?!of\b)[A-Za-z][\w/-]*\s+){{0,4}}?{_PEOPLE}\b|\bn\s*=\s*(\d+)", re.I)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_DOSE = re.compile(
    rf"(?<![\w.])({_NUM})(?:{_DASH}({_NUM}))?\s?"
    r"(mg|g|mcg|µg|μg|ug|IU|units?)\b(?:\s?(?:/|per)\s?(kg|m2|m²|m\^2)\b)?"
    r"(?:(?:\s?(?:/|per)\s?|\s+)(dose|infusion|day|d\b|24\s?h))?",
    re.I,
)
_LEVEL = re.compile(rf"(?<![\w.])({_NUM})(?:{_DASH}({_NUM}))?\s?(ng|µg|μg|ug|mcg)\s?/\s?mL\b", re.I)
_RATIO = re.compile(
    rf"\b(HR|OR|RR|(?i:hazard ratio|odds ratio|risk ratio|relative risk))\b(?:\s?\((?:HR|OR|RR)\))?"
    rf"\s*(?:of|was|is|=|:|,)?\s*({_NUM})(?!\s?(?:mg|g|%|/))"
)
_TIMES = (
    (
        re.compile(
            r"\b(?:twice|two times|2\s?(?:x|times))\s+(?:a\s+|per\s+)?da(?:ily|y)|\bbid\b|every 12 h", re.I
        ),
        2,
    ),
    (re.compile(r"\b(?:three times|thrice|3\s?(?:x|times))\s+(?:a\s+|per\s+)?da(?:ily|y)|\btid\b", re.I), 3),
    (re.compile(r"\b(?:once\s+(?:a\s+|per\s+)?)?daily\b|\bonce a day\b|\bqd\b|every 24 h", re.I), 1),
)
_COURSE = re.compile(r"\b(?:divided|split|spread|over\s+\d|per course|a course|per cycle|in total)", re.I)
_NEAR = 45
_MEASURED = re.compile(r"\s?(?:mg|g|kg|mL|weeks?|days?|months?|years?|h)\b", re.I)
_TOLD = re.compile(
    rf"\s*(?:[\w-]+\s+){{0,3}}?{_PEOPLE}|\s*(?:had|developed|died|survived|improved|responded)", re.I
)


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n`, as words; `n` None where only a count stands."""

    words: str
    at: int
    k: int
    n: int


@dataclass(frozen=True, slots=True)
class Percent:
    """A percent; `step` is the rounding it was printed with (1 or 0.1)."""

    words: str
    at: int
    value: Fraction
    step: Fraction


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount from `low` to `high` in mg (or units) per kg or m2 where said; `per` administration, day,
    course or "" where the sentence does not say; `times` a day where said."""

    words: str
    at: int
    low: Fraction
    high: Fraction
    unit: str  # mg | mg/kg | mg/m2 | [iU] …
    per: str
    times: int | None


@dataclass(frozen=True, slots=True)
class Level:
    """A blood level from `low` to `high` ng/mL."""

    words: str
    at: int
    low: Fraction
    high: Fraction


def shares(sentence: str) -> list[Share]:
    """`four of six`, `5/6`, `all six`, `none of 11`; a dose such as 80/400 mg and dates are none."""
    found = []
    for match in _SHARE.finditer(sentence):
        k, n = _number(match[1]), _number(match[2])
        if (
            k <= n
            and n > 1
            and not re.match(r"\s?(?:mg|g|kg|mL|weeks?|days?|months?|years?|h\b)", sentence[match.end() :])
        ):
            found.append(Share(match[0], match.start(), k, n))
    for pattern, share in ((_ALL, True), (_NONE, False)):
        for match in pattern.finditer(sentence):
            n = _number(match[1])
            taken = any(each.at <= match.start() < each.at + len(each.words) for each in found)
            if n > 1 and _TOLD.match(sentence, match.end()) and not taken:
                found.append(Share(match[0], match.start(), n if share else 0, n))
    return sorted(found, key=lambda each: each.at)


def percents(sentence: str) -> list[Percent]:
    """Every percent; those of a confidence interval (`95 % CI`) are none."""
    found = []
    for match in _PERCENT.finditer(sentence):
        if re.match(r"\s*(?:CI|confidence|prediction)", sentence[match.end() :], re.I):
            continue
        text = match[1].replace(",", ".")
        digits = len(text.partition(".")[2])
        found.append(Percent(match[0], match.start(), Fraction(text), Fraction(1, 10**digits)))
    return found


def groups(sentence: str) -> list[Share]:
    """Sizes of groups: `399 patients`, `six MDA5-DM patients`, `n = 44`; k is n."""
    found = []
    for match in _GROUP.finditer(sentence):
        n = _number(match[1] or match[2])
        if n > 1 and not _YEAR.fullmatch(match[1] or ""):
            found.append(Share(match[0], match.start(), n, n))
    return found


def years(sentence: str) -> list[int]:
    """Years that are printed."""
    return [int(match[1]) for match in _YEAR.finditer(sentence)]


def doses(sentence: str) -> list[Dose]:
    """Amounts of a drug, grams as milligrams."""
    found = []
    for match in _DOSE.finditer(sentence):
        if match[3].lower() in ("µg", "μg", "ug", "mcg") and re.match(r"\s?/\s?mL", sentence[match.end() :]):
            continue
        low = Fraction(match[1].replace(",", "."))
        high = Fraction(match[2].replace(",", ".")) if match[2] else low
        factor, unit = _scale(match[3])
        after = sentence[match.end() : match.end() + _NEAR]
        per, times = _per(match[5] or "", after)
        by = {"kg": "/kg", "m2": "/m2", "m²": "/m2", "m^2": "/m2"}.get((match[4] or "").lower(), "")
        found.append(
            Dose(match[0].strip(), match.start(), low * factor, high * factor, unit + by, per, times)
        )
    return found


def levels(sentence: str) -> list[Level]:
    """Blood levels in ng/mL."""
    found = []
    for match in _LEVEL.finditer(sentence):
        factor = 1 if match[3].lower() == "ng" else 1000
        low = Fraction(match[1].replace(",", ".")) * factor
        high = Fraction(match[2].replace(",", ".")) * factor if match[2] else low
        found.append(Level(match[0], match.start(), low, high))
    return found


def ratios(sentence: str) -> list[tuple[str, str, Fraction]]:
    """Ratios with their measure: (words, HR | OR | RR, value)."""
    short = {"hazard ratio": "HR", "odds ratio": "OR", "risk ratio": "RR", "relative risk": "RR"}
    return [
        (match[0], short.get(match[1].lower(), match[1].upper()), Fraction(match[2].replace(",", ".")))
        for match in _RATIO.finditer(sentence)
    ]


def _number(text: str) -> int:
    return _WORDS[text.lower()] if text.lower() in _WORDS else int(text)


def _scale(unit: str) -> tuple[Fraction, str]:
    name = unit.lower()
    if name == "g":
        return Fraction(1000), "mg"
    if name in ("mcg", "µg", "μg", "ug"):
        return Fraction(1, 1000), "mg"
    return Fraction(1), "mg" if name == "mg" else "[iU]"


def _per(said: str, after: str) -> tuple[str, int | None]:
    if said.lower() in ("dose", "infusion"):
        return "administration", None
    if said:
        return "day", None
    clause = re.split(r"[;.]\s|,\s(?:and|or)\s", after)[0]
    if _COURSE.search(clause):
        return "course", None
    for pattern, times in _TIMES:
        match = pattern.search(clause)
        if match and match.start() < 12:
            return "administration", times
    return "", None
