"""Small calendars by hand: what each rule means, to the solver and to the checker; and what clashes."""

from __future__ import annotations

import datetime
import subprocess
import sys
from dataclasses import replace

import pytest

from trivium.core.errors import UsageError
from trivium.regimen.calendar import conflicts
from trivium.regimen.calendar.check import check
from trivium.regimen.calendar.conflicts import hitting
from trivium.regimen.calendar.model import (
    Activity,
    Apart,
    Calendar,
    Capacity,
    Clash,
    Clock,
    Closed,
    DifferentDays,
    Early,
    Gap,
    Keep,
    OneAtATime,
    Problem,
    Rule,
    SameDay,
    Series,
    Slot,
    Stock,
    Weekdays,
    Window,
)
from trivium.regimen.calendar.solve import UndecidedError, find, kept_most

FRIDAY = datetime.date(2026, 3, 6)
A, B, C = Activity("a", "A"), Activity("b", "B"), Activity("c", "C")


def problem(*rules: Rule, things: tuple[Activity, ...] = (A, B), days: int = 20, **more: object) -> Problem:
    return Problem(FRIDAY, days, things, rules, **more)  # type: ignore[arg-type]


def found(asked: Problem) -> dict[str, tuple[int, int | None]]:
    """Slots by activity; the calendar must pass its check."""
    calendar = find(asked)
    assert calendar is not None
    assert check(asked, calendar) == ()
    return {name: (slot.day, slot.hour) for name, slot in calendar.slots.items()}


def days(asked: Problem) -> list[int]:
    return [day for day, _ in found(asked).values()]


def timed(name: str, lasts: int = 2, opens: int = 8, closes: int = 18) -> Activity:
    return Activity(name, name.upper(), clock=Clock(opens, closes, lasts))


def test_without_rules_everything_is_on_the_first_day() -> None:
    assert days(problem()) == [0, 0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Gap(id="r", words="", first="a", then="b", at_least=3), [0, 3]),
        (Gap(id="r", words="", first="b", then="a", at_least=-2, at_most=-2), [2, 0]),
        (Series(id="r", words="", activities=("b", "a"), steps=((4, 5),)), [4, 0]),
        (SameDay(id="r", words="", activities=("a", "b")), [0, 0]),
        (DifferentDays(id="r", words="", activities=("a", "b")), [0, 1]),
        (Window(id="r", words="", activity="b", earliest=6), [0, 6]),
        (Weekdays(id="r", words="", activities=("b",), allowed=frozenset({0})), [0, 3]),
        (Closed(id="r", words="", activities=("a", "b"), days=frozenset({0, 1})), [2, 2]),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else "",
)
def test_each_rule_in_days_moves_what_it_names(rule: Rule, expected: list[int]) -> None:
    assert days(problem(rule)) in (expected, expected[::-1])


def test_a_gap_counts_from_the_last_day_of_what_lasts() -> None:
    long = Activity("a", "A", days=5)
    after = Gap(id="r", words="", first="a", then="b", at_least=1)
    from_start = Gap(id="r", words="", first="a", then="b", at_least=1, start=True)
    assert days(problem(after, things=(long, B))) == [0, 5]
    assert days(problem(from_start, things=(long, B))) == [0, 1]


def test_hours_are_counted_from_the_end_to_the_start() -> None:
    rule = Gap(id="r", words="", first="a", then="b", at_least=72, unit="h")
    # 8 to 13 o'clock, and 72 hours later it is 13 o'clock three days on.
    assert found(problem(rule, things=(timed("a", 5), timed("b")))) == {"a": (0, 8), "b": (3, 13)}
    # A unit that is shut by then makes it a day later.
    early = timed("b", 2, closes=14)
    assert found(problem(rule, things=(timed("a", 5), early))) == {"a": (0, 8), "b": (4, 8)}


def test_where_the_hour_is_not_known_the_distance_holds_whatever_it_is() -> None:
    rule = Gap(id="r", words="", first="a", then="b", at_least=72, unit="h")
    assert days(problem(rule)) == [0, 4]
    upper = Gap(id="r", words="", first="a", then="b", at_least=0, at_most=47, unit="h")
    assert find(problem(upper)) is None  # the next day may be 48 hours later, the same day earlier
    assert days(problem(replace(upper, at_most=48))) == [0, 1]


