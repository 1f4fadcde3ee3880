"""The short form: a case typed in by hand, fact id to value, or to value, unit and date.

    patient: bed 7
    age: 71
    rp_ild: true
    anti_mda5_antibody: positive
    lymphocyte_count: {value: 186, unit: /uL, date: 2024-03-05}
    weight: 68-70 kg@2024-03-05
    ferritin: ">1650 ng/mL"

YAML or JSON; the facts may also stand under `facts:`, and several cases in a list. A name that is no
fact but has one `<name>_by_clinician` is read as that: what is typed in is a clinician's word. A line
that cannot be read is skipped and named, like a resource in a FHIR record; the rest is used.
"""

from __future__ import annotations

import datetime
import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from trivium.core.errors import RecordError
from trivium.core.truth import TRUE
from trivium.knowledge.given import GivenError, read_value
from trivium.knowledge.models import FactSpec
from trivium.record.events import Given, Person, ReadReport, Record, Skip, When
from trivium.record.fhir_times import Clock

_META = ("patient", "note")
_BY_CLINICIAN = "_by_clinician"
_DEEPEST = 12
_HINT = "`trivium form` writes an empty one"
_OVERRIDE = "{value: true, by: name and speciality, because: the reason}"
_DIFFER = "given more than once, with different values"
_DATED = re.compile(r"@\s*\d")
_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:\.\.|-|–|to)\s*(\d+(?:\.\d+)?)\s*(.*)$")
_UNQUOTED = re.compile(r":\s*>")


class _Twice:
    """Stands where a name is written twice: which of its values counts, nobody can say."""

    def __repr__(self) -> str:
        return "two values"


_TWICE = _Twice()


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


def names_a_fact(name: str, specs: Mapping[str, FactSpec]) -> bool:
    """Whether a line of a form that begins with `name` is about a fact."""
    return _target(name, specs) in specs


def _target(name: str, specs: Mapping[str, FactSpec]) -> str:
    """The fact that is meant: `rp_ild`, typed in, is the clinician's word on it; `weight` is a short name."""
    if name in specs:
        return name
    meant, short = name + _BY_CLINICIAN, name.lower()
    if meant in specs:
        return meant
    return next((spec.id for spec in specs.values() if short in spec.also_called), name)


def _cases(text: str, name: str) -> Sequence[Mapping[str, object]]:
    try:
        loaded = _from_json(text, name) if name.lower().endswith(".json") else _from_yaml(text, name)
    except (RecursionError, ValueError, KeyError):
        raise _unreadable(name) from None
    cases: list[Any] = loaded if isinstance(loaded, list) else [loaded]
    if not cases or not all(isinstance(case, Mapping) for case in cases):
        raise RecordError("a form maps fact ids to values", where=name, hint=_HINT)
    return cases


def _unreadable(where: str, hint: str = _HINT) -> RecordError:
    return RecordError("not readable as a form", where=where, hint=hint)


def _from_json(text: str, name: str) -> object:
    """Numbers stay as they are written, so that none is rounded on the way."""
    try:
        loaded = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_pairs
        )
        json.dumps(loaded, ensure_ascii=False, default=repr).encode()  # half a character is none
    except json.JSONDecodeError as problem:
        raise _unreadable(f"{name}:{problem.lineno}:{problem.colno}") from None
    return loaded


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return _marked(dict(pairs), [key for key, _ in pairs])


def _marked(mapping: dict[Any, Any], keys: Sequence[str]) -> dict[Any, Any]:
    mapping.update({key: _TWICE for key, times in Counter(keys).items() if times > 1 and key in mapping})
    return mapping


def _from_yaml(text: str, name: str) -> object:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_knots(yaml.parse(text, Loader=base), name)
        return yaml.load(text, Loader=_loader(base))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        if mark is None:
            raise _unreadable(name) from None
        line = text.splitlines()[mark.line : mark.line + 1]
        hint = "a value that begins with > goes in quotes" if line and _UNQUOTED.search(line[0]) else _HINT
        raise _unreadable(f"{name}:{mark.line + 1}:{mark.column + 1}", hint) from None


def _refuse_knots(events: Iterator[Any], name: str) -> None:
    """No form is deep or refers to itself; a file that does would never end or outgrow the memory."""
    import yaml

    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            raise _unreadable(f"{name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}")


def _loader(base: Any) -> Any:
    """YAML in which only true, false and nothing are words of their own.

    All else stays as written: `071` is no octal number, `1:30` no ninety, and `no` is never a surprise.
    """
    import yaml

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
        yaml_constructors: ClassVar[dict[Any, Any]] = {
            tag: made
            for tag, made in base.yaml_constructors.items()
            if tag is None or tag.endswith((":null", ":bool", ":str", ":seq", ":map"))
        }

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            return _marked(super().construct_mapping(node, deep), keys)

    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$", re.I), [*"tTfF"])
    Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:~|null|)$", re.I), [*"~nN", ""])
    return Loader


def _record(
    case: Mapping[str, object],
    name: str,
    specs: Mapping[str, FactSpec],
    aliases: Mapping[str, str],
    zone: datetime.tzinfo,
) -> Record:
    report = ReadReport(read={"form": 0}, used={"form": 0}, not_needed={"form": 0})
    found: dict[str, list[tuple[str, Given]]] = {}
    for fact, raw in _entries(case):
        if raw is None:
            continue  # an unfilled line of the form
        report.read["form"] += 1
        try:
            read = _given(fact, raw, specs, aliases, zone)
        except GivenError as problem:
            report.skips.append(_skip(fact, str(problem)))
        else:
            found.setdefault(_target(fact, specs), []).append((fact, read))
    given: dict[str, Given] = {}
    for target, lines in found.items():
        if all(value == lines[0][1] for _, value in lines):
            given[target] = lines[0][1]
            report.used["form"] += len(lines)
        else:
            report.skips += [_skip(line, _DIFFER) for line, _ in lines]
    return Record(Person(_patient(case, report) or name), [], report, given)


