"""Interactions as parts of a document: what clashes on top, what was found, what cannot be excluded."""

from __future__ import annotations

from typing import Any

from trivium.core.document import Block, bullets, item, paragraph, row, section, table
from trivium.treatment.citing import Cites

Data = dict[str, Any]

# From here on a combination does not go on without a decision of a specialist.
_SEVERE = ("contraindicated", "avoid")


def clashes(data: Data, cite: Cites) -> Block:
    """What is certain and severe, before everything else."""
    found = [each for each in data["interactions"]["concerns"] if each["is_barring"]]
    items = [
        {**item(f"{each['severity'].upper()}: {each['label']}", lines=_lines(each, cite)), "loud": True}
        for each in found
    ]
    title = "Not to be given so: only a specialist may decide otherwise, with a reason"
    return section("clashes", title, bullets(items), short=True)


def interactions(data: Data, cite: Cites) -> Block:
    """Each pair once, with every line about it; what is not known in brief, in full where there is room."""
    found = data["interactions"]
    concerns = found["concerns"]
    present = [each for each in concerns if each["certainty"] == "present"]
    possible = [each for each in concerns if each["certainty"] == "possible"]
    by_name = [each for each in concerns if each["certainty"] == "look_for"]
    blocks: list[Block] = [paragraph(_load(found["load"]))]
    blocks += _table("Found", present, cite)
    if not present:
        blocks.append(paragraph("Nothing was found among what is known."))
    if possible:
        ask = _settled_by(data)
        blocks.append(paragraph(f"Cannot be excluded while facts are missing{ask}:"))
        blocks += bullets(open_words(possible))
        blocks += _table("Cannot be excluded, in full", possible, cite, is_detail=True)
    lines = [
        cite.line(
            f"{each['label']} with {', '.join(line['drugs'])} ({line['severity']}): {line['text']}",
            line["sources"],
        )
        for each in by_name
        for line in each["lines"]
    ]
    if lines:
        blocks += [paragraph("To look for by name on the medication list:"), *bullets(lines)]
    return section("interactions", "Interactions and duplications", blocks)


def open_words(concerns: list[Data]) -> list[str]:
    """What cannot be excluded, a line for each severity, the most severe first."""
    found: dict[str, dict[str, None]] = {}
    for each in concerns:
        found.setdefault(each["severity"], {})[each["label"]] = None
    return [f"{severity}: {'; '.join(labels)}" for severity, labels in found.items()]


def _settled_by(data: Data) -> str:
    asked = {each["fact"]: each for each in data["questions"]}
    named = [asked[fact]["label"] for fact in data["interactions"]["settled_by"] if fact in asked]
    return f" (most are settled by: {'; '.join(named)})" if named else ""


def _table(caption: str, concerns: list[Data], cite: Cites, *, is_detail: bool = False) -> list[Block]:
    rows = [
        row((each["label"], each["severity"], _lines(each, cite)))  # each line says how it was seen
        for each in concerns
    ]
    return table(caption, ("Between", "Severity", "What it does, and what to do"), rows, is_detail=is_detail)


def _lines(concern: Data, cite: Cites) -> list[str]:
    found: dict[str, None] = {}
    for line in concern["lines"]:
        drugs = f" Look also for: {', '.join(line['drugs'])}." if line["drugs"] else ""
        milder = f"({line['severity']}) " if line["severity"] != concern["severity"] else ""
        mechanism = line["mechanism"].rstrip(".")
        found[cite.line(f"{milder}{mechanism}. {line['text']}{drugs}", line["sources"])] = None
    return list(found)


def _load(load: Data) -> str:
    possible = f"; possibly also: {'; '.join(load['possible'])}" if load["possible"] else ""
    return f"Immunosuppressants together: {load['count']} ({'; '.join(load['present']) or 'none'}){possible}."
