"""Laws of facts, over random records: order, units, replay, less knowledge never gives more.

The widening law has three exceptions by design, where a *contradiction* is Unknown although its parts
are not: values of one moment that differ, a value outside what is plausible, and an event reported
before it can have happened. Random records here hold none of them on the narrow side.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_fact_support import AS_OF, DAY, number, read, spec

from trivium.core import values
from trivium.core.truth import FALSE
from trivium.core.values import Interval, point
from trivium.knowledge.models import FactSpec
from trivium.record.events import Coded, Dose, Drug, Event, EventKind, Quantity, When
from trivium.record.fact import Fact
from trivium.record.kinds_chart import DRUGS

START = AS_OF - 120 * DAY

NUMERIC: tuple[FactSpec, ...] = (
    spec(good_for=40 * DAY),
    spec(within=60 * DAY),
    spec("first"),
    spec("max", within=50 * DAY),
    spec("min", within=50 * DAY),
    spec("trend", as_="difference", baseline="first"),
    spec("trend", unit="%", as_="percent", baseline="max"),
    spec("confirmed", "boolean", "ng/mL", beyond=Interval(None, Decimal(30)), false_when="list_complete"),
)
CHOSEN: tuple[FactSpec, ...] = (
    spec(type_="choice", good_for=40 * DAY),
    spec(type_="choice", kept=frozenset({"positive"}), good_for=40 * DAY),
    spec("answered", "boolean", is_=("positive",), ever=True),
    spec("answered", "boolean", is_=("positive",), good_for=40 * DAY),
    spec("first_date", "date", None, is_=("positive",)),
)
LISTED: tuple[FactSpec, ...] = (
    spec("present", "boolean", false_when="list_complete"),
    spec("present", "boolean", ever=True, false_when="list_complete"),
    spec("active", "boolean", within=28 * DAY, false_when="list_complete"),
    spec("ever", "boolean", within=28 * DAY, false_when="list_complete"),
    spec("done", "boolean", within=28 * DAY, false_when="list_complete"),
    spec("allergy", "boolean", false_when="list_complete"),
    spec("immunized", "boolean", within=90 * DAY, false_when="list_complete"),
    spec("days_since", unit="d"),
    spec("days_since", unit="d", which="first"),
    spec("count", "integer", None, within=60 * DAY, false_when="list_complete"),
    spec("prednisone_equivalent", unit="mg/d", equivalents={"x": 1}, within=2 * DAY),
)
ALL = NUMERIC + CHOSEN + LISTED
# Statements and orders that may speak against one another, of two products of one drug and of another drug.
SAID = {
    EventKind.MEDICATION_TAKEN: (
        ("MedicationStatement", ("active", "active", "completed", "stopped", "not-taken")),
        ("MedicationAdministration", ("completed", "in-progress", "stopped")),
    ),
    EventKind.MEDICATION_ORDERED: (("MedicationRequest", ("active", "stopped", "completed")),),
}
PRODUCTS = (
    Drug((("rx", "1"),), ("a",)),
    Drug((("rx", "1"),), ("a",)),
    Drug((("rx", "2"),), ("a",)),
    Drug((("rx", "3"),), ("b",)),
    None,
)


@st.composite
def stamps(draw: st.DrawFn) -> When:
    """A day, an instant, or days on end, up to a little after as-of."""
    start = START + draw(st.integers(0, 123)) * DAY + draw(st.sampled_from((1, 1, 1, 43_200)))
    width = draw(st.sampled_from((0, 0, DAY - 1, 3 * DAY, 30 * DAY)))
    return When(start, start + width)


@st.composite
def numbers(draw: st.DrawFn) -> Quantity:
    return number(str(draw(st.integers(1, 100))), "ng/mL", draw(st.sampled_from(("", "", "", "<", ">="))))


def answers() -> st.SearchStrategy[Coded]:
    return st.sampled_from(("positive", "negative", "indeterminate", "smudged")).map(
        lambda text: Coded((), text)
    )


@st.composite
def events(
    draw: st.DrawFn, place: int, kinds: tuple[EventKind, ...], content: st.SearchStrategy[Any]
) -> Event:
    when = draw(stamps())
    delay = draw(st.sampled_from((None, None, 0, DAY)))
    # Reported when it happened, or some time after it can have happened.
    assert when.end is not None
    known = when if delay is None else When(when.end + delay, when.end + delay)
    kind = draw(st.sampled_from(kinds))
    ended, status = None, ""
    if kind is not EventKind.OBSERVATION:
        status = draw(st.sampled_from(("active", "completed", "in-progress", "provisional", "unknown")))
        ended = draw(st.sampled_from((None, None, when, When(when.end, when.end + 40 * DAY))))
    dose = Dose(number("10", "mg"), point(draw(st.integers(1, 3)))) if draw(st.booleans()) else None
    origin = "Resource"
    if kind in DRUGS:
        origin, statuses = draw(st.sampled_from(SAID[kind]))
        status = draw(st.sampled_from(statuses))
    return Event(
        kind,
        frozenset({"x"}),
        f"{origin}/{place}",
        when,
        known,
        ended,
        status,
        draw(content) if kind is EventKind.OBSERVATION else None,
        dose=dose,
        drug=draw(st.sampled_from(PRODUCTS)) if kind in DRUGS else None,
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[FactSpec, list[Event], bool]:
    """A fact, a record that may hold something for it, and whether its list is complete."""
    declared = draw(st.sampled_from(ALL))
    kinds: tuple[EventKind, ...] = (EventKind.OBSERVATION,)
    content: st.SearchStrategy[Any] = numbers() if declared in NUMERIC else answers()
    if declared in LISTED:
        kinds = (*kinds, EventKind.CONDITION, EventKind.MEDICATION_TAKEN, EventKind.MEDICATION_ORDERED)
        kinds = (*kinds, EventKind.PROCEDURE, EventKind.ALLERGY, EventKind.IMMUNIZATION)
    count = draw(st.integers(1, 5))
    return declared, [draw(events(place, kinds, content)) for place in range(count)], draw(st.booleans())


DRUG_FACTS = tuple(
    declared
    for declared in LISTED
    if declared.retrieval.kind in ("active", "ever", "days_since", "count", "prednisone_equivalent")
)


@st.composite
def drug_cases(draw: st.DrawFn) -> tuple[FactSpec, list[Event], bool]:
    """As `cases`, of drugs alone: statements, doses and orders that contradict one another."""
    count = draw(st.integers(2, 4))
    record = [draw(events(place, DRUGS, st.none())) for place in range(count)]
    return draw(st.sampled_from(DRUG_FACTS)), record, draw(st.booleans())


def is_subset(narrow: Fact, wide: Fact) -> bool:
    if isinstance(wide.value, Interval) and not wide.value.is_known:
        return True
    return values.is_subset(narrow.value, wide.value)


@settings(max_examples=3000)
@given(cases() | drug_cases(), st.randoms(use_true_random=False))
def test_order_never_matters_and_removing_is_undone_by_putting_back(case: Any, random: Any) -> None:
    declared, record, complete = case
    before = read(declared, *record, complete=complete)
    shuffled = [*record]
    random.shuffle(shuffled)
    assert read(declared, *shuffled, complete=complete) == before
    removed = shuffled.pop()
    assert read(declared, *shuffled, removed, complete=complete) == before


@given(cases() | drug_cases(), st.integers(0, 4))
def test_what_is_reported_later_is_never_seen(case: Any, place: int) -> None:
    declared, record, complete = case
    later = dataclasses.replace(record[place % len(record)], known_from=When(AS_OF + 1, AS_OF + 1))
    rest = [event for at, event in enumerate(record) if at != place % len(record)]
    seeing, without = (
        read(declared, later, *rest, complete=complete),
        read(declared, *rest, complete=complete),
    )
    # Only the reason may tell: a sample is on its way.
    assert dataclasses.replace(seeing, reasons=()) == dataclasses.replace(without, reasons=())


@given(cases())
def test_another_unit_gives_the_identical_fact(case: Any) -> None:
    declared, record, complete = case

    def in_grams(event: Event) -> Event:
        if not isinstance(event.value, Quantity):
            return event
        amount = values.scale(event.value.amount, Fraction(1, 1000))
        return dataclasses.replace(event, value=Quantity(amount, "mg/L", as_written=event.value.as_written))

    before = read(declared, *record, complete=complete)
    assert read(declared, *map(in_grams, record), complete=complete) == before


@st.composite
def widened(draw: st.DrawFn) -> tuple[FactSpec, list[Event], list[Event], bool]:
    """A case, and the same with one event's date, end or value less well known."""
    declared, record, complete = draw(cases() | drug_cases())
    place = draw(st.integers(0, len(record) - 1))
    event = record[place]
    part = draw(st.sampled_from(("when", "known", "ended", "value")))
    back, on = draw(st.integers(0, 60)) * DAY, draw(st.integers(0, 60)) * DAY
    if part == "when":
        wide = _wider(event.when, back, on)
        known = wide if event.known_from == event.when else event.known_from
        event = dataclasses.replace(event, when=wide, known_from=known)
    elif part == "known":
        event = dataclasses.replace(event, known_from=_wider(event.known_from, 0, on))
    elif part == "ended" and event.ended is not None:
        event = dataclasses.replace(event, ended=_wider(event.ended, back, on))
    elif isinstance(event.value, Quantity):
        amount = values.hull([event.value.amount, point(Decimal(draw(st.integers(1, 100))))])
        event = dataclasses.replace(event, value=Quantity(amount, "ng/mL"))
    return declared, record, [event if at == place else each for at, each in enumerate(record)], complete


