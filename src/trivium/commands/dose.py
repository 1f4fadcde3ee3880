"""`trivium dose`: what one agent comes to for a patient, from a record or from a few settings alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trivium
from trivium.commands.assess import Request, as_of_day, close, printable, records, some
from trivium.commands.patience import load
from trivium.core.errors import UsageError
from trivium.core.truth import FALSE
from trivium.dose_json import Writer, condition_words, headline, other_regimens, supply_data
from trivium.knowledge.dosing import Dosing, Regimen, When
from trivium.knowledge.given import GivenError, read_value
from trivium.knowledge.models import Knowledge
from trivium.logic.explain import explain
from trivium.plan import NOTICE, end_of_day, labels
from trivium.plan_json import Writer as SourceWriter
from trivium.plan_json import to_bytes, why_data
from trivium.record.events import Given, Person, ReadReport, Record
from trivium.record.events import When as Moment
from trivium.record.facts import read_facts
from trivium.record.fhir_times import Clock
from trivium.record.form import parse_settings
from trivium.record.site import Site, read_site
from trivium.regimen.dose import Dose, choose, dose
from trivium.regimen.interactions import find
from trivium.regimen.patient import Patient
from trivium.regimen.prices import PriceList, read_prices
from trivium.regimen.rates import speeds
from trivium.regimen.supply import supply

FORMATS = ("text", "json", "md")
# Short names for `--set`, where no fact is called so itself.
ALIASES: Mapping[str, str] = {
    "weight": "body_weight",
    "height": "body_height",
    "crcl": "creatinine_clearance",
    "scr": "creatinine",
    "egfr": "egfr_derived",
    "lymphocytes": "lymphocyte_count",
    "neutrophils": "neutrophil_count",
    "haemoglobin": "hemoglobin",
    "hb": "hemoglobin",
    "platelets": "platelet_count",
}
_BETWEEN = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:\.\.|-|–|to)\s*(\d+(?:\.\d+)?)\s*(.*)$")
_DATED = re.compile(r"^(.*?)\s*@\s*(\d{4}-\d{2}-\d{2})$")


@dataclass(frozen=True, slots=True)
class DoseRequest:
    """Which agent, by which regimen, for whom, as given on the command line."""

    agent: str
    record: Path | None = None
    regimen: str = ""
    as_of: str = ""
    site: Path | None = None
    patient: str = ""
    settings: tuple[str, ...] = ()
    knowledge: Path | None = None


def run(request: DoseRequest, form: str, colour: bool) -> str:
    """The dose in the format asked for."""
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    data = dose_data(request)
    if form == "json":
        return to_bytes(data).decode()
    if form == "md":
        from trivium.faces.dose_markdown import render as render_markdown

        return printable(render_markdown(data))
    from trivium.faces.dose_text import render

    return render(data, colour)


def dose_data(request: DoseRequest) -> dict[str, Any]:
    """One agent for one patient, as data.

    Errors:  UsageError for an agent, regimen or setting that does not exist or cannot be read.
    """
    knowledge, site = load(request.knowledge), read_site(request.site) if request.site else Site()
    dosing = _dosing(knowledge, request.agent)
    patient = _patient(request, knowledge, site)
    regimen = _regimen(dosing, patient, request.regimen)
    found = _dose(knowledge, dosing, regimen, patient, site)
    sources = SourceWriter(knowledge, labels(knowledge))
    names = {name: agent.label for name, agent in knowledge.dosing.items()}
    writer = Writer(patient, sources.basis, names)
    data: dict[str, Any] = {
        "notice": NOTICE,
        "as_of": as_of_day(request.as_of, site.zone).isoformat(),
        **writer.dose(found, dosing.label),
        "stop_lines": _stop_lines(knowledge, dosing.agent, patient, sources),
        "interactions": writer.interactions(
            find(knowledge.dosing, knowledge.drug_classes, [dosing.agent], patient)
        ),
        "rates": writer.speeds(speeds(dosing, patient)),
        "is_held": None if _held(site, dosing) is None else bool(_held(site, dosing)),
        "supply": _supply(knowledge, dosing, found, site),
        "other_regimens": other_regimens(
            dosing, regimen.id, _others(knowledge, dosing, regimen, patient, site)
        ),
        "remarks": writer.remarks(dosing.remarks),
        "policies": [
            {"text": policy.text, "source": policy.source}
            for policy in site.policies
            if policy.about == dosing.agent
        ],
    }
    data["references"] = sources.references()
    data["versions"] = {"engine": trivium.__version__, "knowledge": knowledge.version}
    return data


def _dosing(knowledge: Knowledge, name: str) -> Dosing:
    if name not in knowledge.dosing:
        raise UsageError(f"no dose of {name!r} is known", hint=close(name, list(knowledge.dosing)))
    found: Dosing = knowledge.dosing[name]
    return found


def _regimen(dosing: Dosing, patient: Patient, name: str) -> Regimen:
    known = list(dosing.regimens)
    if name and name not in dosing.regimens:
        raise UsageError(f"{dosing.agent} has no regimen {name!r}", hint=f"it has: {', '.join(known)}")
    found = choose(dosing, patient, name)
    if found is None:
        why = "all of them rest on weak sources, or none is printed"
        hint = f"choose one with --regimen: {', '.join(known)}" if known else "see its remarks: trivium show"
        raise UsageError(f"{dosing.agent} has no default regimen", why=why, hint=hint)
    return found


def _patient(request: DoseRequest, knowledge: Knowledge, site: Site) -> Patient:
    """The patient of the record, or one of whom only the settings are known."""
    day = as_of_day(request.as_of, site.zone)
    specs = knowledge.pathway.facts
    record = Record(Person(""), [], ReadReport())
    if request.record is not None:
        asked = Request(record=request.record, patient=request.patient)
        found = records(asked, knowledge, site)
        if len(found) > 1:
            names = some([each.person.id for each in found])
            raise UsageError(
                f"the record holds {len(found)} patients", hint=f"choose one with --patient: {names}"
            )
        record = found[0]
    record.given.update(settings(request.settings, knowledge, site))
    as_of = end_of_day(day, site.zone)
    facts = read_facts(record, specs, as_of, site.zone, site)
    return Patient(knowledge.pathway, facts, as_of, site.zone, given=record.given)


def settings(pairs: Sequence[str], knowledge: Knowledge, site: Site) -> dict[str, Given]:
    """`fact=value` pairs: also by a short name, as a span (`weight=68-70kg`), and dated (`…@2026-01-31`).

    Errors:  UsageError for one that cannot be read.
    """
    found: dict[str, Given] = {}
    for pair in pairs:
        try:
            name, read = _setting(pair, knowledge, site)
        except GivenError as problem:
            raise UsageError(f"{pair}: {problem}", where="--set") from problem
        if found.setdefault(name, read) != read:
            raise UsageError(f"{name} is given more than once, with different values", where="--set")
    return found


def _setting(pair: str, knowledge: Knowledge, site: Site) -> tuple[str, Given]:
    specs, aliases = knowledge.pathway.facts, knowledge.concepts.unit_aliases
    name, equals, value = (part.strip() for part in pair.partition("="))
    if name not in specs:
        short = name.lower()
        if short not in ALIASES and name + "_by_clinician" not in specs:
            raise GivenError(f"no fact is called {name!r}; {close(name, [*ALIASES, *specs])}")
        name = ALIASES.get(short, name)
    dated = _DATED.match(value)
    when = Clock(site.zone).read(dated[2])[0] if dated else Moment()
    value = dated[1] if dated else value
    between = _BETWEEN.match(value) if name in specs and specs[name].type.is_number else None
    if between:
        spec, ends = specs[name], {"low": between[1], "high": between[2]}
        return name, Given(read_value(ends, spec.type, spec.conversions, aliases, between[3] or None), when)
    ((fact, read),) = parse_settings([f"{name}{equals}{value}"], specs, aliases, site.zone).items()
    return fact, Given(read.value, when)


def _held(site: Site, dosing: Dosing) -> tuple[str, ...] | None:
    """The forms that the site holds; None where it declares nothing of the agent."""
    return site.formulary.get(dosing.agent)


def _dose(knowledge: Knowledge, dosing: Dosing, regimen: Regimen, patient: Patient, site: Site) -> Dose:
    """A dose; where it is a share of another agent's dose, that one's default is found first."""
    beside: dict[str, Dose] = {}
    for rule in regimen.rules:
        other = knowledge.dosing.get(rule.of)
        default = choose(other, patient) if other is not None else None
        if other is not None and default is not None:
            beside[rule.of] = dose(other, default, patient, _held(site, other))
    return dose(dosing, regimen, patient, _held(site, dosing), beside)


def _others(
    knowledge: Knowledge, dosing: Dosing, shown: Regimen, patient: Patient, site: Site
) -> list[tuple[Regimen, str]]:
    def say(when: When) -> str:
        return condition_words(when, patient)

    return [
        (each, headline(_dose(knowledge, dosing, each, patient, site), each.label, say))
        for each in dosing.regimens.values()
        if each.id != shown.id
    ]


def _stop_lines(
    knowledge: Knowledge, name: str, patient: Patient, sources: SourceWriter
) -> list[dict[str, Any]]:
    """The lines of the pathway that bar this agent or ask for care, as far as they hold or may hold."""
    agent = knowledge.pathway.agents.get(name)
    found = []
    for line in agent.lines if agent else ():
        trace = patient.trace(line.when)
        if trace.truth is not FALSE:
            found.append(
                {
                    "id": line.id,
                    "kind": line.kind,
                    "holds": str(trace.truth),
                    "text": line.text,
                    "resolved_by": line.resolved_by,
                    "why": why_data(explain(trace, patient.labels)),
                    "sources": sources.basis(line.cited),
                }
            )
    return found


def _supply(knowledge: Knowledge, dosing: Dosing, found: Dose, site: Site) -> dict[str, Any] | None:
    """Units for the dose where it is one; what depends on unknown facts is not ordered yet."""
    if found.status != "dose":
        return None
    given = found.alternatives[0].settled[-1].given
    held = _held(site, dosing)
    forms = [
        form
        for form in dosing.forms.values()
        if (not found.regimen.forms or form.id in found.regimen.forms) and (held is None or form.id in held)
    ]
    prices: PriceList | None = read_prices(site.prices, knowledge.dosing) if site.prices else None
    needed = supply(given, forms) if given is not None else None
    product = site.products.get(dosing.agent, "")
    data = supply_data(dosing.agent, needed, prices, product)
    if data is not None:
        data["biosimilars"] = list(dosing.biosimilars)
    return data
