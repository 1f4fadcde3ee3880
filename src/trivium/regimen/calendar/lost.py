"""What the sessions of a calendar take away of a drug: published figures and the kinetic model beside them.

Told wherever a distance to a session had to be broken, and whenever somebody asks. It explains; it changes
no calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trivium.knowledge.dosing import Parameter
from trivium.regimen import kinetics
from trivium.regimen.calendar.check import Placed, placements
from trivium.regimen.calendar.distances import Laid
from trivium.regimen.calendar.model import Apart, Calendar, Problem

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

    `total`: share of all its doses in this calendar together, which is the share of exposure lost.
    `published`: the figures that were measured, to be held against the model's.
    """

    agent: str
    procedure: str
    clause: str
    sessions: tuple[Taken, ...]
    total: kinetics.Span
    models: tuple[str, ...]
    published: tuple[Parameter, ...]


def lost(problem: Problem, calendar: Calendar, laid: Sequence[Laid]) -> tuple[Lost, ...]:
    """For each broken distance between a drug whose kinetics are known and sessions: what it costs."""
    by_dose = {name: one for one in laid for name in one.doses}
    found: dict[str, Lost] = {}
    for rule in problem.rules:
        if not isinstance(rule, Apart) or rule.id in found or not calendar.broken.get(rule.id):
            continue
        pair = _drug_and_procedure(by_dose[rule.first], by_dose[rule.other])
        if pair is not None:
            drug, procedure, session = pair
            found[rule.id] = _lost(rule, problem, calendar, drug, procedure, session)
    return tuple(found.values())


def _drug_and_procedure(one: Laid, two: Laid) -> tuple[Laid, Laid, kinetics.Exchange] | None:
    for drug, procedure in ((one, two), (two, one)):
        session = kinetics.exchange(procedure.choice.dosing.kinetics)
        if session is not None and kinetics.models(drug.choice.dosing.kinetics):
            return drug, procedure, session
    return None


def _lost(
    rule: Apart,
    problem: Problem,
    calendar: Calendar,
    drug: Laid,
    procedure: Laid,
    session: kinetics.Exchange,
) -> Lost:
    parameters = drug.choice.dosing.kinetics
    models = kinetics.models(parameters)
    placed = placements(problem, calendar)
    first = min(placed[name].end[1] for name in drug.doses)
    sessions = [name for name in procedure.doses if placed[name].start[0] >= first]
    # Where an hour is not known: as soon after the dose as can be, and as late.
    near, far = (
        kinetics.loss(
            models,
            session,
            [placed[name].end[1 - late] for name in drug.doses],
            [placed[name].start[late] for name in sessions],
        )
        for late in (0, 1)
    )
    return Lost(
        drug.choice.agent,
        procedure.choice.agent,
        rule.id,
        tuple(_taken(rule, placed, drug.doses, sessions, near, far)),
        _hull(near.total, far.total),
        tuple(dict.fromkeys(model.id for model in models)),
        tuple(parameter for parameter in parameters if parameter.quantity in _PUBLISHED),
    )


def _hull(one: kinetics.Span, two: kinetics.Span) -> kinetics.Span:
    low = None if one.low is None or two.low is None else min(one.low, two.low)
    return kinetics.Span(low, max(one.high, two.high))


def _taken(
    rule: Apart,
    placed: Mapping[str, Placed],
    doses: Sequence[str],
    sessions: Sequence[str],
    near: kinetics.Loss,
    far: kinetics.Loss,
) -> Iterator[Taken]:
    """The sessions that come sooner after a dose than the rule asks."""
    for name, soon, late in zip(sessions, near.sessions, far.sessions, strict=True):
        before = [dose for dose in doses if placed[dose].start[0] <= placed[name].start[0]]
        dose = max(before, key=lambda dose: placed[dose].start[0])
        hours = (placed[name].start[0] - placed[dose].end[1], placed[name].start[1] - placed[dose].end[0])
        if hours[0] < max(rule.hours, rule.reverse):
            of_body, of_doses = _hull(soon.of_body, late.of_body), _hull(soon.of_doses, late.of_doses)
            yield Taken(name, dose, hours, of_body, of_doses)
