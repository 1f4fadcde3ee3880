"""metafor (R) as oracle: random tables of studies, sparse ones included, pooled by both.

Every quantity that both have must agree. Two differences are allowed and counted: where a likelihood has
several maxima ours must be at least as high; and metafor's logistic models come from lme4, whose search
stops earlier, so that they agree to fewer digits.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trivium.evidence.synthesis import (
    Comparative,
    Measure,
    Pooled,
    Result,
    Settings,
    SingleArm,
    pool,
    small_study,
)
from trivium.evidence.synthesis.mixed import _NEAR, _Model
from trivium.evidence.synthesis.settings import RANDOM
from trivium.evidence.synthesis.variance import _log_likelihood

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("metafor.R")
TABLES, SEED = 120, 20240305
_WIDE = 2.4**2  # beyond this spread the 25 nodes that lme4 allows are too few; ours then has 150
Table = dict[str, Any]
Difference = tuple[int, str, Any, Any]


def _missing() -> str:
    """Why metafor cannot be asked; empty if it can."""
    if shutil.which("Rscript") is None:
        return "Rscript is not installed (Debian: r-cran-metafor, r-cran-lme4, r-cran-jsonlite)"
    asked = 'quit(status = !all(sapply(c("metafor", "lme4", "jsonlite"), requireNamespace, quietly = TRUE)))'
    ended = subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False)
    return "" if ended.returncode == 0 else "R lacks metafor, lme4 or jsonlite (Debian: r-cran-…)"


def two_arms(rng: random.Random, k: int) -> Table:
    """Studies of two arms; rates from rare to usual, arms from one patient to thousands."""
    table: Table = {"kind": "two", "ai": [], "n1i": [], "ci": [], "n2i": [], "glmm": k <= 8}
    rate, effect, spread = (
        rng.choice([0.02, 0.1, 0.3, 0.6, 0.9]),
        rng.choice([0, 0.3, 1]),
        rng.choice([0, 0.3, 1]),
    )
    for _ in range(k):
        least, most = rng.choice([(1, 12), (5, 60), (50, 3000)])
        control = math.log(rate / (1 - rate)) + rng.gauss(0, 0.4)
        treated = control - effect + rng.gauss(0, spread)
        for events, size, odds in (("ai", "n1i", treated), ("ci", "n2i", control)):
            n = rng.randint(least, most)
            table[size].append(n)
            table[events].append(sum(rng.random() < 1 / (1 + math.exp(-odds)) for _ in range(n)))
    return table


def one_arm(rng: random.Random, k: int) -> Table:
    """Studies of one arm."""
    table: Table = {"kind": "one", "xi": [], "ni": []}
    rate, spread = rng.choice([0.03, 0.2, 0.5, 0.85]), rng.choice([0, 0.4, 1.2])
    for _ in range(k):
        n = rng.choice([rng.randint(2, 15), rng.randint(10, 200)])
        odds = math.log(rate / (1 - rate)) + rng.gauss(0, spread)
        table["ni"].append(n)
        table["xi"].append(sum(rng.random() < 1 / (1 + math.exp(-odds)) for _ in range(n)))
    return table


def random_tables(count: int, seed: int) -> list[Table]:
    """The same tables for the same seed."""
    rng = random.Random(seed)
    sizes = (2, 3, 4, 5, 8, 12, 20)
    return [(two_arms if rng.random() < 0.6 else one_arm)(rng, rng.choice(sizes)) for _ in range(count)]


def ask_metafor(tables: list[Table], folder: Path) -> list[dict[str, Any]]:
    """What metafor makes of them."""
    (folder / "in.json").write_text(json.dumps(tables), encoding="utf-8")
    command = ["Rscript", str(SCRIPT), str(folder / "in.json"), str(folder / "out.json")]
    subprocess.run(command, check=True, capture_output=True)
    found: list[dict[str, Any]] = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return found


class Comparison:
    """Counts what was compared and keeps what differed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.differences: list[Difference] = []
        self.at = 0

    def close(self, what: str, ours: float | None, theirs: Any, tolerance: float) -> None:
        """Compare two numbers, or two absences."""
        self.counts[what] += 1
        if ours is None or theirs is None:
            same = ours is None and theirs is None
        else:
            same = abs(ours - theirs) <= tolerance * max(1.0, abs(theirs))
        if not same:
            self.differences.append((self.at, what, ours, theirs))

    def two(self, table: Table, theirs: dict[str, Any]) -> None:
        """Everything of one table of comparisons."""
        columns = zip(table["ai"], table["n1i"], table["ci"], table["n2i"], strict=True)
        rows = [Comparative(str(i), *counts) for i, counts in enumerate(columns)]
        for measure in ("RR", "OR", "RD"):
            if theirs.get(measure):
                self.inverse(rows, measure, theirs[measure])
            self.common(pool(rows, Settings(measure, "MH")), theirs.get(f"MH_{measure}"), f"MH {measure}")
        self.common(pool(rows, Settings("OR", "PETO")), theirs.get("PETO"), "PETO")
        if theirs.get("GLMM") and len(rows) > 2:
            self.logistic(rows, theirs["GLMM"])

    def common(self, ours: Result, theirs: Any, name: str) -> None:
        """Mantel-Haenszel and Peto."""
        if not isinstance(ours, Pooled) or theirs is None:
            self.close(f"{name} is there", isinstance(ours, Pooled), theirs is not None, 0)
            return
        self.close(f"{name} est", ours.estimate, theirs["est"], 1e-9)
        # A variance of nothing but rounding is none here, and 0 there.
        self.close(f"{name} se", ours.se or 0.0, theirs["se"] if theirs["se"] > 1e-6 else 0.0, 1e-9)
        self.close(f"{name} q", ours.heterogeneity.q if ours.heterogeneity else 0.0, theirs["q"], 1e-9)

    def inverse(self, rows: list[Comparative] | list[SingleArm], measure: Measure, theirs: Any) -> None:
        """Every estimator by inverse variance, its intervals, prediction and spread."""
        for method in ("EE", *RANDOM):
            found = theirs.get(method)
            ours = pool(rows, Settings(measure, method, "wald", "z"))
            if found is None or not isinstance(ours, Pooled) or ours.heterogeneity is None:
                self.counts[f"{method}: metafor gives none"] += 1
                continue
            spread = ours.heterogeneity
            if abs(spread.tau2 - found["tau2"]) > 1e-6 * max(1, found["tau2"]) and method in ("REML", "ML"):
                self.higher(ours, method, found["tau2"])
                continue
            for name, mine, tolerance in (
                ("est", ours.estimate, 1e-7), ("se", ours.se, 1e-7), ("low", ours.low, 1e-7),
                ("q", spread.q, 1e-10), ("tau2", spread.tau2, 1e-7), ("i2", spread.i2, 1e-6),
                ("h2", spread.h2, 1e-6),
            ):  # fmt: skip
                self.close(f"{method} {name}", mine, found[name], tolerance)
            if found.get("pi") and method != "EE":
                self.close("pi", ours.prediction[0] if ours.prediction else None, found["pi"][0], 1e-7)
            for test, interval in (("knha", "hk"), ("adhoc", "hk-max")):
                other = pool(rows, Settings(measure, method, interval))
                if found.get(test) and isinstance(other, Pooled):
                    self.close(interval, other.high, found[test][1], 1e-7)
            if found.get("tau2_ci") and found["tau2_ci"][0] is not None:
                bounds = spread.tau2_interval or (0.0, 0.0)  # what metafor writes where no tau squared fits
                for mine, end in zip(bounds, found["tau2_ci"], strict=True):
                    self.close("tau2_ci", mine, end, 1e-6)
        if theirs.get("egger") and measure != "PROP":
            egger = small_study(rows, Settings(measure, "EE")).egger
            self.close("egger", egger.p_value if egger else None, theirs["egger"][1], 1e-9)

    def higher(self, ours: Pooled, method: str, tau2: float) -> None:
        """Two maxima, or an early stop: our likelihood must not be the lower one."""
        y = np.array([study.estimate for study in ours.studies])
        v = np.array([study.se**2 for study in ours.studies])
        assert ours.heterogeneity is not None
        mine, theirs = (
            _log_likelihood(y, v, one, restricted=method == "REML") for one in (ours.heterogeneity.tau2, tau2)
        )
        self.close(f"{method}: another maximum, ours is no lower", float(mine >= theirs - 1e-9), 1.0, 0)

    def logistic(self, rows: list[Comparative], theirs: Any) -> None:
        """The logistic model of comparisons."""
        ours = pool(rows, Settings("OR", "GLMM"))
        if not isinstance(ours, Pooled) or ours.k < 3 or ours.heterogeneity is None:
            self.counts["GLMM of OR: one of both refuses"] += 1
            return
        if abs(ours.heterogeneity.tau2 - theirs["tau2"]) <= 5e-3 * max(1, theirs["tau2"]):
            self.close("GLMM of OR est", ours.estimate, theirs["est"], 5e-3)
            self.close("GLMM of OR se", ours.se, theirs["se"], 5e-3)
            return
        used = [study.row for study in ours.studies if isinstance(study.row, Comparative)]
        x = np.array([[row.events_treated, row.events_control] for row in used], dtype=float)
        n = np.array([[row.n_treated, row.n_control] for row in used], dtype=float)
        model = _Model(x, n, np.array([0.5, -0.5]), free=True)
        mine, other = (
            model.at(math.sqrt(one), _NEAR).log_likelihood
            for one in (ours.heterogeneity.tau2, theirs["tau2"])
        )
        self.close("GLMM of OR: another maximum, ours is no lower", float(mine >= other - 1e-9), 1.0, 0)

    def one(self, table: Table, theirs: dict[str, Any]) -> None:
        """Everything of one table of single arms."""
        rows = [SingleArm(str(i), *pair) for i, pair in enumerate(zip(table["xi"], table["ni"], strict=True))]
        if len(rows) > 2 and theirs.get("logit"):
            self.inverse(rows, "PROP", theirs["logit"])
        ours = pool(rows, Settings("PROP", "EE", transform="double-arcsine"))
        assert isinstance(ours, Pooled)
        for name, mine in (
            ("p", ours.natural.estimate),
            ("low", ours.natural.low),
            ("high", ours.natural.high),
        ):
            self.close(f"FT {name}", mine, theirs["FT"][name], 1e-9)
        ours, found = pool(rows, Settings("PROP")), theirs.get("GLMM")
        if not (found and isinstance(ours, Pooled) and ours.scale == "logit" and ours.heterogeneity):
            self.counts["GLMM of proportions: one of both refuses"] += 1
            return
        if ours.heterogeneity.tau2 > _WIDE:
            self.counts["GLMM of proportions: too wide for lme4's nodes"] += 1
            return
        self.close("GLMM tau2", ours.heterogeneity.tau2, found["tau2"], 1e-2)
        self.close("GLMM est", ours.estimate, found["est"], 2e-3)
        self.close("GLMM se", ours.se, found["se"], 1e-2)
        self.close("GLMM lrt", ours.heterogeneity.q, found["lrt"], 1e-4)


