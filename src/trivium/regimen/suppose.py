"""What unknown conditions could come to together: the possible cases of one patient.

Two rows of one table (clearance 30 to 49, clearance 10 to 29) are both unknown while the clearance is, and
never hold both. So the facts behind the unknown conditions are given values from each stretch between two
thresholds, and what the conditions then come to is what is possible. Conditions that share no unknown fact
are independent: their cases combine freely. It must not know what the conditions are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, floor, prod

from trivium.core.truth import FALSE, TRUE, Truth
from trivium.core.values import Interval, Number, Value, point
from trivium.logic.nodes import Compare, CriterionRef, FactRef, Literal, Node, children, fact_names
from trivium.regimen.patient import Patient, is_settled

Case = frozenset[str]  # the conditions that hold in it, by name; the others do not

MOST_CELLS = 600  # values tried of the facts behind one group of conditions
MOST_CASES = 64  # cases of all groups together that are looked at one by one


def cases(patient: Patient, conditions: Mapping[str, Node]) -> tuple[Case, ...]:
    """The sets of conditions that can hold together, one patient's knowledge given.

    Shapes:  every condition is unknown for the patient; one empty case when there are none. Where there
             are too many to try, each condition may hold or not, independently; where these are too many
             to list, each alone, none, and all.
    """
    groups = [_group_cases(patient, group) for group in _groups(patient, conditions)]
    if prod(len(group) for group in groups) <= MOST_CASES:
        return tuple(frozenset().union(*parts) for parts in product(*groups))
    least = [min(group, key=len) for group in groups]
    found: dict[Case, None] = {frozenset().union(*least): None}
    for index, group in enumerate(groups):
        others = frozenset().union(*least[:index], *least[index + 1 :])
        found.update((others | case, None) for case in group)
    for picked in product(*(_maximal(group) for group in groups)):
        found[frozenset().union(*picked)] = None
        if len(found) > 2 * MOST_CASES:
            break
    found[frozenset(conditions)] = None
    return tuple(found)


def _groups(patient: Patient, conditions: Mapping[str, Node]) -> list[dict[str, Node]]:
    """Conditions that share an unknown fact, together."""
    groups: list[tuple[set[str], dict[str, Node]]] = []
    for name, node in conditions.items():
        facts = {fact for fact in patient.facts_behind(node) if not is_settled(patient.values[fact])}
        group = {name: node}
        apart = []
        for others, members in groups:
            if others & facts:
                facts, group = facts | others, {**members, **group}
            else:
                apart.append((others, members))
        groups = [*apart, (facts, group)]
    return [group for _, group in groups]


def _group_cases(patient: Patient, group: Mapping[str, Node]) -> tuple[Case, ...]:
    facts = sorted({fact for node in group.values() for fact in patient.facts_behind(node)})
    open_facts = [fact for fact in facts if not is_settled(patient.values[fact])]
    nodes = list(_walk(patient, group.values()))
    if not all(_is_simple(node) for node in nodes):
        return _independent(group)
    cells = {fact: _cells(patient, fact, nodes) for fact in open_facts}
    if prod(len(values) for values in cells.values()) > MOST_CELLS:
        return _independent(group)
    found: dict[Case, None] = {}
    for picked in product(*cells.values()):
        supposed = patient.supposing(dict(zip(cells, picked, strict=True)))
        truths = {name: supposed.trace(node).truth for name, node in group.items()}
        if not all(truth in (TRUE, FALSE) for truth in truths.values()):
            return _independent(group)
        found[frozenset(name for name, truth in truths.items() if truth is TRUE)] = None
    return tuple(sorted(found, key=lambda case: (len(case), sorted(case))))


def _independent(group: Mapping[str, Node]) -> tuple[Case, ...]:
    names = list(group)
    if 2 ** len(names) <= MOST_CASES:
        picks = product((False, True), repeat=len(names))
        return tuple(frozenset(n for n, held in zip(names, pick, strict=True) if held) for pick in picks)
    return (frozenset(), *(frozenset((name,)) for name in names), frozenset(names))


def _maximal(group: Sequence[Case]) -> list[Case]:
    return [case for case in group if not any(case < other for other in group)]


def _walk(patient: Patient, nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node of the conditions and of the criteria behind them."""
    for node in nodes:
        yield node
        if isinstance(node, CriterionRef):
            yield from _walk(patient, [patient.pathway.criteria[node.name].when])
        yield from _walk(patient, children(node))


def _is_simple(node: Node) -> bool:
    """Whether its thresholds can be read off: a comparison sets one fact against one number or choice."""
    if not isinstance(node, Compare):
        return True
    return {type(node.left), type(node.right)} <= {FactRef, Literal} and len(fact_names(node)) < 2


def _cells(patient: Patient, fact: str, nodes: Sequence[Node]) -> list[Value]:
    """One value of the fact on each threshold that it is compared with, between them, and beyond."""
    value = patient.values[fact]
    if isinstance(value, Truth):
        return [TRUE, FALSE]
    if isinstance(value, frozenset):
        return [frozenset((choice,)) for choice in sorted(value)]
    is_whole = patient.pathway.facts[fact].type.kind != "quantity"
    return [point(number) for number in _numbers(value, _thresholds(fact, nodes), is_whole)]


def _thresholds(fact: str, nodes: Iterable[Node]) -> list[Fraction]:
    found = set()
    for node in nodes:
        if isinstance(node, Compare):
            sides = (node.left, node.right)
            if any(isinstance(side, FactRef) and side.name == fact for side in sides):
                found |= {
                    Fraction(side.value)
                    for side in sides
                    if isinstance(side, Literal) and not isinstance(side.value, (bool, str))
                }
    return sorted(found)


def _numbers(value: Interval, thresholds: Sequence[Fraction], is_whole: bool) -> list[Number]:
    edges = [Fraction(bound) for bound in (value.low, value.high) if bound is not None]
    marks = sorted({*thresholds, *edges}) or [Fraction(0)]
    between = [(low + high) / 2 for low, high in pairwise(marks)]
    numbers = sorted({*marks, *between, marks[0] - 1, marks[-1] + 1})
    if is_whole:
        near = {whole for number in numbers for whole in (floor(number), ceil(number))}
        numbers = sorted(Fraction(each + step) for each in near for step in (-1, 0, 1))
    inside: list[Number] = [int(n) if is_whole else n for n in dict.fromkeys(numbers) if n in value]
    return inside or [marks[0]]
