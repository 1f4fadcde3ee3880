"""`trivium options`: the second and third agents of one patient, side by side."""

from __future__ import annotations

from trivium.commands.assess import Request, as_of_day, printable
from trivium.commands.patience import load
from trivium.commands.regimen import RegimenRequest, plan_and_setup, site_of
from trivium.commands.studies import evidence
from trivium.core.errors import UsageError
from trivium.plan_json import to_bytes
from trivium.treatment.document_options import options_document
from trivium.treatment.options import options_data

FORMATS = ("text", "md", "html", "json")


def run(request: Request, form: str) -> str:
    """The options in the format asked for.

    Errors:  UsageError for an unknown format, or a record of several patients of whom none is chosen.
    """
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    knowledge = load(request.knowledge)
    site = site_of(request.site, knowledge)
    as_of_day(request.as_of, site.zone)
    asked = RegimenRequest(
        record=request.record,
        agents="",
        as_of=request.as_of,
        patient=request.patient,
        settings=request.settings,
    )
    plan, setup = plan_and_setup(asked, knowledge, site)
    data = options_data(plan, setup, evidence(request.knowledge))
    if form == "json":
        return to_bytes(data).decode()
    from trivium.commands.brief import render

    return printable(render(options_document(data), form, short=False))
