"""Full text over studies, statements, claims, sources and agents. A base and words → ranked hits.

The index is built in memory for each search: a few thousand short texts take less time than reading a kept
index and asking whether it still fits. Words meet by their stems; names of agents meet by what they mean
(`Xeljanz` finds what is said of tofacitinib). Ranking is BM25, ties go by kind and id, so that the same
words on the same base give the same list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trivium.evidence.questions import Question, understand
from trivium.knowledge.evidence import Claim, EvidenceAgent, EvidenceBase, Reference, Study
from trivium.knowledge.models import WEAK, Statement

KINDS = ("study", "statement", "claim", "agent", "source")
_STEMMER = "en_stem"
_TITLE_BOOST = 2.0
_SNIPPET = 220
_HEAP = 15_000_000  # bytes, the least that the library takes
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Document:
    """What can be found; `badge` says what must be known with it: which way a statement points and how
    strongly, the verdict on a claim, and what is weak about it."""

    kind: str
    id: str
    title: str
    body: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, and the part of its text that fits best."""

    kind: str
    id: str
    title: str
    snippet: str
    score: float
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """Hits, best first, of `total`; words that no document has are `nowhere`."""

    question: Question
    hits: tuple[Hit, ...]
    total: int
    nowhere: tuple[str, ...] = ()


def search(base: EvidenceBase, text: str, limit: int = 10, kinds: tuple[str, ...] = KINDS) -> Results:
    """The best documents for some words.

    Shapes:  at most `limit` hits of the given kinds.
    Errors:  none; words without any hit give no hits and are named.
    """
    import tantivy

    found = [document for document in documents(base) if document.kind in kinds]
    schema = _schema(tantivy)
    index = tantivy.Index(schema)
    writer = index.writer(_HEAP, 1)  # one thread: one segment, one order
    for number, document in enumerate(found):
        writer.add_document(tantivy.Document(number=number, title=[document.title], body=[document.body]))
    writer.commit()
    index.reload()
    question = understand(text, base)
    words = _words(text, question)
    searcher = index.searcher()
    parts, nowhere = [], []
    for word in words:
        query = _query(index, word)
        if query is None:
            continue
        if searcher.search(query, 1).hits:
            parts.append((tantivy.Occur.Should, query))
        elif word in _plain_words(text):
            nowhere.append(word)
    if not parts:
        return Results(question, (), 0, tuple(nowhere))
    query = tantivy.Query.boolean_query(parts)
    ranked = _ranked(searcher, query, found)
    snippets = tantivy.SnippetGenerator.create(searcher, query, schema, "body")
    snippets.set_max_num_chars(_SNIPPET)
    hits = tuple(
        Hit(
            document.kind,
            document.id,
            document.title,
            _snippet(snippets, searcher, address, document),
            score,
            document.badge,
        )
        for score, document, address in ranked[:limit]
    )
    return Results(question, hits, len(ranked), tuple(nowhere))


def _schema(tantivy: Any) -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True)
    builder.add_text_field("title", stored=True, tokenizer_name=_STEMMER)
    builder.add_text_field("body", stored=True, tokenizer_name=_STEMMER)
    return builder.build()


def _query(index: Any, words: str) -> Any:
    """One piece, in the title or the text; None when nothing of it is a word."""
    quoted = " ".join(_WORD.findall(words))
    if not quoted:
        return None
    return index.parse_query(f'"{quoted}"', ["title", "body"], field_boosts={"title": _TITLE_BOOST})


def _words(text: str, question: Question) -> list[str]:
    """The pieces to look for: the words as written, and what names of agents were read as."""
    read_as = [reading.read_as for reading in question.readings if reading.kind in ("agent", "outcome")]
    misread = {reading.written.casefold() for reading in question.corrected}
    own = [word for word in _plain_words(text) if word not in misread]
    return list(dict.fromkeys([*own, *(each.casefold() for each in read_as)]))


def _plain_words(text: str) -> list[str]:
    from trivium.evidence.words import IDLE

    return [word for word in (each.casefold() for each in _WORD.findall(text)) if word not in IDLE]