def test_apart_asks_for_its_hours_in_one_order_and_for_others_in_the_other() -> None:
    rule = Apart(id="r", words="", first="a", other="b", hours=72, reverse=0)
    things = (timed("a", 5), timed("b", 3))
    assert found(problem(rule, things=things, aims=(Early(("a",)),))) == {"a": (0, 8), "b": (3, 13)}
    assert found(problem(rule, things=things, aims=(Early(("b",)),))) == {"a": (0, 11), "b": (0, 8)}


@pytest.mark.parametrize(("first", "other", "short"), [(0, 1, 72 - 22), (1, 0, 60 - 22)])
def test_a_soft_distance_is_counted_in_the_order_that_is(first: int, other: int, short: int) -> None:
    """Each by its own hours, though the other order would seem to fall short by less."""
    rules = (
        Apart(id="far", words="", first="a", other="b", hours=72, reverse=60, soft=True),
        Window(id="a", words="", activity="a", earliest=first, latest=first),
        Window(id="b", words="", activity="b", earliest=other, latest=other),
    )
    hour = Clock(8, 10, 2)
    things = (replace(A, clock=hour), replace(B, clock=hour))
    calendar = find(problem(*rules, things=things))
    assert calendar is not None and calendar.broken == {"far": short}


def test_a_soft_distance_of_one_order_is_not_escaped_by_the_other() -> None:
    hour = Clock(8, 10, 2)
    fixed = [
        Window(id=name, words="", activity=name, earliest=day, latest=day)
        for name, day in (("a", 1), ("b", 0))
    ]
    far = Apart(id="far", words="", first="a", other="b", hours=0, reverse=60, soft=True)
    calendar = find(problem(far, *fixed, things=(replace(A, clock=hour), replace(B, clock=hour))))
    assert calendar is not None and calendar.broken == {"far": 60 - 22}


def test_one_patient_has_one_thing_at_a_time() -> None:
    rule = OneAtATime(id="r", words="", activities=("a", "b", "c"))
    slots = found(problem(rule, things=(timed("a", 4), timed("b", 4), timed("c", 4))))
    assert sorted(slots.values()) == [(0, 8), (0, 12), (1, 8)]


def test_capacity_is_by_day_and_stock_by_all_that_came_before() -> None:
    things = tuple(Activity(name, name, needs={"vials": 2}) for name in "abc")
    assert sorted(days(problem(Capacity(id="r", words="", resource="vials", per_day=4), things=things))) == [
        0,
        0,
        1,
    ]
    stock = Stock(id="r", words="", resource="vials", arrivals=((0, 2), (5, 3), (9, 1)))
    assert sorted(days(problem(stock, things=things))) == [0, 5, 9]


def test_a_soft_rule_is_broken_as_little_as_can_be_and_said() -> None:
    rule = Apart(id="far", words="", first="a", other="b", hours=72, soft=True)
    things = (timed("a", 5), timed("b", 3))
    now = Window(id="now", words="", activity="b", latest=1)
    order = Gap(id="order", words="", first="a", then="b", at_least=0, unit="h")
    asked = problem(rule, now, order, things=things)
    calendar = find(asked)
    assert calendar is not None
    # A from 8 to 13, B at the end of the next day's hours: 15 o'clock is 26 hours later.
    assert calendar.slots["b"] == Slot(1, 15)
    assert calendar.broken == {"far": 72 - 26}
    assert check(asked, calendar) == ()


def test_what_comes_first_among_the_aims_is_not_traded() -> None:
    rule = Apart(id="far", words="", first="a", other="b", hours=72, reverse=72, soft=True)
    asked = problem(rule, things=(timed("a"), timed("b")))
    waits = find(replace(asked, aims=(Keep(("far",)), Early(("b",)))))
    hurries = find(replace(asked, aims=(Early(("a",)), Early(("b",)))))
    assert waits is not None and hurries is not None
    assert not waits.broken
    assert hurries.broken and {slot.day for slot in hurries.slots.values()} == {0}


def test_soft_clauses_without_an_aim_come_before_an_early_end() -> None:
    rule = Window(id="later", words="", activity="b", earliest=5, soft=True)
    assert days(problem(rule)) == [0, 5]


