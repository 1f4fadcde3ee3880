"""Rule: counts, percents, group sizes and ratios stand in a row of the base, or they do not.

A number is held against the results of studies with the sentence's agents and outcomes. Equal: supported.
A row of the same group and outcome with another number: conflicting. Neither: not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from trivium.evidence.claims.assertions import Assertion, mentions
from trivium.evidence.claims.finding import Finding, Verdict
from trivium.evidence.claims.quantities import Percent, Share
from trivium.evidence.vocabulary import Vocabulary
from trivium.knowledge.evidence import Arm, EvidenceBase, Outcome, Result, Study
from trivium.knowledge.models import WEAK

# "Five cases" is a number of patients; a design is named by one of these.
_DESIGN = re.compile(
    r"\b(?:case (?:report|series)|trials?|cohort|review|meta-analys[ie]s|registry|RCT)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result of the base that a sentence may mean."""

    study: Study
    arm: Arm | None
    outcome: Outcome
    result: Result

    @property
    def total(self) -> int | None:
        return self.result.total or (self.arm.n if self.arm else None)

    @property
    def words(self) -> str:
        if self.result.count is not None and self.total:
            return f"{self.result.count} of {self.total}"
        return f"{self.result.percent} %" if self.result.percent is not None else "no number"


def check(assertion: Assertion, base: EvidenceBase, words: Vocabulary) -> Iterator[Finding]:
    """One finding a number, each held against the outcome that it stands with."""
    shares = (*assertion.shares, *_parts(assertion))
    for share in shares:
        yield _judge_share(_about(assertion, share, words), share, base)
    for percent in assertion.percents:
        yield _judge_percent(_about(assertion, percent, words), percent, base)
    for group in assertion.groups:
        if not any(group.n in (share.k, share.n) for share in shares):
            finding = _judge_group(assertion, group, base)
            if finding is not None:
                yield finding
    for said, measure, value in assertion.ratios:
        yield _judge_ratio(assertion, said, measure, Fraction(str(value)), base)


def _about(assertion: Assertion, number: Share | Percent, words: Vocabulary) -> Assertion:
    """The assertion with only the outcomes that stand with one of its numbers.

    "CMV in four of six" has its outcome before it, "four of six had CMV" behind it; a number without one in
    its own clause is about all that the sentence names.
    """
    text = assertion.text
    numbers: list[Share | Percent] = [*assertion.shares, *assertion.percents, *_parts(assertion)]
    others = [(each.at, each.at + len(each.words)) for each in numbers if each is not number]
    start, stop = number.at, number.at + len(number.words)
    left = max([end for _, end in others if end <= start], default=0)
    right = min([at for at, _ in others if at >= stop], default=len(text))
    before = re.split(r"[;:.]\s", text[left:start])[-1]
    behind = re.split(r"[;:.]\s|,\s", text[stop:right])[0]
    in_order = (before, behind) if re.search(r"\b(?:in|among|of|for|was)\s*$", before) else (behind, before)
    for part in in_order:
        outcomes = mentions(part, words)["outcome"]
        if outcomes:
            return replace(assertion, outcomes=outcomes)
    return assertion


def _parts(assertion: Assertion) -> list[Share]:
    """`Five cases of CMV` in a sentence about six patients is five of six."""
    totals = {share.n for share in assertion.shares}
    total = next(iter(totals)) if len(totals) == 1 else 0
    return [
        Share(group.words, group.at, group.n, total)
        for group in assertion.groups
        if group.n < total and not any(group.n in (share.k, share.n) for share in assertion.shares)
    ]


def candidates(assertion: Assertion, base: EvidenceBase) -> list[Candidate]:
    """Results of studies about the sentence's agents, narrowed by year and outcomes where it has any."""
    found = []
    for study in studies_meant(assertion, base):
        for outcome in study.outcomes:
            if assertion.outcomes and not _same_outcome(outcome, assertion.outcomes, base):
                continue
            for result in outcome.results:
                found.append(Candidate(study, study.arm(result.arm), outcome, result))
            if outcome.pooled is not None:
                found.append(Candidate(study, None, outcome, outcome.pooled))
    return found


