"""What one regimen of an agent comes to for one patient, with its working.

In: an agent's dosing, a regimen, a patient. Out: `Dose`, which holds one alternative when all that matters
is known, and one for every different outcome when it is not: an unknown condition never counts as not
holding. It must not know whether the pathway offers the agent, nor how a dose is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal as OneOf

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Interval, Value, compare, point
from trivium.knowledge.dosing import Adjustment, Amount, DoseRule, Dosing, Purpose, Regimen, Target, When
from trivium.logic.evaluate import Trace
from trivium.logic.explain import awaited_facts
from trivium.logic.nodes import Node
from trivium.logic.prose import prose
from trivium.regimen.adjust import Over, Settled, settle, size_facts, together
from trivium.regimen.amounts import in_unit, said_range
from trivium.regimen.patient import Ask, Patient, is_settled
from trivium.regimen.rounding import measure_of
from trivium.regimen.suppose import Case, cases
from trivium.regimen.unfigured import unfigured
from trivium.regimen.working import Step

# dose: one dose, whatever else is learnt · open: different outcomes are possible · undecided: a person has
# to decide the amount, as the forms cannot make it or nobody says how far an interaction changes it · avoid:
# not to be given so · incomplete: body size is not known well enough · not_for: the source gives none here
Status = OneOf["dose", "open", "undecided", "avoid", "incomplete", "not_for"]
PURPOSES: tuple[Purpose, ...] = ("start", "treat", "prophylaxis", "rescue", "maintain", "escalate", "taper")


@dataclass(frozen=True, slots=True)
class Looked:
    """An adjustment that was looked at, and what its condition came to."""

    adjustment: Adjustment
    trace: Trace


@dataclass(frozen=True, slots=True)
class Alternative:
    """One outcome, and the suppositions under which it is the one: any of `because` suffices.

    A supposition names the unknown conditions that hold in it and decide; an empty one says that none of
    the unknown conditions does. `settled` has one entry, or the ends of the source's range and of what body
    size could be, ascending. `is_avoided`: not to be given so, or nothing remains, or no rule for it.
    """

    because: tuple[tuple[When, ...], ...]
    settled: tuple[Settled, ...]

    @property
    def is_avoided(self) -> bool:
        return any(each.given is None for each in self.settled) or not self.settled

    @property
    def is_decided(self) -> bool:
        """Whether no person has to decide the amount."""
        return all(each.is_decided for each in self.settled)

    @property
    def burden(self) -> Fraction:
        """The most a day (or a course), as computed where it cannot be made; 0 where none is to be given."""
        return max((_burden(each) for each in self.settled), default=Fraction(0))


@dataclass(frozen=True, slots=True)
class Level:
    """Where a measured level stands against what a titrated dose aims at."""

    target: Target
    words: str


@dataclass(frozen=True, slots=True)
class Dose:
    """A regimen for one patient.

    `alternatives` stand from the highest to the lowest; the last is the cautious reading. Empty for
    `incomplete` and `not_for`. `other_sources` are adjustments that a differing source prints.
    """

    agent: str
    regimen: Regimen
    status: Status
    alternatives: tuple[Alternative, ...]
    steps: tuple[Step, ...]
    adjustments: tuple[Looked, ...]
    other_sources: tuple[Looked, ...]
    tier: DoseRule | None
    levels: tuple[Level, ...]
    questions: tuple[Ask, ...]
    when: Trace | None = None

    @property
    def over(self) -> tuple[Over, ...]:
        """The maxima that a computed dose is above."""
        found = [over for each in self.alternatives for settled in each.settled for over in settled.over]
        return tuple(dict.fromkeys(found))


def choose(dosing: Dosing, patient: Patient, name: str = "") -> Regimen | None:
    """The regimen of that name; without one the default, or what stands in for it in this patient.

    None where no regimen is a default: all of them rest on weak sources, and a person has to choose.
    Errors:  KeyError for a name that the agent has not.
    """
    if name:
        return dosing.regimens[name]
    for purpose in PURPOSES:
        listed = [each for each in dosing.regimens.values() if each.purpose == purpose]
        if any(each.is_default for each in listed):
            fitting = [each for each in listed if _truth(patient, each.when) is not FALSE]
            return min(
                fitting or listed,
                key=lambda each: (not each.is_default, _truth(patient, each.when) is UNKNOWN),
            )
    return None


def dose(
    dosing: Dosing,
    regimen: Regimen,
    patient: Patient,
    held: Sequence[str] | None = None,
    beside: Mapping[str, Dose] | None = None,
) -> Dose:
    """What a regimen comes to for a patient.

    Shapes:  `held` are the forms that the pharmacy holds; None: whatever the agent comes in. `beside` are
             doses of other agents, for a regimen that is a share of one of them.
    """
    return _Regimen(dosing, regimen, patient, held, beside or {}).dose()


class _Regimen:
    """One regimen and one patient, while the dose is being found."""

    def __init__(
        self,
        dosing: Dosing,
        regimen: Regimen,
        patient: Patient,
        held: Sequence[str] | None,
        beside: Mapping[str, Dose],
    ) -> None:
        self.regimen, self.patient, self.agent = regimen, patient, dosing.agent
        self.beside = beside
        self.measure = measure_of(dosing, regimen, held)
        every = (*dosing.adjustments, *unfigured(dosing))
        ours = [each for each in every if not each.regimens or regimen.id in each.regimens]
        looked = [Looked(each, patient.trace(each.when.node)) for each in ours]
        self.adjustments = [each for each in looked if each.adjustment.in_force]
        self.other_sources = [each for each in looked if not each.adjustment.in_force]
        self.tiers = [
            (_of_other(rule, beside), TRUE if rule.when is None else patient.trace(rule.when.node).truth)
            for rule in regimen.rules
        ]

    def dose(self) -> Dose:
        when = None if self.regimen.when is None else self.patient.trace(self.regimen.when.node)
        possible = [rule for rule in self._possible_tiers() if rule is not None]
        may_hold = [each.adjustment for each in self.adjustments if each.trace.truth is not FALSE]
        needed = sorted({name for rule in possible for name in size_facts(self.regimen, rule, may_hold)})
        wanting = [name for name in needed if self.patient.size(name) is None]
        wanting += [rule.of for rule in possible if rule.of]
        alternatives: tuple[Alternative, ...] = ()
        if possible and not wanting and (when is None or when.truth is not FALSE):
            alternatives = self._alternatives(needed)
        return Dose(
            self.agent,
            self.regimen,
            self._status(when, possible, wanting, alternatives),
            alternatives,
            self._steps(possible, needed),
            tuple(self.adjustments),
            tuple(self.other_sources),
            possible[0] if len(possible) == 1 and None not in self._possible_tiers() else None,
            tuple(self._level(target) for target in self.regimen.targets),
            self.patient.questions(self._waiting(when, wanting, needed)),
            when,
        )

    def _status(
        self,
        when: Trace | None,
        possible: Sequence[DoseRule],
        wanting: Sequence[str],
        alternatives: Sequence[Alternative],
    ) -> Status:
        if (when is not None and when.truth is FALSE) or not possible:
            return "not_for"
        if wanting:
            surely = [each for each in self.adjustments if each.adjustment.avoid and each.trace.truth is TRUE]
            return "avoid" if surely else "incomplete"
        if len(alternatives) > 1:
            return "open"
        if alternatives[0].is_avoided:
            return "avoid"
        return "dose" if alternatives[0].is_decided else "undecided"

    def _possible_tiers(self) -> list[DoseRule | None]:
        """The tiers that may be the first that holds; None when it may be that none does."""
        found: list[DoseRule | None] = []
        for rule, truth in self.tiers:
            if truth is not FALSE:
                found.append(rule)
            if truth is TRUE:
                return found
        return [*found, None]

    def _alternatives(self, needed: Sequence[str]) -> tuple[Alternative, ...]:
        """Every outcome that is possible, the highest first."""
        unknown: dict[str, When] = {}
        for index, (rule, truth) in enumerate(self.tiers):
            if truth is UNKNOWN and rule.when is not None:
                unknown[f"{index}"] = rule.when
        for each in self.adjustments:
            if each.trace.truth is UNKNOWN:
                unknown[each.adjustment.id] = each.adjustment.when
        nodes: Mapping[str, Node] = {name: when.node for name, when in unknown.items()}
        outcomes: dict[tuple[object, ...], tuple[list[tuple[When, ...]], tuple[Settled, ...]]] = {}
        for case in cases(self.patient, nodes):
            settled = self._settled(case, needed)
            deciding = {name for each in settled for name in each.decided_by}
            names = [name for name in unknown if name in case and (name in deciding or name.isdigit())]
            because = tuple(unknown[name] for name in self._without_later_tiers(names))
            key = tuple((each.given, each.is_possible, bool(each.unfigured)) for each in settled)
            found, same = outcomes.get(key, ([], settled))
            if because not in found:
                found.append(because)
            outcomes[key] = found, tuple(map(together, same, settled))
        alternatives = [Alternative(_simplest(because), settled) for because, settled in outcomes.values()]
        return tuple(sorted(alternatives, key=_rank))

    @staticmethod
    def _without_later_tiers(names: Sequence[str]) -> list[str]:
        """Of several tiers that hold only the first says anything."""
        tiers = [name for name in names if name.isdigit()]
        return [name for name in names if name not in tiers[1:]]

    def _settled(self, case: Case, needed: Sequence[str]) -> tuple[Settled, ...]:
        """What is given in one case, at the ends of the source's range and of body size, ascending."""
        rule = next(
            (
                rule
                for index, (rule, truth) in enumerate(self.tiers)
                if truth is TRUE or (truth is UNKNOWN and f"{index}" in case)
            ),
            None,
        )
        if rule is None:
            return ()
        holding = [
            each.adjustment
            for each in self.adjustments
            if each.trace.truth is TRUE or (each.trace.truth is UNKNOWN and each.adjustment.id in case)
        ]
        found: dict[tuple[object, ...], Settled] = {}
        for at_high in (False, True):
            for sizes in self._sizes(needed):
                settled = settle(self.regimen, rule, holding, sizes, self.measure, at_high)
                found.setdefault((settled.given, settled.is_possible), settled)
        return tuple(sorted(found.values(), key=_burden))

    def _sizes(self, needed: Sequence[str]) -> list[dict[str, Fraction]]:
        """All sizes at their lower ends, and all at their upper ends: a dose rises with each of them."""
        intervals = {name: self.patient.size(name) for name in needed}
        lows = {name: Fraction(size.low) for name, size in intervals.items() if size and size.low is not None}
        highs = {
            name: Fraction(size.high) for name, size in intervals.items() if size and size.high is not None
        }
        return [lows] if lows == highs else [lows, highs]

    def _steps(self, possible: Sequence[DoseRule], needed: Sequence[str]) -> tuple[Step, ...]:
        """What every alternative begins with: the regimen as printed, and the body size used."""
        steps = [Step("rule", f"{self.regimen.label}.", self.regimen.cited)]
        for rule in self.regimen.rules:
            if rule.of:
                share = said_range(rule.amount.low, rule.amount.high, rule.amount.unit)
                steps.append(Step("rule", f"{share} of a dose of {rule.of}, {self._other_words(rule.of)}."))
        for rule in possible if len(self.regimen.rules) > 1 else ():
            text = said_range(rule.amount.low, rule.amount.high, rule.amount.unit)
            steps.append(Step("rule", f"{text} {f'if {self._if(rule.when)}' if rule.when else 'else'}."))
        for name in needed:
            spec = self.patient.pathway.facts[name]
            cited = spec.cited if spec.retrieval.kind == "derived" else ()
            steps.append(Step("size", self._size_words(name), cited))
        return tuple(steps)

    def _if(self, when: When) -> str:
        return prose(when.node, self.patient.labels)

    def _size_words(self, name: str) -> str:
        options = self.patient.pathway.facts[name].retrieval.options
        inputs = options.get("inputs")
        told = self.patient.told(name)
        if (
            not isinstance(inputs, Mapping)
            or name in self.patient.given
            or not self.patient.facts[name].is_known
        ):
            return f"{told}."
        sources = "; ".join(self.patient.told(each) for each in inputs.values())
        return f"{told} = {options.get('written') or options.get('formula')}, with {sources}."

    def _other_words(self, agent: str) -> str:
        other = self.beside.get(agent)
        if other is None or other.status != "dose":
            return "which is not one known dose here"
        given = [each.given.words() for each in other.alternatives[0].settled if each.given is not None]
        return f"which is {' to '.join(dict.fromkeys(given))}"

    def _level(self, target: Target) -> Level:
        spec = self.patient.pathway.facts[target.fact]
        value = self.patient.values[target.fact]
        aim = f"aims at {spec.label} {said_range(target.amount.low, target.amount.high, target.amount.unit)}"
        return Level(target, f"{aim}; now {self.patient.told(target.fact)}: {_against(value, target)}")

    def _waiting(
        self, when: Trace | None, wanting: Sequence[str], needed: Sequence[str]
    ) -> dict[str, list[str]]:
        """Facts that something waits for, and what."""
        facts = self.patient.facts
        waiting: dict[str, list[str]] = {name: ["the dose itself"] for name in wanting if name in facts}
        for name in needed:
            if name not in wanting and not is_settled(self.patient.values[name]):
                waiting.setdefault(name, []).append("which end of the dose it is")
        if when is not None:
            for name in awaited_facts(when):
                waiting.setdefault(name, []).append("whether this regimen is for this patient")
        for rule, truth in self.tiers:
            if truth is UNKNOWN and rule.when is not None:
                for name in awaited_facts(self.patient.trace(rule.when.node)):
                    waiting.setdefault(name, []).append(f"the tier if {self._if(rule.when)}")
        for each in self.adjustments:
            for name in awaited_facts(each.trace):
                waiting.setdefault(name, []).append(each.adjustment.text)
        for target in self.regimen.targets:
            if not self.patient.facts[target.fact].is_known:
                waiting.setdefault(target.fact, []).append("where the level stands against its target")
        return waiting


