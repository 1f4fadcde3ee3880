"""Every promise, the pathway and every code of a value set says on what it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2] / "knowledge"
PATHWAYS = sorted((ROOT / "pathways").iterdir())
VALUE_SETS = sorted((ROOT / "valuesets").glob("*.yaml"))


@pytest.mark.parametrize("folder", PATHWAYS, ids=lambda folder: folder.name)
def test_the_pathway_and_its_promises_name_their_basis(folder: Path) -> None:
    entries = [yaml.safe_load((folder / "pathway.yaml").read_text(encoding="utf-8"))]
    for path in sorted((folder / "properties").glob("*.yaml")):
        entries += yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [entry["id"] for entry in entries if not entry.get("basis")] == []


@pytest.mark.parametrize("path", VALUE_SETS, ids=lambda path: path.stem)
def test_every_code_says_where_it_was_read_or_that_it_is_not_verified(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    codes = [*data.get("codes", ()), *data.get("code_prefixes", ())]
    assert [code for code in codes if code.get("verified") and not code.get("source")] == []


@pytest.mark.parametrize("path", VALUE_SETS, ids=lambda path: path.stem)
def test_a_value_set_of_words_alone_says_whose_words_they_are(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    codes = [*data.get("codes", ()), *data.get("code_prefixes", ())]
    assert codes or data.get("source")
