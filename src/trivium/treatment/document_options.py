"""Options side by side as a document: open columns, no score, and all behind them agent by agent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.core.document import Block, bullets, item, matrix, paragraph, section
from trivium.treatment.citing import Cites, is_weak, reference
from trivium.treatment.document_care import STATUS, care

Data = dict[str, Any]
Cell = tuple[str, str]  # in words, and the same for a terminal

# A heading, the same for a terminal, its width there. With a space between them: 96 columns.
_COLUMNS = (
    ("Option", "Option", 17),
    ("Status", "Status", 8),
    ("Barred by", "Barred by", 15),
    ("Infection", "Inf.", 4),
    ("Thrombosis", "Clot", 4),
    ("Kidney", "Kidn", 4),
    ("Fertility and pregnancy", "Fert", 4),
    ("Other cautions", "Else", 4),
    ("Onset", "Onset", 10),
    ("Evidence", "Evidence", 12),
    ("Held by the site", "Held", 4),
)
_SHORT_STATUS = {
    "recommended": "advised",
    "consider": "consider",
    "undetermined": "waits",
    "blocked": "BLOCKED",
    "not_indicated": "not ind.",
}
_MARKS: dict[str, Cell] = {
    "bars": ("bars", "BAR"),
    "holds": ("holds", "yes"),
    "not known": ("not known", "?"),
    "no": ("no", "no"),
    "untold": ("untold", "--"),
}
_LEGEND = (
    "bars (BAR): a line that bars it holds here.",
    "holds (yes): a line that asks for care, or lowers the dose, holds here.",
    "not known (?): nobody knows yet whether a line holds; beside another mark: more is not known.",
    "no: every line of the column was looked at, and none holds.",
    "untold (--): the content has no line about it that asks of this patient, which is no all-clear.",
    "Held: ? where the site's profile declares nothing of it.",
)
_MOST = 38  # characters of an onset on a terminal; all of it stands below


def options_document(data: Data) -> Data:
    """The options side by side, then agent by agent."""
    cite = Cites(data["references"])
    rows = [_row(each) for each in data["options"]]
    side_by_side = matrix("Side by side", _COLUMNS, rows, _LEGEND)
    details = [block for each in data["options"] for block in _details(each, cite)]
    words = "Columns, no score: the order is by availability, then by name. The choice is the clinician's."
    return {
        "kind": "options",
        "title": f"Options on {data['as_of']}",
        "notice": data["notice"],
        "evidence": data["versions"]["knowledge"],
        "sections": [
            section("options", "Second and third agents", [paragraph(words), *side_by_side], short=True),
            section("details", "Agent by agent", details),
        ],
        "references": [reference(each) for each in data["references"]],
    }


def _row(option: Data) -> list[Cell]:
    return [
        _same(option["label"]),
        (STATUS[option["status"]], _SHORT_STATUS[option["status"]]),
        _barred_by(option["blockers"]),
        *(
            _mark(option["marks"][name])
            for name in ("infection", "thrombosis", "kidney", "fertility", "other")
        ),
        _onset(option["onset"]),
        _same(", ".join(_evidence(option))),
        {True: ("yes", "yes"), False: ("NO", "NO"), None: ("not declared", "?")}[option["is_held"]],
    ]


def _same(text: str) -> Cell:
    return text, text


def _barred_by(bars: list[Data]) -> Cell:
    """What bars it in labels, and what may, if it were known."""
    holding = list(dict.fromkeys(name for bar in bars if bar["holds"] == "true" for name in bar["about"]))
    waiting = [bar for bar in bars if bar["holds"] != "true"]
    names = dict.fromkeys(name for bar in waiting for name in bar["about"])
    said = "; ".join(holding) or "nothing so far"
    if not waiting:
        return _same(said if holding else "nothing")
    return f"{said}; not known: {', '.join(names)}", f"{said}; ? {len(waiting)}"


def _mark(mark: Data) -> Cell:
    words, short = _MARKS[mark["mark"]]
    if mark["is_open"] and mark["mark"] != "not known":
        return f"{words}; more not known", f"{short}?"
    return words, short


def _onset(remarks: list[Data]) -> Cell:
    text = " ".join(each["text"] for each in remarks)
    if not text:
        return _same("not told")
    return text, text if len(text) <= _MOST else f"{text[:_MOST].rsplit(' ', 1)[0]}…"


def _evidence(option: Data) -> list[str]:
    evidence = option["evidence"]
    count = (
        f"{evidence['studies']} stud{'y' if evidence['studies'] == 1 else 'ies'}" if evidence else "no study"
    )
    return [option["strength"], option["certainty"].replace("-", " "), count]


def _details(option: Data, cite: Cites) -> list[Block]:
    held = {True: "; held here", False: "; NOT held here", None: ""}[option["is_held"]]
    items = [*care(option["blockers"], option["cautions"], cite), *_doses(option, cite)]
    items += list(_remarks(option, cite))
    return [paragraph(f"{option['label']}: {STATUS[option['status']]}{held}."), *bullets(items)]


def _doses(option: Data, cite: Cites) -> Iterator[Block]:
    """What the kidney makes of the dose."""
    lines = [each for each in option["marks"]["kidney"]["lines"] if each["kind"] == "dose"]
    holding = [cite.line(each["text"], each["sources"]) for each in lines if each["holds"] == "true"]
    if holding:
        yield item("Dose for the kidney: this holds here:", lines=holding)
    waiting = [each for each in lines if each["holds"] == "unknown"]
    if waiting:
        names = dict.fromkeys(name for each in waiting for name in each["about"])
        details = [cite.line(each["text"], each["sources"]) for each in waiting]
        yield item(f"Dose for the kidney: not known whether it holds: {'; '.join(names)}.", details=details)


def _remarks(option: Data, cite: Cites) -> Iterator[Block]:
    """Evidence, onset, timing, and what the sources say of each risk whoever the patient is."""
    best = (option["evidence"] or {}).get("best")
    number = f"; best: {best['words']} ({best['study']}, {best['patients']})" if best else ""
    strength, certainty, studies = _evidence(option)
    graded = f"Evidence: {strength}, {certainty} certainty {cite(option['sources'])}".rstrip()
    yield item(f"{graded}; {studies} in the base{number}", weak=is_weak(option["sources"]))
    for name in ("onset", "infection", "thrombosis", "kidney", "fertility"):
        lines = [_remark(each, cite) for each in option[name]]
        if lines:
            yield item(f"{name.capitalize()}, as told of anybody:", lines=lines)
    if option["timing"]:
        yield item("Timing:", lines=option["timing"])
    yield item(f"All that the base holds: {option['brief']}")


def _remark(remark: Data, cite: Cites) -> str:
    doubt = "" if remark["holds"] == "true" else " (not known whether it applies)"
    return cite.line(f"{remark['text']}{doubt}", remark["sources"])
