"""Rule: what a text leaves out that its own sources say about what it advises.

Three things only, each read from the base: agents advised together although a label advises against it, a
boxed warning of an advised agent, and a trial's endpoint that was not met beside a figure that flatters it.
An omission is found once, at the first sentence that needs the missing words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from trivium.evidence.brief.asked import inside
from trivium.evidence.claims.amounts import dosing_of
from trivium.evidence.claims.assertions import Assertion, mentions
from trivium.evidence.claims.finding import Finding
from trivium.evidence.claims.numbers import Candidate, candidates
from trivium.evidence.vocabulary import Vocabulary, plain
from trivium.knowledge.dosing import Dosing, Interaction
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import WEAK, Knowledge

_LABEL = re.compile(
    r"(?<!open.)\b(?:label\w*|prescribing information|limitations?\s+of\s+use|not\s+recommended"
    r"|advis\w+\s+against)",
    re.I,
)
_BOXED = re.compile(r"\bbox(?:ed)?\b|\bblack[\s-]box", re.I)
_UNMET = re.compile(
    r"\b(?:not\s+met|missed|null|negative|no\s+(?:significant\s+)?difference|not\s+significant|fail\w*|did\s+not)\b",
    re.I,
)
_SEVERAL = 3
WHOLE = "(the text as a whole)"
_COMMON = frozenset(
    """serious fatal severe acute from all with including major events causes and of the or in to""".split()  # noqa: SIM905
)


def check(
    found: list[Assertion], base: EvidenceBase, knowledge: Knowledge | None, text: str, words: Vocabulary
) -> Iterator[Finding]:
    """Every omission of the text."""
    if knowledge is not None:
        yield from _against_label(found, base, knowledge, text)
        yield from _boxed(found, base, knowledge, text, words)
    yield from _unmet(found, base)


def _against_label(
    found: list[Assertion], base: EvidenceBase, knowledge: Knowledge, text: str
) -> Iterator[Finding]:
    """Two agents advised together although one's label says not to, and the text says nothing of a label."""
    if _LABEL.search(text):
        return
    told: set[tuple[str, str]] = set()
    for assertion in found:
        if not (assertion.advises or assertion.is_about_guideline):
            continue
        dosings = {name: dosing for name in assertion.own if (dosing := dosing_of(name, base, knowledge))}
        for name, dosing in dosings.items():
            for other, partner in dosings.items():
                clash = next((each for each in dosing.interactions if _is_clash(each, partner)), None)
                if other == name or clash is None or (name, other) in told:
                    continue
                told.add((name, other))
                reason = f"leaves out the label of {inside(base.agents[name].label)}: {clash.text}"
                held = (f"{dosing.agent}.{clash.id}",)
                yield Finding(assertion.text, assertion.at, "inflated", held, reason, "omission")


def _is_clash(interaction: Interaction, partner: Dosing) -> bool:
    read = any(leg.seen not in WEAK for leg in interaction.cited)
    named = {partner.agent, *partner.classes} & set(interaction.partners)
    return interaction.severity in ("contraindicated", "avoid") and read and bool(named)


def _boxed(
    found: list[Assertion], base: EvidenceBase, knowledge: Knowledge, text: str, words: Vocabulary
) -> Iterator[Finding]:
    """An advised agent whose boxed warnings are named nowhere in the text."""
    if _BOXED.search(text):
        return
    told_of = _Told.of(text, words)
    central = _central(found)
    told: set[str] = set()
    for assertion in found:
        if not (assertion.advises or assertion.is_about_guideline):
            continue
        for name in assertion.own:
            dosing = dosing_of(name, base, knowledge)
            if dosing is None or name in told or name not in central:
                continue
            for remark in dosing.remarks:
                missing = told_of.unsaid(remark.text)
                read = any(leg.seen not in WEAK for leg in remark.cited)
                if remark.topic == "boxed" and read and missing:
                    told.add(name)
                    reason = (
                        f"leaves out of the boxed warning of {inside(base.agents[name].label)}: {missing}"
                    )
                    yield Finding(WHOLE, 0, "inflated", (dosing.agent,), reason, "omission")
                    break


def _central(found: list[Assertion]) -> frozenset[str]:
    """The agents that a text is about: named in several of its sentences, and not in one list only."""
    counts = Counter(name for assertion in found for name in assertion.own)
    return frozenset(name for name, count in counts.items() if count >= _SEVERAL)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a text tells of: its words, and the outcomes it names by whatever name."""

    words: frozenset[str]
    outcomes: frozenset[str]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, text: str, words: Vocabulary) -> Self:
        return cls(frozenset(plain(text).split()), frozenset(mentions(text, words)["outcome"]), words)

    def unsaid(self, warning: str) -> str:
        """The parts of a boxed warning of which the text has neither outcome nor telling word."""
        parts = re.split(r"[;,](?![^(]*\))", warning.partition(":")[2] or warning)
        return "; ".join(part for each in parts if (part := each.strip(" .")) and not self._tells(part))

    def _tells(self, part: str) -> bool:
        outcomes = set(mentions(part, self.vocabulary)["outcome"])
        return bool(outcomes & self.outcomes or _telling(part) & self.words)


def _telling(part: str) -> set[str]:
    """The words of a warning that tell it from others."""
    return {word.strip("().") for word in plain(part).split()} - _COMMON


def _unmet(found: list[Assertion], base: EvidenceBase) -> Iterator[Finding]:
    """A flattering figure from a study whose own endpoint showed no significant difference."""
    told: set[str] = set()
    for assertion in found:
        if not (assertion.percents or assertion.shares) or _UNMET.search(assertion.text):
            continue
        studies = {
            each.study.id: each.study for each in candidates(assertion, base) if _is_meant(assertion, each)
        }
        for study in studies.values():
            for outcome in study.outcomes:
                effect = outcome.effect
                if (
                    effect is not None
                    and effect.significant is False
                    and effect.id not in told
                    and study.design == "RCT"
                ):
                    told.add(effect.id)
                    p = f", p = {effect.p.text}" if effect.p else ""
                    reason = (
                        f"leaves out that {study.id} showed no significant difference in {outcome.name}{p}"
                    )
                    yield Finding(assertion.text, assertion.at, "inflated", (effect.id,), reason, "omission")


def _is_meant(assertion: Assertion, candidate: Candidate) -> bool:
    """Whether one of the sentence's numbers is this row's."""
    result, total = candidate.result, candidate.total
    if any(result.count == share.k and total == share.n for share in assertion.shares):
        return True
    values = [Fraction(result.percent)] if result.percent is not None else []
    if result.count is not None and total:
        values.append(Fraction(result.count * 100, total))
    return any(
        abs(value - percent.value) <= percent.step / 2 for percent in assertion.percents for value in values
    )
