"""An arm, a dose, a claim or a class names an agent that `agent_names.yaml` does not have.

Arms are compared by the agents' canonical ids; another spelling would be another agent, and its patients
would be missing wherever that agent is asked for. Use the id of the agent; the names it goes by are listed
with it. A new agent is an entry in `knowledge/agent_names.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.core.spans import Span
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.naming import near

CODE, NAME, WHOLE = "TRV301", "unknown-evidence-agent", False
_ASIDE = ("agents_inferred", "agents_in_part", "agents_before")


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    ids = {entry.form.label.lower(): name for name, entry in draft.agent_names.items()}
    for name, entry in draft.agent_names.items():
        form = entry.form
        called = (*form.spellings, *form.brands, *form.biosimilars, *form.abbreviations)
        ids |= {each.lower(): name for each in called}
    for name, span in _named(draft):
        if name not in draft.agent_names and name not in draft.broken:
            meant = ids.get(name.replace("_", "-").lower()) or ids.get(name.replace("-", " ").lower())
            hint = f"its id here is {meant}" if meant else near(name, draft.agent_names)
            hint = hint or "add it to agent_names.yaml with the names it goes by"
            yield Defect(CODE, f"no agent of the evidence is called {name!r}", span, hint=hint)
    for study in draft.studies.values():
        for index, arm in enumerate(study.form.arms):
            for key in _ASIDE:
                for at, name in enumerate(getattr(arm, key)):
                    if name not in arm.agents:
                        what = f"{name} is in `{key}` but not among the agents of arm {arm.id}"
                        yield Defect(CODE, what, study.span("arms", index, key, at))


def _named(draft: EvidenceDraft) -> Iterator[tuple[str, Span]]:
    for entry in draft.studies.values():
        for index, arm in enumerate(entry.form.arms):
            for at, name in enumerate(arm.agents):
                yield name, entry.span("arms", index, "agents", at)
            for name in arm.dose:
                yield name, entry.span("arms", index, "dose", name)
    for claim in draft.claims.values():
        for at, name in enumerate(claim.form.agents):
            yield name, claim.span("agents", at)
    for agent in draft.agent_names.values():
        for at, name in enumerate(agent.form.classes):
            yield name, agent.span("classes", at)
