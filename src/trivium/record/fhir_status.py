"""What may become a fact at all: statuses, negations and modifiers, per resource type.

A resource that was voided, refused, planned or never done says nothing about the patient. Every status
that is not listed here as sound is refused, by its own name.
"""

from __future__ import annotations

from typing import Any

from trivium.record.fhir_reading import Json, Reading, Unusable, codings_of, flag

# type → statuses under which it says that something is or was so.
SOUND: dict[str, frozenset[str]] = {
    "Observation": frozenset(("registered", "preliminary", "final", "amended", "corrected")),
    "DiagnosticReport": frozenset(
        ("registered", "partial", "preliminary", "final", "amended", "corrected", "appended")
    ),
    # An administration that was stopped had begun: the drug was taken.
    "MedicationAdministration": frozenset(("in-progress", "completed", "stopped")),
    "MedicationStatement": frozenset(("active", "completed", "stopped", "intended", "taken")),
    "MedicationRequest": frozenset(("active", "completed", "stopped")),
    "MedicationDispense": frozenset(("preparation", "in-progress", "completed")),
    "Procedure": frozenset(("in-progress", "completed")),
    "ServiceRequest": frozenset(("active", "completed")),
    "Immunization": frozenset(("completed",)),
    "Encounter": frozenset(("arrived", "triaged", "in-progress", "onleave", "finished")),
    "DeviceUseStatement": frozenset(("active", "completed")),
    "Device": frozenset(("active",)),
    "ImagingStudy": frozenset(("available",)),
}
# Statuses of FHIR that say no: their own name is the reason. Any other word is a "bad-status".
_REFUSED = frozenset(
    (
        *("entered-in-error", "cancelled", "not-done", "not-taken", "draft", "on-hold", "stopped", "revoked"),
        *("planned", "declined", "inactive", "intended", "aborted", "suspended", "registered", "abandoned"),
        "preparation",
    )
)
# Intents under which a request is an order; a proposal or a plan is a thought.
_ORDERS = frozenset(
    ("order", "original-order", "reflex-order", "filler-order", "instance-order", "directive")
)
_VERIFIED = frozenset(("confirmed", "unconfirmed", "presumed", "provisional", "differential"))
_FALSE = frozenset(("refuted", "entered-in-error"))
_PRESENT = frozenset(("active", "recurrence", "relapse"))
_OVER = frozenset(("inactive", "remission", "resolved"))


def status_of(resource: Json, kind: str) -> str:
    """The status, when it is a sound one and nothing else takes the meaning back. Raises Unusable."""
    check_modifiers(resource)
    status = resource.get("status")
    if status is None:
        raise Unusable("no-status")
    if not isinstance(status, str):
        raise Unusable("bad-status")
    if status not in SOUND[kind]:
        raise Unusable(
            status if status in _REFUSED else "status-unknown" if status == "unknown" else "bad-status"
        )
    return status


def check_intent(resource: Json, reading: Reading) -> None:
    """Refuse a request that is no order."""
    intent = resource.get("intent")
    if intent is None:
        reading.note("no-intent")
    elif not isinstance(intent, str) or intent not in _ORDERS:
        raise Unusable("not-an-order")


def check_modifiers(resource: Json) -> None:
    """Refuse what turns the meaning round: FHIR forbids to read past a modifier that one does not know.

    QI-Core says "this was not done" with one, under status final.
    """
    if flag(resource.get("doNotPerform")):
        raise Unusable("do-not-perform")
    modifiers = resource.get("modifierExtension")
    if modifiers and not (isinstance(modifiers, list) and all(_says_no(each) for each in modifiers)):
        raise Unusable("modifier-extension")
    if resource.get("implicitRules") is not None:
        raise Unusable("implicit-rules")


def _says_no(extension: Any) -> bool:
    """A modifier `notDone: false` changes nothing."""
    if not isinstance(extension, dict):
        return False
    url = extension.get("url")
    negates = isinstance(url, str) and url.lower().endswith(("notdone", "donotperform"))
    return negates and extension.get("valueBoolean") is False


def verification_of(resource: Json) -> str:
    """verificationStatus of a Condition or AllergyIntolerance; empty when not given. Raises Unusable.

    A voided Condition has no clinicalStatus, so this is what tells it from an active one.
    """
    words = _words(resource.get("verificationStatus"))
    false = sorted(words & _FALSE)
    if false:
        raise Unusable(false[0])
    known = words & _VERIFIED
    if len(known) > 1 or (words and not known):
        raise Unusable("bad-status", "verificationStatus")
    return next(iter(known), "")


def is_over(resource: Json) -> bool:
    """Whether clinicalStatus says that it is inactive, resolved or in remission. Raises Unusable."""
    words = _words(resource.get("clinicalStatus"))
    over, present = words & _OVER, words & _PRESENT
    if (over and present) or (words and not over and not present):
        raise Unusable("bad-status", "clinicalStatus")
    return bool(over)


def _words(concept: Any) -> frozenset[str]:
    codings, text = codings_of(concept)
    return frozenset(
        word.strip().lower() for word in (*(code for _, code in codings), *text.split("\n")) if word.strip()
    )
