"""What has to be known first, as items of a document: one question where one answer settles many."""

from __future__ import annotations

from typing import Any

from trivium.core.document import Block, item

Data = dict[str, Any]

_WORST = ("contraindicated", "avoid")
_GROUPS = {
    "contraindicated": "contraindicated if taken",
    "avoid": "to be avoided if taken",
    "dose": "changes a dose",
    "milder": "milder interactions",
}


def asked_first(questions: list[Data]) -> list[Block]:
    """Questions as items: those that a complete list would settle stand beneath the question for it."""
    facts = {each["fact"] for each in questions}
    found = []
    for each in sorted(questions, key=_urgency):
        if each["settled_by"] in facts and not each["for_bar"]:
            continue
        settled = [other for other in questions if other["settled_by"] == each["fact"]]
        why = f" (recorded: {'; '.join(each['why'])})" if each["why"] else ""
        lines = _settles(settled) if settled else [f"Decides: {'; '.join(each['decides'])}"]
        found.append(item(each["question"] + why, lines=lines))
    return found


def _urgency(question: Data) -> tuple[bool, bool, int]:
    """What a bar waits for, then what a dose does, then what may bar a combination; else the order stays."""
    severity = question["severity"]
    worst = _WORST.index(severity) if severity in _WORST else len(_WORST)
    return not question["for_bar"], not question["for_dose"], worst


def _settles(settled: list[Data]) -> list[str]:
    """What is not on a complete list is not taken; what is on it counts as taken. The gravest first."""
    groups: dict[str, list[str]] = {name: [] for name in _GROUPS}
    for each in settled:
        group = each["severity"] if each["severity"] in _WORST else "dose" if each["for_dose"] else "milder"
        groups[group].append(each["label"])
    return [
        "A complete list settles all of these at once; else each is a question of its own:",
        *(f"{_GROUPS[name]}: {'; '.join(labels)}" for name, labels in groups.items() if labels),
    ]
