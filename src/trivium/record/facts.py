"""Record → facts: each declared fact read by its kind, once, in the order they depend on one another.

Kinds (the key of `from` in `knowledge/pathways/*/facts/`), one function each:

    age  sex  ask  override                kinds_person
    latest  first  max  min  answered      kinds_results
    confirmed  trend                       kinds_series
    present  done  allergy  immunized      kinds_history
    active  ever  prednisone_equivalent    kinds_medication
    days_since  first_date  count          kinds_time
    derived                                kinds_derived

Options a kind finds in `spec.retrieval.options`:

    answers        choice → {codes, interpretations, texts}            (choices, answered, first_date)
    is, ever       answers asked for; whether history counts           (answered, first_date; present)
    since          id of a date fact                                   (first, max, min)
    beyond, unit   the interval beyond the threshold, and its unit     (confirmed)
    as, baseline   difference or percent; first, max or min            (trend)
    equivalents    value set → factor                                  (prednisone_equivalent)
    which          first or last                                       (days_since)
    formula, inputs, also (used when known, never asked for),
    coefficients, at_most_apart (seconds)                              (derived)

A fact given by hand wins over the record and is what derived facts are computed from.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping

from trivium.core import values
from trivium.core.truth import TRUE
from trivium.core.values import Interval
from trivium.knowledge.models import FactSpec
from trivium.logic.text import value_words
from trivium.record import (
    kinds_derived,
    kinds_history,
    kinds_medication,
    kinds_person,
    kinds_results,
    kinds_series,
    kinds_time,
)
from trivium.record.events import Given, Record, When
from trivium.record.fact import Fact, Reason, unknown
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_reading import fit
from trivium.record.kinds_results import union
from trivium.record.site import Site

KINDS: Mapping[str, Callable[[Chart, FactSpec], Fact]] = {
    "age": kinds_person.age,
    "sex": kinds_person.sex,
    "ask": kinds_person.ask,
    "override": kinds_person.override,
    "latest": kinds_results.latest,
    "first": kinds_results.first,
    "max": kinds_results.greatest,
    "min": kinds_results.least,
    "answered": kinds_results.answered,
    "confirmed": kinds_series.confirmed,
    "trend": kinds_series.trend,
    "present": kinds_history.present,
    "done": kinds_history.done,
    "allergy": kinds_history.allergy,
    "immunized": kinds_history.immunized,
    "active": kinds_medication.active,
    "ever": kinds_medication.ever,
    "prednisone_equivalent": kinds_medication.prednisone_equivalent,
    "days_since": kinds_time.days_since,
    "first_date": kinds_time.first_date,
    "count": kinds_time.count,
    "derived": kinds_derived.derived,
}


def read_facts(
    record: Record, specs: Mapping[str, FactSpec], as_of: int, zone: datetime.tzinfo, site: Site
) -> dict[str, Fact]:
    """Every declared fact of one patient, in the order of `specs`.

    Units:   as_of: seconds since 1970-01-01T00:00Z, the last second of the day in the site's zone.
    Errors:  ValueError when facts depend on one another in a circle, KeyError for a kind or formula
             that does not exist: both are refused when the knowledge is checked.
    """
    under_way: set[str] = set()

    def make(chart: Chart, name: str) -> Fact | None:
        spec = specs.get(name)
        if spec is None:
            return None
        if name in under_way:
            raise ValueError(f"facts depend on one another in a circle: {', '.join(sorted(under_way))}")
        under_way.add(name)
        fact = _fact(chart, spec, record.given.get(spec.id))
        under_way.discard(name)
        return fact

    chart = Chart(record, as_of, zone, site, make)
    return {name: fact for name in specs if (fact := chart.fact(name)) is not None}


def _declared(site: Site, spec: FactSpec) -> Fact | None:
    """What the site's profile declares true for every patient; nobody overrides a line for all of them."""
    if spec.id not in site.complete or spec.type.kind != "boolean" or spec.retrieval.kind == "override":
        return None
    return Fact(spec, TRUE, None, ("site",), (), ("declared by the site",))


