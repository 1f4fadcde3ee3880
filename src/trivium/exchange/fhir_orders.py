"""Proposed orders → a FHIR R4 Bundle: a RequestGroup with MedicationRequests and ServiceRequests.

Everything is `intent: proposal`, `status: draft`: nothing here is an order until somebody signs it. What is
barred, waits or could not be computed is not a request; it stands in the group's note with the reason.
Source: HL7 FHIR R4 (4.0.1), RequestGroup, MedicationRequest, ServiceRequest, Timing.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any

Data = dict[str, Any]

_UCUM = "http://unitsofmeasure.org"
_NOTE = "Proposal by decision support; content not clinically validated until a site signs it off."


def request_group(regimen: Data) -> Data:
    """The bundle of a regimen's orders; the same regimen gives the same ids."""
    subject = _subject(regimen)
    entries = [
        (order, _request(order, regimen, subject))
        for order in regimen["orders"]
        if order["state"] == "proposed"
    ]
    group = {
        "resourceType": "RequestGroup",
        "id": _id("group", regimen["patient"], regimen["start"], *regimen["agents"]),
        "status": "draft",
        "intent": "proposal",
        "subject": subject,
        "authoredOn": regimen["as_of"],
        "note": [{"text": text} for text in (_NOTE, *_warned(regimen), *_withheld(regimen))],
        "action": [_action(order, request) for order, request in entries],
    }
    if not group["action"]:
        del group["action"]
    resources = [group, *(request for _, request in entries)]
    return {
        "resourceType": "Bundle",
        "id": _id("bundle", group["id"]),
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{_uuid(each['id'])}", "resource": each} for each in resources],
    }


def _subject(regimen: Data) -> Data:
    if regimen["patient"]:
        return {"reference": f"Patient/{_safe(regimen['patient'])}"}
    return {"display": "patient not named"}


def _action(order: Data, request: Data) -> Data:
    return {
        "title": order["label"],
        "resource": {"reference": f"urn:uuid:{_uuid(request['id'])}"},
    }


def _request(order: Data, regimen: Data, subject: Data) -> Data:
    make = _medication if order["kind"] == "drug" and not _is_procedure(order) else _service
    return make(order, regimen, subject)


def _is_procedure(order: Data) -> bool:
    return bool(order["route"].startswith("extracorporeal"))


def _medication(order: Data, regimen: Data, subject: Data) -> Data:
    notes = (_NOTE, *_clashes(order), *_care(order), *_around(order))
    return {
        "resourceType": "MedicationRequest",
        "id": _id("drug", regimen["patient"], regimen["start"], order["id"]),
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": {"text": order["label"]},
        "subject": subject,
        "authoredOn": regimen["as_of"],
        "note": [{"text": text} for text in notes],
        "dosageInstruction": _dosages(order),
    }


def _dosages(order: Data) -> list[Data]:
    """One instruction for each different amount; one without an amount where none stands."""
    parts = order["amounts"] or [{"single": None, "dates": order["dates"]}]
    found = [_dosage(order, part) for part in parts]
    if len(found) > 1:
        found = [{"sequence": number, **each} for number, each in enumerate(found, start=1)]
    return found


def _dosage(order: Data, part: Data) -> Data:
    dosage: Data = {"text": _text(order, part), "route": {"text": order["route"]}}
    told = [*(each["text"] for each in order["instructions"]), order["cut"]]
    if any(told):
        dosage["additionalInstruction"] = [{"text": text} for text in told if text]
    timing = _timing(order, part["dates"])
    if timing:
        dosage["timing"] = timing
    if part["single"] is not None:
        quantity = {"value": _number(part), "unit": part["unit"], "system": _UCUM, "code": part["unit"]}
        dosage["doseAndRate"] = [{"doseQuantity": quantity}]
    return dosage


def _number(part: Data) -> float | int:
    """An amount with the five digits that are shown everywhere."""
    number = part["single"]
    return number if isinstance(number, int) else float(f"{number:.5g}")


def _text(order: Data, part: Data) -> str:
    """The dose in words, and what of it stands on each of the days laid out."""
    days = part["dates"]
    if part["single"] is None or len(days) < 2:
        return str(order["words"])
    each = f"{_number(part):g}" if part["unit"] == "1" else f"{_number(part):g} {part['unit']}"
    return f"{order['words']}. As laid out: {each} on each of {len(days)} days"


