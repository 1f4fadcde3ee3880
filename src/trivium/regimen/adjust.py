"""One dose under one supposition: the rule, what is taken off, the maximum, the ceilings, the rounding.

In: a rule, the adjustments that hold, body sizes as numbers. Out: what is given and the working.
The order of the adjustments never matters:

    what the rule gives → all `minus` amounts come off → held to the maxima → the lowest of
    that, its shares (`factor`) and the printed amounts (`to`), each rounded → what is given

A ceiling never raises a dose; `avoid` wins over everything. It must not judge which adjustments hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from trivium.knowledge.dosing import Adjustment, DoseRule, Limit, PackForm, Regimen
from trivium.regimen.amounts import basis, in_unit, percent, said
from trivium.regimen.dosage import Dosage, Per, Sizes, absolute, in_units_of, of_rule, size_fact, within
from trivium.regimen.packs import MakeUp, around, make_up
from trivium.regimen.rounding import Measure, Rounded, measured
from trivium.regimen.working import Step


@dataclass(frozen=True, slots=True)
class Over:
    """A maximum that a computed dose is above: what was computed, and what is the most."""

    limit: Limit
    computed: Dosage
    most: Fraction


@dataclass(frozen=True, slots=True)
class Settled:
    """What one supposition comes to.

    `computed` is what the rule gives; `given` what remains of it, None where it is to be avoided or nothing
    remains; `is_possible` is false when the forms cannot make it (it is then as computed). `unfigured` are
    adjustments that hold and change it by nobody says how much. `decided_by` names the adjustments that made
    it what it is. `forms` are those it is made of.
    """

    computed: Dosage
    given: Dosage | None
    decided_by: tuple[str, ...] = ()
    is_possible: bool = True
    over: tuple[Over, ...] = ()
    made_of: MakeUp | None = None
    steps: tuple[Step, ...] = ()
    unfigured: tuple[Adjustment, ...] = ()
    forms: tuple[PackForm, ...] = ()

    @property
    def is_decided(self) -> bool:
        """Whether no person has to decide the amount."""
        return self.is_possible and not self.unfigured


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One dosage that a dose may not exceed, as it would be given."""

    # Where burdens are equal: a printed other way, a share, the unreduced dose, a printed amount equal to it.
    rank: int
    exact: Dosage
    rounded: Rounded
    by: Adjustment | None = None

    def key(self, per: Per) -> tuple[Fraction, int, Fraction, Fraction, str]:
        given = self.rounded.dosage
        return given.burden(per), self.rank, given.single, given.times, self.by.id if self.by else ""


def settle(
    regimen: Regimen,
    rule: DoseRule,
    holding: Iterable[Adjustment],
    sizes: Sizes,
    measure: Measure,
    at_high: bool = False,
) -> Settled:
    """What a rule gives when these adjustments hold.

    Shapes:  `sizes` has every body size that rule, adjustments and limits need (`size_facts`).
    """
    held = sorted(holding, key=lambda adjustment: adjustment.id)
    computed = of_rule(rule, regimen.schedule, sizes, at_high)
    avoided = [adjustment for adjustment in held if adjustment.avoid]
    steps = [_computed(rule, computed, sizes, at_high)]
    if avoided:
        steps += [_said(adjustment, "not to be given so") for adjustment in avoided]
        return Settled(computed, None, tuple(each.id for each in avoided), steps=tuple(steps))
    left, taken = _taken_off(computed, rule, held, sizes, at_high)
    steps += taken
    off_ids = tuple(each.id for each in held if each.minus is not None)
    if left.amount <= 0:
        steps.append(Step("remark", "Nothing remains of the dose."))
        return Settled(computed, None, off_ids, steps=tuple(steps))
    kept, over, limited = _limited(left, regimen.limits, rule, sizes)
    steps += limited
    candidates = _candidates(kept, regimen, rule, held, sizes, measure, at_high)
    per: Per = "course" if any(each.rounded.dosage.per == "course" for each in candidates) else "day"
    chosen = min(candidates, key=lambda each: each.key(per))
    steps += _weighed(candidates, chosen, per)
    is_kept = partial(_is_within, regimen=regimen, rule=rule, sizes=sizes)
    steps += _rounding(chosen, is_kept)
    given, forms = chosen.rounded.dosage, chosen.rounded.measure.forms
    made_of = make_up(measured(given), given.unit, forms) if chosen.rounded.is_possible else None
    if made_of is not None and made_of.units:
        steps += _made_of(made_of, chosen.rounded.measure)
    unfigured = tuple(each for each in held if each.is_unfigured)
    steps += [Step("remark", each.text, each.cited) for each in unfigured]
    decided = (*off_ids, *([chosen.by.id] if chosen.by else []), *(each.id for each in unfigured))
    return Settled(
        computed, given, decided, chosen.rounded.is_possible, over, made_of, tuple(steps), unfigured, forms
    )


