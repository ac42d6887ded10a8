"""What the columns of answers are called."""

from __future__ import annotations

PART = "part__"
GIVEN = "given__"


def part_column(scale: str) -> str:
    """Return the column of the usable answers of a scale with a part."""
    return PART + scale


def given_column(scale: str) -> str:
    """Return the column of the answers of a scale with a part as they were given."""
    return GIVEN + scale
