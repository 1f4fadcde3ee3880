"""`trivium form`: an empty form with every fact a clinician can fill in."""

from __future__ import annotations

from pathlib import Path

from trivium.commands.patience import load
from trivium.record.form import empty_form


def run(knowledge: Path | None) -> str:
    """The form as YAML. Derived facts are left out: they follow from their inputs."""
    facts = load(knowledge).pathway.facts
    asked = {name: spec for name, spec in facts.items() if spec.retrieval.kind != "derived"}
    return "\n".join(empty_form(asked)) + "\n"
