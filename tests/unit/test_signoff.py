"""A sign-off: read in words, held to exactly the content it names."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest
from tests.unit.command_line import DAY, RECORD, ROOT

from trivium.commands.assess import Request, make_plans
from trivium.core.errors import UsageError
from trivium.knowledge.loader import load
from trivium.knowledge.signoff import INVALID, UNSIGNED, is_valid, read_signoff, state
from trivium.plan_json import plan_data

KNOWLEDGE = load()
GOOD = {
    "pathway": KNOWLEDGE.pathway.id,
    "version": KNOWLEDGE.pathway.version,
    "content": KNOWLEDGE.version,
    "by": "A. Name",
    "role": "Head of rheumatology",
    "date": "2026-01-31",
    "scope": "Adults <65 kg, inpatients",
}


def written(folder: Path, **changed: str | None) -> Path:
    """A sign-off file: a key with None is left out."""
    rows = [f'{key} = "{value}"' for key, value in {**GOOD, **changed}.items() if value is not None]
    path = folder / "signoff.toml"
    path.write_text("\n".join(["[signoff]", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_sign_off_for_this_content_is_shown_with_role_and_date(tmp_path: Path) -> None:
    signed = read_signoff(written(tmp_path))
    assert (signed.by, signed.date, signed.scope) == (GOOD["by"], datetime.date(2026, 1, 31), GOOD["scope"])
    assert state(KNOWLEDGE, signed) == "signed off by Head of rheumatology on 2026-01-31 for this content"


def test_without_one_the_content_is_a_draft() -> None:
    assert state(KNOWLEDGE, None) == UNSIGNED == "draft, not signed off"


@pytest.mark.parametrize(
    ("key", "value"), [("content", "0" * 64), ("version", "0.0.1"), ("pathway", "other")]
)
def test_a_sign_off_for_anything_else_is_not_valid(tmp_path: Path, key: str, value: str) -> None:
    signed = read_signoff(written(tmp_path, **{key: value}))
    assert not is_valid(KNOWLEDGE, signed)
    assert state(KNOWLEDGE, signed) == INVALID == "signed off for another content: not valid"


def test_the_plan_says_whether_the_content_is_signed_off(tmp_path: Path) -> None:
    (plan,) = make_plans(Request(RECORD, DAY))
    assert plan_data(plan)["pathway"]["signoff"] == UNSIGNED
    signed = read_signoff(written(tmp_path))
    assert plan_data(plan, signed)["pathway"]["signoff"] == state(KNOWLEDGE, signed)


def test_a_change_of_the_content_ends_the_sign_off(tmp_path: Path) -> None:
    signed = read_signoff(written(tmp_path))
    assert is_valid(KNOWLEDGE, signed)
    assert not is_valid(dataclasses.replace(KNOWLEDGE, version="1" * 64), signed)


@pytest.mark.parametrize("key", GOOD)
def test_every_key_is_needed(tmp_path: Path, key: str) -> None:
    for value in (None, "", "  ", "<to fill in>"):
        with pytest.raises(UsageError, match=rf"`{key}` ") as caught:
            read_signoff(written(tmp_path, **{key: value}))
        assert caught.value.hint


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("content", KNOWLEDGE.version[:12], "is not a content hash"),
        ("date", "31.1.2026", "not a day"),
        ("date", "2026-02-30", "no day of the calendar"),
        ("role", "Head\\u001b[2J", "cannot be shown"),
        ("role", "Head\\nof", "cannot be shown"),
        ("signed", "yes", "is not a key"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path: Path, key: str, value: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_signoff(written(tmp_path, **{key: value}))


def test_a_date_may_be_written_without_quotes(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('"2026-01-31"', "2026-01-31"), encoding="utf-8")
    assert read_signoff(path).date == datetime.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[signoff", "not TOML"),
        (b"\xff", "not TOML"),
        (b"", "one table"),
        (b"signoff = 1", "one table"),
        (b"[signoff]\n[other]", "one table"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "signoff.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read_signoff(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_signoff(tmp_path / "none.toml")


def test_the_example_has_every_key_and_signs_nothing() -> None:
    example = ROOT / "docs" / "signoff.example.toml"
    text = example.read_text(encoding="utf-8")
    assert all(f"\n{key} = " in text for key in GOOD)
    with pytest.raises(UsageError, match="has not been filled in"):
        read_signoff(example)
