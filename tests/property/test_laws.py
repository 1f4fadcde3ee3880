"""The laws of docs/semantics.md over random states of a patient, run through the engine itself.

`trivium prove` asks a solver the same of every state; this asks the engine, of many. Each law is also
broken on purpose, in the engine or in the content, and must then find a patient that shows it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from tests.property import states
from tests.property.states import FACTS, PATHWAY, State

from trivium.core import truth, values
from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth
from trivium.core.values import Interval, is_known
from trivium.knowledge.checks.expressions import names_behind, written
from trivium.knowledge.given import unknown_of
from trivium.knowledge.models import Pathway
from trivium.logic.evaluate import Trace, evaluate
from trivium.logic.nodes import BOOLEAN, And, CriterionRef, FactRef, IsTrue, Node, Or, is_monotone, criterion_names
from trivium.pathway import assess as engine
from trivium.pathway.assess import AVAILABILITY, Assessment, Option, assess

quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
lawful = settings(max_examples=250, deadline=None, database=None, suppress_health_check=quiet)
hunting = settings(
    max_examples=2_000, deadline=None, database=None, derandomize=True, suppress_health_check=quiet
)
OFFERED = ("consider", "recommended")

# Law (c) has exceptions by design (decision 0013): criteria with `is true` inside a bar.
COUNTS_ONLY_WHEN_KNOWN: Mapping[str, str] = {
}


def offered(option: Option) -> bool:
    return option.status in OFFERED


def options(assessment: Assessment) -> dict[str, Option]:
    return {option.agent.id: option for option in assessment.options}


def hazards(assessment: Assessment) -> set[str]:
    return {raised.alert.id for raised in assessment.alerts if raised.alert.kind == "hazard"}
