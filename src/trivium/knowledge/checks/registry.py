"""All checks, in the order in which they run; their pages; and what is left for people to review."""

from __future__ import annotations

import importlib
from types import ModuleType

from trivium.core.errors import Defect
from trivium.knowledge.checks.draft import Draft
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.solver import Solver, is_available

_PLAIN = (
    "unknown_source",
    "unknown_statement",
    "unknown_value_set",
    "unknown_fact",
    "unknown_agent",
    "unknown_scope",
    "repeated_id",
    "unreadable_unit",
    "unknown_formula",
    "missing_basis",
    "raised_strength",
    "raised_offer",
    "weak_hard_stop",
    "too_many_hard_stops",
    "opposed_support",
    "missing_boundary_example",
    "missing_unknown_example",
    "wrong_example",
    "contradictory_examples",
    "unguarded_null_test",
    "needless_reason",
    "null_test_outside",
    "unfit_override",
    "unused_fact",
    "empty_value_set",
    "unfit_harm",
    "missing_question",
    "unanswerable_choice",
    "ambiguous_answer",
    "malformed_reference",
    "withdrawn_support",
    "unfit_dosing",
    "weak_dosing",
    "unfit_combination",
)
_BY_SOLVER = ("unreachable", "treatment_out_of_scope")
_EVIDENCE = (
    "unknown_reference",
    "unknown_evidence_agent",
    "unknown_study",
    "unknown_arm",
    "impossible_count",
    "percent_disagrees",
    "estimate_disagrees",
    "repeated_document",
    "unnoted_overlap",
    "machine_written_support",
    "misspelt_key",
    "misspelt_outcome",
    "ambiguous_name",
)
# What the evidence shares with the pathway.
_SHARED = ("unknown_source", "repeated_id", "malformed_reference", "withdrawn_support")
_READING = ("reading", "shape", "building", "expression_text")


def run(draft: Draft) -> list[Defect]:
    """The defects that all checks find. Checks of the whole wait until everything could be built."""
    found = list(draft.defects)
    whole = [module for module in map(_module, _PLAIN) if module.WHOLE]
    for module in map(_module, _PLAIN):
        if not module.WHOLE:
            found += module.check(draft)
    if found:
        return found
    for module in whole:
        found += module.check(draft)
    if not is_available():
        # What cannot be checked is not served: a gate that is away must not stand open.
        names = ", ".join(str(_module(name).NAME) for name in _BY_SOLVER)
        hint = "install trivium with all it depends on (z3-solver is missing)"
        what, why = f"not checked: {names}", "the solver is not installed"
        return [*found, Defect("TRV254", what, why=why, hint=hint)]
    solver = Solver(draft.pathway)
    for module in map(_module, _BY_SOLVER):
        found += module.check(draft, solver)
    return found


def run_evidence(draft: EvidenceDraft) -> list[Defect]:
    """The defects that the checks of the evidence find; those of single entries come first."""
    found = list(draft.defects)
    for module in map(_module, (*_SHARED, *_EVIDENCE)):
        found += module.check(draft)
    return found


def checks() -> list[ModuleType]:
    """Every check: a module with CODE, NAME, a docstring that is its page, and `check`."""
    return [_module(name) for name in (*_PLAIN, *_BY_SOLVER)]


def evidence_checks() -> list[ModuleType]:
    """The checks of the evidence, of the same sort."""
    return [_module(name) for name in _EVIDENCE]


def pages() -> str:
    """docs/checks.md: a page for every code, from the checks' docstrings."""
    parts = [_HEADER]
    for name in (*_READING, *_PLAIN, *_BY_SOLVER, *_EVIDENCE):
        module = _module(name)
        title = (
            f"{module.CODE} {module.NAME}" if hasattr(module, "CODE") else name.replace("_", " ").capitalize()
        )
        parts.append(f"## {title}\n\n{(module.__doc__ or '').strip()}\n")
    return "\n".join(parts)


_HEADER = """# Checks

What is wrong with knowledge is said with its place, the reason, a hint and one of these codes. While there
is any defect nothing is served; nor where the solver is missing that some checks need (TRV254). This page
is made from the docstrings in `src/trivium/knowledge/checks/`.
"""


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"trivium.knowledge.checks.{name}")
