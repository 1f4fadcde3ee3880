"""One document stands in two studies, or under two sources that do not know of each other.

Two extractions of one paper would count its patients twice, and two ids of one document would look like two
supports. Keep one study file for a paper. Sources that are the same document say so: `same_document_as` names
the one to count. Also a DOI or PubMed id of a study's own citation that is not well formed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Entry
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.evidence_forms import StudyForm
from trivium.knowledge.checks.malformed_reference import DOI, PMID
from trivium.knowledge.checks.naming import near
from trivium.knowledge.schema import SourceForm

CODE, NAME, WHOLE = "TRV308", "repeated-document", False


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    yield from _citations(draft)
    yield from _studies(draft)
    yield from _sources(draft)


def _citations(draft: EvidenceDraft) -> Iterator[Defect]:
    for study in draft.studies.values():
        citation = study.form.citation
        if citation is None:
            continue
        if citation.doi and not DOI.fullmatch(citation.doi):
            hint = "10.xxxx/… without https://doi.org/"
            yield Defect(
                CODE, f"{study.id}: {citation.doi!r} is no DOI", study.span("citation", "doi"), hint=hint
            )
        if citation.pmid and not PMID.fullmatch(citation.pmid):
            yield Defect(
                CODE, f"{study.id}: {citation.pmid!r} is no PubMed id", study.span("citation", "pmid")
            )
        source = draft.sources.get(study.form.source or study.id)
        for kind in ("doi", "pmid"):
            own, other = getattr(citation, kind), getattr(source.form, kind) if source else None
            if own and other and own.lower() != other.lower():
                what = f"{study.id}: its {kind.upper()} {own} is {other} in sources.yaml"
                yield Defect(CODE, what, study.span("citation", kind))


def _studies(draft: EvidenceDraft) -> Iterator[Defect]:
    met: dict[tuple[str, str], str] = {}
    for study in draft.studies.values():
        for key in _identities(study, draft):
            first = met.setdefault(key, study.id)
            if first != study.id:
                what = f"{first} and {study.id} are one document ({key[0]} {key[1]})"
                yield Defect(
                    CODE, what, study.span("id"), hint="keep one of the two, with all that both hold"
                )
                break


def _identities(study: Entry[StudyForm], draft: EvidenceDraft) -> list[tuple[str, str]]:
    """The ids by which a paper is the same paper: its source, DOI, PubMed id."""
    form = study.form
    entry = draft.sources.get(form.source or form.id)
    source: SourceForm | None = entry.form if entry else None
    found = [("source", (source.same_document_as or source.id) if source else form.id)]
    for kind in ("doi", "pmid"):
        value = (form.citation and getattr(form.citation, kind)) or (source and getattr(source, kind))
        if value:
            found.append((kind.upper(), str(value).lower()))
    return found


def _sources(draft: EvidenceDraft) -> Iterator[Defect]:
    for name, entry in draft.sources.items():
        other = entry.form.same_document_as
        if other and (other == name or other not in draft.sources):
            what = f"{name} is said to be the same document as {other!r}"
            hint = near(other, draft.sources) or "name another source"
            yield Defect(CODE, what, entry.span("same_document_as"), hint=hint)
    for kind in ("doi", "pmid"):
        sharing: defaultdict[str, list[str]] = defaultdict(list)
        for name, entry in draft.sources.items():
            if getattr(entry.form, kind):
                sharing[str(getattr(entry.form, kind)).lower()].append(name)
        for value, names in sharing.items():
            roots = {draft.sources[name].form.same_document_as or name for name in names}
            if len(roots) > 1:
                what = f"{', '.join(names)} share the {kind.upper()} {value}"
                hint = "say which is the same document as which: `same_document_as`"
                yield Defect(CODE, what, draft.sources[names[-1]].span(kind), hint=hint)
