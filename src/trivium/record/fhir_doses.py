"""FHIR dosages → how much, how often a day. What is not plainly said stays unknown; nothing is inferred."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from trivium.core.values import Interval, point
from trivium.record.events import Dose, Quantity
from trivium.record.fhir_reading import Reading, Unusable, Void, codings_of, flag, get, items, wording
from trivium.record.fhir_values import number, quantity, quantity_range

_DAYS = {
    "s": Fraction(1, 86400),
    "min": Fraction(1, 1440),
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "wk": Fraction(7),
}
# HL7 GTSAbbreviation, and the Latin spellings met beside it: how often a day.
_TIMES_A_DAY = {
    "QD": Fraction(1), "AM": Fraction(1), "PM": Fraction(1), "BED": Fraction(1), "HS": Fraction(1),
    "BID": Fraction(2), "TID": Fraction(3), "QID": Fraction(4), "QOD": Fraction(1, 2), "WK": Fraction(1, 7),
    "Q1H": Fraction(24), "Q2H": Fraction(12), "Q3H": Fraction(8), "Q4H": Fraction(6), "Q6H": Fraction(4),
    "Q8H": Fraction(3), "Q12H": Fraction(2), "Q24H": Fraction(1),
}  # fmt: skip
# Elements of Timing.repeat that change how often, in ways that `frequency / period` does not say.
_OTHER_RHYTHM = ("dayOfWeek", "timeOfDay", "duration", "durationMax")


def administered(dosage: Any, reading: Reading) -> Dose | None:
    """MedicationAdministration.dosage: one dose that was given; a rate is kept in the text."""
    if not isinstance(dosage, dict):
        if dosage is not None:
            reading.note("dose-not-read")
        return None
    try:
        amount = quantity(dosage["dose"], reading) if dosage.get("dose") is not None else None
    except Unusable:
        reading.note("dose-not-read")
        amount = None
    if amount is not None and amount.amount.is_point and amount.amount.low == 0:
        raise Void("zero-dose")
    return Dose(amount, None, _text(dosage, _rate(dosage)))


def instructed(dosages: Any, reading: Reading) -> Dose | None:
    """Dosage[] of a request, dispense or statement.

    Several instructions (a taper, morning and evening amounts) are not one dose: their texts are kept,
    amount and rhythm stay unknown.
    """
    if not isinstance(dosages, list) or not all(isinstance(each, dict) for each in dosages):
        if dosages is not None:
            reading.note("dose-not-read")
        return None
    if not dosages:
        return None
    if len(dosages) > 1:
        reading.note("several-dosages")
        return Dose(None, None, "\n".join(_text(each) for each in dosages))
    dosage = dosages[0]
    try:
        amount = _amount(dosage.get("doseAndRate"), reading)
    except Unusable:
        reading.note("dose-not-read")
        amount = None
    return Dose(amount, _per_day(dosage, reading), _text(dosage))


def _amount(doses: Any, reading: Reading) -> Quantity | None:
    """The dose, if there is one; of an ordered and a calculated dose the ordered one."""
    rows = items(doses)
    if len(rows) > 1:
        rows = [row for row in rows if any(code == "ordered" for _, code in codings_of(get(row, "type"))[0])]
    if len(rows) != 1:
        return None
    single, span = get(rows[0], "doseQuantity"), get(rows[0], "doseRange")
    if single is not None and span is not None:
        raise Unusable("two-values")
    if single is not None:
        return quantity(single, reading)
    return quantity_range(span, reading) if span is not None else None


def _per_day(dosage: dict[str, Any], reading: Reading) -> Interval | None:
    try:
        per_day = _rhythm(dosage.get("timing"))
        needed = flag(dosage.get("asNeededBoolean")) or dosage.get("asNeededCodeableConcept") is not None
    except Unusable:
        reading.note("dose-not-read")
        return None
    # "As needed" may be never: only the upper bound holds.
    return Interval(0, per_day.high) if per_day is not None and needed else per_day


def _rhythm(timing: Any) -> Interval | None:
    if not isinstance(timing, dict):
        return None
    code, repeated = _coded_rhythm(timing.get("code")), _repeated(timing.get("repeat"))
    if code is None or repeated is None:
        # A code that is not read may contradict the repeat: only an absent one is no contradiction.
        return (
            None
            if code is None and timing.get("code") is not None and not _is_free(timing)
            else code or repeated
        )
    return code if code == repeated else None


def _is_free(timing: dict[str, Any]) -> bool:
    """Whether the code is words only: they go with the repeat (`every eight hours`) and do not replace it."""
    return not codings_of(timing.get("code"))[0]


def _coded_rhythm(code: Any) -> Interval | None:
    codings, text = codings_of(code)
    words = [code for _, code in codings] or [text.partition("\n")[0]]
    found = {_TIMES_A_DAY.get(word.strip().upper()) for word in words} - {None}
    times = found.pop() if len(found) == 1 else None
    return None if times is None else point(times)


def _repeated(repeat: Any) -> Interval | None:
    if not isinstance(repeat, dict) or any(repeat.get(key) is not None for key in _OTHER_RHYTHM):
        return None
    if len(items(repeat.get("when"))) > 1:  # morning and evening: is the frequency that of each?
        return None
    unit = repeat.get("periodUnit")
    low, high = _whole(repeat, "frequency"), _whole(repeat, "frequencyMax")
    shortest, longest = _whole(repeat, "period"), _whole(repeat, "periodMax")
    if low is None or shortest is None or not isinstance(unit, str) or unit not in _DAYS:
        return None
    try:
        return Interval(low / ((longest or shortest) * _DAYS[unit]), (high or low) / (shortest * _DAYS[unit]))
    except ValueError:
        raise Unusable("bad-timing") from None


def _whole(repeat: dict[str, Any], key: str) -> Fraction | None:
    """A positive number of ordinary size."""
    value = number(repeat.get(key))
    if value is None:
        return None
    if not 0 < value < 10_000 or value.adjusted() < -6:
        raise Unusable("bad-timing")
    return Fraction(value)


def _rate(dosage: dict[str, Any]) -> str:
    rate = dosage.get("rateQuantity")
    value, unit = get(rate, "value"), get(rate, "unit") or get(rate, "code")
    return "" if value is None else f"rate {value} {unit or ''}".rstrip()


def _text(dosage: dict[str, Any], *more: str) -> str:
    """The words of the dosage, its route, and what else is given; an ointment shows in the route."""
    try:
        route = wording(dosage.get("route"))
    except Unusable:
        route = ""
    text = dosage.get("text")
    parts = (text if isinstance(text, str) else "", f"route: {route}" if route else "", *more)
    return "; ".join(part for part in parts if part)
