"""Measures that are the same for a whole chunk, because nobody in it has a form of the scale or a fact of the type.

Most cohorts use a few of the instruments that a pack knows. What the others come to is asked of the row engine once,
with a record that has nothing; the rules that read them are then mostly decided before any patient is read.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date

from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.derive import derive_measures, open_history
from boosterwatch.engine.measures.facts import FACT_KINDS
from boosterwatch.engine.measures.plan import SCALE_KINDS, depends_on
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.read import record_from_mapping


def fixed_measures(
    pack: LoadedPack, instruments: Set[str], types: Set[str], parameters: Parameters, as_of: int
) -> dict[str, Scalar | None]:
    """Return the measures that only forms or facts which nobody has could change, None for unknown.

    `instruments` are those that somebody has a form of, `types` those of the facts that somebody has.
    """
    record = record_from_mapping({"as_of": date.fromordinal(as_of).isoformat()})
    history = open_history(pack.plan, record, parameters.numbers)
    found = derive_measures(pack.plan, history, parameters.numbers, as_of).values
    kept = {scale.id for scale in pack.ir.scales if scale.instrument in instruments}
    dates = {one.name: one for one in pack.ir.measures}
    return {one.name: found.get(one.name) for one in pack.ir.measures if _is_absent(one, kept, types, dates)}


def _is_absent(measure: ir.Measure, scales: Set[str], types: Set[str], by_name: dict[str, ir.Measure]) -> bool:
    if measure.kind in SCALE_KINDS and measure.scale is not None:
        return measure.scale not in scales
    args = dict(measure.args)
    if measure.kind == "stands":
        date = by_name[args["date"]]
        return date.kind in FACT_KINDS and date.kind != "stands" and dict(date.args)["fact"] not in types
    return measure.kind in FACT_KINDS and args["fact"] not in types


def closure(pack: LoadedPack, names: Set[str]) -> frozenset[str]:
    """Return these measures and all that they are made from."""
    by_name = {measure.name: measure for measure in pack.ir.measures}
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in needed and name in by_name:
            needed.add(name)
            waiting += depends_on(by_name[name], pack.plan.setup.roles)
    return frozenset(needed)
