"""Rule: a recommendation may be called no stronger than the statement it comes from.

An assertion about a guideline → the statements about its agents or, where it names none, about the same
words → inflated, supported, or not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trivium.evidence.claims.assertions import Assertion
from trivium.evidence.claims.finding import Finding
from trivium.evidence.strength import claimed, inflations, report
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import CERTAINTIES, STRENGTHS, Statement

_COMBINED = re.compile(r"\b(?:triple|combin\w+|three[\s-]\w+|quadruple|together|regimen)\b", re.I)
_OUTRIGHT = re.compile(r"\b(?:recommend|endors|support|standard|must|mandat|indicat|advis|favou?r)", re.I)


def check(assertion: Assertion, base: EvidenceBase) -> Iterator[Finding]:
    """One finding for the strongest wording of the sentence."""
    wordings = claimed(assertion.text)
    if not wordings:
        return
    candidates = _candidates(assertion, base)
    about_strength = [words for wording, words, _ in wordings if wording.about == "strength"]
    if not candidates:
        if about_strength and (assertion.is_about_guideline or assertion.agents):
            reason = f"“{about_strength[0]}”: no graded statement of the base is about this"
            yield Finding(assertion.text, assertion.at, "not found", (), reason, "strength")
        return
    best = min(candidates, key=_order)
    inflated = inflations(assertion.text, best.strength, best.certainty)
    held = tuple(each.id for each in sorted(candidates, key=_order)[:3])
    if inflated:
        reason = f"{inflated[0]}: {best.id} is a {report(best.direction, best.strength, best.certainty)}"
        yield Finding(assertion.text, assertion.at, "inflated", held, reason, "strength")
    elif about_strength and _OUTRIGHT.search(" ".join(about_strength)):
        reason = f"{best.id} is a {report(best.direction, best.strength, best.certainty)}"
        yield Finding(assertion.text, assertion.at, "supported", held, reason, "strength")


def _candidates(assertion: Assertion, base: EvidenceBase) -> list[Statement]:
    """Graded statements in favour about the sentence's agents; about a regimen where it speaks of one."""
    about = _with_classes(base, assertion.agents)
    graded = [each for each in base.statements.values() if each.direction == "for" and not each.is_weak]
    by_agent = [each for each in graded if about & set(each.agents)]
    combined = bool(_COMBINED.search(assertion.text)) or len(assertion.agents) > 1
    by_words = [each for each in graded if combined and _COMBINED.search(each.text)]
    own = [each for each in (*by_agent, *by_words) if _fits_disease(assertion, each)]
    return list({each.id: each for each in own}.values())


def _fits_disease(assertion: Assertion, statement: Statement) -> bool:
    """A sentence about RP-ILD is held against statements about RP-ILD, if any word tells which it is."""
    rapid = "rp-ild" in assertion.populations
    scope = f"{statement.scope} {statement.text}".casefold()
    return not rapid or "rp-ild" in scope or "rapid" in scope


def _order(statement: Statement) -> tuple[int, int, str]:
    return STRENGTHS.index(statement.strength), CERTAINTIES.index(statement.certainty), statement.id


def _with_classes(base: EvidenceBase, agents: tuple[str, ...]) -> frozenset[str]:
    found = set(agents)
    for agent in agents:
        found.update(base.agents[agent].classes if agent in base.agents else ())
    return frozenset(found)
