"""Checked forms of the evidence → `evidence.EvidenceBase`.

Nothing is worked out but what makes rows readable: the counts behind printed percents, p values as numbers,
which arms a comparison names, what is known of who was studied. It must not judge; the checks have run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from trivium.core.wording import has_phrase, is_doubted
from trivium.knowledge import evidence
from trivium.knowledge.checks.ambiguous_name import plain
from trivium.knowledge.checks.draft import Entry
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.evidence_forms import (
    ArmForm,
    CitationForm,
    EffectForm,
    OutcomeForm,
    PooledForm,
    StudyForm,
    TermForm,
)
from trivium.knowledge.checks.forms import Form
from trivium.knowledge.models import SEEN, Seen, Statement
from trivium.knowledge.percents import only_count
from trivium.knowledge.schema import SourceForm

_ARMS = re.compile(r"([A-Z]) (?:vs|minus) ([A-Z])\b")
_P = re.compile(r"([<>]?) ?(\d*\.?\d+)")
_CERTAIN: tuple[evidence.Scope, ...] = ("all", "part", "named")
_FINDINGS = {"risk_factors": "risk-factor", "protective": "protective", "negative_evidence": "negative"}


def build_evidence(draft: EvidenceDraft, version: str) -> evidence.EvidenceBase:
    """The whole base. Errors: none, for a draft without defects."""
    terms = draft.terms
    references = {name: _reference(entry.form) for name, entry in draft.sources.items()}
    documents = {
        each: other.same_document_as or name for name, other in references.items() for each in _ids(other)
    }
    for name, entry in draft.studies.items():
        if entry.form.citation is not None and reference_id(entry.form) not in references:
            own = _cited(entry.form, entry.form.citation)
            same = next((documents[each] for each in _ids(own) if each in documents), "")
            references[name] = replace(own, same_document_as=same)
    return evidence.EvidenceBase(
        version=version,
        studies={
            name: _study(entry, references, terms.populations)
            for name, entry in sorted(_with_mutual_overlaps(draft).items())
        },
        claims={
            name: evidence.Claim(**_plain(entry.form, evidence.Claim), span=entry.span())
            for name, entry in draft.claims.items()
        },
        statements=_statements(draft),
        references=references,
        agents={
            name: evidence.EvidenceAgent(
                **{**_plain(entry.form, evidence.EvidenceAgent), "recalled": frozenset(entry.form.recalled)}
            )
            for name, entry in draft.agent_names.items()
        },
        outcomes={
            each.id: evidence.OutcomeTerm(**_plain(each, evidence.OutcomeTerm)) for each in terms.outcomes
        },
        designs={each.id: evidence.Term(**_plain(each, evidence.Term)) for each in terms.designs},
        populations={each.id: evidence.Term(**_plain(each, evidence.Term)) for each in terms.populations},
        several_meanings={
            name: tuple(each.options) for each in terms.several_meanings for name in each.names
        },
    )


def _statements(draft: EvidenceDraft) -> dict[str, Statement]:
    """Statements as the pathway has them, with their agents under the evidence's ids where there are any."""
    ids = {entry.form.pathway_agent: name for name, entry in draft.agent_names.items()} | {
        plain(called): name
        for name, entry in draft.agent_names.items()
        for called in (name, entry.form.label, *entry.form.spellings, *entry.form.abbreviations)
    }
    found = {}
    for name, entry in draft.statements.items():
        form = entry.form
        agents = [ids.get(agent) or ids.get(plain(agent), agent) for agent in form.agents]
        fields_ = {**_plain(form, Statement), "text": form.words, "agents": tuple(dict.fromkeys(agents))}
        found[name] = Statement(**fields_)
    return found


def reference_id(form: StudyForm) -> str:
    """The reference that a study stands under: the source it names, or itself with its own citation."""
    return form.source or form.id


def compared_arms(effect: EffectForm) -> tuple[str, str] | None:
    """The two arms that a comparison such as `A vs B` names, the treated one first; None for any other."""
    found = _ARMS.match(effect.comparison)
    return (found[1], found[2]) if found else None


def p_value(text: str) -> evidence.PValue | None:
    """A printed p; its number only where exactly one stands there. None for an empty text."""
    if not text:
        return None
    found = _P.fullmatch(text)
    if found is None or found[1] == ">":
        return evidence.PValue(text)
    return evidence.PValue(text, Decimal(found[2]), found[1] == "<")


def derived_counts(outcome: OutcomeForm, design: str) -> dict[str, int]:
    """Arm → the one count that its printed percent can stand for; `pooled` for all arms together.

    All or nothing: where the percent of one arm fits no count, or several, the outcome's percents may be
    those of a survival curve or of other denominators, and none is turned into a count. Nor are those of
    reviews, whose percents are pooled estimates.
    """
    if outcome.estimand in ("time-to-event", "share", "event-count") or design in evidence.GATHERED:
        return {}
    found: dict[str, int] = {}
    for name, result in _results(outcome):
        if result.events is not None or result.percent is None:
            continue
        count = None if result.total is None else only_count(result.percent, result.total)
        if count is None:
            return {}
        found[name] = count
    return found


