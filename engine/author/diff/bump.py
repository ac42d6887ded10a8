"""The version that a difference asks for: wording is a patch, a value or rule is minor, a contract is major."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from boosterwatch.engine.author.diff.model import Change, Difference

Bump = Literal["none", "patch", "minor", "major"]
_MOST = 5


def bump(difference: Difference) -> Bump:
    """Return how the version must grow; "none" when the packs are the same to the byte."""
    if any(change.contract for change in difference.changes):
        return "major"
    if any(_is_meaning(change) for change in difference.changes):
        return "minor"
    return "none" if difference.old.digest == difference.new.digest else "patch"


def bump_reasons(difference: Difference) -> tuple[str, ...]:
    """Return what the bump rests on, a line each: the changes of the kind that decides it."""
    asked = bump(difference)
    if asked == "none":
        return ("the two packs are the same",)
    lines = tuple(dict.fromkeys(_reasons(difference, asked)))
    if not lines:
        return ("only comments, layout or the order of things differ",)
    more = len(lines) - _MOST
    return lines if more <= 0 else (*lines[:_MOST], f"{more} more")


def _reasons(difference: Difference, asked: Bump) -> Iterator[str]:
    for change in difference.changes:
        if asked == "major" and change.contract:
            yield f"{_named(change)}: {change.contract}"
        elif asked == "minor" and _is_meaning(change):
            yield f"{_named(change)} is {change.how}"
        elif asked == "patch":
            yield f"{_named(change)} has other words"


def _is_meaning(change: Change) -> bool:
    """Return whether more than words changed, whoever it reaches: a rule that is written anew is traced anew."""
    return change.how != "wording" and change.part != "citation"


def _named(change: Change) -> str:
    return f"{change.part} `{change.id}`"
