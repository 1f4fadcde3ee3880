"""Claims as text or Markdown: the audited ones, and the findings about a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from trivium.faces.document_text import reference_text
from trivium.faces.lines import clean, wrapped

Data = dict[str, Any]
NOTICE = (
    "Held against the evidence base by rule: decision support for professionals, no judgement of a person. "
    "What is not listed asserted nothing that these rules can read; `supported` covers one number or word."
)
_MARKS = {
    "conflicting": "CONFLICTING",
    "inflated": "INFLATED",
    "not found": "NOT FOUND",
    "not judged": "NOT JUDGED",
    "supported": "supported",
}


def render_findings(findings: list[Data], *, markdown: bool = False) -> str:
    """Sentence by sentence, with what each was held against; first how many of each verdict."""
    return "\n".join(_findings(findings, markdown)) + "\n"


def _findings(findings: list[Data], markdown: bool) -> Iterator[str]:
    counts = Counter(each["verdict"] for each in findings)
    counted = ", ".join(f"{counts[verdict]} {verdict}" for verdict in _MARKS if counts[verdict])
    yield from wrapped(NOTICE, "> " if markdown else "")
    yield from ("", f"Findings: {counted or 'none'}.")
    last = None
    for each in findings:
        if each["text"] != last:
            last = each["text"]
            yield ""
            yield from _quoted(each["text"], markdown)
        held = f" [{', '.join(each['held_against'])}]" if each["held_against"] else ""
        line = f"{_MARKS[each['verdict']]}: {each['reason']}{held}"
        yield from [f"- {_safe(line)}"] if markdown else wrapped(line, "    - ", "      ")


def _quoted(text: str, markdown: bool) -> list[str]:
    return [f"> {_safe(text)}", ""] if markdown else wrapped(f"“{text}”", "  ")


def render_claims(data: Data, *, markdown: bool = False) -> str:
    """The audited claims with verdict, finding and sources."""
    return "\n".join(_claims(data, markdown)) + "\n"


def _claims(data: Data, markdown: bool) -> Iterator[str]:
    head = "Claims met in machine-written answers, and what was found when each was checked"
    yield f"# {head}" if markdown else head
    for claim in data["claims"]:
        weak = " [weakly seen]" if claim["weak"] else ""
        parts = [f"{claim['id']} {claim['verdict']}{weak}: “{claim['claim']}”"]
        if claim["finding"]:
            parts.append(claim["finding"])
        if claim["omitted"]:
            parts.append(f"Left out: {claim['omitted']}.")
        if claim["handling"]:
            parts.append(f"Instead: {claim['handling']}.")
        if claim["cites"]:
            parts.append(claim["cites"])
        line = " ".join(parts)
        yield from [f"- {_safe(line)}"] if markdown else wrapped(line, "  - ", "    ")
    yield from ("", "## References" if markdown else "REFERENCES")
    for each in data["references"]:
        line = reference_text(each)
        yield from [f"- {_safe(line)}"] if markdown else wrapped(line, "  ", "      ")


def _safe(text: str) -> str:
    return clean(text).replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
