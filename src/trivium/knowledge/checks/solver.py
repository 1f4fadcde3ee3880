"""A pathway as formulas for the solver: what the checks about reachability and scope ask it.

All well-formed states of the facts, within their plausible ranges. Z3 is loaded only when a check runs.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from trivium.core.values import Interval
from trivium.knowledge.models import Pathway
from trivium.logic.nodes import Node

if TYPE_CHECKING:
    from trivium.logic.proof import Encoded, Pair

Answer = OneOf["possible", "impossible", "undecided"]
TIMEOUT_MS = 5_000


def is_available() -> bool:
    """Whether the solver is installed (it is among what trivium depends on)."""
    return importlib.util.find_spec("z3") is not None


class Solver:
    """One pathway, loaded once; every question is put as an assumption."""

    def __init__(self, pathway: Pathway) -> None:
        import z3

        from trivium.logic import proof

        self._encode, self._pair = proof.encode, proof.Pair
        self.facts: dict[str, Encoded] = {
            name: proof.fact_symbols(name, spec.type) for name, spec in pathway.facts.items()
        }
        self.criteria: dict[str, Pair] = {}
        for name, criterion in pathway.criteria.items():
            self.criteria[name] = self.pair(criterion.when)
        self._solver = z3.Solver()
        self._solver.set("timeout", TIMEOUT_MS)
        for name, symbols in self.facts.items():
            self._solver.add(*proof.well_formed(symbols))
            if isinstance(symbols, proof.Bounds):
                self._solver.add(*_plausible(symbols, pathway.facts[name].plausible))

    def pair(self, node: Node) -> Pair:
        """A boolean expression as surely true and surely false."""
        encoded = self._encode(node, self.facts, self.criteria)
        if not isinstance(encoded, self._pair):
            raise TypeError("not a boolean")
        return encoded

    def ask(self, *claims: Any) -> Answer:
        """Whether some patient fulfils all of the claims."""
        self._solver.push()
        self._solver.add(*claims)
        answer = str(self._solver.check())
        self._solver.pop()
        return {"sat": "possible", "unsat": "impossible"}.get(answer, "undecided")  # type: ignore[return-value]


def _plausible(symbols: Any, plausible: Interval) -> list[Any]:
    """A value that is wholly implausible is Unknown: what is known overlaps the plausible range."""
    import z3

    found: list[Any] = []
    if plausible.low is not None:
        found.append(z3.Or(symbols.high_absent, symbols.high >= z3.Q(*_ratio(plausible.low))))
    if plausible.high is not None:
        found.append(z3.Or(symbols.low_absent, symbols.low <= z3.Q(*_ratio(plausible.high))))
    return found


def _ratio(number: Any) -> tuple[int, int]:
    numerator, denominator = number.as_integer_ratio()
    return int(numerator), int(denominator)
