"""`trivium show`: what the knowledge says, as a list or one thing in full."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

from trivium.commands.assess import close
from trivium.commands.patience import load
from trivium.core.errors import UsageError
from trivium.core.spans import Span
from trivium.core.values import Interval
from trivium.knowledge.models import Knowledge
from trivium.logic.nodes import Node, Type
from trivium.logic.text import to_text, value_words
from trivium.plan_json import to_bytes

FORMATS = ("text", "json")


def run(what: str, name: str, form: str, root: Path | None) -> str:
    """A list of one kind of thing, or one thing with everything known of it."""
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    if what == "pathway":
        return _page(name, form, root)
    shelves = _shelves(load(root))
    if not what:
        return "".join(f"{kind}: {len(items)}\n" for kind, items in shelves.items())
    if what not in shelves:
        raise UsageError(f"nothing to show is called {what!r}", hint=f"one of: {', '.join(shelves)}")
    items = shelves[what]
    if name and name not in items:
        raise UsageError(f"{what} has no {name!r}", hint=close(name, list(items)))
    if form == "json":
        return to_bytes(_plain(items[name]) if name else [_plain(item) for item in items.values()]).decode()
    if name:
        return "\n".join(_lines(_plain(items[name]))) + "\n"
    return "".join(f"{key}: {_title(item)}\n" for key, item in items.items())


def _page(name: str, form: str, root: Path | None) -> str:
    """The whole pathway on one page."""
    from trivium.commands import pathway_page

    if name:
        raise UsageError(f"the pathway is one page and has no {name!r}", hint="leave the id out")
    return pathway_page.run(form, root)


def _shelves(knowledge: Knowledge) -> dict[str, Mapping[str, Any]]:
    pathway = knowledge.pathway
    return {
        "facts": pathway.facts,
        "criteria": pathway.criteria,
        "recommendations": pathway.recommendations,
        "agents": pathway.agents,
        "dosing": knowledge.dosing,
        "regimens": knowledge.regimens,
        "drug_classes": knowledge.drug_classes,
        "alerts": pathway.alerts,
        "scores": pathway.scores,
        "statements": knowledge.statements,
        "sources": knowledge.sources,
        "valuesets": knowledge.valuesets,
    }


def _title(item: Any) -> str:
    if isinstance(item, Mapping):
        return str(item.get("title", ""))
    return str(getattr(item, "label", None) or getattr(item, "title", None) or getattr(item, "text", ""))


def _plain(item: Any) -> Any:
    """Knowledge as plain data; expressions as text, places as file:line:column."""
    if isinstance(item, Node):
        return to_text(item)
    if isinstance(item, (Span, Fraction, Type)):
        return str(item)
    if isinstance(item, Interval):
        return value_words(item, Type("quantity"))
    if isinstance(item, Enum):
        return item.value
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        return {field.name: _plain(getattr(item, field.name)) for field in dataclasses.fields(item)}
    if isinstance(item, Mapping):
        return {str(key): _plain(value) for key, value in item.items()}
    if isinstance(item, frozenset):
        return sorted((_plain(each) for each in item), key=str)
    if isinstance(item, (list, tuple)):
        return [_plain(each) for each in item]
    return item if isinstance(item, (str, int, float, bool)) or item is None else str(item)


def _lines(data: Any, indent: str = "") -> list[str]:
    """Nested data as indented lines; what is empty is left out."""
    lines: list[str] = []
    for key, value in data.items() if isinstance(data, dict) else enumerate(data, 1):
        if value in ("", None, [], {}):
            continue
        if isinstance(value, (dict, list)):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
