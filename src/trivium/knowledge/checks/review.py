"""What knowledge still owes its readers: not wrong, but not seen with one's own eyes either.

Checked knowledge → notes in groups, for `trivium check` to print and for people to work off. A note never
stops anything; a defect does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from trivium.core.spans import Span
from trivium.core.unit_spellings import normalise_unit
from trivium.knowledge.dosing import Dosing
from trivium.knowledge.models import WEAK, Cited, Knowledge

_NAMES = ("id", "topic", "form", "which")  # by which of them a part of `dosing:` is known


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """One thing to look at: the group it belongs to, what it is, where it stands."""

    group: str
    what: str
    span: Span | None = None


def review_list(knowledge: Knowledge) -> list[ReviewNote]:
    """Everything recalled, seeded, written by an AI, unverified or listed twice, group by group."""
    notes = [*_weak_support(knowledge), *_weak_statements(knowledge), *_shared(knowledge), *_codes(knowledge)]
    return sorted(notes, key=lambda note: (note.group, note.what))


def _weak_support(knowledge: Knowledge) -> Iterator[ReviewNote]:
    for owner, legs, span in _supported(knowledge):
        for leg in legs:
            if leg.seen not in WEAK:
                continue
            named = leg.statement or leg.source
            alone = " (its only support)" if all(other.seen in WEAK for other in legs) else ""
            group = "our own choices" if leg.source == "house" else f"rests on what was {_words(leg.seen)}"
            yield ReviewNote(group, f"{owner}: {leg.note or named}{alone}", span)


def _supported(knowledge: Knowledge) -> Iterator[tuple[str, tuple[Cited, ...], Span | None]]:
    pathway = knowledge.pathway
    for fact in pathway.facts.values():
        yield f"fact {fact.id}", fact.cited, fact.span
    for criterion in pathway.criteria.values():
        yield f"criterion {criterion.id}", criterion.cited, criterion.span
    for recommendation in pathway.recommendations.values():
        yield f"recommendation {recommendation.id}", recommendation.cited, recommendation.span
        for condition in (*recommendation.blocked_when, *recommendation.cautions):
            yield f"{condition.id} of {recommendation.id}", condition.cited, condition.span
    for agent in pathway.agents.values():
        yield f"agent {agent.id}", agent.cited, agent.span
        for line in agent.lines:
            yield f"line {line.id} of {agent.id}", line.cited, line.span
    for alert in pathway.alerts.values():
        yield f"alert {alert.id}", alert.cited, alert.span
    for score in pathway.scores.values():
        yield f"score {score.id}", score.cited, score.span
    for agent in knowledge.dosing.values():
        yield from _given(agent)
    houses = dict.fromkeys(agent.house for agent in knowledge.dosing.values() if agent.house is not None)
    yield from (("rounding of doses", house.cited, None) for house in houses)
    for name, group in knowledge.drug_classes.items():
        yield f"class {name}", group.cited, None
    for name, combination in knowledge.regimens.items():
        yield f"combination {name}", combination.cited, combination.span
        for remark in combination.remarks:
            yield f"remark on {remark.topic} of {name}", remark.cited, combination.span


def _given(agent: Dosing) -> Iterator[tuple[str, tuple[Cited, ...], Span | None]]:
    """What giving an agent rests on, part by part."""
    for regimen in agent.regimens.values():
        yield f"regimen {regimen.id} of {agent.agent}", regimen.cited, regimen.span
        for legs in (*(each.cited for each in regimen.limits), *(each.cited for each in regimen.targets)):
            yield f"limit or target of {regimen.id} of {agent.agent}", legs, regimen.span
    sorts: dict[str, Iterable[Any]] = {
        "form": agent.forms.values(),
        "adjustment": agent.adjustments,
        "interaction": agent.interactions,
        "rate": agent.rates,
        "due": agent.due,
        "spacing": agent.spacing,
        "parameter": agent.kinetics,
        "remark on": agent.remarks,
        "price of": agent.prices,
    }
    for sort, parts in sorts.items():
        for part in parts:
            name = next((getattr(part, key) for key in _NAMES if hasattr(part, key)), "")
            yield f"{sort} {name} of {agent.agent}", part.cited, getattr(part, "span", agent.span)


def _weak_statements(knowledge: Knowledge) -> Iterator[ReviewNote]:
    for statement in knowledge.statements.values():
        if statement.is_weak:
            yield ReviewNote(
                f"statements that were {_words(statement.seen)}", f"{statement.id}: {statement.text}"
            )
        elif statement.certainty_seen in WEAK:
            what = f"{statement.id}: certainty {statement.certainty}"
            yield ReviewNote(f"certainty that was {_words(statement.certainty_seen)}", what)


def _shared(knowledge: Knowledge) -> Iterator[ReviewNote]:
    """Sources with one DOI or PubMed id: perhaps one document under two names."""
    for kind in ("doi", "pmid"):
        names: defaultdict[str, list[str]] = defaultdict(list)
        for source in knowledge.sources.values():
            if getattr(source, kind):
                names[str(getattr(source, kind)).lower()].append(source.id)
        for value, sharing in names.items():
            if len(sharing) > 1:
                yield ReviewNote(f"sources that share a {kind.upper()}", f"{value}: {', '.join(sharing)}")


def _codes(knowledge: Knowledge) -> Iterator[ReviewNote]:
    for name, valueset in knowledge.valuesets.items():
        for unit in valueset.get("units_expected", ()):
            if normalise_unit(unit, knowledge.concepts.unit_aliases) is None:
                yield ReviewNote("units that cannot be read", f"value set {name}: {unit}")
        unverified = [str(code["code"]) for code in valueset.get("codes", ()) if not code.get("verified")]
        if unverified:
            yield ReviewNote("codes not verified", f"value set {name}: {', '.join(unverified)}")


def _words(seen: str) -> str:
    return {"ai-written": "written by an AI", "seed-only": "only in the seed"}.get(seen, seen)
