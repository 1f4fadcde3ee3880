"""What was recorded and cannot be read: it decides nothing, and nothing else passes for it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.test_fact_laws import ALL, cases, contradicts, drug_cases, is_subset
from tests.unit.test_fact_support import DAY, codes, event, exactly, number, on, read, result, spec

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import EVERYTHING
from trivium.knowledge.models import FactSpec
from trivium.record.events import Event, EventKind, When

KINDS = {
    "present": EventKind.CONDITION,
    "allergy": EventKind.ALLERGY,
    "active": EventKind.MEDICATION_TAKEN,
    "ever": EventKind.MEDICATION_TAKEN,
    "done": EventKind.PROCEDURE,
    "immunized": EventKind.IMMUNIZATION,
}
WITHIN = {"active": 28 * DAY, "done": 28 * DAY, "immunized": 90 * DAY}


def unread(of: Event) -> Event:
    """The same event, of a resource that cannot be read."""
    return dataclasses.replace(of, value=None, status="", absent_reason="bad-status", unread="status 5")


def listed(kind: str) -> FactSpec:
    return spec(kind, "boolean", false_when="list_complete", within=WITHIN.get(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_with_an_entry_that_cannot_be_read_says_neither_yes_nor_no(kind: str) -> None:
    sound = event(KINDS[kind], "2024-03-20", "MedicationAdministration/1")
    fact = read(listed(kind), unread(sound), complete=True)
    assert fact.value is UNKNOWN and codes(fact) == ["unreadable"]
    assert "not usable: status 5" in fact.seen[0]
    assert fact.reasons[0].detail == "bad-status, recorded as status 5"
    beside = dataclasses.replace(sound, origin="MedicationAdministration/2")
    assert read(listed(kind), unread(sound), beside).value is TRUE
    assert read(listed(kind), complete=True).value is FALSE


@pytest.mark.parametrize("kind", ["active", "ever"])
def test_an_order_that_cannot_be_read_keeps_no_from_being_said(kind: str) -> None:
    order = event(EventKind.MEDICATION_ORDERED, "2024-03-20", "MedicationRequest/1")
    fact = read(listed(kind), unread(order), complete=True)
    assert fact.value is UNKNOWN and codes(fact) == ["unreadable"]


@pytest.mark.parametrize("origin", ["MedicationStatement/1", "DeviceUseStatement/1"])
def test_what_lasts_and_cannot_be_read_may_last_still(origin: str) -> None:
    is_drug = origin.startswith("Medication")
    kind = EventKind.MEDICATION_TAKEN if is_drug else EventKind.DEVICE
    declared = listed("active" if is_drug else "done")
    old = unread(event(kind, "2023-01-01", origin))
    assert read(declared, old, complete=True).value is UNKNOWN
    over = dataclasses.replace(old, ended=on("2023-02-01"))
    assert read(declared, over, complete=True).value is FALSE


def test_the_newest_result_that_cannot_be_read_is_not_replaced_by_an_older_one() -> None:
    old = result(number("5"), "2024-03-01", "Observation/old")
    new = dataclasses.replace(unread(result(None, "2024-03-02", "Observation/new")), text="Ferritin")
    fact = read(spec(), old, new)
    assert fact.value == EVERYTHING and codes(fact) == ["unreadable"]
    assert fact.seen[0] == "Ferritin: not usable: status 5, 2024-03-02 (Observation/new)"
    assert fact.seen[1].startswith("not used, older: 5 ng/mL")
    # One that is older than a value that can be read does no harm.
    assert read(spec(), old, dataclasses.replace(new, when=on("2024-02-01"))).value == exactly("5")


def test_a_result_that_cannot_be_read_is_no_proof_that_a_thing_was_done() -> None:
    for absent in ("two-values", "not-performed"):
        garbled = result(None, "2024-03-20", absent_reason=absent, unread="valueInteger 5")
        fact = read(listed("done"), garbled, complete=True)
        assert fact.value is UNKNOWN and codes(fact) == ["unreadable"]


def test_an_undated_result_that_cannot_be_read_may_be_the_newest() -> None:
    old = result(number("5"), "2024-03-01", "Observation/old")
    new = unread(result(None, When(), "Observation/new"))
    assert codes(read(spec(), old, new)) == ["unreadable"]


def test_a_result_that_was_only_registered_is_awaited_but_not_one_that_cannot_be_read() -> None:
    old = result(number("5"), "2024-03-01", "Observation/old")
    awaited = result(None, "2024-03-02", "Observation/new", status="registered")
    assert read(spec(), old, awaited).value == exactly("5")
    garbled = dataclasses.replace(awaited, absent_reason="two-values", unread="valueInteger 5 valueString x")
    assert codes(read(spec(), old, garbled)) == ["unreadable"]


@settings(max_examples=600)
@given(cases() | drug_cases(), st.integers(0, 4))
def test_an_entry_that_cannot_be_read_never_gives_a_narrower_fact(case: Any, place: int) -> None:
    declared, record, complete = case
    at = place % len(record)
    worse = [unread(each) if each is record[at] else each for each in record]
    narrow, wide = read(declared, *record, complete=complete), read(declared, *worse, complete=complete)
    assert contradicts(narrow, record) or is_subset(narrow, wide)
    assert wide.value is not FALSE or narrow.value is FALSE
    # Nor does one that comes to what was there already.
    more = read(
        declared, *record, unread(dataclasses.replace(record[at], origin="Resource/9")), complete=complete
    )
    assert contradicts(narrow, record) or is_subset(narrow, more)
    assert more.value is not FALSE or narrow.value is FALSE


@pytest.mark.parametrize("declared", ALL, ids=lambda declared: declared.retrieval.kind)
def test_by_what_cannot_be_read_alone_nothing_is_known(declared: FactSpec) -> None:
    for kind in EventKind:
        only = unread(event(kind, "2024-03-20", "Resource/1"))
        fact = read(declared, only)
        assert not fact.is_known or declared.retrieval.kind == "count"
