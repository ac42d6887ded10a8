"""Levers for the numbers in the newest safety fact of each type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.facts_words import fact_types
from boosterwatch.engine.author.patients.days import ordinal
from boosterwatch.engine.author.patients.edits import replaced
from boosterwatch.engine.author.what_if.change import Change, Lever, Record, plural, tidy
from boosterwatch.engine.pack import ir

_MOST_STEPS = 100
_FINE = 0.1  # the step of a value that is not whole


def value_levers(pack: ir.Pack, record: Mapping[str, Any]) -> Iterator[Lever]:
    """Yield the levers of the numbers that the pack reads in the newest facts."""
    as_of = ordinal(record["as_of"])
    newest: dict[tuple[str, ...], tuple[int, int]] = {}
    for at, fact in enumerate(record.get("safety", ())):
        day = ordinal(fact["date"])
        if day <= as_of and not fact.get("entered_in_error"):
            about = tuple(str(value) for value in fact.values() if isinstance(value, str) and value != fact["date"])
            newest[about] = max(newest.get(about, (0, 0)), (day, at))
    for _, at in sorted(newest.values(), key=lambda one: one[1]):
        fact = record["safety"][at]
        for field, node in fact_types()[fact["type"]].items():
            if node.get("type") == "number" and field in fact and _is_read(pack, fact["type"], field):
                yield from (_lever(pack, at, field, node.get("minimum"), way) for way in (-1, 1))


def _lever(pack: ir.Pack, at: int, field: str, least: float | None, way: int) -> Lever:
    return Lever(
        "value",
        f"safety[{at}].{field}",
        _MOST_STEPS,
        _MOST_STEPS,
        lambda record, steps: _pull(pack, at, field, least, way, record, steps),
    )


def _is_read(pack: ir.Pack, type: str, field: str) -> bool:
    for measure in pack.measures:
        args = dict(measure.args)
        if args.get("fact") == type and (field == args.get("field") or measure.where is not None):
            return True
    return False


def _pull(
    pack: ir.Pack, at: int, field: str, least: float | None, way: int, record: Record, steps: int
) -> tuple[Record, Change] | None:
    fact = record["safety"][at]
    was = fact[field]
    step = 1 if float(was).is_integer() else _FINE
    now = tidy(was + steps * step * way)
    if now < (least if least is not None else 0) or now == 0:
        return None
    by, unit = abs(tidy(now - was)), _unit(pack, fact["type"], field)
    higher = "higher" if way > 0 else "lower"
    what = f"`{field}` of the fact `{fact['type']}` of {fact['date']}"
    says = f"{what} were {now:g} instead of {was:g} ({plural(by, unit)} {higher})"
    moved = replaced(record, "safety", at, fact | {field: now})
    return moved, Change("value", f"safety[{at}].{field}", was, now, by, unit, says)


def _unit(pack: ir.Pack, type: str, field: str) -> str:
    for measure in pack.measures:
        args = dict(measure.args)
        if measure.kind == "latest_fact" and (args["fact"], args["field"]) == (type, field) and "per" not in args:
            return measure.dimension
    return ""
