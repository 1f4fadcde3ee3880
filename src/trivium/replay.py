"""A record walked through time: the plan at each day on which anything may change, kept as differences.

In: a record and the knowledge. Out: a `Replay`, plain texts and days: where the patient stood on the first
day, what changed on each later one and because of which facts, where it ended. Nothing is decided here:
every day's plan is `make_plan` of that day, so what was not reported by then is not seen.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from trivium.core.errors import UsageError
from trivium.core.truth import TRUE
from trivium.core.values import Number
from trivium.knowledge.models import Agent, FactSpec, Knowledge, Recommendation
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.nodes import Case, Compare, FactRef, IsKnown, Literal, Node, children, fact_names
from trivium.logic.text import value_words
from trivium.pathway.assess import Option, Raised, Recommended, Scored
from trivium.plan import Plan, make_plan
from trivium.record.events import Record, When
from trivium.record.fact import Fact
from trivium.record.kinds_units import linear
from trivium.record.site import Site
from trivium.record.windows import DAY, Calendar

MOST_DAYS = 400  # plans made in one replay
SECTIONS = ("stage", "recommendations", "options", "alerts", "scores", "questions", "facts")
_SILENT = frozenset(("missing", "not-entered", "inputs"))  # nothing was there that could not be used
_TICKING = frozenset(("age", "days_since", "derived"))  # these change because time passes


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the plan says. `holds`: bars and cautions that hold; missing facts; what it could be."""

    id: str
    label: str
    status: str
    holds: tuple[str, ...] = ()
    rank: str = ""  # urgency or severity


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one thing: None for what was or is not there; `because` names facts that changed."""

    id: str
    label: str
    before: str | None
    after: str | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    rank: str = ""


Changes = Mapping[str, tuple[Change, ...]]
State = dict[str, dict[str, Entry]]
Thresholds = Mapping[str, tuple[tuple[str, Number], ...]]


@dataclass(frozen=True, slots=True)
class Replay:
    """A course. Days with an entry of the record are among `steps` even when nothing changed on them."""

    days: tuple[datetime.date, ...]  # all that were looked at, in order; the first is that of `start`
    note: str  # what was left out, if anything
    start: State
    steps: Mapping[datetime.date, Changes]
    end: State


def replay(
    knowledge: Knowledge,
    record: Record,
    site: Site,
    first: datetime.date | None = None,
    last: datetime.date | None = None,
    watch: Callable[[Plan], None] | None = None,
) -> Replay:
    """Walk through a record from `first` to `last`; both from what the record dates when left out.

    `watch` is shown the plan of every day looked at, in order.
    Errors:  UsageError when nothing is dated and no days are given, or `first` is after `last`.
    """
    days, note = days_to_look_at(knowledge, record, site.zone, first, last)
    dated = event_days(record, site.zone)
    differ = _Differ(knowledge)
    steps: dict[datetime.date, Changes] = {}
    plan: Plan | None = None
    start: State = {}
    state: State = {}
    for day in days:
        now = make_plan(knowledge, record, day, site)
        now_state = state_of(now)
        if watch is not None:
            watch(now)
        if plan is None:
            start = now_state
        else:
            changes = differ.changes(plan, now, state, now_state)
            if day.toordinal() in dated or any(changes.values()):
                steps[day] = changes
        plan, state = now, now_state
    return Replay(tuple(days), note, start, steps, state)


# ── The days ────────────────────────────────────────────────────────────────────────────────────────


def days_to_look_at(
    knowledge: Knowledge,
    record: Record,
    zone: datetime.tzinfo,
    first: datetime.date | None,
    last: datetime.date | None,
) -> tuple[list[datetime.date], str]:
    """The days on which a fact may change, in order; and a note when some of them were left out."""
    calendar = Calendar(0, zone)
    dated = event_days(record, zone)
    given = [day.toordinal() for day in (first, last) if day]
    if not dated and not given:
        raise UsageError("nothing in the record bears a date", hint="give --from and --to")
    begin = first.toordinal() if first else min([*dated, *given])
    until = last.toordinal() if last else max([*dated, begin])
    if begin > until:
        raise UsageError("the first day is after the last", hint="--from comes before --to")
    passing = {*_window_days(knowledge, record, calendar), *_birthdays(record, calendar, begin, until)}
    inside, note = set(range(begin, until + 1)), ""
    days = sorted({*dated, *passing, begin, until} & inside)
    if len(days) > MOST_DAYS:
        note = f"{len(days)} days on which something may change: only days with entries are looked at"
        days = sorted({*dated, begin, until} & inside)
    if len(days) > MOST_DAYS:
        note = f"{len(days)} days with entries: only the last {MOST_DAYS} are looked at (see --from and --to)"
        days = days[-MOST_DAYS:]
    return [datetime.date.fromordinal(day) for day in days], note


def _bounds(*stretches: When | None) -> Iterator[int]:
    for when in stretches:
        if when is not None:
            yield from (second for second in (when.start, when.end) if second is not None)


def _days(seconds: Iterable[int], calendar: Calendar) -> set[int]:
    return {day for second in seconds if (day := calendar.day(second)) is not None}


def event_days(record: Record, zone: datetime.tzinfo) -> set[int]:
    """Days on which something begins, is reported or ends, as ordinals; of an uncertain date both ends."""
    seconds = set(_bounds(record.person.death))
    seconds.update(_bounds(*(given.when for given in record.given.values())))
    for event in record.events:
        seconds.update(_bounds(event.when, event.known_from, event.ended))
    return _days(seconds, Calendar(0, zone))


def _window_days(knowledge: Knowledge, record: Record, calendar: Calendar) -> set[int]:
    """Days on which something falls out of a window, goes stale, or is as many days ago as is asked."""
    by_concept: dict[str, set[int]] = {}
    for event in record.events:
        for concept in event.concepts:
            by_concept.setdefault(concept, set()).update(_bounds(event.when, event.ended))
    asked, found = thresholds(knowledge), set[int]()
    for spec in knowledge.pathway.facts.values():
        concepts = (*spec.retrieval.concepts, *spec.retrieval.options.get("equivalents", ()))
        seconds = {second for concept in concepts for second in by_concept.get(concept, ())}
        if spec.id in record.given:
            seconds.update(_bounds(record.given[spec.id].when))
        for length in {spec.good_for, spec.retrieval.within} - {None}:
            whole, rest = divmod(length or 0, DAY)
            found |= {day + whole for day in _days((second + rest for second in seconds), calendar)}
        if spec.retrieval.kind == "days_since":
            found |= {day + ago for day in _days(seconds, calendar) for ago in _asked_days(asked, spec)}
    return found


def _asked_days(asked: Thresholds, spec: FactSpec) -> set[int]:
    """After how many days a comparison of a number of days may turn."""
    line = linear("d", spec.type.unit or "d")
    numbers = [] if isinstance(line, str) else [Fraction(n) / line[0] for _, n in asked.get(spec.id, ())]
    return {int(days) + more for days in numbers for more in (0, 1)}


def _birthdays(record: Record, calendar: Calendar, begin: int, until: int) -> set[int]:
    """Days on which a year of age may be completed; one born on 29 February may do so on 1 March."""
    years = range(datetime.date.fromordinal(begin).year, datetime.date.fromordinal(until).year + 1)
    born = [datetime.date.fromordinal(day) for day in _days(_bounds(record.person.birth), calendar)]
    return {datetime.date(year, day.month, 1).toordinal() + day.day - 1 for day in born for year in years}


def thresholds(knowledge: Knowledge) -> Thresholds:
    """Fact → the operators and numbers that expressions of the pathway compare it with, in its unit."""
    found: dict[str, dict[tuple[str, Number], None]] = {}
    roots = [node for nodes in _about(knowledge).values() for node in nodes]
    roots += [criterion.when for criterion in knowledge.pathway.criteria.values()]
    for node in (part for root in roots for part in _parts(root)):
        if isinstance(node, Compare):
            literals = [part.value for part in _parts(node) if isinstance(part, Literal)]
            numbers = [number for number in literals if not isinstance(number, (bool, str))]
            for name in fact_names(node):
                found.setdefault(name, {}).update(((node.op, number), None) for number in numbers)
    return {name: tuple(pairs) for name, pairs in found.items() if pairs}


def _parts(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _parts(child)


def _about(knowledge: Knowledge) -> dict[tuple[str, str], list[Node]]:
    """Section and id → the expressions that decide it."""
    pathway = knowledge.pathway
    found: dict[tuple[str, str], list[Node]] = {("stage", "stage"): [stage.when for stage in pathway.stages]}
    for rule in pathway.recommendations.values():
        conditions = (*rule.blocked_when, *rule.cautions)
        found["recommendations", rule.id] = [rule.when, *(condition.when for condition in conditions)]
    for agent in pathway.agents.values():
        found["options", agent.id] = [agent.offered_when, *(line.when for line in agent.lines)]
    for alert in pathway.alerts.values():
        found["alerts", alert.id] = [alert.when]
    for score in pathway.scores.values():
        found["scores", score.id] = [score.when, *(item.when for item in score.items)]
    return found


# ── What a plan says, and what changed ──────────────────────────────────────────────────────────────


def state_of(plan: Plan) -> State:
    """Everything that can change in a plan, by section and id."""
    made, specs = plan.assessment, plan.knowledge.pathway.facts
    placed, could_be = made.placed, [stage.label for stage, _ in made.placed.could_be]
    stage = placed.stage.label if placed.stage else "not known"
    found: dict[str, Iterable[Entry]] = {
        "stage": [Entry("stage", "Stage", stage, tuple(could_be))],
        "recommendations": (
            _ruled(item, item.recommendation, item.recommendation.urgency) for item in made.recommendations
        ),
        "options": (_ruled(item, item.agent) for item in made.options),
        "alerts": (_raised(item, specs) for item in made.alerts),
        "scores": (_scored(item) for item in made.scores),
        "questions": (Entry(item.fact, item.text, "asked", (), item.urgency) for item in plan.questions),
        "facts": (Entry(name, fact.spec.label, fact_words(fact)) for name, fact in plan.facts.items()),
    }
    return {section: {entry.id: entry for entry in found[section]} for section in SECTIONS}


def fact_words(fact: Fact) -> str:
    """The value, or that it is not known and why it cannot be used."""
    if fact.is_known:
        return value_words(fact.value, fact.spec.type)
    codes = sorted({reason.code for reason in fact.reasons} - _SILENT)
    return f"not known: {', '.join(codes)}" if codes else "not known"


def _ruled(item: Recommended | Option, rule: Recommendation | Agent, urgency: str = "") -> Entry:
    judged = (*item.bars, *item.cautions)
    holds = [each.condition.text for each in judged if each.trace.truth is TRUE]
    shown = tuple(holds) if item.status != "not_indicated" else ()
    return Entry(rule.id, rule.label, item.status, shown, urgency)


def _raised(item: Raised, specs: Mapping[str, FactSpec]) -> Entry:
    missing = tuple(specs[name].label for name in item.missing)
    return Entry(item.alert.id, item.alert.label, "raised", missing, item.alert.severity)


def _scored(item: Scored) -> Entry:
    points = str(item.low) if item.low == item.high else f"{item.low} to {item.high}"
    words = f"{points} ({' or '.join(item.strata)})" if item.strata else points
    return Entry(item.score.id, item.score.label, words)


_NOTHING = Entry("", "", "")


class _Differ:
    """Tells two plans apart, and which changed facts a change rests on."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.nodes = _about(knowledge)
        self.missing = {alert.id: frozenset(alert.about) for alert in knowledge.pathway.alerts.values()}

    def changes(self, was: Plan, now: Plan, before: State, after: State) -> Changes:
        """What changed, by section; a fact that only time moved is left out unless something rests on it."""
        moved = [name for name in now.facts if before["facts"].get(name) != after["facts"][name]]
        found: dict[str, tuple[Change, ...]] = {}
        for section in SECTIONS:
            names = dict.fromkeys((*after[section], *before[section]))
            pairs = [(name, before[section].get(name), after[section].get(name)) for name in names]
            found[section] = tuple(
                _change(old, new, self._because(section, name, was, now, moved))
                for name, old, new in pairs
                if old != new
            )
        named = {name for section in SECTIONS[:5] for change in found[section] for name in change.because}
        passing = {name for name in moved if _only_time(was.facts[name], now.facts[name])} - named
        found["facts"] = tuple(item for item in found["facts"] if item.id not in passing)
        return found

    def _because(self, section: str, name: str, was: Plan, now: Plan, moved: list[str]) -> tuple[str, ...]:
        """The changed facts it rests on: missing ones that were or became known, else what turned a part."""
        if section == "questions":
            return (name,) if name in moved else ()
        about = self.missing.get(name, frozenset()) if section == "alerts" else frozenset()
        turned = {fact for fact in about if was.facts[fact].is_known != now.facts[fact].is_known}
        for node in self.nodes.get((section, name), ()) if not turned else ():
            turned |= _turned(_traced(node, was), _traced(node, now))
        return tuple(fact for fact in moved if fact in turned)


def _change(old: Entry | None, new: Entry | None, because: tuple[str, ...]) -> Change:
    was, now = old or _NOTHING, new or _NOTHING
    either = new or was
    added = tuple(text for text in now.holds if text not in was.holds)
    removed = tuple(text for text in was.holds if text not in now.holds)
    ends = was.status or None, now.status or None
    return Change(either.id, either.label, *ends, added, removed, because, either.rank)


def _only_time(was: Fact, now: Fact) -> bool:
    still = was.is_known and now.is_known and was.origins == now.origins
    return still and now.spec.retrieval.kind in _TICKING


def _traced(node: Node, plan: Plan) -> Trace:
    return evaluate(node, {name: fact.value for name, fact in plan.facts.items()}, plan.assessment.criteria)


def _turned(was: Trace, now: Trace) -> set[str]:
    """The facts below whatever came to another value, followed down to what compares them."""
    if was.value == now.value:
        return set()
    if isinstance(now.node, (FactRef, Compare, IsKnown)) and fact_names(now.node):
        return set(fact_names(now.node))
    told = 1 if isinstance(now.node, Case) else None  # another branch is another expression
    pairs = zip(was.children[:told], now.children[:told], strict=True)
    return {name for pair in pairs for name in _turned(*pair)}
