"""How much of an antibody a plasma exchange takes away: published figures, a linear model, or a bound.

Used to explain the distance between an infusion and a session, never to override a rule.

The model: two compartments; drug leaves the central one by clearance, and the other only by coming back.
A session is a moment at which the plasma is diluted: of N plasma volumes exchanged, exp(-N) of what the
central compartment holds remains. Where a publication prints clearance, central volume and terminal
half-life but not how fast the drug spreads, every speed that fits the three is allowed, and the answer is
the range that this leaves. Days and litres throughout; no figure is Trivium's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from trivium.core.errors import UsageError
from trivium.core.units import convert, parse_unit
from trivium.knowledge.dosing import Parameter
from trivium.knowledge.models import Cited

_OF_MODELS = (
    "The range is over the published models and over what they leave open; it is no patient's own.",
    "Plasma and the model's central volume are taken to be one and the same, well mixed.",
)
_OF_ALL = (
    "A dose counts from the end of its infusion, a session as one moment: what spreads or flows back "
    "during them is left out.",
    "Linear: binding to its target, loss in urine, or faster breakdown at a high IgG level are left out.",
)
_OF_BOUNDS = (
    "Where no model is published but a half-life, told is the most that a session can take: all of the drug "
    "still in plasma, and the longest half-life printed. How little it may be is not known.",
)
_HALF = math.log(2)
# What an agent's file calls a figure: the model's field, and the unit it is in there. The last two are
# seldom published.
_FIELDS = {
    "clearance": ("clearance", "L/d"),
    "central_volume": ("central", "L"),
    "half_life": ("half_life", "d"),
    "exchange_clearance": ("exchange", "L/d"),
    "peripheral_volume": ("peripheral", "L"),
}
_NEEDED = ("clearance", "central_volume", "half_life")
# Speeds of spreading tried where none is published: this many, evenly on a log scale, between nearly
# none and nearly at once. The ends of the range are limits, and are reached to within a thousandth.
_SPEEDS = 60
_SLOWEST, _FASTEST = 1e-6, 1e6


def limits(*, modelled: bool, bounded: bool) -> tuple[str, ...]:
    """What has to be said beside figures of a model, of a bound, or of both."""
    said = (*(_OF_MODELS if modelled else ()), *(_OF_BOUNDS if bounded else ()))
    return (*said, *_OF_ALL) if said else ()


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the most; `low` None: not known how little."""

    low: float | None
    high: float


@dataclass(frozen=True, slots=True)
class Model:
    """One publication's model of a drug: L/d, L, days. Half-life is the terminal one.

    `exchange` (L/d) and `peripheral` (L) only where they are published, and then both.
    """

    id: str
    clearance: float
    central: float
    half_life: float
    exchange: float | None = None
    peripheral: float | None = None
    cited: tuple[Cited, ...] = ()

    def __post_init__(self) -> None:
        figures = [self.clearance, self.central, self.half_life]
        figures += [figure for figure in (self.exchange, self.peripheral) if figure is not None]
        if not all(math.isfinite(figure) and figure > 0 for figure in figures):
            raise UsageError("a kinetic model needs figures above zero", where=self.id)
        if (self.exchange is None) != (self.peripheral is None):
            raise UsageError("has one of exchange and peripheral volume, not both", where=self.id)
        if self.exchange is None and self.central * _HALF / self.half_life >= self.clearance:
            raise UsageError(
                "its half-life is shorter than its clearance and central volume allow",
                where=self.id,
                why="a drug that leaves only from plasma cannot leave the body faster than plasma",
            )


@dataclass(frozen=True, slots=True)
class Exchange:
    """How many plasma volumes a session exchanges, from the fewest to the most."""

    fewest: float
    most: float
    cited: tuple[Cited, ...] = ()

    def left(self) -> tuple[float, float]:
        """What remains of a solute in plasma after one session, for the fewest and the most volumes."""
        return math.exp(-self.fewest), math.exp(-self.most)


@dataclass(frozen=True, slots=True)
class Removal:
    """What one session takes.

    `of_body`: share of what the body holds at that moment. `of_doses`: share of all doses together, which in
    a linear model is exactly the share of exposure (area under the curve) that is lost.
    """

    of_body: Span
    of_doses: Span