def _timing(order: Data, days: list[Data]) -> Data:
    """Each date where dates are known; how often where it is not once on each; an end where one is."""
    dates = [each for each in days if not each["until"] and not each["goes_on"]]
    lasting = [each for each in days if each not in dates]
    timing: Data = {}
    if dates:
        timing["event"] = [each["date"] for each in dates]
    repeat: Data = {}
    if lasting:
        repeat["boundsPeriod"] = _bounds(order, lasting[0])
    if order["times"] and (lasting or order["times"] != _ONCE_A_DAY):
        repeat |= _frequency(order["times"])
    if repeat:
        timing["repeat"] = repeat
    return timing


_ONCE_A_DAY = {"count": 1, "days": 1}
_WEEK = 7


def _frequency(times: Data) -> Data:
    """`3 in 7 days` as three times a week: no interval is made up that nobody printed."""
    if times["days"] == _WEEK:
        return {"frequency": times["count"], "period": 1, "periodUnit": "wk"}
    return {"frequency": times["count"], "period": times["days"], "periodUnit": "d"}


def _bounds(order: Data, day: Data) -> Data:
    """From the first day to the last that the regimen prints, however few the calendar shows."""
    bounds = {"start": day["date"]}
    lasts = order["for_days"]
    if lasts and lasts[1] is not None:
        last = datetime.date.fromisoformat(day["date"]) + datetime.timedelta(lasts[1] - 1)
        bounds["end"] = last.isoformat()
    elif day["until"] and not day["goes_on"]:
        bounds["end"] = day["until"]
    return bounds


def _service(order: Data, regimen: Data, subject: Data) -> Data:
    notes = (_NOTE, order["words"], *_clashes(order), *_care(order), *_around(order))
    request: Data = {
        "resourceType": "ServiceRequest",
        "id": _id(order["kind"], regimen["patient"], regimen["start"], order["id"]),
        "status": "draft",
        "intent": "proposal",
        "code": {"text": order["label"]},
        "subject": subject,
        "authoredOn": regimen["as_of"],
        "note": [{"text": text} for text in notes if text],
    }
    dates = [each["date"] for each in order["dates"]]
    if len(dates) == 1:
        request["occurrenceDateTime"] = dates[0]
    elif dates:
        request["occurrenceTiming"] = {"event": dates}
    return request


def _clashes(order: Data) -> list[str]:
    """What an order must not go together with, or who decided that it does, wherever the order goes."""
    return [
        f"{each['severity'].upper()}: {each['label']}"
        + (f" - ON A SPECIALIST'S OVERRIDE: {each['override']}" if each["override"] else "")
        for each in order.get("clashes", ())
    ]


def _care(order: Data) -> list[str]:
    return [f"CARE: {each['text']}" for each in order.get("cautions", ())]


def _around(order: Data) -> list[str]:
    """What is given before and beside it, and how fast."""
    said = [f"{each['kind'].capitalize()}: {each['text']}" for each in order.get("beside", ())]
    for rate in order.get("rates", ()):
        doubt = f" (if {rate['if']}: not known)" if rate["if"] and rate["holds"] == "unknown" else ""
        said.append(f"Rate: {rate['words']}{doubt}")
    return said


def _warned(regimen: Data) -> list[str]:
    said = [text for order in regimen["orders"] for text in _clashes(order)]
    audience = regimen["audience"]
    return list(dict.fromkeys([*([audience["words"]] if audience else []), *said]))


def _withheld(regimen: Data) -> list[str]:
    """What is no request, and why; what would be due beside it is no request either."""
    withheld = [order for order in regimen["orders"] if order["state"] != "proposed"]
    drugs = [
        f"{order['label']}: {order['state']}. {' '.join(order['why'])}"
        for order in withheld
        if order["kind"] == "drug"
    ]
    rest = dict.fromkeys(order["label"] for order in withheld if order["kind"] != "drug")
    return [*drugs, *([f"No request as long as that is so: {' '.join(rest)}"] if rest else [])]


def _id(*parts: str) -> str:
    """An id that the same content always gets: FHIR allows 64 letters, digits, hyphens and points."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _uuid(name: str) -> str:
    """A stable name in the form of a UUID (version 8: made by a rule of its own, RFC 9562)."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", name)[:64]
