"""A dose as a Markdown document: dose data in, text out. It leaves nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Data = dict[str, Any]

_MARK = re.compile(r"\[(\d+), [a-z-]+\]")  # as `_marks` writes them

_HOLDS = {"true": "holds", "false": "does not hold", "unknown": "**not known**"}


def render(data: Data) -> str:
    """The dose as Markdown: the dose, its working, then everything it was held against."""
    return "\n".join(_lines(data)) + "\n"


def _lines(data: Data) -> Iterator[str]:
    numbers = {item["id"]: item["number"] for item in data["references"]}
    body = list(_body(data, numbers))
    yield from body
    used = {int(number) for number in _MARK.findall(" ".join(body))}
    yield from ("", "## References", "")
    for item in data["references"]:
        if item["number"] in used:
            where = f"doi:{item['doi']}" if item["doi"] else item["url"] or "no address recorded"
            yield f"{item['number']}. {_cell(item['title'])}. {item['year'] or ''} {where}"


def _body(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    regimen = data["regimen"]
    yield f"# {_cell(data['label'])}: {_cell(regimen['label'])}"
    if data["audience"] is not None:
        yield from ("", f"> **{_cell(data['audience']['words'])}**")
    yield from ("", f"**{_cell(data['words'])}**", "")
    yield f"As of the end of {data['as_of']}. Knowledge {data['versions']['knowledge']}."
    if data["is_held"] is False:
        yield from ("", "The site declares that it does not hold this agent.")
    yield from ("", f"> {data['notice']}")
    yield from _stop_lines(data, numbers)
    yield from _questions(data)
    yield from _working(data, numbers)
    yield from _adjustments(data, numbers)
    yield from _plain_list("Infusion", data["rates"], numbers)
    yield from _plain_list("Level", data["levels"], numbers)
    yield from _interactions(data, numbers)
    yield from _supply(data)
    yield from _remarks(data, numbers)
    yield from _others(data)


def _stop_lines(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    """What holds and what is merely not known stand apart."""
    for holds, title in (("true", "Lines of the pathway that hold"), ("unknown", "Lines that may hold")):
        lines = [line for line in data["stop_lines"] if line["holds"] == holds]
        if not lines:
            continue
        yield from ("", f"## {title}", "")
        for line in lines:
            ask = f" (not known: {_cell('; '.join(line['about']))})" if holds == "unknown" else ""
            override = f" Override: {_cell(line['override'])}." if line.get("override") else ""
            yield f"- {line['kind']}: {_cell(line['text'])}{override}{ask}{_marks(line, numbers)}"


def _questions(data: Data) -> Iterator[str]:
    asked = {item["fact"]: item for item in data["questions"]}
    if not asked:
        return
    yield from ("", "## Questions", "")
    for item in asked.values():
        if item["settled_by"] in asked:
            continue
        yield f"- {_question(item)}"
        yield from (
            f"  - settled by it: {_question(each)}"
            for each in asked.values()
            if each["settled_by"] == item["fact"]
        )


def _question(item: Data) -> str:
    why = f" ({_cell('; '.join(item['why']))})" if item["why"] else ""
    return f"{_cell(item['question'])}{why} `{item['fact']}`; decides: {_cell('; '.join(item['decides']))}"


def _working(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    regimen = data["regimen"]
    default = "the default" if regimen["is_default"] else "chosen"
    yield from ("", "## Working", "")
    name = f"Regimen `{regimen['id']}` ({regimen['purpose']}, {regimen['route']}), {default}"
    yield f"{name}. {_cell(regimen['reason'])}"
    yield ""
    for step in data["working"]:
        yield f"1. {_cell(step['text'])}{_marks(step, numbers)}"
    for item in data["alternatives"]:
        if item["if"]:
            said = " or ".join(f"if {_cell(case)}" if case else "as a rule" for case in item["if"])
            yield from ("", f"{said}{' (the least of these)' if item['is_cautious'] else ''}:", "")
        for settled in item["doses"]:
            for step in settled["working"]:
                yield f"1. {_cell(step['text'])}{_marks(step, numbers)}"
            yield f"1. = **{_cell(settled['words'])}**"


def _adjustments(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    rows = [(item, "") for item in data["adjustments"]]
    rows += [(item, "another source, not followed: ") for item in data["other_sources"]]
    if rows:
        yield from ("", "## Adjustments looked at", "", "| | what | if | basis |", "|---|---|---|---|")
    for item, before in rows:
        marks = _marks(item, numbers).strip()
        yield f"| {_HOLDS[item['holds']]} | {before}{_cell(item['text'])} | {_cell(item['if'])} | {marks} |"
    if data["limits"]:
        yield from ("", "## Limits", "")
    for item in data["limits"]:
        yield f"- at most {item['words']} per {item['per']} {_cell(item['note'])}{_marks(item, numbers)}"
    for item in data["over_maximum"]:
        yield f"- **exceeded**: computed {item['computed']}, the most is {item['most']} per {item['per']}"


def _plain_list(title: str, items: list[Data], numbers: dict[str, int]) -> Iterator[str]:
    if items:
        yield from ("", f"## {title}", "")
    for item in items:
        condition = f" (if {_cell(item['if'])}: {_HOLDS[item['holds']]})" if item.get("if") else ""
        yield f"- {_cell(item['words'])}{condition}{_marks(item, numbers)}"


def _interactions(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    found = data["interactions"]
    if found["concerns"]:
        yield from ("", "## Interactions", "", "| severity | with | | what to do |", "|---|---|---|---|")
    known = {"present": "present", "possible": "cannot be excluded", "look_for": "look for by name"}
    for item in found["concerns"]:
        texts = [_interaction(item, line, numbers) for line in item["lines"]]
        said = f"{item['severity']} | {_cell(item['label'])} | {known[item['certainty']]}"
        yield f"| {said} | {'<br>'.join(dict.fromkeys(texts))} |"
    load = found["load"]
    if load["present"]:
        more = f"; perhaps also {'; '.join(load['possible'])}" if load["possible"] else ""
        yield from (
            "",
            f"Immunosuppressants: {load['count']} ({_cell('; '.join(load['present']))}){_cell(more)}.",
        )


def _interaction(item: Data, line: Data, numbers: dict[str, int]) -> str:
    drugs = f" Look for: {', '.join(line['drugs'])}." if line["drugs"] else ""
    milder = f"({line['severity']}) " if line["severity"] != item["severity"] else ""
    said = f"{line['mechanism'].rstrip('.')}. {line['text']}{drugs}"
    return f"{milder}{_cell(said)}{_marks(line, numbers)}"


def _supply(data: Data) -> Iterator[str]:
    found = data["supply"]
    if not found:
        return
    yield from (
        "",
        f"## Supply for {found['of']}",
        "",
        "| administrations | units | left over | shared vials | cost |",
    )
    yield "|---|---|---|---|---|"
    for need in found["needs"]:
        units = " + ".join(f"{unit['units']} x {_cell(unit['label'])}" for unit in need["units"])
        price = need.get("cost")
        money = f"{price['amount']} {price['currency']}" if price else ""
        if price and price["without_price"]:
            money += f" (no price for {', '.join(price['without_price'])})"
        counts = f"{need['administrations']} | {units} | {need['left_over']}"
        yield f"| {counts} | {_cell(need['shared'])} | {money} |"
    if found["prices"]:
        example = "Example prices, not this site's: " if found["prices"]["is_example"] else "Prices: "
        yield from ("", f"{example}{_cell(found['prices']['source'])}, {found['prices']['dated']}.")
    if found["product"]:
        yield from ("", f"Product held: {_cell(found['product'])}.")
    elif found["biosimilars"]:
        yield from ("", f"Products: {_cell(', '.join(found['biosimilars']))}.")


def _remarks(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    if data["remarks"] or data["policies"]:
        yield from ("", "## To know", "")
    for item in data["remarks"]:
        name = "**boxed warning**" if item["topic"] == "boxed" else item["topic"]
        doubt = "" if item["holds"] == "true" else " (not known whether it applies)"
        yield f"- {name}: {_cell(item['text'])}{doubt}{_marks(item, numbers)}"
    for item in data["policies"]:
        yield f"- local policy: {_cell(item['text'])} ({_cell(item['source'])})"


def _others(data: Data) -> Iterator[str]:
    if data["other_regimens"]:
        yield from ("", "## Other regimens", "")
    for item in data["other_regimens"]:
        yield f"- `{item['id']}` ({item['purpose']}): {_cell(item['words'])}"


def _marks(item: Data, numbers: dict[str, int]) -> str:
    legs = [f"[{numbers[leg['source']]}, {leg['seen']}]" for leg in item["sources"]]
    return f" {' '.join(legs)}" if legs else ""


def _cell(text: str) -> str:
    """Text that cannot break a table or smuggle in markup."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
