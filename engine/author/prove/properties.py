"""What a pack promises about every patient: the closed set of forms in which `properties.yaml` can say it.

A form speaks of one patient, or of two: the same patient twice, but for one thing. `violation.py` says when a form is
broken, `pairs.py` and `variants.py` who the second patient is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir


@dataclass(frozen=True, slots=True)
class Always:
    """Whenever `when` is true (None: for everybody), `then` is true; unknown is not true."""

    when: ir.Condition | None
    then: ir.Condition


@dataclass(frozen=True, slots=True)
class Never:
    """The condition is never true."""

    condition: ir.Condition


@dataclass(frozen=True, slots=True)
class ExactlyOne:
    """Exactly one row of the table wins."""

    table: str


@dataclass(frozen=True, slots=True)
class FewSources:
    """With exactly so many positive sources the condition is never true: 0 leaves only time, 1 a single source."""

    sources: Literal[0, 1]
    never: ir.Condition


@dataclass(frozen=True, slots=True)
class Levels:
    """Tables with their states, or one table with its rows, in ranks from the lowest; what is in no rank is no rank."""

    tables: tuple[str, ...]
    ranks: tuple[tuple[str, ...], ...]
    rows: bool


@dataclass(frozen=True, slots=True)
class Worse:
    """With the latest score of one or more of the scales worse, and all else the same, no level is lower."""

    scales: tuple[str, ...]
    levels: Levels


@dataclass(frozen=True, slots=True)
class Unknown:
    """With instruments or facts left out, and all else the same, the condition does not become true."""

    never_gives: ir.Condition


@dataclass(frozen=True, slots=True)
class Reachable:
    """Some patient makes each rule true, and each row of a table win."""


@dataclass(frozen=True, slots=True)
class NeverLoosens:
    """Under every number that a layer may set, each hold and trigger of the pack's own numbers is still drawn."""


Statement = Always | Never | ExactlyOne | FewSources | Worse | Unknown | Reachable | NeverLoosens


@dataclass(frozen=True, slots=True)
class Exempt:
    """A case for which the property does not speak, and why. `after` is asked of the second patient.

    With `parameter` it is no case of a patient: no layer sets that number, as far as the property goes.
    """

    before: ir.Condition | None
    after: ir.Condition | None
    reason: str
    span: Span
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """One promise: its words, its statement, and its declared exceptions."""

    id: str
    says: str
    statement: Statement
    exceptions: tuple[Exempt, ...]
    span: Span

    @property
    def conditions(self) -> tuple[ir.Condition, ...]:
        """Every condition that it states or excepts."""
        match self.statement:
            case Always(when, then):
                own: tuple[ir.Condition | None, ...] = (when, then)
            case Never(condition):
                own = (None, condition)
            case FewSources(_, never) | Unknown(never):
                own = (None, never)
            case _:
                own = (None, None)
        exempt = (part for one in self.exceptions for part in (one.before, one.after))
        return tuple(part for part in (*own, *exempt) if part is not None)

    @property
    def fixed(self) -> frozenset[str]:
        """The numbers that no layer sets, as far as it goes."""
        return frozenset(one.parameter for one in self.exceptions if one.parameter is not None)

    @property
    def patients(self) -> int:
        """How many patients a counter-example has."""
        match self.statement:
            case Worse() | Unknown() | NeverLoosens():
                return 2
            case Reachable():
                return 0
        return 1
