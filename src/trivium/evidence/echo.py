"""What a question was understood as, in words: said before every answer, so that nobody is answered about
another drug than the one they meant. A question → lines."""

from __future__ import annotations

from collections.abc import Iterable

from trivium.evidence.questions import Question, Reading
from trivium.knowledge.evidence import EvidenceBase

_HOW = {
    "brand": "a brand of",
    "biosimilar": "a biosimilar of",
    "abbreviation": "short for",
    "shortened": "taken as short for",
    "misspelt": "taken as a misspelling of",
}


def echo(question: Question, base: EvidenceBase) -> list[str]:
    """Lines: what was understood, how names were read, what is not clear, what was not understood."""
    lines = [f"Understood: {_understood(question, base)}"]
    told = [_told(reading) for reading in question.readings if reading.how in _HOW]
    if told:
        lines.append(f"Read as: {'; '.join(dict.fromkeys(told))}")
    for each in question.ambiguous:
        lines.append(f"Not clear: {each.written!r} could be {' or '.join(each.options)}; say which")
    if question.not_understood:
        lines.append(f"Not understood, and not searched for: {', '.join(question.not_understood)}")
    return lines


def labels(ids: Iterable[str], table: object) -> str:
    """The labels of some ids of a table of the base, joined."""
    known = table if isinstance(table, dict) else {}
    return ", ".join(known[each].label if each in known else each for each in ids)


def _understood(question: Question, base: EvidenceBase) -> str:
    parts = [_agents(question, base)]
    parts += [
        _part("without", question.without, base.agents),
        _part("after failure of", question.prior, base.agents),
        _part("outcomes", question.outcomes, base.outcomes),
        _part("not", question.without_outcomes, base.outcomes),
        _part("patients", question.populations, base.populations),
        _part("not", question.without_populations, base.populations),
        _part("designs", question.designs, base.designs),
        _part("not", question.without_designs, base.designs),
        f"at {', '.join(f'{each.normalize():f}' for each in question.weeks)} weeks" if question.weeks else "",
        f"asking for {', '.join(question.topics)}" if question.topics else "",
    ]
    return "; ".join(part for part in parts if part) or "nothing to search for"


def _agents(question: Question, base: EvidenceBase) -> str:
    if question.is_comparison:
        return " against ".join(_joined(side, base, " + ") for side in question.sides)
    return _joined(question.agents, base, " or " if question.is_each else " + ")


def _joined(ids: Iterable[str], base: EvidenceBase, joint: str) -> str:
    return joint.join(base.agents[each].label if each in base.agents else each for each in ids)


def _part(word: str, ids: tuple[str, ...], table: object) -> str:
    return f"{word} {labels(ids, table)}" if ids else ""


def _told(reading: Reading) -> str:
    own = reading.how in ("brand", "biosimilar")
    from_memory = ", a name that no document of the base prints" if reading.recalled and own else ""
    return f"{reading.written} is {_HOW[reading.how]} {reading.read_as}{from_memory}".replace(
        "is taken", "was taken"
    )
