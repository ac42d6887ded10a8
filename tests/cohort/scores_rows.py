"""The measures of scales in columns at the same moments at which the row engine derives them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.roles import newest_day_column
from boosterwatch.engine.cohort.columns.scores import score_measures
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.measures.plan import SCALE_KINDS
from boosterwatch.engine.pack import ir
from boosterwatch.tests.cohort.moments_rows import Look, Opened, Patient, derived

Row = dict[str, Any]


def moments_table(found: Opened, looks: Sequence[Look]) -> Table:
    """Return the moments of some looks."""
    schema = pa.schema({"mid": pa.int64(), "pid": pa.int64(), "at": pa.int64(), "before": pa.bool_()})
    path = found.folder / "score_looks.parquet"
    pq.write_table(pa.Table.from_pylist([{"mid": n, **look._asdict()} for n, look in enumerate(looks)], schema), path)
    return found.stage.keep(found.courses.at(found.con.read_parquet(path)), "score_moments")


def scored(found: Opened, looks: Sequence[Look], names: Collection[str] | None = None) -> list[Row]:
    """Return the measures of scales in columns at the moments, one row each, in order."""
    table = score_measures(
        found.pack.ir,
        found.forms,
        found.cohort,
        moments_table(found, looks),
        found.parameters,
        names,
        found.stage,
    )
    return in_order(table)


def in_order(table: Table) -> list[Row]:
    """Return the rows of a table by moment."""
    rows: list[Row] = table.order_by("mid").to_pyarrow().to_pylist()
    return rows


def score_names(pack: ir.Pack) -> list[str]:
    """Return the names of the measures of scales."""
    return [one.name for one in pack.measures if one.kind in SCALE_KINDS]


def differences(
    found: Opened, looks: Sequence[Look], rows: Sequence[Mapping[str, Any]], names: Collection[str]
) -> Iterator[tuple[Look, str, object, object]]:
    """Yield each measure of which the columns and the row engine say different things; slopes may round otherwise."""
    pack = found.pack.ir
    kinds = {one.name: one.kind for one in pack.measures}
    assert [row["mid"] for row in rows] == list(range(len(looks)))
    for look, row in zip(looks, rows, strict=True):
        patient = found.patients[look.pid]
        right = derived(found.pack, patient, look)
        for name in names:
            if not same(row[measure_column(name)], right.get(name), near=kinds[name] == "slope"):
                yield look, name, row[measure_column(name)], right.get(name)
        for scale in due_scales(pack) if len(names) == len(score_names(pack)) else ():
            newest = newest_day(pack, patient, scale, look)
            if row[newest_day_column(scale)] != newest:
                yield look, scale, row[newest_day_column(scale)], newest


def due_scales(pack: ir.Pack) -> list[str]:
    """Return the scales whose newest day a due date reads."""
    due = {dict(one.args)["role"] for one in pack.measures if one.kind == "due_date"}
    return [scale for role in pack.roles if role.id in due for scale in role.scales]


def same(given: object, right: object, *, near: bool = False) -> bool:
    """Return whether a column holds what the row engine derived; with `near` but for the last places."""
    if isinstance(given, bool) is not isinstance(right, bool):
        return False
    if near and isinstance(given, float) and isinstance(right, (int, float)):
        return abs(given - right) <= 1e-9 * max(1.0, abs(right))
    return given == right


def newest_day(pack: ir.Pack, patient: Patient, scale: str, look: Look) -> int | None:
    """Return the day of the newest value of a scale at a moment, as the row engine has it."""
    track = patient.history.track(next(one for one in pack.scales if one.id == scale), pack.course.baseline_days)
    keys = [key for key in track.series.keys if key <= 2 * look.at + (not look.before)] if track else []
    return keys[-1] >> 1 if keys else None
