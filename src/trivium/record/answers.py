"""Coded and written answers → choices: positive, negative, and whatever else a fact tells apart.

In: an event, and the table made from `knowledge/answers.yaml` (`retrieval.options["answers"]`: choice →
codes, interpretations, texts). Out: one choice, or the reason why none can be told.

A text counts only as a whole: "not positive" is not an answer that anybody listed, so it is unreadable.
A number is positive or negative only by the laboratory's interpretation, by the normal range reported
with it, or by the site's cut-off; where two of these disagree it is a conflict, not a choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trivium.core import values
from trivium.core.truth import TRUE
from trivium.core.values import Choices, Interval
from trivium.knowledge.models import FactSpec
from trivium.record.events import Coded, Event, Quantity
from trivium.record.fact import Reason
from trivium.record.kinds_units import in_unit

POSITIVE, NEGATIVE = "positive", "negative"
Answers = Mapping[str, Mapping[str, Any]]

_STRENGTH = re.compile(r"^(?:strong|strongly|moderate|moderately|weak|weakly) ")
_NO_ANSWERS: Answers = {}


def read_choice(
    spec: FactSpec, choices: tuple[str, ...], event: Event, cutoff: Quantity | None = None
) -> Choices | Reason:
    """The choice an event stands for: by coded answer, else text, else interpretation; by number last."""
    known: Answers = spec.retrieval.options.get("answers", _NO_ANSWERS)
    value = event.value
    verdicts = [_by_interpretation(known, event)]
    if isinstance(value, Coded):
        verdicts += _by_answer(known, value)
    elif isinstance(value, (Quantity, int)) and not isinstance(value, bool):
        number = value if isinstance(value, Quantity) else Quantity(values.point(value), None)
        verdicts += _by_number(event, number, cutoff)
    found = frozenset[str]().union(*verdicts)
    if len(found) == 1 and found.issubset(choices):
        return found
    if len(found) > 1:
        return Reason("conflict", f"reads as {' and as '.join(sorted(found))}", event.origin)
    return Reason("unreadable", _unreadable(value), event.origin)


def _matching(known: Answers, part: str, test: Callable[[Any], bool]) -> Choices:
    return frozenset(choice for choice, spellings in known.items() if test(spellings.get(part, ())))


def _by_interpretation(known: Answers, event: Event) -> Choices:
    if not event.interpretation:
        return frozenset()
    return _matching(
        known, "interpretations", lambda codes: any(code in codes for code in event.interpretation)
    )


def _by_answer(known: Answers, value: Coded) -> Iterator[Choices]:
    yield _matching(known, "codes", lambda codes: any(code in codes for code in value.codes))
    text = phrase(value.text)
    if text:
        yield _matching(known, "texts", lambda texts: text in texts)
        # "weakly positive" is positive; "weakly negative" is nothing that can be relied on.
        bare = _STRENGTH.sub("", text)
        if bare != text and bare in known.get(POSITIVE, {}).get("texts", ()):
            yield frozenset((POSITIVE,))


def phrase(text: str) -> str:
    """A written answer as it is compared: folded case, single blanks, no full stop."""
    return " ".join(text.casefold().split()).rstrip(" .")


def _by_number(event: Event, number: Quantity, cutoff: Quantity | None) -> Iterator[Choices]:
    for range_ in event.ranges:
        if range_.high is not None and range_.meaning in ("", "normal"):
            high = _same_unit(range_.high, number)
            low = None if range_.low is None else _same_unit(range_.low, number)
            if high is not None and (range_.low is None or low is not None):
                yield _beside(number.amount, low, high)
    if cutoff is not None:
        threshold = _same_unit(cutoff, number)
        if threshold is not None:
            yield _from(number.amount, threshold)


def _beside(amount: Interval, low: Interval | None, high: Interval) -> Choices:
    """Above the normal range positive, wholly within it negative; below it, or across, neither."""
    if values.compare(">", amount, high) is TRUE:
        return frozenset((POSITIVE,))
    inside = low is None or values.compare(">=", amount, low) is TRUE
    return frozenset((NEGATIVE,)) if inside and values.compare("<=", amount, high) is TRUE else frozenset()


def _from(amount: Interval, threshold: Interval) -> Choices:
    """From the cut-off on positive, below it negative; across, neither."""
    if values.compare(">=", amount, threshold) is TRUE:
        return frozenset((POSITIVE,))
    return frozenset((NEGATIVE,)) if values.compare("<", amount, threshold) is TRUE else frozenset()


def _same_unit(bound: Quantity, number: Quantity) -> Interval | None:
    """A bound in the unit of the number; None where either unit is not understood."""
    if number.unit_problem or bound.unit_problem:
        return None
    if bound.unit is None and number.unit is None:
        return bound.amount
    if bound.unit is None or number.unit is None:
        # A missing unit stands for 1 only beside an explicit 1.
        if (bound.unit or number.unit) != "1":
            return None
        return bound.amount
    found = in_unit(bound, number.unit)
    return None if isinstance(found, str) else found


def _unreadable(value: object) -> str:
    if isinstance(value, Coded):
        return f"'{value.text or value.codes}' is no answer that is known here"
    if isinstance(value, (Quantity, int)) and not isinstance(value, bool):
        return "a number without an interpretation, a normal range or a cut-off that decides it"
    return "its value is no answer that is known here"
