"""A source is named that `sources.yaml` does not have.

Every number and every rule leads back to a document that a reader can find. A name that leads nowhere is
a number without an origin. Add the source to `knowledge/sources.yaml`, or correct the name.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV201", "unknown-source", False


def check(draft: Draft) -> Iterator[Defect]:
    for name, span in _named(draft):
        if name not in draft.sources and name not in draft.broken:
            yield Defect(CODE, f"no source is called {name!r}", span, hint=near(name, draft.sources))


def _named(draft: Draft) -> Iterator[tuple[str, Span]]:
    for entry, place, basis in draft.bases():
        if basis.source:
            yield basis.source, entry.span(*place, "source")
    for statement in draft.statements.values():
        yield statement.form.source, statement.span("source")
    for formula in draft.formulae.values():
        yield formula.form.source, formula.span("source")
    for fact in draft.facts.values():
        for index, convert in enumerate(fact.form.convert):
            yield convert.source, fact.span("convert", index, "source")
