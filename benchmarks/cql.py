"""The pathway's expressions in Trivium and in cql-execution, on the same 1,000 patients in the same run.

cql-execution starts from facts that are ready (numbers in the right unit, nothing to retrieve) and gives
answers alone. Trivium is timed from the same facts, with answers alone and with the full trace of every
answer, and from the bytes of the FHIR bundles, reading, facts, statuses and all. Medians of interleaved
rounds; the answers of the two are compared before any time is printed. cql-execution remembers what an
expression came to only when that was true, and evaluates it anew wherever else it is named: patients in
scope are quick, others are not.
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
from trivium.logic.answers import Answers
from trivium.logic.evaluate import Trace, evaluate
from trivium.pathway.assess import assess
from trivium.plan import make_plan
from trivium.record import fhir_in
from trivium.record.site import Site

PATIENTS = 1_000
ROUNDS = 3
PEER = "cql-execution, from facts"
STARTED = f"{PEER}, with the start of Node"
Facts = Mapping[str, Value]


def main() -> None:
    """Measure, and print one line each; says why when the tools of tools/cql are not there."""
    if reason := engine.missing():
        print(f"CQL: left out: {reason}")
        return
    from tests.differential.test_cql import as_points, random_patients

    knowledge, site = load(), Site()
    types = {name: spec.type for name, spec in knowledge.pathway.facts.items()}
    bundles = [path.read_bytes() for path in sorted((ROOT / "tests/data/patients").glob("*.json"))]
    data = [bundles[number % len(bundles)] for number in range(PATIENTS)]

    def from_bundles() -> list[Facts]:
        return [_facts(knowledge, one, site) for one in data]

    published = [as_points(types, one) for one in from_bundles()]
    with tempfile.TemporaryDirectory() as folder:
        elm = engine.translate(cql_library(knowledge), Path(folder))
        title = f"the {len(bundles)} published patients, {PATIENTS // len(bundles)} times"
        whole = {"Trivium, from bundles: records, facts, plan": from_bundles}
        _report(title, knowledge, published, elm, whole)
        _report("random patients, all different", knowledge, random_patients(9, PATIENTS), elm, {})


def _report(
    title: str,
    knowledge: Knowledge,
    patients: Sequence[Facts],
    elm: Path,
    more: Mapping[str, Callable[[], object]],
) -> None:
    pathway = knowledge.pathway
    types = {name: spec.type for name, spec in pathway.facts.items()}
    given = [parameter_values(types, one) for one in patients]
    nodes = {one.name: one.node for one in pathway_definitions(pathway)}
    _compare(_answers(knowledge, patients), engine.run(elm, given))
    calls = {
        **more,
        "Trivium, from facts: every expression, answers alone": lambda: [
            Answers(one, nodes) for one in patients
        ],
        "Trivium, from facts: every expression with full trace": lambda: _answers(knowledge, patients),
        "Trivium, from facts: the whole assessment": lambda: [assess(pathway, one) for one in patients],
    }
    count = len(pathway_definitions(pathway))
    print(f"CQL: {title}: {len(patients)} patients, {count} expressions, all answers alike")
    times = _timed(calls, elm, given)
    for name, seconds in times.items():
        ratios = "" if name in (PEER, STARTED) else f"; {times[PEER] / seconds:.2f} times as fast as {PEER}"
        ratios += f", {times[STARTED] / seconds:.2f} with the start of Node" if ratios else ""
        print(f"CQL:   {name}: {seconds / len(patients) * 1000:.3f} ms a patient{ratios}")


def _facts(knowledge: Knowledge, data: bytes, site: Site) -> Facts:
    (record,) = fhir_in.read_bytes(data, "bundle.json", knowledge.concepts, site.zone)
    return {name: fact.value for name, fact in make_plan(knowledge, record, DAY, site).facts.items()}


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
            times.setdefault(PEER, []).append(ran.engine)
            times.setdefault(STARTED, []).append(ran.whole)
    return {name: statistics.median(values) for name, values in times.items()}


def _compare(ours: Sequence[Sequence[Trace]], theirs: engine.Answers) -> None:
    for traces, row in zip(ours, theirs.rows, strict=True):
        if [trace.truth for trace in traces] != [from_bool(answer) for answer in row]:
            sys.exit("CQL: the answers differ; times would mean nothing")


if __name__ == "__main__":
    main()
