"""A plan as a Markdown document: plan data in, text out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.faces import plan_treatment

Data = dict[str, Any]


def render(data: Data) -> str:
    """The plan as Markdown; tables where things are compared, lists where they are read."""
    return "\n".join(_lines(data)) + "\n"


def _lines(data: Data) -> Iterator[str]:
    numbers = {item["id"]: item["number"] for item in data["references"]}
    yield f"# {data['pathway']['label']}"
    yield ""
    yield f"Patient {_cell(data['patient'] or 'without an id')}, as of the end of {data['as_of']}. "
    yield f"Content {data['pathway']['version']} ({_cell(data['pathway']['signoff'])}), "
    yield f"knowledge {data['versions']['knowledge']}."
    yield ""
    yield f"> {data['notice']}"
    yield ""
    yield f"**Stage: {_cell(data['stage']['label'])}**"
    yield from _steps(data["stage"]["why"])
    for other in data["stage"]["could_be"]:
        yield f"- could be: {_cell(other['label'])}"
    yield from _alerts(data, numbers)
    yield from _recommendations(data, numbers)
    yield from _options(data, numbers)
    yield from _treatment(data, numbers)
    yield from _scores(data)
    yield from _questions(data)
    yield from _facts(data)
    yield from _report(data)
    yield from _references(data)


def _alerts(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    if not data["alerts"]:
        return
    yield from ("", "## Alerts", "")
    order = ("stop", "warning", "note")
    for item in sorted(data["alerts"], key=lambda item: order.index(item["severity"])):
        yield f"- **{item['severity']}: {_cell(item['label'])}** {_badge(item)}{_cell(item['text'])}"
        if item["missing"]:
            yield f"  - not known: {_labels(data, item['missing'])}"
        if item["resolved_by"]:
            yield f"  - resolved by: {_cell(item['resolved_by'])}"
        yield from _basis(item, numbers)


def _recommendations(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    titles = {
        "recommended": "Recommended",
        "consider": "To consider",
        "undetermined": "Not decided yet",
        "blocked": "Blocked",
    }
    for status, title in titles.items():
        items = [item for item in data["recommendations"] if item["status"] == status]
        if not items:
            continue
        yield from ("", f"## {title}", "")
        for item in items:
            graded = f"{item['strength']}, certainty {item['certainty']}, {item['urgency']}"
            yield f"- **{_cell(item['label'])}** ({graded}) {_badge(item)}{_cell(item['text'])}"
            yield from _steps(item["why"], "  ")
            yield from _conditions(item)
            if item["missing"]:
                yield f"  - not known: {_labels(data, item['missing'])}"
            yield from _basis(item, numbers)


def _options(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    options = [item for item in data["options"] if item["status"] != "not_indicated"]
    if not options:
        return
    yield from ("", "## Options", "", "| agent | status | strength, certainty | why | basis |")
    yield "|---|---|---|---|---|"
    for item in options:
        said = [_condition(entry, "blocked", "open") for entry in item["blocked_by"]]
        said += [_condition(entry, "caution", "check") for entry in item["cautions"]]
        basis = ", ".join(str(numbers[leg["source"]]) for leg in item["sources"])
        weak = " *(weakly seen)*" if item["weak"] else ""
        brief = f'`trivium brief "{_cell(item["brief"])}"`'
        yield (
            f"| {_cell(item['label'])} | {item['status']}{weak} | {item['strength']}, {item['certainty']} "
            f"| {'<br>'.join(said)} | {basis}<br>{brief} |"
        )


def _conditions(item: Data) -> Iterator[str]:
    for entry in item["blocked_by"]:
        yield f"  - {_condition(entry, 'blocked', 'open')}"
    for entry in item["cautions"]:
        yield f"  - {_condition(entry, 'caution', 'check')}"


def _condition(entry: Data, holds: str, might: str) -> str:
    word = holds if entry["holds"] == "true" else might
    kind = f" by {entry['kind']}" if word == "blocked" and entry["kind"] else ""
    said = f" ({_cell(entry['override'])})" if entry.get("override") else ""
    opens = f" Opens on a specialist's override: `{entry['opened_by']}`." if _may_open(entry) else ""
    return f"{word}{kind}: {_badge(entry)}{_cell(entry['text'])}{opens}{said}"


def _may_open(entry: Data) -> bool:
    return bool(entry.get("opened_by")) and entry["kind"] != "caution"


def _treatment(data: Data, numbers: dict[str, int]) -> Iterator[str]:
    for title, lines in plan_treatment.parts(data):
        yield from ("", f"## {title}", "")
        for text, sources in lines:
            found = ", ".join(map(str, sorted({numbers[leg["source"]] for leg in sources})))
            weak = " *(weakly seen)*" if sources and all(leg["weak"] for leg in sources) else ""
            yield f"- {_cell(text)}{f' [{found}]' if found else ''}{weak}"


def _scores(data: Data) -> Iterator[str]:
    if data["scores"]:
        yield from ("", "## Scores", "", "| score | points | strata | not known |", "|---|---|---|---|")
    for item in data["scores"]:
        points = str(item["low"]) if item["low"] == item["high"] else f"{item['low']} to {item['high']}"
        strata, missing = " or ".join(item["strata"]), _labels(data, item["missing"])
        yield f"| {_cell(item['label'])} | {points} | {_cell(strata)} | {missing} |"


def _questions(data: Data) -> Iterator[str]:
    if data["questions"]:
        yield from ("", "## Questions", "", "| question | urgency | decides |", "|---|---|---|")
    for item in data["questions"]:
        yield f"| {_cell(item['question'])} | {item['urgency']} | {', '.join(item['decides'])} |"


def _facts(data: Data) -> Iterator[str]:
    yield from ("", "## Facts", "", "| fact | value | when | from |", "|---|---|---|---|")
    for fact in data["facts"].values():
        if "unknown" not in fact:
            origin = ", ".join(fact["origin"])
            value, when = _cell(fact["words"]), fact["at"] or ""
            yield f"| {_cell(fact['label'])} | {value} | {when} | {_cell(origin)} |"
    for fact in data["facts"].values():
        for reason in fact.get("unknown", ()):
            if reason["code"] not in ("missing", "not-entered", "inputs"):
                detail = _cell(reason["detail"])
                yield f"| {_cell(fact['label'])} | not usable: {detail} | | {_cell(reason['origin'])} |"


def _report(data: Data) -> Iterator[str]:
    report = data["read_report"]
    yield from ("", "## How the record was read", "", "| kind | read | used | not needed | skipped |")
    yield "|---|---|---|---|---|"
    for kind in report["read"]:
        counts = (report[part].get(kind, 0) for part in ("read", "used", "not_needed", "skipped"))
        yield f"| {_cell(kind)} | {' | '.join(str(count) for count in counts)} |"
    for skip in report["skips"]:
        yield f"\nSkipped {_cell(skip['origin'])}: {skip['reason']} {_cell(skip['detail'])}"


def _references(data: Data) -> Iterator[str]:
    yield from ("", "## References", "")
    for item in data["references"]:
        where = f"doi:{item['doi']}" if item["doi"] else item["url"] or "no address recorded"
        yield f"{item['number']}. {_cell(item['title'])}. {item['year'] or ''} {where}"


def _steps(steps: list[Data], indent: str = "") -> Iterator[str]:
    for step in steps:
        yield f"{indent}- because {_cell(step['text'])}"


def _basis(item: Data, numbers: dict[str, int]) -> Iterator[str]:
    legs = [
        f"[{numbers[leg['source']]}] {leg['statement'] or leg['source']} ({leg['seen']})"
        for leg in item["sources"]
    ]
    if legs:
        yield "  - basis: " + "; ".join(legs)


def _badge(item: Data) -> str:
    return "*(weakly seen)* " if item["weak"] else ""


def _labels(data: Data, names: list[str]) -> str:
    return ", ".join(_cell(data["facts"][name]["label"]) for name in names)


def _cell(text: str) -> str:
    """Text that cannot break a table or smuggle in markup."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
