"""Pooling in Trivium, statsmodels and metafor on the same data in the same run: agreement first, then time.

Data: the BCG trials (13 studies) for comparisons, the control arms of Stijnen 2010 (18 studies) for
proportions. Ours is timed as a user calls it: rows in, result with intervals, heterogeneity with its
Q-profile, prediction interval and notes out. Peers are timed on fitting alone, their tables ready made.
Medians of interleaved rounds; R's own start is not counted.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from trivium.commands.pool import example_table
from trivium.evidence.synthesis import Comparative, Pooled, Row, Settings, SingleArm, pool
from trivium.evidence.synthesis.table import read_table

ROUNDS, CALLS, SLOW_CALLS = 5, 50, 3
SCRIPT = Path(__file__).with_suffix(".R")
# Stijnen 2010, Table II: events and patients of the control arms.
EVENTS = (3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1)
PATIENTS = (117, 35, 195, 136, 157, 139, 177, 39, 103, 122, 64, 58, 175, 180, 105, 262, 362, 69)
# How far peers may be off: statsmodels and metafor stop their searches for tau squared early.
TOLERANCE = {"DL": 1e-10, "PM": 1e-4, "REML": 1e-5, "MH": 1e-10, "GLMM": 1e-4}


def main() -> None:
    """Compare, then time, and print one line each."""
    with tempfile.TemporaryDirectory() as folder:
        rows = comparisons(Path(folder))
        arms: list[Row] = [
            SingleArm(f"study {i}", x, n) for i, (x, n) in enumerate(zip(EVENTS, PATIENTS, strict=True))
        ]
        ours: dict[str, Callable[[], object]] = {
            "DL": lambda: pool(rows, Settings("RR", "DL", "wald")),
            "PM": lambda: pool(rows, Settings("RR", "PM", "wald")),
            "REML": lambda: pool(rows, Settings("RR", "REML", "hk")),
            "MH": lambda: pool(rows, Settings("OR", "MH")),
            "GLMM": lambda: pool(arms, Settings("PROP", "GLMM")),
        }
        found = {name: estimate(call()) for name, call in ours.items()}
        peer = statsmodels_calls(rows)
        report_agreement("statsmodels", found, {name: call()[1] for name, call in peer.items()})
        times: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            for name, call in ours.items():
                times.setdefault(f"ours {name}", []).append(
                    seconds(call, SLOW_CALLS if name == "GLMM" else CALLS)
                )
            for name, call in peer.items():
                times.setdefault(f"statsmodels {name}", []).append(seconds(call, CALLS))
            answers = metafor(rows, Path(folder))
            if answers is None:
                continue
            if number == 0:
                report_agreement("metafor", found, answers["estimates"])
            for name, value in answers["seconds"].items():
                times.setdefault(f"metafor {name}", []).append(value)
        report_times({name: statistics.median(values) for name, values in times.items()})


def comparisons(folder: Path) -> list[Row]:
    """The rows of the example that `trivium pool --example` prints."""
    path = folder / "bcg.csv"
    path.write_text(example_table(), encoding="utf-8")
    return list(read_table(path, "RR").rows)


def estimate(result: object) -> float:
    """The pooled estimate on the scale of analysis."""
    assert isinstance(result, Pooled), result
    return result.estimate


def statsmodels_calls(rows: list[Row]) -> dict[str, Callable[[], tuple[object, float]]]:
    """What statsmodels has of it: DerSimonian-Laird, Paule-Mandel, Mantel-Haenszel."""
    try:
        from statsmodels.stats.contingency_tables import StratifiedTable
        from statsmodels.stats.meta_analysis import combine_effects, effectsize_2proportions
    except ImportError:
        print("synthesis: statsmodels is not installed, it is left out")
        return {}
    counts = np.array(
        [
            (r.events_treated, r.n_treated, r.events_control, r.n_control)
            for r in rows
            if isinstance(r, Comparative)
        ]
    )
    y, v = effectsize_2proportions(*counts.T, statistic="risk-ratio")
    tables = [np.array([[a, n1 - a], [c, n2 - c]]) for a, n1, c, n2 in counts]

    def combined(method: str) -> tuple[object, float]:
        found = combine_effects(y, v, method_re=method)
        return found, float(found.mean_effect_re)

    def stratified() -> tuple[object, float]:
        found = StratifiedTable(tables)
        return found, float(found.logodds_pooled)

    return {"DL": lambda: combined("dl"), "PM": lambda: combined("iterated"), "MH": stratified}


def metafor(rows: list[Row], folder: Path) -> dict[str, Any] | None:
    """Estimates and seconds a call in R; None, said once, where R or metafor is not there."""
    tables = [row for row in rows if isinstance(row, Comparative)]
    data = {
        "ai": [row.events_treated for row in tables],
        "n1i": [row.n_treated for row in tables],
        "ci": [row.events_control for row in tables],
        "n2i": [row.n_control for row in tables],
        "xi": EVENTS,
        "ni": PATIENTS,
        "rounds": CALLS,
        "slow_rounds": SLOW_CALLS,
    }
    (folder / "in.json").write_text(json.dumps(data), encoding="utf-8")
    command = ["Rscript", str(SCRIPT), str(folder / "in.json"), str(folder / "out.json")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("synthesis: Rscript or metafor is not installed, it is left out")
        return None
    answers: dict[str, Any] = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return answers


def report_agreement(peer: str, ours: dict[str, float], theirs: dict[str, float]) -> None:
    """One line a method; ends the run where they differ: times would mean nothing."""
    for name, value in theirs.items():
        off = abs(ours[name] - value)
        print(f"synthesis: {name}: ours {ours[name]:.9f}, {peer} {value:.9f}, off by {off:.1e}")
        if off > TOLERANCE[name]:
            sys.exit(f"synthesis: {name}: ours and {peer} differ")


def seconds(call: Callable[[], object], calls: int) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - started) / calls


def report_times(times: dict[str, float]) -> None:
    """Each peer's time as a multiple of ours."""
    for name, value in times.items():
        who, method = name.split()
        ratio = "" if who == "ours" else f", {value / times[f'ours {method}']:.2f} times ours"
        print(f"synthesis: {method}: {who}: {1000 * value:.3f} ms{ratio}")


if __name__ == "__main__":
    main()