def _results(outcome: OutcomeForm) -> list[tuple[str, PooledForm]]:
    rows: list[tuple[str, PooledForm]] = [(result.arm, result) for result in outcome.results]
    return [*rows, ("pooled", outcome.pooled)] if outcome.pooled else rows


def _plain(form: Form, model: Any) -> dict[str, Any]:
    """The fields that a form and a model share and that are plain: texts, numbers, lists of texts."""
    found: dict[str, Any] = {}
    for each in fields(model):
        value = getattr(form, each.name, None) if each.name in type(form).model_fields else None
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            found[each.name] = tuple(value)
        elif isinstance(value, (str, int, Decimal)):
            found[each.name] = value
    return found


def _reference(form: SourceForm) -> evidence.Reference:
    beside = {key: value for key, value in (form.model_extra or {}).items() if value is not None}
    known = {each.name for each in fields(evidence.Reference)}
    parts: dict[str, Any] = _plain(form, evidence.Reference)
    parts |= {key: str(value) for key, value in beside.items() if key in known}
    parts |= {"authors": str(beside.get("authors_short", "")), "unseen": _unseen(beside)}
    return evidence.Reference(**parts)


def _cited(form: StudyForm, citation: CitationForm) -> evidence.Reference:
    levels = ", ".join(sorted({outcome.seen for outcome in form.outcomes}, key=SEEN.index))
    parts: dict[str, Any] = {"id": form.id, "kind": form.design, "authors": citation.authors_short}
    parts |= _plain(citation, evidence.Reference)
    parts |= {"url": next(iter(citation.url_seen), ""), "unseen": _unseen(citation.further)}
    parts |= {"access": f"outcomes seen as: {levels}" if levels else ""}
    return evidence.Reference(**parts)


def _ids(reference: evidence.Reference) -> list[str]:
    """By what a document is the same document."""
    return [
        f"{kind} {value.lower()}"
        for kind, value in (("doi", reference.doi), ("pmid", reference.pmid))
        if value
    ]


def _unseen(beside: Mapping[str, Any]) -> tuple[str, ...]:
    """`doi_seen: false` and `citation_seen: recalled` name what was completed from memory."""
    found = [
        key.removesuffix("_seen").replace("_", " ")
        for key, value in beside.items()
        if key.endswith("_seen") and (value is False or value == "recalled")
    ]
    return tuple(found)


def _with_mutual_overlaps(draft: EvidenceDraft) -> dict[str, tuple[Entry[StudyForm], list[evidence.Overlap]]]:
    """Every study with its overlaps; what one study says of another holds the other way round, too."""
    found: dict[str, dict[str, evidence.Overlap]] = {name: {} for name in draft.studies}
    for name, entry in draft.studies.items():
        for each in entry.form.overlaps_with:
            found[name][each.study] = evidence.Overlap(each.study, each.sort, each.why)
    for name, entry in draft.studies.items():
        for each in entry.form.overlaps_with:
            other = found.get(each.study, {})
            other.setdefault(name, evidence.Overlap(name, each.sort, each.why))
    return {
        name: (entry, [found[name][other] for other in sorted(found[name])])
        for name, entry in draft.studies.items()
    }


def _study(
    item: tuple[Entry[StudyForm], list[evidence.Overlap]],
    references: Mapping[str, evidence.Reference],
    populations: list[TermForm],
) -> evidence.Study:
    entry, overlaps = item
    form = entry.form
    named = reference_id(form)
    title = references[named].title if named in references else ""
    return evidence.Study(
        **_plain(form, evidence.Study) | {"country_seen": form.country_seen == "true"},
        reference=named,
        population=_population(form, title, populations),
        arms=tuple(_arm(entry, index, arm) for index, arm in enumerate(form.arms)),
        outcomes=tuple(_outcome(entry, index, each) for index, each in enumerate(form.outcomes)),
        findings=tuple(_findings(form)),
        risk_of_bias=_risk_of_bias(form),
        overlaps=tuple(overlaps),
        remarks={key: str(value) for key, value in form.further.items() if key.endswith("_note")},
        further={key: value for key, value in form.further.items() if not key.endswith("_note")},
        span=entry.span(),
    )


def _risk_of_bias(form: StudyForm) -> evidence.RiskOfBias | None:
    return (
        evidence.RiskOfBias(**_plain(form.risk_of_bias, evidence.RiskOfBias)) if form.risk_of_bias else None
    )


def _findings(form: StudyForm) -> list[evidence.Finding]:
    found = [evidence.Finding("statement", text, form.statements_seen) for text in form.statements]
    for key, sort in _FINDINGS.items():
        found += [evidence.Finding(sort, text) for text in getattr(form, key)]
    return found


