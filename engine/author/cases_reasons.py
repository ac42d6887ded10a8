"""Why a case came out otherwise: the sentences of what happened, and what stopped what was expected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from boosterwatch.engine.explain.chain import Chain
from boosterwatch.engine.explain.why import stopped_lines
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

MOST_RULES = 2
MOST_LINES = 6


class Reasons:
    """What a decision has to say about an answer that was expected of it."""

    def __init__(self, decision: Decision, pack: ir.Pack) -> None:
        self._decision = decision
        self._pack = pack

    @cached_property
    def _chain(self) -> Chain:
        return Chain(self._decision, self._pack)

    @cached_property
    def rule_ids(self) -> Collection[str]:
        """The ids of the pack's rules."""
        return frozenset(rule.id for rule in self._pack.rules)

    def is_rule(self, id: str) -> bool:
        """Return whether the pack has a rule of this id."""
        return id in self.rule_ids

    def fired(self, rule: str) -> bool:
        """Return whether a rule fired."""
        return rule in self._chain.fired

    def because(self, rule: str) -> str:
        """Return the sentence of a rule that fired."""
        return self._chain.fired[rule].because

    def stopped(self, rule: str) -> Iterator[str]:
        """Yield what stopped a rule, shortened."""
        for at, line in enumerate(stopped_lines(self._decision, self._pack, rule)):
            if at == MOST_LINES:
                yield "  ..."
                return
            yield line

    def recommendation(self, wanted: str) -> tuple[str, ...]:
        """Return the row that won, and what stopped the rows that recommend what was wanted."""
        return (self._decision.summary, *self.state("recommendation", "recommendation", wanted))

    def state(self, kind: str, subject: str, wanted: str) -> tuple[str, ...]:
        """Return what stopped the rules that give a subject this state, or who beat them."""
        rules = [r.id for r in self._pack.rules if (r.kind, r.subject, r.state) == (kind, subject, wanted)]
        return tuple(self._nearest(rules))

    def missing(self, kind: str, ids: Iterable[str]) -> list[str]:
        """Return what stopped the notices of these ids."""
        rules = [r.id for id in sorted(ids) for r in self._pack.rules if (r.kind, r.subject) == (kind, id)]
        return list(self._nearest(rules))

    def unexpected(self, kind: str, ids: Iterable[str]) -> list[str]:
        """Return the sentences of the notices of these ids."""
        wanted = set(ids)
        rules = (r for r in self._pack.rules if r.kind == kind and r.subject in wanted)
        return [f"{rule.id}: {self.because(rule.id)}" for rule in rules if self.fired(rule.id)]

    def _nearest(self, rules: list[str]) -> Iterator[str]:
        """Yield what became of the rules that came nearest."""
        known = [rule for rule in rules if rule in self._chain.fired or rule in self._chain.unfired]
        for rule in sorted(known, key=self._rank)[:MOST_RULES]:
            yield from self._outcome(rule)

    def _rank(self, rule: str) -> tuple[bool, float]:
        return (False, 0) if rule in self._chain.fired else self._chain.nearness(rule)

    def _outcome(self, rule: str) -> Iterator[str]:
        if rule in self._chain.fired:
            yield f"{rule} is true, but a row above it wins"
        else:
            yield from self.stopped(rule)
