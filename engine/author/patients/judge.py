"""How near a record is to a scene: its measures derived by the engine, and compared one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boosterwatch.engine.author.patients.wants import Scene
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.flow import measure
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.plan import depends_on
from boosterwatch.engine.model import Measures, Scalar
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping

_FROM_CYCLES = ("observed_cycles", "individual_interval")


def measures_of(loaded: LoadedPack, record: Mapping[str, Any], *, cycles: bool = True) -> Measures | None:
    """Return the measures of a record; None when the record cannot be used. Cycles cost most of the time."""
    lost = loaded.evaluators.reference.lost if cycles else None
    try:
        return measure(loaded, record_from_mapping(record), lost).measures
    except DiagnosticError:
        return None


def is_usable(loaded: LoadedPack, record: Mapping[str, Any]) -> bool:
    """Return whether the pack can evaluate the record."""
    try:
        check_against_pack(record_from_mapping(record), loaded.ir)
    except DiagnosticError:
        return False
    return True


class Judge:
    """Tells how far a record is from one scene. Dates are not compared: ages and what is read from them are."""

    def __init__(self, loaded: LoadedPack, scene: Scene) -> None:
        self.loaded = loaded
        known = {measure.name: measure for measure in loaded.ir.measures}
        self.wanted = {name: value for name, value in scene.items() if _is_compared(known, name, value)}
        self.cycles = bool(self.wanted) and _reads_cycles(loaded, set(self.wanted))

    def off(self, record: Mapping[str, Any]) -> float | None:
        """Return the distance, 0 when all that is wanted is there; None when the record cannot be used."""
        measures = measures_of(self.loaded, record, cycles=self.cycles)
        if measures is None:
            return None
        return sum(_apart(measures.values.get(name), value) for name, value in self.wanted.items())


def _is_compared(known: Mapping[str, Any], name: str, value: Scalar | None) -> bool:
    return name in known and (known[name].dimension != "date" or value is None)


def _reads_cycles(loaded: LoadedPack, names: set[str]) -> bool:
    measures = {measure.name: measure for measure in loaded.ir.measures}
    waiting, seen = list(names), set(names)
    while waiting:
        measure = measures[waiting.pop()]
        if measure.kind in _FROM_CYCLES:
            return True
        more = [name for name in depends_on(measure, loaded.plan.setup.roles) if name not in seen and name in measures]
        seen |= set(more)
        waiting += more
    return False


def _apart(value: Scalar | None, wanted: Scalar | None) -> float:
    """Return 0 for what is wanted, up to 1 for another number, 1 for another word, 2 for nothing or something."""
    if value is None or wanted is None:
        return 0 if value is wanted else 2
    if isinstance(value, bool | str) or isinstance(wanted, bool | str):
        return 0 if value == wanted else 1
    gap = abs(value - wanted)
    return 0 if gap < 1e-9 else 0.2 + 0.8 * gap / (gap + 10)
