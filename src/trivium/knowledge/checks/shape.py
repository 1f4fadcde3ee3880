"""Shape: every key is known, none that is compulsory is missing, every value is of the right sort.

One defect for each thing: TRV160 an unknown key, TRV161 a missing key, TRV162 a value that does not fit.
A key that is not known is never skipped: `contraindicaton` would otherwise be a contraindication that
nobody hears of. Take the hint, or look into docs/schema for the keys there are.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from trivium.core.errors import Defect
from trivium.knowledge.checks.forms import FACT_KINDS, Form
from trivium.knowledge.positions import Document, Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about an entry that does not fit its shape: where inside it, pydantic's kind, its words."""

    place: tuple[str | int, ...]
    kind: str
    message: str
    found: object
    expected: str = ""


def read_form(shape: type[Form], data: object) -> tuple[Form | None, list[Problem]]:
    """One entry in its shape, or every problem with it."""
    try:
        return shape.model_validate(data), []
    except ValidationError as problem:
        return None, [
            Problem(
                error["loc"],
                error["type"],
                error["msg"].removeprefix("Value error, "),
                error["input"],
                str(error.get("ctx", {}).get("expected", "")),
            )
            for error in problem.errors(include_url=False)
        ]


def fit(
    shape: type[Form], data: object, document: Document, place: Place
) -> tuple[Form | None, list[Defect]]:
    """One entry in its shape, or its defects, at most one a place."""
    form, problems = read_form(shape, data)
    found: dict[Place, Defect] = {}
    for problem in problems:
        inside = _real_place(problem.place, data, missing=problem.kind == "missing")
        found.setdefault(inside, _defect(shape, problem, inside, document, place))
    return form, list(found.values())


def _real_place(place: Place, data: object, missing: bool) -> Place:
    """The place without the names of unions' branches, which are not in the data."""
    inside: list[str | int] = []
    for index, step in enumerate(place):
        last = index == len(place) - 1
        if index == 1 and place[0] == "from":
            continue  # the fact kind, by which the union is told apart; as a key it comes once more
        if isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif not (missing and last):
            continue
        inside.append(step)
    return tuple(inside)


def _defect(shape: type[Form], problem: Problem, inside: Place, document: Document, place: Place) -> Defect:
    span = document.span((*place, *inside))
    if problem.kind == "extra_forbidden":
        keys = _keys_of_kind(problem) or keys_at(shape, inside[:-1])
        close = difflib.get_close_matches(str(inside[-1]), keys, n=2)
        hint = f"did you mean {' or '.join(close)}?" if close else f"known keys: {', '.join(keys)}"
        if " " in str(inside[-1]) and problem.found is None:
            hint = "a text with a comma inside { } needs quotes"
        return Defect("TRV160", f"the key {str(inside[-1])!r} is not known here", span, hint=hint)
    if problem.kind == "missing":
        return Defect("TRV161", f"the key {str(inside[-1])!r} is missing", span)
    if problem.kind in ("union_tag_not_found", "union_tag_invalid"):
        written = list(problem.found) if isinstance(problem.found, dict) else [str(problem.found)]
        close = [near for key in written for near in difflib.get_close_matches(str(key), FACT_KINDS, n=1)]
        hint = f"did you mean {close[0]}?" if close else f"one of: {', '.join(FACT_KINDS)}"
        return Defect("TRV162", "no known fact kind", span, hint=hint)
    name = f"`{inside[-1]}`: " if inside and isinstance(inside[-1], str) else ""
    return Defect("TRV162", name + _words(problem), span, hint=_hint(problem))


def _words(problem: Problem) -> str:
    if problem.kind == "value_error":
        return problem.message
    if problem.kind == "literal_error":
        return f"expected {problem.expected}; found {problem.found!r}"
    if problem.kind in ("string_type", "list_type", "bool_type", "int_type", "dict_type", "model_type"):
        wanted = {"string": "text", "list": "a list", "bool": "true or false", "int": "a whole number"}
        sort = wanted.get(problem.kind.removesuffix("_type"), "a mapping")
        return f"expected {sort}, found {problem.found!r}"
    if problem.kind == "string_pattern_mismatch":
        return f"{problem.found!r} is no name: lower-case letters, digits and _, a letter first"
    if problem.kind in ("string_too_short", "too_short"):
        return "it is empty"
    return f"{problem.message}; found {problem.found!r}"


def _hint(problem: Problem) -> str:
    if problem.kind == "string_type" and isinstance(problem.found, (bool, int)):
        return f"put it in quotes: '{str(problem.found).lower()}'"
    options = problem.expected.replace(" or ", ", ").replace("'", "").split(", ")
    close = difflib.get_close_matches(str(problem.found), options, n=1)
    return f"did you mean {close[0]}?" if problem.kind == "literal_error" and close else ""


def _keys_of_kind(problem: Problem) -> list[str]:
    """The keys of a fact kind, for a problem right below `from:`."""
    if problem.place[0] != "from" or len(problem.place) != 3:
        return []
    kind = str(problem.place[1])
    return [kind, *(option.rstrip("_") for option in FACT_KINDS[kind][1])]


def keys_at(shape: type[Form], place: Place) -> list[str]:
    """The keys that are possible at a place of an entry."""
    schema = shape.model_json_schema()
    definitions = schema.get("$defs", {})

    def expand(node: dict[str, Any]) -> list[dict[str, Any]]:
        if "$ref" in node:
            return expand(definitions[node["$ref"].rsplit("/", 1)[1]])
        parts = [*node.get("anyOf", ()), *node.get("oneOf", ())]
        return [leaf for part in parts for leaf in expand(part)] if parts else [node]

    nodes = expand(schema)
    for step in place:
        key = "items" if isinstance(step, int) else step
        below = [leaf if isinstance(step, int) else leaf.get("properties", {}) for leaf in nodes]
        nodes = [leaf for each in below if key in each for leaf in expand(each[key])]
    return sorted({key for node in nodes for key in node.get("properties", ())})
