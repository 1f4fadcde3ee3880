"""How far rounding may change a dose: the house rule, which forms come first, what a person has to decide."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_dose_packs import form

from trivium.knowledge.dosing import Amount, PackForm, Rounding, Schedule
from trivium.knowledge.rounding import HouseRounding
from trivium.regimen.dosage import Dosage
from trivium.regimen.rounding import Measure, measured

HOUSE = HouseRounding(
    Fraction(1, 10), Fraction(1, 5), 3, ("tablet", "capsule", "sachet"), first_within=Fraction(1, 10)
)
SOLUTION = form("100", "solution", parts=0, volume="1")


def measure(*forms: PackForm, rounding: Rounding = Rounding()) -> Measure:  # noqa: B008 (frozen)
    return Measure(rounding, forms, house=HOUSE)


def dosage(amount: str | Fraction, times: str = "1") -> Dosage:
    return Dosage(Fraction(amount), "mg", "administration", Schedule(times_per_day=Fraction(times)))


def nearest(amount: str, *forms: PackForm) -> str | None:
    found = measure(*forms).nearest(dosage(amount))
    return str(float(found.dosage.amount)) if found.is_possible else None


class TestHowFar:
    @pytest.mark.parametrize(
        ("amount", "sizes", "given"),
        [
            ("2.625", "5", None),  # +90 %
            ("2.625", "5 1 0.5", "2.5"),
            ("32", "50", None),  # +56 %
            ("160", "300 100", None),  # -37.5 %, +25 %
            ("250", "100", "200.0"),  # -20 %: as far as it goes
            ("249", "100", "200.0"),
            ("251", "100", None),
            ("1.8", "0.5", "1.5"),  # the nearer one is 11 % above: the other is near enough
            ("1.82", "0.5", "2.0"),  # 9.9 % above
            ("0.2", "0.5", None),
        ],
    )
    def test_beyond_the_shares_it_is_not_the_dose(self, amount: str, sizes: str, given: str | None) -> None:
        assert nearest(amount, *(form(size, "tablet") for size in sizes.split())) == given

    def test_what_cannot_be_made_stays_as_computed(self) -> None:
        found = measure(form("5", "capsule")).nearest(dosage("2.625"))
        assert (found.is_possible, found.dosage) == (False, dosage("2.625"))

    def test_a_reduced_dose_as_well(self) -> None:
        capsules = measure(form("0.5", "capsule"), form("1", "capsule"))
        assert not capsules.reduced(dosage("2.625", "2"), Fraction(1, 3)).is_possible  # 0.875: -43 %, +14 %
        assert capsules.reduced(dosage("2.625", "2"), Fraction(44, 100)).dosage.amount == 1  # 1.155

    def test_what_its_regimen_allows_comes_before_the_house(self) -> None:
        wide = measure(form("5", "capsule"), rounding=Rounding(most=Fraction(1)))
        assert wide.nearest(dosage("2.625")).dosage.amount == 5

    def test_a_step_that_is_too_coarse_for_what_is_drawn_is_left(self) -> None:
        fifty = Rounding(Amount(Fraction(50), Fraction(50), "mg"))
        drawn = measure(form("500"), rounding=fifty)
        assert drawn.nearest(dosage("1040")).dosage.amount == 1050
        assert drawn.nearest(dosage("32.22")).dosage.amount == Fraction("32.2")

    @settings(deadline=None)
    @given(st.lists(st.fractions(Fraction(1, 4), 60, max_denominator=8), min_size=2, max_size=6))
    def test_more_is_never_rounded_to_less(self, amounts: list[Fraction]) -> None:
        """An amount that cannot be made keeps its place between those that can."""
        for forms in ((form("5", "tablet"), form("2", "tablet")), (form("5", "tablet"), SOLUTION), ()):
            for rounded in (measure(*forms).nearest, measure(*forms).down):
                given = [rounded(dosage(amount)).dosage.amount for amount in sorted(amounts)]
                assert given == sorted(given)


class TestDigits:
    @pytest.mark.parametrize(
        ("amount", "given"),
        [("1090.8712116", 1090), ("681.79", 682), ("43.75", "43.7"), ("999.6", 1000), ("0.12345", "0.123")],
    )
    def test_what_is_drawn_has_three(self, amount: str, given: object) -> None:
        for forms in ((form("500"),), (SOLUTION,), ()):
            assert measure(*forms).nearest(dosage(amount)).dosage.amount == Fraction(str(given))

    def test_down_where_it_is_reduced(self) -> None:
        assert measure(form("500")).down(dosage("1099.9")).dosage.amount == 1090

    def test_what_is_counted_has_its_own(self) -> None:
        assert nearest("2403", form("801", "tablet")) == "2403.0"


class TestFirst:
    CAPSULES = tuple(form(size, "capsule") for size in ("25", "50", "100"))

    @pytest.mark.parametrize(("amount", "given"), [("140", 150), ("62.5", "62.5"), ("64", 64), ("150", 150)])
    def test_counted_ones_where_they_come_near(self, amount: str, given: object) -> None:
        found = measure(*self.CAPSULES, SOLUTION).nearest(dosage(amount))
        assert found.dosage.amount == Fraction(str(given))

    def test_reduced_too(self) -> None:
        mixed = measure(*self.CAPSULES, SOLUTION)
        assert mixed.down(dosage("54")).dosage.amount == 50
        assert mixed.down(dosage("56")).dosage.amount == 56


class TestOtherForms:
    SINGLE, DOUBLE = form("80", "tablet"), form("160", "tablet")

    def halved(self, times: str, *others: PackForm) -> tuple[str, bool, bool]:
        own = dataclasses.replace(measure(self.DOUBLE), other_forms=others)
        found = own.reduced(dosage("160", times), Fraction(1, 2))
        return found.dosage.words(), found.is_possible, found.measure.is_other

    def test_one_that_the_regimen_does_not_name_where_it_makes_the_dose_exactly(self) -> None:
        assert self.halved("3/7", self.SINGLE) == ("80 mg 3 times a week", True, True)
        assert self.halved("3/7", form("75", "tablet")) == ("80 mg 3 times a week", False, False)

    def test_its_own_come_before(self) -> None:
        assert self.halved("1", self.SINGLE) == ("160 mg every 2 days", True, False)

    def test_a_vial_is_none(self) -> None:
        assert self.halved("3/7", form("80", "vial"))[1:] == (False, False)

    def test_a_regimen_of_whose_forms_none_is_held_cannot_be_made(self) -> None:
        lacking = Measure(Rounding(), (), (self.DOUBLE,), HOUSE, is_lacking=True)
        assert not lacking.nearest(dosage("160")).is_possible
        assert not lacking.printed(dosage("160")).is_possible


def test_a_course_is_rounded_as_a_whole() -> None:
    course = Dosage(Fraction("136.8"), "g", "course", Schedule(over_days=(2, 5)))
    found = measure(form("10", "bottle", "g")).nearest(course)
    assert measured(found.dosage) == 137
    assert found.dosage.per == "course"
