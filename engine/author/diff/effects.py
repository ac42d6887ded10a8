"""What a pair of verdicts means for a change: tighter, looser, mixed, equal, or not proved."""

from __future__ import annotations

from collections.abc import Iterable

from boosterwatch.engine.author.diff.model import Effect, Verdict

Verdicts = tuple[Verdict, Verdict]  # who gains it, who loses it
NEVER: Verdicts = ("never", "never")


def effect_of(verdicts: Verdicts) -> Effect:
    """Return the effect.

    >>> effect_of(("never", "some")), effect_of(("some", "never")), effect_of(("some", "some"))
    ('tighter', 'looser', 'mixed')
    >>> effect_of(("never", "never")), effect_of(("perhaps", "some"))
    ('equal', 'unproved')
    """
    gained, lost = verdicts
    if gained == lost == "never":
        return "equal"
    if gained == "never":
        return "tighter"
    if lost == "never":
        return "looser"
    return "mixed" if gained == lost == "some" else "unproved"


def together(pairs: Iterable[Verdicts]) -> Verdicts:
    """Return the verdicts about any of several things.

    >>> together([("never", "some"), ("perhaps", "never")])
    ('perhaps', 'some')
    """
    gained: Verdict = "never"
    lost: Verdict = "never"
    for one, other in pairs:
        gained, lost = _stronger(gained, one), _stronger(lost, other)
    return gained, lost


def _stronger(one: Verdict, other: Verdict) -> Verdict:
    if "some" in (one, other):
        return "some"
    return "perhaps" if "perhaps" in (one, other) else "never"
