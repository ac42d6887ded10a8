"""Patients whom two packs answer differently: asked, compared and told. Each is evaluated under both packs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boosterwatch.engine.author.diff.answers import RECOMMENDATION, answers_given
from boosterwatch.engine.author.diff.model import Answer, Example, Told
from boosterwatch.engine.author.diff.quick import Quick
from boosterwatch.engine.author.diff.story import tell
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.record.read import record_from_mapping

Record = Mapping[str, Any]
Given = frozenset[Answer]


class Pair:
    """Two packs ready to be asked about the same patient."""

    def __init__(self, old: LoadedPack, new: LoadedPack) -> None:
        self.old, self.new = old, new
        self._quick = Quick(old), Quick(new)

    def differ(self, record: Record) -> tuple[Given, Given] | None:
        """Return the answers that only the old pack gives and those that only the new one gives.

        Found quickly; None when a pack cannot read the record.
        """
        answers = self.answers(record)
        return None if answers is None else (answers[0] - answers[1], answers[1] - answers[0])

    def answers(self, record: Record) -> tuple[Given, Given] | None:
        """Return the answers of both packs, found quickly; None when a pack cannot read the record."""
        try:
            read = record_from_mapping(record)
            return self._quick[0].answers(read), self._quick[1].answers(read)
        except DiagnosticError:
            return None

    def decide(self, record: Record) -> tuple[Decision, Decision] | None:
        """Return both decisions; None when there are not two answers to compare."""
        try:
            found = evaluate(self.old, record), evaluate(self.new, record)
        except DiagnosticError:
            return None
        return None if found[0].error is not None or found[1].error is not None else found

    def _answers(self, decisions: tuple[Decision, Decision]) -> tuple[Given, Given]:
        return answers_given(decisions[0], self.old.ir), answers_given(decisions[1], self.new.ir)

    def example(self, record: Record) -> Example | None:
        """Return a record with what each pack answers differently; None when there are not two answers."""
        decisions = self.decide(record)
        if decisions is None:
            return None
        before, after = self._answers(decisions)
        told = _told(decisions[0], before - after), _told(decisions[1], after - before)
        return Example(record, tell(record, self.new.ir), *told)


def _told(decision: Decision, answers: Given) -> Told:
    ordered = tuple(sorted(answers))
    reasons = tuple((one, text) for one in ordered if (text := _because(decision, one)))
    return Told(ordered, decision.recommendation, decision.urgency, decision.summary, reasons)


def _because(decision: Decision, answer: Answer) -> str:
    if answer.kind == "sign":
        return decision.signs[answer.id].because
    if answer.kind == RECOMMENDATION:
        return decision.summary
    effect = f"{answer.kind} {answer.id}{f': {answer.state}' if answer.state else ''}"
    return next((one.because for one in decision.trace if one.effect == effect), "")


def size_of(record: Record) -> int:
    """Return how many facts a record holds: the smaller is easier to read."""
    return sum(_weight(record[key]) for key in record)


def _weight(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_weight, value.values()))
    return sum(map(_weight, value)) + 1 if isinstance(value, list) else 1


# ---------------------------------------------------------------- among the records at hand


@dataclass(frozen=True, slots=True)
class Answered:
    """A record with the answers of both packs."""

    record: Record
    before: Given
    after: Given

    @property
    def lost(self) -> Given:
        """The answers that only the old pack gives."""
        return self.before - self.after

    @property
    def gained(self) -> Given:
        """The answers that only the new pack gives."""
        return self.after - self.before


def answered(pair: Pair, records: Sequence[Record]) -> list[Answered]:
    """Return the records with the answers of both packs, the smallest first; those that cannot be read are left out."""
    found = []
    for record in sorted(records, key=size_of):
        answers = pair.answers(record)
        if answers is not None:
            found.append(Answered(record, *answers))
    return found
