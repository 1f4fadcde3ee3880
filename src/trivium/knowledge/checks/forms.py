"""What the shapes of knowledge files are built from: strict values, support, answers, and the fact kinds.

Durations become seconds, factors exact fractions, one name a list of one. Used by `knowledge.schema`
alone; with it the only module that imports pydantic. It must not know what an expression means.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Self, Union
from typing import Literal as OneOf

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    create_model,
    model_validator,
)

from trivium.core.values import Interval
from trivium.knowledge.models import Seen

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800, "mo": 2629800, "a": 31557600}
_DURATION = re.compile(r"(\d+(?:\.\d+)?) (s|min|h|d|wk|mo|a)")
_THRESHOLD = re.compile(r"(-?\d+(?:\.\d+)?) '([^']+)'")


def seconds(raw: object) -> int:
    """`14 d` → 1209600; a month is 30.4375 days, a year 365.25 (UCUM). ValueError when it is no duration."""
    found = _DURATION.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError(f"expected a duration such as `14 d`, `12 wk`, `6 mo`, `1 a`; found {raw!r}")
    total = Fraction(found[1]) * _SECONDS[found[2]]
    if total.denominator != 1 or total <= 0:
        raise ValueError(f"{raw!r} is not a positive whole number of seconds")
    return int(total)


def factor(raw: object) -> Fraction:
    """`18.2`, `1/2.247` → the exact fraction. ValueError when it is not a positive number or ratio."""
    parts = str(raw).split("/") if isinstance(raw, (int, Decimal, str)) and not isinstance(raw, bool) else []
    if not 1 <= len(parts) <= 2 or not all(re.fullmatch(r"\d+(\.\d+)?", part.strip()) for part in parts):
        raise ValueError(f"expected a factor such as 18.2 or 1/2.247, found {raw!r}")
    numbers = [Fraction(part.strip()) for part in parts]
    if 0 in numbers:
        raise ValueError("a factor is not zero")
    return numbers[0] / numbers[1] if len(numbers) == 2 else numbers[0]


def _threshold(raw: object) -> tuple[Decimal, str]:
    found = _THRESHOLD.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError(f"expected a number and a unit such as \"0.5 '10*3/uL'\", found {raw!r}")
    return Decimal(found[1]), found[2]


def _number(raw: object) -> object:
    return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def _one_or_more(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def _words(raw: object) -> object:
    """`true` and `false` in a list of choices are the two choices of a boolean."""
    items = raw if isinstance(raw, list) else [raw]
    return [str(item).lower() if isinstance(item, bool) else item for item in items]


def _harm(raw: object) -> object:
    return [] if raw == "none" else _words(raw)


def _basis(raw: object) -> object:
    return {"statement": raw} if isinstance(raw, str) else raw


_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_ANY_TEXTS = {"anyOf": [{"type": "string"}, _TEXTS]}
_WORDS: dict[str, Any] = {"type": "array", "items": {"type": ["string", "boolean"]}}

Duration = Annotated[
    int, BeforeValidator(seconds), WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"})
]
Factor = Annotated[Fraction, BeforeValidator(factor), WithJsonSchema({"type": ["number", "string"]})]
Threshold = Annotated[
    tuple[Decimal, str],
    BeforeValidator(_threshold),
    WithJsonSchema({"type": "string", "pattern": _THRESHOLD.pattern}),
]
Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
Names = Annotated[list[str], BeforeValidator(_one_or_more), Field(min_length=1), WithJsonSchema(_ANY_TEXTS)]
Words = Annotated[list[str], BeforeValidator(_words), WithJsonSchema(_WORDS)]
Harm = Annotated[list[str], BeforeValidator(_harm), WithJsonSchema({"anyOf": [{"type": "string"}, _WORDS]})]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
Expression = Annotated[str, Field(min_length=1, description="an expression; see docs/semantics.md")]
FactType = OneOf["boolean", "choice", "quantity", "integer", "date"]
Offer = OneOf["recommended", "consider"]


class Form(BaseModel):
    """What all shapes share: no key that is not known, no value of another type, no change afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class BasisForm(Form):
    """A statement by its id, or a source with how well it was seen."""

    statement: str = ""
    source: str = ""
    seen: Seen | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_leg(self) -> Self:
        if bool(self.statement) == bool(self.source):
            raise ValueError("expected a statement id, or `source:` with `seen:`")
        if self.source and self.seen is None:
            raise ValueError("a source needs `seen:`, how well it was read")
        return self


Basis = list[
    Annotated[
        BasisForm,
        BeforeValidator(_basis),
        WithJsonSchema({"anyOf": [{"type": "string"}, BasisForm.model_json_schema()]}),
    ]
]


