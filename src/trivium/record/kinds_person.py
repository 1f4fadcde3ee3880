"""Fact kinds over the person and the clinician: age, sex, ask."""

from __future__ import annotations

import datetime

from trivium.core.values import Interval
from trivium.knowledge.models import FactSpec
from trivium.record.events import Person, When
from trivium.record.fact import Fact, Reason, unknown
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_reading import fit


def age(chart: Chart, spec: FactSpec) -> Fact:
    """`{age: years}`: completed years at as-of; an interval where the birth date is no day."""
    person, calendar = chart.person, chart.calendar
    origin = _origin(person)
    birth = person.birth
    if birth is None or not birth.is_known:
        return unknown(spec, Reason("missing", "no birth date", origin))
    seen = [f"born {calendar.text(birth)}"]
    if person.death is not None and person.death.end is not None and person.death.end <= calendar.as_of:
        seen.append(f"died {calendar.text(person.death)}")
        return unknown(spec, Reason("implausible", "as-of is after the death", origin), seen=seen)
    if birth.start is not None and birth.start > calendar.as_of:
        return unknown(spec, Reason("implausible", "as-of is before the birth", origin), seen=seen)
    value = fit(spec, _years(chart, birth), origin)
    if isinstance(value, Reason):
        return unknown(spec, value, seen=seen)
    return Fact(spec, value, None, (origin,), (), tuple(seen))


def _years(chart: Chart, birth: When) -> Interval:
    """Fewest and most completed years; not yet born on as-of's day counts as none."""
    calendar = chart.calendar
    today = calendar.today()
    first = None if birth.start is None else calendar.day(birth.start)
    last = None if birth.end is None else calendar.day(birth.end)
    fewest = 0 if last is None or last > today else completed_years(last, today)
    return Interval(fewest, None if first is None else completed_years(first, today))


def completed_years(born: int, today: int) -> int:
    """Years completed between two calendar days; one born on 29 February ends a year on 1 March."""
    birth, now = datetime.date.fromordinal(born), datetime.date.fromordinal(today)
    return now.year - birth.year - ((now.month, now.day) < (birth.month, birth.day))


def sex(chart: Chart, spec: FactSpec) -> Fact:
    """`{sex: administrative}`: female or male as recorded; anything else is Unknown."""
    recorded, origin = chart.person.sex, _origin(chart.person)
    if recorded in spec.type.choices and recorded in ("female", "male"):
        return Fact(spec, frozenset((recorded,)), None, (origin,), (), (recorded,))
    if not recorded or recorded == "unknown":
        return unknown(spec, Reason("missing", "no administrative sex", origin))
    return unknown(spec, Reason("unreadable", f"recorded as '{recorded}'", origin), seen=(recorded,))


def ask(chart: Chart, spec: FactSpec) -> Fact:
    """`{ask: true}`: only a clinician, or the site's profile, can say."""
    return chart.absent(spec, reason=Reason("not-entered", spec.question or f"not entered: {spec.label}"))


def override(chart: Chart, spec: FactSpec) -> Fact:
    """`{override: true}`: a specialist's decision to open a line; it stands in a form or nowhere."""
    return chart.absent(spec, reason=Reason("not-entered", "no override is recorded"))


def _origin(person: Person) -> str:
    return f"Patient/{person.id}" if person.id else "Patient"
