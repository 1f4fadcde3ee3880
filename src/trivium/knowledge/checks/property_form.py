"""The shape of a promise of the content: what is to be proved over all states, or is accepted as refuted."""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from trivium.knowledge.checks.dosing_forms import AmountText
from trivium.knowledge.checks.forms import Basis, Expression, Factor, Form, Id, Text


class PropertyForm(Form):
    """Something to prove over all states, or a refutation that is accepted, with the reason."""

    id: Id
    label: Text
    never_together: list[Id] = []  # recommendations that must not both be offered
    given: Expression | None = None  # with `then`: whenever this surely holds, so does that
    then: Expression | None = None
    accepts: list[Text] = []  # what may be refuted, as `trivium prove` words it
    obligation: str = ""  # of which obligation
    agent: str = ""  # whose dose or offer the promise is about
    dose_at_most: AmountText | None = None  # a day, by every regimen
    share_at_most: Factor | None = None  # with `given`: of the dose that it is without adjustments
    not_offered_when: Expression | None = None
    unless: Expression | None = None  # with `not_offered_when`: the recorded override that opens it
    never_beside: list[Id] = []  # agents or classes
    reason: Text
    basis: Basis = []

    @model_validator(mode="after")
    def _one_sort(self) -> Self:
        given = self.given is not None
        of_agent = (
            self.dose_at_most is not None,
            self.share_at_most is not None and given,
            self.not_offered_when is not None,
            bool(self.never_beside),
        )
        claim = given and self.then is not None
        sorts = (len(self.never_together) == 2, claim, bool(self.accepts and self.obligation), *of_agent)
        if sum(sorts) != 1 or bool(self.agent) != any(of_agent):
            raise ValueError(
                "write two in `never_together`, or `given` and `then`, or `obligation`, `accepts`; or an "
                "`agent` and one of `dose_at_most`, `given` with `share_at_most`, `not_offered_when`, "
                "`never_beside`"
            )
        return self
