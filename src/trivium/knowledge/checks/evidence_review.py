"""What the evidence still owes its readers: numbers not seen in their papers, counts worked out, own names.

Checked evidence → notes in groups, for `trivium check` to print. A note never stops anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.knowledge.checks.review import ReviewNote
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import WEAK


def evidence_review(base: EvidenceBase) -> list[ReviewNote]:
    """Notes, group by group."""
    notes = [*_weak_rows(base), *_derived(base), *_unseen(base), *_own_names(base), *_weak_claims(base)]
    return sorted(notes, key=lambda note: (note.group, note.what))


def _weak_rows(base: EvidenceBase) -> Iterator[ReviewNote]:
    for study in base.studies.values():
        for outcome in study.outcomes:
            if outcome.seen in WEAK:
                what = f"{outcome.id} {outcome.name}"
                yield ReviewNote(f"outcomes that were seen as {outcome.seen}", what, outcome.span)
        for arm in study.arms:
            if arm.n_seen in WEAK:
                yield ReviewNote(
                    f"sizes of arms that were seen as {arm.n_seen}", f"{study.id} {arm.id}", arm.span
                )


def _derived(base: EvidenceBase) -> Iterator[ReviewNote]:
    for study in base.studies.values():
        for outcome in study.outcomes:
            for result in outcome.results:
                if result.is_derived:
                    what = f"{result.id}: {result.events_derived} of {result.total} from {result.percent}%"
                    yield ReviewNote("counts worked out from a printed percent", what, result.span)


def _unseen(base: EvidenceBase) -> Iterator[ReviewNote]:
    for study in base.studies.values():
        unseen = base.references[study.reference].unseen
        if unseen:
            what = f"{study.id}: {', '.join(unseen)}"
            yield ReviewNote("parts of citations completed from memory", what, study.span)


def _own_names(base: EvidenceBase) -> Iterator[ReviewNote]:
    for study in base.studies.values():
        for outcome in study.outcomes:
            if outcome.name not in base.outcomes:
                what = f"{outcome.id}: {outcome.name}"
                yield ReviewNote("outcomes under names of their own", what, outcome.span)


def _weak_claims(base: EvidenceBase) -> Iterator[ReviewNote]:
    for claim in base.claims.values():
        if claim.correction:
            yield ReviewNote(
                "verdicts on claims that were corrected", f"{claim.id}: {claim.correction}", claim.span
            )
