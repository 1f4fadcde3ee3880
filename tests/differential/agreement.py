"""Do the readings agree? One plain function a reading, used by the real tests and by the mutants alike.

Shapes:  criteria by name in dependency order, patients as facts by name; a reading gives one row a patient,
one truth a criterion. `evaluate` is the reference.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import duckdb
import z3
from sqlglot import exp
from tests.property import strategies

from trivium.core.truth import Truth, from_bool
from trivium.core.values import Value
from trivium.logic import columns, proof
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.nodes import Node

Criteria = Mapping[str, Node]
Patient = Mapping[str, Value]
# None: no answer at all, which differs from every answer.
Answers = list[list[Truth | None]]
Reading = Callable[[Criteria, Sequence[Patient]], Answers]


def evaluated(criteria: Criteria, patients: Sequence[Patient]) -> list[list[Truth]]:
    """Reading one, in Python."""
    answers = []
    for patient in patients:
        traces: dict[str, Trace] = {}
        for name, node in criteria.items():
            traces[name] = evaluate(node, patient, traces)
        answers.append([trace.truth for trace in traces.values()])
    return answers


def queried(criteria: Criteria, patients: Sequence[Patient]) -> Answers:
    """Reading three, run by DuckDB: one table of patients, one query."""
    layout = [("id", "BIGINT")]
    for name, kind in strategies.FACTS.items():
        layout += columns.fact_columns(name, kind)
    rows = [(number, *_cells(patient)) for number, patient in enumerate(patients)]
    query = columns.select_criteria(criteria, "facts", keep=["id"]).order_by(exp.column("id"), copy=False)
    with duckdb.connect() as connection:
        connection.execute(_create("facts", layout).sql("duckdb"))
        holes = exp.values([tuple(exp.Placeholder() for _ in layout) for _ in rows])
        cells = [cell for row in rows for cell in row]
        connection.execute(exp.insert(holes, "facts").sql("duckdb"), cells)
        found = connection.execute(query.sql("duckdb", copy=False)).fetchall()
    return [[from_bool(cell) for cell in row[1:]] for row in found]


def solved(criteria: Criteria, patients: Sequence[Patient]) -> Answers:
    """Reading four: the formula once, then every symbol replaced by what the patient has, simplified."""
    symbols = {name: proof.fact_symbols(name, kind) for name, kind in strategies.FACTS.items()}
    encoded: dict[str, proof.Pair] = {}
    for name, node in criteria.items():
        pair = proof.encode(node, symbols, encoded)
        assert isinstance(pair, proof.Pair)
        encoded[name] = pair
    parts = [part for pair in encoded.values() for part in (pair.true, pair.false)]
    whole = z3.simplify(z3.Function("answers", *(z3.BoolSort() for _ in range(len(parts) + 1)))(*parts))
    answers = []
    for patient in patients:
        constants = [one for name, held in symbols.items() for one in proof.assignment(held, patient[name])]
        bits = [_bit(part) for part in z3.simplify(z3.substitute(whole, *constants)).children()]
        answers.append([_truth(*bits[at : at + 2]) for at in range(0, len(bits), 2)])
    return answers


def differences(reading: Reading, criteria: Criteria, patients: Sequence[Patient]) -> list[str]:
    """Where a reading answers otherwise than `evaluate`: a line for each criterion and patient."""
    expected, found = evaluated(criteria, patients), reading(criteria, patients)
    assert len(expected) == len(found) == len(patients)
    return [
        f"{name}: evaluate says {right}, {reading.__name__} says {other}\n  {node}\n  {patient}"
        for patient, rights, others in zip(patients, expected, found, strict=True)
        for (name, node), right, other in zip(criteria.items(), rights, others, strict=True)
        if right is not other
    ]


def sample(seed: int, trees: int, patients: int, depth: int = 3) -> tuple[Criteria, Sequence[Patient]]:
    """The same criteria and patients for the same seed."""
    pick = random.Random(seed).choice
    return strategies.chain(pick, trees, depth), [strategies.patient(pick) for _ in range(patients)]


def _cells(patient: Patient) -> list[columns.CellValue]:
    return [
        cell for name, kind in strategies.FACTS.items() for cell in columns.encode_value(kind, patient[name])
    ]


def _create(table: str, layout: Sequence[tuple[str, str]]) -> exp.Create:
    definitions = [
        exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=exp.DataType.build(kind))
        for name, kind in layout
    ]
    return exp.Create(this=exp.Schema(this=exp.to_table(table), expressions=definitions), kind="TABLE")


def _bit(part: z3.ExprRef) -> bool:
    """A formula without symbols left is a constant; anything else must not be taken for false."""
    assert z3.is_true(part) or z3.is_false(part), part
    return bool(z3.is_true(part))


def _truth(true: bool, false: bool) -> Truth | None:
    """A pair as a truth; surely true and surely false at once is none."""
    if true and false:
        return None
    return from_bool(true if true or false else None)