def test_weights_decide_between_soft_rules_of_one_aim() -> None:
    light = Window(id="light", words="", activity="a", latest=2, soft=True)
    heavy = Window(id="heavy", words="", activity="a", earliest=5, soft=True, weight=3)
    asked = problem(light, heavy, things=(A,), aims=(Keep(("light", "heavy")),))
    calendar = find(asked)
    assert calendar is not None and calendar.broken == {"light": 3}


# ── Clashes ──


def test_the_clash_names_only_what_clashes() -> None:
    rules: tuple[Rule, ...] = (
        Window(id="bystander", words="", activity="c", earliest=3),
        Window(id="soon", words="", activity="b", latest=2),
        Gap(id="after a", words="", first="a", then="b", at_least=2),
        Window(id="a later", words="", activity="a", earliest=1),
        Capacity(id="vials", words="", resource="vials", per_day=0),
    )
    clash = conflicts.solve(problem(*rules, things=(A, B, C)))
    assert isinstance(clash, Clash)
    assert set(clash.clauses) == {"soon", "after a", "a later"} == set(clash.lifted_by)
    assert len(clash.give_up) == 1 and clash.smallest


def test_of_two_clashes_the_smaller_is_named_and_neither_alone_lifts_it() -> None:
    rules: tuple[Rule, ...] = (
        Gap(id="1", words="", first="a", then="b", at_least=1),
        Gap(id="2", words="", first="b", then="c", at_least=1),
        Gap(id="3", words="", first="c", then="a", at_least=1),
        Window(id="4", words="", activity="c", latest=3),
        Window(id="5", words="", activity="c", earliest=4),
    )
    clash = conflicts.solve(problem(*rules, things=(A, B, C)))
    assert isinstance(clash, Clash)
    assert clash.clauses == ("4", "5")
    assert clash.lifted_by == ()
    assert len(clash.give_up) == 2


def test_rules_of_one_clause_are_given_up_together() -> None:
    rules: tuple[Rule, ...] = (
        Window(id="both", words="", activity="a", earliest=5),
        Window(id="both", words="", activity="b", earliest=5),
        Window(id="a soon", words="", activity="a", latest=1),
        Window(id="b soon", words="", activity="b", latest=1),
    )
    clash = conflicts.solve(problem(*rules))
    assert isinstance(clash, Clash)
    assert clash.give_up == ("both",) and clash.lifted_by == ("both",)
    assert len(clash.clauses) == 2


def test_a_clash_is_only_looked_for_where_there_is_one() -> None:
    with pytest.raises(UsageError, match="nothing clashes"):
        conflicts.clash(problem())


def test_what_the_solver_would_simplify_wrongly_is_solved() -> None:
    """OR-Tools 9.15 with presolve calls this infeasible, written with optional intervals of one literal."""
    things = tuple(Activity(f"a{index}", "", needs={"vials": used}) for index, used in enumerate((1, 1, 2)))
    asked = problem(
        SameDay(id="same", words="", activities=("a0", "a1")),
        Capacity(id="vials", words="", resource="vials", per_day=1),
        things=things,
        days=3,
    )
    assert find(asked) is None
    assert kept_most(asked, frozenset({"same"})) == frozenset({"same"})
    assert kept_most(asked, frozenset({"vials"})) is None


def test_hitting_sets_are_smallest() -> None:
    assert hitting([]) == frozenset()
    sets = [frozenset("ab"), frozenset("ac"), frozenset("bc"), frozenset("d")]
    assert len(hitting(sets)) == 3
    assert all(hitting(sets) & one for one in sets)


# ── The checker ──


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ({"a": Slot(0, 8)}, "is missing"),
        ({"a": Slot(0, 8), "b": Slot(19), "c": Slot(0)}, "not in the problem"),
        ({"a": Slot(0, 7), "b": Slot(0)}, "outside its hours"),
        ({"a": Slot(0, 17), "b": Slot(0)}, "outside its hours"),
        ({"a": Slot(0), "b": Slot(0)}, "a clock and no hour"),
        ({"a": Slot(0, 8), "b": Slot(18)}, "outside the 20 days"),
        ({"a": Slot(-1, 8), "b": Slot(0)}, "outside the 20 days"),
    ],
)
def test_a_slot_that_cannot_be_is_a_fault(slots: dict[str, Slot], said: str) -> None:
    asked = problem(things=(timed("a"), Activity("b", "B", days=3)))
    assert any(said in fault.what for fault in check(asked, Calendar(slots)))


