"""Reading four: an expression as a formula for Z3, and claims proved or refuted with a patient.

A typed tree → Z3 terms that carry the same parts as every other reading: a boolean is a pair (surely true,
surely false), a choice is one `may` for each choice, a number is two bounds, each of which may be absent
or open. So "not known" is a state of the patient like any other, and a proof holds for it too.

Z3's reals are wider than what a record can hold (nine digits, below 10^11): a proof covers every patient,
a witness may need rounding. All numbers are exact. Import this module only where something is proved:
Z3 takes longer to load than the rest of Trivium.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

import z3

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Interval, Number, Value
from trivium.logic import nodes
from trivium.logic.nodes import Node, Type


@dataclass(frozen=True, slots=True)
class Pair:
    """A boolean: surely true, surely false, never both; unknown when neither."""

    true: z3.BoolRef
    false: z3.BoolRef


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number; `low` and `low_open` mean nothing where `low_absent` holds, and so above."""

    low: z3.ArithRef
    high: z3.ArithRef
    low_absent: z3.BoolRef
    high_absent: z3.BoolRef
    low_open: z3.BoolRef
    high_open: z3.BoolRef


@dataclass(frozen=True, slots=True)
class Possible:
    """A choice: for each, whether the value may be it."""

    may: Mapping[str, z3.BoolRef]


Encoded = Pair | Bounds | Possible


def fact_symbols(name: str, kind: Type) -> Encoded:
    """The unknowns that stand for one fact of one patient (for two patients, give two names)."""
    if kind.kind == "boolean":
        return Pair(z3.Bool(f"{name}__true"), z3.Bool(f"{name}__false"))
    if kind.kind == "choice":
        return Possible({choice: z3.Bool(f"{name}__may_{choice}") for choice in kind.choices})
    number = z3.Real if kind.kind == "quantity" else z3.Int
    flags = (z3.Bool(f"{name}__{flag}") for flag in ("low_absent", "high_absent", "low_open", "high_open"))
    return Bounds(number(f"{name}__low"), number(f"{name}__high"), *flags)


def well_formed(symbols: Encoded) -> list[z3.BoolRef]:
    """What holds of every fact: not both true and false, an interval or a set of choices not empty.

    What means nothing (an absent bound) is pinned, so that every state of a patient has one model.
    """
    if isinstance(symbols, Pair):
        return [z3.Not(z3.And(symbols.true, symbols.false))]
    if isinstance(symbols, Possible):
        return [z3.Or(*symbols.may.values())]
    low, high = symbols.low, symbols.high
    closed = z3.And(z3.Not(symbols.low_open), z3.Not(symbols.high_open))
    return [
        z3.Or(symbols.low_absent, symbols.high_absent, low < high, z3.And(low == high, closed)),
        z3.Implies(symbols.low_absent, z3.And(low == 0, z3.Not(symbols.low_open))),
        z3.Implies(symbols.high_absent, z3.And(high == 0, z3.Not(symbols.high_open))),
    ]


def assignment(symbols: Encoded, value: Value) -> list[tuple[z3.ExprRef, z3.ExprRef]]:
    """Each unknown of a fact with the constant it has for a patient, for `z3.substitute`.

    Errors:  TypeError for a value of another kind than the symbols'.
    """
    if isinstance(symbols, Pair) and isinstance(value, Truth):
        return [(symbols.true, z3.BoolVal(value is TRUE)), (symbols.false, z3.BoolVal(value is FALSE))]
    if isinstance(symbols, Possible) and isinstance(value, frozenset):
        return [(may, z3.BoolVal(choice in value)) for choice, may in symbols.may.items()]
    if not (isinstance(symbols, Bounds) and isinstance(value, Interval)):
        raise TypeError(f"{value!r} does not fit {symbols!r}")
    return [
        (symbols.low, _constant(value.low or 0, symbols.low.is_int())),
        (symbols.high, _constant(value.high or 0, symbols.high.is_int())),
        (symbols.low_absent, z3.BoolVal(value.low is None)),
        (symbols.high_absent, z3.BoolVal(value.high is None)),
        (symbols.low_open, z3.BoolVal(value.low is not None and value.low_open)),
        (symbols.high_open, z3.BoolVal(value.high is not None and value.high_open)),
    ]


