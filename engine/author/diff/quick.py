"""The answers of a pack about a record, quickly: the reference evaluator alone, without trace and sentences.

Used to look through many patients. What is shown to people is evaluated in full, by both evaluators.
"""

from __future__ import annotations

from functools import cached_property
from itertools import compress

from boosterwatch.engine.author.diff.answers import CLASS, REPORTED, recommended
from boosterwatch.engine.author.diff.model import Answer
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.flow import measure
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Outcome, Record


class Quick:
    """One pack, asked about many records."""

    def __init__(self, pack: LoadedPack) -> None:
        self._pack = pack
        self._reference = Reference(pack.ir)
        self._notices = {f"{one.kind}:{one.id}": Answer(one.kind, one.id) for one in pack.ir.notices}
        self._atoms = [rule.atom if rule.table is None else "" for rule in pack.ir.rules]
        self._rows = {one.rule: one for one in pack.ir.recommendations}
        reported = dict(pack.ir.words).get(REPORTED)
        self._reported = reported if any(table.id == reported for table in pack.ir.tables) else None

    def answers(self, record: Record) -> frozenset[Answer]:
        """Return every answer. Raises RecordError when the pack cannot use the record."""
        _, parameters, _, measures = measure(self._pack, record, self._reference.lost)
        return self._answers(self._reference.evaluate(measures.values, parameters))

    def _answers(self, outcome: Outcome) -> frozenset[Answer]:
        drawn = (self._notices.get(atom) for atom in compress(self._atoms, map(_is_true, outcome.truths)))
        found = {answer for answer in drawn if answer is not None}
        found |= {Answer("sign", sign.id, outcome.states[sign.id]) for sign in self._pack.ir.signs}
        if self._reported is not None:
            found.add(Answer(CLASS, self._reported, outcome.states[self._reported]))
        row = next((id for at, id in self._ordered if outcome.truths[at] is True), None)
        if row is None:
            return frozenset((*found, recommended(outcome.states["recommendation"], None)))
        won = self._rows[row]
        flags = (Answer("flag", id) for id in won.flags)
        return frozenset((*found, recommended(won.recommendation, won.urgency), *flags))

    @cached_property
    def _ordered(self) -> list[tuple[int, str]]:
        """The rows of the recommendation by their position among the rules, in the order they are read."""
        position = {rule.id: at for at, rule in enumerate(self._pack.ir.rules)}
        tables = [table for table in self._pack.ir.tables if table.kind == "recommendation"]
        return [(position[row], row) for table in tables for row in table.rows]


def _is_true(truth: bool | None) -> bool:
    return truth is True
