"""One agent for one patient as data: its dose with every step, what bars it, rates, supplies, remarks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from trivium.core.errors import UsageError
from trivium.core.truth import FALSE, TRUE
from trivium.dose_json import Writer, condition_words, headline, other_regimens, supply_data
from trivium.knowledge.dosing import Dosing, Regimen, When
from trivium.knowledge.models import Knowledge
from trivium.logic.explain import explain
from trivium.plan import Plan, end_of_day
from trivium.plan_json import Writer as SourceWriter
from trivium.plan_json import why_data
from trivium.record.site import Site
from trivium.regimen.dose import Dose, choose, dose
from trivium.regimen.patient import Patient
from trivium.regimen.prices import PriceList, read_prices
from trivium.regimen.rates import speeds
from trivium.regimen.supply import supply

Data = dict[str, Any]

_BESIDE = ("premedication", "supportive", "hold")


@dataclass(frozen=True, slots=True)
class Setup:
    """What everything about one patient's treatment needs."""

    knowledge: Knowledge
    patient: Patient
    site: Site
    sources: SourceWriter

    @classmethod
    def of(cls, plan: Plan, sources: SourceWriter) -> Self:
        """The setup for the patient of a plan."""
        at = end_of_day(plan.as_of, plan.site.zone)
        given = plan.record.given
        patient = Patient(plan.knowledge.pathway, plan.facts, at, plan.site.zone, given=given)
        return cls(plan.knowledge, patient, plan.site, sources)

    @property
    def labels(self) -> dict[str, str]:
        """What agents are called."""
        return {name: dosing.label for name, dosing in self.knowledge.dosing.items()}

    @property
    def writer(self) -> Writer:
        return Writer(self.patient, self.sources.basis, self.labels)

    def dosing(self, agent: str) -> Dosing:
        """How an agent is given. Errors: UsageError when no dose of it is known."""
        if agent not in self.knowledge.dosing:
            raise UsageError(f"no dose of {agent!r} is known", hint=near(agent, self.knowledge))
        found: Dosing = self.knowledge.dosing[agent]
        return found

    def regimen_or_none(self, dosing: Dosing, name: str) -> Regimen | None:
        """The regimen asked for, else the default, where one is. Errors: UsageError for a name it has not."""
        if name and name not in dosing.regimens:
            hint = f"it has: {', '.join(dosing.regimens)}"
            raise UsageError(f"{dosing.agent} has no regimen {name!r}", hint=hint)
        return choose(dosing, self.patient, name)

    def regimen(self, dosing: Dosing, name: str) -> Regimen:
        """The regimen asked for, else the default. Errors: UsageError when there is none such."""
        found = self.regimen_or_none(dosing, name)
        if found is None:
            why = "all of them rest on weak sources, or none is printed"
            hint = f"choose one: {', '.join(dosing.regimens)}"
            raise UsageError(f"{dosing.agent} has no default regimen", why=why, hint=hint)
        return found

    def audience(self) -> Data | None:
        """Whom the doses are for, unless this patient is surely one of them: `holds`, and in words.

        A known child is told apart from somebody whose age nobody entered.
        """
        name = self.knowledge.pathway.doses_for
        if not name or (trace := self.patient.criteria[name]).truth is TRUE:
            return None
        criterion = self.knowledge.pathway.criteria[name]
        said = f"These doses are for: {criterion.label}"
        if trace.truth is not FALSE:
            return {"holds": str(trace.truth), "words": f"{said}; whether that holds here is not known."}
        facts = sorted(self.patient.facts_behind(criterion.when))
        told = "; ".join(self.patient.told(fact) for fact in facts)
        return {"holds": str(FALSE), "words": f"{said}. This patient is not one of them ({told})."}

    def held(self, dosing: Dosing) -> tuple[str, ...] | None:
        """The forms that the site holds; None where it declares nothing of the agent."""
        return self.site.formulary.get(dosing.agent)

    def dose(self, dosing: Dosing, regimen: Regimen) -> Dose:
        """A dose; where it is a share of another agent's dose, that one's default is found first."""
        beside: dict[str, Dose] = {}
        for rule in regimen.rules:
            other = self.knowledge.dosing.get(rule.of)
            default = choose(other, self.patient) if other is not None else None
            if other is not None and default is not None:
                beside[rule.of] = dose(other, default, self.patient, self.held(other))
        return dose(dosing, regimen, self.patient, self.held(dosing), beside)


