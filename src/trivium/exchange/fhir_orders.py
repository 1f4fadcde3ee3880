"""Proposed orders → a FHIR R4 Bundle: a RequestGroup with MedicationRequests and ServiceRequests.

Everything is `intent: proposal`, `status: draft`: nothing here is an order until somebody signs it. What is
barred, waits or could not be computed is not a request; it stands in the group's note with the reason.
Source: HL7 FHIR R4 (4.0.1), RequestGroup, MedicationRequest, ServiceRequest, Timing.
"""

from __future__ import annotations

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
    return {
        "resourceType": "MedicationRequest",
        "id": _id("drug", regimen["patient"], regimen["start"], order["id"]),
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": {"text": order["label"]},
        "subject": subject,
        "authoredOn": regimen["as_of"],
        "note": [{"text": text} for text in (_NOTE, *_clashes(order))],
        "dosageInstruction": [_dosage(order)],
    }


def _dosage(order: Data) -> Data:
    dosage: Data = {"text": order["words"], "route": {"text": order["route"]}}
    timing = _timing(order)
    if timing:
        dosage["timing"] = timing
    if order["single"] is not None:
        quantity = {"value": order["single"], "unit": order["unit"], "system": _UCUM, "code": order["unit"]}
        dosage["doseAndRate"] = [{"doseQuantity": quantity}]
    return dosage


def _timing(order: Data) -> Data:
    """Each date where dates are known; a frequency where it is taken every day."""
    dates = [each for each in order["dates"] if not each["until"] and not each["goes_on"]]
    lasting = [each for each in order["dates"] if each not in dates]
    timing: Data = {}
    if dates and not lasting:
        timing["event"] = [each["date"] for each in dates]
    repeat: Data = {}
    if lasting:
        first = lasting[0]
        bounds = {"start": first["date"]}
        if first["until"] and not first["goes_on"]:
            bounds["end"] = first["until"]
        repeat["boundsPeriod"] = bounds
    times = order["times_per_day"]
    if lasting and times:
        whole = times >= 1 and float(times).is_integer()
        repeat |= (
            {"frequency": int(times), "period": 1, "periodUnit": "d"}
            if whole
            else {"frequency": 1, "period": round(1 / times, 6), "periodUnit": "d"}
        )
    if repeat:
        timing["repeat"] = repeat
    return timing


def _service(order: Data, regimen: Data, subject: Data) -> Data:
    request: Data = {
        "resourceType": "ServiceRequest",
        "id": _id(order["kind"], regimen["patient"], regimen["start"], order["id"]),
        "status": "draft",
        "intent": "proposal",
        "code": {"text": order["label"]},
        "subject": subject,
        "authoredOn": regimen["as_of"],
        "note": [{"text": text} for text in (_NOTE, order["words"], *_clashes(order)) if text],
    }
    dates = [each["date"] for each in order["dates"]]
    if len(dates) == 1:
        request["occurrenceDateTime"] = dates[0]
    elif dates:
        request["occurrenceTiming"] = {"event": dates}
    return request


def _clashes(order: Data) -> list[str]:
    """What an order must not go together with: it goes wherever the order goes."""
    return [f"{each['severity'].upper()}: {each['label']}" for each in order.get("clashes", ())]


def _warned(regimen: Data) -> list[str]:
    return list(dict.fromkeys(text for order in regimen["orders"] for text in _clashes(order)))


def _withheld(regimen: Data) -> list[str]:
    """What is no request, and why."""
    return [
        f"{order['label']}: {order['state']}. {' '.join(order['why'])}"
        for order in regimen["orders"]
        if order["state"] != "proposed"
    ]


def _id(*parts: str) -> str:
    """An id that the same content always gets: FHIR allows 64 letters, digits, hyphens and points."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _uuid(name: str) -> str:
    """A stable name in the form of a UUID (version 8: made by a rule of its own, RFC 9562)."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", name)[:64]