def _truth(patient: Patient, when: When | None) -> Truth:
    return TRUE if when is None else patient.trace(when.node).truth


def _of_other(rule: DoseRule, beside: Mapping[str, Dose]) -> DoseRule:
    """A share of another agent's dose as an amount of its own, where that dose is one; else as it is."""
    other = beside.get(rule.of)
    if other is None or other.status != "dose":
        return rule
    given = [each.given for each in other.alternatives[0].settled if each.given is not None]
    unit = given[0].unit
    low, high = (
        end * in_unit(Fraction(1), rule.amount.unit, "1") * single
        for end, single in ((rule.amount.low, given[0].single), (rule.amount.high, given[-1].single))
    )
    return replace(rule, amount=Amount(low, high, unit), of="")


def _burden(settled: Settled) -> Fraction:
    """What is given in a day at most, or in a course; 0 where nothing is given."""
    if settled.given is None:
        return Fraction(0)
    return settled.given.burden("course" if settled.given.per == "course" else "day")


def _rank(alternative: Alternative) -> tuple[Fraction, bool, bool, tuple[Fraction, ...]]:
    """The highest first, what is avoided last; of equal ones what a person has to decide comes after."""
    exact = sorted(-each.given.day for each in alternative.settled if each.given is not None)
    return -alternative.burden, alternative.is_avoided, not alternative.is_decided, tuple(exact)


def _simplest(because: Iterable[tuple[When, ...]]) -> tuple[tuple[When, ...], ...]:
    """Suppositions without those that suppose more than another one does."""
    found = list(because)
    return tuple(
        one for one in found if not any(set(other) < set(one) for other in found if other is not one)
    )


def _against(value: Value, target: Target) -> str:
    if not isinstance(value, Interval) or not value.is_known:
        return "not known"
    low, high = point(target.amount.low), point(target.amount.high)
    if compare("<", value, low) is TRUE:
        return "below it"
    if compare(">", value, high) is TRUE:
        return "above it"
    is_inside = compare(">=", value, low) is TRUE and compare("<=", value, high) is TRUE
    return "within it" if is_inside else "not surely within it"
