"""Three-valued (Kleene) logic: the one place where it is written down.

In: truths. Out: truths. Knows nothing of facts, expressions or patients.

    and | T F U     or | T F U     implies | T F U     not |
    ----+------     ---+------     --------+------     ----+--
     T  | T F U      T | T T T         T   | T F U      T  | F
     F  | F F F      F | T F U         F   | T T T      F  | T
     U  | U F U      U | T U U         U   | T U U      U  | U
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """True, false, or not known. `bool()` of UNKNOWN raises: nobody may take it for either."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        if self is Truth.UNKNOWN:
            raise TypeError("unknown is neither true nor false; compare with Truth.TRUE or Truth.FALSE")
        return self is Truth.TRUE

    def __str__(self) -> str:
        return self.value


TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def from_bool(value: bool | None) -> Truth:
    """True, False or None (not known) as a Truth."""
    if value is None:
        return UNKNOWN
    return TRUE if value else FALSE


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene `and`: false if any is false, else unknown if any is unknown, else true."""
    result = TRUE
    for truth in truths:
        if truth is FALSE:
            return FALSE
        if truth is UNKNOWN:
            result = UNKNOWN
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene `or`: true if any is true, else unknown if any is unknown, else false."""
    result = FALSE
    for truth in truths:
        if truth is TRUE:
            return TRUE
        if truth is UNKNOWN:
            result = UNKNOWN
    return result


def negate(truth: Truth) -> Truth:
    """Kleene `not`."""
    if truth is TRUE:
        return FALSE
    if truth is FALSE:
        return TRUE
    return UNKNOWN


def implies(left: Truth, right: Truth) -> Truth:
    """Kleene implication: `not left or right`."""
    if left is FALSE or right is TRUE:
        return TRUE
    if left is TRUE and right is FALSE:
        return FALSE
    return UNKNOWN
