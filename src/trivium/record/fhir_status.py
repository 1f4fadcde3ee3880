"""What may become a fact at all: statuses, negations and modifiers, per resource type.

A resource that was voided, refused, planned or never done says nothing about the patient: it is `Void`, by
the name of its status. Any other status that is not listed here as sound (none, `unknown`, a word that
nobody knows, a therapy that was halted) leaves open what was: it is `Unusable`, so that nothing else is
taken for the newest state.
"""

from __future__ import annotations

from typing import Any

from trivium.knowledge.concepts import Coding
from trivium.record.fhir_reading import Json, Reading, Unusable, Void, codings_of, flag, sound_codings

# type → statuses under which it says that something is or was so.
SOUND: dict[str, frozenset[str]] = {
    "Observation": frozenset(("registered", "preliminary", "final", "amended", "corrected")),
    "DiagnosticReport": frozenset(
        ("registered", "partial", "preliminary", "final", "amended", "corrected", "appended")
    ),
    # An administration that was stopped had begun: the drug was taken.
    "MedicationAdministration": frozenset(("in-progress", "completed", "stopped")),
    # "Not taken" says no, and is kept: it may speak against an older entry that says yes.
    "MedicationStatement": frozenset(("active", "completed", "stopped", "intended", "taken", "not-taken")),
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
# Statuses of FHIR that say no: their own name is the reason.
_VOID = frozenset(
    (
        *("entered-in-error", "cancelled", "not-done", "not-taken", "draft", "revoked", "planned"),
        *("declined", "intended", "registered", "preparation"),
    )
)
# It had begun, or may have: their own name is the reason too. Any other word is a "bad-status".
_HALTED = frozenset(("on-hold", "stopped", "suspended", "aborted", "abandoned", "inactive"))
# Intents under which a request is an order; a proposal or a plan is a thought.
_ORDERS = frozenset(
    ("order", "original-order", "reflex-order", "filler-order", "instance-order", "directive")
)
_THOUGHTS = frozenset(("proposal", "plan", "option"))
_VERIFIED = frozenset(("confirmed", "unconfirmed", "presumed", "provisional", "differential"))
_FALSE = frozenset(("refuted", "entered-in-error"))
_PRESENT = frozenset(("active", "recurrence", "relapse"))
_OVER = frozenset(("inactive", "remission", "resolved"))


def check_void(resource: Json, kind: str) -> None:
    """Refuse what says nothing about the patient, whatever else is wrong with it. Raises Void.

    A voided Condition has no clinicalStatus, so its verificationStatus is what tells it from an active one.
    """
    status = resource.get("status")
    if isinstance(status, str) and status in _VOID and status not in SOUND.get(kind, ()):
        raise Void(status)
    if "verificationStatus" in resource:
        said = resource["verificationStatus"]
        words = frozenset((said.lower(),)) if isinstance(said, str) else _split(sound_codings(said))
        if words & _FALSE:
            raise Void(min(words & _FALSE))
    if resource.get("doNotPerform") is True:
        raise Void("do-not-perform")
    modifiers = resource.get("modifierExtension")
    if isinstance(modifiers, list) and any(_not_done(each) is True for each in modifiers):
        raise Void("modifier-extension")
    intent = resource.get("intent")
    if isinstance(intent, str) and intent in _THOUGHTS:
        raise Void("not-an-order")


def status_of(resource: Json, kind: str) -> str:
    """The status, when it is a sound one and nothing else takes the meaning back. Raises Void, Unusable."""
    check_void(resource, kind)
    check_modifiers(resource)
    status = resource.get("status")
    if status is None:
        raise Unusable("no-status", part="status")
    if not isinstance(status, str):
        raise Unusable("bad-status", part="status")
    if status not in SOUND[kind]:
        reason = "status-unknown" if status == "unknown" else "bad-status"
        raise Unusable(status if status in _HALTED else reason, part="status")
    return status


def check_intent(resource: Json, reading: Reading) -> None:
    """Refuse a request that may be no order; of one that is none see `check_void`."""
    intent = resource.get("intent")
    if intent is None:
        reading.note("no-intent")
    elif not isinstance(intent, str) or intent not in _ORDERS:
        raise Unusable("not-an-order", part="intent")


def check_modifiers(resource: Json) -> None:
    """Refuse what may turn the meaning round: FHIR forbids to read past a modifier that one does not know.

    QI-Core says "this was not done" with one, under status final.
    """
    flag(resource.get("doNotPerform"))
    modifiers = resource.get("modifierExtension")
    # A modifier `notDone: false` changes nothing.
    if modifiers and not (
        isinstance(modifiers, list) and all(_not_done(each) is False for each in modifiers)
    ):
        raise Unusable("modifier-extension", part="modifierExtension")
    if resource.get("implicitRules") is not None:
        raise Unusable("implicit-rules", part="implicitRules")


def _not_done(extension: Any) -> Any:
    """What a modifier `notDone` says; None for any other."""
    if not isinstance(extension, dict):
        return None
    url = extension.get("url")
    negates = isinstance(url, str) and url.lower().endswith(("notdone", "donotperform"))
    return extension.get("valueBoolean") if negates else None


def verification_of(resource: Json) -> str:
    """verificationStatus of a Condition or AllergyIntolerance; empty when not given. Raises Unusable."""
    words = _words(resource, "verificationStatus")
    known = words & _VERIFIED
    if len(known) > 1 or (words and not known):
        raise Unusable("bad-status", part="verificationStatus")
    return next(iter(known), "")


def is_over(resource: Json) -> bool:
    """Whether clinicalStatus says that it is inactive, resolved or in remission. Raises Unusable."""
    words = _words(resource, "clinicalStatus")
    over, present = words & _OVER, words & _PRESENT
    if (over and present) or (words and not over and not present):
        raise Unusable("bad-status", part="clinicalStatus")
    return bool(over)


def _words(resource: Json, element: str) -> frozenset[str]:
    try:
        return _split(codings_of(resource.get(element)))
    except Unusable as problem:
        raise Unusable(problem.reason, problem.detail, element) from None


def _split(concept: tuple[tuple[Coding, ...], str]) -> frozenset[str]:
    codings, text = concept
    return frozenset(
        word.strip().lower() for word in (*(code for _, code in codings), *text.split("\n")) if word.strip()
    )
