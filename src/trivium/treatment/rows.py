"""Rows of a calendar with what an order needs of them: the amount of each administration, and its state.

In: the calendar as laid out and as data, the doses, the state of each agent. Out: the same rows, each with
`state`, `why`, and of an administration `single`, `unit`, `made_of`. A row that nothing proposes says so in
its own words, so that every face shows it. Where nothing is proposed, a test that may lift the wait stays as
it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from trivium.dose_json import made_of_data, plain
from trivium.knowledge.dosing import PackForm, Schedule
from trivium.regimen.amounts import days_said, repeated
from trivium.regimen.calendar.distances import Laid
from trivium.regimen.calendar.visits import visits
from trivium.regimen.dosage import Dosage
from trivium.regimen.dose import Dose
from trivium.regimen.packs import make_up
from trivium.treatment.states import NOT_COMPUTED, NOT_OFFERED, PROPOSED, WAITS, State

Data = dict[str, Any]

# What stands before the words of a row, by the state of its agent.
_BEFORE = {
    WAITS: "If cleared: ",
    NOT_COMPUTED: "Once its dose is known: ",
    NOT_OFFERED: "Not offered by the pathway: ",
}
IF = {WAITS: " (if cleared)", NOT_COMPUTED: " (once its dose is known)", NOT_OFFERED: " (not offered)"}


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One agent's dose as its days are laid out: `split` administrations a course, `courses` of them."""

    given: Dosage | None  # None: a range, or not known: no amount stands
    forms: tuple[PackForm, ...]
    schedule: Schedule
    split: int
    courses: int
    rows: tuple[str, ...]

    @property
    def single(self) -> Fraction | None:
        """What one administration holds: of a course its share, so that the course adds up to the dose."""
        if self.given is None:
            return None
        return self.given.amount / self.split if self.given.per == "course" else self.given.single

    @property
    def cut(self) -> str:
        """What of the regimen lies beyond the days shown; empty where all of it is shown."""
        if self.schedule.every_days is None:
            return ""
        most = (self.schedule.courses or (1, None))[1]
        if most is not None and self.courses >= most:
            return ""
        is_course = bool(self.schedule.on_days) or self.schedule.over_days is not None
        what = ("course" if is_course else "administration") + ("s" if self.courses > 1 else "")
        return f"The days shown hold {self.courses} {what}; the regimen goes on: {repeated(self.schedule)}"


def laid_out(laid: Iterable[Laid], doses: Mapping[str, Dose]) -> dict[str, LaidOut]:
    """Each agent of a calendar, as its days are laid out."""
    found = {}
    for each in laid:
        dose = doses[each.choice.agent]
        settled = dose.alternatives[0].settled if dose.status == "dose" else ()
        one = settled[0] if len(settled) == 1 else None
        found[each.choice.agent] = LaidOut(
            one.given if one else None,
            one.forms if one else (),
            each.choice.regimen.schedule,
            each.first_course,
            len(each.doses) // each.first_course,
            each.doses,
        )
    return found


def marked(calendar: Data, laid: Mapping[str, LaidOut], states: Mapping[str, State], shown: int) -> Data:
    """The calendar with state and amounts in its rows, and visits that say them; `shown`: how many days."""
    firsts: dict[str, str] = {}
    for row in calendar["rows"]:
        if not row["given"] and row["id"] in laid.get(row["agent"], _NOTHING).rows:
            firsts.setdefault(row["agent"], row["date"])
    rows = [
        {
            **_said(row, states.get(row["agent"], _FREE), firsts.get(row["agent"], "")),
            **_amount(row, laid.get(row["agent"], _NOTHING)),
        }
        for row in calendar["rows"]
    ]
    cuts: dict[str, str] = {}
    for row in rows:
        if said := _cut(row, laid.get(row["agent"], _NOTHING), shown):
            cuts.setdefault(row["agent"], said)
    return {**calendar, "rows": rows, "visits": visits(rows), "cut": cuts}


_NOTHING = LaidOut(None, (), Schedule(), 1, 1, ())
_FREE = State(PROPOSED)


def _said(row: Data, state: State, first: str) -> Data:
    """The row in the state of its agent: a test on or before the first day is what the wait may be for."""
    is_early = row["kind"] == "test" and (not first or row["date"] <= first)
    is_free = row["given"] or (is_early and state.name != NOT_OFFERED)
    before = "" if is_free else _BEFORE.get(state.name, "")
    if not before:
        return {**row, "state": PROPOSED, "why": []}
    return {
        **row,
        "label": f"{before}{row['label']}",
        "measures": [f"{name}{IF[state.name]}" for name in row["measures"]],
        "state": state.name,
        "why": list(state.why),
    }


def _amount(row: Data, laid: LaidOut) -> Data:
    if row["id"] not in laid.rows or laid.given is None or laid.single is None or row["given"]:
        return {"single": None, "unit": None, "made_of": []}
    made_of = make_up(laid.single, laid.given.unit, laid.forms)
    return {
        "single": plain(laid.single),
        "unit": laid.given.unit,
        "made_of": made_of_data(made_of),
    }


def _cut(row: Data, laid: LaidOut, shown: int) -> str:
    """Of what is taken day after day: how much longer than the days shown."""
    if row["id"] not in laid.rows:
        return ""
    lasts = laid.schedule.for_days
    if row["kind"] == "stretch" and lasts is not None and lasts[0] > shown:
        return f"The {shown} days shown are its beginning: it is taken for {days_said(lasts)}"
    return laid.cut


def supply_in(state: State, supply: Data | None) -> Data | None:
    """A supply with the state of its agent; none where nothing is to be got ready."""
    if supply is None or not (state.is_scheduled or state.name == "not held"):
        return None
    return {**supply, "state": state.name}


def entries(rows: Iterable[Data]) -> Iterator[Data]:
    """The administrations of one agent, those of the same amount together: amount, units, days."""
    found: dict[tuple[object, object], Data] = {}
    for row in rows:
        entry = found.setdefault(
            (row["single"], row["unit"]),
            {"single": row["single"], "unit": row["unit"], "made_of": row["made_of"], "dates": []},
        )
        entry["dates"].append(
            {"date": row["date"], "time": row["time"], "until": row["until"], "goes_on": row["goes_on"]}
        )
    yield from found.values()
