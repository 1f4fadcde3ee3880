"""`trivium dose`: what one agent comes to for a patient, from a record or from a few settings alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trivium
from trivium.commands.assess import Request, as_of_day, printable, records, some
from trivium.commands.patience import load
from trivium.core.errors import UsageError
from trivium.knowledge.given import GivenError
from trivium.knowledge.models import Knowledge
from trivium.plan import NOTICE, end_of_day, labels
from trivium.plan_json import Writer as SourceWriter
from trivium.plan_json import to_bytes
from trivium.record.events import Given, Person, ReadReport, Record
from trivium.record.facts import read_facts
from trivium.record.form import parse_settings
from trivium.record.site import Site, read_site, refuse_unknown_names
from trivium.regimen.interactions import find
from trivium.regimen.patient import Patient
from trivium.treatment.judged import with_about
from trivium.treatment.planned import Setup, agent_data

FORMATS = ("text", "json", "md")


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
    forms = {name: list(dosing.forms) for name, dosing in knowledge.dosing.items()}
    refuse_unknown_names(site, forms, str(request.site))
    patient = _patient(request, knowledge, site)
    setup = Setup(
        knowledge, patient, site, SourceWriter(knowledge, labels(knowledge), patient.facts, site.zone)
    )
    dosing = setup.dosing(request.agent)
    found = setup.dose(dosing, setup.regimen(dosing, request.regimen))
    concerns = find(knowledge.dosing, knowledge.drug_classes, [dosing.agent], patient)
    data = agent_data(setup, dosing, found)
    return {
        "notice": NOTICE,
        "as_of": as_of_day(request.as_of, site.zone).isoformat(),
        "audience": setup.audience(),
        **data,
        "stop_lines": with_about(setup, dosing.agent, data["stop_lines"]),
        "interactions": setup.writer.interactions(concerns),
        "references": setup.sources.references(),
        "versions": {"engine": trivium.__version__, "knowledge": knowledge.version},
    }


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
    """`fact=value` pairs, as a form reads its lines: short names, spans, days, values in braces.

    Errors:  UsageError for one that cannot be read, or a fact given twice with different values.
    """
    specs, aliases = knowledge.pathway.facts, knowledge.concepts.unit_aliases
    found: dict[str, Given] = {}
    for pair in pairs:
        try:
            read = parse_settings([pair], specs, aliases, site.zone)
        except GivenError as problem:
            raise UsageError(f"{pair}: {problem}", where="--set") from problem
        for name, value in read.items():
            if found.setdefault(name, value) != value:
                raise UsageError(f"{name} is given more than once, with different values", where="--set")
    return found
