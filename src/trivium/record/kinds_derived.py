"""Fact kind over other facts: derived. Units in and out, missing inputs, inputs of different moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from trivium.core import values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Choices, Interval, point
from trivium.knowledge.models import FactSpec
from trivium.record.events import When
from trivium.record.fact import Fact, Reason, unknown
from trivium.record.formulas import FORMULAS, Formula
from trivium.record.kinds_chart import Chart
from trivium.record.kinds_reading import fit
from trivium.record.kinds_units import linear

_AS_NUMBER = {TRUE: point(1), FALSE: point(0), UNKNOWN: Interval(0, 1)}


def derived(chart: Chart, spec: FactSpec) -> Fact:
    """`{derived: formula, inputs: {name: fact}, also: …, at_most_apart: …}`: a formula of `record.formulas`.

    `also` names facts that change the result where they are known, and that nobody is asked for.
    Unknown(inputs) when an input the formula needs is not known, or when they are further apart in time
    than `at_most_apart`, or may be. A formula that can do without an input gives the hull instead.
    """
    options = spec.retrieval.options
    formula = FORMULAS[options["formula"]]
    named = {**options["inputs"], **options.get("also", {})}
    facts = {name: chart.fact(fact) for name, fact in named.items()}
    known = [fact for name, fact in facts.items() if fact is not None and _matters(name, fact, options)]
    reason = _lacking(formula, facts, options) or _apart(chart, known, options.get("at_most_apart"))
    value = reason or _compute(spec, formula, facts, options.get("coefficients", {}))
    origins = tuple(dict.fromkeys(origin for fact in known for origin in fact.origins))
    seen = tuple(dict.fromkeys(line for fact in known for line in fact.seen))
    if isinstance(value, Reason):
        causes = [why for fact in known if not fact.is_known for why in fact.reasons]
        return unknown(spec, value, *dict.fromkeys(causes), at=_oldest(known), origins=origins, seen=seen)
    return Fact(spec, value, _oldest(known), origins, (), seen)


def _lacking(formula: Formula, facts: Mapping[str, Fact | None], options: Mapping[str, Any]) -> Reason | None:
    lacking = [
        options["inputs"].get(name, name)
        for name in formula.inputs
        if name not in formula.may_be_unknown and not _is_known(facts.get(name))
    ]
    return Reason("inputs", f"not known: {', '.join(lacking)}") if lacking else None


def _matters(name: str, fact: Fact, options: Mapping[str, Any]) -> bool:
    """Whether an input counts for origin and date: one that is only looked at does when it is known."""
    return name in options["inputs"] or fact.is_known


def _is_known(fact: Fact | None) -> bool:
    return fact is not None and fact.is_known


def _apart(chart: Chart, facts: Sequence[Fact], at_most: int | None) -> Reason | None:
    """Why the inputs are not of one moment. What a clinician typed in without a time is of as-of."""
    if at_most is None:
        return None
    now = When(chart.calendar.as_of, chart.calendar.as_of)
    times = [fact.at or now for fact in facts if fact.at is not None or "form" in fact.origins]
    starts = [time.start for time in times if time.start is not None]
    ends = [time.end for time in times if time.end is not None]
    if len(starts) < len(times) or len(ends) < len(times):
        return Reason("inputs", "the inputs have no dates, so may be of different moments")
    # The widest they may lie apart: one early in its stretch, another late in its own.
    widest = max(
        (end - start for one, start in enumerate(starts) for other, end in enumerate(ends) if one != other),
        default=0,
    )
    if widest > at_most:
        apart, allowed = (f"{seconds / 3600:.3g} h" for seconds in (widest, at_most))
        return Reason("inputs", f"the inputs may lie {apart} apart, {allowed} are allowed")
    return None


def _compute(
    spec: FactSpec, formula: Formula, facts: Mapping[str, Fact | None], coefficients: Mapping[str, Any]
) -> Interval | Reason:
    numbers: dict[str, Interval] = {}
    sex: Choices = frozenset(("female", "male"))
    for name, unit in formula.inputs.items():
        fact = facts.get(name)
        if fact is None:
            continue
        if unit is None:
            sex = fact.value if isinstance(fact.value, frozenset) else sex
            continue
        number = _in_unit(fact, unit)
        if isinstance(number, Reason):
            return number
        numbers[name] = number
    lacking = [name for name in formula.coefficients if name not in coefficients]
    if lacking:
        return Reason("inputs", f"the formula lacks coefficients: {', '.join(lacking)}")
    # By way of text: a float out of YAML stands for the decimal that was written.
    exactly = {name: Fraction(str(coefficients[name])) for name in formula.coefficients}
    result = formula.compute(numbers, sex, exactly)
    if isinstance(result, str):
        return Reason("inputs", result)
    return _declared(spec, formula, result)


def _in_unit(fact: Fact, unit: str) -> Interval | Reason:
    """A fact's number in the unit a formula wants; a whole number without unit is already in it.

    Of a yes or no the formula sees 1 or 0, and from 0 to 1 where it is not known.
    """
    if isinstance(fact.value, Truth):
        return _AS_NUMBER[fact.value]
    if not isinstance(fact.value, Interval):
        return Reason("inputs", f"not a number: {fact.spec.id}")
    if fact.spec.type.unit is None or fact.spec.type.unit == unit:
        return fact.value
    line = linear(fact.spec.type.unit, unit)
    if isinstance(line, str):
        return Reason("unit", f"{fact.spec.id}: {line}")
    return _along(fact.value, line)


def _declared(spec: FactSpec, formula: Formula, result: Interval) -> Interval | Reason:
    if not result.is_known:
        return Reason("inputs", "the inputs leave the result without any bound")
    line = linear(formula.unit, spec.type.unit or "1")
    return Reason("unit", line) if isinstance(line, str) else fit(spec, _along(result, line))


def _along(amount: Interval, line: tuple[Fraction, Fraction]) -> Interval:
    scaled = values.scale(amount, line[0])
    return values.add(scaled, values.point(line[1])) if line[1] else scaled


def _oldest(facts: Sequence[Fact]) -> When | None:
    """The date of the oldest input; undated ones (age, sex) do not count."""
    dated = [fact.at for fact in facts if fact.at is not None and fact.at.is_known]
    return min(dated, key=lambda at: (_bound(at.start), _bound(at.end)), default=None)


def _bound(second: int | None) -> int:
    return -(10**13) if second is None else second
