"""The kinetic model against what was published of it, against a plain integration, and its own laws."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivium.core.errors import UsageError
from trivium.knowledge.dosing import Amount, Parameter
from trivium.knowledge.models import Cited
from trivium.regimen import kinetics
from trivium.regimen.kinetics import (
    Exchange,
    Model,
    Span,
    loss,
    loss_at_most,
    models,
    removal,
    removal_at_most,
)

# Clearance L/d, central volume L, terminal half-life d, as table 3 of doi 10.1111/bcp.13991 lists them.
PUISSET = Model("puisset", 0.15936, 2.48, 22.8)
NG = Model("ng", 0.257, 2.98, 20.2)
LIOGER = Model("lioger", 0.44, 4.0, 18.5)
# All four figures known: clearance, volumes, exchange.
COMPLETE = Model("complete", 0.2, 3.6, 20.0, exchange=0.7, peripheral=2.7)
SESSION = Exchange(1.0, 1.5)  # plasma volumes
many = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def contains(span: Span, low: float, high: float) -> bool:
    return span.low is not None and span.low <= low and high <= span.high


# ── Published figures ──


def test_one_plasma_volume_takes_63_percent_of_what_is_in_plasma_and_one_and_a_half_78() -> None:
    just_given = removal([PUISSET], SESSION, 0).of_body
    assert just_given.low == pytest.approx(0.63, abs=0.005)
    assert just_given.high == pytest.approx(0.78, abs=0.005)


def test_the_clearances_published_are_the_ratio_published() -> None:
    """Puisset 2013: 6.64 mL/h without, 1733 mL/h during a session: 261 times."""
    assert pytest.approx(261, abs=0.5) == 1733 / 6.64
    assert pytest.approx(PUISSET.clearance, abs=1e-4) == 6.64 * 24 / 1000


def test_a_session_at_that_clearance_exchanges_one_to_one_and_a_half_volumes_in_its_usual_hours() -> None:
    """1733 mL/h against a central volume of 2.48 L: 1 to 1.5 volumes take 1.4 to 2.1 hours."""
    hours = [volumes * PUISSET.central / 1.733 for volumes in (SESSION.fewest, SESSION.most)]
    assert 1.4 < hours[0] < hours[1] < 2.2


@pytest.mark.parametrize("model", [PUISSET, NG, LIOGER], ids=lambda model: model.id)
@pytest.mark.parametrize("hours", [24, 48, 72])
def test_the_share_removed_that_was_measured_lies_within_the_models_range(model: Model, hours: int) -> None:
    """Puisset 2013: 47 to 54 % removed by a first session 24 to 72 h after the infusion.

    The range is wide, because none of the three publications prints (where we could see it) how fast the
    drug spreads: 30 to 78 % for Puisset's own model, 25 to 78 % and 22 to 78 % for the other two.
    """
    assert contains(removal([model], SESSION, hours).of_body, 0.47, 0.54)


def test_where_spreading_is_known_the_range_is_the_sessions_alone() -> None:
    """With figures of an antibody's usual size the model falls through the share measured from 24 to 72 h."""
    early, late = (removal([COMPLETE], SESSION, hours).of_body for hours in (24, 72))
    assert early.low is not None and late.low is not None
    assert late.low < 0.47 < 0.54 < early.high
    assert early.high - early.low < 0.15


def test_the_exposure_lost_that_was_published_is_of_two_infusions_or_of_another_share() -> None:
    """Puisset 2013: a session 24 h after the infusion lowers the area under the curve by 26 %.

    In a linear model the exposure lost is exactly the share of the dose removed, so that 26 % and the 47 to
    54 % cannot both be shares of one single dose. Puisset's own model misses 26 % of a single dose by three
    points (29 % at least); as a share of two infusions two weeks apart 26 % lies within it, and so it does
    for one dose within the range over all three models.
    """
    single = removal([PUISSET], SESSION, 24).of_doses
    assert single.low == pytest.approx(0.29, abs=0.005)
    assert contains(loss([PUISSET], SESSION, [0, 14 * 24], [24]).total, 0.26, 0.26)
    assert contains(removal([PUISSET, NG, LIOGER], SESSION, 24).of_doses, 0.26, 0.26)


def test_three_sessions_after_the_first_infusion_cost_about_what_a_third_infusion_gives() -> None:
    """Puisset 2013 suggests a third infusion when three sessions follow the first of two."""
    lost = loss([PUISSET], SESSION, [0, 14 * 24], [24, 48, 72]).total
    assert contains(lost, 1 / 3, 1 / 3)


# ── The model itself ──