@pytest.mark.parametrize(
    "rule",
    [
        Gap(id="r", words="", first="a", then="b", at_least=1, at_most=1),
        Gap(id="r", words="", first="a", then="b", at_most=1, unit="h"),
        Apart(id="r", words="", first="a", other="b", hours=200),
        Series(id="r", words="", activities=("a", "b"), steps=((1, 2),)),
        SameDay(id="r", words="", activities=("a", "b")),
        DifferentDays(id="r", words="", activities=("b", "c")),
        Window(id="r", words="", activity="b", latest=4),
        Weekdays(id="r", words="", activities=("a",), allowed=frozenset({0})),
        Closed(id="r", words="", activities=("b",), days=frozenset({5})),
        Capacity(id="r", words="", resource="vials", per_day=1),
        Stock(id="r", words="", resource="vials", arrivals=((0, 1), (6, 9))),
        OneAtATime(id="r", words="", activities=("b", "c")),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_the_checker_sees_each_rule_broken(rule: Rule) -> None:
    things = tuple(replace(timed(name), needs={"vials": 1}) for name in "abc")
    calendar = Calendar({"a": Slot(0, 8), "b": Slot(5, 8), "c": Slot(5, 9)})
    asked = problem(rule, things=things)
    (fault,) = check(asked, calendar)
    assert fault.clause == "r" and "is broken" in fault.what
    assert check(problem(things=things), calendar) == ()


def test_the_checker_counts_what_soft_rules_miss() -> None:
    rule = Gap(id="r", words="", first="a", then="b", at_least=3, soft=True)
    slots = {"a": Slot(0), "b": Slot(1)}
    assert check(problem(rule), Calendar(slots, {"r": 2})) == ()
    assert check(problem(rule), Calendar(slots)) != ()
    assert check(problem(rule), Calendar(slots, {"r": 1})) != ()
    assert check(problem(), Calendar(slots, {"x": 1})) != ()


# ── What makes no sense ──


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (problem(things=(A, A)), "same id"),
        (problem(things=(Activity("a", "A", days=21),)), "lasts 21 days"),
        (problem(things=(timed("a", 11),)), "does not fit"),
        (problem(things=(replace(timed("a"), days=2),)), "lasts several days"),
        (problem(Window(id="r", words="", activity="x")), "'x'"),
        (problem(Capacity(id="r", words="", resource="v", per_day=1, soft=True)), "cannot be soft"),
        (problem(Window(id="r", words="", activity="a", soft=True, weight=0)), "weight below 1"),
        (problem(Series(id="r", words="", activities=("a", "b"), steps=())), "one step"),
        (problem(Apart(id="r", words="", first="a", other="a", hours=1)), "two activities"),
        (problem(Gap(id="r", words="", first="a", then="a", at_least=1)), "two activities"),
        (problem(Capacity(id="r", words="", resource="v", per_day=-1)), "below zero"),
        (problem(aims=(Early(("x",)),)), "'x'"),
        (problem(aims=(Keep(("x",)),)), "'x'"),
        (
            problem(
                Window(id="r", words="", activity="a"), Window(id="r", words="", activity="b", soft=True)
            ),
            "both hard and soft",
        ),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(asked: Problem, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(asked)
    assert said in str(caught.value)


def test_an_empty_calendar_is_one() -> None:
    assert find(problem(things=())) == Calendar({})


def test_a_search_that_is_cut_off_says_so() -> None:
    with pytest.raises(UndecidedError, match="within the effort allowed"):
        find(problem(Gap(id="r", words="", first="a", then="b", at_least=3)), effort=0.0)


def test_a_calendar_does_not_depend_on_the_run() -> None:
    """The same in another process, whatever its hash seed."""
    program = (
        "from tests.unit.test_calendar_solve import *\n"
        "things = tuple(timed(name, 3) for name in 'abcdef')\n"
        "rules = [OneAtATime(id='o', words='', activities=tuple('abcdef')),"
        " DifferentDays(id='d', words='', activities=('a', 'b', 'c'), soft=True)]\n"
        "print(found(problem(*rules, things=things)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_the_solver_is_loaded_when_a_calendar_is_asked_for_and_not_before() -> None:
    program = (
        "import sys\n"
        "import trivium.regimen.calendar.events\n"
        "assert not {'ortools', 'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
