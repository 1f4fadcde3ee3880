"""The sections that show the numbers: every relevant study, what was pooled and what was not, harms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trivium.core.document import Block, bullets, figure, item, paragraph, row, section, table
from trivium.evidence.brief.asked import label, names
from trivium.evidence.brief.document import Citations
from trivium.evidence.brief.findings import Findings
from trivium.evidence.brief.matching import directness, year
from trivium.evidence.brief.numbers import Row
from trivium.evidence.brief.pools import Pool
from trivium.knowledge.models import Cited

_DEATH = ("mortality", "survival", "transplant-free-survival")


def studies(found: Findings, cites: Citations) -> Block:
    """Every relevant result with arm, size, outcome, time, estimate and interval."""
    rows = [_study_row(found, each, cites) for each in found.rows]
    columns = ("Study", "Design", "Arm", "n", "Outcome", "Time", "Result", "Patients", "Seen")
    words = (
        "Each row is one result of the base under its id. Intervals are exact (Clopper-Pearson). "
        "Only arms in which all patients had an asked agent are listed."
    )
    blocks = table("Results of the relevant studies", columns, rows)
    silent = [
        match.study
        for subset in found.singles
        for match in subset.matches
        if not any(each.match.study.id == match.study.id for each in found.rows)
    ]
    unique = list({study.id: study for study in silent}.values())
    lines = [f"{study.id}: no number for these arms. {cites.cite(study.reference)}" for study in unique]
    return section("studies", "The studies", [paragraph(words), *blocks, *bullets(lines)])


def _study_row(found: Findings, each: Row, cites: Citations) -> Block:
    study, term = each.match.study, found.base.outcomes.get(each.outcome.name)
    designs = found.base.designs
    what = term.label if term else each.outcome.name
    if each.outcome.definition:
        what += f" ({each.outcome.definition})"
    if each.outcome.subgroup:
        what += f" [{each.outcome.subgroup}]"
    cells = (
        f"{study.id} {year(found.base, study) or ''} {cites.cite(study.reference)}".replace("  ", " "),
        designs[study.design].label if study.design in designs else study.design,
        each.match.arm.label,
        str(each.match.arm.n) if each.match.arm.n is not None else "not printed",
        what,
        each.time,
        each.words,
        directness(study),
        each.result.seen,
    )
    return row(cells, id=each.id, weak=each.is_weak)


def pooled(found: Findings, cites: Citations) -> Block:
    """What may be put together, put together; for the rest the reason."""
    blocks: list[Block] = []
    refused: list[str] = []
    for subset in found.subsets:
        for pool in subset.pools:
            if pool.estimated is None:
                refused.append(_refused(found, pool))
            else:
                blocks += _pool_blocks(found, pool, cites)
    if not blocks:
        blocks = [paragraph("Nothing in this base may be pooled for these agents: the reasons stand below.")]
    if refused:
        blocks += [paragraph("Not pooled:"), *bullets(refused)]
    elif not any(subset.pools for subset in found.subsets):
        blocks.append(paragraph("No outcome is counted by two studies of the same agents at the same time."))
    return section("pooled", "Pooled, and why not", blocks)


def _pool_blocks(found: Findings, pool: Pool, cites: Citations) -> list[Block]:
    from trivium.evidence.synthesis import forest_data

    made = pool.estimated
    if made is None:
        return []
    what = f"{names(found.base, pool.agents)}: {pool.label.lower()} at {pool.time}"
    refs = cites.cite(*(found.base.studies[name].reference for name in pool.studies))
    natural = made.natural
    scale = 100 if made.measure == "PROP" else 1
    unit = " %" if made.measure == "PROP" else ""
    ends = (
        f" ({natural.low * scale:.2f} to {natural.high * scale:.2f})"
        if natural.low is not None and natural.high is not None
        else ""
    )
    words = f"{what}: {natural.estimate * scale:.2f}{unit}{ends}, {made.k} studies. {refs}"
    how = (
        f"Estimator: {made.estimator}. Interval: {made.interval_method}. "
        f"Prediction interval: {made.prediction_method}."
    )
    notes = [*made.notes, *(f"left out, {name}: {why}" for name, why in pool.left_out)]
    picture: dict[str, Any] = forest_data(made, title=what)
    return [paragraph(words), paragraph(how), *bullets(notes), figure("forest", picture, what)]


def _refused(found: Findings, pool: Pool) -> str:
    what = f"{names(found.base, pool.agents)}, {pool.label.lower()}, {pool.time}"
    reasons: dict[str, list[str]] = {}
    for name, why in pool.left_out:
        reasons.setdefault(why, []).append(name)
    said = "; ".join(f"{why} ({', '.join(ids)})" for why, ids in sorted(reasons.items()))
    return f"{what}: {pool.reason}." + (f" Left out: {said}." if said else "")


def safety(found: Findings, cites: Citations) -> Block:
    """Harms counted in the arms, and what labels warn of."""
    harms = [
        each
        for each in found.rows
        if (term := found.base.outcomes.get(each.outcome.name))
        and term.group == "harm"
        and term.id not in _DEATH
    ]
    rows = [_study_row(found, each, cites) for each in harms]
    columns = ("Study", "Design", "Arm", "n", "Harm", "Time", "Result", "Patients", "Seen")
    blocks = table("Harms counted in arms with the asked agents", columns, rows)
    if not rows:
        blocks = [paragraph("No harm is counted in arms with these agents in this base. That is not safety.")]
    warned = list(_warnings(found, cites))
    if warned:
        blocks += [paragraph("Boxed warnings and the like, from labels:"), *bullets(warned)]
    return section("safety", "Safety", blocks)


def _warnings(found: Findings, cites: Citations) -> Iterable[Block]:
    for name, dosing in _dosings(found):
        for remark in dosing.remarks:
            if remark.topic in ("boxed", "infection", "thrombosis"):
                refs = cites.cite(*(leg.source for leg in remark.cited))
                yield item(
                    f"{label(found.base, name)}: {remark.text} {refs}".strip(), weak=_is_weak(remark.cited)
                )


def _dosings(found: Findings) -> Iterable[tuple[str, Any]]:
    """The asked agents that the pathway knows how to give."""
    if found.knowledge is None:
        return
    for name in found.asked.agents:
        known = found.base.agents.get(name)
        dosing = found.knowledge.dosing.get(known.pathway_agent) if known else None
        if dosing is not None:
            yield name, dosing


def _is_weak(cited: tuple[Cited, ...]) -> bool:
    from trivium.knowledge.models import WEAK

    return all(leg.seen in WEAK for leg in cited)


def algorithm(found: Findings, cites: Citations) -> Block:
    """Doses, order and monitoring of the asked agents as the content has them, with caveats."""
    blocks: list[Block] = []
    for name, dosing in _dosings(found):
        lines = [
            item(
                f"{regimen.label} ({regimen.purpose}{', default' if regimen.is_default else ''})."
                f" {regimen.reason} {cites.cite(*(leg.source for leg in regimen.cited))}".replace("  ", " "),
                weak=_is_weak(regimen.cited),
            )
            for regimen in dosing.regimens.values()
        ]
        for adjustment in dosing.adjustments:
            refs = cites.cite(*(leg.source for leg in adjustment.cited))
            lines.append(item(f"{adjustment.text} {refs}", weak=_is_weak(adjustment.cited)))
        blocks += [paragraph(f"{label(found.base, name)}, dose:"), *bullets(lines)]
    blocks += _steps(found, cites)
    blocks += _clashes(found, cites)
    if not blocks:
        blocks = [paragraph("The pathway does not know how to give these agents.")]
    return section("algorithm", "How it is done: doses, order, caveats", blocks)


def _steps(found: Findings, cites: Citations) -> list[Block]:
    """The pathway's recommendations that name the asked agents, in the order of phases."""
    if found.knowledge is None:
        return []
    mine = {name for agent in found.asked.agents if (name := _pathway_name(found, agent))}
    phases = ("assess", "initiate", "monitor", "adjust", "rescue")
    named = [each for each in found.knowledge.pathway.recommendations.values() if mine & set(each.agents)]
    lines = [
        item(
            f"{each.phase}: {each.label}. {cites.cite(*(leg.source for leg in each.cited))}",
            weak=_is_weak(each.cited),
        )
        for each in sorted(named, key=lambda each: phases.index(each.phase))
    ]
    return [paragraph("In the pathway:"), *bullets(lines)] if lines else []


