"""The shape of what `knowledge/agents/*.yaml` says about giving an agent; built by `knowledge.dosing_build`.

Amounts are `5 mg`, `2 g/kg` or a range `0.5..1 g/m2`; spans of days are `5` or `[2, 5]`, `[1, open]`.
Used by `knowledge.schema` alone; with `checks.forms` the only place that needs pydantic for it.
"""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any, Self
from typing import Literal as OneOf

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from trivium.core.units import UnitError, parse_unit
from trivium.knowledge.checks.forms import Basis, Expression, Factor, Form, Id, Number, Text
from trivium.knowledge.dosing import Amount, Axis, CountsFrom, DueKind, Purpose, Severity, Weight

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))? (\S+)")
_OPEN = "open"


def amount(raw: object) -> Amount:
    """`5 mg`, `0.5..1 g/m2` → the exact amount. ValueError when it is none or its unit cannot be read."""
    found = _AMOUNT.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError(f"expected an amount such as `5 mg` or `0.5..1 g/m2`, found {raw!r}")
    low = Fraction(found[1])
    high = Fraction(found[2]) if found[2] else low
    if high < low:
        raise ValueError(f"the range {raw!r} ends below its start")
    try:
        parse_unit(found[3])
    except UnitError as problem:
        raise ValueError(str(problem)) from problem
    return Amount(low, high, found[3])


def _whole(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError(f"expected a whole number, found {raw!r}")
    return raw


def closed(raw: object) -> tuple[int, int]:
    """`5` or `[2, 5]` → fewest and most."""
    low, high = open_ended(raw)
    if high is None:
        raise ValueError("an end is needed here, `open` is none")
    return low, high


def open_ended(raw: object) -> tuple[int, int | None]:
    """`5`, `[2, 5]` or `[1, open]` → fewest and most (None: open)."""
    if not isinstance(raw, list):
        whole = _whole(raw)
        return whole, whole
    if len(raw) != 2:
        raise ValueError(f"expected one whole number or two, found {raw!r}")
    low, high = _whole(raw[0]), None if raw[1] == _OPEN else _whole(raw[1])
    if high is not None and high < low:
        raise ValueError(f"the span {raw!r} ends before its start")
    return low, high


_SPAN_SCHEMA: dict[str, Any] = {"type": ["integer", "array"]}
AmountText = Annotated[
    Amount, BeforeValidator(amount), WithJsonSchema({"type": "string", "pattern": f"^{_AMOUNT.pattern}$"})
]
Closed = Annotated[tuple[int, int], BeforeValidator(closed), WithJsonSchema(_SPAN_SCHEMA)]
OpenEnded = Annotated[tuple[int, int | None], BeforeValidator(open_ended), WithJsonSchema(_SPAN_SCHEMA)]
Per = OneOf["administration", "day", "course"]
FormKind = OneOf["tablet", "capsule", "vial", "bottle", "solution", "session", "sachet"]


class DoseForm(Form):
    """`{amount: 5 mg, per: administration}`; `of:` an agent whose dose the amount is a share of."""

    amount: AmountText
    per: Per
    weight: Weight = "actual"
    of: str = ""


class TierForm(DoseForm):
    when: Expression


class ScheduleForm(Form):
    """`on_days: [1, [14, 15]]`: day 1, and day 14 or 15. `beside:` an agent it is given with each time."""

    times_per_day: Factor | None = None
    on_days: list[Closed] = []
    over_days: Closed | None = None
    every_days: Closed | None = None
    courses: OpenEnded | None = None
    for_days: OpenEnded | None = None
    beside: str = ""


class LimitForm(Form):
    amount: AmountText
    per: Per
    basis: Basis = []
    note: str = ""


class RoundingForm(Form):
    to: AmountText | None = None
    direction: OneOf["nearest", "down", "up"] = "nearest"
    most: Factor | None = None


class HouseRoundingForm(Form):
    """`knowledge/rounding.yaml`: how a dose is rounded where its regimen does not say."""

    most_above: Factor
    most_below: Factor
    digits: int = Field(ge=1)
    first: list[FormKind] = []
    first_within: Factor = Fraction(0)
    basis: Basis = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        shares = (self.most_above, self.most_below, self.first_within)
        if not all(0 <= share < 1 for share in shares):
            raise ValueError("a share of a dose that rounding may change is below 1")
        return self


class TargetForm(Form):
    fact: Id
    amount: AmountText
    basis: Basis = []
    note: str = ""


class RegimenForm(Form):
    """One sourced way to give the agent: either `dose` or `tiers`."""

    id: Id
    label: Text
    purpose: Purpose
    dose: DoseForm | None = None
    tiers: list[TierForm] = []
    schedule: ScheduleForm
    route: str = ""
    default: bool = False
    reason: str = ""
    when: Expression | None = None
    forms: list[Id] = []
    limits: list[LimitForm] = []
    rounding: RoundingForm = RoundingForm()
    targets: list[TargetForm] = []
    basis: Basis = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.dose is None) == (not self.tiers):
            raise ValueError("a regimen has either `dose` or `tiers`")
        if self.default and not self.reason:
            raise ValueError("a default says its `reason`")
        return self


