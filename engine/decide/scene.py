"""One evaluation as its parts are being told: what was found, and what has been told so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boosterwatch.engine.decide.inputs import Inputs
from boosterwatch.engine.decide.plan import Plan
from boosterwatch.engine.decide.trace import Told
from boosterwatch.engine.model import Activation, Chosen, Measures, Outcome, Record

LEVELS = ("probable", "possible")  # the states in which a sign, or a reading, is positive
CANNOT = "cannot_assess"
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about one evaluation. `told` is by position of the rule, and is filled in as rules are told.

    `winners` holds, by table, the position of the row that won, None where none is true; `fired` the notices and
    findings that were drawn, as (kind, id).
    """

    plan: Plan
    record: Record
    measures: Measures
    chosen: Mapping[str, Chosen]
    outcome: Outcome
    inputs: Inputs
    true: Sequence[int]
    winners: Mapping[str, int | None]
    fired: frozenset[tuple[str, str]]
    told: list[Told | None]

    def because(self, at: int) -> str:
        """Return the sentence of a rule that fired; empty when it has none."""
        told = self.told[at]
        return told.row.because if told is not None and isinstance(told.row, Activation) else ""

    def basis(self, at: int) -> frozenset[str]:
        """Return what a row of a sign that fired rests on."""
        told = self.told[at]
        return told.basis if told is not None else frozenset()

    def notices(self, kind: str) -> tuple[str, ...]:
        """Return the notices of a kind that were drawn, in the pack's order."""
        fired = self.fired
        return tuple(id for draw, id in self.plan.notice_ids[kind] if draw in fired)
