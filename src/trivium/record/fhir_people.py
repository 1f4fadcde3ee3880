"""Whose a resource is: Patients, and every way in which records refer to them.

A resource is never given to a patient whom it does not name. What names nobody in the input is kept as a
record of its own when the input has at most one Patient; among several it is refused as "no-patient".
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from trivium.record.events import Person, When
from trivium.record.fhir_files import Found, fingerprint
from trivium.record.fhir_reading import Json, Reading, Unusable, get
from trivium.record.fhir_resources import READERS
from trivium.record.fhir_times import SHORT_YEAR

# Who a record is about, ordered for output: the id shown, and what makes it unique.
Key = tuple[str, str]
ANONYMOUS: Key = ("", "")
_SHARED_TYPES = frozenset(("Medication", "Practitioner", "PractitionerRole", "Organization", "Location"))
_PATIENT_FIELDS = ("patient", "subject", "beneficiary", "individual")
_REFERENCE = re.compile(r"(?:(?P<base>[a-z]+://.+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[^/?#]+)")
_SEXES = frozenset(("male", "female", "other", "unknown"))


@dataclass(slots=True)
class People:
    """The Patients of one input, by every name they go by."""

    patients: dict[Key, list[Found]] = field(default_factory=dict)
    _by_url: dict[tuple[int, str], Key] = field(default_factory=dict)
    _anywhere: dict[str, Key | None] = field(default_factory=dict)
    _bases: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_identifier: dict[tuple[str, str], Key | None] = field(default_factory=dict)
    _memo: dict[tuple[int, str], Key] = field(default_factory=dict)

    def add(self, found: Found) -> Key:
        """Note a Patient; several resources with one id are one patient."""
        key = (found.id, f"Patient/{found.id}") if found.id else ("", found.name)
        self.patients.setdefault(key, []).append(found)
        if found.url:
            self._by_url[found.scope, found.url] = key
            _once(self._anywhere, found.url, key)
            base = _REFERENCE.fullmatch(found.url)
            if base and base["base"]:
                self._bases[found.id].add(base["base"])
        identifiers = found.resource.get("identifier")
        for identifier in identifiers if isinstance(identifiers, list) else ():
            value = get(identifier, "value")
            if isinstance(value, str):
                _once(self._by_identifier, (str(get(identifier, "system") or ""), value), key)
        return key

    def owner(self, found: Found) -> Key | None:
        """The patient of a resource; None for what belongs to no patient. Raises Unusable."""
        if found.type in _SHARED_TYPES:
            return None
        if found.type not in READERS:
            return self._other_owner(found)
        subject = found.resource.get("subject" if "subject" in found.resource else "patient")
        if found.type == "Device" and subject is None:
            return None
        key = self._subject(subject, found)
        if key not in self.patients and len(self.patients) > 1:
            raise Unusable("no-patient")
        return key

    def _other_owner(self, found: Found) -> Key | None:
        """Of a type that nothing is read from; only where it is counted hangs on this."""
        for name in _PATIENT_FIELDS:
            subject = found.resource.get(name)
            if isinstance(subject, dict):
                try:
                    key = self._subject(subject, found)
                except Unusable:
                    return None
                return key if key in self.patients else None
        return None

    def _subject(self, subject: Any, found: Found) -> Key:
        if subject is None:
            return ANONYMOUS
        if not isinstance(subject, dict):
            raise Unusable("malformed", "subject is no Reference")
        reference, kind = subject.get("reference"), subject.get("type")
        if isinstance(kind, str) and kind.rpartition("/")[2] not in ("Patient", ""):
            raise Unusable("no-patient", "the subject is no Patient")
        if isinstance(reference, str) and reference:
            if reference.startswith("#"):
                return self._contained(reference[1:], found)
            key = self._memo.get((found.scope, reference))
            if key is None:
                key = self._memo[found.scope, reference] = self._refer(reference, found.scope)
            return key
        return self._identified(subject.get("identifier"))

    def _refer(self, reference: str, scope: int) -> Key:
        plain = re.sub(r"/_history/[^/]*$", "", reference)
        key = self._by_url.get((scope, plain)) or self._anywhere.get(plain)
        if key is not None:
            return key
        if plain.startswith(("urn:uuid:", "urn:oid:")):
            name = plain.rpartition(":")[2]
            own = (name, f"Patient/{name}")
            return own if own in self.patients else (name, plain)
        searched = re.fullmatch(r"(?:.*/)?Patient\?identifier=([^&]*)", plain)
        if searched:
            system, bar, value = unquote(searched[1]).partition("|")
            return self._by_identifier.get((system, value) if bar else ("", system)) or ("", plain)
        found = _REFERENCE.fullmatch(plain)
        if found is None:
            return ("", plain)
        if found["type"] != "Patient":
            raise Unusable("no-patient", "the subject is no Patient")
        own = (found["id"], f"Patient/{found['id']}")
        if found["base"] is None:
            return own
        # The same id on another server is somebody else.
        bases = self._bases.get(found["id"])
        same = own in self.patients and (not bases or found["base"] in bases)
        return own if same else (found["id"], plain)

    def _identified(self, identifier: Any) -> Key:
        value = get(identifier, "value")
        if not isinstance(value, str):
            return ANONYMOUS
        name = (str(get(identifier, "system") or ""), value)
        return self._by_identifier.get(name) or ("", "identifier " + "|".join(name))

    def _contained(self, name: str, found: Found) -> Key:
        """A Patient inside the resource: one of the Patients if it has an identifier of theirs."""
        contained = found.resource.get("contained")
        for each in contained if isinstance(contained, list) else ():
            if isinstance(each, dict) and each.get("id") == name:
                if each.get("resourceType") != "Patient":
                    raise Unusable("no-patient", "the subject is no Patient")
                for identifier in each.get("identifier") or ():
                    key = self._identified(identifier)
                    if key in self.patients:
                        return key
                return ("", "contained " + fingerprint(each).decode(errors="replace"))
        raise Unusable("no-patient", "the contained subject is missing")


def _once(names: dict[Any, Key | None], name: Any, key: Key) -> None:
    """A name that two patients share names neither."""
    names[name] = key if names.get(name, key) == key else None


def person(key: Key, patients: list[Found], reading: Reading) -> Person:
    """The person, from one or several Patient resources.

    Where these differ, birth and death are as wide as both, and sex and deceased are as not recorded.
    """
    read = [_person(key[0], found.resource, reading) for found in patients]
    if not read:
        return Person(key[0])
    if any(each != read[0] for each in read):
        reading.note("patient-conflict")
    sexes, deceased = {each.sex for each in read}, {each.deceased for each in read}
    return Person(
        key[0],
        _hull([each.birth for each in read]),
        sexes.pop() if len(sexes) == 1 else "",
        _hull([each.death for each in read]),
        deceased.pop() if len(deceased) == 1 else None,
    )


def _hull(times: list[When | None]) -> When | None:
    known = [time for time in times if time is not None]
    starts = [time.start for time in known if time.start is not None]
    ends = [time.end for time in known if time.end is not None]
    if not known:
        return None
    return When(
        min(starts) if len(starts) == len(known) else None, max(ends) if len(ends) == len(known) else None
    )


def _person(name: str, patient: Json, reading: Reading) -> Person:
    sex = patient.get("gender")
    if not isinstance(sex, str) or sex not in _SEXES:
        if sex is not None:
            reading.note("bad-gender")
        sex = ""
    deceased, death = patient.get("deceasedBoolean"), patient.get("deceasedDateTime")
    if deceased is not None and not isinstance(deceased, bool):
        reading.note("bad-deceased")
        deceased = None
    when = _date(death, "bad-death-date", reading)
    if death is not None:
        # A date of death and "not deceased" contradict each other: neither is taken.
        deceased, when = (None, None) if deceased is False else (True, when)
        if deceased is None:
            reading.note("patient-conflict")
    return Person(name, _date(patient.get("birthDate"), "bad-birth-date", reading), sex, when, deceased)


def _date(value: Any, complaint: str, reading: Reading) -> When | None:
    if value is None:
        return None
    when, note = reading.clock.read(value)
    if not when.is_known or note == SHORT_YEAR:
        reading.note(complaint)
        return None
    return when