def near(name: str, knowledge: Knowledge) -> str:
    """Agents that a wrong name may have meant."""
    import difflib

    close = difflib.get_close_matches(name, list(knowledge.dosing), n=3)
    return f"did you mean {', '.join(close)}?" if close else f"there are: {', '.join(knowledge.dosing)}"


def agent_data(setup: Setup, dosing: Dosing, found: Dose) -> Data:
    """One agent for this patient, without the notice and the references of a whole page."""
    writer = setup.writer
    held = setup.held(dosing)
    return {
        **writer.dose(found, dosing.label),
        "stop_lines": stop_lines(setup, dosing.agent),
        "rates": writer.speeds(speeds(dosing, setup.patient)),
        "beside": beside(setup, dosing),
        "is_held": None if held is None else bool(held),
        "supply": supplies(setup, dosing, found),
        "other_regimens": other_regimens(dosing, found.regimen.id, _others(setup, dosing, found.regimen)),
        "remarks": writer.remarks(dosing.remarks),
        "policies": [
            {"text": policy.text, "source": policy.source}
            for policy in setup.site.policies
            if policy.about == dosing.agent
        ],
    }


def beside(setup: Setup, dosing: Dosing) -> list[Data]:
    """What belongs to each administration: premedication, cover, what is withheld."""
    found = []
    for due in dosing.due:
        truth = TRUE if due.when is None else setup.patient.trace(due.when.node).truth
        if due.kind not in _BESIDE or truth is FALSE:
            continue
        text = due.text
        if due.when is not None and truth is not TRUE:
            text += f" (if {condition_words(due.when, setup.patient)}: not known)"
        found.append({"kind": due.kind, "text": text, "sources": setup.sources.basis(due.cited)})
    return found


def _others(setup: Setup, dosing: Dosing, shown: Regimen) -> list[tuple[Regimen, str, str]]:
    """The other regimens: each with the status of its dose, and the dose in a line."""

    def say(when: When) -> str:
        return condition_words(when, setup.patient)

    others = [each for each in dosing.regimens.values() if each.id != shown.id]
    doses = [setup.dose(dosing, each) for each in others]
    return [
        (each, dose.status, headline(dose, each.label, say)) for each, dose in zip(others, doses, strict=True)
    ]


def stop_lines(setup: Setup, name: str) -> list[Data]:
    """The lines of the pathway that bar this agent or ask for care, as far as they hold or may hold."""
    agent = setup.knowledge.pathway.agents.get(name)
    found = []
    for line in agent.lines if agent else ():
        trace = setup.patient.trace(line.when)
        if trace.truth is not FALSE:
            found.append(
                {
                    "id": line.id,
                    "kind": line.kind,
                    "holds": str(trace.truth),
                    "text": line.text,
                    "resolved_by": line.resolved_by,
                    **setup.sources.override(line),
                    "why": why_data(explain(trace, setup.patient.labels)),
                    "sources": setup.sources.basis(line.cited),
                }
            )
    return found


def supplies(setup: Setup, dosing: Dosing, found: Dose, over: int = 0) -> Data | None:
    """Units for the dose where it is one; what depends on unknown facts is not ordered yet.

    `over`: the days over which a course is laid out; 0: as few and as many as its source allows.
    """
    if found.status != "dose":
        return None
    settled = found.alternatives[0].settled[-1]
    if over and settled.given is not None and settled.given.schedule.over_days is not None:
        schedule = replace(settled.given.schedule, over_days=(over, over))
        settled = replace(settled, given=replace(settled.given, schedule=schedule))
    prices: PriceList | None = (
        read_prices(setup.site.prices, setup.knowledge.dosing) if setup.site.prices else None
    )
    needed = supply(settled.given, settled.forms) if settled.given is not None else None
    product = setup.site.products.get(dosing.agent, "")
    data = supply_data(dosing.agent, needed, prices, product)
    if data is not None:
        data["biosimilars"] = list(dosing.biosimilars)
    return data
