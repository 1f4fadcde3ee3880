"""The sections that answer: the bottom line, what guidelines say, the combination, its parts, certainty."""

from __future__ import annotations

from collections.abc import Iterator

from trivium.core.document import Block, bullets, item, paragraph, row, section, table
from trivium.evidence.brief.asked import BACKGROUND, covers, label, names
from trivium.evidence.brief.certainty import weak_share
from trivium.evidence.brief.document import Citations
from trivium.evidence.brief.findings import Findings, Subset
from trivium.evidence.brief.guideline import wording
from trivium.evidence.brief.matching import directness, is_direct
from trivium.evidence.brief.numbers import Row, effect_words, ratio_words
from trivium.knowledge.models import WEAK

_MOST_STATEMENTS = 4
_MANY = 4  # from here on the word "triple" no longer fits
_RANK = {"mortality": 0, "survival": 0, "transplant-free-survival": 1, "response": 2, "rp-ild-improvement": 3}


def bottom_line(found: Findings, cites: Citations) -> Block:
    """What can be said in a few lines, each with its source."""
    asked, base = found.asked, found.base
    items = [item(_studied(found, cites))]
    items += [item(line, weak=weak) for line, weak in _guideline_lines(found, cites)]
    items += [item(line) for line in _each_agent(found, cites)]
    items.append(item(_certainty_line(found)))
    size = regimen_size(found)
    if size >= _MANY:
        items.append(item(f"With a glucocorticoid this is a regimen of {size} agents, not of three."))
    items += [item(line) for line in _corrections(found, cites)]
    if found.loose:
        items.append(
            item(f"{len(found.loose)} arms had an asked agent only in part, before or perhaps: not counted.")
        )
    blocks = [paragraph(f"Asked: {names(base, asked.agents)}." + _narrowed(found))]
    blocks += [paragraph(remark) for remark in asked.remarks]
    return section("bottom-line", "Bottom line", [*blocks, *bullets(items)], short=True)


def _narrowed(found: Findings) -> str:
    asked, base = found.asked, found.base
    parts = [f"without {names(base, asked.without)}"] if asked.without else []
    for ids, terms in (
        (asked.outcomes, base.outcomes),
        (asked.populations, base.populations),
        (asked.designs, base.designs),
    ):
        parts += [terms[name].label if name in terms else name for name in ids]
    return f" Asked for: {'; '.join(parts)}." if parts else ""


def _studied(found: Findings, cites: Citations) -> str:
    whole, base = found.whole, found.base
    what = names(base, whole.agents)
    if len(whole.agents) > 1 and not whole.matches:
        return f"No study in this base gave {what} together to all patients of an arm."
    if not whole.matches:
        return f"No study in this base gave {what} to all patients of an arm."
    direct = [match for match in whole.matches if is_direct(match.study)]
    patients = sum(match.arm.n or 0 for match in direct)
    refs = cites.cite(*dict.fromkeys(match.study.reference for match in whole.matches))
    studies = _plural(len(whole.studies), "study", "studies")
    inside = len({match.study.id for match in direct})
    return (
        f"{studies} had an arm with {what}; {inside} of them in anti-MDA5 disease alone "
        f"({patients} patients where the number is printed). {refs}"
    ).strip()


def _guideline_lines(found: Findings, cites: Citations) -> Iterator[tuple[str, bool]]:
    shown = [statement for statement in found.statements if not statement.is_weak][:_MOST_STATEMENTS]
    if not shown:
        yield "No guideline statement about these agents was read in its source.", False
    for statement in shown:
        yield f"{wording(statement)} {cites.cite(statement.source)}".strip(), False


def _each_agent(found: Findings, cites: Citations) -> Iterator[str]:
    """For every asked agent the one number that says most: direct, then deaths, then the largest group."""
    for subset in found.singles:
        best = best_row(subset)
        name = label(found.base, subset.agents[0])
        if best is None:
            yield f"{name}: no count in anti-MDA5 disease in this base."
            continue
        outcome = best.outcome
        term = found.base.outcomes.get(outcome.name)
        what = (term.label if term else outcome.name).lower() + _defined(outcome.definition)
        beside = [label(found.base, agent) for agent in best.match.beside]
        with_ = f", with {', '.join(beside)}" if beside else ""
        refs = cites.cite(best.match.study.reference)
        whom = f"{directness(best.match.study)}; {_design(found, best)}"
        yield f"{name}{with_}: {what} {best.words}, {best.time} ({whom}). {refs}"


def best_row(subset: Subset) -> Row | None:
    """The number that says most: read, in this disease, of deaths, at a stated time, of many patients."""
    rows = [
        each
        for each in subset.rows
        if is_direct(each.match.study) and each.result.count is not None and each.result.seen not in WEAK
    ]

    def order(each: Row) -> tuple[bool, int, bool, int, str]:
        name = each.outcome.name
        rank = _RANK.get(name, len(_RANK))
        gathered = each.match.study.is_gathered
        return gathered, rank, each.outcome.weeks is None, -(each.result.total or 0), each.id

    return min(rows, key=order, default=None)


def _certainty_line(found: Findings) -> str:
    judged = found.whole.certainty
    what = names(found.base, found.whole.agents)
    if judged is not None:
        return (
            f"Certainty about {what}: {judged.level.replace('-', ' ')} (by the five domains of GRADE, below)."
        )
    parts = [
        f"{label(found.base, subset.agents[0])} {subset.certainty.level.replace('-', ' ')}"
        for subset in found.singles
        if subset.certainty
    ]
    said = f" Agent by agent: {', '.join(parts)}." if parts else ""
    return f"Certainty about {what}: nothing to judge, no study had just this.{said}"