def _fact(chart: Chart, spec: FactSpec, given: Given | None) -> Fact:
    """What was typed in by hand, else what the site or the record says.

    What was typed in with a date is so from that date on: of a later day it is not known yet, and of a
    month or year that may lie after as-of it only may be.
    """
    if given is None:
        return _recorded(chart, spec)
    start, end, as_of = given.when.start, given.when.end, chart.calendar.as_of
    if start is not None and start > as_of:
        return _awaited(chart, spec, given, _recorded(chart, spec))
    entered = _entered(chart, spec, given)
    if given.when.is_known and (end is None or end > as_of):
        return _perhaps(chart, spec, given, entered, _recorded(chart, spec))
    return entered


def _recorded(chart: Chart, spec: FactSpec) -> Fact:
    return _declared(chart.site, spec) or KINDS[spec.retrieval.kind](chart, spec)


def _entered(chart: Chart, spec: FactSpec, given: Given) -> Fact:
    """What was typed in by hand; without a date it is of as-of."""
    value, dated = given.value, given.when
    when = dated if dated.is_known else None
    if isinstance(value, Interval) and value.is_known and spec.type.kind != "date":
        fitting = fit(spec, value, "form")
        if isinstance(fitting, Reason):
            return unknown(spec, fitting, at=when, origins=("form",))
        value = fitting
    if not values.is_known(value, len(spec.type.choices)):
        return unknown(
            spec, Reason("not-entered", "entered as not known", "form"), at=when, origins=("form",)
        )
    # A choice is kept when all that it could be is: a positive of years ago is still a positive.
    is_kept = value <= spec.kept if isinstance(value, frozenset) else str(value) in spec.kept
    old = None if is_kept else _too_old(chart, spec, when)
    if old is not None:
        return unknown(spec, old, at=when, origins=("form",), seen=(_line(spec, given),))
    decided = (f"decided by {given.by}: {given.because}",) if given.by else ()
    return Fact(spec, value, when, ("form",), (), decided)


def _awaited(chart: Chart, spec: FactSpec, given: Given, recorded: Fact) -> Fact:
    """What the record says while what was typed in is of a later day."""
    dated = chart.calendar.text(given.when)
    seen = (*recorded.seen, f"not used, of a later day: {_line(spec, given)}, {dated} (form)")
    if recorded.is_known:
        return dataclasses.replace(recorded, seen=seen)
    later = f"entered for {dated}, after the day of the plan"
    reasons = (Reason("not-yet-reported", later, "form"), *_telling(recorded))
    return dataclasses.replace(recorded, reasons=reasons, seen=seen)


def _perhaps(chart: Chart, spec: FactSpec, given: Given, entered: Fact, recorded: Fact) -> Fact:
    """What was typed in, or what the record says without it: its date leaves open which."""
    origins = tuple(dict.fromkeys((*entered.origins, *recorded.origins)))
    dated = chart.calendar.text(given.when)
    seen = (f"{_line(spec, given)}, {dated} (form)", *recorded.seen)
    if entered.is_known and recorded.is_known:
        value = union((entered.value, recorded.value))
        if values.is_known(value, len(spec.type.choices)):
            return Fact(spec, value, _hull(entered.at, recorded.at), origins, (), seen)
    perhaps = f"entered for {dated}, which may be after the day of the plan"
    reasons = (Reason("uncertain-date", perhaps, "form"), *_telling(entered), *_telling(recorded))
    return unknown(spec, *dict.fromkeys(reasons), at=entered.at, origins=origins, seen=seen)


def _telling(fact: Fact) -> tuple[Reason, ...]:
    """The reasons that say more than that there is nothing."""
    return tuple(reason for reason in fact.reasons if reason.code not in ("missing", "not-entered"))


def _line(spec: FactSpec, given: Given) -> str:
    return f"entered: {value_words(given.value, spec.type)}"


def _hull(one: When | None, other: When | None) -> When | None:
    if one is None or other is None:
        return None
    starts, ends = (one.start, other.start), (one.end, other.end)
    return When(
        None if None in starts else min(each for each in starts if each is not None),
        None if None in ends else max(each for each in ends if each is not None),
    )


def _too_old(chart: Chart, spec: FactSpec, when: When | None) -> Reason | None:
    if spec.good_for is None or when is None or not when.is_known:
        return None
    before = chart.calendar.before(spec.good_for)
    if when.start is not None and when.start > before:
        return None
    is_stale = when.end is not None and when.end <= before
    return Reason(
        "stale" if is_stale else "uncertain-date", "it is, or may be, older than it is good for", "form"
    )
