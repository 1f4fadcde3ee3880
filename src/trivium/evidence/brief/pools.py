"""Where pooling is legitimate, the pool; where it is not, the reason. Never a number by habit.

Single arms are pooled with single arms, comparisons with comparisons; only the same outcome at the same
stated time; only patients who all had the disease; no two studies that may share patients; reviews never
beside the studies they gather.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trivium.evidence.brief.matching import is_direct
from trivium.evidence.brief.numbers import Contrast, Row, time_words
from trivium.knowledge.evidence import EvidenceBase, Outcome, Study
from trivium.knowledge.models import WEAK

if TYPE_CHECKING:
    from trivium.evidence.synthesis import NotEstimable, Pooled


@dataclass(frozen=True, slots=True)
class Pool:
    """Results of one outcome at one time, pooled or not. `reason` says why not; `left_out` row → why."""

    agents: tuple[str, ...]
    outcome: str
    label: str
    time: str
    studies: tuple[str, ...]
    result: Pooled | NotEstimable | None
    reason: str
    left_out: tuple[tuple[str, str], ...]

    @property
    def estimated(self) -> Pooled | None:
        """The pooled estimate, None where there is none."""
        from trivium.evidence.synthesis import Pooled

        return self.result if isinstance(self.result, Pooled) else None


def arm_pools(base: EvidenceBase, agents: tuple[str, ...], found: Iterable[Row]) -> list[Pool]:
    """One pool (or reason) for every outcome and time that two or more studies count."""
    pools = []
    for (outcome, _, time), items in _grouped(base, found).items():
        kept, left_out = _eligible(items)
        if len({row.match.study.id for row in items}) < 2:
            continue
        pools.append(_arm_pool(base, agents, outcome, time, kept, left_out))
    return pools


def contrast_pools(base: EvidenceBase, agents: tuple[str, ...], found: Iterable[Contrast]) -> list[Pool]:
    """The same for comparisons inside studies, as risk ratios from counts."""
    grouped: dict[tuple[str, Decimal | None, str], list[Contrast]] = {}
    for contrast in found:
        outcome = contrast.outcome
        if contrast.table is not None and outcome.is_of_whole_arms:
            grouped.setdefault((outcome.name, outcome.weeks, _time(outcome)), []).append(contrast)
    pools = []
    for (name, _, time), items in sorted(grouped.items(), key=lambda each: _order(each[0])):
        if len({item.study.id for item in items}) >= 2:
            pools.append(_contrast_pool(base, agents, name, time, items))
    return pools


def _grouped(base: EvidenceBase, found: Iterable[Row]) -> dict[tuple[str, Decimal | None, str], list[Row]]:
    grouped: dict[tuple[str, Decimal | None, str], list[Row]] = {}
    for row in found:
        outcome = row.outcome
        if row.result.count is not None and row.result.total:
            grouped.setdefault((_canonical(base, outcome.name), outcome.weeks, _time(outcome)), []).append(
                row
            )
    return dict(sorted(grouped.items(), key=lambda each: _order(each[0])))


def _order(key: tuple[str, Decimal | None, str]) -> tuple[str, bool, Decimal, str]:
    return key[0], key[1] is None, key[1] or Decimal(0), key[2]


def _time(outcome: Outcome) -> str:
    return f"{outcome.weeks} weeks" if outcome.weeks is not None else "time not stated"


def _canonical(base: EvidenceBase, name: str) -> str:
    """Survival and mortality count the same patients: both are read as mortality."""
    term = base.outcomes.get(name)
    return term.complement if term and term.complement and term.better == "high" else name


def _eligible(items: list[Row]) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows that may be pooled, one a study, and why each other one may not."""
    kept: list[Row] = []
    left_out: list[tuple[str, str]] = []
    for row in sorted(items, key=lambda row: (-(row.result.total or 0), row.id)):
        why = _unfit(row.match.study, row.outcome, row.result.seen) or _shares(row.match.study, kept)
        if why:
            left_out.append((row.id, why))
        else:
            kept.append(row)
    return sorted(kept, key=lambda row: row.id), sorted(left_out)


def _unfit(study: Study, outcome: Outcome, seen: str) -> str:
    if study.is_gathered:
        return "a review: its patients are counted in its studies"
    if not is_direct(study):
        return "not all patients were anti-MDA5 positive"
    if outcome.weeks is None:
        return "no time point is stated"
    if not outcome.is_of_whole_arms:
        return "counts a narrower or composite outcome, or a subgroup"
    if seen in WEAK:
        return "the number was not read in its source"
    if study.design == "case-report":
        return "a case report"
    return ""


def _shares(study: Study, kept: list[Row]) -> str:
    """Whether a study may share patients with one that is in the pool already."""
    others = {other.study for other in study.overlaps}
    for row in kept:
        there = row.match.study
        if there.id == study.id:
            return f"another arm of {study.id} is in the pool"
        if there.id in others or study.id in {other.study for other in there.overlaps}:
            return f"may share patients with {there.id}"
    return ""


def _arm_pool(
    base: EvidenceBase,
    agents: tuple[str, ...],
    outcome: str,
    time: str,
    kept: list[Row],
    left_out: list[tuple[str, str]],
) -> Pool:
    from trivium.evidence.synthesis import Settings, SingleArm, pool

    studies = tuple(row.match.study.id for row in kept)
    label = base.outcomes[outcome].label if outcome in base.outcomes else outcome
    made: Any = None
    reason = ""
    if len(kept) < 2:
        reason = "fewer than two studies remain that may be pooled"
    else:
        singles = [
            SingleArm(row.match.study.id, _events(base, row), row.result.total or 0, time_words(row.outcome))
            for row in kept
        ]
        if len({row.time_point for row in singles}) > 1:
            singles = [SingleArm(row.study, row.events, row.n, time) for row in singles]
        made = pool(singles, Settings("PROP"))
        reason = getattr(made, "reason", "")
    return Pool(agents, outcome, label, time, studies, made, reason, tuple(left_out))


def _events(base: EvidenceBase, row: Row) -> int:
    """Events of the canonical outcome: of survival, those who did not survive."""
    count, total = row.result.count or 0, row.result.total or 0
    return count if _canonical(base, row.outcome.name) == row.outcome.name else total - count


def _contrast_pool(
    base: EvidenceBase, agents: tuple[str, ...], name: str, time: str, items: list[Contrast]
) -> Pool:
    from trivium.evidence.synthesis import Comparative, Settings, pool

    kept: list[Contrast] = []
    left_out: list[tuple[str, str]] = []
    for item in sorted(items, key=lambda item: item.id):
        why = _unfit(item.study, item.outcome, item.seen)
        overlap = {other.study for other in item.study.overlaps}
        if not why and any(item.study.id == other.study.id for other in kept):
            why = f"another comparison of {item.study.id} is in the pool"
        if not why and any(other.study.id in overlap for other in kept):
            why = "may share patients with another study of the pool"
        if why:
            left_out.append((item.id, why))
        else:
            kept.append(item)
    label = base.outcomes[name].label if name in base.outcomes else name
    if len(kept) < 2:
        reason = "fewer than two comparisons remain that may be pooled"
        studies = tuple(item.study.id for item in kept)
        return Pool(agents, name, label, time, studies, None, reason, tuple(left_out))
    made_rows = [Comparative(item.study.id, *item.table, time) for item in kept if item.table]
    made = pool(made_rows, Settings("RR"))
    studies = tuple(item.study.id for item in kept)
    return Pool(agents, name, label, time, studies, made, getattr(made, "reason", ""), tuple(left_out))
