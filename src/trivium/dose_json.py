"""A dose with its interactions and supplies as data: plain dicts in a fixed order, for every face.

Everything is in words already: faces only arrange. Sources are written by whoever numbers the references
(`Basis`), so that a dose inside a plan and a dose alone cite in one way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from trivium.core.truth import FALSE
from trivium.knowledge.dosing import Dosing, Regimen, Remark, When
from trivium.knowledge.models import Cited
from trivium.logic.explain import Why, explain
from trivium.logic.nodes import CriterionRef, FactRef
from trivium.logic.prose import prose
from trivium.regimen.adjust import Settled
from trivium.regimen.amounts import figure, repeated, said, said_range
from trivium.regimen.dosage import Dosage
from trivium.regimen.dose import Alternative, Dose, Looked
from trivium.regimen.interactions import Concern, Found
from trivium.regimen.packs import MakeUp
from trivium.regimen.patient import Ask, Patient
from trivium.regimen.prices import PriceList
from trivium.regimen.rates import Speed
from trivium.regimen.supply import Need, Supply, cost
from trivium.regimen.working import Step

Data = dict[str, Any]
Basis = Callable[[Iterable[Cited]], list[Data]]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes parts of a regimen for one patient; `basis` writes sources, `labels` names agents."""

    patient: Patient
    basis: Basis
    labels: Mapping[str, str]

    def dose(self, dose: Dose, label: str) -> Data:
        """One regimen: the dose in a line, its alternatives with their working, what was looked at."""
        return {
            "agent": dose.agent,
            "label": label,
            "status": dose.status,
            "words": headline(dose, label, self._if),
            "regimen": self.regimen(dose.regimen),
            "for": self._for(dose),
            "working": [self._step(step) for step in dose.steps],
            "alternatives": [self._alternative(dose, each) for each in dose.alternatives],
            "over_maximum": [
                {
                    "computed": over.computed.words(),
                    "most": said(over.most, over.computed.unit),
                    "per": over.limit.per,
                    "note": over.limit.note,
                    "sources": self.basis(over.limit.cited),
                }
                for over in dose.over
            ],
            "limits": [
                {
                    "words": said_range(limit.amount.low, limit.amount.high, limit.amount.unit),
                    "per": limit.per,
                    "note": limit.note,
                    "sources": self.basis(limit.cited),
                }
                for limit in dose.regimen.limits
            ],
            "adjustments": [self._looked(each) for each in dose.adjustments],
            "other_sources": [self._looked(each) for each in dose.other_sources],
            "levels": [
                {
                    "fact": level.target.fact,
                    "words": level.words,
                    "note": level.target.note,
                    "sources": self.basis(level.target.cited),
                }
                for level in dose.levels
            ],
            "questions": self.questions(dose.questions),
        }

    def regimen(self, regimen: Regimen) -> Data:
        """A regimen as printed."""
        return {
            "id": regimen.id,
            "label": regimen.label,
            "purpose": regimen.purpose,
            "route": regimen.route,
            "is_default": regimen.is_default,
            "reason": regimen.reason,
            "note": regimen.note,
            "sources": self.basis(regimen.cited),
        }

    def interactions(self, found: Found) -> Data:
        """Concerns in order, the load, what to ask."""
        return {
            "concerns": [self._concern(each) for each in found.concerns],
            "load": {
                "count": found.load.count,
                "present": [found.labels[name] for name in found.load.present],
                "possible": [found.labels[name] for name in found.load.possible],
            },
            "questions": (asked := self.questions(found.questions)),
            "settled_by": list(dict.fromkeys(each["settled_by"] for each in asked if each["settled_by"])),
        }

    def remarks(self, remarks: Iterable[Remark]) -> list[Data]:
        """What is to be known, as far as it is, or may be, about this patient; boxed warnings first."""
        found = []
        for remark in remarks:
            trace = None if remark.when is None else self.patient.trace(remark.when.node)
            if trace is None or trace.truth is not FALSE:
                holds = "true" if trace is None else str(trace.truth)
                basis = self.basis(remark.cited)
                found.append(
                    {
                        "topic": remark.topic,
                        "text": remark.text,
                        "holds": holds,
                        "is_conditional": remark.when is not None,
                        "note": remark.note,
                        "sources": basis,
                    }
                )
        return sorted(found, key=lambda each: each["topic"] != "boxed")

    def speeds(self, speeds: Iterable[Speed]) -> list[Data]:
        """Infusion rates."""
        return [
            {
                "words": each.words,
                "holds": "true" if each.trace is None else str(each.trace.truth),
                "if": "" if each.rate.when is None else self._if(each.rate.when),
                "note": each.rate.note,
                "sources": self.basis(each.rate.cited),
            }
            for each in speeds
        ]

    def questions(self, asked: Iterable[Ask]) -> list[Data]:
        """What to find out."""
        return [
            {
                "fact": each.fact,
                "label": self.patient.labels.facts[each.fact],
                "question": each.text,
                "why": [
                    reason.detail or reason.code
                    for reason in each.reasons
                    if reason.code not in ("not-entered", "missing")
                ],
                "decides": list(each.decides),
                "settled_by": self._settled_by(each),
            }
            for each in asked
        ]

    def _settled_by(self, asked: Ask) -> str:
        """The list whose completeness settles it, where only the silence of the record leaves it open."""
        fact = self.patient.facts[asked.fact]
        listed = fact.spec.false_when
        silent = all(reason.code == "missing" for reason in asked.reasons)
        return listed if listed and silent and not self.patient.facts[listed].is_known else ""

    def _if(self, when: When) -> str:
        return condition_words(when, self.patient)

    def _label(self, agent: str) -> str:
        return self.labels.get(agent, agent)

    def _for(self, dose: Dose) -> Data | None:
        if dose.when is None or dose.regimen.when is None:
            return None
        return {"holds": str(dose.when.truth), "if": self._if(dose.regimen.when)}

    def _alternative(self, dose: Dose, alternative: Alternative) -> Data:
        others = len(dose.alternatives) > 1
        return {
            "words": words(alternative),
            "if": [" and ".join(map(self._if, case)) for case in alternative.because] if others else [],
            "is_cautious": others and alternative is dose.alternatives[-1],
            "is_given": not alternative.is_avoided,
            "doses": [self._settled(each) for each in alternative.settled],
        }

    def _settled(self, settled: Settled) -> Data:
        given = settled.given
        data: Data = {
            "words": "not to be given" if given is None else given.words(),
            "is_possible": settled.is_possible,
            "decided_by": list(settled.decided_by),
        }
        if given is not None:
            data |= {
                "single": plain(given.single),
                "day": plain(given.day),
                "unit": given.unit,
                "times_per_day": None if given.schedule.times_per_day is None else plain(given.times),
                "times": _frequency(given),
                "for_days": None if given.schedule.for_days is None else list(given.schedule.for_days),
                "repeated": repeated(given.schedule),
            }
        if settled.made_of is not None:
            data["made_of"] = made_of_data(settled.made_of)
            data["left_over"] = plain(settled.made_of.waste)
        data["working"] = [self._step(step) for step in settled.steps]
        return data

    def _step(self, step: Step) -> Data:
        return {"kind": step.kind, "text": step.text, "sources": self.basis(step.cited)}

    def _looked(self, looked: Looked) -> Data:
        adjustment = looked.adjustment
        return {
            "id": adjustment.id,
            "axis": adjustment.axis,
            "holds": str(looked.trace.truth),
            "text": adjustment.text,
            "if": self._if(adjustment.when),
            "why": _why(explain(looked.trace, self.patient.labels)),
            "note": adjustment.note,
            "sources": self.basis(adjustment.cited),
        }

    def _concern(self, concern: Concern) -> Data:
        return {
            "kind": concern.kind,
            "certainty": concern.certainty,
            "severity": concern.severity,
            "is_barring": concern.is_barring,
            "agents": list(concern.parties),
            "label": concern.label,
            "lines": [
                {
                    "of": self._label(entry.agent),
                    "severity": entry.severity,
                    "mechanism": entry.mechanism,
                    "text": entry.text,
                    "drugs": list(entry.drugs),
                    "sources": self.basis(entry.cited),
                }
                for entry in concern.entries
            ],
            "awaits": list(concern.awaits),
            "why": [] if concern.trace is None else _why(explain(concern.trace, self.patient.labels)),
        }


