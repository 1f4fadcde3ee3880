"""The sections that doubt: contradictions and negative studies, false claims, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.document import Block, bullets, item, paragraph, row, section, table
from trivium.evidence.brief.asked import label, names
from trivium.evidence.brief.document import Citations
from trivium.evidence.brief.findings import Findings
from trivium.evidence.brief.matching import is_direct, studies_in_order
from trivium.evidence.brief.numbers import effect_words, ratio_words
from trivium.knowledge.evidence import Study
from trivium.knowledge.models import WEAK

_RELATIVE_FALL = 0.4  # what the sketched trial is sized to show; an assumption, said beside the size
_VERDICTS = {
    "conflicts": "conflicts with its sources",
    "not-found": "not found in any source read",
    "partly-supported": "supported in part",
    "supported": "supported",
}


def contradictions(found: Findings, cites: Citations) -> Block:
    """Studies that speak against, missed their endpoint, or disagree with one another."""
    lines = [*_against(found, cites), *_negative(found, cites), *_disagreeing(found, cites)]
    return section(
        "contradictions",
        "Contradictions and negative studies",
        bullets(lines) or [paragraph("None found in this base by rule; that is not proof of agreement.")],
    )


def _against(found: Findings, cites: Citations) -> Iterator[Block]:
    """Comparisons whose estimate points to harm by the outcome's better direction, or shows no difference."""
    seen = set()
    for subset in found.subsets:
        for each in subset.contrasts:
            term = found.base.outcomes.get(each.outcome.name)
            if each.id in seen or each.ratio is None or term is None or not term.better:
                continue
            seen.add(each.id)
            worse = each.ratio[0] > 1 if term.better == "low" else each.ratio[0] < 1
            open_ = each.ratio[1] <= 1 <= each.ratio[2]
            if worse or open_:
                how = "points the other way" if worse else "shows no clear difference"
                sure = ", interval includes no effect" if worse and open_ else ""
                text = (
                    f"{names(found.base, subset.agents)}, {term.label.lower()} {how}{sure}: {each.counts}, "
                    f"{ratio_words(each.ratio)}, {each.treated} vs {each.control} ({each.directness}). "
                )
                yield item(text + cites.cite(each.study.reference), weak=each.seen in WEAK)


def _negative(found: Findings, cites: Citations) -> Iterator[Block]:
    """Endpoints reported as not significant, and findings in words."""
    mine = {match.study.id: match.study for subset in found.singles for match in subset.matches}
    for study in studies_in_order(found.base, mine.values()):
        for outcome in study.outcomes:
            effect = outcome.effect
            if effect is not None and effect.significant is False:
                term = found.base.outcomes.get(outcome.name)
                what = term.label if term else outcome.name
                text = f"{study.id}: {what}, no significant difference, {effect_words(effect)}. "
                yield item(text + cites.cite(study.reference), weak=outcome.is_weak)
        for finding in study.findings:
            if finding.sort in ("negative", "null", "conflict"):
                text = f"{study.id}: {finding.text.rstrip('.')}. "
                yield item(text + cites.cite(study.reference), weak=finding.seen in WEAK)


def _disagreeing(found: Findings, cites: Citations) -> Iterator[Block]:
    mine = {match.study.id: match.study for subset in found.singles for match in subset.matches}
    for study in studies_in_order(found.base, mine.values()):
        for other in study.conflicts_with:
            there = found.base.studies.get(other)
            refs = cites.cite(study.reference, *([there.reference] if there else []))
            yield item(f"{study.id} and {other} disagree. {refs}")


