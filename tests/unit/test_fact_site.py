"""Site profiles: what is read, and which words a mistake gets."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from trivium.core.errors import UsageError
from trivium.core.values import point
from trivium.record.site import read_site


def write(path: Path, text: str) -> Path:
    file = path / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_profile(tmp_path: Path) -> None:
    site = read_site(
        write(
            tmp_path,
            """
            zone = "Asia/Tokyo"
            complete = ["problem_list_complete"]
            [cutoffs]
            anti_mda5_antibody = {value = 32.5, unit = "[arb'U]/mL"}
            """,
        )
    )
    assert site.zone.utcoffset(datetime.datetime(2024, 1, 1)) == datetime.timedelta(hours=9)
    assert site.complete == {"problem_list_complete"}
    assert site.cutoffs["anti_mda5_antibody"].amount == point(Decimal("32.5"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "`zone` is missing"),
        ("zone = 9", "`zone` is missing or not a text"),
        ('zone = "Mars/Olympus"', "not a time zone"),
        ('zone = "../etc/passwd"', "not a time zone"),
        ("zone = ", "not TOML"),
        ('zone = "UTC"\nzones = 1', "`zones` is not a key"),
        ('zone = "UTC"\ncomplete = "yes"', "`complete` is not a list"),
        ('zone = "UTC"\ncutoffs = 5', "`cutoffs` is not a table"),
        ('zone = "UTC"\n[cutoffs]\na = 5', "`cutoffs.a` needs a value and a unit"),
        ('zone = "UTC"\n[cutoffs]\na = {value = "5", unit = "1"}', "no number as its value"),
        ('zone = "UTC"\n[cutoffs]\na = {value = true, unit = "1"}', "no number as its value"),
        ('zone = "UTC"\n[cutoffs]\na = {value = nan, unit = "1"}', "no number as its value"),
        ('zone = "UTC"\n[cutoffs]\na = {value = 5, unit = 1}', "no text as its unit"),
        ('zone = "UTC"\n[cutoffs]\na = {value = 5, unit = "blob"}', "cannot be used"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_site(write(tmp_path, text))
    assert words in str(caught.value) and "site.toml" in str(caught.value)


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_site(tmp_path / "none.toml")
