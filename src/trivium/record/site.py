"""What a site declares about itself: time zone, what it holds complete, cut-offs, infusions, formulary.

A TOML file → `Site`. Nothing here is about a patient. Everything but the zone may be left out, and what is
left out is not declared: it is never taken for "there is none".

    zone = "Asia/Tokyo"
    complete = ["problem_list_complete"]        # boolean facts that hold for every patient of the site
    prices = "prices.toml"                      # the site's price file, relative to this one

    [cutoffs]                                   # from this value on a number counts as positive
    anti_mda5_antibody = {value = 32, unit = "[arb'U]/mL"}

    [infusions]                                 # when and how much can be infused
    weekdays = ["mon", "tue", "wed", "thu", "fri"]
    holidays = [2026-12-25]
    hours = [8, 18]
    may_slip_days = 1                           # a printed day may fall so many days later
    [infusions.most_a_day]                      # what the pharmacy can supply of an agent on one day
    ivig = {value = 80, unit = "g"}

    [exchanges]                                 # the same for plasma exchange
    weekdays = ["mon", "wed", "fri"]

    [formulary]                                 # agent → forms held; an empty list: declared not held
    rituximab = ["vial_100", "vial_500"]
    [products]                                  # agent → the product that is held
    rituximab = "Truxima"

    [rescue]
    on_site = ["plasma_exchange"]               # rescue techniques on site

    [[arrivals]]                                # stock that is expected
    agent = "ivig"
    day = 2026-03-02
    value = 200
    unit = "g"

    [[policies]]                                # local policies: shown, never computed with
    about = "rituximab"
    text = "HBV DNA every month"
    source = "Local protocol 12, 2025"
"""

from __future__ import annotations

import datetime
import tomllib
import zoneinfo
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from trivium.core import units, values
from trivium.core.errors import UsageError
from trivium.record.events import Quantity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = frozenset(range(len(WEEKDAYS)))
_KEYS = (
    "zone",
    "complete",
    "prices",
    "cutoffs",
    "infusions",
    "exchanges",
    "formulary",
    "products",
    "rescue",
    "arrivals",
    "policies",
)
Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Suite:
    """Where something is given: weekdays (Monday is 0), holidays, hours, and the most of an agent a day."""

    weekdays: frozenset[int] = _EVERY_DAY
    holidays: frozenset[datetime.date] = frozenset()
    hours: tuple[int, int] | None = None  # opens, closes; None: not declared
    may_slip_days: int = 0
    most_a_day: Mapping[str, Quantity] = field(default_factory=dict)
    is_declared: bool = False

    def is_open(self, day: datetime.date) -> bool:
        """Whether the suite is open on a day; an undeclared one is taken to be."""
        return day.weekday() in self.weekdays and day not in self.holidays


@dataclass(frozen=True, slots=True)
class Arrival:
    """Stock of an agent that is expected on a day."""

    agent: str
    day: datetime.date
    amount: Quantity


@dataclass(frozen=True, slots=True)
class Policy:
    """What the site does about something, in its own words."""

    about: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Site:
    """What the site declares; the defaults are those of a site that declares nothing.

    `formulary`: an agent that is not in it is not declared; one with no forms is declared not held.
    `techniques`: the rescue techniques on site; None: not declared.
    """

    zone: datetime.tzinfo = datetime.UTC
    complete: frozenset[str] = frozenset()
    cutoffs: Mapping[str, Quantity] = field(default_factory=dict)
    infusions: Suite = field(default_factory=Suite)
    exchanges: Suite = field(default_factory=Suite)
    formulary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    techniques: frozenset[str] | None = None
    arrivals: tuple[Arrival, ...] = ()
    policies: tuple[Policy, ...] = ()
    prices: Path | None = None


