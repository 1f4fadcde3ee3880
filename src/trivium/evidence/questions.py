"""A question in plain words → what is asked: agents, outcomes, populations, designs, times, and what is not.

Deterministic; nothing is dropped silently. What was read from a brand name, a short form or a misspelling is
in `readings`, what could mean two things in `ambiguous`, what could not be read in `not_understood`. Words
without meaning for a search (the, evidence, therapy) are left out. It must not know any study.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from trivium.evidence.correction import Ambiguity, correct
from trivium.evidence.vocabulary import Kind, Meaning, Vocabulary, vocabulary
from trivium.evidence.words import (
    COMPARING,
    ENDING,
    IDLE,
    LINKING,
    NEGATING,
    NEGATING_AFTER,
    OR,
    PRIOR,
    TOPICS,
    Token,
    phrase_at,
    tokens,
    weeks_at,
)
from trivium.knowledge.evidence import EvidenceBase

_LISTS: dict[Kind, str] = {
    "agent": "agents",
    "population": "populations",
    "outcome": "outcomes",
    "design": "designs",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of the question and what it was read as.

    `how`: as-is | class | spelling | brand | biosimilar | abbreviation | shortened | misspelt | time | topic;
    `role`: asked | without | prior.
    """

    written: str
    read_as: str
    kind: str
    how: str
    role: str = "asked"
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. All ids are canonical; `agents` are in the order in which they were named.

    `sides` holds the agents left and right of each `versus`; one side when nothing is compared. `is_each`
    is true where agents were joined by `or`: each of them, not all together. `prior` are agents that failed
    before; `without…` is what was excluded.
    """

    text: str
    agents: tuple[str, ...] = ()
    sides: tuple[tuple[str, ...], ...] = ()
    is_each: bool = False
    prior: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    weeks: tuple[Decimal, ...] = ()
    topics: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    without_outcomes: tuple[str, ...] = ()
    without_populations: tuple[str, ...] = ()
    without_designs: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    not_understood: tuple[str, ...] = ()

    @property
    def is_comparison(self) -> bool:
        return len(self.sides) > 1

    @property
    def corrected(self) -> tuple[Reading, ...]:
        """What the reader should be told that it was taken to mean."""
        return tuple(reading for reading in self.readings if reading.how in ("misspelt", "shortened"))


@dataclass(slots=True)
class _Reader:
    """One pass from left to right; `role` says what the next names are named for."""

    words: Vocabulary
    found: dict[str, list[str]] = field(default_factory=dict)
    sides: list[list[str]] = field(default_factory=lambda: [[]])
    weeks: list[Decimal] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    role: str = "asked"
    named: str = ""  # the kind of the names that the role has met
    is_each: bool = False

    def put(self, name: str, ids: Iterable[str]) -> None:
        held = self.found.setdefault(name, [])
        held += [each for each in ids if each not in held]


def understand(text: str, base: EvidenceBase) -> Question:
    """Read a question by the names of a base.

    Errors:  none; a question of which nothing was understood has no agents, outcomes, … and says so.
    """
    words = vocabulary(base)
    reader = _Reader(words)
    read = [_corrected(token, words, reader) for token in tokens(text)]
    at = 0
    while at < len(read):
        at += _step(reader, read, at)
    sides = tuple(tuple(side) for side in reader.sides if side)

    def got(name: str) -> tuple[str, ...]:
        return tuple(reader.found.get(name, ()))

    return Question(
        text=text,
        agents=got("agents"),
        sides=sides,
        is_each=reader.is_each and len(sides) < 2,
        prior=got("prior"),
        outcomes=got("outcomes"),
        populations=got("populations"),
        designs=got("designs"),
        weeks=tuple(dict.fromkeys(reader.weeks)),
        topics=got("topics"),
        without=got("without"),
        without_outcomes=got("without_outcomes"),
        without_populations=got("without_populations"),
        without_designs=got("without_designs"),
        readings=tuple(reader.readings),
        ambiguous=tuple(dict.fromkeys(reader.ambiguous)),
        not_understood=tuple(dict.fromkeys(reader.lost)),
    )


def _corrected(token: Token, words: Vocabulary, reader: _Reader) -> Token:
    """The token, or what it is a misspelt or shortened form of."""
    if token.is_mark or token.word in words.words or token.word in IDLE or token.word in TOPICS:
        return token
    if token.is_number or any(token.word in phrase.split() for phrase in (*NEGATING, *PRIOR, *COMPARING)):
        return token
    found = correct(token.word, words)
    if isinstance(found, Ambiguity):
        reader.ambiguous.append(Ambiguity(token.written, found.options))
        return replace(token, is_ambiguous=True)
    return replace(token, word=found.word, how=found.how) if found else token


def _step(reader: _Reader, read: list[Token], at: int) -> int:
    """Take what stands at `at`; how many tokens that was."""
    time = weeks_at(read, at)
    if time is not None:
        weeks, length, written = time
        reader.weeks.append(weeks)
        reader.readings.append(Reading(written, f"{weeks.normalize():f} weeks", "time", "time"))
        return length
    for length in range(min(reader.words.longest, len(read) - at), 0, -1):
        piece = read[at : at + length]
        prior = phrase_at(read, at, PRIOR)
        if prior and prior > length:
            break  # `refractory to` is more than `refractory`
        if any(each.is_mark for each in piece):
            continue
        phrase = " ".join(each.word for each in piece)
        if phrase in reader.words.several:
            written = " ".join(each.written for each in piece)
            reader.ambiguous.append(Ambiguity(written, reader.words.several[phrase]))
            return length
        meaning = reader.words.means(phrase)
        if meaning is not None:
            return length + _name(reader, meaning, piece, read[at + length :])
    return _connect(reader, read, at)


def _connect(reader: _Reader, read: list[Token], at: int) -> int:
    """A word that joins, negates or compares; or one without meaning; or one that is not understood."""
    token = read[at]
    for phrases, role in ((PRIOR, "prior"), (NEGATING, "without")):
        length = phrase_at(read, at, phrases)
        if length:
            reader.role, reader.named = role, ""
            if role == "prior" and token.word in ("refractory", "resistant"):
                reader.put("populations", ("refractory",))
            return length
    length = phrase_at(read, at, COMPARING)
    if length:
        reader.role = "asked"
        reader.sides.append([])
        return length
    length = phrase_at(read, at, ENDING)
    if length:
        reader.role = "asked"
        return length
    if token.word in TOPICS:
        reader.put("topics", (TOPICS[token.word],))
        reader.readings.append(Reading(token.written, TOPICS[token.word], "topic", "topic"))
    elif token.word in OR:
        reader.is_each = reader.is_each or (reader.role == "asked" and bool(reader.sides[-1]))
    elif token.word not in LINKING and token.word not in IDLE:
        if reader.named:
            reader.role = "asked"  # a word between ends what was negated
        if not token.is_ambiguous:
            return _lose(reader, read, at)
    return 1


def _lose(reader: _Reader, read: list[Token], at: int) -> int:
    """Keep what was not understood in one piece where it is one, as `2 g/kg` is."""
    length = 1
    while at + length < len(read):
        following, before = read[at + length], read[at + length - 1]
        is_known = following.is_mark or following.word in reader.words.words
        if is_known or not (following.is_joined or (before.is_number and len(following.word) < 4)):
            break
        length += 1
    piece = read[at : at + length]
    reader.lost.append("".join(("/" if each.is_joined else " ") + each.written for each in piece).strip("/ "))
    return length


def _name(reader: _Reader, meaning: Meaning, piece: list[Token], after: list[Token]) -> int:
    """Put a name where its role belongs; how many tokens behind it belong to it, too."""
    if reader.named not in ("", meaning.kind):
        reader.role = "asked"  # `without cyclophosphamide in RP-ILD` does not exclude RP-ILD
    role = "asked" if reader.role == "prior" and meaning.kind != "agent" else reader.role
    behind = phrase_at(after, 0, NEGATING_AFTER) if meaning.kind != "agent" else 0
    role = "without" if behind else role
    reader.named = meaning.kind
    how = next((token.how for token in piece if token.how), "") or meaning.sort
    written = " ".join(token.written for token in piece)
    reader.readings.append(
        Reading(
            written, meaning.label, meaning.kind, "as-is" if how == "label" else how, role, meaning.recalled
        )
    )
    if role == "without":
        reader.put("without" if meaning.kind == "agent" else f"without_{_LISTS[meaning.kind]}", meaning.ids)
    elif role == "prior":
        reader.put("prior", meaning.ids)
    else:
        reader.put(_LISTS[meaning.kind], meaning.ids)
        if meaning.kind == "agent":
            side = reader.sides[-1]
            side += [each for each in meaning.ids if each not in side]
    return behind
