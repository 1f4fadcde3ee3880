"""The rows of a brief: what each matching arm showed, with exact intervals; comparisons inside studies.

Every row carries the id of the result in the base that it is. Effects are computed from counts; where
only an estimate is printed it stands as printed and is called so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trivium.evidence.brief.asked import covers
from trivium.evidence.brief.matching import Match, directness
from trivium.knowledge.evidence import Effect, EvidenceBase, Outcome, Result, Study
from trivium.knowledge.models import WEAK

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """One result of one arm. `interval` is Clopper-Pearson, as shares of 1; None without a count."""

    id: str
    match: Match
    outcome: Outcome
    result: Result
    interval: tuple[float, float] | None

    @property
    def is_weak(self) -> bool:
        return self.result.seen in WEAK

    @property
    def time(self) -> str:
        """The time point in words; a time that is not stated says so."""
        return time_words(self.outcome)

    @property
    def words(self) -> str:
        """`4/6 (67 %, 95 % CI 22 to 96)`; what is derived or only printed as a percent says so."""
        return result_words(self.result, self.interval)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A comparison inside one study: an arm with the agents against one without them."""

    id: str
    study: Study
    outcome: Outcome
    treated: str  # label of the arm
    control: str
    table: tuple[int, int, int, int] | None  # events and total, treated then control
    ratio: tuple[float, float, float] | None  # risk ratio and 95 % interval, from the table
    counts: str
    effect: Effect | None  # as reported
    seen: str

    @property
    def directness(self) -> str:
        return directness(self.study)


def time_words(outcome: Outcome) -> str:
    """`6 months`, `52 weeks`, or that no time is stated."""
    if outcome.time_text:
        return outcome.time_text
    return f"{outcome.weeks} weeks" if outcome.weeks is not None else "time not stated"


def rows(base: EvidenceBase, found: Iterable[Match], outcomes: tuple[str, ...] = ()) -> list[Row]:
    """Every result of the matching arms; `outcomes` narrows them, with their complements."""
    from trivium.evidence.synthesis import proportion_interval

    keep = _with_complements(base, outcomes)
    made = []
    for match in found:
        for outcome in match.study.outcomes:
            if keep and outcome.name not in keep:
                continue
            for result in outcome.results:
                if result.arm != match.arm.id or not _says_something(result):
                    continue
                count, total = result.count, result.total
                interval = None
                if count is not None and total:
                    low, high = proportion_interval(count, total, "exact", _LEVEL)
                    interval = (low, high)
                made.append(Row(result.id, match, outcome, result, interval))
    return made


def contrasts(base: EvidenceBase, found: Iterable[Match], agents: tuple[str, ...]) -> list[Contrast]:
    """The comparisons of an arm that had all of `agents` with a treated arm that had not all of them."""
    made = []
    for match in found:
        if not set(agents) <= set(match.covered):
            continue
        for outcome in match.study.outcomes:
            for other in match.study.arms:
                has_all = all(covers(base, agent, other.agents) for agent in agents)
                if other.id != match.arm.id and other.is_treated and not has_all:
                    contrast = _contrast(match, outcome, other.id, other.label)
                    if contrast is not None:
                        made.append(contrast)
    return made


def _contrast(match: Match, outcome: Outcome, other: str, other_label: str) -> Contrast | None:
    treated = next((each for each in outcome.results if each.arm == match.arm.id), None)
    control = next((each for each in outcome.results if each.arm == other), None)
    effect = outcome.effect if outcome.effect and outcome.effect.arms else None
    if effect is not None and set(effect.arms or ()) != {match.arm.id, other}:
        effect = None
    if effect is not None and effect.value is None and effect.p is None:
        effect = None
    if treated is None or control is None:
        return None
    table = _table(treated, control)
    ratio = _ratio(match.study.id, table) if table else None
    if table is None and effect is None:
        return None
    counts = f"{_count_words(treated)} vs {_count_words(control)}"
    identity = effect.id if effect else f"{outcome.id}.{match.arm.id}-{other}"
    labels = (match.arm.label, other_label)
    return Contrast(identity, match.study, outcome, *labels, table, ratio, counts, effect, outcome.seen)


def _table(treated: Result, control: Result) -> tuple[int, int, int, int] | None:
    if treated.count is None or control.count is None or not treated.total or not control.total:
        return None
    return treated.count, treated.total, control.count, control.total


def _ratio(study: str, table: tuple[int, int, int, int]) -> tuple[float, float, float] | None:
    """The risk ratio with its interval; None where it has no size (no events in either arm)."""
    from trivium.evidence.synthesis import Comparative, LeftOut, Settings, effect_of

    effect = effect_of(Comparative(study, *table), Settings("RR", method="EE"))
    if isinstance(effect, LeftOut):
        return None
    natural = effect.natural
    if natural.low is None or natural.high is None:
        return None
    return natural.estimate, natural.low, natural.high


def result_words(result: Result, interval: tuple[float, float] | None) -> str:
    """A result in words, as exact as it was printed."""
    if result.count is not None and result.total:
        share = result.count / result.total
        low, high = interval or (0.0, 1.0)
        derived = ", count derived from the printed percent" if result.is_derived else ""
        digits = 1 if result.total >= 100 else 0
        return (
            f"{result.count}/{result.total} ({share * 100:.{digits}f} %, 95 % CI "
            f"{low * 100:.{digits}f} to {high * 100:.{digits}f}{derived})"
        )
    if result.percent is not None:
        total = f" of {result.total}" if result.total else ""
        printed = ""
        if result.ci_low is not None and result.ci_high is not None:
            printed = f", {result.ci_low} to {result.ci_high} as printed"
        return f"{result.percent} %{total} as printed, count not printed{printed}"
    return result.percent_text or "; ".join(
        f"{key}: {value}" for key, value in sorted(result.further.items())
    )


def effect_words(effect: Effect) -> str:
    """A reported effect in words, as printed."""
    parts = []
    if effect.value is not None:
        interval = f" ({effect.ci_low} to {effect.ci_high})" if effect.ci_low is not None else ""
        parts.append(f"{effect.measure} {effect.value}{interval}")
    if effect.p is not None:
        text = effect.p.text
        parts.append(f"p {text}" if text[:1] in "<>=" else f"p = {text}")
    kind = "adjusted, as reported" if effect.adjusted else "as reported"
    return f"{', '.join(parts)} ({kind})" if parts else kind


def ratio_words(ratio: tuple[float, float, float]) -> str:
    """`RR 0.69 (0.56 to 0.87)`."""
    return f"RR {ratio[0]:.2f} ({ratio[1]:.2f} to {ratio[2]:.2f})"


def _count_words(result: Result) -> str:
    if result.count is not None and result.total:
        return f"{result.count}/{result.total}"
    return f"{result.percent} %" if result.percent is not None else "not printed"


def _says_something(result: Result) -> bool:
    return (
        result.count is not None or result.percent is not None or bool(result.percent_text or result.further)
    )


def _with_complements(base: EvidenceBase, outcomes: tuple[str, ...]) -> frozenset[str]:
    found = set(outcomes)
    for name in outcomes:
        term = base.outcomes.get(name)
        if term and term.complement:
            found.add(term.complement)
    return frozenset(found)
