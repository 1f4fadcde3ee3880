"""Every row of the dossier's monographs stands in the knowledge, with its source and how well it was seen.

`dossier_rows.yaml` says where each row stands. The place must be there, cite the row's source at the same
level, and hold every number that the row prints. A row that is new, gone or left out must be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT.parent / "shared" / "dossier" / "agents"
TABLE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "dossier_rows.yaml").read_text(encoding="utf-8")
)
PARTS = ("forms", "regimens", "adjustments", "interactions", "due", "spacing", "kinetics")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DOSSIER.is_dir(), reason=f"the dossier is not beside the checkout ({DOSSIER})"),
]


def entries(path: Path) -> list[dict[str, Any]]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found if isinstance(found, list) else [found]


AGENTS = {path.stem: entries(path)[0] for path in (ROOT / "knowledge" / "agents").glob("*.yaml")}
ALERTS = {
    alert["id"]: alert
    for path in (ROOT / "knowledge" / "pathways" / "mda5_rpild" / "alerts").glob("*.yaml")
    for alert in entries(path)
}


def rows(agent: str) -> dict[str, dict[str, Any]]:
    """`section.topic` → the row of one monograph."""
    monograph = entries(DOSSIER / f"{agent}.yaml")[0]
    return {
        f"{section}.{row['topic']}": row
        for section, rows in monograph.items()
        if isinstance(rows, list)
        for row in rows
    }


def at(agent: str, place: str) -> list[dict[str, Any]]:
    """The entries at a place such as `regimens.usual`, `remarks.boxed`, `ivig:rates`, `alerts.pml_signs`."""
    if ":" in place:
        agent, place = place.split(":")
    key, _, name = place.partition(".")
    dosing = AGENTS[agent]["dosing"]
    if key == "alerts":
        return [ALERTS[name]] if name in ALERTS else []
    if key == "lines":
        return [line for line in AGENTS[agent].get("lines", []) if line["id"] == name]
    if key == "biosimilars":
        return [{"names": dosing["biosimilars"]}]
    label = {"remarks": "topic", "prices": "form", "rates": "which"}.get(key, "id")
    return [part for part in dosing.get(key, []) if not name or part[label] == name]


def legs(part: Any) -> Iterator[tuple[str, str]]:
    """Every source with how well it was seen, anywhere inside an entry."""
    if isinstance(part, dict):
        if "source" in part:
            yield part["source"], part["seen"]
        for value in part.values():
            yield from legs(value)
    elif isinstance(part, list):
        for value in part:
            yield from legs(value)


def words(part: Any) -> str:
    if isinstance(part, dict):
        return " ".join(map(words, part.values()))
    return " ".join(map(words, part)) if isinstance(part, list) else str(part)


def numbers(part: Any) -> set[Fraction]:
    return {Fraction(found) for found in re.findall(r"\d+(?:\.\d+)?", words(part))}


def test_every_monograph_is_an_agent_and_every_agent_a_monograph() -> None:
    monographs = {path.stem for path in DOSSIER.glob("*.yaml")}
    assert monographs == set(AGENTS) == set(TABLE)
    assert all("dosing" in agent for agent in AGENTS.values())


@pytest.mark.parametrize("agent", sorted(TABLE))
def test_the_table_has_exactly_the_rows_of_the_monograph(agent: str) -> None:
    table = TABLE[agent]
    placed, left_out = set(table["rows"]), set(table.get("left_out", ()))
    assert placed | left_out == set(rows(agent))
    assert not placed & left_out
    assert all(len(str(reason)) > 10 for reason in table.get("left_out", {}).values())


CASES = [(agent, key, places) for agent, table in TABLE.items() for key, places in table["rows"].items()]


@pytest.mark.parametrize(("agent", "key", "places"), CASES, ids=lambda case: str(case))
def test_a_row_stands_where_the_table_says(agent: str, key: str, places: list[str]) -> None:
    row = rows(agent)[key]
    found = [at(agent, place) for place in places]
    assert all(found), (
        f"no such place: {[place for place, part in zip(places, found, strict=True) if not part]}"
    )
    assert (row["source"], row["seen"]) in set(legs(found))
    in_words = {Fraction(number) for number in TABLE[agent].get("not_in_figures", {}).get(key, ())}
    assert numbers(row["value"]) - numbers(found) == in_words