def fix(symbols: Encoded, value: Value) -> list[z3.BoolRef]:
    """Constraints under which a fact has exactly this value. Errors as `assignment`."""
    return [symbol == constant for symbol, constant in assignment(symbols, value)]


def decode(model: z3.ModelRef, symbols: Encoded) -> Value:
    """The value of a fact in a model; what the model leaves open becomes what `well_formed` allows.

    Errors:  ValueError when the model is of something that is not well formed.
    """

    def holds(symbol: z3.BoolRef) -> bool:
        return bool(z3.is_true(model.eval(symbol, model_completion=True)))

    def bound(symbol: z3.ArithRef, absent: z3.BoolRef) -> Number | None:
        return None if holds(absent) else _number(model.eval(symbol, model_completion=True))

    if isinstance(symbols, Pair):
        return TRUE if holds(symbols.true) else FALSE if holds(symbols.false) else UNKNOWN
    if isinstance(symbols, Possible):
        return frozenset(choice for choice, may in symbols.may.items() if holds(may))
    low, high = bound(symbols.low, symbols.low_absent), bound(symbols.high, symbols.high_absent)
    low_open, high_open = (
        low is not None and holds(symbols.low_open),
        high is not None and holds(symbols.high_open),
    )
    return Interval(low, high, low_open, high_open)


def encode(node: Node, facts: Mapping[str, Encoded], criteria: Mapping[str, Pair]) -> Encoded:
    """What `node` comes to, in terms of the symbols of the facts and of what the criteria came to.

    Errors:  KeyError for a name that is not there, TypeError for a tree that is not typed.
    """
    match node:
        case nodes.FactRef():
            return facts[node.name]
        case nodes.CriterionRef():
            return criteria[node.name]
        case nodes.Literal():
            return _literal(node)
        case nodes.Compare():
            return _compare(node.op, encode(node.left, facts, criteria), encode(node.right, facts, criteria))
        case nodes.And():
            return _and([_pair(encode(child, facts, criteria)) for child in node.children])
        case nodes.Or():
            return _or([_pair(encode(child, facts, criteria)) for child in node.children])
        case nodes.Not():
            return _not(_pair(encode(node.child, facts, criteria)))
        case nodes.Implies():
            left = _pair(encode(node.left, facts, criteria))
            return _or([_not(left), _pair(encode(node.right, facts, criteria))])
        case nodes.IsTrue():
            return _is_true(_pair(encode(node.child, facts, criteria)))
        case nodes.IsKnown():
            return _is_known(encode(node.child, facts, criteria))
        case nodes.Arith():
            return _arithmetic(node, encode(node.left, facts, criteria), encode(node.right, facts, criteria))
        case nodes.Case():
            guard = _pair(encode(node.guard, facts, criteria))
            return _case(guard, encode(node.then, facts, criteria), encode(node.otherwise, facts, criteria))
        case _:
            assert_never(node)


@dataclass(frozen=True, slots=True)
class Proved:
    """The claim holds for every patient that the axioms allow, and they do allow some."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """A patient whom the axioms allow and for whom the claim does not hold."""

    witness: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Vacuous:
    """The axioms allow no patient at all: nothing was proved, and the axioms are wrong."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The solver gave up, for instance in time: neither proved nor refuted, so never a pass."""

    reason: str


Verdict = Proved | Refuted | Vacuous | Undecided


