"""One event's value → a value of a fact's type, or the reason why it cannot be used.

Kinds of value: quantity and integer (unit, conversion, plausible range), choice and boolean answers
(`record.answers`), date. Nothing is guessed: what is not understood is a `Reason`, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from trivium.core import values
from trivium.core.truth import from_bool
from trivium.core.values import Choices, Interval, Value
from trivium.knowledge import given
from trivium.knowledge.models import FactSpec
from trivium.record import answers
from trivium.record.events import Coded, Event, Quantity, When
from trivium.record.fact import Reason
from trivium.record.kinds_units import in_unit, overlaps, show_interval
from trivium.record.site import Site
from trivium.record.windows import Calendar


def read_value(spec: FactSpec, event: Event, site: Site, calendar: Calendar) -> Value | Reason:
    """What an observation says about a fact.

    Units:   a quantity comes back in the fact's unit, exact to the shared scale; a date as day numbers.
    """
    problem = absence(event)
    if problem is not None:
        return problem
    match spec.type.kind:
        case "quantity" | "integer":
            return read_number(spec, event)
        case "choice":
            return answers.read_choice(spec, spec.type.choices, event, site.cutoffs.get(spec.id))
        case "boolean":
            return _read_truth(spec, event, site)
        case "date":
            return _read_date(event, calendar)


def absence(event: Event) -> Reason | None:
    """Why there is no value to read; an interpretation alone may still answer a choice."""
    if event.unread:
        return unreadable(event)
    if event.absent_reason:
        if event.value is None:
            return Reason("no-value", f"recorded without a value: {event.absent_reason}", event.origin)
        return Reason("conflict", f"a value, and also '{event.absent_reason}'", event.origin)
    if event.value is None and not event.interpretation:
        return Reason("no-value", "recorded without a value", event.origin)
    return None


def unreadable(event: Event) -> Reason:
    """The reason of an event that was recorded and cannot be read."""
    written = "" if event.unread == event.absent_reason else f", recorded as {event.unread}"
    return Reason("unreadable", f"{event.absent_reason}{written}", event.origin)


def _read_truth(spec: FactSpec, event: Event, site: Site) -> Value | Reason:
    if isinstance(event.value, bool):
        return from_bool(event.value)
    answer = answers.read_choice(spec, ("true", "false"), event, site.cutoffs.get(spec.id))
    if isinstance(answer, Reason):
        return answer
    return from_bool("true" in answer if len(answer) == 1 else None)


def _read_date(event: Event, calendar: Calendar) -> Value | Reason:
    if not isinstance(event.value, When) or not event.value.is_known:
        return Reason("unreadable", "its value is not a date", event.origin)
    return days_of(event.value, calendar)


def days_of(when: When, calendar: Calendar) -> Interval:
    """The calendar days a moment may lie on."""
    first = None if when.start is None else calendar.day(when.start)
    last = None if when.end is None else calendar.day(when.end)
    return Interval(first, last)


def read_number(spec: FactSpec, event: Event) -> Interval | Reason:
    """A measured number in the fact's unit; plausible at least in part."""
    amount = measure(event, spec.type.unit or "1", spec.conversions)
    return amount if isinstance(amount, Reason) else fit(spec, amount, event.origin)


def measure(event: Event, unit: str, conversions: Mapping[str, Fraction]) -> Interval | Reason:
    """A measured number in a unit, exactly, whatever it is."""
    problem = absence(event)
    if problem is not None:
        return problem
    value = event.value
    if isinstance(value, int) and not isinstance(value, bool):
        value = Quantity(values.point(value), None)
    if not isinstance(value, Quantity):
        return Reason("no-value" if value is None else "unreadable", "its value is no number", event.origin)
    amount = in_unit(value, unit, conversions)
    if isinstance(amount, str):
        return Reason("unit", amount, event.origin)
    return amount if amount.is_known else Reason("unreadable", "its value has no bound at all", event.origin)


def read_answer(spec: FactSpec, event: Event, site: Site) -> Choices | Reason:
    """An answer among all that the fact's table of answers knows, for facts that are no choice themselves."""
    problem = absence(event)
    if problem is not None:
        return problem
    known = tuple(spec.retrieval.options.get("answers", ()))
    return answers.read_choice(spec, known, event, site.cutoffs.get(spec.id))


def fit(spec: FactSpec, amount: Interval, origin: str = "") -> Interval | Reason:
    """A number as the fact holds it: at the shared scale (or whole), and not impossible."""
    if spec.plausible.is_known and not overlaps(amount, spec.plausible):
        return Reason(
            "implausible", f"outside {show_interval(spec.plausible)} {spec.type.unit or ''}", origin
        )
    try:
        if spec.type.kind == "integer":
            return given.whole(amount)
        if amount.is_point and isinstance(amount.low, (Decimal, Fraction)):
            return values.point(values.exact(amount.low))
        return given.exact_bounds(amount)
    except ValueError as problem:
        return Reason("unreadable", f"cannot be held as a number: {problem}", origin)


def show_value(event: Event, calendar: Calendar) -> str:
    """A value as recorded, for a human reader."""
    value = event.value
    if event.unread:
        return f"not usable: {event.unread}"
    if value is None:
        return f"no value ({event.absent_reason})" if event.absent_reason else "no value"
    if isinstance(value, Quantity):
        return value.as_written or f"{show_interval(value.amount)} {value.unit or '(no unit)'}"
    if isinstance(value, Coded):
        return value.text or ", ".join(f"{system}|{code}" for system, code in value.codes) or "empty answer"
    if isinstance(value, When):
        return calendar.text(value)
    return str(value).lower()
