"""What the engines make of a record: the view in which a counter-example is confirmed, and the decision to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import z3

from boosterwatch.engine.author.symbolic.terms import FALSE, TRUE
from boosterwatch.engine.chain.agree import EngineDisagreement
from boosterwatch.engine.chain.truth import drawn_in, truth_of
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.flow import evaluate, measure
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Measures, Outcome
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.read import record_from_mapping


class Replay:
    """One record under one pack, evaluated by both engines: what it shows, as constants (see `violation.View`)."""

    def __init__(
        self, loaded: LoadedPack, record: Mapping[str, Any], measures: Measures, numbers: Mapping[str, float],
        outcome: Outcome,
    ) -> None:  # fmt: skip
        self._loaded, self.record, self.measures = loaded, record, measures
        self._numbers, self._outcome = numbers, outcome
        self._drawn = drawn_in(loaded.ir, outcome)
        self._truths = {rule.id: truth for rule, truth in zip(loaded.ir.rules, outcome.truths, strict=True)}

    @property
    def pack(self) -> ir.Pack:
        """The pack."""
        return self._loaded.ir

    @property
    def decision(self) -> Decision:
        """The decision, made afresh."""
        return evaluate(self._loaded, self.record)

    def true(self, condition: ir.Condition) -> z3.BoolRef:
        """Return whether the condition is true."""
        return _told(truth_of(condition, self.measures.values, self._numbers, self._drawn) is True)

    def wins(self, rule_id: str) -> z3.BoolRef:
        """Return whether the row is the first true one of its table."""
        table = next(table for table in self.pack.tables if rule_id in table.rows)
        first = next((row for row in table.rows if self._truths[row]), None)
        return _told(first == rule_id)

    def drawn(self, atom: str) -> z3.BoolRef:
        """Return whether the conclusion is drawn."""
        return _told(atom in self._drawn)


def _told(truth: bool) -> z3.BoolRef:
    return TRUE if truth else FALSE


def replay(loaded: LoadedPack, record: Mapping[str, Any]) -> Replay | None:
    """Return what both engines make of a record; None when it cannot be used, or they differ."""
    try:
        _, numbers, _, measures = measure(loaded, record_from_mapping(record), loaded.evaluators.lost)
        outcome, _ = loaded.evaluators.evaluate(measures.values, numbers)
    except (DiagnosticError, EngineDisagreement):
        return None
    return Replay(loaded, record, measures, numbers, outcome)