def compare(tables: list[Table], answers: list[dict[str, Any]]) -> Comparison:
    """Hold everything against metafor's answers."""
    found = Comparison()
    for found.at, (table, theirs) in enumerate(zip(tables, answers, strict=True)):
        (found.two if table["kind"] == "two" else found.one)(table, theirs)
    return found


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comparison]:
    """One round over all random tables."""
    if reason := _missing():
        pytest.skip(reason)
    tables = random_tables(TABLES, SEED)
    yield compare(tables, ask_metafor(tables, tmp_path_factory.mktemp("metafor")))


def test_every_number_is_metafors(comparison: Comparison) -> None:
    assert comparison.differences == []


@pytest.mark.parametrize(
    ("what", "least"),
    [("REML tau2", 100), ("hk-max", 500), ("tau2_ci", 200), ("MH OR est", 40), ("PETO est", 40), ("FT p", 30),
     ("GLMM est", 15), ("GLMM of OR est", 15), ("pi", 300), ("egger", 10)],
)  # fmt: skip
def test_enough_was_compared(what: str, least: int, comparison: Comparison) -> None:
    assert comparison.counts[what] >= least, comparison.counts


def test_a_wrong_number_would_be_noticed(comparison: Comparison) -> None:
    wrong = Comparison()
    wrong.close("est", 1.0, 1.0 + 1e-6, 1e-7)
    wrong.close("se", None, 0.5, 1e-7)
    assert [one[1] for one in wrong.differences] == ["est", "se"]
