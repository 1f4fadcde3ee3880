"""What guidelines say about the asked agents: direction, strength, certainty, never put more strongly."""

from __future__ import annotations

from collections.abc import Iterable

from trivium.evidence.brief.asked import Asked
from trivium.evidence.strength import inflations, report
from trivium.knowledge.evidence import EvidenceBase
from trivium.knowledge.models import CERTAINTIES, STRENGTHS, Knowledge, Statement

_GRADED = ("for", "against")
_DIRECTIONS = {"for": 0, "against": 1, "remark": 2, "none": 3}


def positions(base: EvidenceBase, knowledge: Knowledge | None, asked: Asked) -> list[Statement]:
    """Graded statements about the asked agents or a class of them, or that the pathway rests their use on.

    Those about more of the asked agents first, then the stronger; what supports nothing is left out.
    """
    about = _with_classes(base, asked.agents)
    cited = _cited_by_pathway(base, knowledge, asked)
    found = [
        statement
        for statement in base.statements.values()
        if statement.direction in _GRADED
        and (about & set(statement.agents) or statement.id in cited)
        and not _is_withdrawn(base, statement)
    ]
    return sorted(
        found, key=lambda each: _order(each, max(len(about & set(each.agents)), cited.get(each.id, 0)))
    )


def wording(statement: Statement) -> str:
    """`Conditional recommendation in favour, very low certainty: …`.

    The statement's own text is left out where it would claim more than its grade.
    """
    graded = report(statement.direction, statement.strength, statement.certainty)
    head = graded[0].upper() + graded[1:]
    text = "" if inflations(statement.text, statement.strength, statement.certainty) else statement.text
    own = statement.strength_as_recorded
    kept = f" (in its own words: {own})" if own and own != statement.strength else ""
    scope = f" For: {statement.scope}." if statement.scope else ""
    return f"{head}{kept}: {text.rstrip('.')}.{scope}" if text else f"{head}{kept} ({statement.id}).{scope}"


def _order(statement: Statement, shared: int) -> tuple[bool, int, int, int, int, str]:
    return (
        statement.is_weak,
        -shared,
        STRENGTHS.index(statement.strength),
        CERTAINTIES.index(statement.certainty),
        _DIRECTIONS.get(statement.direction, 9),
        statement.id,
    )


def _with_classes(base: EvidenceBase, agents: Iterable[str]) -> frozenset[str]:
    found = set(agents)
    for agent in agents:
        if agent in base.agents:
            found.update(base.agents[agent].classes)
            found.update(name for name, other in base.agents.items() if agent in other.classes)
    return frozenset(found)


def _cited_by_pathway(base: EvidenceBase, knowledge: Knowledge | None, asked: Asked) -> dict[str, int]:
    """Statement → how many asked agents a recommendation names that stands on it (two, or all, at least)."""
    if knowledge is None:
        return {}
    mine = {base.agents[name].pathway_agent for name in asked.agents if name in base.agents} - {""}
    found: dict[str, int] = {}
    for recommendation in knowledge.pathway.recommendations.values():
        shared = len(mine & set(recommendation.agents))
        if mine and shared >= min(2, len(mine)):
            for leg in recommendation.cited:
                if leg.statement:
                    found[leg.statement] = max(shared, found.get(leg.statement, 0))
    return found


def _is_withdrawn(base: EvidenceBase, statement: Statement) -> bool:
    reference = base.references.get(statement.source)
    return reference is not None and reference.is_withdrawn
