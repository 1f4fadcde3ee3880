"""Everything a brief is made from, gathered once: matches, rows, comparisons, pools, certainty, claims."""

from __future__ import annotations

from dataclasses import dataclass

from trivium.evidence.brief.asked import Asked
from trivium.evidence.brief.certainty import Judged, judge
from trivium.evidence.brief.guideline import positions
from trivium.evidence.brief.matching import Loose, Match, groups, having, loose_matches, matches
from trivium.evidence.brief.numbers import Contrast, Row, contrasts, rows
from trivium.evidence.brief.pools import Pool, arm_pools, contrast_pools
from trivium.knowledge.evidence import Claim, EvidenceBase
from trivium.knowledge.models import Knowledge, Statement


@dataclass(frozen=True, slots=True)
class Subset:
    """What is known about some of the asked agents together (all of them, several, or one)."""

    agents: tuple[str, ...]
    matches: tuple[Match, ...]
    rows: tuple[Row, ...]
    contrasts: tuple[Contrast, ...]
    pools: tuple[Pool, ...]
    certainty: Judged | None

    @property
    def patients(self) -> int:
        """Patients in the matching arms whose size is printed."""
        return sum(match.arm.n or 0 for match in self.matches)

    @property
    def studies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(match.study.id for match in self.matches))


@dataclass(frozen=True, slots=True)
class Findings:
    """The answer to a question before it is put into words."""

    asked: Asked
    base: EvidenceBase
    knowledge: Knowledge | None
    subsets: tuple[Subset, ...]  # the whole set first, single agents last; empty ones are kept
    loose: tuple[Loose, ...]
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]

    @property
    def whole(self) -> Subset:
        return self.subsets[0]

    @property
    def singles(self) -> tuple[Subset, ...]:
        return tuple(subset for subset in self.subsets if len(subset.agents) == 1)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row once, in the order of studies."""
        seen = {row.id: row for subset in self.subsets for row in subset.rows}
        return tuple(seen.values())


def gather(base: EvidenceBase, knowledge: Knowledge | None, asked: Asked) -> Findings:
    """Look everything up. Errors: ValueError when no agent is asked about."""
    if not asked.agents:
        raise ValueError("a brief is about at least one agent")
    found = matches(base, asked)
    subsets = []
    for agents in groups(asked):
        mine = having(found, agents)
        numbers = rows(base, mine, asked.outcomes)
        compared = [
            each
            for each in contrasts(base, mine, agents)
            if not asked.outcomes or each.outcome.name in asked.outcomes
        ]
        pools = [*arm_pools(base, agents, numbers), *contrast_pools(base, agents, compared)]
        exact = bool(mine) and all(not match.beside and set(match.covered) == set(agents) for match in mine)
        judged = judge(numbers, compared, pools, exact)
        subsets.append(Subset(agents, tuple(mine), tuple(numbers), tuple(compared), tuple(pools), judged))
    return Findings(
        asked,
        base,
        knowledge,
        tuple(subsets),
        loose_matches(base, asked),
        tuple(positions(base, knowledge, asked)),
        tuple(_claims(base, asked)),
    )


def _claims(base: EvidenceBase, asked: Asked) -> list[Claim]:
    """Claims about asked agents, or about none in particular; one of several about the same thing."""
    mine = set(asked.agents)
    for agent in asked.agents:
        mine.update(base.agents[agent].classes if agent in base.agents else ())
    shown: set[str] = set()
    found = []
    for claim in base.claims.values():
        about = not claim.agents or bool(mine & set(claim.agents))
        if about and not shown & {claim.id, *claim.same_as}:
            shown |= {claim.id, *claim.same_as}
            found.append(claim)
    return sorted(found, key=lambda claim: (-len(mine & set(claim.agents)), claim.id))