def together(one: Settled, other: Settled) -> Settled:
    """Two that come to the same: one, with whatever changes either of them by nobody says how much."""
    more = tuple(each for each in other.unfigured if each not in one.unfigured)
    if not more:
        return one
    steps = tuple(step for step in other.steps if step not in one.steps and step.kind == "remark")
    return replace(
        one,
        unfigured=one.unfigured + more,
        decided_by=one.decided_by + tuple(each.id for each in more),
        steps=one.steps + steps,
    )


def size_facts(regimen: Regimen, rule: DoseRule, adjustments: Iterable[Adjustment]) -> tuple[str, ...]:
    """The facts of body size that a dose needs when any of these adjustments may hold."""
    needed = {size_fact(rule.amount, rule.weight)}
    needed |= {size_fact(limit.amount, rule.weight) for limit in regimen.limits}
    for adjustment in adjustments:
        if adjustment.to is not None:
            needed.add(size_fact(adjustment.to.amount, adjustment.to.weight))
        if adjustment.minus is not None:
            needed.add(size_fact(adjustment.minus, rule.weight))
    return tuple(sorted(needed - {""}))


def _taken_off(
    computed: Dosage, rule: DoseRule, held: Sequence[Adjustment], sizes: Sizes, at_high: bool
) -> tuple[Dosage, list[Step]]:
    left, steps = computed, []
    for adjustment in held:
        if adjustment.minus is None:
            continue
        number, unit = absolute(adjustment.minus, rule.weight, sizes, at_high)
        off = in_unit(number, unit, left.unit)
        text = f"{adjustment.text.rstrip('.')}: {said(off, left.unit)} off."
        steps.append(Step("taken_off", text, adjustment.cited))
        left = replace(left, amount=left.amount - off)
    if steps:
        steps.append(Step("taken_off", f"{said(max(left.amount, Fraction(0)), left.unit)} remains."))
    return left, steps


def _limited(
    dosage: Dosage, limits: Sequence[Limit], rule: DoseRule, sizes: Sizes
) -> tuple[Dosage, tuple[Over, ...], list[Step]]:
    """Held to every maximum, and said where one is exceeded."""
    kept, over, steps = dosage, [], []
    for limit in limits:
        most = _most(limit, rule, sizes, dosage.unit)
        held = within(dosage, limit, most)
        if held == dosage:
            continue
        kept = _lower(kept, within(kept, limit, most))
        name = {"administration": "at a time", "day": "a day", "course": "a course"}[limit.per]
        if held.amount == dosage.amount:
            days = held.schedule.over_days or (1, 1)
            text = f"Over {days[0]} days or more: at most {said(most, dosage.unit)} {name}."
        else:
            over.append(Over(limit, dosage, most))
            text = (
                f"The computed dose is above the maximum of {said(most, dosage.unit)} {name}: limited to it."
            )
        note = f" ({limit.note})" if limit.note else ""
        steps.append(Step("limited", text + note, limit.cited))
    return kept, tuple(over), steps


def _most(limit: Limit, rule: DoseRule, sizes: Sizes, unit: str) -> Fraction:
    number, own = absolute(limit.amount, rule.weight, sizes, at_high=True)
    return in_unit(number, own, unit)


def _lower(one: Dosage, other: Dosage) -> Dosage:
    """Both maxima kept: the lesser amount, over the more days."""
    days = [each.schedule.over_days for each in (one, other) if each.schedule.over_days is not None]
    schedule = replace(one.schedule, over_days=max(days)) if days else one.schedule
    return replace(one, amount=min(one.amount, other.amount), schedule=schedule)


def _candidates(
    kept: Dosage,
    regimen: Regimen,
    rule: DoseRule,
    held: Sequence[Adjustment],
    sizes: Sizes,
    measure: Measure,
    at_high: bool,
) -> list[_Candidate]:
    """The unreduced dose and every ceiling, each as it would be given."""

    # The upper end of a printed range is the most that its source allows.
    is_most = at_high and not rule.amount.is_point
    whole = measure.down(kept) if is_most else measure.nearest(kept)
    if not _is_within(whole.dosage, regimen, rule, sizes):
        whole = measure.down(kept)
    found = [_Candidate(2, kept, whole)]
    for adjustment in held:
        if adjustment.factor is not None:
            share = measure.reduced(kept, adjustment.factor)
            found.append(_Candidate(1, kept.times_of(adjustment.factor), share, adjustment))
        if adjustment.to is not None:
            printed = of_rule(adjustment.to, adjustment.to_schedule or regimen.schedule, sizes, at_high)
            printed = in_units_of(printed, kept.unit)
            for limit in regimen.limits:
                printed = within(printed, limit, _most(limit, rule, sizes, kept.unit))
            rounded = measure.printed(printed)
            is_other = (rounded.dosage.single, rounded.dosage.times) != (
                whole.dosage.single,
                whole.dosage.times,
            )
            found.append(_Candidate(0 if is_other else 3, printed, rounded, adjustment))
    return found


def _is_within(dosage: Dosage, regimen: Regimen, rule: DoseRule, sizes: Sizes) -> bool:
    return all(
        within(dosage, limit, _most(limit, rule, sizes, dosage.unit)) == dosage for limit in regimen.limits
    )


