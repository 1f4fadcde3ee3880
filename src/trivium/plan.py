"""Where the three roads meet: a record, the knowledge and a date → the plan.

Joins what the layers below say; `plan_json` writes it out, the faces show it. Nothing is decided here.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from trivium.knowledge.models import WEAK, Cited, FactSpec, Knowledge
from trivium.logic.explain import Labels
from trivium.pathway.assess import Assessment, assess
from trivium.pathway.questions import Question, questions
from trivium.record.events import Record
from trivium.record.fact import Fact
from trivium.record.facts import read_facts
from trivium.record.site import Site

NOTICE = (
    "Decision support for professionals. Content is a draft and not clinically validated until a site "
    "signs it off. Options with reasons, not orders; every basis is open to review."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One patient at one date: the facts, what the pathway says of them, what to ask, and how it was read."""

    as_of: datetime.date
    record: Record
    site: Site
    facts: Mapping[str, Fact]
    assessment: Assessment
    questions: tuple[Question, ...]
    knowledge: Knowledge

    @property
    def labels(self) -> Labels:
        """What facts and criteria are called."""
        return labels(self.knowledge)


def make_plan(knowledge: Knowledge, record: Record, as_of: datetime.date, site: Site) -> Plan:
    """Read the facts of one record, judge them, and find the questions worth asking.

    Units:   `as_of` is a calendar day in the site's zone; the plan is made at its end.
    """
    pathway = knowledge.pathway
    facts = read_facts(record, pathway.facts, end_of_day(as_of, site.zone), site.zone, site)
    assessment = assess(pathway, {name: fact.value for name, fact in facts.items()})
    unknown = {name for name, fact in facts.items() if not fact.is_known}
    absent = {name for name in unknown if _is_merely_absent(facts[name])}
    asked = questions(pathway, assessment, unknown, absent)
    return Plan(as_of, record, site, facts, assessment, asked, knowledge)


def end_of_day(day: datetime.date, zone: datetime.tzinfo) -> int:
    """The last second of a calendar day in a zone, as seconds since 1970-01-01T00:00Z."""
    following = datetime.datetime.combine(day, datetime.time(), zone) + datetime.timedelta(days=1)
    return calendar.timegm(following.utctimetuple()) - 1


def labels(knowledge: Knowledge) -> Labels:
    """What facts and criteria are called in prose."""
    pathway = knowledge.pathway
    return Labels(
        {name: fact.label for name, fact in pathway.facts.items()},
        {name: criterion.label for name, criterion in pathway.criteria.items()},
    )


def is_weak(cited: tuple[Cited, ...]) -> bool:
    """Whether something rests on weak sources alone (or on none)."""
    return all(leg.seen in WEAK for leg in cited)


def _is_merely_absent(fact: Fact) -> bool:
    """Unknown because the record says nothing, not because of a value that cannot be used."""
    spec: FactSpec = fact.spec
    return bool(spec.false_when) and all(reason.code == "missing" for reason in fact.reasons)
