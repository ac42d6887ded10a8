"""The default pack with its cases rehearsed, once for all tests."""

from __future__ import annotations

from functools import cache

from boosterwatch.engine.author.cases import Case, find_cases
from boosterwatch.engine.author.mutate import Mutant, find_mutants
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.pack.open import Opened, open_pack

PACK = "ketamine-maintenance"


@cache
def opened() -> Opened:
    """Return the default pack as read."""
    return open_pack(PACK)


@cache
def cases() -> tuple[Case, ...]:
    """Return its cases."""
    return tuple(find_cases(opened()))


@cache
def mutants() -> tuple[Mutant, ...]:
    """Return its mutants."""
    pack = opened().pack
    assert pack is not None
    return tuple(find_mutants(pack))


def rehearsal(*, every: int = 1, only: str | None = None) -> Rehearsal:
    """Return the cases rehearsed: all, one in so many, or those whose id begins with a text."""
    pack = opened().pack
    assert pack is not None
    return Rehearsal(pack, [case for case in cases()[::every] if only is None or case.id.startswith(only)])
