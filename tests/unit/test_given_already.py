"""What was given already: nothing is begun anew over a course that runs, and what is not known is said."""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trivium.commands.regimen import RegimenRequest, make
from trivium.core.truth import FALSE, TRUE, UNKNOWN
from trivium.core.values import Interval, Value, point
from trivium.knowledge.dosing import Dosing
from trivium.knowledge.loader import load
from trivium.regimen.calendar.course import Choice, course_of
from trivium.treatment.given import Already, already

KNOWLEDGE = load()
START = datetime.date(2026, 3, 2)


@dataclass
class Said:
    """As much of a patient as is looked at."""

    values: dict[str, Value]

    def told(self, name: str) -> str:
        return f"{name} {self.values[name]}"


def past(agent: str, regimen: str, ago: Any, taken: Value = TRUE, start: datetime.date = START) -> Already:
    dosing: Dosing = KNOWLEDGE.dosing[agent]
    choice = Choice(dosing, dosing.regimens[regimen])
    values: dict[str, Value] = {dosing.active: taken}
    if dosing.last_given:
        values[dosing.last_given] = Interval() if ago is None else point(ago) if isinstance(ago, int) else ago
    return already(choice, course_of(choice, 84), Said(values), START, start)  # type: ignore[arg-type]


def day(ago: int) -> datetime.date:
    return START - datetime.timedelta(ago)


RTX, CYC, IVIG = (
    next(iter(KNOWLEDGE.dosing[name].regimens)) for name in ("rituximab", "cyclophosphamide", "ivig")
)
TPE = next(iter(KNOWLEDGE.dosing["plasma_exchange"].regimens))


@pytest.mark.parametrize(
    ("agent", "regimen", "ago", "days"),
    [
        ("rituximab", RTX, 1, (1,)),
        ("rituximab", RTX, 14, (14,)),
        ("rituximab", RTX, 15, (28, 15)),
        ("rituximab", RTX, 100, (113, 100)),
        ("cyclophosphamide", CYC, 10, (10,)),
        ("cyclophosphamide", CYC, 27, (27,)),
        ("cyclophosphamide", CYC, 28, ()),
        ("ivig", IVIG, 1, (1,)),
        ("ivig", IVIG, 2, (3, 2)),
        ("ivig", IVIG, 27, (28, 27)),
        ("ivig", IVIG, 28, ()),
    ],
)
def test_a_known_day_is_placed_in_its_course(
    agent: str, regimen: str, ago: int, days: tuple[int, ...]
) -> None:
    found = past(agent, regimen, ago)
    assert not found.is_open
    assert found.days == tuple(day(each) for each in days)
    assert f"{ago} days before" in found.words


def test_counted_to_the_start_and_not_to_the_day_of_the_facts() -> None:
    later = START + datetime.timedelta(20)
    assert past("cyclophosphamide", CYC, 10, start=later).days == ()
    assert past("cyclophosphamide", CYC, 10).days == (day(10),)


@pytest.mark.parametrize("ago", [None, Interval(3, 9), Interval(None, 20)])
def test_given_and_nobody_knows_when(ago: Any) -> None:
    found = past("cyclophosphamide", CYC, ago)
    assert found.is_open
    assert found.days == ()
    assert "not known" in found.words


def test_one_of_many_sessions_is_not_placed() -> None:
    found = past("plasma_exchange", TPE, 2)
    assert found.is_open
    assert "which of its course" in found.words


def test_a_dose_of_the_start_or_after_it_waits() -> None:
    assert past("rituximab", RTX, 0).is_open
    assert past("rituximab", RTX, 5, start=day(6)).is_open


def test_never_given_is_nothing() -> None:
    assert past("rituximab", RTX, None, FALSE) == Already()


def test_not_known_whether_it_was_given() -> None:
    assert past("rituximab", RTX, None, UNKNOWN) == Already()
    found = past("rituximab", RTX, 300, UNKNOWN)
    assert found.days == ()
    assert "open" in found.words


def test_a_drug_that_is_being_taken_says_so() -> None:
    found = past("tacrolimus", next(iter(KNOWLEDGE.dosing["tacrolimus"].regimens)), None)
    assert "taken already" in found.words
    assert not found.is_open


class TestDone:
    """What is due before a treatment: there already, or still to come."""

    FORM = (
        "age: 50\nsex: male\nrp_ild: true\nanti_mda5_antibody: positive\nbody_weight: 70\nbody_height: 170\n"
    )

    def made(self, agents: str, *lines: str, start: str = "") -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "case.yaml"
            path.write_text(self.FORM + "\n".join(lines), encoding="utf-8")
            request = RegimenRequest(path, agents, as_of=START.isoformat(), start=start, days=70)
            return make(request)

    def notes(self, *lines: str) -> str:
        return " ".join(self.made("cyclophosphamide", *lines)["calendar"]["notes"])

    def counted(self, *lines: str, start: str = "") -> list[str]:
        rows = self.made("cyclophosphamide", "neutrophil_count: 4", *lines, start=start)["calendar"]["rows"]
        return [row["date"] for row in rows if "counts_before_pulse" in row["id"] and not row["given"]]

    @pytest.mark.parametrize(("said", "runs"), [("true", True), ("false", False), ("unknown", False)])
    def test_a_cover_runs_when_it_is_taken_and_not_when_it_is_denied(self, said: str, runs: bool) -> None:
        notes = self.notes("neutrophil_count: 4", f"pjp_prophylaxis_active: {said}")
        assert ("is running already: Pneumocystis" in notes) is runs

    def test_one_known_fact_does_not_stand_for_the_tests_beside_it(self) -> None:
        assert "urinalysis" not in self.notes("neutrophil_count: 4", "creatinine: 1", "hcg: negative")

    def test_known_for_the_first_pulse_and_drawn_again_before_the_next(self) -> None:
        known = self.counted("platelet_count: 200", "hemoglobin: 12")
        drawn = self.counted()
        assert len(known) == len(drawn) - 1 >= 1
        assert min(known) > min(drawn)

    def test_too_old_at_the_start_is_drawn_again(self) -> None:
        all_known = ("platelet_count: 200", "hemoglobin: 12")
        early, late = self.counted(*all_known), self.counted(*all_known, start="2026-06-01")
        assert len(late) == len(early) + 1
