"""What the tests of the tests share: one sample, on which every planted defect has to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product

from tests.differential.agreement import (
    Answers,
    Criteria,
    Patient,
    Reading,
    differences,
    queried,
    sample,
    solved,
)
from tests.property import strategies

from trivium.core.truth import Truth

_CRITERIA, _PATIENTS = sample(seed=7, trees=120, patients=60, depth=2)
CRITERIA: Criteria = {**_CRITERIA, **strategies.EDGES}
PATIENTS: Sequence[Patient] = [*_PATIENTS, *strategies.edge_patients()]
READINGS: tuple[Reading, ...] = (queried, solved)


def is_noticed(reading: Reading, criteria: Criteria = CRITERIA) -> bool:
    """Whether the check that the real tests make reports a difference."""
    try:
        return bool(differences(reading, criteria, PATIENTS))
    except TypeError as problem:
        # Some defects of the truth tables leave a guard unknown, which `evaluate` refuses out loud.
        return str(problem) == "the resolver lets no guard be unknown"


@cache
def remembered(reading: Reading) -> Reading:
    """A reading that was asked once, before anything was broken, and answers the same ever after."""
    answers = reading(CRITERIA, PATIENTS)

    def again(criteria: Criteria, patients: Sequence[Patient]) -> Answers:
        return answers

    return again


def wrong_cells(right: Callable[..., Truth], arguments: int) -> list[tuple[tuple[Truth, ...], Truth]]:
    """Every cell of a truth table with each of the two answers that are wrong in it."""
    cells = product(Truth, repeat=arguments)
    return [(cell, wrong) for cell in cells for wrong in Truth if right(*cell) is not wrong]
