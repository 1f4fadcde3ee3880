"""Hold every expected number of a case against the one computed here: agrees, differs, or not judged.

Nothing is skipped: what is not understood is reported as not judged, with the reason, and counts against.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from trivium.evidence.synthesis.reference.apart import proportion_numbers, relative_numbers, table_numbers
from trivium.evidence.synthesis.reference.cases import Case, CaseError, Unreadable, as_number, read_cases
from trivium.evidence.synthesis.reference.keys import Wanted, read_key
from trivium.evidence.synthesis.reference.layouts import (
    Data,
    OneTable,
    Proportions,
    Studies,
    read_data,
)
from trivium.evidence.synthesis.reference.numbers import Computed, Reading, compute
from trivium.evidence.synthesis.reference.words import Words, read_words

Verdict = Literal["agrees", "differs", "not judged"]
_NOT_ESTIMABLE = ("not estimable", "not_estimable")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One expected number, what came out here, and whether they agree."""

    case: str
    key: str
    part: str
    expected: float | str | None
    computed: float | str | None
    tolerance: float | None
    verdict: Verdict
    note: str = ""


def judge_file(path: Path) -> list[Judgement]:
    """Every number of every case of a file.  Errors: RecordError for a file that cannot be read."""
    return [judgement for case in read_cases(path) for judgement in judge(case)]


def judge(case: Case | Unreadable) -> list[Judgement]:
    """Every number of one case."""
    if isinstance(case, Unreadable):
        return [Judgement(case.id, "", "", None, None, None, "not judged", case.reason)]
    try:
        data, words = read_data(case.data), read_words(case)
    except CaseError as problem:
        reason = str(problem)
        return [_unjudged(case, path, value, reason) for path, value in _leaves(case.expected)]
    return [one for found in _walk(case, data, words, case.expected, (), Wanted()) for one in found]


def _walk(
    case: Case, data: Data, words: Words, tree: Mapping[str, Any], path: tuple[str, ...], outer: Wanted
) -> Iterator[list[Judgement]]:
    """Through the tree of expected numbers; a tolerance in it counts for what is beside and below."""
    stated = {key: value for key, value in tree.items() if str(key).startswith("tolerance")}
    case = replace(case, tolerances={**case.tolerances, **stated}) if stated else case
    for key, value in tree.items():
        if key in stated:
            continue
        here = (*path, str(key))
        try:
            wanted = outer.joined(read_key(str(key))) if isinstance(data, Studies) else outer
            if isinstance(value, Mapping) and "value" not in value:
                yield from _walk(case, data, words, value, here, wanted)
            elif isinstance(value, Mapping):
                own = {name: one for name, one in value.items() if str(name).startswith("tolerance")}
                inner = replace(case, tolerances={**case.tolerances, **own})
                yield _leaf(inner, data, words, value["value"], here, wanted)
            else:
                yield _leaf(case, data, words, value, here, wanted)
        except CaseError as problem:
            tail = _leaves(value, here) if isinstance(value, Mapping) else [(here, value)]
            yield [_unjudged(case, where, one, str(problem)) for where, one in tail]


def _leaf(
    case: Case, data: Data, words: Words, value: Any, path: tuple[str, ...], wanted: Wanted
) -> list[Judgement]:
    """The judgements of one key: the best of its readings if they are of one mind, else none."""
    if isinstance(value, str) and value.strip().lower() in _NOT_ESTIMABLE:
        expected: list[Any] = ["not estimable"]
        size = 0
    else:
        expected = [_number(one) for one in _flat(value)]
        size = len(expected)
    judged = [
        (reading.name, _best([_compare(case, path, reading.name, expected, form) for form in reading.forms]))
        for reading in _readings(data, words, wanted, path, size)
    ]
    minds = {_agree(found) for _, found in judged}
    if len(minds) > 1:
        names = ", ".join(name for name, _ in judged)
        raise CaseError(f"the case names several estimators ({names}) and they do not all give this number")
    return judged[0][1]


def _best(forms: list[list[Judgement]]) -> list[Judgement]:
    """The first convention by which all numbers agree, else the usual one."""
    return next((one for one in forms if _agree(one)), forms[0])


def _agree(judgements: Sequence[Judgement]) -> bool:
    return all(one.verdict == "agrees" for one in judgements)


def _readings(data: Data, words: Words, wanted: Wanted, path: tuple[str, ...], size: int) -> list[Reading]:
    if isinstance(data, Studies):
        return compute(wanted, data, words, size)
    key = "_".join(path)
    if isinstance(data, OneTable):
        return [Reading("", tuple(table_numbers(key, data, words.level)))]
    if isinstance(data, Proportions):
        return [Reading("", (proportion_numbers(key, data, words.level),))]
    return [Reading("", (relative_numbers(key, data),))]


def _compare(
    case: Case, path: tuple[str, ...], method: str, expected: Sequence[Any], found: Computed
) -> list[Judgement]:
    key = ".".join(path)
    if expected == ["not estimable"]:
        none = None in found.numbers
        computed = "not estimable" if none else found.numbers[0]
        verdict: Verdict = "agrees" if none else "differs"
        return [Judgement(case.id, key, "", "not estimable", computed, None, verdict, found.reason)]
    if len(expected) != len(found.numbers):
        raise CaseError(f"{len(expected)} numbers are written, {len(found.numbers)} follow from the data")
    return [
        _judged(case, path, method, part, number, computed, found)
        for part, number, computed in zip(found.names, expected, found.numbers, strict=True)
    ]


def _judged(
    case: Case,
    path: tuple[str, ...],
    method: str,
    part: str,
    expected: float,
    computed: float | None,
    found: Computed,
) -> Judgement:
    key = ".".join(path)
    if computed is None or not math.isfinite(computed):
        said = "not estimable" if computed is None else str(computed)
        return Judgement(case.id, key, part, expected, said, None, "differs", found.reason)
    for range_ in case.accepted():
        if range_.quantity == path[-1] and range_.owner.upper() in ("", method.upper()):
            verdict: Verdict = "agrees" if range_.low <= computed <= range_.high else "differs"
            note = f"the case accepts {range_.low:g} to {range_.high:g}"
            return Judgement(case.id, key, part, expected, computed, None, verdict, note)
    allowed = case.tolerance(path, expected, count=found.count, per_cent=found.per_cent)
    # The comparison of decimal fractions in binary must not fail at the edge.
    close = abs(computed - expected) <= allowed * (1 + 1e-9) + 1e-15
    return Judgement(
        case.id, key, part, expected, computed, allowed, "agrees" if close else "differs", found.assumed
    )


def _unjudged(case: Case, path: Sequence[str], value: Any, reason: str) -> Judgement:
    shown = value if isinstance(value, int | float | str) and not isinstance(value, bool) else str(value)
    return Judgement(case.id, ".".join(path), "", shown, None, None, "not judged", reason)


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if str(key).startswith("tolerance"):
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key)), value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _number(value: Any) -> int | float:
    value = as_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CaseError(f"{value!r} is neither a number nor `not estimable`")
    return value
