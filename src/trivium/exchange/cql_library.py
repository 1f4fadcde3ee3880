"""A pathway as one CQL library: its facts as parameters, each of its expressions as a define.

Knowledge → text, the same text for the same knowledge. What an expression looks like is up to `logic.cql`.
Criteria and facts keep their names; what belongs to something else is called after it:

    recommendation.<id>   recommendation.<id>.<condition>   agent.<id>   agent.<id>.<line>
    alert.<id>   score.<id>   score.<id>.item.<number>   stage.<id>

Labels and sources stand above each define as tags, which CQL's own translator carries into its output.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from trivium.core.truth import TRUE, UNKNOWN, Truth
from trivium.core.values import Interval, Value
from trivium.knowledge.models import Cited, Condition, FactSpec, Knowledge, Pathway
from trivium.logic.cql import DIGITS, INTEGERS, quoted, to_cql, type_name
from trivium.logic.nodes import Node, Type

Tag = tuple[str, str]
ParameterValue = bool | int | str | None

_PREAMBLE = """\
{label}
Exported by Trivium from knowledge version {version}; status: {status}.
Decision support for professionals; content not clinically validated until a site signs it off.

Every parameter is one fact about one patient on one day, as Trivium reads it from the record; its unit is
in its tags. Pass null for what is not known, and for what is known only as a range (above 1650 ng/mL): an
answer is then unknown (null) where Trivium, which keeps the range, may know it. A missing result is never
negative: null is neither true nor false.
Not in this library: how facts are read from records, what statuses follow from these truths, doses,
and evidence."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A fact as a parameter, and the tags above it."""

    name: str
    type: Type
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A named boolean expression, and the tags above it."""

    name: str
    node: Node
    tags: tuple[Tag, ...] = ()


def cql_library(knowledge: Knowledge) -> str:
    """The whole pathway as CQL.

    Errors:  ExpressionError (TRV121) when a threshold cannot be held by CQL's decimals.
    """
    pathway = knowledge.pathway
    preamble = _PREAMBLE.format(label=pathway.label, version=knowledge.version, status=pathway.status)
    parameters = [Parameter(spec.id, spec.type, tuple(_about_fact(spec))) for spec in pathway.facts.values()]
    return write_library(
        library_name(pathway.id), pathway.version, parameters, pathway_definitions(pathway), preamble
    )


def library_name(pathway: str) -> str:
    """The id of a pathway as a name that every CQL tool takes: `mda5_rpild` → `MDA5RPILD`."""
    return re.sub("[^A-Z0-9]", "", pathway.upper())


def pathway_definitions(pathway: Pathway) -> list[Definition]:
    """Every expression of a pathway, each after those it names."""
    found = [
        Definition(one.id, one.when, (("label", one.label), *_reason(one.reason), *_sources(one.cited)))
        for one in pathway.criteria.values()
    ]
    for item in pathway.recommendations.values():
        name = f"recommendation.{item.id}"
        graded = (("strength", item.strength), ("certainty", item.certainty))
        found.append(Definition(name, item.when, (("label", item.label), *graded, *_sources(item.cited))))
        found += _conditions(name, "blocked", item.blocked_when)
        found += _conditions(name, "caution", item.cautions)
    for agent in pathway.agents.values():
        name = f"agent.{agent.id}"
        found.append(Definition(name, agent.offered_when, (("label", agent.label), *_sources(agent.cited))))
        found += _conditions(name, "", agent.lines)
    for alert in pathway.alerts.values():
        tags = (("label", alert.label), ("kind", f"{alert.kind}, {alert.severity}"), *_sources(alert.cited))
        found.append(Definition(f"alert.{alert.id}", alert.when, tags))
    for score in pathway.scores.values():
        name = f"score.{score.id}"
        found.append(Definition(name, score.when, (("label", score.label), *_sources(score.cited))))
        for number, part in enumerate(score.items, 1):
            tags = (("label", part.label), ("points", str(part.points)))
            found.append(Definition(f"{name}.item.{number}", part.when, tags))
    stages = (Definition(f"stage.{one.id}", one.when, (("label", one.label),)) for one in pathway.stages)
    return [*found, *stages]


def write_library(
    name: str,
    version: str,
    parameters: Sequence[Parameter],
    definitions: Sequence[Definition],
    preamble: str = "",
) -> str:
    """The text of a library.

    Shapes:  names are unique over parameters and definitions; each definition comes after those it names.
    Errors:  ValueError when a name is there twice; others as `to_cql`.
    """
    names = [one.name for one in parameters] + [one.name for one in definitions]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise ValueError(f"names that stand for two things: {', '.join(twice)}")
    parts = [f"library {name} version '{version}'", _comment(preamble.splitlines())]
    # A default of null: cql-execution takes a parameter that was left out for something that is true.
    parts += [
        _tagged(one.tags, f"parameter {quoted(one.name)} {type_name(one.type)} default null")
        for one in parameters
    ]
    parts.append("context Unfiltered")
    parts += [_tagged(one.tags, f"define {quoted(one.name)}:\n  {to_cql(one.node)}") for one in definitions]
    return "\n\n".join(part for part in parts if part) + "\n"


def parameter_values(types: Mapping[str, Type], values: Mapping[str, Value]) -> dict[str, ParameterValue]:
    """What to pass for one patient, ready for JSON: a decimal or a date as text, null when not one value.

    Errors:  ValueError for a number that CQL cannot hold; KeyError when a fact is left out.
    """
    return {name: parameter_value(kind, values[name]) for name, kind in types.items()}


def parameter_value(kind: Type, value: Value) -> ParameterValue:
    """One fact as a parameter. Errors as `parameter_values`."""
    if isinstance(value, Truth):
        return None if value is UNKNOWN else value is TRUE
    if isinstance(value, frozenset):
        return next(iter(value)) if len(value) == 1 else None
    return _number(kind, value)


def _number(kind: Type, value: Interval) -> ParameterValue:
    if value.low is None or not value.is_point:
        return None
    number = Fraction(value.low)
    if kind.kind == "date":
        return datetime.date.fromordinal(_whole(number, 1, datetime.date.max.toordinal())).isoformat()
    if kind.kind == "integer":
        return _whole(number, -INTEGERS, INTEGERS - 1)
    units = number * 10**DIGITS
    if units.denominator != 1 or abs(number) >= 10**20:
        raise ValueError(f"{value.low} has more than {DIGITS} digits after the point, or twenty before it")
    whole, rest = divmod(abs(units.numerator), 10**DIGITS)
    return f"{'-' if units < 0 else ''}{whole}.{rest:0{DIGITS}d}"


def _whole(number: Fraction, lowest: int, highest: int) -> int:
    if number.denominator != 1 or not lowest <= number <= highest:
        raise ValueError(f"{number} is not a whole number from {lowest} to {highest}")
    return number.numerator


def _about_fact(spec: FactSpec) -> Iterator[Tag]:
    yield "label", spec.label
    if spec.type.kind == "quantity":
        yield "unit", str(spec.type.unit)
    if spec.type.kind == "choice":
        yield "choices", ", ".join(spec.type.choices)
    yield from _sources(spec.cited)


def _conditions(owner: str, kind: str, conditions: Iterable[Condition]) -> Iterator[Definition]:
    for one in conditions:
        tags = (("label", one.text), ("kind", kind or one.kind), *_sources(one.cited))
        yield Definition(f"{owner}.{one.id}", one.when, tags)


def _sources(cited: Iterable[Cited]) -> list[Tag]:
    return [("source", f"{one.statement or one.source} ({one.seen})") for one in cited]


def _reason(reason: str) -> list[Tag]:
    return [("reason", reason)] if reason else []


def _tagged(tags: Iterable[Tag], text: str) -> str:
    comment = _comment([f"@{name}: {' '.join(value.split())}" for name, value in tags])
    return f"{comment}\n{text}" if comment else text


def _comment(lines: Sequence[str]) -> str:
    """A block comment; what would end it is parted."""
    if not lines:
        return ""
    return "/*\n" + "\n".join(line.replace("*/", "* /") for line in lines) + "\n*/"
