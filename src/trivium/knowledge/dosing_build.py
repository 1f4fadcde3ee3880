"""The `dosing:` part of an agent's file, drug classes and combinations → their models in `dosing`.

Expressions are resolved, support is looked up. A part whose expression has a defect is left out and
leaves that defect. It must not judge content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from trivium.knowledge import dosing
from trivium.knowledge.checks.dosing_forms import (
    ClassForm,
    CombinationForm,
    DoseForm,
    DosingForm,
    RegimenForm,
    ScheduleForm,
)
from trivium.knowledge.checks.draft import Draft, Entry, cited
from trivium.knowledge.checks.forms import Form
from trivium.knowledge.rounding import HouseRounding
from trivium.logic.nodes import Node

# (entry, expression as written, where it stands) → the resolved expression, None when it has a defect.
Resolve = Callable[..., Node | None]
T = TypeVar("T")


class _Parts:
    """Builds the parts of one form; `inside` is where the form stands in its entry."""

    def __init__(
        self, draft: Draft, entry: Entry[Any], form: Form, resolve: Resolve, *inside: str | int
    ) -> None:
        self.draft, self.entry, self.resolve = draft, entry, resolve
        self.form: Any = form
        self.inside = inside

    def when(self, text: str | None, *place: str | int) -> dosing.When | None:
        if text is None:
            return None
        node = self.resolve(self.entry, text, *self.inside, *place)
        return dosing.When(node, text) if node is not None else None

    def plain(self, model: Callable[..., T], forms: Sequence[Form], key: str) -> tuple[T, ...]:
        return tuple(model(**self._fields(model, form, (key, index))) for index, form in enumerate(forms))

    def conditional(self, model: Callable[..., T], key: str) -> tuple[T, ...]:
        """Entries with conditions; one whose condition could not be read is left out."""
        found = []
        for index, form in enumerate(getattr(self.form, key)):
            fields = self._fields(model, form, (key, index))
            written = [name for name in ("when", "soft_when") if getattr(form, name, None) is not None]
            fields |= {name: self.when(getattr(form, name), key, index, name) for name in written}
            if all(fields[name] is not None for name in written):
                found.append(model(**fields))
        return tuple(found)

    def _fields(self, model: Any, form: Form, place: tuple[str | int, ...]) -> dict[str, Any]:
        """The fields that form and model share, with lists as tuples, doses and support built."""
        names = set(model.__dataclass_fields__)
        found: dict[str, Any] = {}
        for name in names & set(type(form).model_fields):
            value = getattr(form, name)
            if isinstance(value, DoseForm):
                value = _rule(value, None)
            elif isinstance(value, ScheduleForm):
                value = _schedule(value)
            found[name] = tuple(value) if isinstance(value, list) else value
        if "cited" in names:
            found["cited"] = cited(self.draft, getattr(form, "basis", ()))
        if "span" in names:
            found["span"] = self.entry.span(*self.inside, *place)
        return found


class DosingBuilder(_Parts):
    """Builds one agent's `Dosing`; `resolve` is the builder's own way to read an expression."""

    form: DosingForm

    def __init__(self, draft: Draft, entry: Entry[Any], resolve: Resolve) -> None:
        super().__init__(draft, entry, entry.form.dosing, resolve, "dosing")

    def built(self) -> dosing.Dosing:
        form = self.form
        return dosing.Dosing(
            agent=self.entry.id,
            label=self.entry.form.label,
            route=form.route,
            classes=tuple(form.classes),
            active=form.active,
            last_given=form.last_given,
            biosimilars=tuple(form.biosimilars),
            forms=_by_id(self.plain(dosing.PackForm, form.forms, "forms")),
            regimens=_by_id(_kept(self._regimen(index) for index in range(len(form.regimens)))),
            adjustments=self.conditional(dosing.Adjustment, "adjustments"),
            interactions=self.conditional(dosing.Interaction, "interactions"),
            rates=self.conditional(dosing.Rate, "rates"),
            due=self.conditional(dosing.Due, "due"),
            spacing=self.conditional(dosing.Spacing, "spacing"),
            kinetics=self.plain(dosing.Parameter, form.kinetics, "kinetics"),
            remarks=self.conditional(dosing.Remark, "remarks"),
            prices=self.plain(dosing.Price, form.prices, "prices"),
            house=_house(self.draft),
            span=self.entry.span("dosing"),
        )

    def _regimen(self, index: int) -> dosing.Regimen | None:
        form, place = self.form.regimens[index], ("regimens", index)
        when = self.when(form.when, *place, "when")
        rules = self._rules(form, place)
        if (form.when is not None and when is None) or rules is None:
            return None
        return dosing.Regimen(
            id=form.id,
            label=form.label,
            purpose=form.purpose,
            rules=rules,
            schedule=_schedule(form.schedule),
            route=form.route or self.form.route,
            is_default=form.default,
            reason=form.reason,
            when=when,
            forms=tuple(form.forms),
            limits=self.plain(dosing.Limit, form.limits, "limits"),
            rounding=dosing.Rounding(form.rounding.to, form.rounding.direction, form.rounding.most),
            targets=self.plain(dosing.Target, form.targets, "targets"),
            cited=cited(self.draft, form.basis),
            note=form.note,
            span=self.entry.span("dosing", *place),
        )

    def _rules(self, form: RegimenForm, place: tuple[str | int, ...]) -> tuple[dosing.DoseRule, ...] | None:
        """The one rule, or the tiers in order; None when a tier's condition could not be read."""
        if form.dose is not None:
            return (_rule(form.dose, None),)
        whens = [
            self.when(tier.when, *place, "tiers", index, "when") for index, tier in enumerate(form.tiers)
        ]
        if None in whens:
            return None
        return tuple(_rule(tier, when) for tier, when in zip(form.tiers, whens, strict=True))