def check(
    claim: z3.BoolRef, axioms: Sequence[z3.BoolRef], facts: Mapping[str, Encoded], timeout_ms: int = 10_000
) -> Verdict:
    """Whether `claim` holds for every patient that the axioms allow.

    Shapes:  `facts` are the symbols to show in a witness; that each is well formed is taken for granted.
    Units:   milliseconds for each of the two questions put to the solver.
    """
    solver = z3.Solver()
    solver.set("timeout", timeout_ms)
    solver.add(*axioms, *(axiom for symbols in facts.values() for axiom in well_formed(symbols)))
    solver.push()
    solver.add(z3.Not(claim))
    answer = solver.check()
    if answer == z3.sat:
        model = solver.model()
        return Refuted({name: decode(model, symbols) for name, symbols in facts.items()})
    if answer == z3.unsat:
        solver.pop()
        answer = solver.check()
        if answer == z3.sat:
            return Proved()
        if answer == z3.unsat:
            return Vacuous()
    return Undecided(str(solver.reason_unknown()))


def _constant(number: Number, whole: bool) -> z3.ArithRef:
    exact = Fraction(number)
    if whole and exact.denominator == 1:
        return z3.IntVal(exact.numerator)
    return z3.RatVal(exact.numerator, exact.denominator)


def _number(term: z3.ExprRef) -> Number:
    """The exact number of a constant that Z3 found: linear arithmetic has only rational solutions."""
    if z3.is_int_value(term):
        return int(term.as_long())
    if z3.is_rational_value(term):
        return Fraction(term.as_fraction())
    raise ValueError(f"{term} is not a rational number")


def _literal(node: nodes.Literal) -> Encoded:
    if isinstance(node.value, bool):
        return Pair(z3.BoolVal(node.value), z3.BoolVal(not node.value))
    if isinstance(node.value, str):
        return Possible({node.value: z3.BoolVal(True)})
    number, no = _constant(node.value, isinstance(node.value, int)), z3.BoolVal(False)
    return Bounds(number, number, no, no, no, no)


def _pair(encoded: Encoded) -> Pair:
    if isinstance(encoded, Pair):
        return encoded
    raise TypeError("not a boolean")


def _bounds(encoded: Encoded) -> Bounds:
    if isinstance(encoded, Bounds):
        return encoded
    raise TypeError("not a number")


def _and(parts: Sequence[Pair]) -> Pair:
    return Pair(z3.And(*(part.true for part in parts)), z3.Or(*(part.false for part in parts)))


def _or(parts: Sequence[Pair]) -> Pair:
    return Pair(z3.Or(*(part.true for part in parts)), z3.And(*(part.false for part in parts)))


def _not(part: Pair) -> Pair:
    return Pair(part.false, part.true)


def _is_true(part: Pair) -> Pair:
    return Pair(part.true, z3.Not(part.true))


def _is_known(encoded: Encoded) -> Pair:
    if isinstance(encoded, Pair):
        known = z3.Or(encoded.true, encoded.false)
    elif isinstance(encoded, Bounds):
        known = z3.Not(z3.And(encoded.low_absent, encoded.high_absent))
    else:
        known = z3.Not(z3.And(*encoded.may.values()))
    return Pair(known, z3.Not(known))


def _compare(op: nodes.Comparison, left: Encoded, right: Encoded) -> Pair:
    if isinstance(left, Possible) and isinstance(right, Possible):
        return _same_choice(left, right)
    one, other = _bounds(left), _bounds(right)
    match op:
        case "<":
            return Pair(_below(one, other), _not_below(one, other))
        case "<=":
            return Pair(_not_below(other, one), _below(other, one))
        case ">":
            return Pair(_below(other, one), _not_below(other, one))
        case ">=":
            return Pair(_not_below(one, other), _below(one, other))
        case "=":
            return _equal(one, other)
        case _:
            assert_never(op)


