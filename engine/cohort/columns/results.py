"""What was concluded -> the results of a cohort, one row per patient: the column form of `engine/decide/decision.py`.

The truths of a patient's rules become bits (`outcome.py`); states, notices and what fired are spelled out for each
pattern of bits, and joined to the patients who have it. Only why a sign cannot be assessed needs measures as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, DateValue, StringValue, Table, Value

from boosterwatch.engine.cohort.columns.conditions import is_true, joined
from boosterwatch.engine.cohort.columns.outcome import (
    COMMA,
    Bits,
    IsTrue,
    as_list,
    concatenated,
    first_true,
    rows_of,
    state_of,
)
from boosterwatch.engine.cohort.columns.rules import Concluded, Fixed
from boosterwatch.engine.cohort.names import measure_column, reason_column, sign_column
from boosterwatch.engine.cohort.results import DECIDED, LISTS, NEXT, reported, result_schema
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.decide.decision import NO_RESPONSE
from boosterwatch.engine.decide.plan import RECOMMENDATION
from boosterwatch.engine.decide.readings import ASSESSABLE
from boosterwatch.engine.decide.scene import CANNOT
from boosterwatch.engine.decide.signs import NEAREST, NOT_COUNTED
from boosterwatch.engine.decide.values import LAST_DAY
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

OWN = "own_"  # the reason that the row which won a sign's table states itself


def measures_told(pack: ir.Pack) -> list[str]:
    """Return the measures that results show or explain with, whatever the rules read."""
    words = dict(pack.words)
    shown = [measure.name for measure in reported(pack)]
    shown += [words[f"next.{key}"] for key in NEXT.values() if f"next.{key}" in words]
    why = _reasons(pack)
    return list(dict.fromkeys([*shown, *(name for sign in pack.signs for name in why[sign.id])]))


def tell(found: Concluded, patients: Table, fixed: Fixed, as_of: int, stage: Stage) -> Table:
    """Return the results, in no order; `patients` has a pid and a patient.

    What was concluded carries a pid, and the column of each of `measures_told` that is not `fixed`.
    """
    pack, bits = found.pack, Bits(found)
    told = [measure_column(name) for name in measures_told(pack) if name not in fixed]
    verdicts = stage.keep(found.table.select("pid", *told, **bits.pack_up(found)), "verdicts")
    patterns = verdicts.select(*bits.columns).distinct()
    spelled = stage.keep(patterns.select(*bits.columns, **_spelled(pack, bits, patterns)), "patterns")
    both = verdicts.inner_join(spelled, bits.columns)
    names = patients.select("pid", "patient")
    row = both.inner_join(names, "pid")
    return row.select(**_columns(pack, row, fixed, as_of))


# ---------------------------------------------------------------- for each pattern of truths


def _spelled(pack: ir.Pack, bits: Bits, table: Table) -> dict[str, Value]:
    """Return what follows from the truths of the rules alone."""
    true = bits.is_true(table)
    tables = {one.id: one for one in pack.tables}
    found: dict[str, Value] = {}
    for sign in pack.signs:
        found[sign_column(sign.id)] = state_of(pack, tables[sign.id], true)
        found[OWN + sign.id] = _own_reason(pack, sign, tables[sign.id], true)
    response = tables.get(dict(pack.words).get("report.response", "response"))
    found["response"] = ibis.literal(NO_RESPONSE) if response is None else state_of(pack, response, true)
    found |= _recommendation(pack, tables[RECOMMENDATION], true)
    found |= {f"{kind}s": as_list(_notices(pack, kind, true)) for kind in ("hold", "caution", "flag")}
    found["fired"] = as_list(bits.spelled(table, [rule.id for rule in pack.rules]))
    return found


def _own_reason(pack: ir.Pack, sign: ir.Sign, table: ir.Table, true: IsTrue) -> StringValue:
    stated = dict(sign.reasons)
    return first_true([(true(at), stated.get(pack.rules[at].id)) for at in rows_of(pack, table)], None)


def _recommendation(pack: ir.Pack, table: ir.Table, true: IsTrue) -> dict[str, Value]:
    urgency = {one.rule: one.urgency for one in pack.recommendations}
    rows = rows_of(pack, table)
    return {
        "recommendation": state_of(pack, table, true),
        "urgency": first_true([(true(at), urgency[pack.rules[at].id]) for at in rows], None),
    }


def _notices(pack: ir.Pack, kind: str, true: IsTrue) -> StringValue:
    """Return the notices of a kind that were drawn, and the flags that the winning recommendation raises."""
    raised = {one.rule: one.flags for one in pack.recommendations}
    advice = rows_of(pack, next(table for table in pack.tables if table.id == RECOMMENDATION))
    pieces: list[StringValue] = []
    for notice in (notice for notice in pack.notices if notice.kind == kind):
        drawers = [at for at, rule in enumerate(pack.rules) if (rule.kind, rule.subject) == (kind, notice.id)]
        by_rules = [true(at) for at in drawers]
        if kind == "flag" and any(notice.id in flags for flags in raised.values()):
            by_rules.append(_won([(true(at), notice.id in raised[pack.rules[at].id]) for at in advice]))
        pieces += _if_true(is_true(joined(by_rules, decisive=True)), notice.id + COMMA)
    return concatenated(pieces)


def _won(rows: Iterable[tuple[BooleanValue | bool, bool]]) -> BooleanValue:
    """Return whether the first row that is true is one of those marked."""
    return first_true([(truth, "yes" if marked else "no") for truth, marked in rows], "no") == "yes"


def _if_true(truth: BooleanValue | bool, text: str) -> list[StringValue]:
    if isinstance(truth, bool):
        return [ibis.literal(text)] if truth else []
    return [ibis.ifelse(truth, text, "")]


# ---------------------------------------------------------------- for each patient


def _columns(pack: ir.Pack, row: Table, fixed: Fixed, as_of: int) -> dict[str, Value]:
    """Return the columns of the results, in their order."""
    found: dict[str, Value] = {
        "patient": row.patient,
        "as_of": ibis.literal(date.fromordinal(as_of)),
        "status": ibis.literal(DECIDED),
        **{name: row[name] for name in ("recommendation", "urgency", "response", *LISTS)},
        **dict(_signs(pack, row, fixed)),
        **dict(_measures(pack, row, fixed)),
        **dict(_next(pack, row, fixed)),
    }
    schema = result_schema(pack)
    return {name: found[name] for name in schema.names}


def _signs(pack: ir.Pack, row: Table, fixed: Fixed) -> Iterator[tuple[str, Value]]:
    why = _reasons(pack)
    for sign in pack.signs:
        state = row[sign_column(sign.id)]
        reasons = [_value(row, name, fixed) for name in why[sign.id]]
        reason = ibis.coalesce(row[OWN + sign.id], _nearest(reasons))
        yield sign_column(sign.id), state
        yield reason_column(sign.id), ibis.ifelse(state == CANNOT, reason, ibis.literal(None, type="string"))


def _reasons(pack: ir.Pack) -> dict[str, list[str]]:
    """Return, by sign, the measures that say why its core scales cannot be assessed."""
    why = {table.id: table.reason for table in pack.tables}
    return {sign.id: [name for scale in sign.core if (name := why[scale])] for sign in pack.signs}


def _nearest(reasons: Sequence[Value | Scalar | None]) -> StringValue:
    """Return the reason of the scale that is nearest to assessable, or of the first with an unusual one."""
    rows = [(_any_is(reasons, reason), reason) for reason in NEAREST]
    branches: list[tuple[BooleanValue, Any]] = []
    for truth, reason in rows:
        if truth is True:
            return ibis.cases(*branches, else_=reason) if branches else ibis.literal(reason)
        if truth is not False:
            branches.append((truth, ibis.literal(reason)))
    for one in reasons:
        if isinstance(one, Value):
            branches.append(((one != ASSESSABLE).fill_null(False), one))
        elif one not in (None, ASSESSABLE):
            return ibis.cases(*branches, else_=ibis.literal(one)) if branches else ibis.literal(one)
    return ibis.cases(*branches, else_=NOT_COUNTED) if branches else ibis.literal(NOT_COUNTED)


def _any_is(reasons: Sequence[Value | Scalar | None], wanted: str) -> BooleanValue | bool:
    found = [one == wanted for one in reasons if one is not None]
    return is_true(joined(found, decisive=True))


def _measures(pack: ir.Pack, row: Table, fixed: Fixed) -> Iterator[tuple[str, Value]]:
    for measure in reported(pack):
        value = _value(row, measure.name, fixed)
        yield measure_column(measure.name), _shown(value, measure.dimension)


def _next(pack: ir.Pack, row: Table, fixed: Fixed) -> Iterator[tuple[str, Value]]:
    words: Mapping[str, str] = dict(pack.words)
    for column, key in NEXT.items():
        name = words.get(f"next.{key}")
        yield column, _shown(None if name is None else _value(row, name, fixed), "date")


def _value(row: Table, name: str, fixed: Fixed) -> Value | Scalar | None:
    return fixed[name] if name in fixed else row[measure_column(name)]


def _shown(value: Value | Scalar | None, dimension: str) -> Value:
    """Return a measure as the results hold it."""
    if dimension == "date":
        return _date(ibis.literal(value, type="int64") if not isinstance(value, Value) else value)
    if dimension == "truth" or dimension.startswith("one of "):
        kind = "boolean" if dimension == "truth" else "string"
        return value if isinstance(value, Value) else ibis.literal(value, type=kind)
    return value.cast("float64") if isinstance(value, Value) else ibis.literal(value, type="float64")


def _date(day: Value) -> DateValue:
    """Return the date of a day; one that no calendar has becomes the nearest that it has, null stays null."""
    near = ibis.ifelse(day < 1, 1, ibis.ifelse(day > LAST_DAY, LAST_DAY, day)).cast("int32")
    whole = ibis.literal(date(1, 1, 1)) + (near - 1).as_interval("D")
    return whole.cast("timestamp").cast("date")
