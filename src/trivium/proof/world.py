"""A pathway as the solver sees it: one patient's symbols, and the status of everything in their terms.

The same small rules as `pathway.assess`, as formulas: the tests hold the two against each other on
random patients. Two worlds of one pathway stand for one patient before and after a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import z3

from trivium.core.values import Interval
from trivium.knowledge.models import Agent, Condition, FactSpec, Pathway, Recommendation
from trivium.logic import proof
from trivium.logic.nodes import Node
from trivium.logic.proof import Bounds, Encoded, Pair, Possible
from trivium.pathway.assess import BARS


class World:
    """The symbols of one state of a patient; `tag` keeps two states apart, `shared` facts are one in both."""

    def __init__(self, pathway: Pathway, tag: str = "", shared: Mapping[str, Encoded] | None = None) -> None:
        self.pathway = pathway
        shared = shared or {}
        self.facts: dict[str, Encoded] = {
            name: shared.get(name) or proof.fact_symbols(f"{name}{tag}", spec.type)
            for name, spec in pathway.facts.items()
        }
        self.criteria: Mapping[str, Pair] = _Criteria(self)

    def pair(self, node: Node) -> Pair:
        """A boolean expression as surely true and surely false."""
        encoded = proof.encode(node, self.facts, self.criteria)
        if not isinstance(encoded, Pair):
            raise TypeError("not a boolean")
        return encoded

    def axioms(self, names: Iterable[str]) -> list[z3.BoolRef]:
        """What holds of these facts of every possible patient: well-formed, and not wholly implausible."""
        found: list[z3.BoolRef] = []
        for name in names:
            symbols = self.facts[name]
            found += proof.well_formed(symbols)
            if isinstance(symbols, Bounds):
                found += _plausible(symbols, self.pathway.facts[name].plausible)
        return found

    def barred(self, conditions: Iterable[Condition]) -> Pair:
        """`true`: some bar surely holds; `false`: surely none does."""
        pairs = [self.pair(condition.when) for condition in conditions]
        return Pair(z3.Or(*(p.true for p in pairs)), z3.And(*(p.false for p in pairs)))

    def option_bars(self, agent: Agent) -> Pair:
        """The bars of an agent together."""
        return self.barred(line for line in agent.lines if line.kind in BARS)

    def offered(self, item: Agent | Recommendation) -> z3.BoolRef:
        """Status consider or recommended: it holds, and surely nothing bars it."""
        if isinstance(item, Agent):
            return z3.And(self.pair(item.offered_when).true, self.option_bars(item).false)
        return z3.And(self.pair(item.when).true, self.barred(item.blocked_when).false)

    def blocked(self, agent: Agent) -> z3.BoolRef:
        """Status blocked: a bar surely holds, and the agent may be indicated."""
        return z3.And(z3.Not(self.pair(agent.offered_when).false), self.option_bars(agent).true)

    def idle(self, agent: Agent) -> z3.BoolRef:
        """Status not_indicated: surely not offered to this patient."""
        return self.pair(agent.offered_when).false


class _Criteria(dict[str, Pair]):
    """The criteria of a world, each encoded when it is first asked for: a question needs but a few."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def __missing__(self, name: str) -> Pair:
        found = self[name] = self._world.pair(self._world.pathway.criteria[name].when)
        return found


def unknown(symbols: Encoded) -> z3.BoolRef:
    """Nothing is known of the fact."""
    if isinstance(symbols, Pair):
        return z3.And(z3.Not(symbols.true), z3.Not(symbols.false))
    if isinstance(symbols, Possible):
        return z3.And(*symbols.may.values())
    return z3.And(symbols.low_absent, symbols.high_absent)


def settled(symbols: Encoded) -> z3.BoolRef:
    """The fact has one value."""
    if isinstance(symbols, Pair):
        return z3.Or(symbols.true, symbols.false)
    if isinstance(symbols, Possible):
        return z3.And(z3.AtLeast(*symbols.may.values(), 1), z3.AtMost(*symbols.may.values(), 1))
    return z3.And(z3.Not(symbols.low_absent), z3.Not(symbols.high_absent), symbols.low == symbols.high)


def narrower(narrow: Encoded, wide: Encoded) -> z3.BoolRef:
    """Every value that `narrow` allows, `wide` allows too."""
    if isinstance(narrow, Pair) and isinstance(wide, Pair):
        return z3.And(z3.Implies(wide.true, narrow.true), z3.Implies(wide.false, narrow.false))
    if isinstance(narrow, Possible) and isinstance(wide, Possible):
        return z3.And(*(z3.Implies(narrow.may[c], wide.may[c]) for c in narrow.may))
    if isinstance(narrow, Bounds) and isinstance(wide, Bounds):
        return z3.And(_above(wide, narrow), _below(wide, narrow))
    raise TypeError("values of two kinds")


def moved_to_harm(before: Encoded, after: Encoded, spec: FactSpec) -> z3.BoolRef:
    """The value moved towards harm: both bounds up (or down), or to certainly one of the harmful choices."""
    if isinstance(before, Bounds) and isinstance(after, Bounds):
        known = z3.Not(unknown(before))
        up = z3.And(_above(before, after), _below(after, before))
        down = z3.And(_above(after, before), _below(before, after))
        return z3.And(known, up if spec.harm == "high" else down)
    if isinstance(after, Pair):
        return after.true if "true" in spec.harm else after.false
    if isinstance(after, Possible):
        return z3.And(*(z3.Not(may) for choice, may in after.may.items() if choice not in spec.harm))
    raise TypeError("values of two kinds")


def _above(one: Bounds, other: Bounds) -> z3.BoolRef:
    """The lower bound of `other` is at least that of `one`."""
    tighter = z3.And(other.low == one.low, z3.Implies(one.low_open, other.low_open))
    reached = z3.Or(other.low > one.low, tighter)
    return z3.Or(one.low_absent, z3.And(z3.Not(other.low_absent), reached))


def _below(one: Bounds, other: Bounds) -> z3.BoolRef:
    """The upper bound of `other` is at most that of `one`."""
    tighter = z3.And(other.high == one.high, z3.Implies(one.high_open, other.high_open))
    reached = z3.Or(other.high < one.high, tighter)
    return z3.Or(one.high_absent, z3.And(z3.Not(other.high_absent), reached))


def _plausible(symbols: Bounds, plausible: Interval) -> list[z3.BoolRef]:
    """A value that is wholly implausible is Unknown: what is known overlaps the plausible range."""
    found: list[z3.BoolRef] = []
    if plausible.low is not None:
        low = z3.Q(*plausible.low.as_integer_ratio())
        found.append(z3.Or(symbols.high_absent, symbols.high >= low))
    if plausible.high is not None:
        high = z3.Q(*plausible.high.as_integer_ratio())
        found.append(z3.Or(symbols.low_absent, symbols.low <= high))
    return found
