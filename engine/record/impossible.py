"""Facts that the shape allows and the world does not: an end before its beginning, two answers to one question.

Read leniently, so that these problems are found beside those of the shape; facts marked as entered in
error are not looked at.
"""

from collections.abc import Callable, Iterator
from typing import Any

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack.document import Path
from boosterwatch.engine.record import shape
from boosterwatch.engine.record.where import Where

_KEEP_ONE = "keep one; mark the other with `entered_in_error: true`"
Entry = tuple[Path, dict[str, Any]]


def impossible_faults(data: Any, where: Where) -> list[Diagnostic]:
    """Return every impossible thing in a record whose shape may still be wrong."""
    if not isinstance(data, dict):
        return []
    return [problem for check in _CHECKS for problem in check(data, where)]


def _birth(data: dict[str, Any], where: Where) -> Iterator[Diagnostic]:
    born, as_of = _date(data, "birth_date"), _date(data, "as_of")
    if born and as_of and born > as_of:
        message = f"{where.name(('birth_date',))} is after `as_of`"
        yield where.problem("BW321", message, ("birth_date",), f"`as_of` is `{as_of}`")


def _induction(data: dict[str, Any], where: Where) -> Iterator[Diagnostic]:
    marked = data.get("induction")
    if not isinstance(marked, dict) or shape.is_withdrawn(marked):
        return
    first, last = _date(marked, "first"), _date(marked, "last")
    if first and last and last < first:
        message = f"the induction ends on `{last}`, before it begins on `{first}`"
        yield where.problem("BW320", message, ("induction", "last"), "are the two exchanged?")


def _lost_too_early(data: dict[str, Any], where: Where) -> Iterator[Diagnostic]:
    for path, cycle in _entries(data, "prior_cycles"):
        infusion, loss = _date(cycle, "infusion"), _date(cycle, "loss_of_benefit")
        if infusion and loss and loss < infusion:
            place = (*path, "loss_of_benefit")
            message = f"{where.name(place)} is `{loss}`, before the infusion of `{infusion}`"
            yield where.problem("BW322", message, place, "are the two exchanged?")


def _two_outcomes(data: dict[str, Any], where: Where) -> Iterator[Diagnostic]:
    known: dict[str, object] = {}
    for path, cycle in _entries(data, "prior_cycles"):
        infusion, outcome = _date(cycle, "infusion"), cycle.get("loss_of_benefit")
        if infusion and known.setdefault(infusion, outcome) != outcome:
            message = f"the cycle of `{infusion}` has two outcomes{_again(path, where)}"
            yield where.problem("BW323", message, path, _KEEP_ONE)


def _two_values(data: dict[str, Any], where: Where) -> Iterator[Diagnostic]:
    known: dict[tuple[str, str], object] = {}
    for path, override in _entries(data, "overrides"):
        day, name, value = _date(override, "date"), override.get("parameter"), override.get("value")
        if day and isinstance(name, str) and known.setdefault((day, name), value) != value:
            message = f"`{name}` is overridden twice on `{day}`{_again(path, where)}"
            yield where.problem("BW324", message, (*path, "value"), _KEEP_ONE)


_CHECKS: tuple[Callable[[dict[str, Any], Where], Iterator[Diagnostic]], ...] = (
    _birth,
    _induction,
    _lost_too_early,
    _two_outcomes,
    _two_values,
)


def _again(path: Path, where: Where) -> str:
    return "" if where.document else f", again in {where.name(path)}"


def _entries(data: dict[str, Any], key: str) -> Iterator[Entry]:
    entries = data.get(key)
    if isinstance(entries, list):
        for index, entry in enumerate(entries):
            if isinstance(entry, dict) and not shape.is_withdrawn(entry):
                yield (key, index), entry


def _date(entry: dict[str, Any], key: str) -> str | None:
    """Return the text of a date, whose order is the order of time; None when it is none."""
    text = entry.get(key)
    return text if shape.validator_of_dates().is_valid(text) else None
