"""How fast a calendar of six months is made: all agents that are given by the day, and plasma exchange.

Peer: the same model given to CP-SAT as it comes (its own presolve and defaults, one worker), one search for
each aim. Every figure is the median of interleaved rounds, with p95; times are of this process's processor.
The first call is timed apart, each time in a process of its own: importing the solver is most of it.
"""

from __future__ import annotations

import datetime
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache

from trivium.core.truth import Truth
from trivium.knowledge.dosing import When
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.record.site import Suite
from trivium.regimen.calendar.build import Built, build
from trivium.regimen.calendar.course import Choice, Quantity
from trivium.regimen.calendar.days import up_to
from trivium.regimen.calendar.events import calendar_data
from trivium.regimen.calendar.model import Calendar, Problem, Rule
from trivium.regimen.calendar.setting import Setting
from trivium.regimen.calendar.solve import _Encoding, find
from trivium.regimen.calendar.together import together

_FIRST = """
import json, time
def took(call):
    started = time.process_time()
    call()
    return time.process_time() - started
import benchmarks.calendar as calendar
from trivium.regimen.calendar.events import calendar_data
def solver():
    from ortools.sat.python import cp_model
times = {"load the knowledge": took(calendar.content), "import the solver": took(solver)}
for name in ("first calendar after that", "second calendar"):
    times[name] = took(lambda: calendar_data(calendar.everything(ward_days=14)))
print(json.dumps(times))
"""
START, SHOWN, ROUNDS = datetime.date(2026, 3, 6), 182, 10
AGENTS = (
    "methylprednisolone_pulse",
    "plasma_exchange",
    "polymyxin_b_hemoperfusion",
    "rituximab",
    "ivig",
    "tofacitinib",
    "tacrolimus",
    "cyclophosphamide",
    "mycophenolate",
    "prednisone",
    "tmp_smx",
    "isoniazid",
    "entecavir",
)
DOSES = {
    "methylprednisolone_pulse": Quantity(Fraction(1000), "mg"),
    "rituximab": Quantity(Fraction(1000), "mg"),
    "ivig": Quantity(Fraction(140), "g"),
}


def main() -> None:
    """Run every measurement and print one line each."""
    built = everything(ward_days=14)
    problem, calendar = built.problem, find(built.problem)
    assert calendar is not None
    print(f"calendar: {len(problem.activities)} activities, {len(problem.rules)} rules, {SHOWN} days")
    timed = interleaved(
        {
            "build the problem": lambda: everything(ward_days=14),
            "find the earliest calendar": lambda: find(problem),
            "bring its tests together": lambda: together(
                problem, calendar, built.until(calendar), built.shut
            ),
            "find, check, bring together, say what waits and what is lost": lambda: calendar_data(built),
            "name the clash (exchange on Mondays only)": lambda: calendar_data(impossible()),
            "plain CP-SAT, one search an aim": lambda: Plain(problem).best(20.0),
        }
    )
    report(timed, "plain CP-SAT, one search an aim")
    peer = statistics.median(timed["plain CP-SAT, one search an aim"])
    for name, seconds in first_calls().items():
        median, p95 = statistics.median(seconds), sorted(seconds)[int(len(seconds) * 0.95)]
        print(
            f"calendar, new process: {name}: median {median * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms,", end=" "
        )
        print(f"{median / peer:.3f} of plain CP-SAT, one search an aim")


def first_calls() -> dict[str, list[float]]:
    """Seconds of what a process does before and with its first calendar, over as many processes as rounds."""
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        done = subprocess.run([sys.executable, "-c", _FIRST], check=True, capture_output=True, text=True)
        for name, seconds in json.loads(done.stdout).items():
            times.setdefault(name, []).append(seconds)
    for index in range(ROUNDS):
        parts = [times[name][index] for name in ("import the solver", "first calendar after that")]
        times.setdefault("import and first calendar", []).append(sum(parts))
    return times


def everything(ward_days: int, exchanges: Suite | None = None) -> Built:
    """All agents of the content with their default regimens, on a site open on weekdays."""
    knowledge = content()
    choices = []
    for agent in AGENTS:
        dosing = knowledge.dosing[agent]
        regimen = next(regimen for regimen in dosing.regimens.values() if regimen.is_default)
        choices.append(Choice(dosing, regimen, DOSES.get(agent), weight=Fraction(70)))
    suite = Suite(frozenset(range(5)), hours=(8, 18), may_slip_days=1)
    setting = Setting(suite, exchanges or Suite(hours=(8, 16)), ward_days=ward_days)
    return build(choices, START, SHOWN, setting, holds)


@cache
def content() -> Knowledge:
    return load()


def impossible() -> Built:
    return everything(0, Suite(frozenset({0}), hours=(8, 16)))


def holds(when: When) -> Truth:
    """A patient in scope of whom nothing else is known."""
    return Truth.TRUE if when.text == "mda5_rp_ild" else Truth.UNKNOWN


class Plain(_Encoding):
    """The same model without what makes it fast: no joined aims, no days left out, the solver's defaults."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            problem, {activity.id: up_to(problem.days - activity.days) for activity in problem.activities}
        )

    def _among(self, _rule: Rule, activities: Iterable[str], days: Sequence[int]) -> None:
        domain = self.cp.Domain.from_values(list(days))
        for name in activities:
            self.model.add_linear_expression_in_domain(self.day[name], domain)

    def best(self, effort: float) -> Calendar | None:
        for objective, _ in self._objectives():
            self.model.minimize(objective)
            solver = self.cp.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.max_deterministic_time = effort
            solver.solve(self.model)
            self.model.add(objective <= solver.value(objective))
        return Calendar({name: self._slot(solver, name) for name in self.activities})


def interleaved(calls: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds of the processor of each call, round by round in turn, after one warm-up round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(ROUNDS + 1):
        for name, call in calls.items():
            started = time.process_time()
            call()
            if number:
                times[name].append(time.process_time() - started)
    return times


def report(times: dict[str, list[float]], peer: str) -> None:
    base = statistics.median(times[peer])
    for name, values in times.items():
        median, p95 = statistics.median(values), sorted(values)[int(len(values) * 0.95)]
        print(f"calendar: {name}: median {median * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms,", end=" ")
        print(f"{median / base:.3f} of {peer}")


if __name__ == "__main__":
    main()
