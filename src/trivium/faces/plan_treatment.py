"""What a plan says of doses, interactions and orders, as titled lines that both plan faces show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Data = dict[str, Any]
_SEVERE = ("contraindicated", "avoid")
Line = tuple[str, list[Data]]  # what is said, and the sources to mark it with


def parts(data: Data) -> Iterator[tuple[str, list[Line]]]:
    """Title and lines of each part that has any; none where the plan was made without doses."""
    treatment = data.get("treatment")
    if treatment is None:
        return
    doses: list[Line] = [(dose["words"], dose["sources"]) for dose in treatment["doses"]]
    if doses:
        yield "Doses of what is offered, by default regimen", doses
    labels = {name: fact["label"] for name, fact in data["facts"].items()}
    interactions = list(_interactions(treatment["interactions"], labels))
    if interactions:
        chosen = "what is chosen and" if "orders" in treatment else "what is"
        yield f"Interactions among {chosen} taken", interactions
    orders = [_order(order) for order in treatment.get("orders", ()) if order["kind"] == "drug"]
    if orders:
        yield "Orders proposed, to review and sign", orders
        calendar = treatment["calendar"]
        yield "Calendar", [(text, []) for text in _calendar(calendar)]


def _interactions(found: Data, labels: dict[str, str]) -> Iterator[Line]:
    """Each pair that is so, once; what cannot be excluded in brief, the severe ones by name."""
    for concern in found["concerns"]:
        if concern["certainty"] == "present":
            texts = " ".join(dict.fromkeys(line["text"] for line in concern["lines"]))
            sources = [leg for line in concern["lines"] for leg in line["sources"]]
            mark = concern["severity"]
            yield f"{mark.upper() if mark in _SEVERE else mark}: {concern['label']}: {texts}", sources
    load = found["load"]
    if load["count"] > 1:
        yield f"immunosuppressants together: {load['count']} ({'; '.join(load['present'])})", []
    possible = [each for each in found["concerns"] if each["certainty"] == "possible"]
    if possible:
        asked = "; ".join(labels[fact] for fact in found["settled_by"])
        until = f" until this is known: {asked}" if asked else " while facts are missing"
        yield f"cannot be excluded{until}: {'; '.join(_open(possible))}", []


def _open(possible: list[Data]) -> Iterator[str]:
    for severity in _SEVERE:
        names = [each["label"] for each in possible if each["severity"] == severity]
        if names:
            yield f"{severity}: {', '.join(names)}"
    milder = sum(each["severity"] not in _SEVERE for each in possible)
    if milder:
        yield f"and {milder} milder"


def _order(order: Data) -> Line:
    clashes = "".join(f" {_clash(each)}." for each in order["clashes"])
    care = "".join(f" CARE: {each['text']}" for each in order["cautions"])
    if order["state"] == "proposed":
        dates = ", ".join(each["date"] for each in order["dates"])
        on = f"; on {dates}" if dates else ""
        return f"{order['words']}{on}{'.' if clashes or care else ''}{clashes}{care}", order["sources"]
    return f"{order['label']}: {order['state']}. {' '.join(order['why'])}{clashes}{care}", order["sources"]


def _clash(clash: Data) -> str:
    override = f" - ON A SPECIALIST'S OVERRIDE: {clash['override']}" if clash["override"] else ""
    return f"{clash['severity'].upper()}: {clash['label']}{override}"


def _calendar(calendar: Data) -> Iterator[str]:
    for row in calendar["rows"]:
        time = f" {row['time']}" if row["time"] else ""
        lasts = f" to {row['until']}" if row["until"] else ""
        yield f"{row['date']}{time}{lasts}: {row['label']}"
    yield from (f"not kept: {words}" for words in calendar["not_kept"])
    yield from (f"no calendar keeps all of these: {words}" for words in calendar["clash"])
    yield from calendar["notes"]
