"""What a case says about itself in words: estimators, measure, intervals, level. Read from its `method`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trivium.evidence.synthesis.reference.cases import Case, CaseError
from trivium.evidence.synthesis.reference.keys import read_key
from trivium.evidence.synthesis.settings import RANDOM

_METHODS = {
    "EE": r"\b(?:EE|FE|CE)\b|(?i:\b(?:equal|fixed|common)[- ]effects?\b)",
    "DL": r"\bDL\b|DerSimonian",
    "REML": r"\bREML\b|(?i:restricted maximum)",
    "PM": r"\bPM\b|Paule",
    "ML": r"\bML\b|(?i:(?<!restricted )maximum likelihood)",
    "HE": r"\bHE\b|\bHedges\b",
    "SJ": r"\bSJ\b|\bSidik",
    "MH": r"\bMH\b|Mantel",
    "PETO": r"(?i:\bpeto\b)",
    "GLMM": r"\bGLMM\b|(?i:binomial-normal|random-intercept)",
}
_MEASURES = {
    "RR": r"\b(?:log)?[- ]?RR\b|(?i:\brisk ratio|\brelative risk)",
    "OR": r"\b(?:log)?[- ]?OR\b|(?i:\bodds ratio)",
    "RD": r"\bRD\b|(?i:\brisk difference)",
}
_TRANSFORMS = {
    "logit": r"(?i:\blogit\b|\blog[- ]odds\b(?! ratio))|\bPLO\b",
    "double-arcsine": r"(?i:freeman|double[- ]arcsine)|\bPFT\b",
}
_FLAVOURS = {
    "z": r"(?i:\bnormal prediction|prediction interval \(?(?:normal|z)\b)",
    "t_k_minus_1": r"\bt\W{0,3}k\s*(?:[-\u2212]|minus)\s*1",
    "t_k_minus_2": r"\bt\W{0,3}k\s*(?:[-\u2212]|minus)\s*2|\bHiggins\b",
}
_LEVEL = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per cent)\s*(?:level|CI|confidence|interval|Wald|limits)", re.I)
_FACTORS = ((r"(?i)percentage points|per cent|\bpercent|\bper 100\b", 100.0), (r"(?i)per 1,?000\b", 1000.0))


@dataclass(frozen=True, slots=True)
class Words:
    """What a case's own words settle where a key is silent."""

    methods: tuple[str, ...]
    measure: str
    measure_from: str
    transform: str
    interval: str
    flavour: str
    level: float
    factor: float
    double_zero: str


def read_words(case: Case) -> Words:
    """The words of one case.  Errors: CaseError for a level that is none."""
    method = case.method
    named = str(case.data.get("measure", ""))
    measure, source = _measure(case, named)
    hartung = re.search(r"Hartung|HKSJ|\bHK\b", method) and not re.search(r"(?i)\bwald\b", method)
    if hartung and not any("hk" in key.lower().split("_") for key in _keys(case.expected)):
        interval = "hk-max" if re.search(r"max\s*\(\s*1|q at least 1", method) else "hk"
    else:
        interval = "wald"
    kept = re.search(r"(?i)double[- ]zeros?\b[^.;,)]*\b(?:kept|included|in)\b", method)
    dropped = re.search(r"(?i)double[- ]zeros?\b[^.;,)]*\b(?:dropped|left out|excluded)\b", method)
    return Words(
        methods=_methods(case),
        measure=measure,
        measure_from=source,
        transform=_only(_TRANSFORMS, f"{named} {method}"),
        interval=interval,
        flavour=_only(_FLAVOURS, method),
        level=_level(case),
        factor=next((factor for pattern, factor in _FACTORS if re.search(pattern, named)), 1.0),
        double_zero="drop" if dropped else "keep" if kept else "",
    )


def _methods(case: Case) -> tuple[str, ...]:
    """Estimators named in the method; failing that, the one random-effects estimator that a key names."""
    # What stands in brackets after GLMM says how that model is fitted, it is no second estimator.
    text = re.sub(r"(GLMM|model)\s*\([^)]*\)", r"\1", case.method)
    found = tuple(name for name, pattern in _METHODS.items() if re.search(pattern, text))
    if found:
        return found
    named = set()
    for key in _keys(case.expected):
        try:
            named.add(read_key(key).method)
        except CaseError:
            continue
    random = named & set(RANDOM)
    return (random.pop(),) if len(random) == 1 else ()


def _measure(case: Case, named: str) -> tuple[str, str]:
    for source, text in (("its data", named), ("its method", case.method), ("its id", case.id)):
        if found := _only(_MEASURES, text):
            return found, source
    return "", ""


def _only(patterns: Mapping[str, str], text: str) -> str:
    """The one name whose pattern is in the text; empty for none or several."""
    found = [name for name, pattern in patterns.items() if re.search(pattern, text)]
    return found[0] if len(found) == 1 else ""


def _keys(tree: Mapping[str, object]) -> Iterable[str]:
    for key, value in tree.items():
        yield str(key)
        if isinstance(value, Mapping):
            yield from _keys(value)


def _level(case: Case) -> float:
    stated: object = case.level
    if stated is None:
        found = {float(text) for text in _LEVEL.findall(case.method)}
        stated = found.pop() if len(found) == 1 else 95.0
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not math.isfinite(stated):
        raise CaseError(f"level is {stated!r}, not a number")
    level = stated / 100 if stated > 1 else float(stated)
    if not 0 < level < 1:
        raise CaseError(f"level is {stated!r}")
    return level
