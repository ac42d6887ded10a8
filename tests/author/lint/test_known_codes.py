"""Codes: the check digit against codes known to be right and to be wrong, and the list of known kinds."""

from __future__ import annotations

import pytest

from boosterwatch.engine.author.lint.known_codes import is_sound, kind_of, kinds
from boosterwatch.tests.packs.files import default_pack

RIGHT = "44249-1 44261-6 69737-5 70274-6 101698-9 8480-6 8462-4 1742-6 82810-3".split()
WRONG = "97546-9 89794-0 89213-1 93038-1 95654-2 89708-7 70274-5 71942-6 70273-5 77040-1".split()  # seen in public code


@pytest.mark.parametrize("code", RIGHT)
def test_a_right_code_is_sound(code: str) -> None:
    assert is_sound(f"LOINC {code}")


@pytest.mark.parametrize("code", [*WRONG, "44261", "44261-", "-6", "44261-66", "44261_6", "x44261-6"])
def test_a_wrong_code_is_not(code: str) -> None:
    assert not is_sound(f"LOINC {code}")


@pytest.mark.parametrize("digit", range(10))
def test_only_one_check_digit_is_right(digit: int) -> None:
    assert is_sound(f"LOINC 44261-{digit}") is (digit == 6)


@pytest.mark.parametrize("at", range(4))
def test_two_neighbours_that_change_places_are_noticed(at: int) -> None:
    digits = list("70274")
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    assert not is_sound(f"LOINC {''.join(digits)}-6")


def test_a_system_without_check_digits_is_left_alone() -> None:
    assert is_sound("local some-total/1")


def test_every_known_code_is_sound_and_of_a_kind_that_a_place_can_have() -> None:
    assert len(kinds()) > 40
    assert all(is_sound(code) for code in kinds())
    assert set(kinds().values()) == {kind_of(place) for place in ("panel", "total", "item 1")}


def test_every_code_of_the_default_pack_is_known_or_local() -> None:
    codes = [(place, code) for one in default_pack().ir.instruments for place, code in one.codes]
    assert [code for _, code in codes if not code.startswith("local ") and code not in kinds()] == []
    assert all(kinds()[code] == kind_of(place) for place, code in codes if code in kinds())
