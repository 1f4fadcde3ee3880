"""One name stands for two agents, or for two words of one kind, or a recalled name is not among the names.

A question is answered about exactly the agent that was asked for. Names are compared without case, hyphens
and blanks. Keep the name with the one it commonly means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.evidence_forms import AgentNameForm

CODE, NAME, WHOLE = "TRV313", "ambiguous-name", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    met: dict[str, str] = {}
    for name, entry in draft.agent_names.items():
        for called in _names(entry.form):
            other = met.setdefault(plain(called), name)
            if other != name:
                what = f"{called!r} is a name of {other} and of {name}"
                yield Defect(CODE, what, entry.span(), hint="keep it with one of them")
        for called in entry.form.recalled:
            if called not in _names(entry.form):
                what = f"{called!r} is recalled but is no name of {name}"
                yield Defect(CODE, what, entry.span("recalled"))
    for kind in ("outcomes", "populations"):  # a word such as `review` may well mean several designs
        yield from _of_terms(draft, kind)


def plain(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[\s\-_/]+", " ", name.lower()).strip()


def _of_terms(draft: EvidenceDraft, kind: str) -> Iterator[Defect]:
    met: dict[str, str] = {}
    for index, term in enumerate(getattr(draft.terms, kind)):
        for called in sorted({plain(each) for each in (term.id, term.label, *term.names)}):
            other = met.setdefault(called, term.id)
            if other != term.id:
                what = f"{called!r} is a name of {other} and of {term.id}"
                yield Defect(CODE, what, draft.evidence_terms["evidence_terms"].span(kind, index))


def _names(form: AgentNameForm) -> tuple[str, ...]:
    own = (form.id, form.label, *form.spellings, *form.brands, *form.biosimilars, *form.abbreviations)
    return tuple(dict.fromkeys(own))
