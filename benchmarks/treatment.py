"""How long a whole answer takes: a plan, a plan with regimen and calendar, a brief, a text's claims.

Each figure is the median and p95 of interleaved rounds, warm, in one process; the peer is `orjson.loads`
of the same patient's bundle, so that machines can be compared by the ratio.
"""

from __future__ import annotations

import datetime
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from trivium.commands.brief import brief
from trivium.commands.regimen import RegimenRequest, make
from trivium.evidence.claims.check import check_text
from trivium.knowledge.loader import load, load_evidence
from trivium.plan import make_plan
from trivium.plan_json import plan_data
from trivium.record.read import read_records
from trivium.record.site import Site

RECORD = Path("tests/data/patients/ida2023_case1.json")
DAY = "2000-12-31"
AGENTS = "methylprednisolone_pulse,plasma_exchange,ivig,rituximab,tacrolimus,tmp_smx"
TRIPLE = "methylprednisolone_pulse,prednisone,tacrolimus,cyclophosphamide,mesna:three_boluses,tmp_smx"
TEXT = "IVIG is dosed at 1 g/kg over 1-2 days. In 2023 four of six on more tofacitinib improved. " * 20
ROUNDS = 15


def main() -> None:
    """Run every measurement and print one line each."""
    knowledge, base, bundle = load(), load_evidence(), RECORD.read_bytes()
    triple = RegimenRequest(RECORD, TRIPLE, as_of=DAY, settings=("weight=60kg", "height=165cm"))
    regimen = RegimenRequest(RECORD, AGENTS, as_of=DAY, days=182, settings=("weight=60kg",))

    def plan() -> None:
        (record,) = read_records(RECORD, knowledge.pathway.facts, knowledge.concepts, datetime.UTC)
        plan_data(make_plan(knowledge, record, datetime.date.fromisoformat(DAY), Site()))

    calls: dict[str, Callable[[], object]] = {
        "orjson.loads of the bundle": lambda: orjson.loads(bundle),
        "bundle to plan data": plan,
        "plan, doses and calendar of 12 weeks, triple therapy": lambda: make(triple),
        "plan, doses and calendar of 26 weeks, six agents": lambda: make(regimen),
        "brief on three agents": lambda: brief("ivig rituximab tofacitinib"),
        "claims of a text of 40 sentences": lambda: check_text(TEXT, base, knowledge),
    }
    times = {name: [] for name in calls}  # type: dict[str, list[float]]
    for number in range(ROUNDS + 1):
        for name, call in calls.items():
            started = time.process_time()
            call()
            if number:
                times[name].append(time.process_time() - started)
    peer = statistics.median(times["orjson.loads of the bundle"])
    for name, seconds in times.items():
        middle, high = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
        ratio = middle / peer if peer else float("nan")
        print(f"{name}: median {middle * 1000:.2f} ms, p95 {high * 1000:.2f} ms, {ratio:,.0f} times the peer")


if __name__ == "__main__":
    main()