def studies_meant(assertion: Assertion, base: EvidenceBase) -> list[Study]:
    """Studies with the agents anywhere in their arms; of the year, size and design named, where any is."""
    found = [study for study in base.studies.values() if _has_agents(study, assertion.agents, base)]
    is_design_named = bool(_DESIGN.search(assertion.text))
    for narrowed in (
        [study for study in found if _year(study, base) in assertion.years],
        [study for study in found if any(group.n in _sizes(study) for group in assertion.groups)],
        [study for study in found if is_design_named and study.design in assertion.designs],
        [study for study in found if study.cohort and study.cohort.casefold() in assertion.text.casefold()],
    ):
        kept = [study for study in found if study in narrowed]
        found = kept or found
    return found


def _has_agents(study: Study, agents: tuple[str, ...], base: EvidenceBase) -> bool:
    if not agents:
        return True
    given = {
        name
        for arm in study.arms
        for name in (*arm.agents, *arm.inferred, *getattr(arm, "in_part", ()), *getattr(arm, "before", ()))
    }
    if study.is_gathered and not given:
        return True  # a review that itemises no arm may be about any agent
    given |= {each for name in given if name in base.agents for each in base.agents[name].classes}
    return bool(given & set(agents))


def _judge_share(assertion: Assertion, share: Share, base: EvidenceBase) -> Finding:
    found = candidates(assertion, base)
    groups = [each for each in found if each.total == share.n]
    same = [each for each in groups if _counts(each, share.k, share.n, assertion, base)]
    if same:
        return _supported(assertion, same, share.words, "count")
    if groups and (assertion.outcomes or len({each.outcome.name for each in groups}) == 1):
        near = groups[:3]
        reason = f"{share.words}: the base has {_rows(near)}"
        return _finding(assertion, "conflicting", near, reason, "count")
    reason = f"{share.words}: no row of the base counts this for these agents"
    return _finding(assertion, "not found", [], reason, "count")


def _counts(each: Candidate, k: int, n: int, assertion: Assertion, base: EvidenceBase) -> bool:
    """Whether a row is this count, or that of the outcome's complement."""
    if each.result.count is None:
        return False
    term = base.outcomes.get(each.outcome.name)
    flipped = bool(
        term and term.complement in assertion.outcomes and each.outcome.name not in assertion.outcomes
    )
    return each.result.count == (n - k if flipped else k)


def _judge_percent(assertion: Assertion, percent: Percent, base: EvidenceBase) -> Finding:
    found = candidates(assertion, base)
    same = [each for each in found if _is_percent(each, percent, assertion, base)]
    if same:
        return _supported(assertion, same, percent.words, "percent")
    studies = {
        each.study.id for each in found if each.result.percent is not None or each.result.count is not None
    }
    if len(studies) == 1 and assertion.outcomes and assertion.agents:
        reason = f"{percent.words}: the base has {_rows(found[:3])}"
        return _finding(assertion, "conflicting", found[:3], reason, "percent")
    reason = f"{percent.words}: no row of the base has it for these agents and outcomes"
    return _finding(assertion, "not found", [], reason, "percent")


def _is_percent(each: Candidate, percent: Percent, assertion: Assertion, base: EvidenceBase) -> bool:
    """Within the rounding of what was written, and of what is printed."""
    values = []
    if each.result.percent is not None:
        values.append(Fraction(each.result.percent))
    if each.result.count is not None and each.total:
        values.append(Fraction(each.result.count * 100, each.total))
    term = base.outcomes.get(each.outcome.name)
    if term and term.complement in assertion.outcomes and each.outcome.name not in assertion.outcomes:
        values = [100 - value for value in values]
    return any(abs(value - percent.value) <= percent.step / 2 for value in values)


