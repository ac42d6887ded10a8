"""What `engine.flow.evaluate` does before it chains, laid open so that both evaluators can be asked the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.cycles import observe_cycles
from boosterwatch.engine.measures.derive import derive_measures, open_history
from boosterwatch.engine.model import Chosen, Measures, Record, Rejection
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping

Numbers = Mapping[str, float | int]
Lost = Callable[[Measures, Numbers], bool]


class Derived(NamedTuple):
    """A record ready to be chained."""

    facts: Record
    chosen: Mapping[str, Chosen]
    parameters: Numbers
    measures: Measures
    rejected: tuple[Rejection, ...]


def derive(pack: LoadedPack, record: Mapping[str, Any], lost: Lost | None = None) -> Derived:
    """Return the measures of a record under a pack; `lost` judges earlier dates, both evaluators unless given."""
    judge = lost if lost is not None else lambda at, numbers: pack.evaluators.lost(at.values, numbers)
    facts = record_from_mapping(record)
    check_against_pack(facts, pack.ir)
    chosen = values_in_force(pack.ir, facts.as_of, facts.overrides)
    parameters = {name: choice.value for name, choice in chosen.items()}
    history = open_history(pack.plan, facts, parameters)
    cycles = observe_cycles(pack.plan, history, parameters, lambda earlier: judge(earlier, parameters))
    measures = derive_measures(pack.plan, history, parameters, facts.as_of, cycles=cycles)
    return Derived(facts, chosen, parameters, measures, history.rejected)
