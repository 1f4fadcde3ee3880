"""What people type for the few facts that are typed most: short names, spans, a day behind the value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.test_form import ALIASES, SPECS, ZONE, form, skipped

from trivium.core.values import Interval, point
from trivium.record.form import parse_settings


@pytest.mark.parametrize(
    ("line", "fact_id", "low", "high"),
    [
        ("weight: 70", "body_weight", 70, 70),
        ("Weight: 70 kg", "body_weight", 70, 70),
        ("hb: 10", "hemoglobin", 10, 10),
        ("weight: 68-70 kg", "body_weight", 68, 70),
        ("weight: 68000..70000 g", "body_weight", 68, 70),
        ("weight: 68 to 70", "body_weight", 68, 70),
        ("crcl: 49.9", "creatinine_clearance", Decimal("49.9"), Decimal("49.9")),
    ],
)
def test_short_names_and_spans(line: str, fact_id: str, low: Any, high: Any) -> None:
    record = form(line)
    assert not record.report.skips
    assert record.given[fact_id].value == Interval(low, high)


def test_a_day_behind_the_value() -> None:
    given = parse_settings(("weight=70 kg@2024-03-05",), SPECS, ALIASES, ZONE)["body_weight"]
    assert given.value == point(Decimal(70))
    assert (
        given.when
        == parse_settings(("weight={value: 70, date: 2024-03-05}",), SPECS, ALIASES, ZONE)["body_weight"].when
    )


@pytest.mark.parametrize(
    "line", ["weight: 70@2026-02-30", "weight: 70-68", "weight: 70@1", "sex: female-male"]
)
def test_what_is_no_day_and_no_span_is_refused(line: str) -> None:
    assert list(skipped(form(line))) == [f"form/{line.partition(':')[0]}"]


def test_a_name_and_its_short_name_with_different_values() -> None:
    record = form("weight: 70\nbody_weight: 71")
    assert record.given == {}
    assert set(skipped(record)) == {"form/weight", "form/body_weight"}


def test_a_short_name_that_is_misspelt() -> None:
    assert "weight" in skipped(form("wieght: 70"))["form/wieght"]
