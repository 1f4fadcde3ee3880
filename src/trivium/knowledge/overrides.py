"""A line that a specialist may override → the bar while nobody has, and the caution once somebody has.

The override is a fact like any other, so that every reading of the line (SQL, CQL, the proofs) knows of it.
It must not know who may decide: the form asks for a name and a reason (`record.form`).
"""

from __future__ import annotations

from dataclasses import replace

from trivium.knowledge.models import Condition
from trivium.logic.nodes import BOOLEAN, And, FactRef, IsTrue, Node, Not

OPENED = "_opened"  # ends the id of the caution that stands for a line while it is overridden


def with_override(line: Condition) -> list[Condition]:
    """The line, barring unless its override is surely recorded, and the caution that then stands for it.

    Nothing but a sure yes opens it: silence, a stale override and one of uncertain date leave it shut.
    """
    name = line.opened_by
    opened: Node = IsTrue(FactRef(name, BOOLEAN, line.span), line.span)
    bar = replace(
        line,
        when=And((line.when, Not(opened, line.span)), line.span),
        source_text=f"({line.source_text}) and {name} is not true",
    )
    caution = replace(
        line,
        id=line.id + OPENED,
        kind="caution",
        when=And((line.when, opened), line.span),
        source_text=f"({line.source_text}) and {name} is true",
        text=f"Opened by a specialist's recorded override. {line.text}",
    )
    return [bar, caution]
