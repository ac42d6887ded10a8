"""The row engine with one of its two evaluators, so that neither is held to the other before both are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from boosterwatch.engine.chain.agree import Agreed
from boosterwatch.engine.chain.durable import durable_available
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Agreement, Outcome, Scalar
from boosterwatch.tests.cohort.campaign.plan import DURABLE, REFERENCE

_Values = Mapping[str, Scalar]
_Parameters = Mapping[str, int | float]


class Evaluator(Protocol):
    """What both evaluators can do."""

    def evaluate(self, values: _Values, parameters: _Parameters) -> Outcome:
        """Return the truth of every rule and the state of every table."""

    def lost(self, values: _Values, parameters: _Parameters) -> bool:
        """Return whether any lookback atom was drawn."""


class Alone:
    """One evaluator in the place of both; it also answers for the earlier dates."""

    def __init__(self, name: str, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._agreement = Agreement((name,), None)

    def evaluate(self, values: _Values, parameters: _Parameters) -> tuple[Outcome, Agreement]:
        """Return what it found, on which nobody else agreed."""
        return self._evaluator.evaluate(values, parameters), self._agreement

    def lost(self, values: _Values, parameters: _Parameters) -> bool:
        """Return what it found at an earlier date."""
        return self._evaluator.lost(values, parameters)


def evaluators() -> tuple[str, ...]:
    """Return which evaluators there are here."""
    return (REFERENCE, DURABLE) if durable_available()[0] else (REFERENCE,)


def with_one(pack: LoadedPack, name: str) -> LoadedPack:
    """Return a pack that is evaluated by one evaluator only."""
    both = pack.evaluators
    one = both.reference if name == REFERENCE else both.durable
    alone = LoadedPack(pack.ir, pack.review)
    alone.__dict__["evaluators"] = cast(Agreed, Alone(name, cast(Evaluator, one)))  # where it is cached
    return alone
