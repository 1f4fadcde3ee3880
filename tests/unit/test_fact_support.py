"""Builders for the tests of facts: a day in March 2024, events, fact declarations. No tests here."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from trivium.core.values import Interval, point
from trivium.knowledge.models import FactSpec, Retrieval
from trivium.logic.nodes import Type
from trivium.record.events import Coded, Event, EventKind, Given, Person, Quantity, ReadReport, Record, When
from trivium.record.fact import Fact
from trivium.record.facts import read_facts
from trivium.record.site import Site

DAY = 86_400
ANSWERS = {
    "positive": {
        "codes": frozenset({("http://snomed.info/sct", "10828004")}),
        "interpretations": frozenset({"POS"}),
        "texts": frozenset({"positive", "reactive", "detected"}),
    },
    "negative": {
        "codes": frozenset({("http://snomed.info/sct", "260385009")}),
        "interpretations": frozenset({"NEG"}),
        "texts": frozenset({"negative", "not detected"}),
    },
    "indeterminate": {
        "codes": frozenset(),
        "interpretations": frozenset({"IND"}),
        "texts": frozenset({"indeterminate", "borderline"}),
    },
}
CHOICES = ("positive", "negative", "indeterminate")


def second(text: str) -> int:
    """Seconds of `2024-03-15` (UTC midnight) or `2024-03-15T10:00`."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp())


AS_OF = second("2024-03-31") + DAY - 1


def on(text: str) -> When:
    """A day, an instant (with T), a month or a year, in UTC."""
    if "T" in text:
        return When(second(text), second(text))
    parts = [int(part) for part in text.split("-")]
    first = datetime.date(*[*parts, 1, 1][:3])
    after = {
        1: datetime.date(first.year + 1, 1, 1),
        2: datetime.date(first.year + first.month // 12, first.month % 12 + 1, 1),
        3: first + datetime.timedelta(days=1),
    }[len(parts)]
    return When(second(first.isoformat()), second(after.isoformat()) - 1)


def number(low: str, unit: str | None = "ng/mL", sign: str = "") -> Quantity:
    bound = Decimal(low)
    amount = {
        "": point(bound),
        ">": Interval(bound, None, True, False),
        ">=": Interval(bound, None),
        "<": Interval(None, bound, False, True),
        "<=": Interval(None, bound),
    }[sign]
    return Quantity(amount, unit, as_written=f"{sign}{low} {unit or ''}".strip())


def result(value: Any, when: str | When, origin: str = "Observation/1", **more: Any) -> Event:
    stamp = on(when) if isinstance(when, str) else when
    more.setdefault("known_from", stamp)
    if isinstance(value, str):
        value = Coded((), value)
    return Event(
        more.pop("kind", EventKind.OBSERVATION), frozenset({"x"}), origin, stamp, value=value, **more
    )


def event(kind: EventKind, when: str | When, origin: str = "Thing/1", **more: Any) -> Event:
    return result(None, when, origin, kind=kind, **more)


def spec(
    kind: str = "latest", type_: str = "quantity", unit: str | None = "ng/mL", name: str = "fact", **more: Any
) -> FactSpec:
    """A fact over concept `x`; keywords of FactSpec go there, `within` and the rest to its retrieval."""
    own = {
        key: more.pop(key)
        for key in ("good_for", "kept", "false_when", "plausible", "conversions")
        if key in more
    }
    within = more.pop("within", None)
    concepts = more.pop("concepts", ("x",))
    if type_ == "choice" or kind in ("answered", "first_date"):
        more.setdefault("answers", ANSWERS)
    if kind == "confirmed":
        more["unit"] = unit
    more = {name.rstrip("_"): option for name, option in more.items()}
    declared = Type(
        type_,  # type: ignore[arg-type]
        unit if type_ == "quantity" else None,
        CHOICES if type_ == "choice" else (),
    )
    return FactSpec(name, name, declared, Retrieval(kind, concepts, within, more), **own)


COMPLETE = spec("ask", "boolean", name="list_complete")


def read(
    declared: FactSpec,
    *events: Event,
    as_of: int = AS_OF,
    zone: datetime.tzinfo = datetime.UTC,
    complete: bool = False,
    person: Person | None = None,
    given: dict[str, Given] | None = None,
    site: Site | None = None,
    others: tuple[FactSpec, ...] = (),
) -> Fact:
    """The one fact, of a record with these events."""
    record = Record(person or Person("p"), list(events), ReadReport(), given or {})
    specs = {each.id: each for each in (declared, COMPLETE, *others)}
    site = site or Site(zone, frozenset({"list_complete"} if complete else ()))
    return read_facts(record, specs, as_of, zone, site)[declared.id]


def codes(fact: Fact) -> list[str]:
    return [reason.code for reason in fact.reasons]


def exactly(text: str) -> Interval:
    return point(Decimal(text))
