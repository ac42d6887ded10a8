"""Names and numbers of facts: order kept exactly, collisions and everything inexact refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.chain.properties import (
    DurableError,
    Properties,
    name_hash,
    refuse_collisions,
    stand_in,
)

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**53), 2**53),
    st.sampled_from([0, 0.0, -0.0, 1, 1.0, 0.1 + 0.2, 0.3, 5e-324, -5e-324, 2**53, 1.7976931348623157e308]),
)


@given(NUMBERS, NUMBERS)
def test_stand_ins_order_as_the_numbers_do(one: float, other: float) -> None:
    first, second = int(stand_in(one)), int(stand_in(other))
    assert (first < second, first == second) == (one < other, one == other)
    assert abs(first) < 2**63


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_neighbours_keep_apart(number: float) -> None:
    above = math.nextafter(number, math.inf)
    if math.isfinite(above):
        assert int(stand_in(number)) < int(stand_in(above))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53 + 1, -(2**53) - 1, 10**400, "12", "abc", ""])
def test_what_is_not_an_exact_number_is_refused(value: float) -> None:
    with pytest.raises(DurableError, match=r"^(text where|a (whole )?number is)"):
        stand_in(value)


def test_an_int_that_a_double_holds_exactly_is_accepted() -> None:
    assert int(stand_in(2**53)) < int(stand_in(10**18)) < int(stand_in(2**60))


def test_two_names_with_one_hash_are_refused() -> None:
    assert name_hash("gad_emnydp") == name_hash("sleep_isngof")
    with pytest.raises(DurableError, match="gad_emnydp"):
        refuse_collisions(["m1", "gad_emnydp", "p2", "sleep_isngof"])


def test_a_name_of_the_librarys_own_is_not_refused_as_a_double_of_itself() -> None:
    refuse_collisions(["m1", "p2", "m1"])


def test_positional_names_do_not_collide() -> None:
    refuse_collisions(f"{letter}{number}" for letter in "wmkrpachg" for number in range(4000))


def test_a_measure_is_a_number_or_a_category() -> None:
    properties = Properties()
    properties.number("phq9.latest")
    properties.category("sex")
    properties.recorded("setting")
    with pytest.raises(DurableError, match=r"phq9\.latest"):
        properties.category("phq9.latest")
    with pytest.raises(DurableError, match=r"phq9\.latest"):
        properties.recorded("phq9.latest")
    for name in ("sex", "setting"):
        with pytest.raises(DurableError, match=name):
            properties.number(name)


def test_asked_again_a_property_is_the_same() -> None:
    properties = Properties()
    assert properties.number("a") == properties.number("a") != properties.number("b")
    assert properties.total(("x", "y")) == properties.total(("x", "y")) != properties.total(("y", "x"))
    assert properties.places == {"w0": 0, "m1": 1, "m2": 2, "c3": 3, "c4": 4}


def test_codes_tell_texts_and_truths_apart() -> None:
    properties = Properties()
    codes = [properties.code("a", value) for value in (True, False, "true", "", "0", "true")]
    assert codes[:2] == [1, 0]
    assert codes[2] == codes[5]
    assert len(set(codes)) == 5