def _patient(case: Mapping[str, object], report: ReadReport) -> str:
    who = case.get("patient")
    if who is None or isinstance(who, str):
        return who or ""
    report.read["form"] += 1
    report.skips.append(_skip("patient", f"expected one word or text, found {who!r}"))
    return ""


def _skip(line: str, why: str) -> Skip:
    name = line.replace("#", "%23")  # in an origin `#` begins a part of a resource
    return Skip(f"form/{name}", "unreadable", why)


def _entries(case: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, raw in case.items():
        if key == "facts" and isinstance(raw, Mapping):
            yield from ((str(inner), value) for inner, value in raw.items())
        elif key not in _META:
            yield str(key), raw


def _given(
    name: str, raw: object, specs: Mapping[str, FactSpec], aliases: Mapping[str, str], zone: datetime.tzinfo
) -> Given:
    spec = specs.get(_target(name, specs))
    if spec is None:
        raise GivenError(_no_fact(name, specs))
    is_override = spec.retrieval.kind == "override"
    parts: Mapping[Any, Any] = _parts(raw, spec) if isinstance(raw, str) else {"value": raw}
    if isinstance(raw, Mapping) and "value" in raw:
        parts = raw
        expected = ("value", "date", "by", "because") if is_override else ("value", "unit", "date")
        unexpected = sorted(str(key) for key in set(raw) - set(expected))
        if unexpected:
            raise GivenError(f"expected {', '.join(expected)}; found {', '.join(unexpected)}")
    if any(part is _TWICE for part in parts.values()):
        raise GivenError(_DIFFER)
    unit, date = parts.get("unit"), parts.get("date")
    read = read_value(
        parts["value"], spec.type, spec.conversions, aliases, None if unit is None else str(unit)
    )
    when = When() if date is None else _day(date, zone)
    return Given(read, when, *_decided(parts)) if is_override and read is TRUE else Given(read, when)


def _parts(raw: str, spec: FactSpec) -> Mapping[str, object]:
    """A value on one line as its parts: dated (`70 kg@2026-01-31`), of a number also a span (`68-70 kg`)."""
    value, _, date = raw.partition("@") if _DATED.search(raw) else (raw, "", "")
    parts: dict[str, object] = {"value": value.strip(), **({"date": date.strip()} if date else {})}
    if (span := _SPAN.match(value.strip())) and spec.type.kind in ("quantity", "integer"):
        parts["value"] = {"low": span[1], "high": span[2]}
        parts |= {"unit": span[3]} if span[3] else {}
    return parts


def _decided(parts: Mapping[Any, Any]) -> tuple[str, str]:
    """Who overrides a line, and why: without both it is no override."""
    said = [parts.get(key) for key in ("by", "because")]
    if not all(isinstance(each, str) and each.strip() and each.isprintable() for each in said):
        raise GivenError(f"an override says who decided, and why: {_OVERRIDE}")
    by, because = (str(each).strip() for each in said)
    return by, because


def _no_fact(name: str, specs: Mapping[str, FactSpec]) -> str:
    if name == "as_of":
        return "the day of the plan is no fact; give it with --as-of"
    if name == "facts":
        return "expected a mapping of fact ids to values under facts"
    names = [*specs, *(short for spec in specs.values() for short in spec.also_called)]
    close = difflib.get_close_matches(name, names, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else "`trivium show facts` lists the ids"
    return f"no fact is called {name!r}; {hint}"


def _day(date: object, zone: datetime.tzinfo) -> When:
    when, problem = Clock(zone).read(str(date).strip())
    if not when.is_known or problem:
        raise GivenError(f"expected a date (YYYY-MM-DD, YYYY-MM, YYYY, or with a time), found {date!r}")
    return when


def parse_settings(
    settings: Sequence[str], specs: Mapping[str, FactSpec], aliases: Mapping[str, str], zone: datetime.tzinfo
) -> dict[str, Given]:
    """`fact=value` pairs from the command line, as confirmed by the clinician now.

    Shapes:  as in a form, a value in braces too: `weight={value: 70, unit: kg, date: 2024-03-05}`.
    Errors:  GivenError for one that cannot be read.
    """
    given: dict[str, Given] = {}
    for setting in settings:
        fact, equals, value = setting.partition("=")
        if not equals:
            raise GivenError(f"expected fact=value, found {setting!r}")
        raw, name = _in_braces(value.strip(), fact.strip()), fact.strip()
        target, read = _target(name, specs), _given(name, raw, specs, aliases, zone)
        if given.setdefault(target, read) != read:
            raise GivenError(f"{target} is {_DIFFER}")
    return given


def _in_braces(value: str, fact: str) -> object:
    """A value as it is written, or the mapping that stands in braces."""
    if not value.startswith("{"):
        return value
    try:
        return _from_yaml(value, fact)
    except RecordError:
        raise GivenError(f"{fact}: not readable as a mapping in braces") from None


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
        expected = _OVERRIDE if spec.retrieval.kind == "override" else expected
        yield ""
        yield f"# {spec.question or spec.label}  ({expected})"
        yield f"{spec.id}:"
