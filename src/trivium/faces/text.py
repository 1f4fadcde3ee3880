"""A plan for a terminal: plan data in, lines out; colour only where the caller asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from trivium.faces import plan_treatment
from trivium.faces.lines import clean, wrapped

Data = dict[str, Any]

_BOLD, _DIM, _RED, _YELLOW, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_SEVERITY = {"stop": ("STOP", _RED), "warning": ("warning", _YELLOW), "note": ("note", "")}
_WEAK = "weakly seen"
_STATUSES = (
    ("recommended", "Recommended"),
    ("consider", "To consider"),
    ("undetermined", "Not decided yet: facts are missing"),
    ("blocked", "Blocked"),
)
_OPTION_ORDER = ("recommended", "consider", "undetermined", "blocked", "not_indicated")
_MOST_NAMED = 6
_MOST_ASKED = 20
_SHORT = " " * 13  # where the words of the short form begin
_SILENT = ("missing", "not-entered", "inputs")  # nothing was there to be used: the questions list these
_URGENCY = ("now", "today", "this-week", "routine")


def render(data: Data, colour: bool = False) -> str:
    """The plan as text, at most `WIDTH` columns wide."""
    return "\n".join(_Page(data, colour).lines()) + "\n"


def render_why(steps: list[Data], depth: int = 0) -> list[str]:
    """An explanation as an indented list; what was said above is not said again."""
    lines: list[str] = []
    for step in steps:
        lines.extend(wrapped(step["text"], "  " * depth + "- ", "  " * depth + "  "))
        lines.extend(render_why(step["because"], depth + 1))
    return lines


class _Page:
    def __init__(self, data: Data, colour: bool) -> None:
        self.data = data
        self.colour = colour
        self.numbers = {item["id"]: item["number"] for item in data["references"]}
        self.cited: set[int] = set()
        self.leaves: dict[str, list[str]] = {}
        # Where nothing is offered or barred yet, what waits is only named: why is one question for all.
        self.is_open = not any(
            item["status"] in ("recommended", "consider", "blocked")
            for item in (*data["recommendations"], *data["options"])
            if item.get("treatment", True)
        )

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self._in_short()
        yield from self._stage()
        yield from self._alerts()
        yield from self._recommendations()
        yield from self._options()
        yield from self._treatment()
        yield from self._scores()
        yield from self._questions()
        yield from self._facts()
        yield from self._report()
        yield from self._references()

    def _paint(self, style: str, text: str) -> str:
        return f"{style}{text}{_OFF}" if self.colour and style else text

    def _heading(self, text: str) -> Iterator[str]:
        yield ""
        yield self._paint(_BOLD, text.upper())

    def _head(self) -> Iterator[str]:
        pathway = self.data["pathway"]
        patient = clean(self.data["patient"]) or "without an id"
        yield self._paint(_BOLD, f"Trivium: {pathway['label']}")
        yield f"patient {patient}, as of the end of {self.data['as_of']}"
        version = self.data["versions"]["knowledge"][:12]
        yield from wrapped(f"content {pathway['version']}: {pathway['signoff']}; knowledge {version}")
        yield from (self._paint(_DIM, line) for line in wrapped(self.data["notice"]))

    def _in_short(self) -> Iterator[str]:
        """What a ward doctor reads first: a line each, everything else is below with its reasons."""
        yield from self._heading("In short")
        yield from wrapped(f"stands:    {self.data['stage']['label']}", "  ", _SHORT)
        for severity in ("stop", "warning"):
            labels = [item["label"] for item in self.data["alerts"] if item["severity"] == severity]
            yield from _named(severity, labels)
        urgent = [item for item in self.data["recommendations"] if item["urgency"] in _URGENCY[:2]]
        urgent.sort(key=lambda item: (_URGENCY.index(item["urgency"]), not item["treatment"]))
        yield from _named("do", [item["label"] for item in urgent if item["status"] == "recommended"])
        agents = {
            status: [_with_bars(item) for item in self.data["options"] if item["status"] == status]
            for status in _OPTION_ORDER[:-1]
        }
        yield from _named("options", [*agents["recommended"], *agents["consider"]])
        yield from _named("waiting", agents["undetermined"])
        yield from _named("blocked", agents["blocked"])
        yield from _named("ask", [item["question"] for item in self.data["questions"][:3]], " ")

    def _stage(self) -> Iterator[str]:
        stage = self.data["stage"]
        yield from self._heading("Where the patient stands")
        yield f"  {stage['label']}"
        yield from _indented(self._top(stage["why"]), "    because ")
        for other in stage["could_be"]:
            yield from wrapped(f"could be: {other['label']}", "  ", "    ")

    def _alerts(self) -> Iterator[str]:
        alerts = self.data["alerts"]
        if not alerts:
            return
        yield from self._heading("Alerts")
        for severity, (word, style) in _SEVERITY.items():
            for item in (alert for alert in alerts if alert["severity"] == severity):
                yield self._paint(style, f"  {word}: {item['label']}") + self._badge(item)
                yield from wrapped(item["text"], "    ")
                yield from _indented(
                    self._top(item["why"]) if item["kind"] == "hazard" else [], "    because "
                )
                yield from self._list("    not known: ", item["missing"])
                if item["resolved_by"]:
                    yield from wrapped(f"resolved by: {item['resolved_by']}", "    ", "      ")
                yield from self._basis(item)

    def _recommendations(self) -> Iterator[str]:
        for status, title in _STATUSES:
            items = [item for item in self.data["recommendations"] if item["status"] == status]
            if not items:
                continue
            yield from self._heading(title)
            if status == "undetermined" and self.is_open:
                yield from wrapped("; ".join(item["label"] for item in items), "  ")
                continue
            for item in sorted(items, key=lambda item: _URGENCY.index(item["urgency"])):
                yield from self._open(item) if status == "undetermined" else self._recommendation(item)

    def _open(self, item: Data) -> Iterator[str]:
        """One that waits for facts, in brief: the questions below say what to find out, `--why` says all."""
        yield f"  {item['label']}  [{item['urgency']}; {item['id']}]{self._badge(item)}"
        yield from (line for bar in item["blocked_by"] for line in self._bar(bar))
        yield from self._list("    waits for: ", item["missing"])

    def _recommendation(self, item: Data) -> Iterator[str]:
        graded = f"{item['strength']}, certainty {item['certainty']}"
        yield self._paint(_BOLD, f"  {item['label']}") + f"  [{item['urgency']}; {graded}]{self._badge(item)}"
        yield from wrapped(item["text"], "    ")
        yield from _indented(self._top(item["why"]), "    because ")
        yield from self._conditions(item)
        yield from self._list("    not known: ", item["missing"])
        if item["note"]:
            yield from wrapped(f"note: {item['note']}", "    ", "      ")
        yield from self._basis(item)

    def _options(self) -> Iterator[str]:
        options = [item for item in self.data["options"] if item["status"] != "not_indicated"]
        if not options or self.is_open:
            return
        yield from self._heading("Options")
        for item in sorted(options, key=lambda item: _OPTION_ORDER.index(item["status"])):
            graded = f"{item['strength']}, certainty {item['certainty']}"
            yield f"  {item['label']}: {item['status']}  [{graded}]{self._badge(item)}"
            yield from self._conditions(item, offered=item["status"] in ("recommended", "consider"))
            yield from self._list("    waits for: ", item["missing"])
            if item["note"]:
                yield from wrapped(f"note: {item['note']}", "    ", "      ")
            yield from self._basis(item)
            yield from wrapped(f'evidence: trivium brief "{item["brief"]}"', "    ", "      ")

    def _conditions(self, item: Data, offered: bool = True) -> Iterator[str]:
        """What bars it or might, and what asks for care; where nothing is offered, only care that is due."""
        yield from (line for bar in item["blocked_by"] for line in self._bar(bar))
        for caution in item["cautions"]:
            if not offered and caution["holds"] != "true":
                continue
            word = "caution" if caution["holds"] == "true" else "check"
            yield from wrapped(f"{word}: {caution['text']}{self._badge(caution)}", "    ", "      ")
            if caution.get("override"):
                yield from wrapped(caution["override"], "      ", "      ")

    def _bar(self, bar: Data) -> Iterator[str]:
        kind = f" by {bar['kind']}" if bar["kind"] else ""
        word = f"blocked{kind}" if bar["holds"] == "true" else "open"
        yield from wrapped(f"{word}: {bar['text']}{self._badge(bar)}", "    ", "      ")
        if word != "open":
            yield from _indented(self._top(bar["why"]), "      because ")
        if bar["resolved_by"]:
            yield from wrapped(f"resolved by: {bar['resolved_by']}", "      ", "        ")
        if bar.get("opened_by"):
            said = f" ({bar['override']})" if bar["override"] else ""
            yield from wrapped(
                f"or by a specialist's override: {bar['opened_by']}{said}", "      ", "        "
            )
        yield from self._basis(bar, "      ")

    def _treatment(self) -> Iterator[str]:
        for title, lines in plan_treatment.parts(self.data):
            yield from self._heading(title)
            for text, sources in lines:
                yield from wrapped(f"{text}{self._numbered(sources)}", "  ", "    ")

    def _numbered(self, sources: list[Data]) -> str:
        """` [3, 7]`, with a badge where all of them are weak."""
        numbers = sorted({self.numbers[leg["source"]] for leg in sources})
        self.cited.update(numbers)
        weak = f" ({_WEAK})" if sources and all(leg["weak"] for leg in sources) else ""
        return f" [{', '.join(map(str, numbers))}]{weak}" if numbers else ""

    def _scores(self) -> Iterator[str]:
        if not self.data["scores"]:
            return
        yield from self._heading("Scores")
        for item in self.data["scores"]:
            low, high = item["low"], item["high"]
            points = str(low) if low == high else f"{low} to {high}, as inputs are missing"
            strata = f" ({' or '.join(item['strata'])})" if item["strata"] else ""
            yield from wrapped(f"{item['label']}: {points}{strata}{self._badge(item)}", "  ", "    ")
            yield from self._list("    not known: ", item["missing"])
            yield from self._basis(item)

    def _questions(self) -> Iterator[str]:
        if not self.data["questions"]:
            return
        yield from self._heading("Questions, the most deciding first")
        asked = self.data["questions"]
        shown = asked[: 8 if self.is_open else _MOST_ASKED]
        if len(asked) > len(shown):
            yield f"  the first {len(shown)} of {len(asked)}; the other forms list all"
        for item in shown:
            text = f"{item['question']}  [{item['urgency']}; {item['fact']}]"
            yield from wrapped(text, "  ", "    ")
            decides = item["decides"]
            more = f" and {len(decides) - _MOST_NAMED} more" if len(decides) > _MOST_NAMED else ""
            yield from wrapped("decides " + ", ".join(decides[:_MOST_NAMED]) + more, "    ", "      ")

    def _facts(self) -> Iterator[str]:
        known = [(name, fact) for name, fact in self.data["facts"].items() if "unknown" not in fact]
        unusable = [
            (name, fact)
            for name, fact in self.data["facts"].items()
            if any(reason["code"] not in _SILENT for reason in fact.get("unknown", ()))
        ]
        yield from self._heading("Facts from the record")
        for name, fact in known:
            where = f", {fact['at']}" if fact["at"] else ""
            origin = f" ({', '.join(fact['origin'][:2])}{where})" if fact["origin"] else ""
            yield from wrapped(f"{fact['label']}: {fact['words']}{origin}  [{name}]", "  ", "    ")
        for name, fact in unusable:
            reasons = "; ".join(reason["detail"] or reason["code"] for reason in fact["unknown"])
            yield from wrapped(f"{fact['label']}: not usable: {reasons}  [{name}]", "  ", "    ")
            if fact["seen"]:
                yield from wrapped("seen: " + "; ".join(fact["seen"][:3]), "    ", "      ")
        yield f"  {len(self.data['facts']) - len(known)} of {len(self.data['facts'])} facts are not known"

    def _report(self) -> Iterator[str]:
        report = self.data["read_report"]
        yield from self._heading("How the record was read")
        total, used = sum(report["read"].values()), sum(report["used"].values())
        not_needed, skipped = sum(report["not_needed"].values()), sum(report["skipped"].values())
        yield f"  {total} read, {used} used, {not_needed} not needed, {skipped} skipped"
        for skip in report["skips"]:
            detail = f": {skip['detail']}" if skip["detail"] else ""
            yield from wrapped(f"skipped {skip['origin']}: {skip['reason']}{detail}", "  ", "    ")
        for note, count in report["notes"].items():
            yield from wrapped(f"{note}: {count}", "  ", "    ")

    def _references(self) -> Iterator[str]:
        if not self.cited:
            return
        yield from self._heading("References")
        for item in self.data["references"]:
            if item["number"] not in self.cited:
                continue
            where = (
                f"doi {item['doi']}"
                if item["doi"]
                else f"PMID {item['pmid']}"
                if item["pmid"]
                else item["url"]
            )
            year = f", {item['year']}" if item["year"] else ""
            yield from wrapped(
                f"{item['number']}. {item['title']}{year}. {item['kind']}; {where or 'no address recorded'}",
                "  ",
                "     ",
            )

    def _basis(self, item: Data, indent: str = "    ") -> Iterator[str]:
        legs = []
        for leg in item["sources"]:
            name = leg["statement"] or leg["source"]
            self.cited.add(self.numbers[leg["source"]])
            legs.append(f"[{self.numbers[leg['source']]}] {name} ({leg['seen']})")
        yield from wrapped("basis: " + "; ".join(legs) if legs else "", indent, indent + "  ")

    def _top(self, steps: list[Data]) -> list[str]:
        """The first level of an explanation, with the leaves of a criterion in brackets."""
        lines = []
        for step in steps:
            leaves = self._leaves(step["criterion"]) if "criterion" in step else []
            more = "; …" if len(leaves) > 4 else ""
            lines.append(step["text"] + (f" ({'; '.join(leaves[:4])}{more})" if leaves else ""))
        return lines

    def _leaves(self, criterion: str) -> list[str]:
        """What decided a criterion in the end, through all criteria beneath it; each said once."""
        if criterion not in self.leaves:
            found: list[str] = []
            for step in self.data["criteria"][criterion]["why"]:
                found += self._leaves(step["criterion"]) if "criterion" in step else [step["text"]]
            self.leaves[criterion] = list(dict.fromkeys(found))
        return self.leaves[criterion]

    def _badge(self, item: Data) -> str:
        return f"  <{_WEAK}>" if item["weak"] else ""

    def _list(self, before: str, names: Iterable[str]) -> Iterator[str]:
        labels = [self.data["facts"][name]["label"] for name in names]
        if len(labels) > _MOST_NAMED:
            labels[_MOST_NAMED:] = [f"and {len(labels) - _MOST_NAMED} more"]
        yield from wrapped(
            before.lstrip() + ", ".join(labels) if labels else "", _lead(before), _lead(before) + "  "
        )


def _named(word: str, names: list[str], between: str = "; ") -> list[str]:
    return wrapped(f"{word + ':':<10} {between.join(names)}", "  ", _SHORT) if names else []


def _with_bars(option: Data) -> str:
    kinds = dict.fromkeys(bar["kind"] for bar in option["blocked_by"] if bar["holds"] == "true")
    return f"{option['label']} (by {', '.join(kinds)})" if kinds else str(option["label"])


def _indented(lines: list[str], before: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        lead = before if number == 0 else _lead(before) + "and "
        yield from wrapped(line, lead, _lead(before) + "  ")


def _lead(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
