"""What a site declares that binds a calendar → rules. Whatever it does not declare binds nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from trivium.record.site import Arrival, Site, Suite
from trivium.regimen.amounts import said
from trivium.regimen.calendar.course import Quantity
from trivium.regimen.calendar.model import Activity, Capacity, Closed, Kind, Rule, Stock

SCALE = 1000  # amounts are counted in whole thousandths of the unit that the site limits them in
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS_OF: dict[Kind, tuple[str, str]] = {
    "infusion": ("suite", "The infusion suite"),
    "procedure": ("sessions", "The exchange unit"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A site, and where the patient is.

    `ward_days`: for so many days from the first the patient lies on a ward that treats on any day, so that
    weekdays and holidays of suite and unit bind only later. `stock`: by agent, what is held or comes when.
    """

    suite: Suite = field(default_factory=Suite)
    sessions: Suite = field(default_factory=Suite)
    stock: Mapping[str, tuple[tuple[datetime.date, Quantity], ...]] = field(default_factory=dict)
    ward_days: int = 0

    @classmethod
    def of(cls, site: Site, ward_days: int = 0) -> Setting:
        """The setting that a site's profile declares."""
        return cls(site.infusions, site.exchanges, _stock(site.arrivals), ward_days)

    def place(self, kind: Kind) -> Suite:
        """Where this kind of thing is done; a place that declares nothing for what is done anywhere."""
        return {"infusion": self.suite, "procedure": self.sessions}.get(kind, _ANYWHERE)

    def most_a_day(self, agent: str) -> Quantity | None:
        """The most of an agent that the pharmacy can supply on one day; None: not declared."""
        found = self.suite.most_a_day.get(agent) or self.sessions.most_a_day.get(agent)
        if found is None or found.amount.low is None:
            return None
        return Quantity(Fraction(found.amount.low), found.unit or "1")

    def unit(self, agent: str) -> str:
        """The unit in which the site limits an agent; empty when it does not."""
        most = self.most_a_day(agent)
        return most.unit if most is not None else self.stock[agent][0][1].unit if agent in self.stock else ""

    def rules(
        self, coming: Sequence[Activity], origin: datetime.date, today: int, days: int
    ) -> Iterator[Rule]:
        """What binds the activities to come, in `days` days from `origin`; `today` is one of them."""
        dates = {day: origin + datetime.timedelta(day) for day in range(today + self.ward_days, days)}
        for kind in _UNITS_OF:
            names = tuple(activity.id for activity in coming if activity.kind == kind)
            if names:
                yield from self._closed(kind, names, dates)
        for agent in dict.fromkeys(activity.agent for activity in coming if activity.needs):
            yield from self._supply(agent, origin, today)

    def shut(self, origin: datetime.date, today: int, days: int) -> frozenset[int]:
        """The days after those on the ward on which the infusion suite does not work."""
        dates = {day: origin + datetime.timedelta(day) for day in range(today + self.ward_days, days)}
        place = self.suite
        return frozenset(
            day
            for day, date in dates.items()
            if date.weekday() not in place.weekdays or date in place.holidays
        )

    def unbound(self, agents: Sequence[str], start: datetime.date) -> Iterator[str]:
        """Agents of which arrivals are declared, and not what is held today: their stock binds nothing."""
        return (agent for agent in agents if agent in self.stock and not self._is_held(agent, start))

    def _closed(
        self, kind: Kind, names: tuple[str, ...], dates: Mapping[int, datetime.date]
    ) -> Iterator[Rule]:
        place, (name, who) = self.place(kind), _UNITS_OF[kind]
        shut = frozenset(day for day, date in dates.items() if date.weekday() not in place.weekdays)
        holidays = frozenset(day for day, date in dates.items() if date in place.holidays)
        ward = f", after {self.ward_days} days on the ward" if self.ward_days else ""
        if shut:
            words = f"{who} works on {', '.join(_NAMES[day] for day in sorted(place.weekdays))}{ward}"
            yield Closed(id=f"{name}.weekdays", words=words, activities=names, days=shut)
        if holidays:
            words = f"{who} is closed on holidays{ward}"
            yield Closed(id=f"{name}.holidays", words=words, activities=names, days=holidays)

    def _supply(self, agent: str, origin: datetime.date, today: int) -> Iterator[Rule]:
        most = self.most_a_day(agent)
        if most is not None:
            words = f"The site supplies at most {said(most.number, most.unit)} of {agent} on one day"
            amount = int(most.number * SCALE)
            yield Capacity(id=f"{agent}.most a day", words=words, resource=agent, per_day=amount)
        if agent in self.stock and self._is_held(agent, origin + datetime.timedelta(today)):
            said_of = ", ".join(f"{said(each.number, each.unit)} on {day}" for day, each in self.stock[agent])
            words = f"No more of {agent} is given than the pharmacy holds by then: {said_of}"
            arrivals = tuple(
                (max(0, (date - origin).days), int((amount.per(self.unit(agent)) or 0) * SCALE))
                for date, amount in self.stock[agent]
            )
            yield Stock(id=f"{agent}.stock", words=words, resource=held(agent), arrivals=arrivals)

    def _is_held(self, agent: str, start: datetime.date) -> bool:
        return any(date <= start for date, _ in self.stock[agent])


_ANYWHERE = Suite()


def held(agent: str) -> str:
    """The resource that an agent draws on where the pharmacy says what it holds."""
    return f"{agent} held"


def _stock(arrivals: Sequence[Arrival]) -> dict[str, tuple[tuple[datetime.date, Quantity], ...]]:
    found: dict[str, list[tuple[datetime.date, Quantity]]] = {}
    for arrival in arrivals:
        if arrival.amount.amount.low is not None:
            amount = Quantity(Fraction(arrival.amount.amount.low), arrival.amount.unit or "1")
            found.setdefault(arrival.agent, []).append((arrival.day, amount))
    return {agent: tuple(entries) for agent, entries in found.items()}