@dataclass(frozen=True, slots=True)
class Loss:
    """What a course of sessions takes from a course of equal doses: each, and all as a share of all doses."""

    sessions: tuple[Removal, ...]
    total: Span


@dataclass(frozen=True, slots=True)
class _Rates:
    """Rates per day: leaving (k10), spreading (k12), coming back (k21)."""

    leaving: float
    spreading: float
    back: float


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What the two compartments hold."""

    central: float
    peripheral: float

    def after(self, rates: _Rates, days: float) -> _Amounts:
        """The exact solution of the two linear equations after so many days without dose or session."""
        total = rates.leaving + rates.spreading + rates.back
        root = math.sqrt(total * total - 4 * rates.leaving * rates.back)
        fast = (total + root) / 2
        slow = rates.leaving * rates.back / fast
        one, two = math.exp(-fast * days), math.exp(-slow * days)
        width = fast - slow
        central = (
            self.central * ((fast - rates.back) * one + (rates.back - slow) * two)
            + rates.back * self.peripheral * (two - one)
        ) / width
        out = rates.leaving + rates.spreading
        peripheral = (
            self.peripheral * ((fast - out) * one + (out - slow) * two)
            + rates.spreading * self.central * (two - one)
        ) / width
        return _Amounts(central, peripheral)


def _fitting(model: Model) -> Iterator[_Rates]:
    """The rates of a model; where it does not say how fast the drug spreads, all kinds of speed that fit."""
    leaving = model.clearance / model.central
    if model.exchange is not None and model.peripheral is not None:
        yield _Rates(leaving, model.exchange / model.central, model.exchange / model.peripheral)
        return
    slow = _HALF / model.half_life
    for step in range(_SPEEDS + 1):
        beyond = slow * _SLOWEST * (_FASTEST / _SLOWEST) ** (step / _SPEEDS)
        # With fast * slow = leaving * back and fast + slow = leaving + spreading + back:
        yield _Rates(leaving, beyond * (leaving / slow - 1), slow + beyond)


def models(parameters: Iterable[Parameter]) -> tuple[Model, ...]:
    """The models whose clearance, central volume and half-life an agent's file gives, by publication.

    A figure printed as a range gives a model for each end.
    Errors:  UnitError when a figure's unit cannot be what its quantity says.
    """
    found: dict[str, dict[str, Parameter]] = {}
    for parameter in parameters:
        if parameter.model and parameter.quantity in _FIELDS:
            found.setdefault(parameter.model, {})[parameter.quantity] = parameter
    return tuple(
        model
        for name, group in found.items()
        if all(quantity in group for quantity in _NEEDED)
        for model in _models(name, group)
    )


def _models(name: str, group: Mapping[str, Parameter]) -> Iterator[Model]:
    cited = tuple(dict.fromkeys(cited for parameter in group.values() for cited in parameter.cited))
    fields = [_FIELDS[quantity][0] for quantity in group]
    for figures in product(*(_ends(parameter) for parameter in group.values())):
        figure = dict(zip(fields, figures, strict=True))
        yield Model(
            name,
            figure["clearance"],
            figure["central"],
            figure["half_life"],
            figure.get("exchange"),
            figure.get("peripheral"),
            cited,
        )


def exchange(parameters: Iterable[Parameter]) -> Exchange | None:
    """How many plasma volumes a session exchanges, as a procedure's file gives it; None: it does not."""
    for parameter in parameters:
        if parameter.quantity == "exchanged_volumes":
            amount = parameter.amount
            return Exchange(float(amount.low), float(amount.high), parameter.cited)
    return None


def _ends(parameter: Parameter) -> tuple[float, ...]:
    """The figure in the model's own unit; both ends of a range."""
    source, target = parse_unit(parameter.amount.unit), parse_unit(_FIELDS[parameter.quantity][1])
    return tuple(
        dict.fromkeys(
            float(convert(number, source, target)) for number in (parameter.amount.low, parameter.amount.high)
        )
    )


