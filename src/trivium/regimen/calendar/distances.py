"""Distances that agents' files ask for between agents → rules between their administrations.

A distance whose condition is unknown is kept. Pairs that are both past are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from trivium.core.truth import Truth
from trivium.knowledge.dosing import Spacing, When
from trivium.knowledge.models import WEAK
from trivium.regimen.calendar.course import Choice
from trivium.regimen.calendar.model import DAY, Apart, DifferentDays, Gap, Rule, SameDay

Holds = Callable[[When], Truth]


@dataclass(frozen=True, slots=True)
class Laid:
    """A choice with its activities: `doses` in order; the first of them were given `days_ago`.

    `clocked`: the hours of those to come are chosen.
    """

    choice: Choice
    doses: tuple[str, ...]
    first_course: int
    days_ago: tuple[int, ...] = ()
    clocked: bool = False

    @property
    def past(self) -> int:
        """How many were given already."""
        return len(self.days_ago)

    def ago(self, dose: str) -> int:
        """How many days ago this one was given; 0 when it is to come."""
        index = self.doses.index(dose)
        return self.days_ago[index] if index < self.past else 0

    @property
    def block(self) -> tuple[str, ...]:
        """The administrations of the first course."""
        return self.doses[: self.first_course]


def in_force(spacing: Spacing, holds: Holds) -> bool:
    """Whether a distance is to be kept: it is followed here, and its condition is not false."""
    return spacing.in_force and (spacing.when is None or holds(spacing.when) is not Truth.FALSE)


def is_soft(spacing: Spacing, holds: Holds) -> bool:
    """Whether it may be broken at a price: where that is certain, or where it rests on weak text alone."""
    if spacing.cited and all(leg.seen in WEAK for leg in spacing.cited):
        return True
    if spacing.soft_when is not None:
        return holds(spacing.soft_when) is Truth.TRUE
    return spacing.soft


def clause(laid: Laid, spacing: Spacing, partner: Laid) -> str:
    return f"{laid.choice.agent}.{spacing.id}.{partner.choice.agent}"


def rules(laid: Laid, spacing: Spacing, partner: Laid, holds: Holds) -> Iterator[Rule]:
    """The rules of one distance between two agents, all of one clause."""
    soft, clocked = is_soft(spacing, holds), laid.clocked and partner.clocked
    words = f"{laid.choice.dosing.label} and {partner.choice.dosing.label}: {spacing.text}"
    common = _Common(clause(laid, spacing, partner), words, spacing, soft, clocked)
    every_pair = list(_open(product(laid.doses, partner.doses), laid, partner))
    match spacing.relation:
        case "after":
            yield from common.ordered(partner, laid)
        case "before":
            yield from common.ordered(laid, partner)
        case "apart":
            yield from common.apart(every_pair)
        case "same_day":
            pairs = zip(laid.doses, partner.doses, strict=False)
            for pair in _open(pairs, laid, partner):
                yield SameDay(activities=pair, **common.fields)
        case "not_same_day":
            for pair in every_pair:
                yield DifferentDays(activities=pair, **common.fields)


def _open(pairs: Iterable[tuple[str, str]], one: Laid, two: Laid) -> Iterator[tuple[str, str]]:
    """The pairs of which at least one is still to come."""
    past = {*one.doses[: one.past], *two.doses[: two.past]}
    return (pair for pair in pairs if not past.issuperset(pair))


def too_late(laid: Laid, spacing: Spacing, partner: Laid) -> bool:
    """Whether a dose already past should have come after something that is still to come."""
    earlier, later = (partner, laid) if spacing.relation == "after" else (laid, partner)
    is_order = spacing.relation in ("after", "before")
    return is_order and bool(later.past) and earlier.past < len(earlier.block)


def _sequence(earlier: Laid, later: Laid, scope: str) -> list[tuple[str, str]]:
    """Which follows which: a whole course before the first, or the first after the first, and so on.

    What is past cannot follow what is to come: the first dose to come follows it instead.
    """
    if scope == "block":
        pairs = [(one, two) for one in earlier.block for two in later.doses[later.past :][:1]]
    else:
        pairs = [pair for pair in zip(earlier.doses, later.doses, strict=False) if not later.ago(pair[1])]
    return list(_open(pairs, earlier, later))


class _Common:
    """What the rules of one distance share."""

    def __init__(self, name: str, words: str, spacing: Spacing, soft: bool, clocked: bool) -> None:
        self.spacing, self.clocked = spacing, clocked
        self.fields: Any = {"id": name, "words": words, "cited": spacing.cited, "soft": soft}

    def apart(self, pairs: Iterable[tuple[str, str]]) -> Iterator[Rule]:
        spacing = self.spacing
        hours = max(spacing.hours_least or 0, DAY * (spacing.days_least or 0))
        reverse = hours if spacing.hours_reverse is None else spacing.hours_reverse
        for one, two in pairs:
            yield Apart(first=one, other=two, hours=hours, reverse=reverse, **self.fields)

    def ordered(self, earlier: Laid, later: Laid) -> Iterator[Rule]:
        """From the end of each dose; of what is taken day after day, from its first day."""
        spacing = self.spacing
        pairs = _sequence(earlier, later, spacing.scope)
        if earlier.choice.kind == "stretch":
            self.fields["start"] = True
        for index, (first, then) in enumerate(pairs):
            # How late it may be counts from the last of a block alone.
            bounded = spacing.scope == "session" or index == len(pairs) - 1
            if spacing.days_least is not None or spacing.days_most is not None:
                most = spacing.days_most if bounded else None
                yield Gap(first=first, then=then, at_least=spacing.days_least, at_most=most, **self.fields)
            if spacing.hours_least is not None or spacing.hours_most is not None:
                yield self._hours(first, then, spacing.hours_most if bounded else None)

    def _hours(self, first: str, then: str, most: int | None) -> Gap:
        """In hours where both have some. Else, where the order alone counts or what is latest, in days:
        who comes first on a day can be seen to, and so many days are never more than so many hours."""
        least = self.spacing.hours_least
        if self.clocked or least:
            return Gap(first=first, then=then, at_least=least, at_most=most, unit="h", **self.fields)
        days = None if most is None else max(most // DAY - 1, 0)
        return Gap(first=first, then=then, at_least=0, at_most=days, **self.fields)
