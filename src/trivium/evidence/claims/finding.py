"""What a text's assertion came to, and against which row of the base it was held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

# From the gravest to the mildest: where rules differ about one thing, each speaks for itself.
Verdict = OneOf["conflicting", "inflated", "not found", "not judged", "supported"]
VERDICTS: tuple[Verdict, ...] = ("conflicting", "inflated", "not found", "not judged", "supported")


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict about one thing that a sentence says. `held_against` are ids of the base, best first."""

    text: str
    at: int
    verdict: Verdict
    held_against: tuple[str, ...]
    reason: str
    about: str = (
        ""  # count | percent | group | dose | level | ratio | strength | composition | omission | audited
    )
