"""Agents for tests of the calendar: shaped like the real ones, with figures of their own."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from trivium.core.truth import Truth
from trivium.knowledge.dosing import (
    Amount,
    DoseRule,
    Dosing,
    Due,
    Parameter,
    Purpose,
    Rate,
    Regimen,
    Schedule,
    Spacing,
    When,
)
from trivium.knowledge.models import Cited
from trivium.logic.nodes import BOOLEAN, FactRef
from trivium.record.site import Suite
from trivium.regimen.calendar.build import Built, build
from trivium.regimen.calendar.course import Choice, Quantity
from trivium.regimen.calendar.distances import Holds
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.setting import Setting

SOURCE = (Cited("a_trial", "abstract"),)
RESCUE = When(FactRef("rescue", BOOLEAN), "rescue")


def amount(number: int, unit: str, high: int | None = None) -> Amount:
    return Amount(Fraction(number), Fraction(number if high is None else high), unit)


def always(when: When) -> Truth:
    return Truth.TRUE


def never(when: When) -> Truth:
    return Truth.FALSE


def unknown(when: When) -> Truth:
    return Truth.UNKNOWN


def agent(
    name: str,
    schedule: Schedule,
    *,
    route: str = "IV infusion",
    purpose: Purpose = "start",
    per: Any = "administration",
    classes: tuple[str, ...] = (),
    tapers: tuple[Regimen, ...] = (),
    limits: tuple[Any, ...] = (),
    **parts: Any,
) -> Dosing:
    regimen = Regimen(
        "usual",
        f"{name} as usual",
        purpose,
        (DoseRule(amount(100, "mg"), per),),
        schedule,
        route=route,
        is_default=True,
        limits=limits,
        cited=SOURCE,
    )
    regimens = {one.id: one for one in (regimen, *tapers)}
    label = name.replace("_", " ").capitalize()
    return Dosing(name, label, route, classes, regimens=regimens, **parts)


def chosen(dosing: Dosing, **given: Any) -> Choice:
    return Choice(dosing, dosing.regimens["usual"], **given)


PULSE = agent(
    "pulse",
    Schedule(times_per_day=Fraction(1), for_days=(3, 5)),
    classes=("glucocorticoid",),
    rates=(Rate("any", minutes=(30, 60), cited=SOURCE),),
)
TABLETS = agent(
    "tablets",
    Schedule(times_per_day=Fraction(1), for_days=(28, 42)),
    route="oral",
    spacing=(
        Spacing(
            "after_pulse",
            "after",
            ("pulse",),
            "Tablets from the day after the last pulse",
            days_least=1,
            days_most=1,
            scope="block",
            cited=SOURCE,
        ),
    ),
    due=(
        Due("early_check", "review", "Early check", (14, 14), cited=SOURCE),
        Due("response", "review", "Response", (28, 56), cited=SOURCE),
        Due("cover", "prophylaxis", "Prophylaxis", (0, 0), cited=SOURCE),
    ),
)
ANTIBODY = agent(
    "antibody",
    Schedule(on_days=(1, 15), on_days_latest=(1, 16)),
    classes=("biologic",),
    rates=(
        Rate(
            "first",
            start=amount(50, "mg/h"),
            step=amount(50, "mg/h"),
            step_minutes=30,
            most=amount(400, "mg/h"),
        ),
        Rate(
            "subsequent",
            start=amount(100, "mg/h"),
            step=amount(100, "mg/h"),
            step_minutes=30,
            most=amount(400, "mg/h"),
        ),
    ),
    spacing=(
        Spacing(
            "exchange",
            "apart",
            ("exchange",),
            "An exchange no sooner than 72 h after the antibody",
            hours_least=72,
            hours_reverse=0,
            soft_when=RESCUE,
            cited=SOURCE,
        ),
    ),
    due=(
        Due("serology", "baseline", "Serology", (-14, 0), facts=("serology",), before_agents=("globulin",)),
        Due("counts", "lab", "Blood count", (60, 90), every_days=(60, 120)),
        Due(
            "premedication",
            "premedication",
            "Antihistamine",
            (0, 0),
            counts_from="administration",
            minutes_before=30,
        ),
        Due("vaccine", "vaccine", "Vaccine", (-28, -14)),
    ),
    kinetics=(
        Parameter("cl", "clearance", Amount(Fraction("6.64"), Fraction("6.64"), "mL/h"), "one"),
        Parameter("v1", "central_volume", Amount(Fraction("2.48"), Fraction("2.48"), "L"), "one"),
        Parameter("hl", "half_life", Amount(Fraction("22.8"), Fraction("22.8"), "d"), "one"),
        Parameter("removed", "removed_fraction", amount(47, "%", 54), hours=(24, 72)),
    ),
)
GLOBULIN = agent(
    "globulin",
    Schedule(over_days=(2, 5), every_days=(28, 28), courses=(1, 6)),
    per="course",
    spacing=(
        Spacing(
            "exchange",
            "apart",
            ("exchange",),
            "An exchange no sooner than 48 h after globulin",
            hours_least=48,
            hours_reverse=0,
            cited=SOURCE,
        ),
    ),
    rates=(Rate("any", minutes=(240, 300)),),
)
EXCHANGE = agent(
    "exchange",
    Schedule(on_days=(1, 2, 3, 5, 7, 9)),
    route="extracorporeal",
    purpose="rescue",
    rates=(Rate("any", minutes=(120, 135)),),
    kinetics=(Parameter("volumes", "exchanged_volumes", Amount(Fraction(1), Fraction(3, 2), "1")),),
)
INHIBITOR = agent("inhibitor", Schedule(times_per_day=Fraction(2), for_days=(1, None)), route="oral")
CYTOTOXIC = agent(
    "cytotoxic",
    Schedule(every_days=(28, 28), courses=(6, 6)),
    rates=(Rate("any", minutes=(60, 120)),),
    due=(Due("counts", "lab", "Blood count", (14, 14), every_days=(14, 14), until_day=100),),
)
EVERYTHING = (
    chosen(PULSE, dose=Quantity(Fraction(1000), "mg")),
    chosen(EXCHANGE),
    chosen(ANTIBODY, dose=Quantity(Fraction(1000), "mg")),
    chosen(GLOBULIN, dose=Quantity(Fraction(140), "g")),
    chosen(INHIBITOR),
    chosen(CYTOTOXIC, dose=Quantity(Fraction(900), "mg")),
    chosen(TABLETS),
)


FRIDAY = datetime.date(2026, 3, 6)
HOURS = Setting(Suite(hours=(8, 18)), Suite(hours=(8, 16)))
Data = dict[str, Any]


def built(
    *choices: Choice, setting: Setting = HOURS, holds: Holds = never, shown: int = 60, **more: Any
) -> Built:
    return build(choices, FRIDAY, shown, setting, holds, **more)


def data(*choices: Choice, **how: Any) -> Data:
    found = calendar_data(built(*choices, **how))
    assert found["status"] == "found", found["clash"]
    return found


def days(found: Data, agent: str, kinds: Sequence[str] = ("infusion", "procedure", "stretch")) -> list[int]:
    """On which days an agent is given; the first day is 1."""
    return [row["day"] for row in found["rows"] if row["agent"] == agent and row["kind"] in kinds]


def row(found: Data, name: str) -> Data:
    (one,) = [row for row in found["rows"] if row["id"] == name]
    return dict(one)


def mg(number: int) -> Quantity:
    return Quantity(Fraction(number), "mg")


def grams(number: int) -> Quantity:
    return Quantity(Fraction(number), "g")
