"""A text held against the base: every assertion through every rule, findings in the order of the text."""

from __future__ import annotations

from trivium.evidence.claims import amounts, audited, composition, grade, numbers, omissions
from trivium.evidence.claims.assertions import Assertion, assertions
from trivium.evidence.claims.finding import VERDICTS, Finding
from trivium.evidence.vocabulary import Vocabulary, vocabulary
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import Knowledge


def check_text(text: str, base: EvidenceBase, knowledge: Knowledge | None) -> list[Finding]:
    """Every finding, in the order of the text, the gravest first within a sentence.

    Sentences that assert no number, strength or dose about things of the base are passed over; one that does
    and that no rule could judge is said to be `not judged`.
    """
    words = vocabulary(base)
    said = assertions(text, base, words)
    telling = audited.weights(base)
    found: list[Finding] = []
    for assertion in said:
        judged = _judge(assertion, base, knowledge, words, telling)
        if not judged and assertion.says_something and (assertion.agents or assertion.outcomes):
            reason = "says something about agents of the base that no rule here can judge"
            judged = [Finding(assertion.text, assertion.at, "not judged", (), reason)]
        found += judged
    found += omissions.check(said, base, knowledge, text, words)
    return sorted(
        dict.fromkeys(found),
        key=lambda each: (each.at, VERDICTS.index(each.verdict), each.about, each.reason),
    )


def _judge(
    assertion: Assertion,
    base: EvidenceBase,
    knowledge: Knowledge | None,
    words: Vocabulary,
    telling: audited.Weights,
) -> list[Finding]:
    own = [
        *grade.check(assertion, base),
        *composition.check(assertion, base),
        *numbers.check(assertion, base, words),
        *amounts.check(assertion, base, knowledge),
    ]
    # Likeness of words speaks only where no rule did, or to add what rules cannot know.
    verdicts = {each.verdict for each in own}
    return [*own, *(each for each in audited.check(assertion, base, telling) if each.verdict not in verdicts)]
