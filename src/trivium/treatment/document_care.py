"""What the pathway says of an agent, as items of a document: what bars it, what asks for care, what is open.

What holds and what is merely not known never stand in one list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trivium.core.document import Block, item
from trivium.treatment.citing import Cites

Data = dict[str, Any]

STATUS = {
    "recommended": "recommended",
    "consider": "may be considered",
    "undetermined": "waits for facts",
    "blocked": "blocked",
    "not_indicated": "not indicated",
    "not_offered": "not an option of the pathway",
}


def care(bars: Iterable[Data], cautions: Iterable[Data], cite: Cites) -> list[Block]:
    """Four groups, each only where it has something: bars and cautions, that hold and that are not known."""
    bars, cautions = list(bars), list(cautions)
    found = [
        _group("Barred, as this holds", [_bar(each, cite) for each in bars if _holds(each)]),
        _group(
            "May be barred, as this is not known", [_bar(each, cite) for each in bars if not _holds(each)]
        ),
        _group("Care: this holds here", [_said(each, cite) for each in cautions if _holds(each)]),
    ]
    waiting = [each for each in cautions if not _holds(each)]
    if waiting:
        facts = dict.fromkeys(name for each in waiting for name in each["about"] or [each["text"]])
        details = [_said(each, cite) for each in waiting]
        found.append([item(f"Care: not known whether it holds: {'; '.join(facts)}.", details=details)])
    return [each for group in found for each in group]


def _holds(line: Data) -> bool:
    return bool(line["holds"] == "true")


def _group(title: str, lines: list[str]) -> list[Block]:
    return [item(f"{title}:", lines=lines)] if lines else []


def _said(line: Data, cite: Cites) -> str:
    override = f" Override: {line['override']}." if line.get("override") else ""
    return cite.line(f"{line['text']}{override}", line["sources"])


def _bar(line: Data, cite: Cites) -> str:
    lifted = f" Lifted by: {line['resolved_by']}" if line["resolved_by"] else ""
    if line.get("opened_by"):
        lifted += f" Or by a specialist's override ({line['opened_by']})."
    if line.get("override"):
        lifted += f" Override: {line['override']}."
    return cite.line(f"{line['kind']}: {line['text']}{lifted}", line["sources"])