def claims(found: Findings, cites: Citations) -> Block:
    """What machine-written answers say of these agents, with what was found when each was checked."""
    rows = []
    for claim in found.claims:
        if claim.verdict not in ("conflicts", "not-found", "partly-supported"):
            continue
        says = claim.finding + (f" Left out: {claim.omitted}." if claim.omitted else "")
        rows.append(
            row(
                (claim.claim, _VERDICTS[claim.verdict], says, claim.handling, cites.cite(*claim.sources)),
                id=claim.id,
                weak=claim.is_weak,
            )
        )
    columns = ("Claim", "Verdict", "What was found", "Say instead", "Source")
    words = (
        "Claims met in machine-written answers and checked one by one; such pages never support one another."
    )
    blocks = [paragraph(words), *table("Claims that do not hold", columns, rows)] if rows else []
    return section(
        "claims", "Often claimed, and not supported", blocks or [paragraph("No such claim on record.")]
    )


def unknowns(found: Findings, cites: Citations) -> Block:
    """What is not known, and which study would settle it."""
    base, asked = found.base, found.asked
    lines: list[Block | str] = []
    what = names(base, asked.agents)
    randomised = [
        match.study for match in found.whole.matches if match.study.design == "RCT" and is_direct(match.study)
    ]
    if not found.whole.matches:
        lines.append(f"Whether {what} does better than its parts: nobody has reported it.")
    if not randomised:
        lines.append(
            f"Whether {what} does better than another regimen: no randomised trial in anti-MDA5 disease."
        )
    for subset in found.singles:
        if not subset.contrasts:
            lines.append(
                f"What {label(base, subset.agents[0])} adds: no arm with it is compared with one without."
            )
    for study in _planned(found):
        lines.append(f"Registered, without results here: {study.id}. {cites.cite(study.reference)}")
    settle = _settling(found)
    return section("unknown", "What is not known, and what would settle it", [*bullets(lines), *settle])


def _planned(found: Findings) -> list[Study]:
    studies = [study for study in found.base.studies.values() if not study.has_results]
    mine = set(found.asked.agents)
    named = [study for study in studies if any(mine & set(arm.agents) for arm in study.arms)]
    return studies_in_order(found.base, named)


def _settling(found: Findings) -> list[Block]:
    """A trial's rough size from the deaths seen without the agents, by the usual formula; no promise."""
    risk = _control_risk(found)
    what = names(found.base, found.asked.agents)
    trial = f"A randomised comparison of {what} with the regimen it would replace, deaths at one fixed time"
    if risk is None:
        return [paragraph(f"{trial}, would settle it; no risk without it is printed here to size it by.")]
    share, where = risk
    per_arm = trial_size(share, share * (1 - _RELATIVE_FALL))
    words = (
        f"{trial}. From {share * 100:.0f} % deaths in {where}, about {per_arm} patients an arm would show a "
        f"relative fall of {_RELATIVE_FALL * 100:.0f} % with 80 % power (two-sided 5 %, normal "
        "approximation, no drop-out): an order of size, not a plan."
    )
    return [paragraph(words)]


def _control_risk(found: Findings) -> tuple[float, str] | None:
    """Deaths in the largest untreated-by-it arm of a direct comparison."""
    best: tuple[int, str, float] | None = None
    for subset in found.subsets:
        for each in subset.contrasts:
            if each.table and is_direct(each.study) and each.outcome.name in ("mortality", "survival"):
                events, total = each.table[2], each.table[3]
                share = events / total if each.outcome.name == "mortality" else 1 - events / total
                key = (total, each.study.id, share)
                if 0 < share < 1 and (best is None or key > best):
                    best = key
    return (best[2], f"the control arm of {best[1]}") if best else None


def trial_size(control: float, treated: float) -> int:
    """Patients an arm to tell two risks apart: two-sided 5 %, power 80 %, normal approximation.

    Shapes:  two risks between 0 and 1, different. Source: Fleiss, Levin, Paik 2003, eq. 4.14 (no correction).
    """
    z_alpha, z_beta = 1.959964, 0.841621
    mean = (control + treated) / 2
    spread = z_alpha * (2 * mean * (1 - mean)) ** 0.5
    spread += z_beta * (control * (1 - control) + treated * (1 - treated)) ** 0.5
    return int(-(-(spread**2) // (control - treated) ** 2))
