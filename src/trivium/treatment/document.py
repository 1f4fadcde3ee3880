"""A regimen's data as a document: the order sheet with everything that stands behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trivium.core.document import Block, bullets, figure, item, paragraph, row, section, table
from trivium.treatment.citing import Cites, is_weak, reference
from trivium.treatment.document_care import STATUS, care
from trivium.treatment.document_clashes import clashes, interactions
from trivium.treatment.document_doses import doses
from trivium.treatment.document_orders import order_lines
from trivium.treatment.document_questions import asked_first
from trivium.treatment.rows import IF
from trivium.treatment.states import PROPOSED

Data = dict[str, Any]

_MOST = 60  # characters of what is due again; it stood in full on the day it was first due
_KINDS = ("test", "review", "other")
_WARNED = ("boxed", "pregnancy", "lactation", "contraception", "fertility", "vaccine")


def regimen_document(data: Data) -> Data:
    """The whole sheet; the first sections are its short form."""
    cite = Cites(data["references"])
    sections = [
        _audience(data),
        clashes(data, cite),
        _orders(data, cite),
        section("questions", "Needed first", bullets(asked_first(data["questions"])), short=True),
        _eligibility(data, cite),
        doses(data, cite),
        interactions(data, cite),
        _calendar(data),
        _supplies(data),
        _warnings(data, cite),
        _site(data),
    ]
    return {
        "kind": "regimen",
        "title": f"Proposed orders: {' + '.join(each['label'] for each in data['eligibility'])}",
        "notice": f"{data['notice']} Proposals for a prescriber to review and sign.",
        "evidence": data["versions"]["knowledge"],
        "sections": [each for each in sections if each["blocks"]],
        "references": [reference(each) for each in data["references"]],
    }


def _audience(data: Data) -> Block:
    """Whom the doses are for, where this patient is not surely one of them."""
    audience = data["audience"]
    if audience is None:
        return section("audience", "", [])
    loud = audience["holds"] == "false"
    lines = bullets([{**item(audience["words"]), "loud": True}]) if loud else [paragraph(audience["words"])]
    return section("audience", "Whom these doses are for", lines, short=True)


def _orders(data: Data, cite: Cites) -> Block:
    drugs = [each for each in data["orders"] if each["kind"] == "drug"]
    rows = [
        row(
            (
                each["label"],
                _state(each),
                order_lines(each, cite),
                each["route"],
                [_made_of(part["made_of"]) for part in each["amounts"] if part["made_of"]] or "",
                _dates(each["dates"]),
                cite(each["sources"]),
            ),
            weak=is_weak(each["sources"]),
        )
        for each in drugs
    ]
    columns = ("Agent", "State", "Dose, or why not", "Route", "Made of", "Days", "Source")
    return section(
        "orders",
        f"Orders proposed from {data['start']}",
        [
            *table("Drugs and procedures", columns, rows),
            *table("Tests, reviews and what else is due", ("Day", "What"), _due(data)),
        ],
        short=True,
    )


def _state(order: Data) -> str:
    """The state, and loudly whatever the agent must not go together with, or is given against."""
    said = []
    for each in order["clashes"]:
        override = f" - ON A SPECIALIST'S OVERRIDE: {each['override']}" if each["override"] else ""
        said.append(f"{each['severity'].upper()}: {each['label']}{override}")
    return " - ".join([order["state"].upper(), *filter(None, ["; ".join(said)])])


def _due(data: Data) -> list[Block]:
    """What is due on one day stands together, by kind; what several agents ask for in the same words once."""
    labels = {dose["agent"]: dose["label"] for dose in data["doses"]}
    days: dict[str, dict[tuple[int, str], dict[str, None]]] = {}
    told: set[tuple[int, str]] = set()
    for each in data["orders"]:
        if each["kind"] == "drug":
            continue
        (when,) = each["dates"]
        words = " ".join(filter(None, (each["label"], each["words"], _lasting(when))))
        what = days.setdefault(when["date"], {})
        agents = what.setdefault((_KINDS.index(each["kind"]), words), {})
        agents[labels.get(each["agent"], each["agent"])] = None
    return [row((day, _day(what, told))) for day, what in days.items()]


def _day(what: dict[tuple[int, str], dict[str, None]], told: set[tuple[int, str]]) -> list[str]:
    """The lines of one day: what is due for the first time in full, what is due again by its beginning."""
    lines: list[str] = []
    again: dict[int, list[str]] = {}
    for kind, words in sorted(what, key=_kind):
        if (kind, words) in told:
            begins = words if len(words) <= _MOST else f"{words[:_MOST].rsplit(' ', 1)[0]}…"
            again.setdefault(kind, []).append(_named(begins, what[kind, words]))
        else:
            before = "" if _KINDS[kind] == "other" else f"{_KINDS[kind]}: "
            lines.append(before + _named(words, what[kind, words]))
    told.update(what)
    return lines + [f"{_KINDS[kind]}, again: {'; '.join(texts)}" for kind, texts in again.items()]


def _kind(what: tuple[int, str]) -> int:
    return what[0]


def _named(words: str, agents: Iterable[str]) -> str:
    named = ", ".join(filter(None, agents))
    return words + (f" ({named})" if named else "")


def _lasting(when: Data) -> str:
    time = f"at {when['time']}" if when["time"] else ""
    until = f"to {when['until']}" if when["until"] else ""
    on = "(from then on)" if when["goes_on"] else ""
    return " ".join(filter(None, (time, until, on)))


def _made_of(units: list[Data]) -> str:
    return ", ".join(f"{each['units']:g} x {each['label']}" for each in units)


def _dates(dates: list[Data]) -> str:
    said = []
    for each in dates:
        text = each["date"] + (f" {each['time']}" if each["time"] else "")
        if each["until"]:
            text += f" to {each['until']}"
        said.append(text + (", then on" if each["goes_on"] else ""))
    return "; ".join(said)


def _eligibility(data: Data, cite: Cites) -> Block:
    blocks: list[Block] = []
    for each in data["eligibility"]:
        words = f" {each['words']}" if each["words"] else ""
        lines = care(each["blocked_by"], each["cautions"], cite)
        blocks += [paragraph(f"{each['label']}: {STATUS[each['status']]}.{words}"), *bullets(lines)]
    return section("eligibility", "What the pathway says of each", blocks)


def _calendar(data: Data) -> Block:
    calendar = data["calendar"]
    if calendar["status"] == "none":
        return section("calendar", "Calendar", [paragraph(note) for note in calendar["notes"]])
    return section(
        "calendar", "Calendar", [figure("calendar", calendar, f"Calendar from {calendar['start']}")]
    )


def _supplies(data: Data) -> Block:
    rows = []
    for dose in data["doses"]:
        supply: Data = dose["supply"] or {}
        for need in supply.get("needs", ()):
            units = ", ".join(f"{each['units']} x {each['label']}" for each in need["units"])
            cost = need.get("cost")
            price = (
                f"{cost['amount']} {cost['currency']}" if cost and not cost["without_price"] else "no price"
            )
            example = supply["prices"] and supply["prices"]["is_example"] and cost
            rows.append(
                row(
                    (
                        dose["label"]
                        + (f" ({supply['product']})" if supply["product"] else "")
                        + IF.get(supply["state"], f" ({supply['state']})" * (supply["state"] != PROPOSED)),
                        f"{need['administrations']} in {supply['of']}",
                        need["amount"],
                        units,
                        need["left_over"],
                        need["shared"],
                        f"{price} (EXAMPLE price, not this site's)" if example else price,
                    )
                )
            )
    columns = ("Agent", "Given", "Amount", "Units", "Left over", "With vial sharing", "Cost")
    return section("supplies", "Supplies", table("Vials and tablets", columns, rows))


def _warnings(data: Data, cite: Cites) -> Block:
    lines = []
    for dose in data["doses"]:
        for remark in dose["remarks"]:
            if remark["topic"] in _WARNED:
                open_ = "" if remark["holds"] == "true" else " (not known whether it applies)"
                text = (
                    f"{dose['label']}, {remark['topic']}: {remark['text']}{open_} {cite(remark['sources'])}"
                )
                lines.append(item(text, weak=is_weak(remark["sources"])))
    return section("warnings", "Boxed warnings, pregnancy, vaccines", bullets(lines))


def _site(data: Data) -> Block:
    site = data["site"]
    if not site["is_declared"]:
        return section("site", "Site", [])
    lines = [f"Infusion days: {', '.join(site['infusion_days'])}."]
    if site["holidays"]:
        lines.append(f"Closed: {', '.join(site['holidays'])}.")
    if site["not_held"]:
        lines.append(f"Declared not held: {', '.join(site['not_held'])}.")
    if site["techniques"] is not None:
        lines.append(f"Rescue techniques on site: {', '.join(site['techniques']) or 'none'}.")
    for policy in site["policies"]:
        lines.append(f"Local policy on {policy['about']}: {policy['text']} ({policy['source']}).")
    return section("site", "What this site declares", bullets(lines))
