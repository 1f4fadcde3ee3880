"""A regimen's data as a document: the order sheet with everything that stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trivium.core.document import Block, bullets, figure, item, paragraph, row, section, table

Data = dict[str, Any]

_WARNED = ("boxed", "pregnancy", "lactation", "contraception", "fertility", "vaccine")
_STATUS = {
    "recommended": "recommended",
    "consider": "may be considered",
    "undetermined": "waits for facts",
    "blocked": "blocked",
    "not_indicated": "not indicated",
    "not_offered": "not an option of the pathway",
}


def regimen_document(data: Data) -> Data:
    """The whole sheet; the first sections are its short form."""
    cite = Cites(data["references"])
    sections = [
        _orders(data, cite),
        _questions(data),
        _eligibility(data, cite),
        _doses(data, cite),
        _interactions(data, cite),
        _calendar(data),
        _supplies(data),
        _warnings(data, cite),
        _site(data),
    ]
    return {
        "kind": "regimen",
        "title": f"Proposed orders: {' + '.join(dose['label'] for dose in data['doses'])}",
        "notice": f"{data['notice']} Proposals for a prescriber to review and sign.",
        "evidence": data["versions"]["knowledge"],
        "sections": [each for each in sections if each["blocks"]],
        "references": [reference(each) for each in data["references"]],
    }


class Cites:
    """Numbers for sources; what is cited outside of the numbered list stays unnumbered."""

    def __init__(self, references: Iterable[Data]) -> None:
        self.numbers = {each["id"]: each["number"] for each in references}

    def __call__(self, sources: Iterable[Mapping[str, Any]]) -> str:
        found = sorted({self.numbers[leg["source"]] for leg in sources if leg["source"] in self.numbers})
        return f"[{', '.join(map(str, found))}]" if found else ""


def is_weak(sources: Iterable[Mapping[str, Any]]) -> bool:
    """Whether something rests on weak sources alone."""
    legs = list(sources)
    return bool(legs) and all(leg.get("weak") for leg in legs)


def reference(source: Data) -> Data:
    """A source as the faces of documents list it."""
    return {
        "number": source["number"],
        "id": source["id"],
        "text": f"{source['title'].rstrip('.')}.",
        "year": source["year"],
        "doi": source["doi"] or "",
        "pmid": source["pmid"] or "",
        "registration": "",
        "url": source["url"] or "",
        "remarks": [],
    }


def _orders(data: Data, cite: Cites) -> Block:
    drugs = [each for each in data["orders"] if each["kind"] == "drug"]
    rows = [
        row(
            (
                each["label"],
                each["state"],
                each["words"] if each["state"] == "proposed" else "; ".join(each["why"]),
                each["route"],
                _made_of(each["made_of"]),
                _dates(each["dates"]) if each["state"] == "proposed" else "",
                cite(each["sources"]),
            ),
            id=each["id"],
            weak=is_weak(each["sources"]),
        )
        for each in drugs
    ]
    columns = ("Agent", "State", "Dose, or why not", "Route", "Made of", "Days", "Source")
    services = [each for each in data["orders"] if each["kind"] != "drug"]
    due = [
        row((_dates(each["dates"]), each["kind"], each["label"], each["words"]), id=each["id"])
        for each in services
    ]
    return section(
        "orders",
        f"Orders proposed from {data['start']}",
        [
            *table("Drugs and procedures", columns, rows),
            *table("Tests, reviews and what else is due", ("Day", "Kind", "What", "Note"), due),
        ],
        short=True,
    )


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


def _questions(data: Data) -> Block:
    lines = []
    for each in data["questions"]:
        why = f" (recorded: {'; '.join(each['why'])})" if each["why"] else ""
        decides = f" Decides: {'; '.join(each['decides'])}." if each["decides"] else ""
        lines.append(f"{each['question']}{why}{decides}")
    return section("questions", "Needed first", bullets(lines), short=True)


def _eligibility(data: Data, cite: Cites) -> Block:
    blocks: list[Block] = []
    for each in data["eligibility"]:
        lines = [item(_barred(bar, cite), weak=bar["weak"]) for bar in each["blocked_by"]]
        lines += [
            item(f"Care: {caution['text']} {cite(caution['sources'])}", weak=caution["weak"])
            for caution in each["cautions"]
        ]
        words = f" {each['words']}" if each["words"] else ""
        blocks += [paragraph(f"{each['label']}: {_STATUS[each['status']]}.{words}"), *bullets(lines)]
    return section("eligibility", "What the pathway says of each", blocks)


def _barred(bar: Data, cite: Cites) -> str:
    holds = "holds" if bar["holds"] == "true" else "not known"
    lifted = f" Lifted by: {bar['resolved_by']}" if bar["resolved_by"] else ""
    return f"{bar['kind']} ({holds}): {bar['text']}{lifted} {cite(bar['sources'])}"


def _indicated(data: Data) -> frozenset[str]:
    """The agents that the pathway offers, or bars, or knows nothing against: all but those not indicated."""
    return frozenset(each["agent"] for each in data["eligibility"] if each["status"] != "not_indicated")


def _doses(data: Data, cite: Cites) -> Block:
    blocks: list[Block] = []
    indicated = _indicated(data)
    for dose in data["doses"]:
        if dose["agent"] not in indicated:
            blocks.append(paragraph(f"{dose['label']}: not worked out, it is not indicated."))
            continue
        blocks.append(paragraph(dose["words"]))
        regimen = dose["regimen"]
        lines = [item(f"Regimen: {regimen['label']}. {regimen['reason']} {cite(regimen['sources'])}")]
        lines += [_step(step, cite) for step in dose["working"]]
        for alternative in dose["alternatives"]:
            for settled in alternative["doses"][-1:]:
                case = f"If {' or '.join(alternative['if'])}: " if any(alternative["if"]) else ""
                lines += [_step(step, cite, case) for step in settled["working"]]
        for looked in dose["adjustments"]:
            state = {"true": "applies", "false": "does not apply", "unknown": "NOT KNOWN"}[looked["holds"]]
            lines.append(item(f"Adjustment {state}: {looked['text']} {cite(looked['sources'])}"))
        lines += [
            item(
                f"Another source: {looked['text']} {cite(looked['sources'])}", weak=is_weak(looked["sources"])
            )
            for looked in dose["other_sources"]
        ]
        for limit in dose["limits"]:
            lines.append(item(f"Maximum {limit['words']} per {limit['per']} {cite(limit['sources'])}"))
        lines += [item(f"Rate: {rate['words']} {cite(rate['sources'])}") for rate in dose["rates"]]
        for other in dose["other_regimens"]:
            lines.append(item(f"Other regimen: {other.get('words', other['label'])}"))
        blocks += bullets(lines)
    return section("doses", "Doses with their working", blocks)


def _step(step: Data, cite: Cites, case: str = "") -> Block:
    return item(f"{case}{step['text']} {cite(step['sources'])}".strip(), weak=is_weak(step["sources"]))


def _interactions(data: Data, cite: Cites) -> Block:
    found = data["interactions"]
    rows = []
    for concern in found["concerns"]:
        for line in concern["lines"]:
            rows.append(
                row(
                    (
                        concern["label"],
                        concern["severity"],
                        "present" if concern["certainty"] == "present" else "cannot be excluded",
                        line["mechanism"],
                        line["text"],
                        cite(line["sources"]),
                    ),
                    weak=is_weak(line["sources"]),
                )
            )
    load = found["load"]
    possible = f"; possibly also {', '.join(load['possible'])}" if load["possible"] else ""
    words = (
        f"Immunosuppressants together: {load['count']} ({', '.join(load['present']) or 'none'}{possible})."
    )
    columns = ("Between", "Severity", "Here", "Mechanism", "What to do", "Source")
    return section(
        "interactions", "Interactions and duplications", [paragraph(words), *table("Found", columns, rows)]
    )


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
        for need in supply.get("needs", ()) if dose["agent"] in _indicated(data) else ():
            units = ", ".join(f"{each['units']} x {each['label']}" for each in need["units"])
            cost = need.get("cost")
            price = (
                f"{cost['amount']} {cost['currency']}" if cost and not cost["without_price"] else "no price"
            )
            rows.append(
                row(
                    (
                        dose["label"] + (f" ({supply['product']})" if supply["product"] else ""),
                        f"{need['administrations']} in {supply['of']}",
                        need["amount"],
                        units,
                        need["left_over"],
                        need["shared"],
                        price,
                    )
                )
            )
    columns = ("Agent", "Given", "Amount", "Units", "Left over", "With vial sharing", "Cost")
    return section("supplies", "Supplies", table("Vials and tablets", columns, rows))


def _warnings(data: Data, cite: Cites) -> Block:
    lines = []
    for dose in data["doses"]:
        for remark in dose["remarks"]:
            if remark["topic"] in (
                "boxed",
                "pregnancy",
                "lactation",
                "contraception",
                "fertility",
                "vaccine",
            ):
                text = f"{dose['label']}, {remark['topic']}: {remark['text']} {cite(remark['sources'])}"
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


def options_document(data: Data) -> Data:
    """The options side by side."""
    cite = Cites(data["references"])
    columns = (
        "Option",
        "Status",
        "Blocked; lifted by",
        "Risks here",
        "Onset",
        "Evidence",
        "Timing",
    )
    rows = [_option_row(each, cite) for each in data["options"]]
    side_by_side = table("Side by side", columns, rows)
    details = [block for each in data["options"] for block in _option_details(each, cite)]
    words = "Columns, no score: the order is by availability, then by name. The choice is the clinician's."
    return {
        "kind": "options",
        "title": f"Options on {data['as_of']}",
        "notice": data["notice"],
        "evidence": data["versions"]["knowledge"],
        "sections": [
            section(
                "options",
                "Second and third agents",
                [paragraph(words), *side_by_side],
                short=True,
            ),
            section("details", "Agent by agent", details),
        ],
        "references": [reference(each) for each in data["references"]],
    }


def _option_row(option: Data, cite: Cites) -> Block:
    evidence, best = option["evidence"], (option["evidence"] or {}).get("best")
    graded = (
        f"{option['strength']}, {option['certainty'].replace('-', ' ')} certainty {cite(option['sources'])}"
    )
    number = f"; best: {best['words']} ({best['study']}, {best['patients']})" if best else ""
    studies = f"; {evidence['studies']} studies in the base" if evidence else ""
    held = {True: "; held here", False: "; NOT held here", None: ""}[option["is_held"]]
    return row(
        (
            option["label"],
            _STATUS[option["status"]] + held,
            "; ".join(_barred(bar, cite) for bar in option["blockers"]),
            "; ".join(caution["text"] for caution in option["cautions"]),
            "; ".join(remark["text"] for remark in option["onset"]),
            graded + studies + number,
            "; ".join(option["timing"]),
        ),
        id=option["agent"],
    )


def _option_details(option: Data, cite: Cites) -> list[Block]:
    lines = [
        item(f"{name}: {remark['text']} {cite(remark['sources'])}", weak=is_weak(remark["sources"]))
        for name in ("infection", "thrombosis", "kidney", "fertility")
        for remark in option[name]
    ]
    lines.append(item(f"All that the base holds: {option['brief']}"))
    return [paragraph(option["label"]), *bullets(lines)]
