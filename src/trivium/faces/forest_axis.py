"""The horizontal axis of a forest plot: how far it reaches, where numbers stand on it, which ticks fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Data = dict[str, Any]
_STEPS = ((1, 2, 5), (1, 3), (1,))


@dataclass(frozen=True, slots=True)
class Axis:
    """From numbers to places: `left` and `right` in pixels, the domain on the scale that is drawn."""

    left: float
    right: float
    low: float
    high: float
    log: bool

    def x(self, value: float) -> float:
        """Where a number stands, held inside the axis."""
        place = self._on_scale(value)
        share = (place - self.low) / (self.high - self.low)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def beyond(self, value: float) -> bool:
        """Whether a number lies outside."""
        place = self._on_scale(value)
        return place < self.low - 1e-9 or place > self.high + 1e-9

    def _on_scale(self, value: float) -> float:
        if not self.log:
            return value
        return math.log(value) if value > 0 else -math.inf

    def ticks(self, width: Callable[[str], float], label: Callable[[float], str]) -> list[tuple[float, str]]:
        """Places and labels of round numbers, the most that do not touch one another."""
        for values in self._candidates():
            shown = [(self.x(value), label(value)) for value in values if not self.beyond(value)]
            ends = [(x - width(text) / 2, x + width(text) / 2) for x, text in shown]
            if len(shown) >= 2 and all(a[1] + 6 <= b[0] for a, b in pairwise(ends)):
                return shown
        middle = math.exp((self.low + self.high) / 2) if self.log else (self.low + self.high) / 2
        return [(self.x(middle), label(middle))]

    def _candidates(self) -> Iterable[list[float]]:
        if self.log:
            first, last = (math.floor(end / math.log(10)) for end in (self.low, self.high))
            for steps in _STEPS:
                yield [step * 10.0**power for power in range(first, last + 1) for step in steps]
            for every in (2, 3, 5, 10):
                yield [10.0**power for power in range(first, last + 1) if power % every == 0]
            return
        size = 10.0 ** math.floor(math.log10((self.high - self.low) / 10))
        for step in (size * one for one in (1, 2, 5, 10, 20, 50, 100)):
            first = math.ceil(self.low / step - 1e-9)
            last = math.floor(self.high / step + 1e-9)
            yield [number * step for number in range(first, last + 1)]


def axis_for(data: Data, rows: Sequence[Data], left: float, right: float) -> Axis:
    """An axis that holds every estimate, the pooled interval and no effect; other long arms are cut."""
    log = data["axis"] == "log"

    def scaled(values: Iterable[float | None]) -> list[float]:
        if log:
            return [math.log(value) for value in values if value is not None and value > 0]
        return [value for value in values if value is not None]

    core = [row["estimate"] for row in rows]
    if data["estimable"]:
        core += [data["estimate"], data["low"], data["high"]]
    core.append(data["reference"])
    held = scaled(core) or [0.0]
    low, high = min(held), max(held)
    reach = max(high - low, math.log(4) if log else 0.1 * max(abs(low), abs(high), 1e-9))
    others = [*rows, data["prediction"]] if data.get("prediction") else rows
    arms = scaled(end for row in others for end in (row["low"], row["high"]))
    low = max(min([low, *arms]), low - 0.75 * reach)
    high = min(max([high, *arms]), high + 0.75 * reach)
    pad = 0.03 * (high - low) or 1.0
    low, high = low - pad, high + pad
    if data["measure"] == "PROP":
        low, high = 0.0, min(1.0, high)
    return Axis(left, right, low, high, log)
