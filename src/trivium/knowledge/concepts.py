"""Codes and texts → value-set ids: the index that a reader asks, once for each thing it meets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trivium.core.wording import has_phrase, is_doubted

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_NOTHING: frozenset[str] = frozenset()
_MEMO_LIMIT = 100_000  # distinct codings remembered; beyond that the memory is started afresh

Coding = tuple[str, str]  # system, code
Key = tuple[str, tuple[Coding, ...], str]

# A value set says which resource types carry its codes. These types carry the same codes with another
# meaning, which the kind of the event tells apart: an allergy names the drug by the codes of its orders,
# and a ventilator in use is coded as a device where others code the procedure.
_CARRIES_CODES_OF = {
    "AllergyIntolerance": "MedicationRequest",
    "Device": "Procedure",
    "DeviceUseStatement": "Procedure",
}

# RxNorm dose forms that act where they are put. Value sets of drugs mean systemic use, as their ATC codes
# do (tacrolimus L04AD02, not the ointment D11AH01); a value set may list its own words in
# `exclude_product_words`. Inhalation stays: inhaled pentamidine is prophylaxis.
_LOCAL_FORMS = ("topical", "ophthalmic", "otic", "nasal", "vaginal", "rectal", "enema", "shampoo")


@dataclass(frozen=True, slots=True)
class Concepts:
    """What codes, code prefixes and (for uncoded things) texts belong to which value sets.

    `systems` maps every spelling of a code system to the one used in `by_code`. `resources` says for
    each value set which FHIR resource types may carry it; one that is not listed fits every type.
    `ingredients` says what an RxNorm code stands for, as far as it is known: the ingredient itself, or
    those of a product.
    """

    by_code: Mapping[Coding, frozenset[str]] = field(default_factory=dict)
    by_prefix: tuple[tuple[str, str, str], ...] = ()  # system, prefix, value set
    hints: tuple[tuple[str, str, str], ...] = ()  # lower-case text, FHIR resource type, value set
    systems: Mapping[str, str] = field(default_factory=dict)
    unit_aliases: Mapping[str, str] = field(default_factory=dict)
    unit_codes: Mapping[str, str] = field(default_factory=dict)  # SNOMED CT code → UCUM
    not_prefix: tuple[tuple[str, str, str], ...] = ()  # exceptions to `by_prefix`
    resources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ingredients: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _memo: dict[Key, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def lookup(self, codings: tuple[Coding, ...], text: str, resource_type: str) -> frozenset[str]:
        """The value sets that a thing of this resource type belongs to.

        Codes decide; only when no coding is known does the text (code.text and displays) count. So a
        display that contradicts its code never matters.
        """
        key = (resource_type, codings, text)
        found = self._memo.get(key)
        if found is None:
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            found = self._memo[key] = self._lookup(codings, text, resource_type)
        return found

    def system(self, spelling: str) -> str:
        """The spelling used here for a code system; the one given when the system is not known."""
        known = self.systems.get(spelling)
        if known is None:
            known = self.systems.get(_plain_system(spelling), spelling)
        return known

    def is_known_system(self, spelling: str) -> bool:
        """Whether the code system is one that value sets may use."""
        return spelling in self.systems or _plain_system(spelling) in self.systems

    def carries(self, resource_type: str) -> bool:
        """Whether any value set may be met in a resource of this type."""
        return any(self._fits(name, resource_type) for name in self.resources)

    def _lookup(self, codings: tuple[Coding, ...], text: str, resource_type: str) -> frozenset[str]:
        found: set[str] = set()
        for system, code in codings:
            found |= self._of_code(self.system(system), code.strip())
        if not found:
            found = self._of_text(text, resource_type)
        return frozenset(name for name in found if self._fits(name, resource_type))

    def _of_code(self, system: str, code: str) -> frozenset[str]:
        code = _plain_code(system, code)
        found = self.by_code.get((system, code), _NOTHING)
        prefixed = {name for at, prefix, name in self.by_prefix if at == system and code.startswith(prefix)}
        if prefixed:
            barred = {
                name for at, prefix, name in self.not_prefix if at == system and code.startswith(prefix)
            }
            found |= prefixed - barred
        return found

    def _of_text(self, text: str, resource_type: str) -> set[str]:
        lower = text.lower()
        found = {name for hint, at, name in self.hints if at == resource_type and has_phrase(lower, hint)}
        # "No lung transplant" is no transplant. The name of a test or drug asserts nothing: it may say "not".
        return set() if found and resource_type in _ASSERTING and is_doubted(text) else found

    def _fits(self, name: str, resource_type: str) -> bool:
        types = self.resources.get(name)
        return types is None or resource_type in types or _CARRIES_CODES_OF.get(resource_type) in types


_ASSERTING = frozenset(("Condition", "Procedure", "AllergyIntolerance", "Device", "DeviceUseStatement"))


def build_concepts(
    valuesets: Iterable[Mapping[str, Any]],
    products: Iterable[Mapping[str, str]] = (),
    systems: Iterable[Mapping[str, Any]] = (),
    unit_aliases: Mapping[str, str] | None = None,
    unit_codes: Mapping[str, str] | None = None,
) -> Concepts:
    """The index over checked value sets.

    Shapes:  `valuesets` as in knowledge/valuesets/*.yaml; `products` as the rows of rxnorm_products.csv;
             `systems` as in knowledge/code_systems.yaml; units as `trivium.core.units` reads them.
    Errors:  KeyError or TypeError on content that does not have this shape (the loader checks it first).
    """
    spellings = _spellings(systems)
    valuesets = list(valuesets)
    codes: defaultdict[Coding, set[str]] = defaultdict(set)
    prefixes, exceptions, hints = [], [], []
    resources: dict[str, frozenset[str]] = {}
    for valueset in valuesets:
        name = valueset["id"]
        resources[name] = frozenset(valueset["resources"])
        for coded in valueset.get("codes") or ():
            system = _known_spelling(coded["system"], spellings)
            codes[system, _plain_code(system, str(coded["code"]))].add(name)
        for row in valueset.get("code_prefixes") or ():
            system = _known_spelling(row["system"], spellings)
            prefixes.append((system, _plain_code(system, row["prefix"]), name))
            exceptions += [
                (system, _plain_code(system, but), name) for but in row.get("exclude_prefix") or ()
            ]
        hints += [
            (hint.lower(), kind, name)
            for hint in valueset.get("text_hints") or ()
            for kind in valueset["resources"]
        ]
    products = list(products)
    _add_products(codes, products, valuesets)
    return Concepts(
        by_code={coding: frozenset(names) for coding, names in codes.items()},
        by_prefix=tuple(prefixes),
        not_prefix=tuple(exceptions),
        hints=tuple(hints),
        systems=spellings,
        # Kept as they are: `core.units.UnitAliases` is a mapping that ignores case where it may.
        unit_aliases={} if unit_aliases is None else unit_aliases,
        unit_codes=dict(unit_codes or {}),
        resources=resources,
        ingredients=_ingredients(valuesets, products),
    )


def _add_products(
    codes: defaultdict[Coding, set[str]],
    products: Iterable[Mapping[str, str]],
    valuesets: Iterable[Mapping[str, Any]],
) -> None:
    """A product belongs where its ingredient does, unless its form is a local one."""
    local = {
        valueset["id"]: _words(valueset.get("exclude_product_words", _LOCAL_FORMS)) for valueset in valuesets
    }
    rolled: list[tuple[Coding, str]] = []
    for product in products:
        for name in codes.get((RXNORM, product["ingredient_rxcui"]), ()):
            words = local[name]
            if words is None or not words.search(product["product_name"]):
                rolled.append(((RXNORM, product["product_rxcui"]), name))
    for coding, name in rolled:
        codes[coding].add(name)


def _ingredients(
    valuesets: Iterable[Mapping[str, Any]], products: Iterable[Mapping[str, str]]
) -> dict[str, frozenset[str]]:
    """RxNorm code → ingredients. A salt or mixture (PIN, MIN) is none: it may be one drug with another."""
    coded = [code for valueset in valuesets for code in valueset.get("codes") or ()]
    single = {str(code["code"]) for code in coded if code.get("term_type") == "IN"}
    found: defaultdict[str, set[str]] = defaultdict(set, {code: {code} for code in single})
    unclear = set()
    for product in products:
        found[product["product_rxcui"]].add(product["ingredient_rxcui"])
        if product["ingredient_rxcui"] not in single:
            unclear.add(product["product_rxcui"])
    return {code: frozenset(names) for code, names in found.items() if code not in unclear}


def _words(words: Iterable[str]) -> re.Pattern[str] | None:
    listed = "|".join(re.escape(word) for word in words)
    return re.compile(rf"\b(?:{listed})\b", re.IGNORECASE) if listed else None


def _spellings(systems: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for system in systems:
        for spelling in (system["uri"], *(system.get("also_seen") or ())):
            spellings[spelling] = system["uri"]
            spellings[_plain_system(spelling)] = system["uri"]
    return spellings


def _known_spelling(system: str, spellings: Mapping[str, str]) -> str:
    return spellings.get(system) or spellings.get(_plain_system(system), system)


def _plain_system(spelling: str) -> str:
    """One spelling for the ways to write a URI: case, https, a slash or a version at the end, a bare OID."""
    plain = spelling.strip().lower().partition("|")[0].rstrip("/")
    if plain.startswith("https://"):
        return "http://" + plain[len("https://") :]
    return f"urn:oid:{plain}" if re.fullmatch(r"[0-2](\.[0-9]+)+", plain) else plain


def _plain_code(system: str, code: str) -> str:
    """ICD codes are met with and without the dot, and in lower case; no two of them differ only in that."""
    return code.replace(".", "").upper() if "icd" in system.lower() else code