@pytest.mark.parametrize("model", [PUISSET, NG, LIOGER], ids=lambda model: model.id)
def test_every_speed_of_spreading_tried_has_the_half_life_published(model: Model) -> None:
    """The slower of the two rates at which the amounts fall, whatever the speed."""
    tried = list(kinetics._fitting(model))
    assert len(tried) > 10
    for rates in tried:
        total, product = rates.leaving + rates.spreading + rates.back, rates.leaving * rates.back
        slow = 2 * product / (total + math.sqrt(total * total - 4 * product))
        assert math.log(2) / slow == pytest.approx(model.half_life, rel=1e-9)
        assert rates.leaving == model.clearance / model.central


@many
@given(
    st.floats(0.05, 1),
    st.floats(1, 6),
    st.floats(0.05, 8),
    st.floats(0.5, 6),
    st.floats(0, 10),
    st.floats(0, 1),
)
def test_amounts_are_those_of_a_plain_integration(
    clearance: float, central: float, exchange: float, peripheral: float, days: float, share: float
) -> None:
    rates = kinetics._Rates(clearance / central, exchange / central, exchange / peripheral)
    exact = kinetics._Amounts(share, 1 - share).after(rates, days)
    one, two = share, 1 - share
    steps = 4000
    for _ in range(steps):  # Runge-Kutta of order four
        one, two = _step(rates, one, two, days / steps)
    assert exact.central == pytest.approx(one, abs=1e-7)
    assert exact.peripheral == pytest.approx(two, abs=1e-7)


def _step(rates: kinetics._Rates, one: float, two: float, width: float) -> tuple[float, float]:
    def slope(x: float, y: float) -> tuple[float, float]:
        back = rates.back * y
        return back - (rates.leaving + rates.spreading) * x, rates.spreading * x - back

    a = slope(one, two)
    b = slope(one + a[0] * width / 2, two + a[1] * width / 2)
    c = slope(one + b[0] * width / 2, two + b[1] * width / 2)
    d = slope(one + c[0] * width, two + c[1] * width)
    return (
        one + (a[0] + 2 * b[0] + 2 * c[0] + d[0]) * width / 6,
        two + (a[1] + 2 * b[1] + 2 * c[1] + d[1]) * width / 6,
    )


@many
@given(
    st.lists(st.floats(0, 400), min_size=1, max_size=5), st.lists(st.floats(0, 300), min_size=1, max_size=3)
)
def test_what_is_taken_cleared_and_left_is_what_was_given(sessions: list[float], doses: list[float]) -> None:
    """Mass balance with one model of known spreading, cleared by integration of the central amount."""
    sessions = [hour + min(doses) for hour in sessions]
    (rates,) = kinetics._fitting(COMPLETE)
    left = math.exp(-1.2)
    taken = kinetics._course(rates, left, doses, sessions)
    events = sorted([(hour, 0) for hour in doses] + [(hour, 1) for hour in sessions])
    held, clock, cleared = kinetics._Amounts(0.0, 0.0), events[0][0], 0.0
    for hour, is_session in [*events, (events[-1][0] + 24 * 2000, 1)]:
        parts = 200
        for _ in range(parts):
            before = held.central + held.peripheral
            held = held.after(rates, (hour - clock) / 24 / parts)
            cleared += before - held.central - held.peripheral
        clock = hour
        if is_session:
            held = kinetics._Amounts(held.central * left, held.peripheral)
        else:
            held = kinetics._Amounts(held.central + 1 / len(doses), held.peripheral)
    assert sum(amount for _, amount in taken) + cleared == pytest.approx(1, abs=1e-6)


def test_later_sessions_take_less_of_the_dose() -> None:
    of_doses = [removal([PUISSET, NG, LIOGER], SESSION, hours).of_doses for hours in (0, 12, 24, 48, 72, 168)]
    for sooner, later in pairwise(of_doses):
        assert sooner.low is not None and later.low is not None
        assert later.low < sooner.low and later.high < sooner.high


def test_more_volume_takes_more() -> None:
    small, large = (removal([NG], Exchange(n, n), 24).of_body for n in (0.5, 2.0))
    assert small.low is not None and large.low is not None
    assert small.low < large.low and small.high < large.high


def test_without_more_than_a_half_life_only_the_most_is_told() -> None:
    igg = removal_at_most(21.0, SESSION, 24)
    assert igg.of_body.low is None and igg.of_doses.low is None
    assert igg.of_body.high == pytest.approx(0.777, abs=0.001)
    assert igg.of_doses.high == pytest.approx(0.777 * 2 ** (-1 / 21), abs=0.001)


# ── A bound where only a half-life is known ──


