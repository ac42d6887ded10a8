"""What the pack does not know or allow, and what rows of one patient contradict each other, as checks over the tables.

As the row engine: a row that was entered in error, or lies after the evaluation date, is not held against a pack.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import ibis
from ibis.expr.types import Table

from boosterwatch.engine.cohort.tables.checks import Check, Truth, any_of, withdrawn
from boosterwatch.engine.cohort.tables.layout import answer_columns
from boosterwatch.engine.cohort.tables.raw import FILE, ROW
from boosterwatch.engine.overlay.loosen import guard_of
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import WHOLE_UNITS, values_in_force
from boosterwatch.engine.record.against import names_of

TWO_OUTCOMES, TWO_VALUES, TWO_ROWS = "BW323", "BW324", "BW707"


def pack_checks(name: str, table: Table, pack: ir.Pack, as_of: date) -> list[Check]:
    """Return what a pack refuses in the rows of a table."""
    match name:
        case "assessments":
            return list(_forms(table, pack, as_of))
        case "safety":
            return list(_facts(table, pack, as_of))
        case "overrides":
            return list(_overrides(table, pack, as_of))
    return []


def _counts(table: Table, as_of: date) -> Truth:
    return ~withdrawn(table) & (table.date <= ibis.literal(as_of))


def _forms(table: Table, pack: ir.Pack, as_of: date) -> Iterator[Check]:
    counts, known = _counts(table, as_of), names_of(pack).instruments
    yield Check("BW330", "instrument", counts & table.instrument.notin(sorted(known)))
    methods = {id: sorted(word for word in one.methods if word is not None) for id, one in known.items()}
    fine = any_of((table.instrument == id) & table.scale.isin(words) for id, words in sorted(methods.items()) if words)
    yield Check("BW331", "scale", counts & table.scale.notnull() & ~fine)
    for name in answer_columns():
        having = sorted(id for id, one in known.items() if name in one.answers)
        asked = table.instrument.isin(having) if having else ibis.literal(False)
        yield Check("BW332", name, counts & table[name].notnull() & ~asked)


def _facts(table: Table, pack: ir.Pack, as_of: date) -> Iterator[Check]:
    holds = sorted(names_of(pack).holds)
    known = table.hold.isin(holds) if holds else ibis.literal(False)
    yield Check("BW337", "hold", _counts(table, as_of) & table.hold.notnull() & ~known)


def _overrides(table: Table, pack: ir.Pack, as_of: date) -> Iterator[Check]:
    counts = _counts(table, as_of)
    parameters = names_of(pack).parameters
    free = {name: one for name, one in parameters.items() if one.allowed is not None}
    yield Check("BW333", "parameter", counts & table.parameter.notin(sorted(parameters)))
    yield Check("BW334", "parameter", counts & table.parameter.notin(sorted(free)))
    ranges = [(table.parameter == name) & _outside(table.value, one) for name, one in sorted(free.items())]
    yield Check("BW335", "value", counts & any_of(ranges))
    whole = sorted(name for name, one in free.items() if one.unit in WHOLE_UNITS)
    yield Check("BW336", "value", counts & table.parameter.isin(whole) & (table.value != table.value.floor()))
    yield Check("BW338", "value", counts & any_of(_loosening(table, pack, as_of)))


def _outside(values: Any, parameter: ir.Parameter) -> Truth:
    assert parameter.allowed is not None, "asked only where there is a range"
    low, high = parameter.allowed
    return (values < low) | (values > high)


def _loosening(table: Table, pack: ir.Pack, as_of: date) -> Iterator[Truth]:
    """Yield where a patient's own value is less strict than that which it would take the place of."""
    chosen = values_in_force(pack, as_of.toordinal())
    for name, side in sorted(guard_of(pack).parameters.items()):
        if side is not None and name in chosen:
            own = chosen[name].value
            looser = table.value < own if side == "higher" else table.value > own
            yield (table.parameter == name) & looser


# ---------------------------------------------------------------- rows that contradict each other


def pair_faults(name: str, table: Table) -> Table | None:
    """Return the rows that contradict another of the same patient: patient, file, row and what is wrong.

    Of several such rows the last is named. None for a table whose rows cannot contradict each other.
    """
    match name:
        case "patients":
            grouped = table.group_by("patient").aggregate(n=table.count(), **_last(table))
            return _told(grouped.filter(grouped.n > 1), f"{TWO_ROWS} patient")
        case "prior_cycles":
            used = table.filter(~withdrawn(table) & table.infusion.notnull())
            lost = used.loss_of_benefit
            grouped = used.group_by(["patient", "infusion"]).aggregate(
                n=used.count(), known=lost.count(), low=lost.min(), high=lost.max(), **_last(used)
            )
            mixed = (grouped.low != grouped.high) | ((grouped.known > 0) & (grouped.known < grouped.n))
            return _told(grouped.filter(mixed), f"{TWO_OUTCOMES} infusion")
        case "overrides":
            used = table.filter(~withdrawn(table))
            grouped = used.group_by(["patient", "parameter", "date"]).aggregate(
                low=used.value.min(), high=used.value.max(), **_last(used)
            )
            return _told(grouped.filter(grouped.low != grouped.high), f"{TWO_VALUES} value")
    return None


def _last(table: Table) -> dict[str, Any]:
    return {FILE: table[FILE].max(), ROW: table[ROW].argmax(table[FILE] * 2**40 + table[ROW])}


def _told(rows: Table, fault: str) -> Table:
    return rows.select("patient", FILE, ROW, fault=ibis.literal(fault))
