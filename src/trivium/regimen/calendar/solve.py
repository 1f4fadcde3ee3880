"""A problem → the earliest calendar that keeps its rules, by constraint programming (CP-SAT).

The aims are served in order: each is made as good as it can be, and none is traded for a later one.
Deterministic: one worker, a fixed seed, and limits counted in the solver's own work, never in seconds.
It must not know what an activity is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, assert_never

from trivium.core.errors import TriviumError
from trivium.regimen.calendar.days import each, possible
from trivium.regimen.calendar.model import (
    DAY,
    Activity,
    Aim,
    Apart,
    Calendar,
    Capacity,
    Closed,
    DifferentDays,
    Early,
    Gap,
    OneAtATime,
    Problem,
    Rule,
    SameDay,
    Series,
    Slot,
    Stock,
    Weekdays,
    Window,
    validate,
)

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# A limit of the search in the solver's deterministic time; ordinary calendars need about a thousandth of it.
EFFORT = 20.0
# Aims are joined into one objective as long as it stays below this: fewer searches, exact integers.
_WIDEST = 2**58


class UndecidedError(TriviumError):
    """The search was cut off before a calendar or a clash was found."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "no calendar was found, and none was excluded, within the effort allowed",
            hint="shorten the time it covers, or fix some of its days",
        )


def find(problem: Problem, effort: float = EFFORT) -> Calendar | None:
    """The calendar that serves the aims best; None when the hard rules cannot all be kept.

    Errors:  UsageError when the problem makes no sense; UndecidedError when the search was cut off.
    """
    validate(problem)
    if not problem.activities:
        return Calendar({})
    days = possible(problem, (rule for rule in problem.rules if not rule.soft))
    return _Encoding(problem, days).best(effort) if days is not None else None


def kept_most(problem: Problem, required: frozenset[str], effort: float = EFFORT) -> frozenset[str] | None:
    """As many hard clauses as can be kept together, the required ones among them; None when those clash.

    Soft clauses and aims play no part.
    Errors:  as `find`.
    """
    validate(problem)
    hard = problem.clauses(soft=False)
    if not problem.activities:
        return frozenset(hard)
    days = possible(problem, (rule for rule in problem.rules if rule.id in required and not rule.soft))
    if days is None:
        return None
    return _Encoding(problem, days, optional=frozenset(hard) - required).kept(effort)


