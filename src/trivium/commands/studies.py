"""`trivium studies`: the studies of the base, by agent, outcome, design and population, or one in full."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.commands.patience import patience
from trivium.core.errors import UsageError
from trivium.evidence.base import select, selection_of
from trivium.evidence.echo import echo
from trivium.evidence.listing import listed, study_data
from trivium.evidence.questions import Question, understand
from trivium.faces import studies as face
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.loader import load_evidence

FORMATS = ("text", "json", "md")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was written on the command line, in plain words."""

    question: str = ""
    agents: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()


def run(asked: Asked, form: str, root: Path | None) -> str:
    """The studies that fit, best design first.

    Errors:  UsageError for an unknown format, and where an option holds a word that the base does not know:
             an answer to less than was asked would look like one to all of it.
    """
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    base = evidence(root)
    if asked.question in base.studies and asked == Asked(question=asked.question):
        return _one(base, asked.question, form)
    question = _question(asked, base)
    selection = selection_of(question)
    if selection.is_empty and asked != Asked():
        raise UsageError(
            "the question names nothing that studies can be listed by",
            why="; ".join(echo(question, base)),
            hint="name an agent, outcome, design or population; `trivium search` looks for any word",
        )
    data = listed(select(base, selection), question, base)
    if form == "json":
        return to_json(data)
    if form == "md":
        return face.render_markdown(data)
    return face.render_list(data) if selection.is_empty else face.render_text(data)


def evidence(root: Path | None) -> EvidenceBase:
    """The checked evidence, with a word when that takes long."""
    with patience():
        return load_evidence(root)


def to_json(data: Any) -> str:
    """Plain data as indented JSON; the same data give the same bytes."""
    import orjson

    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _one(base: EvidenceBase, name: str, form: str) -> str:
    data = study_data(base.studies[name], base)
    if form == "json":
        return to_json({"evidence": base.version, **data})
    return face.render_study(data, markdown=form == "md")


def _question(asked: Asked, base: EvidenceBase) -> Question:
    """Question and options read together; each option must be wholly understood, as what it is for."""
    for option, values, part in (
        ("agent", asked.agents, "agents"),
        ("without", asked.without, "agents"),
        ("outcome", asked.outcomes, "outcomes"),
        ("design", asked.designs, "designs"),
        ("population", asked.populations, "populations"),
    ):
        for value in values:
            _sure(option, value, part, base)
    excluded = [f"without {value}" for value in asked.without]
    words = [asked.question, *asked.agents, *asked.outcomes, *asked.designs, *asked.populations, *excluded]
    return understand("; ".join(word for word in words if word), base)


def _sure(option: str, value: str, part: str, base: EvidenceBase) -> None:
    read = understand(value, base)
    if read.ambiguous:
        options = ", ".join(read.ambiguous[0].options)
        raise UsageError(f"--{option} {value!r} could be several things", hint=f"say which: {options}")
    if read.not_understood or not getattr(read, part):
        table = getattr(base, part)
        raise UsageError(
            f"--{option} {value!r} is not known",
            why=f"no {option.replace('without', 'agent')} of the base goes by that name",
            hint=f"one of: {', '.join(sorted(table))}",
        )
