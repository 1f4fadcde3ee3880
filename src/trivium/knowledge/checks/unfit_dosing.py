"""Something about giving an agent does not fit together.

A regimen names a form the agent has not, an adjustment a regimen it has not; an amount has no unit that a
dose can have; there is no default regimen or more than one for a purpose; a class stands in no
`drug_classes.yaml`; a partner is neither an agent nor a class; a fact that is to be measured does not
exist; an adjustment takes off an amount in another unit than the regimen's; what is given beside another
agent has days of its own. Each would be left out of a dose in silence. Where every regimen rests on weak
sources alone none has to be the default.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.units import parse_unit
from trivium.knowledge.checks.dosing_forms import DoseForm, DosingForm, RegimenForm, ScheduleForm
from trivium.knowledge.checks.draft import Draft, is_weak
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV273", "unfit-dosing", True

# What an amount to give can be measured in: mass, volume, a count of sessions; by weight or surface.
_BASES = ("mg", "mL", "1", "U", "[iU]", "mmol")
_DIVISORS = ("", "/kg", "/m2")

Problem = tuple[tuple[str | int, ...], str, str]


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.agents.values():
        if entry.form.dosing is not None:
            for place, what, hint in _problems(draft, entry.form.dosing):
                yield Defect(CODE, f"{entry.id}: {what}", entry.span("dosing", *place), hint=hint)


def _problems(draft: Draft, form: DosingForm) -> Iterator[Problem]:
    yield from _own_names(form)
    yield from _other_names(draft, form)
    yield from _amounts(form)
    yield from _defaults(draft, form)
    yield from _facts(draft, form)


def _own_names(form: DosingForm) -> Iterator[Problem]:
    """Forms and regimens that are named are there, and nothing stands twice."""
    forms, regimens = {item.id for item in form.forms}, {item.id for item in form.regimens}
    for index, regimen in enumerate(form.regimens):
        for at, name in enumerate(regimen.forms):
            if name not in forms:
                yield ("regimens", index, "forms", at), f"there is no form {name!r}", near(name, forms)
    for key in ("adjustments", "spacing"):
        for index, part in enumerate(getattr(form, key)):
            for at, name in enumerate(part.regimens):
                if name not in regimens:
                    place = (key, index, "regimens", at)
                    yield place, f"there is no regimen {name!r}", near(name, regimens)
    for index, price in enumerate(form.prices):
        if price.form not in forms:
            yield ("prices", index, "form"), f"there is no form {price.form!r}", near(price.form, forms)
    for key in ("forms", "regimens", "adjustments", "interactions", "due", "spacing", "kinetics"):
        ids = [item.id for item in getattr(form, key)]
        for index, name in enumerate(ids):
            if name in ids[:index]:
                yield (key, index, "id"), f"{name!r} stands twice under {key}", ""


def _other_names(draft: Draft, form: DosingForm) -> Iterator[Problem]:
    """Agents and classes that are named are there."""
    for at, name in enumerate(form.classes):
        if name not in draft.drug_classes:
            yield ("classes", at), f"there is no class {name!r}", near(name, draft.drug_classes)
    known = {*draft.drug_classes, *draft.agents}
    for key, inner in (("interactions", "partners"), ("spacing", "partners"), ("due", "before_agents")):
        for index, part in enumerate(getattr(form, key)):
            for at, name in enumerate(getattr(part, inner)):
                if name not in known:
                    yield (
                        (key, index, inner, at),
                        f"{name!r} is neither an agent nor a class",
                        near(name, known),
                    )
    for index, regimen in enumerate(form.regimens):
        for dose in _doses(regimen):
            if dose.of and dose.of not in draft.agents:
                yield ("regimens", index), f"there is no agent {dose.of!r}", near(dose.of, draft.agents)
        yield from _beside(draft, regimen.schedule, ("regimens", index, "schedule"))
    for index, adjustment in enumerate(form.adjustments):
        if adjustment.to_schedule is not None:
            yield from _beside(draft, adjustment.to_schedule, ("adjustments", index, "to_schedule"))


def _beside(draft: Draft, schedule: ScheduleForm, place: tuple[str | int, ...]) -> Iterator[Problem]:
    """What is given beside another agent has no days of its own: they are the other's."""
    if not schedule.beside:
        return
    if schedule.beside not in draft.agents:
        hint = near(schedule.beside, draft.agents)
        yield (*place, "beside"), f"there is no agent {schedule.beside!r}", hint
    own = [name for name in ("on_days", "over_days", "every_days", "courses") if getattr(schedule, name)]
    if own or schedule.for_days not in (None, (1, 1)):
        yield place, "has days of its own beside those of another agent", "leave them out"


def _doses(regimen: RegimenForm) -> list[DoseForm]:
    return [regimen.dose] if regimen.dose else list(regimen.tiers)


def _amounts(form: DosingForm) -> Iterator[Problem]:
    for index, regimen in enumerate(form.regimens):
        for dose in _doses(regimen):
            if not _is_dose(dose.amount.unit):
                yield ("regimens", index), f"{dose.amount.unit!r} is no unit of a dose", ""
            if (dose.amount.unit == "%") != bool(dose.of):
                yield ("regimens", index), "a share in % says `of:` which agent's dose, and nothing else", ""
    units = {dose.amount.unit for item in form.regimens for dose in _doses(item)}
    for index, adjustment in enumerate(form.adjustments):
        if adjustment.minus is not None and adjustment.minus.unit not in units:
            yield ("adjustments", index, "minus"), "takes off an amount in a unit that no regimen has", ""
        if adjustment.to is not None and not _is_dose(adjustment.to.amount.unit):
            yield ("adjustments", index, "to"), f"{adjustment.to.amount.unit!r} is no unit of a dose", ""


def _is_dose(unit: str) -> bool:
    dimension = parse_unit(unit).dimension
    return any(parse_unit(base + divisor).dimension == dimension for base in _BASES for divisor in _DIVISORS)


def _defaults(draft: Draft, form: DosingForm) -> Iterator[Problem]:
    by_purpose: dict[str, list[int]] = {}
    for index, regimen in enumerate(form.regimens):
        if regimen.default:
            by_purpose.setdefault(regimen.purpose, []).append(index)
    for purpose, places in by_purpose.items():
        if len(places) > 1:
            yield ("regimens", places[1], "default"), f"a second default for the purpose {purpose}", ""
    read = [regimen for regimen in form.regimens if not is_weak(draft, regimen.basis)]
    if read and not by_purpose:
        yield ("regimens",), "no regimen is the default", "mark one, with its `reason:`"


def _facts(draft: Draft, form: DosingForm) -> Iterator[Problem]:
    known = set(draft.facts) | draft.broken
    for key in ("active", "last_given"):
        name = getattr(form, key)
        if name and name not in known:
            yield (key,), f"no fact is called {name!r}", near(name, known)
    for index, due in enumerate(form.due):
        for at, name in enumerate(due.facts):
            if name not in known:
                yield ("due", index, "facts", at), f"no fact is called {name!r}", near(name, known)
    for index, regimen in enumerate(form.regimens):
        for at, target in enumerate(regimen.targets):
            if target.fact not in known:
                place = ("regimens", index, "targets", at, "fact")
                yield place, f"no fact is called {target.fact!r}", near(target.fact, known)
