"""One state for each chosen agent: whether its order is proposed, and if not, why.

In: what the pathway says, the dose, what clashes, what the site declares. Out: the first state that is so,
the gravest first. Nothing is chosen here: of two that must not go together neither is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trivium.core.truth import FALSE
from trivium.knowledge.dosing import Dosing, Regimen
from trivium.treatment.given import NOTHING, Already
from trivium.treatment.planned import Setup

Data = dict[str, Any]

PROPOSED = "proposed"
WAITS, NOT_COMPUTED, NOT_OFFERED = "waits", "not computed", "not offered"
# States in which an agent still has days in the calendar: what they depend on is said at every one of them.
SCHEDULED = frozenset((PROPOSED, WAITS, NOT_COMPUTED, NOT_OFFERED))
_PROCEDURE = "extracorporeal"
_NOT_INDICATED = (
    "The pathway does not offer it to this patient as things stand: it looks at what is taken, "
    "not at what is chosen here."
)


@dataclass(frozen=True, slots=True)
class State:
    """A state of docs/treatment.md, and the reasons in words; none where it is proposed."""

    name: str
    why: tuple[str, ...] = ()

    @property
    def is_scheduled(self) -> bool:
        return self.name in SCHEDULED


@dataclass(frozen=True, slots=True)
class Asked:
    """All that the state of one agent rests on, as data of the regimen.

    `dose` None: nobody chose a regimen, and none is the default. `clashes`: as `clashes.clashes` gives them.
    """

    dosing: Dosing
    regimen: Regimen | None
    eligible: Data
    dose: Data | None
    clashes: Iterable[Data] = ()
    already: Already = NOTHING


def states(setup: Setup, asked: Mapping[str, Asked]) -> dict[str, State]:
    """The state of each agent, in their order."""
    found = {name: _alone(setup, each) for name, each in asked.items()}
    for name, each in asked.items():
        if found[name].name in (PROPOSED, NOT_OFFERED):
            found[name] = _beside(setup, each, found)
    return found


def _alone(setup: Setup, asked: Asked) -> State:
    """The state without a look at what it is given beside."""
    eligible, dose = asked.eligible, asked.dose
    audience = setup.audience()
    bars = [bar["text"] for bar in eligible["blocked_by"] if bar.get("holds") == "true"]
    waits = [bar["text"] for bar in eligible["blocked_by"] if bar.get("holds") != "true"]
    if audience is not None and audience["holds"] == str(FALSE):
        return State("not indicated", (audience["words"],))
    if eligible["status"] == "not_indicated":
        return State("not indicated", (_NOT_INDICATED,))
    if eligible["status"] == "blocked":
        return State("blocked", tuple(bars or waits))
    if dose is not None and dose["status"] in ("avoid", "not_for"):
        return State("not to be given", (dose["words"],))
    if shut := [each["words"] for each in asked.clashes if not each["override"]]:
        return State("withheld", tuple(shut))
    if (missing := _not_here(setup, asked)) is not None:
        return missing
    if dose is None:
        known = ", ".join(f"{asked.dosing.agent}:{name}" for name in asked.dosing.regimens)
        return State("choose a regimen", (f"None of its regimens is the default; there are: {known}.",))
    if dose["status"] != "dose":
        questions = () if dose["status"] == "undecided" else _asked(dose)
        return State(NOT_COMPUTED, tuple(questions) or (dose["words"],))
    if asked.already.is_open:
        return State(WAITS, (asked.already.words,))
    if eligible["status"] == "undetermined":
        return State(WAITS, tuple(waits) or ("Whether the pathway offers it is not known yet.",))
    if eligible["status"] == "not_offered":
        return State(NOT_OFFERED, (eligible["words"],))
    return State(PROPOSED)


def _not_here(setup: Setup, asked: Asked) -> State | None:
    """What the site's profile declares that it has not; what it does not declare bars nothing."""
    agent, techniques = asked.dosing.agent, setup.site.techniques
    if is_procedure(asked.dosing.route) and techniques is not None and agent not in techniques:
        there = ", ".join(setup.labels.get(name, name) for name in sorted(techniques)) or "none"
        words = f"The site's profile does not name it among the rescue techniques on site ({there})."
        return State("not on site", (words,))
    if setup.held(asked.dosing) == ():
        return State("not held", ("The site's profile declares that it does not hold it.",))
    return None


def is_procedure(route: str) -> bool:
    """Whether it is done and not given."""
    return route.startswith(_PROCEDURE)


def _beside(setup: Setup, asked: Asked, found: Mapping[str, State]) -> State:
    """What is given with each dose of another, or as a share of it, goes along with that one."""
    own, regimen = found[asked.dosing.agent], asked.regimen
    if regimen is None:
        return own
    partners = {regimen.schedule.beside, *(rule.of for rule in regimen.rules)} - {""}
    if own.name == PROPOSED and regimen.schedule.beside and not partners & set(found):
        label = setup.labels[regimen.schedule.beside]
        return State(WAITS, (f"It is given with each {label}, which is not chosen here.",))
    for name in sorted(partners & set(found)):
        partner = found[name]
        if partner.name == PROPOSED:
            return partner
        label = setup.labels[name]
        return State(partner.name, (f"It is given beside {label}, which is: {partner.name}.", *partner.why))
    return own


def _asked(dose: Data) -> list[str]:
    """What the dose waits for; what a complete list would settle is asked by that list."""
    facts = {each["fact"] for each in dose["questions"]}
    waits = [each for each in dose["questions"] if not is_level_only(each, dose)]
    return [each["question"] for each in waits if each["settled_by"] not in facts]


def is_level_only(question: Data, dose: Data) -> bool:
    """Whether it only asks where a level stands: no first dose waits for that."""
    levels = {each["fact"] for each in dose["levels"]}
    return question["fact"] in levels and len(question["decides"]) == 1
