"""Rule: a sentence that says what an audited claim says shares its verdict.

A likeness of words, not a rule of medicine: it speaks only when the same agents are named, the likeness is
high, and the claim has no figure that the sentence lacks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from trivium.evidence.claims.assertions import Assertion
from trivium.evidence.claims.finding import Finding, Verdict
from trivium.evidence.vocabulary import plain
from trivium.knowledge.evidence import EvidenceBase

# From here on two sentences are taken to say the same: chosen so that no supported claim of the audits is
# matched by a conflicting one (the tests hold this).
_ALIKE = 0.5
_VERDICTS: dict[str, Verdict] = {
    "conflicts": "conflicting",
    "not-found": "not found",
    "supported": "supported",
}
_EMPTY = frozenset(
    """a an the of for in on at to from by as is are was were be been it its this that these those with and or
    not has have had may might can could should would will which who all any some more most than other into
    over one""".split()  # noqa: SIM905 (a list of words reads better as words)
)
Weights = Mapping[str, float]


def weights(base: EvidenceBase) -> Weights:
    """How telling each word is among the audited claims: rare ones more; "" is for words of none."""
    counts = Counter(word for claim in base.claims.values() for word in _words(claim.claim))
    total = len(base.claims) + 1
    return {word: math.log(total / count) for word, count in counts.items()} | {"": math.log(total)}


def check(assertion: Assertion, base: EvidenceBase, telling: Weights) -> Iterator[Finding]:
    """The verdict of the one claim that is most alike, when it is alike enough."""
    words, agents, figures = _words(assertion.text), frozenset(assertion.agents), _figures(assertion.text)
    alike = {
        claim.id: _likeness(words, _words(claim.claim), telling)
        for claim in base.claims.values()
        if claim.verdict in _VERDICTS
        and frozenset(claim.agents) == agents
        and _figures(claim.claim) <= figures
    }
    best = max(alike, key=lambda name: (alike[name], name), default=None)
    if best is not None and alike[best] >= _ALIKE:
        claim = base.claims[best]
        held = (claim.id, *claim.statements[:1], *claim.studies[:1])
        reason = f"as an audited claim: {claim.finding or claim.verdict}"
        yield Finding(assertion.text, assertion.at, _VERDICTS[claim.verdict], held, reason, "audited")


def _likeness(one: frozenset[str], other: frozenset[str], telling: Weights) -> float:
    """The weight of shared words over that of all."""

    def weight(words: frozenset[str]) -> float:
        return math.fsum(telling.get(word, telling[""]) for word in words)

    union = weight(one | other)
    return weight(one & other) / union if union else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in re.findall(r"[a-z0-9]+", plain(text)) if word not in _EMPTY)


def _stem(word: str) -> str:
    """Endings off, so that `recommends` is `recommended`; crude on purpose and the same for both sides."""
    for ending in ("ations", "ation", "ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _figures(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:\.\d+)?", text))
