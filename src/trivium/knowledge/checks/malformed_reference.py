"""A DOI or PubMed id is not well formed, or two sources contradict each other about one.

A reader who follows it must land on the document. Sources that share a DOI are listed for review (a
guideline and its summary); with two different PubMed ids for one DOI, one of them is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft

CODE, NAME, WHOLE = "TRV270", "malformed-reference", False
DOI = re.compile(r"10\.\d{4,9}/\S*[^\s.,;]")
PMID = re.compile(r"[1-9]\d{0,7}")


def check(draft: Draft) -> Iterator[Defect]:
    pmids: dict[str, str] = {}
    for entry in draft.sources.values():
        doi, pmid = entry.form.doi, entry.form.pmid
        if doi and not DOI.fullmatch(doi):
            hint = "10.xxxx/… without https://doi.org/"
            yield Defect(CODE, f"{entry.id}: {doi!r} is no DOI", entry.span("doi"), hint=hint)
        if pmid and not PMID.fullmatch(pmid):
            yield Defect(CODE, f"{entry.id}: {pmid!r} is no PubMed id", entry.span("pmid"))
        if doi and pmid and pmids.setdefault(doi.lower(), pmid) != pmid:
            what = f"{entry.id}: {doi} has another PubMed id elsewhere ({pmids[doi.lower()]})"
            yield Defect(CODE, what, entry.span("pmid"))
