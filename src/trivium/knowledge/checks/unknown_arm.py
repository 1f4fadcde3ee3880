"""A result or a comparison is about an arm that the study does not have, or two arms share an id.

Events without their arm are events of nobody. Correct the letter, or add the arm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.evidence_build import compared_arms

CODE, NAME, WHOLE = "TRV303", "unknown-arm", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    for study in draft.studies.values():
        counts = Counter(arm.id for arm in study.form.arms)
        for index, arm in enumerate(study.form.arms):
            if counts[arm.id] > 1:
                yield Defect(CODE, f"{study.id} has two arms {arm.id}", study.span("arms", index, "id"))
    for study, place, outcome in draft.outcomes():
        arms = [arm.id for arm in study.form.arms]
        there = f"it has {', '.join(arms)}" if arms else "it has none"
        met: set[str] = set()
        for index, result in enumerate(outcome.results):
            span = study.span(*place, "results", index, "arm")
            if result.arm not in arms:
                yield Defect(CODE, f"{study.id} has no arm {result.arm}", span, hint=there)
            elif result.arm in met:
                yield Defect(CODE, f"the arm {result.arm} has two results on one outcome", span)
            met.add(result.arm)
        for name in (outcome.effect and compared_arms(outcome.effect)) or ():
            if name not in arms:
                span = study.span(*place, "effect", "comparison")
                yield Defect(
                    CODE, f"the comparison names {name}, {study.id} has no such arm", span, hint=there
                )
