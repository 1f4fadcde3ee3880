"""What the tests of the tests share: the samples on which every planted defect has to show."""

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

Sample = tuple[Criteria, Sequence[Patient]]
EDGES: Sample = (strategies.EDGES, strategies.edge_patients())
SAMPLES: tuple[Sample, ...] = (sample(seed=7, trees=60, patients=40, depth=2), EDGES)
READINGS: tuple[Reading, ...] = (queried, solved)


def is_noticed(reading: Reading, samples: Sequence[Sample] = SAMPLES) -> bool:
    """Whether the check that the real tests make reports a difference."""
    try:
        return any(differences(reading, *one) for one in samples)
    except TypeError as problem:
        # Some defects of the truth tables leave a guard unknown, which `evaluate` refuses out loud.
        return str(problem) == "the resolver lets no guard be unknown"


@cache
def remembered(reading: Reading) -> Reading:
    """A reading that was asked once, before anything was broken, and answers the same ever after."""
    answers = {id(criteria): reading(criteria, patients) for criteria, patients in SAMPLES}

    def again(criteria: Criteria, patients: Sequence[Patient]) -> Answers:
        return answers[id(criteria)]

    return again


def wrong_cells(right: Callable[..., Truth], arguments: int) -> list[tuple[tuple[Truth, ...], Truth]]:
    """Every cell of a truth table with each of the two answers that are wrong in it."""
    cells = product(Truth, repeat=arguments)
    return [(cell, wrong) for cell in cells for wrong in Truth if right(*cell) is not wrong]