def _below(left: Bounds, right: Bounds) -> z3.BoolRef:
    """Every number on the left is less than every one on the right."""
    touch = z3.And(left.high == right.low, z3.Or(left.high_open, right.low_open))
    return z3.And(z3.Not(left.high_absent), z3.Not(right.low_absent), z3.Or(left.high < right.low, touch))


def _not_below(left: Bounds, right: Bounds) -> z3.BoolRef:
    """No number on the left is less than any on the right."""
    return z3.And(z3.Not(left.low_absent), z3.Not(right.high_absent), left.low >= right.high)


def _equal(left: Bounds, right: Bounds) -> Pair:
    same = z3.And(_is_point(left), _is_point(right), left.low == right.low)
    return Pair(same, z3.Or(_below(left, right), _below(right, left)))


def _is_point(number: Bounds) -> z3.BoolRef:
    return z3.And(z3.Not(number.low_absent), z3.Not(number.high_absent), number.low == number.high)


def _same_choice(left: Possible, right: Possible) -> Pair:
    """True when no two different choices are possible, false when none is shared; no side is empty."""
    shared = [z3.And(may, right.may[choice]) for choice, may in left.may.items() if choice in right.may]
    different = [
        z3.And(may, other_may)
        for choice, may in left.may.items()
        for other, other_may in right.may.items()
        if choice != other
    ]
    return Pair(z3.Not(z3.Or(*different)), z3.Not(z3.Or(*shared)))


def _arithmetic(node: nodes.Arith, left: Encoded, right: Encoded) -> Bounds:
    one, other = _bounds(left), _bounds(right)
    if node.op == "+":
        return _add(one, other)
    if node.op == "-":
        return _add(one, _scale(other, Fraction(-1)))
    if not isinstance(node.right, nodes.Literal):
        raise TypeError("the resolver lets only literals multiply or divide")
    factor = nodes.factor_of(node.right)
    if node.op == "*":
        return _scale(one, factor)
    return _scale(one, Fraction(1) / factor) if factor else _nothing_known()


def _nothing_known() -> Bounds:
    zero, no, yes = z3.RealVal(0), z3.BoolVal(False), z3.BoolVal(True)
    return Bounds(zero, zero, yes, yes, no, no)


def _add(left: Bounds, right: Bounds) -> Bounds:
    return Bounds(
        left.low + right.low,
        left.high + right.high,
        z3.Or(left.low_absent, right.low_absent),
        z3.Or(left.high_absent, right.high_absent),
        z3.Or(left.low_open, right.low_open),
        z3.Or(left.high_open, right.high_open),
    )


def _scale(number: Bounds, factor: Fraction) -> Bounds:
    """Mirrors `core.values.scale`: a negative factor swaps the bounds, zero leaves closed bounds at zero."""
    times = _constant(factor, number.low.is_int() and number.high.is_int())
    low, high = times * number.low, times * number.high
    if factor > 0:
        return Bounds(low, high, number.low_absent, number.high_absent, number.low_open, number.high_open)
    if factor < 0:
        return Bounds(high, low, number.high_absent, number.low_absent, number.high_open, number.low_open)
    no = z3.BoolVal(False)
    return Bounds(low, high, number.low_absent, number.high_absent, no, no)


def _case(guard: Pair, then: Encoded, otherwise: Encoded) -> Encoded:
    """The guard is never unknown, so what is not surely true is surely false."""
    if isinstance(then, Pair) and isinstance(otherwise, Pair):
        return Pair(
            z3.If(guard.true, then.true, otherwise.true), z3.If(guard.true, then.false, otherwise.false)
        )
    one, other = _bounds(then), _bounds(otherwise)
    return Bounds(
        z3.If(guard.true, one.low, other.low),
        z3.If(guard.true, one.high, other.high),
        z3.If(guard.true, one.low_absent, other.low_absent),
        z3.If(guard.true, one.high_absent, other.high_absent),
        z3.If(guard.true, one.low_open, other.low_open),
        z3.If(guard.true, one.high_open, other.high_open),
    )
