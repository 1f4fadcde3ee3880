"""What forms can make: against trying everything, with no waste that could be avoided."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivium.knowledge.dosing import Amount, PackForm, Rounding, Schedule
from trivium.regimen.amounts import often, percent, repeated, said
from trivium.regimen.dosage import Dosage
from trivium.regimen.packs import MakeUp, around, make_up
from trivium.regimen.rounding import Measure


def form(size: str, kind: str = "vial", unit: str = "mg", parts: int = 1, volume: str = "") -> PackForm:
    amount = Amount(Fraction(size), Fraction(size), unit)
    millilitres = Amount(Fraction(volume), Fraction(volume), "mL") if volume else None
    return PackForm(f"{kind}_{size}", f"{size} {unit} {kind}", kind, amount, parts, volume=millilitres)  # type: ignore[arg-type]


def made(amount: str, forms: list[PackForm], unit: str = "mg") -> MakeUp:
    found = make_up(Fraction(amount), unit, forms)
    assert found is not None
    return found


def least_waste(amount: Fraction, sizes: list[int]) -> tuple[Fraction, int]:
    """By trying every number of units: the least waste, and the fewest units with it."""
    most = [int(amount // size) + 1 for size in sizes]
    return min(
        (sum(count * size for count, size in zip(counts, sizes, strict=True)) - amount, sum(counts))
        for counts in product(*(range(each + 1) for each in most))
        if sum(count * size for count, size in zip(counts, sizes, strict=True)) >= amount
    )


class TestMakingUp:
    @pytest.mark.parametrize(
        ("amount", "sizes", "words"),
        [
            ("140", "30 20 10 5 2", "4 x 30 g bottle + 1 x 20 g bottle"),
            ("137", "30 20 10 5 2", "4 x 30 g bottle + 1 x 10 g bottle + 1 x 5 g bottle + 1 x 2 g bottle"),
            ("3", "5 2", "2 x 2 g bottle, 1 g left over"),
            ("1", "5 2", "1 x 2 g bottle, 1 g left over"),
        ],
    )
    def test_bottles(self, amount: str, sizes: str, words: str) -> None:
        bottles = [form(size, "bottle", "g") for size in sizes.split()]
        assert made(amount, bottles, "g").words() == words

    def test_no_waste_before_fewer_units(self) -> None:
        assert made("800", [form("500"), form("100")]).words() == "1 x 500 mg vial + 3 x 100 mg vial"

    def test_a_half_tablet(self) -> None:
        assert made("7.5", [form("5", "tablet", parts=2)]).words() == "1.5 x 5 mg tablet"

    def test_tablets_before_the_solution_where_they_make_it(self) -> None:
        forms = [form("0.5", "tablet"), form("0.05", "solution", parts=0, volume="1")]
        assert made("0.5", forms).words() == "1 x 0.5 mg tablet"
        assert made("0.25", forms).words() == "5 mL of 0.05 mg solution"

    def test_another_unit_of_the_same_thing(self) -> None:
        assert made("1.5", [form("500")], "g").words() == "3 x 500 mg vial"

    def test_nothing_that_fits(self) -> None:
        assert make_up(Fraction(1), "mg", [form("1", "session", "1")]) is None
        assert make_up(Fraction(1), "mg", []) is None

    def test_the_volume_of_the_amount_not_of_the_bottles(self) -> None:
        bottles = [form("10", "bottle", "g", volume="100"), form("2", "bottle", "g", volume="20")]
        assert made("137", bottles, "g").millilitres == 1370

    @settings(deadline=None)
    @given(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True), st.integers(1, 40))
    def test_against_trying_everything(self, sizes: list[int], amount: int) -> None:
        found = made(str(amount), [form(str(size)) for size in sizes])
        total = sum(number * Fraction(each.amount.low) for each, number in found.units)
        assert total - amount == found.waste
        waste, count = least_waste(Fraction(amount), sizes)
        assert found.waste == waste
        assert found.count == count

    @settings(deadline=None)
    @given(st.integers(1, 10**6))
    def test_large_amounts_are_exact(self, amount: int) -> None:
        found = made(str(amount), [form(size) for size in ("500", "100", "25")])
        total = sum(number * each.amount.low for each, number in found.units)
        assert 0 <= total - amount < 25
        assert sum(number for each, number in found.units if each.amount.low != 500) < 500 / 25


class TestRounding:
    @settings(deadline=None)
    @given(
        st.lists(st.fractions(Fraction(1, 4), 6, max_denominator=4), min_size=1, max_size=3),
        st.fractions(0, 12, max_denominator=20),
    )
    def test_the_amounts_around(self, parts: list[Fraction], amount: Fraction) -> None:
        below, above = around(amount, parts)
        sums = {Fraction(0)}
        while fresh := {total + part for total in sums for part in parts if total + part <= 20} - sums:
            sums |= fresh
        assert below == max(total for total in sums if total <= amount)
        assert above == min(total for total in sums if total >= amount)

    def test_a_step_that_the_tablets_make_too(self) -> None:
        parts = [Fraction(1), Fraction(5, 2), Fraction(5)]
        assert around(Fraction("68.4"), parts) == (Fraction(68), Fraction("68.5"))
        assert around(Fraction("68.4"), parts, Fraction(5)) == (Fraction(65), Fraction(70))

    @pytest.mark.parametrize(
        ("amount", "direction", "given"),
        [
            ("12.4", "nearest", 10),
            ("12.5", "nearest", 10),
            ("12.6", "nearest", 15),
            ("14", "down", 10),
            ("11", "up", 15),
        ],
    )
    def test_a_tie_goes_down(self, amount: str, direction: str, given: int) -> None:
        five = Amount(Fraction(5), Fraction(5), "mg")
        measure = Measure(Rounding(five, direction), ())  # type: ignore[arg-type]
        dosage = Dosage(Fraction(amount), "mg", "administration", Schedule())
        assert measure.nearest(dosage).dosage.amount == given

    @pytest.mark.parametrize(("most", "given"), [(None, "0.5"), ("0.005", None), ("0.05", "1")])
    def test_a_reduced_dose_goes_up_only_within_what_rounding_may_change(
        self, most: str | None, given: str | None
    ) -> None:
        share = None if most is None else Fraction(most)
        measure = Measure(Rounding(most=share), (form("0.5", "capsule"),))
        dosage = Dosage(Fraction("0.99"), "mg", "administration", Schedule())
        found = measure.down(dosage)
        assert (str(found.dosage.amount) if found.is_possible else None) == (given and str(Fraction(given)))

    def test_more_than_the_share_it_may_change_is_not_rounded(self) -> None:
        bottles = (form("10", "bottle", "g"),)
        measure = Measure(Rounding(most=Fraction(1, 20)), bottles)
        near, far = (Dosage(Fraction(text), "g", "course", Schedule()) for text in ("138", "136"))
        assert measure.nearest(near).dosage.amount == 140
        assert measure.nearest(far).dosage.amount == 140
        assert measure.nearest(Dosage(Fraction(14), "g", "course", Schedule())).dosage.amount == 14

    @settings(deadline=None)
    @given(
        st.fractions(Fraction(1, 10), 50, max_denominator=10),
        st.fractions(Fraction(1, 10), 50, max_denominator=10),
        st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(3, 4)]),
        st.sampled_from([1, 2, 3, 4]),
    )
    def test_rounding_keeps_the_order_and_a_share_is_never_exceeded(
        self, one: Fraction, other: Fraction, share: Fraction, times: int
    ) -> None:
        measure = Measure(Rounding(), (form("5", "tablet", parts=2), form("1", "tablet")))
        low, high = (
            Dosage(amount, "mg", "administration", Schedule(times_per_day=Fraction(times)))
            for amount in sorted((one, other))
        )
        for rounded in (measure.nearest, measure.down, lambda dosage: measure.reduced(dosage, share)):
            first, second = (
                found.dosage.day if found.is_possible else 0 for found in (rounded(low), rounded(high))
            )
            assert first <= second
        reduced = measure.reduced(high, share)
        assert not reduced.is_possible or reduced.dosage.day <= share * high.day


class TestDosage:
    def test_a_course_on_its_shortest_and_its_longest(self) -> None:
        course = Dosage(Fraction(140), "g", "course", Schedule(over_days=(2, 5)))
        assert course.single == course.day == 70
        assert course.course == 140
        daily = Dosage(Fraction(28), "g", "day", Schedule(over_days=(3, 5)))
        assert daily.single == daily.day == 28
        assert daily.course == 140

    def test_a_day_of_several_and_days_of_none(self) -> None:
        twice = Dosage(Fraction(5), "mg", "administration", Schedule(times_per_day=Fraction(2)))
        assert [float(each) for each in (twice.single, twice.day)] == [5, 10]
        halves = Dosage(Fraction(5), "mg", "day", Schedule(times_per_day=Fraction(2)))
        assert [float(each) for each in (halves.single, halves.day)] == [2.5, 5]
        rare = Dosage(Fraction(300), "mg", "administration", Schedule(every_days=(3, 4)))
        assert [float(each) for each in (rare.single, rare.day)] == [300, 100]

    def test_listed_days(self) -> None:
        listed = Dosage(
            Fraction(1000), "mg", "administration", Schedule(on_days=(1, 15), every_days=(168, 168))
        )
        assert [float(each) for each in (listed.single, listed.day, listed.course)] == [1000, 1000, 2000]


class TestWords:
    @pytest.mark.parametrize(
        ("times", "words"),
        [
            ("1", "once daily"),
            ("2", "twice daily"),
            ("3", "3 times a day"),
            ("1/2", "every 2 days"),
            ("1/7", "once a week"),
            ("2/7", "twice a week"),
            ("3/7", "3 times a week"),
            ("2/5", "2 times in 5 days"),
        ],
    )
    def test_how_often(self, times: str, words: str) -> None:
        assert often(Fraction(times)) == words

    def test_amounts_and_changes(self) -> None:
        assert (said(Fraction(2, 3), "mg"), said(Fraction(3), "1")) == ("0.66667 mg", "3")
        assert (percent(Fraction(1, 30)), percent(Fraction(-1, 2))) == ("+3.33 %", "-50 %")

    def test_how_it_is_repeated(self) -> None:
        assert repeated(Schedule(every_days=(28, 28), courses=(6, 6))) == "every 28 days, 6 times"
        assert (
            repeated(Schedule(on_days=(1, 15), every_days=(168, 168), courses=(1, None)))
            == "every 168 days, 1 or more courses"
        )
        assert repeated(Schedule(for_days=(1, None))) == ""
        assert repeated(Schedule(for_days=(28, 42))) == "for 28 to 42 days"
