"""Layouts of data in a reference case: which keys stand together, and the rows they make."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trivium.core.errors import EvidenceError
from trivium.evidence.synthesis.reference.cases import CaseError, Tree, as_number
from trivium.evidence.synthesis.rows import Comparative, Estimate, Row, SingleArm


@dataclass(frozen=True, slots=True)
class Studies:
    """Rows to be pooled: `tables`, `proportions` or `values` (estimates whose scale nobody names)."""

    kind: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Proportions:
    """Proportions looked at one by one."""

    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OneTable:
    """Two arms of one study."""

    x1: int
    n1: int
    x2: int
    n2: int


@dataclass(frozen=True, slots=True)
class Relative:
    """A ratio and the risk without treatment that it is applied to."""

    measure: str
    ratio: float
    control_risk: float


Data = Studies | Proportions | OneTable | Relative

# What may stand beside the numbers; `measure` is read elsewhere, the rest only tells the reader something.
_BESIDE = ("layout", "measure", "study", "studies", "author", "slab", "trial", "year", "label", "labels")


def read_data(data: Tree) -> Data:
    """The data of a case.

    Errors:  CaseError for keys that no layout has, columns of different lengths, impossible counts.
    """
    keys = frozenset(data) - frozenset(_BESIDE)
    build = _LAYOUTS.get(keys)
    if build is None:
        known = "; ".join(", ".join(sorted(layout)) for layout in _LAYOUTS)
        raise CaseError(f"no layout of data has the keys {', '.join(sorted(keys))} (known: {known})")
    try:
        return build(data)
    except EvidenceError as problem:
        raise CaseError(f"data: {problem.what}") from None


def _tables(events: str, others: str, events_control: str, others_control: str) -> Callable[[Tree], Data]:
    """Events and non-events of both arms."""

    def build(data: Tree) -> Data:
        columns = _columns(data, _count, events, others, events_control, others_control)
        return _compared((a, a + b, c, c + d) for a, b, c, d in columns)

    return build


def _totals(data: Tree) -> Data:
    return _compared((a, n1, c, n2) for a, n1, c, n2 in _columns(data, _count, "ai", "n1i", "ci", "n2i"))


def _compared(tables: Any) -> Studies:
    rows = [Comparative(f"study {i}", *table) for i, table in enumerate(tables, start=1)]
    return Studies("tables", tuple(rows))


def _single_arms(data: Tree) -> Data:
    columns = _columns(data, _count, "xi", "ni")
    return Studies("proportions", tuple(SingleArm(f"study {i}", x, n) for i, (x, n) in enumerate(columns, 1)))


def _values(spread: str) -> Callable[[Tree], Data]:
    """Estimates with their variances (`vi`) or standard errors (`sei`)."""

    def build(data: Tree) -> Data:
        rows = [
            Estimate(f"study {i}", "MD", y, math.sqrt(max(v, 0.0)) if spread == "vi" else v)
            for i, (y, v) in enumerate(_columns(data, _number, "yi", spread), start=1)
        ]
        return Studies("values", tuple(rows))

    return build


def _one_by_one(data: Tree) -> Data:
    pairs = []
    for pair in _list(data, "cases"):
        if not isinstance(pair, Sequence) or len(pair) != 2:
            raise CaseError(f"data: cases holds {pair!r}, not [events, n]")
        events, n = _count("cases", pair[0]), _count("cases", pair[1])
        SingleArm("a proportion", events, n)
        pairs.append((events, n))
    return Proportions(tuple(pairs))


def _one_table(data: Tree) -> Data:
    x1, n1, x2, n2 = (_count(key, data[key]) for key in ("x1", "n1", "x2", "n2"))
    Comparative("the table", x1, n1, x2, n2)
    return OneTable(x1, n1, x2, n2)


def _relative(measure: str) -> Callable[[Tree], Data]:
    def build(data: Tree) -> Data:
        risk = _number("assumed_control_risk", data["assumed_control_risk"])
        return Relative(measure, _number(measure, data[measure]), risk)

    return build


_LAYOUTS: Mapping[frozenset[str], Callable[[Tree], Data]] = {
    frozenset({"tpos", "tneg", "cpos", "cneg"}): _tables("tpos", "tneg", "cpos", "cneg"),
    frozenset({"ai", "bi", "ci", "di"}): _tables("ai", "bi", "ci", "di"),
    frozenset({"ai", "n1i", "ci", "n2i"}): _totals,
    frozenset({"xi", "ni"}): _single_arms,
    frozenset({"yi", "vi"}): _values("vi"),
    frozenset({"yi", "sei"}): _values("sei"),
    frozenset({"cases"}): _one_by_one,
    frozenset({"x1", "n1", "x2", "n2"}): _one_table,
    frozenset({"OR", "assumed_control_risk"}): _relative("OR"),
    frozenset({"RR", "assumed_control_risk"}): _relative("RR"),
    frozenset({"HR", "assumed_control_risk"}): _relative("HR"),
}


def _columns(data: Tree, read: Callable[[str, Any], Any], *names: str) -> list[tuple[Any, ...]]:
    columns = [[read(name, value) for value in _list(data, name)] for name in names]
    lengths = {name: len(column) for name, column in zip(names, columns, strict=True)}
    if len(set(lengths.values())) > 1:
        raise CaseError(f"data: columns of different lengths {lengths}")
    return list(zip(*columns, strict=True))


def _list(data: Tree, name: str) -> list[Any]:
    if not isinstance(data[name], list) or not data[name]:
        raise CaseError(f"data: {name} is not a list of numbers")
    return list(data[name])


def _count(name: str, value: Any) -> int:
    number = _number(name, value)
    if number != int(number):
        raise CaseError(f"data: {name} holds {value!r}, not a count")
    return int(number)


def _number(name: str, value: Any) -> float:
    value = as_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CaseError(f"data: {name} holds {value!r}, not a number")
    return float(value)
