"""One pair of a pack and a record, asked of both evaluators: whole outcome, and every look at an earlier date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boosterwatch.engine.chain.durable import Durable
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Measures, Outcome
from boosterwatch.engine.pack import ir
from boosterwatch.tests.differential.derive import Numbers, derive


class Pair:
    """A pack in both evaluators."""

    def __init__(self, pack: LoadedPack, durable: Durable | None = None) -> None:
        self.pack = pack
        self.reference = Reference(pack.ir)
        self.durable = durable if durable is not None else Durable(pack.ir)
        self.looks = 0  # how many earlier dates were asked about

    def difference(self, record: Mapping[str, Any]) -> str | None:
        """Return in what the evaluators differ on a record, None when in nothing."""
        found: list[str] = []

        def lost(measures: Measures, parameters: Numbers) -> bool:
            self.looks += 1
            first = self.reference.lost(measures.values, parameters)
            second = self.durable.lost(measures.values, parameters)
            if first is not second:
                found.append(f"lookback: {first} and {second}")
            return first

        derived = derive(self.pack, record, lost)
        first = self.reference.evaluate(derived.measures.values, derived.parameters)
        second = self.durable.evaluate(derived.measures.values, derived.parameters)
        if first != second:
            found.append(differences(self.pack.ir, first, second))
        return "; ".join(found) or None


def differences(pack: ir.Pack, first: Outcome, second: Outcome) -> str:
    """Return the rules and tables on which two outcomes differ."""
    truths = zip(pack.rules, first.truths, second.truths, strict=True)
    rules = [f"{rule.id}: {one} and {other}" for rule, one, other in truths if one is not other]
    states = [
        f"table {table}: {first.states.get(table)} and {second.states.get(table)}"
        for table in sorted({*first.states, *second.states})
        if first.states.get(table) != second.states.get(table)
    ]
    return ", ".join([*rules, *states])
