"""A stop beside an entry that lets a drug go on: the newer counts where that is plain, else neither does."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from tests.unit.test_fact_support import AS_OF, DAY, codes, event, exactly, number, on, read, spec

from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import Interval, point
from trivium.knowledge.models import FactSpec
from trivium.record.events import Dose, Drug, Event, EventKind, When
from trivium.record.fact import Fact

TAKEN, ORDERED = EventKind.MEDICATION_TAKEN, EventKind.MEDICATION_ORDERED
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
INGREDIENT = Drug(((RXNORM, "42316"),), ("42316",))
CAPSULE_1 = Drug(((RXNORM, "1"),), ("42316",))
CAPSULE_HALF = Drug(((RXNORM, "2"),), ("42316",))
OTHER_DRUG = Drug(((RXNORM, "3"),), ("3008",))

ACTIVE = spec("active", "boolean", within=2 * DAY, false_when="list_complete")
EVER = spec("ever", "boolean", within=30 * DAY, false_when="list_complete")


def statement(
    name: str,
    status: str,
    when: str | When,
    end: str = "",
    asserted: str = "",
    drug: Drug | None = CAPSULE_1,
    **more: Any,
) -> Event:
    """As the reader makes it: over without a day when it is completed or stopped and says no end."""
    over = When() if status in ("completed", "stopped") else None
    return event(
        TAKEN,
        when,
        f"MedicationStatement/{name}",
        status=status,
        ended=on(end) if end else over,
        drug=drug,
        **({"known_from": on(asserted)} if asserted else {}),
        **more,
    )


def order(name: str, status: str, when: str, drug: Drug = CAPSULE_1) -> Event:
    ended = When() if status == "stopped" else None
    return event(ORDERED, when, f"MedicationRequest/{name}", status=status, ended=ended, drug=drug)


def dose(when: str, drug: Drug = CAPSULE_1) -> Event:
    origin = "MedicationAdministration/dose"
    return event(TAKEN, when, origin, status="completed", ended=on(when), drug=drug)


def halted(of: Event) -> Event:
    return dataclasses.replace(of, absent_reason="on-hold", unread="status on-hold", status="", ended=None)


def asked(*events: Event, declared: FactSpec = ACTIVE) -> Fact:
    """The fact where the list is complete: then "not taken" shows as false, and an open one as Unknown."""
    return read(declared, *events, complete=True)


TAKING = statement("a", "active", "2024-01-01")


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        # The newest statement of the very same product says that it is over.
        (statement("b", "stopped", "2024-01-01", "2024-03-10"), FALSE),
        (statement("b", "completed", "2024-01-01", "2024-03-10"), FALSE),
        (statement("b", "active", "2024-01-01", "2024-03-10"), FALSE),
        (statement("b", "stopped", When(), asserted="2024-03-10"), FALSE),
        (statement("b", "not-taken", "2024-03-10"), FALSE),
        (statement("b", "not-taken", When(), asserted="2024-03-10"), FALSE),
        (statement("b", "not-taken", "2024-03-10", drug=INGREDIENT), FALSE),
        # An older one says nothing of what came after.
        (statement("b", "not-taken", "2023-12-31"), TRUE),
        (statement("b", "stopped", "2022-01-01", "2023-12-31"), TRUE),
        # One day, a day that overlaps, no day: nobody can tell which is newer.
        (statement("b", "not-taken", "2024-01-01"), UNKNOWN),
        (statement("b", "not-taken", "2024"), UNKNOWN),
        (statement("b", "not-taken", "2024-03-10", asserted="2024"), UNKNOWN),
        (statement("b", "not-taken", When()), UNKNOWN),
        (statement("b", "stopped", "2022-01-01"), UNKNOWN),
        (statement("b", "stopped", "2022-01-01", "2024"), UNKNOWN),
        # Two products of one drug; or nothing to tell the products by.
        (statement("b", "stopped", "2024-01-01", "2024-03-10", drug=CAPSULE_HALF), UNKNOWN),
        (statement("b", "stopped", "2024-01-01", "2024-03-10", drug=None), UNKNOWN),
        (statement("b", "not-taken", "2024-03-10", drug=CAPSULE_HALF), UNKNOWN),
        # A second course beside the first.
        (statement("b", "completed", "2024-02-01", "2024-02-08"), UNKNOWN),
        # Another drug of the class.
        (statement("b", "stopped", "2024-01-01", "2024-03-10", drug=OTHER_DRUG), TRUE),
        # What is held, or cannot be read, leaves it open when it may be newer.
        (halted(statement("b", "active", "2024-01-01", asserted="2024-03-10")), UNKNOWN),
        (halted(statement("b", "active", "2023-01-01", asserted="2023-03-10")), TRUE),
        # A stop in the future of as-of is none yet; one that may be is open.
        (statement("b", "stopped", "2024-01-01", "2024-04-10"), TRUE),
        (statement("b", "not-taken", "2024-04-10"), TRUE),
    ],
)
def test_an_open_statement_against_a_stop(stop: Event, expected: object) -> None:
    fact = asked(TAKING, stop)
    assert fact.value is expected
    if expected is UNKNOWN:
        assert "conflict" in codes(fact)


def test_both_sides_of_a_contradiction_are_named() -> None:
    fact = asked(TAKING, statement("b", "not-taken", "2024-01-01"))
    assert [(reason.code, reason.origin) for reason in fact.reasons] == [
        ("conflict", "MedicationStatement/a")
    ]
    assert fact.reasons[0].detail == "contradicted by MedicationStatement/b (not-taken, 2024-01-01)"
    held = asked(TAKING, halted(statement("b", "active", "2024-01-01")))
    assert held.reasons[0].detail == "contradicted by MedicationStatement/b (on-hold, 2024-01-01)"
    over = asked(TAKING, statement("b", "stopped", "2024-01-01", "2024-03-10"))
    assert [line.rpartition("(")[2] for line in over.seen] == [
        "MedicationStatement/a)",
        "MedicationStatement/b)",
    ]


def test_without_a_complete_list_a_stop_is_no_no() -> None:
    assert codes(read(ACTIVE, TAKING, statement("b", "not-taken", "2024-03-10"))) == ["missing"]


@pytest.mark.parametrize("new", [CAPSULE_1, CAPSULE_HALF])
@pytest.mark.parametrize("begun", ["2024-03-10", "2024-03-12"])
def test_a_change_of_dose_or_product_is_no_stop(new: Drug, begun: str) -> None:
    old = statement("old", "stopped", "2024-01-01", "2024-03-10", asserted="2024-03-20")
    assert asked(old, statement("new", "active", begun, drug=new)).value is TRUE
    # Begun on one day, or before the old one ended: which of the two goes on is not told.
    assert asked(old, statement("new", "active", "2024-01-01", drug=CAPSULE_HALF)).value is UNKNOWN
    assert asked(old, statement("new", "active", "2024-03-09", drug=new)).value is UNKNOWN


def test_a_step_of_the_dose_is_no_stop() -> None:
    ten, twenty = Dose(text="10 mg/day"), Dose(text="20 mg/day")
    now = statement("new", "active", "2024", asserted="2024-02-16", dose=twenty)

    def step(status: str, more: Dose | None = ten, asserted: str = "2024-02-16") -> Event:
        return statement("old", status, "2024", asserted=asserted, dose=more)

    # Asserted on one day, of one year: ten milligrams were completed, twenty are taken.
    assert asked(now, step("completed")).value is TRUE
    assert asked(now, step("stopped")).value is TRUE
    assert asked(now, statement("old", "completed", When(), dose=ten)).value is TRUE
    # The same dose, or none that is said, tells nothing apart; nor does what denies any intake.
    assert asked(now, step("completed", twenty)).value is UNKNOWN
    assert asked(now, step("completed", None)).value is UNKNOWN
    assert asked(now, step("not-taken")).value is UNKNOWN
    assert asked(now, halted(step("active"))).value is UNKNOWN
    # A step that ended plainly later than the other was said leaves it open, and never ends it.
    assert asked(now, step("completed", asserted="2024-03-16")).value is UNKNOWN
    older = dataclasses.replace(TAKING, dose=twenty)
    assert asked(older, statement("b", "stopped", "2024-01-01", "2024-03-10", dose=ten)).value is UNKNOWN
    assert asked(older, statement("b", "not-taken", "2024-03-10", dose=ten)).value is FALSE


def test_what_is_taken_up_again_is_taken() -> None:
    stop = statement("b", "stopped", "2024-01-01", "2024-02-10")
    assert asked(TAKING, stop, statement("c", "active", "2024-03-01")).value is TRUE
    assert asked(stop, dataclasses.replace(TAKING, known_from=on("2024-02-20"))).value is TRUE


def test_an_end_that_was_planned_may_come_after_it_was_said() -> None:
    later = dataclasses.replace(TAKING, known_from=on("2024-03-15"))
    planned = statement("b", "active", "2024-01-01", "2024-03", asserted="2024-03-10")
    assert asked(later, planned).value is UNKNOWN
    # What is completed had ended when that was said.
    assert asked(later, dataclasses.replace(planned, status="completed")).value is TRUE


def test_what_was_to_begin_later_began_when_it_says() -> None:
    planned = statement("a", "active", "2024-03-20", asserted="2024-03-01")
    assert asked(planned, statement("b", "not-taken", "2024-03-10")).value is TRUE


def test_two_copies_of_one_resource_do_not_say_which_is_the_newer() -> None:
    stopped = statement("a", "stopped", "2024-01-01", "2024-03-10")
    assert asked(TAKING, stopped).value is UNKNOWN


def test_words_tell_products_where_there_are_no_codes() -> None:
    def told(text: str, status: str, end: str = "") -> Event:
        return statement(status, status, "2024-01-01", end, drug=None, text=text)

    taking = told("Tacrolimus 1 mg", "active")
    assert asked(taking, told("tacrolimus 1 MG", "stopped", "2024-03-10")).value is FALSE
    assert asked(taking, told("Tacrolimus", "stopped", "2024-03-10")).value is UNKNOWN


def test_a_dose_against_a_stop() -> None:
    given = dose("2024-03-30T08:00")
    assert asked(given).value is TRUE
    assert asked(given, statement("b", "stopped", "2024-01-01", "2024-03-31")).value is FALSE
    assert asked(given, statement("b", "stopped", "2024-01-01", "2024-03-30")).value is UNKNOWN
    assert asked(given, statement("b", "not-taken", "2024-03-29")).value is TRUE
    # A short completed statement may be the record of that very dose.
    assert asked(given, statement("b", "completed", "2024-03-30T08:00", "2024-03-30T08:30")).value is TRUE


def test_a_stopped_order_against_what_is_taken() -> None:
    # It says when it was written, not when it was stopped: later than the statement is open, earlier is past.
    assert asked(TAKING, order("o", "stopped", "2024-02-01")).value is UNKNOWN
    assert asked(TAKING, order("o", "stopped", "2024-01-01")).value is UNKNOWN
    assert asked(TAKING, order("o", "stopped", "2023-12-01")).value is TRUE
    assert asked(TAKING, halted(order("o", "active", "2024-02-01"))).value is UNKNOWN
    assert asked(TAKING, order("o", "completed", "2024-02-01")).value is TRUE
    assert asked(dose("2024-03-30"), order("o", "stopped", "2024-03-31")).value is TRUE
    # A supply that is held says nothing of the drug.
    supply = dataclasses.replace(order("o", "active", "2024-02-01"), origin="MedicationDispense/o")
    assert asked(TAKING, halted(supply)).value is TRUE
    # With a new order the dose or the product was changed.
    for product in (CAPSULE_1, CAPSULE_HALF):
        changed = order("new", "active", "2024-02-01", product)
        assert asked(TAKING, order("o", "stopped", "2024-02-01"), changed).value is TRUE
    perhaps_over = dataclasses.replace(order("new", "active", "2024-02-01"), ended=on("2024"))
    assert asked(TAKING, order("o", "stopped", "2024-02-01"), perhaps_over).value is UNKNOWN
    other = order("new", "active", "2024-02-01", OTHER_DRUG)
    assert asked(TAKING, order("o", "stopped", "2024-02-01"), other).value is UNKNOWN


def test_a_newer_stop_outweighs_an_order_and_a_newer_order_does_not_prove_intake() -> None:
    stop = statement("b", "not-taken", "2024-03-10")
    assert asked(order("o", "active", "2024-01-01")).value is UNKNOWN
    assert asked(order("o", "active", "2024-01-01"), stop).value is FALSE
    newer = asked(order("o", "active", "2024-03-11"), stop)
    assert newer.value is UNKNOWN and newer.reasons[0].detail == "ordered, not known to be taken"
    assert asked(order("o", "active", "2024-01-01", CAPSULE_HALF), stop).value is UNKNOWN


def test_a_replay_before_the_stop_does_not_know_of_it() -> None:
    stop = statement("b", "stopped", "2024-01-01", "2024-03-10")
    early = read(ACTIVE, TAKING, stop, complete=True, as_of=AS_OF - 30 * DAY)
    assert early.value is TRUE


def test_taken_within_a_window_ends_with_the_stop() -> None:
    long_ago = statement("b", "not-taken", "2024-02-01")
    assert asked(TAKING, declared=EVER).value is TRUE
    assert asked(TAKING, long_ago, declared=EVER).value is FALSE
    assert asked(TAKING, statement("b", "stopped", "2024-01-01", "2024-03-20"), declared=EVER).value is TRUE
    open_ = asked(TAKING, statement("b", "not-taken", "2024-01-01", drug=CAPSULE_HALF), declared=EVER)
    assert open_.value is UNKNOWN and codes(open_) == ["conflict"]


def test_what_was_taken_once_was_taken_unless_that_too_is_denied() -> None:
    at_all = spec("ever", "boolean", false_when="list_complete")
    assert asked(TAKING, statement("b", "not-taken", "2024-02-01"), declared=at_all).value is TRUE
    never = statement("b", "not-taken", "2023-12-01", asserted="2024-02-01")
    assert asked(TAKING, never, declared=at_all).value is UNKNOWN
    assert asked(dose("2024-01-05"), never, declared=at_all).value is TRUE


def test_days_since_the_last_intake_end_with_the_stop() -> None:
    days = spec("days_since", unit="d")
    assert read(days, TAKING).value == exactly("0")
    stop = statement("b", "stopped", "2024-01-01", "2024-03-21")
    assert read(days, TAKING, stop).value == Interval(10, 10)
    beside = statement("b", "completed", "2024-03-01", "2024-03-21")
    assert read(days, TAKING, beside).value == Interval(0, 10)


def test_a_contradicted_glucocorticoid_has_no_dose() -> None:
    twenty = Dose(number("20", "mg"), point(1))
    declared = spec(
        "prednisone_equivalent",
        unit="mg/d",
        within=2 * DAY,
        equivalents={"x": Fraction(1)},
        false_when="list_complete",
    )
    taking = dataclasses.replace(TAKING, dose=twenty)
    assert asked(taking, declared=declared).value == exactly("20")
    stop = statement("b", "stopped", "2024-01-01", "2024-03-10")
    assert asked(taking, stop, declared=declared).value == exactly("0")
    unclear = statement("b", "stopped", "2024-01-01", "2024-03-10", drug=CAPSULE_HALF)
    assert codes(asked(taking, unclear, declared=declared)) == ["conflict"]
    taper = statement("b", "completed", "2024-01-01", "2024-03-10", dose=Dose(number("40", "mg"), point(1)))
    lower = statement("c", "active", "2024-03-10", dose=twenty)
    assert asked(taper, lower, declared=declared).value == exactly("20")


def test_drugs_that_belong_to_different_value_sets_never_contradict_one_another() -> None:
    class_, one, two = frozenset({"x"}), frozenset({"x", "one"}), frozenset({"x", "two"})
    taking = dataclasses.replace(TAKING, drug=None, concepts=one)
    stop = statement("b", "stopped", "2024-01-01", "2024-03-10", drug=None)
    assert asked(taking, dataclasses.replace(stop, concepts=two)).value is TRUE
    assert asked(taking, dataclasses.replace(stop, concepts=class_)).value is UNKNOWN
