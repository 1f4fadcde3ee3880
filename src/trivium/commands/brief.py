"""`trivium brief`: a graded, cited brief about any set of agents, on screen, as a page, as PDF or as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.commands.studies import evidence, to_json
from trivium.core.errors import UsageError
from trivium.evidence.brief.asked import Asked
from trivium.evidence.echo import echo
from trivium.evidence.questions import understand
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import load

FORMATS = ("text", "md", "html", "json", "pdf")


@dataclass(frozen=True, slots=True)
class Request:
    """What was written on the command line."""

    question: str
    form: str = "text"
    short: bool = False
    output: Path | None = None
    knowledge: Path | None = None


def run(request: Request) -> str:
    """The brief, or where it was written to.

    Errors:  UsageError for an unknown format, a question without an agent of the base, a PDF without a
             file to go to or without the libraries it needs, and a file that cannot be written.
    """
    if request.form not in FORMATS:
        raise UsageError(f"no format {request.form!r}", hint=f"one of: {', '.join(FORMATS)}")
    if request.form == "pdf" and request.output is None:
        raise UsageError("a PDF needs a file to go to", hint="add --output brief.pdf")
    document = brief(request.question, request.knowledge)
    if request.form == "pdf" and request.output is not None:
        return _write(request.output, pdf(document))
    text = render(document, request.form, request.short)
    return _write(request.output, text.encode()) if request.output else text


def brief(question: str, root: Path | None = None) -> dict[str, Any]:
    """The document that answers a question in plain words.

    Errors:  UsageError when no agent of the base is named in it.
    """
    from trivium.evidence.brief.make import make_brief

    base = evidence(root)
    return make_brief(base, load(root), asked(question, base))


def asked(question: str, base: EvidenceBase) -> Asked:
    """What a brief is to be about; how the question was read is said in its remarks."""
    read = understand(question, base)
    if not read.agents:
        why = "; ".join(echo(read, base))
        hint = "name drugs, classes or procedures; `trivium search` looks for any other word"
        raise UsageError("the question names no agent of the base", why=why, hint=hint)
    remarks = list(echo(read, base))
    if read.is_comparison:
        remarks.append("Agents on both sides of a comparison are looked up together, in part and one by one.")
    if read.weeks or read.prior:
        remarks.append("Times and earlier treatments narrow nothing here; the tables show them.")
    return Asked(
        question,
        read.agents,
        read.without,
        read.outcomes,
        read.populations,
        read.designs,
        tuple(remarks),
    )


def render(document: dict[str, Any], form: str, short: bool) -> str:
    """A document in one of the formats that are text."""
    if form == "json":
        return to_json(document)
    if form == "md":
        from trivium.faces.document_markdown import render as markdown

        return markdown(document)
    if form == "html":
        from trivium.faces.document_html import render as html

        return html(document)
    from trivium.faces.document_text import render as text

    return text(document, short=short)


def pdf(document: dict[str, Any]) -> bytes:
    """A document as PDF; the same document gives the same bytes.

    Errors:  UsageError when the libraries that draw it are not there.
    """
    from trivium.faces.document_html import render as html

    try:
        import weasyprint
    except (ImportError, OSError) as problem:
        raise UsageError(
            "a PDF cannot be made here",
            why="WeasyPrint or the Pango library it draws with is missing",
            hint="install Pango (Debian: libpangoft2-1.0-0), or print the page of --format html",
        ) from problem
    page = weasyprint.HTML(string=html(document), base_url=None, url_fetcher=_no_fetch)
    identifier = str(document["evidence"])[:32].encode()
    return bytes(page.write_pdf(pdf_identifier=identifier))


def _no_fetch(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    """The page holds all it needs; nothing is ever fetched."""
    raise ValueError(f"not fetched: {url}")


def _write(path: Path, content: bytes) -> str:
    try:
        path.write_bytes(content)
    except OSError as problem:
        raise UsageError(
            "the file cannot be written", where=str(path), why=problem.strerror or ""
        ) from problem
    return f"written to {path}\n"
