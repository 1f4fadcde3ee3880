"""The price file of a site (TOML): what one unit of a form costs there, on which day, from which source.

    currency = "EUR"
    dated = 2026-01-31
    source = "Hospital pharmacy, price list 4"
    example = false                     # true: not a site's prices, shown as an example

    [rituximab]                         # agent, then form ids of knowledge/agents
    vial_500 = 1234.50

No price comes from anywhere else: without a file of the site nothing is said of cost.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from trivium.core.errors import UsageError
from trivium.knowledge.checks.naming import near
from trivium.knowledge.dosing import Dosing

_KEYS = ("currency", "dated", "source", "example")


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by agent and form; `is_example` must be shown wherever a figure is."""

    currency: str
    dated: datetime.date
    source: str
    is_example: bool
    prices: Mapping[str, Mapping[str, Decimal]]

    def price(self, agent: str, form: str) -> Decimal | None:
        """What one unit costs; None when the list does not say."""
        return self.prices.get(agent, {}).get(form)


def read_prices(path: Path, dosing: Mapping[str, Dosing]) -> PriceList:
    """The prices in a TOML file.

    Errors:  UsageError naming the file and the key when it cannot be read, is incomplete, or names an agent
             or form that the knowledge does not have.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as problem:
        raise UsageError(
            "the price file cannot be read", where=str(path), why=problem.strerror or ""
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError("the price file is not TOML", where=str(path), why=str(problem)) from problem
    dated = document.get("dated")
    if type(dated) is not datetime.date:
        raise _wrong(path, "dated", "is missing or no day", "write dated = 2026-01-31, without quotes")
    example = document.get("example", False)
    if not isinstance(example, bool):
        raise _wrong(path, "example", "is neither true nor false", "write example = true, or leave it out")
    tables = {key: value for key, value in document.items() if key not in _KEYS}
    return PriceList(
        _text(path, document, "currency"),
        dated,
        _text(path, document, "source"),
        example,
        {agent: _forms(path, agent, table, dosing) for agent, table in tables.items()},
    )


def _forms(path: Path, agent: str, table: object, dosing: Mapping[str, Dosing]) -> dict[str, Decimal]:
    if agent not in dosing:
        raise _wrong(path, agent, "is no agent of the knowledge", near(agent, dosing))
    if not isinstance(table, dict):
        raise _wrong(path, agent, "is not a table", f"write [{agent}] and a line for each form")
    forms = dosing[agent].forms
    for form in table:
        if form not in forms:
            raise _wrong(path, f"{agent}.{form}", "is no form of this agent", near(form, forms))
    return {form: _price(path, f"{agent}.{form}", raw) for form, raw in table.items()}


def _price(path: Path, key: str, raw: object) -> Decimal:
    is_number = isinstance(raw, (int, Decimal)) and not isinstance(raw, bool)
    if not is_number or not Decimal(str(raw)).is_finite() or Decimal(str(raw)) < 0:
        raise _wrong(path, key, f"is no price: {raw!r}", "write a number, of one unit of the form")
    return Decimal(str(raw))


def _text(path: Path, document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, key, "is missing or not a text", f'write {key} = "…"')
    return value.strip()


def _wrong(path: Path, key: str, what: str, hint: str) -> UsageError:
    return UsageError(f"`{key}` {what}", where=str(path), hint=hint)
