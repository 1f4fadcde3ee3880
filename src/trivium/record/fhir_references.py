"""What a reference to a Medication or a Device names: contained, in its Bundle, or anywhere in the input."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from trivium.record.fhir_files import Found
from trivium.record.fhir_reading import Json, Unusable, get
from trivium.record.fhir_times import Clock
from trivium.record.fhir_versions import settle, version_of

_TYPES = frozenset(("Medication", "Device"))


class References:
    """The resources that others refer to, by id and by full URL."""

    def __init__(self, found: Iterable[Found], clock: Clock) -> None:
        self._clock = clock
        self._by_id: defaultdict[str, list[Found]] = defaultdict(list)
        self._by_url: defaultdict[str, list[Found]] = defaultdict(list)
        for each in found:
            if each.type in _TYPES and not each.broken:
                self._by_id[f"{each.type}/{each.id}"].append(each)
                if each.url:
                    self._by_url[each.url].append(each)

    def find(self, source: Found, reference: Any, kind: str) -> Json | None:
        """The resource that a Reference names; None when it is not in the input.

        Raises Unusable when it could be one of several that differ, or is of another FHIR version.
        """
        text = get(reference, "reference")
        if not isinstance(text, str):
            return None
        if text.startswith("#"):
            return _contained(source, text[1:], kind)
        plain = re.sub(r"/_history/[^/]*$", "", text)
        named = [each for each in self._by_url.get(plain, ()) if each.type == kind]
        if not named:
            short = re.search(r"[A-Z][A-Za-z]+/[^/?#]+$", plain)
            name = short[0] if short else f"{kind}/{plain.rpartition(':')[2]}"
            named = [each for each in self._by_id.get(name, ()) if each.type == kind]
        # In a Bundle a name means what stands in that Bundle.
        named = [each for each in named if each.scope == source.scope] or named
        if not named:
            return None
        kept, _, _ = settle(named, self._clock)
        if len(kept) > 1:
            raise Unusable("ambiguous-reference", kind)
        version = version_of(kept[0])
        if version:
            raise Unusable(version, kind)
        return kept[0].resource


def _contained(source: Found, name: str, kind: str) -> Json | None:
    contained = source.resource.get("contained")
    named = [
        each
        for each in (contained if isinstance(contained, list) else ())
        if isinstance(each, dict) and each.get("id") == name and each.get("resourceType") == kind
    ]
    if len(named) > 1:
        raise Unusable("ambiguous-reference", kind)
    return named[0] if named else None
