"""A fact is named, outside of expressions, that the pathway does not have, or one of an unfit type.

`asks:`, `about:`, `inputs:`, `also:`, `false_when:` and `since:` name facts; `false_when:` a boolean,
`since:` a date. (An unknown name inside an expression is TRV110.)
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV204", "unknown-fact", False


def check(draft: Draft) -> Iterator[Defect]:
    for name, wanted, span in _named(draft):
        if name in draft.broken:
            continue
        if name not in draft.facts:
            yield Defect(CODE, f"no fact is called {name!r}", span, hint=near(name, draft.facts))
        elif wanted and draft.facts[name].form.type != wanted:
            yield Defect(CODE, f"{name} is a {draft.facts[name].form.type}, not a {wanted}", span)


def _named(draft: Draft) -> Iterator[tuple[str, str, Span]]:
    for recommendation in draft.recommendations.values():
        for index, name in enumerate(recommendation.form.asks):
            yield name, "", recommendation.span("asks", index)
    for alert in draft.alerts.values():
        for index, name in enumerate(alert.form.about):
            yield name, "", alert.span("about", index)
    for fact in draft.facts.values():
        if fact.form.false_when:
            yield fact.form.false_when, "boolean", fact.span("false_when")
        for key in ("inputs", "also"):
            for role, name in getattr(fact.form.from_, key, {}).items():
                yield name, "", fact.span("from", key, role)
        since = getattr(fact.form.from_, "since", None)
        if since:
            yield since, "date", fact.span("from", "since")
