"""`trivium eval`: one question about one patient; the first word is true, false or unknown."""

from __future__ import annotations

from trivium.commands.assess import Request, make_plans, printable, some
from trivium.core.errors import UsageError
from trivium.faces.text import render_why
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.explain import explain, open_facts
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve
from trivium.logic.text import to_text
from trivium.plan import Plan, labels
from trivium.plan_json import fact_data, to_bytes, why_data

FORMATS = ("text", "json")


def run(request: Request, expression: str, form: str) -> str:
    """The answer, why, and which facts could still change it."""
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    plans = make_plans(request)
    if len(plans) > 1:
        names = some([plan.record.person.id for plan in plans])
        raise UsageError(
            f"the record holds {len(plans)} patients", hint=f"choose one with --patient: {names}"
        )
    plan = plans[0]
    trace = answer(plan, expression)
    return _as_json(plan, trace) if form == "json" else _as_text(plan, trace)


def answer(plan: Plan, expression: str) -> Trace:
    """The traced value of an expression for one patient.

    Errors:  ExpressionError (exit 2) with the place in the expression.
    """
    facts = plan.knowledge.pathway.facts
    scope = Scope(
        {name: spec.type for name, spec in facts.items()},
        plan.assessment.criteria,
        {name: spec.conversions for name, spec in facts.items()},
        bare_numbers=True,
    )
    node = resolve(parse(expression), scope)
    values = {name: fact.value for name, fact in plan.facts.items()}
    return evaluate(node, values, plan.assessment.criteria)


def _as_text(plan: Plan, trace: Trace) -> str:
    lines = [str(trace.truth), f"asked: {to_text(trace.node)}"]
    lines += render_why(why_data(explain(trace, labels(plan.knowledge))))
    for name in open_facts(trace):
        fact = plan.facts[name]
        reasons = "; ".join(reason.detail or reason.code for reason in fact.reasons)
        lines.append(f"could still change it: {fact.spec.label} [{name}]{': ' + reasons if reasons else ''}")
        lines += [f"  seen: {seen}" for seen in fact.seen[:3]]
    return printable("\n".join(lines) + "\n")


def _as_json(plan: Plan, trace: Trace) -> str:
    data = {
        "answer": str(trace.truth),
        "asked": to_text(trace.node),
        "as_of": plan.as_of.isoformat(),
        "why": why_data(explain(trace, labels(plan.knowledge))),
        "open": {name: fact_data(plan.facts[name], plan.site.zone) for name in open_facts(trace)},
    }
    return to_bytes(data).decode()
