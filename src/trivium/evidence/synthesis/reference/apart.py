"""Expected numbers that belong to no pool: single proportions, one 2 by 2 table, absolute effects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.one_table import (
    INTERVALS,
    OTHER_FORMS,
    Interval,
    number_needed,
    treated_risk,
)
from trivium.evidence.synthesis.proportions import proportion_interval
from trivium.evidence.synthesis.reference.cases import CaseError
from trivium.evidence.synthesis.reference.layouts import OneTable, Proportions, Relative
from trivium.evidence.synthesis.reference.numbers import Computed

_PROPORTION_KEYS = {
    "exact": "exact",
    "clopper_pearson": "exact",
    "wilson": "wilson",
    "agresti_coull": "agresti-coull",
    "agresti_coull_clipped": "agresti-coull-clipped",
}
_TABLE_KEYS = {
    **{name: name for name in INTERVALS},
    "diff_newcomb": "diff_newcombe",
    "diff_score": "diff_miettinen_nurminen",
    "ratio_katz": "ratio_katz_log",
    "ratio_score": "ratio_koopman",
}
_PER = re.compile(r"(fewer|more)_per_(\d+)")
_RISKS = ("risk_treated", "corresponding_risk")


def proportion_numbers(key: str, data: Proportions, level: float) -> Computed:
    """The intervals of all proportions, low and high of each in turn."""
    method = _known(key, _PROPORTION_KEYS)
    names: list[str] = []
    numbers: list[float | None] = []
    for events, n in data.pairs:
        numbers += proportion_interval(events, n, method, level)
        names += [f"{events}/{n} low", f"{events}/{n} high"]
    return Computed(tuple(names), numbers)


def table_numbers(key: str, data: OneTable, level: float) -> list[Computed]:
    """One interval of one table; score intervals in both forms that are published, the defined one first."""
    name = _known(key, _TABLE_KEYS)
    forms = [(INTERVALS[name], "")]
    if name in OTHER_FORMS:
        forms.append(OTHER_FORMS[name])
    return [_bounds(interval, data, level, note) for interval, note in forms]


def _bounds(interval: Interval, data: OneTable, level: float, note: str) -> Computed:
    try:
        low, high = interval(data.x1, data.n1, data.x2, data.n2, level)
    except EvidenceError as problem:
        return Computed(("low", "high"), [None, None], reason=f"{problem.what}: {problem.why}")
    return Computed(("low", "high"), [low, high], assumed=note)


def relative_numbers(key: str, data: Relative) -> Computed:
    """What a ratio means for patients at the assumed risk."""
    try:
        risk = treated_risk(data.measure, data.ratio, data.control_risk)
        fewer = data.control_risk - risk
        if key in _RISKS:
            return Computed(("risk",), [risk])
        if found := _PER.fullmatch(key):
            sign = 1 if found[1] == "fewer" else -1
            return Computed((key,), [sign * fewer * float(found[2])])
        if key in ("NNT", "NNTB", "NNTH", "NNH"):
            return Computed((key,), [float(number_needed(fewer))])
    except EvidenceError as problem:
        return Computed((key,), [None], reason=f"{problem.what}: {problem.why}")
    raise CaseError(f"the key {key!r} is not known for a ratio and a risk")


def _known(key: str, names: Mapping[str, Any]) -> str:
    if key not in names:
        raise CaseError(f"the key {key!r} is not known here; known are {', '.join(names)}")
    return str(names[key])
