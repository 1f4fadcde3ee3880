"""Kleene logic: the whole tables, written out by hand."""

from __future__ import annotations

import itertools

import pytest

from trivium.core.truth import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of, from_bool, implies, negate

T, F, U = TRUE, FALSE, UNKNOWN

AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
IMPLIES = {(T, T): T, (T, F): F, (T, U): U, (F, T): T, (F, F): T, (F, U): T, (U, T): T, (U, F): U, (U, U): U}


@pytest.mark.parametrize("pair", list(itertools.product((T, F, U), repeat=2)))
def test_two_place_tables(pair: tuple[Truth, Truth]) -> None:
    assert all_of(pair) is AND[pair]
    assert any_of(pair) is OR[pair]
    assert implies(*pair) is IMPLIES[pair]


def test_not() -> None:
    assert [negate(truth) for truth in (T, F, U)] == [F, T, U]


def test_nothing_at_all_is_true_for_all_and_false_for_any() -> None:
    assert all_of(()) is T
    assert any_of(()) is F


def test_unknown_is_never_taken_for_a_truth() -> None:
    with pytest.raises(TypeError):
        bool(U)
    assert bool(T)
    assert not bool(F)
    assert [from_bool(value) for value in (True, False, None)] == [T, F, U]


@pytest.mark.parametrize("triple", list(itertools.product((T, F, U), repeat=3)))
def test_three_places_are_two_places_twice(triple: tuple[Truth, Truth, Truth]) -> None:
    one, two, three = triple
    assert all_of(triple) is AND[AND[one, two], three]
    assert any_of(triple) is OR[OR[one, two], three]
