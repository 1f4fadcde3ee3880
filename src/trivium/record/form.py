"""The short form: a case typed in by hand, fact id to value, or to value, unit and date.

    patient: bed 7
    age: 71
    anti_mda5_antibody: positive
    lymphocyte_count: {value: 186, unit: /uL, date: 2024-03-05}
    ferritin: ">1650 ng/mL"

YAML or JSON; the facts may also stand under `facts:`, and several cases in a list. A line that cannot
be read is skipped and named, like a resource in a FHIR record; the rest is used.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from trivium.core.errors import RecordError
from trivium.knowledge.given import GivenError, read_value
from trivium.knowledge.models import FactSpec
from trivium.record.events import Given, Person, ReadReport, Record, Skip, When
from trivium.record.fhir_times import Clock

_META = ("patient", "facts", "note", "as_of")


def read_form(
    text: str,
    name: str,
    specs: Mapping[str, FactSpec],
    aliases: Mapping[str, str],
    zone: datetime.tzinfo,
) -> list[Record]:
    """The cases in a form.

    Errors:  RecordError when it is not YAML or JSON, or not a mapping of facts.
    """
    cases = _cases(text, name)
    return [_record(case, f"{name}#{number}", specs, aliases, zone) for number, case in enumerate(cases, 1)]


def _cases(text: str, name: str) -> Sequence[Mapping[str, object]]:
    import yaml

    try:
        loaded = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise _unreadable(where) from None
    except (RecursionError, ValueError):
        raise _unreadable(name) from None
    cases = loaded if isinstance(loaded, list) else [loaded]
    if not cases or not all(isinstance(case, Mapping) for case in cases):
        raise RecordError(
            "a form maps fact ids to values", where=name, hint="`trivium form` writes an empty one"
        )
    return cases


def _unreadable(where: str) -> RecordError:
    return RecordError("not readable as a form", where=where, hint="`trivium form` writes an empty one")


def _loader() -> type:
    """YAML without dates and yes/no words: `2024-03` stays text, and `no` is never a surprise."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: type = type("FormLoader", (base,), {})
    resolvers = {
        key: [(tag, pattern) for tag, pattern in entries if tag != "tag:yaml.org,2002:timestamp"]
        for key, entries in base.yaml_implicit_resolvers.items()
    }
    loader.yaml_implicit_resolvers = resolvers  # type: ignore[attr-defined]
    return loader


def _record(
    case: Mapping[str, object],
    name: str,
    specs: Mapping[str, FactSpec],
    aliases: Mapping[str, str],
    zone: datetime.tzinfo,
) -> Record:
    report = ReadReport(read={"form": 0}, used={"form": 0}, not_needed={"form": 0})
    given: dict[str, Given] = {}
    for fact, raw in _entries(case):
        if raw is None:
            continue  # an unfilled line of the form
        report.read["form"] += 1
        try:
            given[fact] = _given(fact, raw, specs, aliases, zone)
            report.used["form"] += 1
        except GivenError as problem:
            report.skips.append(Skip(f"form/{fact}", "unreadable", str(problem)))
    return Record(Person(str(case.get("patient") or name)), [], report, given)


def _entries(case: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, raw in case.items():
        if key == "facts" and isinstance(raw, Mapping):
            yield from ((str(inner), value) for inner, value in raw.items())
        elif key not in _META:
            yield str(key), raw


def _given(
    fact: str, raw: object, specs: Mapping[str, FactSpec], aliases: Mapping[str, str], zone: datetime.tzinfo
) -> Given:
    spec = specs.get(fact)
    if spec is None:
        close = difflib.get_close_matches(fact, specs, n=3)
        hint = f"did you mean {', '.join(close)}?" if close else "`trivium show facts` lists the ids"
        raise GivenError(f"no fact is called {fact!r}; {hint}")
    value, unit, date = raw, None, None
    if isinstance(raw, Mapping) and "value" in raw:
        unexpected = sorted(set(raw) - {"value", "unit", "date"})
        if unexpected:
            raise GivenError(f"expected value, unit and date; found {', '.join(map(str, unexpected))}")
        value, unit, date = raw["value"], raw.get("unit"), raw.get("date")
    read = read_value(value, spec.type, spec.conversions, aliases, None if unit is None else str(unit))
    return Given(read, When() if date is None else _day(date, zone))


def _day(date: object, zone: datetime.tzinfo) -> When:
    when, problem = Clock(zone).read(str(date).strip())
    if not when.is_known or problem:
        raise GivenError(f"expected a date (YYYY-MM-DD, YYYY-MM, YYYY, or with a time), found {date!r}")
    return when


def parse_settings(
    settings: Sequence[str], specs: Mapping[str, FactSpec], aliases: Mapping[str, str], zone: datetime.tzinfo
) -> dict[str, Given]:
    """`fact=value` pairs from the command line, as confirmed by the clinician now.

    Errors:  GivenError for one that cannot be read.
    """
    given: dict[str, Given] = {}
    for setting in settings:
        fact, equals, value = setting.partition("=")
        if not equals:
            raise GivenError(f"expected fact=value, found {setting!r}")
        given[fact.strip()] = _given(fact.strip(), value.strip(), specs, aliases, zone)
    return given


def empty_form(specs: Mapping[str, FactSpec]) -> Iterator[str]:
    """An empty, commented form, line by line: what each fact is, in which unit, with which choices."""
    yield "# Trivium: a case typed in by hand. Fill in what is known; what is left empty is not known."
    yield "# A value may carry a unit and a date: {value: 1289, unit: ng/mL, date: 2024-03-05}."
    yield '# Also understood: ">1650 ng/mL", 2024-03 (a month), [positive, indeterminate] (could be either).'
    yield "patient:"
    for spec in specs.values():
        kind = spec.type.unit or spec.type.kind if spec.type.kind == "quantity" else spec.type.kind
        expected = " | ".join(spec.type.choices) if spec.type.choices else kind
        expected = "true | false" if spec.type.kind == "boolean" else expected
        yield ""
        yield f"# {spec.question or spec.label}  ({expected})"
        yield f"{spec.id}:"


def form_path(path: Path) -> bool:
    """Whether a file is a form by its name."""
    return path.suffix.lower() in (".yaml", ".yml")
