"""Weak support decides about giving an agent.

Weak is what was recalled, seeded or written by an AI and not read in its source. Alone it is never the
default where a regimen of the same purpose was read, never takes an agent away (`avoid`), and never makes
an interaction `contraindicated` or `avoid`. Read the source, or write a remark, `monitor` or `note`.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.dosing_forms import DosingForm
from trivium.knowledge.checks.draft import Draft, is_weak

CODE, NAME, WHOLE = "TRV271", "weak-dosing", False
_BARRING = ("contraindicated", "avoid")


def check(draft: Draft) -> Iterator[Defect]:
    for entry in draft.agents.values():
        if entry.form.dosing is not None:
            for key, index, what in _problems(draft, entry.form.dosing):
                span = entry.span("dosing", key, index, "basis")
                yield Defect(CODE, f"{entry.id}: {what} on weak support alone", span)
    for group in draft.drug_classes.values():
        if group.form.severity in _BARRING and is_weak(draft, group.form.basis):
            what = f"two of {group.id} are {group.form.severity} on weak support alone"
            yield Defect(CODE, what, group.span("basis"))


def _problems(draft: Draft, form: DosingForm) -> Iterator[tuple[str, int, str]]:
    read = {regimen.purpose for regimen in form.regimens if not is_weak(draft, regimen.basis)}
    for index, regimen in enumerate(form.regimens):
        if regimen.default and regimen.purpose in read and is_weak(draft, regimen.basis):
            yield "regimens", index, f"{regimen.id} is the default"
    for index, adjustment in enumerate(form.adjustments):
        if adjustment.avoid and adjustment.in_force and is_weak(draft, adjustment.basis):
            yield "adjustments", index, f"{adjustment.id} takes the agent away"
    for index, interaction in enumerate(form.interactions):
        if interaction.severity in _BARRING and is_weak(draft, interaction.basis):
            yield "interactions", index, f"{interaction.id} is {interaction.severity}"
