"""The parameters in force for a cohort: one number for all, or a column where patients have their own."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

import ibis
from ibis.expr.types import NumericValue, Table

from boosterwatch.engine.cohort.names import parameter_column


@dataclass(frozen=True)
class Parameters:
    """`numbers` holds the value of every parameter, `own` names those that some patients have their own value of."""

    numbers: Mapping[str, int | float]
    own: Set[str]

    def of(self, table: Table, name: str) -> NumericValue:
        """Return the parameter as a value of the table's rows; the table carries the columns of `own`."""
        if name in self.own:
            return table[parameter_column(name)]
        return ibis.literal(self.numbers[name])

    def columns(self) -> list[str]:
        """Return the columns that a table of moments carries for `own`, in order."""
        return [parameter_column(name) for name in sorted(self.own)]
