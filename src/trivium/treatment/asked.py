"""What has to be known for a regimen, each fact once: what a bar waits for comes before all else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trivium.core.truth import UNKNOWN
from trivium.logic.explain import awaited_facts
from trivium.pathway.assess import Option
from trivium.treatment.planned import Setup
from trivium.treatment.states import is_level_only

Data = dict[str, Any]


def barring(setup: Setup, options: Iterable[Option]) -> list[Data]:
    """The facts of which each agent waits to learn whether anything bars it.

    What records a specialist's override is never asked for.
    """
    waiting: dict[str, list[str]] = {}
    for option in options:
        if option.status != "undetermined":
            continue
        traces = [(option.trace, ""), *((bar.trace, bar.condition.opened_by) for bar in option.bars)]
        for trace, opened_by in traces:
            for fact in awaited_facts(trace) if trace.truth is UNKNOWN else ():
                label = setup.labels.get(option.agent.id, option.agent.label)
                words = f"whether {label} may be given"
                if fact != opened_by and words not in waiting.setdefault(fact, []):
                    waiting[fact].append(words)
    return setup.writer.questions(setup.patient.questions({k: v for k, v in waiting.items() if v}))


def questions(data: Data, bars: Iterable[Data]) -> list[Data]:
    """Every fact that a bar, a dose or an interaction waits for, once, with all that it decides.

    `for_bar`, `for_dose`: whether a bar or a dose waits for it; `severity`: of the worst interaction that it
    leaves open.
    """
    found: dict[str, Data] = {}
    for asked in bars:
        found[asked["fact"]] = {**asked, "for_bar": True, "for_dose": False, "severity": ""}
    for part in [*data["doses"], data["interactions"]]:
        for asked in part["questions"]:
            label = f"{part['label']}: " if "label" in part else ""
            decided = [f"{label}{each}" for each in asked["decides"]]
            held = found.setdefault(
                asked["fact"], {**asked, "decides": [], "for_bar": False, "for_dose": False, "severity": ""}
            )
            held["decides"] += [each for each in decided if each not in held["decides"]]
            held["for_dose"] |= bool(label) and not is_level_only(asked, part)
    for concern in data["interactions"]["concerns"]:  # the most severe first
        for fact in (name for name in concern["awaits"] if name in found):
            for each in (found[fact], found.get(found[fact]["settled_by"])):
                if each is not None and not each["severity"]:
                    each["severity"] = concern["severity"]
    return list(found.values())
