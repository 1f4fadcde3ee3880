"""A calendar for a terminal or as Markdown: calendar data in (docs/calendar.md), text out.

The table twin of the drawn timeline: it says in words all that is drawn there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from trivium.faces.lines import clean, wrapped

Data = dict[str, Any]

_UNITS = {"h": "h", "d": "days", "times": "times"}
_KINDS = {"test": "test", "review": "review"}
_WEAK = "weakly seen"


def render(data: Data) -> str:
    """The calendar as text for a terminal."""
    return "\n".join(_text(data)) + "\n"


def render_markdown(data: Data) -> str:
    """The calendar as a Markdown document."""
    return "\n".join(_markdown(data)) + "\n"


def weekday(date: str) -> str:
    return f"{datetime.date.fromisoformat(date):%a}"


def when(row: Data) -> str:
    """The hour, or the last day of what lasts longer, in words."""
    parts = []
    if row["time"]:
        parts.append(f"{row['time']}, {row['hours']} h")
    if row["until"]:
        parts.append(f"to {row['until']}")
    if row["goes_on"]:
        parts.append("then goes on" if row["until"] else "from then on")
    if row["given"]:
        parts.append("past")
    return ", ".join(parts)


def entries(data: Data) -> Iterator[Data]:
    """The rows, with all tests of a day as one entry in the place of the first: its visit."""
    visits = {visit["rows"][0]: visit for visit in data["visits"]}
    held = {name for visit in data["visits"] for name in visit["rows"]}
    for row in data["rows"]:
        if row["id"] in visits:
            yield visits[row["id"]]
        elif row["id"] not in held:
            yield row


def reasons(visit: Data) -> Iterator[str]:
    """Each agent's own words where they first come up, then the numbers of those that came up before."""
    again = []
    for detail in visit["details"]:
        if detail["day"] == visit["day"]:
            yield f"T{detail['number']} {detail['agent']}: {detail['text']}"
        else:
            again.append(f"T{detail['number']}")
    if again:
        yield f"Again {', '.join(again)}"


def broken(rule: Data) -> str:
    """By how much a soft rule is broken."""
    amount = rule["broken_by"]
    unit = _UNITS[rule["unit"]]
    return f"{rule['words'].rstrip('.')}: short by {amount} {unit if amount != 1 else unit.removesuffix('s')}"


def clash(data: Data) -> Iterator[str]:
    """Why no calendar exists, as sentences and items ('- ')."""
    found, words = data["clash"], {rule["id"]: rule["words"] for rule in data["rules"]}
    if found["smallest"]:
        yield "No calendar keeps all rules. The smallest set of rules that cannot be kept together:"
    else:
        yield "No calendar keeps all rules. These cannot be kept together, and all of them are needed for it:"
    for name in found["rules"]:
        lifted = " (without it a calendar exists)" if name in found["lifted_by"] else ""
        yield f"- {words[name]}{lifted}"
    if not found["lifted_by"]:
        yield "No one of them alone is enough: something else clashes too."
    if len(found["give_up"]) > 1 or not found["lifted_by"]:
        yield "A calendar exists without all of these:"
        yield from (f"- {words[name]}" for name in found["give_up"])


def losses(data: Data) -> Iterator[str]:
    """What sessions take, as sentences and items ('- ')."""
    for item in data["lost"]:
        whole = _percents(item["percent_of_doses"])
        taker, drug = item["procedure"].replace("_", " "), item["agent"].replace("_", " ")
        how = "bound by the half-life" if item["is_bound"] else f"model: {', '.join(item['models'])}"
        yield f"What {taker} takes of {drug}: {whole} of all doses in this calendar ({how})."
        for taken in item["sessions"]:
            hours = _range(*taken["hours"])
            yield (
                f"- {taken['session']}, {hours} h after {taken['dose']}: "
                f"{_percents(taken['percent_of_body'])} of what the body then holds"
            )
        for figure in item["published"]:
            at = f" at {_range(*figure['hours'])} h" if figure["hours"] else ""
            number = f"{_range(figure['low'], figure['high'])} {figure['unit']}"
            sources = ", ".join(f"{leg['source']} ({leg['seen']})" for leg in figure["sources"])
            yield f"- published: {figure['quantity']} {number}{at}" + (f" [{sources}]" if sources else "")
    if data["lost"]:
        yield "This explains a distance; it sets none. Limits of these figures:"
        yield from (f"- {limit}" for limit in data["limits"])


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _percents(span: list[int | None]) -> str:
    low, high = span
    return f"at most {high} %" if low is None else f"{low} to {high} %"


