"""Which value of each parameter is in force: the pack's dated value, then the site's, then the patient's own.

Flow: compile -> **values in force** -> measures, chain, decide. It reads no clock: `as_of` is an argument.
Overrides were checked when the record was read; one that should have been refused there is our own fault here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from typing import Generic, Literal, TypeVar

from boosterwatch.engine.diagnostics import Diagnostic, InternalError, RecordError
from boosterwatch.engine.model import Chosen, Override
from boosterwatch.engine.pack import ir

LAYER_CODES: dict[str, str] = {"BW340": "no value of a parameter is in force"}

Misfit = Literal["outside", "not_whole"]
WHOLE_UNITS = frozenset({"days", "count", "points"})

T = TypeVar("T")


class PerPack(Generic[T]):
    """What is worked out once for a pack and kept: the last few packs, told apart by identity.

    A pack is kept alive with what belongs to it, so its identity stays its own. Two threads may both do the work;
    either result serves.
    """

    __slots__ = ("_kept", "_make", "_most")

    def __init__(self, make: Callable[[ir.Pack], T], most: int = 16) -> None:
        self._make = make
        self._most = most
        self._kept: dict[int, tuple[ir.Pack, T]] = {}

    def of(self, pack: ir.Pack) -> T:
        """Return what belongs to this pack."""
        found = self._kept.get(id(pack))
        if found is not None:
            return found[1]
        made = self._make(pack)
        if len(self._kept) >= self._most:
            self._kept = {}
        self._kept[id(pack)] = (pack, made)
        return made


class Timeline:
    """The dated values of a pack. Between two days on which some value changes, all days share one mapping."""

    __slots__ = ("_changes", "_pack", "_parameters", "_periods", "_site", "_values")

    def __init__(self, pack: ir.Pack) -> None:
        self._pack = pack
        self._parameters = {parameter.name: parameter for parameter in pack.parameters}
        self._values = {parameter.name: _values(parameter) for parameter in pack.parameters}
        self._site = _site_values(pack.site)
        layers = (*self._values.values(), *self._site.values())
        self._changes = sorted({day for values in layers for day, _ in values})
        self._periods: dict[int, dict[str, Chosen]] = {}

    def at(self, as_of: int) -> dict[str, Chosen]:
        """Return the pack's values on a day: the same object for every day of a period."""
        period = bisect_right(self._changes, as_of)
        found = self._periods.get(period)
        if found is None:
            found = self._choose(as_of)
            self._periods[period] = found
        return found

    def own(self, override: Override) -> Chosen:
        """Return a patient's own value."""
        parameter = self._parameters.get(override.parameter)
        allowed = parameter.allowed if parameter is not None else None
        if allowed is None or not allowed[0] <= override.value <= allowed[1]:
            message = f"override of `{override.parameter}` was not refused; pack {self._pack.digest}"
            raise InternalError(message)
        return Chosen(
            name=override.parameter,
            value=override.value,
            start=date.fromordinal(override.day).isoformat(),
            layer="patient",
            basis="clinician",
            cites=(),
            note=f"{override.reason} ({override.by})",
        )

    def _choose(self, as_of: int) -> dict[str, Chosen]:
        chosen: dict[str, Chosen] = {}
        problems: list[Diagnostic] = []
        for name, values in self._values.items():
            begun = [choice for day, choice in (*values, *self._site.get(name, ())) if day <= as_of]
            if begun:
                chosen[name] = begun[-1]
            else:
                problems.append(_nothing_in_force(self._parameters[name], as_of))
        if problems:
            raise RecordError(problems)
        return chosen


def misfit(parameter: ir.Parameter, value: float) -> Misfit | None:
    """Return why a layer above the pack may not set a value; None when it may. The parameter has an allowed range."""
    assert parameter.allowed is not None, "asked only where there is a range"
    low, high = parameter.allowed
    if not low <= value <= high:
        return "outside"
    return "not_whole" if parameter.unit in WHOLE_UNITS and value != int(value) else None


def values_in_force(pack: ir.Pack, as_of: int, overrides: Sequence[Override] = ()) -> dict[str, Chosen]:
    """Return the value of every parameter on a day (ordinal), by name.

    The mapping is shared by everyone who asks about the same period without overrides: do not change it.
    Raises RecordError (BW340) when a parameter has no value yet on that day.
    """
    timeline = _timelines.of(pack)
    chosen = timeline.at(as_of)
    if not overrides:
        return chosen
    own = _latest(overrides, as_of)
    if not own:
        return chosen
    return chosen | {name: timeline.own(override) for name, override in own.items()}


def _latest(overrides: Sequence[Override], as_of: int) -> dict[str, Override]:
    """Return the override of each parameter that counts: the newest, whatever the order they were written in."""
    due = [override for override in overrides if override.day <= as_of]
    due.sort(key=lambda one: (one.parameter, one.day, one.value, one.reason, one.by))
    return {override.parameter: override for override in due}


def _values(parameter: ir.Parameter) -> list[tuple[int, Chosen]]:
    """Return the values of a parameter with the day each begins on, the earliest first."""
    dated = [
        (_day(one.start), Chosen(parameter.name, one.value, one.start, "pack", one.basis, one.cites, one.note))
        for one in parameter.values
    ]
    return sorted(dated, key=lambda pair: pair[0])


def _site_values(site: ir.Site | None) -> dict[str, list[tuple[int, Chosen]]]:
    """Return a site's values by parameter with the day each begins on, the earliest first."""
    found: dict[str, list[tuple[int, Chosen]]] = {}
    for one in sorted(site.values if site else (), key=lambda value: value.start):
        choice = Chosen(one.parameter, one.value, one.start, "site", "clinic_policy", (), one.note)
        found.setdefault(one.parameter, []).append((_day(one.start), choice))
    return found


def _nothing_in_force(parameter: ir.Parameter, as_of: int) -> Diagnostic:
    day = date.fromordinal(as_of).isoformat()
    first = min((dated.start for dated in parameter.values), default=None)
    hint = f"its first value begins on {first}" if first is not None else "it has no value at all"
    message = f"no value of `{parameter.name}` is in force on {day}"
    return Diagnostic("BW340", message, parameter.span, hint)


def _day(start: str) -> int:
    return date.fromisoformat(start).toordinal()


_timelines: PerPack[Timeline] = PerPack(Timeline)
