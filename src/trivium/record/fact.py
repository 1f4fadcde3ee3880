"""A fact: the possible values of one question about one patient, with where they come from.

Made by `record.facts` and the form reader; read by everything that evaluates or explains. A fact is
Unknown exactly when its value is the widest of its type; then `reasons` says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal as OneOf

from trivium.core import values
from trivium.core.values import Value
from trivium.knowledge.given import unknown_of
from trivium.knowledge.models import FactSpec
from trivium.record.events import When

# missing: nothing recorded · stale: too old · not-yet-reported: taken or entered, known only later ·
# unit: no unit, or one that does not convert · implausible: outside what can be · conflict: sources
# contradict each other · no-value: recorded without a value · unreadable: recorded, and cannot be read ·
# uncertain-date: the dates leave open what holds · unconfirmed: suspected only · inputs: what it is
# computed from is not known · not-entered: only a clinician can say
Code = OneOf[
    "missing",
    "stale",
    "not-yet-reported",
    "unit",
    "implausible",
    "conflict",
    "no-value",
    "unreadable",
    "uncertain-date",
    "unconfirmed",
    "inputs",
    "not-entered",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a fact is Unknown: a stable code, a sentence, and the resource it is about ("" for none)."""

    code: Code
    detail: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one question.

    Units:   `value` is in the unit of `spec.type`; dates are day numbers in the site's zone.
    `at` is when that was so: of several candidates their common stretch; of a derived fact the
    date of its oldest input.
    `seen` describes, as recorded, what was looked at, also where it could not be used.
    """

    spec: FactSpec
    value: Value
    at: When | None = None
    origins: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    seen: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return values.is_known(self.value, len(self.spec.type.choices))


def unknown(
    spec: FactSpec,
    *reasons: Reason,
    at: When | None = None,
    origins: Iterable[str] = (),
    seen: Iterable[str] = (),
) -> Fact:
    """The fact that is not known, for the reasons given (one at least)."""
    return Fact(spec, unknown_of(spec.type), at, tuple(origins), reasons, tuple(seen))