def test_a_bound_is_that_of_a_drug_that_never_leaves_plasma() -> None:
    left = math.exp(-SESSION.most)
    found = loss_at_most(20, SESSION, [0], [0, 480])
    assert [one.of_body for one in found.sessions] == [Span(None, 1 - left)] * 2
    assert [one.of_doses.high for one in found.sessions] == pytest.approx([1 - left, (1 - left) / 2])
    assert found.total.high == pytest.approx((1 - left) * (1 + left / 2))
    assert found.total.low is None


def test_what_is_given_after_a_session_is_not_taken_by_it() -> None:
    daily = loss_at_most(20, SESSION, [2, 26], [0 + 24])
    assert daily.total.high == pytest.approx(loss_at_most(20, SESSION, [2], [24]).total.high / 2)
    assert loss_at_most(20, SESSION, [2, 26], [24]).sessions[0].of_doses.high < 0.5


@pytest.mark.parametrize("doses", [[0.0], [0.0, 24.0, 60.0]])
@pytest.mark.parametrize("sessions", [[30.0], [1.0, 26.0, 70.0, 200.0]])
def test_no_model_with_a_shorter_half_life_loses_more_than_the_bound(
    doses: list[float], sessions: list[float]
) -> None:
    for model in (PUISSET, NG):
        modelled = loss([model], SESSION, doses, sessions)
        bound = loss_at_most(model.half_life * 2, SESSION, doses, sessions)
        assert modelled.total.high <= bound.total.high
        for one, most in zip(modelled.sessions, bound.sessions, strict=True):
            assert one.of_body.high <= most.of_body.high + 1e-9
            assert one.of_doses.high <= most.of_doses.high + 1e-9


def test_what_has_to_be_said_beside_a_bound_is_not_what_belongs_to_a_model() -> None:
    bound, model = (
        kinetics.limits(modelled=False, bounded=True),
        kinetics.limits(modelled=True, bounded=False),
    )
    assert "most that a session can take" in bound[0] and "published models" in model[0]
    assert set(bound) & set(model) and not set(bound) <= set(model)
    assert kinetics.limits(modelled=False, bounded=False) == ()


# ── Figures from an agent's file ──


def figure(quantity: str, number: str, unit: str, model: str = "m", high: str = "") -> Parameter:
    cited = (Cited("a_source", "abstract"),)
    return Parameter(
        quantity, quantity, Amount(Fraction(number), Fraction(high or number), unit), model, cited=cited
    )


def test_a_model_is_read_in_its_own_units() -> None:
    parameters = [
        figure("clearance", "6.64", "mL/h"),
        figure("central_volume", "2480", "mL"),
        figure("half_life", "22.8", "d"),
        figure("half_life", "18", "d", model="lonely"),
        figure("removed_fraction", "47", "%", model="", high="54"),
    ]
    (model,) = models(parameters)
    assert (model.id, model.exchange, model.cited) == ("m", None, (Cited("a_source", "abstract"),))
    assert (model.clearance, model.central, model.half_life) == pytest.approx((0.15936, 2.48, 22.8))


def test_a_range_gives_a_model_for_each_end_and_all_figures_find_their_place() -> None:
    parameters = [
        figure("peripheral_volume", "3", "L"),
        figure("exchange_clearance", "5", "L/d"),
        figure("half_life", "18", "d", high="25"),
        figure("clearance", "0.2", "L/d"),
        figure("central_volume", "1.9", "L"),
    ]
    low, high = models(parameters)
    assert (low.half_life, high.half_life) == (18, 25)
    assert (low.exchange, low.peripheral, low.clearance, low.central) == (5, 3, 0.2, 1.9)


def test_the_volumes_of_a_session_are_read_or_not_known() -> None:
    assert kinetics.exchange([figure("exchanged_volumes", "1", "1", "", "1.5")]) == Exchange(
        1.0, 1.5, (Cited("a_source", "abstract"),)
    )
    assert kinetics.exchange([]) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Model("x", 0.0, 1.0, 1.0),
        lambda: Model("x", 1.0, 1.0, math.inf),
        lambda: Model("x", 1.0, 1.0, 10.0, exchange=1.0),
        lambda: Model("x", 0.1, 5.0, 3.0),  # it cannot leave the body faster than plasma
        lambda: removal([], SESSION, 1),
        lambda: removal([NG], SESSION, -1),
        lambda: loss([NG], SESSION, [], [1]),
        lambda: removal_at_most(0, SESSION, 1),
        lambda: loss_at_most(21, SESSION, [], [1]),
        lambda: loss_at_most(21, SESSION, [5], [1]),
    ],
)
def test_what_cannot_be_told_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(UsageError):
        make()
