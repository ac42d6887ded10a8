"""What a changed record would be answered, quickly: measures and the reference evaluator, no trace.

For searching only. What is shown is evaluated again, in full and by both engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boosterwatch.engine.author.patients.fields import leaves
from boosterwatch.engine.chain.truth import truth_of
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.flow import measure
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Scalar, Truth
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.read import record_from_mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """The recommendation and its urgency, and behind it the truth of every rule and clause, and the measures."""

    recommendation: str
    urgency: str | None
    truths: tuple[Truth, ...]
    clauses: tuple[Truth, ...]
    values: Mapping[str, Scalar]

    @property
    def told(self) -> tuple[str, str | None]:
        """What makes two answers the same."""
        return self.recommendation, self.urgency


def clauses_of(pack: ir.Pack) -> list[ir.Leaf]:
    """Return the clauses about measures, each test once."""
    found: dict[object, ir.Leaf] = {}
    for rule in pack.rules:
        for leaf in leaves(rule.when):
            if not isinstance(leaf.test, ir.Drawn):
                found.setdefault(leaf.test, leaf)
    return list(found.values())


class Rehearsal:
    """Answers records under one pack."""

    def __init__(self, loaded: LoadedPack) -> None:
        self.loaded = loaded
        self.places = {rule.id: n for n, rule in enumerate(loaded.ir.rules)}
        self.rows = loaded.ir.recommendations
        self.clauses = clauses_of(loaded.ir)

    def answer(self, record: Mapping[str, Any]) -> Answer | None:
        """Return the answer; None when the record cannot be used."""
        reference = self.loaded.evaluators.reference
        try:
            _, parameters, _, measures = measure(self.loaded, record_from_mapping(record), reference.lost)
        except DiagnosticError:
            return None
        truths = reference.evaluate(measures.values, parameters).truths
        row = self._row(truths)
        clauses = tuple(truth_of(clause, measures.values, parameters, ()) for clause in self.clauses)
        return Answer(row.recommendation, row.urgency, truths, clauses, measures.values)

    def _row(self, truths: tuple[Truth, ...]) -> ir.Recommendation:
        """Return the first row that is true; the last one has no condition."""
        true = (row for row in self.rows if truths[self.places[row.rule]] is True)
        return next(true, self.rows[-1])
