"""Doses with their working as a part of a document: each thing said once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.core.document import Block, bullets, item, paragraph, section
from trivium.treatment.citing import Cites, is_weak

Data = dict[str, Any]

_STATES = {"true": "applies", "unknown": "NOT KNOWN whether it applies", "false": "does not apply"}


def without_label(order: Data) -> str:
    """A dose's words where its agent stands beside them."""
    return str(order["words"]).removeprefix(f"{order['label']}: ")


def doses(data: Data, cite: Cites) -> Block:
    """Each agent: its dose, the regimen with its reason, the steps, what it was held against."""
    blocks: list[Block] = []
    states = {each["agent"]: each["state"] for each in data["orders"] if each["kind"] == "drug"}
    for dose in data["doses"]:
        if states[dose["agent"]] == "not indicated":
            blocks.append(paragraph(f"{dose['label']}: not worked out, it is not indicated."))
            continue
        blocks += [paragraph(dose["words"]), *bullets(_items(dose, cite))]
    return section("doses", "Doses with their working", blocks)


def _items(dose: Data, cite: Cites) -> Iterator[Block]:
    regimen = dose["regimen"]
    note = f" Note: {regimen['note']}" if regimen["note"] else ""
    text = f"Regimen: {regimen['label']}. {regimen['reason']}{note} {cite(regimen['sources'])}"
    yield item(text.strip(), weak=is_weak(regimen["sources"]))
    if dose["for"]:
        yield item(f"For: {dose['for']['if']}: {_STATES[dose['for']['holds']]}.")
    yield from _working(dose, cite)
    for over in dose["over_maximum"]:
        said = f"EXCEEDED: computed {over['computed']}, the most is {over['most']} per {over['per']}"
        yield item(f"{said} {cite(over['sources'])}")
    yield from _adjustments(dose, cite)
    for limit in dose["limits"]:
        yield item(f"Maximum {limit['words']} per {limit['per']} {cite(limit['sources'])}".strip())
    for level in dose["levels"]:
        yield item(f"Level: {level['words']} {cite(level['sources'])}".strip())
    for rate in dose["rates"]:
        case = f" (if {rate['if']}: {_STATES[rate['holds']]})" if rate["if"] else ""
        yield item(f"Rate: {rate['words']}{case} {cite(rate['sources'])}".strip())
    yield from _others(dose["other_regimens"])


def _working(dose: Data, cite: Cites) -> Iterator[Block]:
    """The steps, without those that only say the regimen's line again."""
    said = dose["regimen"]["label"]
    for step in dose["working"]:
        if step["text"].rstrip(".") != said:
            yield _step(step, cite)
    for alternative in dose["alternatives"]:
        cases = [f"if {case}" if case else "as a rule" for case in alternative["if"]]
        lead = f"{' or '.join(cases)}: " if cases else ""
        for settled in alternative["doses"][-1:]:
            for step in settled["working"]:
                if step["text"].rstrip(".") not in said:
                    yield _step(step, cite, lead)


def _adjustments(dose: Data, cite: Cites) -> Iterator[Block]:
    """What applies and what is not known stand apart from what was looked at and does not apply."""
    for holds, state in _STATES.items():
        lines = [
            cite.line(each["text"], each["sources"]) for each in dose["adjustments"] if each["holds"] == holds
        ]
        if lines:
            yield item(f"Adjustment that {state}:" if holds != "unknown" else f"{state}:", lines=lines)
    others = [cite.line(each["text"], each["sources"]) for each in dose["other_sources"]]
    if others:
        yield item("Another source, not followed:", lines=others)


def _others(regimens: list[Data]) -> Iterator[Block]:
    """Other ways of giving it; those that wait for the same questions in one line."""
    waiting = [each["label"] for each in regimens if each["status"] == "incomplete"]
    lines = [f"{each['id']}: {each['words']}" for each in regimens if each["status"] != "incomplete"]
    if waiting:
        lines.append(f"not computed until the questions are answered: {'; '.join(waiting)}")
    if lines:
        yield item("Other regimens:", lines=lines)


def _step(step: Data, cite: Cites, case: str = "") -> Block:
    return item(f"{case}{step['text']} {cite(step['sources'])}".strip(), weak=is_weak(step["sources"]))
