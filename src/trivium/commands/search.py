"""`trivium search`: full text over studies, statements, claims, sources and agents."""

from __future__ import annotations

from pathlib import Path

from trivium.commands.studies import FORMATS, evidence, to_json
from trivium.core.errors import UsageError
from trivium.evidence.listing import hits_data
from trivium.evidence.search import KINDS, search
from trivium.faces import studies as face

MOST = 500


def run(text: str, kinds: tuple[str, ...], limit: int, form: str, root: Path | None) -> str:
    """The best hits for some words.

    Errors:  UsageError for no words, an unknown kind or format, or a limit that is no sensible number.
    """
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    if not text.strip():
        raise UsageError("nothing to search for", hint='write some words: trivium search "CMV reactivation"')
    if not 1 <= limit <= MOST:
        raise UsageError(f"--limit {limit} is not between 1 and {MOST}")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UsageError(f"no kind {unknown[0]!r}", hint=f"one of: {', '.join(KINDS)}")
    base = evidence(root)
    data = hits_data(search(base, text, limit, kinds or KINDS), base)
    if form == "json":
        return to_json(data)
    return face.render_hits_markdown(data) if form == "md" else face.render_hits(data)
