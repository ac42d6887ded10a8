"""The flow of `engine/flow.py`, with a watch on the processor between its steps.

A test holds its answers to those of the flow itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import thread_time_ns
from typing import Any

from boosterwatch.engine.chain.agree import DURABLE, REFERENCE
from boosterwatch.engine.chain.durable import durable_available
from boosterwatch.engine.decide import decide, to_json_bytes
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.cycles import observe_cycles
from boosterwatch.engine.measures.derive import derive_measures, open_history
from boosterwatch.engine.model import Agreement, Measures
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping

STAGES = (
    "read the record", "check it against the pack", "choose the values in force", "open the history",
    "look back: measures", "look back: reference", "look back: durable_rules", "look back: the rest",
    "derive the measures", "chain: reference", "chain: durable_rules", "compare", "decide and explain", "encode",
)  # fmt: skip


class Watch:
    """Nanoseconds by stage; `split` ends a stage that began where the last one ended."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(STAGES, 0)
        self._last = thread_time_ns()

    def split(self, stage: str) -> None:
        """Book the time since the last split."""
        now = thread_time_ns()
        self.spent[stage] += now - self._last
        self._last = thread_time_ns()


def staged(pack: LoadedPack, record: Mapping[str, Any]) -> tuple[bytes, dict[str, int]]:
    """Return the decision as JSON, and the nanoseconds of every stage."""
    reference, durable = pack.evaluators.reference, pack.evaluators.durable
    plan = pack.plan
    watch = Watch()
    facts = record_from_mapping(record)
    watch.split("read the record")
    check_against_pack(facts, pack.ir)
    watch.split("check it against the pack")
    chosen = values_in_force(pack.ir, facts.as_of, facts.overrides)
    parameters = {name: choice.value for name, choice in chosen.items()}
    watch.split("choose the values in force")
    history = open_history(plan, facts, parameters)
    watch.split("open the history")

    def lost(earlier: Measures) -> bool:
        watch.split("look back: measures")
        first = reference.lost(earlier.values, parameters)
        watch.split("look back: reference")
        if durable is not None:
            assert durable.lost(earlier.values, parameters) is first
            watch.split("look back: durable_rules")
        return first

    cycles = observe_cycles(plan, history, parameters, lost)
    watch.split("look back: the rest")
    measures = derive_measures(plan, history, parameters, facts.as_of, cycles=cycles)
    watch.split("derive the measures")
    outcome = reference.evaluate(measures.values, parameters)
    watch.split("chain: reference")
    if durable is not None:
        second = durable.evaluate(measures.values, parameters)
        watch.split("chain: durable_rules")
        assert outcome == second
        watch.split("compare")
    available, note = durable_available()
    agreement = Agreement((REFERENCE, DURABLE), True) if available else Agreement((REFERENCE,), None, note)
    decision = decide(pack.ir, facts, measures, chosen, outcome, agreement, history.rejected)
    watch.split("decide and explain")
    text = to_json_bytes(decision)
    watch.split("encode")
    return text, watch.spent
