"""A key of a study looks like a misspelt known one.

Studies keep whatever a paper prints under keys of their own, so an unknown key is no defect by itself. But
`event: 4` for `events: 4` would be shown and never counted. Correct the spelling, or choose a name that
cannot be taken for the known one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from trivium.core.errors import Defect
from trivium.knowledge.checks.evidence_draft import EvidenceDraft
from trivium.knowledge.checks.evidence_forms import OpenForm
from trivium.knowledge.positions import Place

CODE, NAME, WHOLE = "TRV311", "misspelt-key", False
_ALIKE = 0.9


def check(draft: EvidenceDraft) -> Iterator[Defect]:
    for study in draft.studies.values():
        for place, form in _parts((), study.form):
            known = set(type(form).model_fields)
            for key in form.further:
                close = difflib.get_close_matches(key, sorted(known), n=1, cutoff=_ALIKE)
                if close:
                    what = f"{study.id}: the key {key!r} looks like a misspelt {close[0]!r}"
                    yield Defect(CODE, what, study.span(*place, key), hint=f"did you mean {close[0]}?")


def _parts(place: Place, form: OpenForm) -> Iterator[tuple[Place, OpenForm]]:
    yield place, form
    for name in type(form).model_fields:
        value = getattr(form, name)
        if isinstance(value, OpenForm):
            yield from _parts((*place, name), value)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, OpenForm):
                    yield from _parts((*place, name, index), item)
