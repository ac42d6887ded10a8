"""Two decisions about one record, side by side: what differs in what a clinician would see, and the rules behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from boosterwatch.engine.model import Decision

What = Literal["recommendation", "urgency", "response", "sign", "hold", "caution", "flag", "rule"]
DRAWN, NOT_DRAWN = "yes", "no"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `id` names the sign, hold, caution, flag or rule; the other things have none.

    A sign's value is its state, None where the pack has no such sign. A hold, caution, flag or rule is `yes` or `no`:
    drawn or not, fired or not. `urgency` is None without hurry.
    """

    what: What
    id: str | None
    active: str | None
    trial: str | None

    def to_plain(self) -> dict[str, str | None]:
        """Return the difference as a JSON object."""
        return {"what": self.what, "id": self.id, "active": self.active, "trial": self.trial}


def differences(active: Decision, trial: Decision) -> tuple[Difference, ...]:
    """Return what differs: the recommendation, urgency and response, signs, holds, cautions, flags, then fired rules.

    Each in the order of the active pack, then what only the trial has. Wording, measures and dates are not compared.
    """
    return tuple(_differences(active, trial))


def _differences(active: Decision, trial: Decision) -> Iterator[Difference]:
    yield from _one("recommendation", None, active.recommendation, trial.recommendation)
    yield from _one("urgency", None, active.urgency, trial.urgency)
    yield from _one("response", None, active.response, trial.response)
    for sign in dict.fromkeys((*active.signs, *trial.signs)):
        states = [side.signs[sign].state if sign in side.signs else None for side in (active, trial)]
        yield from _one("sign", sign, *states)
    yield from _drawn("hold", active.holds, trial.holds)
    yield from _drawn("caution", active.cautions, trial.cautions)
    yield from _drawn("flag", active.flags, trial.flags)
    yield from _drawn("rule", [row.rule for row in active.trace], [row.rule for row in trial.trace])


def _one(what: What, id: str | None, active: str | None, trial: str | None) -> Iterator[Difference]:
    if active != trial:
        yield Difference(what, id, active, trial)


def _drawn(what: What, active: Sequence[str], trial: Sequence[str]) -> Iterator[Difference]:
    """Yield what one side draws and the other does not."""
    sides = frozenset(active), frozenset(trial)
    for id in dict.fromkeys((*active, *trial)):
        yield from _one(what, id, *(DRAWN if id in side else NOT_DRAWN for side in sides))
