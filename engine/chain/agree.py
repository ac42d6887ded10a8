"""Both evaluators, held to each other: an outcome only when they agree.

A difference, or a fault of durable_rules, is never settled here and never falls back in silence: it is raised, and
`decide` makes it a decision without a recommendation. Where durable_rules cannot be imported at all the reference
decides alone, and the agreement says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from boosterwatch.engine.chain.durable import Durable, DurableError, durable_available
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.model import Agreement, Outcome, Scalar
from boosterwatch.engine.pack.ir import Pack

REFERENCE, DURABLE = "reference", "durable_rules"

_Values = Mapping[str, Scalar]
_Parameters = Mapping[str, int | float]


class EngineDisagreement(Exception):
    """The two evaluators differ, or durable_rules failed. The message names rules and tables, never values.

    `rules` and `tables` are the ids that differ, in the pack's order; `fault` says how durable_rules failed, and then
    `durable` is None. For a lookback the two sides are truths.
    """

    def __init__(
        self,
        reference: Outcome | bool,
        durable: Outcome | bool | None,
        rules: tuple[str, ...] = (),
        tables: tuple[str, ...] = (),
        fault: str | None = None,
    ) -> None:
        self.reference = reference
        self.durable = durable
        self.rules = rules
        self.tables = tables
        self.fault = fault
        differing = ", ".join([*rules, *(f"table {id_}" for id_ in tables)]) or "lookback"
        super().__init__(fault or f"the evaluators differ on {differing}")


class Agreed:
    """A compiled pack in every evaluator there is; safe to share between threads."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.reference = Reference(pack)
        available, reason = durable_available()
        self.durable = Durable(pack) if available else None
        self._agreement = Agreement((REFERENCE, DURABLE), True) if available else Agreement((REFERENCE,), None, reason)

    def evaluate(self, values: _Values, parameters: _Parameters) -> tuple[Outcome, Agreement]:
        """Return the outcome and who agreed on it; raises EngineDisagreement."""
        reference = self.reference.evaluate(values, parameters)
        if self.durable is not None:
            try:
                durable = self.durable.evaluate(values, parameters)
            except Exception as fault:
                raise EngineDisagreement(reference, None, fault=_named(fault)) from fault
            if durable != reference:
                raise self._difference(reference, durable)
        return reference, self._agreement

    def lost(self, values: _Values, parameters: _Parameters) -> bool:
        """Return whether any lookback atom was drawn; raises EngineDisagreement."""
        reference = self.reference.lost(values, parameters)
        if self.durable is not None:
            try:
                durable = self.durable.lost(values, parameters)
            except Exception as fault:
                raise EngineDisagreement(reference, None, fault=_named(fault)) from fault
            if durable is not reference:
                raise EngineDisagreement(reference, durable)
        return reference

    def _difference(self, reference: Outcome, durable: Outcome) -> EngineDisagreement:
        truths = zip(self.pack.rules, reference.truths, durable.truths, strict=True)
        rules = tuple(rule.id for rule, first, second in truths if first is not second)
        states = ((t.id, reference.states[t.id], durable.states[t.id]) for t in self.pack.tables)
        tables = tuple(id_ for id_, first, second in states if first != second)
        return EngineDisagreement(reference, durable, rules, tables)


def _named(fault: Exception) -> str:
    """Return how durable_rules failed. The text of our own errors only: others might quote a value."""
    if isinstance(fault, DurableError):
        return str(fault)
    return f"durable_rules failed: {type(fault).__name__}"