def removal(of: Sequence[Model], session: Exchange, hours: float) -> Removal:
    """What one session takes, `hours` after the end of the only infusion: the range over the models.

    Errors:  UsageError without a model, or for a session before the infusion has ended.
    """
    return loss(of, session, [0.0], [hours]).sessions[0]


def loss(of: Sequence[Model], session: Exchange, doses: Sequence[float], sessions: Sequence[float]) -> Loss:
    """What sessions take from equal doses; both at hours of one clock, doses at the end of infusion.

    Errors:  UsageError without a model, without a dose, or for a session before the first dose has ended.
    """
    if not of or not doses:
        raise UsageError("what is lost cannot be told without a kinetic model and a dose")
    if any(hour < min(doses) for hour in sessions):
        raise UsageError("a session before the end of the first infusion takes a share that is not modelled")
    courses = [
        _course(rates, left, doses, sessions)
        for model in of
        for rates in _fitting(model)
        for left in session.left()
    ]
    by_session = tuple(
        Removal(
            _span(course[index][0] for course in courses),
            _span(course[index][1] for course in courses),
        )
        for index in range(len(sessions))
    )
    return Loss(by_session, _span(sum(taken for _, taken in course) for course in courses))


def _course(
    rates: _Rates, left: float, doses: Sequence[float], sessions: Sequence[float]
) -> list[tuple[float, float]]:
    """Of each session, in their order: its share of what the body holds, and of all doses together."""
    events = sorted([(hour, 0, -1) for hour in doses] + [(hour, 1, at) for at, hour in enumerate(sessions)])
    taken = [(0.0, 0.0)] * len(sessions)
    held, clock = _Amounts(0.0, 0.0), events[0][0]
    for hour, is_session, at in events:
        held, clock = held.after(rates, (hour - clock) / 24), hour
        if is_session:
            amount = held.central * (1 - left)
            taken[at] = amount / (held.central + held.peripheral), amount
            held = _Amounts(held.central * left, held.peripheral)
        else:
            held = _Amounts(held.central + 1 / len(doses), held.peripheral)
    return taken


def half_lives(parameters: Iterable[Parameter]) -> tuple[float, ...]:
    """Every half-life that an agent's file prints, in days; of a range both ends.

    Errors:  UnitError when one is not in a unit of time.
    """
    return tuple(
        end for parameter in parameters if parameter.quantity == "half_life" for end in _ends(parameter)
    )


def removal_at_most(half_life: float, session: Exchange, hours: float) -> Removal:
    """What a session can take at most, so many hours after the only infusion, as `loss_at_most`."""
    return loss_at_most(half_life, session, [0.0], [hours]).sessions[0]


def loss_at_most(
    half_life: float, session: Exchange, doses: Sequence[float], sessions: Sequence[float]
) -> Loss:
    """What sessions can take at most where only a half-life (days) is known, as for infused IgG.

    As if all of it were still in plasma and lost by the half-life alone: how little it may be stays unknown.
    Each session's own bound is as if no session had come before it; the total is that of one after the other.
    Shapes:  as `loss`.
    Errors:  UsageError for a half-life not above zero, without a dose, or for a session before the first.
    """
    if half_life <= 0 or not doses or any(hour < min(doses) for hour in sessions):
        raise UsageError("a half-life is above zero, and a session is not before the infusion")
    _, left = session.left()
    alone = [
        sum(_remaining(half_life, hour - dose) for dose in doses if dose <= hour) / len(doses)
        for hour in sessions
    ]
    by_session = tuple(Removal(Span(None, 1 - left), Span(None, (1 - left) * share)) for share in alone)
    total = sum(
        (1 - left) * left**before * _remaining(half_life, hour - dose)
        for dose in doses
        for before, hour in enumerate(sorted(hour for hour in sessions if hour >= dose))
    )
    return Loss(by_session, Span(None, total / len(doses)))


def _remaining(half_life: float, hours: float) -> float:
    return math.exp(-_HALF * hours / 24 / half_life)


def _span(values: Iterable[float]) -> Span:
    found = list(values)
    return Span(min(found), max(found))