def combination(draft: Draft, entry: Entry[CombinationForm], resolve: Resolve) -> dosing.Combination | None:
    """A named combination; None when its own condition could not be read."""
    form, parts = entry.form, _Parts(draft, entry, entry.form, resolve)
    when = parts.when(form.when, "when")
    if form.when is not None and when is None:
        return None
    return dosing.Combination(
        id=form.id,
        label=form.label,
        parts=tuple(dosing.Part(part.agent, part.regimen, part.note) for part in form.parts),
        when=when,
        remarks=parts.conditional(dosing.Remark, "remarks"),
        cited=cited(draft, form.basis),
        note=form.note,
        span=entry.span(),
    )


def drug_class(draft: Draft, form: ClassForm) -> dosing.DrugClass:
    """A class of agents."""
    return dosing.DrugClass(
        id=form.id,
        label=form.label,
        severity=form.severity,
        text=form.text,
        is_load=form.is_load,
        counts_once=form.counts_once,
        cited=cited(draft, form.basis),
        note=form.note,
    )


def _house(draft: Draft) -> HouseRounding | None:
    """The rule of rounding of this content; None where it has none."""
    for entry in draft.rounding.values():
        form = entry.form
        return HouseRounding(
            form.most_above,
            form.most_below,
            form.digits,
            tuple(form.first),
            form.first_within,
            cited(draft, form.basis),
            form.note,
        )
    return None


def _rule(form: DoseForm, when: dosing.When | None) -> dosing.DoseRule:
    return dosing.DoseRule(form.amount, form.per, form.weight, when, form.of)


def _schedule(form: ScheduleForm) -> dosing.Schedule:
    earliest, latest = (tuple(day[end] for day in form.on_days) for end in (0, 1))
    return dosing.Schedule(
        times_per_day=form.times_per_day,
        on_days=earliest,
        on_days_latest=latest if latest != earliest else (),
        over_days=form.over_days,
        every_days=form.every_days,
        courses=form.courses,
        for_days=form.for_days,
        beside=form.beside,
    )


def _by_id(items: Iterable[Any]) -> dict[str, Any]:
    return {item.id: item for item in items}


def _kept(items: Iterable[T | None]) -> list[T]:
    return [item for item in items if item is not None]
