"""What the sessions of a calendar take away of a drug: published figures and the kinetic model beside them.

Told wherever a distance to a session had to be broken; and of a drug of which no model is known but a
half-life, wherever a session follows one of its doses. It explains; it changes no calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from trivium.knowledge.dosing import Parameter
from trivium.regimen import kinetics
from trivium.regimen.calendar.check import Placed, placements
from trivium.regimen.calendar.distances import Laid
from trivium.regimen.calendar.model import Apart, Calendar, Gap, Problem

_PUBLISHED = ("removed_fraction", "auc_cut", "session_clearance")


@dataclass(frozen=True, slots=True)
class Taken:
    """One session: the dose before it, hours between them (fewest, most), and what it takes."""

    session: str
    dose: str
    hours: tuple[int, int]
    of_body: kinetics.Span
    of_doses: kinetics.Span


@dataclass(frozen=True, slots=True)
class Lost:
    """What the sessions of one procedure take of one drug.

    `clause`: the distance that was broken; empty where none was, and a bound is told. `total`: share of all
    its doses in this calendar, which is the share of exposure lost. `published`: the figures that were
    measured, to be held against the model's; for a bound the half-lives that it rests on.
    """

    agent: str
    procedure: str
    clause: str
    sessions: tuple[Taken, ...]
    total: kinetics.Span
    models: tuple[str, ...]
    published: tuple[Parameter, ...]

    @property
    def is_bound(self) -> bool:
        """Whether the most is told, and not a range."""
        return not self.models


def lost(problem: Problem, calendar: Calendar, laid: Sequence[Laid]) -> tuple[Lost, ...]:
    """For each broken distance between a drug whose kinetics are known and sessions what it costs; for each
    drug with a half-life alone, and a distance to sessions in its file, what those after a dose can cost."""
    by_dose = {name: one for one in laid for name in one.doses}
    placed = placements(problem, calendar)
    found: dict[str, Lost] = {}
    for rule in problem.rules:
        if not isinstance(rule, Apart) or rule.id in found or not calendar.broken.get(rule.id):
            continue
        pair = _drug_and_procedure(by_dose[rule.first], by_dose[rule.other])
        if pair is not None:
            drug, procedure, session = pair
            found[rule.id] = _lost(problem, rule, placed, drug, procedure, session)
    bounds = (_bound(problem, placed, *pair) for pair in permutations(laid, 2))
    return (*found.values(), *(bound for bound in bounds if bound is not None))


def _drug_and_procedure(one: Laid, two: Laid) -> tuple[Laid, Laid, kinetics.Exchange] | None:
    for drug, procedure in ((one, two), (two, one)):
        session = kinetics.exchange(procedure.choice.dosing.kinetics)
        if session is not None and kinetics.models(drug.choice.dosing.kinetics):
            return drug, procedure, session
    return None


def _lost(
    problem: Problem,
    rule: Apart,
    placed: Mapping[str, Placed],
    drug: Laid,
    procedure: Laid,
    session: kinetics.Exchange,
) -> Lost:
    parameters = drug.choice.dosing.kinetics
    models = kinetics.models(parameters)
    sessions = _after(placed, drug, procedure)
    near, far = (
        kinetics.loss(models, session, *moments)
        for moments in _moments(problem, placed, drug.doses, sessions)
    )
    most = max(rule.hours, rule.reverse)
    return Lost(
        drug.choice.agent,
        procedure.choice.agent,
        rule.id,
        tuple(one for one in _taken(placed, drug.doses, sessions, near, far) if one.hours[0] < most),
        _hull(near.total, far.total),
        tuple(dict.fromkeys(model.id for model in models)),
        tuple(parameter for parameter in parameters if parameter.quantity in _PUBLISHED),
    )


def _bound(problem: Problem, placed: Mapping[str, Placed], drug: Laid, procedure: Laid) -> Lost | None:
    """The most that sessions after a dose can take, where the drug's file keeps it away from them."""
    dosing, session = drug.choice.dosing, kinetics.exchange(procedure.choice.dosing.kinetics)
    partners = {name for spacing in dosing.spacing for name in spacing.partners}
    longest = max(kinetics.half_lives(dosing.kinetics), default=None)
    is_apart = any(procedure.choice.is_called(name) for name in partners)
    if session is None or longest is None or not is_apart or kinetics.models(dosing.kinetics):
        return None
    sessions = _after(placed, drug, procedure)
    if not sessions:
        return None
    near, far = (
        kinetics.loss_at_most(longest, session, *moments)
        for moments in _moments(problem, placed, drug.doses, sessions)
    )
    return Lost(
        drug.choice.agent,
        procedure.choice.agent,
        "",
        tuple(_taken(placed, drug.doses, sessions, near, far)),
        _hull(near.total, far.total),
        (),
        tuple(parameter for parameter in dosing.kinetics if parameter.quantity == "half_life"),
    )


def _after(placed: Mapping[str, Placed], drug: Laid, procedure: Laid) -> list[str]:
    """The sessions that do not come before the end of the first dose."""
    first = min(placed[name].end[1] for name in drug.doses)
    return [name for name in procedure.doses if placed[name].start[0] >= first]


def _moments(
    problem: Problem, placed: Mapping[str, Placed], doses: Sequence[str], sessions: Sequence[str]
) -> Iterator[tuple[list[int], list[int]]]:
    """Hours of doses and of sessions; where one is not known, first as near as can be, then as far.

    A dose that a rule puts after a session stays after it.
    """
    gaps = [rule for rule in problem.rules if isinstance(rule, Gap) and not rule.soft]
    after = {(rule.first, rule.then) for rule in gaps if (rule.at_least or 0) >= 0}
    for late in (0, 1):
        when = {name: placed[name].start[late] for name in sessions}
        ends = [
            max([placed[dose].end[1 - late], *(when[name] + 1 for name in sessions if (name, dose) in after)])
            for dose in doses
        ]
        yield ends, list(when.values())


def _hull(one: kinetics.Span, two: kinetics.Span) -> kinetics.Span:
    low = None if one.low is None or two.low is None else min(one.low, two.low)
    return kinetics.Span(low, max(one.high, two.high))


def _taken(
    placed: Mapping[str, Placed],
    doses: Sequence[str],
    sessions: Sequence[str],
    near: kinetics.Loss,
    far: kinetics.Loss,
) -> Iterator[Taken]:
    """Each session with the dose that came last before it: the last that had certainly ended, if one had."""
    for name, soon, late in zip(sessions, near.sessions, far.sessions, strict=True):
        ended = [dose for dose in doses if placed[dose].end[1] <= placed[name].start[0]]
        before = ended or [dose for dose in doses if placed[dose].start[0] <= placed[name].start[0]]
        dose = max(before, key=lambda dose: placed[dose].start[0])
        hours = (placed[name].start[0] - placed[dose].end[1], placed[name].start[1] - placed[dose].end[0])
        of_body, of_doses = _hull(soon.of_body, late.of_body), _hull(soon.of_doses, late.of_doses)
        yield Taken(name, dose, hours, of_body, of_doses)
