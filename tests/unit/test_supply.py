"""Units, waste and cost of a course; prices only from a file of the site."""

from __future__ import annotations

import dataclasses
import datetime
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.unit.doses import dosed, dosing, knowledge

from trivium.core.errors import UsageError
from trivium.knowledge.dosing import Schedule
from trivium.regimen.dosage import Dosage
from trivium.regimen.prices import PriceList, read_prices
from trivium.regimen.supply import Supply, cost, supply

ROOT = Path(__file__).resolve().parents[2]
HEAD = 'currency = "EUR"\ndated = 2026-01-31\nsource = "List 4"\n'


def needed(agent: str, regimen: str = "", days: int = 28, **given: Any) -> Supply:
    found = dosed(agent, regimen, **given)
    dosage = found.alternatives[0].settled[-1].given
    assert isinstance(dosage, Dosage)
    forms = [
        form
        for form in dosing(agent).forms.values()
        if not found.regimen.forms or form.id in found.regimen.forms
    ]
    result = supply(dosage, forms, days)
    assert result is not None
    return result


def units(result: Supply) -> list[dict[str, int]]:
    return [{form.id: count for form, count in need.units} for need in result.needs]


KNOWN: dict[str, Any] = {"creatinine_clearance": 80, "liver_grade": "A", "blocker_active": "false"}


class TestUnits:
    def test_vials_of_a_course_with_and_without_sharing(self) -> None:
        result = needed("drip", body_weight=70, body_height=170)  # 4 x 680 mg
        (need,) = result.needs
        assert need.shared is not None
        assert (result.of, need.administrations, float(need.amount)) == ("one course", 4, 2720)
        assert units(result) == [{"v500": 4, "v100": 8}]
        assert need.waste == need.shared.waste == 80
        assert need.shared.words() == "5 x 500 mg vial + 3 x 100 mg vial, 80 mg left over"

    def test_what_is_given_beside_another_drug_is_counted_for_one_of_its_days(self) -> None:
        given = Dosage(Fraction(200), "mg", "administration", Schedule(Fraction(3), beside="drip"))
        result = supply(given, dosing("drip").forms.values())
        assert result is not None
        assert (result.of, result.needs[0].administrations) == ("one day with drip", 3)
        assert given.words() == "200 mg 3 times a day, on the day of each dose of drip"

    def test_sharing_saves_what_each_administration_leaves_over(self) -> None:
        result = needed("drip", "exact", body_weight=70, body_height=170)
        assert result.needs[0].shared is not None
        assert result.needs[0].waste == result.needs[0].shared.waste  # one administration: nothing to share
        (need,) = needed("drip", body_weight=64, body_height=170).needs  # 4 x 650 mg of 100 and 500 mg vials
        assert need.shared is not None
        assert (need.administrations, float(need.waste), float(need.shared.waste)) == (4, 200, 0)

    def test_what_is_repeated_at_an_interval_is_told_for_one_administration(self) -> None:
        assert needed("grid", body_weight=85, age=65, creatinine=1).of == "one administration"

    def test_both_ends_of_a_split_course(self) -> None:
        result = needed("globulin", body_weight=70)
        assert [need.administrations for need in result.needs] == [2, 5]
        assert units(result) == [{"b10": 14}, {"b10": 10, "b2": 20}]

    def test_tablets_for_four_weeks_and_their_packs(self) -> None:
        result = needed("tablet", **KNOWN)
        assert (result.of, units(result)) == ("28 days", [{"t5": 56}])
        assert [(form.id, packs) for form, packs in result.needs[0].packs()] == [("t5", 1)]

    def test_for_as_many_days_as_asked(self) -> None:
        assert units(needed("tablet", days=29, **KNOWN)) == [{"t5": 58}]
        assert needed("tablet", days=29, **KNOWN).needs[0].packs()[0][1] == 2

    def test_half_tablets_are_whole_ones_in_the_end(self) -> None:
        half = dataclasses.replace(dosing("tablet").forms["t5"], divisible_into=2)
        dosage = Dosage(Fraction("2.5"), "mg", "administration", Schedule(times_per_day=Fraction(1)))
        found = supply(dosage, [half], days=29)
        assert found is not None
        assert units(found) == [{"t5": 15}]  # 14.5 tablets

    def test_every_second_day(self) -> None:
        assert units(needed("bands", creatinine_clearance=20)) == [{"t450": 14}]

    def test_without_a_form_there_is_no_supply(self) -> None:
        found = dosed("tablet", **KNOWN).alternatives[0].settled[0].given
        assert found is not None
        assert supply(found, []) is None


