"""A course for a terminal: replay data in (`commands.replay` says what it holds), lines out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from trivium.faces.lines import clean, wrapped

Data = dict[str, Any]

_BOLD, _DIM, _RED, _YELLOW, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_STYLES = {"stop": _RED, "warning": _YELLOW}
_STATUSES = (
    ("recommended", "recommended"),
    ("consider", "to consider"),
    ("blocked", "blocked"),
    ("undetermined", "not decided yet"),
)
_URGENCY = ("now", "today", "this-week", "routine")
_MOST, _ALL = 6, 10_000  # names in a list


def render(data: Data, colour: bool = False) -> str:
    """The course as text, at most `WIDTH` columns wide."""
    return "\n".join(_Page(data, colour).lines()) + "\n"


class _Page:
    def __init__(self, data: Data, colour: bool) -> None:
        self.data = data
        self.colour = colour
        self.labels = {fact["id"]: fact["label"] for fact in data["start"]["plan"]["facts"]}

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self._start()
        for step in self.data["steps"]:
            yield from self._step(step)
        yield from self._end()

    def _paint(self, style: str, text: str) -> str:
        return f"{style}{text}{_OFF}" if self.colour and style else text

    def _head(self) -> Iterator[str]:
        data, pathway = self.data, self.data["pathway"]
        yield self._paint(_BOLD, f"Trivium, replay: {pathway['label']}")
        yield f"patient {clean(data['patient']) or 'without an id'}, {data['first']} to {data['last']}"
        version = data["versions"]["knowledge"][:12]
        yield f"content {pathway['version']}, {pathway['status']}; knowledge {version}"
        yield from (self._paint(_DIM, line) for line in wrapped(data["notice"]))
        days = data["days"]
        yield f"{days['looked_at']} days looked at, {days['unchanged']} of them without any change"
        if data["note"]:
            yield from wrapped(f"left out: {data['note']}", "", "  ")
        if data["earlier"]:
            yield f"{data['earlier']} entries of the record are of earlier days"

    def _start(self) -> Iterator[str]:
        yield from self._heading(self.data["first"], "the course begins")
        yield from self._happened({"day": self.data["first"], **self.data["start"]})
        undated = [f"{entry['label']} {entry['value']}".rstrip() for entry in self.data["undated"]]
        yield from self._list("  record: without any date ", undated, _ALL)
        yield from self._state(self.data["start"]["plan"])

    def _end(self) -> Iterator[str]:
        yield from self._heading(self.data["last"], "where the plan stands")
        yield from self._state(self.data["end"])

    def _heading(self, day: str, words: str = "") -> Iterator[str]:
        yield ""
        yield self._paint(_BOLD, f"{day}  {words}".rstrip())

    def _state(self, plan: Data) -> Iterator[str]:
        """Everything that stands on one day, in brief."""
        yield f"  stage: {plan['stage'][0]['status']}"
        yield from self._list("    could be: ", plan["stage"][0]["holds"])
        for severity in ("stop", "warning", "note"):
            raised = [item["label"] for item in plan["alerts"] if item["rank"] == severity]
            for line in self._list(f"  alerts, {severity}: ", raised, _ALL):
                yield self._paint(_STYLES.get(severity, ""), line)
        for section, word in (("recommendations", ""), ("options", "options, ")):
            for status, words in _STATUSES:
                items = [item for item in plan[section] if item["status"] == status]
                items.sort(key=lambda item: _URGENCY.index(item["rank"]) if item["rank"] else 0)
                yield from self._list(f"  {word}{words}: ", [item["label"] for item in items], _ALL)
        yield from self._list("  scores: ", [f"{item['label']}: {item['status']}" for item in plan["scores"]])
        known = [fact for fact in plan["facts"] if not _is_unknown(fact["status"])]
        yield f"  {len(known)} of {len(plan['facts'])} facts known, {len(plan['questions'])} questions open"

    def _step(self, step: Data) -> Iterator[str]:
        yield from self._heading(step["day"])
        yield from self._happened(step)
        changes = step["changes"]
        for item in changes["facts"]:
            yield from wrapped(f"fact: {item['label']}: {_arrow(item)}", "  ", "    ")
        if not any(found for section, found in changes.items() if section != "facts"):
            yield "  the plan is unchanged"
        for because, lines in self._grouped(changes).items():
            if because:
                yield from self._list("  because of ", [self.labels[name] for name in because])
            for style, line in lines:
                lead = len(line) - len(line.lstrip())
                found = wrapped(line.lstrip(), "    " + " " * lead, "      " + " " * lead)
                yield from (self._paint(style, part) for part in found)
        yield from self._questions(step)

    def _grouped(self, changes: Data) -> dict[tuple[str, ...], list[tuple[str, str]]]:
        """The changed facts that a change rests on → lines with their style."""
        found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for section, lines_of in _LINES.items():
            for item in changes[section]:
                found.setdefault(tuple(item["because"]), []).extend(lines_of(item))
        return found

    def _happened(self, step: Data) -> Iterator[str]:
        groups: dict[str, list[str]] = {}
        for entry in step["happened"]:
            dated = f" ({entry['when']})" if entry["when"] not in ("", "no date", step["day"]) else ""
            value = f" {entry['value']}" if entry["value"] else ""
            groups.setdefault(entry["what"], []).append(f"{entry['label']}{value}{dated}")
        for what, entries in groups.items():
            yield from self._list(f"  record: {what} ", entries, _ALL)

    def _questions(self, step: Data) -> Iterator[str]:
        found = step["changes"]["questions"]
        values = {item["id"]: item["after"] for item in step["changes"]["facts"]}
        gone = [item for item in found if item["after"] is None]
        answered = [item for item in gone if not _is_unknown(values.get(item["id"], "not known"))]
        asked = [item for item in found if item["before"] is None]
        asked.sort(key=lambda item: _URGENCY.index(item["rank"]))
        yield from self._list("  now asked: ", [f"{item['label']} [{item['rank']}]" for item in asked])
        yield from self._list("  answered: ", [self.labels[item["id"]] for item in answered])
        dropped = [self.labels[item["id"]] for item in gone if item not in answered]
        yield from self._list("  asked no longer: ", dropped)

    def _list(self, before: str, items: Iterable[str], most: int = _MOST) -> Iterator[str]:
        words = list(items)
        if len(words) > most:
            words[most:] = [f"and {len(words) - most} more"]
        lead = before[: len(before) - len(before.lstrip())]
        yield from wrapped(before.lstrip() + "; ".join(words) if words else "", lead, lead + "  ")


def _rule(item: Data) -> Iterator[tuple[str, str]]:
    style = _BOLD if item["after"] in ("recommended", "blocked") and item["before"] != item["after"] else ""
    yield style, f"{item['label']}: {_arrow(item)}"
    yield from (("", f"  now: {text}") for text in item["added"])
    yield from (("", f"  no longer: {text}") for text in item["removed"])


def _option(item: Data) -> Iterator[tuple[str, str]]:
    (style, line), *others = _rule(item)
    yield style, f"option: {line}"
    yield from others


def _stage(item: Data) -> Iterator[tuple[str, str]]:
    yield _BOLD, f"stage: {_arrow(item)}"
    yield from (("", f"  could be: {text}") for text in item["added"])


def _alert(item: Data) -> Iterator[tuple[str, str]]:
    raised = item["before"] is None
    words = f"raised, {item['rank']}" if raised else "cleared" if item["after"] is None else "stands"
    yield _STYLES.get(item["rank"], "") if raised else "", f"alert {words}: {item['label']}"
    if item["after"] is not None:
        yield from (("", f"  missing: {text}") for text in item["added"])
        yield from (("", f"  no longer missing: {text}") for text in item["removed"])


def _score(item: Data) -> Iterator[tuple[str, str]]:
    yield "", f"score: {item['label']}: {_arrow(item)}"


_LINES: Mapping[str, Callable[[Data], Iterator[tuple[str, str]]]] = {
    "stage": _stage,
    "alerts": _alert,
    "recommendations": _rule,
    "options": _option,
    "scores": _score,
}


def _arrow(item: Data) -> str:
    before, after = ((item[end] or "none").replace("_", " ") for end in ("before", "after"))
    return f"{before} -> {after}" if before != after else f"still {after}"


def _is_unknown(words: str) -> bool:
    return words.startswith("not known")
