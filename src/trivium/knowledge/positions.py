"""YAML with positions: plain data, and for every value the place where its text begins.

A file → `Document`, or defects with line and column. Stricter than YAML 1.1 and than PyYAML: numbers
are integers or exact decimals and never floats, dates stay text, a key stands once, unquoted yes / no /
on / off are refused, anchors and tags are not used. It must not know what any key means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from trivium.core.errors import Defect
from trivium.core.spans import Span

# The way to a value inside a document: keys and list positions, from the top.
Place = tuple[str | int, ...]

MAX_BYTES = 4_000_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?")
_AMBIGUOUS = frozenset(("yes", "no", "on", "off"))
_TAG = "tag:yaml.org,2002:"
_CORE = frozenset(_TAG + name for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp"))


@dataclass(frozen=True, slots=True)
class Document:
    """One file as plain data, with the place of every key's value and list item.

    `verbatim` holds, for texts over several lines, the text as it stands in the file: an expression
    parsed from it reports the right line and column, which its folded form cannot.
    """

    file: str
    data: Any
    spans: Mapping[Place, Span] = field(default_factory=dict)
    verbatim: Mapping[Place, str] = field(default_factory=dict)

    def span(self, place: Place) -> Span:
        """Where `place` stands; for what is not there, the nearest thing around it."""
        for length in range(len(place), -1, -1):
            found = self.spans.get(place[:length])
            if found is not None:
                return found
        return Span(self.file, 1, 1)


def read_yaml(path: Path, file: str) -> tuple[Document, list[Defect]]:
    """Read one file; `file` is its name in messages.

    Errors:  none raised; a file that cannot be read gives a document whose data are None, and defects
             TRV150 (unreadable), TRV151 (syntax), TRV152 (key twice), TRV153 (yes/no), TRV154 (anchor, tag).
    """
    start = Span(file, 1, 1)
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        text = raw.decode("utf-8")
    except (OSError, ValueError) as problem:
        what = f"the file cannot be read: {getattr(problem, 'strerror', None) or problem}"
        return Document(file, None), [Defect("TRV150", what, start, hint="knowledge is UTF-8 text in YAML")]
    return compose(text, file)


def compose(text: str, file: str) -> tuple[Document, list[Defect]]:
    """Read YAML from a text; see `read_yaml`."""
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as problem:
        return Document(file, None), [_syntax(problem, file)]
    except (yaml.YAMLError, RecursionError) as problem:
        what = "this is not YAML: " + str(problem).splitlines()[0]
        return Document(file, None), [Defect("TRV151", what, Span(file, 1, 1))]
    if node is None:
        return Document(file, None), [Defect("TRV151", "the file is empty", Span(file, 1, 1))]
    reader = _Reader(text, file)
    data = reader.value(node, ())
    return Document(file, data, reader.spans, reader.verbatim), reader.defects


def _syntax(problem: yaml.MarkedYAMLError, file: str) -> Defect:
    mark = problem.problem_mark or problem.context_mark
    span = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file, 1, 1)
    what = "this is not YAML: " + (problem.problem or problem.context or "cannot be read")
    hint = "a text that holds `: ` or ` #`, or begins with one of [ { & * ! | > ' \" % @ `, needs quotes"
    return Defect("TRV151", what, span, why=problem.context or "", hint=hint)


class _Reader:
    """YAML nodes → plain data, collecting positions and defects on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.lines = text.split("\n")
        self.file = file
        self.spans: dict[Place, Span] = {}
        self.verbatim: dict[Place, str] = {}
        self.defects: list[Defect] = []
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, place: Place) -> Any:
        span = self.spans[place] = self.begin(node)
        # An alias is the same node met again; without aliases there are no cycles either.
        if id(node) in self.seen or len(place) > MAX_DEPTH:
            self.refuse(
                "TRV154", "an alias, or nesting without end", span, "write the value out where it is used"
            )
            return None
        self.seen.add(id(node))
        if node.tag not in _CORE:
            self.refuse(
                "TRV154", f"the tag or key {node.tag.removeprefix(_TAG)!r} is not used", span, "leave it out"
            )
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*place, index)) for index, child in enumerate(node.value)]
        return self.scalar(node, place) if isinstance(node, yaml.ScalarNode) else None

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, child in node.value:
            span = self.begin(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self.refuse("TRV154", "a key that is not a word", span, "keys are plain words")
                continue
            key = str(key_node.value)
            self.ambiguous(key_node, span)
            if key in found:
                first = self.spans[(*place, key)]
                hint = "keep one of the two"
                self.refuse(
                    "TRV152", f"the key {key!r} stands twice (first on line {first.line})", span, hint
                )
                continue
            found[key] = self.value(child, (*place, key))
        return found

    def scalar(self, node: yaml.ScalarNode, place: Place) -> str | int | bool | Decimal | None:
        text: str = node.value
        if node.style:
            self.keep_verbatim(node, place)
            return text
        self.ambiguous(node, self.spans[place])
        if node.tag == _TAG + "null":
            return None
        if node.tag == _TAG + "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        # What YAML 1.1 also takes for numbers (0x1F, 1_000, 12:30, leading zeros) stays text.
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
        self.keep_verbatim(node, place)
        return text

    def ambiguous(self, node: yaml.ScalarNode, span: Span) -> None:
        if not node.style and node.value.lower() in _AMBIGUOUS:
            hint = f"put quotes round '{node.value}', or write true or false"
            self.refuse("TRV153", f"unquoted {node.value} means true or false to some readers", span, hint)

    def begin(self, node: yaml.Node) -> Span:
        """Where the text itself begins: after the quote, or on the line below `>` and `|`."""
        line, column = node.start_mark.line, node.start_mark.column
        style = getattr(node, "style", None) if isinstance(node, yaml.ScalarNode) else None
        if style in ("'", '"'):
            column += 1
        elif style in ("|", ">"):
            line += 1
            while line < len(self.lines) - 1 and not self.lines[line].strip():
                line += 1
            column = len(self.lines[line]) - len(self.lines[line].lstrip(" "))
        return Span(self.file, line + 1, column + 1)

    def keep_verbatim(self, node: yaml.ScalarNode, place: Place) -> None:
        span, last = self.spans[place], node.end_mark.line
        if last + 1 <= span.line or node.style == '"' or (node.style == "'" and "'" in node.value):
            return
        parts = self.lines[span.line - 1 : last + 1]
        parts[-1] = parts[-1][: node.end_mark.column - (1 if node.style == "'" else 0)]
        parts[0] = parts[0][span.column - 1 :]
        kept = "\n".join(parts).rstrip()
        if kept.split() == node.value.split():  # otherwise comments or escapes stand between
            self.verbatim[place] = kept

    def refuse(self, code: str, what: str, span: Span, hint: str) -> None:
        self.defects.append(Defect(code, what, span, hint=hint))
