"""The numbered references of a brief: in the order of first citation, one document under two ids once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trivium.knowledge.evidence import EvidenceBase, Reference


@dataclass(slots=True)
class Citations:
    """The numbered references of one document."""

    base: EvidenceBase
    numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, *references: str) -> str:
        """`[1, 4]` for these references; "" for none."""
        numbers = sorted({self._number(name) for name in references if name in self.base.references})
        return f"[{', '.join(map(str, numbers))}]" if numbers else ""

    def _number(self, name: str) -> int:
        same = self.base.references[name].same_document_as
        name = same if same in self.base.references and same < name else name
        return self.numbers.setdefault(name, len(self.numbers) + 1)

    def listed(self) -> list[dict[str, Any]]:
        """Every reference in the order of its number."""
        return [
            reference_data(self.base.references[name], number)
            for name, number in sorted(self.numbers.items(), key=lambda each: each[1])
        ]


def reference_data(reference: Reference, number: int) -> dict[str, Any]:
    """A reference as data, with how it may be used."""
    remarks = []
    if reference.is_machine_written:
        remarks.append("machine-written: never support")
    if reference.is_withdrawn:
        remarks.append(f"{reference.status}: supports nothing")
    if reference.unseen:
        remarks.append(f"completed from memory: {', '.join(reference.unseen)}")
    parts = (reference.authors, reference.title, reference.journal, reference.volume, reference.pages)
    return {
        "number": number,
        "id": reference.id,
        "text": ". ".join(part.rstrip(".") for part in parts if part) + ".",
        "year": reference.year,
        "doi": reference.doi,
        "pmid": reference.pmid,
        "registration": reference.registration,
        "url": reference.url,
        "remarks": remarks,
    }