class _Encoding:
    """The problem in the solver's terms. A clause in `optional` holds only where its literal is true.

    `days`: for each activity the days that are left to it by the rules that must hold. The solver alone sees
    no further than the first and the last of them, as its presolve is off.
    """

    def __init__(
        self, problem: Problem, days: Mapping[str, int], optional: frozenset[str] | None = None
    ) -> None:
        from ortools.sat.python import cp_model

        self.cp, self.problem = cp_model, problem
        self.model = cp_model.CpModel()
        self.activities = {activity.id: activity for activity in problem.activities}
        self.day: dict[str, Any] = {}
        self.hour: dict[str, Any] = {}
        self.moment: dict[str, Any] = {}  # hours since midnight of day 0, for what has a clock
        for activity in problem.activities:
            self._variables(activity, days[activity.id])
        self.guard = {name: self.model.new_bool_var(f"keep {name}") for name in sorted(optional or ())}
        self.slacks: dict[str, list[tuple[Any, int, int]]] = {}  # by soft clause: slack, its most, weight
        for rule in problem.rules:
            if optional is None or not rule.soft:
                self._encode(rule)

    def _variables(self, activity: Activity, days: int) -> None:
        domain = self.cp.Domain.from_values(list(each(days)))
        self.day[activity.id] = self.model.new_int_var_from_domain(domain, f"day {activity.id}")
        if activity.clock is not None:
            latest = activity.clock.closes - activity.clock.lasts
            hour = self.model.new_int_var(activity.clock.opens, latest, f"hour {activity.id}")
            moment = self.model.new_int_var(0, DAY * self.problem.days, f"moment {activity.id}")
            self.model.add(moment == DAY * self.day[activity.id] + hour)
            self.hour[activity.id], self.moment[activity.id] = hour, moment

    # ── Moments in hours: (earliest, latest); one and the same where the activity has a clock ──

    def _starts(self, name: str) -> tuple[Any, Any]:
        if name in self.moment:
            return (self.moment[name],) * 2
        return DAY * self.day[name], DAY * self.day[name] + DAY

    def _ends(self, name: str) -> tuple[Any, Any]:
        activity = self.activities[name]
        if activity.clock is not None:
            return (self.moment[name] + activity.clock.lasts,) * 2
        last = DAY * (self.day[name] + activity.days - 1)
        return last, last + DAY

    # ── Rules ──

    def _encode(self, rule: Rule) -> None:
        match rule:
            case Gap():
                self._gap(rule)
            case Apart():
                self._apart(rule)
            case Series():
                for (first, then), (least, most) in zip(pairwise(rule.activities), rule.steps, strict=True):
                    self._between(rule, self.day[then] - self.day[first], least, most)
            case SameDay():
                for name in rule.activities[1:]:
                    self._between(rule, self.day[name] - self.day[rule.activities[0]], 0, 0)
            case DifferentDays():
                self._different_days(rule)
            case Window():
                self._between(rule, self.day[rule.activity], rule.earliest, rule.latest)
            case Weekdays():
                monday = self.problem.start.weekday()
                week = [day for day in range(self.problem.days) if (monday + day) % 7 in rule.allowed]
                self._among(rule, rule.activities, week)
            case Closed():
                open_days = [day for day in range(self.problem.days) if day not in rule.days]
                self._among(rule, rule.activities, open_days)
            case Capacity():
                self._capacity(rule)
            case Stock():
                self._stock(rule)
            case OneAtATime():
                self._one_at_a_time(rule)
            case _:
                assert_never(rule)

    def _guards(self, rule: Rule) -> list[Any]:
        return [self.guard[rule.id]] if rule.id in self.guard else []

    def _require(self, rule: Rule, expression: Any, *literals: Any) -> None:
        """A linear constraint that holds where the clause is kept and all literals are true."""
        found = self.model.add(expression)
        conditions = [*self._guards(rule), *literals]
        if conditions:
            found.only_enforce_if(*conditions)

    def _slack(self, rule: Rule, most: int) -> Any:
        """What a soft rule may fall short by; a hard one by nothing."""
        if not rule.soft:
            return 0
        slack = self.model.new_int_var(0, most, f"short {rule.id}")
        self.slacks.setdefault(rule.id, []).append((slack, most, rule.weight))
        return slack

    def _between(self, rule: Rule, value: Any, least: int | None, most: int | None) -> None:
        slack = self._slack(rule, self._longest(least, most))
        if least is not None:
            self._require(rule, value + slack >= least)
        if most is not None:
            self._require(rule, value - slack <= most)

    def _longest(self, *bounds: int | None) -> int:
        """No distance in days is short of its bounds by more."""
        given = [abs(bound) for bound in bounds if bound is not None]
        return 2 * self.problem.days + max(given, default=0) + 2

    def _gap(self, rule: Gap) -> None:
        first, then = rule.first, rule.then
        if rule.unit == "d":
            last = 0 if rule.start else self.activities[first].days - 1
            self._between(rule, self.day[then] - self.day[first] - last, rule.at_least, rule.at_most)
            return
        earliest, latest = self._starts(first) if rule.start else self._ends(first)
        slack = self._slack(rule, DAY * self._longest(rule.at_least, rule.at_most))
        if rule.at_least is not None:
            self._require(rule, self._starts(then)[0] - latest + slack >= rule.at_least)
        if rule.at_most is not None:
            self._require(rule, self._starts(then)[1] - earliest - slack <= rule.at_most)

    def _apart(self, rule: Apart) -> None:
        earlier = self.model.new_bool_var(f"{rule.first} before {rule.other}")
        slack = self._slack(rule, DAY * self._longest(rule.hours, rule.reverse))
        first, other = self._starts(rule.first)[0], self._starts(rule.other)[0]
        self._require(rule, first <= other, earlier)
        self._require(rule, first > other, ~earlier)
        self._require(rule, other - self._ends(rule.first)[1] + slack >= rule.hours, earlier)
        self._require(rule, first - self._ends(rule.other)[1] + slack >= rule.reverse, ~earlier)

    def _different_days(self, rule: DifferentDays) -> None:
        for index, one in enumerate(rule.activities):
            for two in rule.activities[index + 1 :]:
                before = self.model.new_bool_var(f"{one} before {two}")
                shared = [self._slack(rule, 1)] if rule.soft else []
                excused = [~literal for literal in shared]
                self._require(
                    rule, self.day[one] + self.activities[one].days <= self.day[two], before, *excused
                )
                self._require(
                    rule, self.day[two] + self.activities[two].days <= self.day[one], ~before, *excused
                )

    def _among(self, rule: Rule, activities: Iterable[str], days: Sequence[int]) -> None:
        if not rule.soft and not self._guards(rule):
            return  # the days of these activities hold it
        domain = self.cp.Domain.from_values(list(days))
        for name in activities:
            outside = [self._slack(rule, 1)] if rule.soft else []
            found = self.model.add_linear_expression_in_domain(self.day[name], domain)
            conditions = [*self._guards(rule), *(~literal for literal in outside)]
            if conditions:
                found.only_enforce_if(*conditions)

    def _capacity(self, rule: Capacity) -> None:
        taken = [activity for activity in self.problem.activities if activity.needs.get(rule.resource, 0)]
        intervals = [self._interval(self.day[activity.id], activity.days, activity.id) for activity in taken]
        demands = [activity.needs[rule.resource] for activity in taken]
        self._at_once(rule, intervals, demands, rule.per_day)

    def _one_at_a_time(self, rule: OneAtATime) -> None:
        intervals = [
            self._interval(self.moment[name], clock.lasts, name)
            for name in rule.activities
            if (clock := self.activities[name].clock) is not None
        ]
        self._at_once(rule, intervals, [1] * len(intervals), 1)

    def _interval(self, start: Any, size: int, name: str) -> Any:
        return self.model.new_fixed_size_interval_var(start, size, f"stretch {name}")

    def _at_once(self, rule: Rule, intervals: list[Any], demands: list[int], most: int) -> None:
        """No more than `most` is needed at any time; without limit where the clause is given up."""
        free = max(sum(demands) - most, 0)
        limit: Any = most
        for guard in self._guards(rule):
            limit = most + free - free * guard
        if intervals:
            self.model.add_cumulative(intervals, demands, limit)

    def _stock(self, rule: Stock) -> None:
        times: list[Any] = [day for day, _ in rule.arrivals]
        changes = [amount for _, amount in rule.arrivals]
        for activity in self.problem.activities:
            used = activity.needs.get(rule.resource, 0)
            for day in range(activity.days if used else 0):
                times.append(self.day[activity.id] + day)
                changes.append(-used)
        if times:
            highest = sum(amount for _, amount in rule.arrivals)
            kept = (self._guards(rule) or [True]) * len(times)
            self.model.add_reservoir_constraint_with_active(times, changes, kept, 0, highest)

    # ── Searching ──

    def _objectives(self) -> Iterator[tuple[Any, int]]:
        """Each aim as an expression to make small, and a number that it stays below."""
        days = self.problem.days
        for aim in self.problem.all_aims():
            yield self._objective(aim)
        last = self.model.new_int_var(0, days, "last day")
        self.model.add_max_equality(
            last, [self.day[name] + activity.days for name, activity in self.activities.items()]
        )
        yield last, days + 1
        yield self._hours(tuple(self.activities))

    def _hours(self, names: Sequence[str]) -> tuple[Any, int]:
        """The sum of the hours at which these start."""
        return sum(self._starts(name)[0] for name in names), DAY * self.problem.days * len(names) + 1

    def _objective(self, aim: Aim) -> tuple[Any, int]:
        if isinstance(aim, Early):
            return self._hours(aim.activities)
        parts = [part for name in aim.clauses for part in self.slacks.get(name, ())]
        return (
            sum(weight * slack for slack, _, weight in parts),
            sum(weight * most for _, most, weight in parts) + 1,
        )

    def best(self, effort: float) -> Calendar | None:
        proven = True
        solver = None
        for objective in _joined(self._objectives()):
            self.model.minimize(objective)
            try:
                found = self._solved(effort)
            except UndecidedError:
                if solver is None:
                    raise
                proven = False
                break
            if found is None:
                return None
            solver, optimal = found
            proven = proven and optimal
            self.model.add(objective <= solver.value(objective))
            self._hint(solver)
        assert solver is not None
        slots = {name: self._slot(solver, name) for name in self.activities}
        broken = {
            name: amount
            for name, parts in self.slacks.items()
            if (amount := sum(solver.value(slack) for slack, _, _ in parts))
        }
        return Calendar(slots, broken, proven)

    def kept(self, effort: float) -> frozenset[str] | None:
        hard = self.problem.clauses(soft=False)
        self.model.maximize(sum(self.guard.values()))
        found = self._solved(effort)
        if found is None:
            return None
        solver, _ = found
        return frozenset(name for name in hard if name not in self.guard or solver.value(self.guard[name]))

    def _solved(self, effort: float) -> tuple[cp_model.CpSolver, bool] | None:
        """A solver with a solution and whether it is proved the best; None when there is none.

        Presolve stays off: it costs these problems more than it saves, and in OR-Tools 9.15 it calls some
        that can be solved infeasible (its issue 5274; tests/unit/test_calendar_solve.py keeps such a one).
        """
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.cp_model_presolve = False
        solver.parameters.linearization_level = 0
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        if status == self.cp.INFEASIBLE:
            return None
        if status not in (self.cp.OPTIMAL, self.cp.FEASIBLE):
            raise UndecidedError
        return solver, status == self.cp.OPTIMAL

    def _hint(self, solver: cp_model.CpSolver) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for variable in (*self.day.values(), *self.hour.values()):
            self.model.add_hint(variable, solver.value(variable))

    def _slot(self, solver: cp_model.CpSolver, name: str) -> Slot:
        hour = solver.value(self.hour[name]) if name in self.hour else None
        return Slot(solver.value(self.day[name]), hour)


def _joined(objectives: Iterable[tuple[Any, int]]) -> Iterator[Any]:
    """Neighbouring aims as one number, the earlier ones in the higher digits, while it stays exact."""
    joined: Any = None
    width = 1
    for expression, below in objectives:
        if joined is not None and width * below < _WIDEST:
            joined, width = joined * below + expression, width * below
        else:
            if joined is not None:
                yield joined
            joined, width = expression, below
    if joined is not None:
        yield joined