class TestCost:
    def test_units_times_prices(self) -> None:
        prices = PriceList(
            "EUR",
            datetime.date(2026, 1, 31),
            "List",
            False,
            {"drip": {"v500": Decimal("10.5"), "v100": Decimal(2)}},
        )
        (need,) = needed("drip", body_weight=70, body_height=170).needs
        found = cost("drip", need, prices)
        assert (found.amount, found.currency, found.missing) == (Decimal("58.0"), "EUR", ())

    def test_a_form_without_a_price_is_named(self) -> None:
        prices = PriceList("EUR", datetime.date(2026, 1, 31), "List", False, {"drip": {"v500": Decimal(10)}})
        (need,) = needed("drip", body_weight=70, body_height=170).needs
        assert cost("drip", need, prices).missing == ("v100",)


class TestPriceFile:
    def read(self, folder: Path, text: str) -> PriceList:
        path = folder / "prices.toml"
        path.write_text(text, encoding="utf-8")
        return read_prices(path, knowledge().dosing)

    def test_a_file(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, HEAD + "example = true\n[drip]\nv500 = 12.50\nv100 = 3\n")
        assert found.is_example
        assert (found.price("drip", "v500"), found.price("drip", "v100")) == (Decimal("12.50"), Decimal(3))
        assert found.price("tablet", "t5") is None

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "`dated` is missing"),
            ("dated = ", "not TOML"),
            ('dated = "2026-01-31"', "`dated` is missing or no day"),
            ("dated = 2026-01-31", "`currency` is missing"),
            ('dated = 2026-01-31\ncurrency = "EUR"', "`source` is missing"),
            (HEAD + "example = 1", "`example` is neither"),
            (HEAD + "drip = 5", "`drip` is not a table"),
            (HEAD + "[drop]\nv500 = 1", "`drop` is no agent"),
            (HEAD + "[drip]\nv5000 = 1", "`drip.v5000` is no form"),
            (HEAD + "[drip]\nv500 = -1", "`drip.v500` is no price"),
            (HEAD + "[drip]\nv500 = true", "`drip.v500` is no price"),
            (HEAD + '[drip]\nv500 = "1"', "`drip.v500` is no price"),
            (HEAD + "[drip]\nv500 = nan", "`drip.v500` is no price"),
        ],
    )
    def test_mistakes_are_named(self, tmp_path: Path, text: str, words: str) -> None:
        with pytest.raises(UsageError) as caught:
            self.read(tmp_path, text)
        assert words in str(caught.value)
        assert "prices.toml" in str(caught.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            read_prices(tmp_path / "none.toml", {})


class TestExample:
    PATH = ROOT / "docs" / "prices.example.toml"

    def test_it_is_marked_and_read(self) -> None:
        found = read_prices(self.PATH, knowledge(real=True).dosing)
        assert found.is_example

    def test_it_holds_what_the_sources_print_and_nothing_else(self) -> None:
        document = tomllib.loads(self.PATH.read_text(encoding="utf-8"), parse_float=Decimal)
        printed = {
            (agent, price.form): price.amount
            for agent, each in knowledge(real=True).dosing.items()
            for price in each.prices
            if price.currency == document["currency"]
        }
        held = {
            (agent, form): Fraction(amount)
            for agent, table in document.items()
            if isinstance(table, dict)
            for form, amount in table.items()
        }
        assert held == {key: Fraction(amount) for key, amount in printed.items()}
