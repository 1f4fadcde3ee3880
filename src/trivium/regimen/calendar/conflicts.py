"""No calendar keeps all hard rules → the smallest set of clauses that clash, and what would lift it.

The smallest unsatisfiable set by implicit hitting sets (Ignatiev et al. 2015, "Smallest MUS extraction
with minimal hitting set dualization"): a candidate must hit every set of clauses whose removal is known
to let the rest be kept; the first candidate that clashes by itself is a smallest one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trivium.core.errors import UsageError
from trivium.regimen.calendar.model import Calendar, Clash, Problem
from trivium.regimen.calendar.solve import find, kept_most

# After so many candidates a set is made that cannot be reduced, instead of one proved to be smallest.
ROUNDS = 200
Kept = Callable[[frozenset[str]], frozenset[str] | None]


def solve(problem: Problem) -> Calendar | Clash:
    """The earliest calendar; where none exists, the clash.

    Errors:  UsageError when the problem makes no sense; UndecidedError when the search was cut off.
    """
    found = find(problem)
    return found if found is not None else clash(problem)


def clash(problem: Problem, rounds: int = ROUNDS) -> Clash:
    """The smallest set of hard clauses that cannot hold together.

    Errors:  UsageError when a calendar exists; UndecidedError when the search was cut off.
    """
    hard = problem.clauses(soft=False)
    kept = kept_most(problem, frozenset())
    if kept is None or len(kept) == len(hard):
        raise UsageError("nothing clashes: the rules of this calendar can be kept together")
    first = frozenset(hard) - kept

    def grown(required: frozenset[str]) -> frozenset[str] | None:
        return kept_most(problem, required)

    core, smallest = _smallest(hard, first, grown, rounds)
    lifted = [name for name in core if grown(frozenset(hard) - {name}) is not None]
    return Clash(core, tuple(lifted), _ordered(hard, first), smallest)


def _smallest(
    hard: Sequence[str], first: frozenset[str], grown: Kept, rounds: int
) -> tuple[tuple[str, ...], bool]:
    corrections = [first]
    for _ in range(rounds):
        candidate = hitting(corrections)
        kept = grown(candidate)
        if kept is None:
            return _ordered(hard, candidate), True
        corrections.append(frozenset(hard) - kept)
    return _ordered(hard, _irreducible(hard, grown)), False


def _irreducible(hard: Sequence[str], grown: Kept) -> frozenset[str]:
    """Clauses dropped one by one as long as the rest still clashes: no subset of the result does."""
    core = frozenset(hard)
    for name in hard:
        if grown(core - {name}) is None:
            core -= {name}
    return core


def hitting(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """A smallest set that shares an element with each of these; the same one for the same sets.

    >>> sorted(hitting([frozenset("ab"), frozenset("bc"), frozenset("d")]))
    ['b', 'd']
    """
    minimal = [one for one in set(sets) if not any(other < one for other in sets)]
    elements = sorted({name for one in minimal for name in one})
    for size in range(1, len(elements) + 1):
        found = _hit(sorted(minimal, key=lambda one: (len(one), sorted(one))), size)
        if found is not None:
            return found
    return frozenset()


def _hit(sets: Sequence[frozenset[str]], size: int) -> frozenset[str] | None:
    """A set of at most `size` elements that hits all, taken from the first set not yet hit."""
    if not sets:
        return frozenset()
    if size == 0 or _disjoint(sets) > size:
        return None
    for name in sorted(sets[0]):
        rest = _hit([one for one in sets if name not in one], size - 1)
        if rest is not None:
            return rest | {name}
    return None


def _disjoint(sets: Sequence[frozenset[str]]) -> int:
    """How many sets share nothing with those counted before: as many elements are needed at least."""
    taken: set[str] = set()
    count = 0
    for one in sets:
        if taken.isdisjoint(one):
            taken |= one
            count += 1
    return count


def _ordered(hard: Sequence[str], names: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in hard if name in names)
