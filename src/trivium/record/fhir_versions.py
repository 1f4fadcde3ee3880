"""Which version of FHIR a resource was written for, and which copy of a resource counts.

No field states the version, so what R4 does not have is the tell-tale: an element that was renamed, or one
that changed its shape. A resource without any is the same in all versions for what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from trivium.record.fhir_files import Found, fingerprint
from trivium.record.fhir_times import Clock

R4, STU3, R5, DSTU2 = "", "fhir-stu3", "fhir-r5", "fhir-dstu2"
FOREIGN = frozenset((STU3, R5, DSTU2))

# Types that R4 does not know but that say what R4 says in another type.
_OTHER_TYPES = {
    "MedicationOrder": DSTU2,
    "DiagnosticOrder": DSTU2,
    "ProcedureRequest": STU3,
    "ReferralRequest": STU3,
    "DeviceUsage": R5,
    "MedicationUsage": R5,
}
_STU3_KEYS = {
    "Observation": ("comment", "related", "context"),
    "Condition": ("assertedDate", "context", "patient", "dateRecorded"),
    "Encounter": ("incomingReferral",),
    "MedicationRequest": ("context", "definition"),
    "MedicationAdministration": ("notGiven", "reasonNotGiven", "prescription", "wasNotGiven"),
    "MedicationStatement": ("taken", "reasonNotTaken", "wasNotTaken"),
    "MedicationDispense": ("notDone", "notDoneReasonCodeableConcept", "notDoneReasonReference"),
    "Procedure": ("notDone", "notDoneReason", "context", "definition", "notPerformed"),
    "AllergyIntolerance": ("assertedDate",),
    "Immunization": ("notGiven", "date", "explanation", "wasNotGiven", "vaccinationProtocol"),
    "DiagnosticReport": ("context", "image", "codedDiagnosis"),
    "DeviceUseStatement": ("whenUsed", "indication"),
    "Device": ("udi",),
    "Medication": ("package", "isOverTheCounter"),
    "ServiceRequest": (),
    "Patient": ("animal",),
    "ImagingStudy": ("patient", "uid", "accession"),
}
_R5_KEYS = {
    "Observation": ("triggeredBy", "instantiatesCanonical", "instantiatesReference", "bodyStructure"),
    "Condition": ("participant",),
    "Encounter": ("actualPeriod", "plannedStartDate", "admission", "virtualService", "subjectStatus"),
    "MedicationRequest": ("medication", "reason", "renderedDosageInstruction", "effectiveTiming"),
    "MedicationAdministration": (
        "medication", "occurenceDateTime", "occurencePeriod", "occurenceTiming",
        "occurrenceDateTime", "occurrencePeriod", "occurrenceTiming", "isSubPotent", "subPotentReason",
    ),
    "MedicationStatement": ("medication", "adherence", "renderedDosageInstruction"),
    "MedicationDispense": ("medication", "recorded", "renderedDosageInstruction", "notPerformedReason"),
    "Procedure": (
        "occurrenceDateTime", "occurrencePeriod", "occurrenceString", "occurrenceAge", "occurrenceRange",
        "occurrenceTiming", "recorded", "reportedBoolean", "reportedReference", "reason",
    ),
    "ServiceRequest": ("reason", "bodyStructure"),
    "AllergyIntolerance": ("participant",),
    "Immunization": ("administeredProduct", "basedOn", "reason", "informationSource"),
    "DiagnosticReport": ("supportingInfo", "composition"),
    "Device": ("name", "biologicalSourceEvent", "conformsTo"),
}  # fmt: skip
_KEYS = {
    kind: frozenset((*_STU3_KEYS.get(kind, ()), *_R5_KEYS.get(kind, ()))) for kind in {*_STU3_KEYS, *_R5_KEYS}
}
_NONE: frozenset[str] = frozenset()
_R5_STATUSES = {
    "MedicationStatement": frozenset(("recorded", "draft")),
    "Encounter": frozenset(("completed", "discharged", "discontinued", "on-hold")),
}
# Shapes that changed: type, key → the Python type it has in another version, and which.
_SHAPES: dict[str, tuple[tuple[str, type, str], ...]] = {
    "Observation": (("interpretation", dict, STU3),),
    "Condition": (("clinicalStatus", str, STU3), ("verificationStatus", str, STU3), ("stage", dict, STU3)),
    "Encounter": (("class", list, R5), ("class", str, DSTU2)),
    "AllergyIntolerance": (
        ("clinicalStatus", str, STU3),
        ("verificationStatus", str, STU3),
        ("type", dict, R5),
    ),
    "Device": (("type", list, R5),),
}
_PROFILE = re.compile(r"/STU3/|hl7\.org/fhir/(3|5)\.|/StructureDefinition/[A-Za-z]+\|(3|5)\.")


def version_of(found: Found) -> str:
    """`fhir-stu3`, `fhir-r5` or `fhir-dstu2` when the resource shows it, else an empty string for R4."""
    if found.version is None:
        found.version = _version_of(found.resource, found.type)
    return found.version


def _version_of(resource: dict[str, Any], kind: str) -> str:
    if kind not in _KEYS:
        return _OTHER_TYPES.get(kind, R4)
    if not _KEYS.get(kind, _NONE).isdisjoint(resource):
        return STU3 if any(key in resource for key in _STU3_KEYS.get(kind, ())) else R5
    for key, shape, version in _SHAPES.get(kind, ()):
        if isinstance(resource.get(key), shape):
            return version
    return _by_content(resource, kind) or _by_profile(resource)


def _by_content(resource: dict[str, Any], kind: str) -> str:
    statuses = _R5_STATUSES.get(kind)
    if statuses is not None:
        status = resource.get("status")
        if isinstance(status, str) and status in statuses:
            return R5
    if kind == "Encounter" and isinstance(resource.get("reason"), list):
        return R5 if any(_has(each, "value", "use") for each in resource["reason"]) else STU3
    if kind == "ServiceRequest" and _has(resource.get("code"), "concept", "reference"):
        return R5
    if kind in ("MedicationRequest", "MedicationStatement", "MedicationDispense"):
        return _by_dosage(resource)
    return R4


def _by_dosage(resource: dict[str, Any]) -> str:
    dosages = resource.get("dosageInstruction") or resource.get("dosage")
    if isinstance(dosages, list) and any(_has(each, "doseQuantity", "doseRange") for each in dosages):
        return STU3
    return STU3 if _has(resource.get("requester"), "agent") else R4


def _by_profile(resource: dict[str, Any]) -> str:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles if isinstance(profiles, list) else ():
        version = _of_profile(profile) if isinstance(profile, str) else R4
        if version:
            return version
    return R4


@lru_cache(maxsize=1024)
def _of_profile(profile: str) -> str:
    found = _PROFILE.search(profile)
    if found is None:
        return R4
    return R5 if "5" in (found[1], found[2]) else STU3


def _has(value: Any, *keys: str) -> bool:
    return isinstance(value, dict) and any(key in value for key in keys)


def settle(copies: Sequence[Found], clock: Clock) -> tuple[list[Found], list[Found], int]:
    """Which of several copies of one resource count: those kept, those superseded, how many just repeat.

    The later one wins where `meta.lastUpdated`, or else `meta.versionId`, says which is later. Where
    neither does, all stay: to drop one of two differing results would be a guess. The order of the copies
    never matters.
    """
    if len(copies) == 1:
        return list(copies), [], 0
    different: dict[bytes, Found] = {}
    for copy in copies:
        content = fingerprint(copy.resource) + copy.broken.encode()
        other = different.get(content)
        # Of equal copies the newest stands for all; what else differs has no bearing on the facts.
        if other is None or _age(copy, clock) > _age(other, clock):
            different[content] = copy
    kept = [different[content] for content in sorted(different)]
    repeats = len(copies) - len(kept)
    for age in (_updated, _version):
        ages = [age(copy, clock) for copy in kept]
        if len(kept) > 1 and None not in ages:
            newest = max(each for each in ages if each is not None)
            if ages.count(newest) == 1:
                at = ages.index(newest)
                return [kept[at]], kept[:at] + kept[at + 1 :], repeats
    return kept, [], repeats


def last_updated(found: Found) -> str:
    """`meta.lastUpdated` as written, or an empty string."""
    meta = found.resource.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return text if isinstance(text, str) else ""


def _updated(found: Found, clock: Clock) -> int | None:
    return clock.instant(last_updated(found))


def _version(found: Found, _: Clock) -> int | None:
    meta = found.resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return int(version) if isinstance(version, str) and re.fullmatch(r"[0-9]{1,18}", version) else None


def _age(found: Found, clock: Clock) -> tuple[int, int, str]:
    updated, version = _updated(found, clock), _version(found, clock)
    # The URL breaks ties, so that the choice does not hang on the order of the input.
    return (-1 if updated is None else updated, -1 if version is None else version, found.url)
