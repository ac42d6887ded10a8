"""What a patient can be found for: each rule, sign state, hold, caution, flag, trigger and recommendation of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from boosterwatch.engine.author.patients.judge import measures_of
from boosterwatch.engine.author.patients.usual import parameters_of
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Outcome
from boosterwatch.engine.pack import ir

Record = dict[str, Any]
Accept = Callable[[Record], bool]


def outcome_of(pack: LoadedPack, record: Record) -> Outcome | None:
    """Return what the reference evaluator finds for a record without overrides; None when it cannot be used."""
    measures = measures_of(pack, record)
    return None if measures is None else pack.evaluators.reference.evaluate(measures.values, parameters_of(pack.ir))


def wins(pack: LoadedPack, rule: ir.Rule) -> Accept:
    """Return whether a rule is true for a record, and in a table the one that decides."""
    place = pack.ir.rules.index(rule)
    rows = next((table.rows for table in pack.ir.tables if table.id == rule.table), ())
    places = {one.id: n for n, one in enumerate(pack.ir.rules)}
    earlier = [places[row] for row in rows[: rows.index(rule.id)]] if rule.id in rows else []

    def accept(record: Record) -> bool:
        outcome = outcome_of(pack, record)
        if outcome is None or outcome.truths[place] is not True:
            return False
        return not any(outcome.truths[row] is True for row in earlier)

    return accept


def states(pack: LoadedPack) -> Iterator[tuple[str, Accept]]:
    """Yield a target for each state of each table."""
    for table in pack.ir.tables:
        for state in table.states:
            yield f"{table.id}={state}", _has_state(pack, table.id, state)


def _has_state(pack: LoadedPack, table: str, state: str) -> Accept:
    def accept(record: Record) -> bool:
        outcome = outcome_of(pack, record)
        return outcome is not None and outcome.states[table] == state

    return accept
