"""What those who use a pack rely on: names, units, ranges of their own values, and what the record must hold."""

from __future__ import annotations

from typing import Any

from boosterwatch.engine.pack import ir


def contract_of(old: Any, new: Any) -> str | None:
    """Return why users must look at a change of something that both versions have; None when they need not."""
    match old, new:
        case ir.Parameter(), ir.Parameter():
            return _parameter(old, new)
        case ir.Measure(), ir.Measure():
            return _measure(old, new)
        case ir.Instrument(), ir.Instrument():
            return _instrument(old, new)
        case ir.Recommendation(), ir.Recommendation() if old.recommendation != new.recommendation:
            return f"what is recommended is called `{new.recommendation}` instead of `{old.recommendation}`"
        case _:
            return None


def removed_contract(part: str, old: Any) -> str | None:
    """Return why users must look at something that is gone; None when nobody outside the pack can name it."""
    match old:
        case ir.Measure(reported=False) | ir.EventSet() | ir.Citation() | ir.Table():
            return None
        case ir.Rule(kind="source"):
            return None
        case _:
            return f"the {part} is gone"


def _parameter(old: ir.Parameter, new: ir.Parameter) -> str | None:
    if old.dimension != new.dimension or old.unit != new.unit:
        return f"its unit was `{old.unit}` and is `{new.unit}`"
    if old.allowed is None:
        return None
    if new.allowed is None:
        return "a clinic or a patient's override may no longer set it"
    if new.allowed[0] > old.allowed[0] or new.allowed[1] < old.allowed[1]:
        return "values that a clinic or a patient's override could set are refused"
    return None


def _measure(old: ir.Measure, new: ir.Measure) -> str | None:
    if old.reported and not new.reported:
        return "the decision no longer reports it"
    if old.reported and old.dimension != new.dimension:
        return f"it was reported as {old.dimension} and is {new.dimension}"
    return None


def _instrument(old: ir.Instrument, new: ir.Instrument) -> str | None:
    codes = dict(new.codes)
    gone = [name for name, code in old.codes if codes.get(name) != code]
    if gone:
        return f"the code of its {gone[0]} is another or gone"
    methods = {method.name for method in new.methods}
    lost = [method.name for method in old.methods if method.name not in methods]
    return f"a total of the method `{lost[0]}` is refused" if lost else None
