"""Numbers of the pack in words: the value, its unit, and the name it has in the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boosterwatch.engine.pack import ir

_OPS: dict[ir.Op, str] = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_TOWARDS: dict[tuple[ir.Op, ir.Direction], str] = {
    (">=", "high"): "at {} or worse", (">", "high"): "worse than {}",
    ("<=", "high"): "at {} or better", ("<", "high"): "better than {}",
    ("<=", "low"): "at {} or worse", ("<", "low"): "worse than {}",
    (">=", "low"): "at {} or better", (">", "low"): "better than {}",
}  # fmt: skip


def quoted(text: str) -> str:
    """Return the text between quotation marks."""
    return f"“{text}”"


def exact(value: float | int) -> str:
    """Return a number with all its digits and no needless zero.

    >>> exact(5.0), exact(0.125), exact(1e9)
    ('5', '0.125', '1000000000')
    """
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def with_unit(value: float | int, unit: str) -> str:
    """Return a value with its unit as it is said.

    >>> with_unit(1, "days"), with_unit(0.5, "fraction"), with_unit(3, "times"), with_unit(2, "count")
    ('1 day', '50 %', '3', '2')
    """
    if unit == "fraction":
        return f"{exact(round(value * 100, 9))} %"
    if unit in ("count", "times"):
        return exact(value)
    return f"{exact(value)} {unit.removesuffix('s') if value == 1 else unit}"


def span(low: float, high: float, unit: str) -> str:
    """Return a range with its unit said once.

    >>> span(3, 8, "points"), span(0.3, 0.75, "fraction"), span(1, 4, "count")
    ('3 to 8 points', '30 % to 75 %', '1 to 4')
    """
    if unit == "fraction":
        return f"{with_unit(low, unit)} to {with_unit(high, unit)}"
    return f"{exact(low)} to {with_unit(high, unit)}"


class Amounts:
    """The numbers of one pack; those of a bound scale are told by their name alone, their values stand in a table."""

    def __init__(self, pack: ir.Pack, bound: Mapping[str, str]) -> None:
        self._parameters = {parameter.name: parameter for parameter in pack.parameters}
        self._scales = {scale.id: scale for scale in pack.scales}
        self._groups = {self._scales[id].group: said for id, said in bound.items() if id in self._scales}

    def __contains__(self, name: str) -> bool:
        """Tell whether the pack has a parameter of this name."""
        return name in self._parameters

    def product(self, names: Sequence[str]) -> str:
        """Return a share or a multiple of another number: `50 % of 5 points`."""
        ordered = sorted(names, key=lambda name: self._parameters[name].unit not in ("fraction", "times"))
        joint = " times " if self._parameters[ordered[0]].unit == "times" else " of "
        return joint.join(map(self.value, ordered))

    def column(self, name: str) -> str | None:
        """Return the parameter's name within its scale when that scale is bound, else None."""
        group, _, column = name.rpartition(".")
        return column if group in self._groups else None

    def value(self, name: str) -> str:
        """Return a parameter's value in words; values that ended or are to come have their dates."""
        column = self.column(name)
        if column is not None:
            return self._own(name, column)
        return f"{self.said(name)} ({name})"

    def said(self, name: str) -> str:
        """Return the newest value, and in brackets the ones before with the day they ended.

        Without a parameter of this name (a word of another kind), the name.
        """
        parameter = self._parameters.get(name)
        if parameter is None:
            return name
        *before, newest = parameter.values
        now = with_unit(newest.value, parameter.unit)
        if not before:
            return now
        later = [*(value.start for value in parameter.values[1:])]
        ended = (f"{with_unit(old.value, parameter.unit)} before {end}" for old, end in zip(before, later, strict=True))
        return f"{now} [{', '.join(ended)}]"

    def compared(self, op: ir.Op, amount: str) -> str:
        """Return `at least 5 points (name)`."""
        return f"{_OPS[op]} {amount}"

    def level(self, op: ir.Op, name: str, scale: str) -> str | None:
        """Return `at “limit” or worse` for a limit of a bound scale: the same words whichever way the scale runs."""
        column, found = self.column(name), self._scales.get(scale)
        if column is None or found is None:
            return None
        return _TOWARDS[op, found.worse].format(self._own(name, column))

    def _own(self, name: str, column: str) -> str:
        if len(self._groups) == 1:
            return f"its {quoted(column)}"
        return f"{self._groups[name.rpartition('.')[0]]}'s {quoted(column)}"