def _corrections(found: Findings, cites: Citations) -> Iterator[str]:
    """What is often asserted about just this set and does not hold."""
    asked = set(found.asked.agents)
    for claim in found.claims:
        about = set(claim.agents) - BACKGROUND
        if claim.verdict == "conflicts" and len(about) > 1 and about <= asked and claim.finding:
            refs = cites.cite(*claim.sources)
            if claim.omitted:
                yield f"Often left out: {claim.omitted}. {claim.finding} {refs}"
            else:
                yield f"Often asserted, and not so: “{claim.claim.rstrip('.')}”. {claim.finding} {refs}"


def guidelines(found: Findings, cites: Citations) -> Block:
    """Every graded statement, weak ones badged, with how well it was seen."""
    rows = [
        row(
            (
                wording(statement),
                statement.strength.replace("-", " "),
                statement.certainty.replace("-", " "),
                statement.seen,
                cites.cite(statement.source),
            ),
            id=statement.id,
            weak=statement.is_weak,
        )
        for statement in found.statements
    ]
    blocks = table("Guideline positions", ("Position", "Strength", "Certainty", "Seen", "Source"), rows)
    if not rows:
        blocks = [paragraph("No guideline statement in this base is about these agents.")]
    return section("guidelines", "What guidelines say", blocks)


def combination(found: Findings, cites: Citations) -> Block:
    """The exact combination first, then every larger part of it."""
    blocks: list[Block] = []
    for subset in found.subsets:
        if len(subset.agents) > 1 or len(found.asked.agents) == 1:
            blocks += _subset_blocks(found, subset, cites)
    return section("combination", "The combination, and its parts", blocks)


def _subset_blocks(found: Findings, subset: Subset, cites: Citations) -> list[Block]:
    what = names(found.base, subset.agents)
    if not subset.matches:
        return [paragraph(f"{what}: no study in this base.")]
    lines = []
    for match in subset.matches:
        beside = [label(found.base, agent) for agent in match.beside]
        also = f" With: {', '.join(beside)}." if beside else ""
        size = f", n = {match.arm.n}" if match.arm.n is not None else ", size not printed"
        refs = cites.cite(match.study.reference)
        lines.append(f"{match.arm.label}{size} ({directness(match.study)}).{also} {refs}")
    return [paragraph(f"{what}:"), *bullets(lines)]


def loose(found: Findings, cites: Citations) -> Block:
    """What was not counted, and why."""
    lines = []
    for each in found.loose:
        refs = cites.cite(each.study.reference)
        lines.append(f"{names(found.base, each.agents)}, {each.why}: {each.arm.label} {refs}")
    return section("not-counted", "Near, and not counted", bullets(lines))


def certainty(found: Findings, cites: Citations) -> Block:
    """GRADE domains with the reason for every level taken off."""
    del cites
    rows = []
    for subset in found.subsets:
        judged = subset.certainty
        what = names(found.base, subset.agents)
        if judged is None:
            if len(subset.agents) in (1, len(found.asked.agents)):
                rows.append(row((what, "nothing to judge", "no study", "")))
            continue
        rows.append(
            row((what, judged.level.replace("-", " "), f"starts at {judged.start}", judged.start_reason))
        )
        for domain in judged.domains:
            down = f"{domain.name}: -{domain.down}" if domain.down else f"{domain.name}: 0"
            rows.append(row(("", "", down, domain.reason)))
        weak = weak_share(subset.rows)
        if weak:
            rows.append(row(("", "", "badge", weak), weak=True))
    words = (
        "Judged by rule from what the base holds, so that anybody can repeat it; a panel may differ. "
        "It is about effects on patients, not about the guideline's own certainty above."
    )
    columns = ("About", "Certainty", "Domain", "Reason")
    return section("certainty", "How certain", [paragraph(words), *table("GRADE domains", columns, rows)])


def compared(found: Findings, cites: Citations) -> Block:
    """Comparisons inside studies: with the agent against without."""
    rows, seen = [], set()
    for subset in found.subsets:
        for each in subset.contrasts:
            if each.id in seen:
                continue
            seen.add(each.id)
            term = found.base.outcomes.get(each.outcome.name)
            rows.append(
                row(
                    (
                        names(found.base, subset.agents),
                        f"{each.treated} vs {each.control}",
                        (term.label if term else each.outcome.name) + _defined(each.outcome.definition),
                        each.counts,
                        ratio_words(each.ratio) if each.ratio else "not computable from counts",
                        effect_words(each.effect) if each.effect else "",
                        f"{each.directness}; {each.seen}",
                        cites.cite(each.study.reference),
                    ),
                    id=each.id,
                    weak=each.seen in WEAK,
                )
            )
    columns = ("Agents", "Arms", "Outcome", "Counts", "From counts", "Reported", "Patients; seen", "Source")
    words = "Arms are compared as the study has them: nobody was randomised unless the design says so."
    blocks = [paragraph(words), *table("Comparisons inside studies", columns, rows)] if rows else []
    return section(
        "compared", "With it against without it", blocks or [paragraph("No comparison in this base.")]
    )


def _defined(definition: str) -> str:
    return f" ({definition})" if definition else ""


def _design(found: Findings, each: Row) -> str:
    term = found.base.designs.get(each.match.study.design)
    return (term.label if term else each.match.study.design).lower()


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def regimen_size(found: Findings) -> int:
    """How many agents a glucocorticoid and the asked ones are together."""
    own = [agent for agent in found.asked.agents if not covers(found.base, "glucocorticoid", (agent,))]
    return len([agent for agent in own if agent not in BACKGROUND]) + 1
