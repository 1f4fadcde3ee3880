"""The route of a dosage: whether a drug acts only where it is put.

Value sets of drugs mean systemic use. Which codes and words of `Dosage.route` are local, by inhalation or
systemic is said by three value sets; a fourth lists the drugs that count when they are inhaled too. Only
what is surely local is left out: every dosage has a route, no route, and no word of the product, says
anything systemic, and none is doubted. Else the route changes nothing.
"""

from __future__ import annotations

from typing import Any

from trivium.core.wording import is_doubted
from trivium.record.fhir_reading import Json, Reading, get, sound_codings

LOCAL, INHALED, SYSTEMIC, COUNTS_INHALED = "route_local", "route_inhaled", "route_systemic", "counts_inhaled"
_CARRIER = "Dosage"
_ELEMENTS = ("dosage", "dosageInstruction")


def is_local(resource: Json, concepts: frozenset[str], text: str, reading: Reading) -> bool:
    """Whether a medication resource is surely about local use, where its drug does not count.

    It never raises: what is malformed is no route.
    """
    routes = _routes(resource)
    if not routes:
        return False
    if SYSTEMIC in reading.concepts.lookup((), text, _CARRIER):
        return False
    local = {LOCAL} if COUNTS_INHALED in concepts else {LOCAL, INHALED}
    return all(_is_one_of(route, local, reading) for route in routes)


def _routes(resource: Json) -> list[Any]:
    """The route of each dosage, None where it has none; nothing where there is no dosage."""
    dosages: list[Any] = []
    for name in _ELEMENTS:
        given = resource.get(name)
        dosages += given if isinstance(given, list) else [] if given is None else [given]
    return [get(dosage, "route") for dosage in dosages]


def _is_one_of(route: Any, local: set[str], reading: Reading) -> bool:
    codings, text = sound_codings(route)
    by_text = reading.concepts.lookup((), text, _CARRIER)
    found = reading.concepts.lookup(codings, text, _CARRIER) | by_text
    return bool(found & local) and SYSTEMIC not in found and not is_doubted(text)
