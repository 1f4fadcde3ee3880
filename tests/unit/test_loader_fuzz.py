"""Whatever a knowledge folder holds, it yields defects with a place, never a traceback."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from trivium.knowledge import loader

TINY = Path(__file__).parent.parent / "data" / "tiny_knowledge"
JUNK = [
    *("", "null", "[]", "{}", "true", "5", "-1.5", "'x'", "[1, [2]]", "{a: {b: c}}", "no", "!!x y", "\t"),
    *("ill", "not ill", "hbsag", "3 d", "a: b", "- x", "{id: 3}", "[[]]", "2020-01-01", ".inf", "'"),
]


def mutate(root: Path, dice: random.Random) -> None:
    """Take a line out, double it, change its value, or put something into it."""
    file = dice.choice(sorted(root.rglob("*.yaml")))
    lines = file.read_text(encoding="utf-8").split("\n")
    at = dice.randrange(len(lines))
    how = dice.choice(("drop", "double", "value", "insert"))
    if how == "drop":
        del lines[at]
    elif how == "double":
        lines.insert(at, dice.choice(lines))
    elif how == "value" and ":" in lines[at]:
        parts = lines[at].split(":")
        lines[at] = ":".join(parts[: dice.randrange(1, len(parts))]) + ": " + dice.choice(JUNK)
    else:
        cut = dice.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:cut] + dice.choice(JUNK) + lines[at][cut:]
    file.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("seed", range(40))
def test_never_a_traceback(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    root = Path(shutil.copytree(TINY, tmp_path / "knowledge"))
    for _ in range(dice.randint(1, 3)):
        mutate(root, dice)
    assert all(defect.what and defect.span for defect in loader.check(root))


def test_a_row_of_products_that_lacks_a_column(tmp_path: Path) -> None:
    root = Path(shutil.copytree(TINY, tmp_path / "knowledge"))
    (root / "valuesets/rxnorm_products.csv").write_text("product_rxcui,product_name\n1,x\n", encoding="utf-8")
    assert [(each.code, str(each.span)) for each in loader.check(root)] == [
        ("TRV162", "valuesets/rxnorm_products.csv:2:1")
    ]