def _population(form: StudyForm, title: str, terms: list[TermForm]) -> evidence.Population:
    given = form.population
    beside = given.further
    notes = {key[:-5]: str(value) for key, value in beside.items() if key.endswith("_note")}
    seen = {key[:-5]: str(value) for key, value in beside.items() if key.endswith("_seen")}
    own = _plain(given, evidence.Population)
    return evidence.Population(
        **own,
        stage=given.disease_stage,
        seen=seen,
        notes=notes,
        further={
            key: value for key, value in beside.items() if not key.endswith(("_note", "_seen")) and value
        },
        scopes=_scopes(form, title, terms),
    )


def _scopes(form: StudyForm, title: str, terms: list[TermForm]) -> dict[str, evidence.Scope]:
    """What is known for every population; where it is not stated, what the narrower ones imply.

    `implied_by` may lead on: who has anti-MDA5 disease has dermatomyositis, and so a myositis.
    """
    found = {term.id: _scope(term, form, title) for term in terms}
    for _ in terms:
        for term in terms:
            implied = [found[other] for other in term.implied_by if other in found]
            for scope in _CERTAIN if found[term.id] == "unstated" else ("all",):
                if scope in implied:
                    found[term.id] = scope
                    break
    return found


def _scope(term: TermForm, form: StudyForm, title: str) -> evidence.Scope:
    """What is known of how many patients belong to a population; counts go before words."""
    given = form.population
    if term.id == "juvenile" and given.paediatric:
        return "all"
    for name in term.fields:
        count = getattr(given, name, None) if name in type(given).model_fields else given.further.get(name)
        if not isinstance(count, (int, Decimal)) or isinstance(count, bool):
            continue
        whole = 100 if name.endswith("_percent") else given.n
        if count == 0:
            return "none"
        return "all" if count == whole else "part"
    if any(has_phrase(outcome.subgroup.lower(), word) for outcome in form.outcomes for word in term.words):
        return "part"
    free = [given.disease_stage, *(str(each) for key, each in given.further.items() if key.endswith("_note"))]
    texts = [title, *(arm.label for arm in form.arms), *(text for text in free if not is_doubted(text))]
    said = any(has_phrase(text.lower(), word) for text in texts for word in term.words)
    return "named" if said else "unstated"


def _arm(entry: Entry[StudyForm], index: int, form: ArmForm) -> evidence.Arm:
    aside = {*form.agents_inferred, *form.agents_in_part, *form.agents_before}
    note = "; ".join(text for text in (form.note, form.agents_note) if text)
    return evidence.Arm(
        **{
            **_plain(form, evidence.Arm),
            "agents": tuple(agent for agent in form.agents if agent not in aside),
            "note": note,
        },
        in_part=tuple(form.agents_in_part),
        before=tuple(form.agents_before),
        inferred=tuple(form.agents_inferred),
        dose=dict(form.dose),
        further=form.further,
        span=entry.span("arms", index),
    )


def _outcome(entry: Entry[StudyForm], index: int, form: OutcomeForm) -> evidence.Outcome:
    name = f"{entry.id}.{index + 1}"
    counts = derived_counts(form, entry.form.design)
    arms = {arm.id: arm for arm in entry.form.arms}

    def result(arm: str, given: PooledForm, *place: str | int) -> evidence.Result:
        return evidence.Result(
            **_plain(given, evidence.Result) | {"arm": "" if arm == "pooled" else arm},
            id=f"{name}.{arm}",
            events_derived=counts.get(arm),
            seen=_weakest(form.seen, arms[arm].n_seen if arm in arms else ""),
            further=given.further,
            span=entry.span("outcomes", index, *place),
        )

    return evidence.Outcome(
        **_plain(form, evidence.Outcome),
        id=name,
        number=index + 1,
        weeks=form.timepoint_weeks,
        time_text=form.timepoint_text,
        results=tuple(result(each.arm, each, "results", at) for at, each in enumerate(form.results)),
        pooled=result("pooled", form.pooled, "pooled") if form.pooled else None,
        effect=_effect(entry, index, form.effect) if form.effect else None,
        further=form.further,
        span=entry.span("outcomes", index),
    )


def _weakest(seen: Seen, other: str) -> Seen:
    """The weaker of two ways of having seen something; a word that is none counts for nothing."""
    return next((word for word in reversed(SEEN) if word in (seen, other)), seen)


def _effect(entry: Entry[StudyForm], index: int, form: EffectForm) -> evidence.Effect:
    return evidence.Effect(
        **_plain(form, evidence.Effect) | {"p": p_value(form.p)},
        id=f"{entry.id}.{index + 1}.effect",
        arms=compared_arms(form),
        further=form.further,
        span=entry.span("outcomes", index, "effect"),
    )
