"""The evaluators differ: no recommendation, an error with both traces, and whatever either of them warns of.

What either found of holds, cautions, flags and triggers is still reported, because leaving it out could do harm.
Signs are not, because nobody knows which of two answers is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import compress
from typing import Protocol

from boosterwatch.engine.decide.decision import engine_name, pack_name, sorted_rejections
from boosterwatch.engine.model import Agreement, Decision, Outcome, Record
from boosterwatch.engine.pack import ir

CODE = "engine_disagreement"
NO_RECOMMENDATION = "none"
EVALUATORS = ("reference", "durable_rules")

Side = Outcome | bool | None  # a whole outcome, whether benefit was lost at an earlier date, or a fault
Fired = frozenset[tuple[str, str]]


class Difference(Protocol):
    """Two evaluators that differ. For a lookback the sides are truths; with a `fault`, `durable` gave nothing."""

    @property
    def reference(self) -> Side:
        """Return what the reference found."""

    @property
    def durable(self) -> Side:
        """Return what durable_rules found."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of the rules that differ."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the ids of the tables that differ."""

    @property
    def fault(self) -> str | None:
        """Return how durable_rules failed."""


def decide_disagreement(pack: ir.Pack, record: Record, difference: Difference) -> Decision:
    """Return a decision that recommends nothing and says where the evaluators differ."""
    sides = {"reference": difference.reference, "durable": difference.durable}
    fired = _fired(pack, sides)
    return Decision(
        pack=pack_name(pack),
        engine=engine_name(Agreement(EVALUATORS, agreed=False, note=difference.fault)),
        as_of=date.fromordinal(record.as_of),
        patient=record.patient,
        record_digest=record.digest,
        recommendation=NO_RECOMMENDATION,
        urgency=None,
        summary=_summary(difference),
        signs={},
        response="unknown",
        holds=_notices(pack, fired, "hold"),
        cautions=_notices(pack, fired, "caution"),
        flags=_notices(pack, fired, "flag"),
        next={"assessment_date": None, "review_date": None},
        measures={},
        trace=(),
        not_fired=(),
        missing=(),
        rejected=sorted_rejections(record.rejected),
        notices={"checklist": (), "tasks": (), "crisis": _crisis(pack, fired)},
        error=_error(pack, difference, sides),
    )


def _summary(difference: Difference) -> str:
    what = "one evaluator failed" if difference.fault is not None else "the two evaluators differ"
    return f"No recommendation: {what}, so decide without the software and report this."


def _error(pack: ir.Pack, difference: Difference, sides: Mapping[str, Side]) -> dict[str, object]:
    position = {rule.id: at for at, rule in enumerate(pack.rules)}
    differing = [*difference.rules, *(f"table {table}" for table in difference.tables)]
    where = ", ".join(differing) or "an earlier assessment date"
    return {
        "code": CODE,
        "message": difference.fault or f"the evaluators differ on {where}",
        "rules": [
            {"rule": rule, **{name: _truth(side, position[rule]) for name, side in sides.items()}}
            for rule in difference.rules
        ],
        "tables": [
            {"table": table, **{name: _state(side, table) for name, side in sides.items()}}
            for table in difference.tables
        ],
        "traces": {name: _trace(pack, side) for name, side in sides.items()},
    }


def _truth(side: Side, at: int) -> bool | None:
    return side.truths[at] if isinstance(side, Outcome) else None


def _state(side: Side, table: str) -> str | None:
    return side.states.get(table) if isinstance(side, Outcome) else None


def _trace(pack: ir.Pack, side: Side) -> dict[str, object] | None:
    """Return what one evaluator found: rules that are true, rules that are unknown, the state of every table."""
    if not isinstance(side, Outcome):
        return None if side is None else {"lost": side}
    ids = [rule.id for rule in pack.rules]
    return {
        "true": list(compress(ids, side.truths)),
        "unknown": [id for id, truth in zip(ids, side.truths, strict=True) if truth is None],
        "states": dict(side.states),
    }


def _fired(pack: ir.Pack, sides: Mapping[str, Side]) -> Fired:
    """Return the notices and findings, as (kind, id), that any of the evaluators drew."""
    outcomes = [side for side in sides.values() if isinstance(side, Outcome)]
    return frozenset((rule.kind, rule.subject) for one in outcomes for rule in compress(pack.rules, one.truths))


def _notices(pack: ir.Pack, fired: Fired, kind: str) -> tuple[str, ...]:
    return tuple(one.id for one in pack.notices if one.kind == kind and (kind, one.id) in fired)


def _crisis(pack: ir.Pack, fired: Fired) -> tuple[str, ...]:
    texts = [one.patient_text for one in pack.notices if (one.kind, one.id) in fired]
    return tuple(dict.fromkeys(text for text in texts if text is not None))
