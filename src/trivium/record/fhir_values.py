"""FHIR value[x], interpretation and reference ranges → what an event carries, as recorded."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from trivium.core.values import Interval, point
from trivium.record.events import Coded, EventValue, Quantity, Range
from trivium.record.fhir_reading import Json, Reading, Unusable, absent_extension, codings_of, get, word

# Beyond this a number is no measurement, and exact arithmetic on it would eat the memory.
_LARGEST_EXPONENT = 400
_COMPARATORS = {"<": "<", "<=": "<=", ">=": ">=", ">": ">", "≤": "<=", "≥": ">="}
_WORDS = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "gte": ">=", "lte": "<="}
_WORDS |= {"greater than": ">", "more than": ">", "less than": "<"}
# Wholly a number, with a comparator and a unit if any. A unit begins with a letter (or %, [, {, a power of
# ten): so "120/80", "1:320", "3-5", "1+" and "3 5" stay texts. "1,650" does too: is it 1.65 or 1650?
_NUMBER = re.compile(
    r"(?:(?P<sign><=|>=|<|>|≤|≥)|(?P<word>gte?|lte?|ge|le|greater than|more than|less than)(?=[ 0-9.]))?\s*"
    r"(?P<number>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3}(?![0-9]))?)"
    r"\s*(?P<unit>(?:[^\W\d_]|[%\[{°]|/[^\W\d_]|[x×]?10[*^]).*)?",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_WRITTEN = 80

_ABSENT_SYSTEMS = ("data-absent-reason", "v3-NullFlavor", "v3/NullFlavor", "2.16.840.1.113883.5.1008")
_INTERPRETATION_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "http://hl7.org/fhir/v3/ObservationInterpretation",
    "http://terminology.hl7.org/CodeSystem/v2-0078",
    "http://hl7.org/fhir/v2/0078",
    "http://hl7.org/fhir/ValueSet/observation-interpretation",
    "urn:oid:2.16.840.1.113883.5.83",
    "urn:oid:2.16.840.1.113883.12.78",
    "",
)
_INTERPRETATIONS = frozenset(
    (
        *("POS", "NEG", "IND", "E", "WR", "RR", "NR", "DET", "ND", "N", "A", "AA", "H", "HH", "HU", "HX"),
        *("L", "LL", "LU", "LX", "U", "D", "B", "W", "R", "I", "S", "SDD", "NS", "SYN-R", "SYN-S", "NCL"),
        *("CAR", "EX", "EXP", "UNE", "EIA", "NIM", "<", ">", "IE", "MS", "VS", "AC", "TOX", "QCF", "OBX"),
    )
)
_INTERPRETATION_TEXTS = {
    "positive": "POS", "negative": "NEG", "indeterminate": "IND", "equivocal": "E", "weakly reactive": "WR",
    "reactive": "RR", "nonreactive": "NR", "non-reactive": "NR", "detected": "DET", "not detected": "ND",
    "normal": "N", "abnormal": "A", "critical abnormal": "AA", "high": "H", "critical high": "HH",
    "critically high": "HH", "low": "L", "critical low": "LL", "critically low": "LL",
}  # fmt: skip


def number(value: Any) -> Decimal | None:
    """A JSON number, exactly as written (see `fhir_json.parse_json`); a text if it is nothing but one."""
    if isinstance(value, bool):
        raise Unusable("bad-number")
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) and len(value) < 40:
        value = Decimal(value)
    if value is None:
        return None
    if not isinstance(value, int | float | Decimal):
        raise Unusable("bad-number")
    # repr gives the shortest text that names this double: the digits of the file, up to 15 of them.
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or (exact and abs(exact.adjusted()) > _LARGEST_EXPONENT):
        raise Unusable("bad-number")
    return exact


def compared(amount: Decimal, comparator: str) -> Interval:
    """The interval that a comparator and a number mean."""
    if comparator == "":
        return point(amount)
    if comparator in ("<", "<="):
        return Interval(None, amount, False, comparator == "<")
    if comparator in (">", ">="):
        return Interval(amount, None, comparator == ">", False)
    raise Unusable("bad-comparator")


def quantity(value: Any, reading: Reading) -> Quantity | None:
    """A Quantity; None when it holds no number."""
    if not isinstance(value, dict):
        raise Unusable("bad-value", "a Quantity was expected")
    amount = number(value.get("value"))
    if amount is None:
        return None
    comparator = word(value.get("comparator")).strip()
    text = value.get("unit")
    unit, problem = reading.unit(text, value.get("code"), value.get("system"))
    written = f"{comparator}{amount} {text if isinstance(text, str) else unit or ''}".rstrip()
    return Quantity(compared(amount, comparator), unit, problem, written)


def quantity_in_words(text: str, reading: Reading) -> Quantity | None:
    """A text that is wholly a number, with or without comparator and unit; None for any other text."""
    found = _NUMBER.fullmatch(text.strip()) if len(text) < 80 else None
    if found is None:
        return None
    unit = None
    if found["unit"]:
        unit, problem = reading.unit(found["unit"], None, None)
        if unit is None or problem:
            return None
    return Quantity(compared(Decimal(found["number"]), _comparator(found)), unit, "", text.strip())


def _comparator(found: re.Match[str]) -> str:
    if found["sign"]:
        return _COMPARATORS[found["sign"]]
    return _WORDS[found["word"].lower()] if found["word"] else ""


def value_of(resource: Json, reading: Reading) -> tuple[EventValue, str]:
    """The value of an Observation or component, and the reason for its absence. Raises Unusable."""
    given = [
        key for key in resource if key.startswith("value") and len(key) > 5 and resource[key] is not None
    ]
    reason = _absent_reason(resource.get("dataAbsentReason"))
    if len(given) > 1:
        raise Unusable("two-values")
    if not given:
        hidden = [key for key in resource if key.startswith("_value")]
        return None, reason or next((absent_extension(resource[key]) for key in hidden), "")
    if reason:
        raise Unusable("value-and-absent-reason")
    kind, value = given[0][5:], resource[given[0]]
    read = _one_value(kind, value, reading)
    if read is None:
        return None, absent_extension(value)
    if isinstance(read, Coded):
        absent = [code for system, code in read.codes if system.endswith(_ABSENT_SYSTEMS)]
        if absent and len(absent) == len(read.codes):
            return None, absent[0]
    return read, ""


def as_written(resource: Json, element: str) -> str:
    """The elements whose names begin with a word, as JSON, cut to a line: what could not be read."""
    keys = sorted(key for key in resource if key.startswith(element))
    try:
        texts = [f"{key} {_json(resource[key])}" for key in keys]
    except RecursionError:  # deeper than anybody reads
        texts = keys
    text = " ".join(" ".join(texts).split())
    return text if len(text) <= _LONGEST_WRITTEN else f"{text[:_LONGEST_WRITTEN]}…"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


def _one_value(kind: str, value: Any, reading: Reading) -> EventValue:
    if kind == "Quantity":
        return quantity(value, reading)
    if kind == "CodeableConcept":
        return _concept(value, reading)
    if kind == "String" and isinstance(value, str):
        return _text(value, reading)
    if kind == "Time" and isinstance(value, str):
        return Coded(text=value)
    if kind == "Boolean" and isinstance(value, bool):
        return value
    if kind == "Integer" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "DateTime":
        return reading.time(value)
    if kind == "Period":
        return reading.period(value).whole
    if kind == "Range":
        return quantity_range(value, reading)
    if kind == "Ratio":
        return _ratio(value)
    raise Unusable("sampled-data" if kind == "SampledData" else "bad-value", f"value{kind}"[:40])


def _concept(value: Any, reading: Reading) -> EventValue:
    codings, text = codings_of(value)
    if not codings and not text.strip():
        return None
    if not codings:
        return _text(text, reading)
    return Coded(reading.codes(value), text.partition("\n")[0])


def _text(text: str, reading: Reading) -> EventValue:
    if not text.strip():
        return None
    return quantity_in_words(text, reading) or Coded(text=text)


def _ratio(value: Any) -> EventValue:
    """A titre is kept as text; a ratio of units is not read."""
    parts = []
    for side in ("numerator", "denominator"):
        part = get(value, side)
        amount = number(get(part, "value"))
        if amount is None or any(get(part, key) for key in ("comparator", "unit", "code")):
            raise Unusable("ratio")
        parts.append(f"{amount:f}".removesuffix(".0"))
    return Coded(text=":".join(parts))


def quantity_range(value: Any, reading: Reading) -> Quantity | None:
    """A Range of two quantities as one quantity; both ends included."""
    if not isinstance(value, dict):
        raise Unusable("bad-value", "a Range was expected")
    ends = [quantity(value[key], reading) if value.get(key) is not None else None for key in ("low", "high")]
    low, high = ends
    present = [end for end in ends if end is not None]
    if not present:
        return None
    if any(not end.amount.is_point for end in present):
        raise Unusable("bad-range", "a comparator inside a range")
    units = {(end.unit, end.unit_problem) for end in present}
    unit, problem = units.pop() if len(units) == 1 else (None, "two units in one range")
    written = " - ".join(end.as_written if end else "" for end in ends)
    try:
        amount = Interval(low.amount.low if low else None, high.amount.high if high else None)
    except ValueError:
        raise Unusable("bad-range", "low is above high") from None
    return Quantity(amount, unit, problem, written)


def _absent_reason(value: Any) -> str:
    codings, text = codings_of(value)
    if codings:
        return codings[0][1]
    return "unknown" if text or value is not None else ""


def interpretations(value: Any, reading: Reading) -> tuple[str, ...]:
    """HL7 v3 ObservationInterpretation codes, each once; what is not understood is noted."""
    found: set[str] = set()
    for concept in value if isinstance(value, list) else [] if value is None else [value]:
        try:
            known = _interpretation(concept)
        except Unusable:
            known = []
        if not known:
            reading.note("interpretation-not-read")
        found.update(known)
    return tuple(sorted(found))


def _interpretation(concept: Any) -> list[str]:
    codings, text = codings_of(concept)
    codes = [code.upper() for system, code in codings if system.rstrip("/") in _INTERPRETATION_SYSTEMS]
    known = [code for code in codes if code in _INTERPRETATIONS]
    if known:
        return known
    words = (_INTERPRETATION_TEXTS.get(line.strip().lower()) for line in text.split("\n"))
    return [code for code in words if code]


def ranges(value: Any, reading: Reading) -> tuple[Range, ...]:
    """The reference ranges; one that cannot be read is left out and noted: the value stands."""
    found = []
    for each in value if isinstance(value, list) else [] if value is None else [value]:
        try:
            found.append(_range(each, reading))
        except Unusable:
            reading.note("range-not-read")
    return tuple(found)


def _range(value: Any, reading: Reading) -> Range:
    """One for some people only (age, sex) says `applies-to`: it never passes for the normal one."""
    if not isinstance(value, dict):
        raise Unusable("malformed", "a reference range was expected")
    low, high = (None if value.get(key) is None else quantity(value[key], reading) for key in ("low", "high"))
    codings, words = codings_of(value.get("type"))
    meaning = codings[0][1] if codings else words
    if meaning in ("", "normal"):
        meaning = "applies-to" if value.get("appliesTo") or value.get("age") else ""
    return Range(low, high, meaning, word(value.get("text")))
