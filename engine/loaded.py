"""A compiled pack made ready to evaluate: its measure plan and its evaluators, built once and shared by threads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from boosterwatch.engine.chain.agree import Agreed
from boosterwatch.engine.measures.derive import Plan, plan_measures
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.review import Review


@dataclass(frozen=True)
class LoadedPack:
    """A pack ready to evaluate. Frozen; safe to share between threads.

    `review` is how its review stood on the day it was loaded; None when nobody asked. Every decision records an
    override of an overdue one.
    """

    ir: ir.Pack
    review: Review | None = None

    @property
    def id(self) -> str:
        """The pack's id."""
        return self.ir.id

    @property
    def version(self) -> str:
        """The pack's version."""
        return self.ir.version

    @property
    def digest(self) -> str:
        """The SHA-256 of the compiled pack, in hexadecimal."""
        return self.ir.digest

    @cached_property
    def plan(self) -> Plan:
        """How its measures are derived."""
        return plan_measures(self.ir)

    @cached_property
    def evaluators(self) -> Agreed:
        """The two evaluators, run together."""
        return Agreed(self.ir)
