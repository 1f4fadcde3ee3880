"""`trivium assess`: the plan of one patient, or of each of several."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.commands.patience import load
from trivium.core.errors import RecordError, UsageError
from trivium.knowledge.given import GivenError
from trivium.knowledge.models import Knowledge
from trivium.knowledge.signoff import SignOff, read_signoff
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.explain import explain
from trivium.plan import Plan, labels, make_plan
from trivium.plan_json import Writer, fact_data, in_full, plan_data, to_bytes, why_data
from trivium.record.events import Record
from trivium.record.read import read_records
from trivium.record.site import Site, read_site

FORMATS = ("text", "json", "md")


@dataclass(frozen=True, slots=True)
class Request:
    """Whom to look at, when, and under which site profile, as given on the command line."""

    record: Path
    as_of: str = ""
    site: Path | None = None
    patient: str = ""
    settings: tuple[str, ...] = ()
    strict: bool = False
    knowledge: Path | None = None
    signoff: Path | None = None
    agents: str = ""


def run(request: Request, form: str, why: str, colour: bool) -> str:
    """The plan in the format asked for, or the explanation of one id."""
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    plans = make_plans(request)
    if why:
        several = len(plans) > 1
        told = (
            (f"patient {plan.record.person.id}:\n" if several else "") + explanation(plan, why)
            for plan in plans
        )
        return printable("\n".join(told))
    signed = read_signoff(request.signoff) if request.signoff else None
    data = [full_data(plan, signed, request) for plan in plans]
    if form == "json":
        return to_bytes(data[0] if len(data) == 1 else data).decode()
    return "\n".join(_face(form, item, colour) for item in data)


def full_data(plan: Plan, signed: SignOff | None, request: Request) -> dict[str, Any]:
    """A plan with its doses and interactions; with orders and calendar where agents are chosen."""
    from trivium.treatment.for_plan import chosen, treatment_data
    from trivium.treatment.planned import Setup

    agents, regimens = chosen(request.agents) if request.agents else ([], {})

    def treatment(writer: Writer) -> dict[str, Any]:
        return treatment_data(plan, Setup.of(plan, writer), agents, regimens=regimens)

    return plan_data(plan, signed, treatment)


def make_plans(request: Request) -> list[Plan]:
    """One plan a patient.

    Errors:  UsageError for a date or setting that cannot be read; RecordError, KnowledgeError.
    """
    knowledge, site = load(request.knowledge), read_site(request.site) if request.site else Site()
    day = as_of_day(request.as_of, site.zone)
    return [make_plan(knowledge, record, day, site) for record in records(request, knowledge, site)]


def records(request: Request, knowledge: Knowledge, site: Site) -> list[Record]:
    """The records asked for, with what was set by hand."""
    from trivium.record.form import parse_settings

    specs, concepts = knowledge.pathway.facts, knowledge.concepts
    found = read_records(request.record, specs, concepts, site.zone)
    if request.patient:
        names = [record.person.id for record in found]
        found = [record for record in found if record.person.id == request.patient]
        if not found:
            hint = f"it holds: {some(names)}"
            raise UsageError(f"no patient {request.patient!r} in the record", hint=hint)
    try:
        given = parse_settings(request.settings, specs, concepts.unit_aliases, site.zone)
    except GivenError as problem:
        raise UsageError(str(problem), where="--set") from problem
    for record in found:
        record.given.update(given)
    if request.strict:
        _refuse_skips(found, request.record)
    return found


def as_of_day(text: str, zone: datetime.tzinfo, where: str = "--as-of") -> datetime.date:
    """The day asked for, or today in the site's zone."""
    if not text:
        return datetime.datetime.now(zone).date()
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"no such day: {text!r}", where=where, hint="write YYYY-MM-DD") from None
    if not 1900 <= day.year <= 2999:
        raise UsageError(f"not a plausible day: {text!r}", where=where, hint="write YYYY-MM-DD")
    return day


def _refuse_skips(found: Sequence[Record], path: Path) -> None:
    skips = [skip for record in found for skip in record.report.skips]
    if skips:
        lines = [f"  {skip.origin}: {skip.reason} {skip.detail}".rstrip() for skip in skips[:20]]
        more = f"\n  and {len(skips) - 20} more" if len(skips) > 20 else ""
        message = f"{len(skips)} skipped, and --strict allows none\n" + "\n".join(lines) + more
        raise RecordError(message, where=str(path))


def _face(form: str, data: dict[str, Any], colour: bool) -> str:
    if form == "md":
        from trivium.faces.markdown import render as render_markdown

        return printable(render_markdown(data))
    from trivium.faces.text import render

    return render(data, colour)


def explanation(plan: Plan, name: str) -> str:
    """Everything about one id in this plan: a fact, criterion, recommendation, agent or alert."""
    from trivium.faces.text import render_why

    if name in plan.facts:
        return to_bytes({name: fact_data(plan.facts[name], plan.site.zone)}).decode()
    traces = _traces(plan)
    if name not in traces:
        known = sorted({*traces, *plan.facts})
        raise UsageError(f"nothing is called {name!r} in this plan", where="--why", hint=close(name, known))
    why = why_data(explain(traces[name], labels(plan.knowledge)))
    lines = [f"{name}: {traces[name].truth}", *render_why(why)]
    if name not in plan.assessment.criteria:
        data = plan_data(plan)
        for item in (*data["recommendations"], *data["options"], *data["alerts"]):
            if item["id"] == name:
                for line in (*item.get("blocked_by", ()), *item.get("cautions", ())):
                    line["why"] = in_full(line["why"], data["criteria"])
                lines.append(to_bytes({key: item[key] for key in item if key != "why"}).decode().rstrip())
        if name in plan.knowledge.pathway.alerts and name not in {item["id"] for item in data["alerts"]}:
            lines.append("This alert does not show now.")
    return "\n".join(lines) + "\n"


def _traces(plan: Plan) -> dict[str, Trace]:
    """Of everything that rests on an expression, the alerts included that do not show."""
    assessment = plan.assessment
    values = {name: fact.value for name, fact in plan.facts.items()}
    # A criterion's trace bears its name, and holds what decided it.
    traces = {name: trace.children[0] for name, trace in assessment.criteria.items()}
    traces |= {item.recommendation.id: item.trace for item in assessment.recommendations}
    traces |= {item.agent.id: item.trace for item in assessment.options}
    alerts = plan.knowledge.pathway.alerts.values()
    return traces | {alert.id: evaluate(alert.when, values, assessment.criteria) for alert in alerts}


def printable(text: str) -> str:
    """Without control characters: nothing from a record may steer the terminal it is shown on."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def some(names: Sequence[str]) -> str:
    """A few names of many."""
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def close(name: str, known: Sequence[str]) -> str:
    """A hint with the names nearest to a wrong one."""
    import difflib

    near = difflib.get_close_matches(name, known, n=3)
    return f"did you mean {', '.join(near)}?" if near else "`trivium show` lists what there is"
