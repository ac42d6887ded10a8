"""Codes of coding systems: what is known of each from `rules/codes.yaml`, and whether its check digit is right."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from boosterwatch.engine.pack.load import load_document

FILE = "codes.yaml"
CHECKED = "LOINC"  # the system whose codes end in a check digit
_PARTS = re.compile(r"(\d+)-(\d)")


@cache
def kinds() -> dict[str, str]:
    """Return the kind (`panel`, `total`, `answer`) of every known code, written as in a pack: system, space, code."""
    data = load_document(files("boosterwatch.rules").joinpath(FILE).read_bytes(), FILE).data
    return {
        f"{system} {code}": kind for system, known in data.items() for kind, codes in known.items() for code in codes
    }


def kind_of(place: str) -> str:
    """Return the kind that a code must have by its place in an instrument's `codes`.

    >>> [kind_of(place) for place in ("panel", "total", "item 3", "an_extra_answer")]
    ['panel', 'total', 'answer', 'answer']
    """
    return place if place in ("panel", "total") else "answer"


def check_digit(digits: str) -> int:
    """Return the check digit of a number, by the scheme "mod 10": every second digit counts double, from the right.

    >>> check_digit("1234")
    4
    """
    doubled = (int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return -sum(number // 10 + number % 10 for number in doubled) % 10


def is_sound(code: str) -> bool:
    """Return whether a code, written as in a pack, has the right form and check digit; true of systems without one."""
    system, _, value = code.partition(" ")
    if system != CHECKED:
        return True
    parts = _PARTS.fullmatch(value)
    return parts is not None and check_digit(parts[1]) == int(parts[2])
