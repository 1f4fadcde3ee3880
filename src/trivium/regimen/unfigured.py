"""Interactions that ask for another dose where no source read says which.

In: an agent's dosing. Out: adjustments without a figure, one for each such line, resting on as much of its
condition as no adjustment of the agent answers. It must not know any patient.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.knowledge.dosing import Adjustment, Dosing, When
from trivium.logic.nodes import Node, Or

_OPEN = "By how much the dose changes no source read says: the prescriber decides."


def unfigured(dosing: Dosing) -> tuple[Adjustment, ...]:
    """The lines of severity `adjust` that no adjustment followed answers, as adjustments without a figure.

    A line over several facts (`a or b`) is answered part by part. One without a condition over facts cannot
    be read off a record and is left out: the interactions list it.
    """
    answered = [
        part
        for each in dosing.adjustments
        if each.axis == "interaction" and each.in_force
        for part in _either(each.when.node)
    ]
    found = []
    for line in dosing.interactions:
        if line.severity != "adjust" or line.when is None:
            continue
        parts = [part for part in _either(line.when.node) if part not in answered]
        if parts:
            when = When(parts[0] if len(parts) == 1 else Or(tuple(parts)), line.when.text)
            text = f"{line.mechanism} {line.text} {_OPEN}"
            # The line and an adjustment may bear one name: they are told apart by the dot.
            found.append(Adjustment(f"interaction.{line.id}", "interaction", when, text, cited=line.cited))
    return tuple(found)


def _either(node: Node) -> Iterator[Node]:
    """The parts of a condition any of which suffices."""
    if isinstance(node, Or):
        for child in node.children:
            yield from _either(child)
    else:
        yield node
