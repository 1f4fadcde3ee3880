"""What a plan says of doses, interactions and orders, as titled lines that both plan faces show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Data = dict[str, Any]
Line = tuple[str, list[Data]]  # what is said, and the sources to mark it with


def parts(data: Data) -> Iterator[tuple[str, list[Line]]]:
    """Title and lines of each part that has any; none where the plan was made without doses."""
    treatment = data.get("treatment")
    if treatment is None:
        return
    doses: list[Line] = [(dose["words"], dose["sources"]) for dose in treatment["doses"]]
    if doses:
        yield "Doses of what is offered, by default regimen", doses
    interactions = list(_interactions(treatment["interactions"]))
    if interactions:
        chosen = "what is chosen and" if "orders" in treatment else "what is"
        yield f"Interactions among {chosen} taken", interactions
    orders = [_order(order) for order in treatment.get("orders", ()) if order["kind"] == "drug"]
    if orders:
        yield "Orders proposed, to review and sign", orders
        calendar = treatment["calendar"]
        yield "Calendar", [(text, []) for text in _calendar(calendar)]


def _interactions(found: Data) -> Iterator[Line]:
    possible = 0
    for concern in found["concerns"]:
        if concern["certainty"] != "present":
            possible += 1
            continue
        for line in concern["lines"]:
            yield f"{line['severity']}: {concern['label']}: {line['text']}", line["sources"]
    load = found["load"]
    if load["count"] > 1:
        yield f"immunosuppressants together: {load['count']} ({', '.join(load['present'])})", []
    if possible:
        yield f"{possible} more cannot be excluded until what is taken is known", []


def _order(order: Data) -> Line:
    if order["state"] == "proposed":
        dates = ", ".join(each["date"] for each in order["dates"])
        return f"{order['words']}; on {dates}" if dates else order["words"], order["sources"]
    return f"{order['label']}: {order['state']}. {' '.join(order['why'])}", order["sources"]


def _calendar(calendar: Data) -> Iterator[str]:
    for row in calendar["rows"]:
        time = f" {row['time']}" if row["time"] else ""
        lasts = f" to {row['until']}" if row["until"] else ""
        yield f"{row['date']}{time}{lasts}: {row['label']}"
    yield from (f"not kept: {words}" for words in calendar["not_kept"])
    yield from (f"no calendar keeps all of these: {words}" for words in calendar["clash"])
    yield from calendar["notes"]
