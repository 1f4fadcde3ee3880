"""Roots of a function of one variable, found by bracketing and closed to machine precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

Function = Callable[[float], float]
_STEPS = 200
_CLOSE = 1e-15  # relative


def root_between(function: Function, low: float, high: float) -> float:
    """Where the function crosses zero between two points at which its signs differ.

    Source:  Ridders 1979: each step halves the bracket or better, and converges quadratically near the root.
    """
    at_low, at_high = function(low), function(high)
    if at_low == 0:
        return low
    if at_high == 0:
        return high
    guess = low
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        at_middle = function(middle)
        if at_middle == 0 or middle in (low, high):
            return middle
        spread = math.sqrt(at_middle * at_middle - at_low * at_high)
        last, guess = guess, middle + (middle - low) * (1 if at_low > at_high else -1) * at_middle / spread
        at_guess = function(guess)
        if at_guess == 0 or abs(guess - last) <= _CLOSE * abs(guess):
            return guess
        points = sorted([(low, at_low), (middle, at_middle), (guess, at_guess), (high, at_high)])
        for left, right in pairwise(points):
            if (left[1] > 0) != (right[1] > 0):
                (low, at_low), (high, at_high) = left, right
                break
    return guess


def upper_end(function: Function, start: float) -> float:
    """A point at or above `start` where the function is no longer positive; it must fall in the end."""
    end = start
    while function(end) > 0:
        end *= 2
    return end