class AdjustmentForm(Form):
    id: Id
    axis: Axis
    when: Expression
    text: Text
    factor: Factor | None = None
    to: DoseForm | None = None
    to_schedule: ScheduleForm | None = None
    minus: AmountText | None = None
    avoid: bool = False
    regimens: list[Id] = []
    in_force: bool = True
    basis: Basis = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        changes = (self.factor is not None, self.to is not None, self.minus is not None, self.avoid)
        if sum(changes) != 1:
            raise ValueError("expected exactly one of factor, to, minus, avoid")
        if self.factor is not None and self.factor > 1:
            raise ValueError("an adjustment lowers a dose: its factor is at most 1")
        return self


class PackFormForm(Form):
    id: Id
    label: Text
    kind: FormKind
    amount: AmountText
    divisible_into: int = 1
    pack: int | None = None
    volume: AmountText | None = None
    basis: Basis = Field(min_length=1)
    note: str = ""


class InteractionForm(Form):
    id: Id
    severity: Severity
    mechanism: Text
    text: Text
    partners: list[Id] = []
    when: Expression | None = None
    drugs: list[Text] = []
    basis: Basis = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _with_something(self) -> Self:
        if not self.partners and self.when is None and not self.drugs:
            raise ValueError("say `partners` (agents or classes), `when` over facts, or `drugs` by name")
        return self


class RateForm(Form):
    which: OneOf["first", "subsequent", "any"] = "any"
    start: AmountText | None = None
    step: AmountText | None = None
    step_minutes: int | None = None
    most: AmountText | None = None
    minutes: OpenEnded | None = None
    when: Expression | None = None
    basis: Basis = Field(min_length=1)
    note: str = ""


class DueForm(Form):
    id: Id
    kind: DueKind
    text: Text
    days: Closed
    every_days: Closed | None = None
    until_day: int | None = None
    facts: list[Id] = []
    covers: bool = False
    when: Expression | None = None
    before_agents: list[Id] = []
    counts_from: CountsFrom = "start"
    minutes_before: int | None = None
    basis: Basis = Field(min_length=1)
    note: str = ""


class SpacingForm(Form):
    id: Id
    relation: OneOf["after", "before", "apart", "same_day", "not_same_day"]
    partners: list[Id] = Field(min_length=1)
    text: Text
    hours_least: int | None = None
    hours_most: int | None = None
    hours_reverse: int | None = None
    days_least: int | None = None
    days_most: int | None = None
    scope: OneOf["session", "block"] = "session"
    soft: bool = False
    soft_when: Expression | None = None
    when: Expression | None = None
    regimens: list[Id] = []
    in_force: bool = True
    reason: str = ""
    basis: Basis = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _a_distance(self) -> Self:
        if self.relation in ("after", "before", "apart") and all(
            each is None for each in (self.hours_least, self.hours_most, self.days_least, self.days_most)
        ):
            raise ValueError(f"`{self.relation}` needs hours or days; 0 where the order alone counts")
        if self.hours_reverse is not None and self.relation != "apart":
            raise ValueError("`hours_reverse` goes with `apart` alone")
        if not self.in_force and not self.reason:
            raise ValueError("what is not in force says its `reason`")
        return self


class ParameterForm(Form):
    id: Id
    quantity: Text
    amount: AmountText
    model: str = ""
    hours: Closed | None = None
    basis: Basis = Field(min_length=1)
    note: str = ""


class RemarkForm(Form):
    topic: OneOf[
        "boxed",
        "contraindication",
        "warning",
        "pregnancy",
        "lactation",
        "fertility",
        "contraception",
        "vaccine",
        "onset",
        "cost",
        "availability",
        "effect",
        "infection",
        "thrombosis",
        "evidence",
        "administration",
        "renal",
        "hepatic",
        "interaction",
        "monitoring",
        "other",
    ]
    text: Text
    when: Expression | None = None
    basis: Basis = Field(min_length=1)
    note: str = ""


class PriceForm(Form):
    form: Id
    amount: Number
    currency: Text
    year: int
    basis: Basis = Field(min_length=1)
    note: str = ""


class DosingForm(Form):
    """What `dosing:` of an agent's file holds."""

    route: Text
    classes: list[Id] = []
    active: str = ""
    last_given: str = ""
    biosimilars: list[Text] = []
    forms: list[PackFormForm] = []
    regimens: list[RegimenForm] = []
    adjustments: list[AdjustmentForm] = []
    interactions: list[InteractionForm] = []
    rates: list[RateForm] = []
    due: list[DueForm] = []
    spacing: list[SpacingForm] = []
    kinetics: list[ParameterForm] = []
    remarks: list[RemarkForm] = []
    prices: list[PriceForm] = []


class ClassForm(Form):
    """A class of agents; `severity` and `text` say what two of it together mean."""

    id: Id
    label: Text
    severity: Severity | None = None
    text: str = ""
    is_load: bool = False
    counts_once: bool = False
    basis: Basis = []
    note: str = ""

    @model_validator(mode="after")
    def _with_its_reason(self) -> Self:
        if (self.severity is None) == bool(self.text) or (self.severity is not None and not self.basis):
            raise ValueError("`severity`, `text` and `basis` go together")
        return self


class PartForm(Form):
    agent: Id
    regimen: str = ""
    note: str = ""


class CombinationForm(Form):
    """A named combination of agents, each with the regimen it is given by."""

    id: Id
    label: Text
    parts: list[PartForm] = Field(min_length=2)
    when: Expression | None = None
    remarks: list[RemarkForm] = []
    basis: Basis = Field(min_length=1)
    note: str = ""
