"""A dose for a terminal: dose data in, lines out; colour only where the caller asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.faces.lines import wrapped

Data = dict[str, Any]

_BOLD, _DIM, _RED, _YELLOW, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_BARS = ("contraindication", "label", "wait")
_HOLDS = {"true": "holds", "false": "does not hold", "unknown": "NOT KNOWN"}
_SHOWN_REMARKS = ("boxed", "contraindication", "warning")
_WEAK = "weakly seen"


def render(data: Data, colour: bool = False) -> str:
    """The dose as text, at most `WIDTH` columns wide."""
    return "\n".join(_Page(data, colour).lines()) + "\n"


class _Page:
    def __init__(self, data: Data, colour: bool) -> None:
        self.data = data
        self.colour = colour
        self.numbers = {item["id"]: item["number"] for item in data["references"]}
        self.cited: set[int] = set()

    def lines(self) -> Iterator[str]:
        yield from self._audience("false", _RED)
        yield from (self._paint(_BOLD, line) for line in wrapped(self.data["words"], "", "  "))
        yield from self._bars()
        yield from self._audience("unknown", _YELLOW)
        yield from self._questions()
        yield from self._working()
        yield from self._adjustments()
        yield from self._limits()
        yield from self._levels()
        yield from self._rates()
        yield from self._interactions()
        yield from self._supply()
        yield from self._remarks()
        yield from self._others()
        yield from self._references()
        yield ""
        yield from (self._paint(_DIM, line) for line in wrapped(self.data["notice"]))

    def _paint(self, style: str, text: str) -> str:
        return f"{style}{text}{_OFF}" if self.colour and style else text

    def _heading(self, text: str) -> Iterator[str]:
        yield ""
        yield self._paint(_BOLD, text.upper())

    def _audience(self, holds: str, style: str) -> Iterator[str]:
        """Whom the doses are for: before all else where that is not this patient, else beneath what bars."""
        audience = self.data["audience"]
        if audience is not None and audience["holds"] == holds:
            first = "!!! " if holds == "false" else "  "
            yield from (self._paint(style, line) for line in wrapped(audience["words"], first, "    "))

    def _bars(self) -> Iterator[str]:
        """Lines that keep the agent from being given come before any working."""
        for line in self.data["stop_lines"]:
            if line["kind"] in _BARS and line["holds"] == "true":
                text = f"blocked by {line['kind']}: {line['text']}{self._marks(line)}"
                yield from (self._paint(_RED, each) for each in wrapped(text, "  ", "    "))
        for item in self.data["interactions"]["concerns"]:
            if item["certainty"] == "present" and item["severity"] in ("contraindicated", "avoid"):
                texts = dict.fromkeys(f"{line['text']}{self._marks(line)}" for line in item["lines"])
                said = f"{item['severity'].upper()}: {item['label']}: {' '.join(texts)}"
                yield from (self._paint(_RED, each) for each in wrapped(said, "  ", "    "))
        if self.data["is_held"] is False:
            yield self._paint(_YELLOW, "  the site declares that it does not hold this agent")
        open_bars = [
            line for line in self.data["stop_lines"] if line["kind"] in _BARS and line["holds"] == "unknown"
        ]
        if open_bars:
            yield from wrapped(f"not known yet, and may bar it: {_about(open_bars)}", "  ", "    ")

    def _questions(self) -> Iterator[str]:
        asked = {item["fact"]: item for item in self.data["questions"]}
        if not asked:
            return
        yield from self._heading("Questions")
        for item in asked.values():
            if item["settled_by"] in asked:
                continue
            why = f" ({'; '.join(item['why'])})" if item["why"] else ""
            yield from wrapped(f"{item['question']}{why}  [{item['fact']}]", "  ", "    ")
            settled = [
                f"{each['label']} [{each['fact']}]"
                for each in asked.values()
                if each["settled_by"] == item["fact"]
            ]
            if settled:
                yield from wrapped(f"settles at once: {'; '.join(settled)}", "    ", "      ")
            yield from wrapped("decides: " + "; ".join(item["decides"]), "    ", "      ")

    def _working(self) -> Iterator[str]:
        yield from self._heading("Working")
        regimen = self.data["regimen"]
        chosen = "the default" if regimen["is_default"] else "chosen"
        name = f"regimen {regimen['id']} ({regimen['purpose']}, {regimen['route']}), {chosen}"
        yield from wrapped(f"{name}: {regimen['label']}{self._marks(regimen)}", "  ", "    ")
        yield from wrapped(regimen["reason"], "    ")
        if regimen["note"]:
            yield from wrapped(f"note: {regimen['note']}", "    ", "      ")
        if self.data["for"]:
            holds = _HOLDS[self.data["for"]["holds"]]
            yield from wrapped(f"for: {self.data['for']['if']}: {holds}", "    ", "      ")
        for step in self.data["working"]:
            if step["text"].rstrip(".") != regimen["label"]:
                yield from self._step(step, "  ")
        for item in self.data["alternatives"]:
            if len(self.data["alternatives"]) > 1:
                yield from self._condition(item)
            for settled in item["doses"]:
                indent = "    " if len(self.data["alternatives"]) > 1 else "  "
                for step in settled["working"]:
                    if step["text"].rstrip(".") not in regimen["label"]:
                        yield from self._step(step, indent)
                yield from wrapped(f"= {settled['words']}", indent, indent + "  ")

    def _condition(self, item: Data) -> Iterator[str]:
        said = [f"if {case}" if case else "as a rule" for case in item["if"]]
        mark = "  (the least of these)" if item["is_cautious"] else ""
        yield from wrapped(f"{', or '.join(said)}: {item['words']}{mark}", "  ", "    ")

    def _step(self, step: Data, indent: str) -> Iterator[str]:
        yield from wrapped(f"- {step['text']}{self._marks(step)}", indent, indent + "  ")

    def _adjustments(self) -> Iterator[str]:
        items = [*self.data["adjustments"], *self.data["other_sources"]]
        if not items:
            return
        yield from self._heading("Adjustments looked at")
        for item in self.data["adjustments"]:
            yield from self._adjustment(item, "")
        for item in self.data["other_sources"]:
            yield from self._adjustment(item, "another source, not followed; ")

    def _adjustment(self, item: Data, before: str) -> Iterator[str]:
        style = _YELLOW if item["holds"] == "unknown" else ""
        text = f"{_HOLDS[item['holds']]}: {before}{item['text']} [{item['axis']}]{self._marks(item)}"
        yield from (self._paint(style, line) for line in wrapped(text, "  ", "    "))
        for step in item["why"][:3]:
            yield from wrapped(step["text"], "    because ", "      ")

    def _limits(self) -> Iterator[str]:
        if not self.data["limits"]:
            return
        yield from self._heading("Limits")
        for item in self.data["limits"]:
            note = f" ({item['note']})" if item["note"] else ""
            yield from wrapped(
                f"at most {item['words']} per {item['per']}{note}{self._marks(item)}", "  ", "    "
            )
        for item in self.data["over_maximum"]:
            text = f"EXCEEDED: computed {item['computed']}, the most is {item['most']} per {item['per']}"
            yield from (self._paint(_RED, line) for line in wrapped(text, "  ", "    "))

    def _levels(self) -> Iterator[str]:
        for item in self.data["levels"]:
            yield from self._heading("Level")
            yield from wrapped(f"{item['words']}{self._marks(item)}", "  ", "    ")
            yield from wrapped(
                "No source gives a formula from level to dose: the next dose is a person's.", "  "
            )

    def _rates(self) -> Iterator[str]:
        if not self.data["rates"]:
            return
        yield from self._heading("Infusion")
        for item in self.data["rates"]:
            condition = f" (if {item['if']}: {_HOLDS[item['holds']]})" if item["if"] else ""
            yield from wrapped(f"{item['words']}{condition}{self._marks(item)}", "  ", "    ")

    def _interactions(self) -> Iterator[str]:
        found = self.data["interactions"]
        if not found["concerns"] and not found["load"]["present"]:
            return
        yield from self._heading("Interactions")
        for item in found["concerns"]:
            if item["certainty"] == "present":
                yield from self._concern(item)
        possible = [item for item in found["concerns"] if item["certainty"] == "possible"]
        if possible:
            yield "  cannot be excluded, as facts are missing:"
            for severity in dict.fromkeys(item["severity"] for item in possible):
                labels = dict.fromkeys(item["label"] for item in possible if item["severity"] == severity)
                yield from wrapped(f"{severity}: {'; '.join(labels)}", "    ", "      ")
        for item in found["concerns"]:
            if item["certainty"] == "look_for":
                line = item["lines"][0]
                named = f"{', '.join(line['drugs'])} ({line['severity']})"
                text = f"look for on the medication list: {named}: {line['text']}"
                yield from wrapped(f"{text}{self._marks(line)}", "  ", "    ")
        load = found["load"]
        if load["present"]:
            more = f"; perhaps also {'; '.join(load['possible'])}" if load["possible"] else ""
            names = "; ".join(load["present"])
            yield from wrapped(f"immunosuppressants: {load['count']} ({names}){more}", "  ", "    ")

    def _concern(self, item: Data) -> Iterator[str]:
        yield from wrapped(f"{item['severity']}: {item['label']}", "  ", "    ")
        for line in item["lines"]:
            text = f"{line['mechanism'].rstrip('.')}. {line['text']}{self._marks(line)}"
            yield from wrapped(text, "    ", "      ")
            if line["drugs"]:
                yield from wrapped(f"look also for: {', '.join(line['drugs'])}", "    ", "      ")

    def _supply(self) -> Iterator[str]:
        found = self.data["supply"]
        if not found:
            return
        yield from self._heading(f"Supply for {found['of']}")
        for need in found["needs"]:
            units = " + ".join(f"{unit['units']} x {unit['label']}" for unit in need["units"])
            many = f"{need['administrations']} administration{'s' if need['administrations'] > 1 else ''}"
            yield from wrapped(f"{many}: {units}; left over {need['left_over']}", "  ", "    ")
            if need["shared"]:
                yield from wrapped(f"drawn from shared vials: {need['shared']}", "    ", "      ")
            if "cost" in need:
                missing = need["cost"]["without_price"]
                lacking = f"; no price for {', '.join(missing)}" if missing else ""
                yield from wrapped(
                    f"cost {need['cost']['amount']} {need['cost']['currency']}{lacking}", "    ", "      "
                )
        if found["prices"]:
            example = "EXAMPLE prices, not this site's: " if found["prices"]["is_example"] else "prices of "
            yield from wrapped(
                f"{example}{found['prices']['source']}, {found['prices']['dated']}", "  ", "    "
            )
        if found["product"]:
            yield from wrapped(f"product held: {found['product']}", "  ")
        elif found["biosimilars"]:
            yield from wrapped(f"products: {', '.join(found['biosimilars'])}", "  ", "    ")

    def _remarks(self) -> Iterator[str]:
        lines = [line for line in self.data["stop_lines"] if line["kind"] not in _BARS]
        cautions = [line for line in lines if line["holds"] == "true"]
        waiting = [line for line in lines if line["holds"] == "unknown"]
        shown = [item for item in self.data["remarks"] if item["topic"] in _SHOWN_REMARKS]
        if not shown and not lines and not self.data["policies"]:
            return
        yield from self._heading("To know")
        for item in shown:
            style = _YELLOW if item["topic"] == "boxed" else ""
            name = "boxed warning" if item["topic"] == "boxed" else item["topic"]
            before = "" if item["text"].lower().startswith(name) else f"{name}: "
            doubt = "" if item["holds"] == "true" else " (not known whether it applies)"
            text = f"{before}{item['text']}{doubt}{self._marks(item)}"
            yield from (self._paint(style, line) for line in wrapped(text, "  ", "    "))
        for line in cautions:
            yield from wrapped(f"caution, holds here: {line['text']}{self._marks(line)}", "  ", "    ")
            yield from wrapped(line.get("override") or "", "    override: ", "      ")
        if waiting:
            yield from wrapped(f"cautions, not known whether they hold: {_about(waiting)}", "  ", "    ")
        for item in self.data["policies"]:
            yield from wrapped(f"local policy: {item['text']} ({item['source']})", "  ", "    ")
        more = len(self.data["remarks"]) - len(shown)
        if more:
            yield f"  and {more} further remarks: --format md shows them"

    def _others(self) -> Iterator[str]:
        if not self.data["other_regimens"]:
            return
        yield from self._heading("Other regimens")
        for item in self.data["other_regimens"]:
            yield from wrapped(f"--regimen {item['id']} ({item['purpose']}): {item['words']}", "  ", "    ")

    def _references(self) -> Iterator[str]:
        if not self.cited:
            return
        yield from self._heading("References")
        for item in self.data["references"]:
            if item["number"] in self.cited:
                where = f"doi {item['doi']}" if item["doi"] else item["url"] or "no address recorded"
                year = f", {item['year']}" if item["year"] else ""
                yield from wrapped(f"{item['number']}. {item['title']}{year}. {where}", "  ", "     ")

    def _marks(self, item: Data) -> str:
        """The numbers of its sources, each with how it was seen where that is weak."""
        marks = []
        for leg in item["sources"]:
            number = self.numbers[leg["source"]]
            self.cited.add(number)
            marks.append(f"[{number}, {leg['seen']}]" if leg["weak"] else f"[{number}]")
        is_weak = bool(item["sources"]) and all(leg["weak"] for leg in item["sources"])
        return (" " + "".join(marks) if marks else "") + (f" <{_WEAK}>" if is_weak else "")


def _about(lines: list[Data]) -> str:
    """What to find out, so that it is known whether these lines hold."""
    return "; ".join(dict.fromkeys(name for line in lines for name in line["about"] or [line["text"]]))
