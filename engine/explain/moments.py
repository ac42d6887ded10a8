"""How each sign stood at every assessment so far: the same evaluation, asked on earlier days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision

MOST_DAYS = 60  # the latest ones; a picture of more would be unreadable


@dataclass(frozen=True, slots=True)
class Standing:
    """A sign's state on one day; `begins` when the day before had another state."""

    sign: str
    day: date
    state: str
    begins: bool


def standings(pack: LoadedPack, record: Mapping[str, Any], decision: Decision, days: Iterable[date]) -> list[Standing]:
    """Return the state of every sign on each of these days and on the day of the decision, oldest first.

    What was known later does not count: a fact dated after a day is not used on it.
    """
    earlier = sorted({day for day in days if day < decision.as_of})[-MOST_DAYS:]
    decided = filter(None, (_decided(pack, record, day) for day in earlier))
    last: dict[str, str] = {}
    told: list[Standing] = []
    for one in (*decided, decision):
        for sign, state in one.signs.items():
            told.append(Standing(sign, one.as_of, state.state, last.get(sign) != state.state))
            last[sign] = state.state
    return told


def _decided(pack: LoadedPack, record: Mapping[str, Any], day: date) -> Decision | None:
    """Return the decision as it was on a day; None where the record would not have been valid on it."""
    try:
        return evaluate(pack, {**record, "as_of": day.isoformat()})
    except DiagnosticError:
        return None
