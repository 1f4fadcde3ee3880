"""One order as lines of a document: the dose or why not, what stands on each day, what goes around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.treatment.citing import Cites
from trivium.treatment.document_doses import without_label
from trivium.treatment.states import NOT_OFFERED, PROPOSED

Data = dict[str, Any]


def order_lines(order: Data, cite: Cites) -> list[str]:
    """The dose where it is proposed, else the reasons; care that holds stands beside either."""
    return list(_lines(order, cite))


def _lines(order: Data, cite: Cites) -> Iterator[str]:
    is_proposed = order["state"] == PROPOSED
    if is_proposed:
        yield without_label(order)
    yield from order["why"]
    if order["state"] == NOT_OFFERED:
        yield f"As computed: {without_label(order)}"
    for part in order["amounts"]:
        if len(part["dates"]) > 1:
            yield f"As laid out: {_amount(part)} on each of {len(part['dates'])} days"
    if order["cut"]:
        yield order["cut"]
    for each in order["cautions"]:
        yield cite.line(f"CARE: {each['text']}", each["sources"])
    if not is_proposed:
        return
    for each in order["instructions"]:
        yield cite.line(f"Here: {each['text']}", each["sources"])
    for each in order["beside"]:
        yield cite.line(f"{each['kind'].capitalize()}: {each['text']}", each["sources"])
    for each in order["rates"]:
        doubt = f" (if {each['if']}: not known)" if each["if"] and each["holds"] == "unknown" else ""
        yield cite.line(f"Rate: {each['words']}{doubt}", each["sources"])


def _amount(part: Data) -> str:
    number = f"{part['single']:.5g}"
    return number if part["unit"] == "1" else f"{number} {part['unit']}"
