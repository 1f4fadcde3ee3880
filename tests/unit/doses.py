"""Doses for tests: the small folder in tests/data/dosing, patients made of settings. No tests here."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path
from typing import Any

from trivium.commands.dose import settings
from trivium.knowledge.dosing import Dosing
from trivium.knowledge.loader import load
from trivium.knowledge.models import Knowledge
from trivium.plan import end_of_day
from trivium.record.events import Person, ReadReport, Record
from trivium.record.facts import read_facts
from trivium.record.site import Site
from trivium.regimen.dose import Dose, choose, dose
from trivium.regimen.patient import Patient

FOLDER = Path(__file__).resolve().parents[1] / "data" / "dosing"
DAY = datetime.date(2024, 3, 5)


@cache
def knowledge(real: bool = False) -> Knowledge:
    """The small folder, or the real content."""
    return load() if real else load(FOLDER)


def patient(real: bool = False, **given: Any) -> Patient:
    """A patient of whom nothing is known but what is given, as on the command line."""
    known = knowledge(real)
    typed = settings([f"{name}={value}" for name, value in given.items()], known, Site())
    record = Record(Person(""), [], ReadReport(), dict(typed))
    as_of = end_of_day(DAY, datetime.UTC)
    facts = read_facts(record, known.pathway.facts, as_of, datetime.UTC, Site())
    return Patient(known.pathway, facts, as_of, given=typed)


def dosing(agent: str, real: bool = False) -> Dosing:
    found: Dosing = knowledge(real).dosing[agent]
    return found


def dosed(agent: str, regimen: str = "", real: bool = False, **given: Any) -> Dose:
    """One agent for one patient, by a regimen or its default."""
    someone = patient(real, **given)
    chosen = choose(dosing(agent, real), someone, regimen)
    assert chosen is not None, agent
    beside = {}
    for rule in chosen.rules:
        if rule.of:
            other = choose(dosing(rule.of, real), someone)
            assert other is not None
            beside[rule.of] = dose(dosing(rule.of, real), other, someone)
    return dose(dosing(agent, real), chosen, someone, beside=beside)


def outcomes(found: Dose) -> list[list[str]]:
    """What each alternative gives, in words, the highest first."""
    return [
        ["not to be given" if each.given is None else each.given.words() for each in alternative.settled]
        for alternative in found.alternatives
    ]


def given(found: Dose) -> str:
    """The one dose there is."""
    assert found.status == "dose", (found.status, outcomes(found))
    ((words,),) = outcomes(found)
    return words


def steps(found: Dose, kind: str) -> list[str]:
    """The steps of one kind, of all alternatives."""
    own = [step.text for step in found.steps if step.kind == kind]
    return own + [
        step.text
        for alternative in found.alternatives
        for settled in alternative.settled
        for step in settled.steps
        if step.kind == kind
    ]
