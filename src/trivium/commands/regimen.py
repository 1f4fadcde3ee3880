"""`trivium regimen`, `trivium calendar`: chosen agents for one patient, from dose to day and supply."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.commands.assess import Request, as_of_day, printable, records, some
from trivium.commands.dose import settings
from trivium.commands.patience import load
from trivium.core.errors import UsageError
from trivium.knowledge.models import Knowledge
from trivium.plan import Plan, labels, make_plan
from trivium.plan_json import Writer, to_bytes
from trivium.record.events import Person, ReadReport, Record
from trivium.record.site import Site, read_site, refuse_unknown_names
from trivium.treatment.document import regimen_document
from trivium.treatment.for_plan import chosen
from trivium.treatment.planned import Setup
from trivium.treatment.regimen import regimen_data

FORMATS = ("text", "md", "html", "json", "pdf", "fhir")
CALENDAR_FORMATS = ("text", "md", "json", "svg", "ics")


@dataclass(frozen=True, slots=True)
class RegimenRequest:
    """Which agents, for whom, from when, as given on the command line. An agent may name its regimen:
    `rituximab:weekly_four`."""

    record: Path | None
    agents: str
    start: str = ""
    days: int = 84
    ward_days: int = 0
    as_of: str = ""
    site: Path | None = None
    patient: str = ""
    settings: tuple[str, ...] = ()
    knowledge: Path | None = None
    output: Path | None = None


def run(request: RegimenRequest, form: str, short: bool) -> str:
    """The regimen in the format asked for, or where it was written to."""
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    data = make(request)
    if form == "json":
        return _out(request, to_bytes(data))
    if form == "fhir":
        from trivium.exchange.fhir_orders import request_group

        return _out(request, to_bytes(request_group(data)))
    from trivium.commands.brief import pdf, render

    document = regimen_document(data)
    if form == "pdf":
        if request.output is None:
            raise UsageError("a PDF needs a file to go to", hint="add --output orders.pdf")
        return _out(request, pdf(document))
    return _out(request, printable(render(document, form, short)).encode())


def run_calendar(request: RegimenRequest, form: str) -> str:
    """The calendar alone: text, Markdown, picture, data or iCalendar."""
    if form not in CALENDAR_FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(CALENDAR_FORMATS)}")
    calendar = make(request)["calendar"]
    if form == "json":
        return _out(request, to_bytes(calendar))
    if calendar["status"] == "none":
        raise UsageError("there is nothing to put into a calendar", why=" ".join(calendar["notes"]))
    if form == "svg":
        from trivium.faces.calendar_svg import render as draw

        return _out(request, draw(calendar).encode())
    if form == "ics":
        from trivium.exchange.icalendar import render as export

        return _out(request, export(calendar).encode())
    from trivium.faces import calendar_text

    face = calendar_text.render_markdown if form == "md" else calendar_text.render
    return _out(request, printable(face(calendar)).encode())


def make(request: RegimenRequest) -> dict[str, Any]:
    """The regimen of one patient as data.

    Errors:  UsageError for agents, dates or settings that cannot be read; RecordError, KnowledgeError.
    """
    knowledge = load(request.knowledge)
    site = site_of(request.site, knowledge)
    plan, setup = plan_and_setup(request, knowledge, site)
    agents, regimens = chosen(request.agents)
    start = as_of_day(request.start, site.zone, "--start") if request.start else None
    if not 1 <= request.days <= _LONGEST:
        raise UsageError(f"{request.days} days of calendar", hint=f"from 1 to {_LONGEST}", where="--days")
    if not 0 <= request.ward_days <= _LONGEST:
        what = f"{request.ward_days} days on a ward"
        raise UsageError(what, hint=f"from 0 to {_LONGEST}", where="--ward-days")
    return regimen_data(
        plan,
        setup,
        agents,
        regimens=regimens,
        start=start,
        days=request.days,
        ward_days=request.ward_days,
    )


def site_of(path: Path | None, knowledge: Knowledge) -> Site:
    """The site's profile, or one that declares nothing. Errors: UsageError for a name that is not known."""
    if path is None:
        return Site()
    site = read_site(path)
    forms = {name: dosing.forms for name, dosing in knowledge.dosing.items()}
    refuse_unknown_names(site, forms, str(path))
    return site


_LONGEST = 366


def plan_and_setup(request: RegimenRequest, knowledge: Knowledge, site: Site) -> tuple[Plan, Setup]:
    """The plan of the one patient asked about, and what doses need of them."""
    day = as_of_day(request.as_of, site.zone)
    record = one_record(request.record, request.patient, knowledge, site)
    record.given.update(settings(request.settings, knowledge, site))
    plan = make_plan(knowledge, record, day, site)
    return plan, Setup.of(plan, Writer(knowledge, labels(knowledge), plan.facts, site.zone))


def one_record(path: Path | None, name: str, knowledge: Knowledge, site: Site) -> Record:
    """The one patient of a record, or one of whom nothing is known.

    Errors:  UsageError when the record holds several and none is chosen.
    """
    if path is None:
        return Record(Person(""), [], ReadReport())
    found = records(Request(record=path, patient=name), knowledge, site)
    if len(found) > 1:
        names = some([each.person.id for each in found])
        raise UsageError(
            f"the record holds {len(found)} patients", hint=f"choose one with --patient: {names}"
        )
    return found[0]


def _out(request: RegimenRequest, content: bytes) -> str:
    if request.output is None:
        return content.decode()
    try:
        request.output.write_bytes(content)
    except OSError as problem:
        raise UsageError(
            "the file cannot be written", where=str(request.output), why=problem.strerror or ""
        ) from problem
    return f"written to {request.output}\n"
