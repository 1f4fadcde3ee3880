"""Something that needs support has no `basis:`.

Recommendations, agents and their lines, conditions, alerts and scores always need one; a criterion when it
holds a number; a fact when a clinical choice is in it (how long it stays good, what is plausible, a
window, a threshold, factors). Name a statement or a source; `{source: house, seen: recalled, note: …}` is
honest for a choice of our own, and puts it on the review list.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft, Entry, conditions
from trivium.knowledge.checks.forms import Form
from trivium.knowledge.positions import Place
from trivium.knowledge.schema import FactForm

CODE, NAME, WHOLE = "TRV220", "missing-basis", False


def check(draft: Draft) -> Iterator[Defect]:
    for entry, place, what in _unsupported(draft):
        yield Defect(CODE, f"{what} has no basis", entry.span(*place), hint="name a statement or a source")


def _unsupported(draft: Draft) -> Iterator[tuple[Entry[Form], Place, str]]:
    for kind in ("recommendation", "agent", "alert", "score"):
        for entry in draft.table(kind).values():
            if not getattr(entry.form, "basis", ()):
                yield entry, (), f"the {kind} {entry.id}"
            for place, condition in conditions(entry.form):
                if not condition.basis:
                    yield entry, place, f"{condition.id} of {entry.id}"
    for criterion in draft.criteria.values():
        if not criterion.form.basis and any(letter.isdigit() for letter in _numbers(criterion.form.when)):
            yield criterion, (), f"the criterion {criterion.id}, which holds a number,"
    for fact in draft.facts.values():
        if not fact.form.basis and _has_choice(fact.form):
            yield fact, (), f"the fact {fact.id}, which holds a clinical choice,"


def _numbers(text: str) -> str:
    """The words of an expression that begin with a digit: its numbers, and no names such as anti_mda5."""
    return " ".join(word for word in text.replace("(", " ").split() if word[0].isdigit())


def _has_choice(form: FactForm) -> bool:
    source = form.from_
    inside = (
        getattr(source, "within", None),
        getattr(source, "equivalents", None),
        source.options().get("beyond"),
    )
    return any((form.good_for, form.plausible, *inside))
