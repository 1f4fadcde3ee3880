"""Text of an expression → nodes, names still untyped.

The grammar is `expression.lark`. What has several spellings in CQL is rewritten here into one:
`a != b`, `between`, `is null`, `is not true`, `is false`. Knows nothing of facts, types or units.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from trivium.core.errors import Defect, ExpressionError
from trivium.core.spans import Span
from trivium.logic.nodes import (
    BOOLEAN,
    DATE,
    INTEGER,
    And,
    Arith,
    Case,
    Compare,
    Comparison,
    FactRef,
    Implies,
    IsKnown,
    IsTrue,
    Literal,
    Node,
    Not,
    Or,
    Type,
)

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

MAX_LENGTH = 20_000
MAX_DEPTH = 100

# A number without a unit and a quoted text get their meaning from what they are compared with.
BARE = Type("quantity", unit=None)
TEXT = Type("choice")

_HINTS = {
    "known": "write `x is not null`",
    "&&": "write `and`",
    "<>": "write `!=`",
    "in": "write `x = 'a' or x = 'b'` (decision 0001)",
    "xor": "write `(a or b) and not (a and b)`",
    '"': "put texts and units in single quotes",
}


def parse(text: str, at: Span | None = None) -> Node:
    """Read one expression.

    Shapes:  one text in, one tree out; `at` is where the text begins, for messages.
    Errors:  ExpressionError (TRV101 cannot be read, TRV102 too long or deep, TRV103 no such date).
    """
    origin = at or Span("expression", 1, 1)
    if len(text) > MAX_LENGTH:
        raise _error("TRV102", f"longer than {MAX_LENGTH} characters", origin, "split it into criteria")
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise _error("TRV102", f"expression nested deeper than {MAX_DEPTH}", origin, "split it into criteria")
    tree = _parse_tree(text, origin)
    try:
        return _Builder(origin).build(tree)
    except RecursionError:
        raise _error("TRV102", "expression nested too deeply", origin, "split it into criteria") from None


def _parse_tree(text: str, origin: Span) -> Tree[Any] | Token:
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

    try:
        return _grammar().parse(text)
    except UnexpectedInput as problem:
        rest = text[problem.pos_in_stream or 0 :] if not isinstance(problem, UnexpectedEOF) else ""
        if isinstance(problem, UnexpectedToken) and problem.token.type == "$END":
            rest = ""
        if not rest.strip():
            what, place = "expression ends too early" if text.strip() else "expression is empty", origin
        else:
            what = f"cannot read {rest.split()[0]!r}"
            place = origin.moved(max(problem.line, 1), max(problem.column, 1))
        near = text[max(len(text) - len(rest) - 1, 0) :]  # with the character before: the second `=` of `==`
        hint = next((hint for start, hint in _HINTS.items() if rest.startswith(start)), "")
        hint = "write `=`" if near.startswith("==") else hint
        if not hint and isinstance(problem, UnexpectedCharacters) and rest[:1].isupper():
            hint = "names, keywords and `true` / `false` are written in lower case"
        raise _error("TRV101", what, place, hint or "the grammar is in docs/semantics.md") from None


@cache
def _grammar() -> Lark:
    from lark import Lark

    text = resources.files("trivium.logic").joinpath("expression.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _error(code: str, what: str, span: Span, hint: str) -> ExpressionError:
    return ExpressionError(
        Defect(code, what, span, why="the expression has no meaning as written", hint=hint)
    )


class _Builder:
    """Parse tree → nodes; one method a grammar rule."""

    def __init__(self, origin: Span) -> None:
        self.origin = origin

    def build(self, tree: Tree[Any] | Token) -> Node:
        subtree = cast("Tree[Any]", tree)
        return cast(Node, getattr(self, "_" + subtree.data.rstrip("_"))(self._at(subtree), *subtree.children))

    def _at(self, tree: Tree[Any]) -> Span:
        return self.origin.moved(tree.meta.line, tree.meta.column)

    def _name(self, span: Span, token: Token) -> Node:
        return FactRef(str(token), None, span)

    def _truth(self, span: Span, token: Token) -> Node:
        return Literal(str(token) == "true", BOOLEAN, span)

    def _number(self, span: Span, token: Token, unit: Token | None) -> Node:
        number = Decimal(str(token))
        if unit is not None:
            return Literal(number, Type("quantity", str(unit)[1:-1]), span)
        return Literal(int(number), INTEGER, span) if "." not in token else Literal(number, BARE, span)

    def _date(self, span: Span, token: Token) -> Node:
        try:
            return Literal(datetime.date.fromisoformat(str(token)[1:]).toordinal(), DATE, span)
        except ValueError:
            raise _error("TRV103", f"no such date: {str(token)[1:]}", span, "write @YYYY-MM-DD") from None

    def _string(self, span: Span, token: Token) -> Node:
        return Literal(str(token)[1:-1], TEXT, span)

    def _and(self, span: Span, *parts: Tree[Any]) -> Node:
        return And(tuple(self.build(part) for part in parts), span)

    def _or(self, span: Span, *parts: Tree[Any]) -> Node:
        return Or(tuple(self.build(part) for part in parts), span)

    def _implies(self, span: Span, left: Tree[Any], right: Tree[Any]) -> Node:
        return Implies(self.build(left), self.build(right), span)

    def _not(self, span: Span, child: Tree[Any]) -> Node:
        return Not(self.build(child), span)

    def _equality(self, span: Span, left: Tree[Any], op: Token, right: Tree[Any]) -> Node:
        equal = Compare("=", self.build(left), self.build(right), span)
        return Not(equal, span) if op == "!=" else equal

    def _inequality(self, span: Span, left: Tree[Any], op: Token, right: Tree[Any]) -> Node:
        return Compare(cast(Comparison, str(op)), self.build(left), self.build(right), span)

    def _between(self, span: Span, value: Tree[Any], low: Tree[Any], high: Tree[Any]) -> Node:
        inner = self.build(value)
        return And(
            (Compare(">=", inner, self.build(low), span), Compare("<=", inner, self.build(high), span)), span
        )

    def _is(self, span: Span, child: Tree[Any], negated: Token | None, test: Token) -> Node:
        inner = self.build(child)
        if test == "null":
            known = IsKnown(inner, span)
            return known if negated else Not(known, span)
        tested = IsTrue(inner if test == "true" else Not(inner, span), span)
        return Not(tested, span) if negated else tested

    def _arithmetic(self, span: Span, left: Tree[Any], op: Token, right: Tree[Any]) -> Node:
        return Arith(cast(Any, str(op)), self.build(left), self.build(right), span)

    def _signed(self, span: Span, sign: Token, child: Tree[Any]) -> Node:
        inner = self.build(child)
        if sign == "+":
            return inner
        if (
            isinstance(inner, Literal)
            and not isinstance(inner.value, (str, bool))
            and inner.type.kind != "date"
        ):
            return Literal(-inner.value, inner.type, span)
        return Arith("*", inner, Literal(-1, INTEGER, span), span)

    def _case(self, span: Span, guard: Tree[Any], then: Tree[Any], otherwise: Tree[Any]) -> Node:
        return Case(self.build(guard), self.build(then), self.build(otherwise), span)
