"""The pathway's expressions in Trivium and in cql-execution, on the same 1,000 patients in the same run.

cql-execution starts from facts that are ready (numbers in the right unit, nothing to retrieve) and gives
answers alone. Trivium is timed from the same facts, with the full trace of every answer, and from the bytes
of the FHIR bundles, reading, facts, statuses and all. Medians of interleaved rounds; the answers of the two
are compared before any time is printed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.cql import engine

from benchmarks.__main__ import DAY, ROOT
from trivium.core.truth import from_bool
from trivium.core.values import Value
from trivium.exchange.cql_library import ParameterValue, cql_library, parameter_values, pathway_definitions
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.logic.evaluate import Trace, evaluate
from trivium.pathway.assess import assess
from trivium.plan import make_plan
from trivium.record import fhir_in
from trivium.record.site import Site

PATIENTS = 1_000
ROUNDS = 5
Facts = Mapping[str, Value]


def main() -> None:
    """Measure, and print one line each; says why when the tools of tools/cql are not there."""
    if reason := engine.missing():
        print(f"CQL: left out: {reason}")
        return
    knowledge, site = load(), Site()
    bundles = [path.read_bytes() for path in sorted((ROOT / "tests/data/patients").glob("*.json"))]
    data = [bundles[number % len(bundles)] for number in range(PATIENTS)]

    def from_bundles() -> list[Facts]:
        return [_facts(knowledge, one, site) for one in data]

    facts = [_told(knowledge, one) for one in from_bundles()]
    types = {name: spec.type for name, spec in knowledge.pathway.facts.items()}
    given = [parameter_values(types, one) for one in facts]
    with tempfile.TemporaryDirectory() as folder:
        elm = engine.translate(cql_library(knowledge), Path(folder))
        times = _timed(
            {
                "Trivium, from bundles: records, facts, plan with full trace": from_bundles,
                "Trivium, from facts: every expression with full trace": lambda: _answers(knowledge, facts),
                "Trivium, from facts: the whole assessment": lambda: [
                    assess(knowledge.pathway, one) for one in facts
                ],
            },
            elm,
            given,
        )
        _compare(_answers(knowledge, facts), engine.run(elm, given))
    peer, with_start = "cql-execution, from facts", "cql-execution, from facts, with the start of Node"
    count = len(pathway_definitions(knowledge.pathway))
    print(f"CQL: {PATIENTS} patients, {count} expressions, the same answers; medians of {ROUNDS} rounds")
    for name, seconds in times.items():
        each = seconds / PATIENTS * 1000
        ratios = f"{times[peer] / seconds:.1f} times as fast as {peer}"
        if name not in (peer, with_start):
            ratios += f", {times[with_start] / seconds:.1f} with its start"
        print(f"CQL: {name}: {each:.3f} ms a patient, {ratios}")


def _facts(knowledge: Knowledge, data: bytes, site: Site) -> Facts:
    (record,) = fhir_in.read_bytes(data, "bundle.json", knowledge.concepts, site.zone)
    return {name: fact.value for name, fact in make_plan(knowledge, record, DAY, site).facts.items()}


def _told(knowledge: Knowledge, facts: Facts) -> Facts:
    """What CQL can be told, as the tests do it."""
    from tests.differential.test_cql import as_points

    return as_points({name: spec.type for name, spec in knowledge.pathway.facts.items()}, facts)


def _answers(knowledge: Knowledge, patients: Sequence[Facts]) -> list[list[Trace]]:
    definitions = pathway_definitions(knowledge.pathway)
    rows = []
    for facts in patients:
        traces: dict[str, Trace] = {}
        for one in definitions:
            traces[one.name] = evaluate(one.node, facts, traces)
        rows.append(list(traces.values()))
    return rows


def _timed(
    calls: Mapping[str, Callable[[], object]], elm: Path, given: Sequence[Mapping[str, ParameterValue]]
) -> dict[str, float]:
    """Median seconds of each for all patients, round by round in turn, after one round to warm up."""
    times: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if number:
                times.setdefault(name, []).append(time.perf_counter() - started)
        ran = engine.run(elm, given)
        if number:
            times.setdefault("cql-execution, from facts", []).append(ran.engine)
            times.setdefault("cql-execution, from facts, with the start of Node", []).append(ran.whole)
    return {name: statistics.median(values) for name, values in times.items()}


def _compare(ours: Sequence[Sequence[Trace]], theirs: engine.Answers) -> None:
    for traces, row in zip(ours, theirs.rows, strict=True):
        if [trace.truth for trace in traces] != [from_bool(answer) for answer in row]:
            sys.exit("CQL: the answers differ; times would mean nothing")


if __name__ == "__main__":
    main()
