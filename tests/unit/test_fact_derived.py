"""A fact derived from two measurements: of one moment, or of none."""

from __future__ import annotations

import dataclasses

import pytest
from tests.unit.test_fact_support import codes, number, on, read, result, spec

from trivium.core.values import EVERYTHING
from trivium.knowledge.models import FactSpec
from trivium.record.events import Event, When

HOUR = 3600


def _input(name: str, unit: str) -> FactSpec:
    return dataclasses.replace(spec(unit=unit, concepts=(name,)), id=name, label=name)


def _measured(name: str, value: str, unit: str, when: When) -> Event:
    event = result(number(value, unit), when, f"Observation/{name}")
    return dataclasses.replace(event, concepts=frozenset({name}))


@pytest.mark.parametrize(
    ("first", "second", "hours", "known"),
    [
        ("2024-03-30T10:00", "2024-03-30T11:00", 1, True),
        ("2024-03-30T11:00", "2024-03-30T10:00", 1, True),
        ("2024-03-30T10:00", "2024-03-30T11:01", 1, False),
        ("2024-03-30T11:01", "2024-03-30T10:00", 1, False),
        ("2024-03-30T10:00", "2024-03-30T10:00", 1, True),
        # Both of one day: they may lie a day apart, also where they bear the very same stamp.
        ("2024-03-30", "2024-03-30", 1, False),
        ("2024-03-30", "2024-03-30", 24, True),
        ("2024-03-29", "2024-03-30", 24, False),
    ],
)
def test_inputs_that_are_or_may_be_too_far_apart_give_nothing(
    first: str, second: str, hours: int, known: bool
) -> None:
    declared = spec(
        "derived",
        unit="mm[Hg]",
        formula="pf_ratio",
        inputs={"pao2": "pao2", "fio2": "fio2"},
        coefficients={},
        at_most_apart=hours * HOUR,
    )
    one = on(first)
    other = one if second == first else on(second)
    gases = (_measured("pao2", "60", "mm[Hg]", one), _measured("fio2", "60", "%", other))
    fact = read(declared, *gases, others=(_input("pao2", "mm[Hg]"), _input("fio2", "%")))
    assert fact.is_known is known
    if not known:
        assert fact.value == EVERYTHING and codes(fact) == ["inputs"]
        assert f"{hours} h are allowed" in fact.reasons[0].detail
