"""Rule: three agents beside a glucocorticoid are four agents, and no triple therapy.

"Triple" is a glucocorticoid and two agents by the statement of the base that says so; a sentence that
calls three other agents (and no glucocorticoid among them) a triple therapy conflicts with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from trivium.evidence.brief.asked import BACKGROUND
from trivium.evidence.claims.assertions import Assertion
from trivium.evidence.claims.finding import Finding
from trivium.knowledge.evidence import EvidenceBase

_TRIPLE = 3


def check(assertion: Assertion, base: EvidenceBase) -> Iterator[Finding]:
    """A finding where a sentence names just three agents beside the glucocorticoid and calls them triple."""
    if not assertion.says_triple:
        return
    named = [name for name in _distinct(assertion.own, base) if not _is_glucocorticoid(name, base)]
    with_steroid = any(_is_glucocorticoid(name, base) for name in assertion.own)
    if len(named) < _TRIPLE or with_steroid or "from the following" in assertion.text.lower():
        return
    audited = [each for each in base.claims.values() if each.topic == "composition"]
    held = tuple(each.id for each in audited if each.verdict == "conflicts")
    stated = tuple(each.id for each in base.statements.values() if "triple_therapy_composition" in each.id)
    labels = ", ".join(base.agents[name].label for name in named)
    reason = f"{labels} and a glucocorticoid are {len(named) + 1} agents; triple is one and two"
    yield Finding(assertion.text, assertion.at, "conflicting", (*stated, *held), reason, "composition")


def _distinct(names: tuple[str, ...], base: EvidenceBase) -> list[str]:
    """The agents named, a class left out where one of its members stands beside it."""
    classes = {each for name in names if name in base.agents for each in base.agents[name].classes}
    return [name for name in names if name not in classes]


def _is_glucocorticoid(name: str, base: EvidenceBase) -> bool:
    known = base.agents.get(name)
    return name in BACKGROUND or bool(known and BACKGROUND & set(known.classes))