def _judge_group(assertion: Assertion, group: Share, base: EvidenceBase) -> Finding | None:
    studies = studies_meant(assertion, base)
    same = [study for study in studies if group.n in _sizes(study)]
    if same:
        held = tuple(study.id for study in same[:3])
        weak = all(_size_is_weak(study) for study in same)
        where = "only by memory in" if weak else "in"
        reason = f"{group.words}: a group of this size is {where} {', '.join(held)}"
        return Finding(
            assertion.text, assertion.at, "not found" if weak else "supported", held, reason, "group"
        )
    if len(studies) == 1 and (assertion.years or assertion.designs):
        sizes = ", ".join(map(str, sorted(_sizes(studies[0])))) or "no size printed"
        reason = f"{group.words}: {studies[0].id} has {sizes}"
        return Finding(assertion.text, assertion.at, "conflicting", (studies[0].id,), reason, "group")
    reason = f"{group.words}: no study of the base with a group of this size for these agents"
    return Finding(assertion.text, assertion.at, "not found", (), reason, "group")


def _judge_ratio(
    assertion: Assertion, words: str, measure: str, value: Fraction, base: EvidenceBase
) -> Finding:
    effects = [
        outcome.effect
        for study in studies_meant(assertion, base)
        for outcome in study.outcomes
        if outcome.effect
        and outcome.effect.value is not None
        and (not assertion.outcomes or _same_outcome(outcome, assertion.outcomes, base))
        and outcome.effect.measure.upper() == measure
    ]
    same = [
        each
        for each in effects
        if each.value is not None and abs(Fraction(each.value) - value) < Fraction(1, 200)
    ]
    if same:
        held = tuple(each.id for each in same[:3])
        return Finding(assertion.text, assertion.at, "supported", held, f"{words}: as reported", "ratio")
    if len(effects) == 1:
        reason = f"{words}: the base has {effects[0].measure} {effects[0].value}"
        return Finding(assertion.text, assertion.at, "conflicting", (effects[0].id,), reason, "ratio")
    return Finding(
        assertion.text, assertion.at, "not found", (), f"{words}: no such effect in the base", "ratio"
    )


def _supported(assertion: Assertion, rows: list[Candidate], words: str, about: str) -> Finding:
    """Supported, unless every row that has it was read nowhere: then nothing supports it."""
    read = [each for each in rows if each.result.seen not in WEAK]
    if read:
        return _finding(assertion, "supported", read, f"{words}: {_rows(read)}", about)
    reason = f"{words}: only in a row that was not read in its source ({_rows(rows)})"
    return _finding(assertion, "not found", rows, reason, about)


def _finding(
    assertion: Assertion, verdict: Verdict, rows: list[Candidate], reason: str, about: str
) -> Finding:
    held = tuple(dict.fromkeys(each.result.id for each in rows))[:3]
    return Finding(assertion.text, assertion.at, verdict, held, reason, about)


def _rows(rows: list[Candidate]) -> str:
    return "; ".join(
        dict.fromkeys(f"{each.words} {each.outcome.name} ({each.result.id})" for each in rows[:3])
    )


def _same_outcome(outcome: Outcome, wanted: tuple[str, ...], base: EvidenceBase) -> bool:
    term = base.outcomes.get(outcome.name)
    return outcome.name in wanted or bool(term and term.complement in wanted)


def _sizes(study: Study) -> frozenset[int]:
    sizes = {arm.n for arm in study.arms} | {study.population.n, study.population.mda5_positive}
    return frozenset(size for size in sizes if size)


def _size_is_weak(study: Study) -> bool:
    """Whether the size of a study was read nowhere."""
    own = study.population.seen.get("n", "")
    outcomes = {outcome.seen for outcome in study.outcomes}
    return own in WEAK or (not own and bool(outcomes) and outcomes <= WEAK)


def _year(study: Study, base: EvidenceBase) -> int | None:
    reference = base.references.get(study.reference)
    return reference.year if reference else None
