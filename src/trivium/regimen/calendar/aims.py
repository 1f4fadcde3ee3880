"""What a calendar is to serve first: the order of aims, from how urgent each agent is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from trivium.knowledge.dosing import Purpose
from trivium.regimen.calendar import distances
from trivium.regimen.calendar.course import Choice
from trivium.regimen.calendar.distances import Laid
from trivium.regimen.calendar.model import Aim, Early, Keep

_RANK: Mapping[Purpose, int] = {"rescue": 0, "start": 1, "escalate": 1}


def aims(laid: Sequence[Laid], soft: Collection[str]) -> Iterator[Aim]:
    """Rescue, then what begins, then the rest, each as given: every agent's first dose to come.

    Before it the soft distances that it shares with agents more urgent: it waits, they do not. After it that
    its later doses come no later than printed: what is less urgent does not push them out. `soft`: the
    clauses that may be broken.
    """
    urgent = sorted(laid, key=lambda one: _RANK.get(one.choice.regimen.purpose, len(_RANK)))
    for index, this in enumerate(urgent):
        shared = [
            name
            for other in urgent[:index]
            for one, two in ((this, other), (other, this))
            for spacing in one.choice.dosing.spacing
            if (name := distances.clause(one, spacing, two)) in soft
        ]
        if shared:
            yield Keep(tuple(dict.fromkeys(shared)))
        if this.past < len(this.doses):
            yield Early((this.doses[this.past],))
        if (name := later(this.choice)) in soft:
            yield Keep((name,))


def later(choice: Choice) -> str:
    """The clause that its doses come no later than printed."""
    return f"{choice.agent}.{choice.regimen.id}.later"
