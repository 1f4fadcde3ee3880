"""One answer stands for two choices.

A result that reads as positive and as negative is neither: whoever wrote the answers decides which it
means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.forms import AnswerForm

CODE, NAME, WHOLE = "TRV265", "ambiguous-answer", False


def check(draft: Draft) -> Iterator[Defect]:
    shared = {choice: entry.form for choice, entry in draft.answers.items()}
    for choice, entry in draft.answers.items():
        yield from _repeated(shared, choice, entry.span())
    for fact in draft.facts.values():
        for choice in fact.form.answers:
            yield from _repeated(fact.form.answers, choice, fact.span("answers", choice))


def _repeated(answers: Mapping[str, AnswerForm], choice: str, span: Span) -> Iterator[Defect]:
    """Answers of a choice that an earlier one has, too."""
    mine = answers[choice].spellings()
    for other in list(answers)[: list(answers).index(choice)]:
        theirs = answers[other].spellings()
        both = [answer for part in mine for answer in sorted(mine[part] & theirs[part])]
        if both:
            words = ", ".join(str(answer) for answer in both)
            yield Defect(CODE, f"{words} means {other} and {choice}", span)
