"""Codes and texts → value-set ids: the index that a reader asks, once for each thing it meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Concepts:
    """What codes, code prefixes and (for uncoded things) texts belong to which value sets.

    `systems` maps every spelling of a code system to the one used in `by_code`.
    """

    by_code: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    by_prefix: tuple[tuple[str, str, str], ...] = ()  # system, prefix, value set
    hints: tuple[tuple[str, str, str], ...] = ()  # lower-case text, FHIR resource type, value set
    systems: Mapping[str, str] = field(default_factory=dict)
    unit_aliases: Mapping[str, str] = field(default_factory=dict)
    unit_codes: Mapping[str, str] = field(default_factory=dict)  # SNOMED CT code → UCUM