def condition_words(when: When, patient: Patient) -> str:
    """A condition in words."""
    text = prose(when.node, patient.labels)
    return f"{text} holds" if isinstance(when.node, (CriterionRef, FactRef)) else text


def headline(dose: Dose, label: str, say: Callable[[When], str]) -> str:
    """The dose in one line."""
    if dose.status == "not_for":
        return f"{label}: this regimen gives no dose for this patient"
    if dose.status == "incomplete":
        named = f" ({dose.regimen.label})" if dose.regimen.label != label else ""
        return f"{label}: cannot be computed yet{named}; see the questions"
    if dose.status == "avoid" and not dose.alternatives:
        return f"{label}: not to be given so"
    limited = " (limited to the maximum: the computed dose is above it)" if dose.over else ""
    if dose.status in ("dose", "avoid", "undecided"):
        return f"{label}: {words(dose.alternatives[0])}{limited}"
    parts = []
    for each in dose.alternatives:
        cases = [" and ".join(map(say, case)) for case in each.because]
        condition = "as a rule" if "" in cases else f"if {' or '.join(cases)}"
        parts.append(f"{words(each)} {condition}")
    least = words(dose.alternatives[-1])
    # The least is safe against too much only: of an antiviral too little harms as well.
    return f"{label}: {'; '.join(parts)}{limited}. Find out which; the least of these: {least}"


