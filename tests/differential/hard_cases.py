"""From FHIR resources to an answer in every reading: read, made facts, asked in Python, SQL and SMT.

Facts are those of the content where only their unit and codes matter; how long they are good for is set
here, so that dates at the edge of a window do not move with the content. No tests here.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from unittest import mock

from tests.differential.agreement import evaluated, queried, solved
from tests.property import strategies
from tests.unit.test_fhir_samples import UCUM, Json, bundle, coded, patient, resource

from trivium.core.truth import Truth
from trivium.core.values import Interval
from trivium.knowledge.loader import load
from trivium.knowledge.models import FactSpec, Retrieval
from trivium.logic.nodes import BOOLEAN, Type
from trivium.logic.parse import parse
from trivium.logic.resolve import Scope, resolve
from trivium.plan import end_of_day
from trivium.record.fact import Fact
from trivium.record.facts import read_facts
from trivium.record.fhir_in import read_bytes
from trivium.record.site import Site

DAY = 86_400
AS_OF = "2024-03-31"
KNOWLEDGE = load()
CODES = {
    "lymphocyte_count": "731-0",
    "ferritin": "2276-4",
    "creatinine": "2160-0",
    "pao2": "2703-7",
    "egfr": "62238-1",
    "anti_mda5_antibody": "82424-3",
}


def _latest(name: str, unit: str, good_for: int | None = 14 * DAY) -> FactSpec:
    known = KNOWLEDGE.pathway.facts.get(name)
    return FactSpec(
        name,
        name,
        Type("quantity", unit),
        Retrieval("latest", (name,)),
        good_for=good_for,
        plausible=Interval(Decimal(0), None),
        conversions=known.conversions if known else {},
    )


def _antibody() -> Mapping[str, FactSpec]:
    real = {name: KNOWLEDGE.pathway.facts[name] for name in ("anti_mda5_antibody", "mda5_positive_ever")}
    return {name: dataclasses.replace(spec, good_for=90 * DAY) for name, spec in real.items()}


SPECS: Mapping[str, FactSpec] = {
    "lymphocyte_count": _latest("lymphocyte_count", "10*3/uL"),
    "ferritin": _latest("ferritin", "ng/mL", None),
    "creatinine": _latest("creatinine", "mg/dL"),
    "pao2": _latest("pao2", "mm[Hg]", DAY),
    "egfr": _latest("egfr", "mL/min/{1.73_m2}"),
    "counted_recently": FactSpec(
        "counted_recently",
        "counted_recently",
        BOOLEAN,
        Retrieval("done", ("lymphocyte_count",), 7 * DAY),
    ),
    **_antibody(),
}


def observation(name: str, value: object = None, unit: str | None = None, **more: Any) -> Json:
    """A final result of patient p, of noon on as-of's day unless `more` says otherwise.

    `value` may bear a comparator (">=0.5"); the unit is text and UCUM code alike.
    """
    result: Json = {"id": name, "code": coded(CODES[name]), "effectiveDateTime": f"{AS_OF}T12:00:00Z"}
    if value is not None:
        text = str(value)
        number = text.lstrip("<>=")
        quantity: Json = {"value": float(number)}
        if text != number:
            quantity["comparator"] = text.removesuffix(number)
        if unit is not None:
            quantity |= {"unit": unit, "system": UCUM, "code": unit}
        result["valueQuantity"] = quantity
    return resource("Observation", **{**result, **more})


def lymphocytes(value: object = "0.4", unit: str | None = "10*3/uL", **more: Any) -> Json:
    return observation("lymphocyte_count", value, unit, **more)


def on(time: str) -> Json:
    """When a result was taken: a date or dateTime, or `start/end` of a period; any end may be left out."""
    if "/" not in time:
        return {"effectiveDateTime": time}
    start, end = time.split("/")
    period = {key: text for key, text in (("start", start), ("end", end)) if text}
    return {"effectiveDateTime": None, "effectivePeriod": period}


def facts(*results: Json, as_of: str = AS_OF, site: Site | None = None) -> dict[str, Fact]:
    """The facts of patient p at the end of a day."""
    site = site or Site()
    data = json.dumps(bundle(patient(), *results)).encode()
    (record,) = read_bytes(data, "hard.json", KNOWLEDGE.concepts, site.zone)
    at = end_of_day(datetime.date.fromisoformat(as_of), site.zone)
    return read_facts(record, SPECS, at, site.zone, site)


def answer(expression: str, *results: Json, as_of: str = AS_OF, site: Site | None = None) -> str:
    """What an expression comes to: true, false or unknown, and the same in each of the three readings."""
    types = {name: spec.type for name, spec in SPECS.items()}
    conversions = {name: spec.conversions for name, spec in SPECS.items()}
    node = resolve(parse(expression), Scope(types, {}, conversions))
    values = {name: fact.value for name, fact in facts(*results, as_of=as_of, site=site).items()}
    with mock.patch.object(strategies, "FACTS", types):
        found = {
            reading.__name__: reading({"asked": node}, [values])[0][0]
            for reading in (evaluated, queried, solved)
        }
    assert len(set(found.values())) == 1, found
    truth = found["evaluated"]
    assert isinstance(truth, Truth)
    return str(truth)


def codes(fact: Fact) -> list[str]:
    """Why it is unknown."""
    return [reason.code for reason in fact.reasons]