def _wider(when: When, back: int, on: int) -> When:
    assert when.start is not None and when.end is not None
    return When(when.start - back, when.end + on)


def contradicts(fact: Fact, record: list[Event]) -> bool:
    """Whether the narrow side holds a contradiction; of some kinds it shows in the record only."""
    if any(reason.code in ("conflict", "implausible") for reason in fact.reasons):
        return True
    return fact.spec.retrieval.kind in ("max", "min", "trend", "answered", "first_date") and any(
        one.when == other.when and one.value != other.value for one in record for other in record
    )


@settings(max_examples=600)
@given(widened())
def test_knowing_less_of_one_event_never_gives_a_narrower_fact(case: Any) -> None:
    declared, record, wider, complete = case
    narrow, wide = read(declared, *record, complete=complete), read(declared, *wider, complete=complete)
    assert contradicts(narrow, record) or is_subset(narrow, wide)


@settings(max_examples=600)
@given(
    cases(),
    st.integers(0, 4),
    st.sampled_from((None, number("5", None), number("5", "blob"), Coded((), "?"))),
)
def test_a_value_that_cannot_be_read_never_gives_a_narrower_fact(case: Any, place: int, bad: Any) -> None:
    declared, record, complete = case
    event = record[place % len(record)]
    if event.kind is not EventKind.OBSERVATION:
        return
    broken = dataclasses.replace(event, value=bad, absent_reason="" if bad else "error")
    worse = [broken if each is event else each for each in record]
    narrow, wide = read(declared, *record, complete=complete), read(declared, *worse, complete=complete)
    # These ask whether something was done: a value that cannot be read is still proof.
    if declared.retrieval.kind in ("done", "days_since", "count") and bad is not None:
        assert narrow.value == wide.value
        return
    assert contradicts(narrow, record) or is_subset(narrow, wide)
    assert wide.value is not FALSE or narrow.value is FALSE