# ── Text ──


def _text(data: Data) -> Iterator[str]:
    yield f"Calendar from {data['start']}"
    if data["status"] == "clash":
        yield from _items(clash(data))
    date = ""
    for entry in entries(data):
        if entry["date"] != date:
            date = entry["date"]
            yield f"{weekday(date)} {date}, day {entry['day']}"
        yield from _visit(entry) if "details" in entry else _entry(entry)
    yield from _section("Not kept", (f"- {broken(rule)}" for rule in data["rules"] if rule["broken_by"]))
    yield from _section("What is lost", losses(data))
    yield from _section("To know", (f"- {note}" for note in _notes(data)))
    yield from _section("Rules", (f"- {_ruled(rule)}" for rule in data["rules"]))


def _visit(visit: Data) -> Iterator[str]:
    """What is done, and why."""
    first = f"  {'tests':<10} "
    yield from wrapped(visit["label"], first, " " * len(first))
    for line in reasons(visit):
        yield from wrapped(line, " " * (len(first) + 2))


def _entry(row: Data) -> Iterator[str]:
    """`  08:00  3 h  label`; what has no hour begins with its kind."""
    lead = f"{row['time']}  {row['hours']} h" if row["time"] else _KINDS.get(row["kind"], "")
    first = f"  {lead:<10} "
    lasts = when({**row, "time": None})
    yield from wrapped(f"{row['label']} ({lasts})" if lasts else row["label"], first, " " * len(first))
    yield from wrapped(row["note"], " " * (len(first) + 2))


def _notes(data: Data) -> Iterator[str]:
    if not data["proven"]:
        yield "The search was cut off: an earlier calendar may exist"
    yield from data["notes"]


def _ruled(rule: Data) -> str:
    legs = ", ".join(f"{leg['statement'] or leg['source']} ({leg['seen']})" for leg in rule["sources"])
    weak = f" [{_WEAK}]" if rule["weak"] else ""
    return f"{rule['words']}{weak}" + (f" [{legs}]" if legs else "")


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from _items(found)


def _items(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from wrapped(line, "  ", "    ")


# ── Markdown ──


def _markdown(data: Data) -> Iterator[str]:
    yield f"# Calendar from {data['start']}"
    yield ""
    if data["status"] == "clash":
        yield from _listed(clash(data))
    if data["rows"]:
        yield "| day | date | what | when | to know |"
        yield "|---:|---|---|---|---|"
    for entry in entries(data):
        is_visit = "details" in entry
        cells = (
            str(entry["day"]),
            f"{weekday(entry['date'])} {entry['date']}",
            f"Tests: {entry['label']}" if is_visit else entry["label"],
            "" if is_visit else when(entry),
            "; ".join(line.rstrip(".") for line in reasons(entry)) if is_visit else entry["note"],
        )
        yield "| " + " | ".join(map(_cell, cells)) + " |"
    yield from _part("Not kept", (f"- {broken(rule)}" for rule in data["rules"] if rule["broken_by"]))
    yield from _part("What is lost", losses(data))
    yield from _part("To know", (f"- {note}" for note in _notes(data)))
    yield from _part("Rules", (f"- {_ruled(rule)}" for rule in data["rules"]))


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield f"## {title}"
        yield ""
        yield from _listed(found)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """Sentences and items, with the blank line that Markdown wants between them."""
    before = ""
    for line in lines:
        if before and line.startswith("- ") != before.startswith("- "):
            yield ""
        yield _cell(line)
        before = line


def _cell(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