def _clashes(found: Findings, cites: Citations) -> list[Block]:
    """Interactions among the asked agents, by agent or class."""
    dosings = dict(_dosings(found))
    lines = []
    for name, dosing in dosings.items():
        others = {_pathway_name(found, other): other for other in dosings if other != name}
        classes = {each for other in others.values() for each in dosings[other].classes}
        for each in dosing.interactions:
            if set(each.partners) & (set(others) | classes):
                refs = cites.cite(*(leg.source for leg in each.cited))
                text = f"{label(found.base, name)} ({each.severity}): {each.text} {refs}"
                lines.append(item(text, weak=_is_weak(each.cited)))
    return [paragraph("Between the asked agents:"), *bullets(lines)] if lines else []


def _pathway_name(found: Findings, agent: str) -> str:
    known = found.base.agents.get(agent)
    return known.pathway_agent if known else ""


def cost(found: Findings, cites: Citations) -> Block:
    """Cost and availability as dated statements; never a price of a site."""
    mine = set(found.asked.agents)
    lines = [
        item(f"{statement.text.rstrip('.')}. {cites.cite(statement.source)}", weak=statement.is_weak)
        for statement in found.base.statements.values()
        if statement.id.startswith("cost.") and mine & set(statement.agents)
    ]
    words = "Dated figures from the sources read, as examples: prices differ by country, site and month."
    blocks = [paragraph(words), *bullets(lines)] if lines else [paragraph("Nothing on cost in this base.")]
    return section("cost", "Cost and availability", blocks)
