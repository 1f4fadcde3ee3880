"""`trivium prove`: the safety properties over all states; each proved, or refuted with a patient."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from trivium.core.errors import Defect, KnowledgeError, UsageError
from trivium.core.values import Value, is_known
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge, Pathway
from trivium.logic.text import value_words
from trivium.proof.dosing import DOSE_OBLIGATIONS, prove_doses
from trivium.proof.laws import OBLIGATIONS, Outcome, prove

NAMES = (*OBLIGATIONS, *DOSE_OBLIGATIONS)


def run(obligation: str, root: Path | None) -> str:
    """What was proved, obligation by obligation, and the refutations that the content accepts.

    Errors:  KnowledgeError (exit 4) when something is refuted, vacuous or undecided.
    """
    if obligation and obligation not in NAMES:
        raise UsageError(f"no obligation {obligation!r}", hint=f"one of: {', '.join(NAMES)}")
    knowledge = load(root)
    pathway = knowledge.pathway
    lines: list[str] = []
    failed: list[Defect] = []
    for name in [obligation] if obligation else NAMES:
        outcomes = list(_shown(_answered(knowledge, name), name))
        lines += _summary(name, outcomes)
        failed += [_defect(outcome, pathway) for outcome in outcomes if not outcome.passes]
    if failed:
        raise KnowledgeError(failed)
    return "\n".join(lines) + "\n"


def _answered(knowledge: Knowledge, name: str) -> Iterator[Outcome]:
    """The questions of one obligation, on the pathway or on doses."""
    return prove_doses(knowledge, name) if name in DOSE_OBLIGATIONS else prove(knowledge.pathway, name)


def _shown(outcomes: Iterator[Outcome], name: str) -> Iterator[Outcome]:
    """The outcomes, with a line of progress where a person is watching."""
    watching = sys.stderr.isatty()
    for number, outcome in enumerate(outcomes, 1):
        if watching:
            sys.stderr.write(f"\r{name}: {number} questions")
            sys.stderr.flush()
        yield outcome
    if watching:
        sys.stderr.write("\n")


def _summary(name: str, outcomes: list[Outcome]) -> Iterator[str]:
    counted = Counter("accepted" if outcome.accepted else outcome.verdict for outcome in outcomes)
    words = ", ".join(f"{count} {verdict}" for verdict, count in counted.items()) or "nothing to prove"
    yield f"{name}: {words}"
    for outcome in outcomes:
        if outcome.accepted and outcome.verdict == "refuted":
            yield f"  accepted: {outcome.about}: {outcome.accepted}"


def _defect(outcome: Outcome, pathway: Pathway) -> Defect:
    if outcome.verdict == "refuted":
        why = f"for example a patient with {patient(outcome.before, pathway)}"
        changed = {n: v for n, v in outcome.after.items() if v != outcome.before[n]}
        why += f", when that becomes {patient(changed, pathway)}" if changed else ""
        hint = "mend the content, or accept it with a reason under properties/"
        return Defect("TRV301", f"{outcome.obligation}: {outcome.about} is refuted", None, why, hint)
    if outcome.verdict == "vacuous":
        why = "no patient meets its premise, so nothing was proved"
        return Defect("TRV302", f"{outcome.obligation}: {outcome.about} is vacuous", None, why)
    why = "the solver gave up, which is not a pass"
    return Defect("TRV303", f"{outcome.obligation}: {outcome.about} is undecided", None, why)


def patient(values: Mapping[str, Value], pathway: Pathway) -> str:
    """The facts of a witness that are known, in words."""
    known = []
    for name, value in values.items():
        kind = pathway.facts[name].type
        if is_known(value, len(kind.choices)) or len(values) == 1:
            known.append(f"{name}: {value_words(value, kind)}")
    return "; ".join(known) or "nothing known"
