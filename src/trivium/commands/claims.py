"""`trivium claims`: the audited claims; or a text, held against the base sentence by sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from trivium.commands.studies import evidence, to_json
from trivium.core.errors import RecordError, UsageError
from trivium.evidence.brief.document import Citations
from trivium.evidence.claims.check import check_text
from trivium.evidence.claims.finding import VERDICTS, Finding
from trivium.faces import claims as face
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import load

FORMATS = ("text", "json", "md")
_LONGEST = 2_000_000  # characters; beyond it is no text that anybody reads


def run(file: Path | None, form: str, verdict: str, root: Path | None) -> str:
    """The audited claims, or what every assertion of a text came to.

    Errors:  UsageError for an unknown format or verdict; RecordError for a file that is no text.
    """
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    base = evidence(root)
    if file is None:
        return _audited(base, form, verdict)
    found = check_text(_read(file), base, load(root))
    if verdict:
        _one_of(verdict, VERDICTS)
        found = [each for each in found if each.verdict == verdict]
    data = [_finding(each) for each in found]
    if form == "json":
        return to_json(data)
    return face.render_findings(data, markdown=form == "md")


def _read(file: Path) -> str:
    try:
        text = sys.stdin.read(_LONGEST + 1) if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as problem:
        raise RecordError("the text cannot be read", where=str(file), why=problem.strerror or "") from problem
    except UnicodeDecodeError as problem:
        raise RecordError(
            "the file is no text", where=str(file), why="it is not UTF-8", hint="save it as plain text"
        ) from problem
    if len(text) > _LONGEST:
        raise RecordError("the text is too long", where=str(file), why=f"more than {_LONGEST:,} characters")
    return text


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "text": each.text,
        "verdict": each.verdict,
        "held_against": list(each.held_against),
        "reason": each.reason,
        "about": each.about,
        "at": each.at,
    }


def _audited(base: EvidenceBase, form: str, verdict: str) -> str:
    verdicts = sorted({claim.verdict for claim in base.claims.values()})
    if verdict:
        _one_of(verdict, tuple(verdicts))
    cites = Citations(base)
    claims = [
        {
            "id": claim.id,
            "claim": claim.claim,
            "verdict": claim.verdict,
            "topic": claim.topic,
            "finding": claim.finding,
            "omitted": claim.omitted,
            "handling": claim.handling,
            "agents": list(claim.agents),
            "seen": claim.seen,
            "weak": claim.is_weak,
            "studies": list(claim.studies),
            "statements": list(claim.statements),
            "same_as": list(claim.same_as),
            "cites": cites.cite(*claim.sources),
        }
        for claim in base.claims.values()
        if not verdict or claim.verdict == verdict
    ]
    data = {"claims": claims, "references": cites.listed()}
    return to_json(data) if form == "json" else face.render_claims(data, markdown=form == "md")


def _one_of(given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"no verdict {given!r}", hint=f"one of: {', '.join(known)}")