def read_site(path: Path) -> Site:
    """The site profile in a TOML file.

    Errors:  UsageError naming the file and the key when it cannot be read or means nothing.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as problem:
        raise UsageError(
            "the site profile cannot be read", where=str(path), why=problem.strerror or ""
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError("the site profile is not TOML", where=str(path), why=str(problem)) from problem
    return _Reader(path).site(document)


def refuse_unknown_names(site: Site, forms: Mapping[str, Collection[str]], where: str) -> None:
    """Refuse a profile that names an agent or form the knowledge has not: it would be passed over in silence.

    Shapes:  `forms` holds the form ids of each agent; `where` is the profile's path.
    Errors:  UsageError naming the first wrong name.
    """
    agents = [
        *((f"formulary.{name}", name) for name in site.formulary),
        *((f"products.{name}", name) for name in site.products),
        *((f"infusions.most_a_day.{name}", name) for name in site.infusions.most_a_day),
        *((f"exchanges.most_a_day.{name}", name) for name in site.exchanges.most_a_day),
        *((f"arrivals {at}.agent", each.agent) for at, each in enumerate(site.arrivals, 1)),
    ]
    for key, name in agents:
        if name not in forms:
            hint = f"known agents: {', '.join(sorted(forms))}"
            raise UsageError(f"`{key}` names no agent of the knowledge: {name!r}", where=where, hint=hint)
    for agent, held in site.formulary.items():
        for form in held:
            if form not in forms[agent]:
                hint = f"it comes as: {', '.join(forms[agent]) or 'no form is known'}"
                what = f"`formulary.{agent}` names no form of it: {form!r}"
                raise UsageError(what, where=where, hint=hint)


class _Reader:
    """Reads the parts of one profile; every mistake names the file and the key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def site(self, document: Document) -> Site:
        self._known(document, "", _KEYS)
        rescue = self._table(document, "rescue")
        self._known(rescue, "rescue.", ("on_site",))
        on_site = self._texts(rescue, "on_site", "rescue.on_site") if "on_site" in rescue else None
        formulary = self._table(document, "formulary")
        return Site(
            zone=self._zone(document),
            complete=frozenset(self._texts(document, "complete", "complete")),
            cutoffs=self._quantities(self._table(document, "cutoffs"), "cutoffs"),
            infusions=self._suite(document, "infusions"),
            exchanges=self._suite(document, "exchanges"),
            formulary={name: self._texts(formulary, name, f"formulary.{name}") for name in formulary},
            products={
                name: self._text(raw, f"products.{name}")
                for name, raw in self._table(document, "products").items()
            },
            techniques=None if on_site is None else frozenset(on_site),
            arrivals=tuple(
                self._arrival(row, f"arrivals {at}") for at, row in self._rows(document, "arrivals")
            ),
            policies=tuple(
                self._policy(row, f"policies {at}") for at, row in self._rows(document, "policies")
            ),
            prices=self._prices(document),
        )

    def _wrong(self, key: str, what: str, hint: str) -> UsageError:
        return UsageError(f"`{key}` {what}", where=str(self.path), hint=hint)

    def _known(self, table: Document, before: str, keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                what = "is not a key of a site profile"
                raise self._wrong(before + key, what, f"known keys: {', '.join(keys)}")

    def _table(self, document: Document, key: str, name: str = "") -> Document:
        table = document.get(key, {})
        if not isinstance(table, dict):
            raise self._wrong(name or key, "is not a table", f"write [{name or key}] and its lines below")
        return table

    def _rows(self, document: Document, key: str) -> list[tuple[int, Document]]:
        rows = document.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._wrong(key, "is not a list of tables", f"write [[{key}]] before each of them")
        return list(enumerate(rows, 1))

    def _text(self, raw: object, key: str) -> str:
        if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
            raise self._wrong(key, "is missing, empty or not a text", "write it in quotes, on one line")
        return raw.strip()

    def _texts(self, table: Document, key: str, name: str) -> tuple[str, ...]:
        names = table.get(key, [])
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise self._wrong(name, "is not a list of ids", f'write {key} = ["…"], or leave it out')
        return tuple(names)

    def _zone(self, document: Document) -> datetime.tzinfo:
        name = document.get("zone")
        hint = 'write a name of the IANA time zones, such as zone = "Europe/Paris"'
        if not isinstance(name, str):
            raise self._wrong("zone", "is missing or not a text: no date can be read without it", hint)
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise self._wrong("zone", f"is not a time zone: {name!r}", hint) from problem

    def _prices(self, document: Document) -> Path | None:
        if "prices" not in document:
            return None
        return self.path.parent / self._text(document["prices"], "prices")

    def _suite(self, document: Document, key: str) -> Suite:
        table = self._table(document, key)
        self._known(table, f"{key}.", ("weekdays", "holidays", "hours", "may_slip_days", "most_a_day"))
        names = self._texts(table, "weekdays", f"{key}.weekdays")
        if set(names) - set(WEEKDAYS):
            hint = f"one of: {', '.join(WEEKDAYS)}"
            raise self._wrong(f"{key}.weekdays", f"has no weekday: {', '.join(names)}", hint)
        slip = table.get("may_slip_days", 0)
        if type(slip) is not int or slip < 0:
            raise self._wrong(f"{key}.may_slip_days", f"is no number of days: {slip!r}", "write 0, 1, 2, …")
        return Suite(
            weekdays=frozenset(map(WEEKDAYS.index, names)) if "weekdays" in table else _EVERY_DAY,
            holidays=self._days(table, key),
            hours=self._hours(table, key),
            may_slip_days=slip,
            most_a_day=self._quantities(
                self._table(table, "most_a_day", f"{key}.most_a_day"), f"{key}.most_a_day"
            ),
            is_declared=key in document,
        )

    def _days(self, table: Document, key: str) -> frozenset[datetime.date]:
        days = table.get("holidays", [])
        if not isinstance(days, list):
            days = [days]
        return frozenset(self._day(day, f"{key}.holidays") for day in days)

    def _day(self, raw: object, key: str) -> datetime.date:
        if type(raw) is not datetime.date:
            raise self._wrong(key, f"is no day: {raw!r}", "write 2026-12-25, without quotes")
        return raw

    def _hours(self, table: Document, key: str) -> tuple[int, int] | None:
        if "hours" not in table:
            return None
        match table["hours"]:
            case [int(opens), int(closes)] if 0 <= opens < closes <= 24:
                return opens, closes
        raise self._wrong(f"{key}.hours", "is not two whole hours of a day", "write hours = [8, 18]")

    def _arrival(self, row: Document, key: str) -> Arrival:
        self._known(row, f"{key}.", ("agent", "day", "value", "unit"))
        amount = {name: row[name] for name in ("value", "unit") if name in row}
        return Arrival(
            self._text(row.get("agent"), f"{key}.agent"),
            self._day(row.get("day"), f"{key}.day"),
            self._quantity(amount, key),
        )

    def _policy(self, row: Document, key: str) -> Policy:
        self._known(row, f"{key}.", ("about", "text", "source"))
        about, text, source = (
            self._text(row.get(each), f"{key}.{each}") for each in ("about", "text", "source")
        )
        return Policy(about, text, source)

    def _quantities(self, table: Document, key: str) -> dict[str, Quantity]:
        return {name: self._quantity(raw, f"{key}.{name}") for name, raw in table.items()}

    def _quantity(self, raw: object, key: str) -> Quantity:
        hint = 'write {value = 32, unit = "1"}; the unit in UCUM, "1" for an index or ratio'
        if not isinstance(raw, dict) or set(raw) != {"value", "unit"}:
            raise self._wrong(key, "needs a value and a unit, and nothing else", hint)
        value, unit = raw["value"], raw["unit"]
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not Decimal(value).is_finite():
            raise self._wrong(key, f"has no number as its value: {value!r}", hint)
        if not isinstance(unit, str):
            raise self._wrong(key, f"has no text as its unit: {unit!r}", hint)
        try:
            units.parse_unit(unit)
            amount = values.point(values.exact(Decimal(value)))
        except (units.UnitError, ValueError) as problem:
            raise self._wrong(key, f"cannot be used: {problem}", hint) from problem
        return Quantity(amount, unit, as_written=f"{value} {unit}")
