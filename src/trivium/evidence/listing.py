"""Studies and search results as plain data, for every face and for `--format json`.

What was selected → dicts of texts, numbers, lists; keys in a fixed order, nothing rounded, nothing left out
that a row of the base holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from trivium.evidence.base import Found, Selected
from trivium.evidence.echo import echo
from trivium.evidence.questions import Question
from trivium.evidence.search import Results
from trivium.knowledge.evidence import (
    Arm,
    Effect,
    EvidenceBase,
    Outcome,
    Reference,
    Result,
    Study,
)

Data = dict[str, Any]


def listed(selected: Selected, question: Question, base: EvidenceBase) -> Data:
    """The answer of `trivium studies`."""
    return {
        "evidence": base.version,
        "question": question_data(question, base),
        "count": len(selected.found),
        "of": len(base.studies),
        "not_stated": {name: list(ids) for name, ids in selected.unstated.items()},
        "studies": [found_data(found, base) for found in selected.found],
    }


def question_data(question: Question, base: EvidenceBase) -> Data:
    """What a question was understood as, with the lines that say it."""
    names = (
        "agents",
        "prior",
        "without",
        "outcomes",
        "without_outcomes",
        "populations",
        "without_populations",
        "designs",
        "without_designs",
        "topics",
        "not_understood",
    )
    return {
        "text": question.text,
        "said": echo(question, base),
        **{name: list(getattr(question, name)) for name in names},
        "sides": [list(side) for side in question.sides],
        "is_each": question.is_each,
        "weeks": [plain_value(each) for each in question.weeks],
        "ambiguous": [
            {"written": each.written, "options": list(each.options)} for each in question.ambiguous
        ],
        "readings": [
            {
                "written": each.written,
                "read_as": each.read_as,
                "kind": each.kind,
                "how": each.how,
                "role": each.role,
                "recalled": each.recalled,
            }
            for each in question.readings
        ],
    }


def found_data(found: Found, base: EvidenceBase) -> Data:
    """A study with what of it was asked for: all of it, the rows that fit marked by their ids."""
    return {
        **study_data(found.study, base),
        "asked_arms": {arm: dict(ways) for arm, ways in found.arms.items()},
        "asked_outcomes": [outcome.id for outcome in found.outcomes],
        "all_in_one_arm": found.is_together,
    }


def study_data(study: Study, base: EvidenceBase) -> Data:
    """A study in full."""
    population = study.population
    return {
        "id": study.id,
        "reference": reference_data(base.references[study.reference]),
        "design": study.design,
        "design_label": base.designs[study.design].label if study.design in base.designs else study.design,
        "design_note": study.design_note,
        "country": study.country,
        "country_seen": study.country_seen,
        "cohort": study.cohort,
        "population": {
            "n": population.n,
            "n_derived": population.n_derived,
            "mda5_positive": population.mda5_positive,
            "rp_ild": population.rp_ild,
            "ild": population.ild,
            "cadm": population.cadm,
            "stage": population.stage,
            "scopes": dict(population.scopes),
            "seen": dict(population.seen),
            "notes": dict(population.notes),
            "further": plain_value(population.further),
        },
        "arms": [_arm(arm, base) for arm in study.arms],
        "outcomes": [_outcome(outcome, base) for outcome in study.outcomes],
        "findings": [{"sort": each.sort, "text": each.text, "seen": each.seen} for each in study.findings],
        "limitations": list(study.limitations),
        "risk_of_bias": _risk_of_bias(study),
        "funding": study.funding,
        "overlaps": [{"study": each.study, "sort": each.sort, "why": each.why} for each in study.overlaps],
        "conflicts_with": list(study.conflicts_with),
        "remarks": dict(study.remarks),
        "further": plain_value(study.further),
    }


def reference_data(reference: Reference) -> Data:
    """A citation with what was not seen of it."""
    return {
        "id": reference.id,
        "authors": reference.authors,
        "title": reference.title,
        "journal": reference.journal,
        "year": reference.year,
        "volume": reference.volume,
        "pages": reference.pages,
        "doi": reference.doi,
        "pmid": reference.pmid,
        "pmcid": reference.pmcid,
        "registration": reference.registration,
        "url": reference.url,
        "kind": reference.kind,
        "access": reference.access,
        "status": reference.status,
        "same_document_as": reference.same_document_as,
        "unseen": list(reference.unseen),
    }


def hits_data(results: Results, base: EvidenceBase) -> Data:
    """The answer of `trivium search`."""
    return {
        "evidence": base.version,
        "question": question_data(results.question, base),
        "total": results.total,
        "nowhere": list(results.nowhere),
        "hits": [
            {
                "rank": rank,
                "kind": hit.kind,
                "id": hit.id,
                "badge": hit.badge,
                "title": hit.title,
                "snippet": hit.snippet,
                "score": hit.score,
            }
            for rank, hit in enumerate(results.hits, 1)
        ],
    }


def _risk_of_bias(study: Study) -> Data | None:
    judged = study.risk_of_bias
    if judged is None:
        return None
    return {
        "tool": judged.tool,
        "judgement": judged.judgement,
        "reasons": list(judged.reasons),
        "source": judged.source,
        "seen": judged.seen,
    }


def _arm(arm: Arm, base: EvidenceBase) -> Data:
    def named(ids: tuple[str, ...]) -> list[str]:
        return [base.agents[each].label if each in base.agents else each for each in ids]

    return {
        "id": arm.id,
        "label": arm.label,
        "agents": list(arm.agents),
        "agents_in_part": list(arm.in_part),
        "agents_before": list(arm.before),
        "agents_inferred": list(arm.inferred),
        "labels": {
            "agents": named(arm.agents),
            "in_part": named(arm.in_part),
            "before": named(arm.before),
            "inferred": named(arm.inferred),
        },
        "n": arm.n,
        "n_seen": arm.n_seen,
        "dose": dict(arm.dose),
        "note": arm.note,
        "further": plain_value(arm.further),
    }


def _outcome(outcome: Outcome, base: EvidenceBase) -> Data:
    term = base.outcomes.get(outcome.name)
    return {
        "id": outcome.id,
        "name": outcome.name,
        "label": term.label if term else outcome.name,
        "definition": outcome.definition,
        "weeks": plain_value(outcome.weeks),
        "time": outcome.time_text,
        "subgroup": outcome.subgroup,
        "estimand": outcome.estimand,
        "seen": outcome.seen,
        "results": [_result(result) for result in outcome.results],
        "pooled": _result(outcome.pooled) if outcome.pooled else None,
        "effect": _effect(outcome.effect) if outcome.effect else None,
        "note": outcome.note,
        "further": plain_value(outcome.further),
    }


def _result(result: Result) -> Data:
    return {
        "id": result.id,
        "arm": result.arm,
        "events": result.events,
        "total": result.total,
        "percent": plain_value(result.percent),
        "ci": [plain_value(result.ci_low), plain_value(result.ci_high)],
        "percent_text": result.percent_text,
        "events_derived": result.events_derived,
        "seen": result.seen,
        "note": result.note,
        "explained": result.explained,
        "further": plain_value(result.further),
    }


def _effect(effect: Effect) -> Data:
    return {
        "id": effect.id,
        "measure": effect.measure,
        "value": plain_value(effect.value),
        "ci": [plain_value(effect.ci_low), plain_value(effect.ci_high)],
        "p": effect.p.text if effect.p else "",
        "comparison": effect.comparison,
        "arms": list(effect.arms) if effect.arms else None,
        "adjusted": effect.adjusted,
        "significant": effect.significant,
        "method": effect.method,
        "direction": effect.direction,
        "note": effect.note,
        "explained": effect.explained,
        "further": plain_value(effect.further),
    }


def plain_value(value: Any) -> Any:
    """Decimals as numbers, whole ones as integers; everything else as it is."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(each) for each in value]
    return value
