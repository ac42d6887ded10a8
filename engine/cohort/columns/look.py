"""What a measure that is no scale's own may read: columns of moments, of measures found before, and the pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue, NumericValue, Table, Value

from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.pack import ir


@dataclass(frozen=True)
class Look:
    """The moments with all that is known of them so far, one row each."""

    pack: ir.Pack
    kinds: Mapping[str, ir.Measure]
    parameters: Parameters
    table: Table

    def measure(self, name: str) -> Value:
        """Return a measure; null in every row where nobody worked it out, because no patient can have it."""
        column = measure_column(name)
        return self.table[column] if column in self.table.columns else ibis.null(value_type(self.kinds[name]))

    def days(self, name: str) -> IntegerValue:
        """Return a measure that is a date: a day's ordinal."""
        value = self.measure(name)
        assert isinstance(value, IntegerValue), f"`{name}` is no date"
        return value

    def parameter(self, name: str) -> NumericValue:
        """Return a parameter in force."""
        return self.parameters.of(self.table, name)

    def role(self, id: str) -> ir.Role:
        """Return a role of the pack."""
        return next(role for role in self.pack.roles if role.id == id)


def value_type(measure: ir.Measure) -> str:
    """Return what the column of a measure holds: days are whole numbers."""
    if measure.dimension == "truth":
        return "boolean"
    if measure.dimension == "text" or measure.dimension.startswith("one of "):
        return "string"
    return "int64" if measure.dimension == "date" else "float64"


def whole_part(number: NumericValue) -> IntegerValue:
    """Return a number without its fraction, as `int` gives it; a cast would round."""
    if isinstance(number, IntegerValue):
        return number
    whole: IntegerValue = (number < 0).ifelse(number.ceil(), number.floor()).cast("int64")
    return whole