def _ranked(searcher: Any, query: Any, found: list[Document]) -> list[tuple[float, Document, Any]]:
    rows = []
    for score, address in searcher.search(query, max(1, len(found))).hits:
        document = found[searcher.doc(address)["number"][0]]
        rows.append((round(score, 4), document, address))
    return sorted(rows, key=lambda row: (-row[0], KINDS.index(row[1].kind), row[1].id))


def _snippet(snippets: Any, searcher: Any, address: Any, document: Document) -> str:
    found = snippets.snippet_from_doc(searcher.doc(address)).fragment()
    text = " ".join((found or document.body[:_SNIPPET]).split())
    return text if text != document.title else ""


def documents(base: EvidenceBase) -> Iterator[Document]:
    """Everything that can be found, in a fixed order."""
    for study in base.studies.values():
        yield _of_study(study, base)
    for statement in base.statements.values():
        yield _of_statement(statement, base)
    for claim in base.claims.values():
        yield _of_claim(claim, base)
    for agent in base.agents.values():
        yield _of_agent(agent, base)
    for name, reference in base.references.items():
        if name not in base.studies:
            yield _of_reference(reference)


def _of_study(study: Study, base: EvidenceBase) -> Document:
    reference = base.references[study.reference]
    lines = [
        f"{reference.authors}. {reference.journal} {reference.year or ''}",
        study.design,
        study.population.stage,
    ]
    for arm in study.arms:
        names = [*arm.agents, *arm.in_part, *arm.before, *arm.inferred]
        lines.append(f"{arm.label}: {_labels(names, base)}. {arm.note}")
    for outcome in study.outcomes:
        term = base.outcomes.get(outcome.name)
        lines.append(f"{term.label if term else outcome.name}: {outcome.definition} {outcome.note}")
    lines += [finding.text for finding in study.findings]
    lines += [*study.limitations, *study.remarks.values()]
    seen = {outcome.seen for outcome in study.outcomes}
    badge = "weak" if seen and seen <= WEAK else ""
    return Document("study", study.id, reference.title, _text(lines), badge)


def _of_statement(statement: Statement, base: EvidenceBase) -> Document:
    reference = base.references.get(statement.source)
    topic = statement.topic.replace("_", " ")
    about = f"{statement.direction} {statement.strength} {statement.certainty} {topic}"
    where = reference.title if reference else statement.source
    body = _text([statement.text, _labels(statement.agents, base), about, where, statement.note])
    return Document("statement", statement.id, statement.text, body, _grade(statement))


def _of_claim(claim: Claim, base: EvidenceBase) -> Document:
    body = _text(
        [
            f"{claim.verdict}. {claim.finding}",
            claim.omitted,
            claim.handling,
            _labels(claim.agents, base),
            claim.note,
        ]
    )
    return Document("claim", claim.id, claim.claim, body, claim.verdict)


def _of_agent(agent: EvidenceAgent, base: EvidenceBase) -> Document:
    body = _text([", ".join(agent.names[1:]), _labels(agent.classes, base), agent.note])
    return Document("agent", agent.id, agent.label, body)


def _of_reference(reference: Reference) -> Document:
    ids = (
        reference.authors,
        reference.journal,
        str(reference.year or ""),
        reference.doi,
        reference.pmid,
        reference.kind,
        reference.note,
    )
    badge = reference.status or ("ai-written" if reference.is_machine_written else "")
    return Document("source", reference.id, reference.title, _text(ids), badge)


def _grade(statement: Statement) -> str:
    is_advice = statement.direction in ("for", "against")
    parts = (statement.direction, statement.strength, f"{statement.certainty} certainty") if is_advice else ()
    return ", ".join((*parts, *((statement.seen,) if statement.is_weak else ())))


def _labels(names: Any, base: EvidenceBase) -> str:
    return ", ".join(base.agents[name].label if name in base.agents else name for name in names)


def _text(lines: Any) -> str:
    return ". ".join(line.strip(" .") for line in lines if line and line.strip(" ."))
