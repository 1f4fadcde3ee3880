"""Codes and texts → value sets."""

from __future__ import annotations

import csv

import pytest
from tests.unit.test_fhir_samples import LOINC, ROOT, RXNORM, real_concepts

from trivium.knowledge.concepts import build_concepts

ICD = "http://hl7.org/fhir/sid/icd-10-cm"


@pytest.mark.parametrize(
    ("codings", "text", "kind", "expected"),
    [
        ([(LOINC, "2276-4")], "", "Observation", {"ferritin"}),
        ([(LOINC, " 2276-4 ")], "", "Observation", {"ferritin"}),
        ([("urn:oid:2.16.840.1.113883.6.1", "2276-4")], "", "Observation", {"ferritin"}),
        ([("2.16.840.1.113883.6.1", "2276-4")], "", "Observation", {"ferritin"}),
        ([("https://loinc.org/", "2276-4")], "", "Observation", {"ferritin"}),
        ([("http://loinc.org|2.77", "2276-4")], "", "Observation", {"ferritin"}),
        # No system: the code is anybody's.
        ([("", "2276-4")], "", "Observation", set()),
        # A code that means something in another resource type does not count here.
        ([(LOINC, "2276-4")], "", "Condition", set()),
        # ICD codes without the dot, in lower case, by prefix, and the exception to the prefix.
        ([(ICD, "I21.01")], "", "Condition", {"arterial_cardiovascular_event"}),
        ([(ICD, "i2101")], "", "Condition", {"arterial_cardiovascular_event"}),
        ([(ICD, "I63.9")], "", "Condition", {"arterial_cardiovascular_event"}),
        ([(ICD, "C34.90")], "", "Condition", {"malignancy"}),
        ([(ICD, "C44.9")], "", "Condition", set()),
        ([(ICD, "C449")], "", "Condition", set()),
        # Products roll up to their ingredients; ointments and eye drops do not.
        ([(RXNORM, "42316")], "", "MedicationRequest", {"tacrolimus", "calcineurin_inhibitor"}),
        ([(RXNORM, "108515")], "", "MedicationRequest", {"tacrolimus", "calcineurin_inhibitor"}),
        # An allergy names the drug by the same codes; the kind of the event tells it apart.
        ([(RXNORM, "42316")], "", "AllergyIntolerance", {"tacrolimus", "calcineurin_inhibitor"}),
        # Text counts only when no coding is known, as whole Latin words, in any script around.
        ([], "Anti-MDA5 antibody", "Observation", {"anti_mda5_antibody"}),
        ([], "抗MDA5抗体", "Observation", {"anti_mda5_antibody"}),
        ([], "XMDA56", "Observation", set()),
        ([], "Anti-MDA5 antibody", "Condition", set()),
        ([("http://acme.org", "17")], "Anti-MDA5 antibody", "Observation", {"anti_mda5_antibody"}),
        ([(LOINC, "2276-4")], "Anti-MDA5 antibody", "Observation", {"ferritin"}),
    ],
)
def test_lookup(codings: list[tuple[str, str]], text: str, kind: str, expected: set[str]) -> None:
    assert real_concepts().lookup(tuple(codings), text, kind) == expected


def test_no_product_of_a_local_form_counts_as_the_systemic_drug() -> None:
    concepts = real_concepts()
    local = {"topical", "ophthalmic", "otic"}
    with (ROOT / "knowledge/valuesets/rxnorm_products.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if local & set(row["product_name"].lower().split())]
    assert len(rows) > 100
    for row in rows:
        assert not concepts.lookup(((RXNORM, row["product_rxcui"]),), "", "MedicationRequest"), row


def test_a_value_set_may_name_the_forms_that_it_leaves_out() -> None:
    drug = {"id": "d", "resources": ["MedicationRequest"], "codes": [{"system": RXNORM, "code": "1"}]}
    product = {"product_rxcui": "2", "ingredient_rxcui": "1", "product_name": "x Topical Gel"}
    codings = ((RXNORM, "2"),)
    for words, expected in (([], {"d"}), (["gel"], set()), (["oral"], {"d"})):
        concepts = build_concepts([{**drug, "exclude_product_words": words}], [product])
        assert concepts.lookup(codings, "", "MedicationRequest") == expected