class CodeForm(Form):
    system: Text
    code: Text
    display: str = ""
    verified: bool = False
    source: str | None = None
    omop_concept_id: int | None = None
    term_type: str = ""
    note: str = ""


class AnswerForm(Form):
    codes: list[CodeForm] = []
    interpretations: list[str] = []
    texts: list[str] = []

    def spellings(self) -> dict[str, frozenset[Any]]:
        """Texts are compared with case folded, single blanks and no full stop (`record.answers.phrase`)."""
        return {
            "codes": frozenset((code.system, code.code) for code in self.codes),
            "interpretations": frozenset(self.interpretations),
            "texts": frozenset(" ".join(text.casefold().split()).rstrip(" .") for text in self.texts),
        }


Flag = OneOf[True]
_WITHIN: dict[str, Any] = {"within": (Duration | None, None)}
_IS = Annotated[Words, Field(alias="is")]
_MAYBE_IS = Annotated[Words | None, Field(alias="is")]
_BOUND: dict[str, Any] = dict.fromkeys(("below", "above", "at_most", "at_least"), (Threshold | None, None))
_AS = Annotated[OneOf["difference", "percent"], Field(alias="as")]

_APART: dict[str, Any] = {"at_most_apart": (Duration | None, None)}

# Fact kind → what its own key holds, and its options. `ever` comes last: other kinds have it as an option.
FACT_KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "age": (OneOf["years"], {}),
    "sex": (OneOf["administrative"], {}),
    "latest": (Names, _WITHIN),
    "first": (Names, {"since": (Id | None, None), **_WITHIN}),
    "max": (Names, _WITHIN),
    "min": (Names, _WITHIN),
    "count": (Names, _WITHIN),
    "first_date": (Names, {"is_": (_MAYBE_IS, None)}),
    "present": (Names, {"ever": (bool, False), "saying": (Names | None, None)}),
    "active": (Names, _WITHIN),
    "prednisone_equivalent": (Flag, {"equivalents": (dict[str, Factor], ...), **_WITHIN}),
    "done": (Names, _WITHIN),
    "allergy": (Names, {}),
    "immunized": (Names, _WITHIN),
    "days_since": (Names, {"which": (OneOf["first", "last"], "last")}),
    "answered": (Names, {"is_": (_IS, ...), "ever": (bool, False)}),
    "confirmed": (Names, _BOUND),
    "trend": (Names, {"as_": (_AS, ...), "baseline": (OneOf["first", "max", "min"], "first"), **_WITHIN}),
    "derived": (str, {"inputs": (dict[str, str], ...), "also": (dict[str, str], {}), **_APART}),
    "ask": (Flag, {}),
    "override": (Flag, {}),
    "ever": (Names, _WITHIN),
}


class FromForm(Form):
    """How a fact is read from a record; each kind adds its own key and options."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        bounds = [name for name in _BOUND if getattr(self, name, None) is not None]
        if self.kind == "confirmed" and len(bounds) != 1:
            raise ValueError("expected exactly one of below, above, at_most, at_least")
        return self

    @property
    def kind(self) -> str:
        return next(kind for kind in FACT_KINDS if kind in type(self).model_fields)

    def concepts(self) -> tuple[str, ...]:
        """The value sets it looks at."""
        own = getattr(self, self.kind)
        return tuple(own) if isinstance(own, list) else tuple(getattr(self, "equivalents", ()))

    def options(self) -> dict[str, Any]:
        """What only this kind needs; a threshold becomes `beyond` (the interval on its far side), `unit`."""
        found: dict[str, Any] = {"formula": self.derived} if hasattr(self, "derived") else {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is None or name in (self.kind, "within"):
                continue
            if name in _BOUND:
                found["beyond"], found["unit"] = _beyond(name, value[0]), value[1]
            else:
                found[name.rstrip("_")] = tuple(value) if isinstance(value, list) else value
        return found


def _beyond(bound: str, number: Decimal) -> Interval:
    is_open = bound in ("below", "above")
    if bound in ("above", "at_least"):
        return Interval(number, None, is_open, False)
    return Interval(None, number, False, is_open)


def kind_of(raw: object) -> str | None:
    """Which fact kind a mapping is meant to be."""
    keys = raw if isinstance(raw, dict) else {}
    return next((kind for kind in FACT_KINDS if kind in keys), None)


def _from_form(kind: str, key: Any, options: dict[str, Any]) -> Any:
    fields: dict[str, Any] = {kind: (key, ...), **options}
    model = create_model(f"From_{kind}", __base__=FromForm, **fields)
    return Annotated[model, Tag(kind)]


if TYPE_CHECKING:
    AnyFrom = FromForm
else:
    _FORMS = tuple(_from_form(kind, *parts) for kind, parts in FACT_KINDS.items())
    AnyFrom = Annotated[Union[_FORMS], Discriminator(kind_of)]  # noqa: UP007
