"""The working of a dose: steps in the order in which they were made, each with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from trivium.knowledge.models import Cited

# rule: what the source prints · size: body size used · computed: rule times size · taken_off: a fixed
# reduction · limited: a maximum held · ceiling: what an adjustment leaves at most · chosen: which of
# several holds · rounded · made_of: units of the pharmacy · remark: what a person has to know or decide
StepKind = OneOf[
    "rule", "size", "computed", "taken_off", "limited", "ceiling", "chosen", "rounded", "made_of", "remark"
]


@dataclass(frozen=True, slots=True)
class Step:
    """One step, in words, with its sources."""

    kind: StepKind
    text: str
    cited: tuple[Cited, ...] = ()
