"""One record, one pack, one decision: the whole flow from facts to answer. Nothing is printed, logged or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from boosterwatch.engine.chain.agree import EngineDisagreement
from boosterwatch.engine.decide import decide, decide_disagreement
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.cycles import observe_cycles
from boosterwatch.engine.measures.derive import History, derive_measures, open_history
from boosterwatch.engine.model import Chosen, Decision, Measures, Record, Scalar
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping

Lost = Callable[[Mapping[str, Scalar], Mapping[str, int | float]], bool]


class Measured(NamedTuple):
    """A record ready for the rules: the parameters in force, its history after the checks, and its measures."""

    chosen: Mapping[str, Chosen]
    parameters: Mapping[str, int | float]
    history: History
    measures: Measures


def measure(pack: LoadedPack, facts: Record, lost: Lost | None) -> Measured:
    """Return a record as the rules of a pack see it; `lost` is asked at earlier dates, None looks for no cycles.

    Raises RecordError with every problem of a record that the pack cannot use, and whatever `lost` raises.
    """
    check_against_pack(facts, pack.ir)
    chosen = values_in_force(pack.ir, facts.as_of, facts.overrides)
    parameters = {name: choice.value for name, choice in chosen.items()}
    history = open_history(pack.plan, facts, parameters)
    cycles = None
    if lost is not None:
        cycles = observe_cycles(pack.plan, history, parameters, lambda earlier: lost(earlier.values, parameters))
    return Measured(
        chosen, parameters, history, derive_measures(pack.plan, history, parameters, facts.as_of, cycles=cycles)
    )


def evaluate(pack: LoadedPack, record: Mapping[str, Any] | Record) -> Decision:
    """Return the decision about one patient under one pack.

    `record` is a mapping of the shape of `schemas/record.schema.json`, or a `Record` already read. The same pack and
    record give the same decision. When the two evaluators differ, the decision has no recommendation and an
    `error` with both traces. Raises RecordError with every problem of a record that cannot be used.
    """
    facts = record if isinstance(record, Record) else record_from_mapping(record)
    recorded = pack.review.recorded if pack.review is not None else None
    try:
        found = measure(pack, facts, pack.evaluators.lost)
        outcome, agreement = pack.evaluators.evaluate(found.measures.values, found.parameters)
    except EngineDisagreement as difference:
        return replace(decide_disagreement(pack.ir, facts, difference), review=recorded)
    decision = decide(pack.ir, facts, found.measures, found.chosen, outcome, agreement, found.history.rejected)
    return decision if recorded is None else replace(decision, review=recorded)
