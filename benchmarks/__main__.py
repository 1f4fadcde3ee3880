"""How fast Trivium is, as ratios to a peer timed in turn with it in the same run.

Peers: `orjson.loads` of the same bytes for reading; a bare `python -c pass` for the cold start.
Every figure is the median of interleaved rounds; p95 where one call is timed many times.
"""

from __future__ import annotations

import datetime
import gc
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.logic.answers import Answers
from trivium.logic.evaluate import Trace, evaluate
from trivium.pathway.assess import assess
from trivium.pathway.questions import questions
from trivium.plan import Plan, make_plan
from trivium.plan_json import plan_data, to_bytes
from trivium.record import fhir_in
from trivium.record.events import Person, ReadReport, Record
from trivium.record.site import Site

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "tests" / "data" / "patients" / "ida2023_case1.json"
SHARED = ROOT.parent / "shared" / "data" / "pathling-synthea" / "bundles"
DAY = datetime.date(2000, 12, 31)
ROUNDS = 200


def main() -> None:
    """Run every measurement and print one line each."""
    started = time.perf_counter()
    knowledge = load()
    # What a long-running process does once: knowledge never becomes garbage, so it is not looked through.
    gc.collect()
    gc.freeze()
    print(f"load compiled knowledge (first call of this process): {_ms(time.perf_counter() - started)}")
    one_patient(knowledge)
    reading(knowledge)
    cold_start()


def one_patient(knowledge: Knowledge) -> None:
    """One published patient: end to end, engine only, against parsing the same bundle's JSON."""
    data, site = CASE.read_bytes(), Site()
    peer = "orjson.loads of the same bundle"

    def plan() -> Plan:
        (record,) = fhir_in.read_bytes(data, CASE.name, knowledge.concepts, site.zone)
        return make_plan(knowledge, record, DAY, site)

    timed = _interleaved(
        {
            "end to end, bundle bytes to plan JSON": lambda: to_bytes(plan_data(plan())),
            "bundle bytes to plan": plan,
            **engine(knowledge, plan()),
            peer: lambda: orjson.loads(data),
        },
        ROUNDS,
    )
    _report("one patient", timed, peer)
    nobody = make_plan(knowledge, Record(Person(""), [], ReadReport()), DAY, site)
    timed = _interleaved({**engine(knowledge, nobody), peer: lambda: orjson.loads(data)}, ROUNDS)
    _report("nothing known", timed, peer)
    for name, one in (("one patient", plan()), ("nothing known", nobody)):
        print(f"{name}: plan JSON: {len(to_bytes(plan_data(one))) / 1e6:.2f} MB")


def engine(knowledge: Knowledge, plan: Plan) -> dict[str, Callable[[], object]]:
    """What comes after reading the facts: values first, traces once somebody asks for them."""
    pathway, values = knowledge.pathway, {name: fact.value for name, fact in plan.facts.items()}
    criteria = {name: criterion.when for name, criterion in pathway.criteria.items()}
    unknown = {name for name, fact in plan.facts.items() if not fact.is_known}

    def traced() -> list[Trace]:
        traces: dict[str, Trace] = {}
        for name, node in criteria.items():
            traces[name] = evaluate(node, values, traces)
        return list(traces.values())

    return {
        "facts to the values of all criteria": lambda: Answers(values, criteria),
        "facts to the traces of all criteria (the reference reading)": traced,
        "facts to assessment": lambda: assess(pathway, values),
        "assessment to ranked questions": lambda: questions(pathway, plan.assessment, unknown, ()),
        "facts to assessment and ranked questions": lambda: questions(
            pathway, assess(pathway, values), unknown, ()
        ),
        "plan to its data, every trace told": lambda: plan_data(plan),
    }


def reading(knowledge: Knowledge) -> None:
    """Reading bundles of 1,000 resources (cut from Synthea's) against parsing their JSON."""
    if not SHARED.is_dir():
        print(f"reading: left out, no test data at {SHARED.name}")
        return
    data = _bundle_of(1000)
    timed = _interleaved(
        {
            "read a bundle of 1,000 resources": lambda: fhir_in.read_bytes(
                data, "bundle.json", knowledge.concepts, datetime.UTC
            ),
            "orjson.loads of it": lambda: orjson.loads(data),
        },
        40,
    )
    _report(f"reading ({len(data) / 1e6:.1f} MB)", timed, "orjson.loads of it")


def _bundle_of(count: int) -> bytes:
    """A bundle of `count` resources: those of the largest one, its first repeated where it has fewer."""
    largest: dict[str, Any] = json.loads(gzip.decompress(_largest().read_bytes()))
    entries = largest["entry"]
    largest["entry"] = [entries[number % len(entries)] for number in range(count)]
    return json.dumps(largest).encode()


def _largest() -> Path:
    return max(SHARED.iterdir(), key=lambda path: path.stat().st_size)


def cold_start() -> None:
    """From the shell to the first output, against starting Python alone."""
    trivium = str(Path(sys.executable).with_name("trivium"))
    commands = {
        "trivium --version": [trivium, "--version"],
        "trivium assess (a published patient)": [trivium, "assess", str(CASE), "--as-of", DAY.isoformat()],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    runs: dict[str, Callable[[], object]] = {name: _runs(command) for name, command in commands.items()}
    _report("cold start", _interleaved(runs, 10), "python -c pass")


def _runs(command: list[str]) -> Callable[[], object]:
    # As installed: Python may keep what it compiled, also where this shell forbids it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def _interleaved(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each call, round by round in turn, after one warm-up round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if number:
                times[name].append(time.perf_counter() - started)
    return times


def _report(title: str, times: dict[str, list[float]], peer: str) -> None:
    base = statistics.median(times[peer])
    for name, values in times.items():
        median, p95 = statistics.median(values), sorted(values)[int(len(values) * 0.95)]
        print(f"{title}: {name}: median {_ms(median)}, p95 {_ms(p95)}, {median / base:.2f} times {peer}")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


if __name__ == "__main__":
    main()
