"""What lasts: the words of a status, whether a thing was over by as-of, its last moment up to then.

Knows single events; what other entries say of the same drug is weighed in `contradictions`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.record.events import Event, EventKind
from trivium.record.windows import ALWAYS, NEVER, Sighting

# Statuses under which a statement or administration says that nothing was taken, and an order is none.
NOT_TAKEN = frozenset(("intended", "not-taken", "not-done", "entered-in-error", "draft", "cancelled"))
VOID_ORDER = frozenset(("cancelled", "draft", "entered-in-error", "proposed", "declined"))
_OVER = frozenset(("inactive", "remission", "resolved", "completed", "stopped", "on-hold"))
_GAP = re.compile(r"[\s,;/|]+")


def words(event: Event) -> frozenset[str]:
    """The words of an event's status."""
    return _words(event.status)


@lru_cache(maxsize=512)
def _words(status: str) -> frozenset[str]:
    return frozenset(_GAP.split(status.casefold())) if status else frozenset()


def ended_by(event: Event, as_of: int) -> Truth:
    """Whether it was over by as-of. By its end date where there is one, else by its status."""
    if event.ended is None:
        return TRUE if words(event) & _OVER else FALSE
    if not event.ended.is_known:
        return TRUE  # it has ended, nobody wrote when
    if event.ended.end is not None and event.ended.end <= as_of:
        return TRUE
    return FALSE if event.ended.start is not None and event.ended.start > as_of else UNKNOWN


def runs(order: Event, as_of: int) -> bool:
    """Whether an order may still be carried out at as-of."""
    return not words(order) & VOID_ORDER and ended_by(order, as_of) is not TRUE


def last_exposure(each: Sighting, as_of: int, lasting: bool) -> Sighting:
    """The sighting of its last moment up to as-of, of what may last: `lasting` while no end is recorded.

    What cannot be read may last, results apart.
    """
    event = each.event
    lasting = lasting or (bool(event.unread) and event.kind is not EventKind.OBSERVATION)
    if event.ended is None:
        return each._replace(start=max(each.start, as_of), end=as_of) if lasting else each
    over = ended_by(event, as_of)
    if over is FALSE:
        return each._replace(start=as_of, end=as_of)
    start = max(each.start, ALWAYS if event.ended.start is None else event.ended.start)
    end = NEVER if event.ended.end is None else event.ended.end
    return each._replace(start=min(start, as_of), end=max(min(end, as_of), min(start, as_of)))


def is_administration(event: Event) -> bool:
    """Whether it is one dose given, rather than a statement about a time of taking."""
    if event.origin.startswith("MedicationAdministration"):
        return True
    is_statement = event.origin.startswith(("MedicationStatement", "MedicationUsage"))
    return not is_statement and event.status in ("completed", "in-progress", "")
