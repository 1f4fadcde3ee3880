"""What one entry about a drug says against another: a stop beside an entry that lets the drug go on.

In: the sightings of one patient's drugs at as-of. Out: the same, each that is spoken against with the
`against` that does it. No fact is made here, and nothing is dropped.

An entry *goes on* when it says that the drug is taken (an open statement, a dose given) or is to be taken
(an order that runs). A *stop* is a statement that it is not or no longer taken, one that cannot be read, or
the stop of an order. Of the two the newer counts, where it is plain which that is:

- What was said to go on after the stop stands. So does a new course that begins on the day on which the
  old one ended, or later, and one of another dose that is not plainly older: these are changes.
- A statement that it is not taken is clear when it is newer, of the very same product (or of the
  ingredient as such) and of no other dose, and, where both bear a beginning, of the same one. Then the
  other is over. That it is not taken at all needs neither dose nor beginning.
- Whatever else may be newer leaves the other open: two products of one drug, two courses side by side,
  one day, an unknown date.

Drugs that are known to be different never speak against one another, be they of one class or not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trivium.core.truth import FALSE, TRUE
from trivium.knowledge.concepts import RXNORM
from trivium.record.events import Drug, Event, EventKind, When
from trivium.record.lasting import NOT_TAKEN, ended_by, is_administration, runs, words
from trivium.record.windows import ALWAYS, NEVER, Against, Calendar, Sighting

_DENIED = frozenset(("not-taken",))
_HALTED = frozenset(("stopped", "not-taken"))
_OVER = frozenset(("completed", "stopped"))


class Stop(NamedTuple):
    """An entry that says, or may say, that a drug is not taken; between which seconds it was last said."""

    event: Event
    certain: bool
    start: int
    end: int


def weighed(found: Sequence[Sighting], calendar: Calendar) -> Sequence[Sighting]:
    """Sightings of drugs, each with what speaks against it."""
    stops = list(_stops(found, calendar.as_of))
    if not stops:
        return found
    return [_weigh(each, stops, calendar) if goes_on(each.event, calendar.as_of) else each for each in found]


def goes_on(event: Event, as_of: int) -> bool:
    """Whether an entry that can be read says that a drug is, or is to be, taken at as-of."""
    if event.unread:
        return False
    if event.kind is EventKind.MEDICATION_ORDERED:
        return runs(event, as_of)
    return not words(event) & NOT_TAKEN and (is_administration(event) or ended_by(event, as_of) is not TRUE)


# ── What stops ──────────────────────────────────────────────────────────────────────────────────────


def _stops(found: Sequence[Sighting], as_of: int) -> Iterator[Stop]:
    """Every stop; not that of an order while another order of the drug runs: then the dose was changed."""
    orders = [each for each in found if _is_order(each.event)]
    running = [each.event for each in orders if each.certain and _is_running(each.event, as_of)]
    for each in found:
        event = each.event
        if _is_order(event):
            if _is_stopped_order(event) and not any(_may_be_one(event, other) for other in running):
                # The order says when it was written, never when it was stopped.
                yield Stop(event, each.certain, *_latest(event.when))
        elif not is_administration(event) and _may_be_over(event, as_of):
            yield Stop(event, each.certain, *_stopped(event))


def _may_be_over(statement: Event, as_of: int) -> bool:
    if statement.unread or words(statement) & _DENIED:
        return True
    return ended_by(statement, as_of) is not FALSE


def _is_order(event: Event) -> bool:
    return event.kind is EventKind.MEDICATION_ORDERED


def _is_running(order: Event, as_of: int) -> bool:
    """Whether an order surely runs."""
    return goes_on(order, as_of) and ended_by(order, as_of) is FALSE


def _is_stopped_order(event: Event) -> bool:
    if not event.origin.startswith("MedicationRequest"):  # a supply that was stopped says nothing of the drug
        return False
    return event.absent_reason == "on-hold" if event.unread else "stopped" in words(event)


def _stopped(event: Event) -> tuple[int, int]:
    """Between which seconds a statement last said that the drug is not taken."""
    status = words(event)
    if status & _DENIED:
        return _said(event, event.when)
    if event.ended is not None and event.ended.is_known:
        return _said(event, event.ended) if status & _OVER else _latest(event.ended, event.known_from)
    start, end = _said(event, event.when)
    return start, end if _is_asserted(event) else NEVER


def _said(event: Event, of: When) -> tuple[int, int]:
    """When it was said that something was so since `of`: on the day of the assertion, else then."""
    begins = ALWAYS if of.start is None else of.start
    ends = NEVER if event.known_from.end is None else event.known_from.end
    if _is_asserted(event) and begins <= ends:
        return _latest(event.known_from)
    return _latest(of, event.known_from)


def _is_asserted(event: Event) -> bool:
    """Whether it bears a day of its own on which it was said."""
    return event.known_from.is_known and event.known_from != event.when


def _latest(*stamps: When) -> tuple[int, int]:
    """Between which seconds the latest of some stamps lies, of those that are known."""
    known = [stamp for stamp in stamps if stamp.is_known]
    start = max((ALWAYS if stamp.start is None else stamp.start for stamp in known), default=ALWAYS)
    end = max((NEVER if stamp.end is None else stamp.end for stamp in known), default=NEVER)
    return start, end


# ── One entry against another ───────────────────────────────────────────────────────────────────────


def _weigh(each: Sighting, stops: Sequence[Stop], calendar: Calendar) -> Sighting:
    said = _said(each.event, each.event.when)
    spoken = [
        (against, stop)
        for stop in stops
        if (against := _against(each.event, said, stop, calendar)) is not None
    ]
    if not spoken:
        return each
    against, stop = min(spoken, key=lambda pair: (not pair[0].is_clear, pair[0].origin, pair[0].told))
    against = against._replace(denies_all=any(other.denies_all for other, _ in spoken))
    if is_administration(each.event):
        return each._replace(against=against)
    ended = _end_told(each.event, said, stop.end if against.is_clear else NEVER)
    return each._replace(event=dataclasses.replace(each.event, ended=ended), against=against)


def _end_told(event: Event, said: tuple[int, int], latest: int) -> When:
    """When it ended: at any time since it was last said to go on, or at the end that it says itself."""
    start, own = said[0], event.ended
    if own is not None and own.is_known:
        start = min(start, ALWAYS if own.start is None else own.start)
        latest = max(latest, NEVER if own.end is None else own.end)
    return When(None if start <= ALWAYS else start, latest)


def _against(event: Event, said: tuple[int, int], stop: Stop, calendar: Calendar) -> Against | None:
    """What a stop says against an entry that was last said to go on at `said`; None when nothing."""
    if stop.event is event or not _speaks_of(stop.event, event) or not _may_be_one(stop.event, event):
        return None
    if said[0] > stop.end or _is_change(event, stop.event, calendar):
        return None
    denied, is_newer = bool(words(stop.event) & _DENIED), stop.start > said[1]
    if not is_newer and not denied and not stop.event.unread and _is_other_dose(stop.event, event):
        return None
    is_clear = stop.certain and is_newer and _is_clear(stop.event, event, calendar)
    denies_all = denied and not is_administration(event) and _begun(stop.event) <= said[1]
    return Against(stop.event.origin, _told(stop.event, calendar), is_clear, denies_all)


def _told(stop: Event, calendar: Calendar) -> str:
    """What a stop says and of when, for a human reader."""
    status = stop.absent_reason if stop.unread else stop.status or "ended"
    return f"{status}, {calendar.text(stop.ended if _ends(stop) else stop.when)}"


def _ends(event: Event) -> bool:
    return event.ended is not None and event.ended.is_known


def _begun(event: Event) -> int:
    """The first second from which a statement may deny that the drug was taken."""
    stamp = event.when if event.when.is_known else event.known_from
    return ALWAYS if stamp.start is None else stamp.start


def _speaks_of(stop: Event, event: Event) -> bool:
    """Whether this kind of stop can contradict that kind of entry.

    A stopped order says nothing of another order, nor of a dose that was given. That a course was completed
    says nothing against a dose: it may be the record of that very dose, which counts for its own window.
    """
    if _is_order(stop):
        return not _is_order(event) and not is_administration(event)
    return not is_administration(event) or bool(stop.unread) or bool(words(stop) & _HALTED)


def _is_change(event: Event, stop: Event, calendar: Calendar) -> bool:
    """Whether the entry is a new course, begun on the day on which the stopped one ended, or later."""
    if is_administration(event) or stop.unread or words(stop) & _DENIED or stop.ended is None:
        return False
    begun, over, before = event.when.start, stop.ended.end, stop.when.end
    if begun is None or over is None or before is None or before >= begun:
        return False
    first, last = calendar.day(begun), calendar.day(over)
    return first is not None and last is not None and first >= last


def _is_clear(stop: Event, event: Event, calendar: Calendar) -> bool:
    """Whether a newer stop is plainly that of what the entry says."""
    if stop.unread or _is_order(stop) or stop.origin == event.origin or not _is_product(stop, event):
        return False
    if words(stop) & _DENIED or is_administration(event):
        return True
    if _is_other_dose(stop, event):
        return False
    return not stop.when.is_known or not event.when.is_known or _is_one_day(stop.when, event.when, calendar)


def _is_other_dose(stop: Event, event: Event) -> bool:
    """Whether both say a dose, and not the same: steps of one treatment."""
    return stop.dose is not None and event.dose is not None and stop.dose != event.dose


def _is_one_day(one: When, other: When, calendar: Calendar) -> bool:
    """Whether two stamps surely lie on one calendar day."""
    seconds = (one.start, one.end, other.start, other.end)
    days = {None if second is None else calendar.day(second) for second in seconds}
    return len(days) == 1 and None not in days


# ── Which drug ──────────────────────────────────────────────────────────────────────────────────────


def _may_be_one(one: Event, other: Event) -> bool:
    """Whether two entries may be about one drug: neither belongs where the other does not."""
    if not one.concepts <= other.concepts and not other.concepts <= one.concepts:
        return False
    mine, theirs = _drug(one).ingredients, _drug(other).ingredients
    return not mine or not theirs or bool(set(mine) & set(theirs))


def _is_product(stop: Event, event: Event) -> bool:
    """Whether a stop names the very product of an entry, or the ingredient as such."""
    named, drug = _drug(stop), _drug(event)
    is_ingredient = _codes(named, RXNORM) == set(named.ingredients)
    if named.ingredients and is_ingredient and named.ingredients == drug.ingredients:
        return True
    shared = {system for system, _ in named.codes} & {system for system, _ in drug.codes}
    if any(_codes(named, system) != _codes(drug, system) for system in shared):
        return False
    return bool(shared) or (stop.text != "" and stop.text.casefold() == event.text.casefold())


def _codes(drug: Drug, system: str) -> set[str]:
    return {code for at, code in drug.codes if at == system}


def _drug(event: Event) -> Drug:
    return event.drug or _UNTOLD


_UNTOLD = Drug()