def span(dose: Dose, label: str, asked: Sequence[str]) -> str:
    """A dose that is open, in one line: its highest and its least outcome, and what would tell which."""
    limited = " (limited to the maximum: the computed dose is above it)" if dose.over else ""
    ends = f"{words(dose.alternatives[0])} down to {words(dose.alternatives[-1])}{limited}"
    return f"{label}: {ends}, as long as this is not known: {'; '.join(asked)}"


def words(alternative: Alternative) -> str:
    """What one outcome comes to."""
    if not alternative.settled:
        return "no dose is printed"
    if alternative.is_avoided:
        return "not to be given so"
    given = [each.given for each in alternative.settled if each.given is not None]
    impossible = (
        "" if all(each.is_possible for each in alternative.settled) else " (the forms cannot make it)"
    )
    if any(each.unfigured for each in alternative.settled):
        impossible += " (to be changed: by how much no source read says; the prescriber decides)"
    first, last = given[0], given[-1]
    if first == last:
        return first.words() + impossible
    if (first.schedule, first.per, first.unit) == (last.schedule, last.per, last.unit):
        number = first.amount if first.per == "course" else first.single
        return f"{figure(number)} to {last.words()}{impossible}"
    return f"{first.words()} to {last.words()}{impossible}"


def supply_data(agent: str, supply: Supply | None, prices: PriceList | None, product: str) -> Data | None:
    """Units for one course, with what they cost by the site's prices."""
    if supply is None:
        return None
    return {
        "of": supply.of,
        "product": product,
        "needs": [_need(agent, need, prices) for need in supply.needs],
        "prices": None
        if prices is None
        else {
            "dated": prices.dated.isoformat(),
            "source": prices.source,
            "is_example": prices.is_example,
        },
    }


def _need(agent: str, need: Need, prices: PriceList | None) -> Data:
    data: Data = {
        "administrations": need.administrations,
        "amount": said(need.amount, need.unit),
        "units": [{"form": form.id, "label": form.label, "units": count} for form, count in need.units],
        "packs": [{"form": form.id, "packs": count} for form, count in need.packs()],
        "left_over": said(need.waste, need.unit),
        "shared": "" if need.shared is None else need.shared.words(),
    }
    if prices is not None:
        priced = cost(agent, need, prices)
        data["cost"] = {
            "amount": str(priced.amount),
            "currency": priced.currency,
            "without_price": list(priced.missing),
        }
    return data


def _why(steps: Iterable[Why]) -> list[Data]:
    return [{"text": step.text, "because": _why(step.because)} for step in steps]


def made_of_data(made_of: MakeUp | None) -> list[Data]:
    """Of which units an amount is made up; empty where no form holds it."""
    units = made_of.units if made_of is not None else ()
    return [{"form": form.id, "label": form.label, "units": plain(number)} for form, number in units]


def _frequency(given: Dosage) -> Data | None:
    """How often, in whole numbers: three times in seven days."""
    if given.schedule.times_per_day is None:
        return None
    return {"count": given.times.numerator, "days": given.times.denominator}


def plain(number: Fraction) -> int | float:
    """A number for JSON: whole where it is whole."""
    return int(number) if number.denominator == 1 else float(number)


def other_regimens(dosing: Dosing, shown: str, results: Sequence[tuple[Regimen, str, str]]) -> list[Data]:
    """The regimens of the agent that are not shown, each in one line."""
    return [
        {
            "id": each.id,
            "label": each.label,
            "purpose": each.purpose,
            "is_default": each.is_default,
            "status": status,
            "words": text.removeprefix(f"{each.label}: ")
            if text.startswith(f"{each.label}: {each.label}")
            else text,
        }
        for each, status, text in results
        if each.id != shown and each.id in dosing.regimens
    ]
