"""What free text says: whether a phrase stands in it, and whether the text doubts or denies.

Clinical text such as "no evidence of …", "? RP-ILD" or "family history of …" must never become a fact
of presence. Nothing is parsed: any word of doubt or denial makes the whole text doubtful.
"""

from __future__ import annotations

import re

_DOUBT = re.compile(
    r"\b(?:no|not|non|nor|without|denies|denied|negative|absent|never|unlikely|possible|possibly|probable"
    r"|suspected|suspicion|query|queried|questionable|exclude|excluded|excludes|excluding|versus|vs"
    r"|differential|risk of|rule[sd]? out|r/o|ruling out|family history|maternal|paternal|screening)\b|\?",
    re.IGNORECASE,
)


def has_phrase(text: str, phrase: str) -> bool:
    """Whether the phrase (in lower case) stands in the text (in lower case), not inside a longer Latin word.

    Japanese and Chinese have no blanks: there only Latin neighbours count against it.
    """
    at = text.find(phrase)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(phrase) : at + len(phrase) + 1]
        if not (_is_latin(before) or _is_latin(after)):
            return True
        at = text.find(phrase, at + 1)
    return False


def is_doubted(text: str) -> bool:
    """Whether the text has a word of doubt or denial anywhere."""
    return _DOUBT.search(text) is not None


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()
