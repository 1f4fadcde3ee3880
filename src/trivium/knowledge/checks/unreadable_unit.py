"""The unit of a fact, of a conversion or of a threshold is not UCUM as Trivium reads it.

A wrong unit kills: a unit that is not understood is refused here, rather than guessed in a patient.
Units that value sets expect to meet in records are only listed for review: met, they make the fact
unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.core.units import UnitError, parse_unit
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV208", "unreadable-unit", False


def check(draft: Draft) -> Iterator[Defect]:
    for unit, span in _units(draft):
        try:
            parse_unit(unit)
        except UnitError as problem:
            yield Defect(CODE, f"{unit!r} is no unit: {problem.why}", span, hint=problem.hint)


def _units(draft: Draft) -> Iterator[tuple[str, Span]]:
    for fact in draft.facts.values():
        if fact.form.unit:
            yield fact.form.unit, fact.span("unit")
        for index, convert in enumerate(fact.form.convert):
            yield convert.unit, fact.span("convert", index, "unit")
        options = fact.form.from_.options()
        if "beyond" in options:
            yield options["unit"], fact.span("from")