def _computed(rule: DoseRule, computed: Dosage, sizes: Sizes, at_high: bool) -> Step:
    unit, by = basis(rule.amount.unit)
    number = rule.amount.high if at_high else rule.amount.low
    per = {"administration": "", "day": " a day", "course": " a course"}[rule.per]
    if not by:
        return Step("computed", f"{said(number, unit)}{per}.")
    size = sizes[size_fact(rule.amount, rule.weight)]
    product = said(computed.amount, computed.unit)
    return Step("computed", f"{said(number, rule.amount.unit)} x {said(size, by)} = {product}{per}.")


def _said(adjustment: Adjustment, what: str) -> Step:
    text = adjustment.text.rstrip(".")
    return Step("ceiling", f"{text}: {what}.", adjustment.cited)


def _weighed(candidates: Sequence[_Candidate], chosen: _Candidate, per: Per) -> list[Step]:
    """What each ceiling allows, which one holds, and what nobody knows of several together."""
    ceilings = [each for each in candidates if each.by is not None]
    steps = [
        _said(
            each.by,
            f"at most {each.rounded.dosage.words() if each.rounded.is_possible else each.exact.words()}",
        )
        for each in ceilings
        if each.by is not None
    ]
    base = candidates[0]
    if ceilings and chosen.by is None:
        steps.append(Step("chosen", f"{base.rounded.dosage.words()} is no more than that: no change."))
    lower = [each for each in ceilings if each.exact.burden(per) < base.exact.burden(per)]
    if len({each.by.axis for each in lower if each.by}) > 1:
        product = Fraction(1)
        for each in lower:
            product *= each.exact.burden(per) / base.exact.burden(per)
        name = "course" if per == "course" else "day"
        multiplied = said(base.exact.burden(per) * product, base.exact.unit)
        text = (
            "Several reductions hold; the lowest is taken. The sources do not say how they add up: "
            f"multiplied it would be {multiplied} a {name}. Ask the pharmacist."
        )
        steps.append(Step("remark", text))
    return steps


def _rounding(chosen: _Candidate, is_kept: Callable[[Dosage], bool]) -> list[Step]:
    """How the amount was rounded, and what the forms would give where none of it is the dose."""
    rounded = chosen.rounded
    given, unit, measure = rounded.dosage, chosen.exact.unit, rounded.measure
    if not rounded.is_possible:
        return [_impossible(chosen, is_kept)]
    exact, amount = measured(chosen.exact), measured(given)
    if chosen.exact.times != given.times:
        return [Step("rounded", f"Given as {given.words()}.")]
    steps = []
    if exact != amount:
        change = percent((amount - exact) / exact)
        house = measure.house if measure.is_to_digits(unit) else None
        other = ""
        if house is not None:
            other = f"; {house.digits} digits are measured out"
        elif chosen.by is not None:
            other = f"; next above {said(measure.around(exact, unit)[1], unit)}"
        how = "Rounded down" if chosen.by is not None else "Rounded"
        text = f"{how} to {said(amount, unit)} ({change} of {said(exact, unit)}{other})."
        steps.append(Step("rounded", text, house.cited if house is not None else ()))
    vials = measure.opened(unit)
    if vials and measure.rounding.to is None:
        below, above = around(amount, vials)
        if below != amount:
            whole = f"{said(below, unit)} or {said(above, unit)}"
            steps.append(Step("remark", f"No source gives a rounding; whole units would be {whole}."))
    return steps


def _impossible(chosen: _Candidate, is_kept: Callable[[Dosage], bool]) -> Step:
    """What the forms would give in place of a dose that they cannot make, and how far off that is."""
    measure, unit, exact = chosen.rounded.measure, chosen.exact.unit, measured(chosen.exact)
    text = f"The forms cannot make {chosen.exact.words()}"
    if measure.is_lacking:
        text = f"{text}: none that this regimen is given with is held. Ask the pharmacist."
        return Step("remark", text)
    near = []
    for amount in measure.around(exact, unit):
        if amount:
            is_above = not is_kept(chosen.exact.times_of(amount / exact))
            over = ", above the maximum" if is_above else ""
            near.append(f"{said(amount, unit)} ({percent((amount - exact) / exact)}{over})")
    text = f"{text}: the nearest would be {' or '.join(near)}"
    house = measure.house
    if house is not None and measure.rounding.most is None:
        shares = f"{percent(house.most_above)} and {percent(-house.most_below)}"
        text = f"{text}; what stands for a dose lies between {shares}"
    cited = house.cited if house is not None else ()
    return Step("remark", f"{text}. Ask the pharmacist for another form.", cited)


def _made_of(made_of: MakeUp, measure: Measure) -> list[Step]:
    volume = made_of.millilitres
    amount = said(made_of.amount, made_of.unit) + (f" ({said(volume, 'mL')})" if volume is not None else "")
    steps = [Step("made_of", f"{amount} is {made_of.words()}.")]
    if measure.is_other:
        named = " and ".join(form.label for form, _ in made_of.units)
        text = f"The adjusted dose is made by a form that the regimen does not name: {named}."
        steps.append(Step("remark", text))
    return steps
